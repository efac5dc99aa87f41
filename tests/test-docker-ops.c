/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-backend.h"

#include <sys/utsname.h>
#include <unistd.h>

#include "plugins/docker/docker-networks.h"
#include "tests/engine-fixture.h"
#include "tests/fake/perry-fake-engine.h"

#define SHORT_MS 3000

typedef struct {
  PerryFakeEngine *engine;
  PerryDocker *docker;
} Fixture;

static PerryDocker *
open_socket (const char *socket, const char *candidate, GError **error)
{
  GVariantDict dict;
  g_autoptr (GVariant) options = NULL;
  PerryBackendConfig config = { .struct_size = sizeof config, .candidate = candidate,
                                .runtime_directory = "/nonexistent", .timeout_ms = SHORT_MS, .probe_timeout_ms = SHORT_MS };

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "socket", "s", socket);
  options = g_variant_ref_sink (g_variant_dict_end (&dict));
  config.options = options;
  return perry_docker_open (&config, NULL, error);
}

static void
set_up (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (GError) error = NULL;

  fixture->engine = perry_fake_engine_new (GPOINTER_TO_INT (dialect));
  fixture->docker = open_socket (perry_fake_engine_get_socket_path (fixture->engine), "docker", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer dialect)
{
  perry_docker_close (fixture->docker);
  perry_fake_engine_free (fixture->engine);
}

static char *
create (Fixture *fixture, const char *json, gboolean with_stdin, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
  g_auto (GStrv) warnings = NULL;
  PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = "bb:1", .name = "web",
                                 .open_stdin = with_stdin };

  return perry_docker_container_create (fixture->docker, &request, &warnings, NULL, error);
}

static void
test_probe (Fixture *fixture, gconstpointer dialect)
{
  static const char *const versions[] = { "1.41", "1.45", "1.51" };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryEngineInfo) engine = perry_docker_probe (fixture->docker, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (engine->api_version, ==, versions[GPOINTER_TO_INT (dialect)]);
  g_assert_cmpstr (engine->endpoint, ==, perry_fake_engine_get_socket_path (fixture->engine));
  /* The peer is this test, which is no dockerd: nothing is known about what could be granted. */
  g_assert_cmphex (engine->grantable_capabilities, ==, perry_linux_capabilities_all ());
}

