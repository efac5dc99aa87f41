/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-backend.h"

#include "plugins/http-client/perry-engine-ports.h"
#include "plugins/http-client/perry-engine-process.h"
#include "plugins/http-client/perry-engine-rootless.h"
#include "plugins/podman/podman-creator.h"
#include "plugins/podman/podman-endpoint.h"
#include "plugins/podman/podman-errors.h"
#include "plugins/podman/podman-facts.h"
#include "plugins/podman/podman-health.h"
#include "plugins/podman/podman-matrix.h"
#include "plugins/podman/podman-networks.h"
#include "plugins/podman/podman-refine.h"

static PerryPodman *
podman_new (const char *socket_path, const PerryBackendConfig *config)
{
  PerryPodman *podman = g_new0 (PerryPodman, 1);

  podman->client = perry_http_client_new (socket_path);
  podman->directory = g_strdup (config->runtime_directory);
  podman->timeout_ms = config->timeout_ms;
  podman->start_timeout_ms = config->probe_timeout_ms;
  podman->guards = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  podman->unstarted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  podman->ports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  g_mutex_init (&podman->lock);
  return podman;
}

void
perry_podman_close (gpointer backend)
{
  PerryPodman *podman = backend;

  perry_http_client_free (podman->client);
  perry_podman_service_free (podman->service);
  perry_podman_free_creators (podman);
  g_free (podman->directory);
  g_free (podman->api_version);
  perry_engine_info_free (podman->engine);
  g_hash_table_unref (podman->unstarted);
  g_hash_table_unref (podman->guards);
  g_hash_table_unref (podman->ports);
  g_mutex_clear (&podman->lock);
  g_free (podman);
}

static gboolean
greet (PerryPodman *podman, int timeout_ms, GCancellable *cancellable, GError **error)
{
  PerryHttpRequest *request = perry_http_request_new ("HEAD", NULL, "_ping", NULL);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_set_deadline (request, timeout_ms);
  reply = perry_http_client_call (podman->client, request, perry_podman_error_rules, "asking for the API version",
                                  cancellable, error);
  if (reply == NULL || !perry_podman_check_version (reply->server, reply->libpod_api_version, error))
    return FALSE;
  podman->api_version = g_strdup (reply->libpod_api_version);
  return TRUE;
}

static PerryPodman *
connect_socket (const char *path, const PerryBackendConfig *config, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = podman_new (path, config);

  if (greet (podman, config->probe_timeout_ms, cancellable, error))
    return podman;
  perry_podman_close (podman);
  return NULL;
}

static PerryPodman *
start_private (const PerryBackendConfig *config, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryPodmanService) service = NULL;
  g_autofree char *runtime = NULL;
  gint64 idle_s = 60;
  PerryPodman *podman;

  if (config->options != NULL)
    {
      g_variant_lookup (config->options, "runtime", "s", &runtime);
      g_variant_lookup (config->options, "service-timeout", "x", &idle_s);
    }
  service = perry_podman_service_new (config->runtime_directory, runtime, MAX (idle_s, 0), error);
  if (service == NULL)
    return NULL;
  podman = podman_new (perry_podman_service_get_socket_path (service), config);
  podman->service = g_steal_pointer (&service);
  podman->idle_s = MAX (idle_s, 0);
  if (perry_podman_ensure_service (podman, cancellable, error)
      && greet (podman, config->probe_timeout_ms, cancellable, error))
    return podman;
  perry_podman_close (podman);
  return NULL;
}

/* `open` has one error for everything but a cancellation. */
static gpointer
fail_open (const char *where, GError *reason, GError **error)
{
  if (g_error_matches (reason, PERRY_ERROR, PERRY_ERROR_CANCELLED))
    {
      g_propagate_error (error, reason);
      return NULL;
    }
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, "%s%s%s", where != NULL ? where : "",
               where != NULL ? ": " : "", reason->message);
  g_error_free (reason);
  return NULL;
}

static gboolean
asks_for_runtime (const PerryBackendConfig *config)
{
  const char *runtime = NULL;

  return config->options != NULL && g_variant_lookup (config->options, "runtime", "&s", &runtime) && *runtime != '\0';
}

