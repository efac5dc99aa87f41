/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"
#include "plugins/http-client/perry-http-client.h"
#include "plugins/podman/podman-host.h"
#include "plugins/podman/podman-service.h"

G_BEGIN_DECLS

/* What every path begins with. Podman takes any version here and does not look at it. */
#define PERRY_PODMAN_PREFIX "/v4.0.0/libpod"

/**
 * PerryPodman:
 * @client: the service's socket
 * @service: (nullable): the private service, NULL where another one is used
 * @directory: where seccomp profiles are put
 * @api_version: Podman's version
 * @timeout_ms: how long one answer may take
 * @start_timeout_ms: how long starting the private service may take
 * @idle_s: after how many seconds without a request a private service ends
 * @lock: guards what follows
 * @engine: (nullable): what the last probe found out
 * @has_timers: whether Podman looks at health by itself
 * @host_known: whether @host was filled
 * @host: what the service's process allows
 * @unstarted: ids of containers that this handle created and that have no process yet
 * @guards: what starting a container needs that this handle created: #PerryPodmanGuarding by id
 * @creators: (nullable): what perry_podman_get_creator() has started, by the runtime
 * @ports: the ports of containers that this handle created and has not started, by their ids
 *
 * An open connection to a Podman service. Any thread may use it.
 */
typedef struct {
  PerryHttpClient *client;
  PerryPodmanService *service;
  char *directory;
  char *api_version;
  int timeout_ms;
  int start_timeout_ms;
  gint64 idle_s;

  GMutex lock;
  PerryEngineInfo *engine;
  gboolean has_timers;
  gboolean host_known;
  PerryPodmanHost host;
  GHashTable *unstarted;
  GHashTable *guards;
  GHashTable *creators;
  GHashTable *ports;
} PerryPodman;

/* podman-open.c */
gpointer perry_podman_open (const PerryBackendConfig *config, GCancellable *cancellable, GError **error);
void perry_podman_close (gpointer backend);
PerryEngineInfo *perry_podman_probe (gpointer backend, GCancellable *cancellable, GError **error);
void perry_podman_refine (gpointer backend, const PerryContainerSpec *spec, PerryFieldSupport *support);

/* Has `engine` filled; probes where that was not done. */
gboolean perry_podman_ensure_engine (PerryPodman *podman, GCancellable *cancellable, GError **error);

/* Finds out, once for each probe, who serves the socket and what that process allows. */
void perry_podman_get_host (PerryPodman *podman, PerryPodmanHost *ret_host, GCancellable *cancellable);

/* A container that was created here, has no terminal and no process yet. */
gboolean perry_podman_is_unstarted (PerryPodman *podman, const char *id);
void perry_podman_set_unstarted (PerryPodman *podman, const char *id, gboolean unstarted);

/* podman-ports.c */

/* Remembers and forgets what a container publishes, for the check. */
void perry_podman_note_ports (PerryPodman *podman, const char *id, const PerryContainerSpec *spec);
void perry_podman_forget_ports (PerryPodman *podman, const char *id);

/* Once it has its first process, and with it its ports, they need no second look before its start. */
void perry_podman_settle_ports (PerryPodman *podman, const char *id);

/* Before a container gets its first process: that no other one has a port of the host that it publishes.
 *
 * Errors: PERRY_ERROR_PORT_IN_USE. */
gboolean perry_podman_check_ports (PerryPodman *podman, const char *id, GCancellable *cancellable, GError **error);

/* podman-call.c */

/* Makes a request below /libpod with the usual deadline. @id and @verb may be NULL. */
PerryHttpRequest *perry_podman_request_new (PerryPodman *podman, const char *method, const char *collection,
                                            const char *id, const char *verb);

/* Sends it, after the private service was started where it has ended meanwhile. Takes @request. */
PerryHttpReply *perry_podman_call (PerryPodman *podman, PerryHttpRequest *request, const char *what,
                                   GCancellable *cancellable, GError **error);

/* Starts the private service where it has ended meanwhile. */
gboolean perry_podman_ensure_service (PerryPodman *podman, GCancellable *cancellable, GError **error);

/* podman-images.c */
PerryImageInfo *perry_podman_image_inspect (gpointer backend, const char *reference, GCancellable *cancellable,
                                            GError **error);
GPtrArray *perry_podman_image_list (gpointer backend, GCancellable *cancellable, GError **error);
char **perry_podman_image_load (gpointer backend, GInputStream *archive, GCancellable *cancellable, GError **error);
PerryEventIterator *perry_podman_image_pull (gpointer backend, const char *reference, const char *platform,
                                             const char *credentials, GCancellable *cancellable, GError **error);
gboolean perry_podman_image_remove (gpointer backend, const char *reference, gboolean force,
                                    GCancellable *cancellable, GError **error);
gboolean perry_podman_image_tag (gpointer backend, const char *image, const char *reference,
                                 GCancellable *cancellable, GError **error);

/* podman-containers.c */
char *perry_podman_container_create (gpointer backend, const PerryCreateRequest *request, char ***ret_warnings,
                                     GCancellable *cancellable, GError **error);
gboolean perry_podman_container_init (gpointer backend, const char *id, GCancellable *cancellable, GError **error);
gboolean perry_podman_container_start (gpointer backend, const char *id, GCancellable *cancellable, GError **error);
PerryContainerInfo *perry_podman_container_inspect (gpointer backend, const char *id, GCancellable *cancellable,
                                                    GError **error);
GPtrArray *perry_podman_container_list (gpointer backend, gboolean all, const char *const *labels,
                                        GCancellable *cancellable, GError **error);
gboolean perry_podman_container_wait (gpointer backend, const char *id, gint64 *ret_exit_code,
                                      GCancellable *cancellable, GError **error);
gboolean perry_podman_container_stop (gpointer backend, const char *id, int timeout_s, GCancellable *cancellable,
                                      GError **error);
gboolean perry_podman_container_kill (gpointer backend, const char *id, const char *signal_name,
                                      GCancellable *cancellable, GError **error);
gboolean perry_podman_container_remove (gpointer backend, const char *id, gboolean force, GCancellable *cancellable,
                                        GError **error);

/* podman-health.c */
JsonNode *perry_podman_container_healthcheck (gpointer backend, const char *id, GCancellable *cancellable,
                                              GError **error);

/* podman-streams.c */
PerryStream *perry_podman_container_attach (gpointer backend, const char *id, gboolean with_stdin,
                                            GCancellable *cancellable, GError **error);
PerryStream *perry_podman_container_logs (gpointer backend, const char *id, const PerryLogRequest *request,
                                          GCancellable *cancellable, GError **error);

/* podman-locate.c */
PerryProcessLocation *perry_podman_locate_process (gpointer backend, const char *id, GCancellable *cancellable,
                                                   GError **error);

G_END_DECLS
