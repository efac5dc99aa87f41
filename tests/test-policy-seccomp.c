/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/perry-config.h"
#include "core/policy/perry-seccomp-within.h"
#include "plugin-api/perry-json.h"

/* A profile with one default and the rules that follow. */
#define REFUSING(rules) "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" rules "]}"
#define ALLOW(names) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ALLOW\"}"
#define ALLOW_IF(names, args) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" args "]}"
#define REFUSE(names) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}"
#define REFUSE_IF(names, args) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ERRNO\",\"args\":[" args "]}"
#define COMPARE(index, op, value) "{\"index\":" #index ",\"op\":\"SCMP_CMP_" #op "\",\"value\":" #value "}"
#define MASKED(index, mask, value) \
  "{\"index\":" #index ",\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":" #mask ",\"valueTwo\":" #value "}"

typedef struct {
  const char *name;
  const char *profile;
  const char *limit;
  const char *beyond; /* in the message; NULL where the profile is within the limit */
} Row;

static const Row calls[] = {
  { "nothing", REFUSING (""), REFUSING (""), NULL },
  { "nothing-without-rules", "{\"defaultAction\":\"SCMP_ACT_KILL\"}", REFUSING (""), NULL },
  { "same", REFUSING (ALLOW ("\"read\",\"write\"")), REFUSING (ALLOW ("\"read\",\"write\"")), NULL },
  { "fewer", REFUSING (ALLOW ("\"read\"")), REFUSING (ALLOW ("\"read\",\"write\"")), NULL },
  { "more", REFUSING (ALLOW ("\"read\",\"mount\"")), REFUSING (ALLOW ("\"read\"")), "1 system call that it must not: mount" },
  { "old-form-of-a-name", REFUSING ("{\"name\":\"mount\",\"action\":\"SCMP_ACT_ALLOW\"}"), REFUSING (""), ": mount" },
  { "both-forms", REFUSING ("{\"name\":\"mount\",\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}"),
    REFUSING (ALLOW ("\"read\"")), ": mount" },
  { "five-and-a-count", REFUSING (ALLOW ("\"g\",\"f\",\"e\",\"d\",\"c\",\"b\",\"a\"")), REFUSING (""),
    "7 system calls that it must not: a, b, c, d, e and 2 more" },
  { "refused-and-allowed", REFUSING (REFUSE ("\"mount\"") "," ALLOW ("\"mount\"")), REFUSING (""), ": mount" },
  { "refused-in-the-limit", REFUSING (ALLOW ("\"mount\"")), REFUSING (ALLOW ("\"mount\"") "," REFUSE ("\"mount\"")),
    ": mount" },
  { "log", REFUSING ("{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_LOG\"}"), REFUSING (""), ": mount" },
  { "trace", REFUSING ("{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":1}"), REFUSING (""), ": mount" },
  { "notify", REFUSING ("{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NOTIFY\"}"), REFUSING (""), ": mount" },
  { "unknown-action", REFUSING ("{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NEW\"}"), REFUSING (""), ": mount" },
  { "kill-trap-errno",
    REFUSING ("{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\"},{\"names\":[\"b\"],\"action\":\"SCMP_ACT_TRAP\"},"
              "{\"names\":[\"c\"],\"action\":\"SCMP_ACT_ERRNO\"},{\"names\":[\"d\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"},"
              "{\"names\":[\"e\"],\"action\":\"SCMP_ACT_KILL_THREAD\"}"), REFUSING (""), NULL },
  { "limit-logs", REFUSING (ALLOW ("\"mount\"")), REFUSING ("{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_LOG\"}"), NULL },
};

static const Row defaults[] = {
  { "allow", "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", REFUSING (""), "“defaultAction” is SCMP_ACT_ALLOW" },
  { "log", "{\"defaultAction\":\"SCMP_ACT_LOG\"}", REFUSING (""), "“defaultAction” is SCMP_ACT_LOG" },
  { "trace", "{\"defaultAction\":\"SCMP_ACT_TRACE\"}", REFUSING (""), "“defaultAction” is SCMP_ACT_TRACE" },
  { "both-allow", "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", NULL },
  { "limit-allows", REFUSING (ALLOW ("\"mount\"")), "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", NULL },
  { "limit-allows-but-one", REFUSING (ALLOW ("\"mount\"")),
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" REFUSE ("\"mount\"") "]}", ": mount" },
  { "both-allow-but-one", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" REFUSE ("\"mount\"") "]}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" REFUSE ("\"mount\"") "]}", NULL },
  { "one-is-forgotten", "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" REFUSE ("\"mount\"") "]}", ": mount" },
  { "refused-only-sometimes",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" REFUSE_IF ("\"mount\"", COMPARE (0, EQ, 1)) "]}",
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" REFUSE ("\"mount\"") "]}", ": mount" },
};

