/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-owner.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-file.h"

#define BOOT_ID_LENGTH 36
#define MAX_OWNER_LENGTH 256
#define MAX_FILE_BYTES 4096

static char *
read_boot_id (const char *proc, GError **error)
{
  g_autofree char *path = g_build_filename (proc, "sys/kernel/random/boot_id", NULL);
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = perry_file_read_text (path, MAX_FILE_BYTES, &local_error);

  if (text == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "reading this boot's id: %s", local_error->message);
      return NULL;
    }
  g_strstrip (text);
  if (strlen (text) != BOOT_ID_LENGTH)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "%s does not hold a boot id", path);
      return NULL;
    }
  return g_steal_pointer (&text);
}

static char *
read_pid_namespace (const char *proc, GError **error)
{
  g_autofree char *path = g_build_filename (proc, "self/ns/pid", NULL);
  g_autofree char *link = g_file_read_link (path, NULL);
  char *inode;

  if (link == NULL || !g_str_has_prefix (link, "pid:[") || !g_str_has_suffix (link, "]"))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "reading this process's pid namespace from %s failed", path);
      return NULL;
    }
  inode = g_strdup (link + strlen ("pid:["));
  inode[strlen (inode) - 1] = '\0';
  return inode;
}

/* field 22 of /proc/PID/stat; the second field may hold blanks and parentheses, hence the last `)` */
static char *
read_start_time (const char *proc, const char *pid, GError **error)
{
  g_autofree char *path = g_build_filename (proc, pid, "stat", NULL);
  g_autofree char *text = perry_file_read_text (path, MAX_FILE_BYTES, error);
  g_auto (GStrv) fields = NULL;
  char *rest;

  if (text == NULL)
    return NULL;
  rest = strrchr (text, ')');
  if (rest == NULL || rest[1] != ' ')
    return NULL;
  fields = g_strsplit (rest + 2, " ", 22);
  return g_strv_length (fields) > 19 ? g_strdup (fields[19]) : NULL;
}

char *
perry_owner_new (const char *proc, GError **error)
{
  static int serial;
  g_autofree char *boot_id = read_boot_id (proc, error);
  g_autofree char *pid_namespace = NULL;
  g_autofree char *pid = NULL;
  g_autofree char *start_time = NULL;

  if (boot_id == NULL)
    return NULL;
  pid_namespace = read_pid_namespace (proc, error);
  if (pid_namespace == NULL)
    return NULL;
  pid = g_strdup_printf ("%d", (int) getpid ());
  start_time = read_start_time (proc, pid, NULL);
  if (start_time == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "reading this process's start time from %s/%s/stat failed",
                   proc, pid);
      return NULL;
    }
  return g_strdup_printf ("%s:%s:%s:%s:%u", boot_id, pid_namespace, pid, start_time,
                          (guint) g_atomic_int_add (&serial, 1));
}

static gboolean
is_number (const char *text)
{
  return *text != '\0' && strspn (text, "0123456789") == strlen (text);
}

/* Whether there is no such process any more. One that cannot be looked at, for want of rights or of descriptors, may well be
 * there; another user's may be hidden (hidepid), and then a signal may not be sent to it. */
static gboolean
is_gone (const char *proc, const char *pid, const GError *error)
{
  if (!g_error_matches (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND))
    return FALSE;
  return !g_str_equal (proc, "/proc") || kill ((pid_t) g_ascii_strtoll (pid, NULL, 10), 0) == 0 || errno != EPERM;
}

gboolean
perry_owner_is_stale (const char *proc, const char *owner)
{
  g_auto (GStrv) parts = NULL;
  g_autofree char *boot_id = NULL;
  g_autofree char *pid_namespace = NULL;
  g_autofree char *start_time = NULL;
  g_autoptr (GError) error = NULL;

  if (owner == NULL || strlen (owner) > MAX_OWNER_LENGTH)
    return FALSE;
  parts = g_strsplit (owner, ":", -1);
  if (g_strv_length (parts) != 5 || strlen (parts[0]) != BOOT_ID_LENGTH)
    return FALSE;
  for (guint i = 1; i < 5; i++)
    if (!is_number (parts[i]))
      return FALSE;

  boot_id = read_boot_id (proc, NULL);
  pid_namespace = read_pid_namespace (proc, NULL);
  if (boot_id == NULL || pid_namespace == NULL)
    return FALSE;
  if (!g_str_equal (boot_id, parts[0]))
    return TRUE;
  if (!g_str_equal (pid_namespace, parts[1]))
    return FALSE;
  start_time = read_start_time (proc, parts[2], &error);
  if (start_time == NULL)
    return is_gone (proc, parts[2], error);
  return !g_str_equal (start_time, parts[3]);
}
