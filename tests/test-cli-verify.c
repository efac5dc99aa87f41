/* SPDX-License-Identifier: Apache-2.0 */
/* perryctl verify and perryctl image resolve as a program: a registry in this process, a verifier from outside the tree
 * that knows digests by heart, and a program in cosign's place. No engine is there. */
#include <string.h>

#include <gio/gio.h>

#include "core/perry-container.h"
#include "tests/fake/perry-fake-registry.h"
#include "tests/test-folder.h"

typedef struct {
  PerryFakeRegistry *registry;
  char *directory;
  char *good; /* digests: app:1, which is signed */
  char *bad;  /* app:2 */
  char *index; /* multi:1 */
} Fixture;

typedef struct {
  int code;
  char *out;
  char *err;
} Outcome;

static void
clear_outcome (Outcome *outcome)
{
  g_free (outcome->out);
  g_free (outcome->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, clear_outcome)

static char *
make_path (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}

/* @verifier: `pinned`, which takes app:1 and multi:1 for good, or `cosign`, which is a program of the test's. */
static void
configure (Fixture *fixture, const char *verifier)
{
  g_autofree char *text = g_strdup_printf (
      "[verification]\nverifier=%s\nlog=%s/log\n"
      "[plugin pinned]\ndigests=%s;%s\n[plugin cosign]\nprogram=%s/bin/cosign\n"
      "[verify all]\npattern=127.0.0.1:*/**\nkey=%s/key.pub\nignore-tlog=true\n"
      "[verify free]\npattern=127.0.0.1:*/free/*\naction=exempt\n",
      verifier, fixture->directory, fixture->good, fixture->index, fixture->directory, fixture->directory);

  test_folder_write (fixture->directory, "perry-container/perry.conf", text);
}

static void
copy_fake_cosign (Fixture *fixture)
{
  g_autofree char *built = g_test_build_filename (G_TEST_BUILT, "cosign", "fake-cosign", NULL);
  g_autofree char *program = make_path (fixture, "bin/cosign");
  const char *argv[] = { "install", "-D", "-m", "755", built, program, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
  /* the flags of a cosign 2 */
  test_folder_write (fixture->directory, "bin/help", "  --certificate-identity\n  --certificate-identity-regexp\n"
                     "  --certificate-oidc-issuer\n"
                     "  --certificate-oidc-issuer-regexp\n  --insecure-ignore-sct\n  --insecure-ignore-tlog\n  --key\n"
                     "  --registry-cacert\n  --trusted-root\n  --ca-roots\n  --new-bundle-format=false\n");
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const char *entries[] = { NULL, "linux/amd64", NULL, "linux/arm64", NULL };
  g_autofree char *amd64 = NULL;
  g_autofree char *arm64 = NULL;

  fixture->directory = g_dir_make_tmp ("perry-cli-verify-XXXXXX", NULL);
  fixture->registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_REFERRERS);
  fixture->good = perry_fake_registry_add_image (fixture->registry, "app", "1", "linux/amd64", "one");
  fixture->bad = perry_fake_registry_add_image (fixture->registry, "app", "2", "linux/amd64", "two");
  g_free (perry_fake_registry_add_image (fixture->registry, "free/app", "1", "linux/amd64", "free"));
  entries[0] = amd64 = perry_fake_registry_add_image (fixture->registry, "multi", NULL, "linux/amd64", "amd64");
  entries[2] = arm64 = perry_fake_registry_add_image (fixture->registry, "multi", NULL, "linux/arm64", "arm64");
  fixture->index = perry_fake_registry_add_index (fixture->registry, "multi", "1", entries);
  test_folder_write (fixture->directory, "key.pub", "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaaaa\n"
                     "-----END PUBLIC KEY-----\n");
  copy_fake_cosign (fixture);
  configure (fixture, "pinned");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_folder_remove (fixture->directory);
  perry_fake_registry_free (fixture->registry);
  g_free (fixture->directory);
  g_free (fixture->good);
  g_free (fixture->bad);
  g_free (fixture->index);
}

static GSubprocessLauncher *
new_launcher (Fixture *fixture)
{
  g_autofree char *cosign = g_test_build_filename (G_TEST_BUILT, "..", "plugins", "cosign", NULL);
  g_autofree char *noop = g_test_build_filename (G_TEST_BUILT, "..", "plugins", "noop", NULL);
  g_autofree char *pinned = g_test_build_filename (G_TEST_BUILT, "plugins", "pinned", NULL);
  g_autofree char *plugins = g_strjoin (":", cosign, noop, pinned, NULL);
  g_autofree char *cache = make_path (fixture, "cache");
  GSubprocessLauncher *launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  const char *const pairs[] = { "PERRY_PLUGIN_PATH", plugins, "XDG_CONFIG_HOME", fixture->directory,
                                "XDG_RUNTIME_DIR", fixture->directory, "XDG_CACHE_HOME", cache,
                                "HOME", fixture->directory, "DOCKER_CONFIG", fixture->directory,
                                "DOCKER_HOST", "unix:///nowhere", "CONTAINER_HOST", "unix:///nowhere" };
  static const char *const unwanted[] = { "PERRY_CONTAINER_BACKEND", "PERRY_CONTAINER_VERIFY_IMAGES",
                                          "PERRY_CONTAINER_VERIFIER", "REGISTRY_AUTH_FILE", "http_proxy",
                                          "https_proxy" };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i += 2)
    g_subprocess_launcher_setenv (launcher, pairs[i], pairs[i + 1], TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (unwanted); i++)
    g_subprocess_launcher_unsetenv (launcher, unwanted[i]);
  return launcher;
}

