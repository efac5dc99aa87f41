/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-network.h"

#include <gio/gio.h>
#include <string.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-spec-problems.h"

#define LONGEST_PREFIX 128
#define MAX_NAME 255
#define MAX_SUBNETS 16
#define MAX_PAIRS 256
#define MAX_TEXT 4096
#define MAX_PROBLEMS 20

typedef GPtrArray Problems;

static void add (Problems *problems, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add (Problems *problems, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (problems, g_strdup_vprintf (format, args));
  va_end (args);
}

static gboolean
to_result (Problems *problems, const char *kind, const char *name, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *quoted = perry_spec_quote (name);

  if (problems->len == 0)
    return TRUE;
  for (guint i = 0; i < problems->len && i < MAX_PROBLEMS; i++)
    g_string_append_printf (text, "\n  %s", (const char *) g_ptr_array_index (problems, i));
  if (problems->len > MAX_PROBLEMS)
    g_string_append_printf (text, "\n  and %u more", problems->len - MAX_PROBLEMS);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "the %s %s cannot be made as asked:%s", kind, quoted,
               text->str);
  return FALSE;
}

/* What both engines take. */
static gboolean
is_name (const char *name)
{
  gsize length = strlen (name);

  if (length < 2 || length > MAX_NAME || !g_ascii_isalnum (*name))
    return FALSE;
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("_.-", *p) == NULL)
      return FALSE;
  return TRUE;
}

static void
check_name (Problems *problems, const char *what, const char *name)
{
  g_autofree char *quoted = perry_spec_quote (name);

  if (!is_name (name))
    add (problems, "%s: %s is none; a name has 2 to %d letters, digits, “_”, “.” and “-”, and begins with a letter or "
         "a digit", what, quoted, MAX_NAME);
}

