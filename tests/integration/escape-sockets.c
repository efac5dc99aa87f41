/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/integration/escape.h"

/* Ways out by sockets. */

#define N_FAMILIES 64
#define N_LINKS 64
#define N_TRIES 50
#define TRIES_PER_S 10

static int open_raw (void) { return escape_answer (socket (AF_INET, SOCK_RAW, IPPROTO_ICMP)); }
static int open_raw6 (void) { return escape_answer (socket (AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)); }
static int open_packet (void) { return escape_answer (socket (AF_PACKET, SOCK_RAW, htons (3))); }
static int open_vsock (void) { return escape_answer (socket (AF_VSOCK, SOCK_STREAM, 0)); }
static int open_audit (void) { return escape_answer (socket (AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)); }

/* A family that is not one of those that programs need. */
static int
open_any_other (void)
{
  static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET };
  int last = EAFNOSUPPORT;

  for (int family = 0; family < N_FAMILIES; family++)
    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
      {
        int fd;

        if (family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK)
          continue;
        fd = socket (family, types[i], 0);
        if (fd >= 0)
          return 0;
        if (errno != EAFNOSUPPORT && errno != ESOCKTNOSUPPORT && errno != EPROTONOSUPPORT)
          last = errno;
      }
  return last;
}

/* An address of those that documents use: whether there is a way to it. */
static int
send_inet (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (9) };
  int fd = socket (AF_INET, SOCK_DGRAM, 0);

  inet_pton (AF_INET, "192.0.2.1", &address.sin_addr);
  return escape_answer (sendto (fd, "x", 1, 0, (struct sockaddr *) &address, sizeof address));
}

static int
find_link (void)
{
  struct if_nameindex *links = if_nameindex ();

  for (struct if_nameindex *link = links; link != NULL && link->if_index != 0; link++)
    if (strcmp (link->if_name, "lo") != 0)
      return 0;
  return links != NULL ? ENODEV : errno;
}

/* To all nodes of a link. Engines switch that protocol off, root in a container switches it on, and the kernel makes sure for a
 * second or two that an address is nobody else's. */
static int
send_inet6 (void)
{
  struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons (9) };
  int fd = socket (AF_INET6, SOCK_DGRAM, 0);
  int links = find_link ();
  int off;

  if (links != 0)
    return ENETUNREACH;
  escape_make_writable ("/proc/sys");
  off = open ("/proc/sys/net/ipv6/conf/all/disable_ipv6", O_WRONLY);
  if (off >= 0 && write (off, "0", 1) < 0)
    return errno;
  inet_pton (AF_INET6, "ff02::1", &address.sin6_addr);
  for (unsigned i = 0; i < N_LINKS * N_TRIES; i++)
    {
      char name[IF_NAMESIZE];

      if (i % N_LINKS == 0)
        usleep (1000 * 1000 / TRIES_PER_S);
      address.sin6_scope_id = i % N_LINKS + 1;
      if (if_indextoname (address.sin6_scope_id, name) != NULL && strcmp (name, "lo") != 0 &&
          sendto (fd, "x", 1, 0, (struct sockaddr *) &address, sizeof address) == 1)
        return 0;
    }
  return ENETUNREACH;
}

/* A listener of the witness, in the network namespace of the engine. */
static int
connect_abstract (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0" ESCAPE_WITNESS };
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  return escape_answer (
      connect (fd, (struct sockaddr *) &address, offsetof (struct sockaddr_un, sun_path) + sizeof ESCAPE_WITNESS));
}

/* A bridge: the engines cannot do without that kind. */
static int
make_link (void)
{
  struct {
    struct nlmsghdr header;
    struct ifinfomsg link;
    struct rtattr info;
    struct rtattr kind;
    char name[8];
  } request = {
    .header = { .nlmsg_len = sizeof request,
                .nlmsg_type = RTM_NEWLINK,
                .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL },
    .info = { .rta_len = sizeof request.info + sizeof request.kind + 8, .rta_type = IFLA_LINKINFO },
    .kind = { .rta_len = sizeof request.kind + sizeof "bridge", .rta_type = IFLA_INFO_KIND },
    .name = "bridge",
  };
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[512];
  } answer = { .error = { .error = -EPROTO } };
  int fd = socket (AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

  if (send (fd, &request, sizeof request, 0) < 0 || recv (fd, &answer, sizeof answer, 0) < 0)
    return errno;
  return -answer.error.error;
}

const EscapeAttempt escape_sockets[] = {
  { "raw-socket", open_raw },
  { "raw-socket-6", open_raw6 },
  { "packet-socket", open_packet },
  { "vsock", open_vsock },
  { "audit-socket", open_audit },
  { "any-other-family", open_any_other },
  { "network-inet", send_inet },
  { "network-inet6", send_inet6 },
  { "network-link", find_link },
  { "make-link", make_link },
  { "abstract-socket", connect_abstract },
  { NULL, NULL },
};
