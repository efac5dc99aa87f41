/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-output.h"
#include "cli/perryctl-table.h"

static const PerryctlOption options[] = {
  { "origin", 0, NULL, "Say where each value comes from" },
  { NULL },
};

static void
print_json (const GPtrArray *rows)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < rows->len; i++)
    {
      const PerryConfigRow *row = g_ptr_array_index (rows, i);

      json_builder_begin_object (builder);
      perryctl_output_add_member (builder, "group", row->group);
      perryctl_output_add_member (builder, "key", row->key);
      perryctl_output_add_member (builder, "value", row->value);
      perryctl_output_add_member (builder, "origin", row->origin);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  perryctl_output_take_json (json_builder_get_root (builder));
}

static void
print_origins (const GPtrArray *rows)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (4);

  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "GROUP", "KEY", "VALUE", "ORIGIN", NULL);
  for (guint i = 0; i < rows->len; i++)
    {
      const PerryConfigRow *row = g_ptr_array_index (rows, i);

      perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, row->group, row->key, row->value, row->origin, NULL);
    }
  perryctl_table_print (table);
}

/* As a perry.conf, so that it can be kept. */
static void
print_file (const GPtrArray *rows)
{
  const char *group = NULL;

  for (guint i = 0; i < rows->len; i++)
    {
      const PerryConfigRow *row = g_ptr_array_index (rows, i);
      g_autofree char *heading = g_strdup_printf ("[%s]", row->group);
      g_autofree char *line = g_strdup_printf ("%s=%s", row->key, row->value);

      if (g_strcmp0 (group, row->group) != 0)
        {
          if (group != NULL)
            fputc ('\n', stdout);
          perryctl_output_print_line (heading);
        }
      group = row->group;
      perryctl_output_print_line (line);
    }
}

static int
run (PerryctlCall *call, GError **error)
{
  g_autoptr (PerryConfig) config = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  if (!g_str_equal (call->arguments->operands[0], "show"))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "unknown verb \"%s\", there is \"show\"",
                   call->arguments->operands[0]);
      return 0;
    }
  config = perryctl_call_load_config (call, error);
  if (config == NULL)
    return 0;
  rows = perry_config_list (config);
  if (perryctl_call_wants_json (call))
    print_json (rows);
  else if (perryctl_arguments_is_on (call->arguments, "origin"))
    print_origins (rows);
  else
    print_file (rows);
  return 0;
}

const PerryctlCommand perryctl_config_command = {
  .name = "config",
  .operands = "show",
  .summary = "print the configuration in effect",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .least_operands = 1,
  .most_operands = 1,
  .options = options,
  .run = run,
};
