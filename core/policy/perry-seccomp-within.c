/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-seccomp-within.h"

#include <string.h>

#include "core/policy/perry-seccomp-profile.h"

#define MAX_NAMED 5

/* A rule without comparisons: always. */
static const PerrySeccompRule always = { .lets_through = TRUE };

static guint
count_comparisons (const PerrySeccompRule *rule)
{
  return rule->comparisons != NULL && !rule->ambiguous ? rule->comparisons->len : 0;
}

static const PerrySeccompComparison *
get_comparison (const PerrySeccompRule *rule, guint i)
{
  return &g_array_index (rule->comparisons, PerrySeccompComparison, i);
}

static gboolean
holds_for (const PerrySeccompComparison *comparison, guint64 value)
{
  switch (comparison->op)
    {
    case PERRY_SECCOMP_NE:
      return value != comparison->value;
    case PERRY_SECCOMP_LT:
      return value < comparison->value;
    case PERRY_SECCOMP_LE:
      return value <= comparison->value;
    case PERRY_SECCOMP_EQ:
      return value == comparison->value;
    case PERRY_SECCOMP_GE:
      return value >= comparison->value;
    case PERRY_SECCOMP_GT:
      return value > comparison->value;
    case PERRY_SECCOMP_MASKED_EQ:
      return (value & comparison->mask) == comparison->value;
    }
  return FALSE;
}

/* The lowest and the highest value for which a comparison holds; there may be others between them for which it does not. */
static void
get_bounds (const PerrySeccompComparison *comparison, guint64 *ret_low, guint64 *ret_high)
{
  guint64 value = comparison->value;

  *ret_low = 0;
  *ret_high = G_MAXUINT64;
  if (comparison->op == PERRY_SECCOMP_EQ || comparison->op == PERRY_SECCOMP_GE)
    *ret_low = value;
  if (comparison->op == PERRY_SECCOMP_EQ || comparison->op == PERRY_SECCOMP_LE)
    *ret_high = value;
  /* One that never holds gets bounds that are too wide, which only makes it look like more than it is. */
  if (comparison->op == PERRY_SECCOMP_LT && value > 0)
    *ret_high = value - 1;
  if (comparison->op == PERRY_SECCOMP_GT && value < G_MAXUINT64)
    *ret_low = value + 1;
  if (comparison->op == PERRY_SECCOMP_MASKED_EQ)
    {
      *ret_low = value & comparison->mask;
      *ret_high = *ret_low | ~comparison->mask;
    }
}

/* Whether @outer holds for every value for which @inner does. */
static gboolean
comparison_implies (const PerrySeccompComparison *inner, const PerrySeccompComparison *outer)
{
  guint64 low, high;

  if (inner->index != outer->index)
    return FALSE;
  if (inner->op == outer->op && inner->mask == outer->mask && inner->value == outer->value)
    return TRUE;
  get_bounds (inner, &low, &high);
  switch (outer->op)
    {
    case PERRY_SECCOMP_NE:
      return outer->value < low || outer->value > high ||
             (inner->op == PERRY_SECCOMP_MASKED_EQ && !holds_for (inner, outer->value));
    case PERRY_SECCOMP_MASKED_EQ:
      if (low == high || inner->op == PERRY_SECCOMP_EQ)
        return holds_for (outer, low);
      return inner->op == PERRY_SECCOMP_MASKED_EQ && (inner->mask & outer->mask) == outer->mask &&
             (inner->value & outer->mask) == outer->value;
    default:
      return holds_for (outer, low) && holds_for (outer, high);
    }
}

static gboolean
rule_implies (const PerrySeccompRule *inner, const PerrySeccompRule *outer)
{
  if (outer->filters != NULL && g_strcmp0 (inner->filters, outer->filters) != 0)
    return FALSE;
  for (guint i = 0; i < count_comparisons (outer); i++)
    {
      gboolean implied = FALSE;

      for (guint j = 0; j < count_comparisons (inner) && !implied; j++)
        implied = comparison_implies (get_comparison (inner, j), get_comparison (outer, i));
      if (!implied)
        return FALSE;
    }
  return TRUE;
}

/* Whether it is sure that no value meets both. */
static gboolean
comparisons_are_disjoint (const PerrySeccompComparison *a, const PerrySeccompComparison *b)
{
  guint64 a_low, a_high, b_low, b_high;

  if (a->index != b->index)
    return FALSE;
  if (a->op == PERRY_SECCOMP_EQ)
    return !holds_for (b, a->value);
  if (b->op == PERRY_SECCOMP_EQ)
    return !holds_for (a, b->value);
  if (a->op == PERRY_SECCOMP_MASKED_EQ && b->op == PERRY_SECCOMP_MASKED_EQ)
    return ((a->value ^ b->value) & a->mask & b->mask) != 0;
  get_bounds (a, &a_low, &a_high);
  get_bounds (b, &b_low, &b_high);
  return a_high < b_low || b_high < a_low;
}

static gboolean
rules_are_disjoint (const PerrySeccompRule *a, const PerrySeccompRule *b)
{
  for (guint i = 0; i < count_comparisons (a); i++)
    for (guint j = 0; j < count_comparisons (b); j++)
      if (comparisons_are_disjoint (get_comparison (a, i), get_comparison (b, j)))
        return TRUE;
  return FALSE;
}

