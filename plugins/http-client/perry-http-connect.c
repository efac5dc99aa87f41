/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-connect.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The longest time that a full queue is waited for, and the longest pause between two looks. */
#define MAX_WAIT_MS 30000
#define MAX_PAUSE_MS 32

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
  else if (g_error_matches (foreign, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT,
                 "the engine has taken no connection on its socket %s for %d seconds, and the queue of those that wait "
                 "is full; see whether it is stopped or overloaded", socket_path, MAX_WAIT_MS / 1000);
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

static void
pause_for (guint pause_ms, GCancellable *cancellable)
{
  GPollFD cancelled;

  if (!g_cancellable_make_pollfd (cancellable, &cancelled))
    {
      g_usleep (pause_ms * 1000);
      return;
    }
  g_poll (&cancelled, 1, (int) pause_ms);
  g_cancellable_release_fd (cancellable);
}

/* Nothing tells when there is room again. */
gboolean
perry_http_connect_wait (PerryHttpConnectWait *wait, const GError *foreign, GCancellable *cancellable)
{
  gint64 now = g_get_monotonic_time ();

  if (!g_error_matches (foreign, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  if (wait->until == 0)
    wait->until = now + MAX_WAIT_MS * G_TIME_SPAN_MILLISECOND;
  if (now >= wait->until)
    return FALSE;
  wait->pause_ms = CLAMP (2 * wait->pause_ms, 1, MAX_PAUSE_MS);
  pause_for (wait->pause_ms, cancellable);
  return !g_cancellable_is_cancelled (cancellable);
}
