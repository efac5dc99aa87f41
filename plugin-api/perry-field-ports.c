/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-ports.h"

#include <arpa/inet.h>
#include <string.h>

#include "plugin-api/perry-container-spec-private.h"
#include "plugin-api/perry-field-check.h"

#define MAX_PORT 65535
/* Engines keep a process, a socket or a rule for each. */
#define MAX_PORTS 1000
#define FORM "[ADDRESS:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL]"

const char *const perry_port_protocol_words[] = { "tcp", "udp", "sctp", NULL };

typedef struct {
  guint first; /* 0 where there is none */
  guint count;
} Range;

static gboolean
parse_number (const char *text, guint *ret_port)
{
  guint64 port;

  if (!g_ascii_string_to_unsigned (text, 10, 1, MAX_PORT, &port, NULL))
    return FALSE;
  *ret_port = (guint) port;
  return TRUE;
}

/* What somebody may have meant who wrote @text for a port of the host. */
static const char *
get_hint (const char *text)
{
  struct in_addr address;

  if (g_str_equal (text, "0") || *text == '\0')
    return "; leave the host's port out for one that the engine picks";
  return inet_pton (AF_INET, text, &address) == 1 ? "; after an address come two ports, the host's may be empty" : "";
}

/* Reads `80` or `80-90`. Returns FALSE when a problem was added. */
static gboolean
parse_range (const char *text, gboolean of_host, const char *path, PerrySpecProblems *problems, Range *ret_range)
{
  g_auto (GStrv) ends = g_strsplit (text, "-", 2);
  guint first = 0;
  guint last = 0;

  if (ends[0] == NULL || !parse_number (ends[0], &first) || !parse_number (ends[1] != NULL ? ends[1] : ends[0], &last))
    {
      perry_spec_problems_add_about (problems, path, text, "is not a port; a port is a number from 1 to %d, or a range "
                                     "such as 8000-8010%s", MAX_PORT, of_host ? get_hint (text) : "");
      return FALSE;
    }
  if (last < first)
    {
      perry_spec_problems_add_about (problems, path, text, "ends before it begins");
      return FALSE;
    }
  *ret_range = (Range){ .first = first, .count = last - first + 1 };
  return TRUE;
}

/* The address in its usual spelling without brackets; NULL when a problem was added. */
static char *
check_address (const char *text, const char *path, PerrySpecProblems *problems)
{
  gsize length = strlen (text);
  gboolean brackets = length > 2 && text[0] == '[' && text[length - 1] == ']';
  g_autofree char *bare = brackets ? g_strndup (text + 1, length - 2) : g_strdup (text);
  char spelling[INET6_ADDRSTRLEN];
  struct in6_addr six;
  struct in_addr four;

  if (!brackets && inet_pton (AF_INET, bare, &four) == 1)
    return g_strdup (inet_ntop (AF_INET, &four, spelling, sizeof spelling));
  if (inet_pton (AF_INET6, bare, &six) != 1)
    {
      perry_spec_problems_add_about (problems, path, text, "is not an address of the host; write one in numbers, such as "
                                     "127.0.0.1 or [::1], because names are not looked up");
      return NULL;
    }
  if (IN6_IS_ADDR_V4MAPPED (&six) || IN6_IS_ADDR_V4COMPAT (&six))
    {
      perry_spec_problems_add_about (problems, path, text, "is an IPv4 address written as an IPv6 one; write it as IPv4");
      return NULL;
    }
  return g_strdup (inet_ntop (AF_INET6, &six, spelling, sizeof spelling));
}

/* Returns the protocol in lower case, or NULL when a problem was added. */
static const char *
check_protocol (const char *text, const char *path, PerrySpecProblems *problems)
{
  const char *nearest;

  for (guint i = 0; perry_port_protocol_words[i] != NULL; i++)
    if (g_ascii_strcasecmp (text, perry_port_protocol_words[i]) == 0)
      return perry_port_protocol_words[i];
  nearest = perry_spec_problems_find_nearest (problems, text, perry_port_protocol_words);
  perry_spec_problems_add_about (problems, path, text, "is not a protocol; %s%s%sknown are tcp, udp and sctp",
                                 nearest != NULL ? "did you mean " : "", nearest != NULL ? nearest : "",
                                 nearest != NULL ? "? " : "");
  return NULL;
}

