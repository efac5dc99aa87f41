/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"

static void
set_error_from_errno (GError **error, const char *name, int saved_errno)
{
  PerryError code;

  switch (saved_errno)
    {
    case ENOENT:
    case ESRCH:
    case ENOTDIR:
      code = PERRY_ERROR_NOT_FOUND;
      break;
    case EACCES:
    case EPERM:
      code = PERRY_ERROR_PERMISSION_DENIED;
      break;
    default:
      code = PERRY_ERROR_FAILED;
      break;
    }
  g_set_error (error, PERRY_ERROR, code, "%s: %s", name, g_strerror (saved_errno));
}

static char *
read_descriptor (int fd, const char *name, gsize limit, gsize *ret_length, GError **error)
{
  gsize allocated = MIN (limit + 1, 4096);
  gsize length = 0;
  g_autofree char *buffer = g_malloc (allocated + 1);

  for (;;)
    {
      ssize_t n = read (fd, buffer + length, allocated - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          set_error_from_errno (error, name, errno);
          return NULL;
        }
      if (n == 0)
        break;
      length += (gsize) n;
      if (length > limit)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "%s: larger than %" G_GSIZE_FORMAT " bytes",
                       name, limit);
          return NULL;
        }
      if (length == allocated)
        {
          allocated = MIN (allocated * 2, limit + 1);
          buffer = g_realloc (buffer, allocated + 1);
        }
    }
  buffer[length] = '\0';
  if (ret_length != NULL)
    *ret_length = length;
  return g_steal_pointer (&buffer);
}

static char *
read_and_close (int fd, const char *name, gsize limit, gsize *ret_length, GError **error)
{
  char *text = read_descriptor (fd, name, limit, ret_length, error);

  close (fd);
  return text;
}

char *
perry_proof_read_file (int dir_fd, const char *name, gsize limit, gsize *ret_length, GError **error)
{
  int fd = openat (dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    {
      set_error_from_errno (error, name, errno);
      return NULL;
    }
  return read_and_close (fd, name, limit, ret_length, error);
}

char *
perry_proof_read_link (int dir_fd, const char *name, GError **error)
{
  char buffer[4096 + 1];
  ssize_t length = readlinkat (dir_fd, name, buffer, sizeof buffer - 1);

  if (length < 0)
    {
      set_error_from_errno (error, name, errno);
      return NULL;
    }
  if ((gsize) length == sizeof buffer - 1)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "%s: link is too long", name);
      return NULL;
    }
  return g_strndup (buffer, (gsize) length);
}

static int
open_how (int dir_fd, const char *path, guint64 flags, guint64 resolve, GError **error)
{
  struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = resolve };
  int fd = (int) syscall (SYS_openat2, dir_fd, path, &how, sizeof how);

  if (fd < 0)
    set_error_from_errno (error, path, errno);
  return fd;
}

int
perry_proof_open_path_in_root (int root_fd, const char *path, GError **error)
{
  return open_how (root_fd, path, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, error);
}

/* Opened as a path first: opening a device or a FIFO that an image has in this place would already have an effect. */
char *
perry_proof_read_file_in_root (int root_fd, const char *path, gsize limit, GError **error)
{
  char reopen[64];
  struct stat st;
  int path_fd = perry_proof_open_path_in_root (root_fd, path, error);
  int fd;

  if (path_fd < 0)
    return NULL;
  if (fstat (path_fd, &st) < 0 || !S_ISREG (st.st_mode))
    {
      close (path_fd);
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "%s: not a regular file", path);
      return NULL;
    }
  g_snprintf (reopen, sizeof reopen, "/proc/self/fd/%d", path_fd);
  fd = open (reopen, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    set_error_from_errno (error, path, errno);
  close (path_fd);
  return fd < 0 ? NULL : read_and_close (fd, path, limit, NULL, error);
}

int
perry_proof_open_directory_beneath (int dir_fd, const char *path, GError **error)
{
  g_auto (GStrv) components = g_strsplit (path, "/", -1);
  int fd;

  if (g_strv_contains ((const char *const *) components, ".."))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND, "%s: lies outside of what is visible here", path);
      return -1;
    }
  while (*path == '/')
    path++;
  fd = openat (dir_fd, *path != '\0' ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    set_error_from_errno (error, path, errno);
  return fd;
}
