/* SPDX-License-Identifier: Apache-2.0 */
/* A command line: the command and its words, one a line. */
#include <string.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-spec.h"
#include "cli/perryctl-text.h"
#include "tests/fuzz/fuzz-input.h"

/* What a terminal is shown of a word or a message, whatever is in it. */
static void
check_harmless (const char *text)
{
  g_autofree char *escaped = perryctl_text_escape (text, TRUE);
  g_autofree char *cut = perryctl_text_cut (escaped, 4000);

  fuzz_require (g_utf8_validate (cut, -1, NULL) && strlen (cut) <= 4000, "what is printed is UTF-8 and short");
  for (const char *p = cut; *p != '\0'; p = g_utf8_next_char (p))
    fuzz_require (*p == '\n' || *p == '\t' || g_unichar_isprint (g_utf8_get_char (p)), "what is printed is printable");
}

static void
check_time (const char *text)
{
  const gint64 now = G_GINT64_CONSTANT (1700000000000000);
  gint64 time = -1;

  if (perryctl_text_read_time (text, now, &time) && strpbrk (text, "smhd") != NULL)
    fuzz_require (time <= now, "how long ago is not later");
}

static void
check_spec (const PerryctlArguments *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autofree char *text = NULL;

  /* That would read whatever file the input names. */
  if (perryctl_arguments_get (arguments, "spec") != NULL)
    return;
  spec = perryctl_spec_new (arguments, &error);
  if (spec == NULL)
    {
      fuzz_check_error (error, TRUE);
      return;
    }
  text = perry_container_spec_to_json (spec);
  fuzz_require (perry_json_check (text, -1, NULL, NULL), "a command line makes a spec that can be written");
}

static void
check_arguments (const PerryctlArguments *arguments, char *const *words)
{
  guint n_words = g_strv_length ((char **) words);

  fuzz_require (g_strv_length (arguments->operands) <= n_words, "there are no more operands than words");
  for (guint i = 0; i < arguments->values->len; i++)
    {
      const PerryctlValue *value = g_ptr_array_index (arguments->values, i);

      fuzz_require (value->option != NULL && value->text != NULL, "a value has an option and a text");
      if (value->option->argument == NULL)
        fuzz_require (g_str_equal (value->text, "true") || g_str_equal (value->text, "false"), "a switch is on or off");
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_dup_text (data, size);
  g_auto (GStrv) words = g_strsplit (text, "\n", 256);
  const PerryctlCommand *command = words[0] != NULL ? perryctl_command_find (words[0]) : NULL;
  g_autoptr (PerryctlArguments) arguments = NULL;
  g_autoptr (GError) error = NULL;
  gboolean takes_spec;

  for (char **word = words; *word != NULL; word++)
    {
      check_harmless (*word);
      check_time (*word);
    }
  if (command == NULL)
    return 0;
  takes_spec = (command->flags & PERRYCTL_COMMAND_SPEC) != 0;
  arguments = perryctl_arguments_parse (perryctl_command_dup_options (command), takes_spec,
                                        (const char *const *) words + 1, &error);
  if (arguments == NULL)
    {
      fuzz_require (error != NULL, "a failure has an error");
      check_harmless (error->message);
      return 0;
    }
  check_arguments (arguments, words + 1);
  if (takes_spec)
    check_spec (arguments);
  return 0;
}
