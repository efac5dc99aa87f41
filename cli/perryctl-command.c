/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"

#include <stdio.h>

#include "cli/perryctl-output.h"

/* What docker and podman answer when a container could not be run for a reason of their own. */
#define EXIT_NOT_RUN 125
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127

static const PerryctlOption help_option = { "help", 0, NULL, "Print this help" };
static const PerryctlOption backend_option = { "backend", 0, "NAME", "Use this backend and no other" };
static const PerryctlOption format_option = { "format", 0, "text|json",
                                              "Print for people (text) or for programs (json)" };

GArray *
perryctl_command_dup_options (const PerryctlCommand *command)
{
  GArray *table = g_array_new (FALSE, FALSE, sizeof (PerryctlOption));

  for (const PerryctlOption *option = command->options; option != NULL && option->name != NULL; option++)
    g_array_append_val (table, *option);
  for (int field = 0; (command->flags & PERRYCTL_COMMAND_SPEC) != 0 && field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info ((PerryField) field);
      PerryctlOption option = { info->option, info->short_option, info->argument, info->help, info, NULL };

      if (info->option != NULL)
        g_array_append_val (table, option);
      for (const PerryFieldOption *row = info->options; row != NULL && row->name != NULL; row++)
        {
          PerryctlOption member = { row->name, 0, row->argument, row->help, info, row->member };

          g_array_append_val (table, member);
        }
    }
  if ((command->flags & PERRYCTL_COMMAND_BACKEND) != 0)
    g_array_append_val (table, backend_option);
  if ((command->flags & PERRYCTL_COMMAND_FORMAT) != 0)
    g_array_append_val (table, format_option);
  g_array_append_val (table, help_option);
  return table;
}

int
perryctl_command_get_usage_code (const PerryctlCommand *command)
{
  return (command->flags & PERRYCTL_COMMAND_SPEC) != 0 ? EXIT_NOT_RUN : 1;
}

int
perryctl_command_get_error_code (const PerryctlCommand *command, const GError *error)
{
  if ((command->flags & PERRYCTL_COMMAND_SPEC) == 0)
    return 1;
  if (g_error_matches (error, PERRY_ERROR, PERRY_ERROR_COMMAND_NOT_EXECUTABLE))
    return EXIT_NOT_EXECUTABLE;
  if (g_error_matches (error, PERRY_ERROR, PERRY_ERROR_COMMAND_NOT_FOUND))
    return EXIT_NOT_FOUND;
  return EXIT_NOT_RUN;
}

static gboolean
check_arguments (const PerryctlCommand *command, const PerryctlArguments *arguments, GError **error)
{
  const char *format = perryctl_arguments_get (arguments, "format");
  guint n = g_strv_length (arguments->operands);

  if (format != NULL && !g_str_equal (format, "text") && !g_str_equal (format, "json"))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "--format is text or json, not \"%s\"", format);
      return FALSE;
    }
  if ((command->flags & PERRYCTL_COMMAND_JSON) != 0 && g_strcmp0 (format, "text") == 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "%s prints JSON alone", command->name);
      return FALSE;
    }
  if (n < command->least_operands)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "too few arguments, expected: %s",
                   command->operands);
      return FALSE;
    }
  if (n > command->most_operands)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "unexpected argument \"%s\"",
                   arguments->operands[command->most_operands]);
      return FALSE;
    }
  return TRUE;
}

int
perryctl_command_run (const PerryctlCommand *command, const char *const *argv)
{
  g_autoptr (PerryctlArguments) arguments = NULL;
  g_autoptr (GError) error = NULL;
  PerryctlCall call = { command };
  int code;

  arguments = perryctl_arguments_parse (perryctl_command_dup_options (command),
                                        (command->flags & PERRYCTL_COMMAND_SPEC) != 0, argv, &error);
  if (arguments != NULL && perryctl_arguments_is_on (arguments, "help"))
    {
      g_autofree char *help = perryctl_command_get_help (command);

      fputs (help, stdout);
      return 0;
    }
  if (arguments == NULL || !check_arguments (command, arguments, &error))
    {
      perryctl_output_print_error (command->name, error->message);
      fprintf (stderr, "Try \"perryctl %s --help\".\n", command->name);
      return perryctl_command_get_usage_code (command);
    }
  call.arguments = arguments;
  code = command->run (&call, &error);
  g_clear_object (&call.engine);
  if (error == NULL)
    return code;
  perryctl_output_print_error (command->name, error->message);
  return code != 0 ? code : perryctl_command_get_error_code (command, error);
}

