/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PerryImageArchive:
 *
 * Builds a container image of one layer as an archive that is an OCI layout and a docker-archive at once, so that
 * `docker load` and `podman load` both take it and give it the same image ID. The same input gives the same bytes:
 * entries are sorted, times are 0, owners are root.
 *
 * A wrong path or an unreadable file is remembered and reported by perry_image_archive_build(), so that a caller can
 * add everything first. Not thread-safe: one builder belongs to one thread.
 */
typedef struct _PerryImageArchive PerryImageArchive;

/**
 * PERRY_IMAGE_ARCHIVE_MAX_FILE:
 *
 * The size, in bytes, up to which a file is taken into an image.
 */
#define PERRY_IMAGE_ARCHIVE_MAX_FILE (256 * 1024 * 1024)

/**
 * perry_image_archive_new:
 * @reference: the image's whole name with tag, such as `docker.io/library/busybox:latest`
 *
 * Makes an empty image for the architecture of this host.
 *
 * Returns: (transfer full): the builder
 */
PerryImageArchive *perry_image_archive_new (const char *reference);

/**
 * perry_image_archive_free:
 * @self: (transfer full): a builder
 *
 * Frees the builder.
 */
void perry_image_archive_free (PerryImageArchive *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryImageArchive, perry_image_archive_free)

/**
 * perry_image_archive_add_directory:
 * @self: a builder
 * @path: absolute path in the image, without `.`, `..` or a slash at the end
 * @mode: permission bits, such as 01777
 *
 * Adds a directory. Directories above an entry that nobody added are made with mode 0755. A later entry of the same
 * path replaces an earlier one; this is true of all kinds of entries.
 */
void perry_image_archive_add_directory (PerryImageArchive *self, const char *path, guint mode);

/**
 * perry_image_archive_add_bytes:
 * @self: a builder
 * @path: absolute path in the image
 * @mode: permission bits
 * @content: the file's content
 *
 * Adds a regular file.
 */
void perry_image_archive_add_bytes (PerryImageArchive *self, const char *path, guint mode, GBytes *content);

/**
 * perry_image_archive_add_text:
 * @self: a builder
 * @path: absolute path in the image
 * @mode: permission bits
 * @text: the file's content
 *
 * Adds a regular file with a text.
 */
void perry_image_archive_add_text (PerryImageArchive *self, const char *path, guint mode, const char *text);

/**
 * perry_image_archive_add_host_file:
 * @self: a builder
 * @path: absolute path in the image
 * @mode: permission bits
 * @host_path: a regular file of this host, of at most %PERRY_IMAGE_ARCHIVE_MAX_FILE bytes
 *
 * Adds a regular file with the content of a file of this host, which is read at once.
 */
void perry_image_archive_add_host_file (PerryImageArchive *self, const char *path, guint mode, const char *host_path);

/**
 * perry_image_archive_add_symlink:
 * @self: a builder
 * @path: absolute path in the image
 * @target: what the link says
 *
 * Adds a symbolic link.
 */
void perry_image_archive_add_symlink (PerryImageArchive *self, const char *path, const char *target);

/**
 * perry_image_archive_set_command:
 * @self: a builder
 * @argv: (array zero-terminated=1) (nullable): the default command, or %NULL for none
 *
 * Sets `Cmd` of the image's configuration.
 */
void perry_image_archive_set_command (PerryImageArchive *self, const char *const *argv);

/**
 * perry_image_archive_set_entrypoint:
 * @self: a builder
 * @argv: (array zero-terminated=1) (nullable): the entry point, or %NULL for none
 *
 * Sets `Entrypoint` of the image's configuration.
 */
void perry_image_archive_set_entrypoint (PerryImageArchive *self, const char *const *argv);

/**
 * perry_image_archive_set_environment:
 * @self: a builder
 * @environment: (array zero-terminated=1) (nullable): `NAME=value` strings in the wanted order, or %NULL for none
 *
 * Sets `Env` of the image's configuration.
 */
void perry_image_archive_set_environment (PerryImageArchive *self, const char *const *environment);

/**
 * perry_image_archive_set_user:
 * @self: a builder
 * @user: (nullable): a name, an id or `UID:GID`; %NULL for root
 *
 * Sets `User` of the image's configuration.
 */
void perry_image_archive_set_user (PerryImageArchive *self, const char *user);

/**
 * perry_image_archive_set_working_directory:
 * @self: a builder
 * @path: (nullable): an absolute path, or %NULL for none
 *
 * Sets `WorkingDir` of the image's configuration.
 */
void perry_image_archive_set_working_directory (PerryImageArchive *self, const char *path);

/**
 * perry_image_archive_add_label:
 * @self: a builder
 * @name: the label's name
 * @value: its value
 *
 * Adds to `Labels` of the image's configuration; they are written sorted by name.
 */
void perry_image_archive_add_label (PerryImageArchive *self, const char *name, const char *value);

/**
 * perry_image_archive_build:
 * @self: a builder
 * @ret_image_id: (out) (optional) (transfer full): the image ID, `sha256:` and 64 digits, that engines will show
 * @error: return location for an error
 *
 * Makes the archive. Can be called again, also after more was added.
 *
 * Errors: %PERRY_ERROR_INVALID_ARGUMENT for a wrong path, %PERRY_ERROR_LIMIT_EXCEEDED for a file that is too large,
 * %PERRY_ERROR_NOT_FOUND or %PERRY_ERROR_FAILED for a file that could not be read.
 *
 * Returns: (transfer full): the archive's bytes, or %NULL with @error set
 */
GBytes *perry_image_archive_build (PerryImageArchive *self, char **ret_image_id, GError **error);

/**
 * perry_image_archive_write:
 * @self: a builder
 * @file: path of the archive; an existing file is replaced at once, never half
 * @ret_image_id: (out) (optional) (transfer full): the image ID
 * @error: return location for an error
 *
 * Makes the archive and writes it to a file. Errors are those of perry_image_archive_build(), and
 * %PERRY_ERROR_PERMISSION_DENIED, %PERRY_ERROR_NOT_FOUND or %PERRY_ERROR_FAILED when @file can't be written.
 *
 * Returns: %TRUE when the file is complete
 */
gboolean perry_image_archive_write (PerryImageArchive *self, const char *file, char **ret_image_id, GError **error);

G_END_DECLS
