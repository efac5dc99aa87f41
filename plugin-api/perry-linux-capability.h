/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "plugin-api/perry-export.h"

G_BEGIN_DECLS

/**
 * PerryLinuxCapabilities:
 *
 * A set of Linux capabilities as the kernel prints it in /proc/PID/status: bit n is the capability number n of
 * capabilities(7).
 *
 * Since: 0.1
 */
typedef guint64 PerryLinuxCapabilities;

/**
 * perry_linux_capability_parse:
 * @text: a name with or without `CAP_`, in any case
 * @ret_number: (out): the capability's number, untouched on failure
 *
 * Looks a capability up in libcap's list.
 *
 * Returns: whether the name is known; `ALL` is not a capability
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_linux_capability_parse (const char *text, guint *ret_number);

/**
 * perry_linux_capability_get_name:
 * @number: a capability's number
 *
 * Gets the name that engines and Compose use, without `CAP_`: `NET_ADMIN`.
 *
 * Returns: (transfer full) (nullable): the name, %NULL for a number that libcap does not know
 *
 * Since: 0.1
 */
PERRY_API char *perry_linux_capability_get_name (guint number);

/**
 * perry_linux_capability_nearest:
 * @text: a name that is not known
 *
 * Finds the known name that is nearest to a misspelt one.
 *
 * Returns: (transfer full) (nullable): a name without `CAP_`
 *
 * Since: 0.1
 */
PERRY_API char *perry_linux_capability_nearest (const char *text);

/**
 * perry_linux_capabilities_all:
 *
 * Gets every capability that libcap knows.
 *
 * Returns: a full set
 *
 * Since: 0.1
 */
PERRY_API PerryLinuxCapabilities perry_linux_capabilities_all (void);

/**
 * perry_linux_capabilities_from_names:
 * @names: (array zero-terminated=1) (nullable): names, `ALL` included; unknown ones are skipped
 *
 * Collects a set from names, for instance from an engine's report.
 *
 * Returns: the set
 *
 * Since: 0.1
 */
PERRY_API PerryLinuxCapabilities perry_linux_capabilities_from_names (const char *const *names);

/**
 * perry_linux_capabilities_to_text:
 * @set: a set
 *
 * Prints a set for people: `none`, `all`, or names in the kernel's order with blanks between.
 *
 * Returns: (transfer full): the text
 *
 * Since: 0.1
 */
PERRY_API char *perry_linux_capabilities_to_text (PerryLinuxCapabilities set);

G_END_DECLS