#define ONE(args) REFUSING (ALLOW_IF ("\"x\"", args))

static const Row conditions[] = {
  { "same", ONE (COMPARE (0, EQ, 5)), ONE (COMPARE (0, EQ, 5)), NULL },
  { "always-in-the-limit", ONE (COMPARE (0, EQ, 5)), REFUSING (ALLOW ("\"x\"")), NULL },
  { "always-beyond", REFUSING (ALLOW ("\"x\"")), ONE (COMPARE (0, EQ, 5)), ": x" },
  { "empty-list-is-always", ONE (""), ONE (COMPARE (0, EQ, 5)), ": x" },
  { "other-value", ONE (COMPARE (0, EQ, 6)), ONE (COMPARE (0, EQ, 5)), ": x" },
  { "other-argument", ONE (COMPARE (1, EQ, 5)), ONE (COMPARE (0, EQ, 5)), ": x" },
  { "one-of-two", ONE (COMPARE (0, EQ, 6)), REFUSING (ALLOW_IF ("\"x\"", COMPARE (0, EQ, 5)) ","
                                                      ALLOW_IF ("\"x\"", COMPARE (0, EQ, 6))), NULL },
  { "second-of-two-beyond", REFUSING (ALLOW_IF ("\"x\"", COMPARE (0, EQ, 5)) "," ALLOW_IF ("\"x\"", COMPARE (0, EQ, 7))),
    ONE (COMPARE (0, EQ, 5)), ": x" },
  { "more-comparisons", ONE (COMPARE (0, EQ, 5) "," COMPARE (1, EQ, 1)), ONE (COMPARE (0, EQ, 5)), NULL },
  { "fewer-comparisons", ONE (COMPARE (0, EQ, 5)), ONE (COMPARE (0, EQ, 5) "," COMPARE (1, EQ, 1)), ": x" },
  { "value-in-a-mask", ONE (COMPARE (0, EQ, 17)), ONE (MASKED (0, 14, 0)), NULL },
  { "value-out-of-a-mask", ONE (COMPARE (0, EQ, 2)), ONE (MASKED (0, 14, 0)), ": x" },
  { "finer-mask", ONE (MASKED (0, 15, 1)), ONE (MASKED (0, 14, 0)), NULL },
  { "coarser-mask", ONE (MASKED (0, 12, 0)), ONE (MASKED (0, 14, 0)), ": x" },
  { "mask-with-another-value", ONE (MASKED (0, 14, 2)), ONE (MASKED (0, 14, 0)), ": x" },
  { "mask-is-not-a-value", ONE (MASKED (0, 4294967295, 16)), ONE (COMPARE (0, EQ, 16)), ": x" },
  { "value-out-of-not", ONE (COMPARE (0, EQ, 40)), ONE (COMPARE (0, NE, 40)), ": x" },
  { "value-in-not", ONE (COMPARE (0, EQ, 41)), ONE (COMPARE (0, NE, 40)), NULL },
  { "mask-in-not", ONE (MASKED (0, 255, 1)), ONE (COMPARE (0, NE, 40)), NULL },
  { "mask-out-of-not", ONE (MASKED (0, 255, 40)), ONE (COMPARE (0, NE, 40)), ": x" },
  { "other-not", ONE (COMPARE (0, NE, 40)), ONE (COMPARE (0, NE, 41)), ": x" },
  { "not-in-a-mask", ONE (COMPARE (0, NE, 40)), ONE (MASKED (0, 1, 0)), ": x" },
  { "below-in-below", ONE (COMPARE (0, LT, 5)), ONE (COMPARE (0, LE, 4)), NULL },
  { "up-to-beyond-below", ONE (COMPARE (0, LE, 5)), ONE (COMPARE (0, LT, 5)), ": x" },
  { "above-in-from", ONE (COMPARE (0, GT, 4)), ONE (COMPARE (0, GE, 5)), NULL },
  { "from-beyond-above", ONE (COMPARE (0, GE, 5)), ONE (COMPARE (0, GT, 5)), ": x" },
  { "below-in-not", ONE (COMPARE (0, LT, 40)), ONE (COMPARE (0, NE, 40)), NULL },
  { "up-to-out-of-not", ONE (COMPARE (0, LE, 40)), ONE (COMPARE (0, NE, 40)), ": x" },
  { "mask-in-below", ONE (MASKED (0, 4294967295, 3)), ONE (COMPARE (0, LT, 16)), ": x" },
  { "whole-mask-in-below", ONE (MASKED (0, 9223372036854775807, 3)), ONE (COMPARE (0, LT, 16)), ": x" },
  { "from-in-a-mask", ONE (COMPARE (0, GE, 8)), ONE (MASKED (0, 8, 8)), ": x" },
  { "nothing-below-zero", ONE (COMPARE (0, LT, 0)), ONE (COMPARE (0, EQ, 5)), ": x" },
  { "argument-twice", ONE (COMPARE (0, GE, 1) "," COMPARE (0, LE, 5)), ONE (COMPARE (0, LE, 5)), ": x" },
  { "argument-twice-in-the-limit", ONE (COMPARE (0, EQ, 5)), ONE (COMPARE (0, GE, 1) "," COMPARE (0, LE, 5)), ": x" },
  { "limit-refuses-another-value", ONE (COMPARE (0, EQ, 5)),
    REFUSING (ALLOW_IF ("\"x\"", COMPARE (0, EQ, 5)) "," REFUSE_IF ("\"x\"", COMPARE (0, EQ, 6))), NULL },
  { "limit-refuses-other-bits", ONE (MASKED (0, 12, 0)),
    REFUSING (ALLOW_IF ("\"x\"", MASKED (0, 12, 0)) "," REFUSE_IF ("\"x\"", MASKED (0, 4, 4))), NULL },
  { "limit-refuses-some-of-it", ONE (COMPARE (0, EQ, 5)),
    REFUSING (ALLOW_IF ("\"x\"", COMPARE (0, LE, 5)) "," REFUSE_IF ("\"x\"", COMPARE (0, EQ, 3))), ": x" },
};

