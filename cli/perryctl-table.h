/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  PERRYCTL_COLOUR_NONE,
  PERRYCTL_COLOUR_BOLD,
  PERRYCTL_COLOUR_GREEN,
  PERRYCTL_COLOUR_YELLOW,
  PERRYCTL_COLOUR_RED,
  PERRYCTL_COLOUR_DIM,
} PerryctlColour;

/* A table for people: columns are as wide as their widest cell, and the text of cells cannot harm a terminal. */
typedef struct _PerryctlTable PerryctlTable;

PerryctlTable *perryctl_table_new (guint n_columns);
void perryctl_table_free (PerryctlTable *table);

/* Adds the next cell, row by row. @text may be NULL. */
void perryctl_table_add (PerryctlTable *table, const char *text, PerryctlColour colour);

/* Adds cells of one colour; ends with NULL. */
void perryctl_table_add_row (PerryctlTable *table, PerryctlColour colour, ...) G_GNUC_NULL_TERMINATED;

/*
 * perryctl_table_to_text:
 * @table: a table whose last row is complete
 * @width: where to cut the widest columns, in columns of the terminal; 0 to cut nothing
 * @coloured: whether to write colours
 *
 * Returns: (transfer full): one line per row
 */
char *perryctl_table_to_text (const PerryctlTable *table, gsize width, gboolean coloured);

/* Prints a table to standard output, cut and coloured only where that is a terminal. */
void perryctl_table_print (const PerryctlTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryctlTable, perryctl_table_free)

G_END_DECLS
