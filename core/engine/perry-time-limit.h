/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"

G_BEGIN_DECLS

/* Kills a container when its time is up, from a thread of its own. */
typedef struct _PerryTimeLimit PerryTimeLimit;

/* How long a container that was killed may take to end. */
#define PERRY_TIME_LIMIT_END_MS 10000

/* The clock starts now. @backend and @id have to outlive it. @end_ms: how long after the engine's answer to the kill the end
 * of the container is waited for; for the answer itself half of it. */
PerryTimeLimit *perry_time_limit_start (PerryBackend *backend, const char *id, guint timeout_ms, guint end_ms,
                                        GCancellable *caller);

/* Cancelled with @caller's, and when the engine has not ended the container that it was told to kill: then nobody waits for
 * it any longer. */
GCancellable *perry_time_limit_get_cancellable (PerryTimeLimit *limit);

/* Whether the time was up. */
gboolean perry_time_limit_has_expired (PerryTimeLimit *limit);

/* Says of a call that was given up that the container could not be killed in time. */
void perry_time_limit_explain (PerryTimeLimit *limit, GError *error);

/* Stops the clock, and the kill where it is under way. */
void perry_time_limit_free (PerryTimeLimit *limit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryTimeLimit, perry_time_limit_free)

G_END_DECLS
