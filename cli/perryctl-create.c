/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-make.h"
#include "cli/perryctl-output.h"
#include "cli/perryctl-report.h"
#include "cli/perryctl-signal.h"
#include "cli/perryctl-spec.h"

static const PerryctlOption options[] = {
  PERRYCTL_OPTIONS_OF_A_RUN,
  { NULL },
};

static PerryRunResult *
create (PerryctlCall *call, PerryEngine *engine, const PerryContainerSpec *spec, const PerryRunOptions *run_options,
        GCancellable *cancellable, GError **error)
{
  return perry_engine_create (engine, spec, run_options, cancellable, error);
}

static int
run (PerryctlCall *call, GError **error)
{
  g_autoptr (PerryRunOptions) run_options = NULL;
  g_autoptr (PerryRunResult) result = NULL;

  result = perryctl_make_container (call, perryctl_spec_new_run_options, create, &run_options, error);
  if (result == NULL)
    return perryctl_signal_get_exit_code ();
  if (perryctl_call_wants_json (call))
    perryctl_output_take_json (perry_run_result_to_json (result));
  else
    perryctl_output_print_line (result->container_id);
  if (!perryctl_report_write (perryctl_arguments_get (call->arguments, "report"), result, error))
    return 0;
  return perryctl_signal_get_exit_code ();
}

const PerryctlCommand perryctl_create_command = {
  .name = "create",
  .operands = "IMAGE [COMMAND [ARGUMENT]...]",
  .summary = "create a container without starting it",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT | PERRYCTL_COMMAND_SPEC,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
