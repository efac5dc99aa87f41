/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/engine/perry-supervisor.h"
#include "tests/stub-backend.h"

/* Which program is trusted to stay beside a container, and what becomes of one that is not wanted any more. */
#define NAME_ENV "PERRY_CONTAINER_SUPERVISOR="
#define PATIENCE_MS (20 * 1000)

typedef struct {
  char *directory;
  char *program;
  char *link;
  PerryConfig *config;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  PerryConfigPaths nowhere = { (char *) "/nowhere/a", (char *) "/nowhere/b", (char *) "/nowhere/c", (char *) "/nowhere/d" };
  g_autofree char *variable = NULL;
  const char *environment[] = { NULL, NULL };
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("perry-supervisor-XXXXXX", NULL);
  fixture->program = g_build_filename (fixture->directory, "program", NULL);
  fixture->link = g_build_filename (fixture->directory, "link", NULL);
  g_assert_true (g_file_set_contents (fixture->program, "#!/bin/sh\necho $$ >\"$0.new\"\nmv \"$0.new\" \"$0.pid\"\n"
                                                        "exec sleep 60\n", -1, NULL));
  g_assert_cmpint (g_chmod (fixture->program, 0700), ==, 0);
  g_assert_cmpint (symlink ("program", fixture->link), ==, 0);
  environment[0] = variable = g_strconcat (NAME_ENV, fixture->link, NULL);
  fixture->config = perry_config_load (&nowhere, environment, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->link);
  g_unlink (fixture->program);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_clear_pointer (&fixture->config, perry_config_unref);
  g_free (fixture->directory);
  g_free (fixture->program);
  g_free (fixture->link);
}

static void
assert_refused (Fixture *fixture, const char *text)
{
  g_autofree char *reason = NULL;
  g_autofree char *path = perry_supervisor_find (fixture->config, &reason);

  g_assert_null (path);
  g_assert_nonnull (strstr (reason, text));
  g_assert_nonnull (strstr (reason, fixture->link));
}

static void
test_trust (Fixture *fixture, gconstpointer data)
{
  g_autofree char *reason = NULL;
  g_autofree char *path = perry_supervisor_find (fixture->config, &reason);
  g_autofree char *privileged = NULL;

  g_assert_cmpstr (path, ==, fixture->program);
  g_assert_null (reason);
  privileged = perry_supervisor_find_for (fixture->config, TRUE, &reason);
  g_assert_cmpstr (privileged, !=, fixture->program);

  g_assert_cmpint (g_chmod (fixture->program, 0720), ==, 0);
  assert_refused (fixture, "may be written by others");
  g_assert_cmpint (g_chmod (fixture->program, 0600), ==, 0);
  assert_refused (fixture, "may not be executed");
  g_assert_cmpint (g_chmod (fixture->program, 0700), ==, 0);
  g_assert_cmpint (g_chmod (fixture->directory, 0702), ==, 0);
  assert_refused (fixture, "may be written by others");
  g_assert_cmpint (g_chmod (fixture->directory, 0700), ==, 0);
  g_unlink (fixture->link);
  assert_refused (fixture, "No such file");
  g_assert_cmpint (symlink ("link", fixture->link), ==, 0);
  assert_refused (fixture, "symbolic links");
  g_unlink (fixture->link);
  g_assert_cmpint (symlink (".", fixture->link), ==, 0);
  assert_refused (fixture, "is a directory or a special file");
}

typedef struct {
  char *path; /* where the program writes its number */
  GCancellable *cancellable;
  int pidfd;
} Watch;

/* Cancels once the program runs. */
static gpointer
watch_thread (gpointer data)
{
  Watch *watch = data;
  g_autofree char *text = NULL;

  for (int ms = 0; ms < PATIENCE_MS && !g_file_get_contents (watch->path, &text, NULL, NULL); ms += 5)
    g_usleep (5000);
  g_assert_nonnull (text);
  watch->pidfd = pidfd_open ((pid_t) g_ascii_strtoll (text, NULL, 10), 0);
  g_cancellable_cancel (watch->cancellable);
  return NULL;
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_auto (StubBackend) stub = { .wait_ms = 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *pid_path = g_strconcat (fixture->program, ".pid", NULL);
  g_autofree char *runtime = g_build_filename (fixture->directory, "perry-container", NULL);
  Watch watch = { pid_path, cancellable, -1 };
  int pidfd = -1;
  GThread *thread;
  GPollFD end;

  stub_backend_init (&stub);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  thread = g_thread_new ("watch", watch_thread, &watch);
  g_assert_false (perry_supervisor_start (fixture->config, stub.backend, "abc", &pidfd, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpint (pidfd, ==, -1);
  g_thread_join (thread);
  end = (GPollFD){ .fd = watch.pidfd, .events = G_IO_IN };
  g_assert_cmpint (end.fd, >=, 0);
  g_assert_cmpint (g_poll (&end, 1, PATIENCE_MS), ==, 1);
  close (watch.pidfd);
  g_unlink (pid_path);
  g_assert_cmpint (g_rmdir (runtime), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/supervisor/trust", Fixture, NULL, set_up, test_trust, tear_down);
  g_test_add ("/supervisor/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  return g_test_run ();
}
