/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugin-api/perry-field-compare-observed.h"
#include "plugin-api/perry-field-compare-reported.h"
#include "plugin-api/perry-spec-problems.h"

#define MAX_VALUE_CHARS 80

static PerryVerdict G_GNUC_PRINTF (3, 4)
decide (PerryVerdict verdict, GString *reason, const char *format, ...)
{
  va_list args;

  /* what contradicts is said alone, whatever was missing before it */
  if (verdict == PERRY_VERDICT_DIFFERS)
    g_string_truncate (reason, 0);
  va_start (args, format);
  g_string_append_vprintf (reason, format, args);
  va_end (args);
  return verdict;
}

static const PerryDevice *
find_device (GPtrArray *devices, const char *target)
{
  for (guint i = 0; i < devices->len; i++)
    if (g_str_equal (((PerryDevice *) g_ptr_array_index (devices, i))->target, target))
      return g_ptr_array_index (devices, i);
  return NULL;
}

/* An engine may tell the target alone; what it leaves empty it does not report. */
static PerryVerdict
compare_report (const PerryDevice *wanted, const PerryDevice *found, GString *reason)
{
  g_autofree char *target = perry_spec_quote (wanted->target);

  if (found == NULL)
    return decide (PERRY_VERDICT_DIFFERS, reason, "%s is missing", target);
  if (*found->source != '\0' && !g_str_equal (found->source, wanted->source))
    return decide (PERRY_VERDICT_DIFFERS, reason, "%s is another device", target);
  if (*found->permissions != '\0' && !g_str_equal (found->permissions, wanted->permissions))
    return decide (PERRY_VERDICT_DIFFERS, reason, "%s has other permissions", target);
  if (*found->source != '\0' && *found->permissions != '\0')
    return PERRY_VERDICT_PROVEN;
  if (reason->len == 0)
    g_string_append (reason, "the engine reports the path in the container and not all of the rest");
  return PERRY_VERDICT_UNPROVEN;
}

/* More than was asked for is as wrong as less: it opens the container. One that is privileged has them all. */
static const PerryDevice *
find_surplus (const PerryContainerSpec *asked, GPtrArray *wanted, GPtrArray *found)
{
  if (perry_container_spec_get_boolean (asked, PERRY_FIELD_PRIVILEGED))
    return NULL;
  for (guint i = 0; i < found->len; i++)
    if (find_device (wanted, ((PerryDevice *) g_ptr_array_index (found, i))->target) == NULL)
      return g_ptr_array_index (found, i);
  return NULL;
}

PerryVerdict
perry_field_compare_reported_devices (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  g_autoptr (GPtrArray) wanted = perry_container_spec_dup_devices (asked);
  g_autoptr (GPtrArray) found = perry_container_spec_dup_devices (reported);
  g_autofree char *text = perry_container_spec_format_value (reported, PERRY_FIELD_DEVICES);
  const PerryDevice *surplus = find_surplus (asked, wanted, found);
  PerryVerdict verdict = PERRY_VERDICT_PROVEN;

  if (text == NULL)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the engine does not report it");
  g_string_append (value, text);
  for (guint i = 0; i < wanted->len && verdict != PERRY_VERDICT_DIFFERS; i++)
    {
      const PerryDevice *device = g_ptr_array_index (wanted, i);
      PerryVerdict one = compare_report (device, find_device (found, device->target), reason);

      verdict = one == PERRY_VERDICT_PROVEN ? verdict : one;
    }
  if (verdict != PERRY_VERDICT_DIFFERS && surplus != NULL)
    {
      g_autofree char *target = perry_spec_quote (surplus->target);

      return decide (PERRY_VERDICT_DIFFERS, reason, "%s is there too and was not asked for", target);
    }
  return verdict;
}

static const PerryObservedDevice *
find_observed (const PerryObservation *observation, const char *target)
{
  for (guint i = 0; i < observation->devices->len; i++)
    if (g_str_equal (((PerryObservedDevice *) g_ptr_array_index (observation->devices, i))->target, target))
      return g_ptr_array_index (observation->devices, i);
  return NULL;
}

static gboolean
lacks (const char *letters, const char *wanted)
{
  return strspn (wanted, letters) < strlen (wanted);
}

