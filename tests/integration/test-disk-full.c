/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/integration/perry-engine-control.h"

/* An engine whose disk is full: what needs room fails with the engine's own reason and leaves nothing, what needs none goes
 * on, and everything works again once there is room. */

#define DATA_SIZE "96m"
#define NO_ROOM "(no space left on device|database or disk is full|disk I/O error|input/output error|not enough space)"

static PerryLiveEngine *live;
static PerryEngineControl *control;

static char *
dup_filler (void)
{
  return g_build_filename (live->directory, "root", "filler", NULL);
}

/* To the last page; a file that cannot be written any further is what is wanted. */
static void
fill (void)
{
  g_autofree char *filler = dup_filler ();
  const char *argv[] = { "sh", "-c", "cat /dev/zero >\"$0\" 2>/dev/null || true", filler, NULL };
  g_autofree char *output = perry_engine_control_run_inside (control, argv);
}

static void
make_room (void)
{
  g_autofree char *filler = dup_filler ();
  const char *argv[] = { "rm", "-f", filler, NULL };
  g_autofree char *output = perry_engine_control_run_inside (control, argv);
}

static void
assert_no_room (PerryProcessResult *result, const char *says)
{
  const char *text = perry_live_stderr (result);
  g_autofree char *both = g_strdup_printf ("%s.*%s", says, NO_ROOM);

  g_test_message ("%s", text);
  g_assert_cmpint (result->exit_status, !=, 0);
  g_assert_true (g_str_has_prefix (text, "perryctl: "));
  g_assert_null (strstr (text + 1, "perryctl: "));
  g_assert_cmpuint (strlen (text), <, 4096);
  g_assert_true (g_regex_match_simple (both, text, G_REGEX_DOTALL | G_REGEX_CASELESS, 0));
}

static void
assert_same (const PerryEngineRest *before)
{
  gint64 end = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;
  PerryEngineRest now;

  do
    now = perry_engine_control_count (control);
  while (now.processes > before->processes && g_get_monotonic_time () < end);
  g_assert_cmpuint (now.containers, ==, before->containers);
  g_assert_cmpuint (now.volumes, ==, before->volumes);
  g_assert_cmpuint (now.networks, ==, before->networks);
  g_assert_cmpuint (now.cgroups, ==, before->cgroups);
  g_assert_cmpuint (now.processes, <=, before->processes);
}

static void
assert_works (void)
{
  g_autoptr (PerryProcessResult) result =
      perry_live_engine_perryctl (live, NULL, "run", "--rm", "busybox", "echo", "room", NULL);

  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "room\n");
}

static void
test_run (void)
{
  PerryEngineRest before = perry_engine_control_count (control);
  g_autoptr (PerryProcessResult) result = NULL;

  fill ();
  result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--name", "subject", "busybox", "true", NULL);
  assert_no_room (result, "(creating|starting|initialising|attaching to) container");
  make_room ();
  assert_same (&before);
  assert_works ();
}

static void
test_create (void)
{
  PerryEngineRest before = perry_engine_control_count (control);
  g_autoptr (PerryProcessResult) result = NULL;

  fill ();
  result = perry_live_engine_perryctl (live, NULL, "create", "--name", "subject", "busybox", "true", NULL);
  assert_no_room (result, "creating container subject");
  make_room ();
  assert_same (&before);
  assert_works ();
}

/* A start needs little room; where it needs none it succeeds. */
static void
test_start (void)
{
  PerryEngineRest before = perry_engine_control_count (control);
  g_autoptr (PerryProcessResult) created =
      perry_live_engine_perryctl (live, NULL, "create", "--name", "subject", "busybox", "sleep", "1000", NULL);
  g_autoptr (PerryProcessResult) started = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;

  perry_live_assert_status (created, 0);
  fill ();
  started = perry_live_engine_perryctl (live, NULL, "start", "subject", NULL);
  if (started->exit_status != 0)
    assert_no_room (started, "(starting|initialising) container");
  make_room ();
  removed = perry_live_engine_perryctl (live, NULL, "rm", "-f", "subject", NULL);
  perry_live_assert_status (removed, 0);
  assert_same (&before);
  assert_works ();
}

static void
test_load (void)
{
  g_autofree char *archive = g_build_filename (live->directory, "busybox.tar", NULL);
  g_autoptr (PerryProcessResult) forgotten = perry_live_engine_perryctl (live, NULL, "rmi", "busybox", NULL);
  PerryEngineRest before = perry_engine_control_count (control);
  g_autoptr (PerryProcessResult) failed = NULL;
  g_autoptr (PerryProcessResult) listed = NULL;
  g_autoptr (PerryProcessResult) loaded = NULL;

  perry_live_assert_status (forgotten, 0);
  fill ();
  failed = perry_live_engine_perryctl (live, NULL, "load", archive, NULL);
  assert_no_room (failed, "load");
  make_room ();
  assert_same (&before);
  listed = perry_live_engine_perryctl (live, NULL, "images", NULL);
  perry_live_assert_status (listed, 0);
  g_assert_null (strstr (perry_live_stdout (listed), "busybox"));
  loaded = perry_live_engine_perryctl (live, NULL, "load", archive, NULL);
  perry_live_assert_status (loaded, 0);
  assert_works ();
}

/* The backend is the last argument. */
int
main (int argc, char **argv)
{
  static const char *const options[] = { "--data-size", DATA_SIZE, NULL };
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  live = perry_live_engine_start (argv[1], "runc", options, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  control = perry_engine_control_new (live);
  g_test_add_func ("/disk-full/create", test_create);
  g_test_add_func ("/disk-full/run", test_run);
  g_test_add_func ("/disk-full/start", test_start);
  g_test_add_func ("/disk-full/load", test_load);
  status = g_test_run ();
  perry_engine_control_free (control);
  perry_live_engine_stop (live);
  return status;
}
