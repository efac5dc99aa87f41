/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "plugin-api/perry-platform.h"
#include "tests/integration/perry-live-engine.h"

/* Devices, runtimes, platforms and limits beyond the host's, on a real engine: the backend is the first argument. */
static PerryLiveEngine *live;

static PerryProcessResult *
run (const char *spec, const char *command, const char *enforcement, const char *proof)
{
  g_autofree char *path = g_build_filename (live->directory, "spec.json", NULL);
  g_autofree char *quoted = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), command);
  PerryProcessResult *result;

  quoted = json_to_string (node, FALSE);
  text = g_strdup_printf ("{\"image\":\"busybox\",\"rm\":true,%s,\"cmd\":[\"sh\",\"-c\",%s]}", spec, quoted);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  result = perry_live_engine_perryctl (live, NULL, "run", "--pull", "never", "--enforcement", enforcement, "--proof",
                                       proof, "--spec", path, NULL);
  g_remove (path);
  return result;
}

static void
assert_refused (const char *spec, const char *enforcement, const char *part)
{
  g_autoptr (PerryProcessResult) result = run (spec, "echo ran", enforcement, "default");

  perry_live_assert_status (result, 125);
  g_assert_cmpstr (perry_live_stdout (result), ==, "");
  if (strstr (perry_live_stderr (result), part) == NULL)
    g_error ("“%s” is not in “%s”", part, perry_live_stderr (result));
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
assert_output (const char *spec, const char *command, const char *enforcement, const char *output)
{
  g_autoptr (PerryProcessResult) result = run (spec, command, enforcement, "default");

  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, output);
  g_assert_cmpstr (perry_live_stderr (result), ==, "");
}

static void
test_mapped (void)
{
  static const char *const modes[] = { "warn", "strict" };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      assert_output ("\"devices\":[\"/dev/null:/dev/thing\"]", "test -c /dev/thing && stat -c %t:%T /dev/thing", modes[i],
                     "1:3\n");
      assert_output ("\"devices\":[\"/dev/null:/dev/dir/thing:rw\",{\"source\":\"/dev/zero\",\"target\":\"/dev/other\"}],"
                     "\"read_only\":true,\"user\":\"65534:65534\",\"cap_drop\":[\"ALL\"]",
                     "echo lost >/dev/dir/thing; stat -c %t:%T /dev/dir/thing /dev/other; head -c 3 /dev/other | wc -c",
                     modes[i], "1:3\n1:5\n3\n");
    }
}

/* What the cgroup lets the container do with a device that is not everybody's. */
static void
test_permissions (void)
{
  const char *command = "if (: >/dev/thing) 2>/dev/null; then echo written; else echo refused; fi";

  if (!g_file_test ("/dev/kmsg", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("this host has no /dev/kmsg");
      return;
    }
  assert_output ("\"devices\":[\"/dev/kmsg:/dev/thing:r\"]", command, "strict", "refused\n");
  assert_output ("\"devices\":[\"/dev/kmsg:/dev/thing:w\"]", command, "strict", "written\n");
  assert_refused ("\"devices\":[\"/dev/null:/dev/thing:r\"]", "strict",
                  "devices: every container may read and write /dev/null");
}

static void
test_option (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--device", "/dev/zero:/dev/thing:r", "--device",
                                       "/dev/full", "--runtime", "runc", "busybox", "stat", "-c", "%t:%T", "/dev/thing",
                                       "/dev/full", NULL);
  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "1:5\n1:7\n");
  g_assert_nonnull (strstr (perry_live_stderr (result), "every container may read and write /dev/zero"));
}

static void
test_runtime (void)
{
  g_autofree char *own = g_strdup_printf ("\"runtime\":\"%s\"", live->runtime);
  g_autofree char *fixed = g_strdup_printf ("service's own runtime, which is %s", live->runtime);
  /* Only crun with Podman 6 is asked for, which honours what it is asked. */
  gboolean chooses = g_str_equal (live->runtime, "crun");
  g_autoptr (PerryProcessResult) result = run (own, "echo ran", "strict", "required");

  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "ran\n");
  assert_refused ("\"runtime\":\"no-such-runtime\"", "lenient",
                  g_str_equal (live->backend, "docker") ? "the daemon has no runtime no-such-runtime; it has "
                  : chooses ? "requested OCI runtime no-such-runtime is not available" : fixed);
}

/* The engine's runtime `crun` is runc under another name: its report agrees, the kernel does not. */
static void
test_lying_runtime (void)
{
  if (!g_str_equal (live->backend, "docker"))
    {
      g_test_skip ("Podman's API chooses no runtime");
      return;
    }
  assert_refused ("\"runtime\":\"crun\"", "warn", "the container was made by runc");
}

static void
test_platform (void)
{
  struct utsname names;
  g_autofree char *own = NULL;
  g_autofree char *spec = NULL;
  g_autofree char *machine = NULL;

  g_assert_cmpint (uname (&names), ==, 0);
  own = perry_platform_format ("linux", names.machine, NULL);
  spec = g_strdup_printf ("\"platform\":\"%s\"", own);
  machine = g_strconcat (names.machine, "\n", NULL);
  assert_output (spec, "uname -m", "strict", machine);
  assert_output ("\"platform\":\"linux\"", "uname -m", "strict", machine);
  assert_refused ("\"platform\":\"linux/mips64le\"", "lenient", "and platform asks for linux/mips64le");
}

static void
test_limits_beyond_the_host (void)
{
  g_autofree char *cpus = g_strdup_printf ("\"cpus\":%u", g_get_num_processors () + 1);
  g_autoptr (PerryProcessResult) dropped = NULL;

  assert_refused ("\"ulimits\":{\"nofile\":1099511627776}", "strict", "ulimits: the hard limit nofile=1099511627776 is above ");
  dropped = run ("\"ulimits\":{\"nofile\":1099511627776}", "echo ran", "warn", "default");
  perry_live_assert_status (dropped, 0);
  g_assert_cmpstr (perry_live_stdout (dropped), ==, "ran\n");
  g_assert_nonnull (strstr (perry_live_stderr (dropped), "nofile=1099511627776 is above"));
  if (g_str_equal (live->backend, "docker"))
    assert_refused (cpus, "strict", "cpus: Docker limits a container to the processors that there are");
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (void); } tests[] = {
    { "mapped", test_mapped },
    { "permissions", test_permissions },
    { "option", test_option },
    { "runtime", test_runtime },
    { "lying-runtime", test_lying_runtime },
    { "platform", test_platform },
    { "limits-beyond-the-host", test_limits_beyond_the_host },
  };
  g_autofree char *runc = NULL;
  g_autofree char *other = NULL;
  g_autofree char *reason = NULL;
  const char *extra[] = { "--add-runtime", NULL, NULL };
  const char *runtime;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (argc == 2 || argc == 3);
  runtime = argc == 3 ? argv[2] : "runc";
  runc = g_find_program_in_path ("runc");
  other = g_strdup_printf ("crun=%s", runc != NULL ? runc : "/usr/sbin/runc");
  extra[1] = other;
  /* where crun is the engine's own runtime it is crun */
  live = perry_live_engine_start (argv[1], runtime, g_str_equal (runtime, "crun") ? NULL : extra, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/devices/%s/%s", argv[1], tests[i].name);

      g_test_add_func (path, tests[i].test);
    }
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
