/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-network.h"

#include <string.h>

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-json.h"

gboolean
perry_engine_network_is_bridge (const char *driver)
{
  return driver == NULL || g_str_equal (driver, "bridge");
}

gboolean
perry_engine_address_is_ipv6 (const char *address)
{
  return address != NULL && strchr (address, ':') != NULL;
}

static char **
read_keys (JsonObject *network, const char *member)
{
  g_autoptr (GStrvBuilder) keys = NULL;
  JsonObject *object = NULL;
  JsonObjectIter iter;
  const char *key;

  if (!perry_json_read_object (network, member, &object))
    return NULL;
  keys = g_strv_builder_new ();
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, NULL))
    g_strv_builder_add (keys, key);
  return g_strv_builder_end (keys);
}

PerryNetworkInfo *
perry_engine_network_from_inspect (JsonNode *reply, PerryEngineNetworkReader read, gconstpointer networking,
                                   const char *containers_member, const char *engine, GError **error)
{
  JsonObject *network = perry_json_as_object (reply);
  PerryNetworkInfo *info = read (network, networking);

  if (info == NULL)
    perry_engine_set_shape_error (error, engine, "network inspect");
  else
    info->containers = read_keys (network, containers_member);
  return info;
}

GPtrArray *
perry_engine_networks_from_list (JsonNode *reply, PerryEngineNetworkReader read, gconstpointer networking,
                                 const char *engine, GError **error)
{
  JsonArray *rows = perry_json_as_array (reply);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_network_info_free);

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      PerryNetworkInfo *info = read (perry_json_as_object (json_array_get_element (rows, i)), networking);

      if (info == NULL)
        rows = NULL;
      else
        g_ptr_array_add (list, info);
    }
  if (rows == NULL)
    {
      perry_engine_set_shape_error (error, engine, "list of networks");
      return NULL;
    }
  return g_steal_pointer (&list);
}
