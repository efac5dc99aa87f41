/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-watch-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/proof/perry-proof-file.h"
#include "core/proof/perry-proof-observe-private.h"
#include "core/proof/perry-proof-trace.h"
#include "plugin-api/perry-error.h"

#define MAX_DIRECTORIES 32
#define WATCH_NICENESS (-15)
/* between two looks at whether the caller wants to stop */
#define LONGEST_PAUSE_MS 20

/* From its first process on a runtime needs tens of milliseconds; it waits for the word to start for about ten; the
 * workload can be over within one. */
#define PAUSE_UNTIL_FOUND_NS (2 * 1000 * 1000)
#define LONGEST_PAUSE_UNTIL_FOUND_NS (4 * 1000 * 1000)
#define PAUSE_UNTIL_SETTLED_NS (1000 * 1000)
#define PAUSE_UNTIL_EXECUTED_NS (500 * 1000)
/* A process that is held waits for us, however short the workload is: of a pause it costs half, on the average. */
#define PAUSE_UNTIL_HELD_NS (1000 * 1000)
#define LONGEST_PAUSE_UNTIL_HELD_NS (8 * 1000 * 1000)
/* On a busy machine everything takes longer, and looking often makes it busier: a pause may grow to this part of what has been
 * waited for. */
#define PAUSE_TO_WAIT 32

typedef enum {
  STAGE_SEARCH, /* no process found yet */
  STAGE_PREPARING, /* the runtime's process is held and still applies things */
  STAGE_SETTLED, /* it was observed while it waited for the start */
  STAGE_DONE,
} WatchStage;

struct _PerryProofWatch {
  GThread *thread;
  gint stop; /* atomic */
  GMutex mutex;
  GCond changed;
  gboolean looked;    /* under the mutex: at least once */
  gboolean expecting; /* under the mutex: the workload's execution will be seen, and was not yet */

  /* everything below belongs to the thread until it is joined */
  int proc_root_fd;
  int cgroup_root_fd;
  char *container_id;
  PerryProofRequest request;
  GStrv directories;
  int directory_fds[MAX_DIRECTORIES];
  gboolean can_trace;
  PerryProofWatchJudge judge;
  gpointer judge_data;

  WatchStage stage;
  gint64 since; /* when what is waited for was begun, monotonic, in microseconds */
  gboolean traced; /* the kernel holds the process when it executes the workload */
  PerryProofProcess *process;
  PerryProofProgram program;
  char *program_name;
  PerryProofStatus *last_status;
  PerryObservation *before_exec;
  PerryObservation *running;
};

static PerryObservation *
observe (PerryProofWatch *watch, PerryMoment moment)
{
  PerryProofRequest request = watch->request;
  g_autoptr (PerryObservation) observation = NULL;

  request.moment = moment;
  request.skip_accounts = watch->request.skip_accounts || moment == PERRY_MOMENT_RUNNING;
  observation = perry_proof_observe_process (watch->proc_root_fd, watch->cgroup_root_fd, watch->process, &request);
  return perry_observation_is_empty (observation) ? NULL : g_steal_pointer (&observation);
}

static void
release_process (PerryProofWatch *watch)
{
  g_clear_pointer (&watch->process, perry_proof_process_free);
  g_clear_pointer (&watch->program_name, g_free);
  g_clear_pointer (&watch->last_status, perry_proof_status_free);
  watch->traced = FALSE;
  watch->stage = STAGE_SEARCH;
  watch->since = g_get_monotonic_time ();
}

/* Looking from time to time misses what is over in between; a process that is held cannot be missed. The number may have
 * been given away since the process was opened, and then it is somebody else who must not be held. */
static void
begin_trace (PerryProofWatch *watch)
{
  if (!watch->can_trace || !perry_proof_trace_begin (watch->process->pid))
    return;
  watch->traced = perry_proof_process_is_same (watch->process);
}

/* Takes hold of @pid if it is the runtime's process that will execute the workload. The runtime's other processes
 * have no number in the container's process namespace yet, or another one than 1. */
static gboolean
adopt (PerryProofWatch *watch, gint pid)
{
  g_autoptr (PerryProofProcess) process = perry_proof_process_open (watch->proc_root_fd, pid, NULL);
  g_autoptr (PerryProofStatus) status = process != NULL ? perry_proof_process_read_status (process, NULL) : NULL;
  g_auto (GStrv) cmdline = NULL;
  PerryProofProgram program;

  if (status == NULL)
    return FALSE;
  if (!watch->request.shares_pid_namespace && (status->n_ns_pids < 2 || status->last_ns_pid != 1))
    return FALSE;
  cmdline = perry_proof_process_read_cmdline (process, NULL);
  program = perry_proof_identify_program (status->name, (const char *const *) cmdline);
  if (program == PERRY_PROOF_PROGRAM_OTHER)
    return FALSE;
  watch->process = g_steal_pointer (&process);
  watch->program = program;
  watch->program_name = g_strdup (status->name);
  watch->stage = STAGE_PREPARING;
  watch->since = g_get_monotonic_time ();
  begin_trace (watch);
  return TRUE;
}

