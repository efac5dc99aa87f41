/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST_S 30

/* A child that waits for a byte and then executes echo; it also answers a signal. */
typedef struct {
  pid_t pid;
  int go;     /* its input */
  int output; /* what it writes */
} Child;

static int answer_fd;

static void
answer (int signal_number)
{
  (void) !write (answer_fd, "s", 1);
}

static void
live (int input, int output)
{
  char byte;
  ssize_t count;

  answer_fd = output;
  signal (SIGUSR1, answer);
  (void) !write (output, "r", 1);
  /* under ThreadSanitizer a signal ends it */
  do
    count = read (input, &byte, 1);
  while (count < 0 && errno == EINTR);
  if (count != 1 || dup2 (output, STDOUT_FILENO) < 0)
    _exit (1);
  execl ("/bin/echo", "echo", "executed", NULL);
  _exit (1);
}

static void
read_exactly (int fd, const char *text)
{
  char buffer[64] = "";

  g_assert_cmpint (read (fd, buffer, strlen (text)), ==, strlen (text));
  g_assert_cmpstr (buffer, ==, text);
}

static void
set_up (Child *child)
{
  int in[2], out[2];

  g_assert_cmpint (pipe (in), ==, 0);
  g_assert_cmpint (pipe (out), ==, 0);
  child->pid = fork ();
  g_assert_cmpint (child->pid, >=, 0);
  if (child->pid == 0)
    {
      close (in[1]);
      close (out[0]);
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      live (in[0], out[1]);
    }
  close (in[0]);
  close (out[1]);
  child->go = in[1];
  child->output = out[0];
  read_exactly (child->output, "r");
}

static int
tear_down (Child *child)
{
  int status;

  g_assert_cmpint (waitpid (child->pid, &status, __WALL), ==, child->pid);
  close (child->go);
  close (child->output);
  return status;
}

static void
begin (Child *child)
{
  set_up (child);
  g_assert_true (perry_proof_trace_begin (child->pid));
  g_assert_cmpint (perry_proof_trace_poll (child->pid), ==, PERRY_PROOF_TRACE_NOTHING);
}

static PerryProofTraceEvent
poll_until_something (Child *child)
{
  gint64 end = g_get_monotonic_time () + LONGEST_S * G_TIME_SPAN_SECOND;
  PerryProofTraceEvent event;

  do
    event = perry_proof_trace_poll (child->pid);
  while (event == PERRY_PROOF_TRACE_NOTHING && g_get_monotonic_time () < end);
  return event;
}

static void
let_go (Child *child)
{
  g_assert_cmpint (write (child->go, "g", 1), ==, 1);
}

static void
assert_silent (Child *child)
{
  char byte;

  g_assert_cmpint (fcntl (child->output, F_SETFL, O_NONBLOCK), ==, 0);
  g_assert_cmpint (read (child->output, &byte, 1), ==, -1);
  g_assert_cmpint (fcntl (child->output, F_SETFL, 0), ==, 0);
}

static void
test_held (void)
{
  Child child;
  g_autofree char *comm = NULL;
  g_autofree char *path = NULL;

  begin (&child);
  let_go (&child);
  g_assert_cmpint (poll_until_something (&child), ==, PERRY_PROOF_TRACE_EXECUTED);
  path = g_strdup_printf ("/proc/%d/comm", (int) child.pid);
  g_assert_true (g_file_get_contents (path, &comm, NULL, NULL));
  g_assert_cmpstr (comm, ==, "echo\n");
  assert_silent (&child);
  perry_proof_trace_end (child.pid, FALSE);
  read_exactly (child.output, "executed\n");
  g_assert_cmpint (tear_down (&child), ==, 0);
}

