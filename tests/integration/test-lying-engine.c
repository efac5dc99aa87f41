/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "tests/integration/perry-live-engine.h"

typedef struct {
  PerryLiveEngine *live;
  char *directory; /* of the lying runtime */
  char *lie;       /* the file that says which lie */
  char *trace;     /* what the workload makes as its first act, in a directory for all */
} Fixture;

static Fixture fixture;

static void
tell (const char *lie)
{
  g_assert_true (g_file_set_contents (fixture.lie, lie, -1, NULL));
}

static PerryProcessResult *
run_hardened (void)
{
  g_autofree char *directory = g_path_get_dirname (fixture.trace);
  g_autofree char *volume = g_strconcat (directory, ":/out", NULL);

  return perry_live_engine_perryctl (fixture.live, NULL, "run", "--rm", "--read-only", "--cap-drop", "ALL", "-u",
                                     "65534:65534", "-w", "/tmp", "--security-opt", "seccomp=default",
                                     "--security-opt", "no-new-privileges", "--network", "none", "-m", "64m",
                                     "--pids-limit", "64", "-v", volume, "busybox", "sh", "-c",
                                     ">/out/trace; echo the workload ran; sleep 2", NULL);
}

static void
test_honest (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  tell ("");
  result = run_hardened ();
  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "the workload ran\n");
  g_assert_cmpint (g_remove (fixture.trace), ==, 0);
}

static void
test_lie (gconstpointer data)
{
  const char *lie = data;
  g_autofree char *line = g_strdup_printf ("\n  %s: ", lie);
  g_autoptr (PerryProcessResult) result = NULL;

  tell (lie);
  result = run_hardened ();
  perry_live_assert_status (result, 125);
  if (strstr (perry_live_stderr (result), line) == NULL)
    g_test_message ("%s", perry_live_stderr (result));
  g_assert_nonnull (strstr (perry_live_stderr (result), line));
  /* it was held when it was executed, and not let go */
  g_assert_false (g_file_test (fixture.trace, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (perry_live_engine_count_containers (fixture.live), ==, 0);
}

static void
test_lie_detached (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  tell ("read_only");
  result = perry_live_engine_perryctl (fixture.live, NULL, "run", "-d", "--read-only", "busybox", "sleep", "100", NULL);
  perry_live_assert_status (result, 125);
  g_assert_nonnull (strstr (perry_live_stderr (result), "read_only"));
  g_assert_cmpuint (perry_live_engine_count_containers (fixture.live), ==, 0);
}

/* a runtime that `docker` calls by its path; the copy gets a `lie` of its own */
static char *
install_liar (void)
{
  g_autofree char *built = g_build_filename (g_test_get_dir (G_TEST_BUILT), "integration", "liar", NULL);
  char *path = g_build_filename (fixture.directory, "liar", NULL);
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (built, &content, &length, NULL));
  g_assert_true (g_file_set_contents (path, content, (gssize) length, NULL));
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  return path;
}

int
main (int argc, char **argv)
{
  static const char *const lies[] = { "seccomp", "read_only",  "user",             "cap_drop",
                                      "memory",  "pids_limit", "no_new_privileges" };
  g_autofree char *reason = NULL;
  g_autofree char *liar = NULL;
  g_autofree char *runtime = NULL;
  const char *extra[] = { "--add-runtime", NULL, "--default-runtime", "liar", NULL };
  g_autofree char *out = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  fixture.directory = g_dir_make_tmp ("perry-liar-XXXXXX", NULL);
  fixture.lie = g_build_filename (fixture.directory, "lie", NULL);
  out = g_build_filename (fixture.directory, "out", NULL);
  fixture.trace = g_build_filename (out, "trace", NULL);
  g_assert_cmpint (g_mkdir (out, 0777), ==, 0);
  g_assert_cmpint (g_chmod (out, 0777), ==, 0);
  tell ("");
  liar = install_liar ();
  runtime = g_strconcat ("liar=", liar, NULL);
  extra[1] = runtime;
  fixture.live = perry_live_engine_start ("docker", "runc", extra, &reason);
  if (fixture.live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  g_test_add_func ("/lying-engine/honest-runtime-passes", test_honest);
  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autofree char *path = g_strconcat ("/lying-engine/caught/", lies[i], NULL);

      g_test_add_data_func (path, lies[i], test_lie);
    }
  g_test_add_func ("/lying-engine/caught/detached", test_lie_detached);
  status = g_test_run ();
  perry_live_engine_stop (fixture.live);
  g_remove (liar);
  g_remove (fixture.lie);
  g_remove (fixture.trace);
  g_assert_cmpint (g_rmdir (out), ==, 0);
  g_assert_cmpint (g_rmdir (fixture.directory), ==, 0);
  return status;
}
