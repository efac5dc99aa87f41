/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "cli/perryctl-make.h"
#include "cli/perryctl-output.h"
#include "cli/perryctl-report.h"
#include "cli/perryctl-signal.h"
#include "cli/perryctl-spec.h"

static const PerryctlOption options[] = {
  { "interactive", 'i', NULL, "Pass standard input on to the container" },
  { "detach", 'd', NULL, "Return when the container is started and proven, and print its id" },
  PERRYCTL_OPTIONS_OF_A_RUN,
  { NULL },
};

static gboolean
check_combination (const PerryctlArguments *arguments, GError **error)
{
  gboolean detach = perryctl_arguments_is_on (arguments, "detach");
  gboolean interactive = perryctl_arguments_is_on (arguments, "interactive");
  const char *problem = NULL;

  if (detach && interactive)
    problem = "--interactive and --detach exclude each other: a detached container has no standard input";
  else if (!detach && perryctl_arguments_get (arguments, "format") != NULL)
    problem = "--format needs --detach: standard output belongs to the container; see --report";
  else if (interactive && g_strcmp0 (perryctl_arguments_get (arguments, "spec"), "-") == 0)
    problem = "--interactive and --spec - both want standard input";
  if (problem != NULL)
    g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, problem);
  return problem == NULL;
}

static PerryRunOptions *
read_options (const PerryctlArguments *arguments, GError **error)
{
  PerryRunOptions *run_options;

  if (!check_combination (arguments, error))
    return NULL;
  run_options = perryctl_spec_new_run_options (arguments, error);
  if (run_options == NULL)
    return NULL;
  run_options->detach = perryctl_arguments_is_on (arguments, "detach");
  if (perryctl_arguments_is_on (arguments, "interactive"))
    run_options->stdin_fd = STDIN_FILENO;
  if (!run_options->detach)
    {
      run_options->stdout_fd = STDOUT_FILENO;
      run_options->stderr_fd = STDERR_FILENO;
    }
  return run_options;
}

static PerryRunResult *
make (PerryctlCall *call, PerryEngine *engine, const PerryContainerSpec *spec, const PerryRunOptions *run_options,
      GCancellable *cancellable, GError **error)
{
  return perry_engine_run (engine, spec, run_options, cancellable, error);
}

static int
run (PerryctlCall *call, GError **error)
{
  g_autoptr (PerryRunOptions) run_options = NULL;
  g_autoptr (PerryRunResult) result = perryctl_make_container (call, read_options, make, &run_options, error);

  if (result == NULL)
    return perryctl_signal_get_exit_code ();
  if (!perryctl_report_write (perryctl_arguments_get (call->arguments, "report"), result, error))
    return 0;
  if (run_options->detach && perryctl_call_wants_json (call))
    perryctl_output_take_json (perry_run_result_to_json (result));
  else if (run_options->detach)
    perryctl_output_print_line (result->container_id);
  if (perryctl_signal_get_exit_code () != 0)
    return perryctl_signal_get_exit_code ();
  return run_options->detach ? 0 : (int) result->exit_code;
}

const PerryctlCommand perryctl_run_command = {
  .name = "run",
  .operands = "IMAGE [COMMAND [ARGUMENT]...]",
  .summary = "run a container, and prove that it is what was asked for",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT | PERRYCTL_COMMAND_SPEC,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
