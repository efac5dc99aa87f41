/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"
#include "plugins/podman/podman-report.h"
#include "tests/engine-fixture.h"

#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"

static PerryContainerInfo *
inspect (const char *name)
{
  g_autoptr (JsonNode) reply = engine_fixture_load (name);
  g_autoptr (GError) error = NULL;
  PerryContainerInfo *info = perry_podman_container_from_inspect (reply, &error);

  g_assert_no_error (error);
  return info;
}

static void
check_recorded (gconstpointer name)
{
  g_autoptr (PerryContainerInfo) info = inspect (name);
  g_autofree char *reported = perry_container_spec_to_json (info->reported);
  g_autoptr (JsonNode) node = engine_fixture_parse (reported);
  g_autofree char *golden = g_strconcat (name, "-reported", NULL);

  g_assert_cmpuint (strlen (info->id), ==, 64);
  g_assert_true (g_str_has_prefix (info->image_id, "sha256:"));
  g_assert_cmpstr (info->image, ==, "docker.io/library/bb:1");
  g_assert_cmpstr (info->runtime, ==, "runc");
  g_assert_cmpint (info->exit_code, ==, -1);
  g_assert_cmpint (info->created_at, >, G_GINT64_CONSTANT (1700000000000000));
  g_assert_cmpstr (g_hash_table_lookup (info->labels, "ev"), ==, "1");
  g_assert_true (g_str_has_prefix (info->command, "sh -c 'echo out"));
  g_assert_true (perry_container_spec_get_boolean (info->reported, PERRY_FIELD_INIT));
  g_assert_false (perry_container_spec_is_set (info->reported, PERRY_FIELD_SECCOMP));
  g_assert_false (perry_container_spec_is_set (info->reported, PERRY_FIELD_ENTRYPOINT));
  /* NET_BIND_SERVICE alone, whatever the default. */
  g_assert_cmphex (perry_container_spec_get_capabilities (info->reported, 0), ==, 0x400);
  g_assert_cmphex (perry_container_spec_get_capabilities (info->reported, 0xffff), ==, 0x400);
  engine_fixture_assert_golden (node, golden);
}

static void
test_running (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("podman-4.3.1-inspect-running");
  g_autoptr (PerryContainerInfo) info = perry_podman_container_from_inspect (reply, NULL);
  g_autofree char *cgroup = perry_podman_inspect_cgroup_path (reply);
  g_autofree char *wanted = g_strconcat ("libpod_parent/libpod-", info->id, NULL);
  g_autofree char *none = NULL;

  g_assert_cmpint (info->status, ==, PERRY_CONTAINER_RUNNING);
  g_assert_cmpint (info->pid, ==, 9721);
  g_assert_cmpstr (cgroup, ==, wanted);
  engine_fixture_set (reply, "State.CgroupPath", "\"/../../etc\"");
  none = perry_podman_inspect_cgroup_path (reply);
  g_assert_null (none);
}

