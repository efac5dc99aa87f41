/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/perryctl-command.h"

G_BEGIN_DECLS

/* What the commands that make a container have in common. */

typedef PerryRunOptions *(*PerryctlReadRunOptions) (const PerryctlArguments *arguments, GError **error);

typedef PerryRunResult *(*PerryctlMake) (PerryctlCall *call, PerryEngine *engine, const PerryContainerSpec *spec,
                                         const PerryRunOptions *run_options, GCancellable *cancellable, GError **error);

/* Reads options and spec, has @make make the container, with the pull's progress on a terminal, and prints the warnings. A
 * signal cancels it. NULL without an error where a signal has ended it; @ret_run_options is set in any case. */
PerryRunResult *perryctl_make_container (PerryctlCall *call, PerryctlReadRunOptions read_run_options, PerryctlMake make,
                                         PerryRunOptions **ret_run_options, GError **error);

G_END_DECLS
