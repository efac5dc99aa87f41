/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "tests/integration/perry-live-engine.h"

/* Pulls on a real engine from real registries on its loopback; the backend is the first argument, its runtime the second,
 * and with a third one Docker has containerd's image store. */
static PerryLiveEngine *live;
static JsonNode *digests; /* of the open registry, by name */
static char *archive;

#define OPEN_PORT "5050"
#define PRIVATE_PORT "5051"
#define NOBODYS_PORT "5052"
#define DEMO "127.0.0.1:" OPEN_PORT "/demo"
#define PRIVATE "127.0.0.1:" PRIVATE_PORT "/demo"
#define PERRYCTL(...) perry_live_engine_perryctl (live, NULL, __VA_ARGS__, NULL)

static PerryProcessResult *
expect (int status, PerryProcessResult *result)
{
  perry_live_assert_status (result, status);
  return result;
}

/* Runs a script and returns its JSON. */
static JsonNode *
run_script (const char *const *argv)
{
  PerryProcessOptions options = { .timeout_ms = 60000, .max_stdout = 65536, .max_stderr = 65536 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryProcessResult) result = perry_process_run (argv, &options, NULL, &error);
  JsonNode *node;

  g_assert_no_error (error);
  perry_live_assert_status (result, 0);
  node = perry_json_parse_bytes (result->stdout_bytes, NULL, &error);
  g_assert_no_error (error);
  return node;
}

static JsonNode *
start_registry (const char *port, const char *flag)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "integration", "start-registry.sh", NULL);
  const char *argv[] = { script, live->directory, port, archive, flag, NULL };

  return run_script (argv);
}

/* What the registry has, as a reference by digest. */
static char *
pin (const char *name)
{
  return g_strconcat (DEMO "@", perry_json_as_string (perry_json_find (digests, name, NULL)), NULL);
}

static void
assert_last_line (PerryProcessResult *result, const char *expected)
{
  g_autofree char *line = g_strconcat (expected, "\n", NULL);

  g_assert_cmpstr (perry_live_stdout (result), ==, line);
}

/* Podman does not tell which of the digests of an image was served: that of the index or the platform's own. */
static void
assert_pinned_by_index (PerryProcessResult *result)
{
  g_autofree char *index = pin ("1");
  g_autofree char *own = pin ("single");
  gboolean is_own = g_str_equal (live->backend, "podman") && strstr (perry_live_stdout (result), own) != NULL;

  assert_last_line (result, is_own ? own : index);
}

static void
remove_images (void)
{
  g_autoptr (PerryProcessResult) list = expect (0, PERRYCTL ("images", "--format", "json"));
  g_autoptr (JsonNode) images = perry_json_parse_bytes (list->stdout_bytes, NULL, NULL);

  for (guint i = 0; i < json_array_get_length (perry_json_as_array (images)); i++)
    {
      JsonNode *image = json_array_get_element (perry_json_as_array (images), i);
      g_autofree char *text = perry_json_to_text (image, FALSE);
      g_autoptr (PerryProcessResult) removed = NULL;

      if (strstr (text, "/demo") != NULL)
        removed = expect (0, PERRYCTL ("rmi", "-f", perry_json_as_string (perry_json_find (image, "id", NULL))));
    }
}

static void
test_by_tag_and_digest (void)
{
  g_autofree char *single = pin ("single");
  g_autofree char *index = pin ("1");
  g_autoptr (PerryProcessResult) by_tag = NULL;
  g_autoptr (PerryProcessResult) again = NULL;
  g_autoptr (PerryProcessResult) by_digest = NULL;
  g_autoptr (PerryProcessResult) run = NULL;

  by_tag = expect (0, PERRYCTL ("pull", DEMO ":single"));
  assert_last_line (by_tag, single);
  g_assert_true (g_str_has_prefix (perry_live_stderr (by_tag), DEMO ":single: Pulling\n"));
  again = expect (0, PERRYCTL ("pull", "-q", DEMO ":single"));
  assert_last_line (again, single);
  g_assert_cmpstr (perry_live_stderr (again), ==, "");
  by_digest = expect (0, PERRYCTL ("pull", "-q", index));
  assert_last_line (by_digest, index);
  run = expect (7, PERRYCTL ("run", "--rm", "--network", "none", "--pull", "never", index, "sh", "-c", "exit 7"));
  remove_images ();
}

static void
test_index_by_tag (void)
{
  g_autoptr (PerryProcessResult) result = expect (0, PERRYCTL ("pull", "-q", DEMO ":1"));

  assert_pinned_by_index (result);
  remove_images ();
}

