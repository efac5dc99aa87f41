/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/perry-config-key.h"
#include "config/perry-config.h"

G_BEGIN_DECLS

#define PERRY_CONFIG_PLUGIN_PREFIX "plugin "
#define PERRY_CONFIG_RULE_PREFIX "verify "
#define PERRY_CONFIG_LOG_JOURNAL "journal"

/* A value of a group with a name, as it was written. */
typedef struct {
  char *value;
  char *origin;
  char *place; /* origin, and the line where it has one */
} PerryConfigNamedValue;

/* A group with a name: `[plugin NAME]` or `[verify NAME]`. */
typedef struct {
  char *place; /* of its head that was read last, or of what made it */
  GTree *values; /* key -> PerryConfigNamedValue */
} PerryConfigNamedGroup;

struct _PerryConfig {
  gatomicrefcount references;
  PerryConfigValue values[PERRY_CONFIG_N_KEYS];
  char *origins[PERRY_CONFIG_N_KEYS];
  GTree *plugins;          /* id -> PerryConfigNamedGroup */
  GTree *rules;            /* name -> PerryConfigNamedGroup, as they were written */
  GPtrArray *verify_rules; /* PerryVerifyRule: what they say together */
};

/* NULL for an unset and for an empty variable. */
const char *perry_config_get_variable (const char *const *environment, const char *name);

/* A tree of groups by their names, which must be names. key is NULL for a group's head; line is 0 where there is none. */
GTree *perry_config_new_named_groups (void);
gboolean perry_config_set_named_value (GTree *groups, const char *name, const char *key, const char *value,
                                       const char *origin, guint line, GError **error);

/* NULL where the key is not set. */
const PerryConfigNamedValue *perry_config_get_named_value (const PerryConfigNamedGroup *group, const char *key);

/* Appends the rows of such groups. */
void perry_config_list_named_groups (GTree *groups, const char *prefix, GPtrArray *rows);
PerryConfigRow *perry_config_row_new (const char *group, const char *key, const char *value, const char *origin);

/* Sets a value of a rule, which is checked alone. group begins with PERRY_CONFIG_RULE_PREFIX. */
gboolean perry_config_set_rule_value (PerryConfig *config, const char *group, const char *key, const char *value,
                                      const char *origin, guint line, GError **error);

/* Checks the rules as they are after all files were read, and makes them into structs. */
gboolean perry_config_build_rules (PerryConfig *config, GError **error);

/* A pattern of images: a normalised reference in which `*` stands for a part of a component and `**` for any text. */
gboolean perry_config_check_pattern (const char *pattern, GError **error);

/* Which of the two keys decides: the minimum, where it is stricter. */
PerryConfigKey perry_config_deciding_verify_mode (const PerryConfig *config);

G_END_DECLS
