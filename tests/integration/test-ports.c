/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin-api/perry-json.h"
#include "tests/integration/perry-live-engine.h"

/* Published ports and aliases on a real engine: what a container listens on is asked for in the engine's own network
 * namespace. The backend is the first argument. */
#define TIMEOUT_S 5
#define NETWORK "ports-test"
#define SERVE "mkdir /tmp/%1$d && echo from %1$d >/tmp/%1$d/index.html && httpd -p %1$d -h /tmp/%1$d"

static PerryLiveEngine *live;
static int engine_network = -1;

typedef struct {
  int network; /* a namespace, -1 for the caller's own */
  const char *address;
  guint port;
  int type;
  int listener;
  char *reply;
} Talk;

static gboolean
make_address (const Talk *talk, struct sockaddr_in *ret_address)
{
  *ret_address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons ((guint16) talk->port) };
  return inet_pton (AF_INET, talk->address, &ret_address->sin_addr) == 1;
}

/* A socket belongs to the namespace of the thread that makes it. */
static int
open_socket (const Talk *talk)
{
  struct timeval patience = { .tv_sec = TIMEOUT_S };
  int fd;

  g_assert_cmpint (setns (talk->network, CLONE_NEWNET), ==, 0);
  fd = socket (AF_INET, talk->type | SOCK_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return fd;
}

static gpointer
ask_in_thread (gpointer data)
{
  static const char request[] = "GET / HTTP/1.0\r\n\r\n";
  Talk *talk = data;
  g_autoptr (GString) reply = g_string_new (NULL);
  struct sockaddr_in address;
  char buffer[1024];
  ssize_t n;
  int fd = open_socket (talk);

  g_assert_true (make_address (talk, &address));
  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0 &&
      send (fd, request, strlen (request), MSG_NOSIGNAL) > 0)
    while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
      {
        g_string_append_len (reply, buffer, n);
        if (talk->type == SOCK_DGRAM)
          break;
      }
  close (fd);
  talk->reply = g_string_free (g_steal_pointer (&reply), FALSE);
  return NULL;
}

/* What answers at an address of the engine's network; "" where nothing does. */
static char *
ask (const char *address, guint port, int type)
{
  Talk talk = { .network = engine_network, .address = address, .port = port, .type = type };

  g_thread_join (g_thread_new ("ask", ask_in_thread, &talk));
  return talk.reply;
}

static void
assert_served (const char *address, guint port, guint container_port)
{
  g_autofree char *reply = ask (address, port, SOCK_STREAM);
  g_autofree char *expected = g_strdup_printf ("from %u\n", container_port);

  if (!g_str_has_suffix (reply, expected))
    g_error ("%s:%u answers “%s” instead of “%s”", address, port, reply, expected);
}

static void
assert_closed (const char *address, guint port)
{
  g_autofree char *reply = ask (address, port, SOCK_STREAM);

  if (*reply != '\0')
    g_error ("%s:%u answers “%s”", address, port, reply);
}

