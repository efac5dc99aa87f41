/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"

G_BEGIN_DECLS

/* Whether the engine starts a container of @info again by its policy when it ends. */
gboolean perry_restarts_are_possible (const PerryContainerInfo *info);

/* Waits until a container that has ended, or is about to, was started again after @started_at, or will not be started
 * again. Returns what inspect says then: running or paused, or ended for good. PERRY_ERROR_TIMED_OUT where the engine does
 * not come to an end of it. */
PerryContainerInfo *perry_restarts_wait (PerryBackend *backend, const char *id, gint64 started_at,
                                         GCancellable *cancellable, GError **error);

/* The same for a test: @unchanged_us is how long the engine may say the same. */
PerryContainerInfo *perry_restarts_wait_for (PerryBackend *backend, const char *id, gint64 started_at, gint64 unchanged_us,
                                             GCancellable *cancellable, GError **error);

G_END_DECLS
