/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/perry-container.h"
#include "plugin-api/perry-json.h"

/* Copies outlive what they were made of, and the JSON forms have every member, also for what is not known. */
static char *
to_text (JsonNode *node)
{
  g_autoptr (JsonNode) owned = node;

  return perry_json_to_text (owned, FALSE);
}

static const char *
find_string (JsonNode *root, const char *member)
{
  return perry_json_as_string (perry_json_find (root, member, NULL));
}

static void
assert_is_null (JsonNode *root, const char *member)
{
  JsonNode *node = perry_json_find (root, member, NULL);

  g_assert_nonnull (node);
  g_assert_true (json_node_is_null (node));
}

static char **
strv (const char *one, const char *two)
{
  const char *const words[] = { one, two, NULL };

  return g_strdupv ((char **) words);
}

static PerryRunResult *
make_result (void)
{
  PerryRunResult *result = perry_run_result_new ();
  PerryFieldProof *proof = g_new0 (PerryFieldProof, 1);

  proof->field = PERRY_FIELD_USER;
  proof->asked = g_strdup ("nobody");
  proof->reported = g_strdup ("nobody");
  proof->observed = g_strdup ("65534:65534");
  proof->moment = PERRY_MOMENT_BEFORE_START;
  proof->verdict = PERRY_VERDICT_DIFFERS;
  proof->reason = g_strdup ("the user is not 1");
  result->backend = g_strdup ("docker");
  result->container_id = g_strdup ("c1");
  result->container_name = g_strdup ("perry-1");
  result->image = g_strdup ("docker.io/library/bb@sha256:1");
  result->digest = g_strdup ("sha256:1");
  result->image_id = g_strdup ("sha256:2");
  result->enforcement = PERRY_ENFORCEMENT_STRICT;
  result->proof_mode = PERRY_PROOF_REQUIRED;
  g_ptr_array_add (result->proofs, proof);
  g_ptr_array_add (result->adjustments, perry_adjustment_new (PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_APPARMOR, "p",
                                                              "there is no AppArmor", TRUE));
  result->warnings = strv ("one", "two");
  result->ports = strv ("127.0.0.1:8080:80/tcp", "53/udp");
  result->stdout_data = g_bytes_new_static ("out", 3);
  result->stderr_data = g_bytes_new_static ("err", 3);
  result->exit_code = 3;
  result->pulled = TRUE;
  result->oom_killed = TRUE;
  result->timings.total_ms = 1.5;
  return result;
}

static void
test_run_result (void)
{
  g_autoptr (PerryRunResult) result = make_result ();
  g_autoptr (PerryRunResult) copy = g_boxed_copy (PERRY_TYPE_RUN_RESULT, result);
  g_autofree char *text = to_text (perry_run_result_to_json (result));
  g_autofree char *copied = NULL;
  g_autoptr (JsonNode) json = NULL;

  g_clear_pointer (&result, perry_run_result_free);
  copied = to_text (perry_run_result_to_json (copy));
  g_assert_cmpstr (copied, ==, text);
  g_assert_true (g_bytes_equal (copy->stdout_data, g_bytes_new_static ("out", 3)));
  g_assert_true (g_bytes_equal (copy->stderr_data, g_bytes_new_static ("err", 3)));

  json = perry_json_parse (text, -1, NULL, NULL);
  g_assert_cmpstr (find_string (json, "enforcement"), ==, "strict");
  g_assert_cmpstr (find_string (json, "proof_mode"), ==, "required");
  g_assert_nonnull (strstr (text, "\"adjustments\":[{\"field\":\"apparmor\",\"action\":\"dropped\",\"value\":\"p\","
                                  "\"reason\":\"there is no AppArmor\"}]"));
  g_assert_nonnull (strstr (text, "\"proof\":[{\"field\":\"user\",\"asked\":\"nobody\",\"reported\":\"nobody\","
                                  "\"observed\":\"65534:65534\",\"moment\":\"before-start\",\"verdict\":\"differs\","
                                  "\"reason\":\"the user is not 1\"}]"));
  g_assert_nonnull (strstr (text, "\"warnings\":[\"one\",\"two\"],\"ports\":[\"127.0.0.1:8080:80/tcp\",\"53/udp\"],"
                                  "\"pulled\":true,\"exit_code\":3,\"oom_killed\":true"));
}