static gpointer
listen_in_thread (gpointer data)
{
  Talk *talk = data;
  struct sockaddr_in address;

  talk->listener = open_socket (talk);
  g_assert_true (make_address (talk, &address));
  g_assert_cmpint (bind (talk->listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  if (talk->type == SOCK_STREAM)
    g_assert_cmpint (listen (talk->listener, 1), ==, 0);
  return NULL;
}

static gpointer
find_address_in_thread (gpointer data)
{
  Talk *talk = data;
  struct ifaddrs *all;
  char text[INET_ADDRSTRLEN];

  close (open_socket (talk));
  g_assert_cmpint (getifaddrs (&all), ==, 0);
  for (struct ifaddrs *one = all; one != NULL && talk->reply == NULL; one = one->ifa_next)
    if (one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET && (one->ifa_flags & IFF_LOOPBACK) == 0 &&
        (one->ifa_flags & IFF_RUNNING) != 0)
      talk->reply = g_strdup (inet_ntop (AF_INET, &((struct sockaddr_in *) one->ifa_addr)->sin_addr, text, sizeof text));
  freeifaddrs (all);
  return NULL;
}

/* An address of the engine's machine, as others on its networks see it. */
static char *
find_address (void)
{
  Talk talk = { .network = engine_network, .type = SOCK_STREAM };

  g_thread_join (g_thread_new ("addresses", find_address_in_thread, &talk));
  g_assert_nonnull (talk.reply);
  return talk.reply;
}

static int
open_network_of (gint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/ns/net", pid);
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static JsonNode *
parse (PerryProcessResult *result)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  perry_live_assert_status (result, 0);
  node = perry_json_parse (perry_live_stdout (result), -1, NULL, &error);
  g_assert_no_error (error);
  return node;
}

static char *
join_ports (JsonNode *node)
{
  g_auto (GStrv) ports = NULL;

  g_assert_true (perry_json_as_strv (perry_json_find (node, "ports", NULL), &ports));
  return g_strjoinv (" ", ports);
}

/* Starts a container that serves the ports in @served, and waits until it does. Returns what `run` reported. */
static JsonNode *
start (const char *name, const char *const *served, const char *const *options)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GString) command = g_string_new (NULL);
  g_autoptr (PerryProcessResult) result = NULL;
  JsonNode *report;
  gboolean ready = FALSE;

  for (; *served != NULL; served++)
    g_string_append_printf (command, SERVE " && ", (int) g_ascii_strtoll (*served, NULL, 10));
  g_string_append (command, "echo ready && exec sleep 4711");
  for (const char *const word[] = { "run", "-d", "--format", "json", "--name", name, NULL }, *const *w = word;
       *w != NULL; w++)
    g_ptr_array_add (argv, (gpointer) *w);
  for (; *options != NULL; options++)
    g_ptr_array_add (argv, (gpointer) *options);
  for (const char *const word[] = { "busybox", "sh", "-c", command->str, NULL }, *const *w = word; *w != NULL; w++)
    g_ptr_array_add (argv, (gpointer) *w);
  g_ptr_array_add (argv, NULL);
  result = perry_live_engine_perryctl_argv (live, NULL, (const char *const *) argv->pdata);
  report = parse (result);
  for (int i = 0; i < 600 && !ready; i++)
    {
      g_autoptr (PerryProcessResult) logs = perry_live_engine_perryctl (live, NULL, "logs", name, NULL);

      ready = strstr (perry_live_stdout (logs), "ready") != NULL;
    }
  g_assert_true (ready);
  return report;
}

static void
remove_container (const char *name)
{
  g_autoptr (PerryProcessResult) removed = perry_live_engine_perryctl (live, NULL, "rm", "-f", name, NULL);

  perry_live_assert_status (removed, 0);
}

static JsonNode *
inspect (const char *name)
{
  g_autoptr (PerryProcessResult) result = perry_live_engine_perryctl (live, NULL, "inspect", name, NULL);
  g_autoptr (JsonNode) list = parse (result);
  JsonArray *array = perry_json_as_array (list);

  return json_node_copy (array != NULL ? json_array_get_element (array, 0) : list);
}

static void
test_addresses (void)
{
  static const char *const served[] = { "80", NULL };
  static const char *const options[] = { "--enforcement", "strict", "-p", "127.0.0.1:8080:80", "-p", "8081:80", NULL };
  g_autoptr (JsonNode) report = start ("addresses", served, options);
  g_autoptr (JsonNode) info = inspect ("addresses");
  g_autofree char *outside = find_address ();
  g_autofree char *reported = join_ports (report);
  g_autofree char *inspected = join_ports (info);
  g_autoptr (PerryProcessResult) listed = perry_live_engine_perryctl (live, NULL, "ps", NULL);

  assert_served ("127.0.0.1", 8080, 80);
  assert_served ("127.0.0.1", 8081, 80);
  assert_served (outside, 8081, 80);
  assert_closed ("127.0.0.2", 8080);
  assert_closed (outside, 8080);
  g_assert_nonnull (strstr (reported, "127.0.0.1:8080:80/tcp"));
  g_assert_nonnull (strstr (reported, "8081:80/tcp"));
  g_assert_cmpstr (inspected, ==, reported);
  g_assert_nonnull (strstr (perry_live_stdout (listed), "127.0.0.1:8080:80/tcp"));
  remove_container ("addresses");
  assert_closed ("127.0.0.1", 8080);
}

