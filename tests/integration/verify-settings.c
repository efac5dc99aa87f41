/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "tests/integration/verify-place.h"

/* What configuration, environment, options and rules make of an image; and what cannot be read lets nothing through. */

#define IMAGE(name) VERIFY_PLACE_REGISTRY "/" name ":1"
#define PERRYCTL(...) perry_live_engine_perryctl (place->live, NULL, __VA_ARGS__, NULL)
#define RUN "run", "--rm", "--network", "none"
#define EXEMPT "[verify free]\npattern=127.0.0.1:*/free/**\naction=exempt\n"

static void
configure (VerifyPlace *place, const char *mode, const char *keys, const char *groups)
{
  const VerifySettings settings = { .mode = mode, .keys = keys, .groups = groups };

  verify_place_configure (place, &settings);
}

static PerryProcessResult *
expect (int status, PerryProcessResult *result)
{
  perry_live_assert_status (result, status);
  return result;
}

static void
test_warn (VerifyPlace *place)
{
  g_autoptr (PerryProcessResult) run = NULL;
  g_autoptr (PerryProcessResult) pull = NULL;
  g_autoptr (PerryProcessResult) signed_image = NULL;

  configure (place, "warn", NULL, NULL);
  run = expect (0, PERRYCTL (RUN, IMAGE ("key/unsigned"), "cat", "/perry-mark"));
  g_assert_cmpstr (perry_live_stdout (run), ==, "key/unsigned");
  verify_place_assert_words (run, "warning: |is not verified (unsigned): no signature was found");
  pull = expect (0, PERRYCTL ("pull", "-q", IMAGE ("leaf/expired")));
  verify_place_assert_words (pull, "warning: |is not verified (rejected): the certificate has expired");
  g_assert_cmpuint (verify_place_count_cached (place), ==, 0);
  signed_image = expect (0, PERRYCTL (RUN, "--pull", "always", IMAGE ("key/good"), "true"));
  g_assert_null (strstr (perry_live_stderr (signed_image), "warning: "));
  g_assert_cmpuint (verify_place_count_cached (place), ==, 1);
}

/* A single call may ask for more than the configuration does, and for less where no minimum forbids it. */
static void
test_modes (VerifyPlace *place)
{
  g_autofree char *key = g_build_filename (place->directory, "signers/cosign.pub", NULL);
  g_autoptr (PerryProcessResult) off = NULL;

  configure (place, "off", NULL, NULL);
  verify_place_assert_refused (place, 125, "(unsigned)|mode: enforce (this call)", RUN, "--verify", "enforce",
                               IMAGE ("key/unsigned"), "true", NULL);
  verify_place_assert_refused (place, 125, "(error)|mode: enforce (this call's requirement)", RUN, "--verify-key", key,
                               IMAGE ("key/good"), "true", NULL); /* whose signature is in no log */
  verify_place_assert_refused (place, 1, "(unsigned)|mode: enforce (this call)", "pull", "--verify", "enforce",
                               IMAGE ("key/unsigned"), NULL);
  verify_place_set_variable (place, "PERRY_CONTAINER_VERIFY_IMAGES", "strict");
  verify_place_assert_refused (place, 125, "(unsigned)|mode: enforce (environment PERRY_CONTAINER_VERIFY_IMAGES)", RUN,
                               IMAGE ("key/unsigned"), "true", NULL);
  off = expect (0, PERRYCTL (RUN, "--verify", "off", IMAGE ("key/unsigned"), "true"));
  verify_place_set_variable (place, "PERRY_CONTAINER_VERIFY_IMAGES", NULL);
}

static char *
make_spec (VerifyPlace *place, const char *key)
{
  return g_strdup_printf ("{\"image\": \"" IMAGE ("key/good") "\", \"cmd\": [\"cat\", \"/perry-mark\"], \"rm\": true, "
                          "\"network\": \"none\", \"verify\": {\"mode\": \"enforce\", \"key\": \"%s/signers/%s\", "
                          "\"ignore_tlog\": true}}", place->directory, key);
}

