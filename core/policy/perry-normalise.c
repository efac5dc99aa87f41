/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-field-lines.h"
#include "core/policy/perry-normalise-private.h"
#include "core/policy/perry-tier.h"

/* More names than these help nobody. */
#define MAX_HONOURING 6

PerryEnforcement
perry_normalise_get_mode (const PerryNormaliseRequest *request)
{
  PerryEnforcement mode = perry_container_spec_get_enforcement (request->spec, request->enforcement);

  return MAX (mode, request->minimum);
}

PerryFieldState
perry_normalisation_get_state (PerrySupport support)
{
  switch (support)
    {
    case PERRY_SUPPORT_NATIVE:
      return PERRY_STATE_NATIVE;
    case PERRY_SUPPORT_EMULATED:
      return PERRY_STATE_EMULATED;
    case PERRY_SUPPORT_PARTIAL:
      return PERRY_STATE_PARTIAL;
    case PERRY_SUPPORT_UNSUPPORTED:
    case PERRY_SUPPORT_NOT_APPLICABLE:
    default:
      return PERRY_STATE_UNSUPPORTED;
    }
}

PerryFieldRule
perry_normalisation_get_rule (const PerryNormalisation *normalisation, PerryField field)
{
  return perry_mode_table_get_rule (normalisation->request->spec, field, normalisation->mode,
                                    normalisation->request->minimum);
}

/* NULL where nobody said which other backends there are. They were asked for their matrices alone: what one of them says to
 * this very spec is not known, and it cannot do more than is in its matrix. */
static char *
describe_honouring (const PerryNormaliseRequest *request, PerryField field, const PerryContainerSpec *needed)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n_names = 0;

  if (request->others == NULL)
    return NULL;
  for (const PerryNamedMatrix *other = request->others; other->name != NULL; other++)
    {
      g_auto (PerryFieldLevel) level = { 0 };

      if (g_str_equal (other->name, request->backend))
        continue;
      perry_field_level_init (&level, field, needed, other->matrix, other->support);
      if (level.support < PERRY_SUPPORT_EMULATED)
        continue;
      if (++n_names <= MAX_HONOURING)
        g_string_append_printf (names, "%s%s", n_names > 1 ? ", " : "", other->name);
    }
  if (n_names == 0)
    return g_strdup (" (no backend on this host honours it)");
  if (n_names > MAX_HONOURING)
    g_string_append_printf (names, " and %u more", n_names - MAX_HONOURING);
  return g_strdup_printf (" (honoured by: %s)", names->str);
}

void
perry_normalisation_refuse (PerryNormalisation *normalisation, PerryField field, const PerryContainerSpec *needed,
                            const char *reason, PerryFieldRule rule)
{
  g_autofree char *honouring = NULL;

  normalisation->refused_by_mode |= rule != PERRY_RULE_REQUIRE;
  if (perry_field_lines_contain (normalisation->refusals, field))
    return;
  honouring = describe_honouring (normalisation->request, field, needed);
  perry_field_lines_add (normalisation->refusals, field, reason, honouring);
}

static void
add_adjustment (PerryNormalisation *normalisation, PerryAdjustmentKind kind, PerryField field, const char *value,
                const char *reason, PerryFieldOutcome outcome)
{
  g_ptr_array_add (normalisation->adjustments,
                   perry_adjustment_new (kind, field, value, reason, outcome == PERRY_OUTCOME_PRINT));
}

void
perry_normalisation_keep (PerryNormalisation *normalisation, PerryField field, const PerryFieldLevel *level,
                          PerryFieldOutcome outcome)
{
  PerryAdjustmentKind kind =
      level->support == PERRY_SUPPORT_PARTIAL ? PERRY_ADJUSTMENT_PARTIAL : PERRY_ADJUSTMENT_EMULATED;

  if (outcome != PERRY_OUTCOME_ACCEPT)
    add_adjustment (normalisation, kind, field, NULL, level->reason, outcome);
}

void
perry_normalisation_drop (PerryNormalisation *normalisation, PerryField field, const char *value, const char *reason,
                          PerryFieldOutcome outcome)
{
  add_adjustment (normalisation, PERRY_ADJUSTMENT_DROPPED, field, value, reason, outcome);
}

/* What no_network does not take away is the engine's own network: `network` can only say the same beside it. */
static const char *
describe_unset (const PerryFieldInfo *info)
{
  return info->field == PERRY_FIELD_NO_NETWORK ? perry_field_get_info (PERRY_FIELD_NETWORK)->unset : info->unset;
}

static void
drop_field (PerryNormalisation *normalisation, const PerryFieldInfo *info, const PerryFieldLevel *level,
            PerryFieldOutcome outcome)
{
  const PerryContainerSpec *spec = normalisation->request->spec;
  g_autofree char *value = perry_container_spec_format_value (spec, info->field);
  g_autofree char *reason = g_strdup_printf ("%s; instead: %s", level->reason, describe_unset (info));

  perry_container_spec_unset (normalisation->result, info->field);
  perry_normalisation_drop (normalisation, info->field, value, reason, outcome);
}

