/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-stream.h"

#include <string.h>
#include <sys/resource.h>

#include "tests/fake/perry-fake-engine.h"

#define SLACK_MS 100

/* The sanitizer keeps what was freed, so memory cannot be measured under it. */
#if defined __SANITIZE_ADDRESS__
#define WITH_SANITIZER 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER 1
#endif
#endif
#ifndef WITH_SANITIZER
#define WITH_SANITIZER 0
#endif

typedef struct {
  PerryFakeEngine *engine;
  PerryHttpClient *client;
  const char *prefix;
  char *id;
} Fixture;

static const PerryFakeDialect dialects[] = { PERRY_FAKE_DOCKER_20, PERRY_FAKE_DOCKER_28, PERRY_FAKE_PODMAN_4,
                                             PERRY_FAKE_PODMAN_5 };

static void
set_up_engine (Fixture *fixture, PerryFakeDialect dialect)
{
  fixture->engine = perry_fake_engine_new (dialect);
  fixture->client = perry_http_client_new (perry_fake_engine_get_socket_path (fixture->engine));
  fixture->prefix = dialect >= PERRY_FAKE_PODMAN_4 ? "/v4.0.0/libpod" : "/v1.41";
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  set_up_engine (fixture, PERRY_FAKE_DOCKER_20);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->id, g_free);
  perry_http_client_free (fixture->client);
  perry_fake_engine_free (fixture->engine);
}

static PerryHttpReply *
call (Fixture *fixture, PerryHttpRequest *request)
{
  g_autoptr (GError) error = NULL;
  PerryHttpReply *reply = perry_http_client_call (fixture->client, request, NULL, "calling", NULL, &error);

  g_assert_no_error (error);
  return reply;
}

static void
create (Fixture *fixture, const char *command, gboolean terminal)
{
  g_autofree char *text = g_strdup_printf (
      g_str_has_suffix (fixture->prefix, "libpod")
          ? "{\"image\":\"bb:1\",\"command\":[\"%s\"],\"stdin\":true,\"terminal\":%s}"
          : "{\"Image\":\"bb:1\",\"Cmd\":[\"%s\"],\"OpenStdin\":true,\"Tty\":%s,\"HostConfig\":{}}",
      command, terminal ? "true" : "false");
  g_autoptr (JsonNode) body = perry_json_parse (text, -1, NULL, NULL);
  PerryHttpRequest *request = perry_http_request_new ("POST", fixture->prefix, "containers", "create", NULL);
  g_autoptr (PerryHttpReply) reply = NULL;
  const char *id = NULL;

  perry_http_request_set_json (request, body);
  perry_http_request_want_json (request);
  reply = call (fixture, request);
  g_assert_true (perry_json_read_string (perry_json_as_object (reply->json), "Id", &id));
  g_free (fixture->id);
  fixture->id = g_strdup (id);
}

static void
start (Fixture *fixture)
{
  g_autoptr (PerryHttpReply) reply = call (fixture, perry_http_request_new ("POST", fixture->prefix, "containers",
                                                                            fixture->id, "start", NULL));

  g_assert_cmpuint (reply->status, ==, 204);
}

static PerryHttpRequest *
attach_request (Fixture *fixture, const char *id)
{
  PerryHttpRequest *request = perry_http_request_new ("POST", fixture->prefix, "containers", id, "attach", NULL);

  perry_http_request_add_query (request, "stream", "1");
  perry_http_request_add_query (request, "stdin", "1");
  perry_http_request_add_query (request, "stdout", "1");
  perry_http_request_add_query (request, "stderr", "1");
  return request;
}

static PerryStream *
attach (Fixture *fixture, PerryHttpFraming framing)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpRequest) request = attach_request (fixture, fixture->id);
  PerryHttpHijack *hijack = perry_http_hijack (fixture->client, request, NULL, "attaching", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (hijack->status, ==, 101);
  return perry_http_stream_new_for_hijack (hijack, framing);
}

