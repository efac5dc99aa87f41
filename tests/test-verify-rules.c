/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-verify-rules.h"

#include <string.h>

static PerryImageReference *
refer (const char *text)
{
  g_autoptr (GError) error = NULL;
  PerryImageReference *reference = perry_image_reference_parse (text, &error);

  g_assert_no_error (error);
  return reference;
}

#define ZEROS "sha256:0000000000000000000000000000000000000000000000000000000000000000"

static void
test_patterns (void)
{
  static const struct { const char *pattern; const char *image; gboolean matches; } cases[] = {
    { "docker.io/library/alpine", "alpine", TRUE },
    { "docker.io/library/alpine", "alpine:3.19", TRUE },
    { "docker.io/library/alpine", "alpine3", FALSE },
    { "docker.io/library/*", "alpine", TRUE },
    { "docker.io/library/*", "library/alpine:1", TRUE },
    { "docker.io/*", "alpine", FALSE },
    { "docker.io/**", "alpine", TRUE },
    { "**", "quay.io/a/b/c", TRUE },
    { "**/c", "quay.io/a/b/c", TRUE },
    { "**/b", "quay.io/a/b/c", FALSE },
    { "quay.io/*/b/c", "quay.io/a/b/c", TRUE },
    { "quay.io/*/c", "quay.io/a/b/c", FALSE },
    { "quay.io/**/c", "quay.io/a/b/c", TRUE },
    { "quay.io/a*/b", "quay.io/abc/b", TRUE },
    { "quay.io/*a*/b", "quay.io/bab/b", TRUE },
    { "quay.io/*c*/b", "quay.io/bab/b", FALSE },
    { "quay.io/**x**/c", "quay.io/a/bxb/c", TRUE },
    { "quay.io/**/a*b", "quay.io/a/x/a/ab", TRUE },
    { "localhost:5000/app", "localhost:5000/app:1", TRUE },
    { "localhost:*/app", "localhost:5000/app:1", TRUE },
    { "quay.io/app:1*", "quay.io/app:1.2", TRUE },
    { "quay.io/app:1*", "quay.io/app:2", FALSE },
    { "quay.io/app:1*", "quay.io/app@" ZEROS, FALSE },
    { "quay.io/app@sha256:00*", "quay.io/app@" ZEROS, TRUE },
    { "quay.io/app@sha256:01*", "quay.io/app@" ZEROS, FALSE },
    { "quay.io/app@sha256:00*", "quay.io/app:1", FALSE },
    { "quay.io/app:1@" ZEROS, "quay.io/app:1@" ZEROS, TRUE },
    { "quay.io/app:1@" ZEROS, "quay.io/app:2@" ZEROS, FALSE },
    { "quay.io/app:1@" ZEROS, "quay.io/app@" ZEROS, FALSE },
    { "quay.io/app@" ZEROS, "quay.io/app:1@" ZEROS, TRUE },
    { "**:latest", "alpine", TRUE },
    { "**:latest", "localhost:5000/a/b:latest", TRUE },
    { "**:latest", "alpine:3", FALSE },
    { "**:5000", "localhost:5000/a", FALSE },
    { "**@" ZEROS, "quay.io/app@" ZEROS, TRUE },
    { "**", ZEROS, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryImageReference) reference = refer (cases[i].image);

      if (perry_verify_pattern_matches (cases[i].pattern, reference) != cases[i].matches)
        g_error ("%s and %s", cases[i].pattern, cases[i].image);
    }
}

/* Patterns that make a backtracking matcher take for ever. */
static void
test_slow_patterns (void)
{
  g_autoptr (GString) pattern = g_string_new ("quay.io/");
  g_autoptr (GString) name = g_string_new ("quay.io/");
  g_autoptr (PerryImageReference) reference = NULL;
  gint64 begin = g_get_monotonic_time ();

  for (int i = 0; i < 60; i++)
    g_string_append (pattern, "**a*");
  g_string_append (pattern, "b");
  for (int i = 0; i < 70; i++)
    g_string_append (name, "aa/");
  g_string_append (name, "a");
  reference = refer (name->str);
  g_assert_false (perry_verify_pattern_matches (pattern->str, reference));
  g_assert_cmpint (g_get_monotonic_time () - begin, <, G_TIME_SPAN_SECOND);
}

