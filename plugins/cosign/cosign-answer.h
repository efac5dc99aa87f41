/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-requirement.h"
#include "plugin-api/perry-verification.h"

G_BEGIN_DECLS

/* What a cosign that ended with 0 printed: verified where one element is a signature of the image itself, of this
 * digest, by whom the requirement names. An exit status says nothing of that: 3.x counts every attestation as a
 * signature. */
PerryVerification *perry_cosign_read_answer (const char *data, gsize size, const char *digest,
                                             const PerryRequirement *requirement);

G_END_DECLS
