/* SPDX-License-Identifier: Apache-2.0 */
#include "core/loader/perry-plugin-open.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include "core/loader/perry-plugin-elf.h"

/* The dynamic linker compares names before it looks at files: once a path has been opened, opening it again gives the
 * first file's code, whatever lies there by then. So what was opened is remembered for the whole process. */
typedef struct {
  dev_t device;
  ino_t inode;
  gboolean changed;
} OpenedFile;

static GMutex opened_lock;
static GHashTable *opened_files; /* handle -> OpenedFile, both for ever */

static int
open_regular_file (int directory_fd, const char *file_name, const char *path, struct stat *ret_file, GError **error)
{
  /* a fifo does not block, and neither a terminal nor a socket is taken for one */
  int fd = openat (directory_fd, file_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd >= 0 && fstat (fd, ret_file) == 0 && S_ISREG (ret_file->st_mode))
    return fd;
  if (fd >= 0 || errno == ELOOP || errno == ENXIO)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_NOT_A_FILE,
                 "%s is a symbolic link, a directory or a special file; a plugin has to be a regular file", path);
  else
    g_set_error (error, PERRY_ERROR,
                 errno == ENOENT ? PERRY_ERROR_PLUGIN_NOT_FOUND : PERRY_ERROR_PLUGIN_UNSAFE,
                 "%s can't be looked at: %s", path, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
is_same_file (const char *path, const struct stat *file)
{
  struct stat now;

  return lstat (path, &now) == 0 && now.st_dev == file->st_dev && now.st_ino == file->st_ino;
}

static gboolean
set_error_changed (GError **error, const char *path)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_PATH_CHANGED,
               "%s was replaced while or after this process opened it; start again once it stays as it is", path);
  return FALSE;
}

/* Called with the lock held. */
static gboolean
remember_handle (gpointer handle, const char *path, const struct stat *file, GError **error)
{
  OpenedFile *known;

  if (opened_files == NULL)
    opened_files = g_hash_table_new (NULL, NULL);
  known = g_hash_table_lookup (opened_files, handle);
  if (known == NULL)
    {
      known = g_new0 (OpenedFile, 1);
      known->device = file->st_dev;
      known->inode = file->st_ino;
      g_hash_table_insert (opened_files, handle, known);
    }
  if (known->changed || known->device != file->st_dev || known->inode != file->st_ino || !is_same_file (path, file))
    {
      known->changed = TRUE;
      return set_error_changed (error, path);
    }
  return TRUE;
}

/* Another name of a file that is open already, such as a hard link, gets the first name's handle. */
static gboolean
check_handle_is_of_path (gpointer handle, const char *path, GError **error)
{
  struct link_map *object = NULL;

  if (dlinfo (handle, RTLD_DI_LINKMAP, &object) == 0 && g_str_equal (object->l_name, path))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_SHARED_HANDLE,
               "the dynamic linker takes %s for %s, which is open already; a plugin has to be a file of its own", path,
               object != NULL ? object->l_name : "another object");
  return FALSE;
}

/* dlsym() looks into the object's dependencies too, so the symbol may be another plugin's. */
static const PerryPluginDescriptor *
find_descriptor (gpointer handle, const char *path, gsize *ret_symbol_size, GError **error)
{
  gconstpointer symbol = dlsym (handle, PERRY_PLUGIN_SYMBOL);
  Dl_info info = { NULL };

  *ret_symbol_size = 0;
  if (symbol == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_NO_DESCRIPTOR,
                   "%s does not export " PERRY_PLUGIN_SYMBOL ": it is no plugin", path);
      return NULL;
    }
#ifdef __GLIBC__
  const ElfW (Sym) *entry = NULL;

  if (dladdr1 (symbol, &info, (void **) &entry, RTLD_DL_SYMENT) != 0 && entry != NULL)
    *ret_symbol_size = entry->st_size;
#else
  dladdr (symbol, &info);
#endif
  if (g_strcmp0 (info.dli_fname, path) == 0)
    return symbol;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_NO_DESCRIPTOR,
               "%s does not export " PERRY_PLUGIN_SYMBOL " itself: the symbol is that of %s", path,
               info.dli_fname != NULL ? info.dli_fname : "another object");
  return NULL;
}

/* Called with the lock held, so that two threads do not compare while the other one opens. */
static const PerryPluginDescriptor *
open_and_compare (const char *path, const struct stat *file, gsize *ret_symbol_size, GError **error)
{
  gpointer handle = dlopen (path, RTLD_NOW | RTLD_LOCAL);

  if (handle == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_OPEN_FAILED, "the dynamic linker refused %s: %s", path,
                   dlerror ());
      return NULL;
    }
  if (!check_handle_is_of_path (handle, path, error) || !remember_handle (handle, path, file, error))
    return NULL;
  return find_descriptor (handle, path, ret_symbol_size, error);
}

const PerryPluginDescriptor *
perry_plugin_open_file (const char *directory, const char *file_name, const PerryTrustedOwners *owners,
                        gsize *ret_symbol_size, GError **error)
{
  g_autofree char *real_directory = NULL;
  g_autofree char *path = NULL;
  const PerryPluginDescriptor *descriptor = NULL;
  struct stat file;
  int directory_fd, fd;

  directory_fd = perry_trusted_path_open_directory (directory, owners, &real_directory, error);
  if (directory_fd < 0)
    return NULL;
  path = g_build_filename (real_directory, file_name, NULL);
  fd = open_regular_file (directory_fd, file_name, path, &file, error);
  close (directory_fd);
  if (fd < 0)
    return NULL;

  if (strchr (path, '$') != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_NAME,
                 "%s contains “$”, which the dynamic linker would replace; put it somewhere else", path);
  else if (perry_trusted_path_check_file (path, &file, owners, error) &&
           perry_plugin_elf_check (fd, path, (guint64) file.st_size, error))
    {
      g_mutex_lock (&opened_lock);
      descriptor = open_and_compare (path, &file, ret_symbol_size, error);
      g_mutex_unlock (&opened_lock);
    }
  close (fd); /* only now: as long as it was open, its inode could not be given to another file */
  return descriptor;
}
