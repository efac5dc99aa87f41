/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* Completes a tmpfs mount's options, because the engines' defaults differ (Docker adds noexec, Podman does not):
 * `rw` or `ro`, then `nosuid`, `nodev` and `noexec` unless the spec says otherwise, then the rest as written. Pure. */
char **perry_engine_tmpfs_options (const PerryMount *mount);

/* Whether @option says how a mount propagates: `rprivate`, `private`, `rslave`, `slave`, `rshared`, `shared`. */
gboolean perry_engine_is_propagation (const char *option);

/* Whether @options has @option. */
gboolean perry_engine_has_option (char **options, const char *option);

/* Whether something is mounted below @directory according to @mountinfo, the text of /proc/self/mountinfo. Pure. */
gboolean perry_engine_has_mounts_below (const char *mountinfo, const char *directory);

/* Answers `partial` for a spec with a read-only bind mount whose source has mounts below it: they stay writable. */
void perry_engine_limit_read_only_binds (const PerryContainerSpec *spec, PerryFieldSupport *support);

/* Says more of a failed start where the engine's mounts do not propagate as $.volumes asks: gives the error the code
 * PERRY_ERROR_UNSUPPORTED and adds what to do. Leaves every other error alone. Pure. */
void perry_engine_explain_mount_failure (GError *error);

/* Whether a container that was asked to have a read-only root can nevertheless write below /sys/fs/cgroup. On cgroup
 * version 1 the controllers are mounted read-only there, but on a tmpfs that runc and crun leave writable for root. Not
 * where the spec mounts something of its own there, nor with `privileged`, which is to reach everything. Pure. */
gboolean perry_engine_leaves_cgroups_writable (const PerryContainerSpec *spec, guint cgroup_version);

G_END_DECLS
