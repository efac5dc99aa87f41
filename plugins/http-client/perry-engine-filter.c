/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-filter.h"

JsonNode *
perry_engine_label_filter (const char *const *labels)
{
  JsonObject *filter;
  JsonArray *array;
  JsonNode *node;

  if (labels == NULL || *labels == NULL)
    return NULL;
  filter = json_object_new ();
  array = json_array_new ();
  for (const char *const *label = labels; *label != NULL; label++)
    json_array_add_string_element (array, *label);
  json_object_set_array_member (filter, "label", array);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, filter);
  return node;
}

char *
perry_engine_time_to_query (gint64 time)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT ".%06d", time / G_USEC_PER_SEC, (int) (time % G_USEC_PER_SEC));
}