static void
test_ranges (void)
{
  static const char *const served[] = { "80", "81", "82", NULL };
  static const char *const options[] = { "-p", "127.0.0.1:9000-9002:80-82", NULL };
  g_autoptr (JsonNode) report = start ("ranges", served, options);
  g_autofree char *reported = join_ports (report);

  g_assert_cmpstr (reported, ==, "127.0.0.1:9000-9002:80-82/tcp");
  for (guint i = 0; i < 3; i++)
    assert_served ("127.0.0.1", 9000 + i, 80 + i);
  remove_container ("ranges");
}

static gpointer
answer_in_thread (gpointer data)
{
  Talk *talk = data;
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  char buffer[64];
  ssize_t n = recvfrom (talk->listener, buffer, sizeof buffer, 0, (struct sockaddr *) &from, &length);

  if (n > 0)
    sendto (talk->listener, "pong", 4, 0, (struct sockaddr *) &from, length);
  return NULL;
}

/* Busybox has no program that listens for datagrams, so the test listens in the container's network. */
static void
test_udp (void)
{
  static const char *const served[] = { NULL };
  static const char *const options[] = { "-p", "127.0.0.1:5353:53/udp", NULL };
  g_autoptr (JsonNode) report = start ("udp", served, options);
  g_autoptr (JsonNode) info = inspect ("udp");
  g_autofree char *reported = join_ports (report);
  g_autofree char *reply = NULL;
  Talk talk = { .address = "0.0.0.0", .port = 53, .type = SOCK_DGRAM };
  GThread *thread;
  gint64 pid = 0;

  g_assert_cmpstr (reported, ==, "127.0.0.1:5353:53/udp");
  g_assert_true (perry_json_as_int64 (perry_json_find (info, "pid", NULL), &pid));
  talk.network = open_network_of (pid);
  g_thread_join (g_thread_new ("listen", listen_in_thread, &talk));
  thread = g_thread_new ("answer", answer_in_thread, &talk);
  reply = ask ("127.0.0.1", 5353, SOCK_DGRAM);
  g_thread_join (thread);
  g_assert_cmpstr (reply, ==, "pong");
  close (talk.listener);
  close (talk.network);
  remove_container ("udp");
}

static void
test_picked (void)
{
  static const char *const served[] = { "80", NULL };
  static const char *const options[] = { "-p", "127.0.0.1::80", NULL };
  g_autoptr (JsonNode) report = start ("picked", served, options);
  g_autoptr (JsonNode) info = inspect ("picked");
  g_autofree char *reported = join_ports (report);
  g_autofree char *inspected = join_ports (info);
  g_auto (GStrv) parts = g_strsplit (reported, ":", -1);
  g_autoptr (PerryProcessResult) listed = perry_live_engine_perryctl (live, NULL, "ps", "--format", "json", NULL);
  guint64 port = 0;

  g_assert_cmpuint (g_strv_length (parts), ==, 3);
  g_assert_cmpstr (parts[0], ==, "127.0.0.1");
  g_assert_true (g_ascii_string_to_unsigned (parts[1], 10, 1, 65535, &port, NULL));
  g_assert_cmpstr (parts[2], ==, "80/tcp");
  g_assert_cmpstr (inspected, ==, reported);
  g_assert_nonnull (strstr (perry_live_stdout (listed), reported));
  assert_served ("127.0.0.1", (guint) port, 80);
  assert_closed ("127.0.0.2", (guint) port);
  remove_container ("picked");
}

/* Neither way of running leaves anything, and the same command works when the port is free. */
static void
assert_taken (const char *binding, guint n_containers)
{
  static const char *const ways[] = { "--detach", "--rm" };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (PerryProcessResult) result =
          perry_live_engine_perryctl (live, NULL, "run", ways[i], "-p", binding, "busybox", "true", NULL);

      perry_live_assert_status (result, 125);
      g_test_message ("%s", perry_live_stderr (result));
      g_assert_nonnull (strstr (perry_live_stderr (result), "leave it out for one that the engine picks"));
      g_assert_cmpuint (perry_live_engine_count_containers (live), ==, n_containers);
    }
}

