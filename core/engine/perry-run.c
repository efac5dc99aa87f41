/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-run.h"

#include "core/engine/perry-transfer.h"

#define REMOVE_TIMEOUT_MS 20000
/* how long after its stream was reset a container may still be listed as running, and how often that is asked */
#define END_AFTER_RESET_MS 2000
#define ASK_AGAIN_MS 25

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

/* When the output has ended the container mostly has, too; Podman's wait would go on until its monitor has cleaned up. */
static gboolean
read_outcome (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  PerryRunResult *result = request->result;
  PerryLiveness liveness = { .backend = request->backend, .id = request->id, .started = TRUE };
  g_autoptr (PerryContainerInfo) info = inspect (request, cancellable, error);

  if (info == NULL)
    return FALSE;
  if (has_ended (info))
    {
      result->exit_code = info->exit_code;
      result->oom_killed = info->oom_killed;
      return TRUE;
    }
  if (!perry_liveness_wait (&liveness, &result->exit_code, cancellable, error))
    return FALSE;
  g_clear_pointer (&info, perry_container_info_free);
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

static void
add_warning (PerryRunResult *result, const char *warning)
{
  g_autoptr (GStrvBuilder) warnings = g_strv_builder_new ();

  if (result->warnings != NULL)
    g_strv_builder_addv (warnings, (const char **) result->warnings);
  g_strv_builder_add (warnings, warning);
  g_strfreev (result->warnings);
  result->warnings = g_strv_builder_end (warnings);
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
      add_warning (request->result, "the container ended without reading all of its input, and the engine cut its "
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
  gboolean ok;

  if (!perry_container_spec_get_boolean (request->asked, PERRY_FIELD_RM))
    return TRUE;
  deadline = perry_deadline_new (REMOVE_TIMEOUT_MS);
  ok = backend->ops->container_remove (backend->handle, request->id, FALSE, perry_deadline_get_cancellable (deadline),
                                       error);
  request->result->timings.remove_ms = milliseconds_since (begin);
  return ok;
}

gboolean
perry_run_to_the_end (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryTransfer) transfer = NULL;
  gint64 begin;

  if (!attach (request, &transfer, cancellable, error))
    return FALSE;
  if (!perry_request_start (request, cancellable, error))
    return FALSE;
  begin = g_get_monotonic_time ();
  perry_transfer_feed (transfer);
  if (!stream (request, transfer, cancellable, error) || !read_outcome (request, cancellable, error))
    return FALSE;
  perry_transfer_take_capture (transfer, request->result);
  request->result->timings.run_ms = milliseconds_since (begin);
  return remove_ended (request, error);
}
