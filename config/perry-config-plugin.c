/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-private.h"

#include <string.h>

#include "plugin-api/perry-json.h"

char **
perry_config_get_plugin_ids (const PerryConfig *config)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  g_return_val_if_fail (config != NULL, NULL);

  for (GTreeNode *plugin = g_tree_node_first (config->plugins); plugin != NULL; plugin = g_tree_node_next (plugin))
    g_strv_builder_add (ids, g_tree_node_key (plugin));
  return g_strv_builder_end (ids);
}

static const PerryPluginOption *
find_option (const PerryPluginOption *table, const char *name)
{
  for (const PerryPluginOption *option = table; option != NULL && option->name != NULL; option++)
    if (g_str_equal (option->name, name))
      return option;
  return NULL;
}

static gboolean
set_error_unknown_key (const PerryPluginOption *table, const char *key, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *nearest;

  for (const PerryPluginOption *option = table; option != NULL && option->name != NULL; option++)
    g_ptr_array_add (names, (gpointer) option->name);
  g_ptr_array_add (names, NULL);
  nearest = perry_json_nearest_key (key, (const char *const *) names->pdata);
  if (nearest != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                 "the plugin has no such option; did you mean “%s”?", nearest);
  else
    g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "the plugin has no such option");
  return FALSE;
}

static GVariant *
parse_number (const char *text, GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  gint64 number;

  if (g_ascii_string_to_signed (stripped, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return g_variant_new_int64 (number);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "“%s” is no whole number of 64 bits", stripped);
  return NULL;
}

static GVariant *
parse_boolean (GKeyFile *key_file, const char *text, GError **error)
{
  g_autoptr (GError) parse_error = NULL;
  gboolean value = g_key_file_get_boolean (key_file, "group", "key", &parse_error);

  if (parse_error == NULL)
    return g_variant_new_boolean (value);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "“%s” is neither true nor false", text);
  return NULL;
}

static gboolean
has_bad_escape (const char *text, gboolean is_list)
{
  for (const char *p = strchr (text, '\\'); p != NULL; p = strchr (p + 2, '\\'))
    if (p[1] == '\0' || strchr (is_list ? "sntr\\;" : "sntr\\", p[1]) == NULL)
      return TRUE;
  return FALSE;
}

static GVariant *
parse_text (GKeyFile *key_file, gboolean is_list, const char *text, GError **error)
{
  g_autoptr (GError) parse_error = NULL;
  g_auto (GStrv) list = NULL;
  g_autofree char *string = NULL;
  /* GKeyFile sets one error over another, with a warning, for a text that has two of them. */
  gboolean is_bad = has_bad_escape (text, is_list);

  if (!is_bad && is_list)
    list = g_key_file_get_string_list (key_file, "group", "key", NULL, &parse_error);
  else if (!is_bad)
    string = g_key_file_get_string (key_file, "group", "key", &parse_error);
  if (is_bad || parse_error != NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                   "“%s” has a backslash that begins no escape; a backslash itself is written twice", text);
      return NULL;
    }
  return is_list ? g_variant_new_strv ((const char *const *) list, -1) : g_variant_new_string (string);
}

/* Reads a value in GKeyFile's syntax. */
static GVariant *
parse_value (const char *type, const char *text, GError **error)
{
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  GVariant *value;

  g_key_file_set_value (key_file, "group", "key", text);
  if (g_str_equal (type, "x"))
    value = parse_number (text, error);
  else if (g_str_equal (type, "b"))
    value = parse_boolean (key_file, text, error);
  else
    value = parse_text (key_file, g_str_equal (type, "as"), text, error);
  return value != NULL ? g_variant_ref_sink (value) : NULL;
}

static GVariant *
parse_default (const PerryPluginOption *option, GError **error)
{
  GError *parse_error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE (option->type), option->default_value, NULL, NULL, &parse_error);

  if (value == NULL)
    perry_error_propagate_foreign (error, parse_error, PERRY_ERROR_PLUGIN_BAD_OPTION, "“%s” is no “%s”",
                                   option->default_value, option->type);
  return value;
}

static gboolean
check_keys (const PerryConfigNamedGroup *group, const char *id, const PerryPluginOption *table, GError **error)
{
  GTreeNode *node = group != NULL ? g_tree_node_first (group->values) : NULL;

  for (; node != NULL; node = g_tree_node_next (node))
    {
      const PerryConfigNamedValue *value = g_tree_node_value (node);
      const char *key = g_tree_node_key (node);

      if (find_option (table, key) == NULL && !set_error_unknown_key (table, key, error))
        {
          g_prefix_error (error, "%s: [" PERRY_CONFIG_PLUGIN_PREFIX "%s] %s: ", value->place, id, key);
          return FALSE;
        }
    }
  return TRUE;
}

GVariant *
perry_config_get_plugin_options (const PerryConfig *config, const char *id, const PerryPluginOption *table,
                                 GError **error)
{
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  const PerryConfigNamedGroup *group;

  g_return_val_if_fail (config != NULL && id != NULL, NULL);

  group = g_tree_lookup (config->plugins, id);
  if (!check_keys (group, id, table, error))
    return NULL;
  for (const PerryPluginOption *option = table; option != NULL && option->name != NULL; option++)
    {
      const PerryConfigNamedValue *set = perry_config_get_named_value (group, option->name);
      g_autoptr (GVariant) value = NULL;

      value = set != NULL ? parse_value (option->type, set->value, error) : parse_default (option, error);
      if (value == NULL)
        {
          g_prefix_error (error, "%s: [" PERRY_CONFIG_PLUGIN_PREFIX "%s] %s: ",
                          set != NULL ? set->place : "built-in default", id, option->name);
          return NULL;
        }
      g_variant_dict_insert_value (&options, option->name, value);
    }
  return g_variant_ref_sink (g_variant_dict_end (&options));
}
