/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-connect.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>

static char *
dup_user_name (uid_t uid)
{
  struct passwd entry, *found = NULL;
  char buffer[4096];

  if (getpwuid_r (uid, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
    return g_strdup (found->pw_name);
  return g_strdup_printf ("%u", uid);
}

static char *
dup_group_name (gid_t gid)
{
  struct group entry, *found = NULL;
  char buffer[16384];

  if (getgrgid_r (gid, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
    return g_strdup (found->gr_name);
  return g_strdup_printf ("%u", gid);
}

static void
set_permission_error (const char *socket_path, GError **error)
{
  g_autofree char *user = NULL;
  g_autofree char *group = NULL;
  struct stat status;

  if (stat (socket_path, &status) != 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED,
                   "no access to the engine's socket %s: a directory above it may not be entered; run as root or as "
                   "the user that the engine belongs to", socket_path);
      return;
    }
  user = dup_user_name (status.st_uid);
  group = dup_group_name (status.st_gid);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED,
               "no access to the engine's socket %s: it belongs to user %s and group %s with mode %04o; run as that "
               "user, or become a member of the group and log in again", socket_path, user, group,
               status.st_mode & 07777);
}

void
perry_http_connect_set_error (const char *socket_path, GError *foreign, GError **error)
{
  g_autoptr (GError) owned = foreign;

  if (g_error_matches (foreign, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    set_permission_error (socket_path, error);
  else if (g_error_matches (foreign, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND,
                 "there is no socket %s: the engine is not running or listens elsewhere", socket_path);
  else if (g_error_matches (foreign, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND,
                 "no engine listens on the socket %s: it was left behind by one that has ended", socket_path);
  else
    perry_error_propagate_foreign (error, g_steal_pointer (&owned), PERRY_ERROR_FAILED,
                                   "connecting to the engine's socket %s", socket_path);
}

gboolean
perry_http_connect_check_path (const char *socket_path, GError **error)
{
  if (g_path_is_absolute (socket_path) && strlen (socket_path) < sizeof ((struct sockaddr_un *) NULL)->sun_path)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
               "the engine's socket %s: the path has to be absolute and shorter than %" G_GSIZE_FORMAT " bytes",
               socket_path, sizeof ((struct sockaddr_un *) NULL)->sun_path);
  return FALSE;
}