/* Another runtime is another isolation: doing without is for the spec to allow, not for a mode. */
static gboolean
is_irreplaceable (const PerryNormalisation *normalisation, const PerryFieldInfo *info)
{
  return (info->flags & PERRY_FIELD_IRREPLACEABLE) != 0 &&
         !perry_container_spec_names_field (normalisation->request->spec, PERRY_FIELD_PREFER, info->field);
}

/* Where a virtual machine is the boundary, some of what a tier asks for inside it is nothing that the engine could do. A
 * spec that asks for the same itself gets what the engine's matrix says. */
static gboolean
is_beside_the_point (const PerryNormalisation *normalisation, PerryField field, const PerryFieldLevel *level)
{
  return level->not_applicable && (normalisation->request->tier_set & PERRY_TIER_FIELD (field)) != 0;
}

static void
leave_out (PerryNormalisation *normalisation, PerryField field, const PerryFieldLevel *level)
{
  g_autofree char *value = perry_container_spec_format_value (normalisation->request->spec, field);

  perry_container_spec_unset (normalisation->result, field);
  add_adjustment (normalisation, PERRY_ADJUSTMENT_NOT_APPLICABLE, field, value, level->reason, PERRY_OUTCOME_LOG);
}

static void
normalise_field (PerryNormalisation *normalisation, const PerryFieldInfo *info)
{
  const PerryNormaliseRequest *request = normalisation->request;
  PerryFieldRule rule = perry_normalisation_get_rule (normalisation, info->field);
  g_auto (PerryFieldLevel) level = { 0 };
  PerryFieldOutcome outcome;

  perry_field_level_init (&level, info->field, request->spec, request->matrix, request->support);
  if (is_beside_the_point (normalisation, info->field, &level))
    {
      leave_out (normalisation, info->field, &level);
      return;
    }
  outcome = perry_mode_table_get_outcome (perry_normalisation_get_state (level.support), rule);
  /* a field that a spec cannot do without has nothing that could run in its place */
  if (level.support == PERRY_SUPPORT_UNSUPPORTED && (info->flags & PERRY_FIELD_REQUIRED) != 0)
    outcome = PERRY_OUTCOME_REFUSE;

  if (level.support == PERRY_SUPPORT_UNSUPPORTED && is_irreplaceable (normalisation, info))
    {
      outcome = PERRY_OUTCOME_REFUSE;
      rule = PERRY_RULE_REQUIRE;
    }

  if (outcome == PERRY_OUTCOME_REFUSE)
    perry_normalisation_refuse (normalisation, info->field, request->spec, level.reason, rule);
  else if (level.support != PERRY_SUPPORT_UNSUPPORTED)
    perry_normalisation_keep (normalisation, info->field, &level, outcome);
  else if (!level.refused_whole && (info->field == PERRY_FIELD_VOLUMES || info->field == PERRY_FIELD_TMPFS))
    perry_normalisation_drop_mounts (normalisation, info->field, outcome);
  else
    drop_field (normalisation, info, &level, outcome);
}

static void
set_refusal_error (const PerryNormalisation *normalisation, GError **error)
{
  guint n_fields = normalisation->refusals->len;
  g_autofree char *heading =
      g_strdup_printf ("%s cannot honour %u field%s that %s:", normalisation->request->backend, n_fields,
                         n_fields == 1 ? "" : "s",
                         normalisation->refused_by_mode ? "strict mode demands" : "the spec requires");
  g_autofree char *message = perry_field_lines_format (normalisation->refusals, heading);

  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT, message);
}

PerryContainerSpec *
perry_normalise_spec (const PerryNormaliseRequest *request, GPtrArray **ret_adjustments, GError **error)
{
  g_autoptr (PerryContainerSpec) result = perry_container_spec_copy (request->spec);
  g_autoptr (GPtrArray) adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  g_autoptr (GPtrArray) refusals = perry_field_lines_new ();
  PerryNormalisation normalisation = {
    .request = request,
    .mode = perry_normalise_get_mode (request),
    .result = result,
    .adjustments = adjustments,
    .refusals = refusals,
  };

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info (field);

      if ((info->flags & (PERRY_FIELD_CONTROL | PERRY_FIELD_SHORTHAND)) == 0 &&
          perry_container_spec_is_set (request->spec, field))
        normalise_field (&normalisation, info);
    }
  if (!perry_normalisation_add_tmp (&normalisation, error))
    return NULL;
  if (refusals->len > 0)
    {
      set_refusal_error (&normalisation, error);
      return NULL;
    }
  /* the judge of the evidence sees this spec alone: an administrator's strict must not be lowered there either */
  if (request->minimum == PERRY_ENFORCEMENT_STRICT)
    perry_container_spec_unset (result, PERRY_FIELD_PREFER);
  *ret_adjustments = g_steal_pointer (&adjustments);
  return g_steal_pointer (&result);
}
