/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-requirement.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"

static PerryRequirement *
read_text (const char *text, GError **error)
{
  g_autoptr (GError) json_error = NULL;
  g_autoptr (JsonNode) node = perry_json_parse (text, -1, NULL, &json_error);

  g_assert_no_error (json_error);
  return perry_requirement_from_node (node, "$.verify", error);
}

static PerryRequirement *
read_good (const char *text)
{
  g_autoptr (GError) error = NULL;
  PerryRequirement *requirement = read_text (text, &error);

  g_assert_no_error (error);
  return requirement;
}

static void
test_default (void)
{
  g_autoptr (PerryRequirement) requirement = perry_requirement_new_default ();
  g_autofree char *json = perry_requirement_to_json (requirement);
  g_autofree char *line = perry_requirement_describe (requirement);

  g_assert_cmpstr (json, ==,
                   "{\"identity\":\"https://github.com/chainguard-images/images/.github/workflows/sign.yaml@refs/heads/"
                   "main\",\"issuer\":\"https://token.actions.githubusercontent.com\"}");
  g_assert_cmpstr (line, ==,
                   "identity “https://github.com/chainguard-images/images/.github/workflows/sign.yaml@refs/heads/main”, "
                   "issuer “https://token.actions.githubusercontent.com”");
  g_assert_true (perry_requirement_matches_identity (requirement, PERRY_REQUIREMENT_DEFAULT_IDENTITY));
  g_assert_false (perry_requirement_matches_identity (requirement, PERRY_REQUIREMENT_DEFAULT_IDENTITY "2"));
  g_assert_true (perry_requirement_matches_issuer (requirement, PERRY_REQUIREMENT_DEFAULT_ISSUER));
  g_assert_false (perry_requirement_matches_issuer (requirement, ""));
}

/* One form, whatever the order and the spelling were. */
static void
test_canonical (void)
{
  static const struct {
    const char *text;
    const char *json;
    const char *line;
  } cases[] = {
    { "{\"issuer\": \"I\", \"identity\": \"a\"}", "{\"identity\":\"a\",\"issuer\":\"I\"}", "identity “a”, issuer “I”" },
    { "{\"issuerRegexp\": \"I+\", \"identityRegexp\": \"a.\", \"ignoreTlog\": true, \"ignoreSct\": true}",
      "{\"identity_regexp\":\"a.\",\"ignore_sct\":true,\"ignore_tlog\":true,\"issuer_regexp\":\"I+\"}",
      "identity matching “a.”, issuer matching “I+”, without transparency log, without log of certificates" },
    { "{\"ignore_sct\": false, \"issuer_regexp\": \"I\", \"identity\": \"a\", \"ignore_tlog\": false}",
      "{\"identity\":\"a\",\"issuer_regexp\":\"I\"}", "identity “a”, issuer matching “I”" },
    { "{\"key\": \"/k.pem\", \"ignore_tlog\": true}", "{\"ignore_tlog\":true,\"key\":\"/k.pem\"}",
      "key /k.pem, without transparency log" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryRequirement) requirement = read_good (cases[i].text);
      g_autofree char *json = perry_requirement_to_json (requirement);
      g_autoptr (PerryRequirement) again = read_good (json);
      g_autoptr (PerryRequirement) copy = perry_requirement_copy (requirement);
      g_autofree char *line = perry_requirement_describe (requirement);

      g_assert_cmpstr (json, ==, cases[i].json);
      g_assert_cmpstr (line, ==, cases[i].line);
      g_assert_true (perry_requirement_equal (requirement, again));
      g_assert_true (perry_requirement_equal (requirement, copy));
    }
}

