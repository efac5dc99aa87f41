/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-backend.h"

#include "plugins/http-client/perry-engine-locate.h"
#include "plugins/podman/podman-report.h"

/* Reads what only the report of a container with a process tells. */
static gboolean
read_process (PerryPodman *podman, const char *id, PerryProcessLocation *location, char **ret_cgroup_path,
              GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf ("inspecting container %s", id);
  PerryHttpRequest *request = perry_podman_request_new (podman, "GET", "containers", id, "json");
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autoptr (PerryContainerInfo) info = NULL;

  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, what, cancellable, error);
  info = reply != NULL ? perry_podman_container_from_inspect (reply->json, error) : NULL;
  if (info == NULL)
    {
      if (reply != NULL)
        g_prefix_error (error, "inspecting container %s: ", id);
      return FALSE;
    }
  location->container_id = g_strdup (info->id);
  location->pid = info->pid;
  location->runtime = g_strdup (info->runtime);
  *ret_cgroup_path = perry_podman_inspect_cgroup_path (reply->json);
  return TRUE;
}

PerryProcessLocation *
perry_podman_locate_process (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  g_autoptr (PerryProcessLocation) location = perry_process_location_new ();
  g_autofree char *cgroup_path = NULL;
  PerryEngineCgroups cgroups = { .name = "libpod_parent", .leaf = "libpod-", .scope = "libpod",
                                 .slice = "machine.slice" };
  PerryPodmanHost host;

  if (!perry_podman_ensure_engine (podman, cancellable, error))
    return NULL;
  if (perry_podman_is_unstarted (podman, id))
    location->container_id = g_strdup (id);
  else if (!read_process (podman, id, location, &cgroup_path, cancellable, error))
    return NULL;
  perry_podman_get_host (podman, &host, cancellable);
  location->engine_pid = host.pid;

  g_mutex_lock (&podman->lock);
  if (location->runtime == NULL)
    location->runtime = g_strdup (podman->engine->default_runtime);
  cgroups.version = podman->engine->cgroup_version;
  cgroups.driver = podman->engine->cgroup_driver;
  cgroups.rootless_uid = podman->engine->rootless ? host.uid : -1;
  cgroups.known_path = cgroup_path;
  location->cgroup_paths = perry_engine_cgroup_paths (&cgroups, location->container_id);
  perry_engine_locate_kernel (location, podman->engine->kernel);
  g_mutex_unlock (&podman->lock);
  return g_steal_pointer (&location);
}
