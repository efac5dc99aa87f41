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
 * %PERRY_ERROR_PERMISSION_DENIED with the socket's owner and group, %PERRY_ERROR_TIMED_OUT where its queue has stayed
 * full, else the foreign error's own code.
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

/**
 * PerryHttpConnectWait:
 *
 * How long one call has tried to connect; zeroed before the first time. Members are private.
 *
 * Since: 0.1
 */
typedef struct {
  gint64 until;
  guint pause_ms;
} PerryHttpConnectWait;

/**
 * perry_http_connect_wait:
 * @wait: what was waited before
 * @foreign: why connecting failed
 * @cancellable: (nullable): ends the wait
 *
 * Waits a moment where the queue of the engine's socket is full, as when many connect at once: a Unix socket refuses then
 * instead of waiting. Thirty seconds are the most for one call.
 *
 * Returns: whether it is worth while to try again
 *
 * Since: 0.1
 */
gboolean perry_http_connect_wait (PerryHttpConnectWait *wait, const GError *foreign, GCancellable *cancellable);

G_END_DECLS
