/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/podman/podman-backend.h"

G_BEGIN_DECLS

/* Podman's API before 6 makes every container with the runtime of the service that it was asked of, and every service
 * then works with containers of any runtime that it knows. So a container that asks for another runtime is created by a
 * private service that has it, and by nobody where the service is not ours. */

/* Gets the client to create containers with @runtime, NULL for the service's own; starts a service where one is needed.
 * It lives as long as @podman. `engine` has to be filled.
 *
 * Errors: PERRY_ERROR_BACKEND_NOT_AVAILABLE, PERRY_ERROR_UNSUPPORTED, PERRY_ERROR_CANCELLED. */
PerryHttpClient *perry_podman_get_creator (PerryPodman *podman, const char *runtime, GCancellable *cancellable,
                                           GError **error);

/* Frees the clients and forgets the services, which end by themselves. */
void perry_podman_free_creators (PerryPodman *podman);

/* Whether a service of this version, whose own runtime is @own, makes a container with @runtime. Pure. */
gboolean perry_podman_takes_runtime (const char *version, const char *own, const char *runtime);

G_END_DECLS
