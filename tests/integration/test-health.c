/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>

#include "tests/integration/perry-engine-control.h"
#include "tests/integration/perry-live-engine.h"

/* Health, restarts and kills for want of memory mean the same on every engine, whoever does the work. The backend is the
 * first argument. Podman makes no probes here: there is no systemd where it runs. */
static PerryLiveEngine *live;

#define PERRYCTL(...) perry_live_engine_perryctl (live, NULL, __VA_ARGS__, NULL)
#define PATIENCE_MS 60000
#define POLL_MS 50
#define EAT_MEMORY "a=xxxxxxxx; while :; do a=$a$a; done"
#define QUICK "--health-interval", "300ms", "--health-timeout", "20s"

static gboolean
is_podman (void)
{
  return g_str_equal (live->backend, "podman");
}

static void
succeed (PerryProcessResult *result)
{
  perry_live_assert_status (result, 0);
  perry_process_result_free (result);
}

static JsonNode *
inspect (const char *name)
{
  g_autoptr (PerryProcessResult) result = PERRYCTL ("inspect", name);
  g_autoptr (JsonNode) root = NULL;

  perry_live_assert_status (result, 0);
  root = perry_json_parse_bytes (result->stdout_bytes, NULL, NULL);
  return json_node_copy (json_array_get_element (perry_json_as_array (root), 0));
}

static const char *
text_of (const char *name, const char *member)
{
  g_autoptr (JsonNode) info = inspect (name);

  return g_intern_string (perry_json_as_string (perry_json_find (info, member, NULL)));
}

static gint64
number_of (const char *name, const char *member)
{
  g_autoptr (JsonNode) info = inspect (name);
  gint64 number = -1;

  perry_json_as_int64 (perry_json_find (info, member, NULL), &number);
  return number;
}

static void
wait_for (const char *name, const char *member, const char *wanted, const char *never)
{
  const char *found = NULL;

  for (guint ms = 0; ms < PATIENCE_MS; ms += POLL_MS)
    {
      found = text_of (name, member);
      g_assert_cmpstr (found, !=, never != NULL ? never : "");
      if (g_strcmp0 (found, wanted) == 0)
        return;
      g_usleep (POLL_MS * 1000);
    }
  g_error ("%s of %s is %s, not %s", member, name, found, wanted);
}

/* Processes whose command line, with blanks between the arguments, contains all of @texts. */
static guint
count_processes (const char *one, const char *two, gint64 *ret_pid)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (proc)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc", name, "cmdline", NULL);
      g_autofree char *line = NULL;
      gsize length = 0;

      if (!g_ascii_isdigit (*name) || !g_file_get_contents (path, &line, &length, NULL))
        continue;
      for (gsize i = 0; i + 1 < length; i++)
        if (line[i] == '\0')
          line[i] = ' ';
      if (length == 0 || strstr (line, one) == NULL || strstr (line, two) == NULL)
        continue;
      n++;
      if (ret_pid != NULL)
        *ret_pid = g_ascii_strtoll (name, NULL, 10);
    }
  return n;
}

static void
assert_none (const char *one, const char *two)
{
  guint n = 1;

  for (guint ms = 0; n > 0 && ms < PATIENCE_MS; ms += POLL_MS)
    {
      n = count_processes (one, two, NULL);
      if (n > 0)
        g_usleep (POLL_MS * 1000);
    }
  g_assert_cmpuint (n, ==, 0);
}

/* Nothing that watched or monitored the container is there any more. */
static void
remove_all_traces (const char *name)
{
  g_autofree char *id = g_strdup (text_of (name, "id"));

  g_assert_cmpuint (count_processes (" supervise ", id, NULL), ==, is_podman () ? 1 : 0);
  succeed (PERRYCTL ("rm", "-f", name));
  assert_none (" supervise ", id);
  assert_none ("conmon", id);
}

static void
test_unhealthy_then_healthy (void)
{
  g_autoptr (PerryProcessResult) listed = NULL;

  succeed (PERRYCTL ("run", "-d", "--name", "turns", "--health-cmd", "test -e /tmp/go && test -e /tmp/ok",
                     "--health-retries", "2", QUICK, "busybox", "sh", "-c",
                     "touch /tmp/go; sleep 6; touch /tmp/ok; exec sleep 1000"));
  wait_for ("turns", "health", "unhealthy", "healthy");
  g_assert_cmpint (number_of ("turns", "failing_streak"), >=, 2);
  wait_for ("turns", "health", "healthy", NULL);
  g_assert_cmpint (number_of ("turns", "failing_streak"), ==, 0);
  listed = PERRYCTL ("ps");
  g_assert_nonnull (strstr (perry_live_stdout (listed), "running (healthy)"));
  remove_all_traces ("turns");
}

