/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-create.h"
#include "tests/engine-fixture.h"

static JsonNode *
create_body (const char *json, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = "sha256:0123", .name = "web",
                                 .labels = labels };

  g_hash_table_insert (labels, (gpointer) "perry.owner", (gpointer) "me");
  g_hash_table_insert (labels, (gpointer) "a", (gpointer) "b");
  return perry_docker_create_body (&request, error);
}

static void
check_golden (const char *json, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) body = create_body (json, &error);

  g_assert_no_error (error);
  engine_fixture_assert_golden (body, name);
}

static void
test_minimal (void)
{
  check_golden ("{\"image\": \"busybox\"}", "docker-create-minimal");
}

static void
test_hardened (void)
{
  check_golden ("{\"image\": \"busybox\", \"cmd\": [\"sh\", \"-c\", \"echo isolated && exit 0\"], \"read_only\": true,"
                " \"tmpfs\": [\"/tmp:rw,nosuid,nodev,exec,mode=1777,size=64m\"], \"cap_drop\": [\"ALL\"],"
                " \"cap_add\": [\"NET_RAW\"], \"user\": \"nobody\", \"workdir\": \"/tmp\", \"seccomp\": \"default\","
                " \"no_new_privileges\": true, \"network\": \"none\", \"memory\": \"64m\", \"cpus\": 0.5,"
                " \"pids_limit\": 64, \"init\": true, \"env\": {\"B\": \"2\", \"A\": \"1 1\"}}",
                "docker-create-hardened");
}

static void
test_security_options (void)
{
  check_golden ("{\"image\": \"busybox\", \"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\"}, \"apparmor\": \"mine\","
                " \"selinux\": [\"type:container_t\", \"level:s0\"], \"no_new_privileges\": false,"
                " \"entrypoint\": [\"/bin/sh\"], \"network\": \"backend\"}",
                "docker-create-security-options");
}

static void
test_unconfined (void)
{
  g_autoptr (JsonNode) body = create_body ("{\"image\": \"busybox\", \"seccomp\": \"unconfined\","
                                           " \"privileged\": true}", NULL);
  g_auto (GStrv) options = NULL;
  gboolean privileged = FALSE;

  g_assert_true (perry_json_as_strv (perry_json_find (body, "HostConfig", "SecurityOpt", NULL), &options));
  g_assert_cmpstr (options[0], ==, "seccomp=unconfined");
  g_assert_null (options[1]);
  perry_json_as_boolean (perry_json_find (body, "HostConfig", "Privileged", NULL), &privileged);
  g_assert_true (privileged);
}

/* The core gives that word its text; without one Docker has to say that it does not know it. */
static void
test_word_without_text (void)
{
  g_autoptr (JsonNode) body = create_body ("{\"image\": \"busybox\", \"seccomp\": \"perry\"}", NULL);
  g_auto (GStrv) options = NULL;

  g_assert_true (perry_json_as_strv (perry_json_find (body, "HostConfig", "SecurityOpt", NULL), &options));
  g_assert_cmpstr (options[0], ==, "seccomp=perry");
}

static void
test_mounts (void)
{
  check_golden ("{\"image\": \"busybox\", \"volumes\": [\"/usr:/u:ro\", \"/etc:/e:ro,z\", \"data:/d\","
                " \"other:/o:nocopy\", \"/own\", \"/bin:/b1:bind,rslave\", \"/bin:/b2:z,shared,rbind\"],"
                " \"tmpfs\": [\"/a\", \"/b:ro,size=1m\", \"/c:suid,dev,exec\"]}",
                "docker-create-mounts");
}

static void
test_unknown_mount_option (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (create_body ("{\"image\": \"busybox\", \"volumes\": [\"/usr:/u:noexec\"]}", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "noexec"));
}

/* The short form, which alone can relabel, takes everything below the source with it. */
static void
test_relabelled_without_recursion (void)
{
  g_auto (GStrv) alone = g_strsplit ("bind", ",", -1);
  g_auto (GStrv) both = g_strsplit ("bind,Z", ",", -1);
  const PerryMount bind = { .type = PERRY_MOUNT_BIND, .options = alone };
  const PerryMount labelled = { .type = PERRY_MOUNT_BIND, .options = both };

  g_assert_true (perry_docker_mount_option_is_known (&bind, "bind"));
  g_assert_false (perry_docker_mount_option_is_known (&labelled, "bind"));
}

