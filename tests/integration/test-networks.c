/* SPDX-License-Identifier: Apache-2.0 */
/* Networks and volumes on a real engine. A namespace of the test's own plays the internet; the engine's namespace is the
 * host. */
#include <gio/gunixsocketaddress.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/integration/net-reach.h"
#include "tests/integration/perry-live-engine.h"

#define OUTSIDE "198.51.100.2"

static PerryLiveEngine *live;
static gint64 host;       /* a process in the engine's network namespace */
static GPid internet;     /* one in a namespace behind it */
static NetListener *host_listener;
static NetListener *outside_listener;

#define PERRYCTL(...) perry_live_engine_perryctl (live, NULL, __VA_ARGS__, NULL)

static void
run_tool (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryProcessResult) result = perry_process_run (argv, NULL, NULL, &error);

  g_assert_no_error (error);
  perry_live_assert_status (result, 0);
}

/* Runs `ip` (or another tool) in the network namespace of a process; @words are separated by blanks. */
static void
run_in (gint64 pid, const char *words)
{
  g_autofree char *line = g_strdup_printf ("nsenter --net=/proc/%" G_GINT64_FORMAT "/ns/net %s", pid, words);
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);

  run_tool ((const char *const *) argv);
}

static void
make_internet (void)
{
  static const char *const argv[] = { "unshare", "--net", "sleep", "3600", NULL };
  g_autofree char *link = NULL;
  g_autoptr (GError) error = NULL;

  g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &internet, &error);
  g_assert_no_error (error);
  /* until the namespace is there, the interface would go to the one that is left */
  for (;;)
    {
      g_autofree char *path = g_strdup_printf ("/proc/%d/comm", internet);
      g_autofree char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL) && g_str_equal (g_strchomp (name), "sleep"))
        break;
      g_usleep (1000);
    }
  link = g_strdup_printf ("ip link add out0 type veth peer name out1 netns %d", internet);
  run_in (host, link);
  run_in (host, "ip addr add 198.51.100.1/24 dev out0");
  run_in (host, "ip link set out0 up");
  run_in (internet, "ip addr add " OUTSIDE "/24 dev out1");
  run_in (internet, "ip link set out1 up");
  run_in (internet, "ip route add default via 198.51.100.1");
}

static JsonNode *
parse (PerryProcessResult *result)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  perry_live_assert_status (result, 0);
  node = perry_json_parse_bytes (result->stdout_bytes, NULL, &error);
  g_assert_no_error (error);
  return node;
}

static gint64
pid_of (const char *container)
{
  g_autoptr (PerryProcessResult) result = PERRYCTL ("inspect", container);
  g_autoptr (JsonNode) root = parse (result);
  gint64 pid = 0;

  perry_json_as_int64 (perry_json_find (json_array_get_element (json_node_get_array (root), 0), "pid", NULL), &pid);
  g_assert_cmpint (pid, >, 0);
  return pid;
}

static JsonNode *
inspect_network (const char *name)
{
  g_autoptr (PerryProcessResult) result = PERRYCTL ("network", "inspect", name);
  g_autoptr (JsonNode) root = parse (result);

  return json_node_copy (json_array_get_element (json_node_get_array (root), 0));
}

#define TEXT(node, ...) perry_json_as_string (perry_json_find (node, __VA_ARGS__, NULL))

static void
expect (int status, PerryProcessResult *result)
{
  g_autoptr (PerryProcessResult) owned = result;

  perry_live_assert_status (owned, status);
}

static void
expect_error (const char *part, PerryProcessResult *result)
{
  g_autoptr (PerryProcessResult) owned = result;

  g_assert_cmpint (owned->exit_status, !=, 0);
  if (strstr (perry_live_stderr (owned), part) == NULL)
    g_error ("“%s” is not in “%s”", part, perry_live_stderr (owned));
}

/* How many of the host's addresses are reached, and where; all are tried, and the broadcast address of all networks. */
static guint
count_reached (gint64 pid, NetListener *listener, gint64 target)
{
  g_autoptr (GPtrArray) addresses = net_addresses (target);
  guint n = 0;

  g_ptr_array_add (addresses, g_strdup ("255.255.255.255"));
  for (guint i = 0; i < addresses->len; i++)
    {
      const char *address = g_ptr_array_index (addresses, i);
      gboolean tcp = net_reaches_tcp (pid, address, listener);
      gboolean udp = net_reaches_udp (pid, address, listener);

      if (tcp || udp)
        g_test_message ("reached: %s%s%s", address, tcp ? " TCP" : "", udp ? " UDP" : "");
      n += tcp || udp ? 1 : 0;
    }
  return n;
}

