/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-observe.h"

#include <string.h>
#include <time.h>

#include "core/proof/perry-proof-facets.h"
#include "core/proof/perry-proof-observe-private.h"
#include "plugin-api/perry-error.h"

#define INITIALISED_LOOKS 50
#define INITIALISED_PAUSE_NS (1000 * 1000)

/* Shorter ids would match cgroups of other things; all engines use 64 hexadecimal digits. */
#define MIN_ID_LENGTH 32
#define MAX_ID_LENGTH 128

gboolean
perry_proof_request_check (const PerryProofRequest *request, GError **error)
{
  const char *id = request->container_id;
  gsize length = id != NULL ? strlen (id) : 0;

  if (length < MIN_ID_LENGTH || length > MAX_ID_LENGTH ||
      strspn (id, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS) != length)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                   "observing a container: '%s' is not a full container id", id != NULL ? id : "");
      return FALSE;
    }
  return TRUE;
}

static void
set_all_missing (PerryObservation *observation, const char *reason)
{
  for (int facet = 0; facet < PERRY_N_FACETS; facet++)
    perry_observation_set_missing (observation, facet, reason);
}

static gboolean
check_cgroups (const PerryProofProcess *process,
               const GPtrArray *cgroups,
               const PerryProofRequest *request,
               GError **error)
{
  for (guint i = 0; i < cgroups->len; i++)
    {
      const PerryProofCgroup *cgroup = g_ptr_array_index (cgroups, i);
      g_autofree char *path = perry_proof_cgroup_path_of (cgroup->path, request->container_id);

      if (path != NULL)
        return TRUE;
    }
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND, "process %d is not in a cgroup of this container%s",
               process->pid, request->monitor_counts ? ", nor the child of its monitor" : "");
  return FALSE;
}

/* The parent may end and its number be given away while it is looked at; then the process has another one. */
static gboolean
check_monitor (int proc_root_fd,
               const PerryProofProcess *process,
               const PerryProofStatus *status,
               const PerryProofRequest *request)
{
  g_autoptr (PerryProofProcess) monitor = NULL;
  g_autoptr (PerryProofStatus) outside = NULL;
  g_autoptr (PerryProofStatus) later = NULL;
  g_auto (GStrv) arguments = NULL;

  if (!request->monitor_counts || status->parent <= 1)
    return FALSE;
  monitor = perry_proof_process_open (proc_root_fd, (gint) status->parent, NULL);
  outside = monitor != NULL ? perry_proof_process_read_status (monitor, NULL) : NULL;
  arguments = outside != NULL ? perry_proof_process_read_cmdline (monitor, NULL) : NULL;
  if (arguments == NULL || !g_strv_contains ((const char *const *) arguments, request->container_id))
    return FALSE;
  if (!request->shares_pid_namespace && outside->n_ns_pids >= status->n_ns_pids)
    return FALSE;
  later = perry_proof_process_read_status (process, NULL);
  return later != NULL && later->parent == status->parent && perry_proof_process_is_same (monitor);
}

static gboolean
check_pids (const PerryProofProcess *process,
            const PerryProofStatus *status,
            const PerryProofRequest *request,
            GError **error)
{
  if (status->n_ns_pids == 0 || status->first_ns_pid != process->pid)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND, "status: NSpid does not name process %d", process->pid);
      return FALSE;
    }
  if (request->shares_pid_namespace || (status->n_ns_pids > 1 && status->last_ns_pid == 1))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND, "process %d is not the first one of a process namespace",
               process->pid);
  return FALSE;
}

/* A runtime that sets no-new-privileges may load its filter as the very last thing; runc (since 1.1) does so
 * before it waits for the start, so for runc what is seen in that wait is final. */
gboolean
perry_proof_seccomp_is_pending (const PerryObservation *observation, PerryProofProgram program)
{
  return !perry_moment_is_of_workload (observation->moment) && observation->seccomp_mode == 0 &&
         observation->no_new_privs == 1 && program != PERRY_PROOF_PROGRAM_RUNC;
}

