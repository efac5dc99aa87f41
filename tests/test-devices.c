/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/proof/perry-proof-facets.h"
#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-error.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static PerryContainerSpec *
parse (const char *devices)
{
  g_autofree char *json = g_strdup_printf ("{\"image\": \"b\", \"devices\": [%s]}", devices);
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  return spec;
}

static void
assert_refused (const char *json, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  g_assert_false (perry_container_spec_complete (spec, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_sources (void)
{
  assert_refused ("{\"image\": \"b\", \"devices\": [\"/dev/no-such-node\"]}",
                  "container spec: $.devices[0]: “/dev/no-such-node”: No such file or directory; a device has to exist on "
                  "the host");
  assert_refused ("{\"image\": \"b\", \"devices\": [\"/dev/null\", \"/dev:/dev/x\"]}",
                  "container spec: $.devices[1]: “/dev”: is a directory; name the device nodes in it one by one");
  assert_refused ("{\"image\": \"b\", \"devices\": [\"/etc/passwd\"]}",
                  "container spec: $.devices[0]: “/etc/passwd”: is not a device node");
  assert_refused ("{\"image\": \"b\", \"devices\": [\"/dev/null\", \"/dev/zero:/dev/null\"]}",
                  "container spec: $.devices[1]: “/dev/null” is the target of $.devices[0] too");
  assert_refused ("{\"image\": \"b\", \"tmpfs\": [\"/x\"], \"devices\": [\"/dev/zero:/x\"]}",
                  "container spec: $.devices[0]: “/x” is the target of $.tmpfs[0] too");
  assert_refused ("{\"image\": \"b\", \"privileged\": true, \"devices\": [\"/dev/null\", \"/dev/zero:rw\"]}",
                  "container spec: $.devices[1]: asks for rw alone and contradicts $.privileged, which gives all rights to "
                  "every device; remove one of the two");
}

/* What a link names is what the container gets, under the name that was asked for. */
static void
test_link (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-devices-XXXXXX", NULL);
  g_autofree char *link = g_build_filename (directory, "by:path", NULL);
  g_autofree char *quoted = g_strdup_printf ("{\"source\": \"%s\", \"permissions\": \"r\"}", link);
  g_autoptr (PerryContainerSpec) spec = parse (quoted);
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *expected = g_strdup_printf ("/dev/zero:%s:r", link);
  const PerryDevice *device;

  g_assert_cmpint (symlink ("/dev/zero", link), ==, 0);
  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  g_assert_no_error (error);
  devices = perry_container_spec_dup_devices (spec);
  g_assert_cmpuint (devices->len, ==, 1);
  device = g_ptr_array_index (devices, 0);
  g_assert_cmpstr (device->source, ==, "/dev/zero");
  g_assert_cmpstr (device->target, ==, link);
  g_assert_cmpstr (device->permissions, ==, "r");
  text = perry_container_spec_format_value (spec, PERRY_FIELD_DEVICES);
  g_assert_cmpstr (text, ==, expected);
  g_unlink (link);
  g_rmdir (directory);
}

static void
test_access (void)
{
  static const char list[] = "c 1:3 rwm\nb *:* m\nc *:* m\nb 8:0 r\nc 136:* rw\n";
  static const struct { const char *text; char kind; guint major_number, minor_number; const char *access; } samples[] = {
    { list, 'c', 1, 3, "rwm" }, { list, 'c', 1, 5, "m" },   { list, 'b', 8, 0, "rm" },  { list, 'b', 1, 3, "m" },
    { list, 'c', 136, 7, "rwm" }, { "", 'c', 1, 3, "" },    { "a *:* rwm\n", 'b', 9, 9, "rwm" },
    { "c 1:3 rw extra\n", 'c', 1, 3, "" }, { "cc 1:3 rw\n", 'c', 1, 3, "" }, { "c 1 rw\n", 'c', 1, 3, "" },
    { "c 1:33 rw\n", 'c', 1, 3, "" }, { "c +1:3 rw\n", 'c', 1, 3, "" },
  };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *access = perry_proof_parse_device_access (samples[i].text, samples[i].kind, samples[i].major_number,
                                                                 samples[i].minor_number, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (access, ==, samples[i].access);
    }
  g_assert_null (perry_proof_parse_device_access ("c 1:3 rwm", 'c', 1, 3, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_FAILED);
}

/* The kernel's view of this very process, whose /dev is the host's, in a cgroup that the test makes up. */
static PerryObservation *
observe (const char *devices, const char *list)
{
  g_autoptr (PerryContainerSpec) spec = parse (devices);
  g_autoptr (GPtrArray) asked = perry_container_spec_dup_devices (spec);
  g_autofree char *root = g_dir_make_tmp ("perry-cgroup-XXXXXX", NULL);
  g_autofree char *directory = g_build_filename (root, "devices", "docker", ID, NULL);
  g_autofree char *file = g_build_filename (directory, "devices.list", NULL);
  g_autoptr (GError) error = NULL;
  const char *lines = list != NULL ? "5:devices:/docker/" ID "\n0::/\n" : "0::/docker/" ID "\n";
  g_autoptr (GPtrArray) cgroups = perry_proof_parse_cgroups (lines, &error);
  PerryObservation *observation = perry_observation_new (PERRY_MOMENT_BEFORE_EXEC, getpid ());
  g_autoptr (PerryProofProcess) process = NULL;
  int proc = open ("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  int cgroup;

  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  if (list != NULL)
    g_assert_true (g_file_set_contents (file, list, -1, NULL));
  cgroup = open (root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  process = perry_proof_process_open (proc, getpid (), &error);
  g_assert_no_error (error);
  perry_proof_fill_devices (process, cgroup, cgroups, ID, asked, observation);
  close (cgroup);
  close (proc);
  g_unlink (file);
  for (guint i = 0; i < 3; i++)
    {
      g_rmdir (directory);
      *strrchr (directory, '/') = '\0';
    }
  g_rmdir (root);
  return observation;
}

typedef struct {
  const char *devices;
  const char *list; /* NULL: cgroup version 2 */
  PerryVerdict verdict;
  const char *value;
  const char *reason;
} Sight;

static void
test_observed (void)
{
  static const Sight sights[] = {
    { "\"/dev/null\"", "c 1:3 rwm\n", PERRY_VERDICT_PROVEN, "/dev/null c 1:3 rwm", "" },
    { "\"/dev/null:rw\"", "c 1:3 rwm\n", PERRY_VERDICT_PROVEN, "/dev/null c 1:3 rwm", "" },
    { "\"/dev/null\", \"/dev/zero\"", "c 1:* rwm\n", PERRY_VERDICT_PROVEN, "/dev/null c 1:3 rwm, /dev/zero c 1:5 rwm", "" },
    { "\"/dev/null\"", "c 1:3 r\n", PERRY_VERDICT_DIFFERS, "/dev/null c 1:3 r",
      "“/dev/null” may be used with the permissions “r” alone" },
    { "\"/dev/null:r\"", "c 1:3 rwm\n", PERRY_VERDICT_UNPROVEN, "/dev/null c 1:3 rwm",
      "every container may read and write “/dev/null”" },
    { "\"/dev/null:/dev/zero\"", "a *:* rwm\n", PERRY_VERDICT_DIFFERS, "/dev/zero c 1:5 rwm",
      "“/dev/zero” is the device c 1:5, not c 1:3" },
    { "\"/dev/null:/dev/nowhere\"", "a *:* rwm\n", PERRY_VERDICT_DIFFERS, "/dev/nowhere none",
      "there is no device node “/dev/nowhere”" },
    { "\"/dev/null:/etc/passwd\"", "a *:* rwm\n", PERRY_VERDICT_DIFFERS, "/etc/passwd none",
      "there is no device node “/etc/passwd”" },
    { "\"/dev/null\"", NULL, PERRY_VERDICT_UNPROVEN, "/dev/null c 1:3",
      "the node is the right one; its permissions: cgroup version 2 keeps them in a BPF program that cannot be read" },
    { "\"/dev/null\", \"/dev/null:/dev/nowhere\"", NULL, PERRY_VERDICT_DIFFERS, "/dev/null c 1:3, /dev/nowhere none",
      "there is no device node “/dev/nowhere”" },
    { "\"/dev/gone:/dev/null\"", "a *:* rwm\n", PERRY_VERDICT_UNPROVEN, "/dev/null c 1:3 rwm",
      "“/dev/null”: the host's device cannot be looked at from here" },
  };
  const PerryFieldInfo *info = perry_field_get_info (PERRY_FIELD_DEVICES);

  for (gsize i = 0; i < G_N_ELEMENTS (sights); i++)
    {
      g_autoptr (PerryContainerSpec) spec = parse (sights[i].devices);
      g_autoptr (PerryObservation) observation = observe (sights[i].devices, sights[i].list);
      g_autoptr (GString) value = g_string_new (NULL);
      g_autoptr (GString) reason = g_string_new (NULL);

      g_assert_cmpint (info->compare_observed (spec, observation, NULL, value, reason), ==, sights[i].verdict);
      g_assert_cmpstr (value->str, ==, sights[i].value);
      g_assert_cmpstr (reason->str, ==, sights[i].reason);
    }
}

/* Not a device of everybody's: what goes beyond the asked permissions is a difference. */
static void
test_more_than_asked (void)
{
  const PerryFieldInfo *info = perry_field_get_info (PERRY_FIELD_DEVICES);
  g_autoptr (PerryContainerSpec) spec = parse ("\"/dev/sda:r\"");
  g_autoptr (PerryObservation) observation = perry_observation_new (PERRY_MOMENT_BEFORE_EXEC, 1);
  PerryObservedDevice *device = g_new0 (PerryObservedDevice, 1);
  g_autoptr (GString) value = g_string_new (NULL);
  g_autoptr (GString) reason = g_string_new (NULL);

  *device = (PerryObservedDevice){ .target = g_strdup ("/dev/sda"), .kind = 'b', .major_number = 8, .host_kind = 'b',
                                   .host_major_number = 8, .access = g_strdup ("rm") };
  g_ptr_array_add (observation->devices, device);
  perry_observation_set_missing (observation, PERRY_FACET_DEVICES, NULL);
  g_assert_cmpint (info->compare_observed (spec, observation, NULL, value, reason), ==, PERRY_VERDICT_PROVEN);
  g_free (device->access);
  device->access = g_strdup ("rwm");
  g_assert_cmpint (info->compare_observed (spec, observation, NULL, value, reason), ==, PERRY_VERDICT_DIFFERS);
  g_assert_cmpstr (reason->str, ==, "“/dev/sda” may be used with the permissions “rwm”");
  g_string_truncate (reason, 0);
  observation->moment = PERRY_MOMENT_RUNNING;
  device->kind = 0;
  g_assert_cmpint (info->compare_observed (spec, observation, NULL, value, reason), ==, PERRY_VERDICT_UNPROVEN);
  g_assert_cmpstr (reason->str, ==, "the workload may have changed “/dev/sda” itself");
}

static void
test_reported (void)
{
  static const struct { const char *source, *target, *permissions; PerryVerdict verdict; const char *reason; } samples[] = {
    { "/dev/null", "/dev/thing", "rw", PERRY_VERDICT_PROVEN, "" },
    { "", "/dev/thing", "", PERRY_VERDICT_UNPROVEN, "the engine reports the path in the container and not all of the rest" },
    { "/dev/zero", "/dev/thing", "rw", PERRY_VERDICT_DIFFERS, "“/dev/thing” is another device" },
    { "/dev/null", "/dev/thing", "rwm", PERRY_VERDICT_DIFFERS, "“/dev/thing” has other permissions" },
    { "/dev/null", "/dev/null", "rw", PERRY_VERDICT_DIFFERS, "“/dev/thing” is missing" },
  };
  const PerryFieldInfo *info = perry_field_get_info (PERRY_FIELD_DEVICES);

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (PerryContainerSpec) asked = parse ("\"/dev/null:/dev/thing:rw\"");
      g_autoptr (PerryContainerSpec) reported = perry_container_spec_new ();
      g_autoptr (GString) value = g_string_new (NULL);
      g_autoptr (GString) reason = g_string_new (NULL);
      GVariantBuilder builder;

      g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sss)"));
      g_variant_builder_add (&builder, "(sss)", samples[i].source, samples[i].target, samples[i].permissions);
      perry_container_spec_take_value (reported, PERRY_FIELD_DEVICES, g_variant_builder_end (&builder));
      g_assert_cmpint (info->compare_reported (asked, reported, NULL, value, reason), ==, samples[i].verdict);
      g_assert_cmpstr (reason->str, ==, samples[i].reason);
    }
}

/* An engine that gives a device which nobody asked for, beside one that was asked for or alone. */
static void
test_reported_too (void)
{
  static const struct { const char *asked, *more; const char *source; PerryVerdict verdict; const char *reason; } samples[] = {
    { "\"/dev/null\"", "", "/dev/null", PERRY_VERDICT_PROVEN, "" },
    { "\"/dev/null\"", "", "", PERRY_VERDICT_UNPROVEN,
      "the engine reports the path in the container and not all of the rest" },
    { "\"/dev/null\"", "/dev/kvm", "/dev/null", PERRY_VERDICT_DIFFERS, "“/dev/kvm” is there too and was not asked for" },
    { "\"/dev/null\"", "/dev/kvm", "", PERRY_VERDICT_DIFFERS, "“/dev/kvm” is there too and was not asked for" },
    { "\"/dev/null\"], \"privileged\": true, \"env\": [", "/dev/kvm", "/dev/null", PERRY_VERDICT_PROVEN, "" },
  };
  const PerryFieldInfo *info = perry_field_get_info (PERRY_FIELD_DEVICES);

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (PerryContainerSpec) asked = parse (samples[i].asked);
      g_autoptr (PerryContainerSpec) reported = perry_container_spec_new ();
      g_autoptr (GString) value = g_string_new (NULL);
      g_autoptr (GString) reason = g_string_new (NULL);
      GVariantBuilder builder;

      g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sss)"));
      g_variant_builder_add (&builder, "(sss)", samples[i].source, "/dev/null", "rwm");
      if (*samples[i].more != '\0')
        g_variant_builder_add (&builder, "(sss)", samples[i].more, samples[i].more, "rwm");
      perry_container_spec_take_value (reported, PERRY_FIELD_DEVICES, g_variant_builder_end (&builder));
      g_assert_cmpint (info->compare_reported (asked, reported, NULL, value, reason), ==, samples[i].verdict);
      g_assert_cmpstr (reason->str, ==, samples[i].reason);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/devices/sources", test_sources);
  g_test_add_func ("/devices/link", test_link);
  g_test_add_func ("/devices/access", test_access);
  g_test_add_func ("/devices/observed", test_observed);
  g_test_add_func ("/devices/more-than-asked", test_more_than_asked);
  g_test_add_func ("/devices/reported", test_reported);
  g_test_add_func ("/devices/reported-too", test_reported_too);
  return g_test_run ();
}
