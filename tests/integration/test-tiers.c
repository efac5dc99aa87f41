/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "tests/integration/perry-live-engine.h"
#include "tests/tier-attempts.h"

/* The tiers on a real engine: the backend is the first argument. */
static PerryLiveEngine *live;

/* A pid is of a container's own; what the host's looks like is no matter. */
typedef struct {
  gboolean network;
  gboolean root_is_writable;
  gboolean unshares; /* what perry denies and Podman's default allows */
  gboolean no_new_privileges;
  gint64 uid;
  gboolean has_capabilities;
} Seen;

static gboolean
reaches_a_network (JsonNode *report)
{
  JsonArray *interfaces = perry_json_as_array (perry_json_find (report, "interfaces", NULL));
  gboolean any = FALSE;

  g_assert_nonnull (interfaces);
  for (guint i = 0; i < json_array_get_length (interfaces); i++)
    {
      JsonObject *interface = perry_json_as_object (json_array_get_element (interfaces, i));
      gboolean loopback = FALSE, up = FALSE;

      g_assert_true (perry_json_read_boolean (interface, "loopback", &loopback));
      g_assert_true (perry_json_read_boolean (interface, "up", &up));
      any |= up && !loopback;
    }
  return any;
}

static Seen
read_seen (JsonNode *report)
{
  const char *root = perry_json_as_string (perry_json_find (report, "writable", "/", NULL));
  const char *unshare = perry_json_as_string (perry_json_find (report, "syscalls", "unshare:user", NULL));
  const char *bounding = perry_json_as_string (perry_json_find (report, "capabilities", "bounding", NULL));

  g_assert_nonnull (root);
  g_assert_nonnull (unshare);
  g_assert_nonnull (bounding);
  return (Seen){
    .network = reaches_a_network (report),
    .root_is_writable = g_str_equal (root, "ok"),
    .unshares = g_str_equal (unshare, "ok"),
    .no_new_privileges = perry_live_get_int64 (report, "no_new_privs") == 1,
    .uid = perry_live_get_int64 (report, "euid"),
    .has_capabilities = strspn (bounding, "0") != strlen (bounding),
  };
}

/* What the way out of the virtual machine means. */
static void
assert_shared_kernel (JsonNode *report)
{
  g_autofree char *boot_id = NULL;
  struct utsname host;

  g_assert_cmpint (uname (&host), ==, 0);
  g_assert_true (g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot_id, NULL, NULL));
  g_assert_cmpstr (perry_json_as_string (perry_json_find (report, "kernel", "release", NULL)), ==, host.release);
  g_assert_cmpstr (perry_json_as_string (perry_json_find (report, "kernel", "boot_id", NULL)), ==, g_strchomp (boot_id));
}

