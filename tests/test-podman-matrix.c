/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-rootless.h"
#include "plugins/podman/podman-host.h"
#include "plugins/podman/podman-matrix.h"
#include "tests/engine-fixture.h"

static PerryEngineInfo *
engine_from (JsonNode *reply)
{
  g_autoptr (GError) error = NULL;
  PerryEngineInfo *engine = perry_podman_engine_from_info (reply, &error);

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
  g_autoptr (PerryCapabilityMatrix) matrix = perry_capability_matrix_new_from_rows (perry_podman_capabilities);
  guint n_rows = 0;

  for (const PerryCapabilityRow *row = perry_podman_capabilities; row->name != NULL; row++)
    n_rows++;
  g_assert_cmpuint (n_rows, ==, PERRY_CAPABILITY_LAST);
  g_assert_cmpuint (g_strv_length ((char **) perry_capability_matrix_get_unknown (matrix)), ==, 0);
}

static void
check_recorded (gconstpointer name)
{
  g_autoptr (JsonNode) reply = engine_fixture_load (name);
  g_autoptr (PerryEngineInfo) engine = engine_from (reply);

  g_assert_cmpstr (engine->name, ==, "Podman");
  g_assert_true (engine->ambient_for_users);
  g_assert_true (engine->inspectable_before_start);
  g_assert_cmpuint (engine->cgroup_version, ==, 1);
  g_assert_cmpstr (engine->default_runtime, ==, "runc");
  assert_cell (engine, PERRY_CAPABILITY_SECCOMP_PROFILE, PERRY_SUPPORT_NATIVE, NULL);
  assert_cell (engine, PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_NATIVE, NULL);
  assert_cell (engine, PERRY_CAPABILITY_APPARMOR, PERRY_SUPPORT_UNSUPPORTED, "AppArmor");
  assert_cell (engine, PERRY_CAPABILITY_SELINUX_LABEL, PERRY_SUPPORT_UNSUPPORTED, "SELinux");
  assert_cell (engine, PERRY_CAPABILITY_MICROVM, PERRY_SUPPORT_UNSUPPORTED, "krun");
}

static void
test_default_capabilities (void)
{
  g_autoptr (JsonNode) old = engine_fixture_load ("podman-4.3.1-info");
  g_autoptr (JsonNode) new = engine_fixture_load ("podman-5.4.2-info");
  g_autoptr (PerryEngineInfo) fourteen = engine_from (old);
  g_autoptr (PerryEngineInfo) eleven = engine_from (new);

  g_assert_cmphex (fourteen->default_capabilities, ==, 0xa80425fb);
  g_assert_cmphex (eleven->default_capabilities, ==, 0x800405fb);
}

static void
test_no_controllers (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("podman-6.1.1-info");
  g_autoptr (PerryEngineInfo) engine = engine_from (reply);

  g_assert_cmpuint (engine->cgroup_version, ==, 2);
  g_assert_cmpstr (engine->default_runtime, ==, "crun");
  assert_cell (engine, PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_UNSUPPORTED, "memory");
  assert_cell (engine, PERRY_CAPABILITY_CPU_LIMIT, PERRY_SUPPORT_UNSUPPORTED, "cpu");
  assert_cell (engine, PERRY_CAPABILITY_PIDS_LIMIT, PERRY_SUPPORT_UNSUPPORTED, "pids");
}

static void
test_rootless (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("podman-5.4.2-info");
  g_autoptr (PerryEngineInfo) version1 = NULL;
  g_autoptr (PerryEngineInfo) cgroupfs = NULL;
  g_autoptr (PerryEngineInfo) systemd = NULL;

  engine_fixture_set (reply, "host.security.rootless", "true");
  engine_fixture_set (reply, "host.security.apparmorEnabled", "true");
  version1 = engine_from (reply);
  g_assert_true (version1->rootless);
  assert_cell (version1, PERRY_CAPABILITY_PRIVILEGED, PERRY_SUPPORT_PARTIAL, "rootless");
  assert_cell (version1, PERRY_CAPABILITY_APPARMOR, PERRY_SUPPORT_UNSUPPORTED, "rootless");
  assert_cell (version1, PERRY_CAPABILITY_PIDS_LIMIT, PERRY_SUPPORT_UNSUPPORTED, "version 1");
  engine_fixture_set (reply, "host.cgroupVersion", "\"v2\"");
  cgroupfs = engine_from (reply);
  assert_cell (cgroupfs, PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_UNSUPPORTED, "systemd");
  engine_fixture_set (reply, "host.cgroupManager", "\"systemd\"");
  systemd = engine_from (reply);
  assert_cell (systemd, PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_NATIVE, NULL);
}

static void
test_other_hosts (void)
{
  g_autoptr (JsonNode) reply = engine_fixture_load ("podman-5.4.2-info");
  g_autoptr (PerryEngineInfo) engine = NULL;

  engine_fixture_set (reply, "host.security.apparmorEnabled", "true");
  engine_fixture_set (reply, "host.security.selinuxEnabled", "true");
  engine_fixture_set (reply, "host.security.seccompEnabled", "false");
  engine_fixture_set (reply, "host.ociRuntime.name", "\"krun\"");
  engine = engine_from (reply);
  assert_cell (engine, PERRY_CAPABILITY_APPARMOR, PERRY_SUPPORT_NATIVE, NULL);
  assert_cell (engine, PERRY_CAPABILITY_SELINUX_MOUNT_LABELS, PERRY_SUPPORT_NATIVE, NULL);
  assert_cell (engine, PERRY_CAPABILITY_SECCOMP_PROFILE, PERRY_SUPPORT_UNSUPPORTED, "seccomp");
  assert_cell (engine, PERRY_CAPABILITY_MICROVM, PERRY_SUPPORT_NATIVE, NULL);
}

