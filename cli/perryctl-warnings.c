/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-warnings.h"

#include "cli/perryctl-log.h"
#include "cli/perryctl-output.h"

void
perryctl_warnings_print (const PerryRunResult *result)
{
  for (guint i = 0; i < result->adjustments->len; i++)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (result->adjustments, i);
      const char *field = perry_field_get_name (adjustment->field);
      const char *action = perry_adjustment_kind_get_name (adjustment->kind);
      g_autofree char *message = NULL;

      if (!adjustment->printed || perryctl_log_has_said (field, action))
        continue;
      message = g_strdup_printf ("%s: %s %s: %s", result->backend, field, action, adjustment->reason);
      perryctl_output_print_error ("warning", message);
    }
  for (char **warning = result->warnings; warning != NULL && *warning != NULL; warning++)
    {
      g_autofree char *message = g_strdup_printf ("%s: %s", result->backend, *warning);

      perryctl_output_print_error ("warning", message);
    }
}
