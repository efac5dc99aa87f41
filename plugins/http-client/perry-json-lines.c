/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-json-lines.h"

#include <string.h>

#include "plugin-api/perry-json.h"

void
perry_json_lines_init (PerryJsonLines *lines, gsize max_line, guint64 max_lines)
{
  lines->line = g_byte_array_new ();
  lines->max_line = max_line;
  lines->lines_left = max_lines;
}

void
perry_json_lines_clear (PerryJsonLines *lines)
{
  g_clear_pointer (&lines->line, g_byte_array_unref);
}

static gboolean
is_blank (const GByteArray *line)
{
  for (guint i = 0; i < line->len; i++)
    if (!g_ascii_isspace (line->data[i]))
      return FALSE;
  return TRUE;
}

/* Takes the line that is complete; @ret_node is left alone for a blank one. */
static gboolean
take_line (PerryJsonLines *lines, JsonNode **ret_node, GError **error)
{
  PerryJsonLimits limits = { .max_bytes = lines->max_line };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!is_blank (lines->line))
    {
      node = perry_json_parse ((const char *) lines->line->data, lines->line->len, &limits, &local_error);
      if (node == NULL || perry_json_as_object (node) == NULL)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "the engine's stream is not one of JSON objects: %s",
                       local_error != NULL ? local_error->message : "a line is something else");
          return FALSE;
        }
    }
  g_byte_array_set_size (lines->line, 0);
  *ret_node = g_steal_pointer (&node);
  return TRUE;
}

static gboolean
keep (PerryJsonLines *lines, const char *data, gsize size, GError **error)
{
  if (size > lines->max_line - lines->line->len)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                   "a line of the engine's stream is longer than %" G_GSIZE_FORMAT " bytes", lines->max_line);
      return FALSE;
    }
  if (size > 0)
    g_byte_array_append (lines->line, (const guint8 *) data, (guint) size);
  return TRUE;
}

gboolean
perry_json_lines_next (PerryJsonLines *lines, const char **data, gsize *size, JsonNode **ret_node, GError **error)
{
  *ret_node = NULL;
  while (*size > 0 && *ret_node == NULL)
    {
      const char *newline = memchr (*data, '\n', *size);
      gsize piece = newline != NULL ? (gsize) (newline - *data) : *size;

      if (!keep (lines, *data, piece, error))
        return FALSE;
      *data += piece;
      *size -= piece;
      if (newline == NULL)
        return TRUE;
      *data += 1;
      *size -= 1;
      if (lines->lines_left == 0)
        {
          g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                               "the engine's stream has more lines than anything it could tell about");
          return FALSE;
        }
      lines->lines_left--;
      if (!take_line (lines, ret_node, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
perry_json_lines_finish (PerryJsonLines *lines, JsonNode **ret_node, GError **error)
{
  *ret_node = NULL;
  return take_line (lines, ret_node, error);
}
