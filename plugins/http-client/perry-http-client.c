/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-client-private.h"

#include <gio/gunixsocketaddress.h>
#include <libsoup/soup.h>
#include <sys/socket.h>

#include "plugins/http-client/perry-http-connect.h"
#include "plugins/http-client/perry-http-reply-private.h"

/* A session serves one call at a time, so these are only there to stay clear of libsoup's default of two. */
#define MAX_CONNECTIONS 64
#define MAX_IDLE_LANES 8
#define READ_SIZE (64 * 1024)

struct _PerryHttpClient {
  char *socket_path;
  GSocketConnectable *address;
  PerryHttpAlarm *alarm;
  GMutex lock;
  GPtrArray *idle_lanes;
};

/* A session that serves one call at a time. libsoup attaches sources to the thread's default context and aborts the
 * process when a call goes on under another one than it began under. A lane has a context of its own, which never runs,
 * so that threads and their contexts don't matter and nothing of ours is called from an application's main loop. */
typedef struct {
  SoupSession *session;
  GMainContext *context;
  /* The newest connection, which is the one in use: there is never more than one that is open. */
  GSocket *socket;
} Lane;

/* One request on its way. */
typedef struct {
  PerryHttpClient *client;
  PerryHttpRequest *request;
  Lane *lane;
  SoupMessage *message;
  GInputStream *stream;
  gboolean connecting;
  PerryHttpDeadline deadline;
} Exchange;

typedef struct {
  PerryHttpBody public;
  char *description;
  Lane *lane;
  SoupMessage *message;
  GInputStream *stream;
} OpenBody;

static void
lane_free (gpointer data)
{
  Lane *lane = data;

  if (lane == NULL)
    return;
  g_main_context_push_thread_default (lane->context);
  g_object_unref (lane->session);
  g_main_context_pop_thread_default (lane->context);
  g_main_context_unref (lane->context);
  g_clear_object (&lane->socket);
  g_free (lane);
}

/* Closes a reply and its connection, if there is one, without reading what is left: libsoup 3.2 does not read it when
 * the stream is closed, and after this none can. */
static void
lane_drop (Lane *lane, GInputStream **stream, SoupMessage **message)
{
  if (lane == NULL)
    return;
  g_main_context_push_thread_default (lane->context);
  if (*stream != NULL && lane->socket != NULL)
    g_socket_shutdown (lane->socket, TRUE, TRUE, NULL);
  g_clear_object (stream);
  g_clear_object (message);
  g_main_context_pop_thread_default (lane->context);
}

PerryHttpClient *
perry_http_client_new (const char *socket_path)
{
  PerryHttpClient *client;

  g_return_val_if_fail (socket_path != NULL, NULL);

  client = g_new0 (PerryHttpClient, 1);
  client->socket_path = g_strdup (socket_path);
  client->address = G_SOCKET_CONNECTABLE (g_unix_socket_address_new (socket_path));
  client->alarm = perry_http_alarm_new ();
  client->idle_lanes = g_ptr_array_new_with_free_func (lane_free);
  g_mutex_init (&client->lock);
  return client;
}

void
perry_http_client_free (PerryHttpClient *client)
{
  if (client == NULL)
    return;

  g_ptr_array_unref (client->idle_lanes);
  perry_http_alarm_free (client->alarm);
  g_mutex_clear (&client->lock);
  g_object_unref (client->address);
  g_free (client->socket_path);
  g_free (client);
}

const char *
perry_http_client_get_socket_path (const PerryHttpClient *client)
{
  g_return_val_if_fail (client != NULL, NULL);

  return client->socket_path;
}

PerryHttpAlarm *
perry_http_client_get_alarm (PerryHttpClient *client)
{
  return client->alarm;
}

