/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-ports.h"

#include "plugin-api/perry-file.h"
#include "plugin-api/perry-json.h"

#define UNPRIVILEGED_START "/proc/sys/net/ipv4/ip_unprivileged_port_start"
#define USUAL_UNPRIVILEGED_START 1024
#define MAX_NUMBER_BYTES 64
#define MAX_PORT 65535
/* More than there are ports is no report. */
#define MAX_REPORTED 100000

JsonObject *
perry_engine_port_bindings (const PerryContainerSpec *spec)
{
  g_autoptr (GPtrArray) ports = perry_container_spec_dup_ports (spec);
  JsonObject *bindings = json_object_new ();

  for (guint i = 0; i < ports->len; i++)
    {
      const PerryPort *port = ports->pdata[i];

      for (guint offset = 0; offset < port->count; offset++)
        {
          g_autofree char *key = g_strdup_printf ("%u/%s", port->container_port + offset, port->protocol);
          g_autofree char *host_port = port->host_port != 0 ? g_strdup_printf ("%u", port->host_port + offset)
                                                            : g_strdup ("");
          JsonObject *binding = json_object_new ();

          json_object_set_string_member (binding, "HostIp", port->host_ip != NULL ? port->host_ip : "");
          json_object_set_string_member (binding, "HostPort", host_port);
          if (!json_object_has_member (bindings, key))
            json_object_set_array_member (bindings, key, json_array_new ());
          json_array_add_object_element (json_object_get_array_member (bindings, key), binding);
        }
    }
  return bindings;
}

static void
add_port (GPtrArray *ports, const char *host_ip, gint64 host_port, gint64 container_port, gint64 count,
          const char *protocol)
{
  PerryPort *port;

  if (ports->len >= MAX_REPORTED || protocol == NULL || *protocol == '\0' || host_port < 0 || host_port > MAX_PORT
      || container_port < 1 || container_port > MAX_PORT || count < 1 || count > MAX_PORT)
    return;
  port = g_new0 (PerryPort, 1);
  port->host_ip = host_ip != NULL && *host_ip != '\0' ? g_strdup (host_ip) : NULL;
  port->host_port = (guint) host_port;
  port->container_port = (guint) container_port;
  port->count = (guint) count;
  port->protocol = g_ascii_strdown (protocol, -1);
  g_ptr_array_add (ports, port);
}

static GPtrArray *
new_ports (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) perry_port_free);
}

/* `80/tcp` with its bindings. A port that the image exposes and nobody published has none. */
static void
add_bindings (GPtrArray *ports, const char *key, JsonArray *bindings)
{
  g_auto (GStrv) parts = g_strsplit (key, "/", 2);
  guint64 container_port = 0;

  if (bindings == NULL || g_strv_length (parts) != 2
      || !g_ascii_string_to_unsigned (parts[0], 10, 1, MAX_PORT, &container_port, NULL))
    return;
  for (guint i = 0; i < json_array_get_length (bindings); i++)
    {
      JsonObject *binding = perry_json_as_object (json_array_get_element (bindings, i));
      const char *host_ip = NULL, *text = NULL;
      guint64 host_port = 0;

      if (binding == NULL)
        continue;
      perry_json_read_string (binding, "HostIp", &host_ip);
      if (perry_json_read_string (binding, "HostPort", &text) && *text != '\0'
          && !g_ascii_string_to_unsigned (text, 10, 0, MAX_PORT, &host_port, NULL))
        continue;
      add_port (ports, host_ip, (gint64) host_port, (gint64) container_port, 1, parts[1]);
    }
}

static GPtrArray *
read_bindings (JsonObject *bindings)
{
  GPtrArray *ports = new_ports ();
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, bindings);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    add_bindings (ports, key, perry_json_as_array (node));
  return ports;
}

static JsonObject *
find_object (JsonObject *container, const char *parent, const char *member)
{
  JsonObject *object = NULL, *found = NULL;

  if (perry_json_read_object (container, parent, &object))
    perry_json_read_object (object, member, &found);
  return found;
}

static gboolean
is_running (JsonObject *container)
{
  JsonObject *state = NULL;
  gboolean running = FALSE;

  if (perry_json_read_object (container, "State", &state))
    perry_json_read_boolean (state, "Running", &running);
  return running;
}

static char **
to_strv_or_null (GPtrArray *ports)
{
  return ports->len > 0 ? perry_ports_to_strv (ports) : NULL;
}

char **
perry_engine_ports_of_container (JsonObject *container)
{
  JsonObject *bound = is_running (container) ? find_object (container, "NetworkSettings", "Ports") : NULL;
  g_autoptr (GPtrArray) ports = bound != NULL ? read_bindings (bound) : NULL;

  return ports != NULL ? to_strv_or_null (ports) : NULL;
}