static void
search_directory (PerryProofWatch *watch, guint index)
{
  g_autofree char *text = NULL;
  g_autoptr (GArray) pids = NULL;

  if (watch->directory_fds[index] < 0)
    watch->directory_fds[index] =
        perry_proof_open_directory_beneath (watch->cgroup_root_fd, watch->directories[index], NULL);
  if (watch->directory_fds[index] < 0)
    return;
  /* Version 1 answers repeated reads of one open file from a list that it made at the first, so it is opened anew. */
  text = perry_proof_read_file (watch->directory_fds[index], "cgroup.procs", PERRY_PROOF_MAX_PROCS, NULL, NULL);
  if (text == NULL)
    {
      close (watch->directory_fds[index]);
      watch->directory_fds[index] = -1;
      return;
    }
  pids = perry_proof_parse_pids (text, NULL);
  for (guint i = 0; pids != NULL && i < pids->len; i++)
    if (adopt (watch, g_array_index (pids, gint, i)))
      return;
}

static void
look_for_process (PerryProofWatch *watch)
{
  if (watch->request.initialised_pid > 0)
    {
      adopt (watch, watch->request.initialised_pid);
      return;
    }
  for (guint i = 0; watch->directories[i] != NULL && watch->stage == STAGE_SEARCH; i++)
    search_directory (watch, i);
}

static void
take_before_exec (PerryProofWatch *watch)
{
  PerryObservation *observation = observe (watch, PERRY_MOMENT_BEFORE_EXEC);

  if (observation == NULL)
    return;
  g_clear_pointer (&watch->before_exec, perry_observation_free);
  watch->before_exec = observation;
  if (observation->settled)
    watch->stage = STAGE_SETTLED;
}

/* Where the runtime's wait is out of sight, for a user other than the container's, the last look before the
 * workload is all there is: so one is taken whenever something changed. */
static void
take_unsettled (PerryProofWatch *watch)
{
  g_autoptr (PerryProofStatus) status = perry_proof_process_read_status (watch->process, NULL);

  if (status == NULL ||
      (watch->last_status != NULL && perry_proof_status_same_privileges (watch->last_status, status)))
    return;
  take_before_exec (watch);
  g_clear_pointer (&watch->last_status, perry_proof_status_free);
  watch->last_status = g_steal_pointer (&status);
}

static void
take_workload (PerryProofWatch *watch, PerryMoment moment)
{
  g_clear_pointer (&watch->running, perry_observation_free);
  watch->running = observe (watch, moment);
  watch->stage = STAGE_DONE;
}

/* The process is held before the first instruction of the workload. */
static void
decide_at_exec (PerryProofWatch *watch)
{
  gboolean may_run = TRUE;

  take_workload (watch, PERRY_MOMENT_AT_EXEC);
  if (watch->running != NULL)
    perry_proof_fill_runtime (watch->program, watch->running);
  if (watch->judge != NULL && watch->running != NULL)
    may_run = watch->judge (watch->before_exec, watch->running, watch->judge_data);
  perry_proof_trace_end (watch->process->pid, !may_run);
  watch->traced = FALSE;
}

/* A filter cannot be taken off again, so one that the runtime loads after its wait completes what was seen there. */
static void
complete_seccomp (PerryProofWatch *watch)
{
  g_autoptr (PerryProofStatus) status = NULL;

  if (!watch->before_exec->seccomp_pending)
    return;
  status = perry_proof_process_read_status (watch->process, NULL);
  if (status == NULL || status->seccomp_mode <= 0 || strcmp (status->name, watch->program_name) != 0)
    return;
  watch->before_exec->seccomp_mode = status->seccomp_mode;
  watch->before_exec->seccomp_filters = status->seccomp_filters;
  watch->before_exec->seccomp_pending = FALSE;
}

static void
follow_preparation (PerryProofWatch *watch)
{
  switch (perry_proof_process_read_wait (watch->process, watch->program))
    {
    case PERRY_PROOF_WAIT_FOR_START:
      take_before_exec (watch);
      break;
    case PERRY_PROOF_WAIT_UNKNOWN:
      take_unsettled (watch);
      break;
    case PERRY_PROOF_WAIT_NO:
      break;
    }
}

