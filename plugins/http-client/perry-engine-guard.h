/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-capability.h"
#include "plugin-api/perry-network.h"
#include "plugins/http-client/perry-http-client.h"

G_BEGIN_DECLS

/* Bridges of internal networks reach the host's own listeners: by their address (Podman's has one for the service that knows
 * the containers' names), by a link-local IPv6 address where there is no other, and by broadcasts whatever addresses there
 * are. No option of an engine closes all of that. So a packet filter in the engine's network namespace drops everything that
 * bridges of one name pattern send to the host, but for names asked at the bridge's own address. The rules are the same for
 * all such bridges and are put in place again, in one transaction, before a container is started on one, because a reload of
 * a firewall takes them away. */

/* What the names of guarded bridges begin with. Nobody else's do, and no two of ours are alike, so that nothing of an earlier
 * network is met again. */
#define PERRY_ENGINE_GUARDED_PREFIX "perryi"

gboolean perry_engine_guard_is_guarded (const char *bridge);

/* Whether the rules have to be in place before a container is on a network. */
gboolean perry_engine_guard_is_needed (const PerryNetworkInfo *network);

/* A name for a new bridge. (transfer full) */
char *perry_engine_guard_new_bridge (void);

/**
 * PerryEngineGuardPlace:
 * @pid: the engine's process, 0 where it is not known
 * @is_engine: whether that process is the engine itself, and not who made the socket for it
 * @is_systemd: whether it is systemd, which made the socket
 * @kernel: (nullable): the kernel that the engine says it runs on
 *
 * Where the rules belong.
 */
typedef struct {
  gint64 pid;
  gboolean is_engine;
  gboolean is_systemd;
  const char *kernel;
} PerryEngineGuardPlace;

/* Asks who serves the socket: anew each time, because an engine that was started again is another process, and the number
 * that it had may be anybody's by now. @program is what the kernel calls the engine's process. Where systemd made the socket,
 * the process is the one of @pid_file (nullable), if it is called so. `kernel` stays NULL. */
PerryEngineGuardPlace perry_engine_guard_find_place (PerryHttpClient *client, const char *program, const char *pid_file,
                                                     GCancellable *cancellable);

/* The number in a file, 0 where there is none or no process of that number is called @program. */
gint64 perry_engine_guard_read_pid_file (const char *path, const char *program);

/* Why the rules cannot be set there, NULL where they can: the engine is another machine's or out of sight; we are not root;
 * there is neither nft nor iptables. Looks, but changes nothing. (transfer full) */
char *perry_engine_guard_find_obstacle (const PerryEngineGuardPlace *place);

/* What that comes to for the capability internal-network: where something stands in the way it is partial, and @gap says what
 * then gets through to the host. */
void perry_engine_guard_limit_matrix (const PerryEngineGuardPlace *place, const char *gap, PerryCapabilityMatrix *matrix);

/* What iptables-restore has to be given so that the first rule of the chain INPUT, and no other one, is the jump to our chain:
 * after another rule it may never be reached. One transaction; NULL where it is so already. @listing is what `iptables -t
 * mangle -S INPUT` wrote. Pure. */
char *perry_engine_guard_place_jump (const char *listing);

/* Has the rules in place.
 *
 * Errors: PERRY_ERROR_UNSUPPORTED with what stands in the way. */
gboolean perry_engine_guard_ensure (const PerryEngineGuardPlace *place, GCancellable *cancellable, GError **error);

G_END_DECLS
