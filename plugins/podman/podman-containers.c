/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-backend.h"

#include "plugin-api/perry-healthcheck.h"
#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-filter.h"
#include "plugins/http-client/perry-engine-mounts.h"
#include "plugins/http-client/perry-engine-process.h"
#include "plugins/podman/podman-create.h"
#include "plugins/podman/podman-creator.h"
#include "plugins/podman/podman-errors.h"
#include "plugins/podman/podman-networks.h"
#include "plugins/podman/podman-profile.h"
#include "plugins/podman/podman-report.h"

/* What a container without a timeout of its own is given, and more than any that Podman would give by itself. */
#define DEFAULT_STOP_S 120
/* for how long a container is told to stop that Podman starts again and again; without a new start for as long as the
 * second it has stopped */
#define BETWEEN_RUNS_MS 10000
#define SETTLED_MS 1000
#define STOPS_BETWEEN_LOOKS 10
/* how often a container can end, be started again and end while it is removed by force */
#define REMOVALS 5

static PerryHttpReply *
call (PerryPodman *podman, PerryHttpRequest *request, const char *verb, const char *id, GCancellable *cancellable,
      GError **error)
{
  g_autofree char *what = g_strdup_printf ("%s container %s", verb, id);

  return perry_podman_call (podman, request, what, cancellable, error);
}

static PerryHttpRequest *
request_new (PerryPodman *podman, const char *method, const char *id, const char *verb)
{
  return perry_podman_request_new (podman, method, "containers", id, verb);
}

static JsonNode *
new_body (PerryPodman *podman, const PerryCreateRequest *request, GCancellable *cancellable, GError **error)
{
  const char *profile = perry_container_spec_get_seccomp_profile (request->spec);
  PerryPodmanSurroundings surroundings = { NULL };
  g_autofree char *seccomp_path = NULL;
  g_autofree char *init_path = NULL;
  PerryPodmanHost host;
  PerryLinuxCapabilities defaults;
  guint cgroup_version;
  JsonNode *body;

  g_mutex_lock (&podman->lock);
  defaults = podman->engine->default_capabilities;
  cgroup_version = podman->engine->cgroup_version;
  surroundings.has_timers = podman->has_timers;
  g_mutex_unlock (&podman->lock);
  perry_podman_get_host (podman, &host, cancellable);
  /* Podman leaves out what it cannot grant, without a word. */
  if (!perry_engine_check_grantable (request->spec, defaults, host.grantable, "Podman", error))
    return NULL;
  if (profile != NULL)
    {
      seccomp_path = perry_podman_write_profile (podman->directory, profile, error);
      if (seccomp_path == NULL)
        return NULL;
    }
  perry_podman_find_init (&init_path);
  surroundings.seccomp_path = seccomp_path;
  surroundings.init_path = init_path;
  surroundings.nofile = host.nofile;
  surroundings.nproc = host.nproc;
  body = perry_podman_create_body (request, &surroundings);
  if (perry_engine_leaves_cgroups_writable (request->spec, cgroup_version))
    perry_podman_hide_cgroups (body);
  return body;
}

/* The service that creates a container is another one where its runtime is. */
static PerryHttpReply *
call_creator (PerryPodman *podman, PerryHttpRequest *http, const PerryCreateRequest *request, GCancellable *cancellable,
              GError **error)
{
  const char *runtime = perry_container_spec_get_string (request->spec, PERRY_FIELD_RUNTIME);
  PerryHttpClient *creator = perry_podman_get_creator (podman, runtime, cancellable, error);
  g_autofree char *what = NULL;

  if (creator == podman->client)
    return call (podman, http, "creating", request->name, cancellable, error);
  if (creator == NULL)
    {
      perry_http_request_free (http);
      return NULL;
    }
  what = g_strdup_printf ("creating container %s", request->name);
  return perry_http_client_call (creator, http, perry_podman_error_rules, what, cancellable, error);
}

