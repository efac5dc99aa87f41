/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-registry-http.h"

#include <libsoup/soup.h>
#include <string.h>

#include "core/verification/perry-registry-digest.h"
#include "core/verification/perry-registry-endpoint.h"
#include "core/verification/perry-registry-proxy.h"
#include "plugin-api/perry-error.h"

#define MAX_IDLE_LANES 4
#define READ_SIZE (64 * 1024)

struct _PerryRegistryHttp {
  GTlsDatabase *own_authorities; /* NULL for none */
  GProxyResolver *proxies;       /* NULL for none */
  guint timeout_ms;
  GMutex lock;
  GPtrArray *idle_lanes;
};

/* A session with a context of its own, which runs while a call waits and at no other time: so a call may come from any
 * thread, and an application's main loop runs nothing of ours. */
typedef struct {
  GMainContext *context;
  SoupSession *session;
} Lane;

/* One request on its way. */
typedef struct {
  PerryRegistryHttp *http;
  const PerryRegistryHttpRequest *request;
  GCancellable *caller;
  GCancellable *cancellable; /* triggered by the caller's and by the deadline */
  gulong handler;
  GSource *timer;
  gboolean expired;
  Lane *lane;
  SoupMessage *message;
  GInputStream *stream;
  GAsyncResult *result; /* of what is being waited for */
  char *certificate_problem;
} Exchange;

PerryRegistryHttp *
perry_registry_http_new (const char *const *environment, const char *ca_file, guint timeout_ms, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  GTlsDatabase *authorities = NULL;
  PerryRegistryHttp *http;

  if (ca_file != NULL)
    authorities = g_tls_file_database_new (ca_file, &local_error);
  if (local_error != NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "the registries' CA file %s: %s; it has to be an "
                   "absolute path of certificates in PEM", ca_file, local_error->message);
      return NULL;
    }
  http = g_new0 (PerryRegistryHttp, 1);
  http->own_authorities = authorities;
  http->proxies = perry_registry_proxy_resolver_new (environment);
  http->timeout_ms = timeout_ms;
  http->idle_lanes = g_ptr_array_new ();
  g_mutex_init (&http->lock);
  return http;
}

static void
lane_free (Lane *lane)
{
  if (lane == NULL)
    return;
  g_main_context_push_thread_default (lane->context);
  soup_session_abort (lane->session);
  g_object_unref (lane->session);
  /* what was cancelled still has its last word to say */
  while (g_main_context_iteration (lane->context, FALSE))
    ;
  g_main_context_pop_thread_default (lane->context);
  g_main_context_unref (lane->context);
  g_free (lane);
}

void
perry_registry_http_free (PerryRegistryHttp *http)
{
  if (http == NULL)
    return;
  for (guint i = 0; i < http->idle_lanes->len; i++)
    lane_free (g_ptr_array_index (http->idle_lanes, i));
  g_ptr_array_unref (http->idle_lanes);
  g_clear_object (&http->own_authorities);
  g_clear_object (&http->proxies);
  g_mutex_clear (&http->lock);
  g_free (http);
}

void
perry_registry_http_reply_free (PerryRegistryHttpReply *reply)
{
  if (reply == NULL)
    return;
  g_free (reply->content_type);
  g_free (reply->digest);
  g_free (reply->location);
  g_free (reply->challenge);
  g_free (reply->retry_after);
  g_free (reply->link);
  g_clear_pointer (&reply->body, g_bytes_unref);
  g_free (reply);
}

