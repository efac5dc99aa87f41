/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "tests/integration/escape-host.h"
#include "tests/integration/perry-live-engine.h"

/* Programs that try to leave the sandbox, or to take more than their share, on a real engine: the backend is the first
 * argument. Each is let in a container without confinement first, so that a sandbox that stops nothing fails the test; what
 * this host lets nobody do is skipped. After each the host is as it was, and another container still runs. */

typedef enum {
  OWN,     /* unconfined is a container with all capabilities, with namespaces of its own */
  ENGINES, /* … with the network and the processes of the engine */
} Place;

typedef struct {
  const char *name;
  Place place;
  const char *lacking; /* besides calls and families that a kernel lacks: with what this host may answer to anybody */
  const char *option;  /* of the sandbox */
  const char *wanted;  /* the error that stops it in the sandbox; NULL: any */
  gboolean killed;     /* it may be killed for the memory it took */
} Escape;

#define NO_SYS_RESOURCE "EPERM EACCES" /* where the engine has not that capability itself */

static const Escape escapes[] = {
  { "mount-tmpfs" }, { "mount-proc" }, { "mount-bind" }, { "mount-cgroup" }, { "umount" }, { "remount-root" },
  { "mount-setattr" }, { "fsopen" }, { "open-tree" }, { "move-mount" }, { "pivot-root" }, { "chroot" },
  { "unshare-mount" }, { "unshare-uts" }, { "unshare-ipc" }, { "unshare-net" }, { "unshare-pid" }, { "unshare-user" },
  { "unshare-cgroup" }, { "unshare-time" }, { "clone-user" }, { "clone3-user" }, { "setns" },
  { "setns-of-another", ENGINES }, { "ptrace-another", ENGINES }, { "signal-another", ENGINES },
  { "process-vm-readv" }, { "process-vm-writev" }, { "pidfd-getfd" }, { "kcmp" },
  { "keyctl" }, { "add-key" }, { "request-key" },
  { "bpf" }, { "perf-event-open" }, { "userfaultfd" }, { "io-uring" }, { "fanotify" },
  { "init-module" }, { "delete-module" }, { "kexec-load" }, { "reboot" }, { "swapon" }, { "swapoff" },
  { "settimeofday" }, { "adjtimex" }, { "sethostname" }, { "setdomainname" }, { "quotactl" }, { "acct" },
  { "personality" }, { "kernel-log" }, { "kernel-log-level" }, { "iopl" }, { "ioperm" },
  { "name-to-handle-at" }, { "open-by-handle-at" },

  { "raw-socket" }, { "raw-socket-6" }, { "packet-socket" }, { "vsock" }, { "audit-socket" }, { "any-other-family" },
  { "network-inet" }, { "network-inet6" }, { "network-link" }, { "make-link" }, { "abstract-socket", ENGINES },

  { "core-pattern" }, { "proc-sys" }, { "proc-sys-net" }, { "sysrq", .lacking = "ENOENT" }, { "sys" }, { "cgroup-limit" },
  { "mknod-memory" }, { "mknod-disk" }, { "device" },
  { "write-root" }, { "write-image" }, { "write-volume" }, { "write-dev" }, { "symlink" }, { "proc-root" }, { "rename" },
  { "chmod" }, { "chown" }, { "make-setuid" }, { "setuid" }, { "setuid-program" },
  { "file-capability" },

  { "fork-bomb", .wanted = "EAGAIN" }, { "memory-bomb", .killed = TRUE },
  { "fill-tmp", .wanted = "ENOSPC" }, { "fill-shm", .wanted = "ENOSPC" },
  { "fill-inodes", .option = "--memory=64m", .killed = TRUE },
  { "raise-limit", .lacking = NO_SYS_RESOURCE }, { "nice" },
  { "real-time", .lacking = "EPERM" }, /* cgroups may give it no time of that kind */
  { "io-priority" },
  { "oom-score", .lacking = NO_SYS_RESOURCE },
};

