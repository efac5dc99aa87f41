/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* Writes the body of POST /containers/create for a normalised spec. Every field that this plugin declares supported is
 * in it when it is set, and nothing that was not asked for. Pure.
 *
 * Errors: PERRY_ERROR_UNSUPPORTED for a mount option that Docker has no way to say. */
JsonNode *perry_docker_create_body (const PerryCreateRequest *request, GError **error);

/* Makes /sys/fs/cgroup read-only in a body that was written, besides what Docker makes read-only by itself: the list
 * replaces Docker's. Pure. */
void perry_docker_protect_cgroups (JsonNode *body);

/* Adds to a body that was written how often health is looked at in the start period: Docker 28 would begin after 5 s
 * otherwise. For API 1.44 or newer; older ones have no such member. Pure. */
void perry_docker_add_start_interval (JsonNode *body, const PerryContainerSpec *spec);

/* Whether Docker has a way to say a mount's option. Pure. */
gboolean perry_docker_mount_option_is_known (const PerryMount *mount, const char *option);

G_END_DECLS
