/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-backend.h"

#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-create.h"
#include "plugins/docker/docker-errors.h"
#include "plugins/docker/docker-matrix.h"
#include "plugins/docker/docker-networks.h"
#include "plugins/docker/docker-report.h"
#include "plugins/docker/docker-version.h"
#include "plugins/http-client/perry-engine-filter.h"
#include "plugins/http-client/perry-engine-mounts.h"
#include "plugins/http-client/perry-engine-process.h"

/* What a container without a timeout of its own is given, and more than any that Docker would give by itself. */
#define DEFAULT_STOP_S 120

/* From this minor version on, a create names the platform that its image has to be for. */
#define PLATFORM_MINOR 41

static PerryHttpReply *
call (PerryDocker *docker, PerryHttpRequest *request, const char *verb, const char *id, GCancellable *cancellable,
      GError **error)
{
  g_autofree char *what = g_strdup_printf ("%s container %s", verb, id);

  return perry_http_client_call (docker->client, request, perry_docker_error_rules, what, cancellable, error);
}

static PerryHttpRequest *
request_new (PerryDocker *docker, const char *method, const char *id, const char *verb)
{
  PerryHttpRequest *request = perry_http_request_new (method, docker->prefix, "containers", id, verb, NULL);

  perry_http_request_set_deadline (request, docker->timeout_ms);
  return request;
}

static gboolean
check_grantable (PerryDocker *docker, const PerryContainerSpec *spec, GCancellable *cancellable, GError **error)
{
  PerryLinuxCapabilities grantable, defaults;

  perry_docker_look_at_peer (docker, cancellable);
  g_mutex_lock (&docker->lock);
  grantable = docker->grantable;
  g_mutex_unlock (&docker->lock);
  defaults = perry_docker_default_capabilities ();
  return perry_engine_check_grantable (spec, defaults, grantable, "Docker", error);
}

static JsonNode *
new_body (PerryDocker *docker, const PerryCreateRequest *request, GCancellable *cancellable, GError **error)
{
  JsonNode *body;
  guint cgroup_version;

  if (!perry_docker_ensure_engine (docker, cancellable, error)
      || !check_grantable (docker, request->spec, cancellable, error))
    return NULL;
  g_mutex_lock (&docker->lock);
  cgroup_version = docker->engine->cgroup_version;
  g_mutex_unlock (&docker->lock);
  body = perry_docker_create_body (request, error);
  if (body != NULL && perry_engine_leaves_cgroups_writable (request->spec, cgroup_version))
    perry_docker_protect_cgroups (body);
  if (body != NULL && perry_docker_version_minor (docker->api_version) >= PERRY_DOCKER_START_INTERVAL_MINOR)
    perry_docker_add_start_interval (body, request->spec);
  return body;
}

/* Docker completes an operating system alone with its own architecture, which nobody asked for. */
static const char *
whole_platform (const PerryContainerSpec *spec)
{
  const char *platform = perry_container_spec_get_string (spec, PERRY_FIELD_PLATFORM);

  return platform != NULL && strchr (platform, '/') != NULL ? platform : NULL;
}

static gboolean
has_own_network (const PerryContainerSpec *spec)
{
  const char *network = perry_container_spec_get_network (spec);

  return network != NULL && !g_str_equal (network, "none") && !g_str_equal (network, "host")
         && !g_str_equal (network, "bridge");
}

char *
perry_docker_container_create (gpointer backend, const PerryCreateRequest *request, char ***ret_warnings,
                               GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  g_autoptr (JsonNode) body = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryHttpRequest *http;
  const char *id = NULL;

  body = new_body (docker, request, cancellable, error);
  if (body == NULL)
    return NULL;
  http = perry_http_request_new ("POST", docker->prefix, "containers", "create", NULL);
  perry_http_request_add_query (http, "name", request->name);
  if (perry_docker_version_minor (docker->api_version) >= PLATFORM_MINOR)
    perry_http_request_add_query (http, "platform", whole_platform (request->spec));
  perry_http_request_set_json (http, body);
  perry_http_request_want_json (http);
  perry_http_request_set_deadline (http, docker->timeout_ms);
  reply = call (docker, http, "creating", request->name, cancellable, error);
  if (reply == NULL)
    return NULL;
  if (!perry_json_read_string (perry_json_as_object (reply->json), "Id", &id) || *id == '\0')
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "creating container %s: Docker returned no id",
                   request->name);
      return NULL;
    }
  if (ret_warnings != NULL)
    *ret_warnings = perry_docker_warnings_dup (reply->json);
  perry_docker_set_unstarted (docker, id, TRUE);
  perry_docker_set_plain (docker, id, !has_own_network (request->spec));
  return g_strdup (id);
}

