/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-networks.h"

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-filter.h"
#include "plugins/http-client/perry-engine-guard.h"
#include "plugins/http-client/perry-engine-network.h"
#include "plugins/podman/podman-network-report.h"

#define CLEAN_UP_TIMEOUT_MS 20000

static PerryHttpRequest *
request_new (PerryPodman *podman, const char *method, const char *name, const char *verb)
{
  return perry_podman_request_new (podman, method, "networks", name, verb);
}

static PerryHttpReply *
call (PerryPodman *podman, PerryHttpRequest *request, const char *verb, const char *name, GCancellable *cancellable,
      GError **error)
{
  g_autofree char *what = g_strdup_printf ("%s network %s", verb, name);

  return perry_podman_call (podman, request, what, cancellable, error);
}

static gboolean
is_rootless (PerryPodman *podman)
{
  gboolean rootless;

  g_mutex_lock (&podman->lock);
  rootless = podman->engine->rootless;
  g_mutex_unlock (&podman->lock);
  return rootless;
}

void
perry_podman_limit_internal_networks (PerryPodman *podman, PerryEngineInfo *engine, GCancellable *cancellable)
{
  PerryEngineGuardPlace place;

  if (engine->rootless)
    {
      perry_capability_matrix_confirm (engine->matrix, PERRY_CAPABILITY_INTERNAL_NETWORK);
      return;
    }
  place = perry_engine_guard_find_place (podman->client, "podman", NULL, cancellable);
  place.kernel = engine->kernel;
  perry_engine_guard_limit_matrix (&place, "containers of an internal network reach the host's listeners", engine->matrix);
}

/* @ret_kernel owns what the result refers to. */
static PerryEngineGuardPlace
find_place (PerryPodman *podman, char **ret_kernel, GCancellable *cancellable)
{
  PerryEngineGuardPlace place;

  /* A private service may have ended; where it cannot be started, the request that follows says why. */
  perry_podman_ensure_service (podman, cancellable, NULL);
  place = perry_engine_guard_find_place (podman->client, "podman", NULL, cancellable);
  g_mutex_lock (&podman->lock);
  *ret_kernel = podman->engine != NULL ? g_strdup (podman->engine->kernel) : NULL;
  g_mutex_unlock (&podman->lock);
  place.kernel = *ret_kernel;
  return place;
}

static char *
find_obstacle (PerryPodman *podman, GCancellable *cancellable)
{
  g_autofree char *kernel = NULL;
  PerryEngineGuardPlace place = find_place (podman, &kernel, cancellable);

  return perry_engine_guard_find_obstacle (&place);
}

static gboolean
ensure_guard (PerryPodman *podman, GCancellable *cancellable, GError **error)
{
  g_autofree char *kernel = NULL;
  PerryEngineGuardPlace place;

  if (!perry_podman_ensure_service (podman, cancellable, error))
    return FALSE;
  place = find_place (podman, &kernel, cancellable);
  return perry_engine_guard_ensure (&place, cancellable, error);
}

static char **
new_warnings (const PerryNetworkInfo *info, const char *obstacle)
{
  g_autoptr (GStrvBuilder) warnings = g_strv_builder_new ();

  if (info->internal && info->isolation != PERRY_SUPPORT_NATIVE)
    {
      g_autofree char *warning = g_strdup_printf (
        "the internal network %s is only partly isolated: containers reach the host's listeners%s%s", info->name,
        obstacle != NULL ? ", and the packet filter against that cannot be set: " : "",
        obstacle != NULL ? obstacle : "");

      g_strv_builder_add (warnings, warning);
    }
  return g_strv_builder_end (warnings);
}

static char *
create (PerryPodman *podman, const PerryNetworkRequest *request, const char *bridge, GCancellable *cancellable,
        GError **error)
{
  g_autoptr (JsonNode) body = perry_podman_network_body (request, bridge);
  PerryHttpRequest *http = request_new (podman, "POST", NULL, "create");
  g_autoptr (PerryHttpReply) reply = NULL;
  const char *id = NULL;

  perry_http_request_set_json (http, body);
  perry_http_request_want_json (http);
  reply = call (podman, http, "creating", request->name, cancellable, error);
  if (reply == NULL)
    return NULL;
  if (perry_json_read_string (perry_json_as_object (reply->json), "id", &id) && *id != '\0')
    return g_strdup (id);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "creating network %s: Podman returned no id",
               request->name);
  return NULL;
}

