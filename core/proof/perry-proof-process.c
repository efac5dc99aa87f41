/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/proof/perry-proof-file.h"
#include "plugin-api/perry-error.h"

static gboolean
read_start_time (int fd, guint64 *ret_start_time, GError **error)
{
  g_autofree char *text = perry_proof_read_file (fd, "stat", PERRY_PROOF_MAX_STAT, NULL, error);

  return text != NULL && perry_proof_parse_start_time (text, ret_start_time, error);
}

PerryProofProcess *
perry_proof_process_open (int proc_root_fd, gint pid, GError **error)
{
  g_autoptr (PerryProofProcess) process = g_new0 (PerryProofProcess, 1);
  char name[16];

  process->pid = pid;
  g_snprintf (name, sizeof name, "%d", pid);
  process->fd = openat (proc_root_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (process->fd < 0 && errno == ENOENT)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND,
                   "process %d is not visible here: it has ended, is hidden (hidepid) or lives elsewhere", pid);
      return NULL;
    }
  if (process->fd < 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "process %d: %s", pid, g_strerror (errno));
      return NULL;
    }
  if (!read_start_time (process->fd, &process->start_time, error))
    return NULL;
  return g_steal_pointer (&process);
}

void
perry_proof_process_free (PerryProofProcess *process)
{
  if (process == NULL)
    return;
  if (process->fd >= 0)
    close (process->fd);
  g_free (process);
}

gboolean
perry_proof_process_is_same (const PerryProofProcess *process)
{
  guint64 start_time;

  return !read_start_time (process->fd, &start_time, NULL) || start_time == process->start_time;
}

PerryProofStatus *
perry_proof_process_read_status (const PerryProofProcess *process, GError **error)
{
  g_autofree char *text = perry_proof_read_file (process->fd, "status", PERRY_PROOF_MAX_STATUS, NULL, error);

  return text != NULL ? perry_proof_status_parse (text, error) : NULL;
}

GPtrArray *
perry_proof_process_read_cgroups (const PerryProofProcess *process, GError **error)
{
  g_autofree char *text = perry_proof_read_file (process->fd, "cgroup", PERRY_PROOF_MAX_CGROUP, NULL, error);

  return text != NULL ? perry_proof_parse_cgroups (text, error) : NULL;
}

GStrv
perry_proof_process_read_cmdline (const PerryProofProcess *process, GError **error)
{
  gsize length;
  g_autofree char *bytes = perry_proof_read_file (process->fd, "cmdline", PERRY_PROOF_MAX_CMDLINE, &length, error);

  return bytes != NULL ? perry_proof_parse_cmdline (bytes, length, error) : NULL;
}

/* NSpid lists a process's numbers from the namespace of the /proc mount downwards. One number: it lives in that
 * namespace; more: in one below. Unlike the link ns/pid this may be read by everybody. */
gboolean
perry_proof_engine_is_local (int proc_root_fd, gint engine_pid, GError **error)
{
  g_autoptr (PerryProofProcess) engine = NULL;
  g_autoptr (PerryProofStatus) status = NULL;

  if (engine_pid == 0)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND, "the engine runs in another process namespace");
      return FALSE;
    }
  engine = perry_proof_process_open (proc_root_fd, engine_pid, error);
  status = engine != NULL ? perry_proof_process_read_status (engine, error) : NULL;
  if (status == NULL)
    {
      g_prefix_error (error, "whether the engine runs in our process namespace is not known: ");
      return FALSE;
    }
  if (status->n_ns_pids > 1)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND, "the engine runs in another process namespace");
      return FALSE;
    }
  return TRUE;
}

static gboolean
has_base_name (const char *path, const char *name)
{
  const char *slash = strrchr (path, '/');

  return strcmp (slash != NULL ? slash + 1 : path, name) == 0;
}

/* runc renames its stages; the last is the one that executes the workload. crun's child keeps the command line of
 * `crun create`. The name alone would also fit a workload whose file is called so. */
PerryProofProgram
perry_proof_identify_program (const char *name, const char *const *cmdline)
{
  if (cmdline == NULL || cmdline[0] == NULL)
    return PERRY_PROOF_PROGRAM_OTHER;
  if (strcmp (name, "runc:[2:INIT]") == 0 && g_strcmp0 (cmdline[1], "init") == 0 && cmdline[2] == NULL)
    return PERRY_PROOF_PROGRAM_RUNC;
  if (g_str_has_prefix (name, "crun") && has_base_name (cmdline[0], "crun") &&
      (g_strv_contains (cmdline, "create") || g_strv_contains (cmdline, "run")))
    return PERRY_PROOF_PROGRAM_CRUN;
  return PERRY_PROOF_PROGRAM_OTHER;
}

static gboolean
is_system_call (const char *text, long number)
{
  char *end;
  gint64 found;

  if (!g_ascii_isdigit (*text))
    return FALSE;
  found = g_ascii_strtoll (text, &end, 10);
  return *end == ' ' && found == number;
}

/* `number arg0 … arg5 sp pc`: the flags of openat() are its third argument. */
static gboolean
opens_for_writing (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 9);

  return is_system_call (text, SYS_openat) && g_strv_length (words) > 3 &&
         (g_ascii_strtoull (words[3], NULL, 16) & O_ACCMODE) == O_WRONLY;
}

static gboolean
selects (const char *text)
{
#ifdef SYS_select
  if (is_system_call (text, SYS_select))
    return TRUE;
#endif
  return is_system_call (text, SYS_pselect6);
}

static gboolean
is_wait_symbol (PerryProofProgram program, const char *wchan)
{
  if (program == PERRY_PROOF_PROGRAM_RUNC)
    return strcmp (wchan, "wait_for_partner") == 0;
  return g_str_has_prefix (wchan, "poll_schedule_timeout") || g_str_has_prefix (wchan, "do_select");
}

/* When everything is applied, runc opens exec.fifo for writing and blocks until `start` opens the other end; crun
 * waits in select() for the same. Until then both wait in reads from a socket only. The kernel names the function
 * that a process sleeps in, unless it was built without symbol names; the system call needs more rights to be
 * read. */
PerryProofWait
perry_proof_judge_wait (PerryProofProgram program, const char *wchan, const char *system_call)
{
  gboolean wchan_tells = wchan != NULL && *wchan != '\0' && strcmp (wchan, "0") != 0;

  if (program == PERRY_PROOF_PROGRAM_OTHER)
    return PERRY_PROOF_WAIT_UNKNOWN;
  if (wchan_tells && is_wait_symbol (program, wchan))
    return PERRY_PROOF_WAIT_FOR_START;
  if (system_call == NULL || *system_call == '\0')
    return wchan_tells ? PERRY_PROOF_WAIT_NO : PERRY_PROOF_WAIT_UNKNOWN;
  if (program == PERRY_PROOF_PROGRAM_RUNC ? opens_for_writing (system_call) : selects (system_call))
    return PERRY_PROOF_WAIT_FOR_START;
  return PERRY_PROOF_WAIT_NO;
}

PerryProofWait
perry_proof_process_read_wait (const PerryProofProcess *process, PerryProofProgram program)
{
  g_autofree char *wchan = perry_proof_read_file (process->fd, "wchan", PERRY_PROOF_MAX_LABEL, NULL, NULL);
  g_autofree char *system_call = NULL;

  if (wchan == NULL || program == PERRY_PROOF_PROGRAM_OTHER || !is_wait_symbol (program, wchan))
    system_call = perry_proof_read_file (process->fd, "syscall", PERRY_PROOF_MAX_LABEL, NULL, NULL);
  return perry_proof_judge_wait (program, wchan, system_call);
}
