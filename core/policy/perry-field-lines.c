/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-field-lines.h"

#include <string.h>

#define ELLIPSIS "…"

typedef struct {
  PerryField field;
  char *text;
  char *tail;
} FieldLine;

static void
field_line_free (FieldLine *line)
{
  g_free (line->text);
  g_free (line->tail);
  g_free (line);
}

static char *
plain_text (const char *text)
{
  char *plain = g_utf8_make_valid (text, -1);

  /* the control characters above ASCII take two bytes: C2 80 to C2 9F */
  for (char *c = plain; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_iscntrl (g_utf8_get_char (c)))
      memset (c, ' ', (gsize) (g_utf8_next_char (c) - c));
  return plain;
}

static void
shorten (char **text, gsize limit)
{
  g_autofree char *whole = NULL;
  const char *end;

  if (strlen (*text) <= limit)
    return;
  whole = g_steal_pointer (text);
  if (limit < strlen (ELLIPSIS))
    {
      *text = g_strdup ("");
      return;
    }
  end = g_utf8_find_prev_char (whole, whole + limit - strlen (ELLIPSIS) + 1);
  *text = g_strdup_printf ("%.*s" ELLIPSIS, end != NULL ? (int) (end - whole) : 0, whole);
}

GPtrArray *
perry_field_lines_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) field_line_free);
}

gboolean
perry_field_lines_contain (GPtrArray *lines, PerryField field)
{
  for (guint i = 0; i < lines->len; i++)
    if (((FieldLine *) g_ptr_array_index (lines, i))->field == field)
      return TRUE;
  return FALSE;
}

void
perry_field_lines_add (GPtrArray *lines, PerryField field, const char *text, const char *tail)
{
  FieldLine *line = g_new0 (FieldLine, 1);

  line->field = field;
  line->text = plain_text (text);
  line->tail = plain_text (tail != NULL ? tail : "");
  g_ptr_array_add (lines, line);
}

char *
perry_field_lines_format (GPtrArray *lines, const char *heading)
{
  g_autofree char *head = plain_text (heading);
  GString *message;
  gsize share;

  shorten (&head, PERRY_FIELD_LINES_MAX / 8);
  message = g_string_new (head);
  share = (PERRY_FIELD_LINES_MAX - 1 - message->len) / MAX (lines->len, 1);
  for (guint i = 0; i < lines->len; i++)
    {
      FieldLine *line = g_ptr_array_index (lines, i);
      const char *name = perry_field_get_name (line->field);
      gsize frame = strlen ("\n  : ") + strlen (name);
      gsize room = share > frame ? share - frame : 0;
      g_autofree char *text = g_strdup (line->text);
      g_autofree char *tail = g_strdup (line->tail);

      shorten (&tail, room / 2);
      shorten (&text, room - strlen (tail));
      g_string_append_printf (message, "\n  %s: %s%s", name, text, tail);
    }
  return g_string_free (message, FALSE);
}
