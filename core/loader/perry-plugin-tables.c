/* SPDX-License-Identifier: Apache-2.0 */
#include "core/loader/perry-plugin-private.h"

/* A name that was seen in a table before. Tables are short: a set costs more than it saves. */
static gboolean
occurs_before (const GPtrArray *names, const char *name)
{
  return g_ptr_array_find_with_equal_func ((GPtrArray *) names, name, g_str_equal, NULL);
}

static gboolean
check_row_count (guint n_rows, const char *table, GError **error)
{
  if (n_rows < PERRY_PLUGIN_MAX_ROWS)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "its %s has more than %d rows, or no end", table,
               PERRY_PLUGIN_MAX_ROWS);
  return FALSE;
}

static gboolean
check_capability (const PerryCapabilityRow *row, const GPtrArray *names, GError **error)
{
  g_autofree char *name = perry_plugin_copy_text (row->name, PERRY_PLUGIN_MAX_ID, "capability's name", error);
  gboolean needs_reason = row->support == PERRY_SUPPORT_PARTIAL || row->support == PERRY_SUPPORT_NOT_APPLICABLE;

  if (name == NULL)
    return FALSE;
  if (occurs_before (names, name))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_DUPLICATE_CAPABILITY,
                   "it declares capability “%s” twice", name);
      return FALSE;
    }
  if ((guint) row->support > PERRY_SUPPORT_NOT_APPLICABLE)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_FIELD, "it declares support %u for capability “%s”",
                   (guint) row->support, name);
      return FALSE;
    }
  if (row->reason != NULL || needs_reason)
    {
      g_autofree char *what = g_strdup_printf ("reason for capability “%s”", name);
      g_autofree char *reason = perry_plugin_copy_text (row->reason, PERRY_PLUGIN_MAX_SUMMARY, what, error);

      return reason != NULL;
    }
  return TRUE;
}

gboolean
perry_plugin_read_capabilities (PerryPlugin *plugin, const PerryCapabilityRow *rows, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (rows == NULL && plugin->kind == PERRY_PLUGIN_BACKEND)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_EMPTY_FIELD, "its capability table is missing");
      return FALSE;
    }
  for (const PerryCapabilityRow *row = rows; row != NULL && row->name != NULL; row++)
    {
      if (!check_row_count (names->len, "capability table", error) || !check_capability (row, names, error))
        return FALSE;
      g_ptr_array_add (names, (gpointer) row->name);
    }
  plugin->matrix = perry_capability_matrix_new_from_rows (rows);
  return TRUE;
}

static void
clear_option (gpointer data)
{
  PerryPluginOption *option = data;

  g_free ((gpointer) option->name);
  g_free ((gpointer) option->type);
  g_free ((gpointer) option->default_value);
  g_free ((gpointer) option->help);
}

static gboolean
check_option (const PerryPluginOption *option, const GArray *earlier, GError **error)
{
  static const char *const types[] = { "s", "b", "x", "as", NULL };
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) parse_error = NULL;

  if (!perry_plugin_is_valid_id (option->name))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_OPTION,
                   "its option “%s” has a name that is not lower-case letters, digits and “-”", option->name);
      return FALSE;
    }
  for (guint i = 0; i < earlier->len; i++)
    if (g_str_equal (g_array_index (earlier, PerryPluginOption, i).name, option->name))
      {
        g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_OPTION, "it declares option “%s” twice",
                     option->name);
        return FALSE;
      }
  if (!g_strv_contains (types, option->type))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_OPTION,
                   "its option “%s” has the type “%s”; s, b, x and as are known", option->name, option->type);
      return FALSE;
    }
  value = g_variant_parse (G_VARIANT_TYPE (option->type), option->default_value, NULL, NULL, &parse_error);
  if (value != NULL)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_OPTION,
               "its option “%s” has a default that is no “%s”: %s", option->name, option->type, parse_error->message);
  return FALSE;
}

