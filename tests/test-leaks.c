/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/perry-container.h"
#include "tests/fake/perry-fake-engine.h"

/* Many runs in one process leave no descriptor, no thread and no memory behind, and many at once are all done. */

#define WARM_UP 50
#define N_PARALLEL 64
#define N_JOBS 8
/* Less than three bytes for each of a thousand runs. Measured without the caches it is none at all. */
#define SLACK_BYTES 2048

typedef struct {
  guint descriptors;
  guint threads;
  gsize bytes;
} Usage;

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (directory) != NULL)
    count++;
  return count;
}

/* A thread that was joined is listed for a moment longer. */
static guint
await_threads (guint most)
{
  gint64 end = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;
  guint n;

  while ((n = count_entries ("/proc/self/task")) > most && g_get_monotonic_time () < end)
    g_thread_yield ();
  return n;
}

static Usage
measure (void)
{
  return (Usage){ count_entries ("/proc/self/fd"), count_entries ("/proc/self/task"), mallinfo2 ().uordblks };
}

/* An engine in a process of its own, so that only what a client keeps is measured here. */
typedef struct {
  pid_t pid;
  int lifeline;
  char socket_path[108];
} OtherProcess;

static OtherProcess other_docker, other_podman;
static int n_done;

static void
be_the_engine (PerryFakeDialect dialect, int report, int lifeline)
{
  PerryFakeEngine *fake = perry_fake_engine_new (dialect);
  const char *path = perry_fake_engine_get_socket_path (fake);
  char byte;

  perry_fake_engine_set_output (fake, "out\n", NULL, 7);
  if (write (report, path, strlen (path)) > 0)
    while (read (lifeline, &byte, 1) > 0)
      continue;
  perry_fake_engine_free (fake);
  _exit (0);
}

static void
start_other_process (OtherProcess *other, PerryFakeDialect dialect)
{
  int report[2], lifeline[2];

  g_assert_cmpint (pipe (report), ==, 0);
  g_assert_cmpint (pipe (lifeline), ==, 0);
  other->pid = fork ();
  g_assert_cmpint (other->pid, >=, 0);
  if (other->pid == 0)
    {
      close (lifeline[1]);
      if (other_docker.lifeline > 0)
        close (other_docker.lifeline);
      be_the_engine (dialect, report[1], lifeline[0]);
    }
  close (report[1]);
  close (lifeline[0]);
  other->lifeline = lifeline[1];
  g_assert_cmpint (read (report[0], other->socket_path, sizeof other->socket_path - 1), >, 0);
  close (report[0]);
}

static void
stop_other_process (OtherProcess *other)
{
  close (other->lifeline);
  g_assert_cmpint (waitpid (other->pid, NULL, 0), ==, other->pid);
}

static PerryEngine *
open_engine (const char *socket_path, const char *backend)
{
  g_autofree char *group = g_strconcat ("plugin ", backend, NULL);
  g_autoptr (GError) error = NULL;
  PerryEngine *engine = perry_engine_new (NULL, &error);
  PerryConfig *config;

  g_assert_no_error (error);
  config = perry_engine_get_config (engine);
  g_assert_true (perry_config_set_override (config, "engine", "backend", backend, "the test", NULL));
  g_assert_true (perry_config_set_override (config, group, "socket", socket_path, "the test", NULL));
  /* Nothing here is slow by itself; what watches the memory makes it so. */
  g_assert_true (perry_config_set_override (config, "engine", "probe-timeout-ms", "60000", "the test", NULL));
  g_assert_true (perry_config_set_override (config, "engine", "timeout-ms", "120000", "the test", NULL));
  return engine;
}

static void
run (gpointer data, gpointer engine)
{
  g_autoptr (PerryContainerSpec) spec =
    perry_container_spec_new_from_json ("{\"image\": \"bb:1\", \"rm\": true, \"cmd\": [\"hello\"]}", -1, NULL);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (perry_container_spec_complete (spec, NULL, NULL));
  options->capture = TRUE;
  result = perry_engine_run (engine, spec, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->exit_code, ==, 7);
  g_assert_cmpuint (g_bytes_get_size (result->stdout_data), ==, 4);
}

static guint
n_runs (void)
{
  const char *runs = g_getenv ("PERRY_TEST_RUNS");

  return MAX (1, runs != NULL ? (guint) atoi (runs) : 100);
}

static void
test_sequence (const char *backend, const char *socket_path)
{
  g_autoptr (PerryEngine) engine = open_engine (socket_path, backend);
  Usage before, after;

  for (guint i = 0; i < MIN (WARM_UP, n_runs ()); i++)
    run (NULL, engine);
  before = measure ();
  for (guint i = 0; i < n_runs (); i++)
    run (NULL, engine);
  after = measure ();
  after.threads = await_threads (before.threads);
  g_test_message ("%u runs: %u and %u descriptors, %u and %u threads, %" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT
                  " bytes", n_runs (), before.descriptors, after.descriptors, before.threads, after.threads,
                  before.bytes, after.bytes);
  g_assert_cmpuint (after.descriptors, ==, before.descriptors);
  g_assert_cmpuint (after.threads, <=, before.threads);
  g_assert_cmpuint (after.bytes, <, before.bytes + SLACK_BYTES);
}

