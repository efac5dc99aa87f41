/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "tests/integration/perry-live-engine.h"

/* Sandboxes on a real engine: the backend is the first argument. Images that were loaded have nothing that could be
 * verified, so all but one of these say that they do without. */
static PerryLiveEngine *live;

#define SANDBOX "sandbox", "--allow-unverified"

static void
assert_nothing_left (void)
{
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_outcome (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, NULL, SANDBOX, "busybox", "--", "sh", "-c", "id -u; id -g; echo complaint >&2; exit 7", NULL);

  perry_live_assert_status (result, 7);
  g_assert_cmpstr (perry_live_stdout (result), ==, "65534\n65534\n");
  perry_live_assert_contains (perry_live_stderr (result), "complaint\n");
  assert_nothing_left ();
}

static void
test_input (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, "one\ntwo\n", SANDBOX, "-i", "busybox", "wc",
                                                                      "-l", NULL);

  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "2\n");
}

/* Whatever the configuration says: here it says nothing. */
static void
test_verification_is_demanded (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, NULL, "sandbox", "busybox", "true", NULL);
  g_autoptr (PerryProcessResult) off = perry_live_engine_perryctl (live, NULL, "sandbox", "--verify", "off", "busybox",
                                                                   "true", NULL);

  g_assert_cmpint (result->exit_status, ==, 125);
  perry_live_assert_contains (perry_live_stderr (result), "verif");
  g_assert_cmpint (off->exit_status, ==, 125);
  perry_live_assert_contains (perry_live_stderr (off), "--allow-unverified");
  assert_nothing_left ();
}

static void
test_time_limit (void)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, NULL, SANDBOX, "--timeout", "2s", "busybox", "sh", "-c", "trap '' TERM INT HUP; echo on; while :; do sleep 1; done",
      NULL);

  perry_live_assert_status (result, 124);
  g_assert_cmpstr (perry_live_stdout (result), ==, "on\n");
  perry_live_assert_contains (perry_live_stderr (result), "killed after 2000 ms");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 20 * G_USEC_PER_SEC);
  assert_nothing_left ();
}

/* Who closes his outputs still has to end. */
static void
test_time_limit_without_output (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, NULL, SANDBOX, "--timeout", "2s", "busybox", "sh", "-c", "exec sleep 100 </dev/null >/dev/null 2>&1", NULL);

  perry_live_assert_status (result, 124);
  assert_nothing_left ();
}

static void
test_output_limit (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, NULL, SANDBOX, "--max-output", "10", "busybox", "sh", "-c", "yes | head -c 5000000; echo no >&2", NULL);

  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==,
                   "y\ny\ny\ny\ny\n\n[perry: the output ends here; 4999990 more bytes were cut off]\n");
  perry_live_assert_contains (perry_live_stderr (result), "no\n");
}

static void
test_memory_limit (void)
{
  g_autofree char *path = g_build_filename (live->directory, "report.json", NULL);
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, NULL, SANDBOX, "--memory", "16m", "--report", path, "busybox", "sh", "-c", "a=$(yes | head -c 60000000); echo $a",
      NULL);
  g_autofree char *text = NULL;

  g_assert_cmpint (result->exit_status, !=, 0);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  perry_live_assert_contains (text, "\"oom_killed\": true");
  g_remove (path);
  assert_nothing_left ();
}

/* What is named is granted, and nothing else with it. A capability Docker would give to root alone, and says so. */
static void
test_grants (void)
{
  gboolean docker = g_str_equal (live->backend, "docker");
  g_autofree char *volume = g_strconcat (live->directory, ":/granted:ro", NULL);
  const char *words[] = { "sandbox", "--allow-unverified",      "-e",           "GRANTED=yes",
                          "-v",      volume,                    "--network",    "bridge",
                          "--cap-add=NET_BIND_SERVICE", "localhost/perry-probe:1", "/perry-probe", NULL };
  g_autoptr (PerryProcessResult) result = NULL;
  g_autoptr (JsonNode) report = NULL;
  const char *bounding;

  if (docker)
    {
      g_autoptr (PerryProcessResult) refused = perry_live_engine_perryctl_argv (live, NULL, words);

      perry_live_assert_status (refused, 125);
      perry_live_assert_contains (perry_live_stderr (refused), "\n  cap_add: ");
      words[8] = "--cap-drop=ALL";
    }
  result = perry_live_engine_perryctl_argv (live, NULL, words);
  perry_live_assert_status (result, 0);
  report = perry_json_parse_bytes (result->stdout_bytes, NULL, NULL);
  bounding = perry_json_as_string (perry_json_find (report, "capabilities", "bounding", NULL));
  g_assert_cmpstr (bounding, ==, docker ? "0000000000000000" : "0000000000000400");
  g_assert_cmpstr (perry_json_as_string (perry_json_find (report, "env", "GRANTED", NULL)), ==, "yes");
  g_assert_cmpstr (perry_json_as_string (perry_json_find (report, "writable", "/", NULL)), !=, "ok");
  g_assert_cmpuint (json_array_get_length (perry_json_as_array (perry_json_find (report, "interfaces", NULL))), >, 1);
}

