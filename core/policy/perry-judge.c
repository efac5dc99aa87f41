/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-compare.h"
#include "core/policy/perry-field-lines.h"
#include "core/policy/perry-mode-table.h"
#include "core/policy/perry-tier.h"
#include "plugin-api/perry-error.h"

/* Of what the core reads for itself nothing is reported, and the kernel can contradict it and not prove it. */
static gboolean
is_comparable (PerryField field)
{
  const PerryFieldInfo *info = perry_field_get_info (field);

  return (info->flags & PERRY_FIELD_CONTROL) == 0 &&
         (info->compare_reported != NULL || info->compare_observed != NULL);
}

/* The mode table's row for a field that nothing contradicts. A proven field is what was asked for. A report that cannot
 * decide, such as an image's id for its name, is still one; a look that could not decide is none. */
static PerryFieldState
get_state (const PerryFieldProof *proof)
{
  if (proof->verdict == PERRY_VERDICT_PROVEN)
    return PERRY_STATE_NATIVE;
  if (proof->report_verdict == PERRY_VERDICT_PROVEN || proof->reported != NULL || !is_comparable (proof->field))
    return PERRY_STATE_REPORTED_ONLY;
  return PERRY_STATE_NO_EVIDENCE;
}

/* Whether the reason says more than the texts of the row. */
static gboolean
has_telling_reason (const PerryFieldProof *proof)
{
  return proof->reason != NULL &&
         (proof->reported == NULL || !g_str_equal (proof->reason, "the engine reports something else"));
}

static char *
describe_evidence (const PerryFieldProof *proof)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "asked %s", proof->asked);
  if (proof->reported != NULL && proof->report_verdict != PERRY_VERDICT_PROVEN)
    g_string_append_printf (text, ", the engine reports %s", proof->reported);
  if (proof->observed != NULL)
    g_string_append_printf (text, ", the kernel shows %s (%s)", proof->observed,
                            perry_moment_to_string (proof->moment));
  if (has_telling_reason (proof))
    g_string_append_printf (text, ": %s", proof->reason);
  return g_string_free (text, FALSE);
}

static void
add_line (GPtrArray *lines, const PerryFieldProof *proof)
{
  g_autofree char *text = describe_evidence (proof);

  perry_field_lines_add (lines, proof->field, text, NULL);
}

static void
note_missing (GPtrArray *adjustments, const PerryFieldProof *proof, PerryFieldOutcome outcome)
{
  g_ptr_array_add (adjustments, perry_adjustment_new (PERRY_ADJUSTMENT_UNPROVEN, proof->field, proof->asked,
                                                      proof->reason, outcome == PERRY_OUTCOME_PRINT));
}

static gboolean
demands_kernel_proof (const PerryFieldProof *proof, PerryProofMode mode)
{
  return mode == PERRY_PROOF_REQUIRED && proof->verdict == PERRY_VERDICT_UNPROVEN &&
         (perry_field_get_info (proof->field)->flags & PERRY_FIELD_SECURITY) != 0;
}

static gboolean
fail_if_any (GPtrArray *lines, PerryError code, const char *one, const char *many, GError **error)
{
  g_autofree char *heading = NULL;
  g_autofree char *message = NULL;

  if (lines->len == 0)
    return FALSE;
  heading = g_strdup_printf ("%u %s:", lines->len, lines->len == 1 ? one : many);
  message = perry_field_lines_format (lines, heading);
  g_set_error_literal (error, PERRY_ERROR, (int) code, message);
  return TRUE;
}

gboolean
perry_compare_judge_differences (GPtrArray *proofs, GError **error)
{
  g_autoptr (GPtrArray) differing = perry_field_lines_new ();

  for (guint i = 0; i < proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (proofs, i);

      if (proof->verdict == PERRY_VERDICT_DIFFERS)
        add_line (differing, proof);
    }
  return !fail_if_any (differing, PERRY_ERROR_PROOF_DIFFERS, "field is not as asked for",
                       "fields are not as asked for", error);
}

