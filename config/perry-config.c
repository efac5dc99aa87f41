/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-private.h"

#include <string.h>

#include "config/perry-config-file.h"
#include "plugin-api/perry-json.h"

#define BUILT_IN_ORIGIN "built-in default"

#ifdef __APPLE__
#define ORDER_KEY PERRY_CONFIG_ORDER_MACOS
#else
#define ORDER_KEY PERRY_CONFIG_ORDER_LINUX
#endif

G_DEFINE_BOXED_TYPE (PerryConfig, perry_config, perry_config_ref, perry_config_unref)
G_DEFINE_BOXED_TYPE (PerryConfigRow, perry_config_row, perry_config_row_copy, perry_config_row_free)

PerryConfigRow *
perry_config_row_new (const char *group, const char *key, const char *value, const char *origin)
{
  PerryConfigRow *row = g_new0 (PerryConfigRow, 1);

  row->group = g_strdup (group);
  row->key = g_strdup (key);
  row->value = g_strdup (value);
  row->origin = g_strdup (origin);
  return row;
}

PerryConfigRow *
perry_config_row_copy (const PerryConfigRow *row)
{
  return perry_config_row_new (row->group, row->key, row->value, row->origin);
}

void
perry_config_row_free (PerryConfigRow *row)
{
  if (row == NULL)
    return;
  g_free (row->group);
  g_free (row->key);
  g_free (row->value);
  g_free (row->origin);
  g_free (row);
}

static gboolean
is_empty (const char *text)
{
  while (g_ascii_isspace (*text))
    text++;
  return *text == '\0';
}

static gboolean
set_known_value (PerryConfig *config, PerryConfigKey key, const char *text, const char *origin, GError **error)
{
  PerryConfigValue value = { NULL };

  if (perry_config_key_get_info (key)->empty_is_unset && is_empty (text))
    return TRUE;
  if (!perry_config_value_parse (key, text, &value, error))
    return FALSE;
  perry_config_value_clear (&config->values[key]);
  config->values[key] = value;
  g_free (config->origins[key]);
  config->origins[key] = g_strdup (origin);
  return TRUE;
}

static gboolean
set_error_unknown_group (const char *group, GError **error)
{
  static const char *const groups[] = { PERRY_CONFIG_ENGINE_GROUP, PERRY_CONFIG_VERIFICATION_GROUP, NULL };
  const char *nearest = perry_json_nearest_key (group, groups);

  if (nearest != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "there is no such group; did you mean [%s]?", nearest);
  else
    g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                         "there is no such group; [" PERRY_CONFIG_ENGINE_GROUP "], [" PERRY_CONFIG_VERIFICATION_GROUP
                         "], [" PERRY_CONFIG_RULE_PREFIX "NAME] and [" PERRY_CONFIG_PLUGIN_PREFIX "NAME] are known");
  return FALSE;
}

static gboolean
set_error_unknown_key (const char *nearest, GError **error)
{
  if (nearest != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "there is no such key; did you mean “%s”?", nearest);
  else
    g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "there is no such key");
  return FALSE;
}

/* key and value are NULL for a group's head; line is 0 where the origin is no file. */
static gboolean
set_value (PerryConfig *config, const char *group, const char *key, const char *value, gboolean by_administrator,
           const char *origin, guint line, GError **error)
{
  PerryConfigKey known;

  if (g_str_has_prefix (group, PERRY_CONFIG_PLUGIN_PREFIX))
    return perry_config_set_named_value (config->plugins, group + strlen (PERRY_CONFIG_PLUGIN_PREFIX), key, value,
                                         origin, line, error);
  if (g_str_has_prefix (group, PERRY_CONFIG_RULE_PREFIX))
    return perry_config_set_rule_value (config, group, key, value, origin, line, error);
  if (!g_str_equal (group, PERRY_CONFIG_ENGINE_GROUP) && !g_str_equal (group, PERRY_CONFIG_VERIFICATION_GROUP))
    return set_error_unknown_group (group, error);
  if (key == NULL)
    return TRUE;
  if (!perry_config_key_from_name (group, key, &known))
    return set_error_unknown_key (perry_config_key_nearest (group, key), error);
  if (perry_config_key_get_info (known)->administrator_only && !by_administrator)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                           "only the administrator's files may set this key");
      return FALSE;
    }
  return set_known_value (config, known, value, origin, error);
}

