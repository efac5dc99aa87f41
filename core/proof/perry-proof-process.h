/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/proof/perry-proof-readers.h"

G_BEGIN_DECLS

/* One process, named by the directory /proc/PID that is held open: reads through it fail once the process is gone,
 * even if its number has been given to another one. */
typedef struct {
  int fd;
  gint pid;
  guint64 start_time;
} PerryProofProcess;

PerryProofProcess *perry_proof_process_open (int proc_root_fd, gint pid, GError **error);
void perry_proof_process_free (PerryProofProcess *process);

/* FALSE if @process has another start time now. That it has ended is no difference. */
gboolean perry_proof_process_is_same (const PerryProofProcess *process);

PerryProofStatus *perry_proof_process_read_status (const PerryProofProcess *process, GError **error);
GPtrArray *perry_proof_process_read_cgroups (const PerryProofProcess *process, GError **error);
GStrv perry_proof_process_read_cmdline (const PerryProofProcess *process, GError **error);

/* Whether @pid of the engine is a process of the namespace that @proc_root_fd shows; sets @error if not or not
 * known. */
gboolean perry_proof_engine_is_local (int proc_root_fd, gint engine_pid, GError **error);

/* What program a process of a container is. A runtime that is not known counts as @PERRY_PROOF_PROGRAM_OTHER. */
typedef enum {
  PERRY_PROOF_PROGRAM_OTHER,
  PERRY_PROOF_PROGRAM_RUNC,
  PERRY_PROOF_PROGRAM_CRUN,
} PerryProofProgram;

PerryProofProgram perry_proof_identify_program (const char *name, const char *const *cmdline);

/* What the main thread of a runtime's process is doing. */
typedef enum {
  PERRY_PROOF_WAIT_UNKNOWN, /* may not be read, or the kernel does not tell */
  PERRY_PROOF_WAIT_NO,
  PERRY_PROOF_WAIT_FOR_START, /* all is applied: it waits for the word to execute the workload */
} PerryProofWait;

/* Judges the contents of /proc/PID/wchan and /proc/PID/syscall, each NULL if it could not be read. */
PerryProofWait perry_proof_judge_wait (PerryProofProgram program, const char *wchan, const char *system_call);
PerryProofWait perry_proof_process_read_wait (const PerryProofProcess *process, PerryProofProgram program);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryProofProcess, perry_proof_process_free)

G_END_DECLS