static void
test_platform (void)
{
  g_autofree char *arm64 = pin ("arm64");
  g_autoptr (PerryProcessResult) foreign = NULL;
  g_autoptr (PerryProcessResult) by_digest = NULL;
  g_autoptr (PerryProcessResult) without = NULL;
  g_autoptr (PerryProcessResult) unknown = NULL;
  g_autoptr (JsonNode) image = NULL;
  JsonNode *first;

  foreign = expect (0, PERRYCTL ("pull", "--format", "json", "--platform", "linux/arm64", DEMO ":1"));
  image = perry_json_parse_bytes (foreign->stdout_bytes, NULL, NULL);
  first = json_array_get_element (perry_json_as_array (image), 0);
  g_assert_cmpstr (perry_json_as_string (perry_json_find (first, "architecture", NULL)), ==, "arm64");
  by_digest = expect (0, PERRYCTL ("pull", "-q", "--platform", "linux/arm64", arm64));
  assert_last_line (by_digest, arm64);
  /* The engines take what there is and say that all is well; Docker 26 alone does not. */
  without = expect (1, PERRYCTL ("pull", "-q", "--platform", "linux/arm64", DEMO ":single"));
  g_assert_true (strstr (perry_live_stderr (without), "for linux/amd64 after it was pulled for linux/arm64") != NULL
                 || (strstr (perry_live_stderr (without), "wanted linux/arm64, actual: linux/amd64") != NULL
                     && strstr (perry_live_stderr (without), "not for this platform") != NULL));
  unknown = expect (1, PERRYCTL ("pull", "-q", "--platform", "linux/s390x", DEMO ":1"));
  g_assert_nonnull (strstr (perry_live_stderr (unknown), "not for this platform"));
  remove_images ();
}

/* Whatever the engine keeps under the index's digest, the other platform is never taken for the one that was asked for. */
static void
test_both_platforms (void)
{
  g_autofree char *index = pin ("1");
  g_autoptr (PerryProcessResult) own = expect (0, PERRYCTL ("pull", "-q", index));
  g_autoptr (PerryProcessResult) foreign = PERRYCTL ("pull", "--format", "json", "--platform", "linux/arm64", index);

  if (foreign->exit_status == 0)
    g_assert_nonnull (strstr (perry_live_stdout (foreign), "\"architecture\": \"arm64\""));
  else
    g_assert_nonnull (strstr (perry_live_stderr (foreign), "keeps"));
  remove_images ();
}

