/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* Turns libpod's replies into result objects. Pure; a reply of a shape that is not libpod's gives
 * PERRY_ERROR_BACKEND_PROTOCOL, a member of another type counts as not said.
 *
 * Podman does not report the seccomp profile of a container that was made over its API, so that field stays unset. */

PerryContainerInfo *perry_podman_container_from_inspect (JsonNode *reply, GError **error);
GPtrArray *perry_podman_containers_from_list (JsonNode *reply, GError **error);
PerryImageInfo *perry_podman_image_from_inspect (JsonNode *reply, GError **error);
GPtrArray *perry_podman_images_from_list (JsonNode *reply, GError **error);

/* Names or ids that a load brought. */
char **perry_podman_images_from_load (JsonNode *reply, GError **error);

/* The first error among the reports of a removal; Podman answers 200 with the failure inside. */
gboolean perry_podman_check_removal (JsonNode *reply, const char *id, GError **error);

/* Whether the container of an inspect reply has a terminal. */
gboolean perry_podman_inspect_has_terminal (JsonNode *reply);

/* The cgroup's path from the root of the hierarchy, without a leading slash; NULL before the first process exists. */
char *perry_podman_inspect_cgroup_path (JsonNode *reply);

G_END_DECLS