static gboolean
read_file (PerryConfig *config, const char *path, PerryConfigFileKind kind, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;

  if (path == NULL)
    return TRUE;
  entries = perry_config_file_read (path, kind, error);
  if (entries == NULL)
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      const PerryConfigEntry *entry = g_ptr_array_index (entries, i);

      if (!set_value (config, entry->group, entry->key, entry->value, kind != PERRY_CONFIG_FILE_USER, path,
                      entry->line, error))
        {
          perry_config_file_prefix_error (error, path, entry);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_drop_ins (PerryConfig *config, const char *directory, GError **error)
{
  g_autoptr (GPtrArray) files = NULL;

  if (directory == NULL)
    return TRUE;
  files = perry_config_file_list_directory (directory, error);
  for (guint i = 0; files != NULL && i < files->len; i++)
    if (!read_file (config, g_ptr_array_index (files, i), PERRY_CONFIG_FILE_ADMINISTRATOR, error))
      return FALSE;
  return files != NULL;
}

/* Files are checked as a whole; what comes from elsewhere would put its bytes into messages and GVariants. */
static gboolean
check_text (const char *text, GError **error)
{
  if (g_utf8_validate (text, -1, NULL))
    return TRUE;
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "the value is not UTF-8 text");
  return FALSE;
}

static gboolean
read_environment (PerryConfig *config, const char *const *environment, GError **error)
{
  for (PerryConfigKey key = 0; key < PERRY_CONFIG_N_KEYS; key++)
    {
      const PerryConfigKeyInfo *info = perry_config_key_get_info (key);
      const char *name = info->environment;
      const char *value = name != NULL ? perry_config_get_variable (environment, name) : NULL;
      g_autofree char *origin = g_strconcat ("environment ", name, NULL);

      if (value != NULL && (!check_text (value, error) || !set_known_value (config, key, value, origin, error)))
        {
          g_prefix_error (error, "%s: [%s] %s: ", origin, info->group, info->name);
          return FALSE;
        }
    }
  return TRUE;
}

static PerryConfig *
new_with_defaults (void)
{
  PerryConfig *config = g_new0 (PerryConfig, 1);

  g_atomic_ref_count_init (&config->references);
  config->plugins = perry_config_new_named_groups ();
  config->rules = perry_config_new_named_groups ();
  for (PerryConfigKey key = 0; key < PERRY_CONFIG_N_KEYS; key++)
    set_known_value (config, key, perry_config_key_get_info (key)->default_value, BUILT_IN_ORIGIN, NULL);
  return config;
}

PerryConfig *
perry_config_load (const PerryConfigPaths *paths, const char *const *environment, GError **error)
{
  g_autoptr (PerryConfigPaths) installed = paths == NULL ? perry_config_paths_new (environment) : NULL;
  const PerryConfigPaths *from = paths != NULL ? paths : installed;
  g_autoptr (PerryConfig) config = new_with_defaults ();

  if (!read_file (config, from->vendor_file, PERRY_CONFIG_FILE_VENDOR, error))
    return NULL;
  if (!read_file (config, from->administrator_file, PERRY_CONFIG_FILE_ADMINISTRATOR, error))
    return NULL;
  if (!read_drop_ins (config, from->drop_in_directory, error))
    return NULL;
  if (!read_file (config, from->user_file, PERRY_CONFIG_FILE_USER, error))
    return NULL;
  if (!read_environment (config, environment, error))
    return NULL;
  if (!perry_config_build_rules (config, error))
    return NULL;
  return g_steal_pointer (&config);
}

PerryConfig *
perry_config_ref (PerryConfig *config)
{
  g_return_val_if_fail (config != NULL, NULL);

  g_atomic_ref_count_inc (&config->references);
  return config;
}

void
perry_config_unref (PerryConfig *config)
{
  g_return_if_fail (config != NULL);

  if (!g_atomic_ref_count_dec (&config->references))
    return;
  for (PerryConfigKey key = 0; key < PERRY_CONFIG_N_KEYS; key++)
    {
      perry_config_value_clear (&config->values[key]);
      g_free (config->origins[key]);
    }
  g_tree_unref (config->plugins);
  g_tree_unref (config->rules);
  g_clear_pointer (&config->verify_rules, g_ptr_array_unref);
  g_free (config);
}

gboolean
perry_config_set_override (PerryConfig *config, const char *group, const char *key, const char *value,
                           const char *origin, GError **error)
{
  g_return_val_if_fail (config != NULL && group != NULL && key != NULL && value != NULL && origin != NULL, FALSE);

  /* Which group and key it is would be told in bytes that are no text. */
  if (!g_utf8_validate (group, -1, NULL) || !g_utf8_validate (key, -1, NULL))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s: the group or the key is not UTF-8 text", origin);
      return FALSE;
    }
  if (check_text (value, error) && set_value (config, group, key, value, FALSE, origin, 0, error))
    return TRUE;
  g_prefix_error (error, "%s: [%s] %s: ", origin, group, key);
  return FALSE;
}

