/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"

#define ARGV(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* Far above what a call needs, far below what a hanging one takes. */
#define NOT_HANGING_US (10 * G_TIME_SPAN_SECOND)

typedef struct {
  char *directory;
  char *fifo;
  guint n_fds;
} Fixture;

static guint
count_fds (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("perry-test-process-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->fifo = g_build_filename (fixture->directory, "fifo", NULL);
  g_assert_cmpint (mkfifo (fixture->fifo, 0600), ==, 0);
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1), ==, 0);
  fixture->n_fds = count_fds ();
}

/* Every test ends with as many descriptors as it began with, and without any child. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (count_fds (), ==, fixture->n_fds);
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
  g_unlink (fixture->fifo);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->fifo);
  g_free (fixture->directory);
}

static PerryProcessResult *
run_ok (const char *const *argv, const PerryProcessOptions *options)
{
  g_autoptr (GError) error = NULL;
  PerryProcessResult *result = perry_process_run (argv, options, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (result);
  return result;
}

static char *
text_of (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  return g_strndup (size > 0 ? data : "", size);
}

static void
assert_fails (const char *const *argv, const PerryProcessOptions *options, PerryError code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_process_run (argv, options, NULL, &error));
  g_assert_error (error, PERRY_ERROR, (int) code);
  if (strstr (error->message, message) == NULL)
    g_error ("\"%s\" is not in \"%s\"", message, error->message);
}

static void
test_reports_the_end (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *script; int status; int signal; const char *out; const char *err; } cases[] = {
    { "exit 0", 0, 0, "", "" },
    { "echo out; echo err >&2; exit 7", 7, 0, "out\n", "err\n" },
    { "exit 255", 255, 0, "", "" },
    { "kill -9 $$", -1, SIGKILL, "", "" },
    { "echo x; kill -TERM $$", -1, SIGTERM, "x\n", "" },
    { "read line; echo \"[$line]\"", 0, 0, "[]\n", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryProcessResult) result = run_ok (ARGV ("sh", "-c", cases[i].script), NULL);
      g_autofree char *out = text_of (result->stdout_bytes);
      g_autofree char *err = text_of (result->stderr_bytes);

      g_assert_cmpint (result->exit_status, ==, cases[i].status);
      g_assert_cmpint (result->signal, ==, cases[i].signal);
      g_assert_cmpstr (out, ==, cases[i].out);
      g_assert_cmpstr (err, ==, cases[i].err);
      g_assert_false (result->stdout_truncated);
      g_assert_false (result->stderr_truncated);
    }
}

static void
test_no_shell (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) result = run_ok (ARGV ("printf", "%s|", "$(id)", "; exit 3", "*", "", "a b"), NULL);
  g_autofree char *out = text_of (result->stdout_bytes);

  g_assert_cmpstr (out, ==, "$(id)|; exit 3|*||a b|");
}

static void
test_large_input_and_output (Fixture *fixture, gconstpointer data)
{
  gsize size = 5 * 1024 * 1024 + 1;
  g_autofree char *block = g_malloc (size);
  g_autoptr (GBytes) input = NULL;
  g_autoptr (PerryProcessResult) result = NULL;

  for (gsize i = 0; i < size; i++)
    block[i] = (char) (i * 31 + i / 977);
  input = g_bytes_new (block, size);
  result = run_ok (ARGV ("cat"), &(PerryProcessOptions) { .input = input, .max_stdout = size });
  g_assert_true (g_bytes_equal (result->stdout_bytes, input));
  g_assert_false (result->stdout_truncated);
}

static void
test_input_nobody_reads (Fixture *fixture, gconstpointer data)
{
  g_autofree char *block = g_malloc0 (1024 * 1024);
  g_autoptr (GBytes) input = g_bytes_new (block, 1024 * 1024);
  g_autoptr (PerryProcessResult) result = run_ok (ARGV ("true"), &(PerryProcessOptions) { .input = input });

  g_assert_cmpint (result->exit_status, ==, 0);
}

static void
test_truncates (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) result = NULL;
  g_autoptr (PerryProcessResult) exact = NULL;
  g_autofree char *out = NULL;

  result = run_ok (ARGV ("sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x; head -c 200000 /dev/zero >&2"),
                   &(PerryProcessOptions) { .max_stdout = 5, .max_stderr = 100000 });
  out = text_of (result->stdout_bytes);
  g_assert_cmpint (result->exit_status, ==, 0);
  g_assert_cmpstr (out, ==, "xxxxx");
  g_assert_true (result->stdout_truncated);
  g_assert_cmpuint (g_bytes_get_size (result->stderr_bytes), ==, 100000);
  g_assert_true (result->stderr_truncated);

  exact = run_ok (ARGV ("printf", "12345"), &(PerryProcessOptions) { .max_stdout = 5 });
  g_assert_false (exact->stdout_truncated);
}

static void
test_environment (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) explicit_result = NULL;
  g_autoptr (PerryProcessResult) inherited = NULL;
  g_autofree char *explicit_text = NULL;
  g_autofree char *inherited_text = NULL;

  g_assert_true (g_setenv ("PERRY_TEST_INHERITED", "yes", TRUE));
  explicit_result = run_ok (ARGV ("env"), &(PerryProcessOptions) { .environment = ARGV ("ONLY=this") });
  inherited = run_ok (ARGV ("env"), NULL);
  explicit_text = text_of (explicit_result->stdout_bytes);
  inherited_text = text_of (inherited->stdout_bytes);
  g_assert_cmpstr (explicit_text, ==, "ONLY=this\n");
  g_assert_nonnull (strstr (inherited_text, "PERRY_TEST_INHERITED=yes\n"));
}

static void
test_working_directory (Fixture *fixture, gconstpointer data)
{
  PerryProcessOptions options = { .working_directory = fixture->directory };
  g_autoptr (PerryProcessResult) result = run_ok (ARGV ("pwd", "-P"), &options);
  g_autofree char *out = g_strchomp (text_of (result->stdout_bytes));
  g_autofree char *expected = realpath (fixture->directory, NULL);

  g_assert_cmpstr (out, ==, expected);
  options.working_directory = "/nonexistent/perry";
  assert_fails (ARGV ("pwd"), &options, PERRY_ERROR_NOT_FOUND, "working directory /nonexistent/perry");
  options.working_directory = "/dev/null";
  assert_fails (ARGV ("pwd"), &options, PERRY_ERROR_NOT_FOUND, "working directory /dev/null");
}

static void
test_program_not_found (Fixture *fixture, gconstpointer data)
{
  g_autofree char *old_path = g_strdup (g_getenv ("PATH"));
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *file = g_build_filename (fixture->directory, "perry-plain-file", NULL);
  g_autofree char *script = g_build_filename (fixture->directory, "perry-script", NULL);

  g_assert_true (g_file_set_contents (file, "x", -1, NULL));
  g_assert_true (g_file_set_contents (script, "#!/nonexistent/interpreter\n", -1, NULL));
  g_assert_cmpint (g_chmod (file, 0644), ==, 0);
  g_assert_cmpint (g_chmod (script, 0755), ==, 0);

  assert_fails (ARGV ("perry-no-such-program"), NULL, PERRY_ERROR_NOT_FOUND, "\"perry-no-such-program\" is not in any");
  assert_fails (ARGV (""), NULL, PERRY_ERROR_NOT_FOUND, "PATH");
  assert_fails (ARGV ("/nonexistent/program"), NULL, PERRY_ERROR_NOT_FOUND, "/nonexistent/program");
  assert_fails (ARGV (script), NULL, PERRY_ERROR_NOT_FOUND, script);
  assert_fails (ARGV (file), NULL, PERRY_ERROR_PERMISSION_DENIED, file);
  assert_fails (ARGV (fixture->directory), NULL, PERRY_ERROR_PERMISSION_DENIED, fixture->directory);

  g_assert_true (g_setenv ("PATH", fixture->directory, TRUE));
  assert_fails (ARGV ("perry-plain-file"), NULL, PERRY_ERROR_PERMISSION_DENIED, file);

  /* What lies in the working directory is not run, whatever PATH says. */
  g_assert_cmpint (g_chmod (file, 0755), ==, 0);
  g_assert_cmpint (g_chdir (fixture->directory), ==, 0);
  g_assert_true (g_setenv ("PATH", ".::/nonexistent", TRUE));
  assert_fails (ARGV ("perry-plain-file"), NULL, PERRY_ERROR_NOT_FOUND, "PATH (.::/nonexistent)");

  g_assert_cmpint (g_chdir (here), ==, 0);
  g_assert_true (g_setenv ("PATH", old_path, TRUE));
  g_unlink (file);
  g_unlink (script);
}