/* Whether the process was held, and all is done. */
static gboolean
follow_trace (PerryProofWatch *watch)
{
  if (!watch->traced)
    return FALSE;
  switch (perry_proof_trace_poll (watch->process->pid))
    {
    case PERRY_PROOF_TRACE_EXECUTED:
      decide_at_exec (watch);
      return TRUE;
    case PERRY_PROOF_TRACE_LOST:
      watch->traced = FALSE;
      return FALSE;
    case PERRY_PROOF_TRACE_NOTHING:
      return FALSE;
    }
  g_return_val_if_reached (FALSE);
}

/* Whether the kernel tells all there is to know of the process, and nothing has to be looked at until then. */
static gboolean
waits_for_the_kernel (const PerryProofWatch *watch)
{
  return watch->traced && watch->request.exec_keeps_privileges;
}

/* The name is the cheapest thing to read that changes with the workload's execution; a traced process gets it a moment
 * before it is held. */
static void
follow_process (PerryProofWatch *watch)
{
  g_autofree char *name = NULL;

  if (follow_trace (watch) || waits_for_the_kernel (watch))
    return;
  name = perry_proof_read_file (watch->process->fd, "comm", PERRY_PROOF_MAX_LABEL, NULL, NULL);
  if (name == NULL)
    release_process (watch);
  else if (strcmp (g_strchomp (name), watch->program_name) != 0)
    {
      if (!watch->traced)
        take_workload (watch, PERRY_MOMENT_RUNNING);
    }
  else if (watch->stage == STAGE_SETTLED)
    complete_seccomp (watch);
  else
    follow_preparation (watch);
}

void
perry_proof_watch_look (PerryProofWatch *watch)
{
  if (watch->stage == STAGE_SEARCH)
    look_for_process (watch);
  if (watch->stage == STAGE_PREPARING || watch->stage == STAGE_SETTLED)
    follow_process (watch);
}

static long
get_pause_ns (const PerryProofWatch *watch)
{
  long part = (long) ((g_get_monotonic_time () - watch->since) * 1000 / PAUSE_TO_WAIT);

  if (waits_for_the_kernel (watch))
    return CLAMP (part, PAUSE_UNTIL_HELD_NS, LONGEST_PAUSE_UNTIL_HELD_NS);
  switch (watch->stage)
    {
    case STAGE_SEARCH:
      return CLAMP (part, PAUSE_UNTIL_FOUND_NS, LONGEST_PAUSE_UNTIL_FOUND_NS);
    case STAGE_PREPARING:
      return PAUSE_UNTIL_SETTLED_NS;
    case STAGE_SETTLED:
      return PAUSE_UNTIL_EXECUTED_NS;
    case STAGE_DONE:
      return 0;
    }
  g_return_val_if_reached (0);
}

static void
pause_between_looks (const PerryProofWatch *watch)
{
  const struct timespec pause = { .tv_nsec = get_pause_ns (watch) };

  clock_nanosleep (CLOCK_MONOTONIC, 0, &pause, NULL);
}

/* A watch that a busy machine keeps waiting sees nothing settled. The thread sleeps nearly all of its time; where we may not
 * raise it, it stays what it is. */
static void
raise_priority (void)
{
  setpriority (PRIO_PROCESS, (id_t) gettid (), WATCH_NICENESS);
}

static void
look_and_tell (PerryProofWatch *watch)
{
  perry_proof_watch_look (watch);
  g_mutex_lock (&watch->mutex);
  watch->looked = TRUE;
  watch->expecting = watch->traced;
  g_cond_signal (&watch->changed);
  g_mutex_unlock (&watch->mutex);
}

static gpointer
run_watch (gpointer data)
{
  PerryProofWatch *watch = data;

  raise_priority ();
  while (!g_atomic_int_get (&watch->stop) && watch->stage != STAGE_DONE)
    {
      look_and_tell (watch);
      pause_between_looks (watch);
    }
  /* The start request may have returned within the last pause. */
  look_and_tell (watch);
  return NULL;
}

/* A process that is there already is held before its engine is told to start it, however busy the machine is. */
static void
await_first_look (PerryProofWatch *watch)
{
  g_mutex_lock (&watch->mutex);
  while (!watch->looked)
    g_cond_wait (&watch->changed, &watch->mutex);
  g_mutex_unlock (&watch->mutex);
}

