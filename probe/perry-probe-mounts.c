/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-probe.h"

#include "probe/perry-probe-json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
probe_report_mounts (void)
{
  size_t n_mounts;
  const ProbeMount *mounts = probe_get_mounts (&n_mounts);

  probe_json_open_array ("mounts");
  for (size_t i = 0; i < n_mounts; i++)
    {
      probe_json_open_object (NULL);
      probe_json_add_string ("point", mounts[i].point);
      probe_json_add_string ("type", mounts[i].type);
      probe_json_add_string ("options", mounts[i].options);
      probe_json_add_string ("root", mounts[i].root);
      probe_json_add_string ("source", mounts[i].source);
      probe_json_add_string ("super_options", mounts[i].super_options);
      probe_json_add_string ("propagation", mounts[i].propagation);
      probe_json_close ();
    }
  probe_json_close ();
}

static int
try_create (const char *directory)
{
  char path[4096];
  int length = snprintf (path, sizeof path, "%s/.perry-probe-%d", directory, (int) getpid ());
  int fd;

  if (length < 0 || (size_t) length >= sizeof path)
    return ENAMETOOLONG;
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return errno;
  close (fd);
  unlink (path);
  return 0;
}

/* Opened only, nothing is written: the files tried here are host names, kernel settings and the like. */
static int
try_open (const char *path)
{
  int fd = open (path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0)
    return errno;
  close (fd);
  return 0;
}

static int
compare_strings (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
report_path (const char *path)
{
  struct stat info;

  if (stat (path, &info) != 0)
    probe_json_add_string (path, probe_error_name (errno));
  else if (S_ISDIR (info.st_mode))
    probe_json_add_string (path, probe_error_name (try_create (path)));
  else if (S_ISREG (info.st_mode))
    probe_json_add_string (path, probe_error_name (try_open (path)));
  else
    /* Opening a device can have effects of its own. */
    probe_json_add_string (path, "not-tried");
}

void
probe_report_writable (void)
{
  static const char *const fixed[] = {
    "/", "/bin", "/dev", "/dev/shm", "/etc", "/etc/passwd", "/home", "/proc/sys", "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/domainname", "/proc/sysrq-trigger", "/root", "/run", "/sys", "/sys/fs/cgroup", "/tmp", "/usr",
    "/var", "/var/tmp",
  };
  const size_t n_fixed = sizeof fixed / sizeof fixed[0];
  const char *home = getenv ("HOME");
  char *here = getcwd (NULL, 0);
  size_t n_mounts, n = 0;
  const ProbeMount *mounts = probe_get_mounts (&n_mounts);
  const char **paths = calloc (n_fixed + n_mounts + 2, sizeof *paths);

  if (paths == NULL)
    abort ();
  for (size_t i = 0; i < n_fixed; i++)
    paths[n++] = fixed[i];
  for (size_t i = 0; i < n_mounts; i++)
    paths[n++] = mounts[i].point;
  if (home != NULL && home[0] == '/')
    paths[n++] = home;
  if (here != NULL && here[0] == '/')
    paths[n++] = here;
  qsort (paths, n, sizeof *paths, compare_strings);

  probe_json_open_object ("writable");
  for (size_t i = 0; i < n; i++)
    if (i == 0 || strcmp (paths[i], paths[i - 1]) != 0)
      report_path (paths[i]);
  probe_json_close ();
  free (paths);
  free (here);
}
