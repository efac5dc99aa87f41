/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

#include "plugins/http-client/perry-http-reply.h"
#include "plugins/http-client/perry-http-request.h"

G_BEGIN_DECLS

/* Keeps the status and the headers that somebody wants. */
PerryHttpReply *perry_http_reply_new (guint status, SoupMessageHeaders *headers);

/* Takes a body that has been read to its end; fills json and message. What was asked is in @request. */
gboolean perry_http_reply_complete (PerryHttpReply *reply, const PerryHttpRequest *request, GBytes *body,
                                    GError **error);

/* An engine's own words as messages have them: valid UTF-8 on one line of at most 1024 bytes. (transfer full) */
char *perry_http_reply_tidy_message (const char *text);

G_END_DECLS
