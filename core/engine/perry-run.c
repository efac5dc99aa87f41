/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-run.h"

#include "core/engine/perry-transfer.h"

#define REMOVE_TIMEOUT_MS 20000

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

static gboolean
read_outcome (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = request->backend;
  PerryRunResult *result = request->result;
  g_autoptr (PerryContainerInfo) info = NULL;

  if (!backend->ops->container_wait (backend->handle, request->id, &result->exit_code, cancellable, error))
    return FALSE;
  info = backend->ops->container_inspect (backend->handle, request->id, cancellable, error);
  if (info == NULL)
    return FALSE;
  result->oom_killed = info->oom_killed;
  return TRUE;
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
  if (!perry_transfer_drain (transfer, cancellable, error))
    return FALSE;
  if (!read_outcome (request, cancellable, error))
    return FALSE;
  perry_transfer_take_capture (transfer, request->result);
  request->result->timings.run_ms = milliseconds_since (begin);
  return remove_ended (request, error);
}
