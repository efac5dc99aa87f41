/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "tests/integration/perry-live-engine.h"

/* Each field on a real engine, with what the container itself sees: the backend is the first argument. */
static PerryLiveEngine *live;

typedef struct {
  const char *name;
  const char *spec;    /* JSON beside image, rm and cmd */
  const char *command; /* for sh -c */
  const char *output;
} Case;

static const Case cases[] = {
  { "hostname", "\"hostname\":\"box-1\"", "hostname", "box-1\n" },
  { "group-add", "\"user\":\"65534:65534\",\"group_add\":[\"4711\",\"10\"]", "id -G | tr ' ' '\\n' | sort -n",
    "10\n4711\n65534\n" },
  { "group-add-to-root", "\"group_add\":[\"4711\"]", "id -G | tr ' ' '\\n' | grep 4711", "4711\n" },
  { "shm-size", "\"shm_size\":\"32m\"", "df -k /dev/shm | awk 'NR>1{print $2}'", "32768\n" },
  { "shm-size-under-a-read-only-root", "\"shm_size\":\"16m\",\"read_only\":true",
    "df -k /dev/shm | awk 'NR>1{print $2}'; touch /dev/shm/x && echo ok", "16384\nok\n" },
  { "ulimits", "\"ulimits\":{\"nofile\":{\"soft\":100,\"hard\":200},\"core\":0}", "ulimit -Sn; ulimit -Hn; ulimit -c",
    "100\n200\n0\n" },
  { "ulimits-nproc-alone", "\"ulimits\":{\"nproc\":77}", "awk '/Max processes/{print $3}' /proc/self/limits", "77\n" },
  { "extra-hosts", "\"extra_hosts\":{\"db\":\"10.1.2.3\",\"six\":\"::9\"}",
    "awk '$2==\"db\"||$2==\"six\"{print $1,$2}' /etc/hosts | sort", "10.1.2.3 db\n::9 six\n" },
  { "dns", "\"dns\":[\"192.0.2.7\"],\"network\":\"bridge\"", "grep ^nameserver /etc/resolv.conf",
    "nameserver 192.0.2.7\n" },
  { "pid-private", "\"pid\":\"private\",\"ipc\":\"private\",\"uts\":\"private\"", "echo $$", "1\n" },
  { "ipc-shareable", "\"ipc\":\"shareable\"", "echo ok", "ok\n" },
  { "stop-signal", "\"stop_signal\":\"SIGUSR1\",\"stop_timeout\":\"1m\"", "echo started", "started\n" },
};

static PerryProcessResult *
run (const char *spec, const char *command, const char *enforcement)
{
  g_autofree char *path = g_build_filename (live->directory, "spec.json", NULL);
  g_autofree char *quoted = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), command);
  PerryProcessResult *result;

  quoted = json_to_string (node, FALSE);
  text = g_strdup_printf ("{\"image\":\"busybox\",\"rm\":true,%s,\"cmd\":[\"sh\",\"-c\",%s]}", spec, quoted);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  result = perry_live_engine_perryctl (live, NULL, "run", "--enforcement", enforcement, "--spec", path, NULL);
  g_remove (path);
  return result;
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  static const char *const modes[] = { "warn", "strict" };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (PerryProcessResult) result = run (test->spec, test->command, modes[i]);

      perry_live_assert_status (result, 0);
      g_assert_cmpstr (perry_live_stdout (result), ==, test->output);
      g_assert_cmpstr (perry_live_stderr (result), ==, "");
    }
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

