/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/* Whether the text of a containers.conf chooses an OCI runtime: it sets `runtime`, or says where crun is. Pure. */
gboolean perry_podman_config_sets_runtime (const char *text);

/* Which runtime a private service has to be started with; NULL for Podman's own choice.
 *
 * That choice is crun where it is installed, and crun refuses a `unified` tree that has controllers beside cgroup
 * version 1. There runc is used, unless @configured or a configuration file chooses.
 *
 * @configured: the plugin's option, NULL or empty for none
 * @cgroup_root: /sys/fs/cgroup
 * @ret_reason: why runc was chosen, NULL where nothing was
 *
 * Errors: PERRY_ERROR_BACKEND_NOT_AVAILABLE where runc is needed and not installed. */
gboolean perry_podman_choose_runtime (const char *configured, const char *cgroup_root, char **ret_runtime,
                                      char **ret_reason, GError **error);

G_END_DECLS
