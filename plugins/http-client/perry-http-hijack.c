/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-hijack.h"

#include <libsoup/soup.h>
#include <string.h>

#include "plugins/http-client/perry-http-client-private.h"
#include "plugins/http-client/perry-http-reply-private.h"

/* How much is read of a refusal; the engines' are a few hundred bytes. */
#define MAX_REFUSAL (64 * 1024)

/* A reply while it is being read. */
typedef struct {
  PerryHttpClient *client;
  PerryHttpRequest *request;
  GSocket *socket;
  PerryHttpDeadline deadline;
  SoupMessageHeaders *headers;
  guint status;
  GByteArray *buffer;
} Upgrade;

static void
upgrade_clear (Upgrade *upgrade)
{
  perry_http_deadline_clear (&upgrade->deadline);
  g_clear_object (&upgrade->socket);
  g_clear_pointer (&upgrade->headers, soup_message_headers_unref);
  g_clear_pointer (&upgrade->buffer, g_byte_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Upgrade, upgrade_clear)

void
perry_http_hijack_free (PerryHttpHijack *hijack)
{
  if (hijack == NULL)
    return;

  g_free (hijack->content_type);
  g_clear_object (&hijack->socket);
  g_clear_pointer (&hijack->early, g_byte_array_unref);
  g_free (hijack);
}

static GString *
make_head (const PerryHttpRequest *request)
{
  g_autofree char *target = perry_http_request_dup_target (request);
  GString *head = g_string_new (NULL);

  g_string_append_printf (head, "%s %s HTTP/1.1\r\nHost: " PERRY_HTTP_HOST "\r\nUser-Agent: perry-container\r\n",
                          request->method, target);
  g_string_append (head, "Connection: Upgrade\r\nUpgrade: tcp\r\n");
  for (guint i = 0; i < request->headers->len; i++)
    {
      const PerryHttpHeader *header = &g_array_index (request->headers, PerryHttpHeader, i);

      g_string_append_printf (head, "%s: %s\r\n", header->name, header->value);
    }
  if (request->content_type != NULL)
    g_string_append_printf (head, "Content-Type: %s\r\n", request->content_type);
  g_string_append_printf (head, "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                          request->body != NULL ? g_bytes_get_size (request->body) : 0);
  return head;
}

static gboolean
fail (Upgrade *upgrade, GError *foreign, GError **error)
{
  if (!perry_http_deadline_check (&upgrade->deadline, perry_http_request_describe (upgrade->request), error))
    g_error_free (foreign);
  else
    perry_http_client_set_io_error (upgrade->client, upgrade->request, foreign, error);
  return FALSE;
}

static gboolean
send_bytes (Upgrade *upgrade, const char *data, gsize size, GError **error)
{
  GError *local_error = NULL;

  while (size > 0)
    {
      gssize count = g_socket_send (upgrade->socket, data, size, upgrade->deadline.cancellable, &local_error);

      if (count < 0)
        return fail (upgrade, local_error, error);
      data += count;
      size -= (gsize) count;
    }
  return TRUE;
}

static gboolean
send_request (Upgrade *upgrade, GError **error)
{
  GBytes *body = upgrade->request->body;
  g_autoptr (GString) head = make_head (upgrade->request);
  gsize size = 0;
  const char *data = body != NULL ? g_bytes_get_data (body, &size) : NULL;

  if (size > 0)
    g_string_append_len (head, data, (gssize) size);
  return send_bytes (upgrade, head->str, head->len, error);
}

/* Appends what arrives; 0 is the end of the connection. */
static gssize
receive (Upgrade *upgrade, GError **error)
{
  guint8 data[4096];
  GError *local_error = NULL;
  gssize count = g_socket_receive (upgrade->socket, (char *) data, sizeof data, upgrade->deadline.cancellable,
                                   &local_error);

  if (count > 0)
    g_byte_array_append (upgrade->buffer, data, (guint) count);
  else if (count < 0)
    fail (upgrade, local_error, error);
  return count;
}

static gboolean
set_protocol_error (Upgrade *upgrade, const char *problem, GError **error)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "%s: %s",
               perry_http_request_describe (upgrade->request), problem);
  return FALSE;
}

static gboolean
parse_head (Upgrade *upgrade, gsize size, GError **error)
{
  upgrade->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  /* The parser wants the head without the empty line that ends it. */
  if (!soup_headers_parse_response ((const char *) upgrade->buffer->data, (int) size - 2, upgrade->headers, NULL,
                                    &upgrade->status, NULL))
    return set_protocol_error (upgrade, "the engine's answer is not HTTP", error);
  g_byte_array_remove_range (upgrade->buffer, 0, (guint) size);
  return TRUE;
}

static const guint8 *
find_bytes (const GByteArray *array, const char *text)
{
  gsize size = strlen (text);

  return array->len >= size ? memmem (array->data, array->len, text, size) : NULL;
}

static gboolean
receive_head (Upgrade *upgrade, GError **error)
{
  for (;;)
    {
      const guint8 *end = find_bytes (upgrade->buffer, "\r\n\r\n");
      gssize count;

      if (end != NULL && end + 4 - upgrade->buffer->data <= PERRY_HTTP_MAX_HEAD)
        return parse_head (upgrade, (gsize) (end + 4 - upgrade->buffer->data), error);
      if (end != NULL || upgrade->buffer->len >= PERRY_HTTP_MAX_HEAD)
        return set_protocol_error (upgrade, "the head of the engine's answer is larger than 16 KiB", error);
      count = receive (upgrade, error);
      if (count < 0)
        return FALSE;
      if (count == 0)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST,
                       "%s at %s: the engine closed the connection without an answer",
                       perry_http_request_describe (upgrade->request),
                       perry_http_client_get_socket_path (upgrade->client));
          return FALSE;
        }
    }
}

