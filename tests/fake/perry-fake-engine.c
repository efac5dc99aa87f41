/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fake/perry-fake-private.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_KEPT_BODY (1024 * 1024)
#define FLOOD_BLOCK (256 * 1024)

typedef struct {
  PerryFakeRule rule;
  char *method;
  char *body;
  char *content_type;
  char *raw;
  GRegex *path;
  guint left;
  guint to_skip;
} Rule;

typedef struct {
  GByteArray *kept;
  gsize size;
} Upload;

/* What a thread sends on a connection that was taken. */
typedef struct {
  GSocketConnection *connection;
  const char *const *parts;
  gsize n_parts;
  const char *flood;
  gsize flood_size;
  guint n_floods;
} Sender;

static void
rule_free (gpointer data)
{
  Rule *rule = data;

  g_free (rule->method);
  g_free (rule->body);
  g_free (rule->content_type);
  g_free (rule->raw);
  g_regex_unref (rule->path);
  g_free (rule);
}

static void
request_free (gpointer data)
{
  PerryFakeRequest *request = data;

  g_free (request->method);
  g_free (request->path);
  g_free (request->query);
  g_free (request->content_type);
  g_bytes_unref (request->body);
  g_free (request);
}

static PerryFakeRequest *
request_copy (const PerryFakeRequest *request)
{
  PerryFakeRequest *copy = g_new0 (PerryFakeRequest, 1);

  copy->method = g_strdup (request->method);
  copy->path = g_strdup (request->path);
  copy->query = g_strdup (request->query);
  copy->content_type = g_strdup (request->content_type);
  copy->body_size = request->body_size;
  copy->body = g_bytes_ref (request->body);
  copy->arrived_at = request->arrived_at;
  return copy;
}

static GRegex *
compile_path (const char *path)
{
  g_autofree char *pattern = g_strdup_printf ("^(?:%s)$", path);
  GError *error = NULL;
  GRegex *regex = g_regex_new (pattern, 0, 0, &error);

  g_assert_no_error (error);
  return regex;
}

/* Skips what every path of the dialect begins with. */
static const char *
skip_prefix (const char *path)
{
  if (g_str_has_prefix (path, "/v") && g_ascii_isdigit (path[2]))
    path += 2 + strspn (path + 2, "0123456789.");
  if (g_str_has_prefix (path, "/libpod/"))
    path += strlen ("/libpod");
  return path;
}

/* What rules are written in. */
static char *
dup_short_path (const char *path)
{
  char *decoded = g_uri_unescape_string (skip_prefix (path), NULL);

  return decoded != NULL ? decoded : g_strdup (path);
}

/* An encoded slash is part of its segment. */
static char **
split_path (const char *path)
{
  const char *rest = skip_prefix (path);
  char **segments = g_strsplit (rest + (rest[0] == '/'), "/", -1);

  for (char **segment = segments; *segment != NULL; segment++)
    {
      char *decoded = g_uri_unescape_string (*segment, NULL);

      if (decoded == NULL)
        continue;
      g_free (*segment);
      *segment = decoded;
    }
  return segments;
}

static gboolean
request_matches (const PerryFakeRequest *request, const char *method, GRegex *path)
{
  g_autofree char *short_path = dup_short_path (request->path);

  return (method == NULL || strcmp (method, request->method) == 0) && g_regex_match (path, short_path, 0, NULL);
}

/* Finds the rule for a request and counts it. */
static gboolean
take_rule (PerryFakeEngine *engine, const PerryFakeRequest *request, PerryFakeRule *ret_rule)
{
  for (guint i = engine->rules->len; i > 0; i--)
    {
      Rule *rule = g_ptr_array_index (engine->rules, i - 1);

      if ((rule->rule.times > 0 && rule->left == 0) || !request_matches (request, rule->method, rule->path))
        continue;
      if (rule->to_skip > 0)
        {
          rule->to_skip--;
          continue;
        }
      if (rule->left > 0)
        rule->left--;
      *ret_rule = rule->rule;
      return TRUE;
    }
  return FALSE;
}

