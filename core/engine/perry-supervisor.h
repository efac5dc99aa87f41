/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/perry-config.h"
#include "core/engine/perry-backend-connection.h"

G_BEGIN_DECLS

/* The program that stays beside a detached container for what its engine lacks: perryctl with an internal verb. */

/* Its path. NULL where there is none that is trusted, with @ret_reason. */
char *perry_supervisor_find (PerryConfig *config, char **ret_reason);

/* The same for a test: @privileged is whether the process has more rights than who started it. The environment does not
 * count then. */
char *perry_supervisor_find_for (PerryConfig *config, gboolean privileged, char **ret_reason);

/* Starts one for the container @id, which exists and may not have been started yet, and returns when it is ready. After a
 * failure none is left. @ret_pidfd, which may be NULL, is for perry_supervisor_end() or close(); -1 where there is none. */
gboolean perry_supervisor_start (PerryConfig *config, PerryBackend *backend, const char *id, int *ret_pidfd,
                                 GCancellable *cancellable, GError **error);

/* Tells one that it is not needed. */
void perry_supervisor_end (int pidfd);

G_END_DECLS
