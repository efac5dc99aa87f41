/* SPDX-License-Identifier: Apache-2.0 */
#include <gio/gunixsocketaddress.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/integration/perry-live-engine.h"
#include "tests/integration/perry-signal-proxy.h"

#define ID "/containers/[0-9a-f]{64}"

static const PerryPoint docker_points[] = {
  { "after-ping", "HEAD", "/_ping", 1, PERRY_POINT_REPLY },
  { "after-info", "GET", "/info", 1, PERRY_POINT_REPLY },
  { "after-image", "GET", "/images/", 1, PERRY_POINT_REPLY },
  { "during-create", "POST", "/containers/create", 1, PERRY_POINT_REQUEST },
  { "after-create", "POST", "/containers/create", 1, PERRY_POINT_REPLY },
  { "after-inspect", "GET", ID "/json", 1, PERRY_POINT_REPLY },
  { "after-attach", "POST", ID "/attach", 1, PERRY_POINT_REPLY },
  { "during-start", "POST", ID "/start", 1, PERRY_POINT_REQUEST },
  { "after-start", "POST", ID "/start", 1, PERRY_POINT_REPLY },
  { "after-outcome", "GET", ID "/json", 2, PERRY_POINT_REPLY },
  { "during-remove", "DELETE", ID, 1, PERRY_POINT_REQUEST },
  { "after-remove", "DELETE", ID, 1, PERRY_POINT_REPLY },
};

static const PerryPoint podman_points[] = {
  { "after-ping", "HEAD", "/_ping", 1, PERRY_POINT_REPLY },
  { "after-info", "GET", "/info", 1, PERRY_POINT_REPLY },
  { "after-image", "GET", "/images/", 1, PERRY_POINT_REPLY },
  { "during-create", "POST", "/containers/create", 1, PERRY_POINT_REQUEST },
  { "after-create", "POST", "/containers/create", 1, PERRY_POINT_REPLY },
  { "after-attach", "POST", ID "/attach", 1, PERRY_POINT_REPLY },
  { "during-init", "POST", ID "/init", 1, PERRY_POINT_REQUEST },
  { "after-init", "POST", ID "/init", 1, PERRY_POINT_REPLY },
  { "during-start", "POST", ID "/start", 1, PERRY_POINT_REQUEST },
  { "after-start", "POST", ID "/start", 1, PERRY_POINT_REPLY },
  { "during-remove", "DELETE", ID, 1, PERRY_POINT_REQUEST },
  { "after-remove", "DELETE", ID, 1, PERRY_POINT_REPLY },
};

G_STATIC_ASSERT (G_N_ELEMENTS (docker_points) == 12);
G_STATIC_ASSERT (G_N_ELEMENTS (podman_points) == 12);

typedef struct {
  PerryLiveEngine *live;
  PerrySignalProxy *proxy;
  char **environment; /* of a perryctl behind the proxy */
  char *foreign;      /* ids of containers that nobody may touch */
  char *detached;
  guint repeat;
} Fixture;

static Fixture fixture;

static int
run_until_signal (const PerryPoint *point, int signal_number)
{
  gboolean is_podman = g_str_equal (fixture.live->backend, "podman");
  const char *arguments[] = { "run",     "--rm",     "--read-only",    "--cap-drop",      "ALL",     "-u", "65534:65534",
                              "--proof", "required", "--security-opt", "seccomp=default", "busybox", "sh", "-c",
                              "sleep 0.1", NULL };
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  GPid pid;
  int status;

  if (!is_podman)
    arguments[8] = "default";
  argv = perry_live_engine_command (fixture.live, arguments);
  perry_signal_proxy_arm (fixture.proxy, point, signal_number);
  g_assert_true (g_spawn_async (NULL, argv, fixture.environment,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                                NULL, NULL, &pid, &error));
  g_assert_no_error (error);
  perry_signal_proxy_set_pid (fixture.proxy, pid);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_spawn_close_pid (pid);
  if (!perry_signal_proxy_has_fired (fixture.proxy))
    {
      g_autofree char *log = perry_signal_proxy_describe (fixture.proxy);

      g_test_message ("the path never came by %s: %s", point->name, log);
      g_test_fail ();
    }
  return status;
}

/* nothing but the two that were there before */
static void
assert_nothing_left (const PerryPoint *point)
{
  g_autoptr (PerryProcessResult) result =
      perry_live_engine_perryctl (fixture.live, NULL, "ps", "-a", "-q", NULL);
  const char *ids = perry_live_stdout (result);

  perry_live_assert_status (result, 0);
  g_assert_nonnull (strstr (ids, fixture.foreign));
  g_assert_nonnull (strstr (ids, fixture.detached));
  if (strlen (ids) != strlen (fixture.foreign) + strlen (fixture.detached) + 2)
    g_test_message ("after %s: %s", point->name, ids);
  g_assert_cmpuint (strlen (ids), ==, strlen (fixture.foreign) + strlen (fixture.detached) + 2);
}

static gboolean
is_after_the_end (const PerryPoint *point)
{
  return g_str_equal (point->name, "during-remove") || g_str_equal (point->name, "after-outcome") ||
         g_str_equal (point->name, "after-remove");
}

