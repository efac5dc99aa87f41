/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/* Whose files are trusted. Root always is. */
typedef struct {
  uid_t caller;
  gboolean has_sudo_caller;
  uid_t sudo_caller;
} PerryTrustedOwners;

/* The owners for this process. SUDO_UID counts where with_sudo is set and the process is root's. */
PerryTrustedOwners perry_trusted_owners_get (gboolean with_sudo);

/* Whether a file belongs to one of the owners and nobody else may write to it. */
gboolean perry_trusted_path_check_file (const char *path, const struct stat *file, const PerryTrustedOwners *owners,
                                        GError **error);

/* Opens an absolute directory after checking it and every directory and symbolic link on the way to it; returns a
 * descriptor (O_PATH) and the path without symbolic links, or -1. */
int perry_trusted_path_open_directory (const char *path, const PerryTrustedOwners *owners, char **ret_real_path,
                                       GError **error);

/* Checks a regular file, by an absolute path, with every directory and symbolic link on the way to it, and returns its path
 * without symbolic links. */
char *perry_trusted_path_find_file (const char *path, const PerryTrustedOwners *owners, GError **error);

G_END_DECLS
