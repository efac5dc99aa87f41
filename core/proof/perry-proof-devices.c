/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/proof/perry-proof-facets.h"
#include "core/proof/perry-proof-file.h"

#define MAX_LINES 4096

static gboolean
number_fits (const char *text, guint number)
{
  guint64 found;

  return g_str_equal (text, "*") ||
         (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT, &found, NULL) && found == number);
}

/* `c 1:3 rwm`, `b *:* m`, `a *:* rwm`. */
static const char *
match_line (char **words, char kind, guint major_number, guint minor_number)
{
  g_auto (GStrv) numbers = NULL;

  if (g_strv_length (words) != 3 || (words[0][0] != kind && words[0][0] != 'a') || words[0][1] != '\0')
    return NULL;
  numbers = g_strsplit (words[1], ":", 3);
  if (g_strv_length (numbers) != 2 || !number_fits (numbers[0], major_number) || !number_fits (numbers[1], minor_number))
    return NULL;
  return words[2];
}

char *
perry_proof_parse_device_access (const char *text, char kind, guint major_number, guint minor_number, GError **error)
{
  static const char letters[] = "rwm";
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) access = g_string_new (NULL);
  gboolean granted[G_N_ELEMENTS (letters)] = { FALSE };

  /* a container that may use no device has an empty list */
  if (*text != '\0' && !perry_proof_ends_with_newline (text, "devices.list", error))
    return NULL;
  lines = g_strsplit (text, "\n", MAX_LINES);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) words = g_strsplit (*line, " ", 4);
      const char *rights = match_line (words, kind, major_number, minor_number);

      for (gsize i = 0; rights != NULL && letters[i] != '\0'; i++)
        granted[i] = granted[i] || strchr (rights, letters[i]) != NULL;
    }
  for (gsize i = 0; letters[i] != '\0'; i++)
    if (granted[i])
      g_string_append_c (access, letters[i]);
  return g_string_free (g_steal_pointer (&access), FALSE);
}

static char
kind_of (const struct stat *info)
{
  return S_ISCHR (info->st_mode) ? 'c' : S_ISBLK (info->st_mode) ? 'b' : 0;
}

/* Opened as a path: opening a device has effects. */
static void
read_node (int root_fd, PerryObservedDevice *device)
{
  int fd = perry_proof_open_path_in_root (root_fd, device->target + strspn (device->target, "/"), NULL);
  struct stat info;

  if (fd < 0)
    return;
  if (fstat (fd, &info) == 0 && kind_of (&info) != 0)
    {
      device->kind = kind_of (&info);
      device->major_number = major (info.st_rdev);
      device->minor_number = minor (info.st_rdev);
    }
  close (fd);
}

static PerryObservedDevice *
observe_device (int root_fd, const PerryDevice *asked, const char *access_list, const char *access_reason)
{
  PerryObservedDevice *device = g_new0 (PerryObservedDevice, 1);
  g_autoptr (GError) error = NULL;
  struct stat info;

  device->target = g_strdup (asked->target);
  if (stat (asked->source, &info) == 0 && kind_of (&info) != 0)
    {
      device->host_kind = kind_of (&info);
      device->host_major_number = major (info.st_rdev);
      device->host_minor_number = minor (info.st_rdev);
    }
  read_node (root_fd, device);
  if (access_list != NULL && device->kind != 0)
    device->access = perry_proof_parse_device_access (access_list, device->kind, device->major_number,
                                                      device->minor_number, &error);
  if (device->access == NULL)
    device->access_reason = g_strdup (error != NULL ? error->message : access_reason);
  return device;
}

void
perry_proof_fill_devices (const PerryProofProcess *process, int cgroup_root_fd, const GPtrArray *cgroups,
                          const char *container_id, const GPtrArray *asked, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *access_list = NULL;
  int root_fd;

  if (asked == NULL || asked->len == 0)
    return;
  root_fd = openat (process->fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root_fd < 0)
    {
      g_autofree char *reason = g_strdup_printf ("root: %s", g_strerror (errno));

      perry_observation_set_missing (observation, PERRY_FACET_DEVICES, reason);
      return;
    }
  access_list = perry_proof_read_device_list (cgroup_root_fd, cgroups, container_id, &error);
  for (guint i = 0; i < asked->len; i++)
    g_ptr_array_add (observation->devices,
                     observe_device (root_fd, g_ptr_array_index (asked, i), access_list,
                                     error != NULL ? error->message : "not read"));
  close (root_fd);
  perry_observation_set_missing (observation, PERRY_FACET_DEVICES, NULL);
}
