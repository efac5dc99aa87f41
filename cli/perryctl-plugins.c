/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-output.h"
#include "cli/perryctl-table.h"

static void
add_plugin (JsonBuilder *builder, const PerryPlugin *plugin)
{
  const GError *problem = perry_plugin_get_error (plugin);

  json_builder_begin_object (builder);
  perryctl_output_add_member (builder, "id", perry_plugin_get_id (plugin));
  perryctl_output_add_member (builder, "kind", perry_plugin_get_kind_name (plugin));
  perryctl_output_add_member (builder, "path", perry_plugin_get_path (plugin));
  perryctl_output_add_member (builder, "state", perry_plugin_state_get_name (perry_plugin_get_state (plugin)));
  perryctl_output_add_member (builder, "error", problem != NULL ? problem->message : NULL);
  perryctl_output_add_member (builder, "error_code", problem != NULL ? perry_error_get_name (problem->code) : NULL);
  perryctl_output_add_member (builder, "version", perry_plugin_get_version (plugin));
  perryctl_output_add_member (builder, "licence", perry_plugin_get_licence (plugin));
  perryctl_output_add_member (builder, "summary", perry_plugin_get_summary (plugin));
  json_builder_end_object (builder);
}

static void
print_json (const GPtrArray *plugins)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < plugins->len; i++)
    add_plugin (builder, g_ptr_array_index (plugins, i));
  json_builder_end_array (builder);
  perryctl_output_take_json (json_builder_get_root (builder));
}

static const char *
or_dash (const char *text)
{
  return text != NULL ? text : "-";
}

static void
print_table (const GPtrArray *plugins)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (5);

  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "ID", "KIND", "VERSION", "STATE", "PATH", NULL);
  for (guint i = 0; i < plugins->len; i++)
    {
      const PerryPlugin *plugin = g_ptr_array_index (plugins, i);
      gboolean ok = perry_plugin_get_state (plugin) == PERRY_PLUGIN_STATE_OK;

      perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, or_dash (perry_plugin_get_id (plugin)),
                              or_dash (perry_plugin_get_kind_name (plugin)),
                              or_dash (perry_plugin_get_version (plugin)), NULL);
      perryctl_table_add (table, perry_plugin_state_get_name (perry_plugin_get_state (plugin)),
                          ok ? PERRYCTL_COLOUR_GREEN : PERRYCTL_COLOUR_RED);
      perryctl_table_add (table, perry_plugin_get_path (plugin), PERRYCTL_COLOUR_NONE);
    }
  perryctl_table_print (table);
}

static void
print_problems (const GPtrArray *plugins)
{
  for (guint i = 0; i < plugins->len; i++)
    {
      const PerryPlugin *plugin = g_ptr_array_index (plugins, i);
      g_autofree char *line = NULL;

      if (perry_plugin_get_error (plugin) == NULL)
        continue;
      line = g_strdup_printf ("%s: %s", perry_plugin_get_id (plugin) != NULL ? perry_plugin_get_id (plugin)
                                                                             : perry_plugin_get_path (plugin),
                              perry_plugin_get_error (plugin)->message);
      fputc ('\n', stdout);
      perryctl_output_print_line (line);
    }
}

static int
run (PerryctlCall *call, GError **error)
{
  g_autoptr (PerryPluginRegistry) registry = perry_plugin_registry_new ();
  g_autoptr (GPtrArray) plugins = perry_plugin_registry_list (registry);

  if (perryctl_call_wants_json (call))
    {
      print_json (plugins);
      return 0;
    }
  print_table (plugins);
  print_problems (plugins);
  return 0;
}

const PerryctlCommand perryctl_plugins_command = {
  .name = "plugins",
  .operands = "",
  .summary = "list plugins, and why one cannot be used",
  .flags = PERRYCTL_COMMAND_FORMAT,
  .run = run,
};