gpointer
perry_podman_open (const PerryBackendConfig *config, GCancellable *cancellable, GError **error)
{
  g_autofree char *configured = NULL;
  g_autofree char *usual = perry_podman_usual_socket ();
  const char *socket = NULL;
  GError *local_error = NULL;
  PerryPodman *podman;

  if (config->options != NULL)
    g_variant_lookup (config->options, "socket", "&s", &socket);
  if (!perry_podman_find_configured_socket (socket, &configured, error))
    return NULL;
  if (configured != NULL)
    {
      podman = connect_socket (configured, config, cancellable, &local_error);
      return podman != NULL ? podman : fail_open (configured, local_error, error);
    }
  /* A service that runs already has a runtime already. */
  if (!asks_for_runtime (config) && g_file_test (usual, G_FILE_TEST_EXISTS))
    {
      podman = connect_socket (usual, config, cancellable, &local_error);
      if (podman != NULL)
        return podman;
      /* What is left of a service that has ended is no reason to do without one. */
      if (!g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND)
          && !g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED))
        return fail_open (usual, local_error, error);
      g_clear_error (&local_error);
    }
  podman = start_private (config, cancellable, &local_error);
  return podman != NULL ? podman : fail_open (NULL, local_error, error);
}

void
perry_podman_get_host (PerryPodman *podman, PerryPodmanHost *ret_host, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  PerryPodmanHost host;
  gint64 pid = 0;
  gboolean known;

  g_mutex_lock (&podman->lock);
  known = podman->host_known;
  *ret_host = podman->host;
  g_mutex_unlock (&podman->lock);
  /* A service that was started again is another process. */
  if (known && (ret_host->pid == 0 || perry_engine_process_is (ret_host->pid, ret_host->is_podman ? "podman" : NULL)))
    return;

  /* One that is out of sight stays so; one that is down now is asked again. */
  known = perry_http_client_get_peer_pid (podman->client, &pid, cancellable, &error)
          || g_error_matches (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED);
  perry_podman_host_read (&host, pid);
  g_mutex_lock (&podman->lock);
  podman->host = host;
  podman->host_known = known;
  g_mutex_unlock (&podman->lock);
  *ret_host = host;
}

static void
add_notes (PerryEngineInfo *engine, const PerryPodmanHost *host, const PerryPodmanService *service)
{
  g_autoptr (GStrvBuilder) notes = g_strv_builder_new ();
  const char *runtime_note = service != NULL ? perry_podman_service_get_note (service) : NULL;

  if (host->nofile > 0)
    {
      g_autofree char *note = g_strdup_printf (
        "containers get limits of %" G_GINT64_FORMAT " open files and %" G_GINT64_FORMAT
        " processes: the service cannot grant Podman's default of 1048576", host->nofile, host->nproc);

      g_strv_builder_add (notes, note);
    }
  if (engine->cgroup_version == 1)
    g_strv_builder_add (notes, "cgroup version 1: with read_only, /sys/fs/cgroup is hidden from the container, because the "
                               "runtime leaves it writable");
  if (service != NULL)
    g_strv_builder_add (notes, "no Podman service was running: a private one was started, which ends by itself");
  if (runtime_note != NULL)
    g_strv_builder_add (notes, runtime_note);
  g_strfreev (engine->notes);
  engine->notes = g_strv_builder_end (notes);
}

static void
complete_engine (PerryPodman *podman, PerryEngineInfo *engine, GCancellable *cancellable)
{
  g_autofree char *init_path = NULL;
  g_autofree char *difference = perry_engine_kernel_difference (engine->kernel);
  PerryPodmanHost host;

  perry_podman_get_host (podman, &host, cancellable);
  engine->api_version = g_strdup (podman->api_version);
  engine->endpoint = g_strdup (perry_http_client_get_socket_path (podman->client));
  engine->grantable_capabilities = host.grantable;
  add_notes (engine, &host, podman->service);
  /* On another machine nobody can look. */
  if (difference == NULL && !perry_podman_find_init (&init_path))
    perry_capability_matrix_limit (engine->matrix, PERRY_CAPABILITY_INIT, PERRY_SUPPORT_UNSUPPORTED,
                                   "no init program is installed (catatonit or tini)");
}

/* A service may be in another mount namespace than we, as in a container. */
static gboolean
limit_health (PerryPodman *podman, PerryEngineInfo *engine, GCancellable *cancellable)
{
  PerryPodmanHost host;
  g_autofree char *root = NULL;
  g_autofree char *reason = NULL;

  perry_podman_get_host (podman, &host, cancellable);
  root = host.pid > 0 ? g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/root", host.pid) : g_strdup ("/");
  reason = perry_podman_explain_missing_timers (root, host.uid);
  if (reason == NULL)
    perry_capability_matrix_confirm (engine->matrix, PERRY_CAPABILITY_HEALTHCHECK);
  else
    perry_capability_matrix_limit (engine->matrix, PERRY_CAPABILITY_HEALTHCHECK, PERRY_SUPPORT_EMULATED, reason);
  return reason == NULL;
}

