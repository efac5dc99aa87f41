/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "tests/integration/perry-live-engine.h"

/* The Podman service that the plugin starts by itself. The test has pid, mount and network namespaces of its own: every
 * `podman` and `conmon` that it sees is its own, and all of them end with it, however it ends. */

#define END_MS 30000
#define UNIFIED "/sys/fs/cgroup/unified"
#define CALLERS 4

static PerryLiveEngine host; /* no engine, but where perryctl finds Podman, and what environment it has */
static char *shim;           /* stands first in PATH and writes down each start of `podman system service` */

#define PERRYCTL(...) perry_live_engine_perryctl (&host, NULL, __VA_ARGS__, NULL)

static PerryProcessResult *
expect (int status, PerryProcessResult *result)
{
  perry_live_assert_status (result, status);
  return result;
}

/* Space-separated arguments, for a command whose output does not matter. */
static void
succeed (const char *arguments)
{
  g_auto (GStrv) argv = g_strsplit (arguments, " ", -1);
  g_autoptr (PerryProcessResult) result = NULL;

  result = expect (0, perry_live_engine_perryctl_argv (&host, NULL, (const char *const *) argv));
}

static void
write_text (const char *directory, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* A service with another idle time is another service. */
static void
set_idle_seconds (int seconds)
{
  /* Opening a backend includes the service's start, and the machine may be busy with other tests. */
  g_autofree char *text = g_strdup_printf ("[engine]\nprobe-timeout-ms=20000\n\n"
                                           "[plugin podman]\nservice-timeout=%d\n", seconds);

  write_text (host.directory, "perry-container/perry.conf", text);
}

/* Processes whose command line, with blanks between the arguments, contains @text; those that ended are not counted. */
static GArray *
find_processes (const char *text)
{
  GArray *pids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (proc)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc", name, "cmdline", NULL);
      g_autofree char *line = NULL;
      gsize length = 0;
      gint64 pid = g_ascii_strtoll (name, NULL, 10);

      if (pid <= 0 || !g_file_get_contents (path, &line, &length, NULL))
        continue;
      for (gsize i = 0; i + 1 < length; i++)
        if (line[i] == '\0')
          line[i] = ' ';
      if (length > 0 && strstr (line, text) != NULL)
        g_array_append_val (pids, pid);
    }
  return pids;
}

static guint
count_monitors (void)
{
  g_autoptr (GArray) pids = find_processes ("/conmon --api-version");

  return pids->len;
}

static GArray *
find_services (void)
{
  return find_processes (" system service --time");
}

static gint64
the_service (void)
{
  g_autoptr (GArray) pids = find_services ();

  g_assert_cmpuint (pids->len, ==, 1);
  return g_array_index (pids, gint64, 0);
}

/* Milliseconds until the process has ended. */
static gint64
wait_for_end (gint64 pid)
{
  gint64 start = g_get_monotonic_time ();
  int fd = (int) syscall (SYS_pidfd_open, (pid_t) pid, 0);
  struct pollfd end = { .fd = fd, .events = POLLIN };

  if (fd < 0)
    {
      g_assert_cmpint (errno, ==, ESRCH);
      return 0;
    }
  g_assert_cmpint (poll (&end, 1, END_MS), ==, 1);
  close (fd);
  return (g_get_monotonic_time () - start) / 1000;
}

/* A monitor ends a moment after its container was removed, and so does what it starts at the end. */
static void
assert_no_monitor_is_left (void)
{
  for (guint round = 0; round < 10; round++)
    {
      g_autoptr (GArray) pids = find_processes ("conmon");

      for (guint i = 0; i < pids->len; i++)
        wait_for_end (g_array_index (pids, gint64, i));
    }
  g_assert_cmpuint (count_monitors (), ==, 0);
}

static char *
starts_path (void)
{
  return g_build_filename (host.directory, "starts", NULL);
}

static guint
count_starts (void)
{
  g_autofree char *path = starts_path ();
  g_autofree char *text = NULL;
  gsize length = 0;

  return g_file_get_contents (path, &text, &length, NULL) ? (guint) length : 0;
}

static void
kill_services (void)
{
  g_autoptr (GArray) pids = find_services ();

  for (guint i = 0; i < pids->len; i++)
    {
      kill ((pid_t) g_array_index (pids, gint64, i), SIGKILL);
      wait_for_end (g_array_index (pids, gint64, i));
    }
}

static void
set_up (gpointer *fixture, gconstpointer data)
{
  g_autofree char *path = starts_path ();

  kill_services ();
  g_unlink (path);
  set_idle_seconds (60);
}

