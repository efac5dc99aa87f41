/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/podman/podman-backend.h"

G_BEGIN_DECLS

/* The operations on networks and volumes. */

char *perry_podman_network_create (gpointer backend, const PerryNetworkRequest *request, char ***ret_warnings,
                                   GCancellable *cancellable, GError **error);
PerryNetworkInfo *perry_podman_network_inspect (gpointer backend, const char *name, GCancellable *cancellable,
                                                GError **error);
GPtrArray *perry_podman_network_list (gpointer backend, const char *const *labels, GCancellable *cancellable,
                                      GError **error);
gboolean perry_podman_network_connect (gpointer backend, const char *name, const char *container,
                                       const char *const *aliases, GCancellable *cancellable, GError **error);
gboolean perry_podman_network_disconnect (gpointer backend, const char *name, const char *container,
                                          GCancellable *cancellable, GError **error);
gboolean perry_podman_network_remove (gpointer backend, const char *name, GCancellable *cancellable, GError **error);

gboolean perry_podman_volume_create (gpointer backend, const PerryVolumeRequest *request, GCancellable *cancellable,
                                     GError **error);
PerryVolumeInfo *perry_podman_volume_inspect (gpointer backend, const char *name, GCancellable *cancellable,
                                              GError **error);
GPtrArray *perry_podman_volume_list (gpointer backend, const char *const *labels, GCancellable *cancellable,
                                     GError **error);
gboolean perry_podman_volume_remove (gpointer backend, const char *name, gboolean force, GCancellable *cancellable,
                                     GError **error);

typedef enum {
  PERRY_PODMAN_GUARDING_UNKNOWN, /* the container was made elsewhere, or has run before */
  PERRY_PODMAN_GUARDING_NONE,
  PERRY_PODMAN_GUARDING_NEEDED, /* it is on an internal network that a packet filter keeps from the host */
} PerryPodmanGuarding;

/* Lowers what the matrix says of internal networks, where the packet filter that they need cannot be set. Rootless bridges are
 * where the host's listeners are not. */
void perry_podman_limit_internal_networks (PerryPodman *podman, PerryEngineInfo *engine, GCancellable *cancellable);

/* Finds out whether containers of a spec need the packet filter. */
gboolean perry_podman_find_guarding (PerryPodman *podman, const PerryContainerSpec *spec,
                                     PerryPodmanGuarding *ret_guarding, GCancellable *cancellable, GError **error);

void perry_podman_set_guarding (PerryPodman *podman, const char *id, PerryPodmanGuarding guarding);

/* Has the packet filter in place where the container needs it, before it gets its first process. */
gboolean perry_podman_guard_container (PerryPodman *podman, const char *id, GCancellable *cancellable, GError **error);

G_END_DECLS
