/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-network.h"

G_BEGIN_DECLS

/* libpod's words for networks. Pure; a reply of a shape that is not libpod's gives PERRY_ERROR_BACKEND_PROTOCOL. */

/**
 * PerryPodmanNetworking:
 * @rootless: whether bridges are in a network namespace where the host's listeners are not
 * @no_guard: (nullable): why bridges cannot be kept from the host here; %NULL where they can
 *
 * What decides how well an internal network is kept from the host.
 */
typedef struct {
  gboolean rootless;
  const char *no_guard;
} PerryPodmanNetworking;

/* The body of a create. @bridge is the interface's name, NULL for Podman's choice. */
JsonNode *perry_podman_network_body (const PerryNetworkRequest *request, const char *bridge);

/* Both with the isolation judged. */
PerryNetworkInfo *perry_podman_network_from_inspect (JsonNode *reply, const PerryPodmanNetworking *networking,
                                                     GError **error);
GPtrArray *perry_podman_networks_from_list (JsonNode *reply, const PerryPodmanNetworking *networking, GError **error);

/* What a removal answers with status 200 although it failed; NULL where it did not. */
const char *perry_podman_network_removal_error (JsonNode *reply);

/* First and last address of @range that containers of @subnet can have. FALSE where one of them is no CIDR. */
gboolean perry_podman_lease_range (const char *subnet, const char *range, char **ret_first, char **ret_last);

G_END_DECLS