static void
test_clean_child (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) result = NULL;
  g_autofree char *out = NULL;
  struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
  int leaky = dup2 (STDIN_FILENO, 77);
  sigset_t blocked;
  guint64 blocked_in_child, ignored_in_child;
  int pid, pgrp;

  g_assert_cmpint (leaky, ==, 77);
  sigemptyset (&blocked);
  sigaddset (&blocked, SIGUSR1);
  g_assert_cmpint (pthread_sigmask (SIG_BLOCK, &blocked, NULL), ==, 0);
  g_assert_cmpint (sigaction (SIGPIPE, &ignore, &old), ==, 0);
  result = run_ok (ARGV ("sh", "-c", "ls /proc/self/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status; "
                                     "cut -d' ' -f1,5 /proc/$$/stat"), NULL);
  g_assert_cmpint (sigaction (SIGPIPE, &old, NULL), ==, 0);
  g_assert_cmpint (pthread_sigmask (SIG_UNBLOCK, &blocked, NULL), ==, 0);
  close (leaky);

  out = text_of (result->stdout_bytes);
  if (sscanf (out, "0\n1\n2\n3\nSigBlk: %" G_GINT64_MODIFIER "x SigIgn: %" G_GINT64_MODIFIER "x %d %d",
              &blocked_in_child, &ignored_in_child, &pid, &pgrp) != 4)
    g_error ("the child inherited something: %s", out);
  g_assert_cmphex (blocked_in_child, ==, 0);
  /* The C library's posix_spawn() leaves its own signals 32 and 33 ignored. */
  g_assert_cmphex (ignored_in_child & ~G_GUINT64_CONSTANT (0x180000000), ==, 0);
  g_assert_cmpint (pid, ==, pgrp);
  g_assert_cmpint (pgrp, !=, getpgrp ());
}

