/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"

#define LONGEST_WAIT_S 86400

static const PerryctlOption options[] = {
  { "time", 't', "SECONDS", "Kill it when it has not ended after this time; otherwise the container's own time holds" },
  { NULL },
};

static gboolean
stop (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GError **error)
{
  gint64 seconds = -1;

  if (!perryctl_arguments_read_integer (call->arguments, "time", 0, LONGEST_WAIT_S, &seconds, error))
    return FALSE;
  return perry_engine_stop (engine, name, (int) seconds, NULL, error)
         && perryctl_call_print_name (call, name, builder);
}

static int
run (PerryctlCall *call, GError **error)
{
  return perryctl_call_for_each (call, stop, error);
}

const PerryctlCommand perryctl_stop_command = {
  .name = "stop",
  .operands = "NAME...",
  .summary = "ask containers to end, and kill those that do not",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .least_operands = 1,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
