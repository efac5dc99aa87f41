/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-observation.h"

G_BEGIN_DECLS

/* PERRY_PROOF_ENGINE_UNKNOWN: nothing is known of the engine's process; the cgroup and the pid inside then decide
 * alone. */
#define PERRY_PROOF_ENGINE_UNKNOWN (-1)

/**
 * PerryProofRequest:
 * @container_id: the container's full id, at least 32 characters, letters and digits
 * @engine_pid: the process at the other end of the engine's socket (SO_PEERCRED), 0 if the kernel could not name it
 *   in our process namespace, %PERRY_PROOF_ENGINE_UNKNOWN if it was not asked
 * @shares_pid_namespace: %TRUE if the spec asks for the process namespace of the host or another container; the
 *   process then need not be number 1 of its namespace
 * @monitor_counts: %TRUE for an engine that may have no cgroups to give (rootless, on cgroup version 1 or without
 *   systemd): where no cgroup is the container's, a parent counts that is outside of the container and has the
 *   container's full id as an argument, as the monitors of all engines have
 * @exec_keeps_privileges: for a watch, %TRUE where no-new-privileges is asked for: a file that is executed changes neither
 *   ids nor capabilities then, so that what a held process shows is all there is to see
 * @initialised_pid: for a watch, the runtime's process where it is known already; 0 to search the cgroups for it
 * @skip_accounts: %TRUE to leave out the account and host name files; to be used once the workload runs, which could
 *   put a file system of its own behind them that never answers
 * @devices: (nullable) (element-type PerryDevice): the devices to look for
 * @moment: when this is
 *
 * What to observe.
 */
typedef struct {
  const char *container_id;
  gint engine_pid;
  gboolean shares_pid_namespace;
  gboolean monitor_counts;
  gboolean exec_keeps_privileges;
  gint initialised_pid;
  gboolean skip_accounts;
  GPtrArray *devices;
  PerryMoment moment;
} PerryProofRequest;

/**
 * perry_proof_observe:
 * @proc_root_fd: `/proc`, or a recorded tree
 * @cgroup_root_fd: `/sys/fs/cgroup`, or a recorded tree; -1 if there is none
 * @pid: the process that the engine reported
 * @request: what to observe
 * @error: return location
 *
 * Reads what the kernel says about @pid. The process is believed only if its cgroup is the container's (but see
 * `monitor_counts`), it is number
 * 1 of its process namespace and the engine lives in ours; otherwise every facet is missing, with that as its
 * reason. What cannot be read is a missing facet as well. A process asked for as %PERRY_MOMENT_RUNNING that still is
 * a runtime's comes back as %PERRY_MOMENT_BEFORE_EXEC: `start` can return before the workload is executed.
 *
 * May be called from any thread. Blocks for about a millisecond.
 *
 * Returns: (transfer full): the observation; %NULL only for %PERRY_ERROR_INVALID_ARGUMENT: @pid or @request is
 *   malformed
 */
PerryObservation *perry_proof_observe (int proc_root_fd,
                                       int cgroup_root_fd,
                                       gint pid,
                                       const PerryProofRequest *request,
                                       GError **error);

/**
 * perry_proof_observe_initialised:
 * @proc_root_fd: `/proc`, or a recorded tree
 * @cgroup_root_fd: `/sys/fs/cgroup`, or a recorded tree; -1 if there is none
 * @pid: the process that the engine reported
 * @request: what to observe; its moment is taken as %PERRY_MOMENT_BEFORE_START
 * @error: return location
 *
 * Observes a container that has been initialised and not started, such as after libpod's `init`. The runtime has
 * applied everything by the time `init` returns; should its process still be on the way to its wait, this looks
 * again for 50 ms at most. Where the runtime's wait cannot be seen, two equal looks settle it.
 *
 * May be called from any thread.
 *
 * Returns: (transfer full): the observation; %NULL only for %PERRY_ERROR_INVALID_ARGUMENT
 */
PerryObservation *perry_proof_observe_initialised (int proc_root_fd,
                                                   int cgroup_root_fd,
                                                   gint pid,
                                                   const PerryProofRequest *request,
                                                   GError **error);

G_END_DECLS
