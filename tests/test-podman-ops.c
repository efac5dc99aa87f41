/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-backend.h"

#include <glib/gstdio.h>
#include <sys/utsname.h>

#include "plugin-api/perry-json.h"
#include "plugins/podman/podman-facts.h"
#include "plugins/podman/podman-networks.h"
#include "plugins/podman/podman-profile.h"
#include "tests/engine-fixture.h"
#include "tests/fake/perry-fake-engine.h"

#define SHORT_MS 3000

typedef struct {
  PerryFakeEngine *engine;
  PerryPodman *podman;
  char *directory;
} Fixture;

static PerryPodman *
open_socket (const char *socket, const char *directory, GError **error)
{
  GVariantDict dict;
  g_autoptr (GVariant) options = NULL;
  PerryBackendConfig config = { .struct_size = sizeof config, .candidate = "podman", .runtime_directory = directory,
                                .timeout_ms = SHORT_MS, .probe_timeout_ms = SHORT_MS };

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "socket", "s", socket);
  options = g_variant_ref_sink (g_variant_dict_end (&dict));
  config.options = options;
  return perry_podman_open (&config, NULL, error);
}

static void
set_up (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = engine_fixture_make_directory ();
  fixture->engine = perry_fake_engine_new (GPOINTER_TO_INT (dialect));
  fixture->podman = open_socket (perry_fake_engine_get_socket_path (fixture->engine), fixture->directory, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer dialect)
{
  perry_podman_close (fixture->podman);
  perry_fake_engine_free (fixture->engine);
  engine_fixture_remove_directory (fixture->directory);
  g_free (fixture->directory);
}

static char *
create (Fixture *fixture, const char *json, gboolean with_stdin, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = engine_fixture_spec (json);
  g_auto (GStrv) warnings = NULL;
  PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = "docker.io/library/bb:1",
                                 .name = "web", .open_stdin = with_stdin };

  return perry_podman_container_create (fixture->podman, &request, &warnings, NULL, error);
}

static void
test_probe (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryEngineInfo) engine = perry_podman_probe (fixture->podman, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (engine->api_version, ==, engine->version);
  /* The peer is this test, which is no podman: nothing is known about what could be granted. */
  g_assert_cmphex (engine->grantable_capabilities, ==, perry_linux_capabilities_all ());
}

