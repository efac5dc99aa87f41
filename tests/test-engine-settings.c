/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-create.h"
#include "plugins/http-client/perry-engine-settings.h"
#include "plugins/podman/podman-create.h"
#include "plugins/podman/podman-matrix.h"
#include "tests/engine-fixture.h"

/* One spec in the words of each engine, and read back from what the engines report. */
#define SETTINGS                                                                                                       \
  "{\"image\": \"busybox\", \"hostname\": \"box\", \"stop_signal\": \"USR1\", \"stop_timeout\": 30,"                   \
  " \"group_add\": [\"5\", \"audio\"], \"shm_size\": \"1m\", \"memory\": \"64m\", \"memory_swap\": -1,"                \
  " \"ulimits\": {\"nofile\": \"100:200\", \"core\": 0}, \"sysctls\": {\"net.core.somaxconn\": 9},"                    \
  " \"extra_hosts\": [\"db:10.0.0.1\"], \"dns\": [\"192.0.2.1\"]}"

static JsonNode *
create_body (const char *json, gboolean podman, gint64 limit)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = "sha256:0123", .name = "web",
                                 .labels = labels };
  PerryPodmanSurroundings surroundings = { .nofile = limit, .nproc = limit };
  g_autoptr (GError) error = NULL;
  JsonNode *body = podman ? perry_podman_create_body (&request, &surroundings)
                          : perry_docker_create_body (&request, &error);

  g_assert_no_error (error);
  return body;
}

static void
test_bodies (void)
{
  g_autoptr (JsonNode) docker = create_body (SETTINGS, FALSE, 0);
  g_autoptr (JsonNode) podman = create_body (SETTINGS, TRUE, 1000);
  const char *shared = "{\"image\": \"b\", \"pid\": \"container:aa\", \"ipc\": \"host\", \"uts\": \"host\","
                       " \"userns\": \"host\", \"read_only\": true}";
  g_autoptr (JsonNode) docker_shared = create_body (shared, FALSE, 0);
  g_autoptr (JsonNode) podman_shared = create_body (shared, TRUE, 0);

  engine_fixture_assert_golden (docker, "docker-create-settings");
  engine_fixture_assert_golden (podman, "podman-create-settings");
  engine_fixture_assert_golden (docker_shared, "docker-create-namespaces");
  engine_fixture_assert_golden (podman_shared, "podman-create-namespaces");
}

/* Podman loses its defaults for both where one is named: what the host can grant stands in for the other. */
static void
test_podman_names_both_limits (void)
{
  g_autoptr (JsonNode) body = create_body ("{\"image\": \"b\", \"ulimits\": {\"nproc\": 7}}", TRUE, 1000);
  JsonArray *limits = perry_json_as_array (perry_json_find (body, "r_limits", NULL));

  g_assert_cmpuint (json_array_get_length (limits), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      JsonObject *limit = json_array_get_object_element (limits, i);
      gboolean is_nproc = g_str_equal (json_object_get_string_member (limit, "type"), "nproc");

      g_assert_cmpint (json_object_get_int_member (limit, "hard"), ==, is_nproc ? 7 : 1000);
    }
}

static void
test_report (void)
{
  static const char *const replies[] = {
    "{\"Config\": {\"Hostname\": \"box\", \"StopSignal\": 10, \"StopTimeout\": 30}, \"HostConfig\": {\"ShmSize\": 1048576,"
    " \"MemorySwap\": -1, \"GroupAdd\": [\"5\"], \"Dns\": null, \"Ulimits\": [{\"Name\": \"RLIMIT_NOFILE\", \"Soft\": 1,"
    " \"Hard\": 2}], \"Sysctls\": {\"net.a\": \"1\"}}}",
    "{\"Config\": {\"Hostname\": \"box\", \"StopSignal\": \"SIGUSR1\", \"StopTimeout\": 30}, \"HostConfig\": {\"ShmSize\":"
    " 1048576, \"MemorySwap\": -1, \"GroupAdd\": [\"5\"], \"Dns\": [], \"Ulimits\": [{\"Name\": \"nofile\", \"Soft\": 1,"
    " \"Hard\": 2}], \"Sysctls\": {\"net.a\": \"1\"}}}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (PerryContainerSpec) reported = perry_container_spec_new ();
      g_autoptr (JsonNode) reply = perry_json_parse (replies[i], -1, NULL, NULL);
      g_autofree char *json = NULL;

      perry_engine_report_settings (reported, perry_json_as_object (perry_json_find (reply, "Config", NULL)),
                                    perry_json_as_object (perry_json_find (reply, "HostConfig", NULL)));
      json = perry_container_spec_to_json (reported);
      g_assert_cmpstr (json, ==, "{\"hostname\":\"box\",\"stop_signal\":\"SIGUSR1\",\"stop_timeout\":30,"
                                 "\"group_add\":[\"5\"],\"shm_size\":1048576,\"memory_swap\":-1,"
                                 "\"ulimits\":{\"nofile\":\"1:2\"},\"sysctls\":{\"net.a\":\"1\"},\"dns\":[]}");
    }
}