/* Podman sets them and says nothing, so strict mode has no proof of them there. */
static void
test_sysctls (void)
{
  const char *spec = "\"sysctls\":{\"net.ipv4.ip_unprivileged_port_start\":80,\"kernel.shmmni\":\"99\"}";
  const char *command = "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shmmni";
  g_autoptr (PerryProcessResult) warn = run (spec, command, "warn");
  g_autoptr (PerryProcessResult) strict = run (spec, command, "strict");

  perry_live_assert_status (warn, 0);
  g_assert_cmpstr (perry_live_stdout (warn), ==, "80\n99\n");
  perry_live_assert_status (strict, g_str_equal (live->backend, "docker") ? 0 : 125);
  g_assert_cmpstr (perry_live_stdout (strict), ==, g_str_equal (live->backend, "docker") ? "80\n99\n" : "");
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

/* A volume of the container's own goes with it. */
static void
test_own_volume (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  result = run ("\"volumes\":[\"/own\",{\"type\":\"volume\",\"target\":\"/too\"}]",
                "for d in own too; do echo kept >/$d/file && cat /$d/file; done", "strict");
  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "kept\nkept\n");
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

/* What is mounted below the source is there, or not, as it was asked for. The engine has a mount namespace of its own, and
 * /dev/pts is mounted below /dev in all of them. */
static void
test_mounts_below_a_source (void)
{
  static const char command[] = "awk '$5==\"/d\"||$5==\"/d/pts\"{print $5}' /proc/self/mountinfo | sort -u";
  g_autoptr (PerryProcessResult) with = run ("\"volumes\":[\"/dev:/d:rbind,rprivate\"]", command, "strict");
  g_autoptr (PerryProcessResult) without = run ("\"volumes\":[\"/dev:/d:bind\"]", command, "strict");

  perry_live_assert_status (with, 0);
  g_assert_cmpstr (perry_live_stdout (with), ==, "/d\n/d/pts\n");
  /* crun 1.21 binds with what is below in any case: that is found, and the command never runs. Nor may an ordinary user
   * uncover what others have mounted something on. */
  if ((live->rootless || g_str_equal (live->runtime, "crun")) && without->exit_status != 0)
    {
      perry_live_assert_status (without, 125);
      if (strstr (perry_live_stderr (without), "“/d” is mounted without bind") == NULL)
        {
          g_assert_true (live->rootless);
          g_assert_nonnull (strstr (perry_live_stderr (without), "/dev"));
          g_assert_nonnull (strcasestr (perry_live_stderr (without), "invalid argument"));
        }
      g_assert_cmpstr (perry_live_stdout (without), ==, "");
      g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
      return;
    }
  perry_live_assert_status (without, 0);
  g_assert_cmpstr (perry_live_stdout (without), ==, "/d\n");
}

/* The engine's namespace is private, so nothing there can be shared with its outside, but a mount can be shared with what
 * the engine sees. A slave needs a shared master, which there is none of: whoever asks for one is told. */
static void
test_propagation (void)
{
  static const char command[] = "awk '$5==\"/s\"{print ($0 ~ / shared:/) ? \"shared\" : \"private\"}' /proc/self/mountinfo";
  g_autoptr (PerryProcessResult) private = run ("\"volumes\":[\"/srv:/s:private\"]", command, "strict");
  g_autoptr (PerryProcessResult) slave = run ("\"volumes\":[\"/srv:/s:rslave\"]", "echo never", "warn");

  perry_live_assert_status (private, 0);
  g_assert_cmpstr (perry_live_stdout (private), ==, "private\n");
  perry_live_assert_status (slave, 125);
  g_assert_cmpstr (perry_live_stdout (slave), ==, "");
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_namespaces_of_the_host (void)
{
  static const struct { const char *field; const char *kind; } shared[] = {
    { "pid", "pid" }, { "ipc", "ipc" }, { "uts", "uts" }, { "userns", "user" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (shared); i++)
    {
      g_autofree char *spec = g_strdup_printf ("\"%s\":\"host\"", shared[i].field);
      g_autofree char *command = g_strdup_printf ("readlink /proc/self/ns/%s", shared[i].kind);
      g_autofree char *link = g_strdup_printf ("/proc/self/ns/%s", shared[i].kind);
      g_autofree char *own = g_file_read_link (link, NULL);
      g_autofree char *expected = g_strconcat (own, "\n", NULL);
      g_autoptr (PerryProcessResult) result = run (spec, command, "strict");

      if (live->rootless && g_str_equal (shared[i].field, "userns"))
        {
          perry_live_assert_status (result, 125);
          continue;
        }
      /* A rootless Podman binds the host's queues into the container. */
      if (live->rootless && g_str_equal (shared[i].field, "ipc") && !g_file_test ("/dev/mqueue", G_FILE_TEST_EXISTS))
        {
          perry_live_assert_status (result, 125);
          g_assert_nonnull (strstr (perry_live_stderr (result), "/dev/mqueue"));
          continue;
        }
      perry_live_assert_status (result, 0);
      g_assert_cmpstr (perry_live_stdout (result), ==, expected);
      g_assert_cmpstr (perry_live_stderr (result), ==, "");
    }
}

static void
test_namespaces_of_another_container (void)
{
  g_autofree char *path = g_build_filename (live->directory, "spec.json", NULL);
  g_autoptr (PerryProcessResult) first = NULL;
  g_autoptr (PerryProcessResult) second = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;

  g_assert_true (g_file_set_contents (path, "{\"image\":\"busybox\",\"name\":\"first\",\"ipc\":\"shareable\","
                                            "\"cmd\":[\"sleep\",\"4711\"]}", -1, NULL));
  first = perry_live_engine_perryctl (live, NULL, "run", "-d", "--spec", path, NULL);
  perry_live_assert_status (first, 0);
  second = run ("\"pid\":\"container:first\",\"ipc\":\"container:first\"",
                "tr '\\0' ' ' </proc/1/cmdline; test \"$(readlink /proc/1/ns/ipc)\" = \"$(readlink /proc/self/ns/ipc)\""
                " && echo same", "warn");
  perry_live_assert_status (second, 0);
  g_assert_cmpstr (perry_live_stdout (second), ==, "sleep 4711 same\n");
  removed = perry_live_engine_perryctl (live, NULL, "rm", "-f", "first", NULL);
  perry_live_assert_status (removed, 0);
  g_remove (path);
}

static void
test_memory_swap (void)
{
  g_autoptr (PerryProcessResult) limited = NULL;
  g_autoptr (PerryProcessResult) unlimited = NULL;

  limited = run ("\"memory\":\"32m\",\"memory_swap\":\"48m\"",
                 "cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.swap.max",
                 "strict");
  if (live->without_limits)
    {
      perry_live_assert_status (limited, 125);
      return;
    }
  perry_live_assert_status (limited, 0);
  g_assert_true (g_str_equal (perry_live_stdout (limited), "50331648\n") ||
                 g_str_equal (perry_live_stdout (limited), "16777216\n"));
  unlimited = run ("\"memory\":\"32m\",\"memory_swap\":-1", "true", "strict");
  perry_live_assert_status (unlimited, g_str_equal (live->backend, "docker") ? 0 : 125);
}

/* The signal and the time that the spec named are what `stop` uses. */
static void
test_stop (void)
{
  g_autofree char *path = g_build_filename (live->directory, "spec.json", NULL);
  g_autoptr (PerryProcessResult) started = NULL;
  g_autoptr (PerryProcessResult) stopped = NULL;
  g_autoptr (PerryProcessResult) waited = NULL;
  g_autoptr (PerryProcessResult) removed = NULL;

  g_assert_true (g_file_set_contents (path,
                                      "{\"image\":\"busybox\",\"name\":\"stopper\",\"stop_signal\":\"USR1\","
                                      "\"stop_timeout\":60,\"cmd\":[\"sh\",\"-c\",\"trap 'exit 9' USR1; trap '' TERM;"
                                      " echo ready; while :; do sleep 0.1; done\"]}", -1, NULL));
  started = perry_live_engine_perryctl (live, NULL, "run", "-d", "--spec", path, NULL);
  perry_live_assert_status (started, 0);
  for (int i = 0; i < 600; i++)
    {
      g_autoptr (PerryProcessResult) logs = perry_live_engine_perryctl (live, NULL, "logs", "stopper", NULL);

      if (strstr (perry_live_stdout (logs), "ready") != NULL)
        break;
    }
  stopped = perry_live_engine_perryctl (live, NULL, "stop", "stopper", NULL);
  perry_live_assert_status (stopped, 0);
  waited = perry_live_engine_perryctl (live, NULL, "wait", "stopper", NULL);
  g_assert_cmpstr (perry_live_stdout (waited), ==, "9\n");
  removed = perry_live_engine_perryctl (live, NULL, "rm", "stopper", NULL);
  perry_live_assert_status (removed, 0);
  g_remove (path);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (void); } tests[] = {
    { "sysctls", test_sysctls },
    { "memory-swap", test_memory_swap },
    { "volume-of-its-own", test_own_volume },
    { "mounts-below-a-source", test_mounts_below_a_source },
    { "propagation", test_propagation },
    { "namespaces-of-the-host", test_namespaces_of_the_host },
    { "namespaces-of-another-container", test_namespaces_of_another_container },
    { "stop", test_stop },
  };
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (argc == 2 || argc == 3);
  live = perry_live_engine_start (argv[1], argc == 3 ? argv[2] : "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/fields/%s/%s", argv[1], cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/fields/%s/%s", argv[1], tests[i].name);

      g_test_add_func (path, tests[i].test);
    }
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
