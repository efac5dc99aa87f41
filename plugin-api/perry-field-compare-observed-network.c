/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-compare-observed.h"

#include "plugin-api/perry-spec-problems.h"

#define MAX_NAME_CHARS 20
#define MAX_ROUTE_CHARS 80

/* The kernel puts these into every new network namespace when the tunnel's module is loaded. They are down, and reach
 * nothing without an address. */
static const char *const idle_tunnels[] = {
  "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0", "ip6gretap0", NULL
};

static guint
count_connections (const PerryObservation *observation)
{
  guint n = 0;

  for (char **name = observation->interfaces; name != NULL && *name != NULL; name++)
    if (!g_str_equal (*name, "lo") && !g_strv_contains (idle_tunnels, *name))
      n++;
  return n;
}

static void
append_interfaces (GString *value, const PerryObservation *observation, PerryNamespaceRelation relation)
{
  g_string_append (value, relation == PERRY_NAMESPACE_SHARED ? "the host's namespace" : "a namespace of its own");
  for (char **name = observation->interfaces; name != NULL && *name != NULL; name++)
    {
      g_string_append (value, name == observation->interfaces ? ": " : " ");
      perry_spec_append_escaped (value, *name, MAX_NAME_CHARS);
    }
}

static void
append_route (GString *value, const char *what, const char *route)
{
  if (route == NULL)
    return;
  g_string_append (value, what);
  perry_spec_append_escaped (value, route, MAX_ROUTE_CHARS);
}

/* What is internal has no way out: that there is none shows in the routes. Docker before 26 sets one all the same, to an
 * address that nobody has where the network is kept from the host. */
static PerryVerdict
compare_routes (const PerryObservation *observation, const PerryCompareContext *context, GString *value, GString *reason)
{
  if (!context->network_is_internal)
    return PERRY_VERDICT_PROVEN;
  if (!perry_field_has_facet (observation, PERRY_FACET_ROUTES, reason))
    return PERRY_VERDICT_UNPROVEN;
  append_route (value, ", default route ", observation->default_route);
  append_route (value, ", a route ", observation->gateway_route);
  if (observation->gateway_route != NULL)
    {
      g_string_append (reason, "the network is internal, but there is a route through a gateway");
      return PERRY_VERDICT_DIFFERS;
    }
  if (observation->default_route == NULL)
    {
      g_string_append (value, ", no default route");
      return PERRY_VERDICT_PROVEN;
    }
  if (context->network_keeps_route)
    {
      g_string_append (reason, "this engine gives containers of internal networks a default route; where it leads does not "
                               "show in the container");
      return PERRY_VERDICT_UNPROVEN;
    }
  g_string_append (reason, "the network is internal, but there is a default route");
  return PERRY_VERDICT_DIFFERS;
}

static PerryVerdict
compare_network (const char *wanted, const PerryObservation *observation, const PerryCompareContext *context,
                 GString *value, GString *reason)
{
  PerryNamespaceRelation relation = perry_observation_compare_namespace (observation, PERRY_NAMESPACE_NET);
  gboolean is_host = g_str_equal (wanted, "host");
  gboolean is_none = g_str_equal (wanted, "none");

  if (relation == PERRY_NAMESPACE_UNKNOWN)
    {
      if (perry_field_has_facet (observation, PERRY_FACET_NAMESPACES, reason))
        g_string_append (reason, "the network namespace could not be read");
      return PERRY_VERDICT_UNPROVEN;
    }

  append_interfaces (value, observation, relation);
  if (is_host && relation == PERRY_NAMESPACE_SHARED)
    return PERRY_VERDICT_PROVEN;
  if (is_host)
    {
      /* Engine and program need not be in the same namespace, as when the program runs in a container itself. */
      g_string_append (reason, "the network is not this program's; it may be the engine's");
      return PERRY_VERDICT_UNPROVEN;
    }
  if (relation == PERRY_NAMESPACE_SHARED)
    {
      g_string_append (reason, "the network is the host's");
      return PERRY_VERDICT_DIFFERS;
    }
  if (!perry_field_has_facet (observation, PERRY_FACET_INTERFACES, reason))
    return PERRY_VERDICT_UNPROVEN;
  if (is_none == (count_connections (observation) == 0))
    return is_none ? PERRY_VERDICT_PROVEN : compare_routes (observation, context, value, reason);
  if (is_none)
    {
      g_string_append (reason, "there is an interface besides lo");
      return PERRY_VERDICT_DIFFERS;
    }
  if (!perry_moment_is_of_workload (observation->moment))
    {
      g_string_append (reason, "there is no interface yet");
      return PERRY_VERDICT_UNPROVEN;
    }
  g_string_append (reason, "there is no interface besides lo");
  return PERRY_VERDICT_DIFFERS;
}

PerryVerdict
perry_field_compare_observed_network (const PerryContainerSpec *asked, const PerryObservation *observation,
                                      const PerryCompareContext *context, GString *value, GString *reason)
{
  return compare_network (perry_container_spec_get_network (asked), observation, context, value, reason);
}

PerryVerdict
perry_field_compare_observed_no_network (const PerryContainerSpec *asked, const PerryObservation *observation,
                                         const PerryCompareContext *context, GString *value, GString *reason)
{
  if (perry_container_spec_get_boolean (asked, PERRY_FIELD_NO_NETWORK))
    return compare_network ("none", observation, context, value, reason);
  /* `false` asks for nothing. */
  g_string_append (value, "false");
  return PERRY_VERDICT_PROVEN;
}