PerryConfig *
perryctl_call_load_config (PerryctlCall *call, GError **error)
{
  g_autoptr (PerryConfig) config = perry_config_load (NULL, NULL, error);
  const char *backend = perryctl_arguments_get (call->arguments, "backend");
  const char *verifier = perryctl_arguments_get (call->arguments, "verifier");

  if (config == NULL)
    return NULL;
  if (verifier != NULL
      && !perry_config_set_override (config, "verification", "verifier", verifier, "option --verifier", error))
    return NULL;
  if (backend != NULL
      && !perry_config_set_override (config, "engine", "backend", backend, "option --backend", error))
    return NULL;
  return g_steal_pointer (&config);
}

/* What stays beside a detached container is this program, installed or not. */
static gboolean
name_supervisor (PerryConfig *config, GError **error)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  if (self == NULL || *perry_config_get_supervisor (config, NULL) != '\0')
    return TRUE;
  return perry_config_set_override (config, "engine", "supervisor", self, "this program", error);
}

PerryEngine *
perryctl_call_get_engine (PerryctlCall *call, GError **error)
{
  g_autoptr (PerryConfig) config = NULL;

  if (call->engine != NULL)
    return call->engine;
  config = perryctl_call_load_config (call, error);
  if (config == NULL || !name_supervisor (config, error))
    return NULL;
  call->engine = perry_engine_new (config, error);
  return call->engine;
}

gboolean
perryctl_call_wants_json (const PerryctlCall *call)
{
  return (call->command->flags & PERRYCTL_COMMAND_JSON) != 0
         || g_strcmp0 (perryctl_arguments_get (call->arguments, "format"), "json") == 0;
}

int
perryctl_call_for_operands (PerryctlCall *call, char **operands, PerryctlAction action, gboolean json, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  int code = 0;

  if (engine == NULL)
    return 0;
  json_builder_begin_array (builder);
  for (char **name = operands; *name != NULL; name++)
    {
      g_autoptr (GError) local_error = NULL;

      if (!action (call, engine, *name, builder, &local_error))
        {
          perryctl_output_print_error (call->command->name, local_error->message);
          code = 1;
        }
    }
  json_builder_end_array (builder);
  if (json)
    perryctl_output_take_json (json_builder_get_root (builder));
  return code;
}

int
perryctl_call_for_each (PerryctlCall *call, PerryctlAction action, GError **error)
{
  return perryctl_call_for_operands (call, call->arguments->operands, action, perryctl_call_wants_json (call), error);
}

gboolean
perryctl_call_print_name (PerryctlCall *call, const char *name, JsonBuilder *builder)
{
  if (perryctl_call_wants_json (call))
    json_builder_add_string_value (builder, name);
  else
    perryctl_output_print_line (name);
  return TRUE;
}

void
perryctl_call_print_names (PerryctlCall *call, char **names)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (char **name = names; *name != NULL; name++)
    perryctl_call_print_name (call, *name, builder);
  json_builder_end_array (builder);
  if (perryctl_call_wants_json (call))
    perryctl_output_take_json (json_builder_get_root (builder));
}

static void
print_json_list (const GPtrArray *list, const PerryctlListing *listing)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < list->len; i++)
    json_builder_add_value (builder, listing->to_json (g_ptr_array_index (list, i)));
  json_builder_end_array (builder);
  perryctl_output_take_json (json_builder_get_root (builder));
}

void
perryctl_call_print_list (PerryctlCall *call, const GPtrArray *list, const PerryctlListing *listing)
{
  if (perryctl_call_wants_json (call))
    print_json_list (list, listing);
  else if (listing->get_name == NULL || !perryctl_arguments_is_on (call->arguments, "quiet"))
    listing->print_table (list);
  else
    for (guint i = 0; i < list->len; i++)
      perryctl_output_print_line (listing->get_name (g_ptr_array_index (list, i)));
}