/* A probe that takes too long has failed, and is ended. */
static void
test_timeout (void)
{
  succeed (PERRYCTL ("run", "-d", "--name", "hangs", "--health-cmd", "exec sleep 4321", "--health-interval", "200ms",
                     "--health-timeout", "400ms", "--health-retries", "3", "busybox", "sleep", "1000"));
  wait_for ("hangs", "health", "unhealthy", "healthy");
  g_assert_cmpuint (count_processes ("sleep 4321", "", NULL), <=, 2);
  remove_all_traces ("hangs");
  assert_none ("sleep 4321", "");
}

/* The third probe succeeds; the failures before it do not count. */
static void
test_start_period (void)
{
  succeed (PERRYCTL ("run", "-d", "--name", "slow", "--health-cmd",
                     "echo x >>/tmp/n; test $(wc -l </tmp/n) -ge 3", "--health-retries", "1", "--health-start-period",
                     "10m", QUICK, "busybox", "sleep", "1000"));
  wait_for ("slow", "health", "healthy", "unhealthy");
  remove_all_traces ("slow");
}

/* Docker takes a start period of 0 for the image's, which here is so long that nothing would become unhealthy. */
static void
test_no_start_period (void)
{
  static const char target[] = "/v1.41/commit?container=base&repo=patient&changes="
                               "HEALTHCHECK%20--interval=300ms%20--retries=1%20--start-period=10m%20CMD%20false";
  g_autoptr (JsonNode) committed = NULL;

  if (is_podman ())
    {
      g_test_skip ("Podman takes nothing of the image's check");
      return;
    }
  succeed (PERRYCTL ("create", "--name", "base", "busybox", "sleep", "1000"));
  committed = perry_live_engine_post (live, target);
  succeed (PERRYCTL ("rm", "base"));
  succeed (PERRYCTL ("run", "-d", "--name", "strict", "--health-start-period", "0s", "--health-interval", "300ms",
                     "--enforcement", "strict", "patient", "sleep", "1000"));
  wait_for ("strict", "health", "unhealthy", "healthy");
  remove_all_traces ("strict");
  succeed (PERRYCTL ("rmi", "patient"));
}

static gpointer
run_attached (gpointer data)
{
  return PERRYCTL ("run", "--rm", "--name", "near", "--health-cmd", "true", QUICK, "busybox", "sh", "-c",
                   "echo here; exec sleep 1000");
}