/* Joins the chunks of a body that has been read; stops at what cannot be understood. */
static GBytes *
join_chunks (GByteArray *chunked)
{
  GByteArray *joined = g_byte_array_new ();
  const char *data = (const char *) chunked->data;
  gsize left = chunked->len;

  for (;;)
    {
      const char *line_end = left > 0 ? memmem (data, left, "\r\n", 2) : NULL;
      guint64 size = 0;

      if (line_end == NULL || line_end - data > 8)
        break;
      for (const char *digit = data; digit < line_end && g_ascii_isxdigit (*digit); digit++)
        size = size * 16 + (guint64) g_ascii_xdigit_value (*digit);
      left -= (gsize) (line_end + 2 - data);
      data = line_end + 2;
      if (size == 0 || size > left)
        break;
      g_byte_array_append (joined, (const guint8 *) data, (guint) size);
      data += size;
      left -= (gsize) size;
      if (left < 2)
        break;
      data += 2;
      left -= 2;
    }
  return g_byte_array_free_to_bytes (joined);
}

/* Reads the body of a refusal for its text; where it is cut off, what there is has to do. */
static PerryHttpReply *
receive_refusal (Upgrade *upgrade, GError **error)
{
  g_autoptr (PerryHttpReply) reply = perry_http_reply_new (upgrade->status, upgrade->headers);
  SoupEncoding encoding = soup_message_headers_get_encoding (upgrade->headers);
  gsize wanted = MAX_REFUSAL;
  g_autoptr (GBytes) body = NULL;

  if (encoding == SOUP_ENCODING_CONTENT_LENGTH)
    wanted = (gsize) CLAMP (soup_message_headers_get_content_length (upgrade->headers), 0, MAX_REFUSAL);
  while (upgrade->buffer->len < wanted)
    {
      gssize count;

      if (encoding == SOUP_ENCODING_CHUNKED
          && find_bytes (upgrade->buffer, "\r\n0\r\n\r\n") != NULL)
        break;
      count = receive (upgrade, error);
      if (count < 0)
        return NULL;
      if (count == 0)
        break;
    }
  body = encoding == SOUP_ENCODING_CHUNKED ? join_chunks (upgrade->buffer)
                                           : g_byte_array_free_to_bytes (g_steal_pointer (&upgrade->buffer));
  if (!perry_http_reply_complete (reply, upgrade->request, body, error))
    return NULL;
  return g_steal_pointer (&reply);
}

static gboolean
check_accepted (Upgrade *upgrade, const PerryHttpErrorRule *rules, const char *what, GError **error)
{
  g_autoptr (PerryHttpReply) reply = NULL;

  if (upgrade->status >= 400)
    {
      reply = receive_refusal (upgrade, error);
      if (reply != NULL)
        perry_http_reply_check (reply, rules, what, error);
      else
        g_prefix_error (error, "%s: ", what);
      return FALSE;
    }
  if ((upgrade->status == 101 || upgrade->status == 200)
      && soup_message_headers_get_encoding (upgrade->headers) != SOUP_ENCODING_CHUNKED)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
               "%s: the engine answered with status %u and did not hand over the connection", what, upgrade->status);
  return FALSE;
}

static gboolean
upgrade_start (Upgrade *upgrade, PerryHttpClient *client, PerryHttpRequest *request, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GError) local_error = NULL;

  upgrade->client = client;
  upgrade->request = request;
  upgrade->buffer = g_byte_array_new ();
  if (request->upload != NULL)
    request->problem = "an upgrade cannot have a streamed body";
  if (!perry_http_request_begin (request, error))
    return FALSE;
  perry_http_deadline_init (&upgrade->deadline, perry_http_client_get_alarm (client), request->deadline_ms,
                            cancellable);

  upgrade->socket = perry_http_client_connect (client, upgrade->deadline.cancellable, &local_error);
  if (upgrade->socket != NULL)
    return send_request (upgrade, error) && receive_head (upgrade, error);
  if (perry_http_deadline_check (&upgrade->deadline, perry_http_request_describe (request), error))
    g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

PerryHttpHijack *
perry_http_hijack (PerryHttpClient *client, PerryHttpRequest *request, const PerryHttpErrorRule *rules,
                   const char *what, GCancellable *cancellable, GError **error)
{
  g_auto (Upgrade) upgrade = { 0 };
  PerryHttpHijack *hijack;

  g_return_val_if_fail (client != NULL && request != NULL && what != NULL, NULL);

  if (!upgrade_start (&upgrade, client, request, cancellable, error))
    {
      g_prefix_error (error, "%s: ", what);
      return NULL;
    }
  if (!check_accepted (&upgrade, rules, what, error))
    return NULL;

  hijack = g_new0 (PerryHttpHijack, 1);
  hijack->status = upgrade.status;
  hijack->content_type = g_strdup (soup_message_headers_get_content_type (upgrade.headers, NULL));
  hijack->socket = g_steal_pointer (&upgrade.socket);
  hijack->early = g_steal_pointer (&upgrade.buffer);
  return hijack;
}