/* Inside a virtual machine of the workload's own these isolate nothing from this kernel, and what runs there neither it nor
 * every engine can show. A profile that is not the tier's was asked for by the spec, for whatever reason. */
static gboolean
is_beside_the_point (const PerryContainerSpec *asked, PerryField field, const PerryCompareContext *context)
{
  if (!context->microvm_is_boundary)
    return FALSE;
  return field == PERRY_FIELD_NO_NEW_PRIVILEGES ||
         (field == PERRY_FIELD_SECCOMP && perry_tier_names_profile (asked));
}

static void
note_beside_the_point (GPtrArray *adjustments, const PerryFieldProof *proof)
{
  g_ptr_array_add (adjustments,
                   perry_adjustment_new (PERRY_ADJUSTMENT_NOT_APPLICABLE, proof->field, proof->asked,
                                         "a virtual machine of the workload's own is the boundary, and what is in force "
                                         "inside it neither the engine nor this kernel shows",
                                         FALSE));
}

/* A container is judged again when there is more evidence; what was missing then may be there now. What is not applicable
 * because the engine lacks it is not in the normalised spec any more, and stays noted. */
static void
forget_missing (const PerryContainerSpec *asked, GPtrArray *adjustments)
{
  for (guint i = adjustments->len; i > 0; i--)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (adjustments, i - 1);

      if (adjustment->kind == PERRY_ADJUSTMENT_UNPROVEN ||
          (adjustment->kind == PERRY_ADJUSTMENT_NOT_APPLICABLE && perry_container_spec_is_set (asked, adjustment->field)))
        g_ptr_array_remove_index (adjustments, i - 1);
    }
}

gboolean
perry_compare_judge (const PerryContainerSpec *asked, GPtrArray *proofs, const PerryCompareContext *context,
                     PerryProofMode mode, PerryEnforcement enforcement, GPtrArray *adjustments, GError **error)
{
  g_autoptr (GPtrArray) missing = perry_field_lines_new ();

  g_return_val_if_fail (mode != PERRY_PROOF_OFF, FALSE);

  forget_missing (asked, adjustments);
  if (!perry_compare_judge_differences (proofs, error))
    return FALSE;
  for (guint i = 0; i < proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (proofs, i);
      PerryFieldRule rule =
          perry_mode_table_get_rule (asked, proof->field, enforcement, PERRY_ENFORCEMENT_LENIENT);
      PerryFieldState state = get_state (proof);
      PerryFieldOutcome outcome = perry_mode_table_get_outcome (state, rule);

      if (demands_kernel_proof (proof, mode))
        add_line (missing, proof);
      else if (state == PERRY_STATE_NO_EVIDENCE && is_beside_the_point (asked, proof->field, context))
        note_beside_the_point (adjustments, proof);
      else if (outcome == PERRY_OUTCOME_REFUSE)
        add_line (missing, proof);
      else if (outcome != PERRY_OUTCOME_ACCEPT)
        note_missing (adjustments, proof, outcome);
    }
  return !fail_if_any (missing, PERRY_ERROR_PROOF_MISSING, "field is not proven", "fields are not proven", error);
}

static gboolean
has_names (const PerryContainerSpec *spec, PerryField list)
{
  g_autofree const char **names = perry_container_spec_get_strv (spec, list);

  return names != NULL && names[0] != NULL;
}

gboolean
perry_compare_check_mode (const PerryContainerSpec *asked, PerryProofMode mode, PerryEnforcement enforcement,
                          GError **error)
{
  const char *tier = perry_container_spec_get_string (asked, PERRY_FIELD_TIER);
  const char *because = NULL;

  if (mode != PERRY_PROOF_OFF)
    return TRUE;
  if (enforcement == PERRY_ENFORCEMENT_STRICT)
    because = "enforcement is strict";
  else if (tier != NULL && !g_str_equal (tier, "default"))
    because = "the spec's tier is above default";
  else if (has_names (asked, PERRY_FIELD_REQUIRE))
    because = "the spec has `require`";
  if (because == NULL)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
               "proof cannot be off here: %s; use `default` or `required`", because);
  return FALSE;
}
