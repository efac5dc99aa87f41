/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-request.h"

G_BEGIN_DECLS

/* Step 4: verifies the image where the rules ask for it, pulls it where it is missing and may be pulled, and pins it: one
 * that was verified by the digest that was verified, on every path. Needs the normalised spec.
 *
 * Errors: PERRY_ERROR_NOT_VERIFIED, PERRY_ERROR_IMAGE_NOT_FOUND, those of a pull and of the verification service. */
gboolean perry_request_resolve_image (PerryRequest *request, GCancellable *cancellable, GError **error);

G_END_DECLS
