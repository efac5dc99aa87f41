/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-network-report.h"

#include <gio/gio.h>
#include <string.h>

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-body.h"
#include "plugins/http-client/perry-engine-guard.h"
#include "plugins/http-client/perry-engine-json.h"
#include "plugins/http-client/perry-engine-network.h"

#define MAX_ADDRESS 16

/* An address and the last one of its range, as bytes. */
typedef struct {
  GSocketFamily family;
  gsize length;
  guint8 first[MAX_ADDRESS];
  guint8 last[MAX_ADDRESS];
} Range;

static gboolean
read_range (const char *text, Range *ret_range)
{
  g_autoptr (GInetAddressMask) mask = perry_network_parse_range (text);
  GInetAddress *address;
  guint prefix;

  if (mask == NULL)
    return FALSE;
  address = g_inet_address_mask_get_address (mask);
  prefix = g_inet_address_mask_get_length (mask);
  ret_range->family = g_inet_address_get_family (address);
  ret_range->length = g_inet_address_get_native_size (address);
  memcpy (ret_range->first, g_inet_address_to_bytes (address), ret_range->length);
  memcpy (ret_range->last, ret_range->first, ret_range->length);
  for (gsize bit = prefix; bit < ret_range->length * 8; bit++)
    ret_range->last[bit / 8] |= (guint8) (0x80 >> (bit % 8));
  return TRUE;
}

static char *
address_to_text (const Range *range, const guint8 *bytes)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (bytes, range->family);

  return g_inet_address_to_string (address);
}

/* The last bit decides: a range's first address is even, its last one odd. */
gboolean
perry_podman_lease_range (const char *subnet, const char *text, char **ret_first, char **ret_last)
{
  Range whole, range;

  if (!read_range (subnet, &whole) || !read_range (text, &range) || whole.family != range.family)
    return FALSE;
  if (memcmp (whole.first, range.first, range.length) == 0)
    range.first[range.length - 1] |= 1;
  if (memcmp (whole.last, range.last, range.length) == 0)
    range.last[range.length - 1] &= 0xfe;
  *ret_first = address_to_text (&range, range.first);
  *ret_last = address_to_text (&range, range.last);
  return TRUE;
}

/* The CIDR that perry_podman_lease_range() made two addresses of; what others made is written as both. */
static char *
lease_range_to_text (const char *subnet, const char *first, const char *last)
{
  for (int prefix = perry_engine_address_is_ipv6 (subnet) ? 128 : 32; prefix >= 0; prefix--)
    for (int even = 0; even < 2; even++)
      {
        g_autoptr (GInetAddress) address = g_inet_address_new_from_string (first);
        guint8 bytes[MAX_ADDRESS];
        gsize length = address != NULL ? g_inet_address_get_native_size (address) : 0;
        g_autoptr (GInetAddress) begin = NULL;
        g_autofree char *begin_text = NULL;
        g_autofree char *range = NULL;
        g_autofree char *range_first = NULL;
        g_autofree char *range_last = NULL;

        if (length == 0)
          return NULL;
        memcpy (bytes, g_inet_address_to_bytes (address), length);
        if (even == 1)
          bytes[length - 1] &= 0xfe;
        begin = g_inet_address_new_from_bytes (bytes, g_inet_address_get_family (address));
        begin_text = g_inet_address_to_string (begin);
        range = g_strdup_printf ("%s/%d", begin_text, prefix);
        if (perry_podman_lease_range (subnet, range, &range_first, &range_last) && g_str_equal (range_first, first)
            && g_str_equal (range_last, last))
          return g_steal_pointer (&range);
      }
  return g_strdup_printf ("%s-%s", first, last);
}

static JsonObject *
new_subnet (const PerrySubnet *subnet)
{
  JsonObject *row = json_object_new ();
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  json_object_set_string_member (row, "subnet", subnet->subnet);
  if (subnet->gateway != NULL)
    json_object_set_string_member (row, "gateway", subnet->gateway);
  if (subnet->ip_range != NULL && perry_podman_lease_range (subnet->subnet, subnet->ip_range, &first, &last))
    {
      JsonObject *range = json_object_new ();

      json_object_set_string_member (range, "start_ip", first);
      json_object_set_string_member (range, "end_ip", last);
      json_object_set_object_member (row, "lease_range", range);
    }
  return row;
}

static void
add_ipam (JsonObject *body, const PerryNetworkRequest *request)
{
  JsonArray *subnets = json_array_new ();
  gboolean ipv6 = request->ipv6;

  for (guint i = 0; i < request->subnets->len; i++)
    {
      const PerrySubnet *subnet = g_ptr_array_index (request->subnets, i);

      ipv6 |= perry_engine_address_is_ipv6 (subnet->subnet);
      json_array_add_object_element (subnets, new_subnet (subnet));
    }
  json_object_set_array_member (body, "subnets", subnets);
  if (ipv6)
    json_object_set_boolean_member (body, "ipv6_enabled", TRUE);
  if (request->ipam_driver != NULL && !g_str_equal (request->ipam_driver, "default"))
    {
      JsonObject *options = json_object_new ();

      json_object_set_string_member (options, "driver", request->ipam_driver);
      json_object_set_object_member (body, "ipam_options", options);
    }
}

