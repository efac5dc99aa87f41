/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"

G_BEGIN_DECLS

/* Creates a network on a backend that offers it, from a request that was checked and has its labels. Where @strict is set,
 * one that the backend's matrix says it cannot isolate is refused before anything is created, and one that turns out to be
 * less than what was asked for is removed again; the error says so where that fails.
 *
 * Errors: PERRY_ERROR_ENFORCEMENT, and those of the backend. */
char *perry_network_create (PerryBackend *backend, const PerryNetworkRequest *request, gboolean strict,
                            char ***ret_warnings, GCancellable *cancellable, GError **error);

G_END_DECLS
