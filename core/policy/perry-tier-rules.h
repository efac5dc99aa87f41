/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* What a floor has: the columns of the design's table; what `untrusted` has besides; what a sandbox has. */
typedef enum {
  PERRY_TIER_NO_NETWORK = 1 << 0,
  PERRY_TIER_READ_ONLY = 1 << 1,
  PERRY_TIER_SECCOMP = 1 << 2,
  PERRY_TIER_MICROVM = 1 << 3,
  PERRY_TIER_CONFINED = 1 << 4,      /* no privileges, no root, limits, nothing of the host's */
  PERRY_TIER_NO_CAPABILITIES = 1 << 5, /* not even those that are named */
  PERRY_TIER_ONE_OFF = 1 << 6,       /* runs once, and nothing is left of it */
} PerryTierFeature;

/* The floor that a spec is held to: that of its tier, and in a sandbox that one's. */
typedef struct {
  const char *tier; /* its name */
  PerryTierFeature of_tier;
  PerryTierFeature of_sandbox;
} PerryTierFeatures;

/* Who asks for @feature: `the tier hardened`, `the sandbox`. (transfer full) */
char *perry_tier_describe_source (const PerryTierFeatures *features, PerryTierFeature feature);

/* Whether @spec leaves the floor as it is. @profile: the text of the seccomp profile `perry`. PERRY_ERROR_INVALID_SPEC lists
 * every attempt. */
gboolean perry_tier_check_rules (const PerryContainerSpec *spec, const PerryTierFeatures *features, const char *profile,
                                 GError **error);

G_END_DECLS