void
perry_fake_call_add_headers (PerryFakeEngine *engine, SoupMessageHeaders *headers)
{
  static const char *const servers[] = { "Docker/20.10.24+dfsg1 (linux)", "Docker/26.1.5+dfsg1 (linux)",
                                         "Docker/28.5.2+dfsg4 (linux)",   "Libpod/4.3.1 (linux)",
                                         "Libpod/5.4.2 (linux)",          "Libpod/5.8.6 (linux)",
                                         "Libpod/6.1.1 (linux)" };
  static const char *const libpod_versions[] = { NULL, NULL, NULL, "4.3.1", "5.4.2", "5.8.6", "6.1.1" };

  soup_message_headers_replace (headers, "Server", servers[engine->dialect]);
  soup_message_headers_append (headers, "Api-Version", perry_fake_engine_get_api_version (engine));
  if (libpod_versions[engine->dialect] != NULL)
    soup_message_headers_append (headers, "Libpod-Api-Version", libpod_versions[engine->dialect]);
  /* Podman 4.3.1 does not say. */
  if (engine->dialect != PERRY_FAKE_PODMAN_4)
    soup_message_headers_append (headers, "Ostype", "linux");
}

/* What libsoup gives is a stream of its own around the connection, which closes the socket when it goes. */
GSocketConnection *
perry_fake_call_steal (PerryFakeCall *call)
{
  GSocket *socket = soup_server_message_get_socket (call->message);
  GSocketConnection *connection = g_socket_connection_factory_create_connection (socket);

  g_object_set_data_full (G_OBJECT (connection), "stolen", soup_server_message_steal_connection (call->message),
                          g_object_unref);
  call->message = NULL;
  call->taken = TRUE;
  g_ptr_array_add (call->engine->stolen, g_object_ref (connection));
  return connection;
}

void
perry_fake_engine_start_thread (PerryFakeEngine *engine, const char *name, GThreadFunc function, gpointer data)
{
  g_ptr_array_add (engine->threads, g_thread_new (name, function, data));
}

static void
shut_down (GSocketConnection *connection)
{
  g_socket_shutdown (g_socket_connection_get_socket (connection), TRUE, TRUE, NULL);
}

static void
write_all (GSocketConnection *connection, const char *data, gsize size)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), data, size, NULL, NULL, NULL);
}

static gpointer
flood_thread (gpointer data)
{
  Sender *sender = data;
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (sender->connection));
  g_autoptr (GByteArray) block = g_byte_array_new ();
  guint n_in_block = (guint) (FLOOD_BLOCK / sender->flood_size);
  guint left = sender->n_floods;

  for (guint i = 0; i < n_in_block; i++)
    g_byte_array_append (block, (const guint8 *) sender->flood, (guint) sender->flood_size);
  while (sender->n_floods == 0 || left > 0)
    {
      guint n = sender->n_floods == 0 ? n_in_block : MIN (left, n_in_block);

      if (!g_output_stream_write_all (output, block->data, n * sender->flood_size, NULL, NULL, NULL))
        break;
      left -= MIN (left, n);
    }
  if (sender->n_floods > 0)
    shut_down (sender->connection);
  g_object_unref (sender->connection);
  g_free (sender);
  return NULL;
}

static gpointer
parts_thread (gpointer data)
{
  Sender *sender = data;
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (sender->connection));
  char rest[64];

  for (gsize i = 0; i < sender->n_parts; i++)
    {
      if (i > 0)
        g_usleep (20 * 1000);
      write_all (sender->connection, sender->parts[i], strlen (sender->parts[i]));
    }
  while (g_input_stream_read (input, rest, sizeof rest, NULL, NULL) > 0)
    continue;
  g_object_unref (sender->connection);
  g_free (sender);
  return NULL;
}

static void
send_raw (PerryFakeCall *call, const PerryFakeRule *rule)
{
  g_autoptr (GSocketConnection) connection = perry_fake_call_steal (call);
  Sender *sender;

  if (rule->raw != NULL)
    write_all (connection, rule->raw, rule->raw_size);
  if (!rule->repeat_raw && rule->raw_parts == NULL)
    {
      shut_down (connection);
      return;
    }
  sender = g_new0 (Sender, 1);
  sender->connection = g_steal_pointer (&connection);
  sender->parts = rule->raw_parts;
  sender->n_parts = rule->n_raw_parts;
  sender->flood = rule->flood != NULL ? rule->flood : "x";
  sender->flood_size = rule->flood != NULL ? rule->flood_size : 1;
  sender->n_floods = rule->n_floods;
  if (rule->raw_parts != NULL)
    perry_fake_engine_start_thread (call->engine, "fake-parts", parts_thread, sender);
  else
    perry_fake_engine_start_thread (call->engine, "fake-flood", flood_thread, sender);
}

