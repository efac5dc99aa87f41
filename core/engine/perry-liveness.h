/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"

G_BEGIN_DECLS

/* Tells a container that takes its time from an engine that will never answer. A wait and an attached stream may last
 * for days, so they have no deadline; instead the engine is asked about the container every so often, and has to answer
 * that within its deadline. */
typedef struct {
  PerryBackend *backend;
  const char *id;
  gboolean started; /* one that has not been started is not waited for either */
  guint n_ended;
} PerryLiveness;

/* Asks the engine. FALSE when it does not answer, or when it has said twice that the container does not run: then what
 * is being waited for should have come long ago. */
gboolean perry_liveness_check (PerryLiveness *liveness, GCancellable *cancellable, GError **error);

/* `container_wait` of the backend, for as long as perry_liveness_check() agrees. */
gboolean perry_liveness_wait (PerryLiveness *liveness, gint64 *ret_exit_code, GCancellable *cancellable,
                              GError **error);

G_END_DECLS
