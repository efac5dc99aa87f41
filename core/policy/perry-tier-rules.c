/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-tier-rules.h"

#include <string.h>

#include "core/policy/perry-field-lines.h"
#include "core/policy/perry-seccomp-within.h"
#include "core/policy/perry-tier.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-healthcheck.h"

typedef gboolean (*Loosens) (const PerryContainerSpec *spec, PerryField field);

static gboolean
is_true (const PerryContainerSpec *spec, PerryField field)
{
  return perry_container_spec_get_boolean (spec, field);
}

static gboolean
is_false (const PerryContainerSpec *spec, PerryField field)
{
  return !perry_container_spec_get_boolean (spec, field);
}

static gboolean
has_elements (const PerryContainerSpec *spec, PerryField field)
{
  return g_variant_n_children (perry_container_spec_get_value (spec, field)) > 0;
}

static gboolean
is_a_network (const PerryContainerSpec *spec, PerryField field)
{
  return !g_str_equal (perry_container_spec_get_string (spec, field), "none");
}

static gboolean
is_unconfined (const PerryContainerSpec *spec, PerryField field)
{
  return g_str_equal (perry_container_spec_get_string (spec, field), "unconfined");
}

static gboolean
is_shared (const PerryContainerSpec *spec, PerryField field)
{
  const char *mode = perry_container_spec_get_string (spec, field);

  return g_str_equal (mode, "host") || g_str_has_prefix (mode, "container:");
}

static gboolean
has_disabled_labels (const PerryContainerSpec *spec, PerryField field)
{
  g_autofree const char **labels = perry_container_spec_get_strv (spec, field);

  return g_strv_contains (labels, "disable");
}

static gboolean
is_unlimited (const PerryContainerSpec *spec, PerryField field)
{
  return perry_container_spec_get_int64 (spec, field, 1) <= 0;
}

static gboolean
may_be_root (const PerryContainerSpec *spec, PerryField field)
{
  return !perry_tier_is_safe_user (perry_container_spec_get_string (spec, field));
}

static gboolean
has_root_group (const PerryContainerSpec *spec, PerryField field)
{
  g_autofree const char **groups = perry_container_spec_get_strv (spec, field);

  for (const char **group = groups; *group != NULL; group++)
    if (!perry_tier_is_safe_user (*group))
      return TRUE;
  return FALSE;
}

static gboolean
passes_mounts_on (const PerryContainerSpec *spec, PerryField field)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);

  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = mounts->pdata[i];

      if (mount->options != NULL && (g_strv_contains ((const char *const *) mount->options, "shared") ||
                                     g_strv_contains ((const char *const *) mount->options, "rshared")))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_set (const PerryContainerSpec *spec, PerryField field)
{
  return TRUE;
}

static gboolean
is_restarted (const PerryContainerSpec *spec, PerryField field)
{
  return perry_container_spec_get_restart (spec, NULL) != PERRY_RESTART_NO;
}

/* What would loosen a floor: which part of it, by which field, when, and what the tier says to that. One line each, so that
 * the documentation and the tests can go through them. */
