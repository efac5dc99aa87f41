/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "tests/integration/perry-engine-control.h"
#include "tests/integration/perry-signal-proxy.h"

/* An engine that is killed, or stopped so that it hangs, at each request of a run: perryctl ends in time with one error that
 * says what was tried on what; when the engine is back the next command works, and `rm --stale` clears what was left. */

#define ID "/containers/[0-9a-f]{64}"
#define NAME_ID "/containers/[^/]+"
#define HEX "[0-9a-f]{64}"
/* The failed request, the search for what was created, its removal; each may take as long as the engine is given. */
#define TIMEOUT_MS 3000
#define LONGEST_MS (4 * TIMEOUT_MS + 8000)
/* An engine that is back may be slow to answer for the first time; only where one hangs there is a hurry. */
#define PATIENCE_MS 30000
/* until an engine that is back has done with what it was doing */
#define SETTLE_MS 30000
#define MOST_ATTEMPTS 3

typedef struct {
  PerryPoint point;
  const char *says; /* a regular expression that every error about it matches; NULL: it may have been done. An engine may
                     * have answered one more request before it was killed, and then it is the next one that fails */
  gboolean short_list; /* tried with a hanging engine without PERRY_TEST_ALL, too */
} Moment;

static const Moment docker_moments[] = {
  { { "after-ping", "HEAD", "/_ping", 1, PERRY_POINT_REPLY }, "(docker: .*(info|sock)|image .*busybox)", FALSE },
  { { "after-info", "GET", "/info", 1, PERRY_POINT_REPLY }, "(image .*busybox|creating container subject)", FALSE },
  { { "after-image", "GET", "/images/", 1, PERRY_POINT_REPLY },
    "(creating container subject|inspecting container " HEX ")", FALSE },
  { { "during-create", "POST", "/containers/create", 1, PERRY_POINT_REQUEST },
    "(creating container subject|inspecting container " HEX ")", TRUE },
  { { "after-create", "POST", "/containers/create", 1, PERRY_POINT_REPLY },
    "(inspecting|attaching to) container " HEX, FALSE },
  { { "during-inspect", "GET", ID "/json", 1, PERRY_POINT_REQUEST },
    "(inspecting|attaching to) container " HEX, FALSE },
  { { "during-attach", "POST", ID "/attach", 1, PERRY_POINT_REQUEST },
    "(attaching to|starting|reading the output of) container " HEX, FALSE },
  { { "after-attach", "POST", ID "/attach", 1, PERRY_POINT_REPLY },
    "(starting|reading the output of|inspecting|waiting for) container " HEX, FALSE },
  { { "during-start", "POST", ID "/start", 1, PERRY_POINT_REQUEST },
    "(starting|reading the output of|inspecting|waiting for) container " HEX, TRUE },
  { { "after-start", "POST", ID "/start", 1, PERRY_POINT_REPLY },
    "(reading the output of|inspecting|waiting for) container " HEX, TRUE },
  { { "after-outcome", "GET", ID "/json", 2, PERRY_POINT_REPLY }, "(removing|waiting for) container " HEX, FALSE },
  { { "during-remove", "DELETE", ID, 1, PERRY_POINT_REQUEST }, NULL, TRUE },
  { { "after-remove", "DELETE", ID, 1, PERRY_POINT_REPLY }, NULL, FALSE },
};

static const Moment podman_moments[] = {
  { { "after-ping", "HEAD", "/_ping", 1, PERRY_POINT_REPLY }, "(podman: .*(info|sock)|image .*busybox)", FALSE },
  { { "after-info", "GET", "/info", 1, PERRY_POINT_REPLY }, "(image .*busybox|creating container subject)", FALSE },
  { { "after-image", "GET", "/images/", 1, PERRY_POINT_REPLY },
    "(creating container subject|inspecting container " HEX ")", FALSE },
  { { "during-create", "POST", "/containers/create", 1, PERRY_POINT_REQUEST },
    "(creating container subject|inspecting container " HEX ")", TRUE },
  { { "after-create", "POST", "/containers/create", 1, PERRY_POINT_REPLY },
    "(inspecting|attaching to) container " HEX, FALSE },
  { { "during-inspect", "GET", ID "/json", 1, PERRY_POINT_REQUEST },
    "(inspecting|attaching to) container " HEX, FALSE },
  { { "during-attach", "POST", ID "/attach", 1, PERRY_POINT_REQUEST },
    "(attaching to|initialising|starting|inspecting|reading the output of) container " HEX, FALSE },
  { { "after-attach", "POST", ID "/attach", 1, PERRY_POINT_REPLY },
    "(initialising|starting|inspecting) container " HEX, FALSE },
  { { "during-start", "POST", ID "/start", 1, PERRY_POINT_REQUEST },
    "(starting|reading the output of|inspecting|waiting for) container " HEX, TRUE },
  { { "after-start", "POST", ID "/start", 1, PERRY_POINT_REPLY },
    "(reading the output of|inspecting|waiting for) container " HEX, TRUE },
  { { "during-remove", "DELETE", ID, 1, PERRY_POINT_REQUEST }, NULL, TRUE },
  { { "after-remove", "DELETE", ID, 1, PERRY_POINT_REPLY }, NULL, FALSE },
};