static gboolean
check_lengths (const Range *host, const Range *container, const char *path, PerrySpecProblems *problems)
{
  if (host->first == 0 || container->first == 0 || host->count == container->count)
    return TRUE;
  if (container->count == 1)
    perry_spec_problems_add_unavailable (problems, path, "picking one of several host ports for one of the container");
  else
    perry_spec_problems_add (problems, path, "publishes %u ports of the container at %u of the host; write ranges of the "
                             "same length", container->count, host->count);
  return FALSE;
}

PerryPort *
perry_field_make_port (const PerryPortText *text, const char *const part_paths[4], const char *path,
                       PerrySpecProblems *problems)
{
  guint before = perry_spec_problems_get_length (problems);
  Range host = { 0, 0 };
  Range container = { 0, 0 };
  g_autofree char *address = NULL;
  const char *protocol = perry_port_protocol_words[0];
  PerryPort *port;

  if (text->host_ip != NULL)
    address = check_address (text->host_ip, part_paths[0], problems);
  if (text->published != NULL)
    parse_range (text->published, TRUE, part_paths[1], problems, &host);
  if (text->target != NULL)
    parse_range (text->target, FALSE, part_paths[2], problems, &container);
  if (text->protocol != NULL)
    protocol = check_protocol (text->protocol, part_paths[3], problems);
  if (perry_spec_problems_get_length (problems) > before || !check_lengths (&host, &container, path, problems))
    return NULL;

  port = g_new0 (PerryPort, 1);
  port->host_ip = g_steal_pointer (&address);
  port->host_port = host.first;
  port->container_port = container.first;
  port->count = container.count;
  port->protocol = g_strdup (protocol);
  return port;
}

/* Splits what stands before the protocol; FALSE where it has another form. The parts lie in @text. */
static gboolean
split_port (char *text, PerryPortText *parts)
{
  char *closing = *text == '[' ? strchr (text, ']') : NULL;
  char *rest = text;
  char *colon;

  if (*text == '[' && (closing == NULL || closing[1] != ':'))
    return FALSE;
  if (closing != NULL || ((colon = strchr (text, ':')) != NULL && strchr (colon + 1, ':') != NULL))
    {
      colon = closing != NULL ? closing + 1 : strchr (text, ':');
      *colon = '\0';
      parts->host_ip = text;
      rest = colon + 1;
    }

  colon = strchr (rest, ':');
  if (colon == NULL)
    {
      parts->target = rest;
      return parts->host_ip == NULL;
    }
  *colon = '\0';
  parts->target = colon + 1;
  /* `127.0.0.1::80` leaves the host's port to the engine; without an address the colon is one too many. */
  if (*rest != '\0' || parts->host_ip == NULL)
    parts->published = rest;
  return strchr (parts->target, ':') == NULL;
}

PerryPort *
perry_field_parse_port (const char *text, const char *path, PerrySpecProblems *problems)
{
  const char *const part_paths[] = { path, path, path, path };
  g_autofree char *copy = g_strdup (text);
  PerryPortText parts = { NULL, NULL, NULL, NULL };
  char *slash = strrchr (copy, '/');

  if (slash != NULL)
    {
      *slash = '\0';
      parts.protocol = slash + 1;
    }
  if (!split_port (copy, &parts))
    {
      perry_spec_problems_add_about (problems, path, text, "is not " FORM "; an IPv6 address stands in brackets");
      return NULL;
    }
  return perry_field_make_port (&parts, part_paths, path, problems);
}

static gboolean
is_ipv6 (const PerryPort *port)
{
  return port->host_ip != NULL && strchr (port->host_ip, ':') != NULL;
}

/* Whether both take the same address of the host. No address means all of both kinds. */
static gboolean
share_address (const PerryPort *a, const PerryPort *b)
{
  if (a->host_ip == NULL || b->host_ip == NULL || g_str_equal (a->host_ip, b->host_ip))
    return TRUE;
  if (is_ipv6 (a) != is_ipv6 (b))
    return FALSE;
  return g_str_equal (a->host_ip, "0.0.0.0") || g_str_equal (b->host_ip, "0.0.0.0") || g_str_equal (a->host_ip, "::") ||
         g_str_equal (b->host_ip, "::");
}

