/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/perryctl-command.h"

/* Where an option's help begins, and where a line is too long for a terminal. */
#define HELP_COLUMN 22
#define LAST_COLUMN 79

/* Appends @text from HELP_COLUMN on, broken between words. */
static void
append_wrapped (GString *out, gsize column, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  gboolean first = TRUE;

  if (column + 2 > HELP_COLUMN)
    {
      g_string_append_c (out, '\n');
      column = 0;
    }
  g_string_append_printf (out, "%*s", (int) (HELP_COLUMN - column), "");
  column = HELP_COLUMN;
  for (char **word = words; *word != NULL; word++)
    {
      gsize length = (gsize) g_utf8_strlen (*word, -1);

      if (!first && column + 1 + length > LAST_COLUMN)
        {
          g_string_append_printf (out, "\n%*s", HELP_COLUMN, "");
          column = HELP_COLUMN;
        }
      else if (!first)
        {
          g_string_append_c (out, ' ');
          column++;
        }
      g_string_append (out, *word);
      column += length;
      first = FALSE;
    }
  g_string_append_c (out, '\n');
}

static void
append_option (GString *out, const PerryctlOption *option)
{
  gsize begin = out->len;

  if (option->short_name != 0)
    g_string_append_printf (out, "  -%c, --%s", option->short_name, option->name);
  else
    g_string_append_printf (out, "      --%s", option->name);
  if (option->argument != NULL)
    g_string_append_printf (out, " %s", option->argument);
  append_wrapped (out, out->len - begin, option->help);
}

char *
perryctl_command_get_overview (void)
{
  GString *out = g_string_new (
      "Usage: perryctl [--backend NAME] COMMAND [OPTION]... [ARGUMENT]...\n"
      "Runs containers on the engine of this host, and proves that they are what was asked for.\n\nCommands:\n");

  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    {
      gsize begin = out->len;

      g_string_append_printf (out, "  %s", (*command)->name);
      append_wrapped (out, out->len - begin, (*command)->summary);
    }
  g_string_append (out, "\n\"perryctl COMMAND --help\" lists the options of a command.\n");
  return g_string_free (out, FALSE);
}

char *
perryctl_command_get_help (const PerryctlCommand *command)
{
  g_autoptr (GArray) options = perryctl_command_dup_options (command);
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "Usage: perryctl %s [OPTION]...%s%s\n", command->name,
                          *command->operands != '\0' ? " " : "", command->operands);
  g_string_append_printf (out, "%c%s.\n\nOptions:\n", g_ascii_toupper (command->summary[0]), command->summary + 1);
  for (guint i = 0; i < options->len; i++)
    append_option (out, &g_array_index (options, PerryctlOption, i));
  return g_string_free (out, FALSE);
}
