/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-compare-reported.h"

/* The settings that a container has besides its isolation: the engine's report against what was asked. */

PerryVerdict
perry_field_compare_elements (const PerryContainerSpec *asked, const PerryContainerSpec *reported, PerryField field,
                              GString *value, GString *reason)
{
  g_autofree const char **wanted = perry_container_spec_get_strv (asked, field);
  g_autofree const char **found = perry_container_spec_get_strv (reported, field);
  g_autofree char *text = perry_container_spec_format_value (reported, field);

  if (found == NULL)
    {
      g_string_append (reason, "the engine does not report it");
      return PERRY_VERDICT_UNPROVEN;
    }
  g_string_append (value, text);
  for (gsize i = 0; wanted[i] != NULL; i++)
    if (!g_strv_contains (found, wanted[i]))
      {
        g_string_append_printf (reason, "%s is missing", wanted[i]);
        return PERRY_VERDICT_DIFFERS;
      }
  return PERRY_VERDICT_PROVEN;
}

PerryVerdict
perry_field_compare_reported_hostname (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                       const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_HOSTNAME, value, reason);
}

PerryVerdict
perry_field_compare_reported_stop_signal (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                          const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_STOP_SIGNAL, value, reason);
}

PerryVerdict
perry_field_compare_reported_stop_timeout (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                           const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_STOP_TIMEOUT, value, reason);
}

PerryVerdict
perry_field_compare_reported_shm_size (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                       const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_SHM_SIZE, value, reason);
}

PerryVerdict
perry_field_compare_reported_memory_swap (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                          const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_MEMORY_SWAP, value, reason);
}

PerryVerdict
perry_field_compare_reported_ulimits (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_included (asked, reported, PERRY_FIELD_ULIMITS, value, reason);
}

PerryVerdict
perry_field_compare_reported_sysctls (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_included (asked, reported, PERRY_FIELD_SYSCTLS, value, reason);
}

PerryVerdict
perry_field_compare_reported_group_add (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                        const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_elements (asked, reported, PERRY_FIELD_GROUP_ADD, value, reason);
}

PerryVerdict
perry_field_compare_reported_extra_hosts (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                          const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_elements (asked, reported, PERRY_FIELD_EXTRA_HOSTS, value, reason);
}

PerryVerdict
perry_field_compare_reported_dns (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                  const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_elements (asked, reported, PERRY_FIELD_DNS, value, reason);
}