/* Commands on a container that runs. */
typedef struct {
  const char *argv[6];
  PerryPoint point;
  const char *says;
} Command;

static const Command commands[] = {
  { { "wait", "sleeper" }, { "wait", "POST", NAME_ID "/wait", 1, PERRY_POINT_REQUEST }, "waiting for container sleeper" },
  { { "stop", "-t", "0", "sleeper" }, { "stop", "POST", NAME_ID "/stop", 1, PERRY_POINT_REQUEST },
    "stopping container sleeper" },
  { { "kill", "-s", "USR1", "sleeper" }, { "kill", "POST", NAME_ID "/kill", 1, PERRY_POINT_REQUEST },
    "killing container sleeper" },
  { { "inspect", "sleeper" }, { "inspect", "GET", NAME_ID "/json", 1, PERRY_POINT_REQUEST },
    "inspecting container sleeper" },
  { { "ps", "-a" }, { "ps", "GET", "/containers/json", 1, PERRY_POINT_REQUEST }, "listing containers" },
  { { "images" }, { "images", "GET", "/images/json", 1, PERRY_POINT_REQUEST }, "listing images" },
};

typedef struct {
  PerryLiveEngine *live;
  PerryEngineControl *control;
  PerrySignalProxy *proxy;
  char **environment; /* of a perryctl behind the proxy */
  char **hurried;     /* of one that waits for three seconds only */
  PerryEngineRest at_rest;
} Fixture;

static Fixture fixture;

/* Through the proxy; the proxy's signal goes to the engine. */
static PerryProcessResult *
run_through_proxy (const PerryPoint *point, const char *const *arguments, int signal_number, int *ret_took_ms)
{
  g_autofree char *program = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", "cli", "perryctl", NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  char **environment = signal_number == SIGSTOP ? fixture.hurried : fixture.environment;
  PerryProcessOptions options = { .environment = (const char *const *) environment, .timeout_ms = 120000,
                                  .max_stdout = 1024 * 1024, .max_stderr = 1024 * 1024 };
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  PerryProcessResult *result;

  g_ptr_array_add (argv, program);
  for (gsize i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) arguments[i]);
  g_ptr_array_add (argv, NULL);
  perry_signal_proxy_arm (fixture.proxy, point, signal_number);
  perry_signal_proxy_set_pid (fixture.proxy, perry_engine_control_get_pid (fixture.control));
  result = perry_process_run ((const char *const *) argv->pdata, &options, NULL, &error);
  g_assert_no_error (error);
  *ret_took_ms = (int) ((g_get_monotonic_time () - begin) / 1000);
  return result;
}

static G_GNUC_NORETURN void
fail_unmet (const PerryPoint *point, PerryProcessResult *result)
{
  g_autofree char *log = perry_signal_proxy_describe (fixture.proxy);

  g_error ("the path never came by %s: %s%s", point->name, log, perry_live_stderr (result));
}

static void
assert_one_error (const PerryPoint *point, PerryProcessResult *result, const char *command, const char *says)
{
  const char *text = perry_live_stderr (result);
  g_autofree char *beginning = g_strdup_printf ("perryctl: %s: ", command);

  g_test_message ("%s: %s", point->name, text);
  g_assert_true (g_str_has_prefix (text, beginning));
  g_assert_null (strstr (text + 1, "perryctl: "));
  g_assert_cmpuint (strlen (text), <, 4096);
  g_assert_true (g_regex_match_simple (says, text, G_REGEX_DOTALL, 0));
}

