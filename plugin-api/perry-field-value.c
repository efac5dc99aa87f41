/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-value.h"

#include <string.h>

#define MAX_NUMBER_CHARS 32

static const char units[] = "bkmgt";

/* Finds the multiplier of `m`, `mb` and `mib`, in any case. */
static gboolean
parse_unit (const char *suffix, gint64 *ret_multiplier)
{
  const char *unit;

  if (*suffix == '\0')
    {
      *ret_multiplier = 1;
      return TRUE;
    }

  unit = strchr (units, g_ascii_tolower (*suffix));
  if (unit == NULL)
    return FALSE;
  suffix++;
  if (unit > units && g_ascii_tolower (suffix[0]) == 'i' && g_ascii_tolower (suffix[1]) == 'b')
    suffix += 2;
  else if (unit > units && g_ascii_tolower (suffix[0]) == 'b')
    suffix++;
  *ret_multiplier = G_GINT64_CONSTANT (1) << (10 * (unit - units));
  return *suffix == '\0';
}

gboolean
perry_field_parse_size (const char *text, gint64 *ret_bytes)
{
  gsize n_digits = strspn (text, "0123456789");
  gsize n_fraction = 0;
  const char *suffix = text + n_digits;
  g_autofree char *digits = g_strndup (text, n_digits);
  guint64 whole;
  gint64 multiplier;
  gint64 rest = 0;

  if (*suffix == '.')
    {
      n_fraction = strspn (suffix + 1, "0123456789");
      if (n_fraction == 0 || n_fraction > MAX_NUMBER_CHARS)
        return FALSE;
      suffix += 1 + n_fraction;
    }
  if (!parse_unit (suffix, &multiplier) || (n_fraction > 0 && multiplier == 1))
    return FALSE;
  if (!g_ascii_string_to_unsigned (digits, 10, 0, (guint64) (G_MAXINT64 / multiplier) - 1, &whole, NULL))
    return FALSE;
  if (n_fraction > 0)
    {
      g_autofree char *fraction = g_strndup (text + n_digits, n_fraction + 1);

      rest = (gint64) (g_ascii_strtod (fraction, NULL) * (double) multiplier);
    }
  *ret_bytes = (gint64) whole * multiplier + rest;
  return TRUE;
}

gboolean
perry_field_parse_seconds (const char *text, gint64 *ret_seconds)
{
  static const struct { char unit; gint64 seconds; } parts[] = { { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
  gint64 total = 0;
  gboolean found = FALSE;
  guint64 number;

  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT32, &number, NULL))
    {
      *ret_seconds = (gint64) number;
      return TRUE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      gsize n_digits = strspn (text, "0123456789");
      g_autofree char *digits = g_strndup (text, n_digits);

      if (n_digits == 0 || text[n_digits] != parts[i].unit)
        continue;
      if (!g_ascii_string_to_unsigned (digits, 10, 0, G_MAXINT32, &number, NULL))
        return FALSE;
      total += (gint64) number * parts[i].seconds;
      text += n_digits + 1;
      found = TRUE;
    }
  if (!found || *text != '\0')
    return FALSE;
  *ret_seconds = total;
  return TRUE;
}

static const struct { const char *unit; gint64 us; } duration_units[] = {
  { "h", G_TIME_SPAN_HOUR }, { "ms", G_TIME_SPAN_MILLISECOND }, { "m", G_TIME_SPAN_MINUTE },
  { "s", G_TIME_SPAN_SECOND }, { "us", 1 },
};

/* A number with its unit; the longer of two units that begin alike stands first in the table. */
static gboolean
parse_part (const char **text, gint64 *ret_us)
{
  gsize n_whole = strspn (*text, "0123456789");
  gsize n_fraction = (*text)[n_whole] == '.' ? strspn (*text + n_whole + 1, "0123456789") : 0;
  gsize length = n_whole + ((*text)[n_whole] == '.' ? 1 + n_fraction : 0);
  g_autofree char *digits = g_strndup (*text, length);
  double number;

  if (n_whole == 0 || length > MAX_NUMBER_CHARS || (length > n_whole && n_fraction == 0))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (duration_units); i++)
    if (g_str_has_prefix (*text + length, duration_units[i].unit))
      {
        number = g_ascii_strtod (digits, NULL) * (double) duration_units[i].us;
        *text += length + strlen (duration_units[i].unit);
        *ret_us = number < 1e17 ? (gint64) (number + 0.5) : -1;
        return *ret_us >= 0;
      }
  return FALSE;
}

gboolean
perry_field_parse_duration (const char *text, gint64 *ret_us)
{
  gint64 total = 0;
  guint n_parts = 0;

  if (g_str_equal (text, "0"))
    {
      *ret_us = 0;
      return TRUE;
    }
  for (; *text != '\0' && n_parts < 8; n_parts++)
    {
      gint64 part;

      if (!parse_part (&text, &part))
        return FALSE;
      total += part;
    }
  if (n_parts == 0 || *text != '\0')
    return FALSE;
  *ret_us = total;
  return TRUE;
}

char *
perry_field_format_duration (gint64 us)
{
  static const struct { const char *unit; gint64 us; } parts[] = {
    { "h", G_TIME_SPAN_HOUR }, { "m", G_TIME_SPAN_MINUTE }, { "s", G_TIME_SPAN_SECOND },
    { "ms", G_TIME_SPAN_MILLISECOND }, { "us", 1 },
  };
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (parts) && us > 0; i++)
    {
      if (us >= parts[i].us)
        g_string_append_printf (text, "%" G_GINT64_FORMAT "%s", us / parts[i].us, parts[i].unit);
      us %= parts[i].us;
    }
  if (text->len == 0)
    g_string_append (text, "0s");
  return g_string_free (text, FALSE);
}

char *
perry_field_format_size (gint64 bytes)
{
  guint unit = 0;

  while (bytes != 0 && bytes % 1024 == 0 && unit < strlen (units) - 1)
    {
      bytes /= 1024;
      unit++;
    }
  return unit == 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, bytes)
                   : g_strdup_printf ("%" G_GINT64_FORMAT "%c", bytes, units[unit]);
}

gboolean
perry_field_parse_number (const char *text, double *ret_number)
{
  gsize n_whole = strspn (text, "0123456789");
  gsize n_fraction = text[n_whole] == '.' ? strspn (text + n_whole + 1, "0123456789") : 0;
  gsize length = n_whole + (text[n_whole] == '.' ? 1 + n_fraction : 0);

  if (n_whole + n_fraction == 0 || text[length] != '\0' || length > MAX_NUMBER_CHARS)
    return FALSE;
  *ret_number = g_ascii_strtod (text, NULL);
  return TRUE;
}

char *
perry_field_format_number (double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (buffer, sizeof buffer, "%.10g", number);
  return g_strdup (buffer);
}