#define FILTERED(key, filter) \
  REFUSING ("{\"names\":[\"x\"],\"action\":\"SCMP_ACT_ALLOW\",\"" key "\":" filter "}")
#define ARCH(text) "{\"defaultAction\":\"SCMP_ACT_ERRNO\"," text "}"

static const Row surroundings[] = {
  { "with-a-capability", FILTERED ("includes", "{\"caps\":[\"CAP_SYS_ADMIN\"]}"), REFUSING (""), ": x" },
  { "without-a-capability", FILTERED ("excludes", "{\"caps\":[\"CAP_SYS_ADMIN\"]}"), REFUSING (""), ": x" },
  { "on-an-architecture", FILTERED ("includes", "{\"arches\":[\"s390x\"]}"), REFUSING (""), ": x" },
  { "on-a-kernel", FILTERED ("includes", "{\"minKernel\":\"99.0\"}"), REFUSING (""), ": x" },
  { "limit-only-sometimes", REFUSING (ALLOW ("\"x\"")), FILTERED ("includes", "{\"caps\":[\"CAP_SYS_ADMIN\"]}"), ": x" },
  { "same-circumstances", FILTERED ("includes", "{\"arches\":[\"amd64\"]}"), FILTERED ("includes", "{\"arches\":[\"amd64\"]}"),
    NULL },
  { "other-circumstances", FILTERED ("includes", "{\"arches\":[\"arm64\"]}"),
    FILTERED ("includes", "{\"arches\":[\"amd64\"]}"), ": x" },
  { "the-opposite", FILTERED ("excludes", "{\"arches\":[\"amd64\"]}"), FILTERED ("includes", "{\"arches\":[\"amd64\"]}"),
    ": x" },
  { "no-circumstances", FILTERED ("includes", "{}"), REFUSING (ALLOW ("\"x\"")), NULL },
  { "architecture", ARCH ("\"architectures\":[\"SCMP_ARCH_X86_64\"]"), ARCH ("\"architectures\":[\"SCMP_ARCH_X86_64\"]"),
    NULL },
  { "one-more-architecture", ARCH ("\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"]"),
    ARCH ("\"architectures\":[\"SCMP_ARCH_X86_64\"]"), "1 architecture that it must not: SCMP_ARCH_X86" },
  { "native-by-map", ARCH ("\"architectures\":[\"SCMP_ARCH_X86_64\"]"),
    ARCH ("\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":[]}]"), NULL },
  { "map-alone-is-native", ARCH ("\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\"}]"), REFUSING (""), NULL },
  { "sub-architecture", ARCH ("\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":[\"SCMP_ARCH_X32\"]}]"),
    ARCH ("\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":[]}]"),
    "SCMP_ARCH_X32 of SCMP_ARCH_X86_64" },
  { "no-architecture", REFUSING (""), ARCH ("\"architectures\":[\"SCMP_ARCH_X86_64\"]"), NULL },
  { "flag", ARCH ("\"flags\":[\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"]"), REFUSING (""), "FLAG_SPEC_ALLOW" },
  { "harmless-flags", ARCH ("\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_TSYNC\"]"), REFUSING (""), NULL },
};

static void
check_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GError) error = NULL;
  gboolean within = perry_seccomp_profile_within (row->profile, row->limit, &error);

  if (row->beyond == NULL)
    {
      g_assert_no_error (error);
      g_assert_true (within);
      return;
    }
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_false (within);
  if (strstr (error->message, row->beyond) == NULL)
    g_assert_cmpstr (error->message, ==, row->beyond);
}

