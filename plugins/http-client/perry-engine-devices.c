/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-devices.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "plugin-api/perry-json.h"

void
perry_engine_report_devices (PerryContainerSpec *reported, JsonObject *host_config, gboolean found_by_number)
{
  GVariantBuilder builder;
  JsonArray *array = NULL;

  if (!json_object_has_member (host_config, "Devices"))
    return;
  perry_json_read_array (host_config, "Devices", &array);
  if (found_by_number && (array == NULL || json_array_get_length (array) == 0))
    return;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sss)"));
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *device = perry_json_as_object (json_array_get_element (array, i));
      const char *source = "", *target = NULL, *permissions = "";

      if (!perry_json_read_string (device, "PathInContainer", &target))
        continue;
      if (!found_by_number)
        perry_json_read_string (device, "PathOnHost", &source);
      perry_json_read_string (device, "CgroupPermissions", &permissions);
      g_variant_builder_add (&builder, "(sss)", source, target, permissions);
    }
  perry_container_spec_take_value (reported, PERRY_FIELD_DEVICES, g_variant_builder_end (&builder));
}

void
perry_engine_limit_devices (const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  g_autoptr (GPtrArray) devices = perry_container_spec_dup_devices (spec);

  for (guint i = 0; i < devices->len; i++)
    {
      const PerryDevice *device = devices->pdata[i];
      g_autofree char *reason = NULL;
      struct stat info;

      if ((strchr (device->permissions, 'r') != NULL && strchr (device->permissions, 'w') != NULL)
          || stat (device->source, &info) != 0 || !S_ISCHR (info.st_mode)
          || !perry_device_is_everybodys ('c', major (info.st_rdev), minor (info.st_rdev)))
        continue;
      reason = g_strdup_printf ("every container may read and write %s, whatever its permissions are", device->source);
      perry_field_support_limit (support, PERRY_FIELD_DEVICES, PERRY_SUPPORT_PARTIAL, reason);
    }
}
