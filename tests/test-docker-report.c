/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-errors.h"
#include "plugins/docker/docker-report.h"
#include "tests/engine-fixture.h"

static PerryContainerInfo *
inspect (const char *name)
{
  g_autoptr (JsonNode) reply = engine_fixture_load (name);
  g_autoptr (GError) error = NULL;
  PerryContainerInfo *info = perry_docker_container_from_inspect (reply, &error);

  g_assert_no_error (error);
  return info;
}

/* The recorded container, asked for as the recorder did. */
static void
check_recorded (gconstpointer name)
{
  g_autoptr (PerryContainerInfo) info = inspect (name);
  g_autofree char *reported = perry_container_spec_to_json (info->reported);
  g_autoptr (JsonNode) node = engine_fixture_parse (reported);
  g_autofree char *golden = g_strconcat (name, "-reported", NULL);

  g_assert_cmpint (info->status, ==, PERRY_CONTAINER_CREATED);
  g_assert_cmpuint (strlen (info->id), ==, 64);
  g_assert_true (g_str_has_prefix (info->image_id, "sha256:"));
  g_assert_cmpstr (info->image, ==, "bb:1");
  g_assert_cmpint (info->exit_code, ==, -1);
  g_assert_cmpint (info->pid, ==, 0);
  g_assert_cmpint (info->created_at, >, G_GINT64_CONSTANT (1700000000000000));
  g_assert_cmpint (info->started_at, ==, 0);
  g_assert_cmpstr (info->runtime, ==, "runc");
  g_assert_cmpstr (g_hash_table_lookup (info->labels, "ev"), ==, "1");
  g_assert_cmpstr (perry_container_spec_get_string (info->reported, PERRY_FIELD_NAME), ==, info->name);
  g_assert_cmpint (perry_container_spec_get_int64 (info->reported, PERRY_FIELD_MEMORY, 0), ==, 67108864);
  g_assert_true (perry_container_spec_get_boolean (info->reported, PERRY_FIELD_NO_NEW_PRIVILEGES));
  g_assert_true (g_str_has_prefix (perry_container_spec_get_string (info->reported, PERRY_FIELD_SECCOMP), "{"));
  engine_fixture_assert_golden (node, golden);
}

static void
test_running (void)
{
  g_autoptr (PerryContainerInfo) info = inspect ("docker-20.10.24-inspect-running");

  g_assert_cmpint (info->status, ==, PERRY_CONTAINER_RUNNING);
  g_assert_cmpint (info->pid, >, 0);
  g_assert_cmpint (info->exit_code, ==, -1);
  g_assert_cmpint (info->started_at, >, 0);
  g_assert_cmpint (info->finished_at, ==, 0);
  g_assert_true (g_str_has_prefix (info->command, "docker-init -- sh -c 'echo out")
                 || g_str_has_prefix (info->command, "sh -c 'echo out"));
}

static void
test_exited (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("docker-20.10.24-inspect-running");
  g_autoptr (PerryContainerInfo) info = NULL;

  engine_fixture_set (reply, "State.Status", "\"exited\"");
  engine_fixture_set (reply, "State.ExitCode", "137");
  engine_fixture_set (reply, "State.OOMKilled", "true");
  engine_fixture_set (reply, "State.Error", "\"what\"");
  info = perry_docker_container_from_inspect (reply, NULL);
  g_assert_cmpint (info->status, ==, PERRY_CONTAINER_EXITED);
  g_assert_cmpint (info->exit_code, ==, 137);
  g_assert_true (info->oom_killed);
  g_assert_cmpstr (info->error, ==, "what");
}

