/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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

/* -1 with an error set. */
static int
open_regular (const char *path, off_t *ret_size, GError **error)
{
  struct stat info;
  int fd;

  if (!g_path_is_absolute (path))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "“%s” is not an absolute path", path);
      return -1;
    }
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 || fstat (fd, &info) != 0)
    fail (path, errno, error);
  else if (!S_ISREG (info.st_mode))
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "reading %s: it is not a regular file", path);
  else
    {
      *ret_size = info.st_size;
      return fd;
    }
  if (fd >= 0)
    close (fd);
  return -1;
}

static GByteArray *
read_whole (const char *path, gsize max_bytes, GError **error)
{
  g_autoptr (GByteArray) content = g_byte_array_new ();
  off_t size = 0;
  int fd = open_regular (path, &size, error);
  gboolean ok;

  if (fd < 0)
    return NULL;
  ok = read_all (fd, path, max_bytes, content, error);
  close (fd);
  return ok ? g_steal_pointer (&content) : NULL;
}

static char *
take_text (GByteArray *content)
{
  g_byte_array_append (content, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (content, FALSE);
}

GBytes *
perry_file_read (const char *path, gsize max_bytes, GError **error)
{
  GByteArray *content;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (max_bytes <= G_MAXINT, NULL);

  content = read_whole (path, max_bytes, error);
  return content != NULL ? g_byte_array_free_to_bytes (content) : NULL;
}

char *
perry_file_read_text (const char *path, gsize max_bytes, GError **error)
{
  g_autoptr (GByteArray) content = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (max_bytes <= G_MAXINT, NULL);

  content = read_whole (path, max_bytes, error);
  if (content == NULL)
    return NULL;
  if (content->len > 0 && memchr (content->data, '\0', content->len) != NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "reading %s: there is a NUL in it", path);
      return NULL;
    }
  return take_text (g_steal_pointer (&content));
}

/* It may grow meanwhile: what comes later than the size that it had is not waited for. */
static gboolean
read_end (int fd, const char *path, off_t size, gsize max_bytes, GByteArray *content, GError **error)
{
  gsize wanted = MIN ((gsize) size, max_bytes);
  off_t place = size - (off_t) wanted;

  g_byte_array_set_size (content, (guint) wanted);
  for (gsize length = 0; length < wanted;)
    {
      gssize n = pread (fd, content->data + length, wanted - length, place + (off_t) length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail (path, errno, error);
      if (n == 0)
        wanted = length;
      length += (gsize) n;
    }
  g_byte_array_set_size (content, (guint) wanted);
  for (gsize i = 0; i < wanted; i++)
    if (content->data[i] == '\0')
      content->data[i] = ' ';
  return TRUE;
}

char *
perry_file_read_end (const char *path, gsize max_bytes, GError **error)
{
  g_autoptr (GByteArray) content = g_byte_array_new ();
  gboolean ok;
  off_t size = 0;
  int fd;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (max_bytes > 0 && max_bytes <= G_MAXINT, NULL);

  fd = open_regular (path, &size, error);
  if (fd < 0)
    return NULL;
  ok = read_end (fd, path, size, max_bytes, content, error);
  close (fd);
  return ok ? take_text (g_steal_pointer (&content)) : NULL;
}
