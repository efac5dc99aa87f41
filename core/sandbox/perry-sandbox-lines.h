/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Lines of a descriptor, which is not closed. */
typedef struct _PerrySandboxLines PerrySandboxLines;

PerrySandboxLines *perry_sandbox_lines_new (int fd);
void perry_sandbox_lines_free (PerrySandboxLines *lines);

/* The next line that is not empty, without its newline, valid until the next call; NULL at the end or with an error.
 * @ret_number: its number, from 1. PERRY_ERROR_LIMIT_EXCEEDED for one above 16 MiB, which is passed over: the next call
 * gives the one after it. */
const char *perry_sandbox_lines_next (PerrySandboxLines *lines, gsize *ret_length, guint64 *ret_number,
                                      GCancellable *cancellable, GError **error);

/* Whether the last line had no newline. */
gboolean perry_sandbox_lines_ended_within (const PerrySandboxLines *lines);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerrySandboxLines, perry_sandbox_lines_free)

G_END_DECLS
