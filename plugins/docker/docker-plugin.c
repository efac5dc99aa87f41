/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-plugin.h"
#include "plugins/docker/docker-backend.h"
#include "plugins/docker/docker-matrix.h"
#include "plugins/docker/docker-networks.h"

static const PerryPluginOption options[] = {
  { "socket", "s", "''", "Docker's socket: an absolute path or unix:///path; empty: DOCKER_HOST, the context, the "
                         "usual places" },
  { NULL, NULL, NULL, NULL },
};

static const PerryBackendOps ops = {
  .struct_size = sizeof (PerryBackendOps),
  .list_candidates = perry_docker_list_candidates,
  .open = perry_docker_open,
  .close = perry_docker_close,
  .probe = perry_docker_probe,
  .refine = perry_docker_refine,
  .image_inspect = perry_docker_image_inspect,
  .image_list = perry_docker_image_list,
  .image_load = perry_docker_image_load,
  .image_remove = perry_docker_image_remove,
  .image_tag = perry_docker_image_tag,
  .image_pull = perry_docker_image_pull,
  .image_inspect_platform = perry_docker_image_inspect_platform,
  .container_create = perry_docker_container_create,
  .container_start = perry_docker_container_start,
  .container_inspect = perry_docker_container_inspect,
  .container_list = perry_docker_container_list,
  .container_attach = perry_docker_container_attach,
  .container_logs = perry_docker_container_logs,
  .container_wait = perry_docker_container_wait,
  .container_stop = perry_docker_container_stop,
  .container_kill = perry_docker_container_kill,
  .container_remove = perry_docker_container_remove,
  .locate_process = perry_docker_locate_process,
  .network_create = perry_docker_network_create,
  .network_inspect = perry_docker_network_inspect,
  .network_list = perry_docker_network_list,
  .network_connect = perry_docker_network_connect,
  .network_disconnect = perry_docker_network_disconnect,
  .network_remove = perry_docker_network_remove,
  .volume_create = perry_docker_volume_create,
  .volume_inspect = perry_docker_volume_inspect,
  .volume_list = perry_docker_volume_list,
  .volume_remove = perry_docker_volume_remove,
};

const PerryPluginDescriptor perry_plugin_descriptor = {
  .struct_size = sizeof (PerryPluginDescriptor),
  .api_major = PERRY_PLUGIN_API_MAJOR,
  .api_minor = PERRY_PLUGIN_API_MINOR,
  .kind = PERRY_PLUGIN_BACKEND,
  .id = "docker",
  .version = PERRY_VERSION,
  .licence = "Apache-2.0",
  .summary = "Docker Engine over its local socket",
  .capabilities = perry_docker_capabilities,
  .options = options,
  .ops = &ops,
};
