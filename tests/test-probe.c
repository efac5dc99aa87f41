/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "plugin-api/perry-json.h"

#define NO_NAMESPACE 77

typedef struct {
  GBytes *output;
  int exit_code; /* -1: ended by a signal */
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->output, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static char *
get_program (void)
{
  return g_test_build_filename (G_TEST_BUILT, "..", "probe", "perry-probe", NULL);
}

/* Runs the probe with @arguments, ended by NULL; @setup runs in the child before it executes. */
static Run
run_probe (const char *const *arguments,
           const char *const *environment,
           const char *directory,
           GSpawnChildSetupFunc setup,
           gpointer setup_data)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *program = get_program ();
  g_auto (GStrv) argv = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_strv_builder_add (builder, program);
  g_strv_builder_addv (builder, (const char **) arguments);
  argv = g_strv_builder_end (builder);
  g_spawn_sync (directory, argv, (char **) environment, G_SPAWN_STDERR_TO_DEV_NULL, setup, setup_data, &output, NULL,
                &status, &error);
  g_assert_no_error (error);
  return (Run) { .output = g_bytes_new (output, strlen (output)),
                 .exit_code = WIFEXITED (status) ? WEXITSTATUS (status) : -1 };
}

static const char *const no_arguments[] = { NULL };

static JsonNode *
parse_report (const Run *run)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  g_assert_cmpint (run->exit_code, ==, 0);
  node = perry_json_parse_bytes (run->output, NULL, &error);
  g_assert_no_error (error);
  return node;
}

static void
test_report (void)
{
  static const char *const objects[] = {
    "env", "capabilities", "rlimits", "namespaces", "cgroup", "writable", "syscalls", "kernel", "sysctls", "devices",
  };
  static const char *const arrays[] = {
    "argv", "groups", "mounts", "interfaces", "routes", "denied_syscalls", "hosts", "resolv_conf",
  };
  g_auto (Run) run = run_probe (no_arguments, NULL, "/", NULL, NULL);
  g_autoptr (JsonNode) node = parse_report (&run);
  JsonObject *report = json_node_get_object (node);
  g_autofree char *program = get_program ();
  struct stat namespace;

  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    g_assert_true (JSON_NODE_HOLDS_OBJECT (json_object_get_member (report, objects[i])));
  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_assert_true (JSON_NODE_HOLDS_ARRAY (json_object_get_member (report, arrays[i])));
  g_assert_cmpint (json_object_get_int_member (report, "uid"), ==, getuid ());
  g_assert_cmpint (json_object_get_int_member (report, "egid"), ==, getegid ());
  g_assert_cmpint (json_object_get_int_member (report, "ppid"), ==, getpid ());
  g_assert_cmpstr (json_object_get_string_member (report, "cwd"), ==, "/");
  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (report, "argv"), 0), ==, program);
  g_assert_cmpint (stat ("/proc/self/ns/net", &namespace), ==, 0);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (report, "namespaces"), "net"), ==,
                   namespace.st_ino);
}

static void
test_pretty_is_the_same (void)
{
  static const char *const pretty[] = { "--pretty", NULL };
  g_auto (Run) run = run_probe (pretty, NULL, "/", NULL, NULL);
  g_autoptr (JsonNode) G_GNUC_UNUSED node = parse_report (&run);

  g_assert_nonnull (strstr (g_bytes_get_data (run.output, NULL), "\n  \"uid\": "));
}

