/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PERRY_CONFIG_ENGINE_GROUP "engine"

typedef enum {
  PERRY_CONFIG_BACKEND,
  PERRY_CONFIG_ORDER_LINUX,
  PERRY_CONFIG_ORDER_MACOS,
  PERRY_CONFIG_PROBE_TIMEOUT,
  PERRY_CONFIG_TIMEOUT,
  PERRY_CONFIG_ENFORCEMENT,
  PERRY_CONFIG_MINIMUM_ENFORCEMENT,
  PERRY_CONFIG_PROOF,
  PERRY_CONFIG_REQUIRED_PLUGINS,
  PERRY_CONFIG_SUPERVISOR,
  PERRY_CONFIG_N_KEYS
} PerryConfigKey;

/* A row of the table of [engine]. A key has choices, a maximum (it is a number from 1), is a path, or a list of names. */
typedef struct {
  const char *name;
  const char *default_value;
  const char *environment; /* the variable that sets it, or NULL */
  const char *const *choices;
  gint64 maximum;
  gboolean administrator_only;
  gboolean is_path; /* absolute, or empty */
} PerryConfigKeyInfo;

const PerryConfigKeyInfo *perry_config_key_get_info (PerryConfigKey key);
gboolean perry_config_key_from_name (const char *name, PerryConfigKey *ret_key);

/* The key of [engine] that is nearest to a misspelt one, or NULL. */
const char *perry_config_key_nearest (const char *name);

/* ^[a-z][a-z0-9-]*$: names of backends, plugins and plugins' options */
gboolean perry_config_is_name (const char *text);

/* A value of [engine]; which of names and number counts depends on its key. */
typedef struct {
  char *text;
  char **names;
  gint64 number; /* the index of the choice, or the number */
} PerryConfigValue;

gboolean perry_config_value_parse (PerryConfigKey key, const char *text, PerryConfigValue *ret_value, GError **error);
void perry_config_value_clear (PerryConfigValue *value);

G_END_DECLS