static void
test_closed_stdin (Fixture *fixture, gconstpointer data)
{
  int saved = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  g_autoptr (GBytes) input = g_bytes_new_static ("hello", 5);
  g_autoptr (PerryProcessResult) result = NULL;
  g_autofree char *out = NULL;

  close (STDIN_FILENO);
  result = run_ok (ARGV ("cat"), &(PerryProcessOptions) { .input = input });
  g_assert_cmpint (dup2 (saved, STDIN_FILENO), ==, STDIN_FILENO);
  close (saved);
  out = text_of (result->stdout_bytes);
  g_assert_cmpstr (out, ==, "hello");
}

/* Waits for an orphan that this process adopted as the nearest subreaper. */
static int
wait_for_orphan (pid_t pid)
{
  int status = 0;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

static void
test_deadline_kills_the_group (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->directory, "pid", NULL);
  g_autofree char *pid_text = NULL;
  gint64 begin = g_get_monotonic_time ();
  int status;

  assert_fails (ARGV ("sh", "-c", "sleep 1000 & echo $! > \"$0.new\"; mv \"$0.new\" \"$0\"; wait", file),
                &(PerryProcessOptions) { .timeout_ms = 500 }, PERRY_ERROR_TIMED_OUT, "within 0.500 seconds");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, NOT_HANGING_US);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 500 * 1000);
  g_assert_true (g_file_get_contents (file, &pid_text, NULL, NULL));
  status = wait_for_orphan (atoi (pid_text));
  g_assert_true (WIFSIGNALED (status));
  g_unlink (file);
}