/* A container that has not ended has no exit code: not 0, and not -1. */
static void
test_unknown_is_null (void)
{
  g_autoptr (PerryRunResult) result = perry_run_result_new ();
  g_autoptr (PerryContainerInfo) info = perry_container_info_new ();
  g_autoptr (PerryImageInfo) image = perry_image_info_new ();
  g_autoptr (JsonNode) run = perry_run_result_to_json (result);
  g_autoptr (JsonNode) container = perry_container_info_to_json (info);
  g_autoptr (JsonNode) from_image = perry_image_info_to_json (image);
  static const char *const times[] = { "created_at", "started_at", "finished_at" };

  assert_is_null (run, "exit_code");
  assert_is_null (run, "digest");
  assert_is_null (container, "exit_code");
  assert_is_null (container, "error");
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    assert_is_null (container, times[i]);
  g_assert_null (perry_json_find (container, "reported", NULL));
  assert_is_null (from_image, "user");
  assert_is_null (from_image, "created_at");
}

static void
test_container_info (void)
{
  g_autoptr (PerryContainerInfo) info = perry_container_info_new ();
  g_autoptr (PerryContainerInfo) copy = NULL;
  g_autofree char *text = NULL;
  g_autofree char *copied = NULL;

  info->id = g_strdup ("c1");
  info->name = g_strdup ("one");
  info->image = g_strdup ("bb:1");
  info->image_id = g_strdup ("sha256:2");
  info->status = PERRY_CONTAINER_EXITED;
  info->pid = 12;
  info->exit_code = 137;
  info->oom_killed = TRUE;
  info->error = g_strdup ("it broke");
  info->created_at = G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC;
  info->runtime = g_strdup ("runc");
  info->command = g_strdup ("sleep 1");
  g_hash_table_insert (info->labels, g_strdup ("b"), g_strdup ("2"));
  g_hash_table_insert (info->labels, g_strdup ("a"), g_strdup ("1"));
  info->reported = perry_container_spec_new_from_json ("{\"image\": \"bb:1\", \"read_only\": true}", -1, NULL);

  text = to_text (perry_container_info_to_json (info));
  copy = g_boxed_copy (PERRY_TYPE_CONTAINER_INFO, info);
  g_clear_pointer (&info, perry_container_info_free);
  copied = to_text (perry_container_info_to_json (copy));
  g_assert_cmpstr (copied, ==, text);
  g_assert_nonnull (strstr (text, "{\"id\":\"c1\",\"name\":\"one\",\"image\":\"bb:1\",\"image_id\":\"sha256:2\","
                                  "\"status\":\"exited\",\"pid\":12,\"exit_code\":137,\"oom_killed\":true,"));
  g_assert_nonnull (strstr (text, "\"error\":\"it broke\",\"created_at\":\"1970-01-02T00:00:00Z\","
                                  "\"started_at\":null,\"finished_at\":null,\"runtime\":\"runc\","
                                  "\"command\":\"sleep 1\",\"ports\":[],\"labels\":{\"a\":\"1\",\"b\":\"2\"}"));
  g_assert_nonnull (strstr (text, "\"reported\":{\"image\":\"bb:1\",\"read_only\":true}"));
}