static void
test_life (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"true\"]}", FALSE, &error);
  g_autoptr (PerryContainerInfo) info = NULL;
  g_autoptr (PerryProcessLocation) location = NULL;
  gint64 exit_code = -1;
  guint inspections;

  g_assert_no_error (error);
  g_assert_true (perry_docker_ensure_engine (fixture->docker, NULL, &error));
  inspections = perry_fake_engine_count_requests (fixture->engine, "GET", "/containers/.*/json");
  location = perry_docker_locate_process (fixture->docker, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (location->pid, ==, 0);
  g_assert_cmpstr (location->container_id, ==, id);
  g_assert_true (g_str_has_prefix (location->cgroup_paths[0], "pids/docker/"));
  /* Before the start it costs no request. */
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, "GET", "/containers/.*/json"), ==, inspections);

  perry_fake_engine_set_output (fixture->engine, "", "", 0);
  g_assert_true (perry_docker_container_start (fixture->docker, id, NULL, &error));
  g_assert_true (perry_docker_container_wait (fixture->docker, id, &exit_code, NULL, &error));
  g_assert_cmpint (exit_code, ==, 0);
  info = perry_docker_container_inspect (fixture->docker, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (info->status, ==, PERRY_CONTAINER_EXITED);
  g_assert_true (perry_docker_container_remove (fixture->docker, id, TRUE, NULL, &error));
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->engine), ==, 0);
  g_assert_false (perry_docker_container_remove (fixture->docker, id, TRUE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
}

/* After a restart the number that the engine had is nobody's, or another program's. */
static void
test_restarted (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"true\"]}", FALSE, &error);
  g_autoptr (PerryProcessLocation) gone = NULL;
  g_autoptr (PerryProcessLocation) other = NULL;

  g_assert_no_error (error);
  fixture->docker->engine_pid = G_MAXINT32;
  gone = perry_docker_locate_process (fixture->docker, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gone->engine_pid, ==, getpid ());
  fixture->docker->engine_pid = getpid ();
  fixture->docker->engine_uid = 0;
  other = perry_docker_locate_process (fixture->docker, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (other->engine_pid, ==, getpid ());
  g_assert_cmpint (fixture->docker->engine_uid, ==, -1);
}

static void
test_attach (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"cat\"]}", TRUE, &error);
  g_autoptr (PerryStream) stream = perry_docker_container_attach (fixture->docker, id, TRUE, NULL, &error);
  PerryChannel channel;
  char buffer[16];

  g_assert_no_error (error);
  perry_docker_container_start (fixture->docker, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (perry_stream_write_all (stream, "hello", 5, NULL, &error));
  g_assert_cmpint (perry_stream_read (stream, &channel, buffer, sizeof buffer, SHORT_MS, NULL, &error), ==, 5);
  g_assert_cmpint (channel, ==, PERRY_CHANNEL_STDOUT);
  g_assert_true (perry_stream_close_write (stream, &error));
  g_assert_cmpint (perry_stream_read (stream, &channel, buffer, sizeof buffer, SHORT_MS, NULL, &error), ==, 0);
  g_assert_no_error (error);
}

static void
reply_with (Fixture *fixture, const char *method, const char *path, guint status, const char *body)
{
  PerryFakeRule rule = { .method = method, .path = path, .status = status, .body = body };

  perry_fake_engine_add_rule (fixture->engine, &rule);
}

static void
test_bad_replies (Fixture *fixture, gconstpointer dialect)
{
  static const struct
  {
    guint status;
    const char *body;
    PerryError code;
  } creates[] = {
    { 201, "{\"Warnings\": []}", PERRY_ERROR_BACKEND_PROTOCOL },
    { 201, "{\"Id\": 7}", PERRY_ERROR_BACKEND_PROTOCOL },
    { 201, "[]", PERRY_ERROR_BACKEND_PROTOCOL },
    { 201, "{\"Id\": \"a\", \"Id\": \"b\"}", PERRY_ERROR_BACKEND_PROTOCOL },
    { 201, "", PERRY_ERROR_BACKEND_PROTOCOL },
    { 500, "no json", PERRY_ERROR_BACKEND_FAILED },
  };
  gint64 exit_code = -1;

  for (gsize i = 0; i < G_N_ELEMENTS (creates); i++)
    {
      g_autoptr (GError) error = NULL;

      reply_with (fixture, "POST", "/containers/create", creates[i].status, creates[i].body);
      g_assert_null (create (fixture, "{\"image\": \"bb:1\"}", FALSE, &error));
      g_assert_error (error, PERRY_ERROR, (int) creates[i].code);
    }
  for (int i = 0; i < 3; i++)
    {
      static const char *const waits[] = { "{\"StatusCode\": \"0\"}", "[0]",
                                           "{\"Error\": {\"Message\": \"x\"}, \"StatusCode\": 0}" };
      g_autoptr (GError) error = NULL;

      reply_with (fixture, "POST", "/containers/x/wait", 200, waits[i]);
      g_assert_false (perry_docker_container_wait (fixture->docker, "x", &exit_code, NULL, &error));
      g_assert_cmpint (exit_code, ==, -1);
      g_assert_nonnull (error);
    }
}

static void
test_warnings (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec ("{\"image\": \"bb:1\"}");
  PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = "bb:1", .name = "web" };
  g_auto (GStrv) warnings = NULL;
  g_autofree char *id = NULL;

  reply_with (fixture, "POST", "/containers/create", 201,
              "{\"Id\": \"abc\", \"Warnings\": [\"Published ports are not nice\", \"PIDs limit discarded.\"]}");
  id = perry_docker_container_create (fixture->docker, &request, &warnings, NULL, NULL);
  g_assert_cmpstr (id, ==, "abc");
  g_assert_cmpstr (warnings[0], ==, "PIDs limit discarded.");
  g_assert_null (warnings[1]);
}

