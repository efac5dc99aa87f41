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
                                              PERRY_TIER_MICROVM | PERRY_TIER_EVERYTHING },
};

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

/* The field is as the tier wants it, whoever said so: nothing may take it away again. */
static void
keep (PerryTierFloor *floor, PerryField field)
{
  floor->set |= PERRY_TIER_FIELD (field);
}

static void
set (PerryTierFloor *floor, PerryField field, GVariant *value, const char *why)
{
  g_autofree char *text = NULL;
  g_autofree char *reason = NULL;

  perry_container_spec_take_value (floor->spec, field, value);
  keep (floor, field);
  text = perry_container_spec_format_value (floor->spec, field);
  reason = g_strdup_printf ("the tier %s %s", perry_tier_get_name (floor->tier), why);
  g_ptr_array_add (floor->adjustments, perry_adjustment_new (PERRY_ADJUSTMENT_ADDED, field, text, reason, FALSE));
}

static void
set_true (PerryTierFloor *floor, PerryField field, const char *why)
{
  if (perry_container_spec_get_boolean (floor->spec, field))
    keep (floor, field);
  else
    set (floor, field, g_variant_new_boolean (TRUE), why);
}

static void
raise_network (PerryTierFloor *floor)
{
  if (g_strcmp0 (perry_container_spec_get_string (floor->spec, PERRY_FIELD_NETWORK), "none") == 0)
    keep (floor, PERRY_FIELD_NETWORK);
  else
    set_true (floor, PERRY_FIELD_NO_NETWORK, "has no network");
}

static void
raise_seccomp (PerryTierFloor *floor)
{
  const char *seccomp = perry_container_spec_get_string (floor->spec, PERRY_FIELD_SECCOMP);

  if (seccomp == NULL)
    set (floor, PERRY_FIELD_SECCOMP, g_variant_new_string ("perry"), "has the seccomp profile perry");
  else if (g_str_equal (seccomp, "default"))
    set (floor, PERRY_FIELD_SECCOMP, g_variant_new_string ("perry"),
         "raises the engine's own default profile to perry, which allows what the defaults of all engines allow");
  else
    keep (floor, PERRY_FIELD_SECCOMP);
}

static void
raise_capabilities (PerryTierFloor *floor)
{
  static const char *const all[] = { "ALL", NULL };
  g_autofree const char **dropped = perry_container_spec_get_strv (floor->spec, PERRY_FIELD_CAP_DROP);

  if (dropped != NULL && g_strv_contains (dropped, "ALL"))
    keep (floor, PERRY_FIELD_CAP_DROP);
  else
    set (floor, PERRY_FIELD_CAP_DROP, g_variant_new_strv (all, -1), "grants no capability");
}

static void
raise_user (PerryTierFloor *floor)
{
  floor->user_from_image = !perry_container_spec_is_set (floor->spec, PERRY_FIELD_USER);
  if (floor->user_from_image)
    set (floor, PERRY_FIELD_USER, g_variant_new_string (PERRY_TIER_USER), "runs nothing as root");
  else
    keep (floor, PERRY_FIELD_USER);
}

static void
raise_limit (PerryTierFloor *floor, PerryField field, gint64 limit, const char *why)
{
  if (perry_container_spec_is_set (floor->spec, field))
    keep (floor, field);
  else
    set (floor, field, g_variant_new_int64 (limit), why);
}

/* What a tier sets no mode drops: that is what `require` says. */
static void
require_what_was_set (PerryTierFloor *floor)
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
raise_fields (PerryTierFloor *floor)
{
  PerryTierFeature features = tiers[floor->tier].floor;

  floor->needs_microvm = (features & PERRY_TIER_MICROVM) != 0;
  if (features & PERRY_TIER_NO_NETWORK)
    raise_network (floor);
  if (features & PERRY_TIER_READ_ONLY)
    set_true (floor, PERRY_FIELD_READ_ONLY, "has a read-only root");
  if (features & PERRY_TIER_SECCOMP)
    raise_seccomp (floor);
  if (features & PERRY_TIER_EVERYTHING)
    {
      raise_capabilities (floor);
      set_true (floor, PERRY_FIELD_NO_NEW_PRIVILEGES, "lets no program gain privileges");
      raise_user (floor);
      raise_limit (floor, PERRY_FIELD_MEMORY, PERRY_TIER_MEMORY, "limits memory");
      raise_limit (floor, PERRY_FIELD_PIDS_LIMIT, PERRY_TIER_PIDS, "limits processes");
    }
  require_what_was_set (floor);
}

PerryTierFloor *
perry_tier_raise (const PerryContainerSpec *spec, const char *profile, GError **error)
{
  g_autoptr (PerryTierFloor) floor = g_new0 (PerryTierFloor, 1);
  const char *name = perry_container_spec_get_string (spec, PERRY_FIELD_TIER);

  floor->spec = perry_container_spec_copy (spec);
  floor->adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  if (name != NULL && !perry_tier_from_name (name, &floor->tier))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC, "$.tier: there is no tier “%s”", name);
      return NULL;
    }
  if (!perry_tier_check_rules (spec, perry_tier_get_name (floor->tier), tiers[floor->tier].floor, profile, error))
    return NULL;
  raise_fields (floor);
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
