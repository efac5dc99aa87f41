/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"
#include "plugins/podman/podman-create.h"
#include "tests/engine-fixture.h"

static JsonNode *
create_body (const char *json, const PerryPodmanSurroundings *surroundings)
{
  const PerryPodmanSurroundings none = { NULL, NULL, 0, 0 };
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = "sha256:0123", .name = "web",
                                 .labels = labels };

  g_hash_table_insert (labels, (gpointer) "perry.owner", (gpointer) "me");
  g_hash_table_insert (labels, (gpointer) "a", (gpointer) "b");
  return perry_podman_create_body (&request, surroundings != NULL ? surroundings : &none);
}

static void
check_golden (const char *json, const PerryPodmanSurroundings *surroundings, const char *name)
{
  g_autoptr (JsonNode) body = create_body (json, surroundings);

  engine_fixture_assert_golden (body, name);
}

static void
test_minimal (void)
{
  check_golden ("{\"image\": \"busybox\"}", NULL, "podman-create-minimal");
}

static void
test_hardened (void)
{
  const PerryPodmanSurroundings surroundings = { NULL, "/usr/bin/tini-static", 20000, 32768 };

  check_golden ("{\"image\": \"busybox\", \"cmd\": [\"sh\", \"-c\", \"echo isolated && exit 0\"], \"read_only\": true,"
                " \"tmpfs\": [\"/tmp:rw,nosuid,nodev,exec,mode=1777,size=64m\"], \"cap_drop\": [\"ALL\"],"
                " \"cap_add\": [\"NET_RAW\"], \"user\": \"nobody\", \"workdir\": \"/tmp\", \"seccomp\": \"default\","
                " \"no_new_privileges\": true, \"network\": \"none\", \"memory\": \"64m\", \"cpus\": 0.5,"
                " \"pids_limit\": 64, \"init\": true, \"env\": {\"B\": \"2\", \"A\": \"1 1\"}}",
                &surroundings, "podman-create-hardened");
}

static void
test_security_options (void)
{
  const PerryPodmanSurroundings surroundings = { "/run/perry/seccomp-1.json", NULL, 0, 0 };

  check_golden ("{\"image\": \"busybox\", \"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\"}, \"apparmor\": \"mine\","
                " \"selinux\": [\"type:container_t\", \"level:s0\"], \"no_new_privileges\": false,"
                " \"entrypoint\": [\"/bin/sh\"], \"network\": \"backend\"}",
                &surroundings, "podman-create-security-options");
}

static void
test_cgroups (void)
{
  g_autoptr (JsonNode) body = create_body ("{\"image\": \"busybox\", \"read_only\": true}", NULL);
  g_auto (GStrv) paths = NULL;

  g_assert_null (perry_json_find (body, "mask", NULL));
  perry_podman_hide_cgroups (body);
  g_assert_true (perry_json_as_strv (perry_json_find (body, "mask", NULL), &paths));
  g_assert_cmpstr (paths[0], ==, "/sys/fs/cgroup");
  g_assert_null (paths[1]);
}

static void
test_mounts (void)
{
  check_golden ("{\"image\": \"busybox\", \"volumes\": [\"/usr:/u:ro\", \"/etc:/e:noexec,z\", \"data:/d\","
                " \"other:/o:nocopy\", \"/own\", \"/bin:/b1:bind,rslave\", \"/bin:/b2:z,shared,rbind\"],"
                " \"tmpfs\": [\"/a\", \"/b:ro,size=1m\", \"/dev/shm:size=1m\"], \"read_only\": true}",
                NULL, "podman-create-mounts");
}

static void
test_seccomp_words (void)
{
  g_autoptr (JsonNode) unconfined = create_body ("{\"image\": \"busybox\", \"seccomp\": \"unconfined\"}", NULL);
  g_autoptr (JsonNode) standard = create_body ("{\"image\": \"busybox\", \"seccomp\": \"default\"}", NULL);
  g_autoptr (JsonNode) perry = create_body ("{\"image\": \"busybox\", \"seccomp\": \"perry\"}", NULL);

  g_assert_cmpstr (perry_json_as_string (perry_json_find (unconfined, "seccomp_profile_path", NULL)), ==,
                   "unconfined");
  g_assert_null (perry_json_find (standard, "seccomp_profile_path", NULL));
  /* The core gives that word its text; without one Podman has to say that there is no such file. */
  g_assert_cmpstr (perry_json_as_string (perry_json_find (perry, "seccomp_profile_path", NULL)), ==, "perry");
}

static void
test_networks (void)
{
  static const char *const modes[] = { "none", "host", "bridge" };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"image\": \"busybox\", \"network\": \"%s\"}", modes[i]);
      g_autoptr (JsonNode) body = create_body (json, NULL);

      g_assert_cmpstr (perry_json_as_string (perry_json_find (body, "netns", "nsmode", NULL)), ==, modes[i]);
      g_assert_null (perry_json_find (body, "Networks", NULL));
    }
}

/* Podman ignores members that it does not know, so a wrong name would be silence: every field has to change the
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
  g_test_add_func ("/podman-create/minimal", test_minimal);
  g_test_add_func ("/podman-create/hardened", test_hardened);
  g_test_add_func ("/podman-create/security-options", test_security_options);
  g_test_add_func ("/podman-create/cgroups-hidden", test_cgroups);
  g_test_add_func ("/podman-create/mounts", test_mounts);
  g_test_add_func ("/podman-create/seccomp-words", test_seccomp_words);
  g_test_add_func ("/podman-create/networks", test_networks);
  g_test_add_func ("/podman-create/every-field-counts", test_every_field_counts);
  return g_test_run ();
}
