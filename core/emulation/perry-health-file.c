/* SPDX-License-Identifier: Apache-2.0 */
#include "core/emulation/perry-health-file.h"

#include <string.h>

#include <glib/gstdio.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-file.h"
#include "plugin-api/perry-json.h"

#define PREFIX "health-"
#define SUFFIX ".json"
#define MAX_RECORDS 10000

static const PerryJsonLimits limits = { .max_bytes = 4096, .max_values = 16, .max_string_bytes = 512,
                                        .max_members = 16 };

void
perry_health_record_clear (PerryHealthRecord *record)
{
  g_clear_pointer (&record->driver, g_free);
}

/* An engine's id is hexadecimal; nothing else becomes part of a path. */
static char *
make_path (const char *directory, const char *id)
{
  g_autofree char *name = NULL;

  if (*id == '\0' || strspn (id, "0123456789abcdef") != strlen (id))
    return NULL;
  name = g_strconcat (PREFIX, id, SUFFIX, NULL);
  return g_build_filename (directory, name, NULL);
}

gboolean
perry_health_file_write (const char *directory, const char *id, const PerryHealthRecord *record, GError **error)
{
  g_autofree char *path = make_path (directory, id);
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *text = NULL;
  GError *local_error = NULL;

  json_node_take_object (root, object);
  json_object_set_string_member (object, "driver", record->driver);
  json_object_set_string_member (object, "health", perry_health_get_name (record->health));
  json_object_set_int_member (object, "failing_streak", record->failing_streak);
  text = perry_json_to_text (root, FALSE);
  if (path == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "“%.80s” is not a container's id", id);
      return FALSE;
    }
  if (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &local_error))
    return TRUE;
  perry_error_propagate_foreign (error, local_error, PERRY_ERROR_FAILED, "writing what is known about the health of a "
                                                                         "container");
  return FALSE;
}

static PerryHealth
health_from_name (const char *name)
{
  for (int health = PERRY_HEALTH_NONE; health <= PERRY_HEALTH_UNKNOWN; health++)
    if (g_str_equal (name, perry_health_get_name (health)))
      return (PerryHealth) health;
  return PERRY_HEALTH_UNKNOWN;
}

static gboolean
read_path (const char *path, PerryHealthRecord *ret_record)
{
  g_autofree char *text = perry_file_read_text (path, limits.max_bytes, NULL);
  g_autoptr (JsonNode) root = NULL;
  const char *driver = NULL, *health = NULL;
  gint64 streak = 0;

  if (text == NULL)
    return FALSE;
  root = perry_json_parse (text, -1, &limits, NULL);
  if (!perry_json_read_string (perry_json_as_object (root), "driver", &driver) ||
      !perry_json_read_string (perry_json_as_object (root), "health", &health) ||
      !perry_json_read_int64 (perry_json_as_object (root), "failing_streak", &streak) || streak < 0)
    return FALSE;
  *ret_record = (PerryHealthRecord){ g_strdup (driver), health_from_name (health), streak };
  return TRUE;
}

gboolean
perry_health_file_read (const char *directory, const char *id, PerryHealthRecord *ret_record)
{
  g_autofree char *path = make_path (directory, id);

  return path != NULL && read_path (path, ret_record);
}

void
perry_health_file_remove (const char *directory, const char *id, const char *driver)
{
  g_autofree char *path = make_path (directory, id);
  g_auto (PerryHealthRecord) record = { NULL };

  if (path != NULL && read_path (path, &record) && g_str_equal (record.driver, driver))
    g_unlink (path);
}

void
perry_health_file_sweep (const char *directory, gboolean (*is_gone) (const char *driver))
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  for (guint i = 0; dir != NULL && i < MAX_RECORDS && (name = g_dir_read_name (dir)) != NULL; i++)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_auto (PerryHealthRecord) record = { NULL };

      if (g_str_has_prefix (name, PREFIX) && g_str_has_suffix (name, SUFFIX) && read_path (path, &record) &&
          is_gone (record.driver))
        g_unlink (path);
    }
}
