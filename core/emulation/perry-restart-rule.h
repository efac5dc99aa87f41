/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-healthcheck.h"

G_BEGIN_DECLS

/* Whether a container that has ended by itself with @exit_code, after it was started again @restart_count times, will be
 * started again by its policy. @tries is 0 for no limit. Pure. */
gboolean perry_restart_rule_applies (PerryRestartPolicy policy, gint64 tries, gint64 exit_code, gint64 restart_count);

G_END_DECLS