/* Reads to the end in small pieces; the channel's number before each run of bytes. */
static char *
read_all (PerryStream *stream, gsize size)
{
  GString *text = g_string_new (NULL);
  g_autofree char *buffer = g_malloc (size);
  g_autoptr (GError) error = NULL;
  PerryChannel channel;
  int last = 0;
  gssize count;

  while ((count = perry_stream_read (stream, &channel, buffer, size, 5000, NULL, &error)) > 0)
    {
      if ((int) channel != last)
        g_string_append_printf (text, "<%u>", channel);
      last = channel;
      g_string_append_len (text, buffer, count);
    }
  g_assert_no_error (error);
  return g_string_free (text, FALSE);
}

static void
test_outputs (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      for (gsize size = 1; size < 12; size += 5)
        {
          Fixture fixture = { 0 };
          g_autoptr (PerryStream) stream = NULL;
          g_autofree char *text = NULL;

          set_up_engine (&fixture, dialects[i]);
          perry_fake_engine_set_output (fixture.engine, "isolated\n", "warned\n", 3);
          create (&fixture, "sh", FALSE);
          stream = attach (&fixture, PERRY_HTTP_FRAMING_MULTIPLEXED);
          start (&fixture);
          text = read_all (stream, size);
          g_assert_cmpstr (text, ==, "<1>isolated\n<2>warned\n");
          tear_down (&fixture, NULL);
        }
    }
}

static void
test_terminal (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryStream) stream = NULL;
  g_autofree char *text = NULL;

  perry_fake_engine_set_output (fixture->engine, "isolated\r\n", NULL, 0);
  create (fixture, "sh", TRUE);
  stream = attach (fixture, PERRY_HTTP_FRAMING_RAW);
  start (fixture);
  text = read_all (stream, 64);
  g_assert_cmpstr (text, ==, "<1>isolated\r\n");
}

typedef struct {
  PerryStream *stream;
  gsize size;
} Writer;

static guint8
byte_at (gsize at)
{
  return (guint8) (at * 2654435761u >> 13);
}

static gpointer
write_thread (gpointer data)
{
  Writer *writer = data;
  g_autofree guint8 *buffer = g_malloc (256 * 1024);
  g_autoptr (GError) error = NULL;

  for (gsize at = 0; at < writer->size;)
    {
      gsize count = MIN (writer->size - at, (gsize) 1 + at % (256 * 1024));

      for (gsize i = 0; i < count; i++)
        buffer[i] = byte_at (at + i);
      perry_stream_write_all (writer->stream, buffer, count, NULL, &error);
      g_assert_no_error (error);
      at += count;
    }
  g_assert_true (perry_stream_close_write (writer->stream, &error));
  g_assert_no_error (error);
  return NULL;
}

static void
round_trip (Fixture *fixture, gsize size, gsize buffer_size)
{
  g_autoptr (PerryStream) stream = NULL;
  g_autofree guint8 *buffer = g_malloc (buffer_size);
  g_autoptr (GError) error = NULL;
  Writer writer;
  GThread *thread;
  PerryChannel channel;
  gsize total = 0;
  gssize count;

  create (fixture, "cat", FALSE);
  stream = attach (fixture, PERRY_HTTP_FRAMING_MULTIPLEXED);
  start (fixture);
  writer.stream = stream;
  writer.size = size;
  thread = g_thread_new ("writer", write_thread, &writer);
  while ((count = perry_stream_read (stream, &channel, buffer, buffer_size, 20000, NULL, &error)) > 0)
    {
      g_assert_cmpint (channel, ==, PERRY_CHANNEL_STDOUT);
      for (gssize i = 0; i < count; i++)
        if (buffer[i] != byte_at (total + (gsize) i))
          g_error ("byte %" G_GSIZE_FORMAT " differs", total + (gsize) i);
      total += (gsize) count;
    }
  g_assert_no_error (error);
  g_thread_join (thread);
  g_assert_cmpuint (total, ==, size);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 65536, 3 * 1024 * 1024 + 7 };
  static const gsize buffers[] = { 100, 4096, 300 * 1024 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (buffers); j++)
      round_trip (fixture, sizes[i], buffers[j]);
}

static void
test_constant_memory (Fixture *fixture, gconstpointer data)
{
  struct rusage before, after;

  if (WITH_SANITIZER)
    {
      g_test_skip ("memory cannot be measured under the address sanitizer");
      return;
    }
  round_trip (fixture, 8 * 1024 * 1024, 256 * 1024);
  getrusage (RUSAGE_SELF, &before);
  round_trip (fixture, 256 * 1024 * 1024, 256 * 1024);
  getrusage (RUSAGE_SELF, &after);
  g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, 16 * 1024);
}