static void
test_life (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"sleep\"]}", FALSE, &error);
  g_autoptr (PerryContainerInfo) info = NULL;
  g_autoptr (PerryProcessLocation) before = NULL;
  g_autoptr (PerryProcessLocation) after = NULL;
  gint64 exit_code = -1;

  g_assert_no_error (error);
  before = perry_podman_locate_process (fixture->podman, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (before->pid, ==, 0);
  g_assert_nonnull (strstr (before->cgroup_paths[0], id));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, "GET", "/containers/.*/json"), ==, 0);

  perry_fake_engine_set_pid (fixture->engine, 4242);
  g_assert_true (perry_podman_container_init (fixture->podman, id, NULL, &error));
  info = perry_podman_container_inspect (fixture->podman, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (info->status, ==, PERRY_CONTAINER_INITIALISED);
  after = perry_podman_locate_process (fixture->podman, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (after->pid, ==, 4242);

  g_assert_true (perry_podman_container_start (fixture->podman, id, NULL, &error));
  g_assert_true (perry_podman_container_kill (fixture->podman, id, "SIGKILL", NULL, &error));
  g_assert_true (perry_podman_container_wait (fixture->podman, id, &exit_code, NULL, &error));
  g_assert_cmpint (exit_code, ==, 137);
  g_assert_true (perry_podman_container_remove (fixture->podman, id, TRUE, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->engine), ==, 0);
  g_assert_false (perry_podman_container_remove (fixture->podman, id, TRUE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
}

/* Podman 4.3.1's words where a container ends between its look at it and the signal. */
static void
test_ends_while_removed (Fixture *fixture, gconstpointer dialect)
{
  PerryFakeRule rule = { .method = "DELETE", .path = "/containers/.*", .times = 2, .status = 500,
                         .body = "{\"cause\":\"container state improper\",\"message\":\"cannot remove container x as it "
                                 "could not be stopped: sending SIGKILL to container x: container state improper: "
                                 "stopped\",\"response\":500}" };
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"sleep\"]}", FALSE, &error);

  g_assert_no_error (error);
  perry_fake_engine_add_rule (fixture->engine, &rule);
  g_assert_true (perry_podman_container_remove (fixture->podman, id, TRUE, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->engine), ==, 0);
}

static void
test_name_in_use (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (GError) error = NULL;
  g_autofree G_GNUC_UNUSED char *id = create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"sleep\"]}", FALSE, &error);

  g_assert_no_error (error);
  /* Podman's status is 500. */
  g_assert_null (create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"sleep\"]}", FALSE, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NAME_IN_USE);
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
  fixture->podman->host.pid = G_MAXINT32;
  gone = perry_podman_locate_process (fixture->podman, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gone->engine_pid, ==, getpid ());
  fixture->podman->host.is_podman = TRUE;
  other = perry_podman_locate_process (fixture->podman, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (other->engine_pid, ==, getpid ());
  g_assert_false (fixture->podman->host.is_podman);
}

static void
test_attach (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"cat\"]}", TRUE, &error);
  g_autoptr (PerryStream) stream = perry_podman_container_attach (fixture->podman, id, TRUE, NULL, &error);
  PerryChannel channel;
  char buffer[16];

  g_assert_no_error (error);
  perry_podman_container_start (fixture->podman, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (perry_stream_write_all (stream, "hello", 5, NULL, &error));
  g_assert_cmpint (perry_stream_read (stream, &channel, buffer, sizeof buffer, SHORT_MS, NULL, &error), ==, 5);
  g_assert_true (perry_stream_close_write (stream, &error));
  g_assert_cmpint (perry_stream_read (stream, &channel, buffer, sizeof buffer, SHORT_MS, NULL, &error), ==, 0);
  g_assert_no_error (error);
}

static void
test_bad_exit_codes (Fixture *fixture, gconstpointer dialect)
{
  static const char *const bodies[] = { "-1\n", "\"0\"", "{}", "1.0", "" };
  gint64 exit_code = 77;

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      PerryFakeRule rule = { .method = "POST", .path = "/containers/x/wait", .status = 200, .body = bodies[i] };
      g_autoptr (GError) error = NULL;

      perry_fake_engine_add_rule (fixture->engine, &rule);
      g_assert_false (perry_podman_container_wait (fixture->podman, "x", &exit_code, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
      g_assert_cmpint (exit_code, ==, 77);
    }
}

static void
test_wait_is_fine_grained (Fixture *fixture, gconstpointer dialect)
{
  PerryFakeRule rule = { .method = "POST", .path = "/containers/x/wait", .status = 200, .body = "3\n" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) requests = NULL;
  gint64 exit_code = -1;

  perry_fake_engine_add_rule (fixture->engine, &rule);
  g_assert_true (perry_podman_container_wait (fixture->podman, "x", &exit_code, NULL, &error));
  g_assert_cmpint (exit_code, ==, 3);
  requests = perry_fake_engine_dup_requests (fixture->engine);
  g_assert_cmpstr (((PerryFakeRequest *) requests->pdata[requests->len - 1])->query, ==,
                   "condition=stopped&interval=5ms");
}

static JsonNode *
last_create (Fixture *fixture)
{
  g_autoptr (GPtrArray) requests = perry_fake_engine_dup_requests (fixture->engine);

  for (guint i = requests->len; i > 0; i--)
    {
      const PerryFakeRequest *request = requests->pdata[i - 1];

      if (g_str_has_suffix (request->path, "/containers/create"))
        return perry_json_parse_bytes (request->body, NULL, NULL);
    }
  g_assert_not_reached ();
}

static void
test_profile (Fixture *fixture, gconstpointer dialect)
{
  static const char profile[] = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}";
  g_autoptr (GError) error = NULL;
  g_autofree G_GNUC_UNUSED char *id = create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"sleep\"], \"seccomp\": "
                                         "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}", FALSE, &error);
  g_autoptr (JsonNode) body = last_create (fixture);
  g_autofree char *text = NULL;
  const char *path;
  GStatBuf status;

  g_assert_no_error (error);
  path = perry_json_as_string (perry_json_find (body, "seccomp_profile_path", NULL));
  g_assert_true (g_str_has_prefix (path, fixture->directory));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, profile);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, 0600);
}