static void
test_states (void)
{
  static const struct
  {
    const char *word;
    PerryContainerStatus status;
    gint64 exit_code;
  } states[] = {
    { "\"created\"", PERRY_CONTAINER_CREATED, -1 },      { "\"initialized\"", PERRY_CONTAINER_INITIALISED, -1 },
    { "\"stopped\"", PERRY_CONTAINER_EXITED, 7 },        { "\"exited\"", PERRY_CONTAINER_EXITED, 7 },
    { "\"stopping\"", PERRY_CONTAINER_STOPPING, -1 },    { "\"frobbing\"", PERRY_CONTAINER_UNKNOWN, -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autoptr (JsonNode) reply = engine_fixture_load ("podman-5.4.2-inspect-running");
      g_autoptr (PerryContainerInfo) info = NULL;

      engine_fixture_set (reply, "State.Status", states[i].word);
      engine_fixture_set (reply, "State.ExitCode", "7");
      info = perry_podman_container_from_inspect (reply, NULL);
      g_assert_cmpint (info->status, ==, states[i].status);
      g_assert_cmpint (info->exit_code, ==, states[i].exit_code);
    }
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
    { "BoundingCaps", "null", PERRY_FIELD_CAP_ADD, "@as []" },
    { "BoundingCaps", "[\"CAP_SYS_ADMIN\"]", PERRY_FIELD_CAP_ADD, "['CAP_SYS_ADMIN']" },
    { "HostConfig.ReadonlyRootfs", "false", PERRY_FIELD_READ_ONLY, "false" },
    { "HostConfig.Memory", "0", PERRY_FIELD_MEMORY, "int64 0" },
    { "HostConfig.PidsLimit", "0", PERRY_FIELD_PIDS_LIMIT, "int64 -1" },
    { "HostConfig.SecurityOpt", "[]", PERRY_FIELD_NO_NEW_PRIVILEGES, "false" },
    { "HostConfig.SecurityOpt", "[\"seccomp=unconfined\"]", PERRY_FIELD_SECCOMP, "'unconfined'" },
    { "HostConfig.Tmpfs", "{\"/x\": \"rw,rprivate,nosuid,nodev,tmpcopyup\"}", PERRY_FIELD_TMPFS,
      "['/x:nosuid,nodev']" },
    { "Mounts", "[{\"Type\":\"bind\",\"Source\":\"/s\",\"Destination\":\"/d\",\"Options\":[\"noexec\",\"rbind\"],"
                "\"RW\":false}]",
      PERRY_FIELD_VOLUMES, "[('bind', '/s', '/d', true, ['noexec'])]" },
    { "NetworkSettings.Networks", "{\"backend\": {}}", PERRY_FIELD_NETWORK, "'none'" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (JsonNode) reply = engine_fixture_load ("podman-5.4.2-inspect");
      g_autoptr (PerryContainerInfo) info = NULL;
      g_autofree char *value = NULL;

      engine_fixture_set (reply, lies[i].path, lies[i].json);
      info = perry_podman_container_from_inspect (reply, NULL);
      value = g_variant_print (perry_container_spec_get_value (info->reported, lies[i].field), TRUE);
      g_assert_cmpstr (value, ==, lies[i].value);
    }
}

static void
test_network_names (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("podman-5.4.2-inspect");
  g_autoptr (PerryContainerInfo) named = NULL;
  g_autoptr (PerryContainerInfo) standard = NULL;

  engine_fixture_set (reply, "HostConfig.NetworkMode", "\"bridge\"");
  engine_fixture_set (reply, "NetworkSettings.Networks", "{\"backend\": {}}");
  named = perry_podman_container_from_inspect (reply, NULL);
  g_assert_cmpstr (perry_container_spec_get_network (named->reported), ==, "backend");
  engine_fixture_set (reply, "NetworkSettings.Networks", "{\"podman\": {}}");
  standard = perry_podman_container_from_inspect (reply, NULL);
  g_assert_cmpstr (perry_container_spec_get_network (standard->reported), ==, "bridge");
}

/* As Podman 4.3.1 reported them. */
static void
test_entrypoint (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("podman-4.3.1-inspect-running");
  g_autoptr (PerryContainerInfo) info = NULL;
  g_autofree const char **entrypoint = NULL;

  engine_fixture_set (reply, "Args", "[\"--\", \"sh\", \"a b\", \"one\"]");
  engine_fixture_set (reply, "Config.Cmd", "[\"one\"]");
  engine_fixture_set (reply, "Config.Entrypoint", "\"sh a b\"");
  info = perry_podman_container_from_inspect (reply, NULL);
  entrypoint = perry_container_spec_get_strv (info->reported, PERRY_FIELD_ENTRYPOINT);
  g_assert_nonnull (entrypoint);
  g_assert_cmpstr (entrypoint[0], ==, "sh");
  g_assert_cmpstr (entrypoint[1], ==, "a b");
  g_assert_null (entrypoint[2]);
}

static void
check_container (JsonNode *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerInfo) info = perry_podman_container_from_inspect (reply, &error);
  g_autofree G_GNUC_UNUSED char *cgroup = perry_podman_inspect_cgroup_path (reply);

  g_assert_true ((info != NULL) == (error == NULL));
  if (error != NULL)
    g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
  perry_podman_inspect_has_terminal (reply);
}

static void
check_image (JsonNode *reply)
{
  g_autoptr (PerryImageInfo) G_GNUC_UNUSED info = perry_podman_image_from_inspect (reply, NULL);
}

static void
check_images (JsonNode *reply)
{
  g_autoptr (GPtrArray) G_GNUC_UNUSED list = perry_podman_images_from_list (reply, NULL);
}

static void
test_hostile (void)
{
  engine_fixture_for_each_damage ("podman-5.4.2-inspect-running", check_container);
  engine_fixture_for_each_damage ("podman-4.3.1-image", check_image);
  engine_fixture_for_each_damage ("podman-5.4.2-images", check_images);
}