static void
test_nothing_else_is_granted (void)
{
  static const char *const attempts[][3] = {
    { "--privileged", NULL, "privileged: " },     { "-u", "root", "user: " },
    { "--pid", "host", "pid: " },                 { "--device", "/dev/null:/dev/thing", "devices: " },
    { "--restart", "always", "restart: " },       { "--security-opt", "seccomp=unconfined", "seccomp: " },
    { "--sysctl", "net.core.somaxconn=9", "sysctls: " }, { "-p", "80:80", "ports: " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      const char *words[] = { "sandbox", "--allow-unverified", attempts[i][0], attempts[i][1], "busybox", "true", NULL };
      g_autoptr (PerryProcessResult) result = NULL;

      if (words[3] == NULL)
        memmove (&words[3], &words[4], 3 * sizeof words[0]);
      result = perry_live_engine_perryctl_argv (live, NULL, words);
      perry_live_assert_status (result, 125);
      perry_live_assert_contains (perry_live_stderr (result), attempts[i][2]);
    }
  assert_nothing_left ();
}

static char *
write_file (const char *name, const char *text)
{
  char *path = g_build_filename (live->directory, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* The results of a batch by their ids. */
static GHashTable *
read_results (const char *text)
{
  GHashTable *results = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_node_unref);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL && **line != '\0'; line++)
    {
      g_autoptr (GError) error = NULL;
      JsonNode *node = perry_json_parse (*line, -1, NULL, &error);
      const char *id;

      g_assert_no_error (error);
      id = perry_json_as_string (perry_json_find (node, "id", NULL));
      g_assert_true (g_hash_table_insert (results, g_strdup (id != NULL ? id : "(none)"), node));
    }
  return results;
}

static gint64
get_exit_code (GHashTable *results, const char *id)
{
  JsonNode *node = g_hash_table_lookup (results, id);
  gint64 code = -1;

  g_assert_nonnull (node);
  g_assert_true (perry_json_read_int64 (perry_json_as_object (node), "exit_code", &code));
  return code;
}

static void
test_batch (void)
{
  g_autofree char *requests = write_file (
      "requests.jsonl",
      "{\"id\": \"a\", \"cmd\": [\"sh\", \"-c\", \"echo hello; exit 3\"]}\n"
      "\n"
      "{\"id\": \"b\", \"cmd\": [\"cat\"], \"stdin\": \"given\"}\n"
      "not json\n"
      "{\"id\": \"c\", \"cmd\": [\"sleep\", \"100\"], \"timeout_ms\": 1500}\n"
      "{\"id\": \"a\", \"cmd\": [\"true\"]}\n"
      "{\"id\": \"d\", \"cmd\": [\"true\"], \"privileged\": true}\n"
      "{\"id\": \"e\", \"cmd\": [\"sh\", \"-c\", \"printf '\\\\377\\\\000'\"]}\n"
      "{\"id\": \"f\", \"image\": \"localhost/missing:1\", \"cmd\": [\"true\"]}");
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, NULL, SANDBOX, "--pull", "never", "--jobs", "3",
                                                                      "--from", requests, "busybox", NULL);
  g_autofree char *again = NULL;
  g_autoptr (PerryProcessResult) second = NULL;
  g_auto (GStrv) lines = NULL;
  guint n_errors = 0, n_ended = 0;

  perry_live_assert_status (result, 1);
  g_test_message ("%s", perry_live_stdout (result));
  lines = g_strsplit (perry_live_stdout (result), "\n", -1);
  for (char **line = lines; **line != '\0'; line++)
    {
      g_autoptr (JsonNode) node = perry_json_parse (*line, -1, NULL, NULL);

      g_assert_nonnull (node);
      n_errors += perry_json_find (node, "error", NULL) != NULL;
      n_ended += perry_json_find (node, "exit_code", NULL) != NULL;
    }
  g_assert_cmpuint (n_ended, ==, 4);
  g_assert_cmpuint (n_errors, ==, 4);
  perry_live_assert_contains (perry_live_stdout (result), "\"stdout\":\"hello\\n\"");
  perry_live_assert_contains (perry_live_stdout (result), "\"stdout\":\"given\"");
  perry_live_assert_contains (perry_live_stdout (result), "\"stdout_base64\":\"/wA=\"");
  perry_live_assert_contains (perry_live_stdout (result), "\"timed_out\":true");
  perry_live_assert_contains (perry_live_stdout (result), "line 1 has this id already");
  perry_live_assert_contains (perry_live_stdout (result), "privileged: is");
  perry_live_assert_contains (perry_live_stdout (result), "\"id\":null,\"line\":4");
  perry_live_assert_contains (perry_live_stderr (result), "4 of 8 requests could not be run");
  assert_nothing_left ();

  /* what has ended is not run again, and what could not be run is */
  again = write_file ("results.jsonl", perry_live_stdout (result));
  second = perry_live_engine_perryctl (live, NULL, SANDBOX, "--pull", "never", "--from", requests, "--skip-done", again,
                                       "busybox", NULL);
  perry_live_assert_status (second, 1);
  g_assert_null (strstr (perry_live_stdout (second), "exit_code"));
  perry_live_assert_contains (perry_live_stdout (second), "\"id\":\"d\"");
  g_remove (requests);
  g_remove (again);
}

