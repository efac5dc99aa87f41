/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sockets in network namespaces of other processes: who reaches whom, without a program inside a container. */

/* Listens for TCP and UDP on every address of a namespace. */
typedef struct {
  int tcp;
  int udp;
  guint16 port;
} NetListener;

NetListener *net_listener_new (gint64 pid);
void net_listener_free (NetListener *listener);

/* All addresses of a namespace but those of lo, as `10.5.0.1` or `fe80::1`, and the broadcast addresses of its networks.
 * (transfer full) (element-type utf8) */
GPtrArray *net_addresses (gint64 pid);

/* Whether a process's namespace reaches the listener at @address: by a connection, or by a datagram that arrives there,
 * answered or not. Link-local addresses and broadcasts are tried on eth0. */
gboolean net_reaches_tcp (gint64 pid, const char *address, NetListener *listener);
gboolean net_reaches_udp (gint64 pid, const char *address, NetListener *listener);

/* Whether what a process's namespace sends to @address and @port arrives at the listener, where something between them
 * forwards it. @type: SOCK_STREAM or SOCK_DGRAM. */
gboolean net_is_forwarded (gint64 pid, const char *address, guint16 port, int type, NetListener *listener);

/* Waits until a connection to the listener brings @text. */
gboolean net_receives (NetListener *listener, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetListener, net_listener_free)

G_END_DECLS
