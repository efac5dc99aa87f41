/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-file.h"
#include "core/proof/perry-proof-readers.h"

#include <string.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"

/* Version 1 writes "no limit" as the largest multiple of the page size, 64 KiB at most. */
#define V1_UNLIMITED (G_MAXINT64 - 0xffff)

/* Where the files of one controller are for this container. */
typedef struct {
  int fd; /* -1 = not found */
  gboolean unified;
} ControllerDirectory;

static const PerryProofCgroup *
find_cgroup (const GPtrArray *cgroups, const char *controller)
{
  const PerryProofCgroup *unified = NULL;

  for (guint i = 0; i < cgroups->len; i++)
    {
      const PerryProofCgroup *cgroup = g_ptr_array_index (cgroups, i);

      if (g_strv_contains ((const char *const *) cgroup->controllers, controller))
        return cgroup;
      if (cgroup->unified)
        unified = cgroup;
    }
  return unified;
}

static int
open_first (int root_fd, const char *const *hierarchies, const char *path, GError **error)
{
  int fd = -1;

  for (; *hierarchies != NULL; hierarchies++)
    {
      g_autofree char *full = g_strconcat (*hierarchies, path, NULL);

      g_clear_error (error);
      fd = perry_proof_open_directory_beneath (root_fd, full, error);
      if (fd >= 0)
        break;
    }
  return fd;
}

/* A v1 hierarchy is mounted under the controller's name or under all of its controllers' names; v2 at the root or,
 * in hybrid mode, at `unified`. */
static ControllerDirectory
open_controller (int root_fd, const GPtrArray *cgroups, const char *controller, const char *id, GError **error)
{
  ControllerDirectory directory = { .fd = -1 };
  const PerryProofCgroup *cgroup = find_cgroup (cgroups, controller);
  g_autofree char *path = cgroup != NULL ? perry_proof_cgroup_path_of (cgroup->path, id) : NULL;
  g_autofree char *joined = NULL;

  if (path == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND, "the container has no %s cgroup of its own", controller);
      return directory;
    }
  directory.unified = cgroup->unified;
  if (faccessat (root_fd, "cgroup.controllers", F_OK, 0) == 0)
    {
      const char *const at_root[] = { "", NULL };

      directory.fd = open_first (root_fd, at_root, path, error);
      return directory;
    }
  joined = g_strjoinv (",", cgroup->controllers);
  {
    const char *const v1[] = { controller, joined, NULL };
    const char *const v2[] = { "unified", NULL };

    directory.fd = open_first (root_fd, cgroup->unified ? v2 : v1, path, error);
  }
  return directory;
}

static gboolean
parse_limit (const char *text, const char *name, gint64 *ret_limit, GError **error)
{
  guint64 limit;

  if (strcmp (text, "max") == 0 || strcmp (text, "-1") == 0)
    {
      *ret_limit = PERRY_OBSERVED_UNLIMITED;
      return TRUE;
    }
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &limit, NULL))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "%s: not a number", name);
      return FALSE;
    }
  *ret_limit = limit >= V1_UNLIMITED ? PERRY_OBSERVED_UNLIMITED : (gint64) limit;
  return TRUE;
}

static char *
read_line (int fd, const char *name, GError **error)
{
  char *text = perry_proof_read_file (fd, name, PERRY_PROOF_MAX_LIMIT_FILE, NULL, error);

  if (text != NULL && !perry_proof_ends_with_newline (text, name, error))
    g_clear_pointer (&text, g_free);
  return text != NULL ? g_strchomp (text) : NULL;
}

static gboolean
read_limit (int fd, const char *name, gint64 *ret_limit, GError **error)
{
  g_autofree char *text = read_line (fd, name, error);

  return text != NULL && parse_limit (text, name, ret_limit, error);
}

static void
read_memory (ControllerDirectory directory, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = read_limit (directory.fd, directory.unified ? "memory.max" : "memory.limit_in_bytes",
                            &observation->memory_max, &error);

  perry_observation_set_missing (observation, PERRY_FACET_MEMORY, ok ? NULL : error->message);
}

