/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-networks.h"

#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-errors.h"
#include "plugins/docker/docker-network-report.h"
#include "plugins/http-client/perry-engine-filter.h"
#include "plugins/http-client/perry-engine-guard.h"
#include "plugins/http-client/perry-engine-network.h"

#define CLEAN_UP_TIMEOUT_MS 20000

static PerryHttpRequest *
request_new (PerryDocker *docker, const char *method, const char *name, const char *verb)
{
  PerryHttpRequest *request = perry_http_request_new (method, docker->prefix, "networks", name, verb, NULL);

  perry_http_request_set_deadline (request, docker->timeout_ms);
  return request;
}

static PerryHttpReply *
call (PerryDocker *docker, PerryHttpRequest *request, const char *verb, const char *name, GCancellable *cancellable,
      GError **error)
{
  g_autofree char *what = g_strdup_printf ("%s network %s", verb, name);

  return perry_http_client_call (docker->client, request, perry_docker_error_rules, what, cancellable, error);
}

/* Where dockerd writes its number, as far as it is the daemon of the usual socket: another one has another file. */
static const char *
find_pid_file (PerryDocker *docker)
{
  const char *socket_path = perry_http_client_get_socket_path (docker->client);

  return g_str_equal (socket_path, "/var/run/docker.sock") || g_str_equal (socket_path, "/run/docker.sock")
           ? "/run/docker.pid" : NULL;
}

/* A rootless daemon's bridges are where the host's listeners are not. */
void
perry_docker_limit_internal_networks (PerryDocker *docker, PerryEngineInfo *engine, GCancellable *cancellable)
{
  PerryEngineGuardPlace place;

  if (engine->rootless)
    {
      perry_capability_matrix_confirm (engine->matrix, PERRY_CAPABILITY_INTERNAL_NETWORK);
      return;
    }
  place = perry_engine_guard_find_place (docker->client, "dockerd", find_pid_file (docker), cancellable);
  place.kernel = engine->kernel;
  perry_engine_guard_limit_matrix (&place, "what containers of an internal network broadcast arrives at the host's "
                                           "listeners", engine->matrix);
}

/* @ret_kernel owns what the result refers to. */
static PerryEngineGuardPlace
find_place (PerryDocker *docker, char **ret_kernel, GCancellable *cancellable)
{
  PerryEngineGuardPlace place = perry_engine_guard_find_place (docker->client, "dockerd", find_pid_file (docker),
                                                               cancellable);

  g_mutex_lock (&docker->lock);
  *ret_kernel = docker->engine != NULL ? g_strdup (docker->engine->kernel) : NULL;
  g_mutex_unlock (&docker->lock);
  place.kernel = *ret_kernel;
  return place;
}

static gboolean
ensure_guard (PerryDocker *docker, GCancellable *cancellable, GError **error)
{
  g_autofree char *kernel = NULL;
  PerryEngineGuardPlace place = find_place (docker, &kernel, cancellable);

  return perry_engine_guard_ensure (&place, cancellable, error);
}

/* @ret_obstacle owns what the result refers to. */
static gboolean
get_networking (PerryDocker *docker, PerryDockerNetworking *ret_networking, char **ret_obstacle,
                GCancellable *cancellable, GError **error)
{
  g_autofree char *kernel = NULL;
  PerryEngineGuardPlace place;

  if (!perry_docker_ensure_engine (docker, cancellable, error))
    return FALSE;
  place = find_place (docker, &kernel, cancellable);
  *ret_obstacle = perry_engine_guard_find_obstacle (&place);
  ret_networking->no_guard = *ret_obstacle;
  g_mutex_lock (&docker->lock);
  ret_networking->major = (guint) g_ascii_strtoull (docker->engine->version, NULL, 10);
  ret_networking->rootless = docker->engine->rootless;
  g_mutex_unlock (&docker->lock);
  return TRUE;
}

static char *
read_id (JsonNode *reply, const char *name, GError **error)
{
  const char *id = NULL;

  if (perry_json_read_string (perry_json_as_object (reply), "Id", &id) && *id != '\0')
    return g_strdup (id);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "creating network %s: Docker returned no id", name);
  return NULL;
}

