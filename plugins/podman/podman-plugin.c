/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-plugin.h"
#include "plugins/podman/podman-backend.h"
#include "plugins/podman/podman-matrix.h"
#include "plugins/podman/podman-networks.h"

static const PerryPluginOption options[] = {
  { "socket", "s", "''", "a Podman service's socket: an absolute path or unix:///path; empty: CONTAINER_HOST, the "
                         "usual place, or a private service" },
  { "runtime", "s", "''", "OCI runtime of the private service, a name or a path; empty: Podman's own choice where it "
                          "can run" },
  { "service-timeout", "x", "60", "seconds without a request after which the private service ends; 0: never" },
  { NULL, NULL, NULL, NULL },
};

static const PerryBackendOps ops = {
  .struct_size = sizeof (PerryBackendOps),
  .open = perry_podman_open,
  .close = perry_podman_close,
  .probe = perry_podman_probe,
  .refine = perry_podman_refine,
  .image_inspect = perry_podman_image_inspect,
  .image_list = perry_podman_image_list,
  .image_load = perry_podman_image_load,
  .image_remove = perry_podman_image_remove,
  .image_tag = perry_podman_image_tag,
  .image_pull = perry_podman_image_pull,
  .container_create = perry_podman_container_create,
  .container_init = perry_podman_container_init,
  .container_start = perry_podman_container_start,
  .container_inspect = perry_podman_container_inspect,
  .container_list = perry_podman_container_list,
  .container_attach = perry_podman_container_attach,
  .container_logs = perry_podman_container_logs,
  .container_wait = perry_podman_container_wait,
  .container_stop = perry_podman_container_stop,
  .container_kill = perry_podman_container_kill,
  .container_remove = perry_podman_container_remove,
  .container_healthcheck = perry_podman_container_healthcheck,
  .locate_process = perry_podman_locate_process,
  .network_create = perry_podman_network_create,
  .network_inspect = perry_podman_network_inspect,
  .network_list = perry_podman_network_list,
  .network_connect = perry_podman_network_connect,
  .network_disconnect = perry_podman_network_disconnect,
  .network_remove = perry_podman_network_remove,
  .volume_create = perry_podman_volume_create,
  .volume_inspect = perry_podman_volume_inspect,
  .volume_list = perry_podman_volume_list,
  .volume_remove = perry_podman_volume_remove,
};

const PerryPluginDescriptor perry_plugin_descriptor = {
  .struct_size = sizeof (PerryPluginDescriptor),
  .api_major = PERRY_PLUGIN_API_MAJOR,
  .api_minor = PERRY_PLUGIN_API_MINOR,
  .kind = PERRY_PLUGIN_BACKEND,
  .id = "podman",
  .version = PERRY_VERSION,
  .licence = "Apache-2.0",
  .summary = "Podman over libpod's API, with a private service where none is running",
  .capabilities = perry_podman_capabilities,
  .options = options,
  .ops = &ops,
};