/* Digests are those of the bytes as they were sent, so nothing may unpack them. */
static Lane *
lane_new (PerryRegistryHttp *http)
{
  Lane *lane = g_new0 (Lane, 1);

  lane->context = g_main_context_new ();
  g_main_context_push_thread_default (lane->context);
  lane->session = soup_session_new_with_options ("timeout", 0, "idle-timeout", 0, "user-agent", "perry-container",
                                                 "proxy-resolver", http->proxies, NULL);
  soup_session_remove_feature_by_type (lane->session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (lane->session, SOUP_TYPE_CONTENT_DECODER);
  g_main_context_pop_thread_default (lane->context);
  return lane;
}

static Lane *
acquire_lane (PerryRegistryHttp *http)
{
  Lane *lane = NULL;

  g_mutex_lock (&http->lock);
  if (http->idle_lanes->len > 0)
    lane = g_ptr_array_steal_index_fast (http->idle_lanes, http->idle_lanes->len - 1);
  g_mutex_unlock (&http->lock);
  return lane != NULL ? lane : lane_new (http);
}

static void
release_lane (PerryRegistryHttp *http, Lane *lane)
{
  g_mutex_lock (&http->lock);
  if (http->idle_lanes->len < MAX_IDLE_LANES)
    g_ptr_array_add (http->idle_lanes, g_steal_pointer (&lane));
  g_mutex_unlock (&http->lock);
  lane_free (lane);
}

static void
forward_cancel (GCancellable *caller, gpointer data)
{
  g_cancellable_cancel (data);
}

static gboolean
on_deadline (gpointer data)
{
  Exchange *exchange = data;

  exchange->expired = TRUE;
  g_cancellable_cancel (exchange->cancellable);
  return G_SOURCE_REMOVE;
}

static const char *
describe_problem (GTlsCertificateFlags flags)
{
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return "it is signed by an authority that is not trusted here; name that authority's certificate as the CA file";
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return "it is for another host";
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return "it has expired";
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return "it is not valid yet";
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return "it was revoked";
  return "it is not good enough";
}

/* What the system does not trust may be trusted by the CA file, with all that else has to be right. */
static gboolean
on_accept_certificate (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags flags, gpointer data)
{
  Exchange *exchange = data;
  GUri *uri = soup_message_get_uri (message);
  g_autoptr (GSocketConnectable) identity = g_network_address_new (g_uri_get_host (uri), 443);

  if (exchange->http->own_authorities != NULL)
    flags = g_tls_database_verify_chain (exchange->http->own_authorities, certificate,
                                         G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity, NULL,
                                         G_TLS_DATABASE_VERIFY_NONE, NULL, NULL);
  if (flags == 0)
    return TRUE;
  g_free (exchange->certificate_problem);
  exchange->certificate_problem = g_strdup (describe_problem (flags));
  return FALSE;
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;

  exchange->result = g_object_ref (result);
}

static GAsyncResult *
wait_for_result (Exchange *exchange)
{
  while (exchange->result == NULL)
    g_main_context_iteration (exchange->lane->context, TRUE);
  return g_steal_pointer (&exchange->result);
}

static gboolean
make_message (Exchange *exchange, GError **error)
{
  const PerryRegistryHttpRequest *request = exchange->request;
  SoupMessageHeaders *headers;

  exchange->message = soup_message_new (request->method, request->uri);
  if (exchange->message == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "the address is none that can be asked");
      return FALSE;
    }
  headers = soup_message_get_request_headers (exchange->message);
  soup_message_add_flags (exchange->message, SOUP_MESSAGE_NO_REDIRECT);
  if (request->accept != NULL)
    soup_message_headers_replace (headers, "Accept", request->accept);
  if (request->authorization != NULL)
    soup_message_headers_replace (headers, "Authorization", request->authorization);
  if (request->form != NULL)
    {
      g_autoptr (GBytes) body = g_bytes_new (request->form, strlen (request->form));

      soup_message_set_request_body_from_bytes (exchange->message, "application/x-www-form-urlencoded", body);
    }
  g_signal_connect (exchange->message, "accept-certificate", G_CALLBACK (on_accept_certificate), exchange);
  return TRUE;
}

/* Tells why a request has ended, from the outside in. */
static void
set_error (Exchange *exchange, const GError *foreign, GError **error)
{
  if (g_cancellable_is_cancelled (exchange->caller))
    g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "cancelled");
  else if (exchange->expired)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT, "no answer within %u ms", exchange->http->timeout_ms);
  else if (exchange->certificate_problem != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "the server's certificate is refused: %s",
                 exchange->certificate_problem);
  else
    {
      g_autofree char *shown = perry_registry_text_for_message (foreign->message);

      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, shown);
    }
}

static gboolean
start (Exchange *exchange, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) local_error = NULL;

  soup_session_send_async (exchange->lane->session, exchange->message, G_PRIORITY_DEFAULT, exchange->cancellable, on_done,
                           exchange);
  result = wait_for_result (exchange);
  exchange->stream = soup_session_send_finish (exchange->lane->session, result, &local_error);
  if (exchange->stream != NULL)
    return TRUE;
  set_error (exchange, local_error, error);
  return FALSE;
}

