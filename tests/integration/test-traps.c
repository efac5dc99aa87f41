/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "tests/integration/perry-live-engine.h"

/* What engines do silently, shown on a real one: the backend is the first argument, its OCI runtime the second. */
static PerryLiveEngine *live;

#define DENY_CHMOD                                                                                                     \
  "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_AARCH64\"],"              \
  "\"syscalls\":[{\"names\":[\"chmod\",\"fchmod\",\"fchmodat\"],\"action\":\"SCMP_ACT_ERRNO\"}]}"

static void
assert_chmod_is_denied (const char *profile)
{
  g_autofree char *option = g_strconcat ("seccomp=", profile, NULL);
  g_autoptr (PerryProcessResult) denied = NULL;

  denied = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--security-opt", option, "busybox", "sh", "-c",
                                       "echo x >/tmp/f && chmod 700 /tmp/f", NULL);
  perry_live_assert_status (denied, 1);
  perry_live_assert_contains (perry_live_stderr (denied), "Operation not permitted");
}

static void
test_seccomp_custom (void)
{
  g_autofree char *path = g_build_filename (live->directory, "deny-chmod.json", NULL);
  g_autoptr (PerryProcessResult) allowed = NULL;

  g_assert_true (g_file_set_contents (path, DENY_CHMOD, -1, NULL));
  allowed = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--security-opt", "seccomp=default", "busybox", "sh",
                                        "-c", "echo x >/tmp/f && chmod 700 /tmp/f", NULL);
  perry_live_assert_status (allowed, 0);
  assert_chmod_is_denied (path);
  assert_chmod_is_denied (DENY_CHMOD);
  g_remove (path);
}

static void
test_seccomp_spec_file (void)
{
  g_autofree char *path = g_build_filename (live->directory, "spec.json", NULL);
  g_autofree char *text = g_strdup_printf ("{\"image\": \"busybox\", \"rm\": true, \"seccomp\": %s,"
                                           " \"cmd\": [\"sh\", \"-c\", \"echo x >/tmp/f && chmod 700 /tmp/f\"]}",
                                           DENY_CHMOD);
  g_autoptr (PerryProcessResult) result = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  result = perry_live_engine_perryctl (live, NULL, "run", "--spec", path, NULL);
  perry_live_assert_status (result, 1);
  perry_live_assert_contains (perry_live_stderr (result), "Operation not permitted");
  g_remove (path);
}

static void
test_seccomp_modes (void)
{
  static const char *const on[] = { "--security-opt", "seccomp=default", NULL };
  static const char *const off[] = { "--security-opt", "seccomp=unconfined", NULL };
  static const struct { const char *const *arguments; gint64 mode; } cases[] = { { on, 2 }, { off, 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) report = perry_live_engine_probe (live, cases[i].arguments);
      gint64 mode = -1;

      g_assert_true (perry_json_read_int64 (perry_json_as_object (report), "seccomp", &mode));
      g_assert_cmpint (mode, ==, cases[i].mode);
    }
}

/* /tmp, and below /dev what the runtime mounts there; nothing else */
static void
test_read_only (void)
{
  static const char *const arguments[] = { "--read-only", "-u", "0:0", NULL };
  g_autoptr (JsonNode) report = perry_live_engine_probe (live, arguments);
  JsonObject *writable = perry_json_as_object (perry_json_find (report, "writable", NULL));
  g_autoptr (GList) paths = NULL;
  const char *tmp = NULL, *shm = NULL;

  g_assert_nonnull (writable);
  g_assert_true (perry_json_read_string (writable, "/tmp", &tmp));
  g_assert_cmpstr (tmp, ==, "ok");
  /* Podman 5 would make it read-only; it is to be the same container everywhere. */
  g_assert_true (perry_json_read_string (writable, "/dev/shm", &shm));
  g_assert_cmpstr (shm, ==, "ok");
  paths = json_object_get_members (writable);
  g_assert_cmpuint (g_list_length (paths), >, 5);
  for (GList *l = paths; l != NULL; l = l->next)
    {
      const char *path = l->data, *outcome = NULL;

      g_assert_true (perry_json_read_string (writable, path, &outcome));
      if (g_str_equal (outcome, "ok") && !g_str_equal (path, "/tmp") && !g_str_equal (path, "/dev/shm") &&
          !g_str_equal (path, "/dev/mqueue") && !g_str_equal (path, "/dev/pts") && !g_str_equal (path, "/dev"))
        g_test_fail_printf ("%s is writable", path);
    }
}

