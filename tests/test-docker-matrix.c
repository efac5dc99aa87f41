/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugins/docker/docker-matrix.h"
#include "tests/engine-fixture.h"

static PerryEngineInfo *
engine_from (JsonNode *reply)
{
  g_autoptr (GError) error = NULL;
  PerryEngineInfo *engine = perry_docker_engine_from_info (reply, &error);

  g_assert_no_error (error);
  return engine;
}

static void
assert_cell (const PerryEngineInfo *engine, PerryCapability capability, PerrySupport support, const char *reason)
{
  const char *found = perry_capability_matrix_get_reason (engine->matrix, capability);

  g_test_message ("%s: %s", perry_capability_get_name (capability), found);
  g_assert_cmpint (perry_capability_matrix_get_support (engine->matrix, capability), ==, support);
  if (reason != NULL)
    g_assert_nonnull (strstr (found, reason));
}

static void
test_table (void)
{
  g_autoptr (PerryCapabilityMatrix) matrix = perry_capability_matrix_new_from_rows (perry_docker_capabilities);
  guint n_rows = 0;

  for (const PerryCapabilityRow *row = perry_docker_capabilities; row->name != NULL; row++, n_rows++)
    if (row->support == PERRY_SUPPORT_PARTIAL || row->support == PERRY_SUPPORT_NOT_APPLICABLE)
      g_assert_nonnull (row->reason);
  g_assert_cmpuint (n_rows, ==, PERRY_CAPABILITY_LAST);
  g_assert_cmpuint (g_strv_length ((char **) perry_capability_matrix_get_unknown (matrix)), ==, 0);
}

static void
check_recorded (gconstpointer name)
{
  g_autoptr (JsonNode) reply = engine_fixture_load (name);
  g_autoptr (PerryEngineInfo) engine = engine_from (reply);
  g_autofree char *runtime = perry_docker_runtime_program (reply, engine->default_runtime);

  g_assert_cmpstr (engine->name, ==, "Docker");
  g_assert_cmpuint (engine->cgroup_version, ==, 1);
  g_assert_cmpstr (engine->cgroup_driver, ==, "cgroupfs");
  g_assert_false (engine->rootless);
  g_assert_false (engine->ambient_for_users);
  g_assert_false (engine->inspectable_before_start);
  g_assert_cmpstr (runtime, ==, "runc");
  g_assert_cmphex (engine->default_capabilities, ==, 0xa80425fb);
  g_assert_false (perry_docker_info_is_unconfined (reply));
  assert_cell (engine, PERRY_CAPABILITY_SECCOMP_PROFILE, PERRY_SUPPORT_NATIVE, NULL);
  g_assert_cmpint (perry_capability_matrix_get_origin (engine->matrix, PERRY_CAPABILITY_SECCOMP_PROFILE), ==,
                   PERRY_SUPPORT_ORIGIN_PROBE);
  assert_cell (engine, PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_NATIVE, NULL);
  assert_cell (engine, PERRY_CAPABILITY_PIDS_LIMIT, PERRY_SUPPORT_NATIVE, NULL);
  assert_cell (engine, PERRY_CAPABILITY_APPARMOR, PERRY_SUPPORT_UNSUPPORTED, "AppArmor");
  assert_cell (engine, PERRY_CAPABILITY_SELINUX_LABEL, PERRY_SUPPORT_UNSUPPORTED, "SELinux");
  assert_cell (engine, PERRY_CAPABILITY_MICROVM, PERRY_SUPPORT_UNSUPPORTED, "Kata");
  assert_cell (engine, PERRY_CAPABILITY_PRIVILEGED, PERRY_SUPPORT_NATIVE, NULL);
  assert_cell (engine, PERRY_CAPABILITY_MULTI_ARCH_PULL, PERRY_SUPPORT_PARTIAL, "one platform under the digest");
}

static void
test_image_store (void)
{
  static const struct { const char *status; PerrySupport support; } samples[] = {
    { "[[\"driver-type\",\"io.containerd.snapshotter.v1\"]]", PERRY_SUPPORT_NATIVE },
    { "[[\"Backing Filesystem\",\"extfs\"],[\"driver-type\",\"io.containerd.snapshotter.v1\"]]", PERRY_SUPPORT_NATIVE },
    { "[[\"driver-type\",\"other\"]]", PERRY_SUPPORT_PARTIAL },
    { "[[\"io.containerd.snapshotter.v1\"],7,[\"driver-type\"],[\"driver-type\",1],null]", PERRY_SUPPORT_PARTIAL },
    { "\"driver-type\"", PERRY_SUPPORT_PARTIAL },
    { "null", PERRY_SUPPORT_PARTIAL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"ServerVersion\":\"28\",\"DriverStatus\":%s}", samples[i].status);
      g_autoptr (JsonNode) reply = json_from_string (text, NULL);
      g_autoptr (PerryEngineInfo) engine = engine_from (reply);

      assert_cell (engine, PERRY_CAPABILITY_MULTI_ARCH_PULL, samples[i].support, NULL);
    }
}

