/* SPDX-License-Identifier: Apache-2.0 */
/* An engine that is too busy to take connections: the queue of its socket is full, and a Unix socket refuses then. */
#include "plugins/http-client/perry-http-client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugins/http-client/perry-http-hijack.h"
#include "tests/fake/perry-fake-engine.h"

#define N_WAITING 8
#define N_CALLERS 64

typedef struct {
  PerryFakeEngine *engine;
  PerryHttpClient *client;
  GThread *first;
  int waiting[N_WAITING]; /* connections in the queue */
  guint n_waiting;
  GMutex lock;
  GCond changed;
  gboolean is_busy;
  gboolean may_go_on;
} Fixture;

static PerryHttpReply *
send_with (Fixture *fixture, const char *method, int deadline_ms, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryHttpRequest) request = perry_http_request_new (method, NULL, "_ping", NULL);

  perry_http_request_set_deadline (request, deadline_ms);
  return perry_http_client_send (fixture->client, request, cancellable, error);
}

/* Keeps the server's only thread, so that nobody accepts. */
static void
stay_busy (PerryFakeEngine *engine, const PerryFakeRequest *request, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_mutex_lock (&fixture->lock);
  fixture->is_busy = TRUE;
  g_cond_broadcast (&fixture->changed);
  while (!fixture->may_go_on)
    g_cond_wait (&fixture->changed, &fixture->lock);
  g_mutex_unlock (&fixture->lock);
}

static gpointer
make_busy (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = send_with (fixture, "GET", 20000, NULL, &error);

  g_assert_no_error (error);
  return NULL;
}

static gboolean
try_to_wait (Fixture *fixture)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_strlcpy (address.sun_path, perry_fake_engine_get_socket_path (fixture->engine), sizeof address.sun_path);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    {
      g_assert_cmpuint (fixture->n_waiting, <, N_WAITING);
      fixture->waiting[fixture->n_waiting++] = fd;
      return TRUE;
    }
  g_assert_cmpint (errno, ==, EAGAIN);
  close (fd);
  return FALSE;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_mutex_init (&fixture->lock);
  g_cond_init (&fixture->changed);
  fixture->engine = perry_fake_engine_new (PERRY_FAKE_DOCKER_20);
  fixture->client = perry_http_client_new (perry_fake_engine_get_socket_path (fixture->engine));
  perry_fake_engine_set_backlog (fixture->engine, 1);
  perry_fake_engine_set_hook (fixture->engine, stay_busy, fixture);
  fixture->first = g_thread_new ("first", make_busy, fixture);
  g_mutex_lock (&fixture->lock);
  while (!fixture->is_busy)
    g_cond_wait (&fixture->changed, &fixture->lock);
  g_mutex_unlock (&fixture->lock);
  while (try_to_wait (fixture))
    ;
}

static void
go_on (Fixture *fixture)
{
  g_mutex_lock (&fixture->lock);
  fixture->may_go_on = TRUE;
  g_cond_broadcast (&fixture->changed);
  g_mutex_unlock (&fixture->lock);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  go_on (fixture);
  g_thread_join (fixture->first);
  for (guint i = 0; i < fixture->n_waiting; i++)
    close (fixture->waiting[i]);
  perry_http_client_free (fixture->client);
  perry_fake_engine_free (fixture->engine);
  g_cond_clear (&fixture->changed);
  g_mutex_clear (&fixture->lock);
}

/* The time that the engine needs for what it is at. */
static gpointer
go_on_later (gpointer data)
{
  g_usleep (200 * 1000);
  go_on (data);
  return NULL;
}

/* What changes something is sent once all the same. */
static void
test_waited_for (Fixture *fixture, gconstpointer data)
{
  GThread *thread = g_thread_new ("go on", go_on_later, fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = send_with (fixture, "POST", 20000, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (reply);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, "POST", "/_ping"), ==, 1);
  g_thread_join (thread);
}

/* The same on a connection that is ours and not libsoup's. */
static void
test_own_connection (Fixture *fixture, gconstpointer data)
{
  GThread *thread = g_thread_new ("go on", go_on_later, fixture);
  g_autoptr (GError) error = NULL;
  gint64 pid = 0;

  perry_http_client_get_peer_pid (fixture->client, &pid, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pid, ==, getpid ());
  g_thread_join (thread);
}

static void
test_deadline (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryHttpRequest) upgrade = perry_http_request_new ("POST", NULL, "attach", NULL);
  g_autoptr (GError) error = NULL, upgrade_error = NULL;
  gint64 begin = g_get_monotonic_time ();

  g_assert_null (send_with (fixture, "GET", 100, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "did not answer within 100 ms"));
  perry_http_request_set_deadline (upgrade, 100);
  g_assert_null (perry_http_hijack (fixture->client, upgrade, NULL, "attaching", NULL, &upgrade_error));
  g_assert_error (upgrade_error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_TIME_SPAN_SECOND);
}

static gpointer
cancel_later (gpointer data)
{
  g_usleep (100 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  for (int own = FALSE; own <= TRUE; own++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      GThread *thread = g_thread_new ("cancel", cancel_later, cancellable);
      g_autoptr (GError) error = NULL;
      gint64 pid;

      if (own)
        g_assert_false (perry_http_client_get_peer_pid (fixture->client, &pid, cancellable, &error));
      else
        g_assert_null (send_with (fixture, "GET", -1, cancellable, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
      g_thread_join (thread);
    }
}

static gpointer
call (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryHttpReply) reply = send_with (fixture, "POST", 20000, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (reply);
  return NULL;
}

static void
test_many (Fixture *fixture, gconstpointer data)
{
  GThread *threads[N_CALLERS];

  for (guint i = 0; i < N_CALLERS; i++)
    threads[i] = g_thread_new ("call", call, fixture);
  go_on_later (fixture);
  for (guint i = 0; i < N_CALLERS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, "POST", "/_ping"), ==, N_CALLERS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/http-busy/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("waited-for", test_waited_for);
  ADD ("own-connection", test_own_connection);
  ADD ("deadline", test_deadline);
  ADD ("cancelled", test_cancelled);
  ADD ("many", test_many);
  return g_test_run ();
}
