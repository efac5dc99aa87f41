/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-json-lines.h"

#include <string.h>

#include "plugin-api/perry-json.h"

#define MAX_LINE 64

/* Reads a stream in pieces of @step bytes; the objects as text with a `|` after each. */
static char *
read_all (const char *stream, gsize step, guint64 max_lines, GError **error)
{
  g_auto (PerryJsonLines) lines = { 0 };
  g_autoptr (GString) out = g_string_new (NULL);
  JsonNode *last = NULL;

  perry_json_lines_init (&lines, MAX_LINE, max_lines);
  for (gsize at = 0, size = strlen (stream); at < size; at += step)
    {
      const char *data = stream + at;
      gsize left = MIN (step, size - at);

      do
        {
          g_autoptr (JsonNode) node = NULL;
          g_autofree char *text = NULL;

          if (!perry_json_lines_next (&lines, &data, &left, &node, error))
            return NULL;
          text = node != NULL ? perry_json_to_text (node, FALSE) : NULL;
          if (text != NULL)
            g_string_append_printf (out, "%s|", text);
        }
      while (left > 0);
    }
  if (!perry_json_lines_finish (&lines, &last, error))
    return NULL;
  if (last != NULL)
    {
      g_autofree char *text = perry_json_to_text (last, FALSE);

      g_string_append_printf (out, "%s.", text);
      json_node_unref (last);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_pieces (void)
{
  static const struct { const char *stream, *objects; } samples[] = {
    { "", "" },
    { "\r\n\n \n", "" },
    { "{\"a\":1}\n", "{\"a\":1}|" },
    { "{\"a\":1}\r\n{\"b\":\"\\n\"}\r\n\r\n{}\r\n", "{\"a\":1}|{\"b\":\"\\n\"}|{}|" },
    { "{\"a\":1}\n{\"b\":2}", "{\"a\":1}|{\"b\":2}." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    for (gsize step = 1; step < 40; step++)
      {
        g_autoptr (GError) error = NULL;
        g_autofree char *objects = read_all (samples[i].stream, step, 100, &error);

        g_assert_no_error (error);
        g_assert_cmpstr (objects, ==, samples[i].objects);
      }
}

static void
test_refused (void)
{
  static const struct { const char *stream, *words; } samples[] = {
    { "{\"a\":\n", "not one of JSON objects" },
    { "{\"a\":1", "not one of JSON objects" },
    { "{\"a\":1} {\"b\":2}\n", "not one of JSON objects" },
    { "{\"a\":1,\"a\":2}\n", "not one of JSON objects" },
    { "[1]\n", "a line is something else" },
    { "null\n", "a line is something else" },
    { "<html>\n", "not one of JSON objects" },
    { "{\"a\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}\n", "longer than 64 bytes" },
    { "01234567890123456789012345678901234567890123456789012345678901234567890123456789", "longer than 64 bytes" },
    { "\n\n\n\n\n\n\n\n\n\n\n", "more lines" },
    { "{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n", "more lines" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    for (gsize step = 1; step < 90; step += 11)
      {
        g_autoptr (GError) error = NULL;

        g_assert_null (read_all (samples[i].stream, step, 10, &error));
        g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
        g_assert_nonnull (strstr (error->message, samples[i].words));
      }
}

/* A line may be as long as the limit, its end not counted. */
static void
test_longest_line (void)
{
  g_autofree char *blanks = g_strnfill (MAX_LINE - 2, ' ');
  g_autofree char *fits = g_strconcat ("{", blanks, "}\n", NULL);
  g_autofree char *exceeds = g_strconcat ("{ ", blanks, "}\n", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *objects = read_all (fits, 7, 1, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (objects, ==, "{}|");
  g_assert_null (read_all (exceeds, 7, 1, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-lines/pieces", test_pieces);
  g_test_add_func ("/json-lines/refused", test_refused);
  g_test_add_func ("/json-lines/longest-line", test_longest_line);
  return g_test_run ();
}
