/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The committed completions are what the tables of commands and fields give; PERRY_UPDATE_GOLDEN=1 writes them anew.
 */
#include <string.h>

#include "cli/perryctl-command.h"

#define HEAD                                                                                                           \
  "# SPDX-License-Identifier: Apache-2.0\n"                                                                            \
  "# Made from perryctl's tables by tests/test-cli-completions; PERRY_UPDATE_GOLDEN=1 writes it anew.\n"

typedef enum {
  WANTS_NOTHING,
  WANTS_CONTAINERS,
  WANTS_IMAGES,
  WANTS_FILES,
} Wants;

static Wants
operands_of (const PerryctlCommand *command)
{
  if (g_str_has_prefix (command->operands, "NAME"))
    return WANTS_CONTAINERS;
  if (g_str_has_prefix (command->operands, "IMAGE"))
    return WANTS_IMAGES;
  return strstr (command->operands, "FILE") != NULL ? WANTS_FILES : WANTS_NOTHING;
}

/* The words that the first operand can be, separated by blanks, or NULL. */
static char *
verbs_of (const PerryctlCommand *command)
{
  g_auto (GStrv) words = g_strsplit (command->operands, " ", 2);

  if (words[0] == NULL || !g_ascii_islower (*words[0]))
    return NULL;
  return g_strdelimit (g_strdup (words[0]), "|", ' ');
}

static gboolean
takes_file (const PerryctlOption *option)
{
  return g_strcmp0 (option->argument, "FILE") == 0;
}

/* The words that an option takes, separated by blanks, or NULL. */
static char *
choices_of (const PerryctlOption *option)
{
  g_auto (GStrv) words = NULL;

  if (option->argument == NULL || strchr (option->argument, '|') == NULL)
    return NULL;
  words = g_strsplit (option->argument, "|", -1);
  return g_strjoinv (" ", words);
}

/* In single quotes, for each shell in its own way. */
static char *
quote (const char *text, const char *quoted_quote)
{
  g_auto (GStrv) parts = g_strsplit (text, "'", -1);

  return g_strjoinv (quoted_quote, parts);
}

static char *
join_commands (Wants wants)
{
  GString *out = g_string_new (NULL);

  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    if (operands_of (*command) == wants)
      g_string_append_printf (out, "%s%s", out->len > 0 ? " | " : "", (*command)->name);
  return g_string_free (out, FALSE);
}

static void
append_bash_options (GString *out, const PerryctlCommand *command)
{
  g_autoptr (GArray) options = perryctl_command_dup_options (command);

  g_string_append_printf (out, "    %s)\n      words=\"", command->name);
  for (guint i = 0; i < options->len; i++)
    {
      const PerryctlOption *option = &g_array_index (options, PerryctlOption, i);

      g_string_append_printf (out, "%s--%s", i > 0 ? " " : "", option->name);
      if (option->short_name != 0)
        g_string_append_printf (out, " -%c", option->short_name);
    }
  g_string_append (out, "\" ;;\n");
}

/* An option means the same wherever it occurs, so the first one that is met says what it takes. */
static void
append_bash_arguments (GString *out)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    {
      g_autoptr (GArray) options = perryctl_command_dup_options (*command);

      for (guint i = 0; i < options->len; i++)
        {
          const PerryctlOption *option = &g_array_index (options, PerryctlOption, i);
          g_autofree char *choices = choices_of (option);

          if (option->argument == NULL || !g_hash_table_add (seen, g_strdup (option->name)))
            continue;
          if (choices != NULL)
            g_string_append_printf (out, "    --%s) _perryctl_words \"%s\"; return ;;\n", option->name, choices);
          else if (takes_file (option))
            g_string_append_printf (out, "    --%s) _perryctl_files; return ;;\n", option->name);
          else
            g_string_append_printf (out, "    --%s) return ;;\n", option->name);
        }
    }
}