static void
send_truncated (PerryFakeCall *call, gsize size)
{
  g_autofree char *head = g_strdup_printf ("HTTP/1.1 %u X\r\nContent-Type: %s\r\nContent-Length: %" G_GSIZE_FORMAT
                                           "\r\n\r\n", call->status, call->content_type, call->reply_size);
  g_autoptr (GSocketConnection) connection = perry_fake_call_steal (call);

  write_all (connection, head, strlen (head));
  write_all (connection, call->reply, MIN (size, call->reply_size));
  shut_down (connection);
}

static void
close_finished (SoupServerMessage *message, gpointer user_data)
{
  GSocket *socket = user_data;

  g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

static void
send_reply (PerryFakeCall *call)
{
  perry_fake_call_add_headers (call->engine, soup_server_message_get_response_headers (call->message));
  soup_server_message_set_status (call->message, call->status, NULL);
  if (call->reply != NULL)
    soup_server_message_set_response (call->message, call->content_type, SOUP_MEMORY_COPY, call->reply,
                                      call->reply_size);
}

static gboolean
unpause (gpointer data)
{
  soup_server_message_unpause (data);
  return G_SOURCE_REMOVE;
}

static void
delay_reply (PerryFakeCall *call, guint delay_ms)
{
  g_autoptr (GSource) source = g_timeout_source_new (delay_ms);

  soup_server_message_pause (call->message);
  g_source_set_callback (source, unpause, g_object_ref (call->message), g_object_unref);
  g_source_attach (source, call->engine->context);
}

/* The reply or the fault that a rule asks for; with the lock held. */
static void
apply_rule (PerryFakeCall *call, const PerryFakeRule *rule)
{
  if (call->taken)
    return;
  if (rule->status != 0)
    {
      g_clear_pointer (&call->reply, g_free);
      call->status = rule->status;
      call->reply = g_strdup (rule->body);
      call->reply_size = rule->body != NULL ? strlen (rule->body) : 0;
      call->content_type = rule->content_type != NULL ? rule->content_type : "application/json";
    }
  if (rule->raw != NULL || rule->raw_parts != NULL)
    send_raw (call, rule);
  else if (rule->close)
    {
      g_autoptr (GSocketConnection) connection = perry_fake_call_steal (call);

      shut_down (connection);
    }
  else if (rule->truncate > 0)
    send_truncated (call, rule->truncate);
  if (call->taken)
    return;
  if (rule->close_when_idle)
    g_signal_connect_data (call->message, "finished", G_CALLBACK (close_finished),
                           g_object_ref (soup_server_message_get_socket (call->message)),
                           (GClosureNotify) (void (*) (void)) g_object_unref, 0);
  if (rule->delay_ms > 0)
    delay_reply (call, rule->delay_ms);
}

static PerryFakeRequest *
take_request (SoupServerMessage *message)
{
  GUri *uri = soup_server_message_get_uri (message);
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  Upload *upload = g_object_get_data (G_OBJECT (message), "fake-upload");
  PerryFakeRequest *request = g_new0 (PerryFakeRequest, 1);

  request->method = g_strdup (soup_server_message_get_method (message));
  request->path = g_strdup (g_uri_get_path (uri));
  request->query = g_strdup (g_uri_get_query (uri));
  request->content_type = g_strdup (soup_message_headers_get_content_type (headers, NULL));
  request->body_size = upload->size;
  request->body = g_bytes_new (upload->kept->data, upload->kept->len);
  request->arrived_at = g_get_monotonic_time ();
  return request;
}

static void
call_clear (PerryFakeCall *call)
{
  g_strfreev (call->segments);
  g_clear_pointer (&call->body, json_node_unref);
  g_free (call->reply);
}

static void
answer (PerryFakeCall *call)
{
  PerryFakeEngine *engine = call->engine;
  PerryFakeRule rule = { 0 };
  gboolean ruled;

  call->segments = split_path (call->request->path);
  call->n_segments = g_strv_length (call->segments);
  ruled = take_rule (engine, call->request, &rule);
  if (!ruled || rule.act_first || (rule.status == 0 && rule.raw == NULL && rule.raw_parts == NULL && !rule.close))
    perry_fake_route (call);
  if (ruled)
    apply_rule (call, &rule);
  g_cond_broadcast (&engine->changed);
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  PerryFakeEngine *engine = user_data;
  PerryFakeRequest *request = take_request (message);
  PerryFakeCall call = { .engine = engine, .message = message, .request = request, .query = query, .status = 404 };
  gsize size;
  const char *body = g_bytes_get_data (request->body, &size);
  PerryFakeHook hook;
  gpointer hook_data;

  if (size > 0 && g_strcmp0 (request->content_type, "application/json") == 0)
    {
      g_autofree char *text = g_strndup (body, size);

      call.body = json_from_string (text, NULL);
    }

  g_mutex_lock (&engine->lock);
  g_ptr_array_add (engine->requests, request_copy (request));
  g_object_ref (message);
  answer (&call);
  hook = engine->hook;
  hook_data = engine->hook_data;
  if (!call.taken)
    send_reply (&call);
  g_mutex_unlock (&engine->lock);

  if (hook != NULL)
    hook (engine, request, hook_data);
  g_object_unref (message);
  call_clear (&call);
  request_free (request);
}

static void
upload_free (gpointer data)
{
  Upload *upload = data;

  g_byte_array_unref (upload->kept);
  g_free (upload);
}

static void
on_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  Upload *upload = user_data;
  gsize size;
  const guint8 *data = g_bytes_get_data (chunk, &size);

  upload->size += size;
  if (size > 0 && upload->kept->len < MAX_KEPT_BODY)
    g_byte_array_append (upload->kept, data, (guint) MIN (size, MAX_KEPT_BODY - upload->kept->len));
}

