/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-linux-capability.h"
#include "plugins/http-client/perry-engine-rlimits.h"

G_BEGIN_DECLS

/**
 * PerryPodmanHost:
 * @pid: who serves the socket, 0 where that is not known
 * @is_podman: whether that is a Podman service itself, and not who made the socket for it
 * @uid: whose process that is, -1 where it is not known
 * @grantable: what that process could grant at most
 * @nofile: the most open files that it can grant, 0 where Podman's default works
 * @nproc: the most processes, 0 where Podman's default works
 * @rlimits: what that process can grant of every limit
 * @lacks_swap_limit: whether its cgroups limit memory and not swap
 *
 * What the service's own process allows.
 */
typedef struct {
  gint64 pid;
  gboolean is_podman;
  gint64 uid;
  PerryLinuxCapabilities grantable;
  gint64 nofile;
  gint64 nproc;
  PerryEngineRlimits rlimits;
  gboolean lacks_swap_limit;
} PerryPodmanHost;

/* Computes what containers of a process can get. @can_raise says that it has CAP_SYS_RESOURCE. Pure. */
void perry_podman_host_set_limits (PerryPodmanHost *host, gint64 hard_nofile, gint64 hard_nproc, gint64 pid_max,
                                   gboolean can_raise);

/* Looks at the process @pid, as far as it is a Podman service that can be seen. */
void perry_podman_host_read (PerryPodmanHost *host, gint64 pid);

/* An init program for containers: NULL where Podman finds its own, or where there is none at all. */
gboolean perry_podman_find_init (char **ret_path);

G_END_DECLS