static void
test_read_only_without_tmp (void)
{
  g_autofree char *path = g_build_filename (live->directory, "spec.json", NULL);
  g_autoptr (PerryProcessResult) result = NULL;

  g_assert_true (g_file_set_contents (path,
                                      "{\"image\": \"busybox\", \"rm\": true, \"read_only\": true, \"tmpfs\": [],"
                                      " \"cmd\": [\"sh\", \"-c\", \"echo x >/tmp/f\"]}",
                                      -1, NULL));
  result = perry_live_engine_perryctl (live, NULL, "run", "--spec", path, NULL);
  perry_live_assert_status (result, 1);
  perry_live_assert_contains (perry_live_stderr (result), "Read-only file system");
  g_remove (path);
}

static char *
effective_of_user_with_added_capability (void)
{
  static const char *const arguments[] = { "-u", "65534:65534", "--cap-drop", "ALL", "--cap-add", "NET_BIND_SERVICE", NULL };
  g_autoptr (JsonNode) report = perry_live_engine_probe (live, arguments);

  return g_strdup (perry_json_as_string (perry_json_find (report, "capabilities", "effective", NULL)));
}

static void
test_cap_add_for_a_user (void)
{
  g_autofree char *effective = effective_of_user_with_added_capability ();
  g_autoptr (PerryProcessResult) strict = NULL;

  strict = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--enforcement", "strict", "-u", "65534:65534",
                                       "--cap-drop", "ALL", "--cap-add", "NET_BIND_SERVICE", "busybox", "true", NULL);
  if (g_str_equal (live->backend, "docker"))
    {
      g_assert_cmpstr (effective, ==, "0000000000000000");
      perry_live_assert_status (strict, 125);
      perry_live_assert_contains (perry_live_stderr (strict), "cap_add");
    }
  else
    {
      g_assert_cmpstr (effective, ==, "0000000000000400");
      perry_live_assert_status (strict, 0);
    }
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static gboolean
host_lacks_sys_resource (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "CapBnd:\t");
  g_assert_nonnull (line);
  return (g_ascii_strtoull (line + strlen ("CapBnd:\t"), NULL, 16) & (G_GUINT64_CONSTANT (1) << 24)) == 0;
}