static void
run_and_count (gpointer data, gpointer engine)
{
  run (data, engine);
  g_atomic_int_inc (&n_done);
}

static void
test_parallel (const char *backend, const char *socket_path)
{
  guint descriptors = count_entries ("/proc/self/fd");
  PerryEngine *engine = open_engine (socket_path, backend);
  GThreadPool *pool = g_thread_pool_new (run_and_count, engine, N_PARALLEL, TRUE, NULL);
  g_autoptr (GPtrArray) left = NULL;

  g_atomic_int_set (&n_done, 0);
  for (guint i = 0; i < N_PARALLEL; i++)
    g_thread_pool_push (pool, GUINT_TO_POINTER (i + 1), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  g_assert_cmpint (g_atomic_int_get (&n_done), ==, N_PARALLEL);
  left = perry_engine_list (engine, TRUE, TRUE, NULL, NULL);
  g_assert_nonnull (left);
  g_assert_cmpuint (left->len, ==, 0);
  g_object_unref (engine);
  g_assert_cmpuint (count_entries ("/proc/self/fd"), ==, descriptors);
}

static void
run_batch (PerryEngine *engine, guint n_requests)
{
  g_autoptr (PerryContainerSpec) defaults =
      perry_container_spec_new_from_json ("{\"image\": \"bb:1\", \"cmd\": [\"hello\"]}", -1, NULL);
  g_autoptr (GError) error = NULL;
  PerrySandboxBatch batch = { .jobs = N_JOBS, .defaults = defaults, .flags = PERRY_SANDBOX_ALLOW_UNVERIFIED,
                              .input_fd = memfd_create ("requests", MFD_CLOEXEC),
                              .output_fd = memfd_create ("results", MFD_CLOEXEC), .done_fd = -1 };
  PerrySandboxBatchState state;

  for (guint i = 0; i < n_requests; i++)
    dprintf (batch.input_fd, "{\"id\": \"%u\"}\n", i);
  g_assert_cmpint (lseek (batch.input_fd, 0, SEEK_SET), ==, 0);
  g_assert_true (perry_sandbox_run_batch (engine, &batch, &state, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (state.n_ended, ==, n_requests);
  close (batch.input_fd);
  close (batch.output_fd);
}

/* The memory of threads that come and go is glibc's to keep. */
static void
test_batches (const char *backend, const char *socket_path)
{
  g_autoptr (PerryEngine) engine = open_engine (socket_path, backend);
  Usage before, after;

  run_batch (engine, 10 * N_JOBS);
  before = measure ();
  for (guint i = 0; i < 5; i++)
    run_batch (engine, n_runs () / 5 + 1);
  after = measure ();
  after.threads = await_threads (before.threads);
  g_assert_cmpuint (after.descriptors, <=, before.descriptors + N_JOBS);
  g_assert_cmpuint (after.threads, <=, before.threads);
}

static void
test_docker_batches (void)
{
  test_batches ("docker", other_docker.socket_path);
}

static void
test_docker_sequence (void)
{
  test_sequence ("docker", other_docker.socket_path);
}

static void
test_podman_sequence (void)
{
  test_sequence ("podman", other_podman.socket_path);
}

static void
test_docker_parallel (void)
{
  test_parallel ("docker", other_docker.socket_path);
}

static void
test_podman_parallel (void)
{
  test_parallel ("podman", other_podman.socket_path);
}

/* What GLib's slices and glibc's threads keep for the next allocation grows for a while and then stays, which cannot be
 * told from a leak: done without, before anything was allocated. */
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

int
main (int argc, char **argv)
{
  g_autofree char *root = NULL;
  g_autofree char *plugins = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *runtime = NULL;
  int status;

  disable_caches (argv);
  g_test_init (&argc, &argv, NULL);
  /* Before this process has a thread. */
  start_other_process (&other_docker, PERRY_FAKE_DOCKER_20);
  start_other_process (&other_podman, PERRY_FAKE_PODMAN_5);
  root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  plugins = g_strdup_printf ("%s/plugins/docker:%s/plugins/podman", root, root);
  directory = g_dir_make_tmp ("perry-leaks-XXXXXX", NULL);
  runtime = g_build_filename (directory, "perry-container", NULL);
  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", directory, TRUE);
  g_test_add_func ("/leaks/docker/one-after-another", test_docker_sequence);
  g_test_add_func ("/leaks/podman/one-after-another", test_podman_sequence);
  g_test_add_func ("/leaks/docker/batches", test_docker_batches);
  g_test_add_func ("/leaks/docker/64-at-once", test_docker_parallel);
  g_test_add_func ("/leaks/podman/64-at-once", test_podman_parallel);
  status = g_test_run ();
  stop_other_process (&other_docker);
  stop_other_process (&other_podman);
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  return status;
}
