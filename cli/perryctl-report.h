/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/perry-container.h"

G_BEGIN_DECLS

/* Whether a report could be written to @path: nothing is started only to find out afterwards. NULL passes. */
gboolean perryctl_report_check (const char *path, GError **error);

/* Writes a report; a reader sees the old file or the whole new one. NULL passes. */
gboolean perryctl_report_write (const char *path, const PerryRunResult *result, GError **error);

G_END_DECLS
