/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A tar archive in memory whose bytes depend on its entries alone: no times, owners are 0, no padding. */
typedef struct _PerryImageTar PerryImageTar;

PerryImageTar *perry_image_tar_new (GError **error);
void perry_image_tar_free (PerryImageTar *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryImageTar, perry_image_tar_free)

/* Paths are relative and without a slash at the end. */
gboolean perry_image_tar_add_directory (PerryImageTar *self, const char *path, guint mode, GError **error);
gboolean perry_image_tar_add_file (PerryImageTar *self, const char *path, guint mode, GBytes *content, GError **error);
gboolean perry_image_tar_add_symlink (PerryImageTar *self, const char *path, const char *target, GError **error);

/* Ends the archive and gives its bytes; nothing can be added afterwards. */
GBytes *perry_image_tar_finish (PerryImageTar *self, GError **error);

G_END_DECLS
