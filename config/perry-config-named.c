/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-private.h"

#include <string.h>

static void
named_value_free (gpointer data)
{
  PerryConfigNamedValue *value = data;

  g_free (value->value);
  g_free (value->origin);
  g_free (value->place);
  g_free (value);
}

static void
named_group_free (gpointer data)
{
  PerryConfigNamedGroup *group = data;

  g_free (group->place);
  g_tree_unref (group->values);
  g_free (group);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

GTree *
perry_config_new_named_groups (void)
{
  return g_tree_new_full (compare_names, NULL, g_free, named_group_free);
}

static char *
format_place (const char *origin, guint line)
{
  return line > 0 ? g_strdup_printf ("%s:%u", origin, line) : g_strdup (origin);
}

static PerryConfigNamedGroup *
get_group (GTree *groups, const char *name)
{
  PerryConfigNamedGroup *group = g_tree_lookup (groups, name);

  if (group != NULL)
    return group;
  group = g_new0 (PerryConfigNamedGroup, 1);
  group->values = g_tree_new_full (compare_names, NULL, g_free, named_value_free);
  g_tree_insert (groups, g_strdup (name), group);
  return group;
}

gboolean
perry_config_set_named_value (GTree *groups, const char *name, const char *key, const char *value, const char *origin,
                              guint line, GError **error)
{
  PerryConfigNamedGroup *group;
  PerryConfigNamedValue *entry;

  if (!perry_config_is_name (name) || (key != NULL && !perry_config_is_name (key)))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                   "“%s” is no name: those have lower-case letters, digits and “-”",
                   perry_config_is_name (name) ? key : name);
      return FALSE;
    }
  group = get_group (groups, name);
  if (key == NULL || group->place == NULL)
    {
      g_free (group->place);
      group->place = format_place (origin, line);
    }
  if (key == NULL)
    return TRUE;
  entry = g_new0 (PerryConfigNamedValue, 1);
  entry->value = g_strdup (value);
  entry->origin = g_strdup (origin);
  entry->place = format_place (origin, line);
  g_tree_replace (group->values, g_strdup (key), entry);
  return TRUE;
}

const PerryConfigNamedValue *
perry_config_get_named_value (const PerryConfigNamedGroup *group, const char *key)
{
  return group != NULL ? g_tree_lookup (group->values, key) : NULL;
}

void
perry_config_list_named_groups (GTree *groups, const char *prefix, GPtrArray *rows)
{
  for (GTreeNode *at = g_tree_node_first (groups); at != NULL; at = g_tree_node_next (at))
    {
      g_autofree char *name = g_strconcat (prefix, g_tree_node_key (at), NULL);
      const PerryConfigNamedGroup *group = g_tree_node_value (at);

      for (GTreeNode *node = g_tree_node_first (group->values); node != NULL; node = g_tree_node_next (node))
        {
          const PerryConfigNamedValue *value = g_tree_node_value (node);

          g_ptr_array_add (rows, perry_config_row_new (name, g_tree_node_key (node), value->value, value->origin));
        }
    }
}
