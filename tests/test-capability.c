/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-capability.h"

static void
test_names (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    {
      const char *name = perry_capability_get_name (i);
      PerryCapability capability;

      g_assert_nonnull (name);
      g_assert_true (g_hash_table_add (seen, (gpointer) name));
      g_assert_true (perry_capability_from_name (name, &capability));
      g_assert_cmpint (capability, ==, i);
    }
  g_assert_null (perry_capability_get_name (PERRY_CAPABILITY_LAST));
  g_assert_false (perry_capability_from_name ("read_only_rootfs", &(PerryCapability) { 0 }));
}

static void
test_required_names (void)
{
  /* The names that users, plugins and documentation rely on. */
  static const char *const names[] = {
    "privileged", "seccomp-profile", "no-new-privileges", "linux-capabilities", "read-only-rootfs", "run-as-user",
    "workdir", "apparmor", "selinux-label", "pid-namespace-share", "ipc-namespace-share", "uts-namespace-share",
    "user-namespace", "network-none", "user-defined-bridge", "internal-network", "network-alias", "published-ports",
    "bind-mounts", "named-volumes", "read-only-mounts", "tmpfs-mounts", "selinux-mount-labels", "rm-on-exit",
    "restart-policy", "healthcheck", "memory-limit", "cpu-limit", "pids-limit", "ulimits", "sysctls", "devices", "init",
    "stop-signal", "exec", "exec-user", "logs-follow", "logs-since", "exit-code", "events", "image-digest",
    "multi-arch-pull", "image-verification", "build", "microvm",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (perry_capability_from_name (names[i], &(PerryCapability) { 0 }));
}

static void
test_levels (void)
{
  g_assert_cmpstr (perry_support_get_name (0), ==, "unsupported");
  g_assert_cmpstr (perry_support_get_name (PERRY_SUPPORT_NOT_APPLICABLE), ==, "not-applicable");
  g_assert_cmpstr (perry_support_origin_get_name (PERRY_SUPPORT_ORIGIN_PROBE), ==, "probe");
}

static void
test_matrix_starts_unsupported (void)
{
  g_autoptr (PerryCapabilityMatrix) matrix = perry_capability_matrix_new ();

  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    {
      g_assert_cmpint (perry_capability_matrix_get_support (matrix, i), ==, PERRY_SUPPORT_UNSUPPORTED);
      g_assert_null (perry_capability_matrix_get_reason (matrix, i));
    }
}

static void
test_rows (void)
{
  static const PerryCapabilityRow rows[] = {
    { "init", PERRY_SUPPORT_NATIVE, NULL },
    { "from-the-future", PERRY_SUPPORT_NATIVE, NULL },
    { "healthcheck", PERRY_SUPPORT_PARTIAL, "no timers" },
    { "exec", (PerrySupport) 77, "a level that does not exist" },
    { NULL, PERRY_SUPPORT_UNSUPPORTED, NULL },
  };
  g_autoptr (PerryCapabilityMatrix) matrix = perry_capability_matrix_new_from_rows (rows);

  g_assert_cmpint (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_INIT), ==, PERRY_SUPPORT_NATIVE);
  g_assert_cmpint (perry_capability_matrix_get_origin (matrix, PERRY_CAPABILITY_INIT), ==, PERRY_SUPPORT_ORIGIN_TABLE);
  g_assert_cmpint (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_EXEC), ==,
                   PERRY_SUPPORT_UNSUPPORTED);
  g_assert_cmpstr (perry_capability_matrix_get_reason (matrix, PERRY_CAPABILITY_HEALTHCHECK), ==, "no timers");
  g_assert_cmpuint (g_strv_length ((char **) perry_capability_matrix_get_unknown (matrix)), ==, 1);
  g_assert_cmpstr (perry_capability_matrix_get_unknown (matrix)[0], ==, "from-the-future");
}

static void
test_limit (void)
{
  g_autoptr (PerryCapabilityMatrix) matrix = perry_capability_matrix_new ();

  perry_capability_matrix_set (matrix, PERRY_CAPABILITY_INIT, PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_ORIGIN_TABLE, NULL);
  perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_INIT, PERRY_SUPPORT_PARTIAL, "no init binary");
  g_assert_cmpint (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_INIT), ==, PERRY_SUPPORT_PARTIAL);
  g_assert_cmpint (perry_capability_matrix_get_origin (matrix, PERRY_CAPABILITY_INIT), ==, PERRY_SUPPORT_ORIGIN_PROBE);
  g_assert_cmpstr (perry_capability_matrix_get_reason (matrix, PERRY_CAPABILITY_INIT), ==, "no init binary");

  perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_INIT, PERRY_SUPPORT_NATIVE, "never raises");
  g_assert_cmpstr (perry_capability_matrix_get_reason (matrix, PERRY_CAPABILITY_INIT), ==, "no init binary");
  perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_EXEC, PERRY_SUPPORT_NOT_APPLICABLE, "never raises");
  g_assert_cmpint (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_EXEC), ==,
                   PERRY_SUPPORT_UNSUPPORTED);
}

static void
test_copy (void)
{
  static const PerryCapabilityRow rows[] = { { "x-new", PERRY_SUPPORT_NATIVE, NULL },
                                             { NULL, PERRY_SUPPORT_UNSUPPORTED, NULL } };
  g_autoptr (PerryCapabilityMatrix) matrix = perry_capability_matrix_new_from_rows (rows);
  g_autoptr (PerryCapabilityMatrix) copy = NULL;

  perry_capability_matrix_set (matrix, PERRY_CAPABILITY_INIT, PERRY_SUPPORT_EMULATED, PERRY_SUPPORT_ORIGIN_PROOF, "a");
  /* The cell's own reason may come back. */
  perry_capability_matrix_set (matrix, PERRY_CAPABILITY_INIT, PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_ORIGIN_PROOF,
                               perry_capability_matrix_get_reason (matrix, PERRY_CAPABILITY_INIT));
  copy = g_boxed_copy (PERRY_TYPE_CAPABILITY_MATRIX, matrix);
  perry_capability_matrix_confirm (matrix, PERRY_CAPABILITY_INIT);
  g_assert_cmpint (perry_capability_matrix_get_origin (copy, PERRY_CAPABILITY_INIT), ==, PERRY_SUPPORT_ORIGIN_PROOF);
  g_assert_cmpint (perry_capability_matrix_get_origin (matrix, PERRY_CAPABILITY_INIT), ==, PERRY_SUPPORT_ORIGIN_PROBE);
  g_assert_cmpstr (perry_capability_matrix_get_reason (copy, PERRY_CAPABILITY_INIT), ==, "a");
  g_assert_cmpstr (perry_capability_matrix_get_unknown (copy)[0], ==, "x-new");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/capability/every-name-is-unique-and-round-trips", test_names);
  g_test_add_func ("/capability/has-all-documented-names", test_required_names);
  g_test_add_func ("/capability/levels-have-names", test_levels);
  g_test_add_func ("/capability/matrix/starts-unsupported", test_matrix_starts_unsupported);
  g_test_add_func ("/capability/matrix/rows-keep-unknown-names", test_rows);
  g_test_add_func ("/capability/matrix/limit-only-lowers", test_limit);
  g_test_add_func ("/capability/matrix/copy-is-independent", test_copy);
  return g_test_run ();
}
