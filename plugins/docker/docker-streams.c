/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-backend.h"

#include "plugins/docker/docker-errors.h"
#include "plugins/docker/docker-report.h"
#include "plugins/http-client/perry-engine-filter.h"
#include "plugins/http-client/perry-http-stream.h"

/* The Content-Type does not tell before API 1.42; a container that this handle just created has no terminal. */
static gboolean
find_framing (PerryDocker *docker, const char *id, PerryHttpFraming *ret_framing, GCancellable *cancellable,
              GError **error)
{
  g_autofree char *what = g_strdup_printf ("inspecting container %s", id);
  PerryHttpRequest *request;
  g_autoptr (PerryHttpReply) reply = NULL;

  *ret_framing = PERRY_HTTP_FRAMING_MULTIPLEXED;
  if (perry_docker_is_unstarted (docker, id))
    return TRUE;
  request = perry_http_request_new ("GET", docker->prefix, "containers", id, "json", NULL);
  perry_http_request_want_json (request);
  perry_http_request_set_deadline (request, docker->timeout_ms);
  reply = perry_http_client_call (docker->client, request, perry_docker_error_rules, what, cancellable, error);
  if (reply == NULL)
    return FALSE;
  if (perry_docker_inspect_has_terminal (reply->json))
    *ret_framing = PERRY_HTTP_FRAMING_RAW;
  return TRUE;
}

PerryStream *
perry_docker_container_attach (gpointer backend, const char *id, gboolean with_stdin, GCancellable *cancellable,
                               GError **error)
{
  PerryDocker *docker = backend;
  g_autofree char *what = g_strdup_printf ("attaching to container %s", id);
  g_autoptr (PerryHttpRequest) request = NULL;
  PerryHttpFraming framing;
  PerryHttpHijack *hijack;

  if (!find_framing (docker, id, &framing, cancellable, error))
    return NULL;
  request = perry_http_request_new ("POST", docker->prefix, "containers", id, "attach", NULL);
  perry_http_request_add_query (request, "stream", "1");
  perry_http_request_add_query (request, "stdin", with_stdin ? "1" : NULL);
  perry_http_request_add_query (request, "stdout", "1");
  perry_http_request_add_query (request, "stderr", "1");
  perry_http_request_set_deadline (request, docker->timeout_ms);
  hijack = perry_http_hijack (docker->client, request, perry_docker_error_rules, what, cancellable, error);
  return hijack != NULL ? perry_http_stream_new_for_hijack (hijack, framing) : NULL;
}

PerryStream *
perry_docker_container_logs (gpointer backend, const char *id, const PerryLogRequest *log, GCancellable *cancellable,
                             GError **error)
{
  PerryDocker *docker = backend;
  g_autofree char *what = g_strdup_printf ("reading the log of container %s", id);
  g_autofree char *since = log->since > 0 ? perry_engine_time_to_query (log->since) : NULL;
  g_autoptr (PerryHttpRequest) request = NULL;
  PerryHttpFraming framing;
  PerryHttpBody *body;

  if (!find_framing (docker, id, &framing, cancellable, error))
    return NULL;
  request = perry_http_request_new ("GET", docker->prefix, "containers", id, "logs", NULL);
  perry_http_request_add_query (request, "stdout", log->stdout_wanted ? "1" : NULL);
  perry_http_request_add_query (request, "stderr", log->stderr_wanted ? "1" : NULL);
  perry_http_request_add_query (request, "follow", log->follow ? "1" : NULL);
  perry_http_request_add_query (request, "timestamps", log->timestamps ? "1" : NULL);
  perry_http_request_add_query (request, "since", since);
  if (log->tail >= 0)
    perry_http_request_add_query_int (request, "tail", log->tail);
  perry_http_request_set_deadline (request, docker->timeout_ms);
  body = perry_http_client_open (docker->client, request, perry_docker_error_rules, what, cancellable, error);
  return body != NULL ? perry_http_stream_new_for_body (body, framing) : NULL;
}
