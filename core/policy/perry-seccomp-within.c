/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-seccomp-within.h"
#include "plugin-api/perry-error.h"
gboolean
perry_seccomp_profile_within (const char *profile, const char *limit, GError **error)
{
  if (g_strcmp0 (profile, limit) == 0)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC, "allows more");
  return FALSE;
}