static void
test_floor (gconstpointer data)
{
  const char *tier = data;
  const char *const arguments[] = { "--tier", tier, NULL };
  gboolean untrusted = g_str_equal (tier, "untrusted");
  gboolean isolated = untrusted || g_str_equal (tier, "isolated");
  gboolean hardened = untrusted || g_str_equal (tier, "hardened");
  g_autoptr (JsonNode) report = NULL;
  gint64 seccomp;
  Seen seen;

  if (untrusted)
    live->environment = g_environ_setenv (live->environment, "PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL", "1", TRUE);
  report = perry_live_engine_probe (live, arguments);
  live->environment = g_environ_unsetenv (live->environment, "PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL");
  seen = read_seen (report);
  seccomp = perry_live_get_int64 (report, "seccomp");

  g_assert_cmpint (seen.network, ==, !isolated);
  g_assert_cmpint (seen.root_is_writable, ==, !hardened);
  g_assert_cmpint (seccomp, ==, 2);
  if (hardened)
    g_assert_false (seen.unshares);
  else if (g_str_equal (live->backend, "podman"))
    g_assert_true (seen.unshares); /* Debian's Podman: so the profile is another one */
  g_assert_cmpint (seen.no_new_privileges, ==, untrusted);
  g_assert_cmpint (seen.uid, ==, untrusted ? 65534 : 0);
  g_assert_cmpint (seen.has_capabilities, ==, !untrusted);
  if (untrusted)
    assert_shared_kernel (report);
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static PerryProcessResult *
run_spec (PerryLiveEngine *engine, const char *json)
{
  g_autofree char *path = g_build_filename (engine->directory, "spec.json", NULL);
  PerryProcessResult *result;

  g_assert_true (g_file_set_contents (path, json, -1, NULL));
  result = perry_live_engine_perryctl (engine, NULL, "run", "--rm", "--spec", path, NULL);
  g_remove (path);
  return result;
}

static void
test_attempts (void)
{
  guint n = 0;

  for (const TierAttempt *attempt = tier_attempts; attempt->tier != NULL; attempt++, n++)
    {
      g_autofree char *json =
          g_strdup_printf ("{\"image\": \"busybox\", \"cmd\": [\"true\"], \"enforcement\": \"lenient\", \"tier\": \"%s\", %s}",
                           attempt->tier, attempt->members);
      g_autoptr (PerryProcessResult) result = run_spec (live, json);

      perry_live_assert_status (result, 125);
      if (strstr (perry_live_stderr (result), attempt->line) == NULL)
        g_error ("%s: %s", json, perry_live_stderr (result));
    }
  g_assert_cmpuint (n, >=, 30);
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_option_cannot_lower (void)
{
  g_autofree char *path = g_build_filename (live->directory, "spec.json", NULL);
  g_autoptr (PerryProcessResult) result = NULL;

  g_assert_true (g_file_set_contents (path, "{\"image\": \"busybox\", \"tier\": \"hardened\"}", -1, NULL));
  result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--spec", path, "--tier", "isolated", NULL);
  perry_live_assert_status (result, 125);
  g_assert_nonnull (strstr (perry_live_stderr (result), "would loosen the tier “hardened”"));
  g_remove (path);
}

/* A container that was created and is started later is held to the same. */
static void
test_create_and_start (void)
{
  g_autoptr (PerryProcessResult) created = perry_live_engine_perryctl (
      live, NULL, "create", "--tier", "hardened", "--name", "kept", "busybox", "sh", "-c", "echo x >/x", NULL);
  g_autoptr (PerryProcessResult) started = NULL;
  g_autoptr (PerryProcessResult) waited = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;

  perry_live_assert_status (created, 0);
  started = perry_live_engine_perryctl (live, NULL, "start", "kept", NULL);
  perry_live_assert_status (started, 0);
  waited = perry_live_engine_perryctl (live, NULL, "wait", "kept", NULL);
  perry_live_assert_status (waited, 0);
  g_assert_cmpstr (perry_live_stdout (waited), ==, "1\n");
  removed = perry_live_engine_perryctl (live, NULL, "rm", "kept", NULL);
  perry_live_assert_status (removed, 0);
}

static void
test_plan_says_what_was_added (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, NULL, "plan", "--tier", "hardened", "busybox",
                                                                      NULL);

  perry_live_assert_status (result, 0);
  g_assert_nonnull (strstr (perry_live_stdout (result), "read_only added true: the tier hardened has a read-only root"));
  g_assert_nonnull (strstr (perry_live_stdout (result), "seccomp added perry: the tier hardened has the seccomp profile"));
}

/* Neither engine has a runtime that makes virtual machines here. */
static void
test_untrusted_is_refused (void)
{
  static const char *const others[] = { "0", "on", "TRUE", "2", "yes " };
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--tier", "untrusted",
                                                                      "busybox", "true", NULL);

  perry_live_assert_status (result, 125);
  g_assert_nonnull (strstr (perry_live_stderr (result), "needs a backend that runs the container in a virtual machine"));
  g_assert_nonnull (strstr (perry_live_stderr (result), "krun"));
  g_assert_nonnull (strstr (perry_live_stderr (result), "PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL=1"));
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (PerryProcessResult) other = NULL;

      live->environment = g_environ_setenv (live->environment, "PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL", others[i], TRUE);
      other = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--tier", "untrusted", "busybox", "true", NULL);
      perry_live_assert_status (other, 125);
      g_assert_nonnull (strstr (perry_live_stderr (other), "which does not count"));
    }
  live->environment = g_environ_unsetenv (live->environment, "PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL");
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

/* The way out is said each time, in every mode. */
static void
test_opt_out_warns (void)
{
  static const char *const modes[] = { "lenient", "warn", "strict" };

  live->environment = g_environ_setenv (live->environment, "PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL", "true", TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
          live, NULL, "run", "--rm", "--tier", "untrusted", "--enforcement", modes[i], "busybox", "id", "-u", NULL);

      perry_live_assert_status (result, 0);
      g_assert_cmpstr (perry_live_stdout (result), ==, "65534\n");
      g_assert_nonnull (strstr (perry_live_stderr (result), "there is no virtual machine"));
    }
  live->environment = g_environ_unsetenv (live->environment, "PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL");
}