static char *
replace (const char *text, const char *from, const char *to)
{
  g_auto (GStrv) parts = g_strsplit (text, from, -1);

  return g_strjoinv (to, parts);
}

/* @words: separated by `|`; the registry's name stands for `REGISTRY` in both directions. */
static Outcome
run_with (Fixture *fixture, const char *variable, const char *value, const char *words)
{
  const char *name = perry_fake_registry_get_name (fixture->registry);
  g_autofree char *perryctl = g_test_build_filename (G_TEST_BUILT, "..", "cli", "perryctl", NULL);
  g_autofree char *named = replace (words, "REGISTRY", name);
  g_autofree char *line = g_strconcat (perryctl, "|", named, NULL);
  g_auto (GStrv) argv = g_strsplit (line, "|", -1);
  g_autoptr (GSubprocessLauncher) launcher = new_launcher (fixture);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  Outcome outcome;

  if (variable != NULL)
    g_subprocess_launcher_setenv (launcher, variable, value, TRUE);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, &err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  outcome = (Outcome){ g_subprocess_get_exit_status (process), replace (out, name, "REGISTRY"),
                       replace (err, name, "REGISTRY") };
  g_test_message ("%s: %d\n%s%s", words, outcome.code, outcome.out, outcome.err);
  return outcome;
}

static Outcome
run (Fixture *fixture, const char *words)
{
  return run_with (fixture, NULL, NULL, words);
}

static char *
replace_regex (const char *text, const char *pattern, const char *to)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);

  return g_regex_replace_literal (regex, text, -1, 0, to, 0, NULL);
}

/* Compares with tests/fixtures/verify/NAME; PERRY_UPDATE_GOLDEN=1 writes it instead. Times, paths, and how wide a column
 * is for the sake of the registry's name, are no part of it. */
static void
assert_golden (Fixture *fixture, const char *text, const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "verify", name, NULL);
  g_autofree char *timeless = replace_regex (text, "\"duration_ms\": [0-9.e-]+", "\"duration_ms\": 0");
  g_autofree char *narrow = replace_regex (timeless, "(?<=\\S)  +", "  ");
  g_autofree char *placeless = replace (narrow, fixture->directory, "DIRECTORY");
  g_autofree char *golden = NULL;
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (g_getenv ("PERRY_UPDATE_GOLDEN"), "1") == 0)
    g_file_set_contents (path, placeless, -1, &error);
  else
    g_file_get_contents (path, &golden, NULL, &error);
  g_assert_no_error (error);
  if (golden != NULL)
    g_assert_cmpstr (placeless, ==, golden);
}

static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is not in “%s”", part, text);
}

static guint
count (const char *text, const char *part)
{
  g_auto (GStrv) parts = g_strsplit (text, part, -1);

  return g_strv_length (parts) - 1;
}

