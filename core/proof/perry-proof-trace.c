/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-trace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

gboolean
perry_proof_trace_is_possible (int proc_root_fd)
{
  struct statfs file_system;
  char self[16] = "";
  gssize length;

  if (fstatfs (proc_root_fd, &file_system) != 0 || file_system.f_type != PROC_SUPER_MAGIC)
    return FALSE;
  length = readlinkat (proc_root_fd, "self", self, sizeof self - 1);
  return length > 0 && atoi (self) == getpid ();
}

gboolean
perry_proof_trace_begin (gint pid)
{
  return ptrace (PTRACE_SEIZE, (pid_t) pid, NULL, (void *) (guintptr) PTRACE_O_TRACEEXEC) == 0;
}

static gboolean
stops_a_job (int signal_number)
{
  return signal_number == SIGSTOP || signal_number == SIGTSTP || signal_number == SIGTTIN || signal_number == SIGTTOU;
}

/* @event is 0 for a signal on its way to the process. */
static PerryProofTraceEvent
go_on (gint pid, int event, int signal_number)
{
  if (event == PTRACE_EVENT_EXEC)
    return PERRY_PROOF_TRACE_EXECUTED;
  if (event == PTRACE_EVENT_STOP && stops_a_job (signal_number))
    ptrace (PTRACE_LISTEN, (pid_t) pid, NULL, NULL);
  else
    ptrace (PTRACE_CONT, (pid_t) pid, NULL, (void *) (guintptr) (event == 0 ? signal_number : 0));
  return PERRY_PROOF_TRACE_NOTHING;
}

/* The application may wait for whatever process there is, and so take the news of this one away. */
static PerryProofTraceEvent
look_at_stop (gint pid)
{
  siginfo_t info = { 0 };

  if (ptrace (PTRACE_GETSIGINFO, (pid_t) pid, NULL, &info) != 0)
    return PERRY_PROOF_TRACE_NOTHING;
  if (info.si_signo == SIGTRAP && info.si_code > 0xff)
    return go_on (pid, info.si_code >> 8, SIGTRAP);
  return go_on (pid, 0, info.si_signo);
}

PerryProofTraceEvent
perry_proof_trace_poll (gint pid)
{
  int status = 0;
  pid_t changed;

  do
    changed = waitpid ((pid_t) pid, &status, WNOHANG | __WALL | __WNOTHREAD);
  while (changed < 0 && errno == EINTR);
  if (changed == 0)
    return look_at_stop (pid);
  if (changed < 0 || !WIFSTOPPED (status))
    return PERRY_PROOF_TRACE_LOST;
  return go_on (pid, status >> 16, WSTOPSIG (status));
}

void
perry_proof_trace_end (gint pid, gboolean kill_it)
{
  /* its number cannot be given away while it is held */
  if (kill_it)
    kill ((pid_t) pid, SIGKILL);
  ptrace (PTRACE_DETACH, (pid_t) pid, NULL, NULL);
}
