/* SPDX-License-Identifier: Apache-2.0 */
/* Two seccomp profiles, with a NUL between them: whether the first is within the second. */
#include <string.h>

#include "core/policy/perry-seccomp-profile.h"
#include "core/policy/perry-seccomp-within.h"
#include "tests/fuzz/fuzz-input.h"

#define REFUSING "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}"
#define ALLOWING "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}"

/* The answer, and that a refusal says why. */
static gboolean
is_within (const char *profile, const char *limit)
{
  g_autoptr (GError) error = NULL;
  gboolean within = perry_seccomp_profile_within (profile, limit, &error);

  if (!within)
    fuzz_check_error (error, TRUE);
  fuzz_require (within == (error == NULL), "an error is a refusal");
  return within;
}

static gboolean
lets_something_through (const PerrySeccompProfile *profile)
{
  GHashTableIter iter;
  gpointer rules;

  if (profile->rest)
    return TRUE;
  g_hash_table_iter_init (&iter, profile->calls);
  while (g_hash_table_iter_next (&iter, NULL, &rules))
    for (guint i = 0; i < ((GPtrArray *) rules)->len; i++)
      if (((PerrySeccompRule *) ((GPtrArray *) rules)->pdata[i])->lets_through)
        return TRUE;
  return FALSE;
}

static gboolean
holds (const PerrySeccompComparison *comparison, guint64 value)
{
  const gboolean answers[] = {
    [PERRY_SECCOMP_NE] = value != comparison->value, [PERRY_SECCOMP_LT] = value < comparison->value,
    [PERRY_SECCOMP_LE] = value <= comparison->value, [PERRY_SECCOMP_EQ] = value == comparison->value,
    [PERRY_SECCOMP_GE] = value >= comparison->value, [PERRY_SECCOMP_GT] = value > comparison->value,
    [PERRY_SECCOMP_MASKED_EQ] = (value & comparison->mask) == comparison->value,
  };

  return answers[comparison->op];
}

/* Whether some rule lets a call with these arguments through. */
static gboolean
passes (const PerrySeccompProfile *profile, const char *call, const guint64 *arguments)
{
  GPtrArray *rules = g_hash_table_lookup (profile->calls, call);

  for (guint i = 0; rules != NULL && i < rules->len; i++)
    {
      const PerrySeccompRule *rule = rules->pdata[i];
      gboolean matches = rule->lets_through;

      for (guint j = 0; j < rule->comparisons->len && matches; j++)
        {
          const PerrySeccompComparison *comparison = &g_array_index (rule->comparisons, PerrySeccompComparison, j);

          matches = holds (comparison, arguments[comparison->index]);
        }
      if (matches)
        return TRUE;
    }
  return profile->rest;
}

static void
require_passing (const PerrySeccompProfile *profile, const PerrySeccompProfile *limit, const char *call,
                 const PerrySeccompRule *rule)
{
  static const guint64 changes[] = { 0, 1, G_MAXUINT64, 1 << 4, 1u << 31, G_GUINT64_CONSTANT (1) << 32 };

  for (guint change = 0; change < G_N_ELEMENTS (changes); change++)
    for (guint fill = 0; fill < 2; fill++)
      {
        guint64 arguments[6];

        memset (arguments, fill == 0 ? 0 : 0xff, sizeof arguments);
        for (guint i = 0; i < rule->comparisons->len; i++)
          {
            const PerrySeccompComparison *comparison = &g_array_index (rule->comparisons, PerrySeccompComparison, i);

            arguments[comparison->index] = (comparison->value | (fill == 0 ? 0 : ~comparison->mask)) + changes[change];
          }
        fuzz_require (!passes (profile, call, arguments) || passes (limit, call, arguments),
                      "what the profile lets through, the limit does");
      }
}

/* Around the values at which the profile or the limit changes its mind. */
static void
check_values (const PerrySeccompProfile *profile, const PerrySeccompProfile *limit)
{
  GHashTableIter iter;
  gpointer call, rules;

  g_hash_table_iter_init (&iter, profile->calls);
  while (g_hash_table_iter_next (&iter, &call, &rules))
    {
      GPtrArray *limiting = g_hash_table_lookup (limit->calls, call);

      for (guint i = 0; i < ((GPtrArray *) rules)->len; i++)
        require_passing (profile, limit, call, ((GPtrArray *) rules)->pdata[i]);
      for (guint i = 0; limiting != NULL && i < limiting->len; i++)
        require_passing (profile, limit, call, limiting->pdata[i]);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *profile = fuzz_dup_text (data, size);
  size_t used = MIN (strlen (profile) + 1, size);
  g_autofree char *limit = fuzz_dup_text (data + used, size - used);
  g_autoptr (PerrySeccompProfile) inner = perry_seccomp_profile_new (profile, "profile", NULL);
  g_autoptr (PerrySeccompProfile) outer = perry_seccomp_profile_new (limit, "limit", NULL);
  gboolean within = is_within (profile, limit);

  fuzz_require (!within || (inner != NULL && outer != NULL), "what cannot be read is within nothing");
  if (within)
    check_values (inner, outer);
  if (inner != NULL && lets_something_through (inner))
    fuzz_require (!is_within (profile, REFUSING), "what lets a call through is not within what refuses all");
  if (inner != NULL && g_hash_table_size (inner->architectures) == 0 && g_hash_table_size (inner->flags) == 0)
    fuzz_require (is_within (profile, ALLOWING), "what lets everything through holds every profile");
  return 0;
}
