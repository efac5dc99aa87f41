/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"

static const PerryctlOption options[] = {
  { "force", 'f', NULL, "Kill a container that runs" },
  { "stale", 0, NULL, "Remove what a killed perryctl left behind, and nothing else" },
  { NULL },
};

static gboolean
remove_one (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GError **error)
{
  return perry_engine_remove (engine, name, perryctl_arguments_is_on (call->arguments, "force"), NULL, error)
         && perryctl_call_print_name (call, name, builder);
}

static int
remove_stale (PerryctlCall *call, GError **error)
{
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  g_auto (GStrv) names = NULL;

  if (engine == NULL)
    return 0;
  names = perry_engine_remove_stale (engine, NULL, error);
  if (names != NULL)
    perryctl_call_print_names (call, names);
  return 0;
}

static int
run (PerryctlCall *call, GError **error)
{
  gboolean stale = perryctl_arguments_is_on (call->arguments, "stale");

  if (stale == (call->arguments->operands[0] != NULL))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "name containers, or use --stale");
      return 0;
    }
  if (stale && perryctl_arguments_is_on (call->arguments, "force"))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                           "--stale removes running containers too and takes no --force");
      return 0;
    }
  return stale ? remove_stale (call, error) : perryctl_call_for_each (call, remove_one, error);
}

const PerryctlCommand perryctl_rm_command = {
  .name = "rm",
  .operands = "NAME...",
  .summary = "remove containers and their anonymous volumes",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
