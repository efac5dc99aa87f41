/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/perryctl-arguments.h"

G_BEGIN_DECLS

/* Sees to it that a report can be written where `--report` says, so that nothing is started only to find out afterwards, and
 * removes an older one: what is there when the command has ended is this run's. Without the option it does nothing. */
gboolean perryctl_report_begin (const PerryctlArguments *arguments, GError **error);

/* Writes a report; a reader sees none or the whole one. NULL passes. */
gboolean perryctl_report_write (const char *path, const PerryRunResult *result, GError **error);

G_END_DECLS