/* Docker keeps options that no driver of its own knows, and does nothing with them. */
static void
add_unknown_options (GStrvBuilder *warnings, const PerryNetworkInfo *info)
{
  GHashTableIter iter;
  gpointer name;

  if (!g_str_equal (info->driver, "bridge"))
    return;
  g_hash_table_iter_init (&iter, info->options);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_str_has_prefix (name, "com.docker.network."))
      {
        g_autofree char *warning = g_strdup_printf ("Docker's driver bridge has no option %s and does nothing with it",
                                                    (const char *) name);

        g_strv_builder_add (warnings, warning);
      }
}

static char **
new_warnings (JsonNode *reply, const PerryNetworkInfo *info)
{
  g_autoptr (GStrvBuilder) warnings = g_strv_builder_new ();
  const char *text = NULL;

  if (perry_json_read_string (perry_json_as_object (reply), "Warning", &text) && *text != '\0')
    g_strv_builder_add (warnings, text);
  if (info->internal && info->isolation != PERRY_SUPPORT_NATIVE)
    {
      g_autofree char *warning = g_strdup_printf ("the internal network %s is only partly isolated: %s", info->name,
                                                  info->isolation_reason);

      g_strv_builder_add (warnings, warning);
    }
  add_unknown_options (warnings, info);
  return g_strv_builder_end (warnings);
}

static gboolean
remove_network (PerryDocker *docker, const char *name, int timeout_ms, GCancellable *cancellable, GError **error)
{
  PerryHttpRequest *request = request_new (docker, "DELETE", name, NULL);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_set_deadline (request, timeout_ms);
  reply = call (docker, request, "removing", name, cancellable, error);
  return reply != NULL;
}

/* Nobody knows the id of a network that was made but could not be looked at. The caller's patience may be what has ended. */
static void
remove_unseen (PerryDocker *docker, const char *name, const char *id, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (!remove_network (docker, id, MIN (docker->timeout_ms, CLEAN_UP_TIMEOUT_MS), NULL, &local_error))
    g_prefix_error (error, "the network %s (%s) was made and is left, because it could not be removed (%s): ", name, id,
                    local_error->message);
}

char *
perry_docker_network_create (gpointer backend, const PerryNetworkRequest *request, char ***ret_warnings,
                             GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  PerryDockerNetworking networking;
  g_autofree char *obstacle = NULL;
  g_autoptr (JsonNode) body = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autoptr (PerryNetworkInfo) info = NULL;
  g_autofree char *bridge = NULL;
  g_autofree char *id = NULL;
  PerryHttpRequest *http;

  if (!get_networking (docker, &networking, &obstacle, cancellable, error))
    return NULL;
  if (request->internal && !networking.rootless && obstacle == NULL
      && perry_engine_network_is_bridge (request->driver))
    {
      /* The rules first: a bridge is never there without them. */
      if (!ensure_guard (docker, cancellable, error))
        return NULL;
      bridge = perry_engine_guard_new_bridge ();
    }
  body = perry_docker_network_body (request, &networking, bridge);
  http = request_new (docker, "POST", "create", NULL);
  perry_http_request_set_json (http, body);
  perry_http_request_want_json (http);
  reply = call (docker, http, "creating", request->name, cancellable, error);
  id = reply != NULL ? read_id (reply->json, request->name, error) : NULL;
  if (id == NULL)
    return NULL;
  info = perry_docker_network_inspect (docker, id, cancellable, error);
  if (info == NULL)
    {
      remove_unseen (docker, request->name, id, error);
      return NULL;
    }
  if (ret_warnings != NULL)
    *ret_warnings = new_warnings (reply->json, info);
  return g_steal_pointer (&id);
}

PerryNetworkInfo *
perry_docker_network_inspect (gpointer backend, const char *name, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request;
  PerryDockerNetworking networking;
  g_autofree char *obstacle = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryNetworkInfo *info;

  if (!get_networking (docker, &networking, &obstacle, cancellable, error))
    return NULL;
  request = request_new (docker, "GET", name, NULL);
  perry_http_request_want_json (request);
  reply = call (docker, request, "inspecting", name, cancellable, error);
  if (reply == NULL)
    return NULL;
  info = perry_docker_network_from_inspect (reply->json, &networking, error);
  if (info == NULL)
    g_prefix_error (error, "inspecting network %s: ", name);
  return info;
}