static void
test_deadline_of_the_stubborn (Fixture *fixture, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();

  assert_fails (ARGV ("sh", "-c", "trap '' TERM; while :; do read x < /dev/zero; done"),
                &(PerryProcessOptions) { .timeout_ms = 50, .grace_ms = 50 }, PERRY_ERROR_TIMED_OUT, "0.050 seconds");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, NOT_HANGING_US);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 100 * 1000);
}

static void
test_grace_lets_it_tidy_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->directory, "tidy", NULL);

  assert_fails (ARGV ("sh", "-c", "trap 'echo tidy > \"$0\"; exit 0' TERM; sleep 1000 & wait", file),
                &(PerryProcessOptions) { .timeout_ms = 500, .grace_ms = 5000 }, PERRY_ERROR_TIMED_OUT, "0.500");
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  g_unlink (file);
  while (waitpid (-1, NULL, 0) > 0)
    ;
}

static void
test_endless_output (Fixture *fixture, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();

  assert_fails (ARGV ("yes"), &(PerryProcessOptions) { .timeout_ms = 50, .max_stdout = 10 }, PERRY_ERROR_TIMED_OUT,
                "yes did not end");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, NOT_HANGING_US);
}

static void
test_left_behind_in_the_group (Fixture *fixture, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (PerryProcessResult) result = run_ok (ARGV ("sh", "-c", "sleep 1000 & echo $!"), NULL);
  g_autofree char *out = text_of (result->stdout_bytes);
  int status = wait_for_orphan (atoi (out));

  g_assert_cmpint (g_get_monotonic_time () - begin, <, NOT_HANGING_US);
  g_assert_cmpint (result->exit_status, ==, 0);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
}

static void
test_left_behind_outside_the_group (Fixture *fixture, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (PerryProcessResult) result = run_ok (ARGV ("sh", "-c", "setsid sleep 1000 & echo $!"), NULL);
  g_autofree char *out = text_of (result->stdout_bytes);

  g_assert_cmpint (g_get_monotonic_time () - begin, <, NOT_HANGING_US);
  g_assert_cmpint (result->exit_status, ==, 0);
  g_assert_cmpint (kill (atoi (out), SIGKILL), ==, 0);
  wait_for_orphan (atoi (out));
}

typedef struct {
  const char *fifo;
  GCancellable *cancellable;
  gint64 when;
} Canceller;

static gpointer
cancel_when_started (gpointer data)
{
  Canceller *canceller = data;
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (canceller->fifo, &text, NULL, NULL));
  canceller->when = g_get_monotonic_time ();
  g_cancellable_cancel (canceller->cancellable);
  return NULL;
}