static void
add_rule (GPtrArray *rules, const char *name, const char *pattern, gboolean exempt)
{
  PerryVerifyRule *rule = g_new0 (PerryVerifyRule, 1);

  rule->name = g_strdup (name);
  rule->pattern = g_strdup (pattern);
  rule->exempt = exempt;
  rule->origin = g_strdup ("/etc/perry.conf");
  rule->requirement = exempt ? NULL : perry_requirement_new_default ();
  if (!exempt)
    {
      g_free (rule->requirement->identity);
      rule->requirement->identity = g_strdup (name);
    }
  g_ptr_array_add (rules, rule);
}

static GPtrArray *
make_rules (void)
{
  GPtrArray *rules = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_verify_rule_free);

  add_rule (rules, "all", "**", FALSE);
  add_rule (rules, "all-of-quay", "quay.io/**", FALSE);
  add_rule (rules, "b-same", "quay.io/app/*", FALSE);
  add_rule (rules, "a-same", "quay.io/app/*", FALSE);
  add_rule (rules, "deep", "quay.io/app/**", FALSE);
  add_rule (rules, "local", "localhost:5000/**", TRUE);
  add_rule (rules, "one", "quay.io/app/web:1", FALSE);
  return rules;
}

static void
test_most_specific (void)
{
  static const struct { const char *image; const char *rule; } cases[] = {
    { "alpine", "all" }, { "quay.io/x", "all-of-quay" }, { "quay.io/app/web", "a-same" },
    { "quay.io/app/web/x", "deep" }, { "quay.io/app/web:1", "one" }, { "localhost:5000/x", "local" },
  };
  g_autoptr (GPtrArray) rules = make_rules ();

  for (int turn = 0; turn < 2; turn++)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_autoptr (PerryImageReference) reference = refer (cases[i].image);

          g_assert_cmpstr (perry_verify_find_rule (rules, reference)->name, ==, cases[i].rule);
        }
      /* in whatever order they come */
      for (guint i = 0; i < rules->len / 2; i++)
        {
          gpointer last = rules->pdata[rules->len - 1 - i];

          rules->pdata[rules->len - 1 - i] = rules->pdata[i];
          rules->pdata[i] = last;
        }
    }
}

typedef struct {
  PerryVerifyMode configured, minimum;
  gint own; /* -1 for none */
  gboolean own_requirement;
  const char *image;
  PerryVerifyMode mode;
  gboolean exempt;
  gboolean exemption_void;
  const char *identity; /* NULL for the default */
} Decision;

