/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-networks.h"

#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-errors.h"
#include "plugins/http-client/perry-engine-filter.h"
#include "plugins/http-client/perry-engine-volume.h"

static PerryHttpRequest *
request_new (PerryDocker *docker, const char *method, const char *name)
{
  PerryHttpRequest *request = perry_http_request_new (method, docker->prefix, "volumes", name, NULL);

  perry_http_request_set_deadline (request, docker->timeout_ms);
  return request;
}

static PerryHttpReply *
call (PerryDocker *docker, PerryHttpRequest *request, const char *verb, const char *name, GCancellable *cancellable,
      GError **error)
{
  g_autofree char *what = g_strdup_printf ("%s volume %s", verb, name);

  return perry_http_client_call (docker->client, request, perry_docker_error_rules, what, cancellable, error);
}

/* Docker answers a create for a volume that exists with that volume, whatever its options and labels are. */
static gboolean
check_absent (PerryDocker *docker, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (PerryVolumeInfo) info = perry_docker_volume_inspect (docker, name, cancellable, &local_error);

  if (info == NULL && g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_VOLUME_NOT_FOUND))
    return TRUE;
  if (info == NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_NAME_IN_USE, "creating volume %s: a volume of this name exists", name);
  return FALSE;
}

gboolean
perry_docker_volume_create (gpointer backend, const PerryVolumeRequest *request, GCancellable *cancellable,
                            GError **error)
{
  PerryDocker *docker = backend;
  g_autoptr (JsonNode) body = perry_engine_volume_body (request, "DriverOpts");
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryHttpRequest *http;

  if (!check_absent (docker, request->name, cancellable, error))
    return FALSE;
  http = request_new (docker, "POST", "create");
  perry_http_request_set_json (http, body);
  reply = call (docker, http, "creating", request->name, cancellable, error);
  return reply != NULL;
}

PerryVolumeInfo *
perry_docker_volume_inspect (gpointer backend, const char *name, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = request_new (docker, "GET", name);
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryVolumeInfo *info;

  perry_http_request_want_json (request);
  reply = call (docker, request, "inspecting", name, cancellable, error);
  if (reply == NULL)
    return NULL;
  info = perry_engine_volume_from_inspect (reply->json);
  if (info == NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                 "inspecting volume %s: Docker's answer is not what its API describes", name);
  return info;
}

GPtrArray *
perry_docker_volume_list (gpointer backend, const char *const *labels, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = request_new (docker, "GET", NULL);
  g_autoptr (JsonNode) filter = perry_engine_label_filter (labels);
  g_autoptr (PerryHttpReply) reply = NULL;
  JsonNode *volumes;
  GPtrArray *list = NULL;

  if (filter != NULL)
    perry_http_request_add_query_json (request, "filters", filter);
  perry_http_request_want_json (request);
  reply = perry_http_client_call (docker->client, request, perry_docker_error_rules, "listing volumes", cancellable,
                                  error);
  if (reply == NULL)
    return NULL;
  /* null where there is none */
  volumes = perry_json_find (reply->json, "Volumes", NULL);
  if (volumes != NULL && JSON_NODE_HOLDS_NULL (volumes))
    return g_ptr_array_new_with_free_func ((GDestroyNotify) perry_volume_info_free);
  if (perry_json_as_array (volumes) != NULL)
    list = perry_engine_volumes_from_rows (perry_json_as_array (volumes));
  if (list == NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                 "Docker's list of volumes is not what its API describes");
  return list;
}

gboolean
perry_docker_volume_remove (gpointer backend, const char *name, gboolean force, GCancellable *cancellable,
                            GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = request_new (docker, "DELETE", name);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_add_query (request, "force", force ? "1" : NULL);
  reply = call (docker, request, "removing", name, cancellable, error);
  return reply != NULL;
}
