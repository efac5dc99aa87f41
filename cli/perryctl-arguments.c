/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-arguments.h"

#include <string.h>

typedef struct {
  PerryctlArguments *arguments;
  const char *const *argv;
  gsize next;
} Parser;

static void
free_value (gpointer data)
{
  PerryctlValue *value = data;

  g_free (value->text);
  g_free (value);
}

static const PerryctlOption *
find_option (const PerryctlArguments *arguments, const char *name, char short_name)
{
  for (guint i = 0; i < arguments->table->len; i++)
    {
      const PerryctlOption *option = &g_array_index (arguments->table, PerryctlOption, i);

      if (name != NULL ? g_str_equal (option->name, name) : option->short_name == short_name)
        return option;
    }
  return NULL;
}

static void
set_unknown_error (const PerryctlArguments *arguments, const char *name, GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  const char *nearest;

  for (guint i = 0; i < arguments->table->len; i++)
    g_ptr_array_add (known, (gpointer) g_array_index (arguments->table, PerryctlOption, i).name);
  g_ptr_array_add (known, NULL);
  nearest = perry_json_nearest_key (name, (const char *const *) known->pdata);
  if (nearest != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "unknown option --%s, did you mean --%s?", name,
                 nearest);
  else
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "unknown option --%s", name);
}

static void
add_value (Parser *parser, const PerryctlOption *option, const char *text)
{
  PerryctlValue *value = g_new0 (PerryctlValue, 1);

  value->option = option;
  value->text = g_strdup (text);
  g_ptr_array_add (parser->arguments->values, value);
}

static gboolean
take_argument (Parser *parser, const PerryctlOption *option, const char *spelling, GError **error)
{
  if (parser->argv[parser->next] == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "%s needs an argument: %s", spelling,
                   option->argument);
      return FALSE;
    }
  add_value (parser, option, parser->argv[parser->next++]);
  return TRUE;
}

static gboolean
parse_long (Parser *parser, const char *word, GError **error)
{
  const char *equals = strchr (word, '=');
  g_autofree char *name = equals != NULL ? g_strndup (word, (gsize) (equals - word)) : g_strdup (word);
  g_autofree char *spelling = g_strconcat ("--", name, NULL);
  const PerryctlOption *option = find_option (parser->arguments, name, 0);

  if (option == NULL)
    {
      set_unknown_error (parser->arguments, name, error);
      return FALSE;
    }
  if (option->argument == NULL && equals != NULL && !g_str_equal (equals, "=true") && !g_str_equal (equals, "=false"))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "%s is true or false, not \"%s\"", spelling,
                   equals + 1);
      return FALSE;
    }
  if (equals != NULL)
    add_value (parser, option, equals + 1);
  else if (option->argument == NULL)
    add_value (parser, option, "true");
  else
    return take_argument (parser, option, spelling, error);
  return TRUE;
}

static gboolean
parse_short (Parser *parser, const char *letters, GError **error)
{
  for (; *letters != '\0'; letters++)
    {
      const PerryctlOption *option = find_option (parser->arguments, NULL, *letters);
      char spelling[] = { '-', *letters, '\0' };

      if (option == NULL)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "unknown option -%s",
                       g_ascii_isprint (*letters) ? (const char[]){ *letters, '\0' } : "?");
          return FALSE;
        }
      if (option->argument != NULL && letters[1] != '\0')
        {
          add_value (parser, option, letters[1] == '=' ? letters + 2 : letters + 1);
          return TRUE;
        }
      if (option->argument != NULL)
        return take_argument (parser, option, spelling, error);
      add_value (parser, option, "true");
    }
  return TRUE;
}

PerryctlArguments *
perryctl_arguments_parse (GArray *table, gboolean stop_at_operand, const char *const *argv, GError **error)
{
  g_autoptr (PerryctlArguments) arguments = g_new0 (PerryctlArguments, 1);
  g_autoptr (GPtrArray) operands = g_ptr_array_new_with_free_func (g_free);
  Parser parser = { arguments, argv, 0 };
  gboolean options_end = FALSE;

  arguments->table = table;
  arguments->values = g_ptr_array_new_with_free_func (free_value);
  while (argv[parser.next] != NULL)
    {
      const char *word = argv[parser.next++];

      if (!options_end && g_str_equal (word, "--"))
        options_end = TRUE;
      else if (options_end || word[0] != '-' || word[1] == '\0')
        {
          g_ptr_array_add (operands, g_strdup (word));
          options_end |= stop_at_operand;
        }
      else if (word[1] == '-' ? !parse_long (&parser, word + 2, error) : !parse_short (&parser, word + 1, error))
        return NULL;
    }
  g_ptr_array_add (operands, NULL);
  arguments->operands = (char **) g_ptr_array_free (g_steal_pointer (&operands), FALSE);
  return g_steal_pointer (&arguments);
}

void
perryctl_arguments_free (PerryctlArguments *arguments)
{
  if (arguments == NULL)
    return;
  g_clear_pointer (&arguments->table, g_array_unref);
  g_clear_pointer (&arguments->values, g_ptr_array_unref);
  g_strfreev (arguments->operands);
  g_free (arguments);
}

const char *
perryctl_arguments_get (const PerryctlArguments *arguments, const char *name)
{
  for (guint i = arguments->values->len; i > 0; i--)
    {
      const PerryctlValue *value = g_ptr_array_index (arguments->values, i - 1);

      if (g_str_equal (value->option->name, name))
        return value->text;
    }
  return NULL;
}

gboolean
perryctl_arguments_is_on (const PerryctlArguments *arguments, const char *name)
{
  return g_strcmp0 (perryctl_arguments_get (arguments, name), "true") == 0;
}

gboolean
perryctl_arguments_read_integer (const PerryctlArguments *arguments, const char *name, gint64 minimum, gint64 maximum,
                                 gint64 *ret_value, GError **error)
{
  const char *text = perryctl_arguments_get (arguments, name);
  gint64 value;

  if (text == NULL)
    return TRUE;
  if (!g_ascii_string_to_signed (text, 10, minimum, maximum, &value, NULL))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                   "--%s: \"%s\" is not a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, name, text,
                   minimum, maximum);
      return FALSE;
    }
  *ret_value = value;
  return TRUE;
}