static void
test_interrupted (gconstpointer data)
{
  const PerryPoint *point = data;

  for (guint i = 0; i < fixture.repeat; i++)
    {
      int status = run_until_signal (point, SIGINT);

      /* once the container has ended there may be nothing left to interrupt */
      g_assert_true (WIFEXITED (status));
      if (!is_after_the_end (point) || WEXITSTATUS (status) != 0)
        g_assert_cmpint (WEXITSTATUS (status), ==, 130);
      assert_nothing_left (point);
    }
}

static void
assert_all_left_are_owned (void)
{
  g_autoptr (PerryProcessResult) result =
      perry_live_engine_perryctl (fixture.live, NULL, "ps", "-a", "--format", "json", NULL);
  g_autoptr (JsonNode) root = NULL;
  JsonArray *containers;

  perry_live_assert_status (result, 0);
  root = perry_json_parse_bytes (result->stdout_bytes, NULL, NULL);
  containers = perry_json_as_array (root);
  g_assert_nonnull (containers);
  for (guint i = 0; i < json_array_get_length (containers); i++)
    {
      JsonNode *container = json_array_get_element (containers, i);
      const char *name = perry_json_as_string (perry_json_find (container, "name", NULL));

      if (g_strcmp0 (name, "foreign") != 0)
        g_assert_nonnull (perry_json_find (container, "labels", "perry.owner", NULL));
    }
}

static void
test_killed (gconstpointer data)
{
  const PerryPoint *point = data;

  for (guint i = 0; i < fixture.repeat; i++)
    {
      int status = run_until_signal (point, SIGKILL);
      g_autoptr (PerryProcessResult) removed = NULL;

      g_assert_true (WIFSIGNALED (status) || is_after_the_end (point));
      if (g_str_equal (point->name, "during-create"))
        g_usleep (300 * 1000); /* the engine goes on with a create whose client is gone */
      assert_all_left_are_owned ();
      removed = perry_live_engine_perryctl (fixture.live, NULL, "rm", "--stale", NULL);
      perry_live_assert_status (removed, 0);
      assert_nothing_left (point);
    }
}

/* a container that perry-container did not make: through the same engine, without our labels */
static char *
create_foreign (void)
{
  gboolean is_docker = g_str_equal (fixture.live->backend, "docker");
  const char *body = is_docker ? "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"1000\"]}"
                               : "{\"name\":\"foreign\",\"image\":\"busybox\",\"command\":[\"sleep\",\"1000\"]}";
  const char *target = is_docker ? "/v1.41/containers/create?name=foreign" : "/v4.0.0/libpod/containers/create";
  g_autofree char *request = g_strdup_printf ("POST %s HTTP/1.0\r\nHost: d\r\nContent-Type: application/json\r\n"
                                              "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                                              target, strlen (body), body);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (fixture.live->socket);
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
  char reply[4096] = { 0 };
  gsize length = 0;
  char *id;

  g_assert_nonnull (connection);
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
                                            strlen (request), NULL, NULL, NULL));
  g_assert_true (g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), reply,
                                          sizeof reply - 1, &length, NULL, NULL));
  id = strstr (reply, "\"Id\":\"");
  g_assert_nonnull (id);
  return g_strndup (id + strlen ("\"Id\":\""), 64);
}

static char *
create_detached (void)
{
  g_autoptr (PerryProcessResult) result =
      perry_live_engine_perryctl (fixture.live, NULL, "run", "-d", "--name", "detached", "busybox", "sleep", "1000", NULL);

  perry_live_assert_status (result, 0);
  return g_strndup (perry_live_stdout (result), 64);
}

static void
add_tests (const PerryPoint *points, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *interrupted = g_strdup_printf ("/interrupted/%s/sigint/%s", fixture.live->backend, points[i].name);
      g_autofree char *killed = g_strdup_printf ("/interrupted/%s/sigkill/%s", fixture.live->backend, points[i].name);

      g_test_add_data_func (interrupted, &points[i], test_interrupted);
      g_test_add_data_func (killed, &points[i], test_killed);
    }
}

/* The backend is the last argument; PERRY_TEST_REPEAT says how often each point is tried. */
int
main (int argc, char **argv)
{
  g_autofree char *reason = NULL;
  g_autofree char *socket = NULL;
  g_autofree char *endpoint = NULL;
  const char *repeat = g_getenv ("PERRY_TEST_REPEAT");
  gboolean is_docker;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (argc == 2 || argc == 3);
  fixture.repeat = repeat != NULL ? (guint) atoi (repeat) : 2;
  fixture.live = perry_live_engine_start (argv[1], argc == 3 ? argv[2] : "runc", NULL, &reason);
  if (fixture.live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  is_docker = g_str_equal (fixture.live->backend, "docker");
  socket = g_build_filename (fixture.live->directory, "proxy", NULL);
  endpoint = g_strconcat ("unix://", socket, NULL);
  fixture.proxy = perry_signal_proxy_new (socket, fixture.live->socket);
  fixture.environment = g_environ_setenv (g_strdupv (fixture.live->environment),
                                          is_docker ? "DOCKER_HOST" : "CONTAINER_HOST", endpoint, TRUE);
  fixture.foreign = create_foreign ();
  fixture.detached = create_detached ();
  if (is_docker)
    add_tests (docker_points, G_N_ELEMENTS (docker_points));
  else
    add_tests (podman_points, G_N_ELEMENTS (podman_points));
  status = g_test_run ();
  perry_signal_proxy_free (fixture.proxy);
  perry_live_engine_stop (fixture.live);
  g_free (fixture.foreign);
  g_free (fixture.detached);
  g_strfreev (fixture.environment);
  return status;
}