static guint
count_lines (Fixture *fixture, const char *name, const char *line)
{
  g_autofree char *path = make_path (fixture, name);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? count (text, line) : 0;
}

#define ALL "REGISTRY/app:1|REGISTRY/app:2|REGISTRY/free/app:1|REGISTRY/none:1|REGISTRY/multi:1"

static void
test_table (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) outcome = run (fixture, "verify|--platform|linux/amd64|" ALL);

  g_assert_cmpint (outcome.code, ==, 2);
  assert_golden (fixture, outcome.out, "table.txt");
  g_assert_cmpstr (outcome.err, ==, "");
}

static void
test_json (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) outcome = run (fixture, "verify|--format|json|--platform|linux/amd64|" ALL);

  g_assert_cmpint (outcome.code, ==, 2);
  assert_golden (fixture, outcome.out, "verify.json");
}

/* Each decision is in the log, and the exit code is the worst. */
static void
test_exit_codes (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *words; int code; const char *out; } samples[] = {
    { "verify|REGISTRY/app:1", 0, "verified" },
    { "verify|REGISTRY/free/app:1", 0, "exempt" },
    { "verify|REGISTRY/app:1|REGISTRY/free/app:1", 0, "exempt" },
    { "verify|REGISTRY/app:2", 2, "rejected" },
    { "verify|REGISTRY/app:2|REGISTRY/app:1", 2, "verified" },
    { "verify|REGISTRY/none:1", 1, "error" },
    { "verify|REGISTRY/none:1|REGISTRY/app:1", 1, "verified" },
    { "verify|REGISTRY/none:1|REGISTRY/app:2", 2, "rejected" },
    { "verify|REGISTRY/app:2|REGISTRY/none:1", 2, "error" },
    { "verify|127.0.0.1:1/app:1", 1, "error" },
    { "verify|sha256:1111111111111111111111111111111111111111111111111111111111111111", 1, "nobody signs" },
    { "verify|--verifier|noop|REGISTRY/app:1", 1, "not-verified" },
    { "verify|--verifier|nothere|REGISTRY/app:1", 1, "nothere" },
    { "verify|--quietly|REGISTRY/app:1", 1, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_auto (Outcome) outcome = run (fixture, samples[i].words);

      g_assert_cmpint (outcome.code, ==, samples[i].code);
      assert_contains (outcome.out, samples[i].out);
    }
  g_assert_cmpuint (count_lines (fixture, "log", "\n"), ==, 18);
}

static void
test_unsigned (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) outcome = { 0 };
  g_auto (Outcome) unsure = { 0 };
  const PerryFakeRegistryFault fault = { .path = ".*/referrers/.*", .status = 500 };

  configure (fixture, "cosign");
  test_folder_write (fixture->directory, "bin/first.stderr",
                     "Error: no signatures found\nerror during command execution: no signatures found\n");
  test_folder_write (fixture->directory, "bin/first.status", "10");
  outcome = run (fixture, "verify|REGISTRY/app:1");
  g_assert_cmpint (outcome.code, ==, 2);
  assert_contains (outcome.out, "unsigned");
  perry_fake_registry_add_fault (fixture->registry, &fault);
  unsure = run (fixture, "verify|REGISTRY/app:1");
  g_assert_cmpint (unsure.code, ==, 1);
  assert_contains (unsure.out, "whether there are signatures cannot be told");
}

static void
test_explain (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) text = run (fixture, "verify|--explain|REGISTRY/app:1|REGISTRY/free/app:1|alpine");
  g_auto (Outcome) json = run_with (fixture, "PERRY_CONTAINER_VERIFY_IMAGES", "warn",
                                    "verify|--explain|--format|json|REGISTRY/app:1|REGISTRY/free/app:1|alpine");

  g_assert_cmpint (text.code, ==, 0);
  assert_golden (fixture, text.out, "explain.txt");
  g_assert_cmpint (json.code, ==, 0);
  assert_golden (fixture, json.out, "explain.json");
  g_assert_cmpuint (perry_fake_registry_count_requests (fixture->registry, NULL, ".*"), ==, 0);
  g_assert_cmpuint (count_lines (fixture, "log", "\n"), ==, 0);
}

#define QUESTIONS count_lines (fixture, "bin/log", "\n--key=")

