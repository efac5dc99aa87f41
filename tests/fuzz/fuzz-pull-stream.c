/* SPDX-License-Identifier: Apache-2.0 */
/* An engine's progress of a pull: in whatever pieces it arrives, the same comes out, and no more is kept than allowed. */
#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-pull.h"
#include "plugins/http-client/perry-json-lines.h"
#include "tests/fuzz/fuzz-input.h"

#define MAX_LINE 300
#define MAX_LINES 20

static void
take (JsonNode *node, GString *output)
{
  JsonObject *line = json_node_get_object (node);
  g_autofree char *digest = perry_engine_pull_dup_digest (line);
  g_autofree char *failure = perry_engine_pull_dup_failure (line);
  g_autoptr (JsonNode) progress = perry_engine_pull_translate (line);
  g_autofree char *text = progress != NULL ? perry_json_to_text (progress, FALSE) : NULL;

  g_string_append_printf (output, "%s|%s\n", digest != NULL ? digest : "", text != NULL ? text : "");
  if (progress != NULL)
    {
      JsonObject *object = json_node_get_object (progress);
      const char *status = NULL;
      gint64 bytes;

      fuzz_require (json_object_get_size (object) == 4 && perry_json_read_string (object, "status", &status),
                    "progress has its four members");
      fuzz_require (!perry_json_read_int64 (object, "current", &bytes) || bytes >= 0, "bytes are not negative");
    }
  if (failure != NULL)
    {
      g_autoptr (GError) error = NULL;

      perry_engine_pull_set_error (&error, "r.example/demo:1", 500, failure);
      fuzz_check_error (error, TRUE);
      g_string_append (output, error->message);
    }
}

static void
read_pieces (const uint8_t *data, size_t size, size_t piece_size, GString *output)
{
  g_auto (PerryJsonLines) lines = { 0 };
  g_autoptr (JsonNode) last = NULL;
  g_autoptr (GError) error = NULL;

  perry_json_lines_init (&lines, MAX_LINE, MAX_LINES);
  while (size > 0)
    {
      size_t count = MIN (size, piece_size);
      g_autofree char *exact = g_memdup2 (data, count);
      const char *rest = exact;
      gsize rest_size = count;

      do
        {
          g_autoptr (JsonNode) node = NULL;

          if (!perry_json_lines_next (&lines, &rest, &rest_size, &node, &error))
            {
              fuzz_check_error (error, TRUE);
              g_string_append_c (output, '!');
              return;
            }
          fuzz_require (lines.line->len <= MAX_LINE, "no more is kept than a line may have");
          if (node != NULL)
            take (node, output);
        }
      while (rest_size > 0);
      data += count;
      size -= count;
    }
  if (!perry_json_lines_finish (&lines, &last, &error))
    {
      fuzz_check_error (error, TRUE);
      g_string_append_c (output, '?');
    }
  else if (last != NULL)
    take (last, output);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GString *whole = g_string_new (NULL);
  GString *bytes = g_string_new (NULL);

  read_pieces (data, size, G_MAXSIZE, whole);
  read_pieces (data, size, 1, bytes);
  fuzz_require (g_string_equal (whole, bytes), "pieces do not matter");
  g_string_free (whole, TRUE);
  g_string_free (bytes, TRUE);
  return 0;
}
