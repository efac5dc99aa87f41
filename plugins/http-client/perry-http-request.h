/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "plugin-api/perry-json.h"

G_BEGIN_DECLS

/**
 * PERRY_HTTP_DEFAULT_DEADLINE_MS:
 *
 * How long an answer may take where a request says nothing: 30 seconds.
 *
 * Since: 0.1
 */
#define PERRY_HTTP_DEFAULT_DEADLINE_MS 30000

/**
 * PERRY_HTTP_DEFAULT_MAX_BODY:
 *
 * How large a reply may be where a request says nothing: 16 MiB.
 *
 * Since: 0.1
 */
#define PERRY_HTTP_DEFAULT_MAX_BODY (16 * 1024 * 1024)

/**
 * PerryHttpRequest:
 *
 * One HTTP request. It belongs to one thread and is sent once.
 *
 * Since: 0.1
 */
typedef struct _PerryHttpRequest PerryHttpRequest;

/**
 * perry_http_request_new:
 * @method: `GET`, `HEAD`, `POST`, `PUT` or `DELETE`
 * @prefix: (nullable): what every path of this dialect begins with, such as `/v1.41` or `/v4.0.0/libpod`; made of
 *   letters, digits, `.`, `_`, `-` and `/`
 * @...: the path's elements in order, then %NULL
 *
 * Makes a request. Each element is percent-encoded as a whole, slashes included, so that an element is one element
 * whatever it contains: `perry_http_request_new ("GET", "/v1.41", "containers", id, "json", NULL)`. Both engines accept
 * an image's name with encoded slashes.
 *
 * An element that is %NULL ends the list. One that is empty, `.` or `..` cannot be encoded; sending the request then
 * raises %PERRY_ERROR_INVALID_ARGUMENT.
 *
 * Returns: (transfer full): a request without query and body, with the default deadline and limit
 *
 * Since: 0.1
 */
PerryHttpRequest *perry_http_request_new (const char *method, const char *prefix, ...) G_GNUC_NULL_TERMINATED;

void perry_http_request_free (PerryHttpRequest *request);

/**
 * perry_http_request_add_query:
 * @request: a request
 * @key: a query parameter's name
 * @value: (nullable): its value, any UTF-8; %NULL adds nothing
 *
 * Adds a query parameter, percent-encoded.
 *
 * Since: 0.1
 */
void perry_http_request_add_query (PerryHttpRequest *request, const char *key, const char *value);

/**
 * perry_http_request_add_query_int:
 * @request: a request
 * @key: a query parameter's name
 * @value: its value
 *
 * Adds a query parameter that is a number.
 *
 * Since: 0.1
 */
void perry_http_request_add_query_int (PerryHttpRequest *request, const char *key, gint64 value);

/**
 * perry_http_request_add_query_json:
 * @request: a request
 * @key: a query parameter's name, such as `filters`
 * @value: its value
 *
 * Adds a query parameter whose value is JSON text.
 *
 * Since: 0.1
 */
void perry_http_request_add_query_json (PerryHttpRequest *request, const char *key, JsonNode *value);

/**
 * perry_http_request_add_header:
 * @request: a request
 * @name: a header's name, such as `X-Registry-Auth`
 * @value: its value; one with a control character makes sending raise %PERRY_ERROR_INVALID_ARGUMENT
 *
 * Adds a request header. Neither name nor value is ever repeated in an error or a log.
 *
 * Since: 0.1
 */
void perry_http_request_add_header (PerryHttpRequest *request, const char *name, const char *value);

/**
 * perry_http_request_set_json:
 * @request: a request
 * @body: (nullable): the body, or %NULL for none
 *
 * Sets a JSON body (`Content-Type: application/json`). The text is written at once; @body may change afterwards.
 *
 * Since: 0.1
 */
void perry_http_request_set_json (PerryHttpRequest *request, JsonNode *body);

/**
 * perry_http_request_take_json_object:
 * @request: a request
 * @body: (transfer full): the body
 *
 * Sets an object as JSON body, as perry_http_request_set_json() does.
 *
 * Since: 0.1
 */
void perry_http_request_take_json_object (PerryHttpRequest *request, JsonObject *body);

/**
 * perry_http_request_set_upload:
 * @request: a request
 * @content_type: the body's type, such as `application/x-tar`
 * @body: the body; it is read to its end and closed
 *
 * Sets a body that is sent while it is read, in chunks and in constant memory.
 *
 * Since: 0.1
 */
void perry_http_request_set_upload (PerryHttpRequest *request, const char *content_type, GInputStream *body);

/**
 * perry_http_request_set_deadline:
 * @request: a request
 * @deadline_ms: milliseconds, above 0; -1 for none (a container's `wait`)
 *
 * Sets how long the call may take: perry_http_client_send() until the reply has been read to its end,
 * perry_http_client_open() and perry_http_hijack() until the reply's head has arrived.
 *
 * Since: 0.1
 */
void perry_http_request_set_deadline (PerryHttpRequest *request, int deadline_ms);

/**
 * perry_http_request_set_max_body:
 * @request: a request
 * @max_bytes: bytes, above 0
 *
 * Sets how large the reply to perry_http_client_send() may be. A larger one raises %PERRY_ERROR_BACKEND_PROTOCOL.
 *
 * Since: 0.1
 */
void perry_http_request_set_max_body (PerryHttpRequest *request, gsize max_bytes);

/**
 * perry_http_request_want_json:
 * @request: a request
 *
 * Has the body of a 2xx reply parsed strictly into [struct@PerryHttpReply].json. One that is not a JSON document, or an
 * empty one where the status is 200 or 201, raises %PERRY_ERROR_BACKEND_PROTOCOL.
 *
 * Since: 0.1
 */
void perry_http_request_want_json (PerryHttpRequest *request);

/**
 * perry_http_request_describe:
 * @request: a request
 *
 * Gets the method and the path without its query, for messages: `POST /v1.41/containers/create`.
 *
 * Returns: (transfer none): the text
 *
 * Since: 0.1
 */
const char *perry_http_request_describe (const PerryHttpRequest *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryHttpRequest, perry_http_request_free)

G_END_DECLS