/* How often the program was started says what was known. */
static void
test_cache (Fixture *fixture, gconstpointer data)
{
  g_autofree char *answer = g_strdup_printf ("[{\"critical\": {\"identity\": {\"docker-reference\": \"\"}, \"image\": "
                                             "{\"docker-manifest-digest\": \"%s\"}, \"type\": \"cosign container image "
                                             "signature\"}, \"optional\": null}]", fixture->good);
  g_auto (Outcome) first = { 0 };
  g_auto (Outcome) second = { 0 };
  g_auto (Outcome) anew = { 0 };
  g_auto (Outcome) cleared = { 0 };
  g_auto (Outcome) nothing = { 0 };
  g_auto (Outcome) after = { 0 };
  g_auto (Outcome) both = { 0 };

  configure (fixture, "cosign");
  test_folder_write (fixture->directory, "bin/first.stdout", answer);
  first = run (fixture, "verify|REGISTRY/app:1");
  g_assert_cmpint (first.code, ==, 0);
  g_assert_cmpuint (count (first.out, "known from before"), ==, 0);
  g_assert_cmpuint (QUESTIONS, ==, 1);
  second = run (fixture, "verify|REGISTRY/app:1");
  assert_contains (second.out, "(known from before)");
  g_assert_cmpuint (QUESTIONS, ==, 1);
  anew = run (fixture, "verify|--no-cache|REGISTRY/app:1");
  g_assert_cmpuint (count (anew.out, "known from before"), ==, 0);
  g_assert_cmpuint (QUESTIONS, ==, 2);
  cleared = run (fixture, "verify|--clear-cache");
  g_assert_cmpint (cleared.code, ==, 0);
  g_assert_cmpstr (cleared.out, ==, "1 image forgotten\n");
  nothing = run (fixture, "verify|--clear-cache");
  g_assert_cmpstr (nothing.out, ==, "0 images forgotten\n");
  after = run (fixture, "verify|REGISTRY/app:1");
  g_assert_cmpuint (QUESTIONS, ==, 3);
  both = run (fixture, "verify|--clear-cache|REGISTRY/app:1");
  g_assert_cmpint (both.code, ==, 0);
  g_assert_cmpuint (count (both.out, "forgotten") + count (both.out, "known from before"), ==, 0);
  g_assert_cmpuint (QUESTIONS, ==, 4);
}

static void
test_requirement (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *words, *err; } samples[] = {
    { "verify", "name an image: verify IMAGE..." },
    { "verify|--explain", "name an image: verify IMAGE..." },
    { "verify|--no-cache", "name an image: verify IMAGE..." },
    { "verify|UPPER/app", "UPPER" },
    { "verify|--explain|--no-cache|REGISTRY/app:1", "asks nobody: leave out --no-cache" },
    { "verify|--explain|--platform|linux/arm64|REGISTRY/app:1", "asks nobody: leave out --platform" },
    { "verify|--explain|--verify-key|x|REGISTRY/app:1", "asks nobody: leave out --verify-key" },
    { "verify|--format|xml|REGISTRY/app:1", "--format is text or json" },
    { "verify|--platform|linux/z80|REGISTRY/app:1", "z80" },
    { "verify|--verify-identity||--verify-issuer|x|REGISTRY/app:1", "--verify-identity: is empty" },
    { "verify|--verify-identity|x|REGISTRY/app:1", "has no issuer" },
    { "verify|--verify-issuer|x|REGISTRY/app:1", "has no identity" },
    { "verify|--verify-identity|x|--verify-identity-regexp|x|--verify-issuer|x|REGISTRY/app:1", "identity_regexp" },
    { "verify|--verify-identity-regexp|(|--verify-issuer|x|REGISTRY/app:1", "identity_regexp: “(” is not a regular" },
    { "verify|--verify-key|x|--verify-issuer|x|REGISTRY/app:1", "key" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_auto (Outcome) outcome = run (fixture, samples[i].words);

      g_assert_cmpint (outcome.code, ==, 1);
      g_assert_cmpstr (outcome.out, ==, "");
      assert_contains (outcome.err, samples[i].err);
    }
  g_assert_cmpuint (perry_fake_registry_count_requests (fixture->registry, NULL, ".*"), ==, 0);
}