static gboolean
is_at_rest (void)
{
  PerryEngineRest now = perry_engine_control_count (fixture.control);

  return now.processes <= fixture.at_rest.processes && now.cgroups <= fixture.at_rest.cgroups
         && now.containers == fixture.at_rest.containers && now.volumes == fixture.at_rest.volumes
         && now.networks == fixture.at_rest.networks;
}

static G_GNUC_NORETURN void
fail_with_rest (void)
{
  PerryEngineRest now = perry_engine_control_count (fixture.control);
  g_autoptr (PerryProcessResult) list = perry_live_engine_perryctl (fixture.live, NULL, "ps", "-a", "--format", "json", NULL);

  g_test_message ("%s%s", perry_live_stdout (list), perry_live_stderr (list));
  g_error ("left: %u containers of %u, %u processes of %u, %u cgroups of %u, %u volumes of %u, %u networks of %u",
           now.containers, fixture.at_rest.containers, now.processes, fixture.at_rest.processes, now.cgroups,
           fixture.at_rest.cgroups, now.volumes, fixture.at_rest.volumes, now.networks, fixture.at_rest.networks);
}

/* An engine that is back may still be finishing what it was asked for: what comes of it is stale, too, whenever it comes. So it
 * is looked at once a round; a second look may see what has come since. */
static void
assert_next_command_works (const char *left)
{
  gint64 end = g_get_monotonic_time () + SETTLE_MS * G_TIME_SPAN_MILLISECOND;
  g_autoptr (PerryProcessResult) run = NULL;

  for (;;)
    {
      g_autoptr (PerryProcessResult) removed = perry_live_engine_perryctl (fixture.live, NULL, "rm", "--stale", NULL);

      perry_live_assert_status (removed, 0);
      if (left != NULL)
        {
          g_autoptr (PerryProcessResult) forced = perry_live_engine_perryctl (fixture.live, NULL, "rm", "-f", left, NULL);
        }
      if (is_at_rest ())
        break;
      if (g_get_monotonic_time () >= end)
        fail_with_rest ();
      g_usleep (50 * 1000);
    }
  run = perry_live_engine_perryctl (fixture.live, NULL, "run", "--rm", "busybox", "echo", "again", NULL);
  perry_live_assert_status (run, 0);
  g_assert_cmpstr (perry_live_stdout (run), ==, "again\n");
}

static void
check_run (const Moment *moment, PerryProcessResult *result, int took_ms)
{
  g_assert_cmpint (took_ms, <, LONGEST_MS);
  if (moment->says == NULL && result->exit_status == 0)
    return;
  g_assert_cmpint (result->exit_status, ==, 125);
  assert_one_error (&moment->point, result, "run", moment->says != NULL ? moment->says : "removing container " HEX);
}

/* Each time another name: an engine that hung may make the container of one test while the next one runs already. It is stale,
 * and the next removal finds it. */
static PerryProcessResult *
run_subject (const PerryPoint *point, int signal_number, int *ret_took_ms)
{
  static guint n_subjects;

  for (guint attempt = 1;; attempt++)
    {
      g_autofree char *name = g_strdup_printf ("subject-%u", n_subjects++);
      const char *const arguments[] = { "run", "--rm", "--name", name, "--read-only", "--cap-drop", "ALL", "--", "busybox",
                                        "sh", "-c", "echo out; sleep 0.1", NULL };
      g_autoptr (PerryProcessResult) result = run_through_proxy (point, arguments, signal_number, ret_took_ms);

      if (perry_signal_proxy_has_fired (fixture.proxy))
        return g_steal_pointer (&result);
      /* On a busy machine an engine may be too slow for a hurry before it hangs. */
      if (attempt == MOST_ATTEMPTS || strstr (perry_live_stderr (result), "did not answer within") == NULL)
        fail_unmet (point, result);
    }
}

static void
test_killed (gconstpointer data)
{
  const Moment *moment = data;
  int took_ms;
  g_autoptr (PerryProcessResult) result = run_subject (&moment->point, SIGKILL, &took_ms);

  perry_engine_control_restart (fixture.control);
  check_run (moment, result, took_ms);
  assert_next_command_works (NULL);
}

static void
test_hangs (gconstpointer data)
{
  const Moment *moment = data;
  int took_ms;
  g_autoptr (PerryProcessResult) result = run_subject (&moment->point, SIGSTOP, &took_ms);

  kill (perry_engine_control_get_pid (fixture.control), SIGCONT);
  check_run (moment, result, took_ms);
  assert_next_command_works (NULL);
}