static void
test_privileged (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--privileged", "busybox", "true", NULL);
  if (live->rootless)
    {
      g_autoptr (PerryProcessResult) strict = NULL;

      perry_live_assert_status (result, 0);
      perry_live_assert_contains (perry_live_stderr (result), "privileged partial");
      strict = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--privileged", "--enforcement", "strict",
                                           "busybox", "true", NULL);
      perry_live_assert_status (strict, 125);
      perry_live_assert_contains (perry_live_stderr (strict), "rootless");
    }
  else if (host_lacks_sys_resource ())
    {
      perry_live_assert_status (result, 125);
      perry_live_assert_contains (perry_live_stderr (result), "privileged");
      perry_live_assert_contains (perry_live_stderr (result), "SYS_RESOURCE");
    }
  else
    perry_live_assert_status (result, 0);
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_cap_add_that_the_host_lacks (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  if (!host_lacks_sys_resource () || live->rootless)
    {
      g_test_skip ("every capability can be granted here");
      return;
    }
  result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--cap-add", "SYS_RESOURCE", "busybox", "true", NULL);
  perry_live_assert_status (result, 125);
  perry_live_assert_contains (perry_live_stderr (result), "SYS_RESOURCE");
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static gboolean
host_has_lsm (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

#define ABSENT "--security-opt", "apparmor=some-profile", "--security-opt", "label=type:container_t"

static void
test_missing_lsm (void)
{
  g_autofree char *report = g_build_filename (live->directory, "report.json", NULL);
  g_autoptr (PerryProcessResult) warn = NULL;
  g_autoptr (PerryProcessResult) lenient = NULL;
  g_autoptr (PerryProcessResult) strict = NULL;
  g_autofree char *text = NULL;

  if (host_has_lsm ("/sys/kernel/security/apparmor") || host_has_lsm ("/sys/fs/selinux/enforce"))
    {
      g_test_skip ("this host has AppArmor or SELinux");
      return;
    }
  warn = perry_live_engine_perryctl (live, NULL, "run", "--rm", ABSENT, "busybox", "true", NULL);
  perry_live_assert_status (warn, 0);
  perry_live_assert_contains (perry_live_stderr (warn), "apparmor");
  perry_live_assert_contains (perry_live_stderr (warn), "selinux");

  lenient = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--enforcement", "lenient", "--report", report, ABSENT,
                                        "busybox", "true", NULL);
  perry_live_assert_status (lenient, 0);
  g_assert_cmpstr (perry_live_stderr (lenient), ==, "");
  g_assert_true (g_file_get_contents (report, &text, NULL, NULL));
  perry_live_assert_contains (text, "\"apparmor\"");
  perry_live_assert_contains (text, "\"dropped\"");
  g_remove (report);

  strict = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--enforcement", "strict", ABSENT, "busybox", "true",
                                       NULL);
  perry_live_assert_status (strict, 125);
  perry_live_assert_contains (perry_live_stderr (strict), "\n  apparmor: ");
  perry_live_assert_contains (perry_live_stderr (strict), "\n  selinux: ");
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_exit_codes (void)
{
  static const struct { const char *command; int status; } cases[] = {
    { "exit 0", 0 }, { "exit 1", 1 }, { "exit 7", 7 }, { "exit 125", 125 }, { "exit 255", 255 }, { "kill -9 $$", 137 },
  };
  g_autoptr (PerryProcessResult) missing = NULL;
  g_autoptr (PerryProcessResult) not_executable = NULL;
  g_autoptr (PerryProcessResult) no_image = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryProcessResult) result = NULL;

      result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--init", "busybox", "sh", "-c", cases[i].command,
                                           NULL);
      perry_live_assert_status (result, cases[i].status);
    }
  missing = perry_live_engine_perryctl (live, NULL, "run", "--rm", "busybox", "/no/such/program", NULL);
  perry_live_assert_status (missing, 127);
  not_executable = perry_live_engine_perryctl (live, NULL, "run", "--rm", "busybox", "/etc/passwd", NULL);
  perry_live_assert_status (not_executable, 126);
  no_image = perry_live_engine_perryctl (live, NULL, "run", "--rm", "no-such-image:1", "true", NULL);
  perry_live_assert_status (no_image, 125);
  perry_live_assert_contains (perry_live_stderr (no_image), "docker.io/library/no-such-image:1");
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