static void
test_attached (void)
{
  GThread *thread = g_thread_new ("run", run_attached, NULL);
  g_autoptr (PerryProcessResult) result = NULL;

  for (guint ms = 0; perry_live_engine_count_containers (live) == 0 && ms < PATIENCE_MS; ms += POLL_MS)
    g_usleep (POLL_MS * 1000);
  wait_for ("near", "health", "healthy", NULL);
  g_assert_cmpuint (count_processes (" supervise ", "", NULL), ==, 0);
  succeed (PERRYCTL ("kill", "near"));
  result = g_thread_join (thread);
  perry_live_assert_status (result, 137);
  g_assert_cmpstr (perry_live_stdout (result), ==, "here\n");
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

/* A check that was kept by create is made when the container is started, and the image's is switched off. */
static void
test_created_and_disabled (void)
{
  g_autoptr (PerryProcessResult) off = NULL;
  g_autoptr (PerryProcessResult) strict = NULL;

  succeed (PERRYCTL ("create", "--name", "later", "--health-cmd", "true", QUICK, "busybox", "sleep", "1000"));
  succeed (PERRYCTL ("start", "later"));
  wait_for ("later", "health", "healthy", NULL);
  remove_all_traces ("later");
  off = PERRYCTL ("run", "--rm", "--no-healthcheck", "--enforcement", "strict", "busybox", "true");
  perry_live_assert_status (off, 0);
  strict = PERRYCTL ("run", "--rm", "--health-cmd", "true", QUICK, "--require", "healthcheck", "--enforcement", "strict",
                     "busybox", "true");
  perry_live_assert_status (strict, 0);
}

/* Where the process that made the probes is gone, nobody says that the container is healthy. */
static void
test_supervisor_killed (void)
{
  gint64 pid = 0;

  if (!is_podman ())
    {
      g_test_skip ("Docker makes the probes itself");
      return;
    }
  succeed (PERRYCTL ("run", "-d", "--name", "alone", "--health-cmd", "true", QUICK, "busybox", "sleep", "1000"));
  wait_for ("alone", "health", "healthy", NULL);
  g_assert_cmpuint (count_processes (" supervise ", text_of ("alone", "id"), &pid), ==, 1);
  g_assert_cmpint (kill ((pid_t) pid, SIGKILL), ==, 0);
  wait_for ("alone", "health", "unknown", NULL);
  g_assert_nonnull (strstr (text_of ("alone", "health_reason"), "the one that did is gone"));
  succeed (PERRYCTL ("rm", "-f", "alone"));
}

static void
test_no_supervisor (void)
{
  PerryLiveEngine without = *live;
  g_auto (GStrv) environment = NULL;
  g_autoptr (PerryProcessResult) refused = NULL;
  g_autoptr (PerryProcessResult) warned = NULL;

  if (!is_podman ())
    {
      g_test_skip ("Docker makes the probes itself");
      return;
    }
  environment = g_environ_setenv (g_strdupv (live->environment), "PERRY_CONTAINER_SUPERVISOR", "/nowhere/perryctl", TRUE);
  without.environment = environment;
  refused = perry_live_engine_perryctl (&without, NULL, "run", "-d", "--enforcement", "strict", "--health-cmd", "true",
                                        "busybox", "true", NULL);
  perry_live_assert_status (refused, 125);
  g_assert_nonnull (strstr (perry_live_stderr (refused), "healthcheck"));
  g_assert_nonnull (strstr (perry_live_stderr (refused), "/nowhere/perryctl"));
  warned = perry_live_engine_perryctl (&without, NULL, "run", "-d", "--name", "bare", "--health-cmd", "true", "busybox",
                                       "true", NULL);
  perry_live_assert_status (warned, 0);
  g_assert_nonnull (strstr (perry_live_stderr (warned), "healthcheck"));
  succeed (PERRYCTL ("rm", "-f", "bare"));
}

static void
test_restart_detached (void)
{
  g_autoptr (PerryProcessResult) waited = NULL;
  g_autoptr (PerryProcessResult) logs = NULL;

  succeed (PERRYCTL ("run", "-d", "--name", "tries", "--restart", "on-failure:2", "busybox", "sh", "-c",
                     "echo run; sleep 0.3; exit 7"));
  waited = PERRYCTL ("wait", "tries");
  g_assert_cmpstr (perry_live_stdout (waited), ==, "7\n");
  logs = PERRYCTL ("logs", "tries");
  g_assert_cmpstr (perry_live_stdout (logs), ==, "run\nrun\nrun\n");
  g_assert_cmpint (number_of ("tries", "restart_count"), ==, 2);
  succeed (PERRYCTL ("rm", "tries"));
}

/* The run is over with the last of its runs, and nothing of their output is missing. */
static void
test_restart_attached (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  result = PERRYCTL ("run", "--name", "follows", "--restart", "on-failure:2", "busybox", "sh", "-c",
                     "echo run; echo err >&2; sleep 0.2; echo end; exit 7");
  perry_live_assert_status (result, 7);
  g_assert_cmpstr (perry_live_stdout (result), ==, "run\nend\nrun\nend\nrun\nend\n");
  g_assert_cmpstr (perry_live_stderr (result), ==, "err\nerr\nerr\n");
  succeed (PERRYCTL ("rm", "follows"));
}

/* A container that fails at once is between two runs most of the time; stopped means stopped nevertheless. */
static void
test_restart_stopped (void)
{
  for (guint i = 0; i < 5; i++)
    {
      gint64 restarts;

      succeed (PERRYCTL ("run", "-d", "--name", "loops", "--restart", i % 2 ? "always" : "unless-stopped", "busybox",
                         "false"));
      g_usleep ((100 + 37 * i) * 1000);
      succeed (PERRYCTL ("stop", "-t", "0", "loops"));
      restarts = number_of ("loops", "restart_count");
      g_usleep (1500 * 1000);
      g_assert_cmpstr (text_of ("loops", "status"), ==, "exited");
      g_assert_cmpint (number_of ("loops", "restart_count"), ==, restarts);
      succeed (PERRYCTL ("rm", "-f", "loops"));
    }
}

/* Whoever looked at the life before may be about to leave when the next one begins. */
static void
test_stop_and_start (void)
{
  if (!is_podman ())
    {
      g_test_skip ("Docker makes the probes itself");
      return;
    }
  succeed (PERRYCTL ("run", "-d", "--name", "again", "--stop-signal", "KILL", QUICK, "--health-cmd", "true", "busybox", "sleep",
                     "3600"));
  for (guint i = 0; i < 5; i++)
    {
      wait_for ("again", "health", "healthy", "unknown");
      succeed (PERRYCTL ("stop", "again"));
      succeed (PERRYCTL ("start", "again"));
    }
  wait_for ("again", "health", "healthy", "unknown");
  remove_all_traces ("again");
}

static void
assert_oom_killed (const char *report, gboolean expected)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  gboolean killed = !expected;

  g_assert_true (g_file_get_contents (report, &text, NULL, NULL));
  root = perry_json_parse (text, -1, NULL, NULL);
  g_assert_true (perry_json_as_boolean (perry_json_find (root, "oom_killed", NULL), &killed));
  g_assert_cmpint (killed, ==, expected);
}

