/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-compare-reported.h"
#include "plugin-api/perry-healthcheck.h"

static gboolean
is_kept (gint64 asked, gint64 reported)
{
  return asked < 0 || asked == reported;
}

/* None is the shortest time to an engine that takes 0 for the image's. */
static gboolean
is_start_period_kept (gint64 asked, gint64 reported)
{
  return is_kept (asked, reported) || (asked == 0 && reported == PERRY_HEALTH_LEAST_TIME_US);
}

static gboolean
is_same_test (char **asked, char **reported)
{
  if (asked == NULL)
    return TRUE;
  return reported != NULL && g_strv_equal ((const char *const *) asked, (const char *const *) reported);
}

/* An engine whose probes are run by the core knows no interval, and one before start intervals reports none of those. */
static gboolean
is_told (const PerryHealthcheck *asked, const PerryHealthcheck *reported, GString *reason)
{
  if (asked->disable)
    return TRUE;
  if (reported->interval_us < 0 && (asked->interval_us >= 0 || asked->test != NULL))
    g_string_append (reason, "the engine reports no interval, so it does not make the probes itself");
  else if (reported->start_interval_us < 0 && asked->start_interval_us >= 0)
    g_string_append (reason, "the engine does not report the start interval");
  return reason->len == 0;
}

/* What the spec leaves open is the image's or the engine's. */
PerryVerdict
perry_field_compare_reported_healthcheck (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                          const PerryCompareContext *context, GString *value, GString *reason)
{
  g_autoptr (PerryHealthcheck) wanted = perry_container_spec_dup_healthcheck (asked);
  g_autoptr (PerryHealthcheck) found = perry_container_spec_dup_healthcheck (reported);
  g_autofree char *text = perry_container_spec_format_value (reported, PERRY_FIELD_HEALTHCHECK);

  if (found == NULL)
    {
      g_string_append (reason, "the engine does not report it");
      return PERRY_VERDICT_UNPROVEN;
    }
  g_string_append (value, text);
  if (wanted->disable == found->disable && is_same_test (wanted->test, found->test) &&
      (found->interval_us < 0 || is_kept (wanted->interval_us, found->interval_us)) &&
      is_kept (wanted->timeout_us, found->timeout_us) && is_kept (wanted->retries, found->retries) &&
      is_start_period_kept (wanted->start_period_us, found->start_period_us) &&
      (found->start_interval_us < 0 || is_kept (wanted->start_interval_us, found->start_interval_us)))
    return is_told (wanted, found, reason) ? PERRY_VERDICT_PROVEN : PERRY_VERDICT_UNPROVEN;
  g_string_append (reason, "the engine reports something else");
  return PERRY_VERDICT_DIFFERS;
}

PerryVerdict
perry_field_compare_reported_restart (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_RESTART, value, reason);
}