/* On cgroup version 1 a rootless engine would take limits and do nothing. */
static void
test_limits_that_are_not_there (void)
{
  static const struct { const char *option; const char *value; const char *field; } limits[] = {
    { "-m", "32m", "memory" }, { "--pids-limit", "32", "pids_limit" }, { "--cpus", "0.5", "cpus" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autofree char *dropped = g_strdup_printf ("%s dropped", limits[i].field);
      g_autofree char *refused = g_strdup_printf ("\n  %s: ", limits[i].field);
      g_autoptr (PerryProcessResult) warn = NULL;
      g_autoptr (PerryProcessResult) strict = NULL;

      warn = perry_live_engine_perryctl (live, NULL, "run", "--rm", limits[i].option, limits[i].value, "busybox", "true",
                                         NULL);
      perry_live_assert_status (warn, 0);
      perry_live_assert_contains (perry_live_stderr (warn), dropped);
      strict = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--enforcement", "strict", limits[i].option,
                                           limits[i].value, "busybox", "true", NULL);
      perry_live_assert_status (strict, 125);
      perry_live_assert_contains (perry_live_stderr (strict), refused);
    }
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_limits (void)
{
  g_autofree char *report = g_build_filename (live->directory, "report.json", NULL);
  g_autoptr (PerryProcessResult) result = NULL;
  g_autoptr (PerryProcessResult) bomb = NULL;

  if (live->without_limits)
    {
      test_limits_that_are_not_there ();
      return;
    }
  result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "-m", "32m", "--pids-limit", "32", "--cpus", "0.5",
                                       "--report", report, "busybox", "true", NULL);
  perry_live_assert_status (result, 0);
  g_remove (report);
  bomb = perry_live_engine_perryctl (live, NULL, "run", "--rm", "-m", "16m", "--tmpfs", "/big:size=256m", "busybox", "sh",
                                     "-c", "exec dd if=/dev/zero of=/big/f bs=1M count=64", NULL);
  perry_live_assert_status (bomb, 137);
}

static void
test_volumes (void)
{
  g_autofree char *source = g_build_filename (live->directory, "shared", NULL);
  g_autofree char *volume = g_strconcat (source, ":/shared:ro", NULL);
  g_autofree char *file = g_build_filename (source, "file", NULL);
  g_autofree char *absent = g_strconcat (source, "-absent:/shared", NULL);
  g_autoptr (PerryProcessResult) reads = NULL;
  g_autoptr (PerryProcessResult) writes = NULL;
  g_autoptr (PerryProcessResult) missing = NULL;

  g_assert_cmpint (g_mkdir (source, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, "from the host\n", -1, NULL));
  reads = perry_live_engine_perryctl (live, NULL, "run", "--rm", "-v", volume, "busybox", "cat", "/shared/file", NULL);
  perry_live_assert_status (reads, 0);
  g_assert_cmpstr (perry_live_stdout (reads), ==, "from the host\n");
  writes = perry_live_engine_perryctl (live, NULL, "run", "--rm", "-v", volume, "busybox", "sh", "-c", "echo >/shared/new",
                                       NULL);
  perry_live_assert_status (writes, 1);
  missing = perry_live_engine_perryctl (live, NULL, "run", "--rm", "-v", absent, "busybox", "true", NULL);
  perry_live_assert_status (missing, 125);
  perry_live_assert_contains (perry_live_stderr (missing), "shared-absent");
  g_assert_false (g_file_test (absent, G_FILE_TEST_EXISTS));
  g_remove (file);
  g_assert_cmpint (g_rmdir (source), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (void); } tests[] = {
    { "seccomp/word-decides-the-mode", test_seccomp_modes },
    { "seccomp/path-and-inline", test_seccomp_custom },
    { "seccomp/object-in-a-spec-file", test_seccomp_spec_file },
    { "read-only/only-tmp-is-writable", test_read_only },
    { "read-only/no-tmp-when-told-so", test_read_only_without_tmp },
    { "cap-add/for-a-user", test_cap_add_for_a_user },
    { "cap-add/that-the-host-lacks", test_cap_add_that_the_host_lacks },
    { "privileged/that-the-host-lacks", test_privileged },
    { "lsm/never-silence", test_missing_lsm },
    { "exit-codes", test_exit_codes },
    { "limits", test_limits },
    { "volumes", test_volumes },
  };
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  live = perry_live_engine_start (argv[1], argv[2], NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/traps/%s-%s/%s", argv[1], argv[2], tests[i].name);

      g_test_add_func (path, tests[i].test);
    }
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
