/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* The profiles of this plugin. */
extern const PerryBackendCandidate perry_docker_candidates[];

/* Finds the sockets to try, in order. More than one only where nothing was configured.
 *
 * @socket is the plugin's option, NULL or empty for none. For the candidate `docker` the order is that option,
 * DOCKER_HOST, DOCKER_CONTEXT, the current context of Docker's configuration, and the usual places; the other
 * candidates have places of their own.
 *
 * Errors: PERRY_ERROR_BACKEND_NOT_AVAILABLE. */
char **perry_docker_find_sockets (const char *candidate, const char *socket, GError **error);

/* What else to try where a candidate was not found, NULL for nothing. */
const char *perry_docker_socket_hint (const char *candidate);

G_END_DECLS
