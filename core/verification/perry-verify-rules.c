/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-verify-rules.h"

#include <string.h>

/* Backtracks to the last wildcard alone, and to the last `**` where that does not help: no pattern takes more than the
 * product of both lengths. */
static gboolean
matches (const char *pattern, const char *text)
{
  const char *star = NULL, *star_text = NULL, *deep = NULL, *deep_text = NULL;

  while (*text != '\0' || *pattern != '\0')
    {
      if (g_str_has_prefix (pattern, "**"))
        {
          deep = pattern + 2;
          deep_text = text;
          star = NULL;
          pattern = deep;
        }
      else if (*pattern == '*')
        {
          star = pattern + 1;
          star_text = text;
          pattern = star;
        }
      else if (*pattern != '\0' && *pattern == *text)
        {
          pattern++;
          text++;
        }
      else if (star != NULL && *star_text != '\0' && *star_text != '/')
        {
          text = ++star_text;
          pattern = star;
        }
      else if (deep != NULL && *deep_text != '\0')
        {
          text = ++deep_text;
          pattern = deep;
          star = NULL;
        }
      else
        return FALSE;
    }
  return TRUE;
}

/* A pattern's last component, which may be all of it, ends in `:tag` or `@digest` or both; a colon before it belongs to a
 * port. */
static gboolean
has_tag (const char *pattern)
{
  for (const char *end = pattern + strcspn (pattern, "@"); end > pattern && end[-1] != '/'; end--)
    if (end[-1] == ':')
      return TRUE;
  return FALSE;
}

gboolean
perry_verify_pattern_matches (const char *pattern, const PerryImageReference *reference)
{
  const char *tag = perry_image_reference_get_tag (reference);
  const char *digest = perry_image_reference_get_digest (reference);
  g_autoptr (GString) text = NULL;

  if (perry_image_reference_get_kind (reference) != PERRY_IMAGE_REFERENCE_NAME)
    return FALSE;
  text = g_string_new (perry_image_reference_get_registry (reference));
  g_string_append_printf (text, "/%s", perry_image_reference_get_repository (reference));
  if (has_tag (pattern))
    g_string_append_printf (text, ":%s", tag != NULL ? tag : "");
  if (strchr (pattern, '@') != NULL)
    g_string_append_printf (text, "@%s", digest != NULL ? digest : "");
  return matches (pattern, text->str);
}

typedef struct {
  guint n_literals;
  guint n_wildcards;
} Precision;

static Precision
measure (const char *pattern)
{
  Precision precision = { 0, 0 };

  for (const char *p = pattern; *p != '\0'; p++)
    if (*p == '*')
      precision.n_wildcards++;
    else
      precision.n_literals++;
  return precision;
}

static gboolean
is_more_specific (const PerryVerifyRule *a, const PerryVerifyRule *b)
{
  Precision one = measure (a->pattern), other = measure (b->pattern);

  if (one.n_literals != other.n_literals)
    return one.n_literals > other.n_literals;
  if (one.n_wildcards != other.n_wildcards)
    return one.n_wildcards < other.n_wildcards;
  return strcmp (a->name, b->name) < 0;
}

const PerryVerifyRule *
perry_verify_find_rule (const GPtrArray *rules, const PerryImageReference *reference)
{
  const PerryVerifyRule *best = NULL;

  for (guint i = 0; rules != NULL && i < rules->len; i++)
    {
      const PerryVerifyRule *rule = g_ptr_array_index (rules, i);

      if (perry_verify_pattern_matches (rule->pattern, reference) && (best == NULL || is_more_specific (rule, best)))
        best = rule;
    }
  return best;
}

static void
decide_mode (PerryVerifyDecision *decision, const PerryVerifyPolicy *policy, const PerryVerifyRule *rule)
{
  g_autofree char *who = NULL;

  if (policy->has_own_mode)
    {
      decision->mode = policy->own_mode;
      who = g_strdup ("this call");
    }
  else if (policy->own_requirement != NULL)
    {
      /* who says what a signature has to satisfy wants it satisfied */
      decision->mode = PERRY_VERIFY_ENFORCE;
      who = g_strdup ("this call's requirement");
    }
  else if (rule != NULL && rule->exempt)
    {
      decision->exempt = TRUE;
      decision->mode = PERRY_VERIFY_OFF;
      who = g_strdup_printf ("the rule “%s” (%s), which exempts it", rule->name, rule->origin);
    }
  else
    {
      decision->mode = policy->mode;
      who = g_strdup (policy->mode_origin);
    }
  if (decision->mode >= policy->minimum)
    {
      decision->mode_reason = g_steal_pointer (&who);
      return;
    }
  decision->exemption_void = decision->exempt;
  decision->exempt = FALSE;
  decision->mode = policy->minimum;
  decision->mode_reason = g_strdup_printf ("minimum-verification (%s), which is above %s", policy->minimum_origin, who);
}

static void
decide_requirement (PerryVerifyDecision *decision, const PerryVerifyPolicy *policy, const PerryVerifyRule *rule)
{
  if (policy->own_requirement != NULL)
    {
      decision->requirement = perry_requirement_copy (policy->own_requirement);
      decision->requirement_reason = g_strdup ("this call");
    }
  else if (rule != NULL && rule->requirement != NULL && !rule->exempt)
    {
      decision->requirement = perry_requirement_copy (rule->requirement);
      decision->requirement_reason = g_strdup_printf ("the rule “%s” (%s)", rule->name, rule->origin);
    }
  else
    {
      decision->requirement = perry_requirement_new_default ();
      decision->requirement_reason = g_strdup ("the default requirement");
    }
}

PerryVerifyDecision *
perry_verify_decide (const PerryVerifyPolicy *policy, const PerryImageReference *reference)
{
  PerryVerifyDecision *decision = g_new0 (PerryVerifyDecision, 1);
  const PerryVerifyRule *rule = perry_verify_find_rule (policy->rules, reference);

  decision->rule = rule != NULL ? g_strdup (rule->name) : NULL;
  decide_mode (decision, policy, rule);
  decide_requirement (decision, policy, rule);
  return decision;
}

void
perry_verify_decision_free (PerryVerifyDecision *decision)
{
  if (decision == NULL)
    return;
  g_free (decision->mode_reason);
  g_clear_pointer (&decision->requirement, perry_requirement_free);
  g_free (decision->requirement_reason);
  g_free (decision->rule);
  g_free (decision);
}
