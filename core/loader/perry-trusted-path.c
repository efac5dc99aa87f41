/* SPDX-License-Identifier: Apache-2.0 */
#include "core/loader/perry-trusted-path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"

#define MAX_STEPS 256 /* directories and links, so that a loop of links ends */
#define MAX_FILE_LINKS 16

typedef struct {
  const PerryTrustedOwners *owners;
  int fd;        /* the directory reached so far */
  GString *path; /* its path without symbolic links */
  GQueue *rest;  /* of char *: what is still to be walked */
} Walk;

PerryTrustedOwners
perry_trusted_owners_get (gboolean with_sudo)
{
  PerryTrustedOwners owners = { .caller = geteuid () };
  const char *text = g_getenv ("SUDO_UID");
  guint64 uid;

  if (with_sudo && owners.caller == 0 && text != NULL &&
      g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT32, &uid, NULL))
    {
      owners.has_sudo_caller = TRUE;
      owners.sudo_caller = (uid_t) uid;
    }
  return owners;
}

static gboolean
check_owner (const char *path, const struct stat *file, const PerryTrustedOwners *owners, GError **error)
{
  if (file->st_uid == 0 || file->st_uid == owners->caller ||
      (owners->has_sudo_caller && file->st_uid == owners->sudo_caller))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_UNSAFE,
               "%s belongs to user %u; it has to belong to root or to user %u", path, (guint) file->st_uid,
               (guint) owners->caller);
  return FALSE;
}

gboolean
perry_trusted_path_check_file (const char *path, const struct stat *file, const PerryTrustedOwners *owners,
                               GError **error)
{
  if (!check_owner (path, file, owners, error))
    return FALSE;
  if ((file->st_mode & (S_IWGRP | S_IWOTH)) == 0)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_UNSAFE,
               "%s may be written by others (mode %04o); `chmod go-w` it", path, (guint) file->st_mode & 07777);
  return FALSE;
}

/* In a sticky directory of root, such as /tmp, others can add names but not touch ours. */
static gboolean
check_directory_on_the_way (const char *path, const struct stat *directory, const PerryTrustedOwners *owners,
                            GError **error)
{
  if (directory->st_uid == 0 && (directory->st_mode & S_ISVTX) != 0)
    return TRUE;
  return perry_trusted_path_check_file (path, directory, owners, error);
}

static gboolean
set_error_from_errno (GError **error, const char *path, int error_number)
{
  gboolean missing = error_number == ENOENT || error_number == ENOTDIR;
  PerryError code = missing ? PERRY_ERROR_NOT_FOUND : PERRY_ERROR_PLUGIN_UNSAFE;

  g_set_error (error, PERRY_ERROR, code, "%s can't be looked at: %s", path, g_strerror (error_number));
  return FALSE;
}

/* Puts the components of a path in front of those that are still to be walked. */
static void
push_components (Walk *walk, const char *path)
{
  g_auto (GStrv) components = g_strsplit (path, "/", -1);

  for (int i = (int) g_strv_length (components) - 1; i >= 0; i--)
    g_queue_push_head (walk->rest, g_strdup (components[i]));
}

static void
take_directory (Walk *walk, int fd)
{
  if (walk->fd >= 0)
    close (walk->fd);
  walk->fd = fd;
}

static gboolean
restart_at_root (Walk *walk, GError **error)
{
  struct stat root;
  int fd = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0 || fstat (fd, &root) != 0)
    {
      set_error_from_errno (error, "/", errno);
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  take_directory (walk, fd);
  g_string_assign (walk->path, "/");
  return check_directory_on_the_way ("/", &root, walk->owners, error);
}