static void
tell_origin (const PerryConfig *config, PerryConfigKey key, const char **ret_origin)
{
  if (ret_origin != NULL)
    *ret_origin = config->origins[key];
}

/* Which of the two keys decides: the minimum, where it is stricter. */
static PerryConfigKey
deciding_enforcement (const PerryConfig *config)
{
  return config->values[PERRY_CONFIG_MINIMUM_ENFORCEMENT].number > config->values[PERRY_CONFIG_ENFORCEMENT].number ?
         PERRY_CONFIG_MINIMUM_ENFORCEMENT : PERRY_CONFIG_ENFORCEMENT;
}

GPtrArray *
perry_config_list (const PerryConfig *config)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_config_row_free);

  g_return_val_if_fail (config != NULL, NULL);

  for (PerryConfigKey key = 0; key < PERRY_CONFIG_N_KEYS; key++)
    {
      const PerryConfigKeyInfo *info = perry_config_key_get_info (key);
      PerryConfigKey from = key;

      if (key == PERRY_CONFIG_ENFORCEMENT)
        from = deciding_enforcement (config);
      else if (key == PERRY_CONFIG_VERIFY_MODE)
        from = perry_config_deciding_verify_mode (config);
      g_ptr_array_add (rows, perry_config_row_new (info->group, info->name, config->values[from].text,
                                                   config->origins[from]));
    }
  perry_config_list_named_groups (config->rules, PERRY_CONFIG_RULE_PREFIX, rows);
  perry_config_list_named_groups (config->plugins, PERRY_CONFIG_PLUGIN_PREFIX, rows);
  return g_steal_pointer (&rows);
}

static const char *const *
get_names (const PerryConfig *config, PerryConfigKey key, const char **ret_origin)
{
  tell_origin (config, key, ret_origin);
  return (const char *const *) config->values[key].names;
}

const char *const *
perry_config_get_backends (const PerryConfig *config, const char **ret_origin)
{
  g_return_val_if_fail (config != NULL, NULL);

  return get_names (config, PERRY_CONFIG_BACKEND, ret_origin);
}

const char *const *
perry_config_get_order (const PerryConfig *config, const char **ret_origin)
{
  g_return_val_if_fail (config != NULL, NULL);

  return get_names (config, ORDER_KEY, ret_origin);
}

int
perry_config_get_probe_timeout_ms (const PerryConfig *config)
{
  g_return_val_if_fail (config != NULL, 1);

  return (int) config->values[PERRY_CONFIG_PROBE_TIMEOUT].number;
}

int
perry_config_get_timeout_ms (const PerryConfig *config)
{
  g_return_val_if_fail (config != NULL, 1);

  return (int) config->values[PERRY_CONFIG_TIMEOUT].number;
}

PerryEnforcement
perry_config_get_enforcement (const PerryConfig *config, const char **ret_origin)
{
  PerryConfigKey key;

  g_return_val_if_fail (config != NULL, PERRY_ENFORCEMENT_STRICT);

  key = deciding_enforcement (config);
  tell_origin (config, key, ret_origin);
  return (PerryEnforcement) config->values[key].number;
}

PerryEnforcement
perry_config_get_minimum_enforcement (const PerryConfig *config, const char **ret_origin)
{
  g_return_val_if_fail (config != NULL, PERRY_ENFORCEMENT_STRICT);

  tell_origin (config, PERRY_CONFIG_MINIMUM_ENFORCEMENT, ret_origin);
  return (PerryEnforcement) config->values[PERRY_CONFIG_MINIMUM_ENFORCEMENT].number;
}

const char *
perry_config_get_proof (const PerryConfig *config, const char **ret_origin)
{
  g_return_val_if_fail (config != NULL, NULL);

  tell_origin (config, PERRY_CONFIG_PROOF, ret_origin);
  return config->values[PERRY_CONFIG_PROOF].text;
}

const char *const *
perry_config_get_required_plugins (const PerryConfig *config, const char **ret_origin)
{
  g_return_val_if_fail (config != NULL, NULL);

  return get_names (config, PERRY_CONFIG_REQUIRED_PLUGINS, ret_origin);
}

const char *
perry_config_get_supervisor (const PerryConfig *config, const char **ret_origin)
{
  g_return_val_if_fail (config != NULL, NULL);

  tell_origin (config, PERRY_CONFIG_SUPERVISOR, ret_origin);
  return config->values[PERRY_CONFIG_SUPERVISOR].text;
}
