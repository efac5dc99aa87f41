/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/sandbox/perry-sandbox-request.h"

G_BEGIN_DECLS

/* The line of a command that has ended, with its newline. (transfer full) */
char *perry_sandbox_answer_format (const char *id, const PerryRunResult *result);

/* The line of a request of which nothing was run, or whose outcome is not known. @id: NULL where it has none.
 * @line: its number, from 1. */
char *perry_sandbox_answer_format_error (const char *id, guint64 line, const GError *error);

/* Reads a line of an earlier batch's results: the id of a command that has ended, NULL for anything else. (transfer full) */
char *perry_sandbox_answer_read_done (const char *line, gsize length);

G_END_DECLS