static gboolean
is_text (const char *text)
{
  if (strlen (text) > MAX_TEXT || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

static void
check_pairs (Problems *problems, const char *what, GHashTable *pairs)
{
  gboolean are_labels = g_str_equal (what, "label");
  GHashTableIter iter;
  gpointer key, value;

  if (g_hash_table_size (pairs) > MAX_PAIRS)
    {
      add (problems, "%s: there are %u, the most is %d", what, g_hash_table_size (pairs), MAX_PAIRS);
      return;
    }
  g_hash_table_iter_init (&iter, pairs);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *quoted = perry_spec_quote (key);

      if (*(const char *) key == '\0')
        add (problems, "%s: a name is missing before “=”", what);
      else if (!is_text (key) || !is_text (value))
        add (problems, "%s %s: name and value are UTF-8 without control characters, at most %d bytes each", what, quoted,
             MAX_TEXT);
      else if (are_labels && g_str_has_prefix (key, "perry."))
        add (problems, "%s: %s begins with “perry.”, which is reserved", what, quoted);
    }
}

GInetAddressMask *
perry_network_parse_range (const char *text)
{
  const char *prefix = text != NULL ? strchr (text, '/') : NULL;

  /* GLib warns of a prefix that no address has. */
  if (prefix == NULL || !g_ascii_string_to_unsigned (prefix + 1, 10, 0, LONGEST_PREFIX, NULL, NULL))
    return NULL;
  return g_inet_address_mask_new_from_string (text, NULL);
}

/* Without host bits: an engine that takes 10.5.0.7/24 would mean something else by it than was written. */
static GInetAddressMask *
parse_range (Problems *problems, const char *what, const char *text)
{
  g_autofree char *quoted = perry_spec_quote (text);
  g_autoptr (GInetAddressMask) mask = perry_network_parse_range (text);

  if (mask == NULL)
    add (problems, "%s: %s is no range of addresses; write the first address and the length of the prefix, as in "
         "10.5.0.0/24 or fd00:5::/64", what, quoted);
  return g_steal_pointer (&mask);
}

static gboolean
contains (GInetAddressMask *outer, GInetAddressMask *inner)
{
  return g_inet_address_mask_get_family (outer) == g_inet_address_mask_get_family (inner)
         && g_inet_address_mask_get_length (outer) <= g_inet_address_mask_get_length (inner)
         && g_inet_address_mask_matches (outer, g_inet_address_mask_get_address (inner));
}

static void
check_gateway (Problems *problems, const PerrySubnet *subnet, GInetAddressMask *mask)
{
  g_autofree char *quoted = perry_spec_quote (subnet->gateway);
  g_autoptr (GInetAddress) gateway = g_inet_address_new_from_string (subnet->gateway);

  if (gateway == NULL)
    add (problems, "gateway: %s is no address", quoted);
  else if (mask == NULL)
    return;
  else if (g_inet_address_get_family (gateway) != g_inet_address_mask_get_family (mask)
           || !g_inet_address_mask_matches (mask, gateway))
    add (problems, "gateway: %s is not in the subnet %s", quoted, subnet->subnet);
  else if (g_inet_address_equal (gateway, g_inet_address_mask_get_address (mask))
           && g_inet_address_mask_get_length (mask) < 31)
    add (problems, "gateway: %s is the address of the subnet itself; take the next one", quoted);
}

static GInetAddressMask *
check_subnet (Problems *problems, const PerrySubnet *subnet)
{
  g_autoptr (GInetAddressMask) mask = NULL;
  g_autoptr (GInetAddressMask) range = NULL;

  if (subnet->subnet == NULL)
    {
      add (problems, "%s: needs the subnet that it is in", subnet->gateway != NULL ? "gateway" : "ip-range");
      return NULL;
    }
  mask = parse_range (problems, "subnet", subnet->subnet);
  if (subnet->gateway != NULL)
    check_gateway (problems, subnet, mask);
  if (subnet->ip_range != NULL)
    range = parse_range (problems, "ip-range", subnet->ip_range);
  if (range != NULL && mask != NULL && !contains (mask, range))
    add (problems, "ip-range: %s is not in the subnet %s", subnet->ip_range, subnet->subnet);
  return g_steal_pointer (&mask);
}

static void
check_subnets (Problems *problems, GPtrArray *subnets)
{
  g_autoptr (GPtrArray) masks = g_ptr_array_new_with_free_func (g_object_unref);

  if (subnets->len > MAX_SUBNETS)
    {
      add (problems, "subnet: there are %u, the most is %d", subnets->len, MAX_SUBNETS);
      return;
    }
  for (guint i = 0; i < subnets->len; i++)
    {
      const PerrySubnet *subnet = g_ptr_array_index (subnets, i);
      GInetAddressMask *mask = check_subnet (problems, subnet);

      for (guint j = 0; mask != NULL && j < masks->len; j++)
        if (contains (masks->pdata[j], mask) || contains (mask, masks->pdata[j]))
          {
            add (problems, "subnet: %s overlaps with another subnet of this network", subnet->subnet);
            break;
          }
      if (mask != NULL)
        g_ptr_array_add (masks, mask);
    }
}

/* The words that a spec's `network` reads otherwise. */
static void
check_reserved (Problems *problems, const char *name)
{
  static const char *const reserved[] = { "none", "host", "bridge", "default", "private", "slirp4netns", "pasta", NULL };

  if (g_strv_contains (reserved, name))
    add (problems, "name: “%s” stands for something else in a container's network; take another name", name);
}

gboolean
perry_network_request_check (const PerryNetworkRequest *request, GError **error)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);

  check_name (problems, "name", request->name);
  check_reserved (problems, request->name);
  if (request->driver != NULL)
    check_name (problems, "driver", request->driver);
  if (request->ipam_driver != NULL)
    check_name (problems, "ipam-driver", request->ipam_driver);
  check_subnets (problems, request->subnets);
  check_pairs (problems, "opt", request->options);
  check_pairs (problems, "label", request->labels);
  return to_result (problems, "network", request->name, error);
}

gboolean
perry_volume_request_check (const PerryVolumeRequest *request, GError **error)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);

  check_name (problems, "name", request->name);
  if (request->driver != NULL)
    check_name (problems, "driver", request->driver);
  check_pairs (problems, "opt", request->options);
  check_pairs (problems, "label", request->labels);
  return to_result (problems, "volume", request->name, error);
}
