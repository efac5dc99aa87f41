/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sandbox/perry-sandbox-answer.h"

#include "core/engine/perry-json-members.h"
#include "plugin-api/perry-json.h"

/* JSON is text: other bytes are written in base64 under a name that says so. */
static void
add_output (JsonBuilder *builder, const char *name, GBytes *bytes, guint64 lost)
{
  gsize length = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  g_autofree char *lost_name = g_strconcat (name, "_lost", NULL);
  g_autofree char *text = NULL;

  if (g_utf8_validate_len (length > 0 ? data : "", length, NULL))
    {
      text = g_strndup (length > 0 ? data : "", length);
      perry_json_add_string (builder, name, text);
    }
  else
    {
      g_autofree char *encoded_name = g_strconcat (name, "_base64", NULL);

      text = g_base64_encode ((const guchar *) data, length);
      perry_json_add_string (builder, encoded_name, text);
    }
  perry_json_add_int (builder, lost_name, (gint64) lost);
}

static char *
end (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = perry_json_to_text (root, FALSE);
  return g_strconcat (text, "\n", NULL);
}

char *
perry_sandbox_answer_format (const char *id, const PerryRunResult *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "id", id);
  perry_json_add_int (builder, "exit_code", result->exit_code);
  perry_json_add_boolean (builder, "timed_out", result->timed_out);
  perry_json_add_boolean (builder, "oom_killed", result->oom_killed);
  add_output (builder, "stdout", result->stdout_data, result->stdout_lost);
  add_output (builder, "stderr", result->stderr_data, result->stderr_lost);
  perry_json_add_string (builder, "image", result->image);
  perry_json_add_string (builder, "digest", result->digest);
  perry_json_add_string (builder, "image_id", result->image_id);
  perry_json_add_milliseconds (builder, "run_ms", result->timings.run_ms);
  perry_json_add_milliseconds (builder, "total_ms", result->timings.total_ms);
  return end (builder);
}

char *
perry_sandbox_answer_format_error (const char *id, guint64 line, const GError *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "id", id);
  perry_json_add_int (builder, "line", (gint64) line);
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  perry_json_add_string (builder, "code", error->domain == PERRY_ERROR ? perry_error_get_name (error->code) : "failed");
  perry_json_add_string (builder, "message", error->message);
  json_builder_end_object (builder);
  return end (builder);
}

char *
perry_sandbox_answer_read_done (const char *line, gsize length)
{
  g_autoptr (JsonNode) root = perry_json_parse (line, (gssize) length, NULL, NULL);
  JsonObject *object = perry_json_as_object (root);
  const char *id = NULL;
  gint64 exit_code;

  if (object == NULL || !perry_json_read_string (object, "id", &id) ||
      !perry_json_read_int64 (object, "exit_code", &exit_code))
    return NULL;
  return g_strdup (id);
}
