/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-request-private.h"

#include "plugin-api/perry-error.h"

#include <string.h>

static void
clear_header (gpointer data)
{
  PerryHttpHeader *header = data;

  g_free (header->name);
  g_free (header->value);
}

static void
append_encoded (GString *target, const char *text)
{
  for (const char *byte = text; *byte != '\0'; byte++)
    {
      if (g_ascii_isalnum (*byte) || strchr ("-._~", *byte) != NULL)
        g_string_append_c (target, *byte);
      else
        g_string_append_printf (target, "%%%02X", (guint8) *byte);
    }
}

static void
append_prefix (PerryHttpRequest *request, const char *prefix)
{
  for (const char *byte = prefix; *byte != '\0'; byte++)
    if (!g_ascii_isalnum (*byte) && strchr ("._-/", *byte) == NULL)
      request->problem = "the path's prefix has a character that does not belong there";
  if (prefix[0] != '\0' && (prefix[0] != '/' || g_str_has_suffix (prefix, "/") || strstr (prefix, "//") != NULL
                            || strstr (prefix, "/.") != NULL))
    request->problem = "the path's prefix is not a path";
  if (request->problem == NULL)
    g_string_append (request->path, prefix);
}

static void
append_element (PerryHttpRequest *request, const char *element)
{
  if (element[0] == '\0' || strcmp (element, ".") == 0 || strcmp (element, "..") == 0)
    {
      request->problem = "an element of the path is empty, `.` or `..`";
      return;
    }
  g_string_append_c (request->path, '/');
  append_encoded (request->path, element);
}

PerryHttpRequest *
perry_http_request_new (const char *method, const char *prefix, ...)
{
  PerryHttpRequest *request;
  const char *element;
  va_list elements;

  g_return_val_if_fail (method != NULL, NULL);

  request = g_new0 (PerryHttpRequest, 1);
  request->method = g_strdup (method);
  request->path = g_string_new (NULL);
  request->query = g_string_new (NULL);
  request->headers = g_array_new (FALSE, FALSE, sizeof (PerryHttpHeader));
  g_array_set_clear_func (request->headers, clear_header);
  request->deadline_ms = PERRY_HTTP_DEFAULT_DEADLINE_MS;
  request->max_body = PERRY_HTTP_DEFAULT_MAX_BODY;

  if (prefix != NULL)
    append_prefix (request, prefix);
  va_start (elements, prefix);
  while ((element = va_arg (elements, const char *)) != NULL)
    append_element (request, element);
  va_end (elements);
  if (request->path->len == 0)
    g_string_append_c (request->path, '/');

  request->description = g_strdup_printf ("%s %s", request->method, request->path->str);
  return request;
}

void
perry_http_request_free (PerryHttpRequest *request)
{
  if (request == NULL)
    return;

  g_free (request->method);
  g_string_free (request->path, TRUE);
  g_string_free (request->query, TRUE);
  g_free (request->description);
  g_array_unref (request->headers);
  g_free (request->content_type);
  g_clear_pointer (&request->body, g_bytes_unref);
  g_clear_object (&request->upload);
  g_free (request);
}

void
perry_http_request_add_query (PerryHttpRequest *request, const char *key, const char *value)
{
  g_return_if_fail (request != NULL && key != NULL);

  if (value == NULL)
    return;
  g_string_append_c (request->query, request->query->len == 0 ? '?' : '&');
  append_encoded (request->query, key);
  g_string_append_c (request->query, '=');
  append_encoded (request->query, value);
}

void
perry_http_request_add_query_int (PerryHttpRequest *request, const char *key, gint64 value)
{
  char text[24];

  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, value);
  perry_http_request_add_query (request, key, text);
}

void
perry_http_request_add_query_json (PerryHttpRequest *request, const char *key, JsonNode *value)
{
  g_autofree char *text = perry_json_to_text (value, FALSE);

  perry_http_request_add_query (request, key, text);
}

static gboolean
is_header_name (const char *name)
{
  if (name[0] == '\0')
    return FALSE;
  for (const char *byte = name; *byte != '\0'; byte++)
    if (!g_ascii_isalnum (*byte) && *byte != '-')
      return FALSE;
  return TRUE;
}

static gboolean
is_header_value (const char *value)
{
  for (const char *byte = value; *byte != '\0'; byte++)
    if ((guint8) *byte < 0x20 || *byte == 0x7f)
      return FALSE;
  return TRUE;
}

void
perry_http_request_add_header (PerryHttpRequest *request, const char *name, const char *value)
{
  PerryHttpHeader header;

  g_return_if_fail (request != NULL && name != NULL && value != NULL);

  if (!is_header_name (name) || !is_header_value (value))
    {
      request->problem = "a header has a character that does not belong there";
      return;
    }
  header.name = g_strdup (name);
  header.value = g_strdup (value);
  g_array_append_val (request->headers, header);
}

void
perry_http_request_set_json (PerryHttpRequest *request, JsonNode *body)
{
  char *text;

  g_return_if_fail (request != NULL);

  g_clear_pointer (&request->body, g_bytes_unref);
  g_clear_pointer (&request->content_type, g_free);
  g_clear_object (&request->upload);
  if (body == NULL)
    return;
  text = perry_json_to_text (body, FALSE);
  request->body = g_bytes_new_take (text, strlen (text));
  request->content_type = g_strdup ("application/json");
}

void
perry_http_request_take_json_object (PerryHttpRequest *request, JsonObject *body)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, body);
  perry_http_request_set_json (request, node);
}

void
perry_http_request_set_upload (PerryHttpRequest *request, const char *content_type, GInputStream *body)
{
  g_return_if_fail (request != NULL && content_type != NULL && G_IS_INPUT_STREAM (body));

  perry_http_request_set_json (request, NULL);
  request->content_type = g_strdup (content_type);
  request->upload = g_object_ref (body);
}

void
perry_http_request_set_deadline (PerryHttpRequest *request, int deadline_ms)
{
  g_return_if_fail (request != NULL);
  g_return_if_fail (deadline_ms > 0 || deadline_ms == -1);

  request->deadline_ms = deadline_ms;
}

void
perry_http_request_set_max_body (PerryHttpRequest *request, gsize max_bytes)
{
  g_return_if_fail (request != NULL && max_bytes > 0);

  request->max_body = max_bytes;
}

void
perry_http_request_want_json (PerryHttpRequest *request)
{
  g_return_if_fail (request != NULL);

  request->want_json = TRUE;
}

const char *
perry_http_request_describe (const PerryHttpRequest *request)
{
  g_return_val_if_fail (request != NULL, NULL);

  return request->description;
}

gboolean
perry_http_request_is_safe (const PerryHttpRequest *request)
{
  return strcmp (request->method, "GET") == 0 || strcmp (request->method, "HEAD") == 0;
}

gboolean
perry_http_request_begin (PerryHttpRequest *request, GError **error)
{
  if (request->problem == NULL && request->sent)
    request->problem = "the request has been sent before";
  if (request->problem != NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "%s: %s", request->description, request->problem);
      return FALSE;
    }
  request->sent = TRUE;
  return TRUE;
}

char *
perry_http_request_dup_target (const PerryHttpRequest *request)
{
  return g_strconcat (request->path->str, request->query->str, NULL);
}
