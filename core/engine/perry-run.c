/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-run.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/engine/perry-health.h"
#include "core/engine/perry-restarts.h"
#include "core/engine/perry-time-limit.h"
#include "core/engine/perry-transfer.h"
#include "core/proof/perry-proof-oom.h"

#define REMOVE_TIMEOUT_MS 20000
/* how long after its stream was reset a container may still be listed as running, and how often that is asked */
#define END_AFTER_RESET_MS 2000
#define ASK_AGAIN_MS 25
/* a container whose output has ended may still be listed as running, which is over within some milliseconds */
#define FIRST_END_PAUSE_MS 4
#define LONGEST_END_PAUSE_MS 32

static double
milliseconds_since (gint64 begin)
{
  return (double) (g_get_monotonic_time () - begin) / 1000;
}

static gboolean
attach (PerryRequest *request, PerryTransfer **ret_transfer, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = request->backend;
  g_autoptr (PerryStream) stream = NULL;

  if (!perry_backend_offers (backend, backend->ops->container_attach != NULL, "attach to a container", error))
    return FALSE;
  stream = backend->ops->container_attach (backend->handle, request->id, request->options->stdin_fd >= 0, cancellable,
                                           error);
  if (stream == NULL)
    return FALSE;
  *ret_transfer = perry_transfer_new (stream, request->options);
  return TRUE;
}

static PerryContainerInfo *
inspect (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  return request->backend->ops->container_inspect (request->backend->handle, request->id, cancellable, error);
}

static gboolean
has_ended (const PerryContainerInfo *info)
{
  return info->status == PERRY_CONTAINER_EXITED && info->exit_code >= 0;
}

/* NULL where it still runs after a while, or with an error. */
static PerryContainerInfo *
inspect_end (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  for (guint pause_ms = FIRST_END_PAUSE_MS;; pause_ms *= 2)
    {
      g_autoptr (PerryContainerInfo) info = inspect (request, cancellable, error);

      if (info == NULL)
        return NULL;
      if (has_ended (info))
        return g_steal_pointer (&info);
      if (pause_ms > LONGEST_END_PAUSE_MS)
        return NULL;
      g_usleep (pause_ms * 1000);
    }
}

/* When the output has ended the container mostly has, too; Podman's wait would go on until its monitor has cleaned up, and
 * looks four times a second. */
static gboolean
read_outcome (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  PerryRunResult *result = request->result;
  PerryLiveness liveness = { .backend = request->backend, .id = request->id, .started = TRUE };
  GError *local_error = NULL;
  g_autoptr (PerryContainerInfo) info = inspect_end (request, cancellable, &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }
  if (info != NULL)
    {
      result->exit_code = info->exit_code;
      result->oom_killed = info->oom_killed;
      return TRUE;
    }
  if (!perry_liveness_wait (&liveness, &result->exit_code, cancellable, error))
    return FALSE;
  info = inspect (request, cancellable, error);
  if (info == NULL)
    return FALSE;
  result->oom_killed = info->oom_killed;
  return TRUE;
}

/* Podman resets the stream of a container that ends without having read all of its input. What was written before has
 * arrived by then; whether that was all, nobody can say. */
static gboolean
ended_with_unread_input (PerryRequest *request, const GError *stream_error, GCancellable *cancellable)
{
  gint64 end = g_get_monotonic_time () + END_AFTER_RESET_MS * 1000;

  if (request->options->stdin_fd < 0 || !g_error_matches (stream_error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST))
    return FALSE;
  while (g_get_monotonic_time () < end)
    {
      g_autoptr (PerryContainerInfo) info = inspect (request, cancellable, NULL);

      if (info == NULL)
        return FALSE;
      if (has_ended (info))
        return TRUE;
      g_usleep (ASK_AGAIN_MS * 1000);
    }
  return FALSE;
}

