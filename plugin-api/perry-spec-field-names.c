/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-spec-fields.h"

const char *
perry_field_get_name (PerryField field)
{
  g_return_val_if_fail ((guint) field < PERRY_FIELD_LAST, NULL);
  return perry_field_get_info (field)->name;
}

/* Compares `memLimit` with `mem_limit`: only the names themselves have their camelCase in the table. */
static gboolean
equals_in_camel_case (const char *camel, const char *snake)
{
  while (*camel != '\0' && *snake != '\0')
    {
      gboolean is_new_word = *snake == '_';

      snake += is_new_word ? 1 : 0;
      if (*camel != (is_new_word ? g_ascii_toupper (*snake) : *snake))
        return FALSE;
      camel++;
      snake++;
    }
  return *camel == *snake;
}

gboolean
perry_field_from_name (const char *name, PerryField *ret_field)
{
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ret_field != NULL, FALSE);

  for (int i = 0; i < PERRY_FIELD_LAST; i++)
    {
      const PerryFieldInfo *info = perry_field_get_info (i);

      if (g_str_equal (name, info->name) || g_str_equal (name, info->camel_case) ||
          (info->alias != NULL && (g_str_equal (name, info->alias) || equals_in_camel_case (name, info->alias))))
        {
          *ret_field = i;
          return TRUE;
        }
    }
  return FALSE;
}

const char *
perry_field_nearest (const char *name)
{
  const char *known[3 * PERRY_FIELD_LAST + 1];
  const char *nearest;
  PerryField field;
  guint n_known = 0;

  g_return_val_if_fail (name != NULL, NULL);

  for (int i = 0; i < PERRY_FIELD_LAST; i++)
    {
      const PerryFieldInfo *info = perry_field_get_info (i);

      known[n_known++] = info->name;
      known[n_known++] = info->camel_case;
      if (info->alias != NULL)
        known[n_known++] = info->alias;
    }
  known[n_known] = NULL;

  nearest = perry_json_nearest_key (name, known);
  return nearest != NULL && perry_field_from_name (nearest, &field) ? perry_field_get_name (field) : NULL;
}