gboolean
perry_docker_container_start (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;

  if (!perry_docker_is_plain (docker, id) && !perry_docker_guard_container (docker, id, cancellable, error))
    return FALSE;
  reply = call (docker, request_new (docker, "POST", id, "start"), "starting", id, cancellable, &local_error);
  perry_docker_set_unstarted (docker, id, FALSE);
  /* Before another start it may have been connected to anything. */
  perry_docker_set_plain (docker, id, FALSE);
  if (reply != NULL)
    return TRUE;
  perry_docker_classify_start_error (local_error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

PerryContainerInfo *
perry_docker_container_inspect (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = request_new (docker, "GET", id, "json");
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryContainerInfo *info = NULL;

  perry_http_request_want_json (request);
  reply = call (docker, request, "inspecting", id, cancellable, error);
  if (reply == NULL)
    return NULL;
  info = perry_docker_container_from_inspect (reply->json, error);
  if (info == NULL)
    g_prefix_error (error, "inspecting container %s: ", id);
  return info;
}

GPtrArray *
perry_docker_container_list (gpointer backend, gboolean all, const char *const *labels, GCancellable *cancellable,
                             GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = perry_http_request_new ("GET", docker->prefix, "containers", "json", NULL);
  g_autoptr (JsonNode) filter = perry_engine_label_filter (labels);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_add_query (request, "all", all ? "1" : NULL);
  if (filter != NULL)
    perry_http_request_add_query_json (request, "filters", filter);
  perry_http_request_want_json (request);
  perry_http_request_set_deadline (request, docker->timeout_ms);
  reply = perry_http_client_call (docker->client, request, perry_docker_error_rules, "listing containers", cancellable,
                                  error);
  return reply != NULL ? perry_docker_containers_from_list (reply->json, error) : NULL;
}

gboolean
perry_docker_container_wait (gpointer backend, const char *id, gint64 *ret_exit_code, GCancellable *cancellable,
                             GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = request_new (docker, "POST", id, "wait");
  g_autoptr (PerryHttpReply) reply = NULL;
  const char *message;

  perry_http_request_set_deadline (request, -1);
  perry_http_request_want_json (request);
  reply = call (docker, request, "waiting for", id, cancellable, error);
  if (reply == NULL)
    return FALSE;
  message = perry_json_as_string (perry_json_find (reply->json, "Error", "Message", NULL));
  if (message != NULL && *message != '\0')
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED, "waiting for container %s: %s", id, message);
      return FALSE;
    }
  if (!perry_json_as_int64 (perry_json_find (reply->json, "StatusCode", NULL), ret_exit_code))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                   "waiting for container %s: Docker returned no exit code", id);
      return FALSE;
    }
  return TRUE;
}

/* How long the engine may take by itself: the container's own timeout can be longer than the default. */
static int
own_grace (PerryDocker *docker, const char *id, GCancellable *cancellable)
{
  g_autoptr (PerryContainerInfo) info = perry_docker_container_inspect (docker, id, cancellable, NULL);
  gint64 own_s = info != NULL ? perry_container_spec_get_int64 (info->reported, PERRY_FIELD_STOP_TIMEOUT, 0) : 0;

  return (int) CLAMP (own_s, DEFAULT_STOP_S, G_MAXINT / 2000);
}

gboolean
perry_docker_container_stop (gpointer backend, const char *id, int timeout_s, GCancellable *cancellable,
                             GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = request_new (docker, "POST", id, "stop");
  int grace_s = timeout_s >= 0 ? MIN (timeout_s, G_MAXINT / 2000) : own_grace (docker, id, cancellable);
  g_autoptr (PerryHttpReply) reply = NULL;

  if (timeout_s >= 0)
    perry_http_request_add_query_int (request, "t", timeout_s);
  perry_http_request_set_deadline (request, MIN (docker->timeout_ms, G_MAXINT / 2) + grace_s * 1000);
  reply = call (docker, request, "stopping", id, cancellable, error);
  return reply != NULL;
}

gboolean
perry_docker_container_kill (gpointer backend, const char *id, const char *signal_name, GCancellable *cancellable,
                             GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = request_new (docker, "POST", id, "kill");
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_add_query (request, "signal", signal_name);
  reply = call (docker, request, "killing", id, cancellable, error);
  return reply != NULL;
}

gboolean
perry_docker_container_remove (gpointer backend, const char *id, gboolean force, GCancellable *cancellable,
                               GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = request_new (docker, "DELETE", id, NULL);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_add_query (request, "v", "1");
  perry_http_request_add_query (request, "force", force ? "1" : NULL);
  reply = call (docker, request, "removing", id, cancellable, &local_error);
  if (reply != NULL || perry_docker_error_is_removal_in_progress (local_error))
    {
      perry_docker_set_unstarted (docker, id, FALSE);
      perry_docker_set_plain (docker, id, FALSE);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}