/* The list replaces the daemon's, which is the same in 20.10.24, 26.1.5 and 28.5.2; what is masked is left to it. */
static void
test_cgroups (void)
{
  g_autoptr (JsonNode) body = create_body ("{\"image\": \"busybox\", \"read_only\": true}", NULL);
  g_auto (GStrv) paths = NULL;
  g_autofree char *text = NULL;

  g_assert_null (perry_json_find (body, "HostConfig", "ReadonlyPaths", NULL));
  perry_docker_protect_cgroups (body);
  g_assert_true (perry_json_as_strv (perry_json_find (body, "HostConfig", "ReadonlyPaths", NULL), &paths));
  text = g_strjoinv (" ", paths);
  g_assert_cmpstr (text, ==, "/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger /sys/fs/cgroup");
  g_assert_null (perry_json_find (body, "HostConfig", "MaskedPaths", NULL));
}

static void
test_stdin (void)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec ("{\"image\": \"busybox\"}");
  PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = "busybox", .name = "web",
                                 .open_stdin = TRUE, .auto_remove = TRUE };
  g_autoptr (JsonNode) body = perry_docker_create_body (&request, NULL);
  JsonObject *object = json_node_get_object (body);

  g_assert_true (json_object_get_boolean_member (object, "OpenStdin"));
  g_assert_true (json_object_get_boolean_member (object, "StdinOnce"));
  g_assert_true (json_object_get_boolean_member (object, "AttachStdin"));
  g_assert_false (json_object_has_member (object, "Labels"));
  g_assert_true (json_object_get_boolean_member (json_object_get_object_member (object, "HostConfig"), "AutoRemove"));
}

/* Docker ignores members that it does not know, so a wrong name would be silence: every field has to change the
 * body. */
static void
test_every_field_counts (void)
{
  static const char *const fields[] = {
    "\"cmd\": [\"a\"]", "\"entrypoint\": [\"a\"]", "\"env\": {\"A\": \"b\"}", "\"user\": \"1\"", "\"workdir\": \"/x\"",
    "\"read_only\": true", "\"privileged\": true", "\"cap_add\": [\"KILL\"]", "\"cap_drop\": [\"KILL\"]",
    "\"seccomp\": \"unconfined\"", "\"no_new_privileges\": true", "\"apparmor\": \"p\"", "\"selinux\": [\"disable\"]",
    "\"network\": \"host\"", "\"no_network\": true", "\"tmpfs\": [\"/x\"]", "\"volumes\": [\"v:/x\"]",
    "\"memory\": \"8m\"", "\"cpus\": 1", "\"pids_limit\": 9", "\"init\": true",
  };
  g_autoptr (JsonNode) bare = create_body ("{\"image\": \"busybox\"}", NULL);
  g_autofree char *bare_text = perry_json_to_text (bare, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"image\": \"busybox\", %s}", fields[i]);
      g_autoptr (JsonNode) body = create_body (json, NULL);
      g_autofree char *text = perry_json_to_text (body, FALSE);

      g_test_message ("%s", fields[i]);
      g_assert_cmpstr (text, !=, bare_text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/docker-create/minimal/asks-for-nothing", test_minimal);
  g_test_add_func ("/docker-create/hardened", test_hardened);
  g_test_add_func ("/docker-create/security-options", test_security_options);
  g_test_add_func ("/docker-create/unconfined-and-privileged", test_unconfined);
  g_test_add_func ("/docker-create/word-without-text", test_word_without_text);
  g_test_add_func ("/docker-create/mounts", test_mounts);
  g_test_add_func ("/docker-create/mounts/unknown-option-is-an-error", test_unknown_mount_option);
  g_test_add_func ("/docker-create/mounts/relabelled-without-recursion", test_relabelled_without_recursion);
  g_test_add_func ("/docker-create/cgroups-read-only-besides-the-default-paths", test_cgroups);
  g_test_add_func ("/docker-create/stdin-and-auto-remove", test_stdin);
  g_test_add_func ("/docker-create/every-field-counts", test_every_field_counts);
  return g_test_run ();
}