static void
read_memory_swap (ControllerDirectory directory, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  gint64 limit;

  if (!read_limit (directory.fd, directory.unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes", &limit, &error))
    {
      perry_observation_set_missing (observation, PERRY_FACET_MEMORY_SWAP, error->message);
      return;
    }
  if (directory.unified && limit != PERRY_OBSERVED_UNLIMITED)
    {
      if (observation->memory_max == PERRY_OBSERVED_UNKNOWN)
        {
          perry_observation_set_missing (observation, PERRY_FACET_MEMORY_SWAP, "memory.max could not be read");
          return;
        }
      limit = observation->memory_max == PERRY_OBSERVED_UNLIMITED || limit > G_MAXINT64 - observation->memory_max
                  ? PERRY_OBSERVED_UNLIMITED
                  : observation->memory_max + limit;
    }
  observation->memory_swap_max = limit;
  perry_observation_set_missing (observation, PERRY_FACET_MEMORY_SWAP, NULL);
}

static void
read_pids (ControllerDirectory directory, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = read_limit (directory.fd, "pids.max", &observation->pids_max, &error);

  perry_observation_set_missing (observation, PERRY_FACET_PIDS, ok ? NULL : error->message);
}

static gboolean
read_cpu_v2 (int fd, gint64 *ret_quota, gint64 *ret_period, GError **error)
{
  g_autofree char *text = read_line (fd, "cpu.max", error);
  g_auto (GStrv) words = text != NULL ? g_strsplit (text, " ", 3) : NULL;

  if (words == NULL)
    return FALSE;
  if (g_strv_length (words) != 2)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_FAILED, "cpu.max: not two numbers");
      return FALSE;
    }
  return parse_limit (words[0], "cpu.max", ret_quota, error) && parse_limit (words[1], "cpu.max", ret_period, error);
}

static void
read_cpu (ControllerDirectory directory, PerryObservation *observation)
{
  g_autoptr (GError) error = NULL;
  gint64 quota;
  gint64 period;
  gboolean ok = directory.unified ? read_cpu_v2 (directory.fd, &quota, &period, &error)
                                  : read_limit (directory.fd, "cpu.cfs_quota_us", &quota, &error) &&
                                        read_limit (directory.fd, "cpu.cfs_period_us", &period, &error);

  perry_observation_set_missing (observation, PERRY_FACET_CPU, ok ? NULL : error->message);
  if (ok)
    {
      observation->cpu_quota_us = quota;
      observation->cpu_period_us = period;
    }
}

void
perry_proof_read_cgroup_limits (int cgroup_root_fd,
                                const GPtrArray *cgroups,
                                const char *container_id,
                                PerryObservation *observation)
{
  static const struct {
    const char *controller;
    PerryFacet facet;
    void (*read) (ControllerDirectory directory, PerryObservation *observation);
  } readers[] = {
    { "memory", PERRY_FACET_MEMORY, read_memory },
    { "memory", PERRY_FACET_MEMORY_SWAP, read_memory_swap }, /* after memory, which it adds to */
    { "pids", PERRY_FACET_PIDS, read_pids },
    { "cpu", PERRY_FACET_CPU, read_cpu },
  };

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      g_autoptr (GError) error = NULL;
      ControllerDirectory directory =
          open_controller (cgroup_root_fd, cgroups, readers[i].controller, container_id, &error);

      if (directory.fd < 0)
        {
          perry_observation_set_missing (observation, readers[i].facet, error->message);
          continue;
        }
      readers[i].read (directory, observation);
      close (directory.fd);
    }
}

char *
perry_proof_read_device_list (int cgroup_root_fd, const GPtrArray *cgroups, const char *container_id, GError **error)
{
  const PerryProofCgroup *cgroup = find_cgroup (cgroups, "devices");
  ControllerDirectory directory;
  char *text;

  if (cgroup_root_fd < 0 || cgroup == NULL || cgroup->unified)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND,
                           cgroup_root_fd < 0 ? "cgroups cannot be read"
                                              : "cgroup version 2 keeps them in a BPF program that cannot be read");
      return NULL;
    }
  directory = open_controller (cgroup_root_fd, cgroups, "devices", container_id, error);
  if (directory.fd < 0)
    return NULL;
  text = perry_proof_read_file (directory.fd, "devices.list", PERRY_PROOF_MAX_DEVICE_LIST, NULL, error);
  close (directory.fd);
  return text;
}
