/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/* Finds a configured socket: the plugin's option, else CONTAINER_HOST. NULL without an error where nothing is
 * configured.
 *
 * Errors: PERRY_ERROR_BACKEND_NOT_AVAILABLE for an address that is not a Unix socket's. */
gboolean perry_podman_find_configured_socket (const char *socket, char **ret_path, GError **error);

/* Where a service of the system's or the user's own listens. */
char *perry_podman_usual_socket (void);

G_END_DECLS