/* What the other tests would be worth nothing without. */
static void
test_open_network (void)
{
  gint64 pid;

  expect (0, PERRYCTL ("network", "create", "open"));
  expect (0, PERRYCTL ("run", "-d", "--name", "o1", "--network", "open", "busybox", "sleep", "1000"));
  pid = pid_of ("o1");
  g_assert_true (net_reaches_tcp (pid, OUTSIDE, outside_listener));
  g_assert_true (net_reaches_udp (pid, OUTSIDE, outside_listener));
  g_assert_true (net_reaches_tcp (pid, "198.51.100.1", host_listener));
  g_assert_true (net_reaches_udp (pid, "198.51.100.1", host_listener));
  g_assert_cmpuint (count_reached (pid, host_listener, host), >=, 2);
  expect_error ("o1", PERRYCTL ("rm", "o1"));
  expect_error ("open", PERRYCTL ("network", "rm", "open"));
  expect (0, PERRYCTL ("rm", "-f", "o1"));
  expect (0, PERRYCTL ("network", "rm", "open"));
  expect_error ("open", PERRYCTL ("network", "inspect", "open"));
}

static void
assert_closed (const char *container)
{
  gint64 pid = pid_of (container);

  g_assert_false (net_reaches_tcp (pid, OUTSIDE, outside_listener));
  g_assert_false (net_reaches_udp (pid, OUTSIDE, outside_listener));
  g_assert_cmpuint (count_reached (pid, host_listener, host), ==, 0);
}

/* An engine that was unpacked brings its own, which perryctl finds too where it runs in that engine's environment.
 * NULL: there is none. (transfer full) */
static char *
find_nft (void)
{
  const char *directory = g_getenv (g_str_equal (live->backend, "docker") ? "PERRY_TEST_ENGINE_DIR_DOCKER"
                                                                          : "PERRY_TEST_ENGINE_DIR_PODMAN");
  g_autofree char *own = directory != NULL ? g_build_filename (directory, "bin", "nft", NULL) : NULL;

  return own != NULL && g_file_test (own, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer (&own)
                                                                     : g_find_program_in_path ("nft");
}

/* What a reload of a firewall does. */
static void
flush_packet_filter (void)
{
  g_autofree char *nft = find_nft ();
  g_autofree char *flush_all = nft != NULL ? g_strconcat (nft, " flush ruleset", NULL) : NULL;
  static const char *const tools[] = { "iptables", "ip6tables" };

  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      g_autofree char *flush = g_strdup_printf ("%s -t mangle -F", tools[i]);
      g_autofree char *delete = g_strdup_printf ("%s -t mangle -X", tools[i]);

      run_in (host, flush);
      run_in (host, delete);
    }
  if (flush_all != NULL)
    run_in (host, flush_all);
}

static void
test_internal_network (void)
{
  g_autoptr (PerryProcessResult) peer = NULL;
  g_autoptr (PerryProcessResult) strict = NULL;
  g_autoptr (JsonNode) network = NULL;

  expect (0, PERRYCTL ("network", "create", "--internal", "inside"));
  network = inspect_network ("inside");
  g_assert_cmpstr (TEXT (network, "isolation"), ==, "native");
  strict = PERRYCTL ("run", "-d", "--name", "i1", "--network", "inside", "--enforcement", "strict", "--require", "network",
                     "busybox", "sleep", "1000");
  perry_live_assert_status (strict, 0);
  assert_closed ("i1");
  /* A peer by its alias. */
  expect (0, PERRYCTL ("network", "create", "open"));
  expect (0, PERRYCTL ("run", "-d", "--name", "i2", "--network", "open", "busybox", "sh", "-c",
                       "while :; do echo hello | busybox nc -l -p 8081; done"));
  expect (0, PERRYCTL ("network", "connect", "--alias", "db", "inside", "i2"));
  expect_error ("i2", PERRYCTL ("network", "connect", "inside", "i2"));
  peer = PERRYCTL ("run", "--rm", "--network", "inside", "busybox", "sh", "-c",
                   "for i in 1 2 3 4 5; do timeout 5 busybox nc db 8081 && exit 0; sleep 1; done; exit 1");
  perry_live_assert_status (peer, 0);
  g_assert_cmpstr (perry_live_stdout (peer), ==, "hello\n");
  flush_packet_filter ();
  g_assert_cmpuint (count_reached (pid_of ("i1"), host_listener, host), >, 0);
  expect (0, PERRYCTL ("stop", "-t", "0", "i1"));
  expect (0, PERRYCTL ("start", "i1"));
  assert_closed ("i1");
  flush_packet_filter ();
  expect (0, PERRYCTL ("run", "-d", "--name", "i3", "--network", "inside", "busybox", "sleep", "1000"));
  assert_closed ("i3");
  expect (0, PERRYCTL ("rm", "-f", "i3"));
  expect_error ("inside", PERRYCTL ("network", "rm", "inside"));
  expect (0, PERRYCTL ("network", "disconnect", "inside", "i2"));
  expect (0, PERRYCTL ("rm", "-f", "i1", "i2"));
  expect (0, PERRYCTL ("network", "rm", "inside", "open"));
}

