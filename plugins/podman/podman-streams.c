/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-backend.h"

#include "plugins/http-client/perry-engine-filter.h"
#include "plugins/http-client/perry-http-stream.h"
#include "plugins/podman/podman-errors.h"
#include "plugins/podman/podman-networks.h"
#include "plugins/podman/podman-report.h"

/* The Content-Type does not tell; a container that this handle just created has no terminal. */
static gboolean
find_framing (PerryPodman *podman, const char *id, PerryHttpFraming *ret_framing, GCancellable *cancellable,
              GError **error)
{
  g_autofree char *what = g_strdup_printf ("inspecting container %s", id);
  PerryHttpRequest *request;
  g_autoptr (PerryHttpReply) reply = NULL;

  *ret_framing = PERRY_HTTP_FRAMING_MULTIPLEXED;
  if (perry_podman_is_unstarted (podman, id))
    return perry_podman_ensure_service (podman, cancellable, error);
  request = perry_podman_request_new (podman, "GET", "containers", id, "json");
  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, what, cancellable, error);
  if (reply == NULL)
    return FALSE;
  if (perry_podman_inspect_has_terminal (reply->json))
    *ret_framing = PERRY_HTTP_FRAMING_RAW;
  return TRUE;
}

PerryStream *
perry_podman_container_attach (gpointer backend, const char *id, gboolean with_stdin, GCancellable *cancellable,
                               GError **error)
{
  PerryPodman *podman = backend;
  g_autofree char *what = g_strdup_printf ("attaching to container %s", id);
  g_autoptr (PerryHttpRequest) request = NULL;
  g_autoptr (GError) local_error = NULL;
  PerryHttpFraming framing;
  PerryHttpHijack *hijack;

  if (!find_framing (podman, id, &framing, cancellable, error)
      || (perry_podman_is_unstarted (podman, id)
          && (!perry_podman_check_ports (podman, id, cancellable, error)
              || !perry_podman_guard_container (podman, id, cancellable, error))))
    return NULL;
  request = perry_podman_request_new (podman, "POST", "containers", id, "attach");
  perry_http_request_add_query (request, "stream", "true");
  perry_http_request_add_query (request, "stdin", with_stdin ? "true" : "false");
  perry_http_request_add_query (request, "stdout", "true");
  perry_http_request_add_query (request, "stderr", "true");
  /* To attach, Podman makes the container's first process; what is wrong with the command shows here already. */
  perry_podman_set_unstarted (podman, id, FALSE);
  hijack = perry_http_hijack (podman->client, request, perry_podman_error_rules, what, cancellable, &local_error);
  if (hijack != NULL)
    {
      perry_podman_settle_ports (podman, id);
      return perry_http_stream_new_for_hijack (hijack, framing);
    }
  perry_podman_classify_start_error (local_error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

PerryStream *
perry_podman_container_logs (gpointer backend, const char *id, const PerryLogRequest *log, GCancellable *cancellable,
                             GError **error)
{
  PerryPodman *podman = backend;
  g_autofree char *what = g_strdup_printf ("reading the log of container %s", id);
  g_autofree char *since = log->since > 0 ? perry_engine_time_to_query (log->since) : NULL;
  g_autoptr (PerryHttpRequest) request = NULL;
  PerryHttpFraming framing;
  PerryHttpBody *body;

  if (!find_framing (podman, id, &framing, cancellable, error))
    return NULL;
  request = perry_podman_request_new (podman, "GET", "containers", id, "logs");
  perry_http_request_add_query (request, "stdout", log->stdout_wanted ? "true" : "false");
  perry_http_request_add_query (request, "stderr", log->stderr_wanted ? "true" : "false");
  perry_http_request_add_query (request, "follow", log->follow ? "true" : NULL);
  perry_http_request_add_query (request, "timestamps", log->timestamps ? "true" : NULL);
  perry_http_request_add_query (request, "since", since);
  if (log->tail >= 0)
    perry_http_request_add_query_int (request, "tail", log->tail);
  body = perry_http_client_open (podman->client, request, perry_podman_error_rules, what, cancellable, error);
  return body != NULL ? perry_http_stream_new_for_body (body, framing) : NULL;
}