GPtrArray *
perry_docker_network_list (gpointer backend, const char *const *labels, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  g_autoptr (JsonNode) filter = perry_engine_label_filter (labels);
  PerryHttpRequest *request;
  PerryDockerNetworking networking;
  g_autofree char *obstacle = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;

  if (!get_networking (docker, &networking, &obstacle, cancellable, error))
    return NULL;
  request = request_new (docker, "GET", NULL, NULL);
  if (filter != NULL)
    perry_http_request_add_query_json (request, "filters", filter);
  perry_http_request_want_json (request);
  reply = perry_http_client_call (docker->client, request, perry_docker_error_rules, "listing networks", cancellable,
                                  error);
  return reply != NULL ? perry_docker_networks_from_list (reply->json, &networking, error) : NULL;
}

static JsonObject *
new_endpoint (const char *const *aliases)
{
  JsonObject *endpoint = json_object_new ();
  JsonArray *array = json_array_new ();

  for (const char *const *alias = aliases; *alias != NULL; alias++)
    json_array_add_string_element (array, *alias);
  json_object_set_array_member (endpoint, "Aliases", array);
  return endpoint;
}

static gboolean
post (PerryDocker *docker, const char *name, const char *verb, const char *doing, JsonObject *body,
      GCancellable *cancellable, GError **error)
{
  PerryHttpRequest *request = request_new (docker, "POST", name, verb);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_take_json_object (request, body);
  reply = call (docker, request, doing, name, cancellable, error);
  return reply != NULL;
}

static gboolean
is_guarded (PerryDocker *docker, const char *network, gboolean *ret_guarded, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryNetworkInfo) info = perry_docker_network_inspect (docker, network, cancellable, error);

  if (info == NULL)
    return FALSE;
  *ret_guarded = perry_engine_guard_is_needed (info);
  return TRUE;
}

gboolean
perry_docker_network_connect (gpointer backend, const char *name, const char *container, const char *const *aliases,
                              GCancellable *cancellable, GError **error)
{
  g_autofree char *doing = g_strdup_printf ("connecting container %s to", container);
  gboolean guarded = FALSE;
  JsonObject *body;

  if (!is_guarded (backend, name, &guarded, cancellable, error)
      || (guarded && !ensure_guard (backend, cancellable, error)))
    return FALSE;
  body = json_object_new ();
  json_object_set_string_member (body, "Container", container);
  if (aliases != NULL && *aliases != NULL)
    json_object_set_object_member (body, "EndpointConfig", new_endpoint (aliases));
  return post (backend, name, "connect", doing, body, cancellable, error);
}

gboolean
perry_docker_network_disconnect (gpointer backend, const char *name, const char *container, GCancellable *cancellable,
                                 GError **error)
{
  g_autofree char *doing = g_strdup_printf ("disconnecting container %s from", container);
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "Container", container);
  return post (backend, name, "disconnect", doing, body, cancellable, error);
}

gboolean
perry_docker_network_remove (gpointer backend, const char *name, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;

  return remove_network (docker, name, docker->timeout_ms, cancellable, error);
}

gboolean
perry_docker_guard_container (PerryDocker *docker, const char *id, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf ("inspecting container %s", id);
  PerryHttpRequest *request = perry_http_request_new ("GET", docker->prefix, "containers", id, "json", NULL);
  g_autoptr (PerryHttpReply) reply = NULL;
  gboolean guarded = FALSE;
  JsonObject *networks;
  JsonObjectIter iter;
  const char *name;

  perry_http_request_want_json (request);
  perry_http_request_set_deadline (request, docker->timeout_ms);
  reply = perry_http_client_call (docker->client, request, perry_docker_error_rules, what, cancellable, error);
  if (reply == NULL)
    return FALSE;
  networks = perry_json_as_object (perry_json_find (reply->json, "NetworkSettings", "Networks", NULL));
  if (networks == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, networks);
  while (!guarded && json_object_iter_next_ordered (&iter, &name, NULL))
    if (!g_str_equal (name, "none") && !g_str_equal (name, "host") && !g_str_equal (name, "bridge")
        && !is_guarded (docker, name, &guarded, cancellable, error))
      return FALSE;
  return !guarded || ensure_guard (docker, cancellable, error);
}