static void
tear_down (gpointer *fixture, gconstpointer data)
{
  g_assert_cmpuint (perry_live_engine_count_containers (&host), ==, 0);
  kill_services ();
  assert_no_monitor_is_left ();
}

static char *
service_socket (void)
{
  g_autofree char *path = g_build_filename (host.directory, "perry-container", NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_suffix (name, ".sock"))
      return g_build_filename (path, name, NULL);
  return NULL;
}

static void
test_is_shared (gpointer *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) ran = NULL;
  gint64 pid;

  succeed ("ps");
  pid = the_service ();
  ran = expect (7, PERRYCTL ("run", "--rm", "busybox", "sh", "-c", "echo hello; exit 7"));
  g_assert_cmpstr (perry_live_stdout (ran), ==, "hello\n");
  succeed ("run --rm --network none --read-only --cap-drop ALL --enforcement strict busybox true");
  g_assert_cmpint (the_service (), ==, pid);
  g_assert_cmpuint (count_starts (), ==, 1);
  assert_no_monitor_is_left ();
}

static void
test_one_for_all_callers (gpointer *fixture, gconstpointer data)
{
  GThread *callers[CALLERS];

  for (guint i = 0; i < CALLERS; i++)
    callers[i] = g_thread_new ("caller", (GThreadFunc) (void (*) (void)) succeed, (gpointer) "run --rm busybox true");
  for (guint i = 0; i < CALLERS; i++)
    g_thread_join (callers[i]);
  the_service ();
  g_assert_cmpuint (count_starts (), ==, 1);
}

static void
test_ends_by_itself (gpointer *fixture, gconstpointer data)
{
  gint64 pid;
  gint64 waited;

  set_idle_seconds (2);
  succeed ("ps");
  pid = the_service ();
  waited = wait_for_end (pid);
  /* Asking takes part of the two seconds. */
  g_assert_cmpint (waited, >, 1000);
  g_assert_cmpint (waited, <, 10000);
  succeed ("run --rm busybox true");
  g_assert_cmpint (the_service (), !=, pid);
  g_assert_cmpuint (count_starts (), ==, 2);
}

static void
test_stays_for_a_long_run (gpointer *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) ran = NULL;

  set_idle_seconds (1);
  ran = expect (3, PERRYCTL ("run", "--rm", "busybox", "sh", "-c", "sleep 3; echo late; exit 3"));
  g_assert_cmpstr (perry_live_stdout (ran), ==, "late\n");
  g_assert_cmpuint (count_starts (), ==, 1);
}

static void
test_containers_survive_it (gpointer *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) inspected = NULL;
  g_autoptr (PerryProcessResult) waited = NULL;
  g_autoptr (PerryProcessResult) survivor = NULL;
  g_autoptr (PerryProcessResult) leaver = NULL;

  set_idle_seconds (1);
  survivor = expect (0, PERRYCTL ("run", "-d", "--name", "survivor", "busybox", "sleep", "1000"));
  leaver = expect (0, PERRYCTL ("run", "-d", "--name", "leaver", "busybox", "sh", "-c", "exit 5"));
  wait_for_end (the_service ());
  inspected = expect (0, PERRYCTL ("inspect", "survivor"));
  g_assert_nonnull (strstr (perry_live_stdout (inspected), "\"running\""));
  waited = expect (0, PERRYCTL ("wait", "leaver"));
  g_assert_cmpstr (perry_live_stdout (waited), ==, "5\n");
  g_assert_cmpuint (count_monitors (), ==, 1);
  succeed ("rm -f survivor leaver");
  assert_no_monitor_is_left ();
}

/* Podman's own exit delay holds here, 300 s; and what looks at a container's health needs a service for each probe. */
static void
test_probes_of_health (gpointer *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) started = NULL;
  gint64 pid, end = g_get_monotonic_time () + END_MS * 1000;
  gboolean healthy = FALSE, replaced = FALSE;

  started = expect (0, PERRYCTL ("run", "-d", "--name", "watched", "--health-cmd", "true", "--health-interval", "200ms",
                                 "busybox", "sleep", "1000"));
  while (!healthy && g_get_monotonic_time () < end)
    {
      g_autoptr (PerryProcessResult) inspected = expect (0, PERRYCTL ("inspect", "watched"));

      healthy = strstr (perry_live_stdout (inspected), "\"healthy\"") != NULL;
    }
  g_assert_true (healthy);
  pid = the_service ();
  kill ((pid_t) pid, SIGKILL);
  wait_for_end (pid);
  while (!replaced && g_get_monotonic_time () < end)
    {
      g_autoptr (GArray) services = find_services ();

      replaced = services->len == 1;
      g_usleep (10 * 1000);
    }
  g_assert_true (replaced);
  g_assert_cmpuint (count_monitors (), <=, 2); /* the container's, and that of a probe under way */
  succeed ("rm -f watched");
  assert_no_monitor_is_left ();
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GArray) supervisors = find_processes (" supervise ");

      for (guint j = 0; j < supervisors->len; j++)
        wait_for_end (g_array_index (supervisors, gint64, j));
    }
}