static PerryLiveEngine *
start_impostor (char **ret_reason)
{
  gboolean docker = g_str_equal (live->backend, "docker");
  const char *name = docker ? "kata" : "krun";
  g_autofree char *runc = g_find_program_in_path ("runc");
  g_autofree char *runtime = g_strdup_printf ("--add-runtime=%s=%s", name, runc);
  const char *const extra[] = { runtime, docker ? NULL : "--runtime=krun", NULL };

  return perry_live_engine_start (live->backend, "runc", extra, ret_reason);
}

static void
assert_caught (PerryProcessResult *result, const char *trace)
{
  perry_live_assert_status (result, 125);
  if (strstr (perry_live_stderr (result), "tier: ") == NULL)
    g_test_message ("%s", perry_live_stderr (result));
  g_assert_nonnull (strstr (perry_live_stderr (result), "\n  tier: asked untrusted, the kernel shows process "));
  g_assert_nonnull (strstr (perry_live_stderr (result), "not in a virtual machine"));
  /* killed before its first act */
  g_assert_false (g_file_test (trace, G_FILE_TEST_EXISTS));
}

/* A runtime that is called like one that makes virtual machines, and is none. */
static void
test_impostor (void)
{
  g_autofree char *reason = NULL;
  g_autoptr (PerryLiveEngine) impostor = start_impostor (&reason);
  g_autofree char *directory = NULL;
  g_autofree char *volume = NULL;
  g_autofree char *trace = NULL;
  g_autoptr (PerryProcessResult) routed = NULL;
  g_autoptr (PerryProcessResult) run = NULL;
  g_autoptr (PerryProcessResult) created = NULL;
  g_autoptr (PerryProcessResult) started = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;
  const char *name = g_str_equal (live->backend, "docker") ? "kata" : "krun";
  g_autofree char *line = g_strdup_printf ("runtime added %s: the tier untrusted runs in a virtual machine", name);

  if (impostor == NULL)
    {
      g_test_skip (reason);
      return;
    }
  directory = g_build_filename (impostor->directory, "for-all", NULL);
  volume = g_strconcat (directory, ":/out", NULL);
  trace = g_build_filename (directory, "trace", NULL);
  g_assert_cmpint (g_mkdir (directory, 0777), ==, 0);
  g_assert_cmpint (g_chmod (directory, 0777), ==, 0);

  routed = perry_live_engine_perryctl (impostor, NULL, "plan", "--tier", "untrusted", "busybox", NULL);
  perry_live_assert_status (routed, 0);
  g_assert_nonnull (strstr (perry_live_stdout (routed), line));

  run = perry_live_engine_perryctl (impostor, NULL, "run", "--rm", "--tier", "untrusted", "-v", volume, "busybox", "sh",
                                    "-c", ">/out/trace; sleep 5", NULL);
  assert_caught (run, trace);
  g_assert_cmpuint (perry_live_engine_count_containers (impostor), ==, 0);

  created = perry_live_engine_perryctl (impostor, NULL, "create", "--tier", "untrusted", "--name", "later", "-v", volume,
                                        "busybox", "sh", "-c", ">/out/trace; sleep 5", NULL);
  perry_live_assert_status (created, 0);
  started = perry_live_engine_perryctl (impostor, NULL, "start", "later", NULL);
  g_assert_cmpint (started->exit_status, !=, 0);
  g_assert_nonnull (strstr (perry_live_stderr (started), "not in a virtual machine"));
  g_assert_false (g_file_test (trace, G_FILE_TEST_EXISTS));
  removed = perry_live_engine_perryctl (impostor, NULL, "rm", "-f", "later", NULL);
  perry_live_assert_status (removed, 0);
}

int
main (int argc, char **argv)
{
  static const char *const tiers[] = { "default", "isolated", "hardened", "untrusted" };
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >=, 2);
  live = perry_live_engine_start (argv[1], argc > 2 ? argv[2] : "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tiers); i++)
    {
      g_autofree char *path = g_strconcat ("/tiers/floor/", tiers[i], NULL);

      g_test_add_data_func (path, tiers[i], test_floor);
    }
  g_test_add_func ("/tiers/attempts", test_attempts);
  g_test_add_func ("/tiers/option-cannot-lower", test_option_cannot_lower);
  g_test_add_func ("/tiers/create-and-start", test_create_and_start);
  g_test_add_func ("/tiers/plan", test_plan_says_what_was_added);
  g_test_add_func ("/tiers/untrusted-is-refused", test_untrusted_is_refused);
  g_test_add_func ("/tiers/opt-out-warns", test_opt_out_warns);
  g_test_add_func ("/tiers/impostor", test_impostor);
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