char *
perry_podman_container_create (gpointer backend, const PerryCreateRequest *request, char ***ret_warnings,
                               GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  g_autoptr (JsonNode) body = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryHttpRequest *http;
  PerryPodmanGuarding guarding = PERRY_PODMAN_GUARDING_UNKNOWN;
  const char *id = NULL;

  if (!perry_podman_ensure_engine (podman, cancellable, error)
      || !perry_podman_find_guarding (podman, request->spec, &guarding, cancellable, error))
    return NULL;
  body = new_body (podman, request, cancellable, error);
  if (body == NULL)
    return NULL;
  http = perry_podman_request_new (podman, "POST", "containers", NULL, "create");
  perry_http_request_set_json (http, body);
  perry_http_request_want_json (http);
  reply = call_creator (podman, http, request, cancellable, error);
  if (reply == NULL)
    return NULL;
  if (!perry_json_read_string (perry_json_as_object (reply->json), "Id", &id) || *id == '\0')
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "creating container %s: Podman returned no id",
                   request->name);
      return NULL;
    }
  if (ret_warnings != NULL
      && !perry_json_read_strv (perry_json_as_object (reply->json), "Warnings", ret_warnings))
    *ret_warnings = g_new0 (char *, 1);
  perry_podman_set_unstarted (podman, id, TRUE);
  perry_podman_set_guarding (podman, id, guarding);
  perry_podman_note_ports (podman, id, request->spec);
  return g_strdup (id);
}

static gboolean
advance (PerryPodman *podman, const char *id, const char *verb, const char *doing, GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;

  if (!perry_podman_check_ports (podman, id, cancellable, error)
      || !perry_podman_guard_container (podman, id, cancellable, error))
    return FALSE;
  reply = call (podman, request_new (podman, "POST", id, verb), doing, id, cancellable, &local_error);
  perry_podman_set_unstarted (podman, id, FALSE);
  if (reply != NULL)
    {
      perry_podman_settle_ports (podman, id);
      return TRUE;
    }
  perry_podman_classify_start_error (local_error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
perry_podman_container_init (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  return advance (backend, id, "init", "initialising", cancellable, error);
}

gboolean
perry_podman_container_start (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  gboolean ok = advance (backend, id, "start", "starting", cancellable, error);

  /* Before another start everything may be different: others may have its ports. */
  perry_podman_set_guarding (backend, id, PERRY_PODMAN_GUARDING_UNKNOWN);
  perry_podman_forget_ports (backend, id);
  return ok;
}

PerryContainerInfo *
perry_podman_container_inspect (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request = request_new (podman, "GET", id, "json");
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryContainerInfo *info = NULL;

  perry_http_request_want_json (request);
  reply = call (podman, request, "inspecting", id, cancellable, error);
  if (reply == NULL)
    return NULL;
  info = perry_podman_container_from_inspect (reply->json, error);
  if (info == NULL)
    g_prefix_error (error, "inspecting container %s: ", id);
  return info;
}

GPtrArray *
perry_podman_container_list (gpointer backend, gboolean all, const char *const *labels, GCancellable *cancellable,
                             GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request = request_new (podman, "GET", NULL, "json");
  g_autoptr (JsonNode) filter = perry_engine_label_filter (labels);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_add_query (request, "all", all ? "true" : NULL);
  if (filter != NULL)
    perry_http_request_add_query_json (request, "filters", filter);
  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, "listing containers", cancellable, error);
  return reply != NULL ? perry_podman_containers_from_list (reply->json, error) : NULL;
}

gboolean
perry_podman_container_wait (gpointer backend, const char *id, gint64 *ret_exit_code, GCancellable *cancellable,
                             GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request = request_new (podman, "POST", id, "wait");
  g_autoptr (PerryHttpReply) reply = NULL;
  gint64 exit_code;

  /* Podman's default looks four times a second. */
  perry_http_request_add_query (request, "condition", "stopped");
  perry_http_request_add_query (request, "interval", "5ms");
  perry_http_request_set_deadline (request, -1);
  perry_http_request_want_json (request);
  reply = call (podman, request, "waiting for", id, cancellable, error);
  if (reply == NULL)
    return FALSE;
  if (!perry_json_as_int64 (reply->json, &exit_code) || exit_code < 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                   "waiting for container %s: Podman returned no exit code", id);
      return FALSE;
    }
  *ret_exit_code = exit_code;
  return TRUE;
}

/* How long the engine may take by itself: the container's own timeout can be longer than the default. */
static int
own_grace (PerryPodman *podman, const char *id, GCancellable *cancellable)
{
  g_autoptr (PerryContainerInfo) info = perry_podman_container_inspect (podman, id, cancellable, NULL);
  gint64 own_s = info != NULL ? perry_container_spec_get_int64 (info->reported, PERRY_FIELD_STOP_TIMEOUT, 0) : 0;

  return (int) CLAMP (own_s, DEFAULT_STOP_S, G_MAXINT / 2000);
}

