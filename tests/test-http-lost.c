/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-client.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/fake/perry-fake-engine.h"

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

static void
test_lost (Fixture *fixture, gconstpointer data)
{
  static const char *const methods[] = { "POST", "PUT", "DELETE", "GET" };
  PerryFakeRule rule = { .path = "/thing", .close = TRUE };

  perry_fake_engine_add_rule (fixture->engine, &rule);
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) ping_error = NULL;
      g_autoptr (PerryHttpReply) ping = send_simple (fixture->client, "GET", "_ping", &ping_error);

      /* The connection is one that has been used, which is what makes libsoup try again. */
      g_assert_no_error (ping_error);
      g_assert_cmpuint (ping->status, ==, 200);
      g_assert_null (send_simple (fixture->client, methods[i], "thing", &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
      g_assert_nonnull (strstr (error->message, methods[i]));
      if (strcmp (methods[i], "GET") != 0)
        g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, methods[i], "/thing"), ==, 1);
    }
}

static void
test_get_is_repeated (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule rule = { .path = "/version", .close = TRUE, .times = 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) ping = send_simple (fixture->client, "GET", "_ping", &error);
  g_autoptr (PerryHttpReply) version = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (ping->status, ==, 200);
  perry_fake_engine_add_rule (fixture->engine, &rule);
  version = send_simple (fixture->client, "GET", "version", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (version->status, ==, 200);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, "GET", "/version"), ==, 2);
}

static void
test_closed_while_idle (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule rule = { .path = "/_ping", .close_when_idle = TRUE };

  perry_fake_engine_add_rule (fixture->engine, &rule);
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryHttpReply) ping = send_simple (fixture->client, "GET", "_ping", &error);
      g_autoptr (PerryHttpReply) post = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (ping->status, ==, 200);
      post = send_simple (fixture->client, "POST", "nosuch", &error);
      g_assert_no_error (error);
    }
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, "POST", "/nosuch"), ==, 10);
}

static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule rule = { .path = "/info", .truncate = 100 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) ping_error = NULL;
  g_autoptr (PerryHttpReply) ping = NULL;

  perry_fake_engine_add_rule (fixture->engine, &rule);
  g_assert_null (send_simple (fixture->client, "GET", "info", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
  ping = send_simple (fixture->client, "GET", "_ping", &ping_error);
  g_assert_no_error (ping_error);
}

/* A chunked reply that ends between two chunks looks complete to libsoup. */
static void
test_cut_between_chunks (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *raw; gboolean complete; } cases[] = {
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", FALSE },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", FALSE },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", FALSE },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n", TRUE },
  };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (cases); i++)
    {
      PerryFakeRule rule = { .path = "/thing", .raw = cases[i / 2].raw, .raw_size = strlen (cases[i / 2].raw) };
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryHttpReply) ping = send_simple (fixture->client, "GET", "_ping", &error);
      g_autoptr (PerryHttpReply) reply = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (ping->status, ==, 200);
      perry_fake_engine_add_rule (fixture->engine, &rule);
      reply = send_simple (fixture->client, i % 2 == 0 ? "GET" : "POST", "thing", &error);
      if (cases[i / 2].complete)
        g_assert_no_error (error);
      else
        g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
    }
}

/* The engine is in this process too; our ends are those whose peer has its name. */
static guint
count_connections (PerryFakeEngine *engine)
{
  guint count = 0;

  for (int fd = 3; fd < 1024; fd++)
    {
      struct sockaddr_un address = { 0 };
      socklen_t size = sizeof address;

      if (getpeername (fd, (struct sockaddr *) &address, &size) == 0
          && strcmp (address.sun_path, perry_fake_engine_get_socket_path (engine)) == 0)
        count++;
    }
  return count;
}

static void
test_connections_do_not_collect (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 40; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryHttpReply) post = send_simple (fixture->client, "POST", "nosuch", &error);
      g_autoptr (PerryHttpReply) ping = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (post->status, ==, 404);
      ping = send_simple (fixture->client, "GET", "_ping", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (ping->status, ==, 200);
      g_assert_cmpuint (count_connections (fixture->engine), ==, 1);
    }
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
  add ("/http-lost/writes-are-never-repeated", test_lost);
  add ("/http-lost/get-is-repeated", test_get_is_repeated);
  add ("/http-lost/closed-while-idle", test_closed_while_idle);
  add ("/http-lost/truncated", test_truncated);
  add ("/http-lost/cut-between-chunks", test_cut_between_chunks);
  add ("/http-lost/connections-do-not-collect", test_connections_do_not_collect);
  return g_test_run ();
}
