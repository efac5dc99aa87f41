/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/integration/perry-live-engine.h"

/* Everything that is not `run`; the backend is the first argument. */
static PerryLiveEngine *live;

static PerryProcessResult *
expect (int status, PerryProcessResult *result)
{
  perry_live_assert_status (result, status);
  return result;
}

#define PERRYCTL(...) perry_live_engine_perryctl (live, NULL, __VA_ARGS__, NULL)

static const char *
status_of (const char *name)
{
  g_autoptr (PerryProcessResult) result = expect (0, PERRYCTL ("inspect", name));
  g_autoptr (JsonNode) root = perry_json_parse_bytes (result->stdout_bytes, NULL, NULL);
  JsonArray *array = perry_json_as_array (root);

  g_assert_nonnull (array);
  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  return g_intern_string (perry_json_as_string (perry_json_find (json_array_get_element (array, 0), "status", NULL)));
}

static void
test_create_to_remove (void)
{
  g_autoptr (PerryProcessResult) created = NULL;
  g_autoptr (PerryProcessResult) again = NULL;
  g_autoptr (PerryProcessResult) started = NULL;
  g_autoptr (PerryProcessResult) restarted = NULL;
  g_autoptr (PerryProcessResult) waited = NULL;
  g_autoptr (PerryProcessResult) logs = NULL;
  g_autoptr (PerryProcessResult) tail = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;
  g_autoptr (PerryProcessResult) gone = NULL;

  created = expect (0, PERRYCTL ("create", "--name", "life", "--read-only", "--cap-drop", "ALL", "-u", "65534:65534",
                                 "--network", "none", "busybox", "sh", "-c",
                                 "echo one; echo two; echo three >&2; sleep 5; exit 5"));
  g_assert_cmpuint (strlen (perry_live_stdout (created)), ==, 65);
  g_assert_cmpstr (status_of ("life"), ==, "created");
  again = expect (125, PERRYCTL ("create", "--name", "life", "busybox", "true"));
  g_assert_nonnull (strstr (perry_live_stderr (again), "life"));
  started = expect (0, PERRYCTL ("start", "life"));
  g_assert_cmpstr (status_of ("life"), ==, "running");
  restarted = expect (1, PERRYCTL ("start", "life"));
  waited = expect (0, PERRYCTL ("wait", "life"));
  g_assert_cmpstr (perry_live_stdout (waited), ==, "5\n");
  g_assert_cmpstr (status_of ("life"), ==, "exited");
  logs = expect (0, PERRYCTL ("logs", "life"));
  g_assert_cmpstr (perry_live_stdout (logs), ==, "one\ntwo\n");
  g_assert_cmpstr (perry_live_stderr (logs), ==, "three\n");
  tail = expect (0, PERRYCTL ("logs", "--tail", "1", "life"));
  g_assert_cmpuint (strlen (perry_live_stdout (tail)) + strlen (perry_live_stderr (tail)), <, 7);
  removed = expect (0, PERRYCTL ("rm", "life"));
  gone = expect (1, PERRYCTL ("inspect", "life"));
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_stop_and_kill (void)
{
  g_autoptr (PerryProcessResult) one = NULL;
  g_autoptr (PerryProcessResult) two = NULL;
  g_autoptr (PerryProcessResult) listed = NULL;
  g_autoptr (PerryProcessResult) busy = NULL;
  g_autoptr (PerryProcessResult) stopped = NULL;
  g_autoptr (PerryProcessResult) stopped_again = NULL;
  g_autoptr (PerryProcessResult) bad_signal = NULL;
  g_autoptr (PerryProcessResult) killed = NULL;
  g_autoptr (PerryProcessResult) code = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;

  one = expect (0, PERRYCTL ("run", "-d", "--name", "one", "--init", "busybox", "sleep", "1000"));
  two = expect (0, PERRYCTL ("run", "-d", "--name", "two", "--init", "busybox", "sleep", "1000"));
  listed = expect (0, PERRYCTL ("ps"));
  g_assert_nonnull (strstr (perry_live_stdout (listed), "one"));
  g_assert_nonnull (strstr (perry_live_stdout (listed), "two"));
  busy = expect (1, PERRYCTL ("rm", "one"));
  g_assert_cmpstr (status_of ("one"), ==, "running");
  stopped = expect (0, PERRYCTL ("stop", "-t", "5", "one"));
  g_assert_cmpstr (status_of ("one"), ==, "exited");
  stopped_again = expect (0, PERRYCTL ("stop", "one"));
  bad_signal = expect (1, PERRYCTL ("kill", "-s", "NOSUCH", "two"));
  g_assert_nonnull (strstr (perry_live_stderr (bad_signal), "NOSUCH"));
  killed = expect (0, PERRYCTL ("kill", "two"));
  code = expect (0, PERRYCTL ("wait", "two"));
  g_assert_cmpstr (perry_live_stdout (code), ==, "137\n");
  removed = expect (0, PERRYCTL ("rm", "-f", "one", "two"));
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

/* `-d --rm` is removed by the engine */
static void
test_detached_and_removed (void)
{
  g_autoptr (PerryProcessResult) detached = NULL;

  detached = expect (0, PERRYCTL ("run", "-d", "--rm", "busybox", "true"));
  for (guint i = 0; i < 200 && perry_live_engine_count_containers (live) > 0; i++)
    g_usleep (25 * 1000);
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_images (void)
{
  g_autofree char *archive = g_build_filename (live->directory, "busybox.tar", NULL);
  g_autoptr (PerryProcessResult) listed = expect (0, PERRYCTL ("images"));
  g_autoptr (PerryProcessResult) removed = NULL;
  g_autoptr (PerryProcessResult) missing = NULL;
  g_autoptr (PerryProcessResult) garbage = NULL;
  g_autoptr (PerryProcessResult) loaded = NULL;

  g_assert_nonnull (strstr (perry_live_stdout (listed), "busybox"));
  removed = expect (0, PERRYCTL ("rmi", "busybox"));
  missing = expect (125, PERRYCTL ("run", "--rm", "--pull", "never", "busybox", "true"));
  g_assert_nonnull (strstr (perry_live_stderr (missing), "docker.io/library/busybox:latest"));
  garbage = expect (1, perry_live_engine_perryctl (live, "this is no archive", "load", NULL));
  loaded = expect (0, PERRYCTL ("load", archive));
  g_assert_nonnull (strstr (perry_live_stdout (loaded), "busybox"));
}

static void
test_plan_changes_nothing (void)
{
  g_autoptr (PerryProcessResult) plan = NULL;
  g_autoptr (PerryProcessResult) json = NULL;
  g_autoptr (JsonNode) root = NULL;

  plan = expect (0, PERRYCTL ("plan", "--read-only", "--cap-drop", "ALL", "busybox", "true"));
  g_assert_nonnull (strstr (perry_live_stdout (plan), "read_only"));
  g_assert_nonnull (strstr (perry_live_stdout (plan), "/tmp"));
  json = expect (0, PERRYCTL ("plan", "--format", "json", "--read-only", "busybox", "true"));
  root = perry_json_parse_bytes (json->stdout_bytes, NULL, NULL);
  g_assert_cmpstr (perry_json_as_string (perry_json_find (root, "backend", NULL)), ==, live->backend);
  g_assert_nonnull (perry_json_as_array (perry_json_find (root, "fields", NULL)));
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_backends (void)
{
  g_autoptr (PerryProcessResult) text = expect (0, PERRYCTL ("backends"));
  g_autoptr (PerryProcessResult) json = expect (0, PERRYCTL ("backends", "--format", "json"));
  g_autoptr (JsonNode) root = perry_json_parse_bytes (json->stdout_bytes, NULL, NULL);
  JsonNode *first;

  g_assert_nonnull (strstr (perry_live_stdout (text), "read-only-rootfs"));
  g_assert_nonnull (perry_json_as_array (root));
  first = json_array_get_element (perry_json_as_array (root), 0);
  g_assert_cmpstr (perry_json_as_string (perry_json_find (first, "name", NULL)), ==, live->backend);
  g_assert_cmpstr (perry_json_as_string (perry_json_find (first, "engine", "capabilities", "read-only-rootfs", "support",
                                                          NULL)),
                   ==, "native");
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (void); } tests[] = {
    { "create-start-wait-logs-rm", test_create_to_remove },
    { "stop-and-kill", test_stop_and_kill },
    { "detached-and-removed-by-the-engine", test_detached_and_removed },
    { "images", test_images },
    { "plan-changes-nothing", test_plan_changes_nothing },
    { "backends", test_backends },
  };
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (argc == 2 || argc == 3);
  live = perry_live_engine_start (argv[1], argc == 3 ? argv[2] : "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/lifecycle/%s/%s", argv[1], tests[i].name);

      g_test_add_func (path, tests[i].test);
    }
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