/* The kernel's view of a container on an internal network. */
static void
test_proof (void)
{
  g_autofree char *path = g_build_filename (live->directory, "report.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) report = NULL;
  JsonArray *proofs;
  gboolean found = FALSE;

  expect (0, PERRYCTL ("network", "create", "--internal", "inside"));
  expect (0, PERRYCTL ("run", "--rm", "--network", "inside", "--report", path, "busybox", "sleep", "1"));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  report = perry_json_parse (text, -1, NULL, NULL);
  proofs = perry_json_as_array (perry_json_find (report, "proof", NULL));
  g_assert_nonnull (proofs);
  for (guint i = 0; i < json_array_get_length (proofs); i++)
    {
      JsonNode *proof = json_array_get_element (proofs, i);

      if (g_strcmp0 (TEXT (proof, "field"), "network") != 0)
        continue;
      found = TRUE;
      g_test_message ("%s: %s, %s", TEXT (proof, "verdict"), TEXT (proof, "observed"), TEXT (proof, "reason"));
      g_assert_nonnull (TEXT (proof, "observed"));
      if (strstr (TEXT (proof, "observed"), "no default route") != NULL)
        g_assert_cmpstr (TEXT (proof, "verdict"), ==, "proven");
      else
        g_assert_nonnull (strstr (TEXT (proof, "reason"), "default route"));
    }
  g_assert_true (found);
  expect (0, PERRYCTL ("network", "rm", "inside"));
}

/* Sends a request to the engine as another program would. */
static void
post (const char *path, const char *body)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (live->socket);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autofree char *request = NULL;
  g_autoptr (GError) error = NULL;
  char reply[64] = "";

  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  request = g_strdup_printf ("POST %s HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\n"
                             "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s", path, strlen (body), body);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request, strlen (request), NULL, NULL,
                             &error);
  g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), reply, sizeof reply - 1, NULL, NULL,
                           &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (reply, " 20"));
}

/* What others made with nothing but --internal: told, refused in strict mode, and it does reach the host. */
static void
test_internal_of_others (void)
{
  g_autoptr (PerryProcessResult) warned = NULL;
  g_autoptr (JsonNode) network = NULL;
  gboolean docker = g_str_equal (live->backend, "docker");

  post (docker ? "/v1.41/networks/create" : "/v4.0.0/libpod/networks/create",
        docker ? "{\"Name\":\"theirs\",\"Internal\":true}"
               : "{\"name\":\"theirs\",\"driver\":\"bridge\",\"internal\":true,\"dns_enabled\":true}");
  network = inspect_network ("theirs");
  g_assert_cmpstr (TEXT (network, "isolation"), ==, "partial");
  expect_error ("network", PERRYCTL ("run", "--rm", "--network", "theirs", "--enforcement", "strict", "busybox", "true"));
  expect_error ("network", PERRYCTL ("run", "--rm", "--network", "theirs", "--require", "network", "busybox", "true"));
  warned = PERRYCTL ("run", "-d", "--name", "t1", "--network", "theirs", "busybox", "sleep", "1000");
  perry_live_assert_status (warned, 0);
  g_assert_nonnull (strstr (perry_live_stderr (warned), "host's listeners"));
  g_assert_cmpuint (count_reached (pid_of ("t1"), host_listener, host), >, 0);
  g_assert_false (net_reaches_tcp (pid_of ("t1"), OUTSIDE, outside_listener));
  expect (0, PERRYCTL ("rm", "-f", "t1"));
  expect (0, PERRYCTL ("network", "rm", "theirs"));
}