static char *
make_bash (void)
{
  g_autofree char *containers = join_commands (WANTS_CONTAINERS);
  g_autofree char *images = join_commands (WANTS_IMAGES);
  g_autofree char *files = join_commands (WANTS_FILES);
  GString *out = g_string_new (
      "# shellcheck shell=bash\n" HEAD
      "_perryctl_words () { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\"); }\n"
      "_perryctl_files () { mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); compopt -o filenames; }\n"
      "_perryctl_containers () { perryctl ps --all 2>/dev/null | awk 'NR > 1 { print $1 }'; }\n"
      "_perryctl_images () { perryctl images 2>/dev/null | awk 'NR > 1 { print $1 \":\" $2 }'; }\n\n"
      "_perryctl () {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' words='' i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in\n"
      "      --backend | --format) ((i++)) ;;\n"
      "      -*) ;;\n"
      "      *) command=${COMP_WORDS[i]}; break ;;\n"
      "    esac\n"
      "  done\n"
      "  case $prev in\n");

  append_bash_arguments (out);
  g_string_append (out, "  esac\n  case $command in\n    '')\n      words=\"");
  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    g_string_append_printf (out, "%s ", (*command)->name);
  g_string_append (out, "--backend --help --version\" ;;\n");
  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    append_bash_options (out, *command);
  g_string_append (out, "  esac\n  if [[ -n $command && $cur != -* ]]; then\n    case $command in\n");
  g_string_append_printf (out, "      %s) words=$(_perryctl_containers) ;;\n", containers);
  g_string_append_printf (out, "      %s) words=$(_perryctl_images) ;;\n", images);
  g_string_append_printf (out, "      %s) _perryctl_files; return ;;\n", files);
  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    {
      g_autofree char *verbs = verbs_of (*command);

      if (verbs != NULL)
        g_string_append_printf (out, "      %s) words=\"%s\" ;;\n", (*command)->name, verbs);
    }
  g_string_append (out, "      *) words= ;;\n    esac\n  fi\n"
                        "  _perryctl_words \"$words\"\n}\ncomplete -F _perryctl perryctl\n");
  return g_string_free (out, FALSE);
}

static void
append_zsh_option (GString *out, const PerryctlOption *option)
{
  g_autofree char *help = quote (option->help, "'\\''");
  g_autofree char *choices = choices_of (option);
  g_auto (GStrv) colons = g_strsplit (option->argument != NULL ? option->argument : "", ":", -1);
  g_auto (GStrv) brackets = g_strsplit (help, "[", -1);
  g_autofree char *argument = g_strjoinv ("\\:", colons);
  g_autofree char *text = g_strjoinv ("\\[", brackets);
  const char *equals = option->argument != NULL ? "=" : "";

  if (option->short_name != 0)
    g_string_append_printf (out, "        '*'{-%c%s,--%s%s}'[%s]", option->short_name,
                            option->argument != NULL ? "+" : "", option->name, equals, text);
  else
    g_string_append_printf (out, "        '*--%s%s[%s]", option->name, equals, text);
  if (choices != NULL)
    g_string_append_printf (out, ":word:(%s)", choices);
  else if (takes_file (option))
    g_string_append (out, ":FILE:_files");
  else if (option->argument != NULL)
    g_string_append_printf (out, ":%s: ", argument);
  g_string_append (out, "' \\\n");
}

static char *
make_zsh (void)
{
  static const char *const operands[] = { [WANTS_NOTHING] = "", [WANTS_CONTAINERS] = "_perryctl_containers",
                                          [WANTS_IMAGES] = "_perryctl_images", [WANTS_FILES] = "_files" };
  GString *out = g_string_new (
      "#compdef perryctl\n" HEAD
      "_perryctl_containers () {\n  local -a names\n"
      "  names=(${(f)\"$(perryctl ps --all 2>/dev/null | awk 'NR > 1 { print $1 }')\"})\n  compadd -a names\n}\n"
      "_perryctl_images () {\n  local -a names\n"
      "  names=(${(f)\"$(perryctl images 2>/dev/null | awk 'NR > 1 { print $1 \":\" $2 }')\"})\n  compadd -a names\n}\n"
      "_perryctl () {\n  local -a commands\n  commands=(\n");

  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    {
      g_autofree char *summary = quote ((*command)->summary, "'\\''");

      g_string_append_printf (out, "    '%s:%s'\n", (*command)->name, summary);
    }
  g_string_append (out, "  )\n  if ((CURRENT == 2)); then\n    _describe command commands\n    return\n  fi\n"
                        "  local command=$words[2]\n  shift words\n  ((CURRENT--))\n  case $command in\n");
  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    {
      g_autoptr (GArray) options = perryctl_command_dup_options (*command);
      g_autofree char *verbs = verbs_of (*command);

      g_string_append_printf (out, "    %s)\n      _arguments -s \\\n", (*command)->name);
      for (guint i = 0; i < options->len; i++)
        append_zsh_option (out, &g_array_index (options, PerryctlOption, i));
      if (verbs != NULL)
        g_string_append_printf (out, "        ':verb:(%s)'%s ;;\n", verbs,
                                (*command)->most_operands > 1 ? " '*:name: '" : "");
      else if (operands_of (*command) == WANTS_IMAGES && (*command)->most_operands > 1
               && ((*command)->flags & PERRYCTL_COMMAND_SPEC) != 0)
        g_string_append (out, "        ':image:_perryctl_images' '*:: : ' ;;\n");
      else
        g_string_append_printf (out, "        '*:argument:%s' ;;\n", operands[operands_of (*command)]);
    }
  g_string_append (out, "  esac\n}\n_perryctl \"$@\"\n");
  return g_string_free (out, FALSE);
}

