/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-healthcheck.h"
#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-create.h"
#include "plugins/docker/docker-matrix.h"
#include "plugins/docker/docker-report.h"
#include "plugins/http-client/perry-engine-lifecycle.h"
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
test_docker_limits (void)
{
  static const struct { const char *check; guint minor; gboolean partial; } cases[] = {
    { "{\"test\":\"true\"}", 41, FALSE },
    { "{\"test\":\"true\",\"start_period\":\"9s\"}", 41, FALSE },
    { "{\"test\":\"true\",\"start_interval\":\"1s\"}", 43, TRUE },
    { "{\"test\":\"true\",\"start_interval\":\"1s\"}", 44, FALSE },
    { "{\"start_period\":\"9s\"}", 51, TRUE },
    { "{\"start_period\":\"9s\",\"interval\":\"1s\"}", 51, FALSE },
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
  g_test_add_func ("/engine-lifecycle/report", test_report);
  g_test_add_func ("/engine-lifecycle/state", test_state);
  g_test_add_func ("/engine-lifecycle/docker-list", test_docker_list);
  return g_test_run ();
}
