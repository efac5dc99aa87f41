/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-backend.h"

#include <sys/capability.h>

#include "plugins/docker/docker-endpoint.h"
#include "plugins/docker/docker-errors.h"
#include "plugins/docker/docker-matrix.h"
#include "plugins/docker/docker-networks.h"
#include "plugins/docker/docker-version.h"
#include "plugins/http-client/perry-engine-mounts.h"
#include "plugins/http-client/perry-engine-ports.h"
#include "plugins/http-client/perry-engine-process.h"
#include "plugins/http-client/perry-engine-rootless.h"

/* From this minor version on, a read-only bind mount is read-only with everything below it. */
#define RECURSIVE_READ_ONLY_MINOR 44

const PerryBackendCandidate *
perry_docker_list_candidates (void)
{
  return perry_docker_candidates;
}

static PerryDocker *
docker_new (PerryHttpClient *client, const char *api_version, int timeout_ms)
{
  PerryDocker *docker = g_new0 (PerryDocker, 1);

  docker->client = client;
  docker->api_version = g_strdup (api_version);
  docker->prefix = g_strconcat ("/v", api_version, NULL);
  docker->timeout_ms = timeout_ms;
  docker->engine_pid = -1;
  docker->engine_uid = -1;
  docker->grantable = perry_linux_capabilities_all ();
  docker->unstarted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  docker->plain = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_mutex_init (&docker->lock);
  return docker;
}

static PerryDocker *
connect_socket (const char *path, const PerryBackendConfig *config, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryHttpClient) client = perry_http_client_new (path);
  PerryHttpRequest *request = perry_http_request_new ("HEAD", NULL, "_ping", NULL);
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autofree char *version = NULL;

  perry_http_request_set_deadline (request, config->probe_timeout_ms);
  reply = perry_http_client_call (client, request, perry_docker_error_rules, "asking for the API version",
                                  cancellable, error);
  if (reply == NULL)
    return NULL;
  version = perry_docker_negotiate (reply->server, reply->api_version, reply->libpod_api_version, error);
  if (version == NULL)
    return NULL;
  return docker_new (g_steal_pointer (&client), version, config->timeout_ms);
}

/* What was tried and why it was nothing: places where nobody listens in one sentence, the others each with its reason. */
typedef struct
{
  GString *absent;
  GString *others;
} Attempts;

static void
attempts_add (Attempts *attempts, const char *path, const GError *reason)
{
  if (g_error_matches (reason, PERRY_ERROR, PERRY_ERROR_NOT_FOUND))
    g_string_append_printf (attempts->absent, "%s%s", attempts->absent->len > 0 ? ", " : "", path);
  else
    g_string_append_printf (attempts->others, "%s: %s; ", path, reason->message);
}

static void
attempts_fail (Attempts *attempts, const char *candidate, GError **error)
{
  const char *hint = perry_docker_socket_hint (candidate);

  if (attempts->absent->len > 0)
    g_string_append_printf (attempts->others, "nobody listens at %s: the engine is not running or listens elsewhere; ",
                            attempts->absent->str);
  if (hint != NULL)
    g_string_append_printf (attempts->others, "%s; ", hint);
  g_string_truncate (attempts->others, MAX (attempts->others->len, 2) - 2);
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, attempts->others->str);
}

gpointer
perry_docker_open (const PerryBackendConfig *config, GCancellable *cancellable, GError **error)
{
  g_autofree char *socket = NULL;
  g_auto (GStrv) paths = NULL;
  g_autoptr (GString) absent = g_string_new (NULL);
  g_autoptr (GString) others = g_string_new (NULL);
  Attempts attempts = { absent, others };

  if (config->options != NULL)
    g_variant_lookup (config->options, "socket", "s", &socket);
  paths = perry_docker_find_sockets (config->candidate, socket, error);
  if (paths == NULL)
    return NULL;
  for (char **path = paths; *path != NULL; path++)
    {
      g_autoptr (GError) local_error = NULL;
      PerryDocker *docker = connect_socket (*path, config, cancellable, &local_error);

      if (docker != NULL)
        return docker;
      if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      attempts_add (&attempts, *path, local_error);
    }
  attempts_fail (&attempts, config->candidate, error);
  return NULL;
}

void
perry_docker_close (gpointer backend)
{
  PerryDocker *docker = backend;

  perry_http_client_free (docker->client);
  g_free (docker->prefix);
  g_free (docker->api_version);
  perry_engine_info_free (docker->engine);
  g_free (docker->runtime);
  g_hash_table_unref (docker->unstarted);
  g_hash_table_unref (docker->plain);
  g_mutex_clear (&docker->lock);
  g_free (docker);
}

static void
ask_peer (PerryDocker *docker, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  PerryEngineProcess process;
  gint64 pid = -1;

  /* One that is out of sight stays so; one that is down now is asked again. */
  if (!perry_http_client_get_peer_pid (docker->client, &pid, cancellable, &error))
    pid = g_error_matches (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED) ? 0 : -1;
  g_mutex_lock (&docker->lock);
  docker->engine_pid = pid;
  docker->engine_uid = -1;
  docker->can_raise = FALSE;
  docker->grantable = perry_linux_capabilities_all ();
  /* A socket that systemd made belongs to systemd, whose capabilities say nothing about the daemon. */
  if (perry_engine_process_read (pid, &process) && g_str_equal (process.name, "dockerd"))
    {
      docker->grantable = process.bounding;
      docker->engine_uid = process.uid;
      docker->can_raise = process.uid == 0 && (process.effective & (G_GUINT64_CONSTANT (1) << CAP_SYS_RESOURCE)) != 0;
    }
  g_mutex_unlock (&docker->lock);
}