static void
test_killed_is_replaced (gpointer *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  gint64 pid;

  succeed ("ps");
  pid = the_service ();
  kill ((pid_t) pid, SIGKILL);
  wait_for_end (pid);
  path = service_socket ();
  g_assert_nonnull (path);
  succeed ("run --rm busybox true");
  g_assert_cmpint (the_service (), !=, pid);
}

/* One process that stays: the application, whose service ends between two calls. */
static void
test_replaced_below_an_open_engine (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryEngine) engine = perry_engine_new (NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) containers = perry_engine_list (engine, TRUE, TRUE, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (containers);
      kill_services ();
    }
  g_assert_cmpuint (count_starts (), ==, 3);
}

static void
leave_stale_socket (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *parent = g_path_get_dirname (path);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_cmpuint (g_strlcpy (address.sun_path, path, sizeof address.sun_path), <, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  close (fd);
}

static void
test_stale_system_socket (gpointer *fixture, gconstpointer data)
{
  leave_stale_socket ("/run/podman/podman.sock");
  succeed ("run --rm busybox true");
  the_service ();
  g_assert_cmpint (g_unlink ("/run/podman/podman.sock"), ==, 0);
}

static void
test_podman_missing (gpointer *fixture, gconstpointer data)
{
  g_auto (GStrv) kept = host.environment;
  g_autoptr (PerryProcessResult) result = NULL;
  const char *text;

  host.environment = g_environ_setenv (g_strdupv (kept), "PATH", "/nonexistent", TRUE);
  result = expect (125, PERRYCTL ("run", "--rm", "busybox", "true"));
  text = perry_live_stderr (result);
  g_assert_nonnull (strstr (text, "podman is not installed"));
  g_assert_nonnull (strstr (text, "/nonexistent"));
  g_assert_nonnull (strstr (text, "install it"));
  g_strfreev (host.environment);
  host.environment = g_steal_pointer (&kept);
}

/* The runtime in the engine's report, and whether a note says why it is not Podman's own choice. */
static const char *
runtime_of (const char *const *command, gboolean *ret_explained)
{
  g_autoptr (PerryProcessResult) result = expect (0, perry_live_engine_perryctl_argv (&host, NULL, command));
  g_autoptr (JsonNode) root = perry_json_parse_bytes (result->stdout_bytes, NULL, NULL);
  JsonArray *array = perry_json_as_array (root);
  JsonNode *top = array != NULL ? json_array_get_element (array, 0) : root;

  *ret_explained = strstr (perry_live_stdout (result), "the private service uses runc, because crun refuses") != NULL;
  return g_intern_string (perry_json_as_string (perry_json_find (top, "engine", "default_runtime", NULL)));
}

static void
assert_runtime (const char *runtime, gboolean explained)
{
  const char *backends[] = { "backends", "--format", "json", NULL };
  const char *plan[] = { "plan", "--format", "json", "busybox", "true", NULL };
  gboolean found;

  g_assert_cmpstr (runtime_of (backends, &found), ==, runtime);
  g_assert_cmpint (found, ==, explained);
  g_assert_cmpstr (runtime_of (plan, &found), ==, runtime);
}

static void
hide_program (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    g_assert_cmpint (mount ("/dev/null", path, NULL, MS_BIND, NULL), ==, 0);
}

static void
test_mixed_cgroups (gpointer *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) refused = NULL;
  g_autofree char *runc = g_find_program_in_path ("runc");
  g_autofree char *crun = g_find_program_in_path ("crun");

  if (!g_file_test (UNIFIED, G_FILE_TEST_IS_DIR) || runc == NULL || crun == NULL)
    {
      g_test_skip ("needs cgroup version 1 with a version 2 beside it, and both runtimes");
      return;
    }
  g_assert_cmpint (mount ("fake", UNIFIED, "tmpfs", 0, "size=64k"), ==, 0);
  write_text (UNIFIED, "cgroup.controllers", "\n");
  assert_runtime ("crun", FALSE);

  write_text (UNIFIED, "cgroup.controllers", "hugetlb\n");
  assert_runtime ("runc", TRUE);
  succeed ("run --rm busybox true");

  kill_services ();
  hide_program (runc);
  refused = expect (125, PERRYCTL ("run", "--rm", "busybox", "true"));
  g_assert_nonnull (strstr (perry_live_stderr (refused), "install runc"));
  g_assert_cmpint (umount (runc), ==, 0);
  g_assert_cmpint (umount (UNIFIED), ==, 0);
}

