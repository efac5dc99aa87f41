/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-compare-observed.h"

#include <math.h>
#include <unistd.h>

#include "plugin-api/perry-field-value.h"

#define CPU_TOLERANCE 0.01

static PerryVerdict
judge (gboolean equal, gboolean limited, GString *reason)
{
  if (equal)
    return PERRY_VERDICT_PROVEN;
  g_string_append (reason, limited ? "another limit is in force" : "no limit is in force");
  return PERRY_VERDICT_DIFFERS;
}

PerryVerdict
perry_field_compare_observed_memory (const PerryContainerSpec *asked, const PerryObservation *observation,
                                     const PerryCompareContext *context, GString *value, GString *reason)
{
  gint64 wanted = perry_container_spec_get_int64 (asked, PERRY_FIELD_MEMORY, 0);
  gint64 found = observation->memory_max;
  gint64 page = sysconf (_SC_PAGESIZE);
  g_autofree char *text = NULL;

  if (!perry_field_has_facet (observation, PERRY_FACET_MEMORY, reason))
    return PERRY_VERDICT_UNPROVEN;
  text = found >= 0 ? perry_field_format_size (found) : g_strdup ("no limit");
  g_string_append (value, text);
  /* The kernel counts in pages and rounds down. */
  return judge (found <= wanted && found > wanted - page, found >= 0, reason);
}

PerryVerdict
perry_field_compare_observed_memory_swap (const PerryContainerSpec *asked, const PerryObservation *observation,
                                          const PerryCompareContext *context, GString *value, GString *reason)
{
  gint64 wanted = perry_container_spec_get_int64 (asked, PERRY_FIELD_MEMORY_SWAP, 0);
  gint64 found = observation->memory_swap_max;
  gint64 page = sysconf (_SC_PAGESIZE);
  g_autofree char *text = NULL;

  if (!perry_field_has_facet (observation, PERRY_FACET_MEMORY_SWAP, reason))
    return PERRY_VERDICT_UNPROVEN;
  text = found >= 0 ? perry_field_format_size (found) : g_strdup ("no limit");
  g_string_append (value, text);
  if (wanted < 0)
    return judge (found < 0, found >= 0, reason);
  return judge (found <= wanted && found > wanted - page, found >= 0, reason);
}

PerryVerdict
perry_field_compare_observed_cpus (const PerryContainerSpec *asked, const PerryObservation *observation,
                                   const PerryCompareContext *context, GString *value, GString *reason)
{
  double wanted = perry_container_spec_get_double (asked, PERRY_FIELD_CPUS, 0);
  gboolean limited = observation->cpu_quota_us > 0 && observation->cpu_period_us > 0;
  double found = limited ? (double) observation->cpu_quota_us / (double) observation->cpu_period_us : 0;
  g_autofree char *text = NULL;

  if (!perry_field_has_facet (observation, PERRY_FACET_CPU, reason))
    return PERRY_VERDICT_UNPROVEN;
  text = limited ? perry_field_format_number (found) : g_strdup ("no limit");
  g_string_append (value, text);
  return judge (limited && fabs (found - wanted) <= wanted * CPU_TOLERANCE, limited, reason);
}

PerryVerdict
perry_field_compare_observed_pids_limit (const PerryContainerSpec *asked, const PerryObservation *observation,
                                         const PerryCompareContext *context, GString *value, GString *reason)
{
  gint64 wanted = perry_container_spec_get_int64 (asked, PERRY_FIELD_PIDS_LIMIT, 0);
  gint64 found = observation->pids_max;

  if (!perry_field_has_facet (observation, PERRY_FACET_PIDS, reason))
    return PERRY_VERDICT_UNPROVEN;
  if (found >= 0)
    g_string_append_printf (value, "%" G_GINT64_FORMAT, found);
  else
    g_string_append (value, "no limit");
  return judge (found == wanted, found >= 0, reason);
}
