/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"
#include "cli/perryctl-signal.h"

static GCancellable *cancellable;

static gboolean
start (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GError **error)
{
  return perry_engine_start (engine, name, cancellable, error) && perryctl_call_print_name (call, name, builder);
}

static int
run (PerryctlCall *call, GError **error)
{
  int code;

  /* A start that is proven must not be left half-way. */
  cancellable = perryctl_signal_watch ();
  code = perryctl_call_for_each (call, start, error);
  return perryctl_signal_get_exit_code () != 0 ? perryctl_signal_get_exit_code () : code;
}

const PerryctlCommand perryctl_start_command = {
  .name = "start",
  .operands = "NAME...",
  .summary = "start containers; those that perryctl created are proven",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .least_operands = 1,
  .most_operands = G_MAXUINT,
  .run = run,
};
