/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-probe.h"

#include "probe/perry-probe-json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Directories below /dev deeper than this are not looked into. */
#define MAX_DEPTH 3
#define MEMORY_MAJOR 1

/* The kernel parameters that belong to a namespace; without a namespace of its own these are the host's. */
static void
report_sysctls (void)
{
  static const char *const names[] = {
    "fs.mqueue.msg_max", "fs.mqueue.queues_max", "kernel.msgmax", "kernel.msgmnb", "kernel.sem", "kernel.shmall",
    "kernel.shmmax", "kernel.shmmni", "net.core.somaxconn", "net.ipv4.ip_forward", "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_syncookies",
    "net.ipv6.conf.all.disable_ipv6",
  };

  probe_json_open_object ("sysctls");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
      char path[128];
      char *value;

      snprintf (path, sizeof path, "/proc/sys/%s", names[i]);
      for (char *dot = strchr (path, '.'); dot != NULL; dot = strchr (dot, '.'))
        *dot = '/';
      value = probe_read_line (path);
      if (value != NULL)
        probe_json_add_string (names[i], value);
      free (value);
    }
  probe_json_close ();
}

static void
report_lines (const char *name, const char *path)
{
  char *text = probe_read_file (path);
  char *cursor = text;
  char *line;

  probe_json_open_array (name);
  while ((line = probe_next_line (&cursor)) != NULL)
    if (line[strspn (line, " \t")] != '\0' && *line != '#')
      probe_json_add_string (NULL, line);
  probe_json_close ();
  free (text);
}

/* Of devices only these are opened: reading and writing null, zero, full and the random ones has no effect at all. */
static bool
is_harmless (const struct stat *info)
{
  static const unsigned minors[] = { 3, 5, 7, 8, 9 };

  for (size_t i = 0; i < sizeof minors / sizeof minors[0]; i++)
    if (S_ISCHR (info->st_mode) && major (info->st_rdev) == MEMORY_MAJOR && minor (info->st_rdev) == minors[i])
      return true;
  return false;
}

static const char *
try_open (const char *path, int flags)
{
  int fd = open (path, flags | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0)
    return probe_error_name (errno);
  close (fd);
  return "ok";
}

/* Asks for the mode and the cgroup's rules of a device that is not opened. */
static const char *
ask_for (const char *path, int mode)
{
  return probe_error_name (access (path, mode) == 0 ? 0 : errno);
}

static void
report_node (const char *path, const struct stat *info)
{
  char text[32];

  probe_json_open_object (path);
  snprintf (text, sizeof text, "%c %u:%u", S_ISCHR (info->st_mode) ? 'c' : 'b', major (info->st_rdev),
            minor (info->st_rdev));
  probe_json_add_string ("number", text);
  snprintf (text, sizeof text, "%04o", (unsigned) info->st_mode & 07777);
  probe_json_add_string ("mode", text);
  probe_json_add_string ("read", is_harmless (info) ? try_open (path, O_RDONLY) : ask_for (path, R_OK));
  probe_json_add_string ("write", is_harmless (info) ? try_open (path, O_WRONLY) : ask_for (path, W_OK));
  probe_json_close ();
}

static int
is_a_name (const struct dirent *entry)
{
  return strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0;
}

static void
report_directory (const char *directory, int depth)
{
  struct dirent **entries = NULL;
  int n = scandir (directory, &entries, is_a_name, alphasort);

  for (int i = 0; i < n; i++)
    {
      char path[4096];
      struct stat info;
      int length = snprintf (path, sizeof path, "%s/%s", directory, entries[i]->d_name);

      free (entries[i]);
      if (length < 0 || (size_t) length >= sizeof path || lstat (path, &info) != 0)
        continue;
      if (S_ISCHR (info.st_mode) || S_ISBLK (info.st_mode))
        report_node (path, &info);
      else if (S_ISDIR (info.st_mode) && depth < MAX_DEPTH)
        report_directory (path, depth + 1);
    }
  free (entries);
}

static void
add_string_or_null (const char *name, const char *value)
{
  if (value != NULL)
    probe_json_add_string (name, value);
  else
    probe_json_add_null (name);
}

/* The same boot of the same kernel has the same id, in every namespace. */
static void
report_kernel (const char *release)
{
  char *boot_id = probe_read_line ("/proc/sys/kernel/random/boot_id");

  probe_json_open_object ("kernel");
  add_string_or_null ("release", release);
  add_string_or_null ("boot_id", boot_id);
  probe_json_close ();
  free (boot_id);
}

void
probe_report_settings (void)
{
  struct utsname system;
  bool known = uname (&system) == 0;

  add_string_or_null ("machine", known ? system.machine : NULL);
  report_kernel (known ? system.release : NULL);
  report_sysctls ();
  report_lines ("hosts", "/etc/hosts");
  report_lines ("resolv_conf", "/etc/resolv.conf");
  probe_json_open_object ("devices");
  report_directory ("/dev", 1);
  probe_json_close ();
}
