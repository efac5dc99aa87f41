/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/proof/perry-proof-observe.h"

G_BEGIN_DECLS

/**
 * PerryProofWatch:
 *
 * Follows a container's cgroup in a thread of its own while its start is under way.
 */
typedef struct _PerryProofWatch PerryProofWatch;

/**
 * perry_proof_watch_start:
 * @proc_root_fd: `/proc`; the watch keeps a duplicate
 * @cgroup_root_fd: `/sys/fs/cgroup`; the watch keeps a duplicate
 * @request: what to observe; its moment is ignored, and so is the engine's process: pids are taken from the cgroup
 *   as we see it, not from the engine
 * @cgroup_directories: (array zero-terminated=1): where the container's cgroup may appear, relative to
 *   @cgroup_root_fd, such as `pids/docker/<id>` or `system.slice/docker-<id>.scope`; at most 32. They need not exist
 *   yet. One hierarchy per place is enough
 * @error: return location
 *
 * Starts to look for the container's first process about every millisecond. Call this before the start request is
 * sent.
 *
 * Returns: (transfer full): the watch; %NULL for %PERRY_ERROR_INVALID_ARGUMENT (@request or @cgroup_directories) or
 *   %PERRY_ERROR_FAILED (no thread or descriptor left)
 */
PerryProofWatch *perry_proof_watch_start (int proc_root_fd,
                                          int cgroup_root_fd,
                                          const PerryProofRequest *request,
                                          const char *const *cgroup_directories,
                                          GError **error);

/**
 * perry_proof_watch_stop:
 * @watch: (transfer full): a watch
 * @ret_before_exec: (out) (optional) (nullable): the last state of the runtime's process before it executed the
 *   workload; its `settled` says whether the runtime had applied everything; a difference in a state that is not
 *   settled proves nothing
 * @ret_running: (out) (optional) (nullable): the first state of the workload that was caught; a short one can be
 *   missed
 *
 * Ends the watch after one last look, within some milliseconds, and frees it.
 *
 * Only a process that was seen as a known runtime's is followed into its workload: of one that is first seen as
 * something else nobody can tell whether the runtime has finished. Observe that one with perry_proof_observe() after
 * the start.
 */
void perry_proof_watch_stop (PerryProofWatch *watch,
                             PerryObservation **ret_before_exec,
                             PerryObservation **ret_running);

G_END_DECLS
