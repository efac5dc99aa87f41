/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"

#include <math.h>
#include <string.h>

/* json-glib has a generator, but what it writes for a double differs between its versions, and in 1.6 `1.0` becomes the
 * integer `1` and `0.1` gets seventeen digits. */

typedef struct {
  GString *text;
  gboolean pretty;
  guint depth;
} Writer;

static void write_node (Writer *writer, JsonNode *node);

static void
write_string (Writer *writer, const char *string)
{
  g_autofree char *valid = NULL;

  if (!g_utf8_validate (string, -1, NULL))
    string = valid = g_utf8_make_valid (string, -1);

  g_string_append_c (writer->text, '"');
  for (const char *p = string; *p != '\0'; p++)
    {
      static const char meanings[] = "\b\f\n\r\t\"\\";
      static const char letters[] = "bfnrt\"\\";
      const char *special = strchr (meanings, *p);

      if (special != NULL)
        g_string_append_printf (writer->text, "\\%c", letters[special - meanings]);
      else if ((guchar) *p < 0x20 || *p == 0x7f)
        g_string_append_printf (writer->text, "\\u%04x", (guint) *p);
      else
        g_string_append_c (writer->text, *p);
    }
  g_string_append_c (writer->text, '"');
}

static void
write_double (Writer *writer, double value)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      g_string_append (writer->text, "null");
      return;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_ascii_formatd (digits, sizeof digits, formats[i], value);
      if (g_ascii_strtod (digits, NULL) == value)
        break;
    }
  g_string_append (writer->text, digits);
  if (strpbrk (digits, ".e") == NULL)
    g_string_append (writer->text, ".0");
}

static void
write_value (Writer *writer, JsonNode *node)
{
  gboolean truth;
  gint64 number;
  double real;
  const char *string = perry_json_as_string (node);

  if (string != NULL)
    write_string (writer, string);
  else if (perry_json_as_boolean (node, &truth))
    g_string_append (writer->text, truth ? "true" : "false");
  else if (perry_json_as_int64 (node, &number))
    g_string_append_printf (writer->text, "%" G_GINT64_FORMAT, number);
  else if (perry_json_as_double (node, &real))
    write_double (writer, real);
  else
    g_string_append (writer->text, "null");
}

static void
begin_line (Writer *writer)
{
  if (!writer->pretty)
    return;
  g_string_append_c (writer->text, '\n');
  for (guint i = 0; i < writer->depth; i++)
    g_string_append (writer->text, "  ");
}

static void
write_array (Writer *writer, JsonArray *array)
{
  guint length = json_array_get_length (array);

  g_string_append_c (writer->text, '[');
  writer->depth++;
  for (guint i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append_c (writer->text, ',');
      begin_line (writer);
      write_node (writer, json_array_get_element (array, i));
    }
  writer->depth--;
  if (length > 0)
    begin_line (writer);
  g_string_append_c (writer->text, ']');
}

static void
write_object (Writer *writer, JsonObject *object)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  gboolean is_first = TRUE;

  g_string_append_c (writer->text, '{');
  writer->depth++;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (!is_first)
        g_string_append_c (writer->text, ',');
      is_first = FALSE;
      begin_line (writer);
      write_string (writer, name);
      g_string_append (writer->text, writer->pretty ? ": " : ":");
      write_node (writer, node);
    }
  writer->depth--;
  if (!is_first)
    begin_line (writer);
  g_string_append_c (writer->text, '}');
}

static void
write_node (Writer *writer, JsonNode *node)
{
  if (perry_json_as_object (node) != NULL)
    write_object (writer, json_node_get_object (node));
  else if (perry_json_as_array (node) != NULL)
    write_array (writer, json_node_get_array (node));
  else
    write_value (writer, node);
}

char *
perry_json_to_text (JsonNode *node, gboolean pretty)
{
  Writer writer = { .text = g_string_new (NULL), .pretty = pretty };

  write_node (&writer, node);
  return g_string_free (writer.text, FALSE);
}