static void
test_decisions (void)
{
  static const Decision cases[] = {
    { PERRY_VERIFY_OFF, PERRY_VERIFY_OFF, -1, FALSE, "quay.io/x", PERRY_VERIFY_OFF, FALSE, FALSE, "all-of-quay" },
    { PERRY_VERIFY_ENFORCE, PERRY_VERIFY_OFF, -1, FALSE, "quay.io/x", PERRY_VERIFY_ENFORCE, FALSE, FALSE, "all-of-quay" },
    { PERRY_VERIFY_WARN, PERRY_VERIFY_OFF, PERRY_VERIFY_ENFORCE, FALSE, "quay.io/x", PERRY_VERIFY_ENFORCE, FALSE, FALSE,
      "all-of-quay" },
    { PERRY_VERIFY_ENFORCE, PERRY_VERIFY_OFF, PERRY_VERIFY_OFF, FALSE, "quay.io/x", PERRY_VERIFY_OFF, FALSE, FALSE,
      "all-of-quay" },
    /* what an administrator wants at least */
    { PERRY_VERIFY_ENFORCE, PERRY_VERIFY_ENFORCE, PERRY_VERIFY_OFF, FALSE, "quay.io/x", PERRY_VERIFY_ENFORCE, FALSE, FALSE,
      "all-of-quay" },
    { PERRY_VERIFY_WARN, PERRY_VERIFY_WARN, PERRY_VERIFY_OFF, FALSE, "quay.io/x", PERRY_VERIFY_WARN, FALSE, FALSE,
      "all-of-quay" },
    /* exemptions */
    { PERRY_VERIFY_ENFORCE, PERRY_VERIFY_OFF, -1, FALSE, "localhost:5000/x", PERRY_VERIFY_OFF, TRUE, FALSE, NULL },
    { PERRY_VERIFY_ENFORCE, PERRY_VERIFY_ENFORCE, -1, FALSE, "localhost:5000/x", PERRY_VERIFY_ENFORCE, FALSE, TRUE, NULL },
    { PERRY_VERIFY_ENFORCE, PERRY_VERIFY_WARN, -1, FALSE, "localhost:5000/x", PERRY_VERIFY_WARN, FALSE, TRUE, NULL },
    { PERRY_VERIFY_ENFORCE, PERRY_VERIFY_OFF, PERRY_VERIFY_ENFORCE, FALSE, "localhost:5000/x", PERRY_VERIFY_ENFORCE, FALSE,
      FALSE, NULL },
    /* who says what a signature has to satisfy wants it satisfied */
    { PERRY_VERIFY_OFF, PERRY_VERIFY_OFF, -1, TRUE, "quay.io/x", PERRY_VERIFY_ENFORCE, FALSE, FALSE, "own" },
    { PERRY_VERIFY_OFF, PERRY_VERIFY_OFF, -1, TRUE, "localhost:5000/x", PERRY_VERIFY_ENFORCE, FALSE, FALSE, "own" },
    { PERRY_VERIFY_OFF, PERRY_VERIFY_OFF, PERRY_VERIFY_WARN, TRUE, "quay.io/x", PERRY_VERIFY_WARN, FALSE, FALSE, "own" },
  };
  g_autoptr (GPtrArray) rules = make_rules ();
  g_autoptr (PerryRequirement) own = perry_requirement_new_default ();

  g_free (own->identity);
  own->identity = g_strdup ("own");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryImageReference) reference = refer (cases[i].image);
      const PerryVerifyPolicy policy = {
        .mode = MAX (cases[i].configured, cases[i].minimum),
        .mode_origin = "perry.conf",
        .minimum = cases[i].minimum,
        .minimum_origin = "the administrator",
        .rules = rules,
        .has_own_mode = cases[i].own >= 0,
        .own_mode = cases[i].own >= 0 ? (PerryVerifyMode) cases[i].own : PERRY_VERIFY_OFF,
        .own_requirement = cases[i].own_requirement ? own : NULL,
      };
      g_autoptr (PerryVerifyDecision) decision = perry_verify_decide (&policy, reference);

      g_test_message ("%u: %s", (guint) i, decision->mode_reason);
      g_assert_cmpint (decision->mode, ==, cases[i].mode);
      g_assert_cmpint (decision->exempt, ==, cases[i].exempt);
      g_assert_cmpint (decision->exemption_void, ==, cases[i].exemption_void);
      g_assert_cmpstr (decision->requirement->identity, ==,
                       cases[i].identity != NULL ? cases[i].identity : PERRY_REQUIREMENT_DEFAULT_IDENTITY);
    }
}

static void
test_no_rules (void)
{
  g_autoptr (PerryImageReference) reference = refer ("alpine");
  const PerryVerifyPolicy policy = { .mode = PERRY_VERIFY_ENFORCE, .mode_origin = "environment X" };
  g_autoptr (PerryVerifyDecision) decision = perry_verify_decide (&policy, reference);

  g_assert_cmpstr (decision->mode_reason, ==, "environment X");
  g_assert_cmpstr (decision->requirement->issuer, ==, PERRY_REQUIREMENT_DEFAULT_ISSUER);
  g_assert_nonnull (strstr (decision->requirement_reason, "default"));
  g_assert_null (decision->rule);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verify-rules/patterns", test_patterns);
  g_test_add_func ("/verify-rules/slow-patterns", test_slow_patterns);
  g_test_add_func ("/verify-rules/most-specific", test_most_specific);
  g_test_add_func ("/verify-rules/decisions", test_decisions);
  g_test_add_func ("/verify-rules/no-rules", test_no_rules);
  return g_test_run ();
}
