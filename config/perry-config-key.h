/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PERRY_CONFIG_ENGINE_GROUP "engine"
#define PERRY_CONFIG_VERIFICATION_GROUP "verification"

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
  PERRY_CONFIG_VERIFY_MODE,
  PERRY_CONFIG_MINIMUM_VERIFICATION,
  PERRY_CONFIG_VERIFIER,
  PERRY_CONFIG_CACHE,
  PERRY_CONFIG_REJECTION_CACHE,
  PERRY_CONFIG_VERIFICATION_TIMEOUT,
  PERRY_CONFIG_VERIFICATION_LOG,
  PERRY_CONFIG_REGISTRY_CA_FILE,
  PERRY_CONFIG_REGISTRY_MIRRORS,
  PERRY_CONFIG_N_KEYS
} PerryConfigKey;

/* A value; which of names and number counts depends on its key. */
typedef struct {
  char *text;
  char **names;
  gint64 number; /* the index of the choice, the mode, or the number */
} PerryConfigValue;

typedef struct _PerryConfigKeyInfo PerryConfigKeyInfo;

/* Reads a text without spaces around it. What it leaves NULL of text is filled in with that text. */
typedef gboolean (*PerryConfigParse) (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value,
                                      GError **error);

/* A row of the table of [engine] and [verification]. */
struct _PerryConfigKeyInfo {
  const char *group;
  const char *name;
  const char *default_value;
  const char *environment; /* the variable that sets it, or NULL */
  PerryConfigParse parse;
  const char *const *choices;
  gint64 minimum, maximum;
  gboolean administrator_only;
  gboolean empty_is_unset; /* an empty value leaves in effect what is there */
};

const PerryConfigKeyInfo *perry_config_key_get_info (PerryConfigKey key);
gboolean perry_config_key_from_name (const char *group, const char *name, PerryConfigKey *ret_key);

/* The key of a group that is nearest to a misspelt one, or NULL. */
const char *perry_config_key_nearest (const char *group, const char *name);

/* ^[a-z][a-z0-9-]*$: names of backends, plugins, plugins' options and rules */
gboolean perry_config_is_name (const char *text);

gboolean perry_config_value_parse (PerryConfigKey key, const char *text, PerryConfigValue *ret_value, GError **error);
void perry_config_value_clear (PerryConfigValue *value);

/* Readers of [verification]; each is a #PerryConfigParse. */
gboolean perry_config_parse_verify_mode (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value,
                                         GError **error);
gboolean perry_config_parse_log (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value,
                                 GError **error);
gboolean perry_config_parse_mirrors (const PerryConfigKeyInfo *key, const char *text, PerryConfigValue *value,
                                     GError **error);

G_END_DECLS
