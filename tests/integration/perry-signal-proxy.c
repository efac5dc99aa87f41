/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/perry-signal-proxy.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct _PerrySignalProxy {
  GSocket *listener;
  char *socket;
  char *engine_socket;
  GThread *acceptor;
  GCancellable *cancellable;
  GMutex mutex;
  GCond cond;
  GPtrArray *connections; /* of GThread */
  PerryPoint point;
  GRegex *pattern;
  gboolean armed;
  guint seen;
  GPid pid;
  int signal_number;
  gboolean fired;
  gboolean awaits_reply; /* the request came by, and its reply is what fires */
  GString *log;
};

typedef struct {
  PerrySignalProxy *proxy;
  GSocket *client;
  GSocket *engine;
  gboolean reply_fires;
} Connection;

static void
fire (PerrySignalProxy *proxy)
{
  while (proxy->pid == 0 && !g_cancellable_is_cancelled (proxy->cancellable))
    g_cond_wait (&proxy->cond, &proxy->mutex);
  if (proxy->pid != 0)
    kill (proxy->pid, proxy->signal_number);
  proxy->fired = TRUE;
  proxy->armed = FALSE;
  proxy->awaits_reply = FALSE;
  g_cond_broadcast (&proxy->cond);
}

/* A request begins wherever a client's data begins with a method: none of our clients pipelines, and a body or a hijacked
 * stream never begins like one. */
static void
notice_request (Connection *connection, const char *data, gsize length)
{
  PerrySignalProxy *proxy = connection->proxy;
  g_autofree char *head = g_strndup (data, MIN (length, 2048));
  g_auto (GStrv) words = g_strsplit_set (head, " \r\n", 3);

  if (g_strv_length (words) < 3 || words[1][0] != '/')
    return; /* a body, or a hijacked stream */
  connection->reply_fires = FALSE;
  g_mutex_lock (&proxy->mutex);
  g_string_append_printf (proxy->log, "%s %s\n", words[0], words[1]);
  if (proxy->armed && g_str_equal (words[0], proxy->point.method) && g_regex_match (proxy->pattern, words[1], 0, NULL) &&
      ++proxy->seen == proxy->point.occurrence)
    {
      connection->reply_fires = proxy->awaits_reply = proxy->point.phase == PERRY_POINT_REPLY;
      if (!connection->reply_fires)
        fire (proxy);
    }
  g_mutex_unlock (&proxy->mutex);
}

static void
notice_reply (Connection *connection)
{
  PerrySignalProxy *proxy = connection->proxy;

  if (!connection->reply_fires)
    return;
  connection->reply_fires = FALSE;
  g_mutex_lock (&proxy->mutex);
  fire (proxy);
  g_mutex_unlock (&proxy->mutex);
}

static gboolean
send_all (GSocket *to, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize n = g_socket_send (to, data, length, NULL, NULL);

      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* FALSE when that direction has ended */
static gboolean
pass_on (Connection *connection, GSocket *from, GSocket *to, gboolean is_request)
{
  char buffer[65536];
  gssize n = g_socket_receive (from, buffer, sizeof buffer, NULL, NULL);

  if (n <= 0)
    {
      g_socket_shutdown (to, FALSE, TRUE, NULL);
      return FALSE;
    }
  if (!send_all (to, buffer, (gsize) n))
    return FALSE;
  if (is_request)
    notice_request (connection, buffer, (gsize) n);
  else
    notice_reply (connection);
  return TRUE;
}

/* A reply that never came fires nothing. */
static void
end_connection (Connection *connection)
{
  PerrySignalProxy *proxy = connection->proxy;

  g_mutex_lock (&proxy->mutex);
  if (connection->reply_fires)
    proxy->awaits_reply = FALSE;
  g_cond_broadcast (&proxy->cond);
  g_mutex_unlock (&proxy->mutex);
}

static gpointer
connection_thread (gpointer data)
{
  Connection *connection = data;
  gboolean client_open = TRUE, engine_open = TRUE;
  GPollFD wake;

  g_assert_true (g_cancellable_make_pollfd (connection->proxy->cancellable, &wake));
  /* a client that is gone for good takes its connection with it, or the engine would wait for ever */
  while (engine_open)
    {
      struct pollfd fds[3] = {
        { .fd = client_open ? g_socket_get_fd (connection->client) : -1, .events = POLLIN },
        { .fd = g_socket_get_fd (connection->engine), .events = POLLIN },
        { .fd = wake.fd, .events = POLLIN },
      };

      if (poll (fds, 3, -1) < 0 && errno != EINTR)
        break;
      if (fds[2].revents != 0)
        break;
      if (fds[1].revents != 0)
        engine_open = pass_on (connection, connection->engine, connection->client, FALSE);
      if (client_open && fds[0].revents != 0)
        client_open = pass_on (connection, connection->client, connection->engine, TRUE);
      if ((fds[0].revents & (POLLHUP | POLLERR)) != 0 && !client_open)
        break;
    }
  end_connection (connection);
  g_cancellable_release_fd (connection->proxy->cancellable);
  g_socket_close (connection->client, NULL);
  g_socket_close (connection->engine, NULL);
  g_object_unref (connection->client);
  g_object_unref (connection->engine);
  g_free (connection);
  return NULL;
}

/* NULL while the engine is dead, which the client notices by its connection being closed. */
static GSocket *
connect_to_engine (PerrySignalProxy *proxy)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (proxy->engine_socket);
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);

  return g_socket_connect (socket, address, NULL, NULL) ? g_steal_pointer (&socket) : NULL;
}