static gboolean
walk_up (Walk *walk, GError **error)
{
  int fd = openat (walk->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
  const char *slash = strrchr (walk->path->str, '/');

  if (fd < 0)
    return set_error_from_errno (error, walk->path->str, errno);
  take_directory (walk, fd);
  g_string_truncate (walk->path, MAX (1, (gsize) (slash - walk->path->str)));
  return TRUE;
}

static gboolean
follow_link (Walk *walk, int link_fd, const char *path, GError **error)
{
  char target[PATH_MAX];
  gssize length = readlinkat (link_fd, "", target, sizeof target - 1);

  if (length < 0)
    return set_error_from_errno (error, path, errno);
  target[length] = '\0';
  push_components (walk, target);
  return target[0] != '/' || restart_at_root (walk, error);
}

static gboolean
walk_into (Walk *walk, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (walk->path->str, name, NULL);
  struct stat file;
  gboolean followed;
  int fd = openat (walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0 || fstat (fd, &file) != 0)
    {
      set_error_from_errno (error, path, errno);
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  if (S_ISLNK (file.st_mode))
    {
      followed = check_owner (path, &file, walk->owners, error) && follow_link (walk, fd, path, error);
      close (fd);
      return followed;
    }
  take_directory (walk, fd);
  g_string_assign (walk->path, path);
  if (!S_ISDIR (file.st_mode))
    return set_error_from_errno (error, path, ENOTDIR);
  return check_directory_on_the_way (path, &file, walk->owners, error);
}

static gboolean
walk_all (Walk *walk, GError **error)
{
  guint steps = 0;

  if (!restart_at_root (walk, error))
    return FALSE;
  while (!g_queue_is_empty (walk->rest))
    {
      g_autofree char *name = g_queue_pop_head (walk->rest);
      gboolean moved;

      if (*name == '\0' || g_str_equal (name, "."))
        continue;
      if (++steps > MAX_STEPS)
        return set_error_from_errno (error, walk->path->str, ELOOP);
      moved = g_str_equal (name, "..") ? walk_up (walk, error) : walk_into (walk, name, error);
      if (!moved)
        return FALSE;
    }
  return TRUE;
}

int
perry_trusted_path_open_directory (const char *path, const PerryTrustedOwners *owners, char **ret_real_path,
                                   GError **error)
{
  Walk walk = { .owners = owners, .fd = -1, .path = g_string_new (NULL), .rest = g_queue_new () };
  struct stat directory;
  gboolean trusted;

  g_return_val_if_fail (g_path_is_absolute (path), -1);

  push_components (&walk, path);
  trusted = walk_all (&walk, error);
  if (trusted)
    trusted = fstat (walk.fd, &directory) == 0 ?
              perry_trusted_path_check_file (walk.path->str, &directory, owners, error) :
              set_error_from_errno (error, walk.path->str, errno);
  g_queue_free_full (walk.rest, g_free);
  if (!trusted)
    {
      if (walk.fd >= 0)
        close (walk.fd);
      g_string_free (walk.path, TRUE);
      return -1;
    }
  *ret_real_path = g_string_free (walk.path, FALSE);
  return walk.fd;
}

/* Puts where a symbolic link leads to into @ret_target, NULL for a file. */
static gboolean
look_at_file (int directory_fd, const char *name, const char *path, const PerryTrustedOwners *owners, char **ret_target,
              GError **error)
{
  char target[PATH_MAX];
  struct stat file;
  ssize_t length;

  if (fstatat (directory_fd, name, &file, AT_SYMLINK_NOFOLLOW) != 0)
    return set_error_from_errno (error, path, errno);
  if (S_ISREG (file.st_mode))
    return perry_trusted_path_check_file (path, &file, owners, error);
  if (!S_ISLNK (file.st_mode))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_NOT_A_FILE, "%s is a directory or a special file", path);
      return FALSE;
    }
  if (!check_owner (path, &file, owners, error))
    return FALSE;
  length = readlinkat (directory_fd, name, target, sizeof target - 1);
  if (length < 0)
    return set_error_from_errno (error, path, errno);
  *ret_target = g_strndup (target, (gsize) length);
  return TRUE;
}

char *
perry_trusted_path_find_file (const char *path, const PerryTrustedOwners *owners, GError **error)
{
  g_autofree char *next = g_strdup (path);

  g_return_val_if_fail (g_path_is_absolute (path), NULL);

  for (int links = 0; links <= MAX_FILE_LINKS; links++)
    {
      g_autofree char *directory = g_path_get_dirname (next);
      g_autofree char *name = g_path_get_basename (next);
      g_autofree char *real_directory = NULL;
      g_autofree char *file = NULL;
      g_autofree char *target = NULL;
      int fd = perry_trusted_path_open_directory (directory, owners, &real_directory, error);
      gboolean trusted;

      if (fd < 0)
        return NULL;
      file = g_build_filename (real_directory, name, NULL);
      trusted = look_at_file (fd, name, file, owners, &target, error);
      close (fd);
      if (!trusted)
        return NULL;
      if (target == NULL)
        return g_steal_pointer (&file);
      g_free (next);
      next = g_path_is_absolute (target) ? g_steal_pointer (&target) : g_build_filename (real_directory, target, NULL);
    }
  set_error_from_errno (error, path, ELOOP);
  return NULL;
}
