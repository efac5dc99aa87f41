/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"
#include "plugins/docker/docker-refine.h"
#include "plugins/http-client/perry-http-client.h"

G_BEGIN_DECLS

/**
 * PerryDocker:
 * @client: the engine's socket
 * @prefix: what every path begins with: `/v1.41`
 * @api_version: the API version that is spoken: `1.41`
 * @timeout_ms: how long one answer may take
 * @lock: guards what follows
 * @engine: (nullable): what the last probe found out
 * @runtime: (nullable): the program's name of the default OCI runtime
 * @seccomp_unconfined: whether the daemon's default is no seccomp filter
 * @engine_pid: who serves the socket; 0 where that is not known, -1 where it was not asked
 * @engine_uid: whose process that is, -1 where it is not known
 * @can_raise: whether that process may give its children higher limits than its own
 * @grantable: what that process could grant at most
 * @limits: what the daemon's host allows, where @engine is known
 * @unstarted: ids of containers that this handle created and has not started
 * @plain: ids of those among them that are on no network of their own
 *
 * An open connection to a Docker engine. Any thread may use it.
 */
typedef struct {
  PerryHttpClient *client;
  char *prefix;
  char *api_version;
  int timeout_ms;

  GMutex lock;
  PerryEngineInfo *engine;
  char *runtime;
  gboolean seccomp_unconfined;
  gint64 engine_pid;
  gint64 engine_uid;
  gboolean can_raise;
  PerryLinuxCapabilities grantable;
  PerryDockerLimits limits;
  GHashTable *unstarted;
  GHashTable *plain;
} PerryDocker;

/* docker-open.c */
gpointer perry_docker_open (const PerryBackendConfig *config, GCancellable *cancellable, GError **error);
void perry_docker_close (gpointer backend);
PerryEngineInfo *perry_docker_probe (gpointer backend, GCancellable *cancellable, GError **error);
void perry_docker_refine (gpointer backend, const PerryContainerSpec *spec, PerryFieldSupport *support);
const PerryBackendCandidate *perry_docker_list_candidates (void);

/* Finds out, once for each probe, who serves the socket and what that process may grant. */
void perry_docker_look_at_peer (PerryDocker *docker, GCancellable *cancellable);

/* Has `engine` filled; probes where that was not done. */
gboolean perry_docker_ensure_engine (PerryDocker *docker, GCancellable *cancellable, GError **error);

/* docker-images.c */

/* From this minor version on, an image can be inspected for one of the platforms that containerd's store keeps of it. */
#define PERRY_DOCKER_INSPECT_PLATFORM_MINOR 49

PerryImageInfo *perry_docker_image_inspect (gpointer backend, const char *reference, GCancellable *cancellable,
                                            GError **error);
PerryImageInfo *perry_docker_image_inspect_platform (gpointer backend, const char *reference, const char *platform,
                                                     GCancellable *cancellable, GError **error);
GPtrArray *perry_docker_image_list (gpointer backend, GCancellable *cancellable, GError **error);
char **perry_docker_image_load (gpointer backend, GInputStream *archive, GCancellable *cancellable, GError **error);
PerryEventIterator *perry_docker_image_pull (gpointer backend, const char *reference, const char *platform,
                                             const char *credentials, GCancellable *cancellable, GError **error);
gboolean perry_docker_image_remove (gpointer backend, const char *reference, gboolean force,
                                    GCancellable *cancellable, GError **error);
gboolean perry_docker_image_tag (gpointer backend, const char *image, const char *reference,
                                 GCancellable *cancellable, GError **error);

/* docker-containers.c */
char *perry_docker_container_create (gpointer backend, const PerryCreateRequest *request, char ***ret_warnings,
                                     GCancellable *cancellable, GError **error);
gboolean perry_docker_container_start (gpointer backend, const char *id, GCancellable *cancellable, GError **error);
PerryContainerInfo *perry_docker_container_inspect (gpointer backend, const char *id, GCancellable *cancellable,
                                                    GError **error);
GPtrArray *perry_docker_container_list (gpointer backend, gboolean all, const char *const *labels,
                                        GCancellable *cancellable, GError **error);
gboolean perry_docker_container_wait (gpointer backend, const char *id, gint64 *ret_exit_code,
                                      GCancellable *cancellable, GError **error);
gboolean perry_docker_container_stop (gpointer backend, const char *id, int timeout_s, GCancellable *cancellable,
                                      GError **error);
gboolean perry_docker_container_kill (gpointer backend, const char *id, const char *signal_name,
                                      GCancellable *cancellable, GError **error);
gboolean perry_docker_container_remove (gpointer backend, const char *id, gboolean force, GCancellable *cancellable,
                                        GError **error);

/* docker-streams.c */
PerryStream *perry_docker_container_attach (gpointer backend, const char *id, gboolean with_stdin,
                                            GCancellable *cancellable, GError **error);
PerryStream *perry_docker_container_logs (gpointer backend, const char *id, const PerryLogRequest *request,
                                          GCancellable *cancellable, GError **error);

/* docker-locate.c */
PerryProcessLocation *perry_docker_locate_process (gpointer backend, const char *id, GCancellable *cancellable,
                                                   GError **error);

/* A container that was created here, has no terminal and no process yet. */
gboolean perry_docker_is_unstarted (PerryDocker *docker, const char *id);
void perry_docker_set_unstarted (PerryDocker *docker, const char *id, gboolean unstarted);

/* One that needs no look at its networks before its first start. */
gboolean perry_docker_is_plain (PerryDocker *docker, const char *id);
void perry_docker_set_plain (PerryDocker *docker, const char *id, gboolean plain);

G_END_DECLS