static gboolean
stream (PerryRequest *request, PerryTransfer *transfer, GCancellable *cancellable, GError **error)
{
  PerryLiveness liveness = { .backend = request->backend, .id = request->id, .started = TRUE };
  GError *local_error = NULL;

  if (perry_transfer_drain (transfer, &liveness, cancellable, &local_error))
    return TRUE;
  if (ended_with_unread_input (request, local_error, cancellable))
    {
      g_error_free (local_error);
      perry_run_result_add_warning (request->result,
                                    "the container ended without reading all of its input, and the engine cut its "
                                    "stream: the last of its output may be missing");
      return TRUE;
    }
  g_propagate_prefixed_error (error, local_error, "reading the output of container %s: ", request->id);
  return FALSE;
}

/* The container has ended and its outcome is known: a caller who cancels now would get the same removal. */
static gboolean
remove_ended (PerryRequest *request, GError **error)
{
  PerryBackend *backend = request->backend;
  g_autoptr (PerryDeadline) deadline = NULL;
  gint64 begin = g_get_monotonic_time ();
  GError *local_error = NULL;

  if (!perry_container_spec_get_boolean (request->asked, PERRY_FIELD_RM))
    return TRUE;
  deadline = perry_deadline_new (REMOVE_TIMEOUT_MS);
  backend->ops->container_remove (backend->handle, request->id, FALSE, perry_deadline_get_cancellable (deadline),
                                  &local_error);
  request->result->timings.remove_ms = milliseconds_since (begin);
  if (local_error == NULL)
    return TRUE;
  perry_deadline_explain (deadline, local_error);
  g_propagate_error (error, local_error);
  return FALSE;
}

/* Podman says of a container that the kernel killed for want of memory that it was killed. Its cgroup is gone by then, and
 * here already, because to attach Podman makes the first process. @ret_location: (nullable): that process. */
