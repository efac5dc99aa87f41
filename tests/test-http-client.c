/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-client.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/fake/perry-fake-engine.h"

/* How late a cancellation or a deadline may take effect, on a machine that is busy with other tests. */
#define SLACK_MS 100

typedef struct {
  PerryFakeEngine *engine;
  PerryHttpClient *client;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->engine = perry_fake_engine_new (PERRY_FAKE_DOCKER_20);
  fixture->client = perry_http_client_new (perry_fake_engine_get_socket_path (fixture->engine));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  perry_http_client_free (fixture->client);
  perry_fake_engine_free (fixture->engine);
}

static PerryHttpReply *
send_simple (PerryHttpClient *client, const char *method, const char *element, GError **error)
{
  g_autoptr (PerryHttpRequest) request = perry_http_request_new (method, NULL, element, NULL);

  return perry_http_client_send (client, request, NULL, error);
}

static JsonNode *
json (const char *text)
{
  GError *error = NULL;
  JsonNode *node = perry_json_parse (text, -1, NULL, &error);

  g_assert_no_error (error);
  return node;
}

static void
test_ping (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = send_simple (fixture->client, "GET", "_ping", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (reply->status, ==, 200);
  g_assert_cmpstr (reply->api_version, ==, "1.41");
  g_assert_null (reply->libpod_api_version);
  g_assert_cmpstr (reply->server, ==, "Docker/20.10.24+dfsg1 (linux)");
  g_assert_cmpstr (reply->os_type, ==, "linux");
  g_assert_cmpstr (reply->content_type, ==, "text/plain");
  g_assert_cmpmem (g_bytes_get_data (reply->body, NULL), g_bytes_get_size (reply->body), "OK", 2);
  g_assert_null (reply->message);
  g_assert_null (reply->json);
}

static void
test_podman_headers (void)
{
  g_autoptr (PerryFakeEngine) engine = perry_fake_engine_new (PERRY_FAKE_PODMAN_4);
  g_autoptr (PerryHttpClient) client = perry_http_client_new (perry_fake_engine_get_socket_path (engine));
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = send_simple (client, "HEAD", "_ping", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (reply->libpod_api_version, ==, "4.3.1");
  g_assert_cmpuint (g_bytes_get_size (reply->body), ==, 0);
}

static void
test_encoding (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) filters = json ("{\"label\":[\"a=b&c\"]}");
  g_autoptr (PerryHttpRequest) request = perry_http_request_new ("GET", "/v1.41", "images", "a b/c?d#e%/../x:1", "json",
                                                                 NULL);
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autoptr (GPtrArray) requests = NULL;
  PerryFakeRequest *seen;

  perry_http_request_add_query (request, "q&", "1 + 1 = 2\r\nX: y");
  perry_http_request_add_query (request, "none", NULL);
  perry_http_request_add_query_int (request, "n", -5);
  perry_http_request_add_query_json (request, "filters", filters);
  reply = perry_http_client_send (fixture->client, request, NULL, &error);
  g_assert_no_error (error);
  requests = perry_fake_engine_dup_requests (fixture->engine);
  g_assert_cmpuint (requests->len, ==, 1);
  seen = g_ptr_array_index (requests, 0);
  g_assert_cmpstr (seen->path, ==, "/v1.41/images/a%20b%2Fc%3Fd%23e%25%2F..%2Fx%3A1/json");
  g_assert_cmpstr (seen->query, ==, "q%26=1%20%2B%201%20%3D%202%0D%0AX%3A%20y&n=-5&"
                                    "filters=%7B%22label%22%3A%5B%22a%3Db%26c%22%5D%7D");
  g_assert_cmpstr (reply->message, ==, "No such image: a b/c?d#e%/../x:1");
}

static void
assert_unwritable (Fixture *fixture, PerryHttpRequest *request)
{
  g_autoptr (PerryHttpRequest) owned = request;
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_http_client_send (fixture->client, owned, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
}

static void
test_unwritable (Fixture *fixture, gconstpointer data)
{
  static const char *const elements[] = { "", ".", ".." };
  static const char *const prefixes[] = { "v1", "/v1/", "/v1//x", "/../x", "/v 1", "/v1?x", "/v1#", "/v1%2f" };
  static const char *const values[] = { "a\r\nX: y", "a\nb", "\x7f" };

  for (gsize i = 0; i < G_N_ELEMENTS (elements); i++)
    assert_unwritable (fixture, perry_http_request_new ("GET", "/v1.41", "containers", elements[i], NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    assert_unwritable (fixture, perry_http_request_new ("GET", prefixes[i], "x", NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      PerryHttpRequest *request = perry_http_request_new ("GET", NULL, "x", NULL);

      perry_http_request_add_header (request, "X-Registry-Auth", values[i]);
      assert_unwritable (fixture, request);
    }
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, NULL, ".*"), ==, 0);
}

static void
test_json_body (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) body = json ("{\"Image\":\"bb:1\",\"Cmd\":[\"x\"]}");
  PerryHttpRequest *request = perry_http_request_new ("POST", "/v1.41", "containers", "create", NULL);
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autoptr (GPtrArray) requests = NULL;
  PerryFakeRequest *seen;
  const char *id = NULL;

  perry_http_request_add_query (request, "name", "n1");
  perry_http_request_set_json (request, body);
  perry_http_request_want_json (request);
  reply = perry_http_client_call (fixture->client, request, NULL, "creating n1", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reply->status, ==, 201);
  g_assert_true (perry_json_read_string (perry_json_as_object (reply->json), "Id", &id));
  g_assert_cmpuint (strlen (id), ==, 64);
  requests = perry_fake_engine_dup_requests (fixture->engine);
  seen = g_ptr_array_index (requests, 0);
  g_assert_cmpstr (seen->content_type, ==, "application/json");
  g_assert_cmpmem (g_bytes_get_data (seen->body, NULL), g_bytes_get_size (seen->body),
                   "{\"Image\":\"bb:1\",\"Cmd\":[\"x\"]}", strlen ("{\"Image\":\"bb:1\",\"Cmd\":[\"x\"]}"));
}

static void
test_engine_errors (Fixture *fixture, gconstpointer data)
{
  static const PerryHttpErrorRule rules[] = {
    { 404, "NO SUCH IMAGE", PERRY_ERROR_IMAGE_NOT_FOUND },
    { 404, NULL, PERRY_ERROR_CONTAINER_NOT_FOUND },
    { 0, "already in use", PERRY_ERROR_NAME_IN_USE },
    { 0, NULL, PERRY_ERROR_BACKEND_FAILED },
  };
  static const struct {
    guint status;
    const char *type;
    const char *body;
    PerryError code;
    const char *text;
  } cases[] = {
    { 404, NULL, "{\"message\":\"No such image: x\"}", PERRY_ERROR_IMAGE_NOT_FOUND, "trying: No such image: x" },
    { 404, NULL, "{\"cause\":\"c\",\"message\":\"m\",\"response\":404}", PERRY_ERROR_CONTAINER_NOT_FOUND, "trying: m" },
    { 500, NULL, "{\"cause\":\"c\",\"message\":\"it is already in use\"}", PERRY_ERROR_NAME_IN_USE,
      "trying: it is already in use" },
    { 500, NULL, "{\"message\":\"a \xff b\"}", PERRY_ERROR_BACKEND_FAILED, "trying: a \xef\xbf\xbd b" },
    { 500, "text/plain", "Not\nFound\n", PERRY_ERROR_BACKEND_FAILED, "trying: Not Found" },
    { 500, NULL, "{\"message\":5}", PERRY_ERROR_BACKEND_FAILED, "trying: {\"message\":5}" },
    { 503, NULL, "", PERRY_ERROR_BACKEND_FAILED, "trying: HTTP status 503 (Service Unavailable)" },
    { 401, NULL, "{\"message\":\"who are you\"}", PERRY_ERROR_BACKEND_FAILED, "trying: who are you" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PerryFakeRule rule = { .path = "/thing", .status = cases[i].status, .body = cases[i].body,
                             .content_type = cases[i].type };
      g_autoptr (GError) error = NULL;

      perry_fake_engine_add_rule (fixture->engine, &rule);
      g_assert_null (perry_http_client_call (fixture->client, perry_http_request_new ("POST", "/v1.41", "thing", NULL),
                                             rules, "trying", NULL, &error));
      g_assert_error (error, PERRY_ERROR, (int) cases[i].code);
      g_assert_cmpstr (error->message, ==, cases[i].text);
    }
}

static void
test_long_message (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("x");
  PerryFakeRule rule = { .path = "/thing", .status = 500 };
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 5000; i++)
    g_string_append (text, "\xc3\xa4");
  rule.body = text->str;
  perry_fake_engine_add_rule (fixture->engine, &rule);
  reply = send_simple (fixture->client, "GET", "thing", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (reply->message), ==, 1023);
  g_assert_true (g_utf8_validate (reply->message, -1, NULL));
}

static void
test_not_modified (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule rule = { .path = "/thing", .status = 304 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_fake_engine_add_rule (fixture->engine, &rule);
  reply = perry_http_client_call (fixture->client, perry_http_request_new ("POST", NULL, "thing", NULL), NULL,
                                  "trying", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reply->status, ==, 304);
}

static void
test_redirect_is_not_followed (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule rule = { .path = "/thing",
                         .raw = "HTTP/1.1 301 Moved\r\nLocation: /_ping\r\nContent-Length: 0\r\n\r\n" };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;

  rule.raw_size = strlen (rule.raw);
  perry_fake_engine_add_rule (fixture->engine, &rule);
  reply = send_simple (fixture->client, "GET", "thing", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reply->status, ==, 301);
  g_assert_false (perry_http_reply_check (reply, NULL, "asking", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, NULL, ".*"), ==, 1);
}

static void
test_bad_json (Fixture *fixture, gconstpointer data)
{
  static const char *const bodies[] = { "", "{", "{\"a\":1,\"a\":2}", "{} {}", "\"\\u0000\"", "99999999999999999999",
                                        "\"\xff\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      PerryFakeRule rule = { .path = "/thing", .status = 200, .body = bodies[i] };
      g_autoptr (PerryHttpRequest) request = perry_http_request_new ("GET", NULL, "thing", NULL);
      g_autoptr (GError) error = NULL;

      perry_fake_engine_add_rule (fixture->engine, &rule);
      perry_http_request_want_json (request);
      g_assert_null (perry_http_client_send (fixture->client, request, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
      g_assert_nonnull (strstr (error->message, "GET /thing"));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_bad_http (Fixture *fixture, gconstpointer data)
{
  static const char *const answers[] = { "SSH-2.0-OpenSSH_9.2\r\n\r\n", "\0\0\0\0\r\n\r\n", "HTTP/9 hello\r\n\r\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      PerryFakeRule rule = { .path = "/thing", .raw = answers[i], .raw_size = i == 1 ? 8 : strlen (answers[i]) };
      g_autoptr (GError) error = NULL;

      perry_fake_engine_add_rule (fixture->engine, &rule);
      g_assert_null (send_simple (fixture->client, "GET", "thing", &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
    }
}

static void
test_too_large (Fixture *fixture, gconstpointer data)
{
  g_autofree char *body = g_strnfill (100 * 1024, 'x');
  PerryFakeRule rule = { .path = "/thing", .status = 200, .body = body };
  PerryFakeRule endless = { .path = "/endless", .raw = "HTTP/1.1 200 OK\r\n\r\n", .repeat_raw = TRUE };

  endless.raw_size = strlen (endless.raw);
  perry_fake_engine_add_rule (fixture->engine, &rule);
  perry_fake_engine_add_rule (fixture->engine, &endless);
  for (guint i = 0; i < 3; i++)
    {
      static const char *const elements[] = { "thing", "endless", "thing" };
      g_autoptr (PerryHttpRequest) request = perry_http_request_new ("GET", NULL, elements[i], NULL);
      g_autoptr (GError) error = NULL;
      gint64 start = g_get_monotonic_time ();

      perry_http_request_set_max_body (request, 100 * 1024 - 1);
      g_assert_null (perry_http_client_send (fixture->client, request, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
      g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
    }
}

static void
assert_connect_error (const char *path, PerryError code, const char *text)
{
  g_autoptr (PerryHttpClient) client = perry_http_client_new (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) pid_error = NULL;
  gint64 pid = -7;

  g_assert_null (send_simple (client, "GET", "_ping", &error));
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_nonnull (strstr (error->message, path));
  g_assert_false (perry_http_client_get_peer_pid (client, &pid, NULL, &pid_error));
  g_assert_error (pid_error, PERRY_ERROR, (int) code);
  g_assert_cmpint (pid, ==, -7);
}

static void
test_connect_errors (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-http-XXXXXX", NULL);
  g_autofree char *missing = g_build_filename (directory, "missing.sock", NULL);
  g_autofree char *left = g_build_filename (directory, "left.sock", NULL);
  g_autofree char *many = g_strnfill (110, 'x');
  g_autofree char *long_path = g_build_filename (directory, many, NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, left, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  close (fd);

  assert_connect_error (missing, PERRY_ERROR_NOT_FOUND, "there is no socket");
  assert_connect_error (left, PERRY_ERROR_NOT_FOUND, "no engine listens");
  assert_connect_error (long_path, PERRY_ERROR_INVALID_ARGUMENT, "shorter than");
  assert_connect_error ("relative.sock", PERRY_ERROR_INVALID_ARGUMENT, "absolute");
  g_unlink (left);
  g_rmdir (directory);
}

static void
test_permission_child (void)
{
  g_autoptr (PerryFakeEngine) engine = perry_fake_engine_new (PERRY_FAKE_DOCKER_20);
  const char *path = perry_fake_engine_get_socket_path (engine);
  g_autofree char *directory = g_path_get_dirname (path);

  g_assert_cmpint (chmod (path, 0600), ==, 0);
  g_assert_cmpint (chmod (directory, 0755), ==, 0);
  g_assert_cmpint (seteuid (65534), ==, 0);
  assert_connect_error (path, PERRY_ERROR_PERMISSION_DENIED, "belongs to user root and group");
  g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (chmod (directory, 0700), ==, 0);
  g_assert_cmpint (seteuid (65534), ==, 0);
  assert_connect_error (path, PERRY_ERROR_PERMISSION_DENIED, "a directory above it");
  g_assert_cmpint (seteuid (0), ==, 0);
}

/* In a process of its own, because the user is changed. */
static void
test_permission (void)
{
  if (geteuid () != 0)
    {
      g_test_skip ("needs root to become somebody else");
      return;
    }
  g_test_trap_subprocess ("/http-client/permission-denied/subprocess", 0, 0);
  g_test_trap_assert_passed ();
}

static void
test_deadline (Fixture *fixture, gconstpointer data)
{
  static const char *const methods[] = { "GET", "POST" };
  PerryFakeRule rule = { .path = "/slow", .delay_ms = 5000 };

  perry_fake_engine_add_rule (fixture->engine, &rule);
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (PerryHttpRequest) request = perry_http_request_new (methods[i], "/v1.41", "slow", NULL);
      g_autoptr (GError) error = NULL;
      gint64 start = g_get_monotonic_time ();
      gint64 took;

      perry_http_request_set_deadline (request, 150);
      g_assert_null (perry_http_client_send (fixture->client, request, NULL, &error));
      took = (g_get_monotonic_time () - start) / 1000;
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
      g_assert_nonnull (strstr (error->message, "/v1.41/slow"));
      g_assert_nonnull (strstr (error->message, methods[i]));
      g_assert_cmpint (took, >=, 150);
      g_assert_cmpint (took, <, 150 + SLACK_MS);
    }
}

/* A reply that has begun and never ends. */
static void
test_deadline_in_body (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule rule = { .path = "/endless", .raw = "HTTP/1.1 200 OK\r\n\r\n", .repeat_raw = TRUE };
  g_autoptr (PerryHttpRequest) request = perry_http_request_new ("GET", NULL, "endless", NULL);
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  rule.raw_size = strlen (rule.raw);
  perry_fake_engine_add_rule (fixture->engine, &rule);
  perry_http_request_set_deadline (request, 100);
  perry_http_request_set_max_body (request, G_MAXUINT32);
  g_assert_null (perry_http_client_send (fixture->client, request, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
}

typedef struct {
  PerryFakeEngine *engine;
  GCancellable *cancellable;
  const char *path;
  guint count;
  gint64 at;
} Canceller;

static gpointer
cancel_thread (gpointer data)
{
  Canceller *canceller = data;

  g_assert_true (perry_fake_engine_wait_for (canceller->engine, NULL, canceller->path, canceller->count));
  canceller->at = g_get_monotonic_time ();
  g_cancellable_cancel (canceller->cancellable);
  return NULL;
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  static const int deadlines[] = { -1, 60000 };
  PerryFakeRule rule = { .path = "/slow", .delay_ms = 5000 };

  perry_fake_engine_add_rule (fixture->engine, &rule);
  for (guint i = 0; i < G_N_ELEMENTS (deadlines); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (PerryHttpRequest) request = perry_http_request_new ("POST", NULL, "slow", NULL);
      g_autoptr (PerryHttpRequest) second = perry_http_request_new ("POST", NULL, "slow", NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) second_error = NULL;
      Canceller canceller = { fixture->engine, cancellable, "/slow", i + 1, 0 };
      GThread *thread = g_thread_new ("cancel", cancel_thread, &canceller);

      perry_http_request_set_deadline (request, deadlines[i]);
      g_assert_null (perry_http_client_send (fixture->client, request, cancellable, &error));
      g_thread_join (thread);
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
      g_assert_cmpint (g_get_monotonic_time () - canceller.at, <, SLACK_MS * 1000);

      /* One that is cancelled before it begins is not sent. */
      g_assert_null (perry_http_client_send (fixture->client, second, cancellable, &second_error));
      g_assert_error (second_error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
    }
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, NULL, "/slow"), ==, 2);
}

static gpointer
slow_thread (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = send_simple (fixture->client, "POST", "slow", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (reply->status, ==, 404);
  return NULL;
}

/* What libsoup's default limit of two connections would break. */
static void
test_many_at_once (Fixture *fixture, gconstpointer data)
{
  enum { THREADS = 70 };
  PerryFakeRule rule = { .path = "/slow", .delay_ms = 500 };
  GThread *threads[THREADS];
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) ping = NULL;
  gint64 start;

  perry_fake_engine_add_rule (fixture->engine, &rule);
  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("slow", slow_thread, fixture);
  g_assert_true (perry_fake_engine_wait_for (fixture->engine, "POST", "/slow", THREADS / 2));
  start = g_get_monotonic_time ();
  ping = send_simple (fixture->client, "GET", "_ping", &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 400 * 1000);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, "POST", "/slow"), ==, THREADS);
}

static gpointer
mixed_thread (gpointer data)
{
  Fixture *fixture = data;

  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryHttpReply) reply = send_simple (fixture->client, i % 3 == 0 ? "POST" : "GET",
                                                      i % 3 == 0 ? "nosuch" : "_ping", &error);

      g_assert_no_error (error);
      g_assert_cmpuint (reply->status, ==, i % 3 == 0 ? 404 : 200);
    }
  return NULL;
}

static void
test_threads_share_sessions (Fixture *fixture, gconstpointer data)
{
  GThread *threads[8];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("mixed", mixed_thread, fixture);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, NULL, ".*"), ==, 8 * 30);
}

static void
test_upload (Fixture *fixture, gconstpointer data)
{
  enum { SIZE = 40 * 1024 * 1024 };
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (SIZE), SIZE);
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);
  PerryHttpRequest *request = perry_http_request_new ("POST", "/v1.41", "images", "load", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autoptr (GPtrArray) lines = NULL;
  g_autoptr (GPtrArray) requests = NULL;
  PerryFakeRequest *seen;
  const char *text = NULL;

  perry_http_request_set_upload (request, "application/x-tar", stream);
  reply = perry_http_client_call (fixture->client, request, NULL, "loading", NULL, &error);
  g_assert_no_error (error);
  lines = perry_http_reply_parse_lines (reply, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (lines->len, ==, 1);
  g_assert_true (perry_json_read_string (perry_json_as_object (g_ptr_array_index (lines, 0)), "stream", &text));
  g_assert_cmpstr (text, ==, "Loaded image: bb:1\n");
  requests = perry_fake_engine_dup_requests (fixture->engine);
  seen = g_ptr_array_index (requests, 0);
  g_assert_cmpuint (seen->body_size, ==, SIZE);
  g_assert_cmpstr (seen->content_type, ==, "application/x-tar");
}

/* A source that never gives anything. */
static void
test_cancel_upload (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (PerryHttpRequest) request = perry_http_request_new ("POST", NULL, "images", "load", NULL);
  g_autoptr (GSocket) mine = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  mine = g_socket_new_from_fd (pair[0], &error);
  g_assert_no_error (error);
  connection = g_socket_connection_factory_create_connection (mine);
  perry_http_request_set_upload (request, "application/x-tar",
                                 g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  perry_http_request_set_deadline (request, 100);
  g_assert_null (perry_http_client_send (fixture->client, request, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, <, (100 + SLACK_MS) * 1000);
  close (pair[1]);
}

static void
test_bad_lines (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule rule = { .path = "/lines", .status = 200, .body = "{\"a\":1}\r\n\n{\"b\":2}\nnonsense\n" };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_fake_engine_add_rule (fixture->engine, &rule);
  reply = send_simple (fixture->client, "GET", "lines", &error);
  g_assert_no_error (error);
  g_assert_null (perry_http_reply_parse_lines (reply, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "line 3"));
}

static void
test_peer_pid (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 pid = 0;

  g_assert_true (perry_http_client_get_peer_pid (fixture->client, &pid, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (pid, ==, getpid ());
}

static void
test_sent_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryHttpRequest) request = perry_http_request_new ("POST", NULL, "thing", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = perry_http_client_send (fixture->client, request, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (reply->status, ==, 404);
  g_assert_null (perry_http_client_send (fixture->client, request, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/http-client/ping", test_ping);
  g_test_add_func ("/http-client/podman-names-itself", test_podman_headers);
  add ("/http-client/request/values-are-encoded", test_encoding);
  add ("/http-client/request/what-cannot-be-written-is-refused", test_unwritable);
  add ("/http-client/request/json-body", test_json_body);
  add ("/http-client/request/is-sent-once", test_sent_once);
  add ("/http-client/reply/engine-errors-keep-their-words", test_engine_errors);
  add ("/http-client/reply/long-message-is-cut-between-characters", test_long_message);
  add ("/http-client/reply/not-modified-is-success", test_not_modified);
  add ("/http-client/reply/redirect-is-not-followed", test_redirect_is_not_followed);
  add ("/http-client/reply/bad-json", test_bad_json);
  add ("/http-client/reply/bad-http", test_bad_http);
  add ("/http-client/reply/too-large", test_too_large);
  add ("/http-client/reply/bad-lines", test_bad_lines);
  g_test_add_func ("/http-client/connect-errors-say-what-is-wrong", test_connect_errors);
  g_test_add_func ("/http-client/permission-denied", test_permission);
  g_test_add_func ("/http-client/permission-denied/subprocess", test_permission_child);
  add ("/http-client/deadline/names-method-and-path", test_deadline);
  add ("/http-client/deadline/while-the-body-comes", test_deadline_in_body);
  add ("/http-client/deadline/while-uploading", test_cancel_upload);
  add ("/http-client/cancel/while-waiting", test_cancel);
  add ("/http-client/threads/many-at-once", test_many_at_once);
  add ("/http-client/threads/share-sessions", test_threads_share_sessions);
  add ("/http-client/upload", test_upload);
  add ("/http-client/peer-pid", test_peer_pid);
  return g_test_run ();
}
