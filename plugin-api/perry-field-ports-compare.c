/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-compare-reported.h"

#include "plugin-api/perry-field-ports.h"

/* No address means what the engine is configured for, which is all of them; an address that was asked for is that one and
 * no other. */
static gboolean
same_address (const char *asked, const char *reported)
{
  return asked == NULL || g_strcmp0 (asked, reported) == 0;
}

/* Whether @reported has the port of the container that is @offset after the first one of @asked, where it was asked for. */
static gboolean
serves (const PerryPort *asked, guint offset, const PerryPort *reported)
{
  guint port = asked->container_port + offset;

  if (!g_str_equal (asked->protocol, reported->protocol) || !same_address (asked->host_ip, reported->host_ip) ||
      port < reported->container_port || port - reported->container_port >= reported->count)
    return FALSE;
  if (asked->host_port == 0)
    return TRUE;
  return reported->host_port != 0 &&
         reported->host_port + (port - reported->container_port) == asked->host_port + offset;
}

static gboolean
is_served (const PerryPort *asked, guint offset, GPtrArray *reported)
{
  for (guint i = 0; i < reported->len; i++)
    if (serves (asked, offset, g_ptr_array_index (reported, i)))
      return TRUE;
  return FALSE;
}

/* One port of a range. */
static PerryPort *
get_single (const PerryPort *range, guint offset)
{
  PerryPort *single = perry_port_copy (range);

  single->host_port += single->host_port != 0 ? offset : 0;
  single->container_port += offset;
  single->count = 1;
  return single;
}

static gboolean
was_asked_for (const PerryPort *reported, GPtrArray *asked)
{
  for (guint i = 0; i < asked->len; i++)
    {
      const PerryPort *port = g_ptr_array_index (asked, i);

      if (reported->container_port >= port->container_port &&
          reported->container_port - port->container_port < port->count &&
          serves (port, reported->container_port - port->container_port, reported))
        return TRUE;
    }
  return FALSE;
}

static gboolean
find_missing (GPtrArray *asked, GPtrArray *reported, GString *reason)
{
  for (guint i = 0; i < asked->len; i++)
    {
      const PerryPort *port = g_ptr_array_index (asked, i);

      for (guint offset = 0; offset < port->count; offset++)
        {
          g_autoptr (PerryPort) single = get_single (port, offset);
          g_autofree char *text = perry_port_to_string (single);

          if (is_served (port, offset, reported))
            continue;
          g_string_append_printf (reason, "%s is missing", text);
          return TRUE;
        }
    }
  return FALSE;
}

/* More than was asked for is as wrong as less: it opens the container. */
static gboolean
find_surplus (GPtrArray *asked, GPtrArray *reported, GString *reason)
{
  for (guint i = 0; i < reported->len; i++)
    {
      const PerryPort *port = g_ptr_array_index (reported, i);

      for (guint offset = 0; offset < port->count; offset++)
        {
          g_autoptr (PerryPort) single = get_single (port, offset);
          g_autofree char *text = perry_port_to_string (single);

          if (was_asked_for (single, asked))
            continue;
          g_string_append_printf (reason, "%s is published too", text);
          return TRUE;
        }
    }
  return FALSE;
}

PerryVerdict
perry_field_compare_reported_ports (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                    const PerryCompareContext *context, GString *value, GString *reason)
{
  g_autoptr (GPtrArray) wanted = perry_container_spec_dup_ports (asked);
  g_autoptr (GPtrArray) found = perry_container_spec_dup_ports (reported);
  g_autofree char *text = perry_container_spec_format_value (reported, PERRY_FIELD_PORTS);

  if (text == NULL)
    {
      g_string_append (reason, "the engine does not report it");
      return PERRY_VERDICT_UNPROVEN;
    }
  g_string_append (value, text);
  return find_missing (wanted, found, reason) || find_surplus (wanted, found, reason) ? PERRY_VERDICT_DIFFERS
                                                                                     : PERRY_VERDICT_PROVEN;
}

PerryVerdict
perry_field_compare_reported_network_aliases (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                              const PerryCompareContext *context, GString *value, GString *reason)
{
  return perry_field_compare_elements (asked, reported, PERRY_FIELD_NETWORK_ALIASES, value, reason);
}
