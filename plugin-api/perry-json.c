/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"

#include <string.h>

#include "plugin-api/perry-error.h"

/* Longer names are not typing mistakes, and the distance costs the product of both lengths. */
#define MAX_NAME_LENGTH 128

JsonNode *
perry_json_parse (const char *data, gssize length, const PerryJsonLimits *limits, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!perry_json_check (data, length, limits, error))
    return NULL;

  parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, data, length, &local_error))
    {
      g_autofree char *text = g_utf8_make_valid (local_error->message, -1);

      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_JSON, "json-glib refused the document: %s", text);
      return NULL;
    }
  return json_parser_steal_root (parser);
}

JsonNode *
perry_json_parse_bytes (GBytes *bytes, const PerryJsonLimits *limits, GError **error)
{
  gsize size;
  const char *data;

  g_return_val_if_fail (bytes != NULL, NULL);

  data = g_bytes_get_data (bytes, &size);
  return perry_json_parse (data != NULL ? data : "", (gssize) size, limits, error);
}

static gboolean
holds (JsonNode *node, GType type)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

const char *
perry_json_as_string (JsonNode *node)
{
  return holds (node, G_TYPE_STRING) ? json_node_get_string (node) : NULL;
}

JsonObject *
perry_json_as_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
perry_json_as_array (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

gboolean
perry_json_as_boolean (JsonNode *node, gboolean *ret_value)
{
  if (!holds (node, G_TYPE_BOOLEAN))
    return FALSE;
  if (ret_value != NULL)
    *ret_value = json_node_get_boolean (node);
  return TRUE;
}

gboolean
perry_json_as_int64 (JsonNode *node, gint64 *ret_value)
{
  if (!holds (node, G_TYPE_INT64))
    return FALSE;
  if (ret_value != NULL)
    *ret_value = json_node_get_int (node);
  return TRUE;
}

gboolean
perry_json_as_double (JsonNode *node, double *ret_value)
{
  if (!holds (node, G_TYPE_DOUBLE) && !holds (node, G_TYPE_INT64))
    return FALSE;
  if (ret_value != NULL)
    *ret_value = json_node_get_double (node);
  return TRUE;
}

gboolean
perry_json_as_strv (JsonNode *node, char ***ret_value)
{
  JsonArray *array = perry_json_as_array (node);
  g_autoptr (GPtrArray) strings = NULL;

  if (array == NULL)
    return FALSE;

  strings = g_ptr_array_new_full (json_array_get_length (array) + 1, g_free);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *text = perry_json_as_string (json_array_get_element (array, i));

      if (text == NULL)
        return FALSE;
      g_ptr_array_add (strings, g_strdup (text));
    }

  if (ret_value != NULL)
    {
      g_ptr_array_add (strings, NULL);
      *ret_value = (char **) g_ptr_array_steal (strings, NULL);
    }
  return TRUE;
}

static JsonNode *
get_member (JsonObject *object, const char *member)
{
  g_return_val_if_fail (member != NULL, NULL);

  return object != NULL ? json_object_get_member (object, member) : NULL;
}

gboolean
perry_json_read_string (JsonObject *object, const char *member, const char **ret_value)
{
  const char *text = perry_json_as_string (get_member (object, member));

  if (text != NULL && ret_value != NULL)
    *ret_value = text;
  return text != NULL;
}

gboolean
perry_json_read_boolean (JsonObject *object, const char *member, gboolean *ret_value)
{
  return perry_json_as_boolean (get_member (object, member), ret_value);
}

gboolean
perry_json_read_int64 (JsonObject *object, const char *member, gint64 *ret_value)
{
  return perry_json_as_int64 (get_member (object, member), ret_value);
}

gboolean
perry_json_read_double (JsonObject *object, const char *member, double *ret_value)
{
  return perry_json_as_double (get_member (object, member), ret_value);
}

gboolean
perry_json_read_object (JsonObject *object, const char *member, JsonObject **ret_value)
{
  JsonObject *inner = perry_json_as_object (get_member (object, member));

  if (inner != NULL && ret_value != NULL)
    *ret_value = inner;
  return inner != NULL;
}

gboolean
perry_json_read_array (JsonObject *object, const char *member, JsonArray **ret_value)
{
  JsonArray *array = perry_json_as_array (get_member (object, member));

  if (array != NULL && ret_value != NULL)
    *ret_value = array;
  return array != NULL;
}

gboolean
perry_json_read_strv (JsonObject *object, const char *member, char ***ret_value)
{
  return perry_json_as_strv (get_member (object, member), ret_value);
}

JsonNode *
perry_json_find (JsonNode *root, ...)
{
  JsonNode *node = root;
  const char *member;
  va_list names;

  va_start (names, root);
  while (node != NULL && (member = va_arg (names, const char *)) != NULL)
    node = get_member (perry_json_as_object (node), member);
  va_end (names);
  return node;
}

/* The optimal string alignment distance; both lengths are at most MAX_NAME_LENGTH. */
static gsize
get_distance (const char *a, gsize a_length, const char *b, gsize b_length)
{
  guint8 rows[3][MAX_NAME_LENGTH + 1];
  guint8 *before = rows[0], *above = rows[1], *row = rows[2];

  for (gsize j = 0; j <= b_length; j++)
    above[j] = (guint8) j;

  for (gsize i = 1; i <= a_length; i++)
    {
      guint8 *oldest = before;

      row[0] = (guint8) i;
      for (gsize j = 1; j <= b_length; j++)
        {
          int distance = above[j - 1] + (a[i - 1] != b[j - 1]);

          distance = MIN (distance, MIN (above[j], row[j - 1]) + 1);
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            distance = MIN (distance, before[j - 2] + 1);
          row[j] = (guint8) distance;
        }
      before = above;
      above = row;
      row = oldest;
    }
  return above[b_length];
}

const char *
perry_json_nearest_key (const char *unknown, const char *const *known)
{
  const char *nearest = NULL;
  gsize nearest_distance = G_MAXSIZE;
  gsize length;

  g_return_val_if_fail (unknown != NULL, NULL);
  g_return_val_if_fail (known != NULL, NULL);

  length = strlen (unknown);
  if (length > MAX_NAME_LENGTH)
    return NULL;

  for (; *known != NULL; known++)
    {
      gsize known_length = strlen (*known);
      gsize distance;

      if (known_length > MAX_NAME_LENGTH)
        continue;
      distance = get_distance (unknown, length, *known, known_length);
      if (distance < nearest_distance && distance <= MAX (length, known_length) / 3)
        {
          nearest = *known;
          nearest_distance = distance;
        }
    }
  return nearest;
}
