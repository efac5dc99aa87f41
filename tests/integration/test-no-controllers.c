/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/integration/perry-live-engine.h"

/* An engine on cgroup version 2 without controllers, where Docker discards limits and Podman's runtime fails at the start:
 * every limit has to be refused or dropped aloud before that. The backend is the first argument. */
static PerryLiveEngine *live;

static PerryProcessResult *
run (const char *enforcement)
{
  return perry_live_engine_perryctl (live, NULL, "run", "--rm", "--enforcement", enforcement, "--memory", "64m",
                                     "--memory-swap", "96m", "--cpus", "0.5", "--pids-limit", "50", "--shm-size", "8m",
                                     "--ulimit", "nofile=100:200", "busybox", "sh", "-c",
                                     "ulimit -Hn; df -k /dev/shm | awk 'NR>1{print $2}'", NULL);
}

static const char *const limits[] = { "memory", "memory_swap", "cpus", "pids_limit" };

static gboolean
has_controllers (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--enforcement", "strict", "--pids-limit", "50", "busybox",
                                       "true", NULL);
  return !strstr (perry_live_stderr (result), "pids_limit: ");
}

static void
test_strict (void)
{
  g_autoptr (PerryProcessResult) result = run ("strict");

  perry_live_assert_status (result, 125);
  g_assert_cmpstr (perry_live_stdout (result), ==, "");
  g_assert_nonnull (strstr (perry_live_stderr (result), " cannot honour 4 fields that strict mode demands:"));
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autofree char *line = g_strdup_printf ("\n  %s: ", limits[i]);

      if (strstr (perry_live_stderr (result), line) == NULL)
        g_error ("%s is not refused: %s", limits[i], perry_live_stderr (result));
    }
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_warn (void)
{
  g_autoptr (PerryProcessResult) result = run ("warn");

  perry_live_assert_status (result, 0);
  /* what needs no cgroup is in force */
  g_assert_cmpstr (perry_live_stdout (result), ==, "200\n8192\n");
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autofree char *dropped = g_strdup_printf ("%s dropped: ", limits[i]);

      if (strstr (perry_live_stderr (result), dropped) == NULL)
        g_error ("%s was dropped in silence: %s", limits[i], perry_live_stderr (result));
    }
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

int
main (int argc, char **argv)
{
  static const char *const extra[] = { "--cgroup2", NULL };
  g_autofree char *reason = NULL;
  g_autofree char *strict = NULL;
  g_autofree char *warn = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  live = perry_live_engine_start (argv[1], "runc", extra, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  if (has_controllers ())
    {
      g_print ("1..0 # SKIP cgroup version 2 has its controllers on this host\n");
      perry_live_engine_stop (live);
      return 0;
    }
  strict = g_strdup_printf ("/no-controllers/%s/strict", argv[1]);
  warn = g_strdup_printf ("/no-controllers/%s/warn", argv[1]);
  g_test_add_func (strict, test_strict);
  g_test_add_func (warn, test_warn);
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
