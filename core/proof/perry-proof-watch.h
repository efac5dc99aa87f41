/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "core/proof/perry-proof-observe.h"

G_BEGIN_DECLS

/**
 * PerryProofWatch:
 *
 * Follows a container's cgroup in a thread of its own while its start is under way.
 */
typedef struct _PerryProofWatch PerryProofWatch;

/**
 * PerryProofWatchJudge:
 * @before_exec: (nullable): the last state of the runtime's process
 * @at_exec: the state in which the workload begins
 * @user_data: what perry_proof_watch_start() was given
 *
 * Decides, in the watch's thread, whether the workload may begin: it is held before its first instruction.
 *
 * Returns: %FALSE to kill it
 */
typedef gboolean (*PerryProofWatchJudge) (const PerryObservation *before_exec, const PerryObservation *at_exec,
                                          gpointer user_data);

/**
 * perry_proof_watch_start:
 * @proc_root_fd: `/proc`; the watch keeps a duplicate
 * @cgroup_root_fd: `/sys/fs/cgroup`; the watch keeps a duplicate
 * @request: what to observe; its moment is ignored, and so is the engine's process: pids are taken from the cgroup
 *   as we see it, not from the engine
 * @cgroup_directories: (array zero-terminated=1): where the container's cgroup may appear, relative to
 *   @cgroup_root_fd, such as `pids/docker/<id>` or `system.slice/docker-<id>.scope`; at most 32. They need not exist
 *   yet. One hierarchy per place is enough
 * @judge: (nullable) (scope notified): what decides about the workload, where it can be held
 * @judge_data: its argument; has to live until the watch is stopped
 * @error: return location
 *
 * Starts to look for the container's first process about every millisecond. Call this before the start request is
 * sent. Where this program may trace the process (CAP_SYS_PTRACE), the kernel holds it when it executes the workload,
 * so that its state then is always seen and @judge is asked; elsewhere a short workload can be missed.
 *
 * Returns: (transfer full): the watch; %NULL for %PERRY_ERROR_INVALID_ARGUMENT (@request or @cgroup_directories) or
 *   %PERRY_ERROR_FAILED (no thread or descriptor left)
 */
PerryProofWatch *perry_proof_watch_start (int proc_root_fd,
                                          int cgroup_root_fd,
                                          const PerryProofRequest *request,
                                          const char *const *cgroup_directories,
                                          PerryProofWatchJudge judge,
                                          gpointer judge_data,
                                          GError **error);

/**
 * perry_proof_watch_stop:
 * @watch: (transfer full): a watch
 * @patience_ms: how long to wait, in milliseconds, for a traced process to execute the workload; 0 where the start
 *   has failed
 * @cancellable: (nullable): ends that wait
 * @ret_before_exec: (out) (optional) (nullable): the last state of the runtime's process before it executed the
 *   workload; its `settled` says whether the runtime had applied everything; a difference in a state that is not
 *   settled proves nothing
 * @ret_running: (out) (optional) (nullable): the first state of the workload that was caught: %PERRY_MOMENT_AT_EXEC
 *   where the process was traced, otherwise %PERRY_MOMENT_RUNNING, and a short one can be missed
 *
 * Ends the watch after one last look, within some milliseconds, and frees it.
 *
 * Only a process that was seen as a known runtime's is followed into its workload: of one that is first seen as
 * something else nobody can tell whether the runtime has finished. Observe that one with perry_proof_observe() after
 * the start.
 */
void perry_proof_watch_stop (PerryProofWatch *watch,
                             int patience_ms,
                             GCancellable *cancellable,
                             PerryObservation **ret_before_exec,
                             PerryObservation **ret_running);

G_END_DECLS