static void
test_out_of_memory (void)
{
  g_autofree char *report = g_build_filename (live->directory, "oom.json", NULL);
  g_autoptr (PerryProcessResult) result = NULL;

  if (live->without_limits)
    {
      g_test_skip ("this engine has no cgroups that could limit memory");
      return;
    }
  result = PERRYCTL ("run", "--rm", "--memory", "16m", "--report", report, "busybox", "sh", "-c", EAT_MEMORY);
  perry_live_assert_status (result, 137);
  assert_oom_killed (report, TRUE);
}

/* The outcome is the last run's. */
static void
test_out_of_memory_once (void)
{
  g_autofree char *report = g_build_filename (live->directory, "oom-once.json", NULL);
  g_autoptr (PerryProcessResult) first = NULL;
  g_autoptr (PerryProcessResult) last = NULL;

  if (!is_podman ())
    {
      g_test_skip ("Docker itself says which runs were killed for want of memory");
      return;
    }
  if (live->without_limits)
    {
      g_test_skip ("this engine has no cgroups that could limit memory");
      return;
    }
  first = PERRYCTL ("run", "--name", "first", "--memory", "16m", "--restart", "on-failure:1", "--report", report, "busybox",
                    "sh", "-c", "[ -e /ran ] && exit 3; touch /ran; " EAT_MEMORY);
  perry_live_assert_status (first, 3);
  assert_oom_killed (report, FALSE);
  succeed (PERRYCTL ("rm", "first"));
  last = PERRYCTL ("run", "--name", "last", "--memory", "16m", "--restart", "on-failure:1", "--report", report, "busybox",
                   "sh", "-c", "[ -e /ran ] || { touch /ran; exit 3; }; sleep 1; " EAT_MEMORY);
  perry_live_assert_status (last, 137);
  assert_oom_killed (report, TRUE);
  succeed (PERRYCTL ("rm", "last"));
}

int
main (int argc, char **argv)
{
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (argc == 2 || argc == 3);
  live = perry_live_engine_start (argv[1], argc > 2 ? argv[2] : "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  g_test_add_func ("/health/unhealthy-then-healthy", test_unhealthy_then_healthy);
  g_test_add_func ("/health/timeout", test_timeout);
  g_test_add_func ("/health/start-period", test_start_period);
  g_test_add_func ("/health/no-start-period", test_no_start_period);
  g_test_add_func ("/health/attached", test_attached);
  g_test_add_func ("/health/created-and-disabled", test_created_and_disabled);
  g_test_add_func ("/health/stop-and-start", test_stop_and_start);
  g_test_add_func ("/health/supervisor-killed", test_supervisor_killed);
  g_test_add_func ("/health/no-supervisor", test_no_supervisor);
  g_test_add_func ("/restart/detached", test_restart_detached);
  g_test_add_func ("/restart/attached", test_restart_attached);
  g_test_add_func ("/restart/stopped", test_restart_stopped);
  g_test_add_func ("/memory/out-of-memory", test_out_of_memory);
  g_test_add_func ("/memory/out-of-memory-once", test_out_of_memory_once);
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
