/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/perry-config-key.h"
#include "config/perry-config.h"

G_BEGIN_DECLS

#define PERRY_CONFIG_PLUGIN_PREFIX "plugin "

/* A value of a plugin's group, as it was written. */
typedef struct {
  char *value;
  char *origin;
  char *place; /* origin, and the line where it has one */
} PerryConfigPluginValue;

struct _PerryConfig {
  gatomicrefcount references;
  PerryConfigValue values[PERRY_CONFIG_N_KEYS];
  char *origins[PERRY_CONFIG_N_KEYS];
  GTree *plugins; /* id -> GTree of key -> PerryConfigPluginValue */
};

/* NULL for an unset and for an empty variable. */
const char *perry_config_get_variable (const char *const *environment, const char *name);

/* Sets a value of a plugin's group. group begins with PERRY_CONFIG_PLUGIN_PREFIX; key is NULL for the group's head. */
gboolean perry_config_set_plugin_value (PerryConfig *config, const char *group, const char *key, const char *value,
                                        const char *origin, guint line, GError **error);

GTree *perry_config_new_plugin_tree (void);

/* Appends the rows of the plugins' groups. */
void perry_config_list_plugins (const PerryConfig *config, GPtrArray *rows);
PerryConfigRow *perry_config_row_new (const char *group, const char *key, const char *value, const char *origin);

G_END_DECLS
