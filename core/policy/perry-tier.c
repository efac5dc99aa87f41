/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-tier.h"

#include <string.h>

#include "core/policy/perry-tier-rules.h"
#include "plugin-api/perry-error.h"

/* one bit each in PerryTierFloor */
G_STATIC_ASSERT (PERRY_FIELD_LAST <= 64);

/* The tiers of the design, one row each. */
static const struct {
  const char *name;
  PerryTierFeature floor;
} tiers[] = {
  [PERRY_TIER_DEFAULT] = { "default", 0 },
  [PERRY_TIER_ISOLATED] = { "isolated", PERRY_TIER_NO_NETWORK },
  [PERRY_TIER_HARDENED] = { "hardened", PERRY_TIER_READ_ONLY | PERRY_TIER_SECCOMP },
  [PERRY_TIER_UNTRUSTED] = { "untrusted", PERRY_TIER_NO_NETWORK | PERRY_TIER_READ_ONLY | PERRY_TIER_SECCOMP |
                                              PERRY_TIER_MICROVM | PERRY_TIER_CONFINED | PERRY_TIER_NO_CAPABILITIES },
};

/* No network but the one that is named, no capability but those that are. */
#define SANDBOX (PERRY_TIER_READ_ONLY | PERRY_TIER_SECCOMP | PERRY_TIER_CONFINED | PERRY_TIER_ONE_OFF)

const char *
perry_tier_get_name (PerryTier tier)
{
  return (guint) tier < G_N_ELEMENTS (tiers) ? tiers[tier].name : "unknown";
}

