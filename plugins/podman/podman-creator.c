/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-creator.h"

/* From this version on, libpod's `oci_runtime` is read. */
#define RUNTIME_MAJOR 6

typedef struct {
  PerryPodmanService *service;
  PerryHttpClient *client;
} Creator;

static void
creator_free (Creator *creator)
{
  perry_http_client_free (creator->client);
  perry_podman_service_free (creator->service);
  g_free (creator);
}

gboolean
perry_podman_takes_runtime (const char *version, const char *own, const char *runtime)
{
  g_autofree char *name = own != NULL ? g_path_get_basename (own) : NULL;

  return runtime == NULL || g_strcmp0 (name, runtime) == 0
         || (version != NULL && g_ascii_strtoull (version, NULL, 10) >= RUNTIME_MAJOR);
}

static Creator *
find_creator (PerryPodman *podman, const char *runtime, GError **error)
{
  Creator *creator;

  g_mutex_lock (&podman->lock);
  if (podman->creators == NULL)
    podman->creators = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) creator_free);
  creator = g_hash_table_lookup (podman->creators, runtime);
  if (creator == NULL)
    {
      PerryPodmanService *service = perry_podman_service_new (podman->directory, runtime, podman->idle_s, error);

      if (service != NULL)
        {
          creator = g_new0 (Creator, 1);
          creator->service = service;
          creator->client = perry_http_client_new (perry_podman_service_get_socket_path (service));
          g_hash_table_insert (podman->creators, g_strdup (runtime), creator);
        }
    }
  g_mutex_unlock (&podman->lock);
  return creator;
}

static gboolean
takes_runtime (PerryPodman *podman, const char *runtime, char **ret_own)
{
  gboolean takes;

  g_mutex_lock (&podman->lock);
  takes = perry_podman_takes_runtime (podman->api_version, podman->engine->default_runtime, runtime);
  *ret_own = g_strdup (podman->engine->default_runtime);
  g_mutex_unlock (&podman->lock);
  return takes;
}

PerryHttpClient *
perry_podman_get_creator (PerryPodman *podman, const char *runtime, GCancellable *cancellable, GError **error)
{
  g_autofree char *own = NULL;
  gboolean is_new = FALSE;
  Creator *creator;

  if (takes_runtime (podman, runtime, &own))
    return podman->client;
  if (podman->service == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED,
                   "Podman %s creates every container with its service's own runtime, which is %s: set runtime=\"%s\" in "
                   "the containers.conf of that service, or let the plugin start a private one (runtime=%s in its group of "
                   "perry.conf)", podman->api_version, own != NULL ? own : "not known", runtime, runtime);
      return NULL;
    }
  creator = find_creator (podman, runtime, error);
  if (creator == NULL
      || !perry_podman_service_ensure (creator->service, creator->client, podman->start_timeout_ms, &is_new,
                                       cancellable, error))
    return NULL;
  return creator->client;
}

void
perry_podman_free_creators (PerryPodman *podman)
{
  g_clear_pointer (&podman->creators, g_hash_table_unref);
}
