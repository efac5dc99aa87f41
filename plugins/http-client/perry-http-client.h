/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "plugins/http-client/perry-http-reply.h"
#include "plugins/http-client/perry-http-request.h"

G_BEGIN_DECLS

/**
 * PerryHttpClient:
 *
 * An engine that listens on a Unix socket. All functions but perry_http_client_free() may be called from any number of
 * threads at once; calls never wait for each other.
 *
 * All of them raise, where the connection or the answer fails:
 *
 * - %PERRY_ERROR_NOT_FOUND: there is no socket, or nobody listens on it
 * - %PERRY_ERROR_PERMISSION_DENIED: the caller may not use the socket; the message says whose it is
 * - %PERRY_ERROR_BACKEND_LOST: the connection broke before the answer was complete; whether the engine did what was
 *   asked is not known, and nothing but a GET or HEAD is ever sent twice
 * - %PERRY_ERROR_BACKEND_PROTOCOL: the answer is not HTTP, not the JSON that was asked for, or too large
 * - %PERRY_ERROR_TIMED_OUT: the request's deadline passed; the message names method and path
 * - %PERRY_ERROR_CANCELLED: the cancellable was triggered; honoured within 100 ms
 * - %PERRY_ERROR_INVALID_ARGUMENT: the request cannot be written as HTTP, or the socket's path is too long
 *
 * Since: 0.1
 */
typedef struct _PerryHttpClient PerryHttpClient;

/**
 * perry_http_client_new:
 * @socket_path: the socket's absolute path, without `unix://`
 *
 * Makes a client. Nothing is opened before the first request.
 *
 * Returns: (transfer full): a client
 *
 * Since: 0.1
 */
PerryHttpClient *perry_http_client_new (const char *socket_path);

/**
 * perry_http_client_free:
 * @client: (transfer full): a client that no other thread uses any more
 *
 * Closes the idle connections. Streams that were opened stay usable.
 *
 * Since: 0.1
 */
void perry_http_client_free (PerryHttpClient *client);

const char *perry_http_client_get_socket_path (const PerryHttpClient *client);

/**
 * perry_http_client_send:
 * @client: a client
 * @request: a request
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Sends a request and reads the whole reply. A reply with a status of 400 or more is a reply, not an error: see
 * perry_http_reply_check().
 *
 * Returns: (transfer full) (nullable): the reply
 *
 * Since: 0.1
 */
PerryHttpReply *perry_http_client_send (PerryHttpClient *client, PerryHttpRequest *request, GCancellable *cancellable,
                                        GError **error);

/**
 * perry_http_client_call:
 * @client: a client
 * @request: (transfer full): a request
 * @rules: (nullable): see perry_http_reply_check()
 * @what: what is tried, for the message
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Does perry_http_client_send() and perry_http_reply_check(), and frees @request.
 *
 * Returns: (transfer full) (nullable): the reply, its status below 400
 *
 * Since: 0.1
 */
PerryHttpReply *perry_http_client_call (PerryHttpClient *client, PerryHttpRequest *request,
                                        const PerryHttpErrorRule *rules, const char *what, GCancellable *cancellable,
                                        GError **error);

/**
 * PerryHttpBody:
 * @status: the HTTP status, below 400
 * @content_type: (nullable): the body's type without parameters
 *
 * A reply whose body is read while it arrives, on a connection of its own. One thread may use it at a time. It is not a
 * #GInputStream: libsoup's has to be used under the main context that it was made under, and a type of our own that takes
 * care of that must not be registered here.
 *
 * Since: 0.1
 */
typedef struct {
  guint status;
  char *content_type;
} PerryHttpBody;

/**
 * perry_http_client_open:
 * @client: a client
 * @request: a request; its deadline counts until the reply's head has arrived
 * @rules: (nullable): see perry_http_reply_check()
 * @what: what is tried, for the message
 * @cancellable: (nullable): a cancellable; it is not used after the function has returned
 * @error: return location for an error
 *
 * Sends a request and hands out the reply's body as a stream (logs, events, progress, archives). A status of 400 or
 * more is an error as in perry_http_reply_check().
 *
 * Returns: (transfer full) (nullable): the body
 *
 * Since: 0.1
 */
PerryHttpBody *perry_http_client_open (PerryHttpClient *client, PerryHttpRequest *request,
                                       const PerryHttpErrorRule *rules, const char *what, GCancellable *cancellable,
                                       GError **error);

/**
 * perry_http_body_read:
 * @body: a body
 * @buffer: (out caller-allocates) (array length=size) (element-type guint8): where to put the data
 * @size: the buffer's size in bytes, above 0
 * @timeout_ms: how long to wait in milliseconds, -1 for ever
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Reads what has arrived. After %PERRY_ERROR_TIMED_OUT or %PERRY_ERROR_CANCELLED nothing is lost and reading may go on.
 *
 * Returns: the number of bytes, 0 at the end, -1 on error
 *
 * Since: 0.1
 */
gssize perry_http_body_read (PerryHttpBody *body, void *buffer, gsize size, int timeout_ms, GCancellable *cancellable,
                             GError **error);

/**
 * perry_http_body_free:
 * @body: (transfer full): a body
 *
 * Closes the connection at once, whatever has not been read.
 *
 * Since: 0.1
 */
void perry_http_body_free (PerryHttpBody *body);

/**
 * perry_http_client_get_peer_pid:
 * @client: a client
 * @ret_pid: (out): the number of the process that listens, above 0; not written on failure
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Connects once and asks the kernel which process made the socket listen. That is the engine itself, or whoever
 * created the socket for it (systemd, for a socket-activated service): look at the process before believing it.
 *
 * Errors: besides the client's, %PERRY_ERROR_UNSUPPORTED where that process is not in our pid namespace.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
gboolean perry_http_client_get_peer_pid (PerryHttpClient *client, gint64 *ret_pid, GCancellable *cancellable,
                                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryHttpClient, perry_http_client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryHttpBody, perry_http_body_free)

G_END_DECLS