/* A name that is none keeps nobody from the others. */
static void
test_several (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) outcome = run (fixture, "verify|--format|json|REGISTRY/UPPER|REGISTRY/app:1");
  g_autoptr (JsonNode) node = perry_json_parse (outcome.out, -1, NULL, NULL);

  g_assert_cmpint (outcome.code, ==, 1);
  assert_contains (outcome.err, "perryctl: verify: ");
  g_assert_cmpuint (json_array_get_length (perry_json_as_array (node)), ==, 1);
}

/* A plugin that somebody else has built is taken by its name, wherever that stands. */
static void
test_verifier (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) plugins = run (fixture, "plugins");
  g_auto (Outcome) configured = run (fixture, "verify|--format|json|REGISTRY/app:1");
  g_auto (Outcome) rejected = run (fixture, "verify|REGISTRY/app:2");
  g_auto (Outcome) option = { 0 };
  g_auto (Outcome) variable = { 0 };

  assert_contains (plugins.out, "pinned");
  g_assert_cmpint (configured.code, ==, 0);
  assert_contains (configured.out, "\"verifier\": \"pinned\"");
  assert_contains (rejected.out, "add its digest to the option digests");
  configure (fixture, "noop");
  option = run (fixture, "verify|--verifier|pinned|REGISTRY/app:1");
  g_assert_cmpint (option.code, ==, 0);
  variable = run_with (fixture, "PERRY_CONTAINER_VERIFIER", "pinned", "verify|REGISTRY/app:1");
  g_assert_cmpint (variable.code, ==, 0);
}

static void
test_resolve (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) text = run (fixture, "image|resolve|--platform|linux/aarch64|REGISTRY/multi:1");
  g_auto (Outcome) json = run (fixture, "image|resolve|--format|json|--platform|linux/arm64|REGISTRY/multi:1");
  g_auto (Outcome) quiet = run (fixture, "image|resolve|-q|REGISTRY/app:1");
  g_autofree char *pinned = g_strdup_printf ("REGISTRY/app@%s\n", fixture->good);

  g_assert_cmpint (text.code, ==, 0);
  assert_golden (fixture, text.out, "resolve.txt");
  g_assert_cmpint (json.code, ==, 0);
  assert_golden (fixture, json.out, "resolve.json");
  g_assert_cmpint (quiet.code, ==, 0);
  g_assert_cmpstr (quiet.out, ==, pinned);
}

static void
test_unresolved (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *words, *err; } samples[] = {
    { "image", "too few arguments" },
    { "image|resolve", "too few arguments" },
    { "image|resolv|REGISTRY/app:1", "resolve" },
    { "image|resolve|-q|REGISTRY/none:1", "there is no such image" },
    { "image|resolve|-q|127.0.0.1:1/app:1", "refused" },
    { "image|resolve|-q|UPPER/x", "UPPER" },
    { "image|resolve|-q|--platform|linux/s390x|REGISTRY/multi:1", "linux/s390x" },
    { "image|resolve|-q|--platform|a/b/c/d|REGISTRY/multi:1", "is not a platform" },
    { "image|resolve|-q|sha256:1111111111111111111111111111111111111111111111111111111111111111", "id" },
  };
  g_auto (Outcome) several = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_auto (Outcome) outcome = run (fixture, samples[i].words);

      g_assert_cmpint (outcome.code, ==, 1);
      g_assert_cmpstr (outcome.out, ==, "");
      assert_contains (outcome.err, samples[i].err);
    }
  several = run (fixture, "image|resolve|-q|REGISTRY/none:1|REGISTRY/app:1");
  g_assert_cmpint (several.code, ==, 1);
  assert_contains (several.out, fixture->good);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*function) (Fixture *fixture, gconstpointer data); } tests[] = {
    { "table", test_table },         { "json", test_json },           { "exit-codes", test_exit_codes },
    { "unsigned", test_unsigned },   { "explain", test_explain },     { "cache", test_cache },
    { "requirement", test_requirement }, { "several", test_several }, { "verifier", test_verifier },
    { "resolve", test_resolve },     { "unresolved", test_unresolved },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/cli-verify/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].function, tear_down);
    }
  return g_test_run ();
}