static void
test_refusals (void)
{
  static const struct { const char *reference, *words; } samples[] = {
    { DEMO ":none", "check the name; if the repository is private, log in to 127.0.0.1:" OPEN_PORT " first" },
    { "127.0.0.1:" OPEN_PORT "/nothing:1", "check the name" },
    { DEMO "@sha256:1111111111111111111111111111111111111111111111111111111111111111", "check the name" },
    { "127.0.0.1:" NOBODYS_PORT "/demo:1", "the engine cannot talk to the registry 127.0.0.1:" NOBODYS_PORT },
    { PRIVATE ":1", "log in with `docker login 127.0.0.1:" PRIVATE_PORT "`" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (PerryProcessResult) result = expect (1, PERRYCTL ("pull", "-q", samples[i].reference));

      g_test_message ("%s", perry_live_stderr (result));
      g_assert_nonnull (strstr (perry_live_stderr (result), samples[i].reference));
      g_assert_nonnull (strstr (perry_live_stderr (result), samples[i].words));
      g_assert_cmpstr (perry_live_stdout (result), ==, "");
    }
}

static void
log_in (const char *password)
{
  g_autofree char *login = g_strconcat ("ann:", password, NULL);
  g_autofree char *encoded = g_base64_encode ((const guchar *) login, strlen (login));
  g_autofree char *text = g_strdup_printf ("{\"auths\":{\"127.0.0.1:" PRIVATE_PORT "\":{\"auth\":\"%s\"}}}", encoded);
  g_autofree char *path = g_build_filename (live->directory, "config.json", NULL);

  g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
test_private_registry (void)
{
  g_autoptr (PerryProcessResult) wrong = NULL;
  g_autoptr (PerryProcessResult) right = NULL;

  log_in ("wr0ng");
  wrong = expect (1, PERRYCTL ("pull", PRIVATE ":1"));
  g_assert_nonnull (strstr (perry_live_stderr (wrong), "log in with"));
  g_assert_null (strstr (perry_live_stderr (wrong), "wr0ng"));
  log_in ("s3cret");
  right = expect (0, PERRYCTL ("pull", PRIVATE ":1"));
  g_assert_null (strstr (perry_live_stderr (right), "s3cret"));
  g_assert_true (g_str_has_prefix (perry_live_stdout (right), PRIVATE "@sha256:"));
  remove_images ();
}

static void
test_run (void)
{
  g_autoptr (PerryProcessResult) never = NULL;
  g_autoptr (PerryProcessResult) plan = NULL;
  g_autoptr (PerryProcessResult) missing = NULL;
  g_autoptr (PerryProcessResult) there = NULL;
  g_autoptr (PerryProcessResult) created = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;

  never = expect (125, PERRYCTL ("run", "--rm", "--pull", "never", DEMO ":single", "true"));
  plan = expect (125, PERRYCTL ("plan", DEMO ":single"));
  g_assert_nonnull (strstr (perry_live_stderr (plan), "has no image " DEMO ":single"));
  missing = expect (3, PERRYCTL ("run", "--rm", "--network", "none", DEMO ":single", "sh", "-c", "echo out; exit 3"));
  g_assert_cmpstr (perry_live_stdout (missing), ==, "out\n");
  g_assert_true (g_str_has_prefix (perry_live_stderr (missing), DEMO ":single: Pulling\n"));
  there = expect (0, PERRYCTL ("run", "--rm", "--network", "none", DEMO ":single", "true"));
  g_assert_cmpstr (perry_live_stderr (there), ==, "");
  created = expect (0, PERRYCTL ("create", "--name", "pulled", "--network", "none", "--pull", "always", DEMO ":single",
                                 "true"));
  removed = expect (0, PERRYCTL ("rm", "pulled"));
  remove_images ();
}

/* What was printed leads to the image that was pulled, also when the tag leads elsewhere. Podman 5 forgets the name of an
 * image whose tag has moved, and has to fetch it again. */
static void
test_moved_tag (void)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "integration", "fill-registry", NULL);
  g_autofree char *pid = NULL;
  g_autofree char *path = g_build_filename (live->directory, "place.pid", NULL);
  g_autoptr (PerryProcessResult) first = expect (0, PERRYCTL ("pull", "-q", DEMO ":1"));
  g_autoptr (PerryProcessResult) second = NULL;
  g_autoptr (PerryProcessResult) old = NULL;
  g_autoptr (JsonNode) moved = NULL;
  g_autofree char *before = g_strchomp (g_strdup (perry_live_stdout (first)));
  g_autofree char *after = NULL;

  assert_pinned_by_index (first);
  g_assert_true (g_file_get_contents (path, &pid, NULL, NULL));
  g_strstrip (pid);
  {
    const char *argv[] = { "nsenter", "--target", pid, "--net", "--", script, archive, OPEN_PORT, "--move", NULL };

    moved = run_script (argv);
  }
  after = g_strconcat (DEMO "@", perry_json_as_string (perry_json_find (moved, "1", NULL)), NULL);
  g_assert_cmpstr (before, !=, after);
  second = expect (0, PERRYCTL ("pull", "-q", DEMO ":1"));
  assert_last_line (second, after);
  old = expect (0, PERRYCTL ("run", "--rm", "--network", "none", before, "true"));
  remove_images ();
}

static gboolean
has_registry (char **ret_reason)
{
  g_autofree char *program = g_find_program_in_path ("docker-registry");

  if (program != NULL)
    return TRUE;
  if (g_strcmp0 (g_getenv ("PERRY_TEST_REQUIRE_ENGINES"), "1") == 0)
    g_error ("docker-registry is not installed");
  *ret_reason = g_strdup ("docker-registry is not installed");
  return FALSE;
}

static void
set_up (void)
{
  g_autoptr (JsonNode) private_digests = NULL;

  archive = g_build_filename (live->directory, "busybox.tar", NULL);
  /* The caller's own credentials are none of this test's. */
  live->environment = g_environ_setenv (live->environment, "DOCKER_CONFIG", live->directory, TRUE);
  live->environment = g_environ_unsetenv (live->environment, "REGISTRY_AUTH_FILE");
  digests = start_registry (OPEN_PORT, NULL);
  private_digests = start_registry (PRIVATE_PORT, "--private");
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (void); } tests[] = {
    { "by-tag-and-digest", test_by_tag_and_digest },
    { "index-by-tag", test_index_by_tag },
    { "platform", test_platform },
    { "both-platforms", test_both_platforms },
    { "refusals", test_refusals },
    { "private-registry", test_private_registry },
    { "run", test_run },
    { "moved-tag", test_moved_tag },
  };
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (argc >= 2 && argc <= 4);
  if (has_registry (&reason))
    live = perry_live_engine_start (argv[1], argc >= 3 ? argv[2] : "runc", argc == 4 ? perry_live_containerd_store : NULL,
                                    &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  set_up ();
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/pull/%s/%s", argv[1], tests[i].name);

      g_test_add_func (path, tests[i].test);
    }
  status = g_test_run ();
  perry_live_engine_stop (live);
  json_node_unref (digests);
  g_free (archive);
  return status;
}
