/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-engine.h"
#include "plugin-api/perry-network.h"

G_BEGIN_DECLS

/**
 * perry_engine_create_network:
 * @engine: an engine
 * @request: what it shall be
 * @ret_warnings: (out) (optional) (nullable) (transfer full) (array zero-terminated=1): what it will not be, such as an
 *   internal network whose containers reach the host's listeners on this engine
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Creates a network, with the label `perry.owner`. An internal one is kept from the host's own listeners where the engine
 * or this host can do that; see [struct@Perry.NetworkInfo].isolation. Where a spec has `network` name one that is not,
 * strict mode and `require` refuse it.
 *
 * Errors: %PERRY_ERROR_INVALID_ARGUMENT with everything that is wrong with @request, %PERRY_ERROR_NAME_IN_USE,
 * %PERRY_ERROR_CONFLICT where the engine has the addresses in use, %PERRY_ERROR_ENFORCEMENT where strict is configured and
 * the network would not be what was asked for: nothing is created then, or it has been removed again, or the message says
 * why it could not be, %PERRY_ERROR_UNSUPPORTED.
 *
 * Returns: (transfer full): its id, or %NULL
 *
 * Since: 0.1
 */
PERRY_API char *perry_engine_create_network (PerryEngine *engine, const PerryNetworkRequest *request,
                                             char ***ret_warnings, GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_create_network_async (PerryEngine *engine, const PerryNetworkRequest *request,
                                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                                  gpointer user_data);
PERRY_API char *perry_engine_create_network_finish (PerryEngine *engine, GAsyncResult *result, char ***ret_warnings,
                                                    GError **error);

/**
 * perry_engine_inspect_network:
 * @engine: an engine
 * @network: a name or id
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Asks what the backend says about a network.
 *
 * Errors: %PERRY_ERROR_NETWORK_NOT_FOUND, %PERRY_ERROR_UNSUPPORTED.
 *
 * Returns: (transfer full): the network, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryNetworkInfo *perry_engine_inspect_network (PerryEngine *engine, const char *network,
                                                          GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_inspect_network_async (PerryEngine *engine, const char *network, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback, gpointer user_data);
PERRY_API PerryNetworkInfo *perry_engine_inspect_network_finish (PerryEngine *engine, GAsyncResult *result,
                                                                 GError **error);

/**
 * perry_engine_list_networks:
 * @engine: an engine
 * @labels: (nullable) (array zero-terminated=1): labels that they all have, `KEY` or `KEY=VALUE`
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Lists the backend's networks.
 *
 * Returns: (transfer full) (element-type PerryNetworkInfo): the networks by name, or %NULL
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_engine_list_networks (PerryEngine *engine, const char *const *labels,
                                                 GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_list_networks_async (PerryEngine *engine, const char *const *labels,
                                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                                 gpointer user_data);

/**
 * perry_engine_list_networks_finish:
 * @engine: an engine
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends perry_engine_list_networks_async().
 *
 * Returns: (transfer full) (element-type PerryNetworkInfo): the networks by name, or %NULL
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_engine_list_networks_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_connect_network:
 * @engine: an engine
 * @network: a name or id
 * @container: a container's name or id
 * @aliases: (nullable) (array zero-terminated=1): further names of the container on this network
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Connects a container to a network, whether it runs or not.
 *
 * Errors: %PERRY_ERROR_INVALID_ARGUMENT for a malformed alias, %PERRY_ERROR_NETWORK_NOT_FOUND,
 * %PERRY_ERROR_CONTAINER_NOT_FOUND, %PERRY_ERROR_CONFLICT where it is on it.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_connect_network (PerryEngine *engine, const char *network, const char *container,
                                                 const char *const *aliases, GCancellable *cancellable,
                                                 GError **error);

PERRY_API void perry_engine_connect_network_async (PerryEngine *engine, const char *network, const char *container,
                                                   const char *const *aliases, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback, gpointer user_data);
PERRY_API gboolean perry_engine_connect_network_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_disconnect_network:
 * @engine: an engine
 * @network: a name or id
 * @container: a container's name or id
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Disconnects a container from a network.
 *
 * Errors: %PERRY_ERROR_NETWORK_NOT_FOUND, %PERRY_ERROR_CONTAINER_NOT_FOUND, %PERRY_ERROR_CONFLICT where it is not on it.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_disconnect_network (PerryEngine *engine, const char *network, const char *container,
                                                    GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_disconnect_network_async (PerryEngine *engine, const char *network, const char *container,
                                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                                      gpointer user_data);
PERRY_API gboolean perry_engine_disconnect_network_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_remove_network:
 * @engine: an engine
 * @network: a name or id
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Removes a network.
 *
 * Errors: %PERRY_ERROR_NETWORK_NOT_FOUND, %PERRY_ERROR_CONFLICT where containers are on it.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_remove_network (PerryEngine *engine, const char *network, GCancellable *cancellable,
                                                GError **error);

PERRY_API void perry_engine_remove_network_async (PerryEngine *engine, const char *network, GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);
PERRY_API gboolean perry_engine_remove_network_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_create_volume:
 * @engine: an engine
 * @request: what it shall be
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Creates a volume, with the label `perry.owner`. One of this name must not exist: engines would otherwise answer with what
 * is there, whatever its driver and options are.
 *
 * Errors: %PERRY_ERROR_INVALID_ARGUMENT with everything that is wrong with @request, %PERRY_ERROR_NAME_IN_USE,
 * %PERRY_ERROR_UNSUPPORTED.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_create_volume (PerryEngine *engine, const PerryVolumeRequest *request,
                                               GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_create_volume_async (PerryEngine *engine, const PerryVolumeRequest *request,
                                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                                 gpointer user_data);
PERRY_API gboolean perry_engine_create_volume_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_inspect_volume:
 * @engine: an engine
 * @volume: a name
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Asks what the backend says about a volume.
 *
 * Errors: %PERRY_ERROR_VOLUME_NOT_FOUND, %PERRY_ERROR_UNSUPPORTED.
 *
 * Returns: (transfer full): the volume, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryVolumeInfo *perry_engine_inspect_volume (PerryEngine *engine, const char *volume,
                                                        GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_inspect_volume_async (PerryEngine *engine, const char *volume, GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);
PERRY_API PerryVolumeInfo *perry_engine_inspect_volume_finish (PerryEngine *engine, GAsyncResult *result,
                                                               GError **error);

/**
 * perry_engine_list_volumes:
 * @engine: an engine
 * @labels: (nullable) (array zero-terminated=1): labels that they all have, `KEY` or `KEY=VALUE`
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Lists the backend's volumes.
 *
 * Returns: (transfer full) (element-type PerryVolumeInfo): the volumes by name, or %NULL
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_engine_list_volumes (PerryEngine *engine, const char *const *labels,
                                                GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_list_volumes_async (PerryEngine *engine, const char *const *labels,
                                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                                gpointer user_data);

/**
 * perry_engine_list_volumes_finish:
 * @engine: an engine
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends perry_engine_list_volumes_async().
 *
 * Returns: (transfer full) (element-type PerryVolumeInfo): the volumes by name, or %NULL
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_engine_list_volumes_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_engine_remove_volume:
 * @engine: an engine
 * @volume: a name
 * @force: whether one that does not exist is no error
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Removes a volume and what is in it. A volume that a container has is never removed.
 *
 * Errors: %PERRY_ERROR_VOLUME_NOT_FOUND, %PERRY_ERROR_CONFLICT where a container has it.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_remove_volume (PerryEngine *engine, const char *volume, gboolean force,
                                               GCancellable *cancellable, GError **error);

PERRY_API void perry_engine_remove_volume_async (PerryEngine *engine, const char *volume, gboolean force,
                                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                                 gpointer user_data);
PERRY_API gboolean perry_engine_remove_volume_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

/**
 * perry_network_info_to_json:
 * @info: what an engine said about a network
 *
 * Makes a JSON object with the struct's members.
 *
 * Returns: (transfer full): a JSON object
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_network_info_to_json (const PerryNetworkInfo *info);

/**
 * perry_volume_info_to_json:
 * @info: what an engine said about a volume
 *
 * Makes a JSON object with the struct's members.
 *
 * Returns: (transfer full): a JSON object
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_volume_info_to_json (const PerryVolumeInfo *info);

G_END_DECLS