/* What satisfied one requirement says nothing about another, though it is the same image. */
static void
test_spec (VerifyPlace *place)
{
  g_autofree char *right = make_spec (place, "cosign.pub");
  g_autofree char *wrong = make_spec (place, "other.pub");
  g_autoptr (PerryProcessResult) verified = NULL;
  g_autoptr (PerryProcessResult) refused = NULL;

  configure (place, "off", NULL, NULL);
  verified = expect (0, perry_live_engine_perryctl (place->live, right, "run", "--spec", "-", NULL));
  g_assert_cmpstr (perry_live_stdout (verified), ==, "key/good");
  g_assert_cmpuint (verify_place_count_cached (place), ==, 1);
  refused = expect (125, perry_live_engine_perryctl (place->live, wrong, "run", "--spec", "-", NULL));
  verify_place_assert_words (refused, "(rejected): signed with another key|mode: enforce (this call)");
  g_assert_cmpuint (verify_place_count_cached (place), ==, 1);
  g_assert_cmpuint (verify_place_count_containers (place), ==, 0);
}

static void
test_exempt (VerifyPlace *place)
{
  g_autoptr (PerryProcessResult) result = NULL;
  g_autoptr (JsonNode) record = NULL;

  configure (place, NULL, NULL, EXEMPT);
  result = expect (0, PERRYCTL (RUN, IMAGE ("free/unsigned"), "cat", "/perry-mark"));
  g_assert_cmpstr (perry_live_stdout (result), ==, "free/unsigned");
  record = verify_place_read_record (place);
  g_assert_cmpstr (verify_text (record, "verdict"), ==, "exempt");
  g_assert_cmpstr (verify_text (record, "rule"), ==, "free");
  verify_place_clean (place);
  configure (place, NULL, NULL, NULL);
  verify_place_assert_refused (place, 125, "is not verified|pattern=" VERIFY_PLACE_REGISTRY "/free/unsigned and "
                               "action=exempt", RUN, IMAGE ("free/unsigned"), "true", NULL);
}

/* The administrator's file, where there is one for this command alone. */
static PerryProcessResult *
run_with_minimum (VerifyPlace *place, const char *const *arguments)
{
  g_autofree char *etc = g_build_filename (place->directory, "etc", NULL);
  g_autofree char *directory = g_build_filename (etc, "perry-container", NULL);
  g_autofree char *path = g_build_filename (directory, "perry.conf", NULL);
  g_auto (GStrv) command = perry_live_engine_command (place->live, arguments);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;
  const char *before[] = { "unshare", "--mount", "sh", "-c", "mount --bind \"$0\" /etc && exec \"$@\"", etc, NULL };
  PerryProcessOptions options = { .environment = (const char *const *) place->live->environment, .timeout_ms = 60000,
                                  .max_stdout = 65536, .max_stderr = 65536 };
  g_autoptr (GError) error = NULL;
  PerryProcessResult *result;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, "[verification]\nminimum-verification=enforce\n", -1, NULL));
  g_strv_builder_addv (builder, before);
  g_strv_builder_addv (builder, (const char **) command);
  argv = g_strv_builder_end (builder);
  result = perry_process_run ((const char *const *) argv, &options, NULL, &error);
  g_assert_no_error (error);
  return result;
}