GSocket *
perry_http_client_connect (PerryHttpClient *client, GCancellable *cancellable, GError **error)
{
  PerryHttpConnectWait wait = { 0 };
  GError *local_error = NULL;

  if (!perry_http_connect_check_path (client->socket_path, error))
    return NULL;
  do
    {
      g_autoptr (GSocket) socket = NULL;

      g_clear_error (&local_error);
      socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &local_error);
      if (socket != NULL && g_socket_connect (socket, G_SOCKET_ADDRESS (client->address), cancellable, &local_error))
        return g_steal_pointer (&socket);
    }
  while (perry_http_connect_wait (&wait, local_error, cancellable));
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_clear_error (&local_error);
      g_cancellable_set_error_if_cancelled (cancellable, &local_error);
    }
  perry_http_connect_set_error (client->socket_path, local_error, error);
  return NULL;
}

void
perry_http_client_set_io_error (PerryHttpClient *client, const PerryHttpRequest *request, GError *foreign,
                                GError **error)
{
  PerryError fallback = PERRY_ERROR_BACKEND_LOST;

  if (foreign->domain == SOUP_SESSION_ERROR
      && (foreign->code == SOUP_SESSION_ERROR_PARSING || foreign->code == SOUP_SESSION_ERROR_ENCODING))
    fallback = PERRY_ERROR_BACKEND_PROTOCOL;
  else if (request->upload != NULL)
    fallback = PERRY_ERROR_FAILED;
  perry_error_propagate_foreign (error, foreign, fallback, "%s at %s", perry_http_request_describe (request),
                                 client->socket_path);
}

static Lane *
lane_new (PerryHttpClient *client)
{
  Lane *lane = g_new0 (Lane, 1);

  lane->context = g_main_context_new ();
  g_main_context_push_thread_default (lane->context);
  lane->session = g_object_new (SOUP_TYPE_SESSION, "remote-connectable", client->address, "proxy-resolver", NULL,
                                "timeout", 0, "idle-timeout", 0, "max-conns", MAX_CONNECTIONS, "max-conns-per-host",
                                MAX_CONNECTIONS, "user-agent", "perry-container", NULL);
  soup_session_remove_feature_by_type (lane->session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (lane->session, SOUP_TYPE_CONTENT_DECODER);
  g_main_context_pop_thread_default (lane->context);
  return lane;
}

static Lane *
acquire_lane (PerryHttpClient *client)
{
  Lane *lane = NULL;

  g_mutex_lock (&client->lock);
  if (client->idle_lanes->len > 0)
    lane = g_ptr_array_steal_index_fast (client->idle_lanes, client->idle_lanes->len - 1);
  g_mutex_unlock (&client->lock);
  return lane != NULL ? lane : lane_new (client);
}

/* A connection that was made for one request is not kept, or a session would collect them. */
static void
release_lane (PerryHttpClient *client, Lane *lane, gboolean keep_connection)
{
  if (!keep_connection)
    {
      g_main_context_push_thread_default (lane->context);
      soup_session_abort (lane->session);
      g_main_context_pop_thread_default (lane->context);
      g_clear_object (&lane->socket);
    }
  g_mutex_lock (&client->lock);
  if (client->idle_lanes->len < MAX_IDLE_LANES)
    g_ptr_array_add (client->idle_lanes, g_steal_pointer (&lane));
  g_mutex_unlock (&client->lock);
  lane_free (lane);
}

static void
on_network_event (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, gpointer user_data)
{
  Exchange *exchange = user_data;

  if (event == G_SOCKET_CLIENT_CONNECTING)
    exchange->connecting = TRUE;
  if (event != G_SOCKET_CLIENT_COMPLETE || !G_IS_SOCKET_CONNECTION (connection))
    return;
  exchange->connecting = FALSE;
  g_set_object (&exchange->lane->socket, g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection)));
}

/* libsoup before 3.7 takes a chunked reply that is cut off between two chunks for a complete one. A complete one leaves
 * the connection open, unless the engine has said otherwise. */
static gboolean
is_cut_off (SoupMessage *message, GSocket *socket)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  char byte;

  if (socket == NULL || soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CHUNKED
      || soup_message_headers_header_contains (headers, "Connection", "close"))
    return FALSE;
  return recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void
