/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-watch-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"

#define RUNC_ID "a9cd5cbb8ba321fc6ea3a0b197e2a709d29df1eade89cb6a503005e4b305baba"
#define RUNC_PID "4402"
#define CRUN_ID "9fe71948b792fc326cdf59879e608a18255a4d12f079d19330376a557b37b806"
#define CRUN_PID "4635"

/* A copy of a recorded tree whose process a test leads through its life, looking in between. */
typedef struct {
  char *parent;
  char *process; /* proc/<pid> */
  char *procs; /* cgroup.procs */
  char *directory; /* the cgroup, relative to the root of cgroups */
  PerryProofWatch *watch;
  int inotify; /* tells reads of the status */
  gint changed; /* atomic */
} Fixture;

static void
run_program (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
write_file (Fixture *fixture, const char *name, const char *text, gssize length)
{
  g_autofree char *path = g_build_filename (fixture->process, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, length, &error);
  g_assert_no_error (error);
}

static void
edit_status (Fixture *fixture, const char *from, const char *to)
{
  g_autofree char *path = g_build_filename (fixture->process, "status", NULL);
  g_autofree char *text = NULL;
  g_autofree char *edited = NULL;
  char *found;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  found = strstr (text, from);
  g_assert_nonnull (found);
  *found = '\0';
  edited = g_strconcat (text, to, found + strlen (from), NULL);
  write_file (fixture, "status", edited, -1);
}

static void
set_up (Fixture *fixture, const char *name, const char *pid, const char *id)
{
  g_autofree char *source = g_test_build_filename (G_TEST_DIST, "fixtures", "proc", name, NULL);
  g_autofree char *tree = NULL;
  const char *argv[] = { "cp", "-R", "-P", "--", source, NULL, NULL };

  fixture->parent = g_dir_make_tmp ("perry-watch-XXXXXX", NULL);
  tree = g_build_filename (fixture->parent, "tree", NULL);
  argv[5] = tree;
  run_program (argv);
  fixture->process = g_build_filename (tree, "proc", pid, NULL);
  fixture->directory = g_strconcat ("pids/libpod_parent/libpod-", id, NULL);
  fixture->procs = g_build_filename (tree, "cgroup", fixture->directory, "cgroup.procs", NULL);
}

static void
begin (Fixture *fixture, const char *id, gboolean with_thread)
{
  g_autofree char *proc = g_path_get_dirname (fixture->process);
  g_autofree char *cgroup = g_build_filename (fixture->parent, "tree", "cgroup", NULL);
  int proc_fd = open (proc, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int cgroup_fd = open (cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
  const char *const directories[] = { "system.slice/nowhere.scope", fixture->directory, NULL };
  const PerryProofRequest request = { .container_id = id, .engine_pid = PERRY_PROOF_ENGINE_UNKNOWN };
  g_autoptr (GError) error = NULL;

  fixture->watch = with_thread ? perry_proof_watch_start (proc_fd, cgroup_fd, &request, directories, NULL, NULL,
                                                                &error)
                               : perry_proof_watch_prepare (proc_fd, cgroup_fd, &request, directories, &error);
  g_assert_no_error (error);
  close (proc_fd);
  close (cgroup_fd);
}

static void
tear_down (Fixture *fixture)
{
  const char *const argv[] = { "rm", "-rf", "--", fixture->parent, NULL };

  run_program (argv);
  g_free (fixture->parent);
  g_free (fixture->process);
  g_free (fixture->procs);
  g_free (fixture->directory);
}

static void
set_procs (Fixture *fixture, const char *text)
{
  g_assert_true (g_file_set_contents (fixture->procs, text, -1, NULL));
}

static void
become_preparing (Fixture *fixture)
{
  write_file (fixture, "wchan", "unix_stream_read_generic", -1);
  write_file (fixture, "syscall", "0 0x3 0xc000172a00 0x200 0x0 0x0 0x0 0xc00019f320 0x40828e\n", -1);
}

static void
become_workload (Fixture *fixture, const char *runtime_line)
{
  static const char cmdline[] = "sleep\0" "600";

  write_file (fixture, "cmdline", cmdline, sizeof cmdline);
  edit_status (fixture, runtime_line, "Name:\tsleep\n");
  write_file (fixture, "wchan", "hrtimer_nanosleep", -1);
  write_file (fixture, "comm", "sleep\n", -1);
}

static void
test_whole_life (void)
{
  Fixture fixture;
  g_autoptr (PerryObservation) before_exec = NULL;
  g_autoptr (PerryObservation) running = NULL;

  set_up (&fixture, "v1-podman-runc-initialised", RUNC_PID, RUNC_ID);
  set_procs (&fixture, "");
  become_preparing (&fixture);
  edit_status (&fixture, "Seccomp:\t2", "Seccomp:\t0");
  begin (&fixture, RUNC_ID, FALSE);
  perry_proof_watch_look (fixture.watch);
  set_procs (&fixture, "1\n0\n" RUNC_PID "\n");
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_look (fixture.watch);

  edit_status (&fixture, "Seccomp:\t0", "Seccomp:\t2");
  write_file (&fixture, "wchan", "wait_for_partner", -1);
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_look (fixture.watch);
  become_workload (&fixture, "Name:\trunc:[2:INIT]\n");
  perry_proof_watch_look (fixture.watch);
  /* What the workload does to itself later is not its first state. */
  edit_status (&fixture, "Uid:\t65534\t65534", "Uid:\t65534\t7");
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, &running);

  g_assert_cmpint (before_exec->moment, ==, PERRY_MOMENT_BEFORE_EXEC);
  g_assert_true (before_exec->settled);
  g_assert_cmpint (before_exec->seccomp_mode, ==, 2);
  g_assert_cmpstr (before_exec->cmdline[1], ==, "init");
  g_assert_nonnull (before_exec->passwd);
  g_assert_cmpint (running->moment, ==, PERRY_MOMENT_RUNNING);
  g_assert_cmpint (running->uid[1], ==, 65534);
  g_assert_cmpstr (running->cmdline[0], ==, "sleep");
  g_assert_null (running->passwd);
  tear_down (&fixture);
}

/* An early state must never come out, least of all as a final one. */
static void
test_early_state_is_not_reported (void)
{
  Fixture fixture;
  PerryObservation *before_exec = NULL;
  PerryObservation *running = NULL;

  set_up (&fixture, "v1-podman-runc-initialised", RUNC_PID, RUNC_ID);
  become_preparing (&fixture);
  edit_status (&fixture, "Seccomp:\t2", "Seccomp:\t0");
  begin (&fixture, RUNC_ID, FALSE);
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, &running);
  g_assert_null (before_exec);
  g_assert_null (running);
  tear_down (&fixture);
}

/* A user who may not see what the runtime waits for gets the last change, marked as not settled. */
static void
test_wait_out_of_sight (void)
{
  Fixture fixture;
  g_autoptr (PerryObservation) before_exec = NULL;

  set_up (&fixture, "v1-podman-runc-initialised", RUNC_PID, RUNC_ID);
  write_file (&fixture, "wchan", "0", -1);
  write_file (&fixture, "syscall", "", -1);
  edit_status (&fixture, "Seccomp:\t2", "Seccomp:\t0");
  begin (&fixture, RUNC_ID, FALSE);
  perry_proof_watch_look (fixture.watch);
  edit_status (&fixture, "Seccomp:\t0", "Seccomp:\t2");
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, NULL);
  g_assert_false (before_exec->settled);
  g_assert_cmpint (before_exec->seccomp_mode, ==, 2);
  tear_down (&fixture);
}

