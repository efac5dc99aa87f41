/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-probe.h"

#include "probe/perry-probe-json.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CGROUPS 32

/* One line of /proc/self/cgroup; controllers are empty for version 2. */
typedef struct {
  const char *controllers;
  const char *path;
} Cgroup;

static bool
has_word (const char *list, const char *word, size_t length)
{
  while (list != NULL && *list != '\0')
    {
      size_t this_length = strcspn (list, ",");

      if (this_length == length && strncmp (list, word, length) == 0)
        return true;
      list += this_length + (list[this_length] == ',' ? 1 : 0);
    }
  return false;
}

/* Is this mount the hierarchy of @cgroup? */
static bool
mount_matches (const ProbeMount *mount, const Cgroup *cgroup)
{
  size_t first = strcspn (cgroup->controllers, ",");

  if (*cgroup->controllers == '\0')
    return strcmp (mount->type, "cgroup2") == 0;
  return strcmp (mount->type, "cgroup") == 0 && has_word (mount->super_options, cgroup->controllers, first);
}

static char *
read_at (const ProbeMount *mount, const char *path, const char *file)
{
  char full[4096];
  int length = snprintf (full, sizeof full, "%s%s/%s", mount->point, strcmp (path, "/") == 0 ? "" : path, file);

  return length > 0 && (size_t) length < sizeof full ? probe_read_line (full) : NULL;
}

/* The process's own directory: its path below the mount's root; where the host's path is hidden, the mount itself. */
static char *
read_limit (const ProbeMount *mount, const Cgroup *cgroup, const char *file)
{
  const char *path = cgroup->path;
  size_t root_length = strcmp (mount->root, "/") == 0 ? 0 : strlen (mount->root);
  char *value;

  if (root_length > 0 && strncmp (path, mount->root, root_length) == 0)
    path += root_length;
  value = read_at (mount, path, file);
  return value != NULL ? value : read_at (mount, "", file);
}

static size_t
parse_cgroups (char *text, Cgroup *cgroups)
{
  size_t n = 0;
  char *line;

  while (n < MAX_CGROUPS && (line = probe_next_line (&text)) != NULL)
    {
      char *cursor = line;
      char *controllers;

      strsep (&cursor, ":");
      controllers = strsep (&cursor, ":");
      if (cursor == NULL || controllers == NULL)
        continue;
      cgroups[n++] = (Cgroup) { .controllers = controllers, .path = cursor };
    }
  return n;
}

static char *
find_limit (const Cgroup *cgroups, size_t n_cgroups, bool version_2, const char *file)
{
  size_t n_mounts;
  const ProbeMount *mounts = probe_get_mounts (&n_mounts);
  const size_t controller_length = strcspn (file, ".");

  for (size_t i = 0; i < n_cgroups; i++)
    {
      if ((*cgroups[i].controllers == '\0') != version_2)
        continue;
      if (!version_2 && !has_word (cgroups[i].controllers, file, controller_length))
        continue;
      for (size_t j = 0; j < n_mounts; j++)
        {
          char *value = mount_matches (&mounts[j], &cgroups[i]) ? read_limit (&mounts[j], &cgroups[i], file) : NULL;

          if (value != NULL)
            return value;
        }
    }
  return NULL;
}

static void
report_limits (const char *name, const Cgroup *cgroups, size_t n_cgroups, bool version_2, const char *const *files)
{
  probe_json_open_object (name);
  for (; *files != NULL; files++)
    {
      char *value = find_limit (cgroups, n_cgroups, version_2, *files);

      if (value != NULL)
        probe_json_add_string (*files, value);
      free (value);
    }
  probe_json_close ();
}

void
probe_report_cgroups (void)
{
  static const char *const files_1[] = {
    "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.soft_limit_in_bytes", "pids.max", "cpu.shares",
    "cpu.cfs_period_us", "cpu.cfs_quota_us", "cpuset.cpus", "cpuset.mems", NULL,
  };
  static const char *const files_2[] = {
    "cgroup.controllers", "memory.max", "memory.high", "memory.low", "memory.swap.max", "pids.max", "cpu.max",
    "cpu.weight", "cpuset.cpus", "cpuset.mems", NULL,
  };
  Cgroup cgroups[MAX_CGROUPS];
  char *text = probe_read_file ("/proc/self/cgroup");
  size_t n = text != NULL ? parse_cgroups (text, cgroups) : 0;

  probe_json_open_object ("cgroup");
  probe_json_open_array ("paths");
  for (size_t i = 0; i < n; i++)
    {
      probe_json_open_object (NULL);
      probe_json_add_string ("controllers", cgroups[i].controllers);
      probe_json_add_string ("path", cgroups[i].path);
      probe_json_close ();
    }
  probe_json_close ();
  report_limits ("v1", cgroups, n, false, files_1);
  report_limits ("v2", cgroups, n, true, files_2);
  probe_json_close ();
  free (text);
}

static int
is_a_name (const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

void
probe_report_namespaces (void)
{
  struct dirent **entries = NULL;
  int n = scandir ("/proc/self/ns", &entries, is_a_name, alphasort);

  probe_json_open_object ("namespaces");
  for (int i = 0; i < n; i++)
    {
      char path[300];
      char target[64];
      ssize_t length;
      char *bracket;

      snprintf (path, sizeof path, "/proc/self/ns/%s", entries[i]->d_name);
      length = readlink (path, target, sizeof target - 1);
      if (length > 0)
        {
          target[length] = '\0';
          bracket = strchr (target, '[');
          if (bracket != NULL)
            probe_json_add_integer (entries[i]->d_name, strtoll (bracket + 1, NULL, 10));
        }
      free (entries[i]);
    }
  probe_json_close ();
  free (entries);
}
