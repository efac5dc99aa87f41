/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"

static const PerryctlOption options[] = {
  { "signal", 's', "SIGNAL", "Send this signal, a name or a number, instead of SIGKILL" },
  { NULL },
};

static gboolean
kill_one (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GError **error)
{
  return perry_engine_kill (engine, name, perryctl_arguments_get (call->arguments, "signal"), NULL, error)
         && perryctl_call_print_name (call, name, builder);
}

static int
run (PerryctlCall *call, GError **error)
{
  return perryctl_call_for_each (call, kill_one, error);
}

const PerryctlCommand perryctl_kill_command = {
  .name = "kill",
  .operands = "NAME...",
  .summary = "send a signal to the first process of containers",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .least_operands = 1,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
