/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/engine/perry-engine-networks.h"
#include "core/engine/perry-json-members.h"

static void
add_map (JsonBuilder *builder, const char *name, GHashTable *map)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (map), (GCompareFunc) strcmp);

  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  for (GList *key = keys; key != NULL; key = key->next)
    perry_json_add_string (builder, key->data, g_hash_table_lookup (map, key->data));
  json_builder_end_object (builder);
}

static void
add_subnets (JsonBuilder *builder, GPtrArray *subnets)
{
  json_builder_set_member_name (builder, "subnets");
  json_builder_begin_array (builder);
  for (guint i = 0; i < subnets->len; i++)
    {
      const PerrySubnet *subnet = g_ptr_array_index (subnets, i);

      json_builder_begin_object (builder);
      perry_json_add_string (builder, "subnet", subnet->subnet);
      perry_json_add_string (builder, "gateway", subnet->gateway);
      perry_json_add_string (builder, "ip_range", subnet->ip_range);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_containers (JsonBuilder *builder, char **containers)
{
  json_builder_set_member_name (builder, "containers");
  if (containers == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_array (builder);
  for (char **container = containers; *container != NULL; container++)
    json_builder_add_string_value (builder, *container);
  json_builder_end_array (builder);
}

JsonNode *
perry_network_info_to_json (const PerryNetworkInfo *info)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "id", info->id);
  perry_json_add_string (builder, "name", info->name);
  perry_json_add_string (builder, "driver", info->driver);
  perry_json_add_time (builder, "created_at", info->created_at);
  perry_json_add_boolean (builder, "internal", info->internal);
  perry_json_add_string (builder, "isolation", info->internal ? perry_support_get_name (info->isolation) : NULL);
  perry_json_add_string (builder, "isolation_reason", info->isolation_reason);
  perry_json_add_boolean (builder, "ipv6", info->ipv6);
  perry_json_add_string (builder, "ipam_driver", info->ipam_driver);
  add_subnets (builder, info->subnets);
  perry_json_add_string (builder, "bridge", info->bridge);
  add_map (builder, "options", info->options);
  add_map (builder, "labels", info->labels);
  add_containers (builder, info->containers);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

JsonNode *
perry_volume_info_to_json (const PerryVolumeInfo *info)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "name", info->name);
  perry_json_add_string (builder, "driver", info->driver);
  perry_json_add_time (builder, "created_at", info->created_at);
  perry_json_add_string (builder, "mountpoint", info->mountpoint);
  add_map (builder, "options", info->options);
  add_map (builder, "labels", info->labels);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
