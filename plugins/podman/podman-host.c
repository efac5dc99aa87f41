/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-host.h"

#include <sys/capability.h>
#include <sys/resource.h>

#include "plugin-api/perry-file.h"
#include "plugins/http-client/perry-engine-process.h"
#include "plugins/podman/podman-refine.h"

/* What Podman gives containers by itself; see getDefaultProcessLimits() in its library. */
#define PODMAN_DEFAULT 1048576
#define MAX_NUMBER_BYTES 64
#define MAX_LIMITS_BYTES 16384

void
perry_podman_host_set_limits (PerryPodmanHost *host, gint64 hard_nofile, gint64 hard_nproc, gint64 pid_max,
                              gboolean can_raise)
{
  host->nofile = 0;
  host->nproc = 0;
  if (can_raise || (hard_nofile >= PODMAN_DEFAULT && hard_nproc >= PODMAN_DEFAULT))
    return;
  host->nofile = MIN (hard_nofile, PODMAN_DEFAULT);
  /* Podman lowers its own limit to pid_max before it starts a container. */
  host->nproc = MIN (MIN (hard_nproc, pid_max), PODMAN_DEFAULT);
}

static gint64
own_limit (__rlimit_resource_t resource)
{
  struct rlimit limit;

  if (getrlimit (resource, &limit) != 0 || limit.rlim_max == RLIM_INFINITY || limit.rlim_max > G_MAXINT64)
    return G_MAXINT64;
  return (gint64) limit.rlim_max;
}

static gint64
read_pid_max (void)
{
  g_autofree char *text = perry_file_read_text ("/proc/sys/kernel/pid_max", MAX_NUMBER_BYTES, NULL);
  gint64 pid_max;

  if (text == NULL
      || !g_ascii_string_to_signed (g_strchomp (text), 10, 1, G_MAXINT32, &pid_max, NULL))
    return 32768;
  return pid_max;
}

static void
read_limits (PerryPodmanHost *host, gboolean can_raise)
{
  g_autofree char *cgroups = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/root/sys/fs/cgroup", host->pid);

  perry_engine_rlimits_read (&host->rlimits, host->pid, can_raise);
  if (!can_raise)
    perry_engine_rlimits_lower (&host->rlimits, "nproc", read_pid_max ());
  host->lacks_swap_limit = perry_podman_lacks_swap_limit (cgroups);
}

void
perry_podman_host_read (PerryPodmanHost *host, gint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/limits", pid);
  g_autofree char *limits = NULL;
  PerryEngineProcess process;
  gint64 nofile = own_limit (RLIMIT_NOFILE);
  gint64 nproc = own_limit (RLIMIT_NPROC);

  host->pid = pid;
  host->is_podman = FALSE;
  host->uid = -1;
  host->grantable = perry_linux_capabilities_all ();
  host->nofile = 0;
  host->nproc = 0;
  host->lacks_swap_limit = FALSE;
  perry_engine_rlimits_init (&host->rlimits);
  /* A socket that systemd made belongs to systemd, whose process says nothing about Podman's. */
  if (!perry_engine_process_read (pid, &process) || !g_str_equal (process.name, "podman"))
    return;
  host->is_podman = TRUE;
  host->uid = process.uid;
  host->grantable = process.bounding;
  read_limits (host, process.uid == 0 && (process.effective & (G_GUINT64_CONSTANT (1) << CAP_SYS_RESOURCE)) != 0);
  /* A rootless service cannot give more than it has, and its defaults take that into account. */
  if (process.uid != 0)
    return;
  limits = perry_file_read_text (path, MAX_LIMITS_BYTES, NULL);
  if (limits != NULL)
    {
      perry_engine_limits_parse (limits, "Max open files", &nofile);
      perry_engine_limits_parse (limits, "Max processes", &nproc);
    }
  perry_podman_host_set_limits (host, nofile, nproc, read_pid_max (),
                                (process.effective & (G_GUINT64_CONSTANT (1) << CAP_SYS_RESOURCE)) != 0);
}

gboolean
perry_podman_find_init (char **ret_path)
{
  static const char *const own[] = { "/usr/libexec/podman/catatonit", "/usr/local/libexec/podman/catatonit",
                                     "/usr/lib/podman/catatonit", "/usr/local/lib/podman/catatonit" };
  static const char *const others[] = { "/usr/bin/catatonit", "/usr/bin/tini-static", "/usr/bin/docker-init",
                                        "/usr/libexec/docker/docker-init" };

  for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
    if (g_file_test (own[i], G_FILE_TEST_IS_EXECUTABLE))
      return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_file_test (others[i], G_FILE_TEST_IS_EXECUTABLE))
      {
        *ret_path = g_strdup (others[i]);
        return TRUE;
      }
  return FALSE;
}
