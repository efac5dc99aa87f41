/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-body.h"

void
perry_engine_body_set_boolean (JsonObject *body, const char *member, const PerryContainerSpec *spec, PerryField field)
{
  if (perry_container_spec_is_set (spec, field))
    json_object_set_boolean_member (body, member, perry_container_spec_get_boolean (spec, field));
}

void
perry_engine_body_set_string (JsonObject *body, const char *member, const PerryContainerSpec *spec, PerryField field)
{
  if (perry_container_spec_is_set (spec, field))
    json_object_set_string_member (body, member, perry_container_spec_get_string (spec, field));
}

void
perry_engine_body_set_strv (JsonObject *body, const char *member, const PerryContainerSpec *spec, PerryField field)
{
  g_autofree const char **strings = perry_container_spec_get_strv (spec, field);
  JsonArray *array;

  if (strings == NULL)
    return;
  array = json_array_new ();
  for (const char **string = strings; *string != NULL; string++)
    json_array_add_string_element (array, *string);
  json_object_set_array_member (body, member, array);
}

void
perry_engine_body_set_map (JsonObject *body, const char *member, const PerryContainerSpec *spec, PerryField field)
{
  GVariant *map = perry_container_spec_get_value (spec, field);
  JsonObject *object;
  GVariantIter iter;
  const char *key, *value;

  if (map == NULL)
    return;
  object = json_object_new ();
  g_variant_iter_init (&iter, map);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    json_object_set_string_member (object, key, value);
  json_object_set_object_member (body, member, object);
}

void
perry_engine_body_set_pairs (JsonObject *body, const char *member, const PerryContainerSpec *spec, PerryField field)
{
  GVariant *map = perry_container_spec_get_value (spec, field);
  JsonArray *array;
  GVariantIter iter;
  const char *key, *value;

  if (map == NULL)
    return;
  array = json_array_new ();
  g_variant_iter_init (&iter, map);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    perry_engine_body_add_element (array, "%s=%s", key, value);
  json_object_set_array_member (body, member, array);
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

void
perry_engine_body_set_labels (JsonObject *body, const char *member, GHashTable *labels)
{
  g_autofree const char **keys = NULL;
  JsonObject *object;
  guint n_keys;

  if (labels == NULL || g_hash_table_size (labels) == 0)
    return;
  keys = (const char **) g_hash_table_get_keys_as_array (labels, &n_keys);
  qsort (keys, n_keys, sizeof *keys, compare_keys);
  object = json_object_new ();
  for (guint i = 0; i < n_keys; i++)
    json_object_set_string_member (object, keys[i], g_hash_table_lookup (labels, keys[i]));
  json_object_set_object_member (body, member, object);
}

void
perry_engine_body_add_element (JsonArray *array, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  json_array_add_string_element (array, text);
}
