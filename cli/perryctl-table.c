/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/perryctl-output.h"
#include "cli/perryctl-text.h"

#define GAP 2
/* Narrower than this a column tells nothing. */
#define NARROWEST 12

typedef struct {
  char *text;
  PerryctlColour colour;
} Cell;

struct _PerryctlTable {
  guint n_columns;
  GArray *cells;
};

static const char *const colour_codes[] = {
  [PERRYCTL_COLOUR_NONE] = "",
  [PERRYCTL_COLOUR_BOLD] = "\033[1m",
  [PERRYCTL_COLOUR_GREEN] = "\033[32m",
  [PERRYCTL_COLOUR_YELLOW] = "\033[33m",
  [PERRYCTL_COLOUR_RED] = "\033[31m",
  [PERRYCTL_COLOUR_DIM] = "\033[2m",
};

static void
clear_cell (gpointer data)
{
  g_free (((Cell *) data)->text);
}

PerryctlTable *
perryctl_table_new (guint n_columns)
{
  PerryctlTable *table = g_new0 (PerryctlTable, 1);

  table->n_columns = n_columns;
  table->cells = g_array_new (FALSE, FALSE, sizeof (Cell));
  g_array_set_clear_func (table->cells, clear_cell);
  return table;
}

void
perryctl_table_free (PerryctlTable *table)
{
  if (table == NULL)
    return;
  g_array_unref (table->cells);
  g_free (table);
}

void
perryctl_table_add (PerryctlTable *table, const char *text, PerryctlColour colour)
{
  Cell cell = { perryctl_text_escape (text != NULL ? text : "", FALSE), colour };

  g_array_append_val (table->cells, cell);
}

void
perryctl_table_add_row (PerryctlTable *table, PerryctlColour colour, ...)
{
  const char *text;
  va_list list;

  va_start (list, colour);
  while ((text = va_arg (list, const char *)) != NULL)
    perryctl_table_add (table, text, colour);
  va_end (list);
}

static gsize *
measure (const PerryctlTable *table)
{
  gsize *widths = g_new0 (gsize, table->n_columns);

  for (guint i = 0; i < table->cells->len; i++)
    {
      gsize width = perryctl_text_get_width (g_array_index (table->cells, Cell, i).text);

      widths[i % table->n_columns] = MAX (widths[i % table->n_columns], width);
    }
  return widths;
}

static void
shrink (gsize *widths, guint n_columns, gsize width)
{
  gsize total = (gsize) GAP * (n_columns - 1);

  for (guint i = 0; i < n_columns; i++)
    total += widths[i];
  while (width > 0 && total > width)
    {
      guint widest = 0;
      gsize cut;

      for (guint i = 1; i < n_columns; i++)
        if (widths[i] > widths[widest])
          widest = i;
      if (widths[widest] <= NARROWEST)
        return;
      cut = MIN (total - width, widths[widest] - NARROWEST);
      /* Step by step, so that two wide columns share the loss. */
      cut = MIN (cut, 8);
      widths[widest] -= cut;
      total -= cut;
    }
}

static void
append_cell (GString *out, const Cell *cell, gsize width, gboolean last, gboolean coloured)
{
  g_autofree char *text = perryctl_text_shorten (cell->text, width);
  gsize used = perryctl_text_get_width (text);
  gboolean paint = coloured && cell->colour != PERRYCTL_COLOUR_NONE && *text != '\0';

  if (paint)
    g_string_append (out, colour_codes[cell->colour]);
  g_string_append (out, text);
  if (paint)
    g_string_append (out, "\033[0m");
  for (gsize i = used; !last && i < width + GAP; i++)
    g_string_append_c (out, ' ');
}

char *
perryctl_table_to_text (const PerryctlTable *table, gsize width, gboolean coloured)
{
  g_autofree gsize *widths = measure (table);
  GString *out = g_string_new (NULL);

  shrink (widths, table->n_columns, width);
  for (guint i = 0; i < table->cells->len; i++)
    {
      guint column = i % table->n_columns;
      gboolean last = column + 1 == table->n_columns;

      append_cell (out, &g_array_index (table->cells, Cell, i), widths[column], last, coloured);
      if (!last)
        continue;
      while (out->len > 0 && out->str[out->len - 1] == ' ')
        g_string_truncate (out, out->len - 1);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

static gsize
get_terminal_width (void)
{
  struct winsize size;

  if (!isatty (STDOUT_FILENO) || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
    return 0;
  return size.ws_col;
}

void
perryctl_table_print (const PerryctlTable *table)
{
  g_autofree char *text = perryctl_table_to_text (table, get_terminal_width (), perryctl_output_has_colour ());

  fputs (text, stdout);
}
