/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/**
 * perry_http_connect_set_error:
 * @socket_path: the socket
 * @foreign: (transfer full): why connecting failed
 * @error: return location for an error
 *
 * Says what a failed connect means and what to do: %PERRY_ERROR_NOT_FOUND where nobody listens,
 * %PERRY_ERROR_PERMISSION_DENIED with the socket's owner and group, else the foreign error's own code.
 *
 * Since: 0.1
 */
void perry_http_connect_set_error (const char *socket_path, GError *foreign, GError **error);

/**
 * perry_http_connect_check_path:
 * @socket_path: a path
 * @error: return location for an error
 *
 * Refuses a path that is not absolute or does not fit a socket address, which GIO would cut off without a word.
 *
 * Returns: %FALSE with %PERRY_ERROR_INVALID_ARGUMENT
 *
 * Since: 0.1
 */
gboolean perry_http_connect_check_path (const char *socket_path, GError **error);

G_END_DECLS