static gboolean
intersect (guint a, guint a_count, guint b, guint b_count)
{
  return a < b + b_count && b < a + a_count;
}

gboolean
perry_port_collides (const PerryPort *port, const PerryPort *other)
{
  g_return_val_if_fail (port != NULL && other != NULL, FALSE);

  return port->host_port != 0 && other->host_port != 0 && g_str_equal (port->protocol, other->protocol) &&
         share_address (port, other) && intersect (port->host_port, port->count, other->host_port, other->count);
}

/* Two mappings for which the engine picks ports are only useful where they differ. */
static gboolean
are_alike (const PerryPort *a, const PerryPort *b)
{
  return a->host_port == 0 && b->host_port == 0 && g_str_equal (a->protocol, b->protocol) &&
         g_strcmp0 (a->host_ip, b->host_ip) == 0 &&
         intersect (a->container_port, a->count, b->container_port, b->count);
}

static void
check_against_earlier (GPtrArray *ports, guint index, const char *path, PerrySpecProblems *problems)
{
  const PerryPort *port = g_ptr_array_index (ports, index);

  for (guint i = 0; i < index; i++)
    {
      const PerryPort *earlier = g_ptr_array_index (ports, i);
      g_autofree char *element = NULL;
      g_autofree char *here = NULL;
      g_autofree char *there = NULL;

      if (earlier == NULL || !(perry_port_collides (earlier, port) || are_alike (earlier, port)))
        continue;
      element = perry_spec_path_add_index (path, index);
      here = perry_port_to_string (port);
      there = perry_port_to_string (earlier);
      if (port->host_port == 0)
        perry_spec_problems_add (problems, element, "“%s” publishes what “%s” publishes already", here, there);
      else
        perry_spec_problems_add (problems, element, "“%s” takes a port of the host that “%s” takes already", here, there);
      return;
    }
}

gboolean
perry_field_check_port_set (GPtrArray *ports, const char *path, PerrySpecProblems *problems)
{
  guint before = perry_spec_problems_get_length (problems);
  guint64 total = 0;

  for (guint i = 0; i < ports->len; i++)
    total += ports->pdata[i] != NULL ? ((const PerryPort *) ports->pdata[i])->count : 0;
  if (total > MAX_PORTS)
    {
      perry_spec_problems_add (problems, path, "publishes %" G_GUINT64_FORMAT " ports; at most %d are possible", total,
                               MAX_PORTS);
      return FALSE;
    }
  for (guint i = 0; i < ports->len; i++)
    if (ports->pdata[i] != NULL)
      check_against_earlier (ports, i, path, problems);
  return perry_spec_problems_get_length (problems) == before;
}

GVariant *
perry_field_check_ports (GVariant *value, const char *path, PerrySpecProblems *problems)
{
  g_autofree const char **texts = g_variant_get_strv (value, NULL);
  g_autoptr (GPtrArray) ports = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_port_free);
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE_STRING_ARRAY);
  gboolean valid = TRUE;

  for (gsize i = 0; texts[i] != NULL; i++)
    {
      g_autofree char *element = perry_spec_path_add_index (path, i);
      PerryPort *port = perry_field_parse_port (texts[i], element, problems);
      g_autofree char *text = port != NULL ? perry_port_to_string (port) : NULL;

      valid = valid && port != NULL;
      g_ptr_array_add (ports, port);
      if (text != NULL)
        g_variant_builder_add (builder, "s", text);
    }
  if (!perry_field_check_port_set (ports, path, problems) || !valid)
    return NULL;
  return g_variant_builder_end (builder);
}

PerryPort *
perry_port_new_from_text (const char *text)
{
  g_autoptr (PerrySpecProblems) unheard = perry_spec_problems_new ();

  return perry_field_parse_port (text, "", unheard);
}