/* Bodies may be large, so only their beginning is kept. */
static void
on_early_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
                  gpointer user_data)
{
  Upload *upload = g_new0 (Upload, 1);

  upload->kept = g_byte_array_new ();
  g_object_set_data_full (G_OBJECT (message), "fake-upload", upload, upload_free);
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_chunk), upload);
}

static gpointer
server_thread (gpointer data)
{
  PerryFakeEngine *engine = data;
  GError *error = NULL;

  g_main_context_push_thread_default (engine->context);
  engine->server = g_object_new (SOUP_TYPE_SERVER, "raw-paths", TRUE, NULL);
  soup_server_add_early_handler (engine->server, NULL, on_early_request, engine, NULL);
  soup_server_add_handler (engine->server, NULL, on_request, engine, NULL);
  soup_server_listen_socket (engine->server, engine->listener, 0, &error);
  g_assert_no_error (error);

  g_mutex_lock (&engine->lock);
  engine->ready = TRUE;
  g_cond_broadcast (&engine->changed);
  g_mutex_unlock (&engine->lock);

  g_main_loop_run (engine->loop);
  soup_server_disconnect (engine->server);
  g_clear_object (&engine->server);
  while (g_main_context_iteration (engine->context, FALSE))
    continue;
  g_main_context_pop_thread_default (engine->context);
  return NULL;
}

static void
listen_on_socket (PerryFakeEngine *engine)
{
  GError *error = NULL;
  g_autoptr (GSocketAddress) address = NULL;

  engine->directory = g_dir_make_tmp ("perry-fake-XXXXXX", &error);
  g_assert_no_error (error);
  engine->socket_path = g_build_filename (engine->directory, "engine.sock", NULL);
  address = g_unix_socket_address_new (engine->socket_path);
  engine->listener = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);
  g_assert_no_error (error);
  /* as many as 64 callers open at once; a full one refuses without waiting */
  g_socket_set_listen_backlog (engine->listener, 1024);
  g_socket_bind (engine->listener, address, FALSE, &error);
  g_assert_no_error (error);
  g_socket_listen (engine->listener, &error);
  g_assert_no_error (error);
}