/* Reads the service's info, or what it said earlier in the life of the same process. */
static JsonNode *
read_info (PerryPodman *podman, GCancellable *cancellable, GError **error)
{
  const char *socket_path = perry_http_client_get_socket_path (podman->client);
  g_autofree char *key = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryHttpRequest *request;
  PerryPodmanHost host;
  JsonNode *kept;

  if (!perry_podman_ensure_service (podman, cancellable, error))
    return NULL;
  perry_podman_get_host (podman, &host, cancellable);
  key = host.is_podman ? perry_podman_facts_key (host.pid) : NULL;
  kept = key != NULL ? perry_podman_facts_load (podman->directory, socket_path, key) : NULL;
  if (kept != NULL)
    return kept;

  request = perry_podman_request_new (podman, "GET", "info", NULL, NULL);
  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, "reading Podman's info", cancellable, error);
  if (reply == NULL)
    return NULL;
  if (key != NULL)
    perry_podman_facts_store (podman->directory, socket_path, key, reply->json);
  return json_node_ref (reply->json);
}

PerryEngineInfo *
perry_podman_probe (gpointer backend, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  g_autoptr (JsonNode) reply = NULL;
  g_autoptr (PerryEngineInfo) engine = NULL;
  gboolean has_timers;

  /* A service that was started again is another process. */
  g_mutex_lock (&podman->lock);
  podman->host_known = FALSE;
  g_mutex_unlock (&podman->lock);
  reply = read_info (podman, cancellable, error);
  engine = reply != NULL ? perry_podman_engine_from_info (reply, error) : NULL;
  if (engine == NULL)
    return NULL;
  complete_engine (podman, engine, cancellable);
  perry_podman_limit_internal_networks (podman, engine, cancellable);
  has_timers = limit_health (podman, engine, cancellable);

  g_mutex_lock (&podman->lock);
  podman->has_timers = has_timers;
  perry_engine_info_free (podman->engine);
  podman->engine = perry_engine_info_copy (engine);
  g_mutex_unlock (&podman->lock);
  return g_steal_pointer (&engine);
}

gboolean
perry_podman_ensure_engine (PerryPodman *podman, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryEngineInfo) engine = NULL;
  gboolean known;

  g_mutex_lock (&podman->lock);
  known = podman->engine != NULL;
  g_mutex_unlock (&podman->lock);
  if (known)
    return TRUE;
  engine = perry_podman_probe (podman, cancellable, error);
  return engine != NULL;
}

/* Whether there is such a runtime, Podman alone knows: a private service is started to find out, as the create would.
 * Nothing can cancel that; it takes no longer than the start of a service may take, which is the probe's timeout. */
static void
refine_runtime (PerryPodman *podman, const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  const char *runtime = perry_container_spec_get_string (spec, PERRY_FIELD_RUNTIME);
  g_autoptr (GError) error = NULL;

  if (runtime != NULL && perry_podman_get_creator (podman, runtime, NULL, &error) == NULL)
    perry_field_support_limit (support, PERRY_FIELD_RUNTIME, PERRY_SUPPORT_UNSUPPORTED, error->message);
}

void
perry_podman_refine (gpointer backend, const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  PerryPodman *podman = backend;
  g_autofree char *difference = NULL;
  gboolean has_timers;
  PerryPodmanHost host;
  gboolean known, rootless;

  g_mutex_lock (&podman->lock);
  known = podman->engine != NULL;
  has_timers = podman->has_timers;
  if (known)
    difference = perry_engine_kernel_difference (podman->engine->kernel);
  perry_engine_limit_rootless (spec, podman->engine, support);
  rootless = known && podman->engine->rootless;
  g_mutex_unlock (&podman->lock);
  perry_podman_refine_spec (spec, difference, support);
  perry_podman_limit_healthcheck (spec, has_timers, support);
  if (known)
    refine_runtime (podman, spec, support);
  perry_podman_get_host (podman, &host, NULL);
  perry_podman_refine_for_host (spec, &host, support);
  if (rootless)
    perry_engine_limit_low_ports (spec, perry_engine_first_unprivileged_port (), "Podman", PERRY_SUPPORT_UNSUPPORTED,
                                  support);
}

gboolean
perry_podman_is_unstarted (PerryPodman *podman, const char *id)
{
  gboolean unstarted;

  g_mutex_lock (&podman->lock);
  unstarted = g_hash_table_contains (podman->unstarted, id);
  g_mutex_unlock (&podman->lock);
  return unstarted;
}

void
perry_podman_set_unstarted (PerryPodman *podman, const char *id, gboolean unstarted)
{
  g_mutex_lock (&podman->lock);
  if (unstarted)
    g_hash_table_add (podman->unstarted, g_strdup (id));
  else
    g_hash_table_remove (podman->unstarted, id);
  g_mutex_unlock (&podman->lock);
}
