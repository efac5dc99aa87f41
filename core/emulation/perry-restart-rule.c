/* SPDX-License-Identifier: Apache-2.0 */
#include "core/emulation/perry-restart-rule.h"

gboolean
perry_restart_rule_applies (PerryRestartPolicy policy, gint64 tries, gint64 exit_code, gint64 restart_count)
{
  switch (policy)
    {
    case PERRY_RESTART_ALWAYS:
    case PERRY_RESTART_UNLESS_STOPPED:
      return TRUE;
    case PERRY_RESTART_ON_FAILURE:
      return exit_code != 0 && (tries == 0 || restart_count < tries);
    case PERRY_RESTART_NO:
    default:
      return FALSE;
    }
}
