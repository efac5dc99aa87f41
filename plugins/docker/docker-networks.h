/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/docker/docker-backend.h"

G_BEGIN_DECLS

/* The operations on networks and volumes. */

char *perry_docker_network_create (gpointer backend, const PerryNetworkRequest *request, char ***ret_warnings,
                                   GCancellable *cancellable, GError **error);
PerryNetworkInfo *perry_docker_network_inspect (gpointer backend, const char *name, GCancellable *cancellable,
                                                GError **error);
GPtrArray *perry_docker_network_list (gpointer backend, const char *const *labels, GCancellable *cancellable,
                                      GError **error);
gboolean perry_docker_network_connect (gpointer backend, const char *name, const char *container,
                                       const char *const *aliases, GCancellable *cancellable, GError **error);
gboolean perry_docker_network_disconnect (gpointer backend, const char *name, const char *container,
                                          GCancellable *cancellable, GError **error);
gboolean perry_docker_network_remove (gpointer backend, const char *name, GCancellable *cancellable, GError **error);

gboolean perry_docker_volume_create (gpointer backend, const PerryVolumeRequest *request, GCancellable *cancellable,
                                     GError **error);
PerryVolumeInfo *perry_docker_volume_inspect (gpointer backend, const char *name, GCancellable *cancellable,
                                              GError **error);
GPtrArray *perry_docker_volume_list (gpointer backend, const char *const *labels, GCancellable *cancellable,
                                     GError **error);
gboolean perry_docker_volume_remove (gpointer backend, const char *name, gboolean force, GCancellable *cancellable,
                                     GError **error);

/* Lowers what the matrix says of internal networks, where the packet filter that they need cannot be set. */
void perry_docker_limit_internal_networks (PerryDocker *docker, PerryEngineInfo *engine, GCancellable *cancellable);

/* Has the packet filter in place where a network of the container is one that needs it. */
gboolean perry_docker_guard_container (PerryDocker *docker, const char *id, GCancellable *cancellable, GError **error);

G_END_DECLS
