/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "perry-export.h"

G_BEGIN_DECLS

/**
 * perry_private_directory_open: (skip)
 * @path: (type filename): a directory
 * @make: whether it is made where it is not there, with those above it, for its owner alone (0700)
 *
 * Opens a directory whose content is believed: it belongs to this user, is closed to all others, and no symbolic link
 * leads to it. Whoever may write there could put words into our mouth.
 *
 * This function may be called from any thread.
 *
 * Returns: a descriptor, to be closed with close(2); -1 with `errno` set where there is none, `EPERM` for one that belongs
 *   to somebody else or is open to others
 *
 * Since: 0.1
 */
PERRY_API int perry_private_directory_open (const char *path, gboolean make);

/**
 * perry_private_file_read: (skip)
 * @directory_fd: what perry_private_directory_open() returned
 * @name: (type filename): a file's name in it
 * @max_bytes: the most that such a file has, at most %G_MAXINT
 *
 * Reads a whole file that belongs to this user and is closed to all others. What is none, somebody else's, larger, or has
 * a NUL in it is as good as not there. Nothing is waited for.
 *
 * This function may be called from any thread.
 *
 * Returns: (transfer full) (nullable): the content, which may be anything
 *
 * Since: 0.1
 */
PERRY_API char *perry_private_file_read (int directory_fd, const char *name, gsize max_bytes);

/**
 * perry_private_file_replace: (skip)
 * @directory_fd: what perry_private_directory_open() returned
 * @name: (type filename): a file's name in it
 * @text: its new content
 *
 * Puts a file for its owner alone (0600) in the place of what is there under this name. Whoever reads it meanwhile has the
 * old one or the new one, and a process that is killed leaves the old one and a file whose name ends in `.new`. A failure
 * of the power may leave an empty file.
 *
 * This function may be called from any thread.
 *
 * Returns: %FALSE where that is not possible; then nothing is changed
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_private_file_replace (int directory_fd, const char *name, const char *text);

/**
 * perry_private_file_open_lock: (skip)
 * @directory_fd: what perry_private_directory_open() returned
 * @name: (type filename): a file's name in it
 *
 * Opens a file that processes of this user take locks on, and makes it (0600) where it is not there. No lock is taken.
 *
 * This function may be called from any thread.
 *
 * Returns: a descriptor for reading and writing, to be closed with close(2); -1 where it cannot be had or is not this
 *   user's alone
 *
 * Since: 0.1
 */
PERRY_API int perry_private_file_open_lock (int directory_fd, const char *name);

G_END_DECLS
