/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-plugin.h"

G_BEGIN_DECLS

/**
 * PerryPluginState:
 * @PERRY_PLUGIN_STATE_OK: checked, opened and ready for use
 * @PERRY_PLUGIN_STATE_REJECTED: not usable; perry_plugin_get_error() says why
 *
 * What became of a file in the plugin search path.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_PLUGIN_STATE_OK,
  PERRY_PLUGIN_STATE_REJECTED,
} PerryPluginState;

/**
 * perry_plugin_state_get_name:
 * @state: a state
 *
 * Gets the name that reports use: `ok` or `rejected`.
 *
 * Returns: (transfer none): the name
 *
 * Since: 0.1
 */
PERRY_API const char *perry_plugin_state_get_name (PerryPluginState state);

/**
 * PerryPlugin:
 *
 * A plugin that was opened, or an entry of the search path that was rejected. Boxed, counted by references and never
 * changed, so that every thread may use it. A shared object that was opened stays in the process until it ends.
 *
 * Since: 0.1
 */
typedef struct _PerryPlugin PerryPlugin;

#define PERRY_TYPE_PLUGIN (perry_plugin_get_type ())
PERRY_API GType perry_plugin_get_type (void);
PERRY_API PerryPlugin *perry_plugin_ref (PerryPlugin *plugin);
PERRY_API void perry_plugin_unref (PerryPlugin *plugin);

/**
 * perry_plugin_get_id:
 * @plugin: a plugin
 *
 * Gets the id, which is the file's name without `.so`.
 *
 * Returns: (transfer none) (nullable): the id; %NULL for an entry whose name is no valid id, such as a directory that
 *   could not be searched
 *
 * Since: 0.1
 */
PERRY_API const char *perry_plugin_get_id (const PerryPlugin *plugin);

/**
 * perry_plugin_get_path:
 * @plugin: a plugin
 *
 * Gets the file, or for an entry of the search path that could not be searched, that entry.
 *
 * Returns: (transfer none): the path; absolute, except for an entry that was rejected because it is not
 *
 * Since: 0.1
 */
PERRY_API const char *perry_plugin_get_path (const PerryPlugin *plugin);

/**
 * perry_plugin_get_state:
 * @plugin: a plugin
 *
 * Gets whether the plugin can be used.
 *
 * Returns: the state
 *
 * Since: 0.1
 */
PERRY_API PerryPluginState perry_plugin_get_state (const PerryPlugin *plugin);

/**
 * perry_plugin_get_error:
 * @plugin: a plugin
 *
 * Gets why a plugin was rejected, one `PERRY_ERROR_PLUGIN_*` code per reason. Two more codes are used:
 * %PERRY_ERROR_LIMIT_EXCEEDED for a text, a table or a directory that is too large, and for an entry of the search path
 * %PERRY_ERROR_INVALID_ARGUMENT or %PERRY_ERROR_NOT_FOUND.
 *
 * Returns: (transfer none) (nullable): the error, %NULL where the plugin can be used
 *
 * Since: 0.1
 */
PERRY_API const GError *perry_plugin_get_error (const PerryPlugin *plugin);

/**
 * perry_plugin_get_kind_name:
 * @plugin: a plugin
 *
 * Gets the name that reports use for what the plugin is.
 *
 * Returns: (transfer none) (nullable): `backend` or `verifier`, %NULL for a rejected plugin whose kind is not known
 *
 * Since: 0.1
 */
PERRY_API const char *perry_plugin_get_kind_name (const PerryPlugin *plugin);

/**
 * perry_plugin_get_kind: (skip)
 * @plugin: a plugin
 *
 * Gets what the plugin is.
 *
 * Returns: the kind, 0 for a rejected plugin whose kind is not known
 *
 * Since: 0.1
 */
PERRY_API PerryPluginKind perry_plugin_get_kind (const PerryPlugin *plugin);

/**
 * perry_plugin_get_version:
 * @plugin: a plugin
 *
 * Gets the plugin's own version.
 *
 * Returns: (transfer none) (nullable): the version, %NULL for a rejected plugin
 *
 * Since: 0.1
 */
PERRY_API const char *perry_plugin_get_version (const PerryPlugin *plugin);

/**
 * perry_plugin_get_licence:
 * @plugin: a plugin
 *
 * Gets the plugin's licence.
 *
 * Returns: (transfer none) (nullable): an SPDX expression, %NULL for a rejected plugin
 *
 * Since: 0.1
 */
PERRY_API const char *perry_plugin_get_licence (const PerryPlugin *plugin);

/**
 * perry_plugin_get_summary:
 * @plugin: a plugin
 *
 * Gets one line for people.
 *
 * Returns: (transfer none) (nullable): the line, %NULL for a rejected plugin
 *
 * Since: 0.1
 */
PERRY_API const char *perry_plugin_get_summary (const PerryPlugin *plugin);

/**
 * perry_plugin_get_matrix:
 * @plugin: a plugin
 *
 * Gets the static capability matrix: the best case of the engine, before this host was looked at.
 *
 * Returns: (transfer none) (nullable): the matrix, %NULL for a rejected plugin
 *
 * Since: 0.1
 */
PERRY_API const PerryCapabilityMatrix *perry_plugin_get_matrix (const PerryPlugin *plugin);

