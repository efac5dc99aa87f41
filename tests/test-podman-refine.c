/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <glib/gstdio.h>

#include "plugins/http-client/perry-engine-devices.h"
#include "plugins/podman/podman-creator.h"
#include "plugins/podman/podman-matrix.h"
#include "plugins/podman/podman-refine.h"
#include "tests/engine-fixture.h"

static gboolean
refine (const char *fields, gboolean lacks_swap_limit, PerryField field, PerrySupport *ret_support, char **ret_reason)
{
  g_autofree char *json = g_strdup_printf ("{\"image\": \"b\", %s}", fields);
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
  g_autoptr (PerryFieldSupport) support = perry_field_support_new ();
  PerryPodmanHost host = { .lacks_swap_limit = lacks_swap_limit };
  const char *reason = NULL;
  gboolean limited;

  perry_engine_rlimits_parse (&host.rlimits, "Max open files            1024                 20000                files\n",
                              FALSE, 0);
  perry_engine_rlimits_lower (&host.rlimits, "nproc", 32768);
  perry_podman_refine_for_host (spec, &host, support);
  limited = perry_field_support_get (support, field, ret_support, &reason);
  *ret_reason = g_strdup (reason);
  return limited;
}

static void
test_samples (void)
{
  static const struct {
    const char *spec;
    gboolean lacks_swap_limit;
    PerryField field;
    gboolean limited;
    PerrySupport support;
    const char *reason;
  } samples[] = {
    { "\"memory\": \"64m\"", FALSE, PERRY_FIELD_MEMORY, FALSE, 0, NULL },
    { "\"memory\": \"64m\"", TRUE, PERRY_FIELD_MEMORY, TRUE, PERRY_SUPPORT_PARTIAL, "swap is not limited" },
    { "\"memory\": \"64m\", \"memory_swap\": \"96m\"", TRUE, PERRY_FIELD_MEMORY_SWAP, TRUE, PERRY_SUPPORT_UNSUPPORTED,
      "the kernel does not account for swap" },
    { "\"memory\": \"64m\", \"memory_swap\": \"96m\"", FALSE, PERRY_FIELD_MEMORY_SWAP, FALSE, 0, NULL },
    { "\"ulimits\": {\"nofile\": 20000, \"nproc\": 32768}", FALSE, PERRY_FIELD_ULIMITS, FALSE, 0, NULL },
    { "\"ulimits\": {\"nproc\": 32769}", FALSE, PERRY_FIELD_ULIMITS, TRUE, PERRY_SUPPORT_UNSUPPORTED,
      "the hard limit nproc=32769 is above 32768, the most that Podman can grant here" },
    { "\"devices\": [\"/dev/null:/dev/thing\"]", FALSE, PERRY_FIELD_DEVICES, FALSE, 0, NULL },
    { "\"devices\": [{\"source\": \"/dev/null\", \"target\": \"/dev/a:b\"}]", FALSE, PERRY_FIELD_DEVICES, TRUE,
      PERRY_SUPPORT_UNSUPPORTED, "Podman's API cannot say a path with a colon: /dev/a:b" },
    { "\"privileged\": true, \"devices\": [\"/dev/null\"]", FALSE, PERRY_FIELD_DEVICES, FALSE, 0, NULL },
    { "\"privileged\": true, \"devices\": [\"/dev/null:/dev/thing\"]", FALSE, PERRY_FIELD_DEVICES, TRUE,
      PERRY_SUPPORT_UNSUPPORTED, "under their own names, and /dev/null under no other" },
    { "\"devices\": [\"/dev/full:w\"]", FALSE, PERRY_FIELD_DEVICES, TRUE, PERRY_SUPPORT_PARTIAL,
      "every container may read and write /dev/full" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      PerrySupport support = PERRY_SUPPORT_NATIVE;
      g_autofree char *reason = NULL;

      g_test_message ("%s", samples[i].spec);
      g_assert_cmpint (refine (samples[i].spec, samples[i].lacks_swap_limit, samples[i].field, &support, &reason), ==,
                       samples[i].limited);
      if (!samples[i].limited)
        continue;
      g_assert_cmpint (support, ==, samples[i].support);
      g_assert_nonnull (strstr (reason, samples[i].reason));
    }
}

static void
touch (const char *root, const char *path)
{
  g_autofree char *file = g_build_filename (root, path, NULL);
  g_autofree char *directory = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
}

static void
test_swap_files (void)
{
  static const struct { const char *files[3]; gboolean lacks; } samples[] = {
    { { NULL }, FALSE },
    { { "memory/memory.limit_in_bytes" }, TRUE },
    { { "memory/memory.limit_in_bytes", "memory/memory.memsw.limit_in_bytes" }, FALSE },
    { { "cgroup.controllers", "system.slice/cgroup.procs" }, FALSE },
    { { "cgroup.controllers", "system.slice/memory.max" }, TRUE },
    { { "cgroup.controllers", "system.slice/memory.max", "system.slice/memory.swap.max" }, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *root = engine_fixture_make_directory ();

      for (gsize f = 0; f < G_N_ELEMENTS (samples[i].files) && samples[i].files[f] != NULL; f++)
        touch (root, samples[i].files[f]);
      g_assert_cmpint (perry_podman_lacks_swap_limit (root), ==, samples[i].lacks);
      engine_fixture_remove_directory (root);
    }
  g_assert_false (perry_podman_lacks_swap_limit ("/nonexistent"));
}

/* Recorded: 4.3.1 and 5.8.6 take the member and do not read it, 6.1.1 does. */
static void
test_runtimes (void)
{
  g_assert_true (perry_podman_takes_runtime ("4.3.1", "crun", NULL));
  g_assert_true (perry_podman_takes_runtime ("4.3.1", "crun", "crun"));
  g_assert_true (perry_podman_takes_runtime ("5.8.6", "/usr/bin/runc", "runc"));
  g_assert_false (perry_podman_takes_runtime ("4.3.1", "crun", "runc"));
  g_assert_false (perry_podman_takes_runtime ("5.8.6", "runc", "crun"));
  g_assert_true (perry_podman_takes_runtime ("6.1.1", "crun", "runc"));
  g_assert_true (perry_podman_takes_runtime ("10.0.0", "crun", "runc"));
  g_assert_false (perry_podman_takes_runtime (NULL, NULL, "runc"));
}

typedef struct {
  const char *host;
  const char *fixture;
  const char *changes[5][2]; /* members of the recorded reply that are another value on this host */
  const char *reasons[3];    /* memory, CPU, processes: NULL where the limit is native, else a part of why it is not */
} Host;

/* What a service says of its host, recorded or changed from that in the members named, and which limits it can enforce. */
static void
test_hosts (void)
{
  static const Host hosts[] = {
    { "version 1", "podman-4.3.1-info", { { NULL } }, { NULL } },
    { "version 2 without controllers", "podman-6.1.1-info", { { NULL } },
      { "controller memory", "controller cpu", "controller pids" } },
    { "version 2 with controllers", "podman-6.1.1-info",
      { { "host.cgroupControllers", "[\"cpu\",\"memory\",\"pids\"]" } }, { NULL } },
    { "version 2 and systemd", "podman-6.1.1-info",
      { { "host.cgroupControllers", "[\"cpu\",\"memory\",\"pids\"]" }, { "host.cgroupManager", "\"systemd\"" } },
      { NULL } },
    { "rootless with memory and pids delegated", "podman-6.1.1-info",
      { { "host.cgroupControllers", "[\"memory\",\"pids\"]" }, { "host.cgroupManager", "\"systemd\"" },
        { "host.security.rootless", "true" } },
      { NULL, "controller cpu", NULL } },
    { "rootless without systemd", "podman-6.1.1-info",
      { { "host.cgroupControllers", "[\"cpu\",\"memory\",\"pids\"]" }, { "host.security.rootless", "true" } },
      { "without systemd", "without systemd", "without systemd" } },
    { "rootless on version 1", "podman-4.3.1-info", { { "host.security.rootless", "true" } },
      { "version 1", "version 1", "version 1" } },
    { "no process controller", "podman-4.3.1-info", { { "host.cgroupControllers", "[\"cpu\",\"memory\"]" } },
      { NULL, NULL, "controller pids" } },
  };
  static const PerryCapability cells[] = { PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_CAPABILITY_CPU_LIMIT,
                                           PERRY_CAPABILITY_PIDS_LIMIT };

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (JsonNode) reply = engine_fixture_load (hosts[i].fixture);
      g_autoptr (PerryEngineInfo) engine = NULL;
      g_autoptr (GError) error = NULL;

      for (gsize c = 0; c < G_N_ELEMENTS (hosts[i].changes) && hosts[i].changes[c][0] != NULL; c++)
        engine_fixture_set (reply, hosts[i].changes[c][0], hosts[i].changes[c][1]);
      engine = perry_podman_engine_from_info (reply, &error);
      g_assert_no_error (error);
      for (gsize c = 0; c < G_N_ELEMENTS (cells); c++)
        {
          PerrySupport support = perry_capability_matrix_get_support (engine->matrix, cells[c]);
          const char *reason = perry_capability_matrix_get_reason (engine->matrix, cells[c]);

          g_test_message ("%s: %s: %s", hosts[i].host, perry_capability_get_name (cells[c]), reason);
          g_assert_cmpint (support == PERRY_SUPPORT_NATIVE, ==, hosts[i].reasons[c] == NULL);
          g_assert_cmpint (perry_capability_matrix_get_origin (engine->matrix, cells[c]), ==, PERRY_SUPPORT_ORIGIN_PROBE);
          if (hosts[i].reasons[c] != NULL)
            g_assert_nonnull (strstr (reason, hosts[i].reasons[c]));
        }
    }
}

/* Podman finds the host's path by the device's number, and lists none of a privileged or rootless container. */
static void
test_reported_devices (void)
{
  static const struct { const char *json; gboolean by_number; const char *reported; } samples[] = {
    { "{\"Devices\": [{\"PathOnHost\": \"/dev/sg0\", \"PathInContainer\": \"/dev/x\", \"CgroupPermissions\": \"\"}]}", TRUE,
      "[('', '/dev/x', '')]" },
    { "{\"Devices\": [{\"PathOnHost\": \"/dev/sg0\", \"PathInContainer\": \"/dev/x\", \"CgroupPermissions\": \"r\"}]}", FALSE,
      "[('/dev/sg0', '/dev/x', 'r')]" },
    { "{\"Devices\": [{\"PathOnHost\": 7}, null, \"x\"]}", FALSE, "@a(sss) []" },
    { "{\"Devices\": []}", TRUE, NULL },
    { "{\"Devices\": null}", TRUE, NULL },
    { "{\"Devices\": null}", FALSE, "@a(sss) []" },
    { "{}", FALSE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (JsonNode) node = engine_fixture_parse (samples[i].json);
      g_autoptr (PerryContainerSpec) reported = perry_container_spec_new ();
      g_autofree char *text = NULL;

      perry_engine_report_devices (reported, json_node_get_object (node), samples[i].by_number);
      if (perry_container_spec_is_set (reported, PERRY_FIELD_DEVICES))
        text = g_variant_print (perry_container_spec_get_value (reported, PERRY_FIELD_DEVICES), TRUE);
      g_assert_cmpstr (text, ==, samples[i].reported);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/podman-refine/samples", test_samples);
  g_test_add_func ("/podman-refine/hosts", test_hosts);
  g_test_add_func ("/podman-refine/swap-files", test_swap_files);
  g_test_add_func ("/podman-refine/reported-devices", test_reported_devices);
  g_test_add_func ("/podman-refine/runtimes", test_runtimes);
  return g_test_run ();
}
