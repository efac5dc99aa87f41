/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-image.h"

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-json.h"

static PerryImageInfo *
image_new (JsonObject *image)
{
  PerryImageInfo *info;
  const char *id = NULL;

  if (!perry_json_read_string (image, "Id", &id) || *id == '\0')
    return NULL;
  info = perry_image_info_new ();
  info->id = perry_engine_image_id_dup (id);
  info->names = perry_engine_image_names_dup (image, "RepoTags");
  info->digests = perry_engine_image_names_dup (image, "RepoDigests");
  if (!perry_json_read_int64 (image, "Size", &info->size) || info->size < 0)
    info->size = -1;
  return info;
}

PerryImageInfo *
perry_engine_image_from_inspect (JsonObject *image)
{
  PerryImageInfo *info = image_new (image);
  JsonObject *config = NULL;
  const char *text = NULL;

  if (info == NULL)
    return NULL;
  if (perry_json_read_string (image, "Created", &text))
    info->created_at = perry_engine_time_parse (text);
  if (perry_json_read_string (image, "Os", &text))
    info->os = g_strdup (text);
  if (perry_json_read_string (image, "Architecture", &text))
    info->architecture = g_strdup (text);
  if (perry_json_read_string (image, "Variant", &text) && *text != '\0')
    info->variant = g_strdup (text);
  perry_json_read_object (image, "Config", &config);
  if (perry_json_read_string (config, "User", &text) && *text != '\0')
    info->user = g_strdup (text);
  if (perry_json_read_string (config, "WorkingDir", &text) && *text != '\0')
    info->working_directory = g_strdup (text);
  return info;
}

GPtrArray *
perry_engine_images_from_list (JsonNode *reply)
{
  JsonArray *rows = perry_json_as_array (reply);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_image_info_free);

  if (rows == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = perry_json_as_object (json_array_get_element (rows, i));
      PerryImageInfo *info = image_new (row);
      gint64 created;

      if (info == NULL)
        return NULL;
      if (perry_json_read_int64 (row, "Created", &created))
        info->created_at = perry_engine_time_from_seconds (created);
      g_ptr_array_add (list, info);
    }
  return g_steal_pointer (&list);
}
