/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/perry-config.h"
#include "core/engine/perry-pull-options.h"
#include "core/engine/perry-result.h"
#include "core/loader/perry-plugin-registry.h"
#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/**
 * PerryEngine:
 *
 * Runs containers, one at a time or many in parallel, on a backend that it selects by its configuration. Every call
 * may be made from any thread; calls that talk to an engine block, are cancelled within 100 ms, and have an `_async`
 * twin that runs on a pool of the engine's own. stop, kill and remove have reserved threads there.
 *
 * Since: 0.1
 */
#define PERRY_TYPE_ENGINE (perry_engine_get_type ())
PERRY_API
G_DECLARE_FINAL_TYPE (PerryEngine, perry_engine, PERRY, ENGINE, GObject)

/**
 * perry_engine_new:
 * @config: (nullable): the configuration; %NULL to read that of this host
 * @error: return location for an error
 *
 * Creates an engine. No plugin is opened and no engine is asked before the first call that needs one.
 *
 * Errors: %PERRY_ERROR_INVALID_CONFIG, and what opening a plugin that the configuration names as required raises.
 *
 * Returns: (transfer full): a new engine, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryEngine *perry_engine_new (PerryConfig *config, GError **error);

/**
 * perry_engine_get_config: (skip)
 * @engine: an engine
 *
 * Returns: (transfer none): its configuration
 *
 * Since: 0.1
 */
PERRY_API PerryConfig *perry_engine_get_config (PerryEngine *engine);

/**
 * perry_engine_get_registry: (skip)
 * @engine: an engine
 *
 * Returns: (transfer none): its plugins
 *
 * Since: 0.1
 */
PERRY_API PerryPluginRegistry *perry_engine_get_registry (PerryEngine *engine);

/**
 * perry_engine_dup_backend_name:
 * @engine: an engine
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Selects the backend, as the first call that needs one does: the configured one, else the first of the probe order
 * that answers within the probe timeout; all are asked at the same time.
 *
 * Errors: %PERRY_ERROR_BACKEND_NOT_AVAILABLE, listing every candidate and why; %PERRY_ERROR_INVALID_CONFIG.
 *
 * Returns: (transfer full): the backend's name, or %NULL
 *
 * Since: 0.1
 */
PERRY_API char *perry_engine_dup_backend_name (PerryEngine *engine, GCancellable *cancellable, GError **error);

