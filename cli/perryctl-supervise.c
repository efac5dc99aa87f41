/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"
#include "cli/perryctl-signal.h"

static const PerryctlOption options[] = {
  { "starter", 0, "OWNER", "Wait for this process to start the container" },
  { NULL },
};

static int
run (PerryctlCall *call, GError **error)
{
  GCancellable *cancellable = perryctl_signal_watch ();
  PerryEngine *engine = perryctl_call_get_engine (call, error);

  if (engine != NULL)
    perry_engine_supervise (engine, call->arguments->operands[0], perryctl_arguments_get (call->arguments, "starter"),
                            cancellable, error);
  return 0;
}

/* Not in the table: the library starts it beside a detached container, nobody types it. */
const PerryctlCommand perryctl_supervise_command = {
  .name = "supervise",
  .operands = "CONTAINER",
  .summary = "do for a container what its engine lacks (internal)",
  .flags = PERRYCTL_COMMAND_BACKEND,
  .least_operands = 1,
  .most_operands = 1,
  .options = options,
  .run = run,
};
