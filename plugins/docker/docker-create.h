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

/* Whether Docker has a way to say a mount's option. Pure. */
gboolean perry_docker_mount_option_is_known (const PerryMount *mount, const char *option);

G_END_DECLS
