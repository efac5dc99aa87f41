/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/http-client/perry-http-client.h"

G_BEGIN_DECLS

/**
 * PERRY_HTTP_MAX_HEAD:
 *
 * How large the head of a reply to an upgrade may be: 16 KiB.
 *
 * Since: 0.1
 */
#define PERRY_HTTP_MAX_HEAD (16 * 1024)

/**
 * PerryHttpHijack:
 * @status: 101 or 200
 * @content_type: (nullable): the reply's type without parameters; Docker up to API 1.41 and Podman say nothing useful
 * @socket: the connection, which belongs to the container's streams now
 * @early: bytes that arrived together with the head and have to be read before those of @socket
 *
 * A connection that an engine handed over.
 *
 * Since: 0.1
 */
typedef struct {
  guint status;
  char *content_type;
  GSocket *socket;
  GByteArray *early;
} PerryHttpHijack;

void perry_http_hijack_free (PerryHttpHijack *hijack);

/**
 * perry_http_hijack:
 * @client: a client
 * @request: a POST without body or with a JSON body; its deadline counts until the reply's head has arrived
 * @rules: (nullable): see perry_http_reply_check()
 * @what: what is tried, for the message
 * @cancellable: (nullable): a cancellable; it is not used after the function has returned
 * @error: return location for an error
 *
 * Asks for an upgrade (`Upgrade: tcp`) on a new connection and takes the connection over when the engine answers with
 * 101 or, as older ones do, with 200.
 *
 * This function may be called from any thread. Errors are those of [struct@PerryHttpClient], and those of @rules where
 * the engine refuses.
 *
 * Returns: (transfer full) (nullable): the connection
 *
 * Since: 0.1
 */
PerryHttpHijack *perry_http_hijack (PerryHttpClient *client, PerryHttpRequest *request,
                                    const PerryHttpErrorRule *rules, const char *what, GCancellable *cancellable,
                                    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryHttpHijack, perry_http_hijack_free)

G_END_DECLS
