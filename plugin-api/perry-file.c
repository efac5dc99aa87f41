/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"

#define READ_SIZE 16384

static PerryError
code_for_errno (int code)
{
  if (code == ENOENT || code == ENOTDIR)
    return PERRY_ERROR_NOT_FOUND;
  return code == EACCES || code == EPERM ? PERRY_ERROR_PERMISSION_DENIED : PERRY_ERROR_FAILED;
}

static gboolean
fail (const char *path, int code, GError **error)
{
  g_set_error (error, PERRY_ERROR, (int) code_for_errno (code), "reading %s: %s", path, g_strerror (code));
  return FALSE;
}

/* The size is not taken from the file's state: it may grow while it is read. */
static gboolean
read_all (int fd, const char *path, gsize max_bytes, GByteArray *content, GError **error)
{
  guint8 buffer[READ_SIZE];
  gssize n;

  while ((n = read (fd, buffer, sizeof buffer)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail (path, errno, error);
      if ((gsize) n > max_bytes - content->len)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "reading %s: it has more than %" G_GSIZE_FORMAT
                       " bytes", path, max_bytes);
          return FALSE;
        }
      g_byte_array_append (content, buffer, (guint) n);
    }
  return TRUE;
}

static gboolean
read_regular (int fd, const char *path, gsize max_bytes, GByteArray *content, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    return fail (path, errno, error);
  if (!S_ISREG (info.st_mode))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "reading %s: it is not a regular file", path);
      return FALSE;
    }
  return read_all (fd, path, max_bytes, content, error);
}

GBytes *
perry_file_read (const char *path, gsize max_bytes, GError **error)
{
  g_autoptr (GByteArray) content = NULL;
  gboolean ok;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (max_bytes <= G_MAXINT, NULL);

  if (!g_path_is_absolute (path))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "“%s” is not an absolute path", path);
      return NULL;
    }
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    {
      fail (path, errno, error);
      return NULL;
    }
  content = g_byte_array_new ();
  ok = read_regular (fd, path, max_bytes, content, error);
  close (fd);
  return ok ? g_byte_array_free_to_bytes (g_steal_pointer (&content)) : NULL;
}
