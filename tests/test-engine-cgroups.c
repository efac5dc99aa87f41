/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-mounts.h"

/* On which containers the tmpfs over the controllers of cgroup version 1 has to be taken care of. */
static gboolean
leaves_writable (const char *fields, guint cgroup_version)
{
  g_autofree char *json = g_strdup_printf ("{\"image\": \"busybox\"%s}", fields);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  return perry_engine_leaves_cgroups_writable (spec, cgroup_version);
}

static void
test_version_one_only (void)
{
  g_assert_true (leaves_writable (", \"read_only\": true", 1));
  g_assert_false (leaves_writable (", \"read_only\": true", 2));
  g_assert_false (leaves_writable (", \"read_only\": true", 0));
}

static void
test_asked_only (void)
{
  g_assert_false (leaves_writable ("", 1));
  g_assert_false (leaves_writable (", \"read_only\": false", 1));
  g_assert_false (leaves_writable (", \"read_only\": true, \"privileged\": true", 1));
}

static void
test_own_mounts (void)
{
  static const char *const own[] = { "/sys", "/sys/fs", "/sys/fs/cgroup", "/sys/fs/cgroup/memory" };
  static const char *const others[] = { "/tmp", "/sys/fs/cgroup2", "/sys/fs/bpf", "/system" };

  for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
    {
      g_autofree char *fields = g_strdup_printf (", \"read_only\": true, \"volumes\": [\"data:%s\"]", own[i]);

      g_test_message ("%s", own[i]);
      g_assert_false (leaves_writable (fields, 1));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *fields = g_strdup_printf (", \"read_only\": true, \"tmpfs\": [\"%s\"]", others[i]);

      g_test_message ("%s", others[i]);
      g_assert_true (leaves_writable (fields, 1));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-cgroups/version-1-only", test_version_one_only);
  g_test_add_func ("/engine-cgroups/not-asked-or-privileged", test_asked_only);
  g_test_add_func ("/engine-cgroups/own-mounts-stay", test_own_mounts);
  return g_test_run ();
}