set_cut_off_error (const char *description, GError **error)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST,
               "%s: the engine closed the connection in the middle of its reply", description);
}

static void
exchange_drop_message (Exchange *exchange)
{
  if (exchange->message != NULL)
    g_signal_handlers_disconnect_by_data (exchange->message, exchange);
  lane_drop (exchange->lane, &exchange->stream, &exchange->message);
  g_clear_object (&exchange->message);
}

static void
exchange_clear (Exchange *exchange)
{
  exchange_drop_message (exchange);
  g_clear_pointer (&exchange->lane, lane_free);
  perry_http_deadline_clear (&exchange->deadline);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Exchange, exchange_clear)

static SoupMessage *
make_message (const PerryHttpRequest *request)
{
  g_autofree char *target = perry_http_request_dup_target (request);
  g_autofree char *uri = g_strconcat ("http://" PERRY_HTTP_HOST, target, NULL);
  SoupMessage *message = soup_message_new (request->method, uri);
  SoupMessageHeaders *headers;

  if (message == NULL)
    return NULL;
  headers = soup_message_get_request_headers (message);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (!perry_http_request_is_safe (request))
    soup_message_add_flags (message, SOUP_MESSAGE_NEW_CONNECTION);
  for (guint i = 0; i < request->headers->len; i++)
    {
      const PerryHttpHeader *header = &g_array_index (request->headers, PerryHttpHeader, i);

      soup_message_headers_append (headers, header->name, header->value);
    }
  if (request->body != NULL)
    soup_message_set_request_body_from_bytes (message, request->content_type, request->body);
  else if (request->upload != NULL)
    soup_message_set_request_body (message, request->content_type, request->upload, -1);
  return message;
}

static gboolean
exchange_make_message (Exchange *exchange, GError **error)
{
  exchange_drop_message (exchange);
  exchange->message = make_message (exchange->request);
  if (exchange->message == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "%s cannot be written as a request",
                   perry_http_request_describe (exchange->request));
      return FALSE;
    }
  g_signal_connect (exchange->message, "network-event", G_CALLBACK (on_network_event), exchange);
  return TRUE;
}

static void
exchange_send_once (Exchange *exchange, GError **error)
{
  exchange->connecting = FALSE;
  g_main_context_push_thread_default (exchange->lane->context);
  exchange->stream = soup_session_send (exchange->lane->session, exchange->message, exchange->deadline.cancellable,
                                        error);
  g_main_context_pop_thread_default (exchange->lane->context);
}

/* Sends the request and waits for the reply's head. While there is no connection nothing was sent, so that this is tried
 * again without doing anything twice. */
static gboolean
exchange_start (Exchange *exchange, PerryHttpClient *client, PerryHttpRequest *request, gboolean own_lane,
                GCancellable *cancellable, GError **error)
{
  PerryHttpConnectWait wait = { 0 };
  GError *local_error = NULL;

  exchange->client = client;
  exchange->request = request;
  if (!perry_http_request_begin (request, error) || !perry_http_connect_check_path (client->socket_path, error))
    return FALSE;
  perry_http_deadline_init (&exchange->deadline, client->alarm, request->deadline_ms, cancellable);
  if (!perry_http_deadline_check (&exchange->deadline, perry_http_request_describe (request), error))
    return FALSE;

  exchange->lane = own_lane ? lane_new (client) : acquire_lane (client);
  do
    {
      g_clear_error (&local_error);
      if (!exchange_make_message (exchange, error))
        return FALSE;
      exchange_send_once (exchange, &local_error);
      if (exchange->stream != NULL)
        return TRUE;
    }
  while (exchange->connecting && perry_http_connect_wait (&wait, local_error, exchange->deadline.cancellable));
  if (!perry_http_deadline_check (&exchange->deadline, perry_http_request_describe (request), error))
    g_error_free (local_error);
  else if (exchange->connecting)
    perry_http_connect_set_error (client->socket_path, local_error, error);
  else
    perry_http_client_set_io_error (client, request, local_error, error);
  return FALSE;
}

