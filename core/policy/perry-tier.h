/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/policy/perry-adjustment.h"

G_BEGIN_DECLS

/**
 * PerryTier:
 * @PERRY_TIER_DEFAULT: what the spec says and no more
 * @PERRY_TIER_ISOLATED: no network
 * @PERRY_TIER_HARDENED: a read-only root and the seccomp profile `perry`
 * @PERRY_TIER_UNTRUSTED: both of these, a virtual machine, no capability, no new privileges, a user other than root, and
 *   limits of memory and processes
 *
 * How far a workload is trusted. A tier is a floor: a spec can add to it and never loosen it.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_TIER_DEFAULT,
  PERRY_TIER_ISOLATED,
  PERRY_TIER_HARDENED,
  PERRY_TIER_UNTRUSTED,
} PerryTier;

/**
 * PERRY_TIER_MEMORY:
 *
 * The memory limit in bytes that the tier `untrusted` sets where the spec sets none.
 *
 * Since: 0.1
 */
#define PERRY_TIER_MEMORY (G_GINT64_CONSTANT (512) * 1024 * 1024)

/**
 * PERRY_TIER_PIDS:
 *
 * The limit of processes that the tier `untrusted` sets where the spec sets none.
 *
 * Since: 0.1
 */
#define PERRY_TIER_PIDS 256

/**
 * PERRY_TIER_USER:
 *
 * The user of the tier `untrusted` where neither spec nor image names one that is sure not to be root. Numbers, because
 * the name `nobody` is missing in some images and another number in others.
 *
 * Since: 0.1
 */
#define PERRY_TIER_USER "65534:65534"

/**
 * perry_tier_get_name:
 * @tier: a tier
 *
 * Gets the name that specs use, such as `hardened`.
 *
 * Returns: (transfer none): the name; `unknown` for a value that is not a [enum@PerryContainer.Tier]
 *
 * Since: 0.1
 */
PERRY_API const char *perry_tier_get_name (PerryTier tier);

/**
 * perry_tier_from_name:
 * @name: (nullable): a name
 * @ret_tier: (out): the tier; untouched where there is none of that name
 *
 * Finds a tier.
 *
 * Returns: whether there is one of that name
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_tier_from_name (const char *name, PerryTier *ret_tier);

/**
 * perry_tier_includes:
 * @tier: a tier
 * @other: another one
 *
 * Says whether one tier's floor has everything of another's. `isolated` and `hardened` include each other not.
 *
 * Returns: whether @tier is @other or more
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_tier_includes (PerryTier tier, PerryTier other);

/**
 * PerryTierFloor: (skip)
 * @tier: the spec's tier
 * @spec: the spec, raised; what the tier set is in its `require` too
 * @set: one bit for each field that the tier set or found set as it has to be
 * @user_from_image: whether `user` is %PERRY_TIER_USER because nobody has named one: an image's own user that is not root
 *   may take its place
 * @needs_microvm: whether the workload needs a virtual machine
 * @adjustments: (element-type PerryAdjustment): what the tier added, and why
 *
 * What step 2 of the request path gives.
 *
 * Since: 0.1
 */
typedef struct {
  PerryTier tier;
  PerryContainerSpec *spec;
  guint64 set;
  gboolean user_from_image;
  gboolean needs_microvm;
  GPtrArray *adjustments;
} PerryTierFloor;

#define PERRY_TIER_FIELD(field) (G_GUINT64_CONSTANT (1) << (field))

/**
 * perry_tier_raise: (skip)
 * @spec: a completed spec
 * @sandbox: whether it is held to a sandbox's floor as well: that of `untrusted` without the virtual machine, and with the
 *   network and the capabilities that the spec names
 * @profile: the text of the seccomp profile `perry`
 * @error: return location for an error
 *
 * Step 2 of the request path: raises a spec to the floor of its tier. Pure.
 *
 * Errors: %PERRY_ERROR_INVALID_SPEC where the spec would loosen the floor, with every attempt and both sides.
 *
 * Returns: (transfer full): the floor, or %NULL
 *
 * Since: 0.1
 */
PerryTierFloor *perry_tier_raise (const PerryContainerSpec *spec, gboolean sandbox, const char *profile, GError **error);

/**
 * perry_tier_is_safe_user: (skip)
 * @user: (nullable): a user as a spec or an image names it
 *
 * Says whether a user is sure not to be root: a number other than 0. What a name stands for is decided by files of the
 * image.
 *
 * Returns: whether it is
 *
 * Since: 0.1
 */
gboolean perry_tier_is_safe_user (const char *user);

/* Whether the spec names the profile `perry`. */
gboolean perry_tier_names_profile (const PerryContainerSpec *spec);

/* Sets a field of the floor's spec, which is said with @reason. */
void perry_tier_floor_set (PerryTierFloor *floor, PerryField field, GVariant *value, const char *reason);

/* Puts what was set into the spec's `require`; to be called again after setting more. */
void perry_tier_floor_require (PerryTierFloor *floor);

void perry_tier_floor_free (PerryTierFloor *floor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryTierFloor, perry_tier_floor_free)

G_END_DECLS