static void
test_wait_for_exit_code (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      Fixture fixture = { 0 };
      PerryHttpRequest *request;
      g_autoptr (PerryHttpReply) reply = NULL;
      gint64 code = -1;

      set_up_engine (&fixture, dialects[i]);
      perry_fake_engine_set_output (fixture.engine, "x", NULL, 42);
      create (&fixture, "sh", FALSE);
      start (&fixture);
      request = perry_http_request_new ("POST", fixture.prefix, "containers", fixture.id, "wait", NULL);
      perry_http_request_want_json (request);
      perry_http_request_set_deadline (request, -1);
      reply = call (&fixture, request);
      if (JSON_NODE_HOLDS_OBJECT (reply->json))
        g_assert_true (perry_json_read_int64 (perry_json_as_object (reply->json), "StatusCode", &code));
      else
        g_assert_true (perry_json_as_int64 (reply->json, &code));
      g_assert_cmpint (code, ==, 42);
      tear_down (&fixture, NULL);
    }
}

static void
test_timeout_and_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryStream) stream = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  PerryChannel channel;
  char buffer[16];
  gint64 begin;

  create (fixture, "cat", FALSE);
  stream = attach (fixture, PERRY_HTTP_FRAMING_MULTIPLEXED);
  start (fixture);
  for (int timeout = 0; timeout <= 100; timeout += 100)
    {
      begin = g_get_monotonic_time ();
      g_assert_cmpint (perry_stream_read (stream, &channel, buffer, sizeof buffer, timeout, NULL, &error), ==, -1);
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
      g_clear_error (&error);
      g_assert_cmpint (g_get_monotonic_time () - begin, <, (timeout + SLACK_MS) * 1000);
    }
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (perry_stream_read (stream, &channel, buffer, sizeof buffer, -1, cancellable, &error), ==, -1);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_clear_error (&error);

  /* It stays usable. */
  perry_stream_write_all (stream, "late", 4, NULL, &error);
  g_assert_no_error (error);
  perry_stream_close_write (stream, &error);
  g_assert_no_error (error);
  text = read_all (stream, 3);
  g_assert_cmpstr (text, ==, "<1>late");
}

