/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/**
 * PerryHttpReply:
 * @status: the HTTP status
 * @content_type: (nullable): the body's type without parameters
 * @api_version: (nullable): `Api-Version`, the newest API that the engine speaks
 * @libpod_api_version: (nullable): `Libpod-API-Version`, which Podman alone sends
 * @server: (nullable): `Server`
 * @os_type: (nullable): `Ostype`
 * @body: the body
 * @json: (nullable): the body as JSON, where the request asked for it and the status is 2xx
 * @message: (nullable): the engine's own words where the status is 400 or more: the `message` of its JSON, or else the
 *   beginning of the body, or else the status's name. Valid UTF-8 on one line of at most 1024 bytes
 *
 * A reply that has been read to its end.
 *
 * Since: 0.1
 */
typedef struct {
  guint status;
  char *content_type;
  char *api_version;
  char *libpod_api_version;
  char *server;
  char *os_type;
  GBytes *body;
  JsonNode *json;
  char *message;
} PerryHttpReply;

/**
 * PerryHttpErrorRule:
 * @status: an HTTP status, or 0 for any
 * @text: (nullable): what the engine's message has to contain, in any case of ASCII letters; %NULL for any
 * @code: the error's code
 *
 * A row of a dialect's table that says what its failures mean. The table ends with a row whose @status is 0 and whose
 * @text is %NULL; its @code is the one for everything else.
 *
 * Since: 0.1
 */
typedef struct {
  guint status;
  const char *text;
  PerryError code;
} PerryHttpErrorRule;

void perry_http_reply_free (PerryHttpReply *reply);

/**
 * perry_http_reply_check:
 * @reply: a reply
 * @rules: (nullable): what this dialect's failures mean; %NULL stands for %PERRY_ERROR_BACKEND_FAILED
 * @what: what was tried, for the message: `creating container web`
 * @error: return location for an error
 *
 * Tells success (a status below 300, or 304) from failure, and turns a failure into an error whose text is
 * `what: message`. The first rule that fits decides.
 *
 * This function may be called from any thread.
 *
 * Returns: %TRUE when the engine did what was asked
 *
 * Since: 0.1
 */
gboolean perry_http_reply_check (const PerryHttpReply *reply, const PerryHttpErrorRule *rules, const char *what,
                                 GError **error);

/**
 * perry_http_reply_parse_lines:
 * @reply: a reply whose body is a sequence of JSON documents, one on each line (image load, pull)
 * @error: return location for an error
 *
 * Parses each line strictly; blank lines are skipped.
 *
 * Errors: %PERRY_ERROR_BACKEND_PROTOCOL for a line that is not JSON, or more than 100,000 lines.
 *
 * Returns: (transfer full) (element-type JsonNode): the documents in order
 *
 * Since: 0.1
 */
GPtrArray *perry_http_reply_parse_lines (const PerryHttpReply *reply, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryHttpReply, perry_http_reply_free)

G_END_DECLS
