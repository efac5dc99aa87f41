/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-readers.h"

#include <string.h>

/* `docker-default (enforce)` or `unconfined`; a profile's name may hold blanks. */
gboolean
perry_proof_parse_apparmor (const char *text, char **ret_profile, char **ret_mode)
{
  g_autofree char *label = g_strstrip (g_strdup (text));
  char *open = strrchr (label, '(');
  gsize length = strlen (label);

  if (length == 0 || !g_utf8_validate (label, -1, NULL))
    return FALSE;

  *ret_mode = NULL;
  if (open != NULL && open > label + 1 && open[-1] == ' ' && label[length - 1] == ')')
    {
      label[length - 1] = '\0';
      *ret_mode = g_strdup (open + 1);
      open[-1] = '\0';
    }
  *ret_profile = g_steal_pointer (&label);
  return TRUE;
}

/* `user:role:type:level`; an AppArmor profile can hold colons (of its namespace), but not with a mode behind it
 * here. */
gboolean
perry_proof_label_is_selinux (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", -1);
  guint n = g_strv_length (parts);

  if (n < 3 || strchr (text, ' ') != NULL || strchr (text, '/') != NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (*parts[i] == '\0')
      return FALSE;
  return TRUE;
}