static gpointer
cancel_later (gpointer data)
{
  g_usleep (50 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

/* Nobody reads, so writing comes to a stop; only the cancellable ends it. */
static void
test_cancel_write (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryStream) stream = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *block = g_strnfill (8 * 1024 * 1024, 'x');
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();
  GThread *thread;

  create (fixture, "sleep", FALSE);
  stream = attach (fixture, PERRY_HTTP_FRAMING_MULTIPLEXED);
  start (fixture);
  thread = g_thread_new ("cancel", cancel_later, cancellable);
  g_assert_false (perry_stream_write_all (stream, block, 8 * 1024 * 1024, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, (50 + SLACK_MS) * 1000);
  g_thread_join (thread);
}

static void
test_write_after_end (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryStream) stream = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  create (fixture, "sh", FALSE);
  stream = attach (fixture, PERRY_HTTP_FRAMING_MULTIPLEXED);
  start (fixture);
  text = read_all (stream, 16);
  g_assert_cmpstr (text, ==, "");
  g_assert_false (perry_stream_write_all (stream, "x", 1, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
  g_clear_error (&error);
  g_assert_true (perry_stream_close_write (stream, &error));
  g_assert_no_error (error);
}

/* An engine's answer to attach that is written byte by byte in the test. */
static PerryHttpHijack *
attach_raw (Fixture *fixture, const char *raw, gsize size, GError **error)
{
  PerryFakeRule rule = { .path = "/containers/c/attach", .raw = raw, .raw_size = size };
  g_autoptr (PerryHttpRequest) request = attach_request (fixture, "c");

  perry_fake_engine_clear_rules (fixture->engine);
  perry_fake_engine_add_rule (fixture->engine, &rule);
  return perry_http_hijack (fixture->client, request, NULL, "attaching", NULL, error);
}

#define HEAD_101 "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
#define HEAD_200 "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.multiplexed-stream; charset=x\r\n\r\n"
#define RAW(text) text, sizeof (text) - 1

static void
test_early_bytes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PerryHttpHijack *hijack = attach_raw (fixture, RAW (HEAD_200 "\1\0\0\0\0\0\0\5early\2\0\0\0\0\0\0\1!"), &error);
  g_autoptr (PerryStream) stream = NULL;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (hijack->status, ==, 200);
  g_assert_cmpstr (hijack->content_type, ==, "application/vnd.docker.multiplexed-stream");
  stream = perry_http_stream_new_for_hijack (hijack, PERRY_HTTP_FRAMING_MULTIPLEXED);
  text = read_all (stream, 3);
  g_assert_cmpstr (text, ==, "<1>early<2>!");
}

static void
assert_stream_error (Fixture *fixture, const char *raw, gsize size, PerryError code, const char *text)
{
  g_autoptr (GError) error = NULL;
  PerryHttpHijack *hijack = attach_raw (fixture, raw, size, &error);
  g_autoptr (PerryStream) stream = NULL;
  PerryChannel channel;
  char buffer[64];

  g_assert_no_error (error);
  stream = perry_http_stream_new_for_hijack (hijack, PERRY_HTTP_FRAMING_MULTIPLEXED);
  while (perry_stream_read (stream, &channel, buffer, sizeof buffer, 5000, NULL, &error) > 0)
    continue;
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_broken_streams (Fixture *fixture, gconstpointer data)
{
  assert_stream_error (fixture, RAW (HEAD_101 "\1\0\0\0\0\0\0\5ear"), PERRY_ERROR_BACKEND_LOST, "inside a frame");
  assert_stream_error (fixture, RAW (HEAD_101 "\1\0\0"), PERRY_ERROR_BACKEND_LOST, "inside a frame");
  assert_stream_error (fixture, RAW (HEAD_101 "\1\0\0\0\0\0\0\1x\7\0\0\0\0\0\0\1y"), PERRY_ERROR_BACKEND_PROTOCOL,
                       "07 00 00 00");
  assert_stream_error (fixture, RAW (HEAD_101 "\3\0\0\0\0\0\0\5disk \3\0\0\0\0\0\0\4full"), PERRY_ERROR_BACKEND_FAILED,
                       "disk full");
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *raw; PerryError code; const char *text; } cases[] = {
    { "HTTP/1.1 404 Not Found\r\nContent-Length: 26\r\n\r\n{\"message\":\"No such thing\"}", PERRY_ERROR_BACKEND_FAILED,
      "attaching: No such thing" },
    { "HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n"
      "c\r\n{\"message\":\"\r\n6\r\nhello\"\r\n1\r\n}\r\n0\r\n\r\n", PERRY_ERROR_BACKEND_FAILED, "attaching: hello" },
    { "HTTP/1.1 500 Internal\r\n\r\nraw text\n", PERRY_ERROR_BACKEND_FAILED, "attaching: raw text" },
    { "HTTP/1.1 204 No Content\r\n\r\n", PERRY_ERROR_BACKEND_PROTOCOL, "status 204" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", PERRY_ERROR_BACKEND_PROTOCOL, "hand over" },
    { "SSH-2.0-x\r\n\r\n", PERRY_ERROR_BACKEND_PROTOCOL, "not HTTP" },
    { "HTTP/1.1 101 UPGR", PERRY_ERROR_BACKEND_LOST, "without an answer" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (attach_raw (fixture, cases[i].raw, strlen (cases[i].raw), &error));
      g_assert_error (error, PERRY_ERROR, (int) cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].text));
    }
}

static void
test_large_head (Fixture *fixture, gconstpointer data)
{
  g_autofree char *filler = g_strnfill (PERRY_HTTP_MAX_HEAD, 'x');
  g_autofree char *raw = g_strdup_printf ("HTTP/1.1 101 X\r\nX: %s\r\n\r\n", filler);
  g_autofree char *endless = g_strnfill (4 * PERRY_HTTP_MAX_HEAD, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_null (attach_raw (fixture, raw, strlen (raw), &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
  g_clear_error (&error);
  g_assert_null (attach_raw (fixture, endless, strlen (endless), &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
}

static void
test_attach_deadline (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule rule = { .path = "/containers/c/attach", .delay_ms = 5000 };
  g_autoptr (PerryHttpRequest) request = attach_request (fixture, "c");
  g_autoptr (PerryHttpRequest) second = attach_request (fixture, "c");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  perry_fake_engine_add_rule (fixture->engine, &rule);
  perry_http_request_set_deadline (request, 100);
  g_assert_null (perry_http_hijack (fixture->client, request, NULL, "attaching", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "POST /v1.41/containers/c/attach"));
  g_assert_cmpint (g_get_monotonic_time () - begin, <, (100 + SLACK_MS) * 1000);
  g_clear_error (&error);

  g_cancellable_cancel (cancellable);
  g_assert_null (perry_http_hijack (fixture->client, second, NULL, "attaching", cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
}

static PerryHttpBody *
open_body (Fixture *fixture, const char *element, GError **error)
{
  g_autoptr (PerryHttpRequest) request = perry_http_request_new ("GET", NULL, element, NULL);

  return perry_http_client_open (fixture->client, request, NULL, "opening", NULL, error);
}

static void
test_logs (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dialects); i++)
    {
      Fixture fixture = { 0 };
      g_autoptr (PerryHttpRequest) request = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryStream) stream = NULL;
      g_autofree char *text = NULL;
      PerryHttpBody *body;

      set_up_engine (&fixture, dialects[i]);
      perry_fake_engine_set_output (fixture.engine, "out\n", "err\n", 0);
      create (&fixture, "sh", FALSE);
      start (&fixture);
      request = perry_http_request_new ("GET", fixture.prefix, "containers", fixture.id, "logs", NULL);
      perry_http_request_add_query (request, "stdout", "1");
      perry_http_request_add_query (request, "stderr", "1");
      perry_http_request_add_query (request, "follow", "1");
      body = perry_http_client_open (fixture.client, request, NULL, "logs", NULL, &error);
      g_assert_no_error (error);
      stream = perry_http_stream_new_for_body (body, PERRY_HTTP_FRAMING_MULTIPLEXED);
      text = read_all (stream, 2);
      g_assert_cmpstr (text, ==, "<1>out\n<2>err\n");
      g_assert_false (perry_stream_write_all (stream, "x", 1, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED);
      tear_down (&fixture, NULL);
    }
}

static void
test_open_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_body (fixture, "nosuch", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
  g_assert_cmpstr (error->message, ==, "opening: page not found");
}

/* A reply without an end: whoever closes must not wait for it. */
static void
test_close_does_not_read_on (Fixture *fixture, gconstpointer data)
{
  static const char *const heads[] = { "HTTP/1.1 200 OK\r\n\r\n",
                                       "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      PerryFakeRule rule = { .path = "/endless", .raw = heads[i], .raw_size = strlen (heads[i]), .repeat_raw = TRUE };
      g_autoptr (GError) error = NULL;
      PerryHttpBody *body;
      char buffer[100];
      gint64 begin;

      perry_fake_engine_add_rule (fixture->engine, &rule);
      body = open_body (fixture, "endless", &error);
      g_assert_no_error (error);
      g_assert_cmpint (perry_http_body_read (body, buffer, sizeof buffer, 5000, NULL, &error), >, 0);
      begin = g_get_monotonic_time ();
      perry_http_body_free (body);
      g_assert_cmpint (g_get_monotonic_time () - begin, <, SLACK_MS * 1000);
    }
}

static void
test_body_timeout (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule rule = { .path = "/endless", .raw = "HTTP/1.1 200 OK\r\n\r\n", .repeat_raw = TRUE };
  PerryFakeRule cut = { .path = "/info", .truncate = 10 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpBody) body = NULL;
  g_autoptr (PerryHttpBody) cut_body = NULL;
  char buffer[100];

  rule.raw_size = strlen (rule.raw);
  perry_fake_engine_add_rule (fixture->engine, &rule);
  perry_fake_engine_add_rule (fixture->engine, &cut);
  body = open_body (fixture, "endless", &error);
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (perry_http_body_read (body, buffer, sizeof buffer, -1, cancellable, &error), ==, -1);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_clear_error (&error);

  cut_body = open_body (fixture, "info", &error);
  g_assert_no_error (error);
  while (perry_http_body_read (cut_body, buffer, sizeof buffer, 1000, NULL, &error) > 0)
    continue;
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
}

/* A reply that pauses in the middle of a chunk's header, of its data and of the end. */
static void
test_body_pauses (Fixture *fixture, gconstpointer data)
{
  static const char *const parts[] = { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "5", "\r\nab", "cde\r",
                                       "\n3\r\nfgh\r\n0", "\r\n\r\n" };
  PerryFakeRule rule = { .path = "/slow", .raw_parts = parts, .n_raw_parts = G_N_ELEMENTS (parts) };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpBody) body = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[100];
  gssize count;
  guint timeouts = 0;

  perry_fake_engine_add_rule (fixture->engine, &rule);
  body = open_body (fixture, "slow", &error);
  g_assert_no_error (error);
  for (;;)
    {
      count = perry_http_body_read (body, buffer, sizeof buffer, 5, NULL, &error);
      if (count == 0)
        break;
      if (count > 0)
        g_string_append_len (text, buffer, count);
      else
        {
          g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
          g_clear_error (&error);
          timeouts++;
        }
    }
  g_assert_cmpstr (text->str, ==, "abcdefgh");
  g_assert_cmpuint (timeouts, >, 0);
}

static void
test_body_cut_between_chunks (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule rule = { .path = "/cut", .raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpBody) body = NULL;
  char buffer[100];

  rule.raw_size = strlen (rule.raw);
  perry_fake_engine_add_rule (fixture->engine, &rule);
  body = open_body (fixture, "cut", &error);
  g_assert_no_error (error);
  g_assert_cmpint (perry_http_body_read (body, buffer, sizeof buffer, 5000, NULL, &error), ==, 3);
  g_assert_cmpint (perry_http_body_read (body, buffer, sizeof buffer, 5000, NULL, &error), ==, -1);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
}

static gpointer
finish_body (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  PerryHttpBody *body = data;
  char buffer[4096];

  g_main_context_push_thread_default (context);
  while (perry_http_body_read (body, buffer, sizeof buffer, 5000, NULL, &error) > 0)
    continue;
  g_assert_no_error (error);
  perry_http_body_free (body);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* libsoup aborts the process when a reply is finished under another main context than it was asked for under. */
static void
test_contexts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  PerryHttpBody *bodies[3];

  for (guint i = 0; i < 3; i++)
    {
      bodies[i] = open_body (fixture, "info", &error);
      g_assert_no_error (error);
    }
  g_main_context_push_thread_default (context);
  perry_http_body_free (bodies[0]);
  finish_body (bodies[1]);
  g_main_context_pop_thread_default (context);
  g_thread_join (g_thread_new ("finish", finish_body, bodies[2]));
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
  g_test_add_func ("/http-stream/attach/outputs-are-told-apart", test_outputs);
  add ("/http-stream/attach/terminal", test_terminal);
  add ("/http-stream/attach/round-trip", test_round_trip);
  add ("/http-stream/attach/constant-memory", test_constant_memory);
  add ("/http-stream/attach/timeout-and-cancel", test_timeout_and_cancel);
  add ("/http-stream/attach/cancel-write", test_cancel_write);
  add ("/http-stream/attach/write-after-end", test_write_after_end);
  add ("/http-stream/attach/early-bytes-are-kept", test_early_bytes);
  add ("/http-stream/attach/broken", test_broken_streams);
  add ("/http-stream/upgrade/refusals", test_refusals);
  add ("/http-stream/upgrade/large-head", test_large_head);
  add ("/http-stream/upgrade/deadline", test_attach_deadline);
  g_test_add_func ("/http-stream/wait", test_wait_for_exit_code);
  g_test_add_func ("/http-stream/body/logs", test_logs);
  add ("/http-stream/body/refused", test_open_refused);
  add ("/http-stream/body/close-does-not-read-on", test_close_does_not_read_on);
  add ("/http-stream/body/cancel-and-truncation", test_body_timeout);
  add ("/http-stream/body/cut-between-chunks", test_body_cut_between_chunks);
  add ("/http-stream/body/any-thread-and-context", test_contexts);
  add ("/http-stream/body/pauses-lose-nothing", test_body_pauses);
  return g_test_run ();
}
