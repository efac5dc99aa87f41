/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* Podman's best case over libpod. */
extern const PerryCapabilityRow perry_podman_capabilities[];

/* Reads GET /libpod/info. What the reply does not hold (the peer's capabilities, the endpoint, an init program) is the
 * caller's to fill in. Pure.
 *
 * Errors: PERRY_ERROR_BACKEND_PROTOCOL. */
PerryEngineInfo *perry_podman_engine_from_info (JsonNode *reply, GError **error);

/* Answers for one spec where a cell of the matrix is too good. @remote_reason says why the service is not on this
 * machine, NULL where it is. Pure but for looking at our own mounts. */
void perry_podman_refine_spec (const PerryContainerSpec *spec, const char *remote_reason, PerryFieldSupport *support);

/* Checks the headers of a ping: that this is Podman 4 or newer. Pure.
 *
 * Errors: PERRY_ERROR_BACKEND_NOT_AVAILABLE. */
gboolean perry_podman_check_version (const char *server, const char *libpod_version, GError **error);

G_END_DECLS
