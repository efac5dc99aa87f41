/* SPDX-License-Identifier: Apache-2.0 */
/* No command, option or key without its place in the manual, and none in the manual that does not exist. */
#include <string.h>

#include "cli/perryctl-command.h"

static char *
read_page (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "docs", "man", name, NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static char *
escape_dashes (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "-", -1);

  return g_strjoinv ("\\-", parts);
}

/* The entry of an option: `\fB\-s\fR, \fB\-\-signal\fR \fISIGNAL\fR` and then its help. */
static char *
make_entry (const PerryctlOption *option)
{
  g_autofree char *name = escape_dashes (option->name);
  GString *entry = g_string_new (".TP\n");

  if (option->short_name != 0)
    g_string_append_printf (entry, "\\fB\\-%c\\fR, ", option->short_name);
  g_string_append_printf (entry, "\\fB\\-\\-%s\\fR", name);
  if (option->argument != NULL)
    {
      g_autofree char *argument = escape_dashes (option->argument);

      g_string_append_printf (entry, " \\fI%s\\fR", argument);
    }
  g_string_append_c (entry, '\n');
  return g_string_free (entry, FALSE);
}

static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("the page lacks:\n%s", part);
}

/* Those that stand in front, for all commands. */
static gboolean
is_general (const PerryctlOption *option)
{
  return g_str_equal (option->name, "backend") || g_str_equal (option->name, "format")
         || g_str_equal (option->name, "help");
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *p = strstr (text, part); p != NULL; p = strstr (p + 1, part))
    n++;
  return n;
}

static void
test_commands (void)
{
  g_autofree char *page = read_page ("perryctl.1");
  g_auto (GStrv) sections = g_strsplit (page, "\n.SS ", -1);
  guint n = 0;

  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    {
      g_autoptr (GArray) options = perryctl_command_dup_options (*command);
      g_autofree char *heading = g_strconcat ((*command)->name, "\n\\fBperryctl ", (*command)->name, "\\fR", NULL);
      const char *section = sections[++n];
      guint expected = 0;

      /* in the order of the table, as in the help */
      g_assert_nonnull (section);
      g_assert_true (g_str_has_prefix (section, heading));
      if (((*command)->flags & PERRYCTL_COMMAND_SPEC) != 0)
        continue;
      for (guint i = 0; i < options->len; i++)
        {
          const PerryctlOption *option = &g_array_index (options, PerryctlOption, i);
          g_autofree char *entry = make_entry (option);

          if (is_general (option))
            continue;
          assert_contains (section, entry);
          expected++;
        }
      if (sections[n + 1] != NULL)
        g_assert_cmpuint (count (section, ".TP\n"), ==, expected);
    }
  g_assert_null (sections[n + 1]);
}

static void
test_options_of_run (void)
{
  static const PerryctlCommand *const commands[]
      = { &perryctl_run_command, &perryctl_create_command, &perryctl_plan_command };
  g_autofree char *page = read_page ("perryctl-run.1");
  g_autoptr (GHashTable) entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize c = 0; c < G_N_ELEMENTS (commands); c++)
    {
      g_autoptr (GArray) options = perryctl_command_dup_options (commands[c]);

      for (guint i = 0; i < options->len; i++)
        {
          g_autofree char *entry = make_entry (&g_array_index (options, PerryctlOption, i));

          assert_contains (page, entry);
          g_hash_table_add (entries, g_steal_pointer (&entry));
        }
    }
  g_assert_cmpuint (count (page, ".TP\n"), ==, g_hash_table_size (entries));
}

/* What run has too is described there. */
static void
test_options_of_sandbox (void)
{
  g_autofree char *page = read_page ("perryctl-sandbox.1");
  g_autofree char *unbroken = g_strdelimit (g_strdup (page), "\n", ' ');
  g_autofree char *other = read_page ("perryctl-run.1");
  guint n = 0;

  for (const PerryctlOption *option = perryctl_sandbox_command.options; option->name != NULL; option++)
    {
      g_autofree char *entry = make_entry (option);
      g_autofree char *help = escape_dashes (option->help);

      if (strstr (other, entry) != NULL && !g_str_equal (option->name, "interactive"))
        continue;
      assert_contains (page, entry);
      assert_contains (unbroken, help);
      n++;
    }
  g_assert_cmpuint (count (page, ".TP\n"), ==, n);
}

static void
assert_help (const char *unbroken, const char *text)
{
  g_autofree char *dashed = escape_dashes (text);
  g_auto (GStrv) parts = g_strsplit (dashed, "…", -1);
  g_autofree char *help = g_strjoinv ("...", parts);

  assert_contains (unbroken, help);
}

static void
test_help_of_fields (void)
{
  g_autofree char *page = read_page ("perryctl-run.1");
  g_autofree char *unbroken = g_strdelimit (g_strdup (page), "\n", ' ');

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info ((PerryField) field);

      if (info->option != NULL)
        assert_help (unbroken, info->help);
      for (const PerryFieldOption *row = info->options; row != NULL && row->name != NULL; row++)
        assert_help (unbroken, row->help);
    }
}

static void
test_keys (void)
{
  static const char *const nothing[] = { NULL };
  static const PerryConfigPaths no_files = { NULL };
  g_autofree char *page = read_page ("perry.conf.5");
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryConfig) config = perry_config_load (&no_files, nothing, &error);
  g_autoptr (GPtrArray) rows = NULL;

  g_assert_no_error (error);
  rows = perry_config_list (config);
  g_assert_cmpuint (rows->len, >, 0);
  for (guint i = 0; i < rows->len; i++)
    {
      const PerryConfigRow *row = g_ptr_array_index (rows, i);
      g_autofree char *key = escape_dashes (row->key);
      g_autofree char *entry = g_strconcat (".TP\n\\fB", key, "\\fR\n", NULL);

      assert_contains (page, entry);
    }
  g_assert_cmpuint (count (page, ".TP\n\\fB"), ==, rows->len);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-manual/commands", test_commands);
  g_test_add_func ("/cli-manual/options-of-run", test_options_of_run);
  g_test_add_func ("/cli-manual/options-of-sandbox", test_options_of_sandbox);
  g_test_add_func ("/cli-manual/help-of-fields", test_help_of_fields);
  g_test_add_func ("/cli-manual/keys", test_keys);
  return g_test_run ();
}