static PerryLiveEngine *live;
static GHashTable *unconfined; /* from an attempt's name to what came of it without confinement */
static GHashTable *host;       /* as it was before */
static char *folder;           /* with the program */

#define WITNESS "perry-witness"
#define SANDBOX "sandbox", "--allow-unverified"
#define BY_DEFAULT "--memory=512m" /* as without it */
#define MIB ((gsize) 1024 * 1024)
#define ORPHAN "4711.4711"

/* A copy of the program for each right that a file can give. */
static void
copy_program (const char *name, mode_t mode, const void *capability, gsize size)
{
  g_autofree char *program = g_build_filename (g_test_get_dir (G_TEST_BUILT), "integration", "escape", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (program, &text, &length, NULL));
  g_assert_true (g_file_set_contents (path, text, (gssize) length, NULL));
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
  if (capability != NULL)
    g_assert_cmpint (setxattr (path, "security.capability", capability, size, 0), ==, 0);
}

static void
copy_programs (void)
{
  /* version 2, effective; CAP_NET_RAW permitted */
  const guint32 raw[] = { GUINT32_TO_LE (0x02000001), GUINT32_TO_LE (1 << 13), 0, 0, 0 };

  folder = g_build_filename (live->directory, "escape", NULL);
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  copy_program ("escape", 0755, NULL, 0);
  copy_program ("setuid", 04755, NULL, 0);
  copy_program ("capable", 0755, raw, sizeof raw);
}

/* All capabilities that this process could have, which is what the engine could. Docker 20.10 does not know the newer three,
 * which are parts of SYS_ADMIN. */
static void
add_capabilities (GPtrArray *argv)
{
  static const char *const capabilities[] = {
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE",
    "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME",
    "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG",
    "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
  };
  g_autofree char *status = NULL;
  guint64 set;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  set = g_ascii_strtoull (strstr (status, "CapBnd:") + strlen ("CapBnd:"), NULL, 16);
  for (gsize i = 0; i < G_N_ELEMENTS (capabilities); i++)
    if ((set >> i & 1) != 0)
      g_ptr_array_add (argv, g_strconcat ("--cap-add=", capabilities[i], NULL));
}

static GPtrArray *
begin_unconfined (Place place)
{
  g_autofree char *volume = g_strconcat (folder, ":/escape", NULL);
  const char *options[] = { "run", "--rm", "--seccomp=unconfined", "--user=0:0", "--pids-limit=1000", "--memory=2g",
                            "--tmpfs=/tmp:size=256m,mode=1777", "--shm-size=256m", "-v", volume };
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    g_ptr_array_add (argv, g_strdup (options[i]));
  add_capabilities (argv);
  if (place == ENGINES)
    {
      g_ptr_array_add (argv, g_strdup ("--pid=host"));
      g_ptr_array_add (argv, g_strdup ("--network=host"));
    }
  else
    g_ptr_array_add (argv, g_strdup ("--network=bridge"));
  g_ptr_array_add (argv, g_strdup ("busybox"));
  return argv;
}

static void
try_unconfined (Place place)
{
  g_autoptr (GPtrArray) argv = begin_unconfined (place);
  g_autoptr (PerryProcessResult) result = NULL;
  g_auto (GStrv) lines = NULL;

  g_ptr_array_add (argv, g_strdup ("/escape/escape"));
  g_ptr_array_add (argv, g_strdup ("--each"));
  for (gsize i = 0; i < G_N_ELEMENTS (escapes); i++)
    if (escapes[i].place == place)
      g_ptr_array_add (argv, g_strdup (escapes[i].name));
  g_ptr_array_add (argv, NULL);
  result = perry_live_engine_perryctl_argv (live, NULL, (const char *const *) argv->pdata);
  perry_live_assert_status (result, 0);
  lines = g_strsplit (perry_live_stdout (result), "\n", -1);
  for (char **line = lines; **line != '\0'; line++)
    {
      char *colon = strstr (*line, ": ");

      g_assert_nonnull (colon);
      g_hash_table_insert (unconfined, g_strndup (*line, (gsize) (colon - *line)), g_strdup (colon + 2));
    }
}