static void
test_taken_by_a_container (void)
{
  static const char *const served[] = { "80", NULL };
  static const char *const options[] = { "-p", "127.0.0.1:8080:80", NULL };
  g_autoptr (JsonNode) report = start ("first", served, options);
  g_autoptr (PerryProcessResult) freed = NULL;

  assert_taken ("127.0.0.1:8080:80", 1);
  assert_served ("127.0.0.1", 8080, 80);
  remove_container ("first");
  freed = perry_live_engine_perryctl (live, NULL, "run", "--rm", "-p", "127.0.0.1:8080:80", "busybox", "true", NULL);
  perry_live_assert_status (freed, 0);
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_taken_by_a_program (void)
{
  Talk talk = { .network = engine_network, .address = "127.0.0.1", .port = 7777, .type = SOCK_STREAM };

  g_thread_join (g_thread_new ("listen", listen_in_thread, &talk));
  assert_taken ("127.0.0.1:7777:80", 0);
  close (talk.listener);
}

static void
test_foreign_address (void)
{
  g_autoptr (PerryProcessResult) result =
      perry_live_engine_perryctl (live, NULL, "run", "--rm", "-p", "192.0.2.77:7778:80", "busybox", "true", NULL);

  perry_live_assert_status (result, 125);
  g_assert_nonnull (strstr (perry_live_stderr (result), "none of the host's"));
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

/* Asks the engine itself: this version's perryctl need not know networks. */
static void
make_network (void)
{
  gboolean is_docker = g_str_equal (live->backend, "docker");
  const char *body = is_docker ? "{\"Name\":\"" NETWORK "\"}" : "{\"name\":\"" NETWORK "\",\"dns_enabled\":true}";
  g_autofree char *request = g_strdup_printf ("POST %s/networks/create HTTP/1.0\r\nHost: engine\r\nContent-Type: "
                                              "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                              is_docker ? "/v1.41" : "/v4.0.0/libpod", strlen (body), body);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (live->socket);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  char reply[256] = "";

  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request, strlen (request), NULL,
                             NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), reply, sizeof reply - 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (strstr (reply, " 201 ") != NULL || strstr (reply, " 200 ") != NULL);
}

static void
test_alias (void)
{
  static const char *const served[] = { "80", NULL };
  static const char *const options[] = { "--network", NETWORK, "--network-alias", "db", "--network-alias", "store",
                                         "--enforcement", "strict", NULL };
  g_autoptr (JsonNode) report = NULL;
  static const char *const names[] = { "db", "store" };

  make_network ();
  report = start ("alias", served, options);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *url = g_strdup_printf ("http://%s/", names[i]);
      g_autoptr (PerryProcessResult) result =
          perry_live_engine_perryctl (live, NULL, "run", "--rm", "--network", NETWORK, "busybox", "timeout", "10", "wget",
                                      "-q", "-O", "-", url, NULL);

      perry_live_assert_status (result, 0);
      g_assert_cmpstr (perry_live_stdout (result), ==, "from 80\n");
    }
  remove_container ("alias");
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (void); } tests[] = {
    { "addresses", test_addresses },
    { "ranges", test_ranges },
    { "udp", test_udp },
    { "picked", test_picked },
    { "taken-by-a-container", test_taken_by_a_container },
    { "taken-by-a-program", test_taken_by_a_program },
    { "foreign-address", test_foreign_address },
    { "alias", test_alias },
  };
  g_autofree char *reason = NULL;
  g_autofree char *pid_file = NULL;
  g_autofree char *pid = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (argc == 2 || argc == 3);
  live = perry_live_engine_start (argv[1], argc > 2 ? argv[2] : "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  pid_file = g_build_filename (live->directory, "place.pid", NULL);
  g_assert_true (g_file_get_contents (pid_file, &pid, NULL, NULL));
  engine_network = open_network_of (g_ascii_strtoll (pid, NULL, 10));
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/ports/%s/%s", argv[1], tests[i].name);

      g_test_add_func (path, tests[i].test);
    }
  status = g_test_run ();
  close (engine_network);
  perry_live_engine_stop (live);
  return status;
}
