/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-adjustment.h"

G_DEFINE_BOXED_TYPE (PerryAdjustment, perry_adjustment, perry_adjustment_copy, perry_adjustment_free)

static const char *const kind_names[] = {
  [PERRY_ADJUSTMENT_DROPPED] = "dropped",
  [PERRY_ADJUSTMENT_PARTIAL] = "partial",
  [PERRY_ADJUSTMENT_EMULATED] = "emulated",
  [PERRY_ADJUSTMENT_ADDED] = "added",
  [PERRY_ADJUSTMENT_UNPROVEN] = "unproven",
  [PERRY_ADJUSTMENT_NOT_APPLICABLE] = "not-applicable",
};

const char *
perry_adjustment_kind_get_name (PerryAdjustmentKind kind)
{
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (kind_names), "unknown");

  return kind_names[kind];
}

PerryAdjustment *
perry_adjustment_new (PerryAdjustmentKind kind, PerryField field, const char *value, const char *reason,
                      gboolean printed)
{
  PerryAdjustment *adjustment;

  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (kind_names), NULL);
  g_return_val_if_fail ((guint) field < PERRY_FIELD_LAST, NULL);
  g_return_val_if_fail (reason != NULL, NULL);

  adjustment = g_new0 (PerryAdjustment, 1);
  adjustment->kind = kind;
  adjustment->field = field;
  adjustment->value = g_strdup (value);
  adjustment->reason = g_strdup (reason);
  adjustment->printed = printed;
  return adjustment;
}

PerryAdjustment *
perry_adjustment_copy (const PerryAdjustment *adjustment)
{
  return perry_adjustment_new (adjustment->kind, adjustment->field, adjustment->value, adjustment->reason,
                               adjustment->printed);
}

void
perry_adjustment_free (PerryAdjustment *adjustment)
{
  if (adjustment == NULL)
    return;
  g_free (adjustment->value);
  g_free (adjustment->reason);
  g_free (adjustment);
}

void
perry_adjustment_log (const PerryAdjustment *adjustment, const char *backend, const char *service)
{
  const char *field = perry_field_get_name (adjustment->field);
  const char *action = perry_adjustment_kind_get_name (adjustment->kind);
  g_autofree char *message = NULL;

  g_return_if_fail (backend != NULL);

  message = g_strdup_printf ("%s%s%s: %s %s: %s", backend, service != NULL ? ": " : "", service != NULL ? service : "",
                             field, action, adjustment->reason);
  {
    /* PRIORITY 5 is syslog's notice, as GLib maps MESSAGE */
    const GLogField fields[] = {
      { "MESSAGE", message, -1 },
      { "PRIORITY", "5", -1 },
      { "GLIB_DOMAIN", G_LOG_DOMAIN, -1 },
      { "BACKEND", backend, -1 },
      { "SERVICE", service != NULL ? service : "", -1 },
      { "FIELD", field, -1 },
      { "ACTION", action, -1 },
      { "REASON", adjustment->reason, -1 },
      { "PRINTED", adjustment->printed ? "1" : "0", -1 },
    };

    g_log_structured_array (G_LOG_LEVEL_MESSAGE, fields, G_N_ELEMENTS (fields));
  }
}