static void
test_minimum (VerifyPlace *place)
{
  static const char *const exempt[] = { RUN, IMAGE ("free/unsigned"), "true", NULL };
  static const char *const off[] = { RUN, "--verify", "off", IMAGE ("key/unsigned"), "true", NULL };
  static const char *const good[] = { RUN, IMAGE ("key/good"), "true", NULL };
  g_autoptr (PerryProcessResult) refused = NULL;
  g_autoptr (PerryProcessResult) still_refused = NULL;
  g_autoptr (PerryProcessResult) runs = NULL;

  configure (place, "off", NULL, EXEMPT);
  refused = expect (125, run_with_minimum (place, exempt));
  verify_place_assert_words (refused, "is not verified|mode: enforce (minimum-verification|no rule can exempt it "
                             "(the rule “free” would)");
  still_refused = expect (125, run_with_minimum (place, off));
  verify_place_assert_words (still_refused, "(unsigned)|mode: enforce (minimum-verification");
  g_assert_cmpuint (verify_place_count_containers (place), ==, 0);
  g_assert_false (verify_place_has_image (place, "127.0.0.1"));
  runs = expect (0, run_with_minimum (place, good));
}

/* Images that no registry has. */
static void
test_in_the_engine_alone (VerifyPlace *place)
{
  g_autoptr (PerryProcessResult) list = NULL;
  g_autoptr (JsonNode) images = NULL;
  g_autoptr (PerryProcessResult) runs = NULL;
  const char *id;

  configure (place, NULL, NULL, NULL);
  list = expect (0, PERRYCTL ("images", "--format", "json"));
  images = perry_json_parse_bytes (list->stdout_bytes, NULL, NULL);
  id = verify_text (json_array_get_element (perry_json_as_array (images), 0), "id");
  verify_place_assert_refused (place, 125, "is the id of an image in an engine, which nobody signs", RUN, id, "true",
                               NULL);
  verify_place_assert_refused (place, 125, "is not verified|[verify NAME] with pattern=docker.io/library/busybox and "
                               "action=exempt", RUN, "busybox", "true", NULL);
  verify_place_assert_refused (place, 125, "is not verified|pattern=localhost/perry-probe and action=exempt", RUN,
                               "localhost/perry-probe:1", "/perry-probe", NULL);
  configure (place, NULL, NULL, "[verify own]\npattern=docker.io/library/busybox\naction=exempt\n");
  runs = expect (0, PERRYCTL (RUN, "busybox", "true"));
}

static void
test_noop (VerifyPlace *place)
{
  g_autoptr (PerryProcessResult) warned = NULL;

  configure (place, "enforce", "verifier=noop\n", NULL);
  verify_place_assert_refused (place, 125, "(not-verified): the verifier “noop” looks at no signature", RUN,
                               IMAGE ("key/good"), "true", NULL);
  configure (place, "enforce", "verifier=nothere\n", NULL);
  verify_place_assert_refused (place, 125, "(error)|nothere", RUN, IMAGE ("key/good"), "true", NULL);
  configure (place, "warn", "verifier=noop\n", NULL);
  warned = expect (0, PERRYCTL (RUN, IMAGE ("key/good"), "true"));
  verify_place_assert_words (warned, "warning: |is not verified (not-verified)");
}

