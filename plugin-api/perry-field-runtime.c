/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugin-api/perry-field-check.h"
#include "plugin-api/perry-field-compare-observed.h"
#include "plugin-api/perry-field-compare-reported.h"
#include "plugin-api/perry-spec-problems.h"

#define MAX_VALUE_CHARS 80

GVariant *
perry_field_check_runtime (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  const char *text = g_variant_get_string (value, NULL);

  if (perry_field_is_engine_name (text))
    return value;
  if (strchr (text, '/') != NULL)
    perry_spec_problems_add_about (problems, path, text, "is a path; register the program in the engine's configuration "
                                   "and write the name that it has there");
  else
    perry_spec_problems_add_about (problems, path, text, "is not the name of an OCI runtime, such as runc");
  return NULL;
}

PerryVerdict
perry_field_compare_reported_runtime (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_equal (asked, reported, PERRY_FIELD_RUNTIME, value, reason);
}

/* A name is the engine's own and can stand for any program, but nobody calls one of these two by the other's name. */
static gboolean
names_program (const char *runtime)
{
  return g_str_equal (runtime, "runc") || g_str_equal (runtime, "crun");
}

PerryVerdict
perry_field_compare_observed_runtime (const PerryContainerSpec *asked, const PerryObservation *observation,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  const char *wanted = perry_container_spec_get_string (asked, PERRY_FIELD_RUNTIME);

  if (!perry_field_has_facet (observation, PERRY_FACET_RUNTIME, reason))
    return PERRY_VERDICT_UNPROVEN;
  perry_spec_append_escaped (value, observation->runtime, MAX_VALUE_CHARS);
  if (g_str_equal (observation->runtime, wanted))
    return PERRY_VERDICT_PROVEN;
  if (names_program (wanted))
    {
      g_string_append_printf (reason, "the container was made by %s", observation->runtime);
      return PERRY_VERDICT_DIFFERS;
    }
  g_string_append_printf (reason, "the program is %s, and only the engine knows what it calls that",
                          observation->runtime);
  return PERRY_VERDICT_UNPROVEN;
}