static void
check_any (JsonNode *reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryEngineInfo) engine = perry_podman_engine_from_info (reply, &error);

  g_assert_true ((engine != NULL) == (error == NULL));
}

static void
test_hostile (void)
{
  engine_fixture_for_each_damage ("podman-5.4.2-info", check_any);
}

static gboolean
refine (const char *json, const char *remote, PerryField field, PerrySupport *ret_level)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
  g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
  const char *reason = NULL;

  perry_podman_refine_spec (spec, remote, support);
  return perry_field_support_get (support, field, ret_level, &reason) && *reason != '\0';
}

static void
test_userns_of_the_host (void)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec ("{\"image\": \"b\", \"userns\": \"host\"}");
  g_autoptr (PerryEngineInfo) engine = perry_engine_info_new ();

  for (int rootless = 0; rootless < 2; rootless++)
    {
      g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
      PerrySupport level = PERRY_SUPPORT_NATIVE;
      const char *reason = NULL;

      engine->rootless = rootless;
      perry_engine_limit_rootless (spec, engine, support);
      g_assert_cmpint (perry_field_support_get (support, PERRY_FIELD_USERNS, &level, &reason), ==, rootless);
      g_assert_cmpint (level, ==, rootless ? PERRY_SUPPORT_UNSUPPORTED : PERRY_SUPPORT_NATIVE);
    }
}

static void
test_refine (void)
{
  static const char profile[] = "{\"image\": \"b\", \"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\"}}";
  PerrySupport level = PERRY_SUPPORT_NATIVE;

  g_assert_false (refine ("{\"image\": \"b\", \"cap_add\": [\"KILL\"], \"user\": \"nobody\"}", NULL,
                          PERRY_FIELD_CAP_ADD, &level));
  g_assert_true (refine ("{\"image\": \"b\", \"tmpfs\": [\"/x:uid=5\"]}", NULL, PERRY_FIELD_TMPFS, &level));
  g_assert_cmpint (level, ==, PERRY_SUPPORT_UNSUPPORTED);
  g_assert_false (refine ("{\"image\": \"b\", \"volumes\": [\"v:/x:nodev\"]}", NULL, PERRY_FIELD_VOLUMES, &level));
  g_assert_false (refine (profile, NULL, PERRY_FIELD_SECCOMP, &level));
  g_assert_true (refine (profile, "elsewhere", PERRY_FIELD_SECCOMP, &level));
  g_assert_cmpint (level, ==, PERRY_SUPPORT_UNSUPPORTED);
  /* Something is mounted below /proc's parent wherever this runs. */
  g_assert_true (refine ("{\"image\": \"b\", \"volumes\": [\"/:/x:ro\"]}", NULL, PERRY_FIELD_VOLUMES, &level));
  g_assert_cmpint (level, ==, PERRY_SUPPORT_PARTIAL);
}

static void
test_versions (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (perry_podman_check_version ("Libpod/4.3.1 (linux)", "4.3.1", &error));
  g_assert_true (perry_podman_check_version ("Libpod/10.0.0 (linux)", "10.0.0", &error));
  g_assert_false (perry_podman_check_version ("Libpod/3.4.4 (linux)", "3.4.4", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_clear_error (&error);
  g_assert_false (perry_podman_check_version ("Docker/28.5.2 (linux)", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "Docker/28.5.2"));
}

static void
test_limits (void)
{
  PerryPodmanHost host = { 0 };

  perry_podman_host_set_limits (&host, 20000, 96365, 32768, FALSE);
  g_assert_cmpint (host.nofile, ==, 20000);
  g_assert_cmpint (host.nproc, ==, 32768);
  perry_podman_host_set_limits (&host, 20000, 96365, 32768, TRUE);
  g_assert_cmpint (host.nofile, ==, 0);
  g_assert_cmpint (host.nproc, ==, 0);
  perry_podman_host_set_limits (&host, G_MAXINT64, 1000, 32768, FALSE);
  g_assert_cmpint (host.nofile, ==, 1048576);
  g_assert_cmpint (host.nproc, ==, 1000);
  perry_podman_host_set_limits (&host, 1048576, G_MAXINT64, 32768, FALSE);
  g_assert_cmpint (host.nofile, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/podman-matrix/table-names-every-capability", test_table);
  g_test_add_data_func ("/podman-matrix/recorded/4.3.1", "podman-4.3.1-info", check_recorded);
  g_test_add_data_func ("/podman-matrix/recorded/5.4.2", "podman-5.4.2-info", check_recorded);
  g_test_add_func ("/podman-matrix/default-capabilities-are-those-of-info", test_default_capabilities);
  g_test_add_func ("/podman-matrix/no-controllers", test_no_controllers);
  g_test_add_func ("/podman-matrix/rootless", test_rootless);
  g_test_add_func ("/podman-matrix/other-hosts", test_other_hosts);
  g_test_add_func ("/podman-matrix/hostile-shapes", test_hostile);
  g_test_add_func ("/podman-matrix/refine", test_refine);
  g_test_add_func ("/podman-matrix/userns-of-the-host", test_userns_of_the_host);
  g_test_add_func ("/podman-matrix/versions", test_versions);
  g_test_add_func ("/podman-matrix/limits-that-the-host-can-grant", test_limits);
  return g_test_run ();
}