static void
test_environment (void)
{
  /* Sorted, escaped, bytes that are not UTF-8 are replaced. */
  static const char *const environment[] = {
    "Z=last", "QUOTE=a\"b\\c", "CONTROL=\x01\n\t\x7f", "EMPTY=", "EQUALS=a=b", "UTF8=\xc3\xa4\xf0\x9f\x90\xa7",
    "BAD=\xff\xc3(\xed\xa0\x80\xc0\x80", "A=first", NULL,
  };
  g_auto (Run) run = run_probe (no_arguments, environment, "/", NULL, NULL);
  g_autoptr (JsonNode) node = parse_report (&run);
  JsonObject *env = json_object_get_object_member (json_node_get_object (node), "env");
  g_autoptr (GList) names = json_object_get_members (env);

  g_assert_cmpuint (g_list_length (names), ==, 8);
  g_assert_cmpstr (names->data, ==, "A");
  g_assert_cmpstr (g_list_last (names)->data, ==, "Z");
  g_assert_cmpstr (json_object_get_string_member (env, "QUOTE"), ==, "a\"b\\c");
  g_assert_cmpstr (json_object_get_string_member (env, "CONTROL"), ==, "\x01\n\t\x7f");
  g_assert_cmpstr (json_object_get_string_member (env, "EMPTY"), ==, "");
  g_assert_cmpstr (json_object_get_string_member (env, "EQUALS"), ==, "a=b");
  g_assert_cmpstr (json_object_get_string_member (env, "UTF8"), ==, "\xc3\xa4\xf0\x9f\x90\xa7");
  g_assert_cmpstr (json_object_get_string_member (env, "BAD"), ==,
                   "\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

/* Denies keyctl with an error and kills whoever calls add_key. */
static void
install_filter (gpointer ignored)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_keyctl, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_add_key, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog filter = { .len = G_N_ELEMENTS (code), .filter = code };

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    _exit (99);
}

static void
test_filter (void)
{
  g_auto (Run) run = run_probe (no_arguments, NULL, "/", install_filter, NULL);
  g_autoptr (JsonNode) node = parse_report (&run);
  JsonObject *report = json_node_get_object (node);
  JsonObject *calls = json_object_get_object_member (report, "syscalls");
  JsonArray *denied = json_object_get_array_member (report, "denied_syscalls");
  gboolean found = FALSE;

  g_assert_cmpint (json_object_get_int_member (report, "no_new_privs"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (report, "seccomp"), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (calls, "keyctl"), ==, "EPERM");
  g_assert_cmpstr (json_object_get_string_member (calls, "add_key"), ==, "SIGSYS");
  for (guint i = 0; i < json_array_get_length (denied); i++)
    found |= g_strcmp0 (json_array_get_string_element (denied, i), "add_key") == 0;
  g_assert_true (found);
}

static void
drop_to_nobody (gpointer ignored)
{
  if (setgid (65534) != 0 || setuid (65534) != 0)
    _exit (99);
}

/* Nothing but the node's mode decides here. */
static void
check_device_of_root (JsonObject *devices, const char *path, JsonNode *node, gpointer ignored)
{
  JsonObject *device = json_node_get_object (node);
  struct stat info;

  if (stat (path, &info) != 0 || info.st_uid != 0 || (info.st_mode & 0077) != 0)
    return;
  g_assert_cmpstr (json_object_get_string_member (device, "read"), ==, "EACCES");
  g_assert_cmpstr (json_object_get_string_member (device, "write"), ==, "EACCES");
}

static void
test_unprivileged (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (JsonNode) node = NULL;
  JsonObject *report, *capabilities, *writable, *calls;

  if (getuid () != 0)
    {
      g_test_skip ("only root can become nobody");
      return;
    }
  run = run_probe (no_arguments, NULL, "/", drop_to_nobody, NULL);
  node = parse_report (&run);
  report = json_node_get_object (node);
  capabilities = json_object_get_object_member (report, "capabilities");
  writable = json_object_get_object_member (report, "writable");
  calls = json_object_get_object_member (report, "syscalls");
  g_assert_cmpint (json_object_get_int_member (report, "fsuid"), ==, 65534);
  g_assert_cmpint (json_object_get_int_member (report, "sgid"), ==, 65534);
  g_assert_cmpstr (json_object_get_string_member (capabilities, "effective"), ==, "0000000000000000");
  g_assert_cmpstr (json_object_get_string_member (capabilities, "permitted"), ==, "0000000000000000");
  g_assert_cmpstr (json_object_get_string_member (writable, "/etc"), ==, "EACCES");
  g_assert_cmpstr (json_object_get_string_member (writable, "/tmp"), ==, "ok");
  g_assert_cmpstr (json_object_get_string_member (calls, "chroot"), ==, "EPERM");
  g_assert_cmpstr (json_object_get_string_member (calls, "setuid:0"), ==, "EPERM");
  json_object_foreach_member (json_object_get_object_member (report, "devices"), check_device_of_root, NULL);
}

/* What the files say here is what the probe says. */
static void
test_settings (void)
{
  g_auto (Run) run = run_probe (no_arguments, NULL, "/", NULL, NULL);
  g_autoptr (JsonNode) node = parse_report (&run);
  JsonObject *null = json_node_get_object (perry_json_find (node, "devices", "/dev/null", NULL));
  JsonArray *hosts = json_node_get_array (perry_json_find (node, "hosts", NULL));
  g_autofree char *file = NULL;
  g_autofree char *shmmni = NULL;

  g_assert_cmpstr (json_object_get_string_member (null, "number"), ==, "c 1:3");
  g_assert_cmpstr (json_object_get_string_member (null, "write"), ==, "ok");
  g_assert_true (g_file_get_contents ("/etc/hosts", &file, NULL, NULL));
  for (guint i = 0; i < json_array_get_length (hosts); i++)
    g_assert_nonnull (strstr (file, json_array_get_string_element (hosts, i)));
  g_assert_true (g_file_get_contents ("/proc/sys/kernel/shmmni", &shmmni, NULL, NULL));
  g_assert_cmpstr (perry_json_as_string (perry_json_find (node, "sysctls", "kernel.shmmni", NULL)), ==,
                   g_strchomp (shmmni));
}

/* Run on the host, this is the host's kernel. */
static void
test_kernel (void)
{
  g_auto (Run) run = run_probe (no_arguments, NULL, "/", NULL, NULL);
  g_autoptr (JsonNode) node = parse_report (&run);
  g_autofree char *boot_id = NULL;
  struct utsname system;

  g_assert_cmpint (uname (&system), ==, 0);
  g_assert_true (g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot_id, NULL, NULL));
  g_assert_cmpstr (perry_json_as_string (perry_json_find (node, "kernel", "release", NULL)), ==, system.release);
  g_assert_cmpstr (perry_json_as_string (perry_json_find (node, "kernel", "boot_id", NULL)), ==, g_strchomp (boot_id));
}

static void
share_one_mount (gpointer directory)
{
  if (unshare (CLONE_NEWNS) != 0)
    _exit (NO_NAMESPACE);
  if (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount ("one", directory, "tmpfs", 0, NULL) != 0 ||
      mount (NULL, directory, NULL, MS_SHARED, NULL) != 0)
    _exit (99);
}

static void
test_propagation (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-probe-XXXXXX", NULL);
  g_auto (Run) run = run_probe (no_arguments, NULL, "/", share_one_mount, directory);
  g_autoptr (JsonNode) node = NULL;
  JsonArray *mounts;
  gboolean found = FALSE;

  g_assert_cmpint (g_rmdir (directory), ==, 0);
  if (run.exit_code == NO_NAMESPACE)
    {
      g_test_skip ("no mount namespace can be made here");
      return;
    }
  node = parse_report (&run);
  mounts = json_node_get_array (perry_json_find (node, "mounts", NULL));
  for (guint i = 0; i < json_array_get_length (mounts); i++)
    {
      JsonObject *mount = json_array_get_object_element (mounts, i);
      gboolean is_it = g_str_equal (json_object_get_string_member (mount, "point"), directory);

      g_assert_cmpstr (json_object_get_string_member (mount, "propagation"), ==, is_it ? "shared" : "private");
      found |= is_it;
    }
  g_assert_true (found);
}

static void
test_leaves_nothing (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-probe-XXXXXX", NULL);
  g_auto (Run) run = run_probe (no_arguments, NULL, directory, NULL, NULL);
  g_autoptr (JsonNode) node = parse_report (&run);
  JsonObject *writable = json_object_get_object_member (json_node_get_object (node), "writable");

  g_assert_cmpstr (json_object_get_string_member (writable, directory), ==, "ok");
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static void
test_exit_codes (void)
{
  static const struct { const char *arguments[4]; int exit_code; } cases[] = {
    { { "--exit", "0" }, 0 }, { { "--exit", "255" }, 255 }, { { "--exit", "42" }, 42 }, { { "--exit", "256" }, 2 },
    { { "--exit", "-1" }, 2 }, { { "--exit", "1x" }, 2 }, { { "--exit" }, 2 }, { { "--sleep", "" }, 2 },
    { { "--sleep", "0" }, 0 }, { { "--unknown" }, 2 }, { { "--cat", "x" }, 2 }, { { "--pretty", "x" }, 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Run) run = run_probe (cases[i].arguments, NULL, NULL, NULL, NULL);

      g_assert_cmpint (run.exit_code, ==, cases[i].exit_code);
    }
}

static void
test_write_file (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-probe-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (directory, "file", NULL);
  g_autofree char *nowhere = g_build_filename (directory, "no", "file", NULL);
  const char *const good[] = { "--write-file", file, NULL };
  const char *const bad[] = { "--write-file", nowhere, NULL };
  g_auto (Run) good_run = run_probe (good, NULL, NULL, NULL, NULL);
  g_auto (Run) bad_run = run_probe (bad, NULL, NULL, NULL, NULL);

  g_assert_cmpint (good_run.exit_code, ==, 0);
  g_assert_cmpmem (g_bytes_get_data (good_run.output, NULL), g_bytes_get_size (good_run.output), "ok\n", 3);
  g_assert_cmpint (bad_run.exit_code, ==, 1);
  g_assert_cmpmem (g_bytes_get_data (bad_run.output, NULL), g_bytes_get_size (bad_run.output), "ENOENT\n", 7);
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static void
test_cat (void)
{
  g_autofree char *program = get_program ();
  g_autoptr (GByteArray) sent = g_byte_array_new ();
  g_autoptr (GBytes) input = NULL, output = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3 * 1024 * 1024; i++)
    {
      const guint8 byte = (guint8) (i * 2654435761u >> 24);

      g_byte_array_append (sent, &byte, 1);
    }
  input = g_byte_array_free_to_bytes (g_steal_pointer (&sent));
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--cat",
                              NULL);
  g_assert_no_error (error);
  g_subprocess_communicate (process, input, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  g_assert_true (g_bytes_equal (input, output));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe/report-is-strict-json", test_report);
  g_test_add_func ("/probe/pretty-report-is-json-too", test_pretty_is_the_same);
  g_test_add_func ("/probe/environment-is-sorted-and-escaped", test_environment);
  g_test_add_func ("/probe/tells-refused-and-killed-calls", test_filter);
  g_test_add_func ("/probe/sees-what-nobody-may-do", test_unprivileged);
  g_test_add_func ("/probe/sees-devices-and-settings", test_settings);
  g_test_add_func ("/probe/sees-which-kernel-it-runs-on", test_kernel);
  g_test_add_func ("/probe/sees-how-mounts-propagate", test_propagation);
  g_test_add_func ("/probe/leaves-no-file", test_leaves_nothing);
  g_test_add_func ("/probe/exit-codes", test_exit_codes);
  g_test_add_func ("/probe/write-file-names-the-error", test_write_file);
  g_test_add_func ("/probe/cat-copies-bytes", test_cat);
  return g_test_run ();
}
