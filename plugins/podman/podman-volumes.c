/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-networks.h"

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-filter.h"
#include "plugins/http-client/perry-engine-volume.h"

static PerryHttpReply *
call (PerryPodman *podman, PerryHttpRequest *request, const char *verb, const char *name, GCancellable *cancellable,
      GError **error)
{
  g_autofree char *what = g_strdup_printf ("%s volume %s", verb, name);

  return perry_podman_call (podman, request, what, cancellable, error);
}

gboolean
perry_podman_volume_create (gpointer backend, const PerryVolumeRequest *request, GCancellable *cancellable,
                            GError **error)
{
  PerryPodman *podman = backend;
  g_autoptr (JsonNode) body = perry_engine_volume_body (request, "Options");
  PerryHttpRequest *http = perry_podman_request_new (podman, "POST", "volumes", NULL, "create");
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_set_json (http, body);
  reply = call (podman, http, "creating", request->name, cancellable, error);
  return reply != NULL;
}

PerryVolumeInfo *
perry_podman_volume_inspect (gpointer backend, const char *name, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request = perry_podman_request_new (podman, "GET", "volumes", name, "json");
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryVolumeInfo *info;

  perry_http_request_want_json (request);
  reply = call (podman, request, "inspecting", name, cancellable, error);
  if (reply == NULL)
    return NULL;
  info = perry_engine_volume_from_inspect (reply->json);
  if (info == NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                 "inspecting volume %s: Podman's answer is not what its API describes", name);
  return info;
}

GPtrArray *
perry_podman_volume_list (gpointer backend, const char *const *labels, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request = perry_podman_request_new (podman, "GET", "volumes", NULL, "json");
  g_autoptr (JsonNode) filter = perry_engine_label_filter (labels);
  g_autoptr (PerryHttpReply) reply = NULL;
  GPtrArray *list = NULL;

  if (filter != NULL)
    perry_http_request_add_query_json (request, "filters", filter);
  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, "listing volumes", cancellable, error);
  if (reply == NULL)
    return NULL;
  if (perry_json_as_array (reply->json) != NULL)
    list = perry_engine_volumes_from_rows (perry_json_as_array (reply->json));
  if (list == NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                 "Podman's list of volumes is not what its API describes");
  return list;
}

/* Podman's own `force` removes the containers that have it, too, which nobody asked for. */
gboolean
perry_podman_volume_remove (gpointer backend, const char *name, gboolean force, GCancellable *cancellable,
                            GError **error)
{
  PerryPodman *podman = backend;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;

  reply = call (podman, perry_podman_request_new (podman, "DELETE", "volumes", name, NULL), "removing", name,
                cancellable, &local_error);
  if (reply != NULL || (force && g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_VOLUME_NOT_FOUND)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}