/* A batch that is interrupted has a result for what has ended, and removes what has not; the next one does the rest. */
static void
test_batch_is_resumed (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *requests = NULL;
  g_autofree char *results_path = g_build_filename (live->directory, "results.jsonl", NULL);
  const char *arguments[] = { "sandbox", "--allow-unverified", "--jobs", "2", "--from", NULL, "busybox", NULL };
  g_autofree char **command = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (PerryProcessResult) rest = NULL;
  g_autoptr (GHashTable) first = NULL;
  g_autoptr (GHashTable) second = NULL;
  g_autofree char *before = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 8; i++)
    g_string_append_printf (text, "{\"id\": \"%u\", \"cmd\": [\"sh\", \"-c\", \"sleep 1; exit %u\"]}\n", i, i);
  requests = write_file ("requests.jsonl", text->str);
  arguments[5] = requests;
  command = perry_live_engine_command (live, arguments);
  g_subprocess_launcher_set_environ (launcher, live->environment);
  g_subprocess_launcher_set_stdout_file_path (launcher, results_path);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) command, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 300; i++)
    {
      g_clear_pointer (&before, g_free);
      if (g_file_get_contents (results_path, &before, NULL, NULL) && strstr (before, "}\n") != NULL)
        break;
      g_usleep (100 * 1000);
    }
  g_subprocess_send_signal (process, SIGINT);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 128 + SIGINT);
  assert_nothing_left ();
  g_clear_pointer (&before, g_free);
  g_assert_true (g_file_get_contents (results_path, &before, NULL, NULL));
  first = read_results (before);
  g_assert_cmpuint (g_hash_table_size (first), >=, 1);
  g_assert_cmpuint (g_hash_table_size (first), <, 8);

  rest = perry_live_engine_perryctl (live, NULL, SANDBOX, "--jobs", "4", "--from", requests, "--skip-done", results_path,
                                     "busybox", NULL);
  perry_live_assert_status (rest, 0);
  second = read_results (perry_live_stdout (rest));
  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      GHashTable *in = g_hash_table_contains (first, id) ? first : second;

      g_assert_true (g_hash_table_contains (first, id) != g_hash_table_contains (second, id));
      g_assert_cmpint (get_exit_code (in, id), ==, i);
    }
  g_remove (requests);
  g_remove (results_path);
}

static void
test_c_api (void)
{
  g_autoptr (PerryEngine) engine = perry_live_engine_open (live);
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (GError) error = NULL;

  spec = perry_container_spec_new_from_json ("{\"image\": \"busybox\", \"cmd\": [\"echo\", \"hello\"]}", -1, &error);
  g_assert_no_error (error);
  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  result = perry_sandbox_run (engine, spec, PERRY_SANDBOX_ALLOW_UNVERIFIED, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->exit_code, ==, 0);
  g_assert_cmpmem (g_bytes_get_data (result->stdout_data, NULL), g_bytes_get_size (result->stdout_data), "hello\n", 6);
  for (guint i = 0; i < result->proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (result->proofs, i);

      g_assert_cmpint (proof->verdict, !=, PERRY_VERDICT_DIFFERS);
    }
  g_clear_pointer (&result, perry_run_result_free);
  g_assert_null (perry_sandbox_run (engine, spec, PERRY_SANDBOX_FLAGS_NONE, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  assert_nothing_left ();
}

int
main (int argc, char **argv)
{
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >=, 2);
  live = perry_live_engine_start (argv[1], argc > 2 ? argv[2] : "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  g_test_add_func ("/sandbox/outcome", test_outcome);
  g_test_add_func ("/sandbox/input", test_input);
  g_test_add_func ("/sandbox/verification-is-demanded", test_verification_is_demanded);
  g_test_add_func ("/sandbox/time-limit", test_time_limit);
  g_test_add_func ("/sandbox/time-limit-without-output", test_time_limit_without_output);
  g_test_add_func ("/sandbox/output-limit", test_output_limit);
  g_test_add_func ("/sandbox/memory-limit", test_memory_limit);
  g_test_add_func ("/sandbox/grants", test_grants);
  g_test_add_func ("/sandbox/nothing-else-is-granted", test_nothing_else_is_granted);
  g_test_add_func ("/sandbox/batch", test_batch);
  g_test_add_func ("/sandbox/batch-is-resumed", test_batch_is_resumed);
  g_test_add_func ("/sandbox/c-api", test_c_api);
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