static void
test_crun_loads_seccomp_last (void)
{
  Fixture fixture;
  g_autoptr (PerryObservation) before_exec = NULL;

  set_up (&fixture, "v1-podman-crun-initialised", CRUN_PID, CRUN_ID);
  begin (&fixture, CRUN_ID, FALSE);
  perry_proof_watch_look (fixture.watch);
  edit_status (&fixture, "Seccomp:\t0\nSeccomp_filters:\t0", "Seccomp:\t2\nSeccomp_filters:\t1");
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, NULL);
  g_assert_true (before_exec->settled);
  g_assert_false (before_exec->seccomp_pending);
  g_assert_cmpint (before_exec->seccomp_mode, ==, 2);
  g_assert_cmpint (before_exec->seccomp_filters, ==, 1);
  tear_down (&fixture);
}

/* A filter that the workload loads is not the engine's. */
static void
test_crun_seccomp_of_the_workload (void)
{
  Fixture fixture;
  g_autoptr (PerryObservation) before_exec = NULL;
  g_autoptr (PerryObservation) running = NULL;

  set_up (&fixture, "v1-podman-crun-initialised", CRUN_PID, CRUN_ID);
  begin (&fixture, CRUN_ID, FALSE);
  perry_proof_watch_look (fixture.watch);
  become_workload (&fixture, "Name:\tcrun\n");
  perry_proof_watch_look (fixture.watch);
  edit_status (&fixture, "Seccomp:\t0", "Seccomp:\t2");
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, &running);
  g_assert_true (before_exec->seccomp_pending);
  g_assert_cmpint (running->seccomp_mode, ==, 0);
  g_assert_false (running->seccomp_pending);
  tear_down (&fixture);
}