static void
test_equal (void)
{
  static const char *const texts[] = {
    "{\"identity\": \"a\", \"issuer\": \"b\"}",
    "{\"identity\": \"b\", \"issuer\": \"b\"}",
    "{\"identity\": \"a\", \"issuer\": \"a\"}",
    "{\"identity_regexp\": \"a\", \"issuer\": \"b\"}",
    "{\"identity\": \"a\", \"issuer_regexp\": \"b\"}",
    "{\"identity\": \"a\", \"issuer\": \"b\", \"ignore_tlog\": true}",
    "{\"identity\": \"a\", \"issuer\": \"b\", \"ignore_sct\": true}",
    "{\"key\": \"/a\"}",
    "{\"key\": \"/b\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (guint j = 0; j < G_N_ELEMENTS (texts); j++)
      {
        g_autoptr (PerryRequirement) a = read_good (texts[i]);
        g_autoptr (PerryRequirement) b = read_good (texts[j]);
        g_autofree char *json_a = perry_requirement_to_json (a);
        g_autofree char *json_b = perry_requirement_to_json (b);

        g_assert_cmpint (perry_requirement_equal (a, b), ==, i == j);
        g_assert_cmpint (g_str_equal (json_a, json_b), ==, i == j);
      }
}

/* Each text with what the message has to say, all of it. */
static void
test_problems (void)
{
  static const struct {
    const char *text;
    const char *message;
  } cases[] = {
    { "null", "verification requirement: $.verify: must be an object, not null" },
    { "{}", "verification requirement: $.verify: has no members; give it identity and issuer, or key, or leave it out for "
            "the default" },
    { "{\"identity\": \"\", \"issuer\": \"i\"}", "verification requirement: $.verify.identity: is empty, which would ask "
                                                 "for nothing; leave it out or fill it in" },
    { "{\"identity\": \"a\", \"issuer\": \"\"}", "$.verify.issuer: is empty" },
    { "{\"identity_regexp\": \"\", \"issuer\": \"i\"}", "$.verify.identity_regexp: is empty" },
    { "{\"identity\": \"a\", \"issuer_regexp\": \"\"}", "$.verify.issuer_regexp: is empty" },
    { "{\"key\": \"\"}", "$.verify.key: is empty" },
    { "{\"identity\": \"a\"}", "$.verify: has no issuer and no issuer_regexp" },
    { "{\"issuer_regexp\": \"a\"}", "$.verify: has no identity and no identity_regexp" },
    { "{\"ignore_tlog\": true}", "2 problems in the verification requirement:\n  $.verify: has no identity and no "
                                 "identity_regexp\n  $.verify: has no issuer and no issuer_regexp" },
    { "{\"identity\": \"a\", \"identityRegexp\": \"a\", \"issuer\": \"i\"}",
      "$.verify.identity_regexp: contradicts identity; remove one of the two" },
    { "{\"identityRegexp\": \"a\", \"identity_regexp\": \"a\", \"issuer\": \"i\"}",
      "$.verify.identity_regexp: is there twice, as identity_regexp and as identityRegexp" },
    { "{\"key\": \"/k\", \"issuer\": \"i\"}", "$.verify.issuer: belongs to certificates and contradicts key" },
    { "{\"key\": \"/k\", \"ignore_sct\": true}", "$.verify.ignore_sct: belongs to certificates" },
    { "{\"key\": \"k.pem\"}", "$.verify.key: “k.pem” is not an absolute path" },
    { "{\"key\": \"--insecure\"}", "is not an absolute path" },
    { "{\"key\": \"awskms://x\"}", "is not an absolute path" },
    { "{\"identiti\": \"a\", \"issuer\": \"i\"}", "$.verify.identiti: unknown key “identiti”; did you mean identity?" },
    { "{\"mode\": \"a\", \"identity\": \"a\", \"issuer\": \"i\"}", "$.verify.mode: unknown key “mode”" },
    { "{\"identity\": 5, \"issuer\": \"i\"}", "$.verify.identity: must be a string, not a number" },
    { "{\"identity\": \"a\", \"issuer\": \"i\", \"ignore_tlog\": \"yes\"}",
      "$.verify.ignore_tlog: must be true or false, not a string" },
    { "{\"identity\": \"a\\nb\", \"issuer\": \"i\"}", "$.verify.identity: “a\\x0ab” has control characters" },
    { "{\"identity_regexp\": \"a(\", \"issuer\": \"i\"}", "$.verify.identity_regexp: “a(” is not a regular expression: " },
    { "{\"identity_regexp\": \"a)|(?:b\", \"issuer\": \"i\"}", "is not a regular expression: " },
    { "{\"identity_regexp\": \"\\\\Qa\", \"issuer\": \"i\"}", "is not a regular expression: " },
    { "{\"identity_regexp\": \".*\", \"issuer\": \"i\"}", "$.verify.identity_regexp: “.*” matches an empty text, so it "
                                                          "asks for nothing; write what has to be there" },
    { "{\"identity_regexp\": \"a|\", \"issuer\": \"i\"}", "matches an empty text" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryRequirement) requirement = read_text (cases[i].text, &error);

      g_assert_null (requirement);
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
      if (strstr (error->message, cases[i].message) == NULL)
        g_error ("%s: “%s” is not in “%s”", cases[i].text, cases[i].message, error->message);
    }
}

static void
test_all_at_once (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_text ("{\"identity\": \"\", \"issuer_regexp\": \"(\", \"mod\": 1, \"ignore_sct\": 1}", &error));
  g_assert_true (g_str_has_prefix (error->message, "4 problems in the verification requirement:\n"));
}

static void
test_long (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *longest = g_strnfill (2048, 'a');
  g_autofree char *good = g_strdup_printf ("{\"identity\":\"%s\",\"issuer\":\"i\"}", longest);
  g_autofree char *bad = g_strdup_printf ("{\"identity\":\"%sa\",\"issuer\":\"i\"}", longest);
  g_autoptr (PerryRequirement) requirement = read_good (good);

  g_assert_cmpuint (strlen (requirement->identity), ==, 2048);
  g_assert_null (read_text (bad, &error));
  g_assert_nonnull (strstr (error->message, "$.verify.identity: has more than 2048 bytes"));
}