/* The number of a process that was seen once may be anybody's by now: who serves the socket is asked anew. */
static void
test_guard_asks_anew (Fixture *fixture, gconstpointer dialect)
{
  g_autoptr (PerryNetworkRequest) request = perry_network_request_new ("inside");
  g_autoptr (PerryNetworkInfo) info = NULL;
  g_autoptr (PerryEngineInfo) probed = NULL;
  g_autofree char *id = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;
  struct utsname names;

  g_assert_true (perry_podman_ensure_engine (fixture->podman, NULL, &error));
  g_assert_cmpint (uname (&names), ==, 0);
  g_free (fixture->podman->engine->kernel);
  fixture->podman->engine->kernel = g_strdup (names.release);
  perry_podman_get_host (fixture->podman, &fixture->podman->host, NULL);
  fixture->podman->host.pid = getpid ();
  fixture->podman->host.is_podman = TRUE;
  request->internal = TRUE;
  id = perry_podman_network_create (fixture->podman, request, &warnings, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (warnings[0]);
  g_assert_nonnull (strstr (warnings[0], "cannot be seen from here"));
  info = perry_podman_network_inspect (fixture->podman, id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (info->isolation, ==, PERRY_SUPPORT_PARTIAL);
  g_assert_false (g_str_has_prefix (info->bridge != NULL ? info->bridge : "", "perryi"));

  probed = perry_podman_probe (fixture->podman, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (fixture->podman->host.is_podman);
}

/* A check that has failed is made again before the next try. */
static void
test_ports_are_checked_again (Fixture *fixture, gconstpointer dialect)
{
  static const char others[] = "[{\"Id\": \"0123456789ab\", \"Names\": [\"other\"], \"State\": \"running\", \"Ports\": "
                               "[{\"host_ip\": \"\", \"container_port\": 80, \"host_port\": 8080, \"range\": 1, "
                               "\"protocol\": \"tcp\"}]}]";
  PerryFakeRule failing = { .method = "GET", .path = "/containers/json", .times = 1, .status = 500, .body = "{}" };
  PerryFakeRule taken = { .method = "GET", .path = "/containers/json", .status = 200, .body = others };
  PerryFakeRule stuck = { .method = "POST", .path = "/containers/.*/init", .times = 1, .status = 500, .body = "{}" };
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create (fixture, "{\"image\": \"bb:1\", \"cmd\": [\"sleep\"], \"ports\": [\"8080:80\"]}", FALSE,
                                &error);

  g_assert_no_error (error);
  perry_fake_engine_add_rule (fixture->engine, &taken);
  perry_fake_engine_add_rule (fixture->engine, &failing);
  g_assert_false (perry_podman_container_init (fixture->podman, id, NULL, &error));
  g_clear_error (&error);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (perry_podman_container_init (fixture->podman, id, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PORT_IN_USE);
      g_clear_error (&error);
    }
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->engine, "POST", "/containers/.*/init"), ==, 0);

  /* Free, but something else was in the way: meanwhile another one may have taken it. */
  perry_fake_engine_clear_rules (fixture->engine);
  perry_fake_engine_add_rule (fixture->engine, &stuck);
  g_assert_false (perry_podman_container_init (fixture->podman, id, NULL, NULL));
  perry_fake_engine_add_rule (fixture->engine, &taken);
  g_assert_false (perry_podman_container_init (fixture->podman, id, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PORT_IN_USE);
  g_clear_error (&error);
  perry_fake_engine_clear_rules (fixture->engine);
  g_assert_true (perry_podman_container_init (fixture->podman, id, NULL, &error));
  g_assert_no_error (error);
}

static void
test_profile_is_repaired (void)
{
  g_autofree char *directory = engine_fixture_make_directory ();
  g_autofree char *path = perry_podman_write_profile (directory, "{}", NULL);
  g_autofree char *again = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "{\"other\": 1}", -1, NULL));
  again = perry_podman_write_profile (directory, "{}", NULL);
  g_assert_cmpstr (again, ==, path);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "{}");
  engine_fixture_remove_directory (directory);
  g_assert_null (perry_podman_write_profile (directory, "{}", &error));
  g_assert_nonnull (error);
}