static PerryProofOom *
listen_to_memory (PerryRequest *request, PerryProcessLocation **ret_location, GCancellable *cancellable)
{
  PerryBackend *backend = request->backend;
  g_autoptr (PerryProcessLocation) location = NULL;
  PerryProofOom *oom = NULL;
  int root;

  *ret_location = NULL;
  if (!backend->info->oom_kills_unseen || backend->ops->locate_process == NULL ||
      !perry_container_spec_is_set (request->normalised, PERRY_FIELD_MEMORY))
    return NULL;
  location = backend->ops->locate_process (backend->handle, request->id, cancellable, NULL);
  if (location == NULL || !location->local)
    return NULL;
  root = open ("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0)
    return NULL;
  oom = perry_proof_oom_start (root, (const char *const *) location->cgroup_paths);
  close (root);
  if (location->pid > 0)
    *ret_location = g_steal_pointer (&location);
  return oom;
}

/* What the container wrote in its later runs; its log has all of them, one after another. */
static gboolean
stream_log (PerryRequest *request, PerryTransfer *transfer, gboolean follow, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = request->backend;
  PerryLogRequest log = { .struct_size = sizeof log, .follow = follow, .stdout_wanted = TRUE, .stderr_wanted = TRUE,
                          .tail = -1 };
  PerryLiveness liveness = { .backend = backend, .id = request->id, .started = TRUE };
  g_autoptr (PerryStream) output = NULL;

  if (!perry_backend_offers (backend, backend->ops->container_logs != NULL, "read a container's log", error))
    return FALSE;
  output = backend->ops->container_logs (backend->handle, request->id, &log, cancellable, error);
  if (output == NULL)
    return FALSE;
  perry_transfer_continue (transfer, output);
  return perry_transfer_drain (transfer, &liveness, cancellable, error);
}

/* What became of the memory of a run that another one has followed is not the outcome: the newest is listened to. */
static void
listen_anew (PerryRequest *request, PerryProofOom **oom, GCancellable *cancellable)
{
  g_autoptr (PerryProcessLocation) location = NULL;

  perry_proof_oom_stop (*oom);
  *oom = listen_to_memory (request, &location, cancellable);
}

/* The engine starts the container again by its policy: the run is over when the last of its runs is. */
static gboolean
stream_restarts (PerryRequest *request, PerryTransfer *transfer, PerryProofOom **oom, GCancellable *cancellable,
                 GError **error)
{
  gint64 started_at = 0;
  g_autoptr (PerryContainerInfo) info = NULL;
  gboolean again = FALSE;

  if (!perry_restarts_are_possible (request->report))
    return TRUE;
  for (;;)
    {
      g_clear_pointer (&info, perry_container_info_free);
      info = perry_restarts_wait (request->backend, request->id, started_at, cancellable, error);
      if (info == NULL)
        return FALSE;
      if (again ? info->started_at != started_at : info->restart_count > 0)
        listen_anew (request, oom, cancellable);
      if (info->status != PERRY_CONTAINER_RUNNING && info->status != PERRY_CONTAINER_PAUSED)
        return !again && info->restart_count == 0 ? TRUE : stream_log (request, transfer, FALSE, cancellable, error);
      started_at = info->started_at;
      again = TRUE;
      if (!stream_log (request, transfer, TRUE, cancellable, error))
        return FALSE;
    }
}

/* In our process, because it is here as long as the container runs. */
static gboolean
begin_probes (PerryRequest *request, PerryHealthDriver **ret_driver, GError **error)
{
  if (!perry_health_is_driven (request->backend, request->report))
    return TRUE;
  *ret_driver = perry_health_driver_new (request->backend, request->id, request->normalised, NULL, error);
  if (*ret_driver != NULL)
    perry_health_driver_start (*ret_driver);
  return *ret_driver != NULL;
}

/* From the start to the end of its last run. */
static gboolean
follow (PerryRequest *request, PerryTransfer *transfer, PerryProofOom **oom, GCancellable *cancellable, GError **error)
{
  const PerryRunOptions *options = request->options;
  g_autoptr (PerryTimeLimit) limit = NULL;
  GError *local_error = NULL;
  gboolean killed, listened, ok;

  if (options->timeout_ms > 0)
    {
      limit = perry_time_limit_start (request->backend, request->id, options->timeout_ms, PERRY_TIME_LIMIT_END_MS,
                                      cancellable);
      cancellable = perry_time_limit_get_cancellable (limit);
    }
  perry_transfer_feed (transfer);
  ok = stream (request, transfer, cancellable, &local_error) &&
       stream_restarts (request, transfer, oom, cancellable, &local_error);
  listened = *oom != NULL;
  killed = perry_proof_oom_stop (g_steal_pointer (oom));
  ok = ok && read_outcome (request, cancellable, &local_error);
  /* Podman 5 says it of every run after one that was killed so; what was heard is the last one's */
  if (listened && perry_restarts_are_possible (request->report))
    request->result->oom_killed = killed;
  else
    request->result->oom_killed |= killed;
  request->result->timed_out = limit != NULL && perry_time_limit_has_expired (limit);
  if (ok)
    return TRUE;
  if (limit != NULL)
    perry_time_limit_explain (limit, local_error);
  g_propagate_error (error, local_error);
  return FALSE;
}

gboolean
perry_run_to_the_end (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryTransfer) transfer = NULL;
  g_autoptr (PerryHealthDriver) health = NULL;
  PerryProofOom *oom;
  gboolean ok;
  gint64 begin;

  if (!attach (request, &transfer, cancellable, error))
    return FALSE;
  oom = listen_to_memory (request, &request->location, cancellable);
  ok = perry_request_start (request, cancellable, error) && begin_probes (request, &health, error);
  begin = g_get_monotonic_time ();
  ok = ok && follow (request, transfer, &oom, cancellable, error);
  perry_proof_oom_stop (oom);
  if (!ok)
    return FALSE;
  g_clear_pointer (&health, perry_health_driver_free);
  perry_transfer_finish (transfer, request->result);
  request->result->timings.run_ms = milliseconds_since (begin);
  return remove_ended (request, error);
}
