/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/socket.h>

#include "tests/fake/perry-fake-registry-private.h"

/* The first byte of what a client sends that tries TLS. */
#define TLS_HANDSHAKE 0x16
#define SOCKET_KEY "perry-socket"

/* What Go's servers answer. containerd goes on without TLS where it reads HTTP, and not where it reads nothing. */
static void
refuse_tls (GSocket *socket)
{
  static const char answer[] = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.\n";
  guint8 hello[4096];

  /* to close a socket that has not been read to its end resets the connection */
  while (recv (g_socket_get_fd (socket), hello, sizeof hello, MSG_DONTWAIT) > 0)
    ;
  send (g_socket_get_fd (socket), answer, sizeof answer - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  g_socket_close (socket, NULL);
}

/* Engines and cosign try TLS first, and libsoup waits for the rest of what it takes for the beginning of a request: ten
 * seconds, until they try without. Other servers refuse. */
static gboolean
on_first_byte (GSocket *socket, GIOCondition condition, gpointer data)
{
  PerryFakeRegistry *registry = data;
  guint8 first = TLS_HANDSHAKE;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) remote = NULL;

  if (recv (g_socket_get_fd (socket), &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1 || first == TLS_HANDSHAKE)
    {
      refuse_tls (socket);
      return G_SOURCE_REMOVE;
    }
  connection = g_socket_connection_factory_create_connection (socket);
  local = g_socket_get_local_address (socket, NULL);
  remote = g_socket_get_remote_address (socket, NULL);
  g_object_set_data_full (G_OBJECT (remote), SOCKET_KEY, g_object_ref (socket), g_object_unref);
  soup_server_accept_iostream (registry->server, G_IO_STREAM (connection), local, remote, NULL);
  return G_SOURCE_REMOVE;
}

static void
watch (PerryFakeRegistry *registry, GSocket *socket, GSocketSourceFunc function)
{
  g_autoptr (GSource) source = g_socket_create_source (socket, G_IO_IN, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (function), registry, NULL);
  g_source_attach (source, registry->context);
}

static gboolean
on_connection (GSocket *listener, GIOCondition condition, gpointer data)
{
  g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, NULL);

  if (socket != NULL)
    watch (data, socket, on_first_byte);
  return G_SOURCE_CONTINUE;
}

void
perry_fake_registry_accept (PerryFakeRegistry *registry, GSocket *listener)
{
  g_socket_set_blocking (listener, FALSE);
  watch (registry, listener, on_connection);
}

/* libsoup knows the sockets alone that it has accepted itself; of others it keeps the addresses. */
void
perry_fake_registry_cut (SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);

  if (socket == NULL)
    socket = g_object_get_data (G_OBJECT (soup_server_message_get_remote_address (message)), SOCKET_KEY);
  g_socket_shutdown (socket, TRUE, TRUE, NULL);
}
