/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-create.h"
#include "plugins/docker/docker-errors.h"
#include "plugins/docker/docker-report.h"
#include "plugins/http-client/perry-engine-ports.h"
#include "plugins/podman/podman-create.h"
#include "plugins/podman/podman-errors.h"
#include "plugins/podman/podman-report.h"
#include "tests/engine-fixture.h"

/* Published ports and aliases in the words of each engine, and read back from what the engines report. */
#define PORTS                                                                                                          \
  "{\"image\": \"busybox\", \"network\": \"back\", \"network_aliases\": [\"db\", \"store\"], \"ports\": [80,"          \
  " \"8080:80\", \"127.0.0.1:8081:80\", \"[::1]::81\", \"5000-5002:53-55/udp\", \"0.0.0.0:9:9/sctp\"]}"

static JsonNode *
create_body (const char *json, gboolean podman)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = "sha256:0123", .name = "web",
                                 .labels = labels };
  PerryPodmanSurroundings surroundings = { NULL, NULL, 0, 0 };
  g_autoptr (GError) error = NULL;
  JsonNode *body = podman ? perry_podman_create_body (&request, &surroundings)
                          : perry_docker_create_body (&request, &error);

  g_assert_no_error (error);
  return body;
}

static void
test_bodies (void)
{
  g_autoptr (JsonNode) docker = create_body (PORTS, FALSE);
  g_autoptr (JsonNode) podman = create_body (PORTS, TRUE);
  const char *nothing = "{\"image\": \"busybox\", \"ports\": [], \"network_aliases\": []}";
  g_autoptr (JsonNode) docker_nothing = create_body (nothing, FALSE);
  g_autoptr (JsonNode) podman_nothing = create_body (nothing, TRUE);

  engine_fixture_assert_golden (docker, "docker-create-ports");
  engine_fixture_assert_golden (podman, "podman-create-ports");
  g_assert_null (perry_json_find (docker_nothing, "NetworkingConfig", NULL));
  g_assert_null (perry_json_find (podman_nothing, "portmappings", NULL));
}

static void
assert_ports (char **ports, const char *expected)
{
  g_autofree char *joined = ports != NULL ? g_strjoinv (" ", ports) : g_strdup ("none");

  g_assert_cmpstr (joined, ==, expected);
}

typedef struct {
  const char *name;
  PerryContainerInfo *(*read) (JsonNode *reply, GError **error);
  const char *asked;
  const char *ports;
} Recorded;

/* What engines said of a running container that publishes ports in every way. */
static const Recorded recorded[] = {
  { "docker-20.10.24-inspect-ports", perry_docker_container_from_inspect,
    "{\"image\": \"b\", \"ports\": [\"127.0.0.1:8080:80\", \"8081:80\", \"[::1]:8082:80\", \"80\", \"5353:53/udp\"]}",
    "0.0.0.0:8081:80/tcp 0.0.0.0:32768:80/tcp 127.0.0.1:8080:80/tcp [::]:8081:80/tcp [::]:32768:80/tcp "
    "[::1]:8082:80/tcp 0.0.0.0:5353:53/udp [::]:5353:53/udp" },
  { "podman-4.3.1-inspect-ports", perry_podman_container_from_inspect,
    "{\"image\": \"b\", \"ports\": [\"127.0.0.1:8080:80\", \"8081:80\", \"[::1]:8082:80\", \"80\", \"5353:53/udp\","
    " \"9100-9102:100-102\", \"200-201\", \"127.0.0.1::300\"]}",
    "8081:80/tcp 36491:80/tcp 9100-9102:100-102/tcp 39939-39940:200-201/tcp 127.0.0.1:8080:80/tcp "
    "127.0.0.1:33241:300/tcp [::1]:8082:80/tcp 5353:53/udp" },
};

static PerryVerdict
compare (const char *asked, const PerryContainerSpec *reported)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (asked);
  g_autoptr (GString) value = g_string_new (NULL);
  g_autoptr (GString) reason = g_string_new (NULL);
  PerryCompareContext context = { 0 };

  return perry_field_get_info (PERRY_FIELD_PORTS)->compare_reported (spec, reported, &context, value, reason);
}

static void
test_recorded (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (recorded); i++)
    {
      g_autoptr (JsonNode) reply = engine_fixture_load (recorded[i].name);
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryContainerInfo) info = recorded[i].read (reply, &error);
      g_autofree const char **reported = NULL;

      g_assert_no_error (error);
      assert_ports (info->ports, recorded[i].ports);
      reported = perry_container_spec_get_strv (info->reported, PERRY_FIELD_PORTS);
      assert_ports ((char **) reported, recorded[i].ports);
      g_assert_cmpint (compare (recorded[i].asked, info->reported), ==, PERRY_VERDICT_PROVEN);
      g_assert_cmpint (compare ("{\"image\": \"b\", \"ports\": [\"8081:80\"]}", info->reported), ==,
                       PERRY_VERDICT_DIFFERS);
    }
}