/* An engine answers when it has told the runtime to execute the workload, which may not have come that far. */
static void
await_execution (PerryProofWatch *watch, int patience_ms, GCancellable *cancellable)
{
  gint64 end = g_get_monotonic_time () + patience_ms * G_TIME_SPAN_MILLISECOND;

  g_mutex_lock (&watch->mutex);
  while (watch->expecting && g_get_monotonic_time () < end && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait_until (&watch->changed, &watch->mutex,
                       MIN (end, g_get_monotonic_time () + LONGEST_PAUSE_MS * G_TIME_SPAN_MILLISECOND));
  g_mutex_unlock (&watch->mutex);
}

static void
free_watch (PerryProofWatch *watch)
{
  for (guint i = 0; i < MAX_DIRECTORIES; i++)
    if (watch->directory_fds[i] >= 0)
      close (watch->directory_fds[i]);
  if (watch->proc_root_fd >= 0)
    close (watch->proc_root_fd);
  if (watch->cgroup_root_fd >= 0)
    close (watch->cgroup_root_fd);
  g_mutex_clear (&watch->mutex);
  g_cond_clear (&watch->changed);
  g_free (watch->container_id);
  g_clear_pointer (&watch->request.devices, g_ptr_array_unref);
  g_strfreev (watch->directories);
  g_clear_pointer (&watch->process, perry_proof_process_free);
  g_free (watch->program_name);
  g_clear_pointer (&watch->last_status, perry_proof_status_free);
  g_clear_pointer (&watch->before_exec, perry_observation_free);
  g_clear_pointer (&watch->running, perry_observation_free);
  g_free (watch);
}

static PerryProofWatch *
new_watch (int proc_root_fd, int cgroup_root_fd, const PerryProofRequest *request, const char *const *directories)
{
  PerryProofWatch *watch = g_new0 (PerryProofWatch, 1);

  g_mutex_init (&watch->mutex);
  g_cond_init (&watch->changed);
  for (guint i = 0; i < MAX_DIRECTORIES; i++)
    watch->directory_fds[i] = -1;
  watch->proc_root_fd = fcntl (proc_root_fd, F_DUPFD_CLOEXEC, 3);
  watch->cgroup_root_fd = fcntl (cgroup_root_fd, F_DUPFD_CLOEXEC, 3);
  watch->container_id = g_strdup (request->container_id);
  watch->request = *request;
  watch->request.container_id = watch->container_id;
  if (request->devices != NULL)
    g_ptr_array_ref (request->devices);
  watch->directories = g_strdupv ((GStrv) directories);
  watch->since = g_get_monotonic_time ();
  watch->can_trace = watch->proc_root_fd >= 0 && perry_proof_trace_is_possible (watch->proc_root_fd);
  return watch;
}

PerryProofWatch *
perry_proof_watch_prepare (int proc_root_fd,
                           int cgroup_root_fd,
                           const PerryProofRequest *request,
                           const char *const *cgroup_directories,
                           GError **error)
{
  guint n = g_strv_length ((GStrv) cgroup_directories);
  PerryProofWatch *watch;

  if (!perry_proof_request_check (request, error))
    return NULL;
  if ((n == 0 && request->initialised_pid <= 0) || n > MAX_DIRECTORIES)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "watching a container: %u cgroup directories", n);
      return NULL;
    }
  watch = new_watch (proc_root_fd, cgroup_root_fd, request, cgroup_directories);
  if (watch->proc_root_fd < 0 || watch->cgroup_root_fd < 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "watching a container: %s", g_strerror (errno));
      free_watch (watch);
      return NULL;
    }
  return watch;
}

PerryProofWatch *
perry_proof_watch_start (int proc_root_fd,
                         int cgroup_root_fd,
                         const PerryProofRequest *request,
                         const char *const *cgroup_directories,
                         PerryProofWatchJudge judge,
                         gpointer judge_data,
                         GError **error)
{
  g_autoptr (GError) local_error = NULL;
  PerryProofWatch *watch;

  g_return_val_if_fail (request != NULL, NULL);
  g_return_val_if_fail (cgroup_directories != NULL, NULL);

  watch = perry_proof_watch_prepare (proc_root_fd, cgroup_root_fd, request, cgroup_directories, error);
  if (watch == NULL)
    return NULL;
  watch->judge = judge;
  watch->judge_data = judge_data;
  watch->thread = g_thread_try_new ("perry-watch", run_watch, watch, &local_error);
  if (watch->thread == NULL)
    {
      perry_error_propagate_foreign (error, g_steal_pointer (&local_error), PERRY_ERROR_FAILED, "watching a container");
      free_watch (watch);
      return NULL;
    }
  if (request->initialised_pid > 0)
    await_first_look (watch);
  return watch;
}

void
perry_proof_watch_stop (PerryProofWatch *watch,
                        int patience_ms,
                        GCancellable *cancellable,
                        PerryObservation **ret_before_exec,
                        PerryObservation **ret_running)
{
  g_return_if_fail (watch != NULL);

  await_execution (watch, patience_ms, cancellable);
  g_atomic_int_set (&watch->stop, 1);
  if (watch->thread != NULL)
    g_thread_join (g_steal_pointer (&watch->thread));
  if (ret_before_exec != NULL)
    *ret_before_exec = g_steal_pointer (&watch->before_exec);
  if (ret_running != NULL)
    *ret_running = g_steal_pointer (&watch->running);
  free_watch (watch);
}