/* Under the lane's context. */
static GBytes *
exchange_read_body (Exchange *exchange, GError **error)
{
  const char *description = perry_http_request_describe (exchange->request);
  g_autoptr (GByteArray) body = g_byte_array_new ();
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);
  GError *local_error = NULL;
  gssize count;

  while ((count = g_input_stream_read (exchange->stream, buffer, READ_SIZE, exchange->deadline.cancellable,
                                       &local_error)) > 0)
    {
      if ((gsize) count > exchange->request->max_body - body->len)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                       "%s: the engine's reply is larger than %" G_GSIZE_FORMAT " bytes", description,
                       exchange->request->max_body);
          return NULL;
        }
      g_byte_array_append (body, buffer, (guint) count);
    }
  if (count == 0 && !is_cut_off (exchange->message, exchange->lane->socket))
    return g_byte_array_free_to_bytes (g_steal_pointer (&body));
  if (count == 0)
    set_cut_off_error (description, error);
  else if (!perry_http_deadline_check (&exchange->deadline, description, error))
    g_error_free (local_error);
  else
    perry_http_client_set_io_error (exchange->client, exchange->request, local_error, error);
  return NULL;
}

/* Reads the reply to its end; the lane is fit for another call after that and only after that. */
static PerryHttpReply *
exchange_finish (Exchange *exchange, gboolean reuse_lane, GError **error)
{
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autoptr (GBytes) body = NULL;

  g_main_context_push_thread_default (exchange->lane->context);
  body = exchange_read_body (exchange, error);
  if (body != NULL)
    {
      reply = perry_http_reply_new (soup_message_get_status (exchange->message),
                                    soup_message_get_response_headers (exchange->message));
      g_input_stream_close (exchange->stream, NULL, NULL);
      g_clear_object (&exchange->stream);
    }
  g_main_context_pop_thread_default (exchange->lane->context);

  if (body == NULL)
    return NULL;
  if (reuse_lane)
    release_lane (exchange->client, g_steal_pointer (&exchange->lane),
                  perry_http_request_is_safe (exchange->request));
  if (!perry_http_reply_complete (reply, exchange->request, body, error))
    return NULL;
  return g_steal_pointer (&reply);
}

PerryHttpReply *
perry_http_client_send (PerryHttpClient *client, PerryHttpRequest *request, GCancellable *cancellable, GError **error)
{
  g_auto (Exchange) exchange = { 0 };

  g_return_val_if_fail (client != NULL && request != NULL, NULL);

  if (!exchange_start (&exchange, client, request, FALSE, cancellable, error))
    return NULL;
  return exchange_finish (&exchange, TRUE, error);
}

PerryHttpReply *
perry_http_client_call (PerryHttpClient *client, PerryHttpRequest *request, const PerryHttpErrorRule *rules,
                        const char *what, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryHttpRequest) owned = request;
  g_autoptr (PerryHttpReply) reply = NULL;

  g_return_val_if_fail (client != NULL && request != NULL && what != NULL, NULL);

  reply = perry_http_client_send (client, owned, cancellable, error);
  if (reply == NULL)
    {
      g_prefix_error (error, "%s: ", what);
      return NULL;
    }
  if (!perry_http_reply_check (reply, rules, what, error))
    return NULL;
  return g_steal_pointer (&reply);
}