static PerryProcessResult *
run_unconfined (const char *command)
{
  g_autoptr (GPtrArray) argv = begin_unconfined (OWN);

  g_ptr_array_add (argv, g_strdup ("sh"));
  g_ptr_array_add (argv, g_strdup ("-c"));
  g_ptr_array_add (argv, g_strdup (command));
  g_ptr_array_add (argv, NULL);
  return perry_live_engine_perryctl_argv (live, NULL, (const char *const *) argv->pdata);
}

static void
start_witness (void)
{
  g_autofree char *volume = g_strconcat (folder, ":/escape:ro", NULL);
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, NULL, "run", "-d", "--name", WITNESS, "--network", "host", "-v", volume, "busybox", "/escape/escape",
      "--witness", NULL);

  perry_live_assert_status (result, 0);
  for (guint i = 0; i < 200 && escape_host_find_process (live, WITNESS) == 0; i++)
    g_usleep (50 * 1000);
  g_assert_cmpint (escape_host_find_process (live, WITNESS), >, 0);
}

/* What an engine makes for the first container, it keeps. */
static void
warm_up (void)
{
  g_autoptr (PerryProcessResult) bridged = run_unconfined ("true");
  g_autoptr (PerryProcessResult) alone = perry_live_engine_perryctl (live, NULL, SANDBOX, "busybox", "true", NULL);

  perry_live_assert_status (bridged, 0);
  perry_live_assert_status (alone, 0);
}

/* The host is as it was, the witness runs, and nothing else does. */
static void
assert_host_is_same (void)
{
  g_autoptr (GHashTable) now = escape_host_look (live);

  escape_host_assert_same (host, now);
  g_assert_cmpint (escape_host_find_process (live, WITNESS), >, 0);
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 1);
}

/* What this kernel does not have, or lets nobody do. */
static gboolean
is_lacking (const Escape *escape, const char *answer)
{
  static const char *const always[] = { "ENOSYS", "ENODEV", "EAFNOSUPPORT", "EPROTONOSUPPORT", "ENXIO" };
  const char *error = g_str_has_prefix (answer, "stopped: ") ? answer + strlen ("stopped: ") : "";
  g_auto (GStrv) own = g_strsplit (escape->lacking != NULL ? escape->lacking : "", " ", -1);

  for (gsize i = 0; i < G_N_ELEMENTS (always); i++)
    if (g_str_equal (error, always[i]))
      return TRUE;
  return *error != '\0' && g_strv_contains ((const char *const *) own, error);
}

static void
test_escape (gconstpointer data)
{
  const Escape *escape = data;
  const char *without = g_hash_table_lookup (unconfined, escape->name);
  g_autofree char *volume = g_strconcat (folder, ":/escape:ro", NULL);
  g_autoptr (PerryProcessResult) result = NULL;
  g_autofree char *answer = NULL;

  g_assert_nonnull (without);
  result = perry_live_engine_perryctl (live, NULL, SANDBOX, "-v", volume, escape->option != NULL ? escape->option : BY_DEFAULT,
                                       "busybox", "/escape/escape", escape->name, NULL);
  answer = g_strchomp (g_strdup (perry_live_stdout (result)));
  g_test_message ("unconfined: %s; sandbox: exit status %d, %s", without, result->exit_status, answer);
  if (escape->killed && result->exit_status == 128 + 9)
    perry_live_assert_contains (perry_live_stderr (result), "used up its memory");
  else
    {
      perry_live_assert_status (result, 3);
      g_assert_true (g_str_has_prefix (answer, "stopped: E"));
      if (escape->wanted != NULL)
        g_assert_cmpstr (answer + strlen ("stopped: "), ==, escape->wanted);
    }
  assert_host_is_same ();
  if (is_lacking (escape, without))
    {
      g_autofree char *reason = g_strdup_printf ("this host lets nobody: %s without confinement, too", without);

      g_test_skip (reason);
      return;
    }
  g_assert_cmpstr (without, ==, "opened");
}