/**
 * perry_engine_list_backends:
 * @engine: an engine
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Asks every candidate of the probe order, and every other backend that a plugin offers.
 *
 * Returns: (transfer full) (element-type PerryBackendEntry): one entry per candidate, in the order of selection
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_engine_list_backends (PerryEngine *engine, GCancellable *cancellable, GError **error);

/**
 * perry_engine_plan:
 * @engine: an engine
 * @spec: a completed spec
 * @options: (nullable): options
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Steps 1 to 5 of the request path: says what would run, field by field, and changes nothing.
 *
 * Errors: as perry_engine_run() before anything is created.
 *
 * Returns: (transfer full): the plan, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryPlan *perry_engine_plan (PerryEngine *engine, const PerryContainerSpec *spec,
                                        const PerryRunOptions *options, GCancellable *cancellable, GError **error);

/**
 * perry_engine_run:
 * @engine: an engine
 * @spec: a completed spec, see perry_container_spec_complete()
 * @options: (nullable): options; %NULL for their defaults
 * @cancellable: (nullable): a cancellable; when it is triggered, the container is killed and removed
 * @error: return location for an error
 *
 * Creates a container, starts it, proves that it is what was asked for, streams, waits for its end and removes it
 * where the spec says `rm`. With `detach` it returns as soon as the container is started and proven.
 *
 * Errors: %PERRY_ERROR_ENFORCEMENT, %PERRY_ERROR_IMAGE_NOT_FOUND, %PERRY_ERROR_BACKEND_NOT_AVAILABLE and
 * %PERRY_ERROR_NAME_IN_USE before anything is created; %PERRY_ERROR_PROOF_DIFFERS, %PERRY_ERROR_PROOF_MISSING,
 * %PERRY_ERROR_COMMAND_NOT_FOUND, %PERRY_ERROR_COMMAND_NOT_EXECUTABLE, %PERRY_ERROR_CANCELLED and errors of the engine,
 * after each of which the container has been removed.
 *
 * Returns: (transfer full): what ran, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryRunResult *perry_engine_run (PerryEngine *engine, const PerryContainerSpec *spec,
                                            const PerryRunOptions *options, GCancellable *cancellable,
                                            GError **error);

PERRY_API void perry_engine_run_async (PerryEngine *engine, const PerryContainerSpec *spec,
                                       const PerryRunOptions *options, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);
PERRY_API PerryRunResult *perry_engine_run_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_create:
 * @engine: an engine
 * @spec: a completed spec
 * @options: (nullable): options; the streams are not used
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Steps 1 to 6: creates a container that outlives this program and does not start it. What the engine reports is
 * compared; what the kernel shows is compared by perry_engine_start().
 *
 * Errors: as perry_engine_run().
 *
 * Returns: (transfer full): what was created, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryRunResult *perry_engine_create (PerryEngine *engine, const PerryContainerSpec *spec,
                                               const PerryRunOptions *options, GCancellable *cancellable,
                                               GError **error);

PERRY_API void perry_engine_create_async (PerryEngine *engine, const PerryContainerSpec *spec,
                                          const PerryRunOptions *options, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
PERRY_API PerryRunResult *perry_engine_create_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_start:
 * @engine: an engine
 * @container: a name or id
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Starts a created or stopped container. The spec that perry_engine_create() kept in the container's labels is proven
 * by the kernel as in perry_engine_run(); a container that others made is started as it is.
 *
 * Errors: %PERRY_ERROR_CONTAINER_NOT_FOUND, %PERRY_ERROR_CONFLICT where it runs already, %PERRY_ERROR_PROOF_DIFFERS
 * after which it has been killed, and errors of the engine.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_start (PerryEngine *engine, const char *container, GCancellable *cancellable,
                                       GError **error);

PERRY_API void perry_engine_start_async (PerryEngine *engine, const char *container, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
PERRY_API gboolean perry_engine_start_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_stop:
 * @engine: an engine
 * @container: a name or id
 * @timeout_s: seconds until it is killed, -1 for the container's own (10 where it has none)
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Asks a container to end, and kills it when it has not after the timeout. A stopped container is no error.
 *
 * Errors: %PERRY_ERROR_CONTAINER_NOT_FOUND and errors of the engine.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_stop (PerryEngine *engine, const char *container, int timeout_s,
                                      GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_stop_async (PerryEngine *engine, const char *container, int timeout_s,
                                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
PERRY_API gboolean perry_engine_stop_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_kill:
 * @engine: an engine
 * @container: a name or id
 * @signal_name: (nullable): a signal with or without `SIG`, or its number; %NULL for SIGKILL
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Sends a signal to a container's first process.
 *
 * Errors: %PERRY_ERROR_INVALID_ARGUMENT for an unknown signal, %PERRY_ERROR_CONTAINER_NOT_FOUND,
 * %PERRY_ERROR_CONFLICT where it does not run.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_kill (PerryEngine *engine, const char *container, const char *signal_name,
                                      GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_kill_async (PerryEngine *engine, const char *container, const char *signal_name,
                                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
PERRY_API gboolean perry_engine_kill_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_remove:
 * @engine: an engine
 * @container: a name or id
 * @force: whether a running container is killed first
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Removes a container and its anonymous volumes.
 *
 * Errors: %PERRY_ERROR_CONTAINER_NOT_FOUND, %PERRY_ERROR_CONFLICT where it runs and @force is %FALSE.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_remove (PerryEngine *engine, const char *container, gboolean force,
                                        GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_remove_async (PerryEngine *engine, const char *container, gboolean force,
                                          GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data);
PERRY_API gboolean perry_engine_remove_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_remove_stale:
 * @engine: an engine
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Removes the containers that a killed perry-container left behind, and nothing else: those whose `perry.owner` was
 * made in an earlier boot, or in this pid namespace by a process that is gone. Detached containers are never stale.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names of the removed containers, or %NULL
 *
 * Since: 0.1
 */
PERRY_API char **perry_engine_remove_stale (PerryEngine *engine, GCancellable *cancellable, GError **error);

/**
 * perry_engine_supervise:
 * @engine: an engine
 * @container: an id
 * @starter: (nullable): who will start the container, in the words of its label `perry.owner`; while that process lives
 *   the container is waited for
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Does for a container what its engine lacks, until the container has ended for good or is gone: what `perryctl` does in
 * the process that stays beside a detached container. For a container that lacks nothing it returns at once.
 *
 * Errors: %PERRY_ERROR_CONTAINER_NOT_FOUND, those of selecting a backend.
 *
 * Returns: %TRUE when there is nothing more to do
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_supervise (PerryEngine *engine, const char *container, const char *starter,
                                           GCancellable *cancellable, GError **error);

/**
 * perry_engine_wait:
 * @engine: an engine
 * @container: a name or id
 * @ret_exit_code: (out): the exit code, 0 to 255
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Waits until a container has ended. One that the engine starts again by its policy has ended with its last run.
 *
 * Errors: %PERRY_ERROR_CONTAINER_NOT_FOUND, %PERRY_ERROR_CANCELLED.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_wait (PerryEngine *engine, const char *container, gint64 *ret_exit_code,
                                      GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_wait_async (PerryEngine *engine, const char *container, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
PERRY_API gboolean perry_engine_wait_finish (PerryEngine *engine, GAsyncResult *result, gint64 *ret_exit_code,
                                             GError **error);

/**
 * perry_engine_inspect:
 * @engine: an engine
 * @container: a name or id
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Asks what the backend says about a container.
 *
 * Errors: %PERRY_ERROR_CONTAINER_NOT_FOUND.
 *
 * Returns: (transfer full): the container, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryContainerInfo *perry_engine_inspect (PerryEngine *engine, const char *container,
                                                    GCancellable *cancellable, GError **error);

/**
 * perry_engine_list:
 * @engine: an engine
 * @all: whether those that do not run are listed too
 * @foreign: whether those that perry-container did not make are listed too
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Lists the backend's containers.
 *
 * Returns: (transfer full) (element-type PerryContainerInfo): the containers, newest first, or %NULL
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_engine_list (PerryEngine *engine, gboolean all, gboolean foreign,
                                        GCancellable *cancellable, GError **error);

/**
 * perry_engine_open_logs: (skip)
 * @engine: an engine
 * @container: a name or id
 * @request: what is wanted
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Opens what a container has written.
 *
 * Errors: %PERRY_ERROR_CONTAINER_NOT_FOUND, %PERRY_ERROR_UNSUPPORTED.
 *
 * Returns: (transfer full): a stream, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryStream *perry_engine_open_logs (PerryEngine *engine, const char *container,
                                               const PerryLogRequest *request, GCancellable *cancellable,
                                               GError **error);

/**
 * perry_engine_load_image:
 * @engine: an engine
 * @archive: a docker-archive, as `docker save` writes it; read to its end in constant memory
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Loads an image archive.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names, or ids of nameless images, that were loaded
 *
 * Since: 0.1
 */
