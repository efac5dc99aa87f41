/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
gboolean perry_seccomp_profile_within (const char *profile, const char *limit, GError **error);
