/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-facts.h"

#include "plugin-api/perry-file.h"
#include "plugin-api/perry-json.h"

/* Where the start time stands in /proc/PID/stat, counted from the column after the program's name. */
#define START_TIME_COLUMN 19
#define MAX_STAT_BYTES 4096

char *
perry_podman_facts_key (gint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  g_autofree char *stat = pid > 0 ? perry_file_read_text (path, MAX_STAT_BYTES, NULL) : NULL;
  g_autofree char *boot = perry_file_read_text ("/proc/sys/kernel/random/boot_id", MAX_STAT_BYTES, NULL);
  g_auto (GStrv) columns = NULL;
  const char *rest;

  if (stat == NULL || boot == NULL)
    return NULL;
  /* The name may contain anything, brackets and blanks included. */
  rest = strrchr (stat, ')');
  if (rest == NULL)
    return NULL;
  columns = g_strsplit (rest + 1 + strspn (rest + 1, " "), " ", START_TIME_COLUMN + 2);
  if (g_strv_length (columns) <= START_TIME_COLUMN)
    return NULL;
  return g_strdup_printf ("%s:%" G_GINT64_FORMAT ":%s", g_strchomp (boot), pid, columns[START_TIME_COLUMN]);
}

static char *
facts_path (const char *directory, const char *socket_path)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, socket_path, -1);

  return g_strdup_printf ("%s/podman-info-%.12s.json", directory, digest);
}

JsonNode *
perry_podman_facts_load (const char *directory, const char *socket_path, const char *key)
{
  g_autofree char *path = facts_path (directory, socket_path);
  g_autofree char *text = perry_file_read_text (path, PERRY_JSON_DEFAULT_MAX_BYTES, NULL);
  g_autoptr (JsonNode) document = NULL;
  JsonNode *reply;

  if (text == NULL)
    return NULL;
  document = perry_json_parse (text, -1, NULL, NULL);
  if (g_strcmp0 (perry_json_as_string (perry_json_find (document, "process", NULL)), key) != 0)
    return NULL;
  reply = perry_json_find (document, "reply", NULL);
  return reply != NULL ? json_node_copy (reply) : NULL;
}

void
perry_podman_facts_store (const char *directory, const char *socket_path, const char *key, JsonNode *reply)
{
  g_autofree char *path = facts_path (directory, socket_path);
  g_autoptr (JsonNode) document = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "process", key);
  json_object_set_member (object, "reply", json_node_copy (reply));
  json_node_take_object (document, object);
  text = perry_json_to_text (document, FALSE);
  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}
