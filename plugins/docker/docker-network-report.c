/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-network-report.h"

#include <string.h>

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-body.h"
#include "plugins/http-client/perry-engine-guard.h"
#include "plugins/http-client/perry-engine-json.h"
#include "plugins/http-client/perry-engine-network.h"

#define BRIDGE_OPTION "com.docker.network.bridge."
#define INHIBIT BRIDGE_OPTION "inhibit_ipv4"
#define GATEWAY_MODE_IPV4 BRIDGE_OPTION "gateway_mode_ipv4"
#define GATEWAY_MODE_IPV6 BRIDGE_OPTION "gateway_mode_ipv6"

/* Older versions take the gateway mode, repeat it, and do nothing with it. */
#define ISOLATED_MAJOR 28
/* Older versions give a container of an internal network a default route. */
#define NO_ROUTE_MAJOR 26

static gboolean
wants_ipv6 (const PerryNetworkRequest *request)
{
  for (guint i = 0; i < request->subnets->len; i++)
    if (perry_engine_address_is_ipv6 (((PerrySubnet *) g_ptr_array_index (request->subnets, i))->subnet))
      return TRUE;
  return request->ipv6;
}

static void
set_unless_given (JsonObject *options, const char *name, const char *value)
{
  if (!json_object_has_member (options, name))
    json_object_set_string_member (options, name, value);
}

static void
add_options (JsonObject *body, const PerryNetworkRequest *request, const PerryDockerNetworking *networking,
             const char *bridge)
{
  JsonObject *options;

  perry_engine_body_set_labels (body, "Options", request->options);
  if (!request->internal || !perry_engine_network_is_bridge (request->driver))
    return;
  if (!json_object_has_member (body, "Options"))
    json_object_set_object_member (body, "Options", json_object_new ());
  options = json_object_get_object_member (body, "Options");
  if (bridge != NULL)
    set_unless_given (options, BRIDGE_OPTION "name", bridge);
  if (networking->major < ISOLATED_MAJOR)
    {
      set_unless_given (options, INHIBIT, "true");
      return;
    }
  set_unless_given (options, GATEWAY_MODE_IPV4, "isolated");
  if (wants_ipv6 (request))
    set_unless_given (options, GATEWAY_MODE_IPV6, "isolated");
}

static void
set_text (JsonObject *object, const char *member, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, member, text);
}

static void
add_ipam (JsonObject *body, const PerryNetworkRequest *request)
{
  JsonObject *ipam = json_object_new ();
  JsonArray *config = json_array_new ();

  for (guint i = 0; i < request->subnets->len; i++)
    {
      const PerrySubnet *subnet = g_ptr_array_index (request->subnets, i);
      JsonObject *row = json_object_new ();

      set_text (row, "Subnet", subnet->subnet);
      set_text (row, "IPRange", subnet->ip_range);
      set_text (row, "Gateway", subnet->gateway);
      json_array_add_object_element (config, row);
    }
  set_text (ipam, "Driver", request->ipam_driver);
  json_object_set_array_member (ipam, "Config", config);
  json_object_set_object_member (body, "IPAM", ipam);
}

JsonNode *
perry_docker_network_body (const PerryNetworkRequest *request, const PerryDockerNetworking *networking,
                           const char *bridge)
{
  JsonObject *body = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (body, "Name", request->name);
  /* Without this, Docker 20.10 makes a second network of the same name. */
  json_object_set_boolean_member (body, "CheckDuplicate", TRUE);
  json_object_set_string_member (body, "Driver", request->driver != NULL ? request->driver : "bridge");
  if (request->internal)
    json_object_set_boolean_member (body, "Internal", TRUE);
  if (wants_ipv6 (request))
    json_object_set_boolean_member (body, "EnableIPv6", TRUE);
  if (request->subnets->len > 0 || request->ipam_driver != NULL)
    add_ipam (body, request);
  add_options (body, request, networking, bridge);
  perry_engine_body_set_labels (body, "Labels", request->labels);
  json_node_take_object (node, body);
  return node;
}

static gboolean
option_is (const PerryNetworkInfo *info, const char *name, const char *value)
{
  return g_strcmp0 (g_hash_table_lookup (info->options, name), value) == 0;
}

/* Why containers of an internal network reach the host by its addresses; NULL where they do not. */
static const char *
find_open_address (const PerryNetworkInfo *info, const PerryDockerNetworking *networking)
{
  gboolean inhibited = option_is (info, INHIBIT, "true");
  gboolean isolated = networking->major >= ISOLATED_MAJOR && option_is (info, GATEWAY_MODE_IPV4, "isolated");
  gboolean isolated_ipv6 = networking->major >= ISOLATED_MAJOR && option_is (info, GATEWAY_MODE_IPV6, "isolated");

  if (!inhibited && !isolated)
    return "containers reach the host's listeners through the bridge's address: the network lacks the option "
           "com.docker.network.bridge.inhibit_ipv4=true (or, since Docker 28, gateway_mode_ipv4=isolated); "
           "`perryctl network create --internal` sets it";
  if (info->ipv6 && !isolated_ipv6)
    return networking->major >= ISOLATED_MAJOR
               ? "containers reach the host's listeners over IPv6: the network lacks the option "
                 "com.docker.network.bridge.gateway_mode_ipv6=isolated"
               : "containers reach the host's listeners over IPv6, which no option of Docker before 28 prevents";
  return NULL;
}