/* A member of another type, or one that is not there, is not said. */
static void
test_odd_reports (void)
{
  g_autoptr (PerryContainerSpec) reported = perry_container_spec_new ();
  g_autoptr (JsonNode) reply = perry_json_parse ("{\"Hostname\": 5, \"StopSignal\": \"nonsense\", \"ShmSize\": \"x\","
                                                 " \"Ulimits\": [7, {\"Name\": \"a\"}], \"Sysctls\": []}", -1, NULL, NULL);
  JsonObject *object = perry_json_as_object (reply);
  g_autofree char *json = NULL;

  perry_engine_report_settings (reported, NULL, NULL);
  perry_engine_report_settings (reported, object, object);
  json = perry_container_spec_to_json (reported);
  g_assert_cmpstr (json, ==, "{\"ulimits\":{}}");
}

static void
test_signal_numbers (void)
{
  static const struct { const char *json; int number; } cases[] = {
    { "{\"image\": \"b\"}", 0 },
    { "{\"image\": \"b\", \"stop_signal\": \"TERM\"}", 15 },
    { "{\"image\": \"b\", \"stop_signal\": \"SIGRTMIN\"}", 34 },
    { "{\"image\": \"b\", \"stop_signal\": \"SIGRTMIN+3\"}", 37 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (cases[i].json);

      g_assert_cmpint (perry_engine_stop_signal_number (spec), ==, cases[i].number);
    }
}

static void
test_podman_limits (void)
{
  static const struct { const char *json; PerryField field; PerrySupport level; } cases[] = {
    { "{\"image\": \"b\", \"ulimits\": {\"core\": -1}}", PERRY_FIELD_ULIMITS, PERRY_SUPPORT_UNSUPPORTED },
    { "{\"image\": \"b\", \"memory\": \"64m\", \"memory_swap\": -1}", PERRY_FIELD_MEMORY_SWAP,
      PERRY_SUPPORT_UNSUPPORTED },
    { "{\"image\": \"b\", \"userns\": \"private\"}", PERRY_FIELD_USERNS, PERRY_SUPPORT_UNSUPPORTED },
    { "{\"image\": \"b\", \"sysctls\": {\"net.a\": 1}}", PERRY_FIELD_SYSCTLS, PERRY_SUPPORT_PARTIAL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (cases[i].json);
      g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
      PerrySupport level = PERRY_SUPPORT_NATIVE;
      const char *reason = NULL;

      perry_podman_refine_spec (spec, NULL, support);
      g_assert_true (perry_field_support_get (support, cases[i].field, &level, &reason));
      g_assert_nonnull (reason);
      g_assert_cmpint (level, ==, cases[i].level);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-settings/bodies", test_bodies);
  g_test_add_func ("/engine-settings/podman-names-both-limits", test_podman_names_both_limits);
  g_test_add_func ("/engine-settings/report", test_report);
  g_test_add_func ("/engine-settings/odd-reports", test_odd_reports);
  g_test_add_func ("/engine-settings/signal-numbers", test_signal_numbers);
  g_test_add_func ("/engine-settings/podman-limits", test_podman_limits);
  return g_test_run ();
}