PerryFakeEngine *
perry_fake_engine_new (PerryFakeDialect dialect)
{
  PerryFakeEngine *engine = g_new0 (PerryFakeEngine, 1);
  g_autoptr (JsonNode) shape = NULL;
  JsonObject *image;
  const char *id;

  engine->dialect = dialect;
  g_mutex_init (&engine->lock);
  g_cond_init (&engine->changed);
  engine->containers = g_ptr_array_new ();
  engine->images = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_fake_image_free);
  engine->remotes = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_fake_image_free);
  engine->networks = perry_fake_entries_new ();
  engine->volumes = perry_fake_entries_new ();
  engine->rules = g_ptr_array_new_with_free_func (rule_free);
  engine->requests = g_ptr_array_new_with_free_func (request_free);
  engine->threads = g_ptr_array_new ();
  engine->stolen = g_ptr_array_new_with_free_func (g_object_unref);
  engine->reports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  engine->pid = 4194303;

  shape = perry_fake_engine_load_shape (engine, "image");
  image = json_node_get_object (shape);
  id = json_object_get_string_member (image, "Id");
  perry_fake_engine_add_image (engine, "docker.io/library/bb:1", id);

  listen_on_socket (engine);
  engine->context = g_main_context_new ();
  engine->loop = g_main_loop_new (engine->context, FALSE);
  engine->thread = g_thread_new ("fake-engine", server_thread, engine);
  g_mutex_lock (&engine->lock);
  while (!engine->ready)
    g_cond_wait (&engine->changed, &engine->lock);
  g_mutex_unlock (&engine->lock);
  return engine;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

/* From inside the loop, because quitting one that does not run yet has no effect. */
static void
end_server (PerryFakeEngine *engine)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit, engine->loop, NULL);
  g_source_attach (source, engine->context);
  g_thread_join (engine->thread);
}

static void
end_threads (PerryFakeEngine *engine)
{
  g_mutex_lock (&engine->lock);
  engine->stopping = TRUE;
  g_ptr_array_foreach (engine->stolen, (GFunc) (void (*) (void)) shut_down, NULL);
  g_mutex_unlock (&engine->lock);
  for (guint i = 0; i < engine->threads->len; i++)
    g_thread_join (g_ptr_array_index (engine->threads, i));
}

/* libsoup 3.2 loses a reference to the socket of each connection that is taken from it. */
static void
free_stolen (PerryFakeEngine *engine)
{
  guint n = engine->stolen->len;
  g_autofree gpointer *sockets = g_new0 (gpointer, n);

  for (guint i = 0; i < n; i++)
    {
      sockets[i] = g_socket_connection_get_socket (g_ptr_array_index (engine->stolen, i));
      g_object_add_weak_pointer (sockets[i], &sockets[i]);
    }
  g_ptr_array_unref (engine->stolen);
  for (guint i = 0; i < n; i++)
    while (sockets[i] != NULL)
      g_object_unref (sockets[i]);
}

void
perry_fake_engine_free (PerryFakeEngine *engine)
{
  if (engine == NULL)
    return;

  end_server (engine);
  end_threads (engine);
  /* What the ended threads had left for the server's thread to do. */
  while (g_main_context_iteration (engine->context, FALSE))
    continue;

  g_ptr_array_set_free_func (engine->containers, (GDestroyNotify) perry_fake_container_unref);
  g_ptr_array_unref (engine->containers);
  g_ptr_array_unref (engine->networks);
  g_ptr_array_unref (engine->volumes);
  g_ptr_array_unref (engine->images);
  g_ptr_array_unref (engine->remotes);
  g_free (engine->login);
  g_ptr_array_unref (engine->rules);
  g_ptr_array_unref (engine->requests);
  g_ptr_array_unref (engine->threads);
  g_hash_table_unref (engine->reports);
  g_main_loop_unref (engine->loop);
  g_main_context_unref (engine->context);
  free_stolen (engine);
  g_object_unref (engine->listener);
  g_unlink (engine->socket_path);
  g_rmdir (engine->directory);
  g_free (engine->directory);
  g_free (engine->socket_path);
  g_free (engine->output);
  g_free (engine->error_output);
  g_cond_clear (&engine->changed);
  g_mutex_clear (&engine->lock);
  g_free (engine);
}