static gpointer
accept_thread (gpointer data)
{
  PerrySignalProxy *proxy = data;

  for (;;)
    {
      g_autoptr (GSocket) client = g_socket_accept (proxy->listener, proxy->cancellable, NULL);
      g_autoptr (GSocket) engine = NULL;
      Connection *connection;

      if (client == NULL)
        return NULL;
      engine = connect_to_engine (proxy);
      if (engine == NULL)
        continue;
      connection = g_new0 (Connection, 1);
      connection->proxy = proxy;
      connection->client = g_steal_pointer (&client);
      connection->engine = g_steal_pointer (&engine);
      g_mutex_lock (&proxy->mutex);
      g_ptr_array_add (proxy->connections, g_thread_new ("proxy", connection_thread, connection));
      g_mutex_unlock (&proxy->mutex);
    }
}

PerrySignalProxy *
perry_signal_proxy_new (const char *socket, const char *engine_socket)
{
  PerrySignalProxy *proxy = g_new0 (PerrySignalProxy, 1);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket);
  struct stat engine;

  signal (SIGPIPE, SIG_IGN);
  proxy->socket = g_strdup (socket);
  proxy->engine_socket = g_strdup (engine_socket);
  proxy->cancellable = g_cancellable_new ();
  proxy->connections = g_ptr_array_new ();
  proxy->log = g_string_new (NULL);
  g_mutex_init (&proxy->mutex);
  g_cond_init (&proxy->cond);
  proxy->listener = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_assert_true (g_socket_bind (proxy->listener, address, FALSE, NULL));
  /* whoever may talk to the engine may talk to this */
  g_assert_cmpint (stat (engine_socket, &engine), ==, 0);
  g_assert_cmpint (chown (socket, engine.st_uid, engine.st_gid), ==, 0);
  g_assert_true (g_socket_listen (proxy->listener, NULL));
  proxy->acceptor = g_thread_new ("acceptor", accept_thread, proxy);
  return proxy;
}

void
perry_signal_proxy_arm (PerrySignalProxy *proxy, const PerryPoint *point, int signal_number)
{
  g_mutex_lock (&proxy->mutex);
  proxy->point = *point;
  g_clear_pointer (&proxy->pattern, g_regex_unref);
  proxy->pattern = g_regex_new (point->path, 0, 0, NULL);
  g_assert_nonnull (proxy->pattern);
  proxy->signal_number = signal_number;
  proxy->seen = 0;
  proxy->pid = 0;
  proxy->fired = FALSE;
  proxy->awaits_reply = FALSE;
  proxy->armed = TRUE;
  g_string_truncate (proxy->log, 0);
  g_mutex_unlock (&proxy->mutex);
}

void
perry_signal_proxy_set_pid (PerrySignalProxy *proxy, GPid pid)
{
  g_mutex_lock (&proxy->mutex);
  proxy->pid = pid;
  g_cond_broadcast (&proxy->cond);
  g_mutex_unlock (&proxy->mutex);
}

gboolean
perry_signal_proxy_has_fired (PerrySignalProxy *proxy)
{
  gboolean fired;

  g_mutex_lock (&proxy->mutex);
  /* The client has the reply a little earlier than we send the signal, and may have ended since. */
  while (proxy->awaits_reply)
    g_cond_wait (&proxy->cond, &proxy->mutex);
  fired = proxy->fired;
  proxy->armed = FALSE;
  g_mutex_unlock (&proxy->mutex);
  return fired;
}

char *
perry_signal_proxy_describe (PerrySignalProxy *proxy)
{
  char *text;

  g_mutex_lock (&proxy->mutex);
  text = g_strdup (proxy->log->str);
  g_mutex_unlock (&proxy->mutex);
  return text;
}

void
perry_signal_proxy_free (PerrySignalProxy *proxy)
{
  g_cancellable_cancel (proxy->cancellable);
  g_cond_broadcast (&proxy->cond);
  g_thread_join (proxy->acceptor);
  for (guint i = 0; i < proxy->connections->len; i++)
    g_thread_join (g_ptr_array_index (proxy->connections, i));
  g_ptr_array_unref (proxy->connections);
  g_object_unref (proxy->listener);
  g_object_unref (proxy->cancellable);
  g_clear_pointer (&proxy->pattern, g_regex_unref);
  g_string_free (proxy->log, TRUE);
  unlink (proxy->socket);
  g_free (proxy->socket);
  g_free (proxy->engine_socket);
  g_free (proxy);
}
