/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-exposure.h"

#include "cli/perryctl-output.h"

gboolean
perryctl_exposure_read_limit (const PerryctlArguments *arguments, double *ret_limit, GError **error)
{
  const char *text = perryctl_arguments_get (arguments, "fail-above");
  char *end = NULL;
  double value;

  if (text == NULL)
    return TRUE;
  value = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !(value >= 0 && value <= 10))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "--fail-above is a number from 0 to 10, not \"%s\"", text);
      return FALSE;
    }
  *ret_limit = value;
  return TRUE;
}

char *
perryctl_exposure_format (double score)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  return g_strdup_printf ("%s %s", g_ascii_formatd (number, sizeof number, "%.1f", score), perry_exposure_get_word (score));
}

PerryctlColour
perryctl_exposure_get_colour (double score)
{
  return score < 2.5 ? PERRYCTL_COLOUR_GREEN : score < 5 ? PERRYCTL_COLOUR_YELLOW : PERRYCTL_COLOUR_RED;
}

static double
get_share (const PerryExposureRow *row)
{
  return row->exposure * row->weight + row->least * 100;
}

static gint
compare_rows (gconstpointer a, gconstpointer b)
{
  const PerryExposureRow *one = *(const PerryExposureRow *const *) a, *other = *(const PerryExposureRow *const *) b;
  double difference = get_share (other) - get_share (one);

  return difference > 0 ? 1 : difference < 0 ? -1 : 0;
}

void
perryctl_exposure_print (const PerryExposure *exposure)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (4);
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  g_autofree char *score = perryctl_exposure_format (exposure->score);
  g_autofree char *line =
      g_strdup_printf ("\nExposure: %s (0 is as closed as a container can be, 10 as open as root on the host)", score);

  for (guint i = 0; i < exposure->rows->len; i++)
    g_ptr_array_add (rows, g_ptr_array_index (exposure->rows, i));
  g_ptr_array_sort (rows, compare_rows);
  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "WHAT", "EXPOSURE", "WEIGHT", "WHY", NULL);
  for (guint i = 0; i < rows->len; i++)
    {
      const PerryExposureRow *row = g_ptr_array_index (rows, i);
      char number[G_ASCII_DTOSTR_BUF_SIZE];
      g_autofree char *weight = g_strdup_printf ("%u", row->weight);

      g_ascii_formatd (number, sizeof number, "%.2f", row->exposure);
      perryctl_table_add (table, row->id, PERRYCTL_COLOUR_NONE);
      perryctl_table_add (table, number, row->least > 0 ? PERRYCTL_COLOUR_RED : PERRYCTL_COLOUR_NONE);
      perryctl_table_add (table, weight, PERRYCTL_COLOUR_NONE);
      perryctl_table_add (table, row->reason, PERRYCTL_COLOUR_NONE);
    }
  g_print ("%s\n", line);
  perryctl_table_print (table);
}