const char *
perry_fake_engine_get_socket_path (PerryFakeEngine *engine)
{
  return engine->socket_path;
}

void
perry_fake_engine_set_backlog (PerryFakeEngine *engine, int n)
{
  g_assert_cmpint (listen (g_socket_get_fd (engine->listener), n), ==, 0);
}

void
perry_fake_engine_set_output (PerryFakeEngine *engine, const char *output, const char *error_output, int exit_code)
{
  g_mutex_lock (&engine->lock);
  g_free (engine->output);
  engine->output = g_strdup (output);
  g_free (engine->error_output);
  engine->error_output = g_strdup (error_output);
  engine->exit_code = exit_code;
  g_mutex_unlock (&engine->lock);
}

void
perry_fake_engine_set_pid (PerryFakeEngine *engine, gint64 pid)
{
  g_mutex_lock (&engine->lock);
  engine->pid = pid;
  g_mutex_unlock (&engine->lock);
}

void
perry_fake_engine_set_report (PerryFakeEngine *engine, const char *path, const char *json)
{
  g_mutex_lock (&engine->lock);
  g_hash_table_replace (engine->reports, g_strdup (path), g_strdup (json));
  g_mutex_unlock (&engine->lock);
}

guint
perry_fake_engine_count_containers (PerryFakeEngine *engine)
{
  guint count;

  g_mutex_lock (&engine->lock);
  count = engine->containers->len;
  g_mutex_unlock (&engine->lock);
  return count;
}

void
perry_fake_engine_add_rule (PerryFakeEngine *engine, const PerryFakeRule *rule)
{
  Rule *copy = g_new0 (Rule, 1);

  copy->rule = *rule;
  copy->rule.method = copy->method = g_strdup (rule->method);
  copy->rule.body = copy->body = g_strdup (rule->body);
  copy->rule.content_type = copy->content_type = g_strdup (rule->content_type);
  copy->rule.raw = copy->raw = g_memdup2 (rule->raw, rule->raw_size);
  copy->path = compile_path (rule->path);
  copy->left = rule->times;
  copy->to_skip = rule->skip;
  g_mutex_lock (&engine->lock);
  g_ptr_array_add (engine->rules, copy);
  g_mutex_unlock (&engine->lock);
}

void
perry_fake_engine_clear_rules (PerryFakeEngine *engine)
{
  g_mutex_lock (&engine->lock);
  g_ptr_array_set_size (engine->rules, 0);
  g_mutex_unlock (&engine->lock);
}

GPtrArray *
perry_fake_engine_dup_requests (PerryFakeEngine *engine)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (request_free);

  g_mutex_lock (&engine->lock);
  for (guint i = 0; i < engine->requests->len; i++)
    g_ptr_array_add (copy, request_copy (g_ptr_array_index (engine->requests, i)));
  g_mutex_unlock (&engine->lock);
  return copy;
}

static guint
count_locked (PerryFakeEngine *engine, const char *method, GRegex *path)
{
  guint count = 0;

  for (guint i = 0; i < engine->requests->len; i++)
    if (request_matches (g_ptr_array_index (engine->requests, i), method, path))
      count++;
  return count;
}

guint
perry_fake_engine_count_requests (PerryFakeEngine *engine, const char *method, const char *path)
{
  g_autoptr (GRegex) regex = compile_path (path);
  guint count;

  g_mutex_lock (&engine->lock);
  count = count_locked (engine, method, regex);
  g_mutex_unlock (&engine->lock);
  return count;
}

gboolean
perry_fake_engine_wait_for (PerryFakeEngine *engine, const char *method, const char *path, guint count)
{
  g_autoptr (GRegex) regex = compile_path (path);
  gint64 until = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;
  gboolean found;

  g_mutex_lock (&engine->lock);
  while (!(found = count_locked (engine, method, regex) >= count)
         && g_cond_wait_until (&engine->changed, &engine->lock, until))
    continue;
  g_mutex_unlock (&engine->lock);
  return found;
}

void
perry_fake_engine_set_hook (PerryFakeEngine *engine, PerryFakeHook hook, gpointer user_data)
{
  g_mutex_lock (&engine->lock);
  engine->hook = hook;
  engine->hook_data = user_data;
  g_mutex_unlock (&engine->lock);
}
