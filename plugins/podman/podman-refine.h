/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"
#include "plugins/podman/podman-host.h"

G_BEGIN_DECLS

/* Answers for one spec where what the service's process and its host allow decides, not what Podman can do. Looks at the
 * devices that the spec names. */
void perry_podman_refine_for_host (const PerryContainerSpec *spec, const PerryPodmanHost *host,
                                   PerryFieldSupport *support);

/* Whether the cgroups below @directory (`/proc/PID/root/sys/fs/cgroup`) have a memory controller and no account of swap. */
gboolean perry_podman_lacks_swap_limit (const char *directory);

G_END_DECLS
