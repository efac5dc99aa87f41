/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-text.h"

#include <string.h>

#include "core/perry-container.h"

/* Before the epoch in any case, and no overflow in microseconds. */
#define LONGEST_S G_GINT64_CONSTANT (1000000000000)

char *
perryctl_text_escape (const char *text, gboolean multi_line)
{
  GString *out = g_string_new (NULL);

  perry_text_escape (out, text, strlen (text), multi_line ? PERRY_TEXT_MULTI_LINE : PERRY_TEXT_DEFAULT);
  return g_string_free (out, FALSE);
}

char *
perryctl_text_cut (const char *text, gsize size)
{
  const char *end = text + size - strlen ("…");
  g_autofree char *kept = NULL;

  if (strlen (text) <= size)
    return g_strdup (text);
  while (((guchar) *end & 0xc0) == 0x80)
    end--;
  kept = g_strndup (text, (gsize) (end - text));
  return g_strconcat (kept, "…", NULL);
}

static gsize
width_of (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

gsize
perryctl_text_get_width (const char *text)
{
  gsize width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += width_of (g_utf8_get_char (p));
  return width;
}

char *
perryctl_text_shorten (const char *text, gsize width)
{
  const char *p = text;
  gsize used = 0;

  if (perryctl_text_get_width (text) <= width)
    return g_strdup (text);
  for (; *p != '\0' && used + width_of (g_utf8_get_char (p)) < width; p = g_utf8_next_char (p))
    used += width_of (g_utf8_get_char (p));
  return g_strdup_printf ("%.*s…", (int) (p - text), text);
}

char *
perryctl_text_format_age (gint64 time, gint64 now)
{
  static const struct {
    gint64 seconds;
    const char *unit;
  } units[] = { { 365 * 86400, "year" }, { 7 * 86400, "week" }, { 86400, "day" }, { 3600, "hour" }, { 60, "minute" } };
  gint64 seconds = (now - time) / G_USEC_PER_SEC;

  if (time <= 0)
    return g_strdup ("-");
  if (seconds < 0)
    return g_strdup ("in the future");
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      gint64 count = seconds / units[i].seconds;

      if (count >= 1)
        return g_strdup_printf ("%" G_GINT64_FORMAT " %s%s ago", count, units[i].unit, count == 1 ? "" : "s");
    }
  return g_strdup_printf ("%" G_GINT64_FORMAT " second%s ago", seconds, seconds == 1 ? "" : "s");
}

char *
perryctl_text_format_size (gint64 bytes)
{
  static const char *const units[] = { "kB", "MB", "GB", "TB" };
  double size = (double) bytes / 1000;
  gsize unit = 0;

  if (bytes < 0)
    return g_strdup ("-");
  if (bytes < 1000)
    return g_strdup_printf ("%" G_GINT64_FORMAT " B", bytes);
  for (; size >= 1000 && unit + 1 < G_N_ELEMENTS (units); unit++)
    size /= 1000;
  return g_strdup_printf (size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

char *
perryctl_text_format_id (const char *id)
{
  if (id == NULL)
    return g_strdup ("-");
  if (g_str_has_prefix (id, "sha256:"))
    id += strlen ("sha256:");
  return g_strndup (id, 12);
}

static gboolean
read_duration (const char *text, gint64 *ret_seconds)
{
  gint64 seconds = 0;

  do
    {
      char *end;
      guint64 count;
      gint64 unit;

      if (!g_ascii_isdigit (*text))
        return FALSE;
      count = g_ascii_strtoull (text, &end, 10);
      unit = *end == 's' ? 1 : *end == 'm' ? 60 : *end == 'h' ? 3600 : *end == 'd' ? 86400 : 0;
      if (unit == 0 || count > 1000000000)
        return FALSE;
      seconds = MIN (seconds + (gint64) count * unit, LONGEST_S);
      text = end + 1;
    }
  while (*text != '\0');
  *ret_seconds = seconds;
  return TRUE;
}

gboolean
perryctl_text_read_time (const char *text, gint64 now, gint64 *ret_time)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) date = NULL;
  gint64 seconds;
  double number;
  char *end;

  if (!g_ascii_isdigit (text[0]))
    return FALSE;
  if (read_duration (text, &seconds))
    {
      *ret_time = MAX (now - seconds * G_USEC_PER_SEC, 0);
      return TRUE;
    }
  if (strspn (text, "0123456789.") == strlen (text))
    {
      number = g_ascii_strtod (text, &end);
      if (*end != '\0' || number > 1e11)
        return FALSE;
      *ret_time = (gint64) (number * G_USEC_PER_SEC);
      return TRUE;
    }
  date = g_date_time_new_from_iso8601 (text, utc);
  if (date == NULL)
    return FALSE;
  *ret_time = g_date_time_to_unix (date) * G_USEC_PER_SEC + g_date_time_get_microsecond (date);
  return TRUE;
}