static gboolean
notes_mention (const PerryEngineInfo *engine, const char *text)
{
  g_autofree char *notes = g_strjoinv ("\n", engine->notes);

  return strstr (notes, text) != NULL;
}

static void
test_no_controllers (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("docker-20.10.24-cg2-info");
  g_autoptr (PerryEngineInfo) engine = engine_from (reply);

  g_assert_cmpuint (engine->cgroup_version, ==, 2);
  assert_cell (engine, PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_UNSUPPORTED, "memory limit");
  assert_cell (engine, PERRY_CAPABILITY_CPU_LIMIT, PERRY_SUPPORT_UNSUPPORTED, "CPU quota");
  assert_cell (engine, PERRY_CAPABILITY_PIDS_LIMIT, PERRY_SUPPORT_UNSUPPORTED, "process limit");
  g_assert_true (g_strv_contains ((const char *const *) engine->notes, "WARNING: No memory limit support"));
  g_assert_false (notes_mention (engine, "/sys/fs/cgroup"));
}

static void
test_cgroup_note (void)
{
  static const char *const names[] = { "docker-20.10.24-info", "docker-26.1.5-info", "docker-28.5.2-info" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (JsonNode) reply = engine_fixture_load (names[i]);
      g_autoptr (PerryEngineInfo) engine = engine_from (reply);

      g_assert_cmpuint (engine->cgroup_version, ==, 1);
      g_assert_true (notes_mention (engine, "/sys/fs/cgroup"));
    }
}

typedef struct {
  const char *path;
  const char *json;
  PerryCapability capability;
  PerrySupport support;
  const char *reason;
} Change;

static void
test_changes (void)
{
  static const Change changes[] = {
    { "SecurityOptions", "[]", PERRY_CAPABILITY_SECCOMP_PROFILE, PERRY_SUPPORT_UNSUPPORTED, "seccomp" },
    { "SecurityOptions", "[\"name=apparmor\"]", PERRY_CAPABILITY_APPARMOR, PERRY_SUPPORT_NATIVE, NULL },
    { "SecurityOptions", "[\"name=apparmor\",\"name=rootless\"]", PERRY_CAPABILITY_APPARMOR,
      PERRY_SUPPORT_UNSUPPORTED, "rootless" },
    { "SecurityOptions", "[\"name=rootless\"]", PERRY_CAPABILITY_PRIVILEGED, PERRY_SUPPORT_PARTIAL, "rootless" },
    { "SecurityOptions", "[\"name=userns\"]", PERRY_CAPABILITY_PRIVILEGED, PERRY_SUPPORT_UNSUPPORTED, "userns" },
    { "SecurityOptions", "[\"name=selinux\"]", PERRY_CAPABILITY_SELINUX_LABEL, PERRY_SUPPORT_NATIVE, NULL },
    { "SecurityOptions", "[\"name=selinux\"]", PERRY_CAPABILITY_SELINUX_MOUNT_LABELS, PERRY_SUPPORT_NATIVE, NULL },
    { "SecurityOptions", "[\"name=selinuxes\"]", PERRY_CAPABILITY_SELINUX_LABEL, PERRY_SUPPORT_UNSUPPORTED, NULL },
    { "CgroupDriver", "\"none\"", PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_UNSUPPORTED, "none" },
    { "CgroupDriver", "\"none\"", PERRY_CAPABILITY_PIDS_LIMIT, PERRY_SUPPORT_UNSUPPORTED, "none" },
    { "SwapLimit", "false", PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_PARTIAL, "swap" },
    { "MemoryLimit", "\"yes\"", PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_UNSUPPORTED, NULL },
    { "InitBinary", "\"\"", PERRY_CAPABILITY_INIT, PERRY_SUPPORT_UNSUPPORTED, "init" },
    { "Runtimes", "{\"kata\":{\"path\":\"/usr/bin/kata-runtime\"}}", PERRY_CAPABILITY_MICROVM, PERRY_SUPPORT_NATIVE,
      NULL },
    { "DefaultRuntime", "\"io.containerd.kata.v2\"", PERRY_CAPABILITY_MICROVM, PERRY_SUPPORT_NATIVE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (JsonNode) reply = engine_fixture_load ("docker-28.5.2-info");
      g_autoptr (PerryEngineInfo) engine = NULL;

      engine_fixture_set (reply, changes[i].path, changes[i].json);
      engine = engine_from (reply);
      assert_cell (engine, changes[i].capability, changes[i].support, changes[i].reason);
    }
}

static void
check_any (JsonNode *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryEngineInfo) engine = perry_docker_engine_from_info (reply, &error);
  g_autofree G_GNUC_UNUSED char *runtime = perry_docker_runtime_program (reply, "runc");

  g_assert_true ((engine != NULL) == (error == NULL));
  perry_docker_info_is_unconfined (reply);
}

