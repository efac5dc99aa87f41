/* SPDX-License-Identifier: Apache-2.0 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "tests/integration/perry-live-engine.h"

/* The tier untrusted in a real virtual machine: the engine, which is the first argument, has the runtime of tests/microvm
 * under a name of one that makes some. The guest is in build/microvm, where get-guest puts it. */
static PerryLiveEngine *live;

#define MONITOR "vm-monitor"
#define MACHINE "qemu-system-x86"
#define FIRST_UID 0x40000000 /* of the machines' own users */
#define PATIENCE_S 20

static const char *
get_runtime (void)
{
  return g_str_equal (live->backend, "docker") ? "kata" : "krun";
}

static char *
read_link_of (gint64 pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/%s", pid, name);

  return g_file_read_link (path, NULL);
}

/* A line of a process's status, without its name; NULL where there is none. */
static char *
read_status (gint64 pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/status", pid);
  g_autofree char *start = g_strconcat (name, ":", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, start))
      return g_strdup (g_strstrip (*line + strlen (start)));
  return NULL;
}

/* The processes of that name that belong to our engine: they are where it is, in a mount namespace of its own. */
static GArray *
find_processes (const char *name)
{
  g_autofree char *pid_path = g_build_filename (live->directory, "engine.pid", NULL);
  g_autofree char *pid_text = NULL;
  g_autofree char *place = NULL;
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (gint64));
  const char *entry;

  g_assert_true (g_file_get_contents (pid_path, &pid_text, NULL, NULL));
  place = read_link_of (g_ascii_strtoll (pid_text, NULL, 10), "ns/mnt");
  g_assert_nonnull (place);
  while ((entry = g_dir_read_name (proc)) != NULL)
    {
      gint64 pid = g_ascii_strtoll (entry, NULL, 10);
      g_autofree char *own = pid > 0 ? read_status (pid, "Name") : NULL;
      g_autofree char *where = pid > 0 ? read_link_of (pid, "ns/mnt") : NULL;

      if (g_strcmp0 (own, name) == 0 && g_strcmp0 (where, place) == 0)
        g_array_append_val (found, pid);
    }
  return found;
}

static gint64
find_only (const char *name)
{
  g_autoptr (GArray) found = find_processes (name);

  g_assert_cmpuint (found->len, ==, 1);
  return g_array_index (found, gint64, 0);
}

/* The engine says that a container has ended a moment before the kernel has taken its last process away. */
static void
assert_no_process (const char *name)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;

  for (;;)
    {
      g_autoptr (GArray) found = find_processes (name);

      if (found->len == 0)
        return;
      if (g_get_monotonic_time () > end)
        g_error ("%s: process %" G_GINT64_FORMAT " is left", name, g_array_index (found, gint64, 0));
      g_usleep (20 * 1000);
    }
}

static void
assert_nothing_left (void)
{
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
  assert_no_process (MONITOR);
  assert_no_process (MACHINE);
}

static char *
get_report_path (void)
{
  return g_build_filename (live->directory, "report.json", NULL);
}

static JsonNode *
take_report (void)
{
  g_autofree char *path = get_report_path ();
  JsonNode *report = perry_live_read_report (path);

  g_remove (path);
  return report;
}

/* The row of @field in a list of the report, of the given action where one is given; NULL where there is none. */
static JsonNode *
find_row (JsonNode *report, const char *list, const char *field, const char *action)
{
  JsonArray *rows = perry_json_as_array (perry_json_find (report, list, NULL));

  g_assert_nonnull (rows);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonNode *row = json_array_get_element (rows, i);

      if (g_strcmp0 (perry_json_as_string (perry_json_find (row, "field", NULL)), field) == 0 &&
          (action == NULL || g_strcmp0 (perry_json_as_string (perry_json_find (row, "action", NULL)), action) == 0))
        return row;
    }
  return NULL;
}

static const char *
read_member (JsonNode *row, const char *name)
{
  g_assert_nonnull (row);
  return perry_json_as_string (perry_json_find (row, name, NULL));
}

