/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-check.h"
#include "plugin-api/perry-field-compare-observed.h"
#include "plugin-api/perry-field-compare-reported.h"
#include "plugin-api/perry-spec-problems.h"

#define CONTAINER "container:"

/* The four fields that say in which namespace a container is: what they may be, and how that is proven. */

static GVariant *
check_mode (GVariant *value, const char *path, PerrySpecProblems *problems, gboolean shareable, gboolean container)
{
  const char *text = g_variant_get_string (value, NULL);

  if (g_str_equal (text, "private") || g_str_equal (text, "host") || (shareable && g_str_equal (text, "shareable")))
    return value;
  if (container && g_str_has_prefix (text, CONTAINER) && perry_field_is_engine_name (text + strlen (CONTAINER)))
    return value;
  if (g_str_has_prefix (text, "service:"))
    perry_spec_problems_add_unavailable (problems, path, "sharing a service's namespace");
  else
    perry_spec_problems_add_about (problems, path, text, "is not private%s%s", shareable ? ", shareable" : "",
                                   container ? ", host or container:NAME" : " or host");
  return NULL;
}

GVariant *
perry_field_check_pid (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  return check_mode (value, path, problems, FALSE, TRUE);
}

GVariant *
perry_field_check_ipc (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  return check_mode (value, path, problems, TRUE, TRUE);
}

GVariant *
perry_field_check_uts (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  return check_mode (value, path, problems, FALSE, FALSE);
}

GVariant *
perry_field_check_userns (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  return check_mode (value, path, problems, FALSE, FALSE);
}

/* An engine may name the other container by its id. */
static PerryVerdict
compare_reported (const PerryContainerSpec *asked, const PerryContainerSpec *reported, PerryField field, GString *value,
                  GString *reason)
{
  const char *wanted = perry_container_spec_get_string (asked, field);
  const char *found = perry_container_spec_get_string (reported, field);

  if (found == NULL || g_str_equal (wanted, found) || !g_str_has_prefix (wanted, CONTAINER) ||
      !g_str_has_prefix (found, CONTAINER))
    return perry_field_compare_equal (asked, reported, field, value, reason);
  perry_spec_append_escaped (value, found, 80);
  g_string_append (reason, "the engine reports the other container by another name");
  return PERRY_VERDICT_UNPROVEN;
}

static PerryVerdict
compare_observed (const PerryContainerSpec *asked, PerryField field, const PerryObservation *observation,
                  PerryNamespaceKind kind, GString *value, GString *reason)
{
  PerryNamespaceRelation relation = perry_observation_compare_namespace (observation, kind);
  const char *wanted = perry_container_spec_get_string (asked, field);
  gboolean is_host = g_str_equal (wanted, "host");

  if (relation == PERRY_NAMESPACE_UNKNOWN)
    {
      if (perry_field_has_facet (observation, PERRY_FACET_NAMESPACES, reason))
        g_string_append (reason, "the namespace could not be read");
      return PERRY_VERDICT_UNPROVEN;
    }
  g_string_append (value, relation == PERRY_NAMESPACE_SHARED ? "the host's namespace" : "another namespace");
  if (!is_host && relation == PERRY_NAMESPACE_SHARED)
    {
      g_string_append (reason, "the namespace is the host's");
      return PERRY_VERDICT_DIFFERS;
    }
  if (is_host == (relation == PERRY_NAMESPACE_SHARED) && !g_str_has_prefix (wanted, CONTAINER))
    return PERRY_VERDICT_PROVEN;
  /* Engine and program need not be in the same namespace, and a number does not say whose one is. */
  g_string_append (reason, is_host ? "the namespace is not this program's; it may be the engine's"
                                   : "whose namespace it is cannot be seen");
  return PERRY_VERDICT_UNPROVEN;
}

PerryVerdict
perry_field_compare_reported_pid (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                  const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_reported (asked, reported, PERRY_FIELD_PID, value, reason);
}

PerryVerdict
perry_field_compare_observed_pid (const PerryContainerSpec *asked, const PerryObservation *observation,
                                  const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_observed (asked, PERRY_FIELD_PID, observation, PERRY_NAMESPACE_PID, value, reason);
}

PerryVerdict
perry_field_compare_reported_ipc (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                  const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_reported (asked, reported, PERRY_FIELD_IPC, value, reason);
}

PerryVerdict
perry_field_compare_observed_ipc (const PerryContainerSpec *asked, const PerryObservation *observation,
                                  const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_observed (asked, PERRY_FIELD_IPC, observation, PERRY_NAMESPACE_IPC, value, reason);
}

PerryVerdict
perry_field_compare_reported_uts (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                  const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_reported (asked, reported, PERRY_FIELD_UTS, value, reason);
}

PerryVerdict
perry_field_compare_observed_uts (const PerryContainerSpec *asked, const PerryObservation *observation,
                                  const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_observed (asked, PERRY_FIELD_UTS, observation, PERRY_NAMESPACE_UTS, value, reason);
}

PerryVerdict
perry_field_compare_reported_userns (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                     const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_reported (asked, reported, PERRY_FIELD_USERNS, value, reason);
}

PerryVerdict
perry_field_compare_observed_userns (const PerryContainerSpec *asked, const PerryObservation *observation,
                                     const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_observed (asked, PERRY_FIELD_USERNS, observation, PERRY_NAMESPACE_USER, value, reason);
}
