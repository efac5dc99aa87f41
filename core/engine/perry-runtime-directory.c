/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-runtime-directory.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"

static char *
choose (void)
{
  const char *xdg = g_getenv ("XDG_RUNTIME_DIR");

  if (xdg != NULL && g_path_is_absolute (xdg))
    return g_build_filename (xdg, "perry-container", NULL);
  if (geteuid () == 0)
    return g_strdup ("/run/perry-container");
  return g_strdup_printf ("/tmp/perry-container-%u", (guint) geteuid ());
}

char *
perry_runtime_directory_ensure (GError **error)
{
  g_autofree char *path = choose ();
  struct stat info;

  if (mkdir (path, 0700) != 0 && errno != EEXIST)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED,
                   "creating the runtime directory %s failed: %s; set XDG_RUNTIME_DIR to a directory of yours", path,
                   g_strerror (errno));
      return NULL;
    }
  if (lstat (path, &info) != 0 || !S_ISDIR (info.st_mode) || info.st_uid != geteuid () || (info.st_mode & 077) != 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED,
                   "the runtime directory %s is not a directory of yours with mode 0700; remove it, or set "
                   "XDG_RUNTIME_DIR to a directory of yours",
                   path);
      return NULL;
    }
  return g_steal_pointer (&path);
}