static void
append_fish_option (GString *out, const PerryctlCommand *command, const PerryctlOption *option)
{
  g_autofree char *help = quote (option->help, "\\'");
  g_autofree char *choices = choices_of (option);

  g_string_append_printf (out, "complete -c perryctl -n '__fish_seen_subcommand_from %s'", command->name);
  if (option->short_name != 0)
    g_string_append_printf (out, " -s %c", option->short_name);
  g_string_append_printf (out, " -l %s", option->name);
  if (choices != NULL)
    g_string_append_printf (out, " -x -a '%s'", choices);
  else if (takes_file (option))
    g_string_append (out, " -r -F");
  else if (option->argument != NULL)
    g_string_append (out, " -x");
  g_string_append_printf (out, " -d '%s'\n", help);
}

static char *
make_fish (void)
{
  static const char *const operands[] = {
    [WANTS_CONTAINERS] = "-a '(perryctl ps --all 2>/dev/null | awk \"NR > 1 { print \\$1 }\")'",
    [WANTS_IMAGES] = "-a '(perryctl images 2>/dev/null | awk \"NR > 1 { print \\$1 \\\":\\\" \\$2 }\")'",
    [WANTS_FILES] = "-F",
  };
  GString *out = g_string_new (HEAD "complete -c perryctl -f\n"
                                    "complete -c perryctl -n __fish_use_subcommand -l backend -x\n");

  for (const PerryctlCommand *const *command = perryctl_command_get_table (); *command != NULL; command++)
    {
      g_autoptr (GArray) options = perryctl_command_dup_options (*command);
      g_autofree char *summary = quote ((*command)->summary, "\\'");
      g_autofree char *verbs = verbs_of (*command);
      const char *names = operands[operands_of (*command)];

      g_string_append_printf (out, "complete -c perryctl -n __fish_use_subcommand -a %s -d '%s'\n", (*command)->name,
                              summary);
      for (guint i = 0; i < options->len; i++)
        append_fish_option (out, *command, &g_array_index (options, PerryctlOption, i));
      if (names != NULL)
        g_string_append_printf (out, "complete -c perryctl -n '__fish_seen_subcommand_from %s' %s\n", (*command)->name,
                                names);
      if (verbs != NULL)
        g_string_append_printf (out, "complete -c perryctl -n '__fish_seen_subcommand_from %s' -a '%s'\n",
                                (*command)->name, verbs);
    }
  return g_string_free (out, FALSE);
}

typedef struct {
  const char *file;
  char *(*make) (void);
} Case;

/* One line says what drifted; the whole files would not. */
static void
assert_same_lines (const char *committed, const char *expected)
{
  g_auto (GStrv) is = g_strsplit (committed, "\n", -1);
  g_auto (GStrv) should_be = g_strsplit (expected, "\n", -1);

  for (gsize i = 0; is[i] != NULL || should_be[i] != NULL; i++)
    {
      if (g_strcmp0 (is[i], should_be[i]) != 0)
        g_error ("line %" G_GSIZE_FORMAT " is\n%s\nand should be\n%s", i + 1, is[i] != NULL ? is[i] : "missing",
                 should_be[i] != NULL ? should_be[i] : "missing");
    }
}

static void
test_golden (gconstpointer data)
{
  const Case *test = data;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "cli", "completions", test->file, NULL);
  g_autofree char *expected = test->make ();
  g_autofree char *committed = NULL;
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (g_getenv ("PERRY_UPDATE_GOLDEN"), "1") == 0)
    {
      g_file_set_contents (path, expected, -1, &error);
      g_assert_no_error (error);
    }
  g_file_get_contents (path, &committed, NULL, &error);
  g_assert_no_error (error);
  assert_same_lines (committed, expected);
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "perryctl.bash", make_bash },
    { "_perryctl", make_zsh },
    { "perryctl.fish", make_fish },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("/cli-completions/are-what-the-tables-give/", cases[i].file, NULL);

      g_test_add_data_func (name, &cases[i], test_golden);
    }
  return g_test_run ();
}