static void
test_command (gconstpointer data)
{
  const Command *command = data;
  g_autoptr (PerryProcessResult) started =
      perry_live_engine_perryctl (fixture.live, NULL, "run", "-d", "--name", "sleeper", "busybox", "sleep", "1000", NULL);
  g_autoptr (PerryProcessResult) result = NULL;
  int took_ms;

  perry_live_assert_status (started, 0);
  result = run_through_proxy (&command->point, command->argv, SIGKILL, &took_ms);
  if (!perry_signal_proxy_has_fired (fixture.proxy))
    fail_unmet (&command->point, result);
  perry_engine_control_restart (fixture.control);
  g_assert_cmpint (took_ms, <, LONGEST_MS);
  /* What takes no time may have been answered before. */
  if (g_str_equal (command->argv[0], "wait") || result->exit_status != 0)
    assert_one_error (&command->point, result, command->argv[0], command->says);
  assert_next_command_works ("sleeper");
}

/* What was made late, too. A suite of its own, because tests run before suites. */
static void
test_nothing_left (void)
{
  assert_next_command_works (NULL);
}

static void
write_settings (const char *directory, int timeout_ms)
{
  g_autofree char *folder = g_build_filename (directory, "perry-container", NULL);
  g_autofree char *path = g_build_filename (folder, "perry.conf", NULL);
  g_autofree char *text = g_strdup_printf ("[engine]\nprobe-timeout-ms=%d\ntimeout-ms=%d\n", timeout_ms, timeout_ms);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static char **
make_environment (PerryLiveEngine *live, const char *directory)
{
  g_autofree char *endpoint = g_strconcat ("unix://", live->directory, "/proxy", NULL);
  const char *variable = g_str_equal (live->backend, "docker") ? "DOCKER_HOST" : "CONTAINER_HOST";
  char **environment = g_environ_setenv (g_strdupv (live->environment), variable, endpoint, TRUE);

  return g_environ_setenv (environment, "XDG_CONFIG_HOME", directory, TRUE);
}

static void
add_tests (const Moment *moments, gsize n)
{
  gboolean all = g_strcmp0 (g_getenv ("PERRY_TEST_ALL"), "1") == 0;

  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *killed = g_strdup_printf ("/engine-faults/killed/%s", moments[i].point.name);
      g_autofree char *hangs = g_strdup_printf ("/engine-faults/hangs/%s", moments[i].point.name);

      if (all || moments[i].short_list)
        g_test_add_data_func (killed, &moments[i], test_killed);
      if (all)
        g_test_add_data_func (hangs, &moments[i], test_hangs);
    }
  for (gsize i = 0; all && i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *killed = g_strdup_printf ("/engine-faults/killed/command-%s", commands[i].point.name);

      g_test_add_data_func (killed, &commands[i], test_command);
    }
  g_test_add_func ("/engine-faults/end/nothing-left", test_nothing_left);
}

/* The backend is the last argument; PERRY_TEST_ALL=1 tries every moment instead of the most telling ones. */
int
main (int argc, char **argv)
{
  g_autofree char *reason = NULL;
  g_autofree char *socket = NULL;
  g_autofree char *hurry = NULL;
  gboolean is_docker;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  is_docker = g_str_equal (argv[1], "docker");
  fixture.live = perry_live_engine_start (argv[1], "runc", NULL, &reason);
  if (fixture.live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  hurry = g_build_filename (fixture.live->directory, "hurry", NULL);
  write_settings (fixture.live->directory, PATIENCE_MS);
  write_settings (hurry, TIMEOUT_MS);
  fixture.control = perry_engine_control_new (fixture.live);
  socket = g_build_filename (fixture.live->directory, "proxy", NULL);
  fixture.proxy = perry_signal_proxy_new (socket, fixture.live->socket);
  fixture.environment = make_environment (fixture.live, fixture.live->directory);
  fixture.hurried = make_environment (fixture.live, hurry);
  fixture.at_rest = perry_engine_control_count (fixture.control);
  if (is_docker)
    add_tests (docker_moments, G_N_ELEMENTS (docker_moments));
  else
    add_tests (podman_moments, G_N_ELEMENTS (podman_moments));
  status = g_test_run ();
  perry_signal_proxy_free (fixture.proxy);
  perry_engine_control_free (fixture.control);
  perry_live_engine_stop (fixture.live);
  g_strfreev (fixture.environment);
  g_strfreev (fixture.hurried);
  return status;
}
