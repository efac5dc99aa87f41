/* SPDX-License-Identifier: Apache-2.0 */
#include "core/emulation/perry-bounded-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until the end or @limit bytes; FALSE on failure. @text has room for a NUL. */
static gboolean
read_some (int fd, char *text, gsize limit, gsize *ret_length)
{
  gsize length = 0;
  ssize_t n = 1;

  while (n != 0 && length < limit)
    {
      n = read (fd, text + length, limit - length);
      if (n < 0 && errno != EINTR)
        return FALSE;
      length += n > 0 ? (gsize) n : 0;
    }
  text[length] = '\0';
  *ret_length = length;
  return TRUE;
}

char *
perry_bounded_file_read (const char *path, gsize limit, gsize *ret_length)
{
  g_autofree char *text = g_malloc (limit + 2);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  gsize length = 0;
  gboolean ok;

  if (fd < 0)
    return NULL;
  ok = read_some (fd, text, limit + 1, &length) && length <= limit;
  close (fd);
  if (!ok)
    return NULL;
  if (ret_length != NULL)
    *ret_length = length;
  return g_steal_pointer (&text);
}

char *
perry_bounded_file_read_end (const char *path, gsize limit)
{
  g_autofree char *text = g_malloc (limit + 1);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat file;
  gsize length = 0;
  gboolean ok;

  if (fd < 0)
    return NULL;
  ok = fstat (fd, &file) == 0 &&
       (file.st_size <= (off_t) limit || lseek (fd, file.st_size - (off_t) limit, SEEK_SET) >= 0) &&
       read_some (fd, text, limit, &length);
  close (fd);
  return ok ? g_steal_pointer (&text) : NULL;
}