static const struct {
  PerryTierFeature features; /* any of these */
  PerryField field;
  Loosens loosens;
  const char *because;
} rules[] = {
  { PERRY_TIER_NO_NETWORK | PERRY_TIER_READ_ONLY | PERRY_TIER_SECCOMP, PERRY_FIELD_PRIVILEGED, is_true,
    "cannot isolate a privileged container" },
  { PERRY_TIER_NO_NETWORK, PERRY_FIELD_NETWORK, is_a_network, "has no network" },
  { PERRY_TIER_NO_NETWORK, PERRY_FIELD_NO_NETWORK, is_false, "has no network" },
  { PERRY_TIER_NO_NETWORK, PERRY_FIELD_PORTS, has_elements, "has no network" },
  { PERRY_TIER_NO_NETWORK, PERRY_FIELD_NETWORK_ALIASES, has_elements, "has no network" },
  { PERRY_TIER_READ_ONLY, PERRY_FIELD_READ_ONLY, is_false, "has a read-only root" },
  { PERRY_TIER_SECCOMP, PERRY_FIELD_SECCOMP, is_unconfined, "has the seccomp profile perry" },
  { PERRY_TIER_NO_CAPABILITIES, PERRY_FIELD_CAP_ADD, has_elements, "grants no capability" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_NO_NEW_PRIVILEGES, is_false, "lets no program gain privileges" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_USER, may_be_root,
    "runs nothing as root; name the user by a number that is not 0, because what a name stands for is the image's "
    "choice" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_GROUP_ADD, has_root_group,
    "runs nothing in root's group; name groups by numbers that are not 0" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_MEMORY, is_unlimited, "limits memory" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_MEMORY_SWAP, is_unlimited, "limits memory" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_PIDS_LIMIT, is_unlimited, "limits processes" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_PID, is_shared, "shares no namespace" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_IPC, is_shared, "shares no namespace" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_UTS, is_shared, "shares no namespace" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_USERNS, is_shared, "shares no namespace" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_DEVICES, has_elements, "gives away no device of the host" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_APPARMOR, is_unconfined, "takes no confinement away" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_SELINUX, has_disabled_labels, "takes no confinement away" },
  { PERRY_TIER_CONFINED, PERRY_FIELD_VOLUMES, passes_mounts_on, "lets no mount of its container reach the host" },
  { PERRY_TIER_ONE_OFF, PERRY_FIELD_PORTS, has_elements, "publishes no port" },
  { PERRY_TIER_ONE_OFF, PERRY_FIELD_RM, is_false, "leaves nothing behind" },
  { PERRY_TIER_ONE_OFF, PERRY_FIELD_RESTART, is_restarted, "runs a command once" },
  { PERRY_TIER_ONE_OFF, PERRY_FIELD_HEALTHCHECK, is_set, "runs a command once" },
  { PERRY_TIER_ONE_OFF, PERRY_FIELD_SYSCTLS, has_elements, "changes no kernel parameter" },
  { PERRY_TIER_ONE_OFF, PERRY_FIELD_PREFER, has_elements, "does without nothing" },
};

char *
perry_tier_describe_source (const PerryTierFeatures *features, PerryTierFeature feature)
{
  return (features->of_tier & feature) != 0 ? g_strdup_printf ("the tier %s", features->tier) : g_strdup ("the sandbox");
}

/* A profile of the spec's own is as good as perry where it allows nothing beyond it. */
static void
check_profile (const PerryContainerSpec *spec, const PerryTierFeatures *features, const char *profile, GPtrArray *lines)
{
  const char *own = perry_container_spec_get_seccomp_profile (spec);
  g_autoptr (GError) error = NULL;
  g_autofree char *source = NULL;
  g_autofree char *text = NULL;

  if (own == NULL || perry_seccomp_profile_within (own, profile, &error))
    return;
  source = perry_tier_describe_source (features, PERRY_TIER_SECCOMP);
  text = g_strdup_printf ("this profile %s, and %s has the profile perry", error->message, source);
  perry_field_lines_add (lines, PERRY_FIELD_SECCOMP, text, NULL);
}

static void
check_rule (gsize i, const PerryContainerSpec *spec, const PerryTierFeatures *features, GPtrArray *lines)
{
  PerryField field = rules[i].field;
  g_autofree char *source = NULL;
  g_autofree char *value = NULL;
  g_autofree char *text = NULL;

  if ((rules[i].features & (features->of_tier | features->of_sandbox)) == 0 || !perry_container_spec_is_set (spec, field) ||
      !rules[i].loosens (spec, field) || perry_field_lines_contain (lines, field))
    return;
  source = perry_tier_describe_source (features, rules[i].features);
  value = perry_container_spec_format_value (spec, field);
  text = g_strdup_printf ("is “%s”, and %s %s", value, source, rules[i].because);
  perry_field_lines_add (lines, field, text, NULL);
}

gboolean
perry_tier_check_rules (const PerryContainerSpec *spec, const PerryTierFeatures *features, const char *profile,
                        GError **error)
{
  g_autoptr (GPtrArray) lines = perry_field_lines_new ();
  g_autofree char *heading = NULL;
  g_autofree char *message = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    check_rule (i, spec, features, lines);
  if ((features->of_tier | features->of_sandbox) & PERRY_TIER_SECCOMP)
    check_profile (spec, features, profile, lines);
  if (lines->len == 0)
    return TRUE;
  heading = g_strdup_printf ("%u field%s would loosen %s, which cannot be loosened; take %s out:", lines->len,
                             lines->len == 1 ? "" : "s",
                             features->of_sandbox != 0 ? "the sandbox or its tier" : "the tier",
                             lines->len == 1 ? "it" : "them");
  message = perry_field_lines_format (lines, heading);
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC, message);
  return FALSE;
}

gboolean
perry_tier_is_safe_user (const char *user)
{
  gsize digits = user != NULL ? strspn (user, "0123456789") : 0;

  return digits > 0 && strspn (user, "0") < digits && (user[digits] == '\0' || user[digits] == ':');
}