static void
test_lists (void)
{
  g_autoptr (JsonNode) docker = engine_fixture_parse (
      "[{\"Id\": \"a1\", \"Ports\": [{\"PrivatePort\": 90, \"Type\": \"tcp\"},"
      " {\"IP\": \"0.0.0.0\", \"PrivatePort\": 81, \"PublicPort\": 8081, \"Type\": \"tcp\"},"
      " {\"IP\": \"0.0.0.0\", \"PrivatePort\": 80, \"PublicPort\": 8080, \"Type\": \"tcp\"},"
      " {\"IP\": \"::\", \"PrivatePort\": 80, \"PublicPort\": 8080, \"Type\": \"tcp\"}]}, {\"Id\": \"a2\", \"Ports\": []}]");
  g_autoptr (JsonNode) podman = engine_fixture_parse (
      "[{\"Id\": \"a1\", \"Ports\": [{\"host_ip\": \"\", \"container_port\": 80, \"host_port\": 8080, \"range\": 3,"
      " \"protocol\": \"tcp\"}, {\"host_ip\": \"127.0.0.1\", \"container_port\": 53, \"host_port\": 53, \"range\": 1,"
      " \"protocol\": \"udp\"}]}, {\"Id\": \"a2\", \"Ports\": null}]");
  g_autoptr (GPtrArray) docker_rows = perry_docker_containers_from_list (docker, NULL);
  g_autoptr (GPtrArray) podman_rows = perry_podman_containers_from_list (podman, NULL);

  assert_ports (((PerryContainerInfo *) docker_rows->pdata[0])->ports,
                "0.0.0.0:8080-8081:80-81/tcp [::]:8080:80/tcp");
  assert_ports (((PerryContainerInfo *) docker_rows->pdata[1])->ports, "none");
  assert_ports (((PerryContainerInfo *) podman_rows->pdata[0])->ports, "8080-8082:80-82/tcp 127.0.0.1:53:53/udp");
  assert_ports (((PerryContainerInfo *) podman_rows->pdata[1])->ports, "none");
}

/* Numbers out of range and members of other types are not said. */
static void
test_odd_reports (void)
{
  g_autoptr (PerryContainerSpec) reported = perry_container_spec_new ();
  g_autoptr (JsonNode) reply = engine_fixture_parse (
      "{\"State\": {\"Running\": true}, \"NetworkSettings\": {\"Ports\": {\"80/tcp\": [{\"HostPort\": \"99999\"},"
      " {\"HostPort\": 80}, 7, {\"HostIp\": 3, \"HostPort\": \"81\"}], \"0/tcp\": [{\"HostPort\": \"1\"}], \"x\": [{}],"
      " \"90/\": [{}], \"91/tcp\": null, \"92/udp\": {}}, \"Networks\": {\"a\": 7, \"b\": {\"Aliases\": \"x\"}}}}");
  g_auto (GStrv) ports = perry_engine_ports_of_container (perry_json_as_object (reply));
  g_autofree char *json = NULL;

  perry_engine_report_ports (reported, perry_json_as_object (reply));
  json = perry_container_spec_to_json (reported);
  g_assert_cmpstr (json, ==, "{\"network_aliases\":[],\"ports\":[\"80/tcp\",\"81:80/tcp\"]}");
  assert_ports (ports, "80/tcp 81:80/tcp");
}

