/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-private-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A descriptor of what is not ours alone is closed, and -1 comes in its place. */
static int
check_owner (int fd, mode_t type)
{
  struct stat status;

  if (fd < 0 || (fstat (fd, &status) == 0 && (status.st_mode & S_IFMT) == type && status.st_uid == geteuid () &&
                 (status.st_mode & 077) == 0))
    return fd;
  close (fd);
  errno = EPERM;
  return -1;
}

int
perry_private_directory_open (const char *path, gboolean make)
{
  g_return_val_if_fail (path != NULL, -1);

  if (make && g_mkdir_with_parents (path, 0700) != 0)
    return -1;
  return check_owner (open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), S_IFDIR);
}

/* -1 for a failure. The size is not taken from the file's state: it may grow while it is read. */
static gssize
read_up_to (int fd, char *buffer, gsize size)
{
  gsize length = 0;

  while (length < size)
    {
      gssize n = read (fd, buffer + length, size - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      length += (gsize) n;
    }
  return (gssize) length;
}

char *
perry_private_file_read (int directory_fd, const char *name, gsize max_bytes)
{
  g_autofree char *text = NULL;
  gssize length;
  int fd;

  g_return_val_if_fail (name != NULL && max_bytes <= G_MAXINT, NULL);

  fd = check_owner (openat (directory_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), S_IFREG);
  if (fd < 0)
    return NULL;
  text = g_malloc (max_bytes + 1);
  length = read_up_to (fd, text, max_bytes + 1);
  close (fd);
  if (length < 0 || (gsize) length > max_bytes)
    return NULL;
  text[length] = '\0';
  return strlen (text) == (gsize) length ? g_steal_pointer (&text) : NULL;
}

static gboolean
write_whole (int fd, const char *text)
{
  gsize left = strlen (text);

  while (left > 0)
    {
      gssize n = write (fd, text, left);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      text += n;
      left -= (gsize) n;
    }
  return TRUE;
}

gboolean
perry_private_file_replace (int directory_fd, const char *name, const char *text)
{
  g_autofree char *temporary = g_strdup_printf ("%08x%08x.new", g_random_int (), g_random_int ());
  gboolean ok;
  int fd;

  g_return_val_if_fail (name != NULL && text != NULL, FALSE);

  fd = openat (directory_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return FALSE;
  ok = write_whole (fd, text);
  ok = close (fd) == 0 && ok && renameat (directory_fd, temporary, directory_fd, name) == 0;
  if (!ok)
    unlinkat (directory_fd, temporary, 0);
  return ok;
}

int
perry_private_file_open_lock (int directory_fd, const char *name)
{
  g_return_val_if_fail (name != NULL, -1);

  return check_owner (openat (directory_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600),
                      S_IFREG);
}
