/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-network.h"

G_DEFINE_BOXED_TYPE (PerrySubnet, perry_subnet, perry_subnet_copy, perry_subnet_free)
G_DEFINE_BOXED_TYPE (PerryNetworkRequest, perry_network_request, perry_network_request_copy, perry_network_request_free)
G_DEFINE_BOXED_TYPE (PerryNetworkInfo, perry_network_info, perry_network_info_copy, perry_network_info_free)
G_DEFINE_BOXED_TYPE (PerryVolumeRequest, perry_volume_request, perry_volume_request_copy, perry_volume_request_free)
G_DEFINE_BOXED_TYPE (PerryVolumeInfo, perry_volume_info, perry_volume_info_copy, perry_volume_info_free)

PerrySubnet *
perry_subnet_new (const char *subnet, const char *gateway, const char *ip_range)
{
  PerrySubnet *result = g_new0 (PerrySubnet, 1);

  result->subnet = g_strdup (subnet);
  result->gateway = g_strdup (gateway);
  result->ip_range = g_strdup (ip_range);
  return result;
}

PerrySubnet *
perry_subnet_copy (const PerrySubnet *subnet)
{
  return perry_subnet_new (subnet->subnet, subnet->gateway, subnet->ip_range);
}

void
perry_subnet_free (PerrySubnet *subnet)
{
  if (subnet == NULL)
    return;
  g_free (subnet->subnet);
  g_free (subnet->gateway);
  g_free (subnet->ip_range);
  g_free (subnet);
}

static GHashTable *
new_map (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static GHashTable *
copy_map (GHashTable *map)
{
  GHashTable *copy = new_map ();
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, map);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy, g_strdup (key), g_strdup (value));
  return copy;
}

static GPtrArray *
new_subnets (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) perry_subnet_free);
}

static GPtrArray *
copy_subnets (GPtrArray *subnets)
{
  GPtrArray *copy = new_subnets ();

  for (guint i = 0; i < subnets->len; i++)
    g_ptr_array_add (copy, perry_subnet_copy (g_ptr_array_index (subnets, i)));
  return copy;
}

PerryNetworkRequest *
perry_network_request_new (const char *name)
{
  PerryNetworkRequest *request = g_new0 (PerryNetworkRequest, 1);

  request->name = g_strdup (name);
  request->subnets = new_subnets ();
  request->options = new_map ();
  request->labels = new_map ();
  return request;
}

PerryNetworkRequest *
perry_network_request_copy (const PerryNetworkRequest *request)
{
  PerryNetworkRequest *copy = g_memdup2 (request, sizeof *request);

  copy->name = g_strdup (request->name);
  copy->driver = g_strdup (request->driver);
  copy->ipam_driver = g_strdup (request->ipam_driver);
  copy->subnets = copy_subnets (request->subnets);
  copy->options = copy_map (request->options);
  copy->labels = copy_map (request->labels);
  return copy;
}

void
perry_network_request_free (PerryNetworkRequest *request)
{
  if (request == NULL)
    return;
  g_free (request->name);
  g_free (request->driver);
  g_free (request->ipam_driver);
  g_ptr_array_unref (request->subnets);
  g_hash_table_unref (request->options);
  g_hash_table_unref (request->labels);
  g_free (request);
}

PerryNetworkInfo *
perry_network_info_new (void)
{
  PerryNetworkInfo *info = g_new0 (PerryNetworkInfo, 1);

  info->isolation = PERRY_SUPPORT_UNSUPPORTED;
  info->subnets = new_subnets ();
  info->options = new_map ();
  info->labels = new_map ();
  return info;
}

PerryNetworkInfo *
perry_network_info_copy (const PerryNetworkInfo *info)
{
  PerryNetworkInfo *copy = g_memdup2 (info, sizeof *info);

  copy->id = g_strdup (info->id);
  copy->name = g_strdup (info->name);
  copy->driver = g_strdup (info->driver);
  copy->isolation_reason = g_strdup (info->isolation_reason);
  copy->ipam_driver = g_strdup (info->ipam_driver);
  copy->subnets = copy_subnets (info->subnets);
  copy->bridge = g_strdup (info->bridge);
  copy->options = copy_map (info->options);
  copy->labels = copy_map (info->labels);
  copy->containers = g_strdupv (info->containers);
  return copy;
}

void
perry_network_info_free (PerryNetworkInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->id);
  g_free (info->name);
  g_free (info->driver);
  g_free (info->isolation_reason);
  g_free (info->ipam_driver);
  g_ptr_array_unref (info->subnets);
  g_free (info->bridge);
  g_hash_table_unref (info->options);
  g_hash_table_unref (info->labels);
  g_strfreev (info->containers);
  g_free (info);
}

PerryVolumeRequest *
perry_volume_request_new (const char *name)
{
  PerryVolumeRequest *request = g_new0 (PerryVolumeRequest, 1);

  request->name = g_strdup (name);
  request->options = new_map ();
  request->labels = new_map ();
  return request;
}

PerryVolumeRequest *
perry_volume_request_copy (const PerryVolumeRequest *request)
{
  PerryVolumeRequest *copy = g_memdup2 (request, sizeof *request);

  copy->name = g_strdup (request->name);
  copy->driver = g_strdup (request->driver);
  copy->options = copy_map (request->options);
  copy->labels = copy_map (request->labels);
  return copy;
}

void
perry_volume_request_free (PerryVolumeRequest *request)
{
  if (request == NULL)
    return;
  g_free (request->name);
  g_free (request->driver);
  g_hash_table_unref (request->options);
  g_hash_table_unref (request->labels);
  g_free (request);
}

PerryVolumeInfo *
perry_volume_info_new (void)
{
  PerryVolumeInfo *info = g_new0 (PerryVolumeInfo, 1);

  info->options = new_map ();
  info->labels = new_map ();
  return info;
}

PerryVolumeInfo *
perry_volume_info_copy (const PerryVolumeInfo *info)
{
  PerryVolumeInfo *copy = g_memdup2 (info, sizeof *info);

  copy->name = g_strdup (info->name);
  copy->driver = g_strdup (info->driver);
  copy->mountpoint = g_strdup (info->mountpoint);
  copy->options = copy_map (info->options);
  copy->labels = copy_map (info->labels);
  return copy;
}

void
perry_volume_info_free (PerryVolumeInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->name);
  g_free (info->driver);
  g_free (info->mountpoint);
  g_hash_table_unref (info->options);
  g_hash_table_unref (info->labels);
  g_free (info);
}
