/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "perry-export.h"

G_BEGIN_DECLS

/**
 * perry_file_read: (skip)
 * @path: (type filename): an absolute path
 * @max_bytes: the most that is read
 * @error: return location for an error
 *
 * Reads a whole regular file, or one that a symbolic link leads to. Nothing is waited for: a pipe or a device is an
 * error.
 *
 * This function may be called from any thread.
 *
 * Errors: %PERRY_ERROR_NOT_FOUND, %PERRY_ERROR_PERMISSION_DENIED, %PERRY_ERROR_LIMIT_EXCEEDED when there is more,
 * %PERRY_ERROR_INVALID_ARGUMENT when it is not a regular file or the path is not absolute, %PERRY_ERROR_FAILED when it
 * cannot be read for another reason.
 *
 * Returns: (transfer full): the content
 *
 * Since: 0.1
 */
PERRY_API GBytes *perry_file_read (const char *path, gsize max_bytes, GError **error);

/**
 * perry_file_read_text: (skip)
 * @path: (type filename): an absolute path
 * @max_bytes: the most that is read
 * @error: return location for an error
 *
 * Reads a whole file as perry_file_read() does, into a string. What the bytes mean, and whether they are UTF-8, is not
 * looked at.
 *
 * This function may be called from any thread.
 *
 * Errors: those of perry_file_read(), and %PERRY_ERROR_INVALID_ARGUMENT when there is a NUL in it, which would hide what
 * follows.
 *
 * Returns: (transfer full): the content
 *
 * Since: 0.1
 */
PERRY_API char *perry_file_read_text (const char *path, gsize max_bytes, GError **error);

/**
 * perry_file_read_end: (skip)
 * @path: (type filename): an absolute path
 * @max_bytes: the most that is read, 1 or more
 * @error: return location for an error
 *
 * Reads the last bytes of a regular file into a string, as of a log that a program wrote before it failed; of one that is
 * not larger, everything. NULs become blanks.
 *
 * This function may be called from any thread.
 *
 * Errors: those of perry_file_read() but %PERRY_ERROR_LIMIT_EXCEEDED.
 *
 * Returns: (transfer full): the end of the file
 *
 * Since: 0.1
 */
PERRY_API char *perry_file_read_end (const char *path, gsize max_bytes, GError **error);

G_END_DECLS