static char *
runtime_of_container (const char *name)
{
  g_autoptr (PerryProcessResult) result = expect (0, PERRYCTL ("inspect", name));
  g_autoptr (JsonNode) root = perry_json_parse_bytes (result->stdout_bytes, NULL, NULL);
  JsonArray *array = perry_json_as_array (root);

  return g_strdup (perry_json_as_string (perry_json_find (json_array_get_element (array, 0), "runtime", NULL)));
}

/* Podman's API chooses no runtime, so another service creates the container; everything else is done by the first. */
static void
test_other_runtime (gpointer *fixture, gconstpointer data)
{
  g_autoptr (PerryProcessResult) refused = NULL;
  g_autofree char *runc = g_find_program_in_path ("runc");
  g_autofree char *crun = g_find_program_in_path ("crun");
  g_autofree char *usual = NULL;
  g_autofree char *other = NULL;

  if (!g_file_test (UNIFIED, G_FILE_TEST_IS_DIR) || runc == NULL || crun == NULL)
    {
      g_test_skip ("needs cgroup version 1 with a version 2 beside it, and both runtimes");
      return;
    }
  g_assert_cmpint (mount ("fake", UNIFIED, "tmpfs", 0, "size=64k"), ==, 0);
  succeed ("run -d --name usual busybox sleep 1000");
  succeed ("run -d --name other --runtime runc --enforcement strict busybox sleep 1000");
  usual = runtime_of_container ("usual");
  other = runtime_of_container ("other");
  g_assert_cmpstr (usual, ==, "crun");
  g_assert_cmpstr (other, ==, "runc");
  succeed ("run --rm --runtime crun busybox true");
  g_assert_cmpuint (count_starts (), ==, 2);
  refused = expect (125, PERRYCTL ("run", "--rm", "--enforcement", "lenient", "--runtime", "no-such-runtime", "busybox",
                                   "true"));
  g_assert_nonnull (strstr (perry_live_stderr (refused), "podman cannot honour 1 field that the spec requires:\n  runtime: "));
  g_assert_nonnull (strstr (perry_live_stderr (refused), "no-such-runtime"));
  succeed ("rm -f usual other");
  g_assert_cmpint (umount (UNIFIED), ==, 0);
}

/* No limits are set here: what the host cannot grant is the plugin's to know. */
static void
write_podman_settings (void)
{
  g_autofree char *storage = g_strdup_printf ("[storage]\ndriver = \"overlay\"\ngraphroot = \"%s/root\"\n"
                                              "runroot = \"%s/runroot\"\n", host.directory, host.directory);
  g_autofree char *containers = g_strdup_printf ("[engine]\nevents_logger = \"file\"\n\n[network]\n"
                                                 "network_config_dir = \"%s/net\"\n", host.directory);
  g_autofree char *podman = g_find_program_in_path ("podman");
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\nfor word do\n"
                                             "  if [ \"$word\" = service ]; then printf s >>'%s/starts'; fi\n"
                                             "done\nexec '%s' \"$@\"\n", host.directory, podman);
  g_autofree char *path = g_build_filename (host.directory, "bin", "podman", NULL);

  write_text (host.directory, "storage.conf", storage);
  write_text (host.directory, "containers.conf", containers);
  write_text (host.directory, "net/.keep", "");
  write_text (host.directory, "bin/podman", script);
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  shim = g_path_get_dirname (path);
}

static void
set_path (const char *variable, const char *file)
{
  g_autofree char *path = g_build_filename (host.directory, file, NULL);

  g_setenv (variable, path, TRUE);
}

/* In this process too: the plugin hands its own environment to the service. */
static void
make_environment (void)
{
  g_autofree char *plugin = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", "plugins", "podman", NULL);
  g_autofree char *path = g_strconcat (shim, ":", g_getenv ("PATH"), NULL);

  g_unsetenv ("CONTAINER_HOST");
  g_setenv ("PERRY_PLUGIN_PATH", plugin, TRUE);
  g_setenv ("PERRY_CONTAINER_BACKEND", "podman", TRUE);
  g_setenv ("PATH", path, TRUE);
  set_path ("CONTAINERS_STORAGE_CONF", "storage.conf");
  set_path ("CONTAINERS_CONF", "containers.conf");
  set_path ("XDG_RUNTIME_DIR", NULL);
  set_path ("XDG_CONFIG_HOME", NULL);
  set_path ("HOME", NULL);
  host.environment = g_get_environ ();
}

