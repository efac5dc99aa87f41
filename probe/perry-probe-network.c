/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-probe.h"

#include "probe/perry-probe-json.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
count_bits (const unsigned char *mask, size_t length)
{
  int bits = 0;

  for (size_t i = 0; i < length; i++)
    bits += __builtin_popcount (mask[i]);
  return bits;
}

static void
add_address (const struct ifaddrs *entry)
{
  char text[INET6_ADDRSTRLEN];
  char with_prefix[INET6_ADDRSTRLEN + 16];
  const void *address, *mask;
  size_t length;

  if (entry->ifa_addr == NULL || entry->ifa_netmask == NULL)
    return;
  if (entry->ifa_addr->sa_family == AF_INET)
    {
      address = &((const struct sockaddr_in *) (const void *) entry->ifa_addr)->sin_addr;
      mask = &((const struct sockaddr_in *) (const void *) entry->ifa_netmask)->sin_addr;
      length = 4;
    }
  else if (entry->ifa_addr->sa_family == AF_INET6)
    {
      address = &((const struct sockaddr_in6 *) (const void *) entry->ifa_addr)->sin6_addr;
      mask = &((const struct sockaddr_in6 *) (const void *) entry->ifa_netmask)->sin6_addr;
      length = 16;
    }
  else
    return;
  if (inet_ntop (entry->ifa_addr->sa_family, address, text, sizeof text) == NULL)
    return;
  snprintf (with_prefix, sizeof with_prefix, "%s/%d", text, count_bits (mask, length));
  probe_json_add_string (NULL, with_prefix);
}

static bool
seen_before (const struct ifaddrs *first, const struct ifaddrs *entry)
{
  for (; first != entry; first = first->ifa_next)
    if (strcmp (first->ifa_name, entry->ifa_name) == 0)
      return true;
  return false;
}

static void
report_interfaces (void)
{
  struct ifaddrs *list = NULL;

  if (getifaddrs (&list) != 0)
    {
      probe_json_add_null ("interfaces");
      probe_json_add_string ("interfaces_error", probe_error_name (errno));
      return;
    }
  probe_json_open_array ("interfaces");
  for (const struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next)
    {
      if (seen_before (list, entry))
        continue;
      probe_json_open_object (NULL);
      probe_json_add_string ("name", entry->ifa_name);
      probe_json_add_boolean ("up", (entry->ifa_flags & IFF_UP) != 0);
      probe_json_add_boolean ("loopback", (entry->ifa_flags & IFF_LOOPBACK) != 0);
      probe_json_open_array ("addresses");
      for (const struct ifaddrs *other = entry; other != NULL; other = other->ifa_next)
        if (strcmp (other->ifa_name, entry->ifa_name) == 0)
          add_address (other);
      probe_json_close ();
      probe_json_close ();
    }
  probe_json_close ();
  freeifaddrs (list);
}

static void
add_route (const char *interface, int family, const void *destination, int prefix, const void *gateway)
{
  char text[INET6_ADDRSTRLEN] = "";
  char with_prefix[INET6_ADDRSTRLEN + 16];

  probe_json_open_object (NULL);
  inet_ntop (family, destination, text, sizeof text);
  snprintf (with_prefix, sizeof with_prefix, "%s/%d", text, prefix);
  probe_json_add_string ("destination", with_prefix);
  inet_ntop (family, gateway, text, sizeof text);
  probe_json_add_string ("gateway", text);
  probe_json_add_string ("interface", interface);
  probe_json_close ();
}

static void
report_routes_4 (void)
{
  char *text = probe_read_file ("/proc/net/route");
  char *cursor = text;
  char *line;

  while ((line = probe_next_line (&cursor)) != NULL)
    {
      char interface[IFNAMSIZ];
      unsigned destination, gateway, mask;

      if (sscanf (line, "%15s %8x %8x %*x %*d %*d %*d %8x", interface, &destination, &gateway, &mask) == 4)
        add_route (interface, AF_INET, &destination, __builtin_popcount (mask), &gateway);
    }
  free (text);
}

static bool
parse_address_6 (const char *hex, unsigned char address[16])
{
  if (strlen (hex) != 32)
    return false;
  for (int i = 0; i < 16; i++)
    {
      unsigned byte;

      if (sscanf (hex + i * 2, "%2x", &byte) != 1)
        return false;
      address[i] = (unsigned char) byte;
    }
  return true;
}

static void
report_routes_6 (void)
{
  char *text = probe_read_file ("/proc/net/ipv6_route");
  char *cursor = text;
  char *line;

  while ((line = probe_next_line (&cursor)) != NULL)
    {
      char destination_hex[33], gateway_hex[33], interface[IFNAMSIZ];
      unsigned char destination[16], gateway[16];
      unsigned prefix;

      if (sscanf (line, "%32s %2x %*s %*s %32s %*s %*s %*s %*s %15s", destination_hex, &prefix, gateway_hex,
                  interface) != 4)
        continue;
      if (parse_address_6 (destination_hex, destination) && parse_address_6 (gateway_hex, gateway))
        add_route (interface, AF_INET6, destination, (int) prefix, gateway);
    }
  free (text);
}

void
probe_report_network (void)
{
  report_interfaces ();
  probe_json_open_array ("routes");
  report_routes_4 ();
  report_routes_6 ();
  probe_json_close ();
}
