/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-text.h"

#define INVALID ((gunichar) -1)
#define INCOMPLETE ((gunichar) -2)

static gboolean
is_harmless (gunichar c, PerryTextFlags flags)
{
  return g_unichar_isprint (c) || ((flags & PERRY_TEXT_MULTI_LINE) != 0 && (c == '\n' || c == '\t'));
}

gsize
perry_text_escape (GString *to, const char *data, gsize length, PerryTextFlags flags)
{
  const char *p = data, *end = data + length;

  g_return_val_if_fail (to != NULL && (data != NULL || length == 0), 0);

  while (p < end)
    {
      /* a zero byte is none of its characters for GLib */
      gunichar c = *p != '\0' ? g_utf8_get_char_validated (p, end - p) : 0;

      if (c == INCOMPLETE && (flags & PERRY_TEXT_CONTINUES) != 0)
        break;
      if (c == INVALID || c == INCOMPLETE)
        {
          g_string_append_printf (to, "\\x%02x", (guint) (guchar) *p++);
          continue;
        }
      if (is_harmless (c, flags))
        g_string_append_unichar (to, c);
      else
        g_string_append_printf (to, c < 0x80 ? "\\x%02x" : "\\u{%x}", c);
      p = g_utf8_next_char (p);
    }
  return (gsize) (p - data);
}