static void
append_range (GString *text, guint first, guint count)
{
  g_string_append_printf (text, "%u", first);
  if (count > 1)
    g_string_append_printf (text, "-%u", first + count - 1);
}

char *
perry_port_to_string (const PerryPort *port)
{
  GString *text;

  g_return_val_if_fail (port != NULL, NULL);

  text = g_string_new (NULL);
  if (port->host_ip != NULL)
    g_string_append_printf (text, is_ipv6 (port) ? "[%s]:" : "%s:", port->host_ip);
  if (port->host_port != 0)
    append_range (text, port->host_port, port->count);
  if (port->host_port != 0 || port->host_ip != NULL)
    g_string_append_c (text, ':');
  append_range (text, port->container_port, port->count);
  g_string_append_printf (text, "/%s", port->protocol);
  return g_string_free (text, FALSE);
}

GPtrArray *
perry_container_spec_dup_ports (const PerryContainerSpec *spec)
{
  g_autofree const char **texts = NULL;
  GPtrArray *ports;

  g_return_val_if_fail (spec != NULL, NULL);

  ports = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_port_free);
  texts = perry_container_spec_get_strv (spec, PERRY_FIELD_PORTS);
  for (gsize i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      PerryPort *port = perry_port_new_from_text (texts[i]);

      if (port != NULL)
        g_ptr_array_add (ports, port);
    }
  return ports;
}

static int
compare_ports (gconstpointer a, gconstpointer b)
{
  const PerryPort *left = *(const PerryPort *const *) a;
  const PerryPort *right = *(const PerryPort *const *) b;
  int by_protocol = strcmp (left->protocol, right->protocol);
  int by_address = g_strcmp0 (left->host_ip, right->host_ip);

  if (by_protocol != 0 || by_address != 0)
    return by_protocol != 0 ? by_protocol : by_address;
  if (left->container_port != right->container_port)
    return left->container_port < right->container_port ? -1 : 1;
  return left->host_port < right->host_port ? -1 : left->host_port > right->host_port ? 1 : 0;
}

/* Whether @next goes on where @port ends. */
static gboolean
continues (const PerryPort *port, const PerryPort *next)
{
  return g_str_equal (port->protocol, next->protocol) && g_strcmp0 (port->host_ip, next->host_ip) == 0 &&
         next->container_port == port->container_port + port->count &&
         (port->host_port == 0 ? next->host_port == 0 : next->host_port == port->host_port + port->count);
}

char **
perry_ports_to_strv (GPtrArray *ports)
{
  g_autoptr (GPtrArray) sorted = NULL;
  g_autoptr (GPtrArray) merged = NULL;
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();

  g_return_val_if_fail (ports != NULL, NULL);

  sorted = g_ptr_array_copy (ports, NULL, NULL);
  g_ptr_array_set_free_func (sorted, NULL);
  g_ptr_array_sort (sorted, compare_ports);
  merged = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_port_free);
  for (guint i = 0; i < sorted->len; i++)
    {
      PerryPort *last = merged->len > 0 ? g_ptr_array_index (merged, merged->len - 1) : NULL;
      const PerryPort *port = g_ptr_array_index (sorted, i);

      if (last != NULL && continues (last, port))
        last->count += port->count;
      else
        g_ptr_array_add (merged, perry_port_copy (port));
    }
  for (guint i = 0; i < merged->len; i++)
    {
      g_autofree char *text = perry_port_to_string (g_ptr_array_index (merged, i));

      g_strv_builder_add (texts, text);
    }
  return g_strv_builder_end (texts);
}

PerryPort *
perry_port_copy (const PerryPort *port)
{
  PerryPort *copy;

  g_return_val_if_fail (port != NULL, NULL);

  copy = g_memdup2 (port, sizeof *port);
  copy->host_ip = g_strdup (port->host_ip);
  copy->protocol = g_strdup (port->protocol);
  return copy;
}

void
perry_port_free (PerryPort *port)
{
  if (port == NULL)
    return;
  g_free (port->host_ip);
  g_free (port->protocol);
  g_free (port);
}

G_DEFINE_BOXED_TYPE (PerryPort, perry_port, perry_port_copy, perry_port_free)