static void
judge (PerryNetworkInfo *info, const PerryDockerNetworking *networking)
{
  const char *gap;

  if (!info->internal)
    return;
  info->keeps_route = networking->major < NO_ROUTE_MAJOR;
  if (networking->rootless
      || (perry_engine_network_is_bridge (info->driver) && perry_engine_guard_is_guarded (info->bridge)
          && networking->no_guard == NULL))
    {
      info->isolation = PERRY_SUPPORT_NATIVE;
      return;
    }
  info->isolation = PERRY_SUPPORT_PARTIAL;
  if (!perry_engine_network_is_bridge (info->driver))
    {
      info->isolation_reason = g_strdup ("how well this driver keeps containers from the host is not known");
      return;
    }
  gap = find_open_address (info, networking);
  if (gap != NULL)
    info->isolation_reason = g_strdup (gap);
  else
    info->isolation_reason = g_strdup_printf (
      "datagrams that containers send to 255.255.255.255 arrive at the host's UDP listeners; the packet filter against that "
      "%s%s", networking->no_guard != NULL ? "cannot be set: " : "is for networks of `perryctl network create --internal`",
      networking->no_guard != NULL ? networking->no_guard : "");
}

static void
read_ipam (PerryNetworkInfo *info, JsonObject *network)
{
  JsonObject *ipam = NULL;
  JsonArray *config = NULL;

  if (!perry_json_read_object (network, "IPAM", &ipam))
    return;
  info->ipam_driver = perry_engine_string_dup (ipam, "Driver");
  if (!perry_json_read_array (ipam, "Config", &config))
    return;
  for (guint i = 0; i < json_array_get_length (config); i++)
    {
      JsonObject *row = perry_json_as_object (json_array_get_element (config, i));
      PerrySubnet *subnet;

      if (row == NULL)
        continue;
      subnet = perry_subnet_new (NULL, NULL, NULL);
      subnet->subnet = perry_engine_string_dup (row, "Subnet");
      subnet->gateway = perry_engine_string_dup (row, "Gateway");
      subnet->ip_range = perry_engine_string_dup (row, "IPRange");
      info->ipv6 |= perry_engine_address_is_ipv6 (subnet->subnet);
      g_ptr_array_add (info->subnets, subnet);
    }
}

static char *
find_bridge (const PerryNetworkInfo *info)
{
  const char *name = g_hash_table_lookup (info->options, BRIDGE_OPTION "name");

  if (!perry_engine_network_is_bridge (info->driver))
    return NULL;
  return name != NULL ? g_strdup (name) : g_strdup_printf ("br-%.12s", info->id);
}

static PerryNetworkInfo *
network_new (JsonObject *network, gconstpointer networking)
{
  g_autoptr (PerryNetworkInfo) info = perry_network_info_new ();
  const char *text = NULL;

  info->id = perry_engine_string_dup (network, "Id");
  info->name = perry_engine_string_dup (network, "Name");
  if (info->id == NULL || info->name == NULL)
    return NULL;
  info->driver = g_strdup (perry_json_read_string (network, "Driver", &text) ? text : "");
  if (perry_json_read_string (network, "Created", &text))
    info->created_at = perry_engine_time_parse (text);
  perry_json_read_boolean (network, "Internal", &info->internal);
  perry_json_read_boolean (network, "EnableIPv6", &info->ipv6);
  read_ipam (info, network);
  perry_engine_labels_read (info->options, network, "Options");
  perry_engine_labels_read (info->labels, network, "Labels");
  info->bridge = find_bridge (info);
  judge (info, networking);
  return g_steal_pointer (&info);
}

PerryNetworkInfo *
perry_docker_network_from_inspect (JsonNode *reply, const PerryDockerNetworking *networking, GError **error)
{
  PerryNetworkInfo *info = perry_engine_network_from_inspect (reply, network_new, networking, "Containers", "Docker",
                                                              error);

  /* Docker leaves out what is empty. */
  if (info != NULL && info->containers == NULL)
    info->containers = g_new0 (char *, 1);
  return info;
}

GPtrArray *
perry_docker_networks_from_list (JsonNode *reply, const PerryDockerNetworking *networking, GError **error)
{
  return perry_engine_networks_from_list (reply, network_new, networking, "Docker", error);
}