static gboolean
remove_network (PerryPodman *podman, const char *name, int timeout_ms, GCancellable *cancellable, GError **error)
{
  PerryHttpRequest *request = request_new (podman, "DELETE", name, NULL);
  g_autoptr (PerryHttpReply) reply = NULL;
  const char *failure;

  perry_http_request_set_deadline (request, timeout_ms);
  perry_http_request_want_json (request);
  reply = call (podman, request, "removing", name, cancellable, error);
  if (reply == NULL)
    return FALSE;
  failure = perry_podman_network_removal_error (reply->json);
  if (failure != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT, "removing network %s: %s", name, failure);
  return failure == NULL;
}

/* Nobody knows the id of a network that was made but could not be looked at. The caller's patience may be what has ended. */
static void
remove_unseen (PerryPodman *podman, const char *name, const char *id, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (!remove_network (podman, id, MIN (podman->timeout_ms, CLEAN_UP_TIMEOUT_MS), NULL, &local_error))
    g_prefix_error (error, "the network %s (%s) was made and is left, because it could not be removed (%s): ", name, id,
                    local_error->message);
}

char *
perry_podman_network_create (gpointer backend, const PerryNetworkRequest *request, char ***ret_warnings,
                             GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  g_autofree char *obstacle = NULL;
  g_autofree char *bridge = NULL;
  g_autofree char *id = NULL;
  g_autoptr (PerryNetworkInfo) info = NULL;

  if (!perry_podman_ensure_engine (podman, cancellable, error))
    return NULL;
  if (request->internal && perry_engine_network_is_bridge (request->driver) && !is_rootless (podman))
    {
      obstacle = find_obstacle (podman, cancellable);
      /* The rules first: a bridge is never there without them. */
      if (obstacle == NULL && !ensure_guard (podman, cancellable, error))
        return NULL;
      bridge = obstacle == NULL ? perry_engine_guard_new_bridge () : NULL;
    }
  id = create (podman, request, bridge, cancellable, error);
  if (id == NULL)
    return NULL;
  info = perry_podman_network_inspect (podman, id, cancellable, error);
  if (info == NULL)
    {
      remove_unseen (podman, request->name, id, error);
      return NULL;
    }
  if (ret_warnings != NULL)
    *ret_warnings = new_warnings (info, obstacle);
  return g_steal_pointer (&id);
}

/* @ret_obstacle owns what the result refers to. */
static gboolean
get_networking (PerryPodman *podman, PerryPodmanNetworking *ret_networking, char **ret_obstacle,
                GCancellable *cancellable, GError **error)
{
  if (!perry_podman_ensure_engine (podman, cancellable, error))
    return FALSE;
  ret_networking->rootless = is_rootless (podman);
  *ret_obstacle = ret_networking->rootless ? NULL : find_obstacle (podman, cancellable);
  ret_networking->no_guard = *ret_obstacle;
  return TRUE;
}

PerryNetworkInfo *
perry_podman_network_inspect (gpointer backend, const char *name, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request;
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autofree char *obstacle = NULL;
  PerryPodmanNetworking networking;
  PerryNetworkInfo *info;

  if (!get_networking (podman, &networking, &obstacle, cancellable, error))
    return NULL;
  request = request_new (podman, "GET", name, "json");
  perry_http_request_want_json (request);
  reply = call (podman, request, "inspecting", name, cancellable, error);
  if (reply == NULL)
    return NULL;
  info = perry_podman_network_from_inspect (reply->json, &networking, error);
  if (info == NULL)
    g_prefix_error (error, "inspecting network %s: ", name);
  return info;
}

GPtrArray *
perry_podman_network_list (gpointer backend, const char *const *labels, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  g_autoptr (JsonNode) filter = perry_engine_label_filter (labels);
  PerryHttpRequest *request;
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autofree char *obstacle = NULL;
  PerryPodmanNetworking networking;

  if (!get_networking (podman, &networking, &obstacle, cancellable, error))
    return NULL;
  request = request_new (podman, "GET", NULL, "json");
  if (filter != NULL)
    perry_http_request_add_query_json (request, "filters", filter);
  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, "listing networks", cancellable, error);
  return reply != NULL ? perry_podman_networks_from_list (reply->json, &networking, error) : NULL;
}

static gboolean
post (PerryPodman *podman, const char *name, const char *verb, const char *doing, JsonObject *body,
      GCancellable *cancellable, GError **error)
{
  PerryHttpRequest *request = request_new (podman, "POST", name, verb);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_take_json_object (request, body);
  reply = call (podman, request, doing, name, cancellable, error);
  return reply != NULL;
}

static gboolean
needs_guarding (PerryPodman *podman, const char *network, gboolean *ret_needed, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryNetworkInfo) info = perry_podman_network_inspect (podman, network, cancellable, error);

  if (info == NULL)
    return FALSE;
  *ret_needed = perry_engine_guard_is_needed (info) && !is_rootless (podman);
  return TRUE;
}

