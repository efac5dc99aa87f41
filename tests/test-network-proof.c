/* SPDX-License-Identifier: Apache-2.0 */
/* Routes as the kernel writes them, and what they prove of an internal network. */
#include <string.h>

#include "core/proof/perry-proof-readers.h"
#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-spec-fields.h"

#define HEADINGS "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
#define LINK "eth0\t00001EAC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
#define ZERO "00000000000000000000000000000000"
#define LO ZERO " 00 " ZERO " 00 " ZERO " ffffffff 00000001 00000000 00200200       lo\n"
#define LINK_LOCAL "fe800000000000000000000000000000 40 " ZERO " 00 " ZERO " 00000100 00000001 00000000 00000001     eth0\n"

typedef struct {
  const char *ipv4;
  const char *ipv6;
  const char *route; /* NULL for none */
  const char *other; /* through a gateway, NULL for none */
} Case;

/* The first lines were recorded on an internal network of Docker 20.10 and on one of Podman 4.3. */
static const Case cases[] = {
  { HEADINGS "eth0\t00000000\t011E1EAC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" LINK, LO, "via 172.30.30.1 dev eth0" },
  { HEADINGS LINK, LO LINK_LOCAL, NULL },
  { HEADINGS, LO, NULL },
  { HEADINGS, NULL, NULL },
  { HEADINGS "eth0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n", NULL, "dev eth0" },
  { HEADINGS "eth0\t00000000\t011E1EAC\t0203\t0\t0\t0\t00000000\t0\t0\t0\n", NULL, NULL },
  { HEADINGS "eth0\t00000000\t011E1EAC\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n", NULL, NULL,
    "to 0.0.0.0 via 172.30.30.1 dev eth0" },
  { HEADINGS, LO ZERO " 00 " ZERO " 00 fd000055000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n",
    "IPv6 via fd000055000000000000000000000001 dev eth0" },
  { HEADINGS, ZERO " 00 " ZERO " 00 " ZERO " 00000400 00000001 00000000 00000001     eth0\n", "IPv6 dev eth0" },
  /* half of all addresses, one host, a part of the addresses: not the default route, and a way out */
  { HEADINGS "eth0\t00000000\t011E1EAC\t0003\t0\t0\t0\t00000080\t0\t0\t0\n" LINK, NULL, NULL,
    "to 0.0.0.0 via 172.30.30.1 dev eth0" },
  { HEADINGS LINK "eth0\t08080808\t011E1EAC\t0007\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n", NULL, NULL,
    "to 8.8.8.8 via 172.30.30.1 dev eth0" },
  { HEADINGS LINK "eth0\t08080808\t011E1EAC\t0207\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n", NULL, NULL, NULL },
  { HEADINGS "eth0\t08080808\t011E1EAC\t0006\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n", NULL, NULL, NULL },
  { HEADINGS, LO "20000000000000000000000000000000 03 " ZERO " 00 fd000055000000000000000000000001 00000400 00000001 "
    "00000000 00000003     eth0\n", NULL,
    "IPv6 to 20000000000000000000000000000000 via fd000055000000000000000000000001 dev eth0" },
};

static void
test_routes (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *route = NULL;
      g_autofree char *other = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (perry_proof_parse_routes (cases[i].ipv4, cases[i].ipv6, &route, &other, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (route, ==, cases[i].route);
      g_assert_cmpstr (other, ==, cases[i].other);
    }
}

static void
test_bad_routes (void)
{
  static const Case bad[] = {
    { HEADINGS "eth0\t0000", NULL, "cut off" },
    { HEADINGS "eth0\n", NULL, "net/route: line 2 is malformed" },
    { HEADINGS "eth0\tx\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", NULL, "line 2 is malformed" },
    { HEADINGS, "00 00 00\n", "net/ipv6_route: line 1 is malformed" },
    { HEADINGS, LO LO "\n", "net/ipv6_route: line 3 is malformed" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *route = NULL;
      g_autofree char *other = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_false (perry_proof_parse_routes (bad[i].ipv4, bad[i].ipv6, &route, &other, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, bad[i].route));
      g_assert_null (route);
    }
}

static PerryVerdict
compare (const PerryObservation *observation, gboolean internal, gboolean keeps_route, GString *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json ("{\"network\":\"mine\"}", -1, &error);
  PerryCompareContext context = { .network_is_internal = internal, .network_keeps_route = keeps_route };
  g_autoptr (GString) reason = g_string_new (NULL);
  PerryVerdict verdict;

  g_assert_no_error (error);
  g_string_truncate (value, 0);
  verdict = perry_field_get_info (PERRY_FIELD_NETWORK)->compare_observed (spec, observation, &context, value, reason);
  g_assert_cmpint (verdict == PERRY_VERDICT_PROVEN, ==, reason->len == 0);
  return verdict;
}

static void
test_internal (void)
{
  g_autoptr (PerryObservation) observation = perry_observation_new (PERRY_MOMENT_RUNNING, 7);
  g_autoptr (GString) value = g_string_new (NULL);

  observation->settled = TRUE;
  observation->namespaces[PERRY_NAMESPACE_NET] = 5;
  observation->own_namespaces[PERRY_NAMESPACE_NET] = 4;
  observation->interfaces = g_strsplit ("lo,eth0", ",", -1);
  perry_observation_set_missing (observation, PERRY_FACET_NAMESPACES, NULL);
  perry_observation_set_missing (observation, PERRY_FACET_INTERFACES, NULL);
  g_assert_cmpint (compare (observation, FALSE, FALSE, value), ==, PERRY_VERDICT_PROVEN);
  /* the routes could not be read */
  g_assert_cmpint (compare (observation, TRUE, FALSE, value), ==, PERRY_VERDICT_UNPROVEN);
  perry_observation_set_missing (observation, PERRY_FACET_ROUTES, NULL);
  g_assert_cmpint (compare (observation, TRUE, FALSE, value), ==, PERRY_VERDICT_PROVEN);
  g_assert_nonnull (strstr (value->str, "no default route"));
  observation->default_route = g_strdup ("via 10.5.0.1 dev eth0");
  g_assert_cmpint (compare (observation, FALSE, FALSE, value), ==, PERRY_VERDICT_PROVEN);
  g_assert_cmpint (compare (observation, TRUE, FALSE, value), ==, PERRY_VERDICT_DIFFERS);
  g_assert_nonnull (strstr (value->str, "default route via 10.5.0.1 dev eth0"));
  g_assert_cmpint (compare (observation, TRUE, TRUE, value), ==, PERRY_VERDICT_UNPROVEN);
  observation->gateway_route = g_strdup ("to 8.8.8.8 via 10.5.0.1 dev eth0");
  g_assert_cmpint (compare (observation, FALSE, FALSE, value), ==, PERRY_VERDICT_PROVEN);
  /* the engine's own route does not excuse another one */
  g_assert_cmpint (compare (observation, TRUE, TRUE, value), ==, PERRY_VERDICT_DIFFERS);
  g_clear_pointer (&observation->default_route, g_free);
  g_assert_cmpint (compare (observation, TRUE, FALSE, value), ==, PERRY_VERDICT_DIFFERS);
  g_assert_nonnull (strstr (value->str, ", a route to 8.8.8.8 via 10.5.0.1 dev eth0"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network-proof/routes", test_routes);
  g_test_add_func ("/network-proof/bad-routes", test_bad_routes);
  g_test_add_func ("/network-proof/internal", test_internal);
  return g_test_run ();
}