/* Whatever is wrong with a text of the option table has the table's code. */
static char *
copy_option_text (const char *text, gsize limit, const char *what, GError **error)
{
  g_autoptr (GError) text_error = NULL;
  char *copy = perry_plugin_copy_text (text, limit, what, &text_error);

  if (copy == NULL)
    g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_OPTION, text_error->message);
  return copy;
}

static gboolean
copy_option (PerryPluginOption *copy, const PerryPluginOption *row, GError **error)
{
  copy->name = copy_option_text (row->name, PERRY_PLUGIN_MAX_ID, "option's name", error);
  if (copy->name == NULL)
    return FALSE;
  copy->type = copy_option_text (row->type, PERRY_PLUGIN_MAX_ID, "option's type", error);
  if (copy->type == NULL)
    return FALSE;
  copy->default_value = copy_option_text (row->default_value, PERRY_PLUGIN_MAX_DEFAULT, "option's default", error);
  if (copy->default_value == NULL)
    return FALSE;
  copy->help = copy_option_text (row->help, PERRY_PLUGIN_MAX_SUMMARY, "option's help", error);
  return copy->help != NULL;
}

gboolean
perry_plugin_read_options (PerryPlugin *plugin, const PerryPluginOption *rows, GError **error)
{
  plugin->options = g_array_new (TRUE, TRUE, sizeof (PerryPluginOption));
  g_array_set_clear_func (plugin->options, clear_option);

  for (const PerryPluginOption *row = rows; row != NULL && row->name != NULL; row++)
    {
      PerryPluginOption copy = { NULL };

      if (!check_row_count (plugin->options->len, "option table", error))
        return FALSE;
      if (!copy_option (&copy, row, error) || !check_option (&copy, plugin->options, error))
        {
          clear_option (&copy);
          return FALSE;
        }
      g_array_append_val (plugin->options, copy);
    }
  return TRUE;
}

static void
clear_candidate (gpointer data)
{
  PerryBackendCandidate *candidate = data;

  g_free ((gpointer) candidate->name);
  g_free ((gpointer) candidate->summary);
}

static gboolean
add_candidate (GArray *candidates, const char *name, const char *summary, GError **error)
{
  PerryBackendCandidate copy = { NULL };

  for (guint i = 0; i < candidates->len; i++)
    if (g_str_equal (g_array_index (candidates, PerryBackendCandidate, i).name, name))
      {
        g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_FIELD, "it lists candidate “%s” twice", name);
        return FALSE;
      }
  copy.summary = perry_plugin_copy_text (summary, PERRY_PLUGIN_MAX_SUMMARY, "candidate's summary", error);
  if (copy.summary == NULL)
    return FALSE;
  copy.name = g_strdup (name);
  g_array_append_val (candidates, copy);
  return TRUE;
}

gboolean
perry_plugin_read_candidates (PerryPlugin *plugin, GError **error)
{
  const PerryBackendCandidate *row;

  plugin->candidates = g_array_new (TRUE, TRUE, sizeof (PerryBackendCandidate));
  g_array_set_clear_func (plugin->candidates, clear_candidate);
  if (plugin->backend_ops.list_candidates == NULL)
    return add_candidate (plugin->candidates, plugin->id, plugin->summary, error);

  for (row = plugin->backend_ops.list_candidates (); row != NULL && row->name != NULL; row++)
    {
      g_autofree char *name = perry_plugin_copy_text (row->name, PERRY_PLUGIN_MAX_ID, "candidate's name", error);

      if (name == NULL || !check_row_count (plugin->candidates->len, "candidate table", error))
        return FALSE;
      if (!perry_plugin_is_valid_id (name))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_FIELD,
                       "its candidate “%s” has a name that is not lower-case letters, digits and “-”", name);
          return FALSE;
        }
      if (!add_candidate (plugin->candidates, name, row->summary, error))
        return FALSE;
    }
  if (plugin->candidates->len > 0)
    return TRUE;
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_EMPTY_FIELD, "its list of candidates is empty");
  return FALSE;
}