/* What is known by whom: everything by the engine's report, nothing by this kernel, and that is said. */
static void
check_report (JsonNode *report)
{
  static const char *const reported[] = { "user", "read_only", "cap_drop", "no_new_privileges", "no_network", "memory",
                                          "pids_limit" };
  gboolean docker = g_str_equal (live->backend, "docker");
  JsonNode *tier = find_row (report, "proof", "tier", NULL);
  JsonNode *runtime = find_row (report, "proof", "runtime", NULL);

  g_assert_cmpstr (read_member (find_row (report, "adjustments", "runtime", "added"), "value"), ==, get_runtime ());
  g_assert_cmpstr (read_member (runtime, "reported"), ==, get_runtime ());
  g_assert_cmpstr (read_member (tier, "verdict"), ==, "unproven");
  g_assert_null (read_member (tier, "observed"));
  perry_live_assert_contains (read_member (tier, "reason"), "this kernel shows no first process of the container");
  for (gsize i = 0; i < G_N_ELEMENTS (reported); i++)
    {
      JsonNode *row = find_row (report, "proof", reported[i], NULL);

      g_assert_cmpstr (read_member (row, "verdict"), ==, "unproven");
      g_assert_nonnull (read_member (row, "reported"));
      g_assert_null (read_member (row, "observed"));
      perry_live_assert_contains (read_member (row, "reason"), "is not the first one of a process namespace");
    }
  /* Podman does not report the profile, and no kernel but the guest's could show it */
  g_assert_cmpint (read_member (find_row (report, "proof", "seccomp", NULL), "reported") != NULL, ==, docker);
  g_assert_cmpint (find_row (report, "adjustments", "seccomp", "not-applicable") != NULL, ==, !docker);
}

static void
assert_other_kernel (JsonNode *seen)
{
  const char *release = perry_json_as_string (perry_json_find (seen, "kernel", "release", NULL));
  const char *boot_id = perry_json_as_string (perry_json_find (seen, "kernel", "boot_id", NULL));
  g_autofree char *of_host = NULL;
  struct utsname host;

  g_assert_cmpint (uname (&host), ==, 0);
  g_assert_true (g_file_get_contents ("/proc/sys/kernel/random/boot_id", &of_host, NULL, NULL));
  g_strchomp (of_host);
  g_test_message ("host: %s, boot %s; guest: %s, boot %s", host.release, of_host, release, boot_id);
  g_assert_cmpstr (release, !=, NULL);
  g_assert_cmpstr (release, !=, host.release);
  g_assert_cmpuint (strlen (boot_id), ==, strlen (of_host));
  g_assert_cmpstr (boot_id, !=, of_host);
}

/* What the tier promises holds in the guest too, but for the filter: there the machine is the boundary. */
static void
check_floor (JsonNode *seen)
{
  static const char *const sets[] = { "inheritable", "permitted", "effective", "bounding", "ambient" };
  JsonArray *interfaces = perry_json_as_array (perry_json_find (seen, "interfaces", NULL));
  gboolean loopback = FALSE;

  g_assert_cmpint (perry_live_get_int64 (seen, "euid"), ==, 65534);
  g_assert_cmpint (perry_live_get_int64 (seen, "egid"), ==, 65534);
  g_assert_cmpint (perry_live_get_int64 (seen, "no_new_privs"), ==, 1);
  g_assert_cmpuint (json_array_get_length (interfaces), ==, 1);
  g_assert_true (perry_json_read_boolean (perry_json_as_object (json_array_get_element (interfaces, 0)), "loopback",
                                          &loopback));
  g_assert_true (loopback);
  for (gsize i = 0; i < G_N_ELEMENTS (sets); i++)
    g_assert_cmpstr (perry_json_as_string (perry_json_find (seen, "capabilities", sets[i], NULL)), ==, "0000000000000000");
  g_assert_cmpstr (perry_json_as_string (perry_json_find (seen, "writable", "/", NULL)), ==, "EROFS");
  g_assert_cmpstr (perry_json_as_string (perry_json_find (seen, "writable", "/tmp", NULL)), ==, "ok");
  /* with a read-only root Podman hides the cgroups */
  if (!g_str_equal (live->backend, "docker"))
    return;
  g_assert_cmpstr (perry_json_as_string (perry_json_find (seen, "cgroup", "v2", "memory.max", NULL)), ==, "536870912");
  g_assert_cmpstr (perry_json_as_string (perry_json_find (seen, "cgroup", "v2", "pids.max", NULL)), ==, "256");
}

