/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/podman/podman-backend.h"

G_BEGIN_DECLS

/* Podman's internal networks reach the host's own listeners: the bridge has an address, for the service that knows the
 * containers' names, and even without one it has a link-local address. No option of Podman changes that. So a packet
 * filter in the engine's network namespace drops everything that bridges named PERRY_PODMAN_GUARDED_PREFIX* send to the
 * host, but for names asked at the bridge's own address. The rules are the same for all such bridges and are put in place
 * again, in one transaction, before a container is started on one, because a reload of a firewall takes them away. */

/* Why the rules cannot be set here, NULL where they can: the service is another machine's, not root's, or out of sight; we
 * are not root; there is neither nft nor iptables. Looks, but changes nothing. (transfer full) */
char *perry_podman_guard_find_obstacle (PerryPodman *podman, GCancellable *cancellable);

/* Has the rules in place.
 *
 * Errors: PERRY_ERROR_UNSUPPORTED with what stands in the way. */
gboolean perry_podman_guard_ensure (PerryPodman *podman, GCancellable *cancellable, GError **error);

G_END_DECLS