gboolean
perry_podman_network_connect (gpointer backend, const char *name, const char *container, const char *const *aliases,
                              GCancellable *cancellable, GError **error)
{
  g_autofree char *doing = g_strdup_printf ("connecting container %s to", container);
  gboolean needed = FALSE;
  JsonObject *body;

  if (!needs_guarding (backend, name, &needed, cancellable, error)
      || (needed && !ensure_guard (backend, cancellable, error)))
    return FALSE;
  body = json_object_new ();
  json_object_set_string_member (body, "container", container);
  if (aliases != NULL && *aliases != NULL)
    {
      JsonArray *array = json_array_new ();

      for (const char *const *alias = aliases; *alias != NULL; alias++)
        json_array_add_string_element (array, *alias);
      json_object_set_array_member (body, "aliases", array);
    }
  return post (backend, name, "connect", doing, body, cancellable, error);
}

gboolean
perry_podman_network_disconnect (gpointer backend, const char *name, const char *container, GCancellable *cancellable,
                                 GError **error)
{
  g_autofree char *doing = g_strdup_printf ("disconnecting container %s from", container);
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "Container", container);
  return post (backend, name, "disconnect", doing, body, cancellable, error);
}

gboolean
perry_podman_network_remove (gpointer backend, const char *name, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;

  return remove_network (podman, name, podman->timeout_ms, cancellable, error);
}

gboolean
perry_podman_find_guarding (PerryPodman *podman, const PerryContainerSpec *spec, PerryPodmanGuarding *ret_guarding,
                            GCancellable *cancellable, GError **error)
{
  const char *network = perry_container_spec_get_network (spec);
  gboolean needed = FALSE;

  if (network != NULL && !g_str_equal (network, "none") && !g_str_equal (network, "host")
      && !g_str_equal (network, "bridge") && !needs_guarding (podman, network, &needed, cancellable, error))
    return FALSE;
  *ret_guarding = needed ? PERRY_PODMAN_GUARDING_NEEDED : PERRY_PODMAN_GUARDING_NONE;
  return TRUE;
}

void
perry_podman_set_guarding (PerryPodman *podman, const char *id, PerryPodmanGuarding guarding)
{
  g_mutex_lock (&podman->lock);
  if (guarding == PERRY_PODMAN_GUARDING_UNKNOWN)
    g_hash_table_remove (podman->guards, id);
  else
    g_hash_table_insert (podman->guards, g_strdup (id), GINT_TO_POINTER (guarding));
  g_mutex_unlock (&podman->lock);
}

static PerryPodmanGuarding
get_guarding (PerryPodman *podman, const char *id)
{
  PerryPodmanGuarding guarding;

  g_mutex_lock (&podman->lock);
  guarding = GPOINTER_TO_INT (g_hash_table_lookup (podman->guards, id));
  g_mutex_unlock (&podman->lock);
  return guarding;
}

/* `perryctl network connect` can have added networks. */
static gboolean
look_at_container (PerryPodman *podman, const char *id, gboolean *ret_needed, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf ("inspecting container %s", id);
  PerryHttpRequest *request = perry_podman_request_new (podman, "GET", "containers", id, "json");
  g_autoptr (PerryHttpReply) reply = NULL;
  JsonObject *networks;
  JsonObjectIter iter;
  const char *name, *mode;

  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, what, cancellable, error);
  if (reply == NULL)
    return FALSE;
  mode = perry_json_as_string (perry_json_find (reply->json, "HostConfig", "NetworkMode", NULL));
  networks = perry_json_as_object (perry_json_find (reply->json, "NetworkSettings", "Networks", NULL));
  /* Podman 5 lists the other modes among the networks too: `none`, `host`, `pasta`. */
  if (networks == NULL || g_strcmp0 (mode, "bridge") != 0)
    return TRUE;
  json_object_iter_init_ordered (&iter, networks);
  while (!*ret_needed && json_object_iter_next_ordered (&iter, &name, NULL))
    if (!g_str_equal (name, "podman") && !needs_guarding (podman, name, ret_needed, cancellable, error))
      return FALSE;
  return TRUE;
}

gboolean
perry_podman_guard_container (PerryPodman *podman, const char *id, GCancellable *cancellable, GError **error)
{
  PerryPodmanGuarding guarding = get_guarding (podman, id);
  gboolean needed = guarding == PERRY_PODMAN_GUARDING_NEEDED;

  if (guarding == PERRY_PODMAN_GUARDING_UNKNOWN
      && (!perry_podman_ensure_engine (podman, cancellable, error)
          || !look_at_container (podman, id, &needed, cancellable, error)))
    return FALSE;
  if (needed && !ensure_guard (podman, cancellable, error))
    return FALSE;
  perry_podman_set_guarding (podman, id, PERRY_PODMAN_GUARDING_NONE);
  return TRUE;
}