static void
test_probe (gconstpointer data)
{
  g_autofree char *path = get_report_path ();
  const char *const arguments[] = { "--tier", "untrusted", "--enforcement", data, "--report", path, NULL };
  g_autoptr (JsonNode) seen = NULL;
  g_autoptr (JsonNode) report = NULL;

  g_assert_null (g_environ_getenv (live->environment, "PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL"));
  seen = perry_live_engine_probe (live, arguments);
  report = take_report ();
  assert_other_kernel (seen);
  check_floor (seen);
  check_report (report);
  assert_nothing_left ();
}

static void
test_outcome (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, "given\n", "run", "--rm", "-i", "--tier", "untrusted", "busybox", "sh", "-c",
      "cat; echo complaint >&2; dd if=/dev/zero bs=100000 count=10 2>/dev/null | tr '\\0' x; exit 7", NULL);
  const char *output = perry_live_stdout (result);

  perry_live_assert_status (result, 7);
  g_assert_true (g_str_has_prefix (output, "given\nxxx"));
  g_assert_cmpuint (strlen (output), ==, 6 + 1000000);
  g_assert_cmpstr (perry_live_stderr (result), ==, "complaint\n");
  assert_nothing_left ();
}

/* It would be refused when it runs already. */
static void
test_proof_required (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, NULL, "run", "--rm", "--tier", "untrusted", "--proof", "required", "busybox", "true", NULL);

  perry_live_assert_status (result, 125);
  perry_live_assert_contains (perry_live_stderr (result), "and what runs there the kernel of this host cannot prove");
  assert_nothing_left ();
}

/* Podman passes on only that the start has failed. */
static void
test_missing_program (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "--tier", "untrusted",
                                                                      "busybox", "nosuch", NULL);

  perry_live_assert_status (result, g_str_equal (live->backend, "docker") ? 127 : 125);
  assert_nothing_left ();
}

/* Strict by itself. */
static void
test_sandbox (void)
{
  g_autofree char *path = get_report_path ();
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, NULL, "sandbox", "--allow-unverified", "--tier", "untrusted", "--report", path, "busybox", "sh", "-c",
      "id -u; exit 3", NULL);
  g_autoptr (JsonNode) report = NULL;

  perry_live_assert_status (result, 3);
  g_assert_cmpstr (perry_live_stdout (result), ==, "65534\n");
  report = take_report ();
  g_assert_cmpstr (read_member (report, "enforcement"), ==, "strict");
  check_report (report);
  assert_nothing_left ();
}

static void
test_time_limit (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, NULL, "sandbox", "--allow-unverified", "--tier", "untrusted", "--timeout", "2s", "busybox", "sh", "-c",
      "trap '' TERM INT HUP; echo on; while :; do sleep 1; done", NULL);

  perry_live_assert_status (result, 124);
  g_assert_cmpstr (perry_live_stdout (result), ==, "on\n");
  perry_live_assert_contains (perry_live_stderr (result), "killed after 2000 ms");
  assert_nothing_left ();
}

/* More than the guest could give it: the guest's kernel kills, and the host has lost nothing. */
static void
test_memory_limit (void)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (
      live, NULL, "run", "--rm", "--tier", "untrusted", "--memory", "32m", "busybox", "dd", "if=/dev/zero", "of=/dev/null",
      "bs=60M", "count=1", NULL);

  g_assert_cmpint (result->exit_status, ==, 137);
  assert_nothing_left ();
}

/* Nobody traces, stops or holds it, and its cgroup is the container's. */
static void
check_process (gint64 pid, const char *container)
{
  g_autofree char *tracer = read_status (pid, "TracerPid");
  g_autofree char *state = read_status (pid, "State");
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/cgroup", pid);
  g_autofree char *cgroups = NULL;

  g_assert_cmpstr (tracer, ==, "0");
  g_assert_true (*state == 'S' || *state == 'R');
  g_assert_true (g_file_get_contents (path, &cgroups, NULL, NULL));
  perry_live_assert_contains (cgroups, container);
}