static void
test_facts (void)
{
  g_autofree char *directory = engine_fixture_make_directory ();
  g_autoptr (JsonNode) reply = engine_fixture_parse ("{\"host\": {}}");
  g_autofree char *key = perry_podman_facts_key (getpid ());
  g_autofree char *none = perry_podman_facts_key (0);
  g_autoptr (JsonNode) kept = NULL;
  g_autofree G_GNUC_UNUSED char *path = NULL;

  g_assert_nonnull (key);
  g_assert_null (none);
  g_assert_null (perry_podman_facts_load (directory, "/sock", key));
  perry_podman_facts_store (directory, "/sock", key, reply);
  kept = perry_podman_facts_load (directory, "/sock", key);
  g_assert_true (json_node_equal (kept, reply));
  g_assert_null (perry_podman_facts_load (directory, "/sock", "another process"));
  g_assert_null (perry_podman_facts_load (directory, "/other", key));
  engine_fixture_remove_directory (directory);
}

static void
test_docker_is_refused (void)
{
  g_autoptr (PerryFakeEngine) engine = perry_fake_engine_new (PERRY_FAKE_DOCKER_28);
  g_autoptr (GError) error = NULL;

  g_assert_null (open_socket (perry_fake_engine_get_socket_path (engine), "/nonexistent", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "not Podman"));
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
    { "ends-while-removed", test_ends_while_removed },
    { "name-in-use", test_name_in_use },
    { "attach", test_attach },
    { "restarted", test_restarted },
    { "bad-exit-codes", test_bad_exit_codes },
    { "wait-is-fine-grained", test_wait_is_fine_grained },
    { "profile", test_profile },
    { "ports-are-checked-again", test_ports_are_checked_again },
    { "guard-asks-anew", test_guard_asks_anew },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *old = g_strconcat ("/podman-ops/4.3/", tests[i].name, NULL);
      g_autofree char *new = g_strconcat ("/podman-ops/5.4/", tests[i].name, NULL);
      g_autofree char *newer = g_strconcat ("/podman-ops/5.8/", tests[i].name, NULL);
      g_autofree char *newest = g_strconcat ("/podman-ops/6.1/", tests[i].name, NULL);

      g_test_add (old, Fixture, GINT_TO_POINTER (PERRY_FAKE_PODMAN_4), set_up, tests[i].function, tear_down);
      g_test_add (new, Fixture, GINT_TO_POINTER (PERRY_FAKE_PODMAN_5), set_up, tests[i].function, tear_down);
      g_test_add (newer, Fixture, GINT_TO_POINTER (PERRY_FAKE_PODMAN_5_8), set_up, tests[i].function, tear_down);
      g_test_add (newest, Fixture, GINT_TO_POINTER (PERRY_FAKE_PODMAN_6), set_up, tests[i].function, tear_down);
    }
  g_test_add_func ("/podman-ops/profile-is-repaired", test_profile_is_repaired);
  g_test_add_func ("/podman-ops/facts-live-as-long-as-the-process", test_facts);
  g_test_add_func ("/podman-ops/docker-is-refused", test_docker_is_refused);
  return g_test_run ();
}
