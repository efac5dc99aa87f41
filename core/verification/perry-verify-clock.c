/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-verify-clock.h"

gint64
perry_verify_clock_now (char **ret_text)
{
  gint64 now = g_get_real_time ();

  if (ret_text != NULL)
    {
      g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC);
      g_autofree char *seconds = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");

      *ret_text = g_strdup_printf ("%s.%03dZ", seconds, (int) (now % G_USEC_PER_SEC / 1000));
    }
  return now;
}