/* Each is what an engine would say that did not do what was asked. */
static void
test_lies_show (void)
{
  static const struct
  {
    const char *path;
    const char *json;
    PerryField field;
    const char *value;
  } lies[] = {
    { "HostConfig.ReadonlyRootfs", "false", PERRY_FIELD_READ_ONLY, "false" },
    { "HostConfig.Privileged", "true", PERRY_FIELD_PRIVILEGED, "true" },
    { "HostConfig.Memory", "0", PERRY_FIELD_MEMORY, "int64 0" },
    { "HostConfig.NanoCpus", "0", PERRY_FIELD_CPUS, "0.0" },
    { "HostConfig.PidsLimit", "null", PERRY_FIELD_PIDS_LIMIT, "int64 -1" },
    { "HostConfig.SecurityOpt", "null", PERRY_FIELD_SECCOMP, "'default'" },
    { "HostConfig.SecurityOpt", "[\"seccomp:unconfined\"]", PERRY_FIELD_SECCOMP, "'unconfined'" },
    { "HostConfig.SecurityOpt", "[\"seccomp=builtin\"]", PERRY_FIELD_SECCOMP, "'default'" },
    { "HostConfig.SecurityOpt", "[\"no-new-privileges=false\"]", PERRY_FIELD_NO_NEW_PRIVILEGES, "false" },
    { "HostConfig.SecurityOpt", "[\"no-new-privileges\"]", PERRY_FIELD_NO_NEW_PRIVILEGES, "true" },
    { "HostConfig.CapAdd", "[\"CAP_SYS_ADMIN\"]", PERRY_FIELD_CAP_ADD, "['CAP_SYS_ADMIN']" },
    { "HostConfig.CapDrop", "null", PERRY_FIELD_CAP_DROP, "@as []" },
    { "HostConfig.NetworkMode", "\"default\"", PERRY_FIELD_NETWORK, "'bridge'" },
    { "HostConfig.Tmpfs", "{\"/x\": \"ro,size=1m\"}", PERRY_FIELD_TMPFS, "['/x:ro,size=1m']" },
    { "HostConfig.Tmpfs", "{\"/x\": \"\"}", PERRY_FIELD_TMPFS, "['/x']" },
    { "HostConfig.Init", "null", PERRY_FIELD_INIT, "false" },
    { "Config.User", "\"root\"", PERRY_FIELD_USER, "'root'" },
    { "Mounts", "[{\"Type\":\"bind\",\"Source\":\"/s\",\"Destination\":\"/d\",\"Mode\":\"z\",\"RW\":false},"
                " {\"Type\":\"tmpfs\",\"Destination\":\"/t\"}, 7]",
      PERRY_FIELD_VOLUMES, "[('bind', '/s', '/d', true, ['z'])]" },
    { "Mounts", "[{\"Type\":\"volume\",\"Name\":\"n\",\"Source\":\"/s\",\"Destination\":\"/d\",\"RW\":true}]",
      PERRY_FIELD_VOLUMES, "[('volume', 'n', '/d', false, @as [])]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (JsonNode) reply = engine_fixture_load ("docker-28.5.2-inspect");
      g_autoptr (PerryContainerInfo) info = NULL;
      g_autofree char *value = NULL;

      engine_fixture_set (reply, lies[i].path, lies[i].json);
      info = perry_docker_container_from_inspect (reply, NULL);
      value = g_variant_print (perry_container_spec_get_value (info->reported, lies[i].field), TRUE);
      g_assert_cmpstr (value, ==, lies[i].value);
    }
}

static void
test_labels_of_hosts_without (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("docker-28.5.2-inspect");
  g_autoptr (PerryContainerInfo) dropped = perry_docker_container_from_inspect (reply, NULL);
  g_autoptr (PerryContainerInfo) applied = NULL;

  /* The recording host had no SELinux: the label was dropped. */
  g_assert_false (perry_container_spec_is_set (dropped->reported, PERRY_FIELD_SELINUX));
  engine_fixture_set (reply, "ProcessLabel", "\"system_u:system_r:container_t:s0\"");
  applied = perry_docker_container_from_inspect (reply, NULL);
  g_assert_true (perry_container_spec_is_set (applied->reported, PERRY_FIELD_SELINUX));
}

static void
check_container (JsonNode *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerInfo) info = perry_docker_container_from_inspect (reply, &error);

  g_assert_true ((info != NULL) == (error == NULL));
  if (error != NULL)
    g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
  perry_docker_inspect_has_terminal (reply);
}

static void
check_image (JsonNode *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) info = perry_docker_image_from_inspect (reply, &error);

  g_assert_true ((info != NULL) == (error == NULL));
}

static void
check_images (JsonNode *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = perry_docker_images_from_list (reply, &error);

  g_assert_true ((list != NULL) == (error == NULL));
}

static void
test_hostile (void)
{
  engine_fixture_for_each_damage ("docker-28.5.2-inspect", check_container);
  engine_fixture_for_each_damage ("docker-28.5.2-ctrd-image", check_image);
  engine_fixture_for_each_damage ("docker-20.10.24-images", check_images);
}

static void
test_image (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("docker-28.5.2-ctrd-image");
  g_autoptr (PerryImageInfo) info = perry_docker_image_from_inspect (reply, NULL);

  g_assert_true (g_str_has_prefix (info->id, "sha256:"));
  g_assert_cmpstr (info->names[0], ==, "docker.io/library/bb:1");
  g_assert_true (g_str_has_prefix (info->digests[0], "docker.io/library/bb@sha256:"));
  g_assert_cmpstr (info->os, ==, "linux");
  g_assert_cmpstr (info->architecture, ==, "amd64");
  g_assert_cmpint (info->size, >, 0);
  g_assert_cmpint (info->created_at, >, 0);
}