static void
test_addresses (void)
{
  g_autoptr (PerryProcessResult) address = NULL;
  g_autoptr (JsonNode) network = NULL;
  JsonArray *subnets;

  expect (0, PERRYCTL ("network", "create", "--subnet", "10.231.7.0/24", "--gateway", "10.231.7.9", "--ip-range",
                       "10.231.7.128/26", "--label", "colour=red", "ipam"));
  network = inspect_network ("ipam");
  subnets = perry_json_as_array (perry_json_find (network, "subnets", NULL));
  g_assert_cmpuint (json_array_get_length (subnets), ==, 1);
  g_assert_cmpstr (TEXT (json_array_get_element (subnets, 0), "subnet"), ==, "10.231.7.0/24");
  g_assert_cmpstr (TEXT (json_array_get_element (subnets, 0), "gateway"), ==, "10.231.7.9");
  g_assert_cmpstr (TEXT (json_array_get_element (subnets, 0), "ip_range"), ==, "10.231.7.128/26");
  g_assert_cmpstr (TEXT (network, "labels", "colour"), ==, "red");
  g_assert_nonnull (TEXT (network, "labels", "perry.owner"));
  address = PERRYCTL ("run", "--rm", "--network", "ipam", "busybox", "sh", "-c",
                      "busybox ip -4 -o addr show dev eth0; busybox ip route");
  perry_live_assert_status (address, 0);
  g_assert_true (g_regex_match_simple ("inet 10\\.231\\.7\\.1[2-9][0-9]/24", perry_live_stdout (address), 0, 0));
  g_assert_nonnull (strstr (perry_live_stdout (address), "default via 10.231.7.9"));
  expect_error ("2", PERRYCTL ("network", "create", "--subnet", "10.231.7.0/24", "ipam2"));
  expect_error ("ipam", PERRYCTL ("network", "create", "ipam"));
  expect_error ("is not in the subnet",
                PERRYCTL ("network", "create", "--subnet", "10.1.0.0/24", "--gateway", "10.2.0.1", "x1"));
  expect_error ("did you mean “ipam”", PERRYCTL ("run", "--rm", "--network", "ipan", "busybox", "true"));
  expect (0, PERRYCTL ("network", "rm", "ipam"));
}

static void
test_volumes (void)
{
  g_autoptr (PerryProcessResult) content = NULL;
  g_autoptr (PerryProcessResult) listed = NULL;

  expect (0, PERRYCTL ("volume", "create", "--label", "colour=red", "data"));
  expect_error ("data", PERRYCTL ("volume", "create", "data"));
  expect (0, PERRYCTL ("run", "--rm", "-v", "data:/d", "busybox", "sh", "-c", "echo kept >/d/file"));
  content = PERRYCTL ("run", "--name", "v1", "-v", "data:/d:ro", "busybox", "cat", "/d/file");
  perry_live_assert_status (content, 0);
  g_assert_cmpstr (perry_live_stdout (content), ==, "kept\n");
  expect_error ("data", PERRYCTL ("volume", "rm", "data"));
  expect_error ("data", PERRYCTL ("volume", "rm", "-f", "data"));
  listed = PERRYCTL ("volume", "ls", "-q", "--label", "colour=red");
  perry_live_assert_status (listed, 0);
  g_assert_cmpstr (perry_live_stdout (listed), ==, "data\n");
  expect (0, PERRYCTL ("rm", "v1"));
  expect (0, PERRYCTL ("volume", "rm", "data"));
  expect_error ("data", PERRYCTL ("volume", "inspect", "data"));
  expect (0, PERRYCTL ("volume", "rm", "-f", "data"));
}

static void
read_host (void)
{
  g_autofree char *path = g_build_filename (live->directory, "place.pid", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  host = g_ascii_strtoll (text, NULL, 10);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (void); } tests[] = {
    { "open", test_open_network },
    { "internal", test_internal_network },
    { "proof", test_proof },
    { "internal-of-others", test_internal_of_others },
    { "addresses", test_addresses },
    { "volumes", test_volumes },
  };
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  live = perry_live_engine_start (argv[1], "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  read_host ();
  make_internet ();
  host_listener = net_listener_new (host);
  outside_listener = net_listener_new (internet);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/networks/%s/%s", argv[1], tests[i].name);

      g_test_add_func (path, tests[i].test);
    }
  status = g_test_run ();
  net_listener_free (host_listener);
  net_listener_free (outside_listener);
  kill (internet, SIGKILL);
  waitpid (internet, NULL, 0);
  perry_live_engine_stop (live);
  return status;
}
