/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-volume.h"

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-body.h"
#include "plugins/http-client/perry-engine-json.h"

PerryVolumeInfo *
perry_engine_volume_from_inspect (JsonNode *reply)
{
  JsonObject *volume = perry_json_as_object (reply);
  PerryVolumeInfo *info;
  const char *text = NULL;

  if (!perry_json_read_string (volume, "Name", &text) || *text == '\0')
    return NULL;
  info = perry_volume_info_new ();
  info->name = g_strdup (text);
  info->driver = g_strdup (perry_json_read_string (volume, "Driver", &text) ? text : "");
  if (perry_json_read_string (volume, "CreatedAt", &text))
    info->created_at = perry_engine_time_parse (text);
  if (perry_json_read_string (volume, "Mountpoint", &text) && *text != '\0')
    info->mountpoint = g_strdup (text);
  perry_engine_labels_read (info->options, volume, "Options");
  perry_engine_labels_read (info->labels, volume, "Labels");
  return info;
}

GPtrArray *
perry_engine_volumes_from_rows (JsonArray *rows)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_volume_info_free);

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      PerryVolumeInfo *info = perry_engine_volume_from_inspect (json_array_get_element (rows, i));

      if (info == NULL)
        return NULL;
      g_ptr_array_add (list, info);
    }
  return g_steal_pointer (&list);
}

JsonNode *
perry_engine_volume_body (const PerryVolumeRequest *request, const char *options_member)
{
  JsonObject *body = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (body, "Name", request->name);
  json_object_set_string_member (body, "Driver", request->driver != NULL ? request->driver : "local");
  perry_engine_body_set_labels (body, options_member, request->options);
  perry_engine_body_set_labels (body, "Labels", request->labels);
  json_node_take_object (node, body);
  return node;
}
