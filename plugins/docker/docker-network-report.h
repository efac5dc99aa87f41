/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-network.h"

G_BEGIN_DECLS

/* Docker's words for networks. Pure; a reply of a shape that is not Docker's gives PERRY_ERROR_BACKEND_PROTOCOL. */

/**
 * PerryDockerNetworking:
 * @major: the engine's major version, 0 where it could not be read
 * @rootless: whether the daemon has a network namespace of its own, where the host's listeners are not
 * @no_guard: (nullable): why the packet filter cannot be set here; %NULL where it can
 *
 * What decides how well an internal network is kept from the host.
 */
typedef struct {
  guint major;
  gboolean rootless;
  const char *no_guard;
} PerryDockerNetworking;

/* The body of a create, with the option that keeps an internal bridge from the host in this version of Docker. @bridge is the
 * interface's name, NULL for Docker's choice. */
JsonNode *perry_docker_network_body (const PerryNetworkRequest *request, const PerryDockerNetworking *networking,
                                     const char *bridge);

/* Both with the isolation judged. */
PerryNetworkInfo *perry_docker_network_from_inspect (JsonNode *reply, const PerryDockerNetworking *networking,
                                                     GError **error);
GPtrArray *perry_docker_networks_from_list (JsonNode *reply, const PerryDockerNetworking *networking, GError **error);

G_END_DECLS
