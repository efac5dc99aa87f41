/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/**
 * PerryEngineCgroups:
 * @name: the directory in which an engine with the cgroupfs driver puts its containers: `docker`
 * @leaf: (nullable): what stands before the id there: `libpod-`
 * @scope: what stands before the id in the name of a systemd scope, without the dash: `docker`
 * @slice: the systemd slice of an engine that runs as root: `system.slice`
 * @version: 1 or 2; 0 gives the paths of both
 * @driver: (nullable): `cgroupfs` or `systemd`; NULL gives the paths of both
 * @rootless_uid: whose the engine is where it is rootless, -1 where it is not
 * @known_path: (nullable): the path that the engine reports, from the root of a hierarchy and without a leading slash
 *
 * How an engine names its containers' cgroups.
 *
 * Since: 0.1
 */
typedef struct {
  const char *name;
  const char *leaf;
  const char *scope;
  const char *slice;
  guint version;
  const char *driver;
  gint64 rootless_uid;
  const char *known_path;
} PerryEngineCgroups;

/* The directories below /sys/fs/cgroup where a container's processes may appear, the likeliest first. Pure. */
char **perry_engine_cgroup_paths (const PerryEngineCgroups *cgroups, const char *id);

/* Says whether the process is one of this kernel and can be seen from here: `engine_pid` has to be set. */
void perry_engine_locate_kernel (PerryProcessLocation *location, const char *engine_kernel);

G_END_DECLS
