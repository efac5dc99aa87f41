/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-verify-mode.h"

#include "plugin-api/perry-verify-mode-private.h"

static const char *const names[] = {
  [PERRY_VERIFY_OFF] = "off",
  [PERRY_VERIFY_WARN] = "warn",
  [PERRY_VERIFY_ENFORCE] = "enforce",
};

static const struct {
  const char *word;
  PerryVerifyMode mode;
} words[] = {
  { "0", PERRY_VERIFY_OFF },
  { "off", PERRY_VERIFY_OFF },
  { "false", PERRY_VERIFY_OFF },
  { "no", PERRY_VERIFY_OFF },
  { "warn", PERRY_VERIFY_WARN },
  { "1", PERRY_VERIFY_ENFORCE },
  { "on", PERRY_VERIFY_ENFORCE },
  { "true", PERRY_VERIFY_ENFORCE },
  { "yes", PERRY_VERIFY_ENFORCE },
  { "enforce", PERRY_VERIFY_ENFORCE },
  { "strict", PERRY_VERIFY_ENFORCE },
};

gboolean
perry_verify_mode_from_text (const char *text, PerryVerifyMode *ret_mode)
{
  g_return_val_if_fail (text != NULL && ret_mode != NULL, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (words[i].word, text) == 0)
      {
        *ret_mode = words[i].mode;
        return TRUE;
      }
  return FALSE;
}

const char *
perry_verify_mode_get_name (PerryVerifyMode mode)
{
  return names[(guint) mode < G_N_ELEMENTS (names) ? mode : PERRY_VERIFY_ENFORCE];
}

const char *
perry_verify_mode_get_word (guint index)
{
  return index < G_N_ELEMENTS (words) ? words[index].word : NULL;
}
