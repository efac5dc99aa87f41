/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/net-reach.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Long for a network in memory, on a machine that does other things too. */
#define PATIENCE_MS 700
/* Long for a container that has to be started first, or for what the engine starts to forward. */
#define ARRIVAL_MS 15000

typedef gpointer (*Work) (gpointer data);

typedef struct {
  gint64 pid;
  Work work;
  gpointer data;
} Visit;

static gpointer
visit_thread (gpointer data)
{
  const Visit *visit = data;
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/ns/net", visit->pid);
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (setns (fd, CLONE_NEWNET), ==, 0);
  close (fd);
  return visit->work (visit->data);
}

/* A thread of its own joins the namespace and ends with it; its sockets stay there. */
static gpointer
visit (gint64 pid, Work work, gpointer data)
{
  Visit arguments = { pid, work, data };

  return g_thread_join (g_thread_new ("visit", visit_thread, &arguments));
}

static int
listen_on (int type, guint16 port)
{
  struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons (port) };
  int off = 0;
  int fd = socket (AF_INET6, type | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off), ==, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  if (type == SOCK_STREAM)
    g_assert_cmpint (listen (fd, 16), ==, 0);
  return fd;
}

static gpointer
make_listener (gpointer data)
{
  NetListener *listener = g_new0 (NetListener, 1);

  listener->port = 4711;
  listener->tcp = listen_on (SOCK_STREAM, listener->port);
  listener->udp = listen_on (SOCK_DGRAM, listener->port);
  return listener;
}

NetListener *
net_listener_new (gint64 pid)
{
  return visit (pid, make_listener, NULL);
}

void
net_listener_free (NetListener *listener)
{
  close (listener->tcp);
  close (listener->udp);
  g_free (listener);
}

static void
add_address (GPtrArray *list, const struct sockaddr *address)
{
  char text[INET6_ADDRSTRLEN];
  const void *bytes;

  if (address == NULL || (address->sa_family != AF_INET && address->sa_family != AF_INET6))
    return;
  bytes = address->sa_family == AF_INET ? (const void *) &((const struct sockaddr_in *) address)->sin_addr
                                        : (const void *) &((const struct sockaddr_in6 *) address)->sin6_addr;
  g_assert_nonnull (inet_ntop (address->sa_family, bytes, text, sizeof text));
  g_ptr_array_add (list, g_strdup (text));
}

static gpointer
list_addresses (gpointer data)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  struct ifaddrs *all = NULL;

  g_assert_cmpint (getifaddrs (&all), ==, 0);
  for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next)
    {
      if ((one->ifa_flags & IFF_LOOPBACK) != 0)
        continue;
      add_address (list, one->ifa_addr);
      if ((one->ifa_flags & IFF_BROADCAST) != 0 && one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET)
        add_address (list, one->ifa_broadaddr);
    }
  freeifaddrs (all);
  return list;
}

GPtrArray *
net_addresses (gint64 pid)
{
  return visit (pid, list_addresses, NULL);
}

typedef struct {
  const char *address;
  guint16 port;
  int type;
  const char *token; /* what is sent; NULL for nothing */
} Attempt;

static gboolean
make_address (const Attempt *attempt, struct sockaddr_storage *ret_address, socklen_t *ret_size)
{
  struct sockaddr_in *ipv4 = (struct sockaddr_in *) ret_address;
  struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *) ret_address;

  memset (ret_address, 0, sizeof *ret_address);
  if (inet_pton (AF_INET, attempt->address, &ipv4->sin_addr) == 1)
    {
      ipv4->sin_family = AF_INET;
      ipv4->sin_port = htons (attempt->port);
      *ret_size = sizeof *ipv4;
      return TRUE;
    }
  g_assert_cmpint (inet_pton (AF_INET6, attempt->address, &ipv6->sin6_addr), ==, 1);
  ipv6->sin6_family = AF_INET6;
  ipv6->sin6_port = htons (attempt->port);
  if (IN6_IS_ADDR_LINKLOCAL (&ipv6->sin6_addr))
    ipv6->sin6_scope_id = if_nametoindex ("eth0");
  *ret_size = sizeof *ipv6;
  return TRUE;
}