/* Of a process that is first seen as something else nobody knows whether a runtime is still at work in it. */
static void
test_unknown_program (void)
{
  Fixture fixture;
  PerryObservation *before_exec = NULL;
  PerryObservation *running = NULL;

  set_up (&fixture, "v1-podman-runc-initialised", RUNC_PID, RUNC_ID);
  become_workload (&fixture, "Name:\trunc:[2:INIT]\n");
  begin (&fixture, RUNC_ID, FALSE);
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, &running);
  g_assert_null (before_exec);
  g_assert_null (running);
  tear_down (&fixture);
}

/* Where there is no cgroup to search, after `init`: the process is given. */
static void
test_given_process (void)
{
  Fixture fixture;
  g_autofree char *proc = NULL;
  g_autoptr (PerryObservation) before_exec = NULL;
  const char *const nowhere[] = { NULL };
  const PerryProofRequest request = { .container_id = RUNC_ID,
                                      .engine_pid = PERRY_PROOF_ENGINE_UNKNOWN,
                                      .initialised_pid = 4402 };
  g_autoptr (GError) error = NULL;
  int proc_fd;

  set_up (&fixture, "v1-podman-runc-initialised", RUNC_PID, RUNC_ID);
  proc = g_path_get_dirname (fixture.process);
  proc_fd = open (proc, O_PATH | O_DIRECTORY | O_CLOEXEC);
  fixture.watch = perry_proof_watch_prepare (proc_fd, proc_fd, &request, nowhere, &error);
  g_assert_no_error (error);
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, NULL);
  g_assert_nonnull (before_exec);
  g_assert_true (before_exec->settled);
  close (proc_fd);
  tear_down (&fixture);
}

/* It was looked at when the watch has begun: an engine that is told to start it then cannot be too quick. */
static void
test_given_process_is_seen_at_once (void)
{
  Fixture fixture;
  g_autofree char *proc = NULL;
  g_autofree char *gone = NULL;
  const char *const nowhere[] = { NULL };
  const PerryProofRequest request = { .container_id = RUNC_ID,
                                      .engine_pid = PERRY_PROOF_ENGINE_UNKNOWN,
                                      .initialised_pid = 4402 };
  int proc_fd;

  set_up (&fixture, "v1-podman-runc-initialised", RUNC_PID, RUNC_ID);
  proc = g_path_get_dirname (fixture.process);
  gone = g_strconcat (fixture.process, "-gone", NULL);
  proc_fd = open (proc, O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (PerryObservation) before_exec = NULL;
      g_autoptr (GError) error = NULL;

      fixture.watch = perry_proof_watch_start (proc_fd, proc_fd, &request, nowhere, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (g_rename (fixture.process, gone), ==, 0);
      perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, NULL);
      g_assert_nonnull (before_exec);
      g_assert_true (before_exec->settled);
      g_assert_cmpint (g_rename (gone, fixture.process), ==, 0);
    }
  close (proc_fd);
  tear_down (&fixture);
}

static void
test_process_of_another_container (void)
{
  Fixture fixture;
  PerryObservation *before_exec = NULL;

  set_up (&fixture, "v1-podman-runc-initialised", RUNC_PID, RUNC_ID);
  write_file (&fixture, "cgroup", "8:pids:/libpod_parent/libpod-" CRUN_ID "\n", -1);
  begin (&fixture, RUNC_ID, FALSE);
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, NULL);
  g_assert_null (before_exec);
  tear_down (&fixture);
}

static void
test_process_vanishes (void)
{
  Fixture fixture;
  g_autoptr (PerryObservation) before_exec = NULL;
  PerryObservation *running = NULL;
  g_autofree char *moved = NULL;

  set_up (&fixture, "v1-podman-runc-initialised", RUNC_PID, RUNC_ID);
  begin (&fixture, RUNC_ID, FALSE);
  perry_proof_watch_look (fixture.watch);
  moved = g_build_filename (fixture.process, "comm", NULL);
  g_assert_cmpint (g_unlink (moved), ==, 0);
  g_assert_cmpint (g_unlink (fixture.procs), ==, 0);
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_look (fixture.watch);
  perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, &running);
  g_assert_true (before_exec->settled);
  g_assert_null (running);
  tear_down (&fixture);
}

static void
test_thread (void)
{
  Fixture fixture;
  g_autoptr (PerryObservation) before_exec = NULL;
  PerryObservation *running = NULL;

  set_up (&fixture, "v1-podman-runc-initialised", RUNC_PID, RUNC_ID);
  begin (&fixture, RUNC_ID, TRUE);
  perry_proof_watch_stop (fixture.watch, 0, NULL, &before_exec, &running);
  g_assert_true (before_exec->settled);
  g_assert_null (running);
  begin (&fixture, RUNC_ID, TRUE);
  perry_proof_watch_stop (fixture.watch, 0, NULL, NULL, NULL);
  tear_down (&fixture);
}

