/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-compare-observed.h"

#include <unistd.h>

#include "plugin-api/perry-field-value.h"
#include "plugin-api/perry-spec-problems.h"

#define MAX_VALUE_CHARS 80

static PerryVerdict G_GNUC_PRINTF (3, 4)
decide (PerryVerdict verdict, GString *reason, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (reason, format, args);
  va_end (args);
  return verdict;
}

PerryVerdict
perry_field_compare_observed_hostname (const PerryContainerSpec *asked, const PerryObservation *observation,
                                       const PerryCompareContext *context, GString *value, GString *reason)
{
  const char *hostname = perry_container_spec_get_string (asked, PERRY_FIELD_HOSTNAME);

  if (!perry_field_has_facet (observation, PERRY_FACET_HOSTNAME, reason))
    return PERRY_VERDICT_UNPROVEN;
  if (observation->hostname == NULL)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the container has no host name file");
  perry_spec_append_escaped (value, observation->hostname, MAX_VALUE_CHARS);
  if (g_str_equal (observation->hostname, hostname))
    return PERRY_VERDICT_PROVEN;
  if (observation->moment == PERRY_MOMENT_RUNNING)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the workload may have changed the file itself");
  return decide (PERRY_VERDICT_DIFFERS, reason, "the host name is another one");
}

static gboolean
has_group (const PerryObservation *observation, gint64 gid)
{
  for (guint i = 0; i < observation->groups->len; i++)
    if (g_array_index (observation->groups, gint64, i) == gid)
      return TRUE;
  return observation->gid[1] == gid;
}

PerryVerdict
perry_field_compare_observed_group_add (const PerryContainerSpec *asked, const PerryObservation *observation,
                                        const PerryCompareContext *context, GString *value, GString *reason)
{
  g_autofree const char **groups = perry_container_spec_get_strv (asked, PERRY_FIELD_GROUP_ADD);

  if (!perry_field_has_facet (observation, PERRY_FACET_GROUPS, reason))
    return PERRY_VERDICT_UNPROVEN;
  g_string_append_printf (value, "%u supplementary groups", observation->groups->len);
  for (gsize i = 0; groups[i] != NULL; i++)
    {
      gint64 gid;

      if (!perry_field_lookup_group (observation, groups[i], &gid))
        return decide (PERRY_VERDICT_UNPROVEN, reason, "the container's group file does not have “%s”", groups[i]);
      if (has_group (observation, gid))
        continue;
      if (observation->moment == PERRY_MOMENT_RUNNING)
        return decide (PERRY_VERDICT_UNPROVEN, reason, "the workload may have left the group %s itself", groups[i]);
      return decide (PERRY_VERDICT_DIFFERS, reason, "the process is not in the group %s", groups[i]);
    }
  return PERRY_VERDICT_PROVEN;
}

PerryVerdict
perry_field_compare_observed_shm_size (const PerryContainerSpec *asked, const PerryObservation *observation,
                                       const PerryCompareContext *context, GString *value, GString *reason)
{
  gint64 wanted = perry_container_spec_get_int64 (asked, PERRY_FIELD_SHM_SIZE, 0);
  gint64 page = sysconf (_SC_PAGESIZE);
  const PerryObservedMount *mount;
  const char *text;
  gint64 found;

  if (!perry_field_has_facet (observation, PERRY_FACET_MOUNTS, reason))
    return PERRY_VERDICT_UNPROVEN;
  mount = perry_observation_find_mount (observation, "/dev/shm");
  text = mount != NULL ? perry_observed_mount_get_option (mount, "size") : NULL;
  if (text == NULL || !perry_field_parse_size (text, &found))
    {
      g_string_append (value, "no limited /dev/shm");
      return decide (PERRY_VERDICT_DIFFERS, reason, "no file system of a known size is mounted at /dev/shm");
    }
  g_string_append (value, text);
  /* The kernel rounds up to whole pages. */
  if (found >= wanted && found - wanted < page)
    return PERRY_VERDICT_PROVEN;
  return decide (PERRY_VERDICT_DIFFERS, reason, "/dev/shm has another size");
}

static void
append_limit (GString *value, guint64 limit)
{
  if (limit == G_MAXUINT64)
    g_string_append (value, "unlimited");
  else
    g_string_append_printf (value, "%" G_GUINT64_FORMAT, limit);
}

static PerryVerdict
compare_ulimit (const char *name, const char *wanted, const PerryObservation *observation, GString *value,
                GString *reason)
{
  const PerryObservedRlimit *found = perry_observation_find_rlimit (observation, name);
  char *end;
  gint64 soft = g_ascii_strtoll (wanted, &end, 10);
  gint64 hard = *end == ':' ? g_ascii_strtoll (end + 1, NULL, 10) : soft;

  if (found == NULL)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the kernel shows no limit %s", name);
  g_string_append_printf (value, "%s%s=", value->len > 0 ? ", " : "", name);
  append_limit (value, found->soft);
  g_string_append_c (value, ':');
  append_limit (value, found->hard);
  /* -1 becomes the kernel's own number for unlimited. */
  if (found->soft == (guint64) soft && found->hard == (guint64) hard)
    return PERRY_VERDICT_PROVEN;
  if (observation->moment == PERRY_MOMENT_RUNNING)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "the workload may have changed its limit %s itself", name);
  return decide (PERRY_VERDICT_DIFFERS, reason, "the limit %s is another one", name);
}

PerryVerdict
perry_field_compare_observed_ulimits (const PerryContainerSpec *asked, const PerryObservation *observation,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  PerryVerdict worst = PERRY_VERDICT_PROVEN;
  const char *name, *wanted;
  GVariantIter iter;

  if (!perry_field_has_facet (observation, PERRY_FACET_RLIMITS, reason))
    return PERRY_VERDICT_UNPROVEN;
  g_variant_iter_init (&iter, perry_container_spec_get_value (asked, PERRY_FIELD_ULIMITS));
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &wanted))
    {
      PerryVerdict verdict = compare_ulimit (name, wanted, observation, value, reason);

      if (verdict == PERRY_VERDICT_DIFFERS)
        return verdict;
      if (verdict == PERRY_VERDICT_UNPROVEN)
        worst = verdict;
    }
  if (value->len == 0)
    g_string_append (value, "none");
  return worst;
}

/* A workload in a virtual machine is a process of another kernel: one that this kernel shows in the container's place, its
 * first process with its ids, is the contrary. */
PerryVerdict
perry_field_compare_observed_tier (const PerryContainerSpec *asked, const PerryObservation *observation,
                                   const PerryCompareContext *context, GString *value, GString *reason)
{
  if (perry_observation_get_missing_reason (observation, PERRY_FACET_IDS) != NULL)
    return decide (PERRY_VERDICT_UNPROVEN, reason, "this kernel shows no first process of the container, and what runs "
                   "in a virtual machine it cannot show");
  g_string_append_printf (value, "process %d of this kernel, user %" G_GINT64_FORMAT, observation->pid,
                          observation->uid[1]);
  return decide (PERRY_VERDICT_DIFFERS, reason, "the workload is not in a virtual machine: the container's first process "
                 "is an ordinary process of this kernel, whatever the runtime is called");
}