/* The machine is emulated by a program without privileges. */
static void
check_machine (gint64 pid, gint64 monitor)
{
  g_autofree char *parent = read_status (pid, "PPid");
  g_autofree char *uid = read_status (pid, "Uid");
  g_autofree char *effective = read_status (pid, "CapEff");
  g_autofree char *filter = read_status (pid, "Seccomp");
  g_autofree char *network = read_link_of (pid, "ns/net");
  g_autofree char *of_monitor = read_link_of (monitor, "ns/net");

  g_assert_cmpint (g_ascii_strtoll (parent, NULL, 10), ==, monitor);
  g_assert_cmpint (g_ascii_strtoll (uid, NULL, 10), >=, FIRST_UID);
  g_assert_cmpstr (effective, ==, "0000000000000000");
  g_assert_cmpstr (filter, ==, "2");
  g_assert_cmpstr (network, !=, of_monitor);
}

/* Rated as what it is, and nothing is drift that only cannot be seen. */
static void
check_audit (const char *container)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, NULL, "audit", "--format", "json", NULL);
  g_autoptr (JsonNode) report = NULL;
  JsonNode *entry;
  JsonArray *rows;
  g_auto (GStrv) findings = NULL;
  g_autofree char *text = NULL;
  gboolean own_kernel = FALSE;

  perry_live_assert_status (result, 0);
  report = perry_json_parse_bytes (result->stdout_bytes, NULL, NULL);
  g_assert_cmpuint (json_array_get_length (perry_json_as_array (report)), ==, 1);
  entry = json_array_get_element (perry_json_as_array (report), 0);
  g_assert_cmpstr (read_member (entry, "id"), ==, container);
  g_assert_true (perry_json_read_strv (perry_json_as_object (entry), "findings", &findings));
  text = g_strjoinv ("\n", findings);
  g_assert_cmpstr (text, ==, "");
  perry_live_assert_contains (read_member (entry, "unseen"), "is not the first one of a process namespace");
  rows = perry_json_as_array (perry_json_find (entry, "exposure", "rows", NULL));
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonNode *row = json_array_get_element (rows, i);

      own_kernel |= g_str_equal (read_member (row, "id"), "kernel") &&
                    g_str_equal (read_member (row, "reason"), "a virtual machine has a kernel of its own");
    }
  g_assert_true (own_kernel);
}

/* While it runs; killed, its machine is gone. */
static void
test_while_it_runs (void)
{
  g_autoptr (PerryProcessResult) started = perry_live_engine_perryctl (live, NULL, "run", "-d", "--tier", "untrusted", "--name",
                                                                       "held", "busybox", "sleep", "600", NULL);
  g_autoptr (PerryProcessResult) inspected = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;
  g_autofree char *container = NULL;
  gint64 monitor;

  perry_live_assert_status (started, 0);
  container = g_strchomp (g_strdup (perry_live_stdout (started)));
  inspected = perry_live_engine_perryctl (live, NULL, "inspect", "held", NULL);
  perry_live_assert_contains (perry_live_stdout (inspected), get_runtime ());
  monitor = find_only (MONITOR);
  check_process (monitor, container);
  check_process (find_only (MACHINE), container);
  check_machine (find_only (MACHINE), monitor);
  check_audit (container);
  removed = perry_live_engine_perryctl (live, NULL, "rm", "-f", "held", NULL);
  perry_live_assert_status (removed, 0);
  assert_nothing_left ();
}

/* A machine that ends by itself ends its container, with the reason; none of it is taken for the workload's end. */
static void
test_machine_dies (void)
{
  g_autoptr (PerryProcessResult) started = perry_live_engine_perryctl (live, NULL, "run", "-d", "--tier", "untrusted", "--name",
                                                                       "dying", "busybox", "sleep", "600", NULL);
  g_autoptr (PerryProcessResult) waited = NULL;
  g_autoptr (PerryProcessResult) logs = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;

  perry_live_assert_status (started, 0);
  g_assert_cmpint (kill ((pid_t) find_only (MACHINE), SIGKILL), ==, 0);
  waited = perry_live_engine_perryctl (live, NULL, "wait", "dying", NULL);
  g_assert_cmpstr (perry_live_stdout (waited), ==, "125\n");
  logs = perry_live_engine_perryctl (live, NULL, "logs", "dying", NULL);
  perry_live_assert_contains (perry_live_stderr (logs), "vm-runtime: the virtual machine has ended");
  removed = perry_live_engine_perryctl (live, NULL, "rm", "dying", NULL);
  perry_live_assert_status (removed, 0);
  assert_nothing_left ();
}