/* The list is in the order of the alphabet, as Podman 4.3.1 has it after a pull of an index. */
static void
test_own_digest_first (void)
{
  static const struct { const char *digest, *first; } samples[] = {
    { "\"sha256:" ONE "\"", "r.example/a@sha256:" ONE },
    { "\"sha256:" TWO "\"", "r.example/a@sha256:" TWO },
    { "\"\"", "r.example/a@sha256:" ONE },
    { "7", "r.example/a@sha256:" ONE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("{\"Id\":\"" ONE "\",\"Digest\":%s,\"RepoDigests\":[\"r.example/a@sha256:" ONE "\","
                             "\"r.example/a@sha256:" TWO "\",\"r.example/b@sha256:" TWO "\"]}", samples[i].digest);
      g_autoptr (JsonNode) reply = json_from_string (text, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryImageInfo) info = perry_podman_image_from_inspect (reply, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_strv_length (info->digests), ==, 3);
      g_assert_cmpstr (info->digests[0], ==, samples[i].first);
    }
}

static void
test_images (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("podman-4.3.1-image");
  g_autoptr (JsonNode) rows = engine_fixture_load ("podman-5.4.2-images");
  g_autoptr (PerryImageInfo) info = perry_podman_image_from_inspect (reply, NULL);
  g_autoptr (GPtrArray) list = perry_podman_images_from_list (rows, NULL);

  g_assert_true (g_str_has_prefix (info->id, "sha256:"));
  g_assert_cmpstr (info->names[0], ==, "docker.io/library/bb:1");
  g_assert_true (g_str_has_prefix (info->digests[0], "docker.io/library/bb@sha256:"));
  g_assert_null (info->user);
  g_assert_cmpuint (list->len, ==, 1);
}

static void
test_container_list (void)
{
  /* Recorded from Podman 4.3.1. */
  g_autoptr (JsonNode) reply = engine_fixture_parse (
    "[{\"AutoRemove\":false,\"Command\":[\"sh\",\"-c\",\"id; env\"],\"Created\":\"2026-11-24T21:26:53.440828801Z\","
    "\"Exited\":true,\"ExitedAt\":1795555613,\"ExitCode\":4,\"Id\":\"43d2\",\"Image\":\"sha256:956e\","
    "\"ImageID\":\"956e\",\"Labels\":null,\"Names\":[\"xx1\"],\"Pid\":0,\"StartedAt\":1795555612,"
    "\"State\":\"exited\"}]");
  g_autoptr (GPtrArray) list = perry_podman_containers_from_list (reply, NULL);
  const PerryContainerInfo *info = list->pdata[0];

  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (info->name, ==, "xx1");
  g_assert_cmpstr (info->image_id, ==, "sha256:956e");
  g_assert_cmpstr (info->command, ==, "sh -c 'id; env'");
  g_assert_cmpint (info->exit_code, ==, 4);
  g_assert_cmpint (info->finished_at - info->started_at, ==, G_USEC_PER_SEC);
}

static void
test_load_and_removal (void)
{
  g_autoptr (JsonNode) loaded = engine_fixture_parse ("{\"Names\":[\"docker.io/library/busybox:latest\"]}");
  g_autoptr (JsonNode) empty = engine_fixture_parse ("{\"Names\":[]}");
  g_autoptr (JsonNode) removed = engine_fixture_parse ("[{\"Id\":\"1\",\"RawInput\":\"web\"}]");
  g_autoptr (JsonNode) failed = engine_fixture_parse ("[{\"Id\":\"1\",\"Err\":\"no\"}]");
  g_auto (GStrv) names = perry_podman_images_from_load (loaded, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (names[0], ==, "docker.io/library/busybox:latest");
  g_assert_null (perry_podman_images_from_load (empty, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
  g_clear_error (&error);
  g_assert_true (perry_podman_check_removal (removed, "web", &error));
  g_assert_false (perry_podman_check_removal (failed, "web", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/podman-report/own-digest-first", test_own_digest_first);
  g_test_add_data_func ("/podman-report/recorded/4.3.1", "podman-4.3.1-inspect-running", check_recorded);
  g_test_add_data_func ("/podman-report/recorded/5.4.2", "podman-5.4.2-inspect-running", check_recorded);
  g_test_add_data_func ("/podman-report/recorded/5.4.2-created", "podman-5.4.2-inspect", check_recorded);
  g_test_add_func ("/podman-report/running", test_running);
  g_test_add_func ("/podman-report/states", test_states);
  g_test_add_func ("/podman-report/lies-show", test_lies_show);
  g_test_add_func ("/podman-report/network-names", test_network_names);
  g_test_add_func ("/podman-report/entrypoint-is-what-the-command-follows", test_entrypoint);
  g_test_add_func ("/podman-report/hostile-shapes", test_hostile);
  g_test_add_func ("/podman-report/images", test_images);
  g_test_add_func ("/podman-report/container-list", test_container_list);
  g_test_add_func ("/podman-report/load-and-removal", test_load_and_removal);
  return g_test_run ();
}