static void
test_image_info (void)
{
  g_autoptr (PerryImageInfo) info = perry_image_info_new ();
  g_autoptr (PerryImageInfo) copy = NULL;
  g_autofree char *text = NULL;
  g_autofree char *copied = NULL;

  info->id = g_strdup ("sha256:2");
  info->names = strv ("docker.io/library/bb:1", NULL);
  info->digests = strv ("docker.io/library/bb@sha256:1", NULL);
  info->created_at = G_USEC_PER_SEC;
  info->size = 4711;
  info->os = g_strdup ("linux");
  info->architecture = g_strdup ("amd64");
  info->user = g_strdup ("1:1");
  info->working_directory = g_strdup ("/tmp");
  info->warnings = strv ("not verified", NULL);

  text = to_text (perry_image_info_to_json (info));
  copy = g_boxed_copy (PERRY_TYPE_IMAGE_INFO, info);
  g_clear_pointer (&info, perry_image_info_free);
  copied = to_text (perry_image_info_to_json (copy));
  g_assert_cmpstr (copied, ==, text);
  g_assert_cmpstr (text, ==, "{\"id\":\"sha256:2\",\"names\":[\"docker.io/library/bb:1\"],"
                             "\"digests\":[\"docker.io/library/bb@sha256:1\"],\"created_at\":\"1970-01-01T00:00:01Z\","
                             "\"size\":4711,\"os\":\"linux\",\"architecture\":\"amd64\",\"user\":\"1:1\","
                             "\"working_directory\":\"/tmp\",\"warnings\":[\"not verified\"]}");
}

static PerryEngineInfo *
make_engine (void)
{
  PerryEngineInfo *info = perry_engine_info_new ();

  info->name = g_strdup ("Docker");
  info->version = g_strdup ("28");
  info->cgroup_version = 2;
  info->runtimes = strv ("runc", "crun");
  info->notes = strv ("a note", NULL);
  perry_capability_matrix_set (info->matrix, PERRY_CAPABILITY_APPARMOR, PERRY_SUPPORT_PARTIAL,
                               PERRY_SUPPORT_ORIGIN_PROBE, "only a part");
  return info;
}

static void
test_engine_info (void)
{
  g_autoptr (PerryEngineInfo) info = make_engine ();
  g_autoptr (PerryEngineInfo) copy = g_boxed_copy (PERRY_TYPE_ENGINE_INFO, info);
  g_autofree char *text = to_text (perry_engine_info_to_json (info));
  g_autofree char *copied = NULL;

  g_clear_pointer (&info, perry_engine_info_free);
  copied = to_text (perry_engine_info_to_json (copy));
  g_assert_cmpstr (copied, ==, text);
  g_assert_nonnull (strstr (text, "\"apparmor\":{\"support\":\"partial\",\"origin\":\"probe\",\"reason\":\"only a part\"}"));
  g_assert_nonnull (strstr (text, "\"rootless\":false,\"cgroup_version\":2"));
  g_assert_nonnull (strstr (text, "\"runtimes\":[\"runc\",\"crun\"]"));
}

static void
test_plan (void)
{
  g_autoptr (PerryPlan) plan = g_new0 (PerryPlan, 1);
  g_autoptr (PerryPlan) copy = NULL;
  g_autofree char *text = NULL;
  g_autofree char *copied = NULL;
  PerryPlanField field = { .field = PERRY_FIELD_READ_ONLY, .asked = (char *) "true", .outcome = (char *) "true",
                           .support = PERRY_SUPPORT_EMULATED, .origin = PERRY_SUPPORT_ORIGIN_PROBE,
                           .reason = (char *) "done by us" };

  plan->backend = g_strdup ("docker");
  plan->engine = make_engine ();
  plan->image = g_strdup ("docker.io/library/bb:1");
  plan->image_id = g_strdup ("sha256:2");
  plan->enforcement = PERRY_ENFORCEMENT_WARN;
  plan->spec = perry_container_spec_new_from_json ("{\"image\": \"bb:1\", \"read_only\": true}", -1, NULL);
  plan->fields = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_plan_field_free);
  g_ptr_array_add (plan->fields, g_boxed_copy (PERRY_TYPE_PLAN_FIELD, &field));
  plan->adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  g_ptr_array_add (plan->adjustments,
                   perry_adjustment_new (PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_TMPFS, "/tmp", "it comes with it", FALSE));

  text = to_text (perry_plan_to_json (plan));
  copy = g_boxed_copy (PERRY_TYPE_PLAN, plan);
  g_clear_pointer (&plan, perry_plan_free);
  copied = to_text (perry_plan_to_json (copy));
  g_assert_cmpstr (copied, ==, text);
  g_assert_nonnull (strstr (text, "\"fields\":[{\"field\":\"read_only\",\"asked\":\"true\",\"outcome\":\"true\","
                                  "\"support\":\"emulated\",\"origin\":\"probe\",\"reason\":\"done by us\"}]"));
  g_assert_nonnull (strstr (text, "\"spec\":{\"image\":\"bb:1\",\"read_only\":true}"));
}

