/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-field-level.h"

#include <string.h>

static PerrySupport
effective_support (PerrySupport support)
{
  return support == PERRY_SUPPORT_NOT_APPLICABLE ? PERRY_SUPPORT_UNSUPPORTED : support;
}

static char *
describe_cell (const PerryCapabilityMatrix *matrix, PerryCapability capability, PerrySupport support)
{
  const char *reason = perry_capability_matrix_get_reason (matrix, capability);
  const char *name = perry_capability_get_name (capability);

  if (reason != NULL && *reason != '\0')
    return g_strdup (reason);
  switch (support)
    {
    case PERRY_SUPPORT_PARTIAL:
      return g_strdup_printf ("the engine has %s only in part", name);
    case PERRY_SUPPORT_EMULATED:
      return g_strdup_printf ("%s is done outside the engine", name);
    default:
      return g_strdup_printf ("the engine has no %s", name);
    }
}

/* A worse answer replaces what was known; an equal one adds its reason. */
static void
lower (PerryFieldLevel *level, PerrySupport support, const char *reason)
{
  char *both;

  if (support > level->support || support == PERRY_SUPPORT_NATIVE)
    return;
  if (support < level->support)
    g_clear_pointer (&level->reason, g_free);
  level->support = support;
  if (level->reason != NULL && strstr (level->reason, reason) != NULL)
    return;
  both = level->reason != NULL ? g_strdup_printf ("%s; %s", level->reason, reason) : g_strdup (reason);
  g_free (level->reason);
  level->reason = both;
}

void
perry_field_level_init (PerryFieldLevel *level, PerryField field, const PerryContainerSpec *spec,
                        const PerryCapabilityMatrix *matrix, const PerryFieldSupport *support)
{
  const PerryFieldInfo *info = perry_field_get_info (field);
  PerryCapabilitySet required = info->required != NULL ? info->required (spec) : 0;
  PerrySupport answer;
  const char *reason;

  *level = (PerryFieldLevel){ .support = PERRY_SUPPORT_NATIVE };
  level->not_applicable = required != 0;
  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    {
      PerrySupport cell = effective_support (perry_capability_matrix_get_support (matrix, i));
      g_autofree char *text = NULL;

      if ((required & PERRY_CAPABILITY_BIT (i)) == 0)
        continue;
      if (cell == PERRY_SUPPORT_UNSUPPORTED)
        level->missing |= PERRY_CAPABILITY_BIT (i);
      level->not_applicable &= perry_capability_matrix_get_support (matrix, i) == PERRY_SUPPORT_NOT_APPLICABLE;
      text = describe_cell (matrix, i, cell);
      lower (level, cell, text);
    }
  if (!perry_field_support_get (support, field, &answer, &reason))
    return;
  level->refused_whole = effective_support (answer) == PERRY_SUPPORT_UNSUPPORTED;
  lower (level, effective_support (answer), reason != NULL ? reason : "the engine cannot do it for this container");
}

void
perry_field_level_clear (PerryFieldLevel *level)
{
  g_clear_pointer (&level->reason, g_free);
}