static void
test_killed (void)
{
  Child child;
  char byte;
  int status;

  begin (&child);
  let_go (&child);
  g_assert_cmpint (poll_until_something (&child), ==, PERRY_PROOF_TRACE_EXECUTED);
  perry_proof_trace_end (child.pid, TRUE);
  g_assert_cmpint (read (child.output, &byte, 1), ==, 0);
  status = tear_down (&child);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
}

/* A signal goes to the process while polls pass it on. */
static void
test_signals_are_passed_on (void)
{
  Child child;
  char byte = 0;
  gint64 end = g_get_monotonic_time () + LONGEST_S * G_TIME_SPAN_SECOND;

  begin (&child);
  g_assert_cmpint (fcntl (child.output, F_SETFL, O_NONBLOCK), ==, 0);
  g_assert_cmpint (kill (child.pid, SIGUSR1), ==, 0);
  while (read (child.output, &byte, 1) != 1 && g_get_monotonic_time () < end)
    g_assert_cmpint (perry_proof_trace_poll (child.pid), ==, PERRY_PROOF_TRACE_NOTHING);
  g_assert_cmpint (byte, ==, 's');
  /* one that stops it and one that lets it go on are still what they were */
  g_assert_cmpint (kill (child.pid, SIGSTOP), ==, 0);
  g_assert_cmpint (perry_proof_trace_poll (child.pid), ==, PERRY_PROOF_TRACE_NOTHING);
  g_assert_cmpint (kill (child.pid, SIGCONT), ==, 0);
  let_go (&child);
  g_assert_cmpint (poll_until_something (&child), ==, PERRY_PROOF_TRACE_EXECUTED);
  perry_proof_trace_end (child.pid, FALSE);
  g_assert_cmpint (tear_down (&child), ==, 0);
}

static void
test_lost (void)
{
  Child child;

  begin (&child);
  close (child.go);
  g_assert_cmpint (poll_until_something (&child), ==, PERRY_PROOF_TRACE_LOST);
  close (child.output);
  g_assert_cmpint (perry_proof_trace_poll (child.pid), ==, PERRY_PROOF_TRACE_LOST);
}

/* An application that waits for all its children takes the news away; the process is held nonetheless. */
static void
test_news_taken_by_others (void)
{
  Child child;
  int status;

  begin (&child);
  let_go (&child);
  g_assert_cmpint (waitpid (-1, &status, __WALL), ==, child.pid);
  g_assert_true (WIFSTOPPED (status));
  assert_silent (&child);
  g_assert_cmpint (poll_until_something (&child), ==, PERRY_PROOF_TRACE_EXECUTED);
  perry_proof_trace_end (child.pid, FALSE);
  read_exactly (child.output, "executed\n");
  g_assert_cmpint (tear_down (&child), ==, 0);
}

static void
test_recorded_tree (void)
{
  int proc = open ("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  int tree = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

  g_assert_true (perry_proof_trace_is_possible (proc));
  g_assert_false (perry_proof_trace_is_possible (tree));
  g_assert_false (perry_proof_trace_is_possible (-1));
  g_assert_false (perry_proof_trace_begin (G_MAXINT));
  close (proc);
  close (tree);
}

static gboolean
may_trace (void)
{
  Child child;
  gboolean may;

  set_up (&child);
  may = perry_proof_trace_begin (child.pid);
  g_assert_cmpint (kill (child.pid, SIGKILL), ==, 0);
  tear_down (&child);
  return may;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/proof-trace/recorded-tree", test_recorded_tree);
  if (!may_trace ())
    {
      g_test_message ("ptrace(2) is not allowed here, so nothing can be held");
      return g_test_run ();
    }
  g_test_add_func ("/proof-trace/held", test_held);
  g_test_add_func ("/proof-trace/killed", test_killed);
  g_test_add_func ("/proof-trace/signals-are-passed-on", test_signals_are_passed_on);
  g_test_add_func ("/proof-trace/lost", test_lost);
  g_test_add_func ("/proof-trace/news-taken-by-others", test_news_taken_by_others);
  return g_test_run ();
}
