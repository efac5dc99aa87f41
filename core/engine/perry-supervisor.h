/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/perry-config.h"
#include "core/engine/perry-backend-connection.h"

G_BEGIN_DECLS

/* The program that stays beside a detached container for what its engine lacks: perryctl with an internal verb. */

/* Its path. NULL where there is none, with @ret_reason. */
char *perry_supervisor_find (PerryConfig *config, char **ret_reason);

/* Starts one for the container @id, which exists and may not have been started yet, and returns when it is ready. */
gboolean perry_supervisor_start (PerryConfig *config, PerryBackend *backend, const char *id, GCancellable *cancellable,
                                 GError **error);

G_END_DECLS
