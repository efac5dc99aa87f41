/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"

G_BEGIN_DECLS

/* The network that a spec names, as the engine has it. @ret_network is NULL where the spec names none of its own (none,
 * host, bridge) or the backend does not tell.
 *
 * Errors: PERRY_ERROR_NETWORK_NOT_FOUND with the names that are near, before anything is created. */
gboolean perry_network_lookup (PerryBackend *backend, const PerryContainerSpec *spec, PerryNetworkInfo **ret_network,
                               GCancellable *cancellable, GError **error);

/* Notes that an internal network is less than that. @network may be NULL. */
void perry_network_limit_support (PerryBackend *backend, const PerryNetworkInfo *network, PerryFieldSupport *support);

G_END_DECLS
