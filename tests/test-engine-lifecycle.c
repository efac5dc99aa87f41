/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-healthcheck.h"
#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-create.h"
#include "plugins/docker/docker-matrix.h"
#include "plugins/docker/docker-report.h"
#include "plugins/http-client/perry-engine-lifecycle.h"
#include "plugins/podman/podman-create.h"
#include "plugins/podman/podman-health.h"
#include "plugins/podman/podman-report.h"
#include "tests/engine-fixture.h"

/* Health checks and restart policies in the words of the engines, and read back from what they report. */

static JsonNode *
create_body (const char *json, gboolean with_start_interval)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
  PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = "sha256:0123", .name = "web" };
  g_autoptr (GError) error = NULL;
  JsonNode *body = perry_docker_create_body (&request, &error);

  g_assert_no_error (error);
  if (with_start_interval)
    perry_docker_add_start_interval (body, spec);
  return body;
}

static char *
member_text (JsonNode *body, const char *outer, const char *inner)
{
  JsonNode *node = inner != NULL ? perry_json_find (body, outer, inner, NULL) : perry_json_find (body, outer, NULL);

  return node != NULL ? perry_json_to_text (node, FALSE) : NULL;
}

static void
test_docker_bodies (void)
{
  static const struct { const char *json; gboolean new_api; const char *health; const char *restart; } cases[] = {
    { "{\"image\":\"b\"}", TRUE, NULL, NULL },
    /* With a test of its own nothing is left to the image. */
    { "{\"image\":\"b\",\"healthcheck\":{\"test\":\"true\"}}", TRUE,
      "{\"Test\":[\"CMD-SHELL\",\"true\"],\"Interval\":30000000000,\"Timeout\":30000000000,\"Retries\":3}", NULL },
    { "{\"image\":\"b\",\"healthcheck\":{\"retries\":7}}", TRUE, "{\"Retries\":7}", NULL },
    { "{\"image\":\"b\",\"healthcheck\":{\"test\":[\"CMD\",\"a\",\"b\"],\"interval\":\"1ms\",\"timeout\":\"2s\","
      "\"retries\":1,\"start_period\":\"10s\"}}", FALSE,
      "{\"Test\":[\"CMD\",\"a\",\"b\"],\"Interval\":1000000,\"Timeout\":2000000000,\"StartPeriod\":10000000000,"
      "\"Retries\":1}", NULL },
    /* Docker 28 would wait for 5 s before its first probe. */
    { "{\"image\":\"b\",\"healthcheck\":{\"interval\":\"1s\",\"start_period\":\"10s\"}}", TRUE,
      "{\"Interval\":1000000000,\"StartPeriod\":10000000000,\"StartInterval\":1000000000}", NULL },
    { "{\"image\":\"b\",\"healthcheck\":{\"start_period\":\"10s\",\"start_interval\":\"500ms\"}}", TRUE,
      "{\"StartPeriod\":10000000000,\"StartInterval\":500000000}", NULL },
    /* To Docker 0 is the image's start period, so it is told of the shortest; the first probe has to wait all the same. */
    { "{\"image\":\"b\",\"healthcheck\":{\"interval\":\"9s\",\"start_period\":\"0s\"}}", FALSE,
      "{\"Interval\":9000000000,\"StartPeriod\":1000000}", NULL },
    { "{\"image\":\"b\",\"healthcheck\":{\"interval\":\"9s\",\"start_period\":\"0s\"}}", TRUE,
      "{\"Interval\":9000000000,\"StartPeriod\":1000000,\"StartInterval\":9000000000}", NULL },
    { "{\"image\":\"b\",\"healthcheck\":{\"test\":[\"NONE\"]}}", TRUE, "{\"Test\":[\"NONE\"]}", NULL },
    { "{\"image\":\"b\",\"restart\":\"on-failure:2\"}", TRUE, NULL,
      "{\"Name\":\"on-failure\",\"MaximumRetryCount\":2}" },
    { "{\"image\":\"b\",\"restart\":\"on-failure\"}", TRUE, NULL, "{\"Name\":\"on-failure\"}" },
    { "{\"image\":\"b\",\"restart\":\"unless-stopped\"}", TRUE, NULL, "{\"Name\":\"unless-stopped\"}" },
    { "{\"image\":\"b\",\"restart\":\"no\"}", TRUE, NULL, "{\"Name\":\"no\"}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) body = create_body (cases[i].json, cases[i].new_api);
      g_autofree char *health = member_text (body, "Healthcheck", NULL);
      g_autofree char *restart = member_text (body, "HostConfig", "RestartPolicy");

      g_assert_cmpstr (health, ==, cases[i].health);
      g_assert_cmpstr (restart, ==, cases[i].restart);
    }
}

static void
test_podman_bodies (void)
{
  static const struct { const char *json; gboolean has_timers; const char *members; } cases[] = {
    { "{\"image\":\"b\"}", TRUE, "{}" },
    { "{\"image\":\"b\",\"healthcheck\":{\"test\":\"true\"}}", TRUE,
      "{\"healthconfig\":{\"Test\":[\"CMD-SHELL\",\"true\"],\"Interval\":30000000000,\"Timeout\":30000000000,"
      "\"Retries\":3}}" },
    { "{\"image\":\"b\",\"healthcheck\":{\"test\":\"true\",\"start_period\":\"0s\"}}", TRUE,
      "{\"healthconfig\":{\"Test\":[\"CMD-SHELL\",\"true\"],\"Interval\":30000000000,\"Timeout\":30000000000,"
      "\"Retries\":3}}" },
    /* Without timers an interval is an error in Podman's log at each start. */
    { "{\"image\":\"b\",\"healthcheck\":{\"test\":\"true\",\"interval\":\"1s\"}}", FALSE,
      "{\"healthconfig\":{\"Test\":[\"CMD-SHELL\",\"true\"],\"Timeout\":30000000000,\"Retries\":3}}" },
    { "{\"image\":\"b\",\"healthcheck\":{\"disable\":true}}", FALSE, "{\"healthconfig\":{\"Test\":[\"NONE\"]}}" },
    { "{\"image\":\"b\",\"restart\":\"on-failure:2\"}", FALSE,
      "{\"restart_policy\":\"on-failure\",\"restart_tries\":2}" },
    { "{\"image\":\"b\",\"restart\":\"always\"}", FALSE, "{\"restart_policy\":\"always\"}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (cases[i].json);
      g_autoptr (JsonNode) node = engine_fixture_parse ("{}");
      g_autofree char *text = NULL;

      perry_podman_add_lifecycle (json_node_get_object (node), spec, cases[i].has_timers);
      text = perry_json_to_text (node, FALSE);
      g_assert_cmpstr (text, ==, cases[i].members);
    }
}

static void
test_podman_limits (void)
{
  static const struct { const char *check; gboolean has_timers; PerrySupport level; } cases[] = {
    { "{\"test\":\"true\"}", TRUE, PERRY_SUPPORT_NATIVE },
    { "{\"retries\":2}", TRUE, PERRY_SUPPORT_UNSUPPORTED },
    { "{\"retries\":2}", FALSE, PERRY_SUPPORT_UNSUPPORTED },
    { "{\"test\":\"true\",\"start_interval\":\"1s\"}", TRUE, PERRY_SUPPORT_PARTIAL },
    { "{\"test\":\"true\",\"start_interval\":\"1s\"}", FALSE, PERRY_SUPPORT_NATIVE },
    { "{\"disable\":true}", TRUE, PERRY_SUPPORT_NATIVE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"image\":\"b\",\"healthcheck\":%s}", cases[i].check);
      g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
      g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
      PerrySupport level = PERRY_SUPPORT_NATIVE;
      const char *reason = NULL;

      perry_podman_limit_healthcheck (spec, cases[i].has_timers, support);
      perry_field_support_get (support, PERRY_FIELD_HEALTHCHECK, &level, &reason);
      g_assert_cmpint (level, ==, cases[i].level);
    }
}

static void
test_podman_timers (void)
{
  g_autofree char *root = engine_fixture_make_directory ();
  static const char *const directories[] = { "run/systemd/system", "run/user/1000/systemd" };
  static const char *const files[] = { "run/systemd/private", "run/user/1000/systemd/private" };
  g_autofree char *none = perry_podman_explain_missing_timers (root, 0);
  g_autofree char *only_system = NULL;
  g_autofree char *root_has = NULL;
  g_autofree char *user_has = NULL;

  g_assert_nonnull (strstr (none, "systemd, which does not run here"));
  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (root, directories[i], NULL);
      g_autofree char *file = g_build_filename (root, files[i], NULL);

      g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
      g_assert_true (g_file_set_contents (file, "", 0, NULL));
      if (i == 0)
        only_system = perry_podman_explain_missing_timers (root, 1000);
    }
  g_assert_nonnull (strstr (only_system, "this user has none"));
  root_has = perry_podman_explain_missing_timers (root, 0);
  user_has = perry_podman_explain_missing_timers (root, 1000);
  g_assert_null (root_has);
  g_assert_null (user_has);
  engine_fixture_remove_directory (root);
}

static void
test_podman_probe (void)
{
  g_autoptr (JsonNode) healthy = engine_fixture_parse ("{\"Status\":\"healthy\",\"FailingStreak\":0,\"Log\":null}");
  g_autoptr (JsonNode) unhealthy = engine_fixture_parse ("{\"Status\":\"unhealthy\",\"FailingStreak\":0,\"Log\":null}");
  g_autoptr (JsonNode) nothing = engine_fixture_parse ("{\"Status\":7}");
  g_autoptr (JsonNode) inspect = engine_fixture_load ("podman-4.3.1-inspect-health-unhealthy");
  g_autoptr (JsonNode) probe = engine_fixture_parse (
    "{\"ProcessConfig\":{\"arguments\":[\"-c\",\"test -e /tmp/ok\"],\"entrypoint\":\"/bin/sh\"}}");
  g_autoptr (JsonNode) other = engine_fixture_parse (
    "{\"ProcessConfig\":{\"arguments\":[\"-c\",\"test -e /tmp/no\"],\"entrypoint\":\"/bin/sh\"}}");
  g_autoptr (JsonNode) command = engine_fixture_parse ("{\"ProcessConfig\":{\"arguments\":[],\"entrypoint\":\"true\"}}");
  gboolean success = FALSE;

  g_assert_true (perry_podman_probe_from_reply (healthy, &success));
  g_assert_true (success);
  g_assert_true (perry_podman_probe_from_reply (unhealthy, &success));
  g_assert_false (success);
  g_assert_false (perry_podman_probe_from_reply (nothing, &success));
  g_assert_true (perry_podman_is_probe (probe, inspect));
  g_assert_false (perry_podman_is_probe (other, inspect));
  g_assert_false (perry_podman_is_probe (command, inspect));
  engine_fixture_set (inspect, "Config.Healthcheck.Test", "[\"CMD\",\"true\"]");
  g_assert_true (perry_podman_is_probe (command, inspect));
  engine_fixture_set (inspect, "Config.Healthcheck.Test", "[\"CMD\",\"true\",\"x\"]");
  g_assert_false (perry_podman_is_probe (command, inspect));
}

/* As the engines said it when the test's container had failed its probes, and had been started again twice. */
static void
test_recorded (void)
{
  static const char *const engines[] = { "docker-20.10.24", "podman-4.3.1" };

  for (gsize i = 0; i < G_N_ELEMENTS (engines); i++)
    {
      PerryContainerInfo *(*read) (JsonNode *, GError **) = i == 0 ? perry_docker_container_from_inspect
                                                                   : perry_podman_container_from_inspect;
      GPtrArray *(*read_list) (JsonNode *, GError **) = i == 0 ? perry_docker_containers_from_list
                                                               : perry_podman_containers_from_list;
      g_autofree char *unhealthy_name = g_strconcat (engines[i], "-inspect-health-unhealthy", NULL);
      g_autofree char *ended_name = g_strconcat (engines[i], "-inspect-restart-ended", NULL);
      g_autofree char *list_name = g_strconcat (engines[i], "-list-health", NULL);
      g_autoptr (JsonNode) unhealthy_reply = engine_fixture_load (unhealthy_name);
      g_autoptr (JsonNode) ended_reply = engine_fixture_load (ended_name);
      g_autoptr (JsonNode) list_reply = engine_fixture_load (list_name);
      g_autoptr (PerryContainerInfo) unhealthy = read (unhealthy_reply, NULL);
      g_autoptr (PerryContainerInfo) ended = read (ended_reply, NULL);
      g_autoptr (GPtrArray) list = read_list (list_reply, NULL);
      g_autoptr (PerryHealthcheck) check = perry_container_spec_dup_healthcheck (unhealthy->reported);
      guint n_unhealthy = 0;

      g_assert_cmpint (unhealthy->health, ==, PERRY_HEALTH_UNHEALTHY);
      g_assert_cmpint (unhealthy->failing_streak, >=, 5);
      g_assert_cmpstr (check->test[1], ==, "test -e /tmp/ok");
      g_assert_cmpint (check->timeout_us, ==, G_TIME_SPAN_SECOND);
      g_assert_cmpint (check->interval_us, ==, i == 0 ? 300 * G_TIME_SPAN_MILLISECOND : -1);
      g_assert_cmpint (ended->restart_count, ==, 2);
      g_assert_cmpint (ended->exit_code, ==, 3);
      g_assert_cmpstr (perry_container_spec_get_string (ended->reported, PERRY_FIELD_RESTART), ==, "on-failure:2");
      for (guint j = 0; j < list->len; j++)
        n_unhealthy += ((PerryContainerInfo *) list->pdata[j])->health == PERRY_HEALTH_UNHEALTHY;
      g_assert_cmpuint (n_unhealthy, ==, 1);
    }
}

static void
test_docker_limits (void)
{
  static const struct { const char *check; guint minor; gboolean partial; } cases[] = {
    { "{\"test\":\"true\"}", 41, FALSE },
    { "{\"test\":\"true\",\"start_period\":\"9s\"}", 41, FALSE },
    { "{\"test\":\"true\",\"start_interval\":\"1s\"}", 43, TRUE },
    { "{\"test\":\"true\",\"start_interval\":\"1s\"}", 44, FALSE },
    { "{\"start_period\":\"9s\"}", 51, TRUE },
    { "{\"start_period\":\"9s\",\"interval\":\"1s\"}", 51, FALSE },
    { "{\"start_period\":\"0s\"}", 43, FALSE },
    { "{\"start_period\":\"0s\"}", 44, TRUE },
    { "{\"start_period\":\"0s\",\"test\":\"true\"}", 51, FALSE },
    { "{\"disable\":true}", 41, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"image\":\"b\",\"healthcheck\":%s}", cases[i].check);
      g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
      g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
      PerrySupport level = PERRY_SUPPORT_NATIVE;
      const char *reason = NULL;

      perry_docker_limit_healthcheck (spec, cases[i].minor, support);
      g_assert_cmpint (perry_field_support_get (support, PERRY_FIELD_HEALTHCHECK, &level, &reason), ==,
                       cases[i].partial);
      g_assert_cmpint (level, ==, cases[i].partial ? PERRY_SUPPORT_PARTIAL : PERRY_SUPPORT_NATIVE);
    }
}

static void
test_report (void)
{
  static const struct { const char *config; const char *host_config; const char *spec; } cases[] = {
    { "{\"Healthcheck\":{\"Test\":[\"CMD\",\"a\"],\"Interval\":1500000000,\"Timeout\":0,\"Retries\":2}}", "{}",
      "{\"healthcheck\":{\"test\":[\"CMD\",\"a\"],\"interval\":\"1s500ms\",\"retries\":2,\"start_period\":\"0s\"}}" },
    { "{\"Healthcheck\":{\"Test\":[\"NONE\"]}}", "{}", "{\"healthcheck\":{\"disable\":true}}" },
    { "{\"Healthcheck\":{}}", "{\"RestartPolicy\":{\"Name\":\"\",\"MaximumRetryCount\":0}}", "{\"restart\":\"no\"}" },
    { "{\"Healthcheck\":7}", "{\"RestartPolicy\":{\"Name\":\"on-failure\",\"MaximumRetryCount\":2}}",
      "{\"restart\":\"on-failure:2\"}" },
    { "{}", "{\"RestartPolicy\":{\"Name\":\"always\",\"MaximumRetryCount\":0}}", "{\"restart\":\"always\"}" },
    { "{}", "{\"RestartPolicy\":{\"Name\":\"sometimes\"}}", "{}" },
    { "{}", "{\"RestartPolicy\":[]}", "{}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) config = engine_fixture_parse (cases[i].config);
      g_autoptr (JsonNode) host_config = engine_fixture_parse (cases[i].host_config);
      g_autoptr (PerryContainerSpec) reported = perry_container_spec_new ();
      g_autofree char *json = NULL;

      perry_engine_report_lifecycle (reported, json_node_get_object (config), json_node_get_object (host_config));
      json = perry_container_spec_to_json (reported);
      g_assert_cmpstr (json, ==, cases[i].spec);
    }
}

static void
test_state (void)
{
  static const struct { const char *json; PerryHealth health; gint64 streak; gint64 restarts; } cases[] = {
    { "{\"State\":{}}", PERRY_HEALTH_NONE, 0, 0 },
    { "{\"RestartCount\":3,\"State\":{\"Health\":{\"Status\":\"none\",\"FailingStreak\":9}}}", PERRY_HEALTH_NONE, 0, 3 },
    { "{\"State\":{\"Health\":{\"Status\":\"starting\"}}}", PERRY_HEALTH_STARTING, 0, 0 },
    { "{\"State\":{\"Health\":{\"Status\":\"unhealthy\",\"FailingStreak\":4}}}", PERRY_HEALTH_UNHEALTHY, 4, 0 },
    { "{\"State\":{\"Healthcheck\":{\"Status\":\"healthy\"}}}", PERRY_HEALTH_HEALTHY, 0, 0 },
    { "{\"State\":{\"Health\":{\"Status\":\"\"}}}", PERRY_HEALTH_NONE, 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) reply = engine_fixture_parse (cases[i].json);
      g_autoptr (PerryContainerInfo) info = perry_container_info_new ();

      perry_engine_lifecycle_read (info, json_node_get_object (reply));
      g_assert_cmpint (info->health, ==, cases[i].health);
      g_assert_cmpint (info->failing_streak, ==, cases[i].streak);
      g_assert_cmpint (info->restart_count, ==, cases[i].restarts);
    }
}

static void
test_docker_list (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_parse (
    "[{\"Id\":\"a\",\"Status\":\"Up 3 seconds (healthy)\"}, {\"Id\":\"b\",\"Status\":\"Up 1 second (health: starting)\"},"
    " {\"Id\":\"c\",\"Status\":\"Up 2 hours (unhealthy)\"}, {\"Id\":\"d\",\"Status\":\"Exited (1) 2 hours ago\"},"
    " {\"Id\":\"e\",\"Status\":\"Up 2 hours (Paused)\"}]");
  g_autoptr (GPtrArray) list = perry_docker_containers_from_list (reply, NULL);
  static const PerryHealth expected[] = { PERRY_HEALTH_HEALTHY, PERRY_HEALTH_STARTING, PERRY_HEALTH_UNHEALTHY,
                                          PERRY_HEALTH_NONE, PERRY_HEALTH_NONE };

  g_assert_cmpuint (list->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < list->len; i++)
    g_assert_cmpint (((PerryContainerInfo *) list->pdata[i])->health, ==, expected[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-lifecycle/docker-bodies", test_docker_bodies);
  g_test_add_func ("/engine-lifecycle/docker-limits", test_docker_limits);
  g_test_add_func ("/engine-lifecycle/podman-bodies", test_podman_bodies);
  g_test_add_func ("/engine-lifecycle/podman-limits", test_podman_limits);
  g_test_add_func ("/engine-lifecycle/podman-timers", test_podman_timers);
  g_test_add_func ("/engine-lifecycle/podman-probe", test_podman_probe);
  g_test_add_func ("/engine-lifecycle/recorded", test_recorded);
  g_test_add_func ("/engine-lifecycle/report", test_report);
  g_test_add_func ("/engine-lifecycle/state", test_state);
  g_test_add_func ("/engine-lifecycle/docker-list", test_docker_list);
  return g_test_run ();
}