/* Nobody may take a typing error for permission. */
static void
test_broken (VerifyPlace *place)
{
  static const struct { const char *mode, *keys, *groups, *words; } samples[] = {
    { "enforced", NULL, NULL, "enforced" },
    { NULL, "mode=off\n", NULL, "mode: this occurs twice" },
    { NULL, NULL, "[verify x]\npattern=docker.io/**\nidentity=\nissuer=https://issuer.example.com\n", "identity" },
    { NULL, NULL, "[verify x]\npattern=docker.io/**\nidentity=a\n", "issuer" },
    { NULL, NULL, "[verify x]\npattern=docker.io/**\naction=allow\n", "allow" },
    { NULL, NULL, "[verify x]\npattern=docker.io/**\nkey=/x\nidentitty=a\n", "identitty" },
    { NULL, NULL, "[verify x]\naction=exempt\n", "pattern" },
    { NULL, NULL, "[verify\n", "perry.conf" },
    { NULL, "minimum-verification=off\n", NULL, "minimum-verification" },
    { NULL, "cache-s=-1\n", NULL, "cache-s" },
    { NULL, NULL, "[plugin cosign]\nca-roots=/x\n", "this occurs twice" },
  };
  g_autofree char *path = g_build_filename (place->directory, "perry-container", "perry.conf", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      configure (place, samples[i].mode, samples[i].keys, samples[i].groups);
      verify_place_assert_refused (place, 125, samples[i].words, RUN, IMAGE ("key/good"), "true", NULL);
    }
  verify_place_write_configuration (place, NULL);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  verify_place_assert_refused (place, 125, path, RUN, IMAGE ("key/good"), "true", NULL);
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static void
test_broken_calls (VerifyPlace *place)
{
  configure (place, NULL, NULL, NULL);
  verify_place_set_variable (place, "PERRY_CONTAINER_VERIFY_IMAGES", "maybe");
  verify_place_assert_refused (place, 125, "PERRY_CONTAINER_VERIFY_IMAGES|maybe", RUN, IMAGE ("key/good"), "true",
                               NULL);
  verify_place_set_variable (place, "PERRY_CONTAINER_VERIFY_IMAGES", NULL);
  verify_place_assert_refused (place, 125, "maybe", RUN, "--verify", "maybe", IMAGE ("key/good"), "true", NULL);
  verify_place_assert_refused (place, 125, "identity", RUN, "--verify-identity", "", "--verify-issuer", "https://x",
                               IMAGE ("key/good"), "true", NULL);
  verify_place_assert_refused (place, 125, "issuer", RUN, "--verify-identity", "x", IMAGE ("key/good"), "true", NULL);
  verify_place_assert_refused (place, 125, "key", RUN, "--verify-key", "/nowhere.pub", IMAGE ("key/good"), "true",
                               NULL);
  verify_place_assert_refused (place, 1, "--verify-identity", "pull", "--verify-identity", "", "--verify-issuer",
                               "https://x", IMAGE ("key/good"), NULL);
}

static void
test_plan (VerifyPlace *place)
{
  g_autoptr (PerryProcessResult) pulled = NULL;
  g_autoptr (PerryProcessResult) plan = NULL;
  g_autoptr (PerryProcessResult) json = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *cache = g_build_filename (place->directory, "cache", NULL);
  JsonNode *verification;

  configure (place, NULL, NULL, NULL);
  verify_place_forget (place);
  verify_place_assert_refused (place, 125, "(unsigned)", "plan", IMAGE ("key/unsigned"), NULL);
  g_assert_false (g_file_test (cache, G_FILE_TEST_EXISTS));
  pulled = expect (0, PERRYCTL ("pull", "-q", IMAGE ("key/good")));
  verify_place_forget (place);
  plan = expect (0, PERRYCTL ("plan", IMAGE ("key/good")));
  g_assert_nonnull (strstr (perry_live_stdout (plan), "verified (mode: enforce, rule: by-key)"));
  json = expect (0, PERRYCTL ("plan", "--format", "json", IMAGE ("key/good")));
  node = perry_json_parse_bytes (json->stdout_bytes, NULL, NULL);
  verification = perry_json_find (node, "verification", NULL);
  g_assert_cmpstr (verify_text (verification, "verdict"), ==, "verified");
  g_assert_cmpstr (verify_text (verification, "digest"), ==, verify_place_get_digest (place, "lasting", "key/good"));
  g_assert_cmpuint (verify_place_count_cached (place), ==, 0);
  g_assert_cmpuint (verify_place_count_records (place), ==, 0);
  g_assert_cmpuint (verify_place_count_containers (place), ==, 0);
}

const VerifyTest verify_setting_tests[] = {
  { "warn", test_warn },
  { "modes", test_modes },
  { "spec", test_spec },
  { "exempt", test_exempt },
  { "minimum", test_minimum },
  { "in-the-engine-alone", test_in_the_engine_alone },
  { "noop", test_noop },
  { "broken", test_broken },
  { "broken-calls", test_broken_calls },
  { "plan", test_plan },
  { NULL, NULL },
};
