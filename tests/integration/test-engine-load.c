/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/integration/perry-engine-control.h"

/* Many runs on a real engine, one after another and 64 at once: each is done and proven, nothing is left in this process
 * nor around the engine. */

#define N_PARALLEL 64
#define WARM_UP 10
#define SLACK_BYTES 4096
/* until an engine has cleared away what it has no hurry with */
#define SETTLE_MS 30000

static PerryLiveEngine *live;
static PerryEngineControl *control;

typedef struct {
  PerryEngine *engine;
  guint number;
  char *failure; /* NULL when all is well */
} Run;

/* What the kernel can show of this spec; the others have no other evidence than the engine's report. */
static const char *const proven[] = { "user", "workdir", "read_only", "cap_drop", "no_new_privileges", "network", NULL };

static char *
check_proofs (PerryRunResult *result)
{
  guint n_proven = 0;

  for (guint i = 0; i < result->proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (result->proofs, i);
      const char *name = perry_field_get_info (proof->field)->name;

      if (!g_strv_contains (proven, name))
        continue;
      if (proof->verdict != PERRY_VERDICT_PROVEN)
        return g_strdup_printf ("%s is not proven: %s", name, proof->reason);
      n_proven++;
    }
  if (n_proven != G_N_ELEMENTS (proven) - 1)
    return g_strdup_printf ("%u fields are proven", n_proven);
  return NULL;
}

static char *
check_result (const Run *run, PerryRunResult *result)
{
  g_autofree char *expected = g_strdup_printf ("run %u\n", run->number);
  gsize size;
  const char *output = g_bytes_get_data (result->stdout_data, &size);

  if (result->exit_code != (gint64) (run->number % 100))
    return g_strdup_printf ("ended with %d", (int) result->exit_code);
  if (size != strlen (expected) || memcmp (output, expected, size) != 0)
    return g_strdup_printf ("wrote %.*s", (int) size, output);
  return check_proofs (result);
}

static void
do_run (gpointer data, gpointer unused)
{
  Run *run = data;
  g_autofree char *json = g_strdup_printf (
      "{\"image\": \"busybox\", \"rm\": true, \"user\": \"65534:65534\", \"workdir\": \"/tmp\", \"read_only\": true,"
      " \"cap_drop\": [\"ALL\"], \"no_new_privileges\": true, \"network\": \"none\","
      " \"cmd\": [\"sh\", \"-c\", \"echo run %u; exit %u\"]}", run->number, run->number % 100);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, &error);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryRunResult) result = NULL;

  g_assert_no_error (error);
  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  options->capture = TRUE;
  result = perry_engine_run (run->engine, spec, options, NULL, &error);
  run->failure = result != NULL ? check_result (run, result) : g_strdup (error->message);
}

static void
assert_done (Run *runs, guint n)
{
  guint n_failed = 0;

  for (guint i = 0; i < n; i++)
    if (runs[i].failure != NULL)
      {
        g_test_message ("run %u: %s", runs[i].number, runs[i].failure);
        n_failed++;
      }
  g_assert_cmpuint (n_failed, ==, 0);
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (directory) != NULL)
    count++;
  return count;
}

static void
assert_rest (const PerryEngineRest *before)
{
  gint64 end = g_get_monotonic_time () + SETTLE_MS * G_TIME_SPAN_MILLISECOND;
  PerryEngineRest now;

  do
    now = perry_engine_control_count (control);
  while ((now.processes > before->processes || now.cgroups > before->cgroups) && g_get_monotonic_time () < end);
  g_test_message ("%u and %u containers, %u and %u volumes, %u and %u networks, %u and %u processes, %u and %u cgroups",
                  before->containers, now.containers, before->volumes, now.volumes, before->networks, now.networks,
                  before->processes, now.processes, before->cgroups, now.cgroups);
  g_assert_cmpuint (now.containers, ==, before->containers);
  g_assert_cmpuint (now.volumes, ==, before->volumes);
  g_assert_cmpuint (now.networks, ==, before->networks);
  g_assert_cmpuint (now.processes, <=, before->processes);
  g_assert_cmpuint (now.cgroups, <=, before->cgroups);
}

static void
run_some (PerryEngine *engine, guint n)
{
  g_autofree Run *runs = g_new0 (Run, n);

  for (guint i = 0; i < n; i++)
    {
      runs[i] = (Run){ .engine = engine, .number = i };
      do_run (&runs[i], NULL);
    }
  assert_done (runs, n);
}

static void
test_sequence (void)
{
  const char *number = g_getenv ("PERRY_TEST_RUNS");
  guint n = MAX (1, number != NULL ? (guint) atoi (number) : 20);
  g_autoptr (PerryEngine) engine = perry_live_engine_open (live);
  guint descriptors, threads;
  gsize bytes, bytes_after;
  PerryEngineRest before;

  run_some (engine, WARM_UP);
  before = perry_engine_control_count (control);
  descriptors = count_entries ("/proc/self/fd");
  threads = count_entries ("/proc/self/task");
  bytes = mallinfo2 ().uordblks;
  run_some (engine, n);
  bytes_after = mallinfo2 ().uordblks;
  g_test_message ("%u runs: %u and %u descriptors, %u and %u threads, %" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT " bytes", n,
                  descriptors, count_entries ("/proc/self/fd"), threads, count_entries ("/proc/self/task"), bytes,
                  bytes_after);
  g_assert_cmpuint (count_entries ("/proc/self/fd"), ==, descriptors);
  g_assert_cmpuint (count_entries ("/proc/self/task"), <=, threads);
  g_assert_cmpuint (bytes_after, <, bytes + SLACK_BYTES);
  assert_rest (&before);
}

static void
test_parallel (void)
{
  g_autoptr (PerryEngine) engine = perry_live_engine_open (live);
  PerryEngineRest before = perry_engine_control_count (control);
  GThreadPool *pool = g_thread_pool_new (do_run, NULL, N_PARALLEL, TRUE, NULL);
  g_autofree Run *runs = g_new0 (Run, N_PARALLEL);
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < N_PARALLEL; i++)
    {
      runs[i] = (Run){ .engine = engine, .number = i };
      g_thread_pool_push (pool, &runs[i], NULL);
    }
  g_thread_pool_free (pool, FALSE, TRUE);
  g_test_message ("64 at once in %d ms", (int) ((g_get_monotonic_time () - begin) / 1000));
  assert_done (runs, N_PARALLEL);
  assert_rest (&before);
}

/* As in tests/test-leaks.c: what allocators keep for later cannot be told from a leak. */
static void
disable_caches (char **argv)
{
  if (getenv ("PERRY_TEST_WITHOUT_CACHES") != NULL)
    return;
  setenv ("PERRY_TEST_WITHOUT_CACHES", "1", 1);
  setenv ("G_SLICE", "always-malloc", 1);
  setenv ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
  execv ("/proc/self/exe", argv);
  abort ();
}

/* The backend is the last argument; PERRY_TEST_RUNS says how many runs follow each other. */
int
main (int argc, char **argv)
{
  g_autofree char *reason = NULL;
  int status;

  disable_caches (argv);
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  live = perry_live_engine_start (argv[1], "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  control = perry_engine_control_new (live);
  g_test_add_func ("/engine-load/one-after-another", test_sequence);
  g_test_add_func ("/engine-load/64-at-once", test_parallel);
  status = g_test_run ();
  perry_engine_control_free (control);
  perry_live_engine_stop (live);
  return status;
}