static void
test_small_ones (void)
{
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryRunOptions) other = NULL;
  g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
  g_autoptr (PerryFieldSupport) copy = NULL;
  g_autoptr (PerryBackendEntry) entry = g_new0 (PerryBackendEntry, 1);
  g_autoptr (PerryBackendEntry) same = NULL;
  const char *reason = NULL;
  PerrySupport level;

  g_assert_cmpint (options->stdin_fd, ==, -1);
  options->service = g_strdup ("web");
  other = g_boxed_copy (PERRY_TYPE_RUN_OPTIONS, options);
  g_clear_pointer (&options, perry_run_options_free);
  g_assert_cmpstr (other->service, ==, "web");

  perry_field_support_limit (support, PERRY_FIELD_USER, PERRY_SUPPORT_PARTIAL, "first");
  perry_field_support_limit (support, PERRY_FIELD_USER, PERRY_SUPPORT_NATIVE, "better does not count");
  copy = g_boxed_copy (PERRY_TYPE_FIELD_SUPPORT, support);
  g_clear_pointer (&support, perry_field_support_free);
  g_assert_true (perry_field_support_get (copy, PERRY_FIELD_USER, &level, &reason));
  g_assert_cmpint (level, ==, PERRY_SUPPORT_PARTIAL);
  g_assert_cmpstr (reason, ==, "first");
  g_assert_false (perry_field_support_get (copy, PERRY_FIELD_CMD, &level, &reason));

  entry->name = g_strdup ("docker");
  entry->selected = TRUE;
  entry->info = make_engine ();
  entry->error = g_error_new_literal (PERRY_ERROR, PERRY_ERROR_FAILED, "no");
  same = g_boxed_copy (PERRY_TYPE_BACKEND_ENTRY, entry);
  g_clear_pointer (&entry, perry_backend_entry_free);
  g_assert_cmpstr (same->name, ==, "docker");
  g_assert_cmpstr (same->info->version, ==, "28");
  g_assert_error (same->error, PERRY_ERROR, PERRY_ERROR_FAILED);
}

static void
test_status_names (void)
{
  g_assert_cmpstr (perry_container_status_get_name (PERRY_CONTAINER_INITIALISED), ==, "initialised");
  g_assert_cmpstr (perry_container_status_get_name (PERRY_CONTAINER_DEAD), ==, "dead");
  g_assert_cmpstr (perry_container_status_get_name ((PerryContainerStatus) 99), ==, "unknown");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/results/run", test_run_result);
  g_test_add_func ("/results/unknown-is-null", test_unknown_is_null);
  g_test_add_func ("/results/container", test_container_info);
  g_test_add_func ("/results/image", test_image_info);
  g_test_add_func ("/results/engine", test_engine_info);
  g_test_add_func ("/results/plan", test_plan);
  g_test_add_func ("/results/copies", test_small_ones);
  g_test_add_func ("/results/status-names", test_status_names);
  return g_test_run ();
}