static gboolean
is_connected (int fd)
{
  struct pollfd wait = { .fd = fd, .events = POLLOUT };
  int failure = 0;
  socklen_t size = sizeof failure;

  return poll (&wait, 1, PATIENCE_MS) == 1 && getsockopt (fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0;
}

static gpointer
try_it (gpointer data)
{
  const Attempt *attempt = data;
  struct sockaddr_storage address;
  socklen_t size;
  int on = 1, fd;
  gboolean ok;

  make_address (attempt, &address, &size);
  fd = socket (address.ss_family, attempt->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_assert_cmpint (fd, >=, 0);
  if (attempt->type == SOCK_DGRAM)
    setsockopt (fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  /* Needs no default route then, and no privilege either. */
  if (g_str_equal (attempt->address, "255.255.255.255"))
    setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, "eth0", sizeof "eth0");
  ok = connect (fd, (struct sockaddr *) &address, size) == 0 || (errno == EINPROGRESS && is_connected (fd));
  if (ok && attempt->token != NULL)
    ok = send (fd, attempt->token, strlen (attempt->token), MSG_NOSIGNAL) > 0;
  close (fd);
  return GINT_TO_POINTER (ok);
}

gboolean
net_reaches_tcp (gint64 pid, const char *address, NetListener *listener)
{
  Attempt attempt = { address, listener->port, SOCK_STREAM, NULL };

  return GPOINTER_TO_INT (visit (pid, try_it, &attempt));
}

static gboolean
receives_datagram (NetListener *listener, const char *token, gint64 patience_ms)
{
  gint64 end = g_get_monotonic_time () + patience_ms * 1000;

  for (gint64 left = patience_ms * 1000; left > 0; left = end - g_get_monotonic_time ())
    {
      struct pollfd wait = { .fd = listener->udp, .events = POLLIN };
      char text[64] = "";

      if (poll (&wait, 1, (int) (left / 1000)) != 1)
        return FALSE;
      if (recv (listener->udp, text, sizeof text - 1, 0) > 0 && g_str_equal (text, token))
        return TRUE;
    }
  return FALSE;
}

gboolean
net_reaches_udp (gint64 pid, const char *address, NetListener *listener)
{
  g_autofree char *token = g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
  Attempt attempt = { address, listener->port, SOCK_DGRAM, token };

  return GPOINTER_TO_INT (visit (pid, try_it, &attempt)) && receives_datagram (listener, token, PATIENCE_MS);
}

/* Whether the next connection, of which there is one, brings @text. */
static gboolean
accept_text (NetListener *listener, const char *text)
{
  int fd = accept4 (listener->tcp, NULL, NULL, SOCK_CLOEXEC);
  struct pollfd wait = { .fd = fd, .events = POLLIN };
  char found[64] = "";
  gboolean same;

  g_assert_cmpint (fd, >=, 0);
  same = poll (&wait, 1, PATIENCE_MS) == 1 && recv (fd, found, sizeof found - 1, 0) > 0 && g_str_equal (found, text);
  close (fd);
  return same;
}

gboolean
net_receives (NetListener *listener, const char *text)
{
  gint64 end = g_get_monotonic_time () + ARRIVAL_MS * 1000;

  for (gint64 left = ARRIVAL_MS * 1000; left > 0; left = end - g_get_monotonic_time ())
    {
      struct pollfd wait = { .fd = listener->tcp, .events = POLLIN };

      if (poll (&wait, 1, (int) (left / 1000)) != 1)
        return FALSE;
      if (accept_text (listener, text))
        return TRUE;
    }
  return FALSE;
}

gboolean
net_is_forwarded (gint64 pid, const char *address, guint16 port, int type, NetListener *listener)
{
  g_autofree char *token = g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
  Attempt attempt = { address, port, type, token };

  if (!GPOINTER_TO_INT (visit (pid, try_it, &attempt)))
    return FALSE;
  return type == SOCK_STREAM ? net_receives (listener, token) : receives_datagram (listener, token, ARRIVAL_MS);
}