PerryHttpBody *
perry_http_client_open (PerryHttpClient *client, PerryHttpRequest *request, const PerryHttpErrorRule *rules,
                        const char *what, GCancellable *cancellable, GError **error)
{
  g_auto (Exchange) exchange = { 0 };
  OpenBody *body;

  g_return_val_if_fail (client != NULL && request != NULL && what != NULL, NULL);

  if (!exchange_start (&exchange, client, request, TRUE, cancellable, error))
    {
      g_prefix_error (error, "%s: ", what);
      return NULL;
    }
  if (soup_message_get_status (exchange.message) >= 400)
    {
      g_autoptr (PerryHttpReply) reply = exchange_finish (&exchange, FALSE, error);

      if (reply == NULL)
        g_prefix_error (error, "%s: ", what);
      else
        perry_http_reply_check (reply, rules, what, error);
      return NULL;
    }

  g_signal_handlers_disconnect_by_data (exchange.message, &exchange);
  body = g_new0 (OpenBody, 1);
  body->public.status = soup_message_get_status (exchange.message);
  body->public.content_type = g_strdup (soup_message_headers_get_content_type (
      soup_message_get_response_headers (exchange.message), NULL));
  body->description = g_strdup (perry_http_request_describe (request));
  body->lane = g_steal_pointer (&exchange.lane);
  body->message = g_steal_pointer (&exchange.message);
  body->stream = g_steal_pointer (&exchange.stream);
  return &body->public;
}

/* Waits for the socket; the stream above it has nothing buffered when it says that it would block. */
static gboolean
wait_for_data (OpenBody *body, gint64 until, GCancellable *cancellable, GError **error)
{
  gint64 left = until < 0 ? -1 : MAX (until - g_get_monotonic_time (), 0);
  GError *local_error = NULL;

  if (left != 0 && g_socket_condition_timed_wait (body->lane->socket, G_IO_IN, left, cancellable, &local_error))
    return TRUE;
  if (left == 0 || g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      g_clear_error (&local_error);
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT, "%s: nothing arrived in time", body->description);
      return FALSE;
    }
  perry_error_propagate_foreign (error, local_error, PERRY_ERROR_BACKEND_LOST, "%s", body->description);
  return FALSE;
}

static gssize
read_arrived (OpenBody *body, void *buffer, gsize size, GCancellable *cancellable, GError **error)
{
  gssize count;

  g_main_context_push_thread_default (body->lane->context);
  count = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (body->stream), buffer, size, cancellable,
                                                    error);
  g_main_context_pop_thread_default (body->lane->context);
  return count;
}

gssize
perry_http_body_read (PerryHttpBody *body, void *buffer, gsize size, int timeout_ms, GCancellable *cancellable,
                      GError **error)
{
  OpenBody *open = (OpenBody *) body;
  gint64 until = timeout_ms < 0 ? -1 : g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;

  g_return_val_if_fail (body != NULL && buffer != NULL && size > 0, -1);

  for (;;)
    {
      g_autoptr (GError) local_error = NULL;
      gssize count = read_arrived (open, buffer, size, cancellable, &local_error);

      if (count == 0 && is_cut_off (open->message, open->lane->socket))
        {
          set_cut_off_error (open->description, error);
          return -1;
        }
      if (count >= 0)
        return count;
      if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          perry_error_propagate_foreign (error, g_steal_pointer (&local_error), PERRY_ERROR_BACKEND_LOST, "%s",
                                         open->description);
          return -1;
        }
      if (!wait_for_data (open, until, cancellable, error))
        return -1;
    }
}

void
perry_http_body_free (PerryHttpBody *body)
{
  OpenBody *open = (OpenBody *) body;

  if (body == NULL)
    return;

  lane_drop (open->lane, &open->stream, &open->message);
  lane_free (open->lane);
  g_free (open->public.content_type);
  g_free (open->description);
  g_free (open);
}

gboolean
perry_http_client_get_peer_pid (PerryHttpClient *client, gint64 *ret_pid, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GCredentials) credentials = NULL;
  g_autoptr (GError) local_error = NULL;
  pid_t pid = -1;

  g_return_val_if_fail (client != NULL && ret_pid != NULL, FALSE);

  socket = perry_http_client_connect (client, cancellable, error);
  if (socket == NULL)
    return FALSE;
  credentials = g_socket_get_credentials (socket, &local_error);
  if (credentials != NULL)
    pid = g_credentials_get_unix_pid (credentials, NULL);
  if (pid <= 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED,
                   "the process that listens on %s is not in this pid namespace", client->socket_path);
      return FALSE;
    }
  *ret_pid = pid;
  return TRUE;
}
