/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads @name below @dir_fd, at most @limit bytes, NUL appended. The kernel makes up such files as they are read:
 * what does not fit is an error, never a truncated text. Errors: PERRY_ERROR_NOT_FOUND, _PERMISSION_DENIED,
 * _LIMIT_EXCEEDED, _FAILED; each names the file. */
char *perry_proof_read_file (int dir_fd, const char *name, gsize limit, gsize *ret_length, GError **error);

/* The same for a symbolic link's text. */
char *perry_proof_read_link (int dir_fd, const char *name, GError **error);

/* Reads a regular file of a container's root directory; links in @path are followed as if @root_fd were `/`, so none
 * leads out of it, and nothing but a regular file is ever opened. */
char *perry_proof_read_file_in_root (int root_fd, const char *path, gsize limit, GError **error);

/* Opens whatever @path is in a container's root directory, as a path only; links are followed as above. */
int perry_proof_open_path_in_root (int root_fd, const char *path, GError **error);

/* Opens the directory @path below @dir_fd, as a path only. A `..` in it, which the kernel shows for cgroups
 * outside of our cgroup namespace, is an error. */
int perry_proof_open_directory_beneath (int dir_fd, const char *path, GError **error);

G_END_DECLS