/* Created now and started later it is held to the same, and signals reach the workload. */
static void
test_create_and_start (void)
{
  g_autoptr (PerryProcessResult) created = perry_live_engine_perryctl (
      live, NULL, "create", "--tier", "untrusted", "--name", "later", "busybox", "sh", "-c",
      "trap 'exit 9' TERM; uname -r; while :; do sleep 0.1; done", NULL);
  g_autoptr (PerryProcessResult) started = NULL;
  g_autoptr (PerryProcessResult) stopped = NULL;
  g_autoptr (PerryProcessResult) waited = NULL;
  g_autoptr (PerryProcessResult) logs = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;
  struct utsname host;

  perry_live_assert_status (created, 0);
  started = perry_live_engine_perryctl (live, NULL, "start", "later", NULL);
  perry_live_assert_status (started, 0);
  do
    {
      g_clear_pointer (&logs, perry_process_result_free);
      logs = perry_live_engine_perryctl (live, NULL, "logs", "later", NULL);
    }
  while (*perry_live_stdout (logs) == '\0');
  g_assert_cmpint (uname (&host), ==, 0);
  g_assert_null (strstr (perry_live_stdout (logs), host.release));
  stopped = perry_live_engine_perryctl (live, NULL, "stop", "later", NULL);
  perry_live_assert_status (stopped, 0);
  waited = perry_live_engine_perryctl (live, NULL, "wait", "later", NULL);
  g_assert_cmpstr (perry_live_stdout (waited), ==, "9\n");
  removed = perry_live_engine_perryctl (live, NULL, "rm", "later", NULL);
  perry_live_assert_status (removed, 0);
  assert_nothing_left ();
}

/* Why there can be no virtual machine here; NULL where there can. */
static char *
find_obstacle (const char *directory)
{
  static const char *const files[] = { "kernel", "initrd", "vm-runtime" };
  static const char *const programs[] = { "qemu-system-x86_64", "mkfs.erofs" };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (directory, files[i], NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return g_strdup_printf ("there is no %s: tests/microvm/get-guest %s makes it", path, directory);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_find_program_in_path (programs[i]);

      if (path == NULL)
        return g_strdup_printf ("%s is not installed", programs[i]);
    }
  return NULL;
}

static PerryLiveEngine *
start_engine (const char *backend, char **ret_reason)
{
  g_autofree char *build = g_test_build_filename (G_TEST_BUILT, "..", "microvm", NULL);
  g_autofree char *directory = g_canonicalize_filename (build, NULL);
  gboolean docker = g_str_equal (backend, "docker");
  g_autofree char *runtime = g_strdup_printf ("--add-runtime=%s=%s/vm-runtime", docker ? "kata" : "krun", directory);
  const char *const extra[] = { runtime, docker ? NULL : "--runtime=krun", NULL };

  *ret_reason = find_obstacle (directory);
  if (*ret_reason != NULL && g_strcmp0 (g_getenv ("PERRY_TEST_REQUIRE_ENGINES"), "1") == 0)
    g_error ("%s", *ret_reason);
  return *ret_reason == NULL ? perry_live_engine_start (backend, "runc", extra, ret_reason) : NULL;
}

int
main (int argc, char **argv)
{
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >=, 2);
  live = start_engine (argv[1], &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  g_test_add_data_func ("/guest/probe", "warn", test_probe);
  g_test_add_data_func ("/guest/probe-in-strict", "strict", test_probe);
  g_test_add_func ("/guest/outcome", test_outcome);
  g_test_add_func ("/guest/proof-required", test_proof_required);
  g_test_add_func ("/guest/missing-program", test_missing_program);
  g_test_add_func ("/guest/sandbox", test_sandbox);
  g_test_add_func ("/guest/time-limit", test_time_limit);
  g_test_add_func ("/guest/memory-limit", test_memory_limit);
  g_test_add_func ("/guest/while-it-runs", test_while_it_runs);
  g_test_add_func ("/guest/machine-dies", test_machine_dies);
  g_test_add_func ("/guest/create-and-start", test_create_and_start);
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
