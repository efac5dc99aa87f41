/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-process.h"
#include "plugin-api/perry-requirement.h"
#include "plugin-api/perry-verification.h"

G_BEGIN_DECLS

/* What a cosign that did not end with 0 means. Exit statuses do not say it: one that is documented as "no signatures
 * found" also stands for a registry in trouble, and most rejections have the status of any other failure. So the text
 * decides, and what is not known is an error, never "unsigned". */
PerryVerification *perry_cosign_explain_failure (const PerryProcessResult *result, const PerryRequirement *requirement);

/* Whether cosign refused a flag that it does not know. */
gboolean perry_cosign_is_unknown_flag (const PerryProcessResult *result);

/* What cosign says went wrong, in one line: without its prefix, its repetition, and what follows the `?` of an address,
 * where registries hand out access to their storage. */
char *perry_cosign_dup_message (GBytes *stderr_bytes);

G_END_DECLS