void
perry_docker_look_at_peer (PerryDocker *docker, GCancellable *cancellable)
{
  gboolean is_dockerd;
  gint64 pid;

  g_mutex_lock (&docker->lock);
  pid = docker->engine_pid;
  is_dockerd = docker->engine_uid >= 0;
  g_mutex_unlock (&docker->lock);
  /* A daemon that was started again is another process. */
  if (pid < 0 || (pid > 0 && !perry_engine_process_is (pid, is_dockerd ? "dockerd" : NULL)))
    ask_peer (docker, cancellable);
}

PerryEngineInfo *
perry_docker_probe (gpointer backend, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = perry_http_request_new ("GET", docker->prefix, "info", NULL);
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autoptr (PerryEngineInfo) engine = NULL;

  perry_http_request_want_json (request);
  perry_http_request_set_deadline (request, docker->timeout_ms);
  reply = perry_http_client_call (docker->client, request, perry_docker_error_rules, "reading Docker's info",
                                  cancellable, error);
  if (reply == NULL)
    return NULL;
  engine = perry_docker_engine_from_info (reply->json, error);
  if (engine == NULL)
    return NULL;
  if (perry_docker_version_minor (docker->api_version) < PERRY_DOCKER_INSPECT_PLATFORM_MINOR)
    perry_capability_matrix_limit (engine->matrix, PERRY_CAPABILITY_MULTI_ARCH_PULL, PERRY_SUPPORT_PARTIAL,
                                   "this Docker's API is older than 1.49, and of several platforms of an image it shows one");
  engine->api_version = g_strdup (docker->api_version);
  engine->endpoint = g_strdup (perry_http_client_get_socket_path (docker->client));
  /* A daemon that was started again is another process. */
  ask_peer (docker, cancellable);
  perry_docker_limit_internal_networks (docker, engine, cancellable);

  g_mutex_lock (&docker->lock);
  engine->grantable_capabilities = docker->grantable;
  perry_engine_info_free (docker->engine);
  docker->engine = perry_engine_info_copy (engine);
  g_free (docker->runtime);
  docker->runtime = perry_docker_runtime_program (reply->json, engine->default_runtime);
  docker->seccomp_unconfined = perry_docker_info_is_unconfined (reply->json);
  perry_docker_limits_init (&docker->limits, reply->json);
  if (docker->engine_uid >= 0)
    perry_engine_rlimits_read (&docker->limits.rlimits, docker->engine_pid, docker->can_raise);
  g_mutex_unlock (&docker->lock);
  return g_steal_pointer (&engine);
}

gboolean
perry_docker_ensure_engine (PerryDocker *docker, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryEngineInfo) engine = NULL;
  gboolean known;

  g_mutex_lock (&docker->lock);
  known = docker->engine != NULL;
  g_mutex_unlock (&docker->lock);
  if (known)
    return TRUE;
  engine = perry_docker_probe (docker, cancellable, error);
  return engine != NULL;
}

void
perry_docker_refine (gpointer backend, const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  PerryDocker *docker = backend;
  g_autoptr (PerryEngineInfo) engine = NULL;
  PerryDockerLimits limits;
  gboolean unconfined;

  g_mutex_lock (&docker->lock);
  unconfined = docker->seccomp_unconfined;
  engine = docker->engine != NULL ? perry_engine_info_copy (docker->engine) : NULL;
  limits = docker->limits;
  g_mutex_unlock (&docker->lock);
  perry_engine_limit_rootless (spec, engine, support);
  /* It looks at paths that the spec names, which can take any time. */
  if (engine != NULL)
    perry_docker_refine_for_engine (spec, engine, &limits, support);
  perry_docker_refine_spec (spec, unconfined, support);
  perry_docker_limit_healthcheck (spec, perry_docker_version_minor (docker->api_version), support);
  /* Its port driver may have been given the capability, which nothing here tells. */
  if (engine != NULL && engine->rootless)
    perry_engine_limit_low_ports (spec, perry_engine_first_unprivileged_port (), "Docker", PERRY_SUPPORT_PARTIAL,
                                  support);
  if (perry_docker_version_minor (docker->api_version) < RECURSIVE_READ_ONLY_MINOR)
    perry_engine_limit_read_only_binds (spec, support);
}

static gboolean
contains (PerryDocker *docker, GHashTable *set, const char *id)
{
  gboolean found;

  g_mutex_lock (&docker->lock);
  found = g_hash_table_contains (set, id);
  g_mutex_unlock (&docker->lock);
  return found;
}

static void
set_member (PerryDocker *docker, GHashTable *set, const char *id, gboolean member)
{
  g_mutex_lock (&docker->lock);
  if (member)
    g_hash_table_add (set, g_strdup (id));
  else
    g_hash_table_remove (set, id);
  g_mutex_unlock (&docker->lock);
}

gboolean
perry_docker_is_unstarted (PerryDocker *docker, const char *id)
{
  return contains (docker, docker->unstarted, id);
}

void
perry_docker_set_unstarted (PerryDocker *docker, const char *id, gboolean unstarted)
{
  set_member (docker, docker->unstarted, id, unstarted);
}

gboolean
perry_docker_is_plain (PerryDocker *docker, const char *id)
{
  return contains (docker, docker->plain, id);
}

void
perry_docker_set_plain (PerryDocker *docker, const char *id, gboolean plain)
{
  set_member (docker, docker->plain, id, plain);
}
