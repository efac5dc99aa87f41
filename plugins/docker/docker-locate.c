/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-backend.h"

#include "plugins/http-client/perry-engine-locate.h"

PerryProcessLocation *
perry_docker_locate_process (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  g_autoptr (PerryProcessLocation) location = perry_process_location_new ();
  PerryEngineCgroups cgroups = { .name = "docker", .scope = "docker", .slice = "system.slice" };

  if (!perry_docker_ensure_engine (docker, cancellable, error))
    return NULL;
  if (perry_docker_is_unstarted (docker, id))
    location->container_id = g_strdup (id);
  else
    {
      g_autoptr (PerryContainerInfo) info = perry_docker_container_inspect (docker, id, cancellable, error);

      if (info == NULL)
        return NULL;
      location->container_id = g_strdup (info->id);
      location->pid = info->pid;
    }

  perry_docker_look_at_peer (docker, cancellable);
  g_mutex_lock (&docker->lock);
  location->engine_pid = MAX (docker->engine_pid, 0);
  location->runtime = g_strdup (docker->runtime);
  cgroups.version = docker->engine->cgroup_version;
  cgroups.driver = docker->engine->cgroup_driver;
  cgroups.rootless_uid = docker->engine->rootless ? docker->engine_uid : -1;
  location->cgroup_paths = perry_engine_cgroup_paths (&cgroups, location->container_id);
  perry_engine_locate_kernel (location, docker->engine->kernel);
  g_mutex_unlock (&docker->lock);
  return g_steal_pointer (&location);
}