/* What the engines wrote on this machine, and what newer ones have in their sources. */
static void
test_failures (void)
{
  static const struct { const char *text; PerryError code; const char *advice; } failures[] = {
    { "driver failed programming external connectivity on endpoint b (1f): Bind for 127.0.0.1:8080 failed: port is "
      "already allocated", PERRY_ERROR_PORT_IN_USE, "$.ports publishes is taken" },
    { "driver failed programming external connectivity on endpoint b (1f): Error starting userland proxy: listen tcp4 "
      "0.0.0.0:7777: bind: address already in use", PERRY_ERROR_PORT_IN_USE, "$.ports publishes is taken" },
    { "failed to bind host port for 127.0.0.1:8080:172.17.0.2:80/tcp: address already in use", PERRY_ERROR_PORT_IN_USE,
      "one that the engine picks" },
    { "cannot listen on the TCP port: listen tcp4 127.0.0.1:8080: bind: address already in use", PERRY_ERROR_PORT_IN_USE,
      "one that the engine picks" },
    { "rootlessport listen tcp 0.0.0.0:8080: bind: address already in use", PERRY_ERROR_PORT_IN_USE, "is taken" },
    { "pasta failed with exit code 1:\nFailed to bind port 8080 (Address already in use) for option '-t 8080'",
      PERRY_ERROR_PORT_IN_USE, "is taken" },
    { "cannot listen on the TCP port: listen tcp4 192.0.2.77:7778: bind: cannot assign requested address",
      PERRY_ERROR_INVALID_SPEC, "none of the host's" },
    { "rootlessport cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to "
      "/etc/sysctl.conf (currently 1024)", PERRY_ERROR_PERMISSION_DENIED, "choose one from 1024 on" },
    { "driver failed programming external connectivity on endpoint aa (51): Error starting userland proxy: protocol not "
      "supported", PERRY_ERROR_UNSUPPORTED, "the kernel lacks a protocol" },
    { "listen tcp4 0.0.0.0:80: bind: permission denied", PERRY_ERROR_PERMISSION_DENIED, "choose one from 1024 on" },
    { "error mounting \"/a\" to rootfs at \"/b\": bind mount: permission denied", PERRY_ERROR_BACKEND_FAILED, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    for (guint podman = 0; podman < 2; podman++)
      {
        g_autoptr (GError) error = g_error_new (PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED, "starting container web: %s",
                                                failures[i].text);

        if (podman)
          perry_podman_classify_start_error (error);
        else
          perry_docker_classify_start_error (error);
        g_assert_error (error, PERRY_ERROR, (int) failures[i].code);
        g_assert_nonnull (strstr (error->message, failures[i].text));
        if (failures[i].advice != NULL)
          g_assert_nonnull (strstr (error->message, failures[i].advice));
      }
}

static void
test_low_ports (void)
{
  static const struct { const char *ports; guint first; gboolean limited; } cases[] = {
    { "[\"80:80\"]", 1024, TRUE },       { "[\"1024:80\"]", 1024, FALSE }, { "[\"1023-1025:1-3\"]", 1024, TRUE },
    { "[\"80\"]", 1024, FALSE },         { "[\"80:80\"]", 80, FALSE },     { "[\"80:80\"]", 0, FALSE },
    { "[\"2000:80\",\"79:1\"]", 80, TRUE }, { "[]", 1024, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"image\": \"b\", \"ports\": %s}", cases[i].ports);
      g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
      g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
      PerrySupport level;
      const char *reason;

      perry_engine_limit_low_ports (spec, cases[i].first, "Podman", PERRY_SUPPORT_UNSUPPORTED, support);
      g_assert_cmpint (perry_field_support_get (support, PERRY_FIELD_PORTS, &level, &reason), ==, cases[i].limited);
      if (!cases[i].limited)
        continue;
      g_assert_cmpint (level, ==, PERRY_SUPPORT_UNSUPPORTED);
      g_assert_nonnull (strstr (reason, "ip_unprivileged_port_start"));
    }
  g_assert_cmpuint (perry_engine_first_unprivileged_port (), <=, 65536);
}

static void
test_structs (void)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec ("{\"image\": \"b\", \"ports\": [\"[::1]:7-9:1-3/udp\"]}");
  g_autoptr (GPtrArray) ports = perry_container_spec_dup_ports (spec);
  g_autoptr (PerryPort) copy = g_boxed_copy (PERRY_TYPE_PORT, ports->pdata[0]);
  g_autofree char *text = perry_port_to_string (copy);

  g_assert_cmpuint (ports->len, ==, 1);
  g_assert_cmpstr (copy->host_ip, ==, "::1");
  g_assert_cmpuint (copy->host_port, ==, 7);
  g_assert_cmpuint (copy->container_port, ==, 1);
  g_assert_cmpuint (copy->count, ==, 3);
  g_assert_cmpstr (copy->protocol, ==, "udp");
  g_assert_cmpstr (text, ==, "[::1]:7-9:1-3/udp");
}

static void
test_collisions (void)
{
  static const char *const apart[] = {
    "[\"80:1\",\"81:1\"]", "[\"80:1\",\"80:1/udp\"]", "[\"80\",\"127.0.0.1::80\"]",
    "[\"1.2.3.4:80:1\",\"1.2.3.5:80:1\"]", "[\"80-81:1-2\",\"82:1\"]", "[\"0.0.0.0:80:1\",\"[::]:80:1\"]",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (apart); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"image\": \"b\", \"ports\": %s}", apart[i]);
      g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
      g_autoptr (GPtrArray) ports = perry_container_spec_dup_ports (spec);

      g_assert_false (perry_port_collides (ports->pdata[0], ports->pdata[1]));
      g_assert_cmpint (perry_port_collides (ports->pdata[1], ports->pdata[1]), ==,
                       ((PerryPort *) ports->pdata[1])->host_port != 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-ports/bodies", test_bodies);
  g_test_add_func ("/engine-ports/recorded", test_recorded);
  g_test_add_func ("/engine-ports/lists", test_lists);
  g_test_add_func ("/engine-ports/odd-reports", test_odd_reports);
  g_test_add_func ("/engine-ports/failures", test_failures);
  g_test_add_func ("/engine-ports/low-ports", test_low_ports);
  g_test_add_func ("/engine-ports/structs", test_structs);
  g_test_add_func ("/engine-ports/collisions", test_collisions);
  return g_test_run ();
}