static void
fill_all (int proc_root_fd,
          int cgroup_root_fd,
          const PerryProofProcess *process,
          const GPtrArray *cgroups,
          const PerryProofRequest *request,
          PerryObservation *observation)
{
  /* The process can end on the way: what a spec sets is read first. */
  perry_proof_fill_mounts (process, observation);
  if (cgroup_root_fd >= 0)
    perry_proof_read_cgroup_limits (cgroup_root_fd, cgroups, request->container_id, observation);
  if (!request->skip_accounts)
    perry_proof_fill_root_files (process, observation);
  perry_proof_fill_devices (process, cgroup_root_fd, cgroups, request->container_id, request->devices, observation);
  perry_proof_fill_namespaces (proc_root_fd, process, observation);
  perry_proof_fill_rlimits (process, observation);
  perry_proof_fill_interfaces (process, observation);
  perry_proof_fill_routes (process, observation);
  perry_proof_fill_labels (process, observation);
  perry_proof_fill_program (process, observation);
}

/* What belongs to one moment has to be read in one: a state that changed on the way is read again, and is not
 * settled. A runtime's process that has become the workload on the way keeps what was read of it as the runtime's. */
static void
finish_privileges (const PerryProofProcess *process, const PerryProofStatus *before, PerryObservation *observation)
{
  g_autoptr (PerryProofStatus) after = perry_proof_process_read_status (process, NULL);

  if (after == NULL || after->state == 'Z' || after->state == 'X' ||
      perry_proof_status_same_privileges (before, after))
    return;
  if (!perry_moment_is_of_workload (observation->moment) && strcmp (before->name, after->name) != 0)
    return;
  perry_proof_fill_privileges (process, after, observation);
  observation->settled = perry_moment_is_of_workload (observation->moment);
}

/* Says whether the runtime waits for the start, and if so replaces @status by one that was read after that was
 * seen. */
static gboolean
check_wait (const PerryProofProcess *process, PerryProofProgram program, PerryProofStatus **status)
{
  g_autoptr (PerryProofStatus) later = NULL;

  if (perry_proof_process_read_wait (process, program) != PERRY_PROOF_WAIT_FOR_START)
    return FALSE;
  later = perry_proof_process_read_status (process, NULL);
  if (later == NULL || strcmp (later->name, (*status)->name) != 0)
    return FALSE;
  perry_proof_status_free (*status);
  *status = g_steal_pointer (&later);
  return TRUE;
}

static gboolean
believe (int proc_root_fd,
         const PerryProofProcess *process,
         const PerryProofStatus *status,
         const GPtrArray *cgroups,
         const PerryProofRequest *request,
         GError **error)
{
  if (status->state == 'Z' || status->state == 'X')
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND, "process %d has ended", process->pid);
      return FALSE;
    }
  return (check_monitor (proc_root_fd, process, status, request) ||
          check_cgroups (process, cgroups, request, error)) &&
         check_pids (process, status, request, error);
}

void
perry_proof_fill_runtime (PerryProofProgram program, PerryObservation *observation)
{
  static const char *const names[] = { [PERRY_PROOF_PROGRAM_RUNC] = "runc", [PERRY_PROOF_PROGRAM_CRUN] = "crun" };

  observation->runtime = names[program];
  perry_observation_set_missing (observation, PERRY_FACET_RUNTIME,
                                 program == PERRY_PROOF_PROGRAM_OTHER
                                   ? "the process is not one of a runtime that is known here (runc, crun)"
                                   : NULL);
}

