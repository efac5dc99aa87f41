/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/loader/perry-plugin-registry.h"

G_BEGIN_DECLS

/* How much of a descriptor is read, whatever its author wrote. Lengths in bytes. */
#define PERRY_PLUGIN_MAX_ID 64
#define PERRY_PLUGIN_MAX_SUMMARY 256
#define PERRY_PLUGIN_MAX_DEFAULT 1024
#define PERRY_PLUGIN_MAX_ROWS 256

struct _PerryPlugin {
  gatomicrefcount references;
  char *path;
  char *id;
  GError *error;
  PerryPluginKind kind;
  char *version;
  char *licence;
  char *summary;
  PerryCapabilityMatrix *matrix;
  GArray *options;    /* of PerryPluginOption, ends with a zeroed row */
  GArray *candidates; /* of PerryBackendCandidate, ends with a zeroed row */
  PerryBackendOps backend_ops;
  PerryVerifierOps verifier_ops;
};

/* id is NULL where the file's name is not a valid one; path is shown to people and may differ from the file's bytes */
PerryPlugin *perry_plugin_new (const char *path, const char *id);

/* Makes the plugin a rejected one that keeps nothing but its error and what it is. */
void perry_plugin_take_error (PerryPlugin *plugin, GError *error);

/* ^[a-z][a-z0-9-]*$, at most PERRY_PLUGIN_MAX_ID bytes */
gboolean perry_plugin_is_valid_id (const char *id);

/* Fills a plugin from the descriptor that its file exports; symbol_size is the size of that symbol, 0 where unknown. */
gboolean perry_plugin_read_descriptor (PerryPlugin *plugin, const PerryPluginDescriptor *exported, gsize symbol_size,
                                       GError **error);

/* Copies a text of at most limit bytes; what names it in errors. */
char *perry_plugin_copy_text (const char *text, gsize limit, const char *what, GError **error);

/* Copy the tables of a descriptor into the plugin and check each row. The operations have to be there for the last. */
gboolean perry_plugin_read_capabilities (PerryPlugin *plugin, const PerryCapabilityRow *rows, GError **error);
gboolean perry_plugin_read_options (PerryPlugin *plugin, const PerryPluginOption *rows, GError **error);
gboolean perry_plugin_read_candidates (PerryPlugin *plugin, GError **error);

/* plugin_path: directories separated by `:`, NULL for none; ignored where privileged is set.
 * built_in: a directory that need not exist. */
PerryPluginRegistry *perry_plugin_registry_new_for_path (const char *plugin_path, gboolean privileged,
                                                         const char *built_in);

G_END_DECLS