static void
load_busybox (void)
{
  g_autofree char *program = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", "probe", "perry-demo-image", NULL);
  g_autofree char *archive = g_build_filename (host.directory, "busybox.tar", NULL);
  const char *argv[] = { program, archive, NULL };
  PerryProcessOptions options = { .timeout_ms = END_MS, .max_stdout = 65536, .max_stderr = 65536 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryProcessResult) packed = perry_process_run (argv, &options, NULL, &error);
  g_autoptr (PerryProcessResult) loaded = NULL;

  g_assert_no_error (error);
  perry_live_assert_status (packed, 0);
  loaded = expect (0, PERRYCTL ("load", archive));
}

static int
run_tests (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*test) (gpointer *, gconstpointer);
  } tests[] = {
    { "/private-service/is-shared", test_is_shared },
    { "/private-service/one-for-all-callers", test_one_for_all_callers },
    { "/private-service/ends-by-itself", test_ends_by_itself },
    { "/private-service/stays-for-a-long-run", test_stays_for_a_long_run },
    { "/private-service/containers-survive-it", test_containers_survive_it },
    { "/private-service/killed-is-replaced", test_killed_is_replaced },
    { "/private-service/probes-of-health", test_probes_of_health },
    { "/private-service/replaced-below-an-open-engine", test_replaced_below_an_open_engine },
    { "/private-service/stale-system-socket", test_stale_system_socket },
    { "/private-service/podman-missing", test_podman_missing },
    { "/private-service/mixed-cgroups", test_mixed_cgroups },
    { "/private-service/other-runtime", test_other_runtime },
  };

  g_test_init (&argc, &argv, NULL);
  write_podman_settings ();
  make_environment ();
  set_idle_seconds (60);
  load_busybox ();
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, gpointer, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}

static gboolean
raise_loopback (void)
{
  struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean ok = fd >= 0 && ioctl (fd, SIOCSIFFLAGS, &request) == 0;

  close (fd);
  return ok;
}

static gboolean
mount_private_places (void)
{
  return mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
         && mount ("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0
         && mount ("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") == 0
         && mount ("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") == 0 && raise_loopback ();
}

static int
exit_code (int status)
{
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

/* The first process of the namespace: it adopts what the programs leave behind, and with it all of them end. */
static int
be_init (int argc, char **argv)
{
  pid_t tests;
  pid_t ended;
  int status;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (!mount_private_places ())
    {
      g_printerr ("private places: %s\n", g_strerror (errno));
      return EXIT_FAILURE;
    }
  tests = fork ();
  if (tests == 0)
    return run_tests (argc, argv);
  do
    ended = waitpid (-1, &status, 0);
  while (ended != tests && (ended > 0 || errno == EINTR));
  return ended == tests ? exit_code (status) : EXIT_FAILURE;
}

static void
remove_directory (const char *program, char *directory)
{
  g_autofree char *tests = g_strdup (g_getenv ("G_TEST_SRCDIR"));
  g_autofree char *script = g_build_filename (tests, "integration", "stop-engine.sh", NULL);
  const char *argv[] = { script, directory, NULL };
  g_autoptr (GError) error = NULL;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, NULL, &error))
    g_printerr ("%s: %s\n", program, error->message);
}

static int
skip_or_fail (const char *reason)
{
  if (g_strcmp0 (g_getenv ("PERRY_TEST_REQUIRE_ENGINES"), "1") == 0)
    {
      g_print ("Bail out! %s\n", reason);
      return EXIT_FAILURE;
    }
  g_print ("1..0 # SKIP %s\n", reason);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  g_autofree char *podman = g_find_program_in_path ("podman");
  g_autofree char *directory = NULL;
  pid_t init;
  int status = 0;

  if (geteuid () != 0 || podman == NULL)
    return skip_or_fail ("needs root and podman");
  directory = g_dir_make_tmp ("perry-XXXXXX", NULL);
  host.backend = (char *) "podman";
  host.directory = directory;
  write_text (directory, ".perry-engine", "");
  /* As fork(), but with namespaces that are the child's alone. */
  init = (pid_t) syscall (SYS_clone, CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | SIGCHLD, NULL, NULL, NULL, NULL);
  if (init == 0)
    return be_init (argc, argv);
  if (init < 0)
    {
      remove_directory (argv[0], directory);
      return skip_or_fail ("namespaces of the test's own cannot be made here");
    }
  while (waitpid (init, &status, 0) < 0 && errno == EINTR)
    continue;
  remove_directory (argv[0], directory);
  return exit_code (status);
}
