/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* Turns Docker's replies into result objects. Pure; a reply of a shape that is not Docker's gives
 * PERRY_ERROR_BACKEND_PROTOCOL, a member of another type counts as not said. */

PerryContainerInfo *perry_docker_container_from_inspect (JsonNode *reply, GError **error);
GPtrArray *perry_docker_containers_from_list (JsonNode *reply, GError **error);
PerryImageInfo *perry_docker_image_from_inspect (JsonNode *reply, GError **error);
GPtrArray *perry_docker_images_from_list (JsonNode *reply, GError **error);

/* Names or ids from the lines that a load printed; an error line fails it although the status was 200. */
char **perry_docker_images_from_load (GPtrArray *lines, GError **error);

/* Whether the container of an inspect reply has a terminal. */
gboolean perry_docker_inspect_has_terminal (JsonNode *reply);

G_END_DECLS