static PerryProcessResult *
run_in_sandbox (const char *option, const char *command)
{
  return perry_live_engine_perryctl (live, NULL, SANDBOX, option, "busybox", "sh", "-c", command, NULL);
}

static void
test_timing_out (void)
{
  static const char command[] = "sleep 4; echo over";
  g_autoptr (PerryProcessResult) without = run_unconfined (command);
  g_autoptr (PerryProcessResult) result = run_in_sandbox ("--timeout=1s", command);

  g_assert_cmpstr (perry_live_stdout (without), ==, "over\n");
  perry_live_assert_status (result, 124);
  g_assert_cmpstr (perry_live_stdout (result), ==, "");
  perry_live_assert_contains (perry_live_stderr (result), "killed after 1000 ms");
  assert_host_is_same ();
}

static void
test_ignoring_sigterm (void)
{
  static const char command[] = "trap '' TERM HUP INT QUIT; echo on; kill -TERM $$; sleep 4; echo over";
  g_autoptr (PerryProcessResult) without = run_unconfined (command);
  g_autoptr (PerryProcessResult) result = run_in_sandbox ("--timeout=1s", command);

  g_assert_cmpstr (perry_live_stdout (without), ==, "on\nover\n");
  perry_live_assert_status (result, 124);
  g_assert_cmpstr (perry_live_stdout (result), ==, "on\n");
  assert_host_is_same ();
}

/* One whose parents have ended outlives them, holds the output, and ends with the container. */
static void
test_orphan (void)
{
  static const char command[] = "(setsid sh -c 'setsid sleep " ORPHAN " &' &); sleep 1; "
                                "grep -qx sleep /proc/[0-9]*/comm && echo lives; exit 7";
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (PerryProcessResult) without = run_unconfined (command);
  g_autoptr (PerryProcessResult) result = run_in_sandbox ("--timeout=30s", command);

  perry_live_assert_status (without, 7);
  g_assert_cmpstr (perry_live_stdout (without), ==, "lives\n");
  perry_live_assert_status (result, 7);
  g_assert_cmpstr (perry_live_stdout (result), ==, "lives\n");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 25 * G_USEC_PER_SEC);
  g_assert_false (escape_host_has_argument (ORPHAN));
  assert_host_is_same ();
}

static void
test_closing_stdio (void)
{
  static const char command[] = "exec <&- >&- 2>&-; sleep 1; echo lost; exit 5";
  g_autoptr (PerryProcessResult) without = run_unconfined (command);
  g_autoptr (PerryProcessResult) result = run_in_sandbox ("--timeout=30s", command);

  perry_live_assert_status (without, 5);
  perry_live_assert_status (result, 5);
  g_assert_cmpstr (perry_live_stdout (result), ==, "");
  assert_host_is_same ();
}

static void
test_flooding_stdout (void)
{
  static const char command[] = "yes | head -c 8388608; exit 6";
  g_autoptr (PerryProcessResult) without = run_unconfined (command);
  g_autoptr (PerryProcessResult) result = run_in_sandbox ("--timeout=60s", command);
  gsize size = 0;
  const char *output = g_bytes_get_data (result->stdout_bytes, &size);

  g_assert_cmpint (without->exit_status, ==, 6);
  g_assert_cmpuint (g_bytes_get_size (without->stdout_bytes), ==, 8 * MIB);
  g_assert_cmpint (result->exit_status, ==, 6);
  g_assert_cmpuint (size, >, MIB);
  g_assert_cmpuint (size, <, MIB + 100);
  g_assert_nonnull (g_strstr_len (output + MIB, (gssize) (size - MIB), " 7340032 more bytes were cut off"));
  assert_host_is_same ();
}