/**
 * perry_plugin_get_options: (skip)
 * @plugin: a plugin
 *
 * Gets a checked copy of the option table: every type is one of `s`, `b`, `x` and `as`, every default is a value of its
 * type, no name occurs twice.
 *
 * Returns: (transfer none) (nullable): the rows, the last one's name is %NULL; %NULL for a rejected plugin
 *
 * Since: 0.1
 */
PERRY_API const PerryPluginOption *perry_plugin_get_options (const PerryPlugin *plugin);

/**
 * perry_plugin_get_candidates: (skip)
 * @plugin: a plugin
 *
 * Gets a checked copy of the plugin's profiles. A backend that lists none has one with the name of its id.
 *
 * Returns: (transfer none) (nullable): the rows, the last one's name is %NULL; %NULL for a rejected plugin and for a
 *   verifier
 *
 * Since: 0.1
 */
PERRY_API const PerryBackendCandidate *perry_plugin_get_candidates (const PerryPlugin *plugin);

/**
 * perry_plugin_get_backend_ops: (skip)
 * @plugin: a plugin
 *
 * Gets the operations of a backend, in a struct of this library's own size: what the plugin does not know is %NULL. The
 * required ones are never %NULL: open, close, probe, image_inspect and container_ create, start, inspect, list, wait,
 * stop, kill and remove.
 *
 * Returns: (transfer none) (nullable): the operations; %NULL for a rejected plugin and for another kind
 *
 * Since: 0.1
 */
PERRY_API const PerryBackendOps *perry_plugin_get_backend_ops (const PerryPlugin *plugin);

/**
 * perry_plugin_get_verifier_ops: (skip)
 * @plugin: a plugin
 *
 * Gets the operations of a verifier, in a struct of this library's own size. open, close, describe and verify are never
 * %NULL.
 *
 * Returns: (transfer none) (nullable): the operations; %NULL for a rejected plugin and for another kind
 *
 * Since: 0.1
 */
PERRY_API const PerryVerifierOps *perry_plugin_get_verifier_ops (const PerryPlugin *plugin);

/**
 * PerryPluginRegistry:
 *
 * Finds, checks and opens plugins, and remembers what became of each. Boxed and counted by references; every function
 * may be called from any thread.
 *
 * The search path is `PERRY_PLUGIN_PATH` (absolute directories, separated by `:`; ignored in a process with raised
 * privileges) and then the directory that the library was built with. In a directory, files are taken in the order of
 * their names. The first file with an id wins, also where it is rejected: a broken plugin is never replaced silently by
 * another one.
 *
 * Since: 0.1
 */
typedef struct _PerryPluginRegistry PerryPluginRegistry;

#define PERRY_TYPE_PLUGIN_REGISTRY (perry_plugin_registry_get_type ())
PERRY_API GType perry_plugin_registry_get_type (void);

/**
 * perry_plugin_registry_new:
 *
 * Creates a registry for the search path of this process. Nothing is read before it is asked for.
 *
 * Returns: (transfer full): a new registry
 *
 * Since: 0.1
 */
PERRY_API PerryPluginRegistry *perry_plugin_registry_new (void);

PERRY_API PerryPluginRegistry *perry_plugin_registry_ref (PerryPluginRegistry *registry);
PERRY_API void perry_plugin_registry_unref (PerryPluginRegistry *registry);

/**
 * perry_plugin_registry_get: (skip)
 * @registry: a registry
 * @kind: the kind that is wanted
 * @id: the plugin's id
 * @error: return location for an error
 *
 * Opens the plugin with the id @id, and no other file. A plugin that was opened or rejected before is not read again.
 *
 * Errors: %PERRY_ERROR_PLUGIN_NOT_FOUND where no directory of the search path has it, %PERRY_ERROR_PLUGIN_BAD_NAME
 * where @id is no valid id, %PERRY_ERROR_PLUGIN_WRONG_KIND where it is of another kind, and the errors of
 * perry_plugin_get_error().
 *
 * Returns: (transfer full): a usable plugin, %NULL on error
 *
 * Since: 0.1
 */
PERRY_API PerryPlugin *perry_plugin_registry_get (PerryPluginRegistry *registry, PerryPluginKind kind, const char *id,
                                                  GError **error);

/**
 * perry_plugin_registry_find_backend:
 * @registry: a registry
 * @name: the name of a candidate, such as `podman` or `orbstack`
 * @error: return location for an error
 *
 * Finds the backend that has a candidate with this name: the plugin with the id @name where there is one, and only
 * where there is none the first of all plugins that lists @name. So a name that is an id opens one file.
 *
 * Errors: those of perry_plugin_registry_get().
 *
 * Returns: (transfer full): a usable plugin, %NULL on error
 *
 * Since: 0.1
 */
PERRY_API PerryPlugin *perry_plugin_registry_find_backend (PerryPluginRegistry *registry, const char *name,
                                                           GError **error);

/**
 * perry_plugin_registry_list:
 * @registry: a registry
 *
 * Opens every plugin of the search path and returns them all, good and bad, in the order of the search path.
 *
 * Returns: (transfer container) (element-type PerryPlugin): the entries; free with g_ptr_array_unref()
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_plugin_registry_list (PerryPluginRegistry *registry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryPlugin, perry_plugin_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryPluginRegistry, perry_plugin_registry_unref)

G_END_DECLS
