/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-make.h"

#include "cli/perryctl-progress.h"
#include "cli/perryctl-report.h"
#include "cli/perryctl-signal.h"
#include "cli/perryctl-spec.h"
#include "cli/perryctl-warnings.h"

PerryRunResult *
perryctl_make_container (PerryctlCall *call, PerryctlReadRunOptions read_run_options, PerryctlMake make,
                         PerryRunOptions **ret_run_options, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (PerryctlProgress) progress = perryctl_progress_new ();
  PerryRunResult *result;
  GCancellable *cancellable;
  PerryEngine *engine;

  *ret_run_options = NULL;
  if (!perryctl_report_begin (call->arguments, error))
    return NULL;
  *ret_run_options = read_run_options (call->arguments, error);
  spec = *ret_run_options != NULL ? perryctl_spec_read (call->arguments, error) : NULL;
  if (spec == NULL)
    return NULL;
  (*ret_run_options)->pull_progress = perryctl_progress_print;
  (*ret_run_options)->pull_progress_data = progress;
  cancellable = perryctl_signal_watch ();
  engine = perryctl_call_get_engine (call, error);
  if (engine == NULL)
    return NULL;
  result = make (call, engine, spec, *ret_run_options, cancellable, error);
  if (result != NULL)
    perryctl_warnings_print (result);
  return result;
}