/* Go finds a member in any case of its letters, and the last one counts. */
static void
test_not_readable (void)
{
  static const struct { const char *text, *problem; } rows[] = {
    { "[]", "is not a JSON object" },
    { "{}", "“defaultAction” is missing" },
    { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"DefaultAction\":\"SCMP_ACT_ALLOW\"}", "“DefaultAction” is not a member" },
    { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"Syscalls\":[" ALLOW ("\"mount\"") "]}", "“Syscalls” is not a member" },
    { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"listenerPath\":\"/run/agent\"}", "“listenerPath” is not a member" },
    { "{\"defaultAction\":\"\\n\"}", "is not a word" },
    { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"\\u001b[31m\":1}", "“…” is not a member" },
    { REFUSING ("{\"Names\":[\"mount\"],\"action\":\"SCMP_ACT_ALLOW\"}"), "“Names” is not a member" },
    { REFUSING ("{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\",\"Action\":\"SCMP_ACT_ALLOW\"}"), "“Action”" },
    { REFUSING ("{\"names\":[\"mount\"]}"), "a rule without “action”" },
    { REFUSING ("{\"names\":\"mount\",\"action\":\"SCMP_ACT_ALLOW\"}"), "“names” is not a list" },
    { REFUSING ("{\"names\":[1],\"action\":\"SCMP_ACT_ALLOW\"}"), "not a word" },
    { REFUSING ("{\"names\":[\"\\u001b\"],\"action\":\"SCMP_ACT_ALLOW\"}"), "not a word" },
    { REFUSING ("{\"name\":\"a b\",\"action\":\"SCMP_ACT_ALLOW\"}"), "not a word" },
    { REFUSING ("7"), "not an object" },
    { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":{}}", "“syscalls” is not a list" },
    { ONE ("7"), "“args” has something that is not an object" },
    { ONE ("{\"index\":0,\"op\":\"SCMP_CMP_IN\",\"value\":1}"), "“op” is not one of" },
    { ONE ("{\"index\":0,\"value\":1}"), "“op” is not one of" },
    { ONE ("{\"index\":6,\"op\":\"SCMP_CMP_EQ\",\"value\":1}"), "“index” is not from 0 to 5" },
    { ONE ("{\"index\":0,\"op\":\"SCMP_CMP_EQ\",\"value\":-1}"), "“value” is not a whole number" },
    { ONE ("{\"index\":0,\"op\":\"SCMP_CMP_EQ\",\"value\":1.5}"), "“value” is not a whole number" },
    { ONE ("{\"index\":0,\"Op\":\"SCMP_CMP_NE\",\"op\":\"SCMP_CMP_EQ\",\"value\":1}"), "“Op”" },
    { ARCH ("\"archMap\":[{}]"), "a row without “architecture”" },
    { ARCH ("\"archMap\":[{\"architecture\":\"A\",\"SubArchitectures\":[\"B\"]}]"), "“SubArchitectures”" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) of_limit = NULL;

      g_assert_false (perry_seccomp_profile_within (rows[i].text, REFUSING (""), &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
      g_assert_true (g_str_has_prefix (error->message, "the profile: "));
      if (strstr (error->message, rows[i].problem) == NULL)
        g_assert_cmpstr (error->message, ==, rows[i].problem);
      g_assert_false (perry_seccomp_profile_within (REFUSING (""), rows[i].text, &of_limit));
      g_assert_true (g_str_has_prefix (of_limit->message, "the profile that is the limit: "));
    }
}

static void
test_not_json (void)
{
  static const char *const rows[] = { "", "{", "{\"defaultAction\":\"A\",\"defaultAction\":\"B\"}", "{} {}",
                                      ONE ("{\"index\":0,\"op\":\"SCMP_CMP_EQ\",\"value\":18446744073709551616}") };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (perry_seccomp_profile_within (rows[i], REFUSING (""), &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_JSON);
    }
}

/* The text of the profile with one piece of it exchanged. */
static char *
perry_with (const char *old, const char *new)
{
  g_auto (GStrv) parts = g_strsplit (perry_config_seccomp_perry (), old, 2);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  return g_strjoinv (new, parts);
}

static void
test_perry (void)
{
  static const struct { const char *old, *new, *beyond; } rows[] = {
    { "\"SCMP_ACT_ERRNO\"", "\"SCMP_ACT_KILL_PROCESS\"", NULL },
    { "\"accept\", ", "", NULL },
    { "\"accept\", ", "\"mount\", ", ": mount" },
    { "\"accept\", ", "\"clone\", ", ": clone" },
    { "\"accept\", ", "\"socket\", ", ": socket" },
    { "\"accept\", ", "\"personality\", ", ": personality" },
    { "\"clone3\", ", "", NULL },
    { "2114060288, \"valueTwo\": 0", "2113929216, \"valueTwo\": 0", ": clone" },
    { "\"SCMP_ACT_ALLOW\"", "\"SCMP_ACT_LOG\"", NULL },
    { "\"subArchitectures\": []", "\"subArchitectures\": [\"SCMP_ARCH_X86\"]", "SCMP_ARCH_X86 of SCMP_ARCH_X86_64" },
  };
  g_autoptr (GError) error = NULL;

  g_assert_true (perry_seccomp_profile_within (perry_config_seccomp_perry (), perry_config_seccomp_perry (), &error));
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *profile = perry_with (rows[i].old, rows[i].new);
      const Row row = { rows[i].new, profile, perry_config_seccomp_perry (), rows[i].beyond };

      check_row (&row);
    }
}

/* The profile is within each default that it was made from, and none of them is within it. Of one call it cannot be seen by
 * rules alone: Podman from 5.8 has rules for socket that overlap. */
static void
check_recorded (const char *text, const char *name)
{
  g_autoptr (JsonNode) root = perry_json_parse (text, -1, NULL, NULL);
  g_autofree char *recorded = perry_json_to_text (perry_json_find (root, "seccomp", NULL), FALSE);
  gboolean overlaps = g_str_has_prefix (name, "podman-5.8") || g_str_has_prefix (name, "podman-6");
  g_autoptr (GError) error = NULL;

  g_assert_false (perry_seccomp_profile_within (recorded, perry_config_seccomp_perry (), &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_clear_error (&error);
  g_assert_cmpint (perry_seccomp_profile_within (perry_config_seccomp_perry (), recorded, &error), ==, !overlaps);
  if (overlaps)
    g_assert_cmpstr (error->message, ==, "the profile lets through 1 system call that it must not: socket");
}

static void
test_recorded_defaults (void)
{
  g_autofree char *directory = g_build_filename (g_test_get_dir (G_TEST_DIST), "..", "config", "seccomp", "defaults", NULL);
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;
  guint n = 0;

  g_assert_nonnull (dir);
  for (; (name = g_dir_read_name (dir)) != NULL; n++)
    {
      g_autofree char *file = g_build_filename (directory, name, NULL);
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
      check_recorded (text, name);
    }
  g_assert_cmpuint (n, >=, 7);
}

static void
add_rows (const char *group, const Row *rows, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autofree char *path = g_strdup_printf ("/policy-seccomp/%s/%s", group, rows[i].name);

      g_test_add_data_func (path, &rows[i], check_row);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_rows ("calls", calls, G_N_ELEMENTS (calls));
  add_rows ("defaults", defaults, G_N_ELEMENTS (defaults));
  add_rows ("conditions", conditions, G_N_ELEMENTS (conditions));
  add_rows ("surroundings", surroundings, G_N_ELEMENTS (surroundings));
  g_test_add_func ("/policy-seccomp/not-readable", test_not_readable);
  g_test_add_func ("/policy-seccomp/not-json", test_not_json);
  g_test_add_func ("/policy-seccomp/perry", test_perry);
  g_test_add_func ("/policy-seccomp/recorded-defaults", test_recorded_defaults);
  return g_test_run ();
}