/* A pattern has to match all of a text, whatever it consists of. */
static void
test_matching (void)
{
  static const struct {
    const char *pattern;
    const char *text;
    gboolean matches;
  } cases[] = {
    { "acme", "acme", TRUE },
    { "acme", "acme.evil", FALSE },
    { "acme", "x-acme", FALSE },
    { "acme|other", "acme.evil", FALSE },
    { "acme|other", "x-other", FALSE },
    { "acme|other", "other", TRUE },
    { "^acme$", "acme", TRUE },
    { "^acme$", "acme\n", FALSE },
    { "acme", "acme\nevil", FALSE },
    { "(?m)^acme$", "evil\nacme", FALSE },
    { "https://github\\.com/acme/.+", "https://github.com/acme/x@refs/heads/main", TRUE },
    { "https://github\\.com/acme/.+", "https://github.com/acme-evil/x", FALSE },
    { "acme", "ACME", FALSE },
    { "(?i)acme", "ACME", TRUE },
    { "acme.", "acme\xff", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PerryRequirement requirement = { .identity_regexp = (char *) cases[i].pattern,
                                       .issuer_regexp = (char *) cases[i].pattern };

      g_assert_cmpint (perry_requirement_matches_identity (&requirement, cases[i].text), ==, cases[i].matches);
      g_assert_cmpint (perry_requirement_matches_issuer (&requirement, cases[i].text), ==, cases[i].matches);
    }
}

/* What needs more steps than a pattern may have matches nothing; it must not stand still either. */
static void
test_slow_pattern (void)
{
  g_autofree char *text = g_strnfill (2000, 'a');
  PerryRequirement requirement = { .identity_regexp = (char *) "(a+)+b", .issuer = (char *) "i" };

  g_assert_false (perry_requirement_matches_identity (&requirement, text));
}

static void
test_key_matches_no_identity (void)
{
  g_autoptr (PerryRequirement) requirement = read_good ("{\"key\": \"/k\"}");

  g_assert_false (perry_requirement_matches_identity (requirement, ""));
  g_assert_false (perry_requirement_matches_issuer (requirement, ""));
}

static void
write_file (const char *path, const char *content)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, content, -1, &error);
  g_assert_no_error (error);
}

static char *
key_of (const char *path)
{
  g_autoptr (GError) error = NULL;
  PerryRequirement requirement = { .key = (char *) path };
  char *key = perry_requirement_dup_cache_key (&requirement, &error);

  g_assert_no_error (error);
  return key;
}

static void
assert_no_key (const char *path, PerryError code, const char *message)
{
  g_autoptr (GError) error = NULL;
  PerryRequirement requirement = { .key = (char *) path };

  g_assert_null (perry_requirement_dup_cache_key (&requirement, &error));
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_cache_key (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-requirement-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "cosign.pub", NULL);
  g_autofree char *fifo = g_build_filename (directory, "fifo", NULL);
  g_autofree char *large = g_strnfill (64 * 1024 + 1, 'x');
  g_autoptr (PerryRequirement) keyless = perry_requirement_new_default ();
  g_autofree char *keyless_json = perry_requirement_to_json (keyless);
  g_autofree char *keyless_key = perry_requirement_dup_cache_key (keyless, NULL);
  g_autofree char *first = NULL, *second = NULL, *expected = NULL;

  g_assert_cmpstr (keyless_key, ==, keyless_json);

  write_file (path, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
  first = key_of (path);
  expected = g_strdup_printf ("{\"key\":\"%s\",\"key_sha256\":\"", path);
  g_assert_true (g_str_has_prefix (first, expected));
  g_assert_true (perry_json_check (first, -1, NULL, NULL));
  write_file (path, "-----BEGIN PUBLIC KEY-----\nAAAB\n-----END PUBLIC KEY-----\n");
  second = key_of (path);
  g_assert_cmpstr (first, !=, second);

  write_file (path, "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n");
  assert_no_key (path, PERRY_ERROR_INVALID_ARGUMENT, "holds no public key");
  write_file (path, large);
  assert_no_key (path, PERRY_ERROR_LIMIT_EXCEEDED, "more than 65536 bytes");
  assert_no_key (directory, PERRY_ERROR_INVALID_ARGUMENT, "not a regular file");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_no_key (fifo, PERRY_ERROR_INVALID_ARGUMENT, "not a regular file");
  g_assert_cmpint (g_unlink (fifo), ==, 0);
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_no_key (path, PERRY_ERROR_NOT_FOUND, "No such file");
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/requirement/default", test_default);
  g_test_add_func ("/requirement/canonical", test_canonical);
  g_test_add_func ("/requirement/equal", test_equal);
  g_test_add_func ("/requirement/problems", test_problems);
  g_test_add_func ("/requirement/all-problems-at-once", test_all_at_once);
  g_test_add_func ("/requirement/long", test_long);
  g_test_add_func ("/requirement/matches-the-whole-text", test_matching);
  g_test_add_func ("/requirement/slow-pattern", test_slow_pattern);
  g_test_add_func ("/requirement/key-matches-no-identity", test_key_matches_no_identity);
  g_test_add_func ("/requirement/cache-key", test_cache_key);
  return g_test_run ();
}