gboolean
perry_tier_from_name (const char *name, PerryTier *ret_tier)
{
  for (guint i = 0; i < G_N_ELEMENTS (tiers); i++)
    if (g_strcmp0 (tiers[i].name, name) == 0)
      {
        *ret_tier = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
perry_tier_includes (PerryTier tier, PerryTier other)
{
  g_return_val_if_fail ((guint) tier < G_N_ELEMENTS (tiers) && (guint) other < G_N_ELEMENTS (tiers), FALSE);
  return (tiers[tier].floor & tiers[other].floor) == tiers[other].floor;
}

/* One spec on its way up. */
typedef struct {
  PerryTierFloor *floor;
  PerryTierFeatures features;
  PerryTierFeature feature; /* the one that is being raised to */
} Raise;

gboolean
perry_tier_names_profile (const PerryContainerSpec *spec)
{
  return g_strcmp0 (perry_container_spec_get_string (spec, PERRY_FIELD_SECCOMP), "perry") == 0;
}

void
perry_tier_floor_set (PerryTierFloor *floor, PerryField field, GVariant *value, const char *reason)
{
  g_autofree char *text = NULL;

  perry_container_spec_take_value (floor->spec, field, value);
  floor->set |= PERRY_TIER_FIELD (field);
  text = perry_container_spec_format_value (floor->spec, field);
  g_ptr_array_add (floor->adjustments, perry_adjustment_new (PERRY_ADJUSTMENT_ADDED, field, text, reason, FALSE));
}

/* The field is as the tier wants it, whoever said so: nothing may take it away again. */
static void
keep (Raise *raise, PerryField field)
{
  raise->floor->set |= PERRY_TIER_FIELD (field);
}

static void
set (Raise *raise, PerryField field, GVariant *value, const char *why)
{
  g_autofree char *source = perry_tier_describe_source (&raise->features, raise->feature);
  g_autofree char *reason = g_strdup_printf ("%s %s", source, why);

  perry_tier_floor_set (raise->floor, field, value, reason);
}

static void
set_true (Raise *raise, PerryField field, const char *why)
{
  if (perry_container_spec_get_boolean (raise->floor->spec, field))
    keep (raise, field);
  else
    set (raise, field, g_variant_new_boolean (TRUE), why);
}

static void
raise_network (Raise *raise)
{
  if (g_strcmp0 (perry_container_spec_get_string (raise->floor->spec, PERRY_FIELD_NETWORK), "none") == 0)
    keep (raise, PERRY_FIELD_NETWORK);
  else
    set_true (raise, PERRY_FIELD_NO_NETWORK, "has no network");
}

static void
raise_seccomp (Raise *raise)
{
  const char *seccomp = perry_container_spec_get_string (raise->floor->spec, PERRY_FIELD_SECCOMP);

  if (seccomp == NULL)
    set (raise, PERRY_FIELD_SECCOMP, g_variant_new_string ("perry"), "has the seccomp profile perry");
  else if (g_str_equal (seccomp, "default"))
    set (raise, PERRY_FIELD_SECCOMP, g_variant_new_string ("perry"),
         "raises the engine's own default profile to perry, which allows what the defaults of all engines allow");
  else
    keep (raise, PERRY_FIELD_SECCOMP);
}

static void
raise_capabilities (Raise *raise)
{
  static const char *const all[] = { "ALL", NULL };
  g_autofree const char **dropped = perry_container_spec_get_strv (raise->floor->spec, PERRY_FIELD_CAP_DROP);

  if (dropped != NULL && g_strv_contains (dropped, "ALL"))
    keep (raise, PERRY_FIELD_CAP_DROP);
  else
    set (raise, PERRY_FIELD_CAP_DROP, g_variant_new_strv (all, -1), "grants no capability that is not named");
}

static void
raise_user (Raise *raise)
{
  gboolean unset = !perry_container_spec_is_set (raise->floor->spec, PERRY_FIELD_USER);

  /* in a sandbox it is always the same */
  raise->floor->user_from_image = unset && raise->features.of_sandbox == 0;
  if (unset)
    set (raise, PERRY_FIELD_USER, g_variant_new_string (PERRY_TIER_USER), "runs nothing as root");
  else
    keep (raise, PERRY_FIELD_USER);
}

static void
raise_limit (Raise *raise, PerryField field, gint64 limit, const char *why)
{
  if (perry_container_spec_is_set (raise->floor->spec, field))
    keep (raise, field);
  else
    set (raise, field, g_variant_new_int64 (limit), why);
}

/* What a tier sets no mode drops: that is what `require` says. */
void
perry_tier_floor_require (PerryTierFloor *floor)
{
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE_STRING_ARRAY);

  if (floor->set == 0)
    return;
  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    if ((floor->set & PERRY_TIER_FIELD (field)) != 0 ||
        perry_container_spec_names_field (floor->spec, PERRY_FIELD_REQUIRE, field))
      g_variant_builder_add (builder, "s", perry_field_get_name (field));
  perry_container_spec_take_value (floor->spec, PERRY_FIELD_REQUIRE, g_variant_builder_end (builder));
}

static void
raise_confined (Raise *raise)
{
  raise_capabilities (raise);
  set_true (raise, PERRY_FIELD_NO_NEW_PRIVILEGES, "lets no program gain privileges");
  raise_user (raise);
  raise_limit (raise, PERRY_FIELD_MEMORY, PERRY_TIER_MEMORY, "limits memory");
  raise_limit (raise, PERRY_FIELD_PIDS_LIMIT, PERRY_TIER_PIDS, "limits processes");
}

static void
raise_read_only (Raise *raise)
{
  set_true (raise, PERRY_FIELD_READ_ONLY, "has a read-only root");
}

static void
raise_one_off (Raise *raise)
{
  const char *network = perry_container_spec_get_string (raise->floor->spec, PERRY_FIELD_NETWORK);

  if (g_strcmp0 (network, "none") == 0)
    keep (raise, PERRY_FIELD_NETWORK);
  else if (network == NULL)
    set_true (raise, PERRY_FIELD_NO_NETWORK, "has no network that is not named");
  if (!perry_container_spec_get_boolean (raise->floor->spec, PERRY_FIELD_RM))
    perry_container_spec_take_value (raise->floor->spec, PERRY_FIELD_RM, g_variant_new_boolean (TRUE));
}

static void
raise_fields (Raise *raise)
{
  static const struct {
    PerryTierFeature feature;
    void (*function) (Raise *raise);
  } steps[] = {
    { PERRY_TIER_NO_NETWORK, raise_network },  { PERRY_TIER_READ_ONLY, raise_read_only },
    { PERRY_TIER_SECCOMP, raise_seccomp },     { PERRY_TIER_CONFINED, raise_confined },
    { PERRY_TIER_ONE_OFF, raise_one_off },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      raise->feature = steps[i].feature;
      if ((raise->features.of_tier | raise->features.of_sandbox) & raise->feature)
        steps[i].function (raise);
    }
  raise->floor->needs_microvm = (raise->features.of_tier & PERRY_TIER_MICROVM) != 0;
  perry_tier_floor_require (raise->floor);
}

PerryTierFloor *
perry_tier_raise (const PerryContainerSpec *spec, gboolean sandbox, const char *profile, GError **error)
{
  g_autoptr (PerryTierFloor) floor = g_new0 (PerryTierFloor, 1);
  const char *name = perry_container_spec_get_string (spec, PERRY_FIELD_TIER);
  Raise raise = { .floor = floor };

  floor->spec = perry_container_spec_copy (spec);
  floor->adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  if (name != NULL && !perry_tier_from_name (name, &floor->tier))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC, "$.tier: there is no tier “%s”", name);
      return NULL;
    }
  raise.features = (PerryTierFeatures){
    .tier = perry_tier_get_name (floor->tier),
    .of_tier = tiers[floor->tier].floor,
    .of_sandbox = sandbox ? SANDBOX : 0,
  };
  if (!perry_tier_check_rules (spec, &raise.features, profile, error))
    return NULL;
  raise_fields (&raise);
  return g_steal_pointer (&floor);
}

void
perry_tier_floor_free (PerryTierFloor *floor)
{
  if (floor == NULL)
    return;
  perry_container_spec_free (floor->spec);
  g_clear_pointer (&floor->adjustments, g_ptr_array_unref);
  g_free (floor);
}
