/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-registry-digest.h"

#include <string.h>

#include "plugin-api/perry-error.h"

#define MAX_MESSAGE_TEXT 200

static const struct {
  const char *prefix;
  GChecksumType type;
  gsize n_digits;
} algorithms[] = {
  { "sha256:", G_CHECKSUM_SHA256, 64 },
  { "sha384:", G_CHECKSUM_SHA384, 96 },
  { "sha512:", G_CHECKSUM_SHA512, 128 },
};

gboolean
perry_registry_digest_is_valid (const char *text)
{
  for (gsize i = 0; i < G_N_ELEMENTS (algorithms) && text != NULL; i++)
    {
      const char *digits = text + strlen (algorithms[i].prefix);

      if (g_str_has_prefix (text, algorithms[i].prefix))
        return strlen (digits) == algorithms[i].n_digits && strspn (digits, "0123456789abcdef") == algorithms[i].n_digits;
    }
  return FALSE;
}

char *
perry_registry_digest_compute (GBytes *bytes, const char *like)
{
  gsize chosen = 0;
  g_autofree char *digits = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (algorithms) && like != NULL; i++)
    if (g_str_has_prefix (like, algorithms[i].prefix))
      chosen = i;
  digits = g_compute_checksum_for_bytes (algorithms[chosen].type, bytes);
  return g_strconcat (algorithms[chosen].prefix, digits, NULL);
}

gboolean
perry_registry_digest_check (GBytes *bytes, const char *wanted, GError **error)
{
  g_autofree char *found = perry_registry_digest_compute (bytes, wanted);

  if (g_str_equal (found, wanted))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED,
               "the body has the digest %s, not %s: it was changed on its way, or the registry is not to be trusted", found,
               wanted);
  return FALSE;
}

char *
perry_registry_text_for_message (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) strnlen (text, MAX_MESSAGE_TEXT));
  gboolean cut = strlen (text) > MAX_MESSAGE_TEXT;

  for (char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    if ((guchar) *p < 0x20 || *p == 0x7f)
      *p = ' ';
  return g_strconcat (valid, cut ? "…" : "", NULL);
}