static PerryHttpReply *
send_stop (PerryPodman *podman, const char *id, int timeout_s, int grace_s, GCancellable *cancellable, GError **error)
{
  PerryHttpRequest *request = request_new (podman, "POST", id, "stop");

  if (timeout_s >= 0)
    perry_http_request_add_query_int (request, "timeout", timeout_s);
  perry_http_request_set_deadline (request, MIN (podman->timeout_ms, G_MAXINT / 2) + grace_s * 1000);
  return call (podman, request, "stopping", id, cancellable, error);
}

/* Whether Podman may be about to start a container again that it found stopped, and how often it has so far. */
static gboolean
may_come_back (PerryPodman *podman, const char *id, gint64 *ret_restarts, GCancellable *cancellable)
{
  g_autoptr (PerryContainerInfo) info = perry_podman_container_inspect (podman, id, cancellable, NULL);

  if (info == NULL || perry_container_spec_get_restart (info->reported, NULL) == PERRY_RESTART_NO)
    return FALSE;
  *ret_restarts = info->restart_count;
  return TRUE;
}

/* Between two runs there is nothing to stop, and then the next run begins: it has to be met while it runs. The requests
 * follow each other so closely that one of them waits for Podman when it starts the container. One that met a run is not
 * the end yet: who starts the next run may have looked before it. */
static gboolean
stop_between_runs (PerryPodman *podman, const char *id, int timeout_s, int grace_s, gint64 restarts,
                   GCancellable *cancellable, GError **error)
{
  gint64 begin = g_get_monotonic_time (), settled = begin;

  while (g_get_monotonic_time () - settled < SETTLED_MS * 1000)
    {
      gint64 before = restarts;

      for (guint i = 0; i < STOPS_BETWEEN_LOOKS; i++)
        {
          g_autoptr (PerryHttpReply) reply = send_stop (podman, id, timeout_s, grace_s, cancellable, error);

          if (reply == NULL)
            return FALSE;
        }
      if (!may_come_back (podman, id, &restarts, cancellable))
        return TRUE;
      if (restarts != before)
        settled = g_get_monotonic_time ();
      if (settled - begin > BETWEEN_RUNS_MS * 1000)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT,
                       "stopping container %s: it ends at once, and Podman starts it again faster than it can be told to "
                       "stop it; remove it by force", id);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
perry_podman_container_stop (gpointer backend, const char *id, int timeout_s, GCancellable *cancellable,
                             GError **error)
{
  PerryPodman *podman = backend;
  int grace_s = timeout_s >= 0 ? MIN (timeout_s, G_MAXINT / 2000) : own_grace (podman, id, cancellable);
  g_autoptr (PerryHttpReply) reply = send_stop (podman, id, timeout_s, grace_s, cancellable, error);
  gint64 restarts = 0;

  if (reply == NULL || !may_come_back (podman, id, &restarts, cancellable))
    return reply != NULL;
  return stop_between_runs (podman, id, timeout_s, grace_s, restarts, cancellable, error);
}

gboolean
perry_podman_container_kill (gpointer backend, const char *id, const char *signal_name, GCancellable *cancellable,
                             GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request = request_new (podman, "POST", id, "kill");
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_add_query (request, "signal", signal_name);
  reply = call (podman, request, "killing", id, cancellable, error);
  return reply != NULL;
}

static PerryHttpReply *
send_removal (PerryPodman *podman, const char *id, gboolean force, GCancellable *cancellable, GError **error)
{
  PerryHttpRequest *request = request_new (podman, "DELETE", id, NULL);

  perry_http_request_add_query (request, "v", "true");
  if (force)
    {
      perry_http_request_add_query (request, "force", "true");
      /* Force means kill, as with Docker; Podman would wait for the stop timeout first. */
      perry_http_request_add_query (request, "timeout", "0");
    }
  perry_http_request_want_json (request);
  return call (podman, request, "removing", id, cancellable, error);
}

gboolean
perry_podman_container_remove (gpointer backend, const char *id, gboolean force, GCancellable *cancellable,
                               GError **error)
{
  PerryPodman *podman = backend;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_podman_set_guarding (podman, id, PERRY_PODMAN_GUARDING_UNKNOWN);
  reply = send_removal (podman, id, force, cancellable, &local_error);
  for (guint i = 1; i < REMOVALS && reply == NULL && force && perry_podman_error_is_end_meanwhile (local_error); i++)
    {
      g_clear_error (&local_error);
      reply = send_removal (podman, id, force, cancellable, &local_error);
    }
  if (reply == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  perry_podman_set_unstarted (podman, id, FALSE);
  perry_podman_forget_ports (podman, id);
  return perry_podman_check_removal (reply->json, id, error);
}