static GBytes *
read_body (Exchange *exchange, GError **error)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);
  gssize count;

  do
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) local_error = NULL;

      g_input_stream_read_async (exchange->stream, buffer, READ_SIZE, G_PRIORITY_DEFAULT, exchange->cancellable, on_done,
                                 exchange);
      result = wait_for_result (exchange);
      count = g_input_stream_read_finish (exchange->stream, result, &local_error);
      if (count < 0)
        {
          set_error (exchange, local_error, error);
          return NULL;
        }
      if ((gsize) count > exchange->request->max_body - body->len)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED,
                       "the answer has more than %" G_GSIZE_FORMAT " bytes", exchange->request->max_body);
          return NULL;
        }
      g_byte_array_append (body, buffer, (guint) count);
    }
  while (count > 0);
  return g_byte_array_free_to_bytes (g_steal_pointer (&body));
}

/* A header that is there twice becomes a list, which no reader takes for one value. */
static PerryRegistryHttpReply *
reply_new (SoupMessage *message, GBytes *body)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  PerryRegistryHttpReply *reply = g_new0 (PerryRegistryHttpReply, 1);

  reply->status = soup_message_get_status (message);
  reply->content_type = g_strdup (soup_message_headers_get_list (headers, "Content-Type"));
  reply->digest = g_strdup (soup_message_headers_get_list (headers, "Docker-Content-Digest"));
  reply->location = g_strdup (soup_message_headers_get_list (headers, "Location"));
  reply->challenge = g_strdup (soup_message_headers_get_list (headers, "WWW-Authenticate"));
  reply->retry_after = g_strdup (soup_message_headers_get_list (headers, "Retry-After"));
  reply->link = g_strdup (soup_message_headers_get_list (headers, "Link"));
  reply->body = g_bytes_ref (body);
  return reply;
}

static void
exchange_begin (Exchange *exchange, PerryRegistryHttp *http, const PerryRegistryHttpRequest *request,
                GCancellable *cancellable)
{
  exchange->http = http;
  exchange->request = request;
  exchange->caller = cancellable;
  exchange->cancellable = g_cancellable_new ();
  exchange->lane = acquire_lane (http);
  if (cancellable != NULL)
    exchange->handler = g_cancellable_connect (cancellable, G_CALLBACK (forward_cancel),
                                               g_object_ref (exchange->cancellable), g_object_unref);
  exchange->timer = g_timeout_source_new (http->timeout_ms);
  g_source_set_callback (exchange->timer, on_deadline, exchange, NULL);
  g_source_attach (exchange->timer, exchange->lane->context);
  g_main_context_push_thread_default (exchange->lane->context);
}

/* A lane whose last reply was not read to its end is of no use any more. */
static void
exchange_end (Exchange *exchange, gboolean complete)
{
  if (exchange->message != NULL)
    g_signal_handlers_disconnect_by_data (exchange->message, exchange);
  g_clear_object (&exchange->stream);
  g_clear_object (&exchange->message);
  g_source_destroy (exchange->timer);
  g_source_unref (exchange->timer);
  g_main_context_pop_thread_default (exchange->lane->context);
  if (complete)
    release_lane (exchange->http, exchange->lane);
  else
    lane_free (exchange->lane);
  g_cancellable_disconnect (exchange->caller, exchange->handler);
  g_object_unref (exchange->cancellable);
  g_free (exchange->certificate_problem);
}

PerryRegistryHttpReply *
perry_registry_http_send (PerryRegistryHttp *http, const PerryRegistryHttpRequest *request, GCancellable *cancellable,
                          GError **error)
{
  Exchange exchange = { 0 };
  g_autoptr (GBytes) body = NULL;
  PerryRegistryHttpReply *reply = NULL;

  exchange_begin (&exchange, http, request, cancellable);
  if (make_message (&exchange, error) && start (&exchange, error))
    body = read_body (&exchange, error);
  if (body != NULL)
    reply = reply_new (exchange.message, body);
  exchange_end (&exchange, reply != NULL);
  return reply;
}
