/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Stops a process at the moment at which it executes another program, before the first instruction of that: what
 * the kernel shows of it then is what the program begins with. ptrace(2), so that all calls for one process have to come
 * from one thread, and a process that is still traced when that thread ends goes on by itself. Nothing else of the
 * process is changed: its signals are passed on, its children are not traced. */

typedef enum {
  PERRY_PROOF_TRACE_NOTHING,
  PERRY_PROOF_TRACE_EXECUTED, /* it is held until perry_proof_trace_end() */
  PERRY_PROOF_TRACE_LOST,     /* it has ended, or is not traced any more */
} PerryProofTraceEvent;

/* Whether numbers below @proc_root_fd are those of processes here: a recorded tree, or the /proc of another process
 * namespace, names others. */
gboolean perry_proof_trace_is_possible (int proc_root_fd);

/* FALSE where this program may not (it takes CAP_SYS_PTRACE over the process), or where somebody else traces it. */
gboolean perry_proof_trace_begin (gint pid);

/* What happened since the last call; does not wait. */
PerryProofTraceEvent perry_proof_trace_poll (gint pid);

/* Lets a held process go, or kills it. */
void perry_proof_trace_end (gint pid, gboolean kill_it);

G_END_DECLS