char **
perry_engine_ports_of_row (JsonObject *row, const PerryEnginePortMembers *members)
{
  g_autoptr (GPtrArray) ports = new_ports ();
  JsonArray *rows = NULL;

  perry_json_read_array (row, "Ports", &rows);
  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonObject *port = perry_json_as_object (json_array_get_element (rows, i));
      const char *host_ip = NULL, *protocol = NULL;
      gint64 host_port = 0, container_port = 0, count = 1;

      perry_json_read_string (port, members->host_ip, &host_ip);
      perry_json_read_string (port, members->protocol, &protocol);
      perry_json_read_int64 (port, members->container_port, &container_port);
      if (members->range != NULL)
        perry_json_read_int64 (port, members->range, &count);
      /* A port that is exposed only has none of the host. */
      if (perry_json_read_int64 (port, members->host_port, &host_port) && host_port > 0)
        add_port (ports, host_ip, host_port, container_port, count, protocol);
    }
  return to_strv_or_null (ports);
}

static void
report_bindings (PerryContainerSpec *reported, JsonObject *bindings)
{
  g_autoptr (GPtrArray) ports = read_bindings (bindings);
  g_auto (GStrv) texts = perry_ports_to_strv (ports);

  perry_container_spec_take_value (reported, PERRY_FIELD_PORTS, g_variant_new_strv ((const char *const *) texts, -1));
}

static void
report_aliases (PerryContainerSpec *reported, JsonObject *networks)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) aliases = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, networks);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_auto (GStrv) some = NULL;

      if (perry_json_read_strv (perry_json_as_object (node), "Aliases", &some))
        g_strv_builder_addv (builder, (const char **) some);
    }
  aliases = g_strv_builder_end (builder);
  perry_container_spec_take_value (reported, PERRY_FIELD_NETWORK_ALIASES,
                                   g_variant_new_strv ((const char *const *) aliases, -1));
}

void
perry_engine_report_ports (PerryContainerSpec *reported, JsonObject *container)
{
  JsonObject *asked = find_object (container, "HostConfig", "PortBindings");
  JsonObject *bound = find_object (container, "NetworkSettings", "Ports");
  JsonObject *networks = find_object (container, "NetworkSettings", "Networks");

  if (is_running (container) && bound != NULL)
    report_bindings (reported, bound);
  else if (asked != NULL)
    report_bindings (reported, asked);
  if (networks != NULL && json_object_get_size (networks) > 0)
    report_aliases (reported, networks);
}

guint
perry_engine_first_unprivileged_port (void)
{
  g_autofree char *text = perry_file_read_text (UNPRIVILEGED_START, MAX_NUMBER_BYTES, NULL);
  guint64 first;

  if (text == NULL
      || !g_ascii_string_to_unsigned (g_strstrip (text), 10, 0, MAX_PORT + 1, &first, NULL))
    return USUAL_UNPRIVILEGED_START;
  return (guint) first;
}

void
perry_engine_limit_low_ports (const PerryContainerSpec *spec, guint first, const char *engine, PerrySupport level,
                              PerryFieldSupport *support)
{
  g_autoptr (GPtrArray) ports = perry_container_spec_dup_ports (spec);

  for (guint i = 0; i < ports->len; i++)
    {
      const PerryPort *port = ports->pdata[i];
      g_autofree char *reason = NULL;

      if (port->host_port == 0 || port->host_port >= first)
        continue;
      reason = g_strdup_printf ("%s runs without root, and the kernel leaves ports below %u to root "
                                "(net.ipv4.ip_unprivileged_port_start); port %u is one of them", engine, first,
                                port->host_port);
      perry_field_support_limit (support, PERRY_FIELD_PORTS, level, reason);
      return;
    }
}

/* What Docker 20.10 to 28, Podman 4 and 5, rootlesskit and pasta write, in lower case. */
static const struct
{
  const char *subject;
  const char *verdict;
  PerryError code;
  const char *advice;
} failures[] = {
  { "port is already allocated", "", PERRY_ERROR_PORT_IN_USE, NULL },
  { "bind", "address already in use", PERRY_ERROR_PORT_IN_USE, NULL },
  { "bind", "cannot assign requested address", PERRY_ERROR_INVALID_SPEC,
    "an address in $.ports is none of the host's; `ip address` lists those that it has" },
  { "bind: permission denied", "", PERRY_ERROR_PERMISSION_DENIED,
    "the engine may not listen on a port of the host that $.ports publishes; choose one from 1024 on" },
  { "failed to bind host port", "permission denied", PERRY_ERROR_PERMISSION_DENIED,
    "the engine may not listen on a port of the host that $.ports publishes; choose one from 1024 on" },
  { "userland proxy", "protocol not supported", PERRY_ERROR_UNSUPPORTED,
    "the kernel lacks a protocol that $.ports names; sctp is rarely there" },
  { "cannot expose privileged port", "", PERRY_ERROR_PERMISSION_DENIED,
    "the engine may not listen on a port of the host that $.ports publishes; choose one from 1024 on" },
};

void
perry_engine_explain_port_failure (GError *error)
{
  const char *in_use = "a port of the host that $.ports publishes is taken by another container or program; choose "
                       "another one, or leave it out for one that the engine picks";
  g_autofree char *text = g_ascii_strdown (error->message, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      const char *subject = strstr (text, failures[i].subject);
      g_autofree char *message = NULL;

      if (subject == NULL || strstr (subject, failures[i].verdict) == NULL)
        continue;
      message = g_strdup_printf ("%s\n%s", error->message, failures[i].advice != NULL ? failures[i].advice : in_use);
      error->code = (int) failures[i].code;
      g_free (error->message);
      error->message = g_steal_pointer (&message);
      return;
    }
}