static void
test_already_being_removed (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (GError) error = NULL;

  reply_with (fixture, "DELETE", "/containers/x", 409,
              "{\"message\": \"removal of container x is already in progress\"}");
  g_assert_true (perry_docker_container_remove (fixture->docker, "x", TRUE, NULL, &error));
  g_assert_no_error (error);
  reply_with (fixture, "DELETE", "/containers/x", 409, "{\"message\": \"You cannot remove a running container x\"}");
  g_assert_false (perry_docker_container_remove (fixture->docker, "x", FALSE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
}

static void
test_lost (Fixture *fixture, gconstpointer dialect)
{
  const PerryFakeRule rule = { .method = "POST", .path = "/containers/create", .act_first = TRUE, .close = TRUE };
  g_autoptr (GError) error = NULL;

  perry_fake_engine_add_rule (fixture->engine, &rule);
  g_assert_null (create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"true\"]}", FALSE, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
  /* It was made once, not twice. */
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->engine), ==, 1);
}

static void
test_filters (Fixture *fixture, gconstpointer dialect)
{
  const char *labels[] = { "perry.owner", "a=b&c", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = perry_docker_container_list (fixture->docker, TRUE, labels, NULL, &error);
  g_autoptr (GPtrArray) requests = perry_fake_engine_dup_requests (fixture->engine);
  const PerryFakeRequest *last = requests->pdata[requests->len - 1];
  g_autofree char *query = g_uri_unescape_string (last->query, NULL);

  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 0);
  g_assert_cmpstr (query, ==, "all=1&filters={\"label\":[\"perry.owner\",\"a=b&c\"]}");
}

/* The number of a process that was seen once may be anybody's by now: who serves the socket is asked anew. */
static void
test_guard_asks_anew (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("inside");
  g_autoptr (PerryNetworkInfo) info = NULL;
  g_autoptr (PerryEngineInfo) probed = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;
  struct utsname names;

  g_assert_true (perry_docker_ensure_engine (fixture->docker, NULL, &error));
  g_assert_cmpint (uname (&names), ==, 0);
  g_free (fixture->docker->engine->kernel);
  fixture->docker->engine->kernel = g_strdup (names.release);
  fixture->docker->engine_pid = getpid ();
  fixture->docker->engine_uid = 0;
  request->internal = TRUE;
  id = perry_docker_network_create (fixture->docker, request, NULL, NULL, &error);
  g_assert_no_error (error);
  info = perry_docker_network_inspect (fixture->docker, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (info->isolation, ==, PERRY_SUPPORT_PARTIAL);
  g_assert_nonnull (strstr (info->isolation_reason, "cannot be seen from here"));
  g_assert_false (g_str_has_prefix (info->bridge != NULL ? info->bridge : "", "perryi"));

  probed = perry_docker_probe (fixture->docker, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fixture->docker->engine_uid, ==, -1);
}

static void
test_podman_is_refused (void)
{
  g_autoptr (PerryFakeEngine) engine = perry_fake_engine_new (PERRY_FAKE_PODMAN_4);
  g_autoptr (GError) error = NULL;

  g_assert_null (open_socket (perry_fake_engine_get_socket_path (engine), "docker", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "use the podman backend"));
}

static void
test_nobody (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_socket ("/nonexistent/docker.sock", "docker", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "/nonexistent/docker.sock"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*function) (Fixture *fixture, gconstpointer dialect);
  } tests[] = {
    { "probe", test_probe },
    { "life", test_life },
    { "attach", test_attach },
    { "restarted", test_restarted },
    { "bad-replies", test_bad_replies },
    { "warnings", test_warnings },
    { "already-being-removed", test_already_being_removed },
    { "lost-reply", test_lost },
    { "filters", test_filters },
    { "guard-asks-anew", test_guard_asks_anew },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *old = g_strconcat ("/docker-ops/20.10/", tests[i].name, NULL);
      g_autofree char *middle = g_strconcat ("/docker-ops/26.1/", tests[i].name, NULL);
      g_autofree char *new = g_strconcat ("/docker-ops/28.5/", tests[i].name, NULL);

      g_test_add (old, Fixture, GINT_TO_POINTER (PERRY_FAKE_DOCKER_20), set_up, tests[i].function, tear_down);
      g_test_add (middle, Fixture, GINT_TO_POINTER (PERRY_FAKE_DOCKER_26), set_up, tests[i].function, tear_down);
      g_test_add (new, Fixture, GINT_TO_POINTER (PERRY_FAKE_DOCKER_28), set_up, tests[i].function, tear_down);
    }
  g_test_add_func ("/docker-ops/podman-is-refused", test_podman_is_refused);
  g_test_add_func ("/docker-ops/nobody-listens", test_nobody);
  return g_test_run ();
}