static void
test_hostile (void)
{
  engine_fixture_for_each_damage ("docker-28.5.2-info", check_any);
}

static gboolean
refine (const char *json, gboolean unconfined, PerryField field, PerrySupport *ret_level)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
  g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
  const char *reason = NULL;

  perry_docker_refine_spec (spec, unconfined, support);
  return perry_field_support_get (support, field, ret_level, &reason) && *reason != '\0';
}

static void
test_refine (void)
{
  static const char user[] = "{\"image\": \"b\", \"cap_add\": [\"KILL\"], \"user\": \"nobody\"}";
  static const char *const roots[] = {
    "{\"image\": \"b\", \"cap_add\": [\"KILL\"]}",
    "{\"image\": \"b\", \"cap_add\": [\"KILL\"], \"user\": \"root\"}",
    "{\"image\": \"b\", \"cap_add\": [\"KILL\"], \"user\": \"0:5\"}",
    "{\"image\": \"b\", \"cap_drop\": [\"ALL\"], \"user\": \"nobody\"}",
  };
  PerrySupport level = PERRY_SUPPORT_NATIVE;

  g_assert_true (refine (user, FALSE, PERRY_FIELD_CAP_ADD, &level));
  g_assert_cmpint (level, ==, PERRY_SUPPORT_PARTIAL);
  for (gsize i = 0; i < G_N_ELEMENTS (roots); i++)
    g_assert_false (refine (roots[i], FALSE, PERRY_FIELD_CAP_ADD, &level));
  g_assert_true (refine ("{\"image\": \"b\", \"seccomp\": \"default\"}", TRUE, PERRY_FIELD_SECCOMP, &level));
  g_assert_cmpint (level, ==, PERRY_SUPPORT_UNSUPPORTED);
  g_assert_false (refine ("{\"image\": \"b\", \"seccomp\": \"default\"}", FALSE, PERRY_FIELD_SECCOMP, &level));
  g_assert_true (refine ("{\"image\": \"b\", \"volumes\": [\"v:/x:nodev\"]}", FALSE, PERRY_FIELD_VOLUMES, &level));
  g_assert_cmpint (level, ==, PERRY_SUPPORT_UNSUPPORTED);
  g_assert_false (refine ("{\"image\": \"b\", \"tmpfs\": [\"/x:uid=5,nodev\"]}", FALSE, PERRY_FIELD_TMPFS, &level));
}

static void
test_unconfined_daemon (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("docker-28.5.2-info");

  engine_fixture_set (reply, "SecurityOptions", "[\"name=seccomp,profile=unconfined\"]");
  g_assert_true (perry_docker_info_is_unconfined (reply));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/docker-matrix/cgroup-version-1-is-noted", test_cgroup_note);
  g_test_add_func ("/docker-matrix/table-names-every-capability", test_table);
  g_test_add_data_func ("/docker-matrix/recorded/20.10.24", "docker-20.10.24-info", check_recorded);
  g_test_add_data_func ("/docker-matrix/recorded/26.1.5", "docker-26.1.5-info", check_recorded);
  g_test_add_data_func ("/docker-matrix/recorded/28.5.2", "docker-28.5.2-info", check_recorded);
  g_test_add_func ("/docker-matrix/image-store", test_image_store);
  g_test_add_func ("/docker-matrix/no-controllers", test_no_controllers);
  g_test_add_func ("/docker-matrix/host-changes-cells", test_changes);
  g_test_add_func ("/docker-matrix/hostile-shapes", test_hostile);
  g_test_add_func ("/docker-matrix/refine", test_refine);
  g_test_add_func ("/docker-matrix/unconfined-daemon", test_unconfined_daemon);
  return g_test_run ();
}
