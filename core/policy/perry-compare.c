/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-compare.h"

/* What an early look shows of ids, capabilities and restrictions can only become tighter until the workload runs. Mounts
 * and namespaces can still be those of the runtime, and then their agreement is an accident. */
static gboolean
agreement_can_be_undone (PerryField field)
{
  switch (field)
    {
    case PERRY_FIELD_READ_ONLY:
    case PERRY_FIELD_NETWORK:
    case PERRY_FIELD_NO_NETWORK:
    case PERRY_FIELD_TMPFS:
    case PERRY_FIELD_VOLUMES:
    case PERRY_FIELD_DEVICES:
      return TRUE;
    default:
      return FALSE;
    }
}

static char *
text_or_null (const GString *text)
{
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

static void
compare_report (PerryFieldProof *proof, const PerryFieldInfo *info, const PerryContainerSpec *asked,
                const PerryContainerSpec *reported, const PerryCompareContext *context)
{
  g_autoptr (GString) value = g_string_new (NULL);
  g_autoptr (GString) reason = g_string_new (NULL);

  if (reported == NULL || info->compare_reported == NULL)
    return;
  proof->report_verdict = info->compare_reported (asked, reported, context, value, reason);
  proof->reported = text_or_null (value);
  if (proof->report_verdict != PERRY_VERDICT_PROVEN)
    proof->reason = text_or_null (reason);
}

/* What one observation says about a field. */
typedef struct {
  PerryVerdict verdict;
  char *value;
  char *reason;
  PerryMoment moment;
} Sight;

static void
sight_clear (Sight *sight)
{
  g_clear_pointer (&sight->value, g_free);
  g_clear_pointer (&sight->reason, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sight, sight_clear)

static void
look (Sight *sight, const PerryFieldInfo *info, const PerryContainerSpec *asked, const PerryObservation *observation,
      const PerryCompareContext *context)
{
  g_autoptr (GString) value = g_string_new (NULL);
  g_autoptr (GString) reason = g_string_new (NULL);
  const char *moment = perry_moment_to_string (observation->moment);

  sight->moment = observation->moment;
  sight->verdict = info->compare_observed (asked, observation, context, value, reason);
  sight->value = text_or_null (value);
  if (sight->verdict == PERRY_VERDICT_DIFFERS && !observation->settled)
    {
      sight->verdict = PERRY_VERDICT_UNPROVEN;
      g_string_printf (reason, "the runtime had not finished when it was looked at (%s)", moment);
    }
  else if (sight->verdict == PERRY_VERDICT_PROVEN && !observation->settled && agreement_can_be_undone (info->field))
    {
      sight->verdict = PERRY_VERDICT_UNPROVEN;
      g_string_printf (reason, "it agreed, but the runtime had not finished when it was looked at (%s)", moment);
    }
  if (sight->verdict != PERRY_VERDICT_PROVEN)
    sight->reason = text_or_null (reason);
}

/* A difference outweighs a proof, a proof outweighs having seen nothing; of equals the first stays, unless it has
 * nothing to say. */
static gboolean
outweighs (const Sight *candidate, const Sight *best)
{
  static const int weights[] = {
    [PERRY_VERDICT_UNPROVEN] = 0,
    [PERRY_VERDICT_PROVEN] = 1,
    [PERRY_VERDICT_DIFFERS] = 2,
  };

  if (candidate->verdict != best->verdict)
    return weights[candidate->verdict] > weights[best->verdict];
  return best->value == NULL && best->reason == NULL;
}

static void
compare_observations (Sight *best, const PerryFieldInfo *info, const PerryContainerSpec *asked,
                      GPtrArray *observations, const PerryCompareContext *context)
{
  if (info->compare_observed == NULL)
    return;
  for (guint i = 0; i < observations->len; i++)
    {
      g_auto (Sight) sight = { 0 };

      look (&sight, info, asked, g_ptr_array_index (observations, i), context);
      if (!outweighs (&sight, best))
        continue;
      sight_clear (best);
      *best = sight;
      sight = (Sight){ 0 };
    }
}

/* For comparisons that gave no reason of their own. */
static const char *
explain (const PerryFieldProof *proof, const PerryFieldInfo *info)
{
  if (proof->verdict == PERRY_VERDICT_DIFFERS)
    return proof->report_verdict == PERRY_VERDICT_DIFFERS ? "the engine reports something else"
                                                          : "the kernel shows something else";
  if (proof->report_verdict == PERRY_VERDICT_PROVEN)
    return "only the engine's report";
  if (info->compare_observed == NULL && info->compare_reported == NULL)
    return "neither the engine nor the kernel can show it";
  if (info->compare_observed == NULL)
    return "the engine does not report it, and the kernel cannot show it";
  return "the engine does not report it, and nothing was observed";
}

/* Puts both kinds of evidence together. The report's own reason is in the row already. */
static void
decide (PerryFieldProof *proof, const PerryFieldInfo *info, Sight *sight)
{
  if (proof->report_verdict == PERRY_VERDICT_DIFFERS || sight->verdict == PERRY_VERDICT_DIFFERS)
    proof->verdict = PERRY_VERDICT_DIFFERS;
  else
    proof->verdict = sight->verdict;

  proof->observed = g_steal_pointer (&sight->value);
  proof->moment = sight->moment;
  /* the kernel explains what it contradicts, the report what it alone contradicts, and either why nothing decided */
  if (proof->verdict == sight->verdict && sight->reason != NULL)
    {
      g_free (proof->reason);
      proof->reason = g_steal_pointer (&sight->reason);
    }
  if (proof->verdict == PERRY_VERDICT_PROVEN)
    g_clear_pointer (&proof->reason, g_free);
  else if (proof->reason == NULL)
    proof->reason = g_strdup (explain (proof, info));
}

static PerryFieldProof *
compare_field (const PerryFieldInfo *info, const PerryContainerSpec *asked, const PerryContainerSpec *reported,
               GPtrArray *observations, const PerryCompareContext *context)
{
  g_autoptr (PerryFieldProof) proof = g_new0 (PerryFieldProof, 1);
  g_auto (Sight) sight = { 0 };

  proof->field = info->field;
  proof->asked = perry_container_spec_format_value (asked, info->field);
  compare_report (proof, info, asked, reported, context);
  compare_observations (&sight, info, asked, observations, context);
  decide (proof, info, &sight);
  return g_steal_pointer (&proof);
}

/* Of what the core reads for itself a kernel shows one thing: that a workload is not in a virtual machine. */
static gboolean
is_compared (const PerryFieldInfo *info, const PerryCompareContext *context)
{
  if (info->field == PERRY_FIELD_TIER)
    return context->wants_microvm;
  return (info->flags & (PERRY_FIELD_CONTROL | PERRY_FIELD_SHORTHAND)) == 0;
}

GPtrArray *
perry_compare_evidence (const PerryContainerSpec *asked, const PerryContainerSpec *reported, GPtrArray *observations,
                        const PerryCompareContext *context)
{
  GPtrArray *proofs = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_field_proof_free);

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info (field);

      if (is_compared (info, context) && perry_container_spec_is_set (asked, field))
        g_ptr_array_add (proofs, compare_field (info, asked, reported, observations, context));
    }
  return proofs;
}
