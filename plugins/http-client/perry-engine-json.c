/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-json.h"

#include "plugin-api/perry-image-reference.h"
#include "plugin-api/perry-json.h"

char *
perry_engine_string_dup (JsonObject *object, const char *member)
{
  const char *text = NULL;

  return perry_json_read_string (object, member, &text) && *text != '\0' ? g_strdup (text) : NULL;
}

void
perry_engine_set_shape_error (GError **error, const char *engine, const char *what)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "%s's %s is not what its API describes", engine, what);
}

gint64
perry_engine_time_parse (const char *text)
{
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;
  gint64 whole = time != NULL ? perry_engine_time_from_seconds (g_date_time_to_unix (time)) : 0;

  return whole > 0 ? whole + g_date_time_get_microsecond (time) : 0;
}

gint64
perry_engine_time_from_seconds (gint64 seconds)
{
  return seconds > 0 && seconds < G_MAXINT64 / G_USEC_PER_SEC ? seconds * G_USEC_PER_SEC : 0;
}

char *
perry_engine_image_id_dup (const char *id)
{
  if (id == NULL || *id == '\0')
    return NULL;
  return strchr (id, ':') != NULL ? g_strdup (id) : g_strconcat ("sha256:", id, NULL);
}

char **
perry_engine_image_names_dup (JsonObject *image, const char *member)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) tags = NULL;

  perry_json_read_strv (image, member, &tags);
  for (char **tag = tags; tag != NULL && *tag != NULL; tag++)
    {
      g_autoptr (PerryImageReference) reference = perry_image_reference_parse (*tag, NULL);
      g_autofree char *name = reference != NULL ? perry_image_reference_to_string (reference) : NULL;

      if (name != NULL)
        g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

static gboolean
needs_quotes (const char *word)
{
  return *word == '\0' || strpbrk (word, " \t\n'\"\\$`;&|<>()*?[]#~!") != NULL;
}

char *
perry_engine_command_to_text (const char *const *command)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (command == NULL || *command == NULL)
    return NULL;
  for (const char *const *word = command; *word != NULL; word++)
    {
      g_autofree char *quoted = needs_quotes (*word) ? g_shell_quote (*word) : g_strdup (*word);

      if (text->len > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, quoted);
    }
  return g_strdelimit (g_string_free (g_steal_pointer (&text), FALSE), "\n\r", ' ');
}

void
perry_engine_labels_read (GHashTable *labels, JsonObject *object, const char *member)
{
  JsonObject *members;
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (!perry_json_read_object (object, member, &members))
    return;
  json_object_iter_init_ordered (&iter, members);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    {
      const char *text = perry_json_as_string (value);

      if (text != NULL)
        g_hash_table_replace (labels, g_strdup (key), g_strdup (text));
    }
}

PerryContainerStatus
perry_engine_status_parse (const char *word)
{
  static const struct
  {
    const char *word;
    PerryContainerStatus status;
  } words[] = {
    { "created", PERRY_CONTAINER_CREATED },       { "configured", PERRY_CONTAINER_CREATED },
    { "initialized", PERRY_CONTAINER_INITIALISED }, { "running", PERRY_CONTAINER_RUNNING },
    { "paused", PERRY_CONTAINER_PAUSED },         { "restarting", PERRY_CONTAINER_RESTARTING },
    { "removing", PERRY_CONTAINER_STOPPING },     { "stopping", PERRY_CONTAINER_STOPPING },
    { "stopped", PERRY_CONTAINER_EXITED },        { "exited", PERRY_CONTAINER_EXITED },
    { "dead", PERRY_CONTAINER_DEAD },
  };

  for (gsize i = 0; word != NULL && i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].word, word))
      return words[i].status;
  return PERRY_CONTAINER_UNKNOWN;
}

void
perry_engine_state_read (PerryContainerInfo *info, JsonObject *state)
{
  const char *text = NULL;
  gint64 number;

  if (perry_json_read_string (state, "Status", &text))
    info->status = perry_engine_status_parse (text);
  if (perry_json_read_int64 (state, "Pid", &number) && number > 0)
    info->pid = number;
  /* A container that was never started has an exit code of 0 on both engines. */
  if ((info->status == PERRY_CONTAINER_EXITED || info->status == PERRY_CONTAINER_DEAD)
      && perry_json_read_int64 (state, "ExitCode", &number))
    info->exit_code = number;
  perry_json_read_boolean (state, "OOMKilled", &info->oom_killed);
  if (perry_json_read_string (state, "Error", &text) && *text != '\0')
    info->error = g_strdup (text);
  if (perry_json_read_string (state, "StartedAt", &text))
    info->started_at = perry_engine_time_parse (text);
  if (perry_json_read_string (state, "FinishedAt", &text))
    info->finished_at = perry_engine_time_parse (text);
}
