/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sandbox/perry-sandbox-lines.h"

#include <gio/gunixinputstream.h>
#include <string.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"

#define BUFFER_SIZE (64 * 1024)

struct _PerrySandboxLines {
  GInputStream *stream;
  GByteArray *bytes; /* read and not given away yet, from `used` on */
  gsize used;
  gsize searched; /* from `used` on: no newline up to there */
  guint64 number;
  gboolean at_end;
  gboolean skipping; /* the rest of a line that is too long */
  gboolean ended_within;
};

PerrySandboxLines *
perry_sandbox_lines_new (int fd)
{
  PerrySandboxLines *lines = g_new0 (PerrySandboxLines, 1);

  lines->stream = g_unix_input_stream_new (fd, FALSE);
  lines->bytes = g_byte_array_sized_new (BUFFER_SIZE); /* never NULL, so that it can be added to */
  return lines;
}

void
perry_sandbox_lines_free (PerrySandboxLines *lines)
{
  g_object_unref (lines->stream);
  g_byte_array_unref (lines->bytes);
  g_free (lines);
}

gboolean
perry_sandbox_lines_ended_within (const PerrySandboxLines *lines)
{
  return lines->ended_within;
}

static gboolean
read_more (PerrySandboxLines *lines, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) foreign = NULL;
  guint held;
  gssize n;

  if (lines->used > 0)
    g_byte_array_remove_range (lines->bytes, 0, (guint) lines->used);
  lines->used = 0;
  held = lines->bytes->len;
  g_byte_array_set_size (lines->bytes, held + BUFFER_SIZE);
  n = g_input_stream_read (lines->stream, lines->bytes->data + held, BUFFER_SIZE, cancellable, &foreign);
  g_byte_array_set_size (lines->bytes, held + (guint) MAX (n, 0));
  if (n < 0)
    perry_error_propagate_foreign (error, g_steal_pointer (&foreign), PERRY_ERROR_FAILED, "reading a line failed");
  lines->at_end = n == 0;
  return n >= 0;
}

static void
drop (PerrySandboxLines *lines)
{
  g_byte_array_set_size (lines->bytes, 0);
  lines->used = lines->searched = 0;
}

static const char *
refuse_long_line (PerrySandboxLines *lines, GError **error)
{
  lines->searched = 0;
  lines->skipping = lines->ended_within = TRUE;
  lines->number++;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "line %" G_GUINT64_FORMAT " is longer than %d MiB",
               lines->number, PERRY_JSON_DEFAULT_MAX_BYTES / 1024 / 1024);
  return NULL;
}

/* The next line, an empty one too. The byte after it is a newline or none. */
static const char *
take_line (PerrySandboxLines *lines, gsize *ret_length, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      const char *begin = (const char *) lines->bytes->data + lines->used;
      gsize held = lines->bytes->len - lines->used;
      const char *newline = held > 0 ? memchr (begin + lines->searched, '\n', held - lines->searched) : NULL;
      gsize length = newline != NULL ? (gsize) (newline - begin) : held;

      if (length > PERRY_JSON_DEFAULT_MAX_BYTES && !lines->skipping)
        return refuse_long_line (lines, error);
      lines->searched = held;
      if (newline == NULL && lines->skipping)
        drop (lines);
      if (newline == NULL && !lines->at_end)
        {
          if (!read_more (lines, cancellable, error))
            return NULL;
          continue;
        }
      lines->searched = 0;
      if (newline == NULL && (held == 0 || lines->skipping))
        return NULL;
      lines->used += length + (newline != NULL ? 1 : 0);
      lines->ended_within = newline == NULL;
      if (!lines->skipping)
        {
          lines->number++;
          *ret_length = length;
          return begin;
        }
      lines->skipping = FALSE;
    }
}

const char *
perry_sandbox_lines_next (PerrySandboxLines *lines, gsize *ret_length, guint64 *ret_number, GCancellable *cancellable,
                          GError **error)
{
  const char *line;

  do
    line = take_line (lines, ret_length, cancellable, error);
  while (line != NULL && (*ret_length == 0 || (*ret_length == 1 && *line == '\r')));
  *ret_number = lines->number;
  return line;
}