static void
test_bad_requests (void)
{
  const PerryProofRequest short_id = { .container_id = "a9cd5cbb8ba3" };
  const PerryProofRequest good = { .container_id = RUNC_ID };
  const char *const directories[] = { "x", NULL };
  const char *many[34] = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_proof_watch_start (0, 0, &short_id, directories, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (perry_proof_watch_start (0, 0, &good, directories + 1, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  for (gsize i = 0; i + 1 < G_N_ELEMENTS (many); i++)
    many[i] = "x";
  g_assert_null (perry_proof_watch_start (0, 0, &good, many, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (perry_proof_watch_start (-1, -1, &good, directories, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_FAILED);
}

#define LONGEST_S 30

/* Takes no-new-privileges away when the status has been read twice: when a look begins, and when it has seen the wait. */
static gpointer
change_after_two_reads (gpointer data)
{
  Fixture *fixture = data;
  struct inotify_event event;

  for (int i = 0; i < 2; i++)
    g_assert_cmpint (read (fixture->inotify, &event, sizeof event), ==, sizeof event);
  edit_status (fixture, "NoNewPrivs:\t1", "NoNewPrivs:\t0");
  g_atomic_int_set (&fixture->changed, 1);
  return NULL;
}

static PerryObservation *
observe_while_it_changes (Fixture *fixture, const PerryProofRequest *request)
{
  g_autofree char *proc = g_path_get_dirname (fixture->process);
  g_autofree char *status = g_build_filename (fixture->process, "status", NULL);
  int proc_fd = open (proc, O_PATH | O_DIRECTORY | O_CLOEXEC);
  PerryObservation *observation;
  GThread *thread;

  g_atomic_int_set (&fixture->changed, 0);
  fixture->inotify = inotify_init1 (IN_CLOEXEC);
  g_assert_cmpint (inotify_add_watch (fixture->inotify, status, IN_CLOSE_NOWRITE), >, 0);
  thread = g_thread_new ("change", change_after_two_reads, fixture);
  observation = perry_proof_observe (proc_fd, -1, atoi (RUNC_PID), request, NULL);
  /* two reads in a row can be told as one */
  while (!g_atomic_int_get (&fixture->changed))
    close (open (status, O_RDONLY | O_CLOEXEC));
  g_thread_join (thread);
  close (fixture->inotify);
  close (proc_fd);
  return observation;
}

/* What changed while a look was taken is told as it is in the end, but the look is not one moment: it proves nothing. */
static void
test_changes_while_looking (void)
{
  const PerryProofRequest request = { .container_id = RUNC_ID, .engine_pid = PERRY_PROOF_ENGINE_UNKNOWN,
                                      .moment = PERRY_MOMENT_BEFORE_EXEC };
  gint64 end = g_get_monotonic_time () + LONGEST_S * G_USEC_PER_SEC;
  Fixture fixture = { NULL };
  gboolean seen = FALSE;

  set_up (&fixture, "v1-podman-runc-initialised", RUNC_PID, RUNC_ID);
  while (!seen && g_get_monotonic_time () < end)
    {
      g_autoptr (PerryObservation) observation = observe_while_it_changes (&fixture, &request);

      seen = observation->no_new_privs == 0;
      g_assert_true (observation->settled != seen);
      edit_status (&fixture, "NoNewPrivs:\t0", "NoNewPrivs:\t1");
    }
  g_assert_true (seen);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proof-watch/whole-life", test_whole_life);
  g_test_add_func ("/proof-watch/early-state-is-not-reported", test_early_state_is_not_reported);
  g_test_add_func ("/proof-watch/wait-out-of-sight", test_wait_out_of_sight);
  g_test_add_func ("/proof-watch/crun/loads-seccomp-last", test_crun_loads_seccomp_last);
  g_test_add_func ("/proof-watch/crun/seccomp-of-the-workload", test_crun_seccomp_of_the_workload);
  g_test_add_func ("/proof-watch/unknown-program", test_unknown_program);
  g_test_add_func ("/proof-watch/given-process", test_given_process);
  g_test_add_func ("/proof-watch/given-process-is-seen-at-once", test_given_process_is_seen_at_once);
  g_test_add_func ("/proof-watch/process-of-another-container", test_process_of_another_container);
  g_test_add_func ("/proof-watch/process-vanishes", test_process_vanishes);
  g_test_add_func ("/proof-watch/thread", test_thread);
  g_test_add_func ("/proof-watch/bad-requests", test_bad_requests);
  g_test_add_func ("/proof-watch/changes-while-looking", test_changes_while_looking);
  return g_test_run ();
}