/* The best of three, because this machine may be busy; a call that waits for something longer fails all three. */
static void
test_cancellation (Fixture *fixture, gconstpointer data)
{
  const char *script = data;
  gint64 best = G_MAXINT64;

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      Canceller canceller = { fixture->fifo, cancellable, 0 };
      GThread *thread = g_thread_new ("canceller", cancel_when_started, &canceller);

      g_assert_null (perry_process_run (ARGV ("sh", "-c", script, fixture->fifo), NULL, cancellable, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
      g_thread_join (thread);
      best = MIN (best, g_get_monotonic_time () - canceller.when);
    }
  g_assert_cmpint (best, <, 100 * 1000);
  while (waitpid (-1, NULL, 0) > 0)
    ;
}

static void
test_cancelled_before (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (perry_process_run (ARGV ("true"), NULL, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
}

static void
test_ignored_sigchld (Fixture *fixture, gconstpointer data)
{
  struct sigaction ignore = { .sa_handler = SIG_IGN }, old;

  g_assert_cmpint (sigaction (SIGCHLD, &ignore, &old), ==, 0);
  assert_fails (ARGV ("true"), NULL, PERRY_ERROR_PROCESS_FAILED, "ignores SIGCHLD");
  g_assert_cmpint (sigaction (SIGCHLD, &old, NULL), ==, 0);
}

static gpointer
run_many (gpointer data)
{
  for (int i = 0; i < 20; i++)
    {
      g_autofree char *word = g_strdup_printf ("%d-%d\n", GPOINTER_TO_INT (data), i);
      g_autoptr (GBytes) input = g_bytes_new (word, strlen (word));
      g_autoptr (PerryProcessResult) result = run_ok (ARGV ("cat"), &(PerryProcessOptions) { .input = input });

      g_assert_true (g_bytes_equal (result->stdout_bytes, input));
    }
  return NULL;
}

static void
test_many_threads (Fixture *fixture, gconstpointer data)
{
  GThread *threads[8];

  for (int i = 0; i < 8; i++)
    threads[i] = g_thread_new ("runner", run_many, GINT_TO_POINTER (i));
  for (int i = 0; i < 8; i++)
    g_thread_join (threads[i]);
}

static void
test_describe_failure (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *script; const char *text; } cases[] = {
    { "exit 0", NULL },
    { "exit 3", "prog exited with status 3" },
    { "echo first >&2; echo ' last ' >&2; echo >&2; exit 1", "prog exited with status 1: last" },
    { "printf 'a\\033[1m\\377' >&2; exit 1", "prog exited with status 1: a?[1m\xef\xbf\xbd" },
  };
  g_autoptr (PerryProcessResult) killed = run_ok (ARGV ("sh", "-c", "kill -9 $$"), NULL);
  g_autofree char *killed_text = perry_process_result_describe_failure (killed, "prog");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryProcessResult) result = run_ok (ARGV ("sh", "-c", cases[i].script), NULL);
      g_autofree char *text = perry_process_result_describe_failure (result, "prog");

      g_assert_cmpstr (text, ==, cases[i].text);
    }
  g_assert_true (g_str_has_prefix (killed_text, "prog was ended by signal 9"));
}

static void
test_result_is_boxed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) result = run_ok (ARGV ("echo", "x"), NULL);
  PerryProcessResult *copy = g_boxed_copy (PERRY_TYPE_PROCESS_RESULT, result);

  g_assert_true (g_bytes_equal (copy->stdout_bytes, result->stdout_bytes));
  g_boxed_free (PERRY_TYPE_PROCESS_RESULT, copy);
}

static void
test_detached (Fixture *fixture, gconstpointer data)
{
  g_autofree char *log = g_build_filename (fixture->directory, "log", NULL);
  g_autofree char *pid_text = NULL, *logged = NULL, *state = NULL;
  g_autoptr (GError) error = NULL;
  int leaky = dup2 (STDIN_FILENO, 77);
  GPid pid = 0;

  g_assert_cmpint (leaky, ==, 77);
  g_assert_true (perry_process_spawn_detached (
    ARGV ("sh", "-c", "echo out; echo err >&2; pwd; ls /proc/self/fd; cut -d' ' -f6 /proc/$$/stat; echo $$ > \"$0\"",
          fixture->fifo),
    NULL, log, &pid, &error));
  g_assert_no_error (error);
  close (leaky);

  g_assert_true (g_file_get_contents (fixture->fifo, &pid_text, NULL, NULL));
  g_assert_cmpint (atoi (pid_text), ==, pid);
  wait_for_orphan (pid);
  g_assert_true (g_file_get_contents (log, &logged, NULL, NULL));
  state = g_strdup_printf ("out\nerr\n/\n0\n1\n2\n3\n%d\n", pid);
  g_assert_cmpstr (logged, ==, state);
  g_unlink (log);
}