JsonNode *
perry_podman_network_body (const PerryNetworkRequest *request, const char *bridge)
{
  JsonObject *body = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (body, "name", request->name);
  json_object_set_string_member (body, "driver", request->driver != NULL ? request->driver : "bridge");
  if (bridge != NULL)
    json_object_set_string_member (body, "network_interface", bridge);
  json_object_set_boolean_member (body, "internal", request->internal);
  /* Without it containers know no names, and an internal bridge has no address for the service that knows them. */
  if (perry_engine_network_is_bridge (request->driver))
    json_object_set_boolean_member (body, "dns_enabled", TRUE);
  if (request->subnets->len > 0 || request->ipv6 || request->ipam_driver != NULL)
    add_ipam (body, request);
  perry_engine_body_set_labels (body, "options", request->options);
  perry_engine_body_set_labels (body, "labels", request->labels);
  json_node_take_object (node, body);
  return node;
}

static void
judge (PerryNetworkInfo *info, const PerryPodmanNetworking *networking)
{
  if (!info->internal)
    return;
  info->isolation = PERRY_SUPPORT_PARTIAL;
  if (!perry_engine_network_is_bridge (info->driver))
    info->isolation_reason = g_strdup ("how well this driver keeps containers from the host is not known");
  else if (networking->rootless)
    info->isolation = PERRY_SUPPORT_NATIVE;
  else if (!perry_engine_guard_is_guarded (info->bridge))
    info->isolation_reason = g_strdup ("containers reach the host's listeners through the bridge's addresses; Podman has "
                                       "no option against that, `perryctl network create --internal` makes networks "
                                       "that a packet filter keeps from the host");
  else if (networking->no_guard != NULL)
    info->isolation_reason = g_strdup_printf ("the packet filter that keeps containers from the host's listeners cannot "
                                              "be looked after: %s", networking->no_guard);
  else
    info->isolation = PERRY_SUPPORT_NATIVE;
}

static PerrySubnet *
read_subnet (JsonObject *row)
{
  PerrySubnet *subnet = perry_subnet_new (NULL, NULL, NULL);
  JsonObject *range = NULL;

  subnet->subnet = perry_engine_string_dup (row, "subnet");
  subnet->gateway = perry_engine_string_dup (row, "gateway");
  if (perry_json_read_object (row, "lease_range", &range))
    {
      g_autofree char *first = perry_engine_string_dup (range, "start_ip");
      g_autofree char *last = perry_engine_string_dup (range, "end_ip");

      if (first != NULL && last != NULL)
        subnet->ip_range = lease_range_to_text (subnet->subnet, first, last);
    }
  return subnet;
}

static PerryNetworkInfo *
network_new (JsonObject *network, gconstpointer networking)
{
  g_autoptr (PerryNetworkInfo) info = perry_network_info_new ();
  JsonObject *ipam = NULL;
  JsonArray *subnets = NULL;
  const char *text = NULL;

  info->id = perry_engine_string_dup (network, "id");
  info->name = perry_engine_string_dup (network, "name");
  if (info->id == NULL || info->name == NULL)
    return NULL;
  info->driver = g_strdup (perry_json_read_string (network, "driver", &text) ? text : "");
  info->bridge = perry_engine_string_dup (network, "network_interface");
  if (perry_json_read_string (network, "created", &text))
    info->created_at = perry_engine_time_parse (text);
  perry_json_read_boolean (network, "internal", &info->internal);
  perry_json_read_boolean (network, "ipv6_enabled", &info->ipv6);
  if (perry_json_read_object (network, "ipam_options", &ipam))
    info->ipam_driver = perry_engine_string_dup (ipam, "driver");
  if (perry_json_read_array (network, "subnets", &subnets))
    for (guint i = 0; i < json_array_get_length (subnets); i++)
      g_ptr_array_add (info->subnets, read_subnet (perry_json_as_object (json_array_get_element (subnets, i))));
  perry_engine_labels_read (info->options, network, "options");
  perry_engine_labels_read (info->labels, network, "labels");
  judge (info, networking);
  return g_steal_pointer (&info);
}

PerryNetworkInfo *
perry_podman_network_from_inspect (JsonNode *reply, const PerryPodmanNetworking *networking, GError **error)
{
  /* The containers since Podman 5. */
  return perry_engine_network_from_inspect (reply, network_new, networking, "containers", "Podman", error);
}

GPtrArray *
perry_podman_networks_from_list (JsonNode *reply, const PerryPodmanNetworking *networking, GError **error)
{
  return perry_engine_networks_from_list (reply, network_new, networking, "Podman", error);
}

const char *
perry_podman_network_removal_error (JsonNode *reply)
{
  JsonArray *rows = perry_json_as_array (reply);
  const char *text = NULL;

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    if (perry_json_read_string (perry_json_as_object (json_array_get_element (rows, i)), "Err", &text) && *text != '\0')
      return text;
  return NULL;
}
