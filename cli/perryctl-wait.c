/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-output.h"

static gboolean
wait_for (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GError **error)
{
  gint64 exit_code;

  if (!perry_engine_wait (engine, name, &exit_code, NULL, error))
    return FALSE;
  if (!perryctl_call_wants_json (call))
    {
      fprintf (stdout, "%" G_GINT64_FORMAT "\n", exit_code);
      /* Whoever reads may act on the first while the second still runs. */
      fflush (stdout);
      return TRUE;
    }
  json_builder_begin_object (builder);
  perryctl_output_add_member (builder, "name", name);
  json_builder_set_member_name (builder, "exit_code");
  json_builder_add_int_value (builder, exit_code);
  json_builder_end_object (builder);
  return TRUE;
}

static int
run (PerryctlCall *call, GError **error)
{
  return perryctl_call_for_each (call, wait_for, error);
}

const PerryctlCommand perryctl_wait_command = {
  .name = "wait",
  .operands = "NAME...",
  .summary = "wait for the end of containers, print their exit codes",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .least_operands = 1,
  .most_operands = G_MAXUINT,
  .run = run,
};