static void
test_image_list (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("docker-20.10.24-images");
  g_autoptr (GPtrArray) list = perry_docker_images_from_list (reply, NULL);
  const PerryImageInfo *info = list->pdata[0];

  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (info->names[0], ==, "docker.io/library/bb:1");
  g_assert_null (info->digests[0]);
  g_assert_cmpint (info->created_at, ==, G_GINT64_CONSTANT (1795487905000000));
}

static void
test_container_list (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_parse (
    "[{\"Id\":\"ab\",\"Names\":[\"/web\",\"/other/web\"],\"Image\":\"bb:1\",\"ImageID\":\"sha256:1\","
    "\"Command\":\"sh\",\"Created\":1795487905,\"State\":\"exited\",\"Labels\":{\"a\":\"b\",\"c\":3}}]");
  g_autoptr (JsonNode) broken = engine_fixture_parse ("[{\"Id\":\"ab\"}, 3]");
  g_autoptr (GPtrArray) list = perry_docker_containers_from_list (reply, NULL);
  g_autoptr (GError) error = NULL;
  const PerryContainerInfo *info = list->pdata[0];

  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (info->name, ==, "web");
  g_assert_cmpint (info->status, ==, PERRY_CONTAINER_EXITED);
  g_assert_cmpint (info->exit_code, ==, -1);
  g_assert_cmpuint (g_hash_table_size (info->labels), ==, 1);
  g_assert_null (perry_docker_containers_from_list (broken, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
}

static char **
load_lines (const char *first, const char *second, GError **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);

  g_ptr_array_add (lines, engine_fixture_parse (first));
  if (second != NULL)
    g_ptr_array_add (lines, engine_fixture_parse (second));
  return perry_docker_images_from_load (lines, error);
}

static void
test_load (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = load_lines ("{\"stream\":\"Loaded image: busybox:latest\\n\"}",
                                     "{\"stream\":\"Loaded image ID: sha256:"
                                     "956e4ba9e71d08cd4bb1b36978462c46213102becf8a6107809322165d1664f0\\n\"}", NULL);

  g_assert_cmpstr (names[0], ==, "docker.io/library/busybox:latest");
  g_assert_true (g_str_has_prefix (names[1], "sha256:956e"));
  g_assert_null (names[2]);
  /* Recorded from 20.10.24: status 200 all the same. */
  g_assert_null (load_lines ("{\"errorDetail\":{\"message\":\"Error processing tar file\"},\"error\":\"x\"}", NULL,
                             &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
  g_assert_nonnull (strstr (error->message, "Error processing tar file"));
  g_clear_error (&error);
  g_assert_null (load_lines ("{\"status\":\"Loading layer\"}", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
}

static void
test_warnings (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_parse (
    "{\"Id\":\"x\",\"Warnings\":[\"IPv4 forwarding is disabled. Networking will not work.\","
    "\"Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without "
    "swap.\","
    "\"Your kernel does not support pids limit capabilities or the cgroup is not mounted. PIDs limit discarded.\"]}");
  g_autoptr (JsonNode) none = engine_fixture_parse ("{\"Warnings\":null}");
  g_auto (GStrv) warnings = perry_docker_warnings_dup (reply);
  g_auto (GStrv) nothing = perry_docker_warnings_dup (none);

  g_assert_cmpuint (g_strv_length (warnings), ==, 2);
  g_assert_nonnull (strstr (warnings[1], "discarded"));
  g_assert_cmpuint (g_strv_length (nothing), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/docker-report/recorded/20.10.24", "docker-20.10.24-inspect", check_recorded);
  g_test_add_data_func ("/docker-report/recorded/26.1.5", "docker-26.1.5-inspect", check_recorded);
  g_test_add_data_func ("/docker-report/recorded/28.5.2", "docker-28.5.2-inspect", check_recorded);
  g_test_add_func ("/docker-report/running", test_running);
  g_test_add_func ("/docker-report/exited", test_exited);
  g_test_add_func ("/docker-report/lies-show", test_lies_show);
  g_test_add_func ("/docker-report/dropped-selinux-label-is-not-reported", test_labels_of_hosts_without);
  g_test_add_func ("/docker-report/hostile-shapes", test_hostile);
  g_test_add_func ("/docker-report/image", test_image);
  g_test_add_func ("/docker-report/image-list", test_image_list);
  g_test_add_func ("/docker-report/container-list", test_container_list);
  g_test_add_func ("/docker-report/load", test_load);
  g_test_add_func ("/docker-report/warnings-that-are-losses", test_warnings);
  return g_test_run ();
}
