/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-image-tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "plugin-api/perry-error.h"

struct _PerryImageTar {
  struct archive *writer;
  GByteArray *bytes;
};

static la_ssize_t
append_bytes (struct archive *writer, void *data, const void *buffer, size_t length)
{
  PerryImageTar *self = data;

  if (length > G_MAXINT32 || self->bytes->len > G_MAXINT32 - length)
    {
      archive_set_error (writer, EFBIG, "the archive is larger than 2 GiB");
      return -1;
    }
  g_byte_array_append (self->bytes, buffer, (guint) length);
  return (la_ssize_t) length;
}

static gboolean
check (PerryImageTar *self, int result, GError **error)
{
  if (result >= ARCHIVE_OK)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "writing a tar archive: %s",
               archive_error_string (self->writer) != NULL ? archive_error_string (self->writer) : "unknown error");
  return FALSE;
}

PerryImageTar *
perry_image_tar_new (GError **error)
{
  g_autoptr (PerryImageTar) self = g_new0 (PerryImageTar, 1);

  self->bytes = g_byte_array_new ();
  self->writer = archive_write_new ();
  if (self->writer == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_FAILED, "libarchive could not make a writer");
      return NULL;
    }
  if (!check (self, archive_write_set_format_ustar (self->writer), error) ||
      !check (self, archive_write_set_bytes_in_last_block (self->writer, 1), error) ||
      !check (self, archive_write_open (self->writer, self, NULL, append_bytes, NULL), error))
    return NULL;
  return g_steal_pointer (&self);
}

void
perry_image_tar_free (PerryImageTar *self)
{
  if (self->writer != NULL)
    archive_write_free (self->writer);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

static gboolean
add_entry (PerryImageTar *self,
           const char *path,
           unsigned type,
           guint mode,
           const char *target,
           GBytes *content,
           GError **error)
{
  struct archive_entry *entry = archive_entry_new ();
  gsize length = 0;
  const void *data = content != NULL ? g_bytes_get_data (content, &length) : NULL;
  gboolean added;

  archive_entry_set_pathname (entry, path);
  archive_entry_set_filetype (entry, type);
  archive_entry_set_perm (entry, mode & 07777);
  archive_entry_set_uid (entry, 0);
  archive_entry_set_gid (entry, 0);
  archive_entry_set_mtime (entry, 0, 0);
  archive_entry_set_size (entry, (la_int64_t) length);
  if (target != NULL)
    archive_entry_set_symlink (entry, target);
  added = check (self, archive_write_header (self->writer, entry), error);
  archive_entry_free (entry);
  if (!added || length == 0)
    return added;
  if (archive_write_data (self->writer, data, length) != (la_ssize_t) length)
    return check (self, ARCHIVE_FATAL, error);
  return TRUE;
}

gboolean
perry_image_tar_add_directory (PerryImageTar *self, const char *path, guint mode, GError **error)
{
  return add_entry (self, path, AE_IFDIR, mode, NULL, NULL, error);
}

gboolean
perry_image_tar_add_file (PerryImageTar *self, const char *path, guint mode, GBytes *content, GError **error)
{
  return add_entry (self, path, AE_IFREG, mode, NULL, content, error);
}

gboolean
perry_image_tar_add_symlink (PerryImageTar *self, const char *path, const char *target, GError **error)
{
  return add_entry (self, path, AE_IFLNK, 0777, target, NULL, error);
}

GBytes *
perry_image_tar_finish (PerryImageTar *self, GError **error)
{
  if (!check (self, archive_write_close (self->writer), error))
    return NULL;
  return g_bytes_new (self->bytes->data, self->bytes->len);
}
