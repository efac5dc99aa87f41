/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* The first minor version of the API in which a health check has a start interval. */
#define PERRY_DOCKER_START_INTERVAL_MINOR 44

/* Docker's best case. */
extern const PerryCapabilityRow perry_docker_capabilities[];

/* What a container gets that asks for no capability. */
PerryLinuxCapabilities perry_docker_default_capabilities (void);

/* Reads GET /info. The peer's capabilities, the endpoint and the API version are the caller's to fill in. Pure.
 *
 * Errors: PERRY_ERROR_BACKEND_PROTOCOL. */
PerryEngineInfo *perry_docker_engine_from_info (JsonNode *reply, GError **error);

/* Answers for one spec where a cell of the matrix is too good. @seccomp_unconfined says that the daemon's own default
 * is no filter. Pure. */
void perry_docker_refine_spec (const PerryContainerSpec *spec, gboolean seccomp_unconfined,
                               PerryFieldSupport *support);

/* What a health check loses with the API version that is spoken. Pure. */
void perry_docker_limit_healthcheck (const PerryContainerSpec *spec, guint api_minor, PerryFieldSupport *support);

/* Whether the daemon of an info reply was configured to run containers without a seccomp filter. */
gboolean perry_docker_info_is_unconfined (JsonNode *reply);

/* The program's name of an OCI runtime: `runc` for the registered name `io.containerd.runc.v2`. */
char *perry_docker_runtime_program (JsonNode *reply, const char *runtime);

G_END_DECLS