PERRY_API char **perry_engine_load_image (PerryEngine *engine, GInputStream *archive, GCancellable *cancellable,
                                          GError **error);

/**
 * perry_engine_pull_image:
 * @engine: an engine
 * @reference: an image by tag, or by digest, which then is all that counts
 * @options: (nullable): options; %NULL for their defaults
 * @cancellable: (nullable): a cancellable; when it is triggered the engine stops as well
 * @error: return location for an error
 *
 * Has the backend fetch an image from its registry, with the credentials that the user's files have for it, and looks at
 * what it has then. The image's `pinned` is `repository@digest` under which the backend has this very image: the digest
 * that was asked for, or else the one that the registry served for the tag, as far as the backend says. Podman does not:
 * of several digests that lead to the image, as those of an index and of the platform's own manifest, it is the one that
 * Podman lists first. It is %NULL where the backend has another platform's image under the digest.
 *
 * Where the configuration, its rules or @options want the image verified, that comes first, and what is pulled is the
 * digest that was verified. An image that is not verified and may be pulled all the same is told of in its `warnings`.
 *
 * It takes as long as it takes, as long as the engine says something within `timeout-ms` each time.
 *
 * Errors: %PERRY_ERROR_INVALID_REFERENCE; %PERRY_ERROR_NOT_VERIFIED, and nothing is pulled;
 * %PERRY_ERROR_IMAGE_NOT_FOUND where the registry has no such image, or not for the platform, or hides it;
 * %PERRY_ERROR_PERMISSION_DENIED where it wants other credentials; %PERRY_ERROR_INVALID_CONFIG for a file of credentials
 * that cannot be understood; %PERRY_ERROR_CONFLICT where the engine keeps another platform's image under the digest;
 * %PERRY_ERROR_TIMED_OUT, %PERRY_ERROR_BACKEND_PROTOCOL where the engine has not what it says that it pulled,
 * %PERRY_ERROR_BACKEND_FAILED, %PERRY_ERROR_UNSUPPORTED.
 *
 * Returns: (transfer full): the image, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryImageInfo *perry_engine_pull_image (PerryEngine *engine, const char *reference,
                                                   const PerryPullOptions *options, GCancellable *cancellable,
                                                   GError **error);

PERRY_API void perry_engine_pull_image_async (PerryEngine *engine, const char *reference,
                                              const PerryPullOptions *options, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
PERRY_API PerryImageInfo *perry_engine_pull_image_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_list_images:
 * @engine: an engine
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Lists the backend's images.
 *
 * Returns: (transfer full) (element-type PerryImageInfo): the images, newest first, or %NULL
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_engine_list_images (PerryEngine *engine, GCancellable *cancellable, GError **error);

/**
 * perry_engine_inspect_image:
 * @engine: an engine
 * @reference: an image reference or id
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Asks what the backend says about an image.
 *
 * Errors: %PERRY_ERROR_INVALID_REFERENCE, %PERRY_ERROR_IMAGE_NOT_FOUND.
 *
 * Returns: (transfer full): the image, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryImageInfo *perry_engine_inspect_image (PerryEngine *engine, const char *reference,
                                                      GCancellable *cancellable, GError **error);

/**
 * perry_engine_remove_image:
 * @engine: an engine
 * @reference: an image reference or id
 * @force: whether an image that has several names is removed with all of them
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Removes an image's name, and the image where it was its last.
 *
 * Errors: %PERRY_ERROR_IMAGE_NOT_FOUND, %PERRY_ERROR_CONFLICT where a container uses it.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_remove_image (PerryEngine *engine, const char *reference, gboolean force,
                                              GCancellable *cancellable, GError **error);

G_END_DECLS
