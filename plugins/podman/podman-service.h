/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/http-client/perry-http-client.h"

G_BEGIN_DECLS

/**
 * PerryPodmanService:
 *
 * A `podman system service` of our own: started when it is needed, shared by all who use the same directory and
 * settings, and ended by itself after a time without requests. Any thread may use it.
 */
typedef struct _PerryPodmanService PerryPodmanService;

/* @directory: a private directory for socket, lock and log
 * @runtime: the plugin's option `runtime`
 * @idle_s: the plugin's option `service_timeout`: seconds without a request after which the service ends, 0 for never
 *
 * Nothing is started yet.
 *
 * Errors: PERRY_ERROR_BACKEND_NOT_AVAILABLE: Podman is not installed, or no OCI runtime can run here. */
PerryPodmanService *perry_podman_service_new (const char *directory, const char *runtime, gint64 idle_s,
                                              GError **error);

void perry_podman_service_free (PerryPodmanService *service);

const char *perry_podman_service_get_socket_path (const PerryPodmanService *service);

/* Why the runtime is not Podman's own choice, NULL where it is. */
const char *perry_podman_service_get_note (const PerryPodmanService *service);

/* Has the service answer on @client, whose socket is the service's; starts it where nobody answers. Does nothing where
 * a request was made a short while ago. @ret_new says that another process may serve the socket now.
 *
 * Errors: PERRY_ERROR_BACKEND_NOT_AVAILABLE with what the service wrote before it ended; PERRY_ERROR_CANCELLED. */
gboolean perry_podman_service_ensure (PerryPodmanService *service, PerryHttpClient *client, int timeout_ms,
                                      gboolean *ret_new, GCancellable *cancellable, GError **error);

/* Has the next call of perry_podman_service_ensure() look again. */
void perry_podman_service_forget (PerryPodmanService *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryPodmanService, perry_podman_service_free)

G_END_DECLS
