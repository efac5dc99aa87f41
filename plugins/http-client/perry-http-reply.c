/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-reply-private.h"
#include "plugins/http-client/perry-http-request-private.h"

#include <libsoup/soup.h>
#include <string.h>

#include "plugin-api/perry-json.h"

/* An error with its clean-up failure stays below 4 kB. */
#define MAX_MESSAGE 1024
#define MAX_LINES 100000

void
perry_http_reply_free (PerryHttpReply *reply)
{
  if (reply == NULL)
    return;

  g_free (reply->content_type);
  g_free (reply->api_version);
  g_free (reply->libpod_api_version);
  g_free (reply->server);
  g_free (reply->os_type);
  g_clear_pointer (&reply->body, g_bytes_unref);
  g_clear_pointer (&reply->json, json_node_unref);
  g_free (reply->message);
  g_free (reply);
}

/* Cuts at a character's end and puts everything on one line, because the text goes into messages and reports. */
char *
perry_http_reply_tidy_message (const char *text)
{
  g_autofree char *line = g_utf8_make_valid (text, -1);
  gsize length;

  for (char *byte = line; *byte != '\0'; byte++)
    if ((guint8) *byte < 0x20 || *byte == 0x7f)
      *byte = ' ';
  g_strstrip (line);
  length = strlen (line);
  if (length > MAX_MESSAGE)
    *g_utf8_find_prev_char (line, line + MAX_MESSAGE + 1) = '\0';
  return g_steal_pointer (&line);
}

/* Podman 6.1.1 puts raw bytes of a request into its error text, so the text is made valid before it is parsed. */
static char *
find_message (GBytes *body, guint status)
{
  gsize size;
  const char *data = g_bytes_get_data (body, &size);
  g_autofree char *text = g_utf8_make_valid (size == 0 ? "" : data, (gssize) MIN (size, PERRY_JSON_DEFAULT_MAX_BYTES));
  g_autoptr (JsonNode) node = perry_json_parse (text, -1, NULL, NULL);
  const char *message = NULL;
  g_autofree char *line = NULL;

  if (node != NULL && perry_json_read_string (perry_json_as_object (node), "message", &message) && message[0] != '\0')
    return perry_http_reply_tidy_message (message);

  line = perry_http_reply_tidy_message (text);
  if (line[0] != '\0')
    return g_steal_pointer (&line);
  return g_strdup_printf ("HTTP status %u (%s)", status, soup_status_get_phrase (status));
}

static gboolean
parse_json (PerryHttpReply *reply, const PerryHttpRequest *request, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (g_bytes_get_size (reply->body) == 0 && reply->status != 200 && reply->status != 201)
    {
      reply->json = json_node_new (JSON_NODE_NULL);
      return TRUE;
    }
  reply->json = perry_json_parse_bytes (reply->body, NULL, &local_error);
  if (reply->json != NULL)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "%s: the engine's reply is not JSON: %s",
               perry_http_request_describe (request), local_error->message);
  return FALSE;
}

static char *
dup_header (SoupMessageHeaders *headers, const char *name)
{
  const char *value = soup_message_headers_get_one (headers, name);

  return value != NULL ? g_utf8_make_valid (value, -1) : NULL;
}

PerryHttpReply *
perry_http_reply_new (guint status, SoupMessageHeaders *headers)
{
  PerryHttpReply *reply = g_new0 (PerryHttpReply, 1);

  reply->status = status;
  reply->content_type = g_strdup (soup_message_headers_get_content_type (headers, NULL));
  reply->api_version = dup_header (headers, "Api-Version");
  reply->libpod_api_version = dup_header (headers, "Libpod-Api-Version");
  reply->server = dup_header (headers, "Server");
  reply->os_type = dup_header (headers, "Ostype");
  return reply;
}

gboolean
perry_http_reply_complete (PerryHttpReply *reply, const PerryHttpRequest *request, GBytes *body, GError **error)
{
  reply->body = g_bytes_ref (body);
  if (reply->status >= 400)
    reply->message = find_message (body, reply->status);
  else if (request->want_json && reply->status >= 200 && reply->status < 300)
    return parse_json (reply, request, error);
  return TRUE;
}

static gboolean
contains_text (const char *message, const char *text)
{
  g_autofree char *lower_message = g_ascii_strdown (message, -1);
  g_autofree char *lower_text = g_ascii_strdown (text, -1);

  return strstr (lower_message, lower_text) != NULL;
}

static PerryError
find_code (const PerryHttpReply *reply, const PerryHttpErrorRule *rules)
{
  if (rules == NULL)
    return PERRY_ERROR_BACKEND_FAILED;
  for (; rules->status != 0 || rules->text != NULL; rules++)
    {
      if (rules->status != 0 && rules->status != reply->status)
        continue;
      if (rules->text == NULL || contains_text (reply->message, rules->text))
        return rules->code;
    }
  return rules->code;
}

gboolean
perry_http_reply_check (const PerryHttpReply *reply, const PerryHttpErrorRule *rules, const char *what, GError **error)
{
  g_return_val_if_fail (reply != NULL && what != NULL, FALSE);

  /* Engines use 304 for what is so already, and nobody here follows where another 3xx would lead. */
  if (reply->status < 300 || reply->status == 304)
    return TRUE;
  if (reply->status < 400)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "%s: the engine answered with status %u", what,
                   reply->status);
      return FALSE;
    }
  g_set_error (error, PERRY_ERROR, (int) find_code (reply, rules), "%s: %s", what, reply->message);
  return FALSE;
}

GPtrArray *
perry_http_reply_parse_lines (const PerryHttpReply *reply, GError **error)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  gsize size;
  const char *data;
  const char *end;

  g_return_val_if_fail (reply != NULL && reply->body != NULL, NULL);

  data = g_bytes_get_data (reply->body, &size);
  end = size > 0 ? data + size : data;
  while (data < end)
    {
      const char *newline = memchr (data, '\n', (gsize) (end - data));
      const char *line_end = newline != NULL ? newline : end;
      g_autoptr (GError) local_error = NULL;
      gssize length = line_end - data;
      JsonNode *node;

      if (length > 0 && data[length - 1] == '\r')
        length--;
      node = length > 0 ? perry_json_parse (data, length, NULL, &local_error) : NULL;
      if (local_error != NULL || nodes->len == MAX_LINES)
        {
          g_clear_pointer (&node, json_node_unref);
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "line %u of the engine's reply: %s",
                       nodes->len + 1, local_error != NULL ? local_error->message : "too many lines");
          return NULL;
        }
      if (node != NULL)
        g_ptr_array_add (nodes, node);
      data = newline != NULL ? newline + 1 : end;
    }
  return g_steal_pointer (&nodes);
}
