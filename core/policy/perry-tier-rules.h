/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* What a tier's floor has: the columns of the design's table, and what `untrusted` has besides. */
typedef enum {
  PERRY_TIER_NO_NETWORK = 1 << 0,
  PERRY_TIER_READ_ONLY = 1 << 1,
  PERRY_TIER_SECCOMP = 1 << 2,
  PERRY_TIER_MICROVM = 1 << 3,
  PERRY_TIER_EVERYTHING = 1 << 4,
} PerryTierFeature;

/* Whether @spec leaves the floor @features of the tier @tier as it is. @profile: the text of the seccomp profile `perry`.
 * PERRY_ERROR_INVALID_SPEC lists every attempt. */
gboolean perry_tier_check_rules (const PerryContainerSpec *spec, const char *tier, PerryTierFeature features,
                                 const char *profile, GError **error);

G_END_DECLS