PerryObservation *
perry_proof_observe_process (int proc_root_fd,
                             int cgroup_root_fd,
                             const PerryProofProcess *process,
                             const PerryProofRequest *request)
{
  g_autoptr (PerryObservation) observation = perry_observation_new (request->moment, process->pid);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryProofStatus) status = perry_proof_process_read_status (process, &error);
  g_autoptr (GPtrArray) cgroups = status != NULL ? perry_proof_process_read_cgroups (process, &error) : NULL;
  g_auto (GStrv) cmdline = NULL;
  PerryProofProgram program;

  if (cgroups == NULL || !believe (proc_root_fd, process, status, cgroups, request, &error))
    {
      set_all_missing (observation, error->message);
      return g_steal_pointer (&observation);
    }
  cmdline = perry_proof_process_read_cmdline (process, NULL);
  program = perry_proof_identify_program (status->name, (const char *const *) cmdline);
  if (program != PERRY_PROOF_PROGRAM_OTHER && request->moment == PERRY_MOMENT_RUNNING)
    observation->moment = PERRY_MOMENT_BEFORE_EXEC;
  observation->settled =
      perry_moment_is_of_workload (observation->moment) || check_wait (process, program, &status);
  perry_proof_fill_privileges (process, status, observation);
  fill_all (proc_root_fd, cgroup_root_fd, process, cgroups, request, observation);
  finish_privileges (process, status, observation);
  observation->seccomp_pending = perry_proof_seccomp_is_pending (observation, program);
  perry_proof_fill_runtime (program, observation);

  if (!perry_proof_process_is_same (process))
    {
      g_autoptr (PerryObservation) empty = perry_observation_new (request->moment, process->pid);

      set_all_missing (empty, "the process number was given to another process while it was looked at");
      return g_steal_pointer (&empty);
    }
  return g_steal_pointer (&observation);
}

PerryObservation *
perry_proof_observe (int proc_root_fd, int cgroup_root_fd, gint pid, const PerryProofRequest *request, GError **error)
{
  g_autoptr (PerryProofProcess) process = NULL;
  g_autoptr (PerryObservation) observation = NULL;
  g_autoptr (GError) reason = NULL;

  g_return_val_if_fail (request != NULL, NULL);

  if (!perry_proof_request_check (request, error))
    return NULL;
  if (pid < 1)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "observing a container: %d is not a process", pid);
      return NULL;
    }
  observation = perry_observation_new (request->moment, pid);
  if (request->engine_pid == PERRY_PROOF_ENGINE_UNKNOWN ||
      perry_proof_engine_is_local (proc_root_fd, request->engine_pid, &reason))
    process = perry_proof_process_open (proc_root_fd, pid, &reason);
  if (process == NULL)
    {
      set_all_missing (observation, reason->message);
      return g_steal_pointer (&observation);
    }
  return perry_proof_observe_process (proc_root_fd, cgroup_root_fd, process, request);
}

static gboolean
same_privileges (const PerryObservation *a, const PerryObservation *b)
{
  return memcmp (a->host_uid, b->host_uid, sizeof a->host_uid) == 0 &&
         memcmp (a->host_gid, b->host_gid, sizeof a->host_gid) == 0 && a->cap_inheritable == b->cap_inheritable &&
         a->cap_permitted == b->cap_permitted && a->cap_effective == b->cap_effective &&
         a->cap_bounding == b->cap_bounding && a->cap_ambient == b->cap_ambient &&
         a->no_new_privs == b->no_new_privs && a->seccomp_mode == b->seccomp_mode &&
         a->mounts->len == b->mounts->len;
}

PerryObservation *
perry_proof_observe_initialised (int proc_root_fd,
                                 int cgroup_root_fd,
                                 gint pid,
                                 const PerryProofRequest *request,
                                 GError **error)
{
  PerryProofRequest before_start = *request;
  g_autoptr (PerryObservation) last = NULL;

  before_start.moment = PERRY_MOMENT_BEFORE_START;
  for (int look = 0;; look++)
    {
      const struct timespec pause = { .tv_nsec = INITIALISED_PAUSE_NS };
      PerryObservation *observation = perry_proof_observe (proc_root_fd, cgroup_root_fd, pid, &before_start, error);

      if (observation == NULL || observation->settled || perry_observation_is_empty (observation))
        return observation;
      /* `init` has returned, so a state that two looks agree on is the final one even where the wait is out of
       * sight. */
      if (last != NULL && same_privileges (last, observation))
        observation->settled = TRUE;
      if (observation->settled || look == INITIALISED_LOOKS)
        return observation;
      g_clear_pointer (&last, perry_observation_free);
      last = observation;
      clock_nanosleep (CLOCK_MONOTONIC, 0, &pause, NULL);
    }
}
