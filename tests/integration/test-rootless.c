/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "tests/integration/perry-live-engine.h"

/* What only an ordinary user's engine shows. Each test has an engine of its own. */
static PerryLiveEngine *
start (const char *variant, const char *runtime)
{
  g_autofree char *reason = NULL;
  PerryLiveEngine *live = perry_live_engine_start (variant, runtime, NULL, &reason);

  if (live == NULL)
    g_test_skip (reason);
  return live;
}

/* The row of a field in a report; its verdict and what goes with it. */
typedef struct {
  const char *verdict;
  const char *observed;
  const char *reason;
} Row;

static Row
find_row (JsonNode *report, const char *field)
{
  JsonArray *rows = perry_json_as_array (perry_json_find (report, "proof", NULL));

  g_assert_nonnull (rows);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *object = perry_json_as_object (json_array_get_element (rows, i));
      Row row = { NULL, NULL, NULL };
      const char *name = NULL;

      if (!perry_json_read_string (object, "field", &name) || !g_str_equal (name, field))
        continue;
      perry_json_read_string (object, "verdict", &row.verdict);
      perry_json_read_string (object, "observed", &row.observed);
      perry_json_read_string (object, "reason", &row.reason);
      return row;
    }
  g_error ("no row for %s", field);
}

/* Runs a hardened container, and gives the report. */
static JsonNode *
run_hardened (PerryLiveEngine *live, const char *proof, const char *command)
{
  g_autofree char *path = g_build_filename (live->directory, "report.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (PerryProcessResult) result = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *report;

  result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--proof", proof, "--report", path, "--read-only",
                                       "--cap-drop", "ALL", "-u", "4711:4712", "--security-opt", "seccomp=default",
                                       "--security-opt", "no-new-privileges", "busybox", "sh", "-c", command, NULL);
  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "4711 4712\n");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  report = perry_json_parse (text, -1, NULL, &error);
  g_assert_no_error (error);
  return report;
}

static void
assert_proven (JsonNode *report, const char *field)
{
  Row row = find_row (report, field);

  if (g_strcmp0 (row.verdict, "proven") != 0)
    g_test_message ("%s: %s", field, row.reason);
  g_assert_cmpstr (row.verdict, ==, "proven");
}

/* The ids of the container are others on the host; crun loads seccomp as the last thing of all. */
static void
test_podman_is_proven (gconstpointer data)
{
  static const char *const fields[] = { "user", "read_only", "cap_drop", "seccomp", "no_new_privileges" };
  const char *runtime = data;
  g_autoptr (PerryLiveEngine) live = start ("podman-rootless", runtime);
  g_autoptr (JsonNode) report = NULL;

  if (live == NULL)
    return;
  report = run_hardened (live, g_str_equal (runtime, "runc") ? "required" : "default",
                         "echo $(id -u) $(id -g); sleep 0.3");
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    assert_proven (report, fields[i]);
  g_assert_cmpstr (find_row (report, "user").observed, ==, "4711:4712");
}

static void
test_podman_networks (void)
{
  g_autoptr (PerryLiveEngine) live = start ("podman-rootless", "runc");
  g_autoptr (PerryProcessResult) none = NULL;
  g_autoptr (PerryProcessResult) usual = NULL;

  if (live == NULL)
    return;
  none = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--network", "none", "--enforcement", "strict", "busybox",
                                     "sh", "-c", "ls /sys/class/net", NULL);
  perry_live_assert_status (none, 0);
  g_assert_cmpstr (perry_live_stdout (none), ==, "lo\n");
  /* slirp4netns before Podman 5, pasta since. */
  usual = perry_live_engine_perryctl (live, NULL, "run", "--rm", "busybox", "sh", "-c",
                                      "ls /sys/class/net | grep -v lo | wc -l; ip route | grep -c default", NULL);
  perry_live_assert_status (usual, 0);
  g_assert_cmpstr (perry_live_stdout (usual), ==, "1\n1\n");
}

static void
test_docker_is_found (void)
{
  g_autoptr (PerryLiveEngine) live = start ("docker-rootless", "runc");
  g_autofree char *wanted = NULL;
  g_autoptr (PerryProcessResult) result = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonNode *first;

  if (live == NULL)
    return;
  live->environment = g_environ_unsetenv (live->environment, "DOCKER_HOST");
  result = perry_live_engine_perryctl (live, NULL, "backends", "--format", "json", NULL);
  perry_live_assert_status (result, 0);
  root = perry_json_parse_bytes (result->stdout_bytes, NULL, NULL);
  first = json_array_get_element (perry_json_as_array (root), 0);
  wanted = g_build_filename (live->directory, "docker.sock", NULL);
  g_assert_cmpstr (perry_json_as_string (perry_json_find (first, "name", NULL)), ==, "docker");
  g_assert_cmpstr (perry_json_as_string (perry_json_find (first, "engine", "endpoint", NULL)), ==, wanted);
}

static void
test_docker_is_proven (void)
{
  static const char *const fields[] = { "user", "read_only", "cap_drop", "seccomp", "no_new_privileges" };
  g_autoptr (PerryLiveEngine) live = start ("docker-rootless", "runc");
  g_autoptr (JsonNode) report = NULL;

  if (live == NULL)
    return;
  /* It has no cgroup to watch, so the workload has to be there still. */
  report = run_hardened (live, "default", "echo $(id -u) $(id -g); sleep 2");
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    assert_proven (report, fields[i]);
  g_assert_cmpstr (find_row (report, "user").observed, ==, "4711:4712");
}

/* The process numbers that such a daemon tells are not ours: another process has them here. */
static void
test_docker_in_another_process_namespace (void)
{
  static const char *const fields[] = { "user", "read_only", "cap_drop", "seccomp", "no_new_privileges" };
  g_autoptr (PerryLiveEngine) live = NULL;
  g_autoptr (JsonNode) report = NULL;

  g_setenv ("DOCKERD_ROOTLESS_ROOTLESSKIT_FLAGS", "--pidns", TRUE);
  live = start ("docker-rootless", "runc");
  g_unsetenv ("DOCKERD_ROOTLESS_ROOTLESSKIT_FLAGS");
  if (live == NULL)
    return;
  report = run_hardened (live, "default", "echo $(id -u) $(id -g); sleep 2");
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      Row row = find_row (report, fields[i]);

      g_assert_cmpstr (row.verdict, ==, "unproven");
      g_assert_null (row.observed);
      g_assert_nonnull (row.reason);
      g_test_message ("%s: %s", fields[i], row.reason);
      g_assert_nonnull (strstr (row.reason, "process namespace"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  if (g_str_equal (argv[1], "podman"))
    {
      g_test_add_data_func ("/rootless/podman/proven/runc", "runc", test_podman_is_proven);
      g_test_add_data_func ("/rootless/podman/proven/crun", "crun", test_podman_is_proven);
      g_test_add_func ("/rootless/podman/networks", test_podman_networks);
    }
  else
    {
      g_test_add_func ("/rootless/docker/found-by-the-runtime-directory", test_docker_is_found);
      g_test_add_func ("/rootless/docker/proven", test_docker_is_proven);
      g_test_add_func ("/rootless/docker/another-process-namespace", test_docker_in_another_process_namespace);
    }
  return g_test_run ();
}