/* To make a node gives no access to the device that it names, so `m` beyond what was asked for is no difference: runtimes
 * let every container make nodes. */
static gboolean
exceeds (const char *letters, const char *wanted)
{
  return (strchr (letters, 'r') != NULL && strchr (wanted, 'r') == NULL) ||
         (strchr (letters, 'w') != NULL && strchr (wanted, 'w') == NULL);
}

static PerryVerdict
compare_access (const PerryDevice *wanted, const PerryObservedDevice *found, const char *path, GString *reason)
{
  if (found->access == NULL)
    {
      if (reason->len == 0)
        g_string_append_printf (reason, "the node is the right one; its permissions: %s", found->access_reason);
      return PERRY_VERDICT_UNPROVEN;
    }
  if (lacks (found->access, wanted->permissions))
    return decide (PERRY_VERDICT_DIFFERS, reason, "%s may be used with the permissions “%s” alone", path, found->access);
  if (!exceeds (found->access, wanted->permissions))
    return PERRY_VERDICT_PROVEN;
  if (!perry_device_is_everybodys (found->kind, found->major_number, found->minor_number))
    return decide (PERRY_VERDICT_DIFFERS, reason, "%s may be used with the permissions “%s”", path, found->access);
  if (reason->len == 0)
    g_string_append_printf (reason, "every container may read and write %s", path);
  return PERRY_VERDICT_UNPROVEN;
}

static PerryVerdict
compare_node (const PerryDevice *wanted, const PerryObservedDevice *found, PerryMoment moment, GString *reason)
{
  g_autofree char *path = perry_spec_quote (wanted->target);

  if (found == NULL || (found->host_kind == 0 && found->kind != 0))
    return decide (PERRY_VERDICT_UNPROVEN, reason, "%s%s: %s", reason->len > 0 ? "; " : "", path,
                   found != NULL ? "the host's device cannot be looked at from here" : "was not looked at");
  if (found->kind == found->host_kind && found->kind != 0 && found->major_number == found->host_major_number &&
      found->minor_number == found->host_minor_number)
    return compare_access (wanted, found, path, reason);
  if (moment == PERRY_MOMENT_RUNNING)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "%sthe workload may have changed %s itself",
                   reason->len > 0 ? "; " : "", path);
  if (found->kind == 0)
    return decide (PERRY_VERDICT_DIFFERS, reason, "there is no device node %s", path);
  return decide (PERRY_VERDICT_DIFFERS, reason, "%s is the device %c %u:%u, not %c %u:%u", path, found->kind,
                 found->major_number, found->minor_number, found->host_kind, found->host_major_number,
                 found->host_minor_number);
}

static void
append_observed (GString *value, const PerryObservedDevice *device)
{
  if (device == NULL)
    return;
  if (value->len > 0)
    g_string_append (value, ", ");
  perry_spec_append_escaped (value, device->target, MAX_VALUE_CHARS);
  if (device->kind == 0)
    g_string_append (value, " none");
  else
    g_string_append_printf (value, " %c %u:%u%s%s", device->kind, device->major_number, device->minor_number,
                            device->access != NULL ? " " : "", device->access != NULL ? device->access : "");
}

PerryVerdict
perry_field_compare_observed_devices (const PerryContainerSpec *asked, const PerryObservation *observation,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  g_autoptr (GPtrArray) wanted = perry_container_spec_dup_devices (asked);
  PerryVerdict verdict = PERRY_VERDICT_PROVEN;

  if (!perry_field_has_facet (observation, PERRY_FACET_DEVICES, reason))
    return PERRY_VERDICT_UNPROVEN;
  for (guint i = 0; i < wanted->len; i++)
    {
      const PerryDevice *device = g_ptr_array_index (wanted, i);
      const PerryObservedDevice *found = find_observed (observation, device->target);
      PerryVerdict one;

      append_observed (value, found);
      if (verdict == PERRY_VERDICT_DIFFERS)
        continue;
      one = compare_node (device, found, observation->moment, reason);
      verdict = one == PERRY_VERDICT_PROVEN ? verdict : one;
    }
  return verdict;
}