/* Which of two rules that overlap counts, libraries do not agree on. */
static gboolean
is_refused (const PerrySeccompRule *rule, GPtrArray *rules)
{
  for (guint i = 0; rules != NULL && i < rules->len; i++)
    {
      const PerrySeccompRule *other = g_ptr_array_index (rules, i);

      if (!other->lets_through && !rules_are_disjoint (rule, other))
        return TRUE;
    }
  return FALSE;
}

static gboolean
limit_lets_through (const PerrySeccompProfile *limit, const char *call, const PerrySeccompRule *wanted)
{
  GPtrArray *rules = g_hash_table_lookup (limit->calls, call);

  if (limit->rest && !is_refused (&always, rules))
    return TRUE;
  for (guint i = 0; rules != NULL && i < rules->len; i++)
    {
      const PerrySeccompRule *rule = g_ptr_array_index (rules, i);

      if (rule->lets_through && !rule->ambiguous && rule_implies (wanted, rule) && !is_refused (rule, rules))
        return TRUE;
    }
  return FALSE;
}

static gboolean
refuses_always (GPtrArray *rules)
{
  for (guint i = 0; rules != NULL && i < rules->len; i++)
    {
      const PerrySeccompRule *rule = g_ptr_array_index (rules, i);

      if (!rule->lets_through && rule->comparisons->len == 0 && rule->filters == NULL)
        return TRUE;
    }
  return FALSE;
}

static gboolean
call_is_within (const PerrySeccompProfile *profile, const PerrySeccompProfile *limit, const char *call)
{
  GPtrArray *rules = g_hash_table_lookup (profile->calls, call);

  if (profile->rest && !refuses_always (rules) && !limit_lets_through (limit, call, &always))
    return FALSE;
  for (guint i = 0; rules != NULL && i < rules->len; i++)
    {
      const PerrySeccompRule *rule = g_ptr_array_index (rules, i);

      if (rule->lets_through && !limit_lets_through (limit, call, rule))
        return FALSE;
    }
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Calls that the limit alone names count when the profile lets through what it does not name. */
static GPtrArray *
find_beyond (const PerrySeccompProfile *profile, const PerrySeccompProfile *limit)
{
  GPtrArray *beyond = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer call;

  g_hash_table_iter_init (&iter, profile->calls);
  while (g_hash_table_iter_next (&iter, &call, NULL))
    if (!call_is_within (profile, limit, call))
      g_ptr_array_add (beyond, call);
  g_hash_table_iter_init (&iter, limit->calls);
  while (g_hash_table_iter_next (&iter, &call, NULL))
    if (!g_hash_table_contains (profile->calls, call) && !call_is_within (profile, limit, call))
      g_ptr_array_add (beyond, call);
  g_ptr_array_sort (beyond, compare_names);
  return beyond;
}

static void
set_beyond_error (GPtrArray *beyond, const char *what, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < MIN (beyond->len, MAX_NAMED); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", (const char *) beyond->pdata[i]);
  if (beyond->len > MAX_NAMED)
    g_string_append_printf (names, " and %u more", beyond->len - MAX_NAMED);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT, "the profile lets through %u %s%s that it must not: %s",
               beyond->len, what, beyond->len == 1 ? "" : "s", names->str);
}

/* Words of @more that are not in @less; the machine's own architecture is always filtered. */
static gboolean
check_words (GHashTable *more, GHashTable *less, GHashTable *natives, const char *what, GError **error)
{
  g_autoptr (GPtrArray) beyond = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer word;

  g_hash_table_iter_init (&iter, more);
  while (g_hash_table_iter_next (&iter, &word, NULL))
    if (!g_hash_table_contains (less, word) && !(natives != NULL && g_hash_table_contains (natives, word)))
      g_ptr_array_add (beyond, word);
  g_ptr_array_sort (beyond, compare_names);
  if (beyond->len > 0)
    set_beyond_error (beyond, what, error);
  return beyond->len == 0;
}

gboolean
perry_seccomp_profile_within (const char *profile, const char *limit, GError **error)
{
  g_autoptr (PerrySeccompProfile) inner = NULL;
  g_autoptr (PerrySeccompProfile) outer = NULL;
  g_autoptr (GPtrArray) beyond = NULL;

  g_return_val_if_fail (profile != NULL && limit != NULL, FALSE);

  inner = perry_seccomp_profile_new (profile, "the profile", error);
  outer = inner != NULL ? perry_seccomp_profile_new (limit, "the profile that is the limit", error) : NULL;
  if (outer == NULL)
    return FALSE;
  if (inner->rest && !outer->rest)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT,
                   "the profile lets through every call that it does not name: its “defaultAction” is %s",
                   inner->default_action);
      return FALSE;
    }
  beyond = find_beyond (inner, outer);
  if (beyond->len > 0)
    {
      set_beyond_error (beyond, "system call", error);
      return FALSE;
    }
  return check_words (inner->architectures, outer->architectures, outer->natives, "architecture", error) &&
         check_words (inner->flags, outer->flags, NULL, "filter flag", error);
}
