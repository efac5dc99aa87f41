/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads a file, NUL appended. NULL where it cannot be read or has more than @limit bytes. @ret_length may be NULL. */
char *perry_bounded_file_read (const char *path, gsize limit, gsize *ret_length);

/* Reads the last @limit bytes of a file, or all of it. */
char *perry_bounded_file_read_end (const char *path, gsize limit);

G_END_DECLS
