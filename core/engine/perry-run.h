/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-request.h"

G_BEGIN_DECLS

/* The rest of the request path for a container that is not detached: attach, start and prove, stream, wait, remove. */
gboolean perry_run_to_the_end (PerryRequest *request, GCancellable *cancellable, GError **error);

G_END_DECLS