/* On a terminal of its own. */
static PerryProcessResult *
run_on_a_terminal (const char *option)
{
  const char *const arguments[] = { SANDBOX, option, "busybox", "printf", "\\033[2J\\rgone", NULL };
  g_auto (GStrv) argv = perry_live_engine_command (live, arguments);
  g_autoptr (GString) line = g_string_new ("exec");
  const char *script[] = { "script", "-q", "-e", "-c", NULL, "/dev/null", NULL };
  const PerryProcessOptions options = { .environment = (const char *const *) live->environment };
  g_autoptr (GError) error = NULL;
  PerryProcessResult *result;

  for (char **word = argv; *word != NULL; word++)
    {
      g_autofree char *quoted = g_shell_quote (*word);

      g_string_append_printf (line, " %s", quoted);
    }
  script[4] = line->str;
  result = perry_process_run (script, &options, NULL, &error);
  g_assert_no_error (error);
  return result;
}

/* A result of a batch is text that a terminal shows as it is, and a terminal itself gets no sequence. */
static void
test_terminal_sequences (void)
{
  static const char command[] = "printf '\\033]0;title\\007\\033[2J\\rgone'";
  static const char request[] = "{\"id\": \"a\", \"cmd\": [\"printf\", \"\\\\033]0;title\\\\007\\\\033[2J\\\\rgone\"]}";
  g_autofree char *requests = g_build_filename (live->directory, "requests.jsonl", NULL);
  g_autoptr (PerryProcessResult) without = run_unconfined (command);
  g_autoptr (PerryProcessResult) result = NULL;
  g_autoptr (PerryProcessResult) shown = NULL, raw = NULL;

  perry_live_assert_contains (perry_live_stdout (without), "\033]0;title\007\033[2J\rgone");
  g_assert_true (g_file_set_contents (requests, request, -1, NULL));
  result = perry_live_engine_perryctl (live, NULL, SANDBOX, "--from", requests, "busybox", NULL);
  perry_live_assert_status (result, 0);
  perry_live_assert_contains (perry_live_stdout (result), "]0;title");
  for (const char *c = perry_live_stdout (result); *c != '\0'; c++)
    g_assert_true (*c == '\n' || !g_ascii_iscntrl (*c));
  g_remove (requests);
  shown = run_on_a_terminal ("--cap-drop=ALL");
  perry_live_assert_status (shown, 0);
  perry_live_assert_contains (perry_live_stdout (shown), "\\x1b[2J\\x0dgone");
  raw = run_on_a_terminal ("--raw-output");
  perry_live_assert_contains (perry_live_stdout (raw), "\033[2J\rgone");
  assert_host_is_same ();
}

static void
add_tests (void)
{
  static const struct { const char *name; void (*test) (void); } endings[] = {
    { "timing-out", test_timing_out },
    { "ignoring-sigterm", test_ignoring_sigterm },
    { "orphan", test_orphan },
    { "closing-stdio", test_closing_stdio },
    { "flooding-stdout", test_flooding_stdout },
    { "terminal-sequences", test_terminal_sequences },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (escapes); i++)
    {
      g_autofree char *path = g_strconcat ("/escapes/", escapes[i].name, NULL);

      g_test_add_data_func (path, &escapes[i], test_escape);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = g_strconcat ("/escapes/", endings[i].name, NULL);

      g_test_add_func (path, endings[i].test);
    }
}

int
main (int argc, char **argv)
{
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
  unconfined = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  copy_programs ();
  start_witness ();
  warm_up ();
  host = escape_host_look (live);
  try_unconfined (OWN);
  try_unconfined (ENGINES);
  assert_host_is_same ();
  add_tests ();
  status = g_test_run ();
  perry_live_engine_stop (live);
  g_hash_table_unref (unconfined);
  g_hash_table_unref (host);
  g_free (folder);
  return status;
}