static void
test_detached_is_not_our_child (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GPid pid = 0;

  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 0), ==, 0);
  g_assert_true (perry_process_spawn_detached (ARGV ("sh", "-c", "echo > \"$0\"; exec sleep 1000", fixture->fifo), NULL,
                                               NULL, &pid, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (fixture->fifo, &text, NULL, NULL));
  g_assert_cmpint (waitpid (pid, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
}

static void
test_detached_failures (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link_path = g_build_filename (fixture->directory, "link", NULL);
  struct { const char *program; const char *log; PerryError code; } cases[] = {
    { "perry-no-such-program", NULL, PERRY_ERROR_NOT_FOUND },
    { "/nonexistent/program", NULL, PERRY_ERROR_NOT_FOUND },
    { "/etc/passwd", NULL, PERRY_ERROR_PERMISSION_DENIED },
    { "true", "/nonexistent/log", PERRY_ERROR_NOT_FOUND },
    { "true", link_path, PERRY_ERROR_PROCESS_FAILED },
  };

  /* Otherwise this process would adopt the children that GLib forked in vain. */
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 0), ==, 0);
  g_assert_cmpint (symlink ("/dev/null", link_path), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      GPid pid = 4711;

      g_assert_false (perry_process_spawn_detached (ARGV (cases[i].program), NULL, cases[i].log, &pid, &error));
      g_assert_error (error, PERRY_ERROR, (int) cases[i].code);
      g_assert_cmpint (pid, ==, 4711);
    }
  g_unlink (link_path);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer), gconstpointer data)
{
  g_test_add (path, Fixture, data, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/process/run/reports-the-end", test_reports_the_end, NULL);
  add ("/process/run/uses-no-shell", test_no_shell, NULL);
  add ("/process/run/large-input-and-output", test_large_input_and_output, NULL);
  add ("/process/run/input-nobody-reads", test_input_nobody_reads, NULL);
  add ("/process/run/truncates-output", test_truncates, NULL);
  add ("/process/run/environment", test_environment, NULL);
  add ("/process/run/working-directory", test_working_directory, NULL);
  add ("/process/run/program-not-found", test_program_not_found, NULL);
  add ("/process/run/child-inherits-nothing-else", test_clean_child, NULL);
  add ("/process/run/works-with-closed-stdin", test_closed_stdin, NULL);
  add ("/process/run/deadline-kills-the-group", test_deadline_kills_the_group, NULL);
  add ("/process/run/deadline-kills-the-stubborn", test_deadline_of_the_stubborn, NULL);
  add ("/process/run/grace-lets-it-tidy-up", test_grace_lets_it_tidy_up, NULL);
  add ("/process/run/endless-output", test_endless_output, NULL);
  add ("/process/run/left-behind-in-the-group", test_left_behind_in_the_group, NULL);
  add ("/process/run/left-behind-outside-the-group", test_left_behind_outside_the_group, NULL);
  add ("/process/run/cancellation", test_cancellation, "echo > \"$0\"; sleep 1000");
  add ("/process/run/cancellation-of-the-stubborn", test_cancellation,
       "trap '' TERM; echo > \"$0\"; while :; do read x < /dev/zero; done");
  add ("/process/run/cancelled-before", test_cancelled_before, NULL);
  add ("/process/run/ignored-sigchld", test_ignored_sigchld, NULL);
  add ("/process/run/many-threads", test_many_threads, NULL);
  add ("/process/result/describes-failures", test_describe_failure, NULL);
  add ("/process/result/is-boxed", test_result_is_boxed, NULL);
  add ("/process/detached/runs-in-its-own-session", test_detached, NULL);
  add ("/process/detached/is-not-our-child", test_detached_is_not_our_child, NULL);
  add ("/process/detached/failures", test_detached_failures, NULL);
  return g_test_run ();
}
