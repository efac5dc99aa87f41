/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"
#include "cli/perryctl-output.h"
#include "cli/perryctl-progress.h"
#include "cli/perryctl-report.h"
#include "cli/perryctl-signal.h"
#include "cli/perryctl-spec.h"
#include "cli/perryctl-warnings.h"

static const PerryctlOption options[] = {
  PERRYCTL_OPTIONS_OF_A_RUN,
  { NULL },
};

static int
run (PerryctlCall *call, GError **error)
{
  g_autoptr (PerryRunOptions) run_options = NULL;
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (PerryctlProgress) progress = perryctl_progress_new ();
  const char *report = perryctl_arguments_get (call->arguments, "report");
  GCancellable *cancellable;
  PerryEngine *engine;

  if (!perryctl_report_begin (call->arguments, error))
    return 0;
  run_options = perryctl_spec_new_run_options (call->arguments, error);
  spec = run_options != NULL ? perryctl_spec_read (call->arguments, error) : NULL;
  if (spec == NULL)
    return 0;
  run_options->pull_progress = perryctl_progress_print;
  run_options->pull_progress_data = progress;
  cancellable = perryctl_signal_watch ();
  engine = perryctl_call_get_engine (call, error);
  if (engine == NULL)
    return 0;
  result = perry_engine_create (engine, spec, run_options, cancellable, error);
  if (result == NULL)
    return perryctl_signal_get_exit_code ();
  perryctl_warnings_print (result);
  if (perryctl_call_wants_json (call))
    perryctl_output_take_json (perry_run_result_to_json (result));
  else
    perryctl_output_print_line (result->container_id);
  if (!perryctl_report_write (report, result, error))
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
