/* SPDX-License-Identifier: Apache-2.0 */
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/perry-container.h"
#include "tests/fake/perry-fake-engine.h"

/* The calls of PerryEngine besides run: containers, images, plans, in both forms, on both engines. */
#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER_BOOT "99999999-2222-3333-4444-555555555555:1:1:1:0"

typedef struct {
  PerryFakeEngine *fake;
  PerryEngine *engine;
  char *directory;
  GAsyncResult *result; /* of the asynchronous call that is waited for */
} Fixture;

typedef struct {
  const char *backend;
  PerryFakeDialect dialect;
} Setting;

static const Setting docker = { "docker", PERRY_FAKE_DOCKER_28 };
static const Setting podman = { "podman", PERRY_FAKE_PODMAN_5 };
static const Setting mock = { "mock", PERRY_FAKE_DOCKER_28 };

static PerryEngine *
open_engine (const Fixture *fixture, const char *backend)
{
  static const char *const backends[] = { "docker", "podman" };
  g_autoptr (GError) error = NULL;
  PerryEngine *engine = perry_engine_new (NULL, &error);
  PerryConfig *config;

  g_assert_no_error (error);
  config = perry_engine_get_config (engine);
  g_assert_true (perry_config_set_override (config, "engine", "backend", backend, "the test", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    {
      g_autofree char *group = g_strconcat ("plugin ", backends[i], NULL);

      g_assert_true (perry_config_set_override (config, group, "socket",
                                                perry_fake_engine_get_socket_path (fixture->fake), "the test", NULL));
    }
  return engine;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Setting *setting = data;

  fixture->fake = perry_fake_engine_new (setting->dialect);
  fixture->engine = open_engine (fixture, setting->backend);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->engine);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
  perry_fake_engine_free (fixture->fake);
}

static PerryContainerSpec *
make_spec (const char *json)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  g_assert_no_error (error);
  return spec;
}

/* Creates a container with the given name that sleeps; returns its id. */
static char *
create (Fixture *fixture, const char *name)
{
  g_autofree char *json =
      g_strdup_printf ("{\"image\": \"bb:1\", \"name\": \"%s\", \"cmd\": [\"sleep\"], \"env\": {\"KEY\": \"hidden\"}, "
                       "\"read_only\": true}", name);
  g_autoptr (PerryContainerSpec) spec = make_spec (json);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = perry_engine_create (fixture->engine, spec, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (result->exit_code, ==, -1);
  g_assert_cmpstr (result->container_name, ==, name);
  return g_strdup (result->container_id);
}

/* Creates a container past the engine, with labels of the test's own. */
static void
create_foreign (Fixture *fixture, const Setting *setting, const char *name, const char *labels)
{
  g_autofree char *body =
      g_strdup_printf ("{\"Image\": \"bb:1\", \"image\": \"bb:1\", \"name\": \"%s\", \"Cmd\": [\"sleep\"], "
                       "\"command\": [\"sleep\"], \"HostConfig\": {\"NetworkMode\": \"none\"}, "
                       "\"netns\": {\"nsmode\": \"none\"}, \"Labels\": {%s}, \"labels\": {%s}}", name, labels, labels);
  const char *prefix = setting == &docker ? "/v1.41" : "/v4.0.0/libpod";
  g_autofree char *request =
      g_strdup_printf ("POST %s/containers/create?name=%s HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n"
                       "Content-Type: application/json\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s", prefix, name,
                       strlen (body), body);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  char reply[4096] = "";

  address = g_unix_socket_address_new (perry_fake_engine_get_socket_path (fixture->fake));
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
                                            strlen (request), NULL, NULL, &error));
  g_assert_true (g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), reply,
                                          sizeof reply - 1, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (reply, " 201 "));
}

static void
assert_status (Fixture *fixture, const char *name, PerryContainerStatus status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerInfo) info = perry_engine_inspect (fixture->engine, name, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (info->status, ==, status);
}

static void
test_life (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = create (fixture, "one");
  g_autoptr (GError) error = NULL;
  gint64 exit_code = -1;

  assert_status (fixture, id, PERRY_CONTAINER_CREATED);
  g_assert_true (perry_engine_start (fixture->engine, "one", NULL, &error));
  g_assert_no_error (error);
  assert_status (fixture, "one", PERRY_CONTAINER_RUNNING);

  g_assert_false (perry_engine_start (fixture->engine, "one", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, "the container one is running already"));
  g_clear_error (&error);

  g_assert_true (perry_engine_stop (fixture->engine, "one", 5, NULL, &error));
  g_assert_true (perry_engine_wait (fixture->engine, "one", &exit_code, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (exit_code, ==, 143);
  assert_status (fixture, "one", PERRY_CONTAINER_EXITED);

  g_assert_true (perry_engine_remove (fixture->engine, "one", FALSE, NULL, &error));
  g_assert_null (perry_engine_inspect (fixture->engine, "one", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
}

/* What `start` compares with is kept in a label; values of the environment may be secrets, and are not. */
static void
test_kept_spec (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = create (fixture, "one");
  g_autoptr (PerryContainerInfo) info = perry_engine_inspect (fixture->engine, id, NULL, NULL);
  const char *kept = g_hash_table_lookup (info->labels, "perry.spec");

  g_assert_nonnull (kept);
  g_assert_nonnull (strstr (kept, "\"read_only\":true"));
  g_assert_null (strstr (kept, "hidden"));
  g_assert_cmpstr (g_hash_table_lookup (info->labels, "perry.detached"), ==, "1");
  g_assert_true (perry_engine_remove (fixture->engine, id, TRUE, NULL, NULL));
}

static void
test_broken_kept_spec (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  create_foreign (fixture, data, "ours", "\"perry.owner\": \"x\", \"perry.spec\": \"{no\"");
  g_assert_false (perry_engine_start (fixture->engine, "ours", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_JSON);
  g_assert_true (g_str_has_prefix (error->message, "the label perry.spec of ours: "));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/.*/start"), ==, 0);
  g_assert_true (perry_engine_remove (fixture->engine, "ours", TRUE, NULL, NULL));
  g_clear_error (&error);

  /* the label of somebody else's container is somebody else's */
  create_foreign (fixture, data, "foreign", "\"perry.spec\": \"{no\"");
  g_assert_true (perry_engine_start (fixture->engine, "foreign", NULL, &error));
  g_assert_no_error (error);
  g_assert_true (perry_engine_remove (fixture->engine, "foreign", TRUE, NULL, NULL));
}

/* The engine has started it and says that it has not: whatever the truth is, it does not go on running. */
static void
test_failed_start_is_killed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = create (fixture, "one");
  g_autoptr (GError) error = NULL;

  perry_fake_engine_add_rule (fixture->fake,
                              &(PerryFakeRule){ .method = "POST", .path = "/containers/.*/start", .act_first = TRUE,
                                                .status = 500, .body = "{\"message\":\"it broke\"}" });
  g_assert_false (perry_engine_start (fixture->engine, "one", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
  assert_status (fixture, id, PERRY_CONTAINER_EXITED);
  g_assert_true (perry_engine_remove (fixture->engine, "one", FALSE, NULL, NULL));
}

static void
test_list (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = create (fixture, "one");
  g_autoptr (GPtrArray) running = NULL;
  g_autoptr (GPtrArray) ours = NULL;
  g_autoptr (GPtrArray) all = NULL;

  create_foreign (fixture, data, "foreign", "");
  running = perry_engine_list (fixture->engine, FALSE, TRUE, NULL, NULL);
  ours = perry_engine_list (fixture->engine, TRUE, FALSE, NULL, NULL);
  all = perry_engine_list (fixture->engine, TRUE, TRUE, NULL, NULL);
  g_assert_cmpuint (running->len, ==, 0);
  g_assert_cmpuint (ours->len, ==, 1);
  g_assert_cmpstr (((PerryContainerInfo *) ours->pdata[0])->id, ==, id);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpint (((PerryContainerInfo *) all->pdata[0])->created_at, >=,
                   ((PerryContainerInfo *) all->pdata[1])->created_at);
  g_assert_true (perry_engine_remove (fixture->engine, "one", TRUE, NULL, NULL));
  g_assert_true (perry_engine_remove (fixture->engine, "foreign", TRUE, NULL, NULL));
}

/* Only what a process that is certainly gone left behind, and never what was meant to stay. */
static void
test_remove_stale (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) removed = NULL;
  g_autofree char *id = create (fixture, "detached");
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (GError) error = NULL;

  create_foreign (fixture, data, "stale", "\"perry.owner\": \"" OTHER_BOOT "\"");
  create_foreign (fixture, data, "meant-to-stay", "\"perry.owner\": \"" OTHER_BOOT "\", \"perry.detached\": \"1\"");
  create_foreign (fixture, data, "no-owner", "\"perry.owner\": \"nonsense\"");
  create_foreign (fixture, data, "foreign", "\"other\": \"" OTHER_BOOT "\"");
  removed = perry_engine_remove_stale (fixture->engine, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (removed), ==, 1);
  g_assert_cmpstr (removed[0], ==, "stale");
  left = perry_engine_list (fixture->engine, TRUE, TRUE, NULL, NULL);
  g_assert_cmpuint (left->len, ==, 4);
  for (guint i = 0; i < left->len; i++)
    g_assert_true (perry_engine_remove (fixture->engine, ((PerryContainerInfo *) left->pdata[i])->id, TRUE, NULL, NULL));
}

static void
test_remove_stale_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) removed = NULL;

  create_foreign (fixture, data, "stale", "\"perry.owner\": \"" OTHER_BOOT "\"");
  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .method = "DELETE", .path = "/containers/.*", .times = 1,
                                                               .status = 500, .body = "{\"message\":\"it broke\"}" });
  g_assert_null (perry_engine_remove_stale (fixture->engine, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
  g_assert_true (g_str_has_prefix (error->message, "removing stale failed: "));
  g_clear_error (&error);

  /* one that somebody else removed meanwhile is no failure */
  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .method = "DELETE", .path = "/containers/.*", .times = 1,
                                                               .act_first = TRUE, .status = 404,
                                                               .body = "{\"message\":\"no such container\"}" });
  removed = perry_engine_remove_stale (fixture->engine, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (removed), ==, 0);
}

static void
test_logs (Fixture *fixture, gconstpointer data)
{
  const PerryLogRequest request = { .struct_size = sizeof request, .stdout_wanted = TRUE, .stderr_wanted = TRUE,
                                    .tail = -1 };
  g_autoptr (PerryContainerSpec) spec = make_spec ("{\"image\": \"bb:1\", \"name\": \"one\", \"cmd\": [\"hello\"]}");
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (PerryStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[16];
  PerryChannel channel;

  perry_fake_engine_set_output (fixture->fake, "out\n", NULL, 0);
  result = perry_engine_run (fixture->engine, spec, NULL, NULL, &error);
  g_assert_no_error (error);
  stream = perry_engine_open_logs (fixture->engine, "one", &request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (perry_stream_read (stream, &channel, buffer, sizeof buffer, 5000, NULL, &error), ==, 4);
  g_assert_cmpmem (buffer, 4, "out\n", 4);
  g_assert_null (perry_engine_open_logs (fixture->engine, "nosuch", &request, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
  g_assert_true (perry_engine_remove (fixture->engine, "one", FALSE, NULL, NULL));
}

/* All spellings of a signal reach an engine as the one that all engines take. */
static void
test_signals (Fixture *fixture, gconstpointer data)
{
  static const char *const spellings[] = { "15", "term", "SIGTERM", "sigTerm" };

  for (guint i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      g_autofree char *id = create (fixture, "one");
      g_autoptr (GPtrArray) requests = NULL;
      g_autoptr (GError) error = NULL;
      gboolean sent = FALSE;

      g_assert_true (perry_engine_start (fixture->engine, id, NULL, &error));
      g_assert_true (perry_engine_kill (fixture->engine, id, spellings[i], NULL, &error));
      g_assert_no_error (error);
      requests = perry_fake_engine_dup_requests (fixture->fake);
      for (guint k = 0; k < requests->len; k++)
        {
          const PerryFakeRequest *request = requests->pdata[k];

          sent |= g_str_has_suffix (request->path, "/kill") && strstr (request->query, "signal=SIGTERM") != NULL;
        }
      g_assert_true (sent);
      g_assert_true (perry_engine_remove (fixture->engine, id, TRUE, NULL, NULL));
    }
}

static void
test_images (Fixture *fixture, gconstpointer data)
{
  static const char archive[] = "manifest.json: [{\"RepoTags\":[\"docker.io/library/new:2\"]}]";
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (archive, sizeof archive, NULL);
  g_auto (GStrv) names = NULL;
  g_autoptr (GPtrArray) images = NULL;
  g_autoptr (PerryImageInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  names = perry_engine_load_image (fixture->engine, stream, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (names[0], ==, "docker.io/library/new:2");
  g_assert_null (names[1]);

  images = perry_engine_list_images (fixture->engine, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (images->len, >=, 2);
  for (guint i = 1; i < images->len; i++)
    g_assert_cmpint (((PerryImageInfo *) images->pdata[i - 1])->created_at, >=,
                     ((PerryImageInfo *) images->pdata[i])->created_at);

  info = perry_engine_inspect_image (fixture->engine, "new:2", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (info->id, "sha256:"));
  g_assert_true (perry_engine_remove_image (fixture->engine, "new:2", FALSE, NULL, &error));
  g_assert_null (perry_engine_inspect_image (fixture->engine, "new:2", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_clear_error (&error);

  g_assert_null (perry_engine_inspect_image (fixture->engine, "-x", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE);
  g_clear_error (&error);
  g_assert_false (perry_engine_remove_image (fixture->engine, "-x", FALSE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE);
}

/* A reference by digest is created by that digest, and not by what a tag says meanwhile. */
static void
test_digest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec =
      make_spec ("{\"image\": \"bb@sha256:" DIGITS "\", \"rm\": true, \"cmd\": [\"hello\"]}");
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (GError) error = NULL;

  perry_fake_engine_add_image (fixture->fake, "docker.io/library/bb@sha256:" DIGITS, "sha256:" DIGITS);
  result = perry_engine_run (fixture->engine, spec, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result->digest, ==, "sha256:" DIGITS);
  g_assert_cmpstr (result->image, ==, "docker.io/library/bb@sha256:" DIGITS);
}

static const PerryPlanField *
find_row (const PerryPlan *plan, PerryField field)
{
  for (guint i = 0; i < plan->fields->len; i++)
    {
      const PerryPlanField *row = g_ptr_array_index (plan->fields, i);

      if (row->field == field)
        return row;
    }
  return NULL;
}

static void
test_plan (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec =
      make_spec ("{\"image\": \"bb:1\", \"read_only\": true, \"apparmor\": \"p\", \"cap_add\": [\"CHOWN\"], \"user\": \"1\"}");
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryPlan) plan = perry_engine_plan (fixture->engine, spec, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (plan->image, ==, "docker.io/library/bb:1");
  g_assert_cmpstr (find_row (plan, PERRY_FIELD_READ_ONLY)->outcome, ==, "true");
  g_assert_cmpint (find_row (plan, PERRY_FIELD_READ_ONLY)->support, ==, PERRY_SUPPORT_NATIVE);
  g_assert_cmpstr (find_row (plan, PERRY_FIELD_APPARMOR)->asked, ==, "p");
  g_assert_null (find_row (plan, PERRY_FIELD_APPARMOR)->outcome);
  g_assert_cmpint (find_row (plan, PERRY_FIELD_APPARMOR)->support, ==, PERRY_SUPPORT_UNSUPPORTED);
  g_assert_nonnull (find_row (plan, PERRY_FIELD_APPARMOR)->reason);
  g_assert_null (find_row (plan, PERRY_FIELD_TMPFS)->asked);
  g_assert_cmpuint (plan->adjustments->len, >=, 2);
  g_assert_null (find_row (plan, PERRY_FIELD_WORKDIR));
  if (data == &docker) /* only Docker answers so about this very spec */
    g_assert_cmpint (find_row (plan, PERRY_FIELD_CAP_ADD)->support, ==, PERRY_SUPPORT_PARTIAL);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*"), ==, 0);
}

static void
test_plan_of_missing_image (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = make_spec ("{\"image\": \"nosuch:1\"}");
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_engine_plan (fixture->engine, spec, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*"), ==, 0);
  g_clear_error (&error);
  g_assert_null (perry_engine_create (fixture->engine, spec, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
}

/* A create that the engine contradicts leaves nothing, as a run does. */
static void
test_create_cleans_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = make_spec ("{\"image\": \"bb:1\", \"read_only\": true, \"cmd\": [\"hello\"]}");
  g_autoptr (GError) error = NULL;

  perry_fake_engine_set_report (fixture->fake, "HostConfig.ReadonlyRootfs", "false");
  g_assert_null (perry_engine_create (fixture->engine, spec, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/create"), ==, 1);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
}

/* What is looked for after a create whose reply was lost is this create, by the whole of its label. */
static void
test_lost_create_spares_others (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = create (fixture, "other");
  g_autoptr (PerryContainerSpec) spec = make_spec ("{\"image\": \"bb:1\", \"rm\": true, \"cmd\": [\"hello\"]}");
  g_autoptr (GError) error = NULL;

  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .method = "POST", .path = "/containers/create",
                                                               .close = TRUE });
  g_assert_null (perry_engine_run (fixture->engine, spec, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
  assert_status (fixture, id, PERRY_CONTAINER_CREATED);
  g_assert_true (perry_engine_remove (fixture->engine, id, TRUE, NULL, NULL));
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *fixture = data;

  fixture->result = g_object_ref (result);
}

static GAsyncResult *
wait_for_result (Fixture *fixture)
{
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&fixture->result);
}

static void
test_async_run_and_create (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) hello = make_spec ("{\"image\": \"bb:1\", \"rm\": true, \"cmd\": [\"hello\"]}");
  g_autoptr (PerryContainerSpec) sleeper = make_spec ("{\"image\": \"bb:1\", \"name\": \"one\", \"cmd\": [\"sleep\"]}");
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryRunResult) ran = NULL;
  g_autoptr (PerryRunResult) created = NULL;
  g_autoptr (GAsyncResult) run = NULL;
  g_autoptr (GAsyncResult) creation = NULL;
  g_autoptr (GError) error = NULL;

  options->capture = TRUE;
  perry_fake_engine_set_output (fixture->fake, "out\n", NULL, 3);
  perry_engine_run_async (fixture->engine, hello, options, NULL, on_done, fixture);
  run = wait_for_result (fixture);
  ran = perry_engine_run_finish (fixture->engine, run, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ran->exit_code, ==, 3);
  g_assert_cmpuint (g_bytes_get_size (ran->stdout_data), ==, 4);

  perry_engine_create_async (fixture->engine, sleeper, NULL, NULL, on_done, fixture);
  creation = wait_for_result (fixture);
  created = perry_engine_create_finish (fixture->engine, creation, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (created->container_name, ==, "one");
  g_assert_true (perry_engine_remove (fixture->engine, "one", TRUE, NULL, NULL));
}

static void
test_async_failures_of_specs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) missing = make_spec ("{\"image\": \"nosuch:1\"}");
  g_autoptr (GAsyncResult) run = NULL;
  g_autoptr (GAsyncResult) creation = NULL;
  g_autoptr (GError) error = NULL;

  perry_engine_run_async (fixture->engine, missing, NULL, NULL, on_done, fixture);
  run = wait_for_result (fixture);
  g_assert_null (perry_engine_run_finish (fixture->engine, run, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_clear_error (&error);
  perry_engine_create_async (fixture->engine, missing, NULL, NULL, on_done, fixture);
  creation = wait_for_result (fixture);
  g_assert_null (perry_engine_create_finish (fixture->engine, creation, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
}

typedef gboolean (*Finish) (PerryEngine *engine, GAsyncResult *result, GError **error);

static void
assert_finishes (Fixture *fixture, Finish finish, gboolean good)
{
  g_autoptr (GAsyncResult) result = wait_for_result (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_true (finish (fixture->engine, result, &error) == good);
  if (good)
    g_assert_no_error (error);
  else
    g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
}

/* Each call on a container that is there, and on one that is not. */
static void
test_async_life (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "nosuch", "one" };
  g_autofree char *id = create (fixture, "one");

  for (int good = 0; good < 2; good++)
    {
      g_autoptr (GAsyncResult) waited = NULL;
      g_autoptr (GError) error = NULL;
      gint64 exit_code = -1;

      perry_engine_start_async (fixture->engine, names[good], NULL, on_done, fixture);
      assert_finishes (fixture, perry_engine_start_finish, good);
      perry_engine_kill_async (fixture->engine, names[good], "TERM", NULL, on_done, fixture);
      assert_finishes (fixture, perry_engine_kill_finish, good);
      perry_engine_wait_async (fixture->engine, names[good], NULL, on_done, fixture);
      waited = wait_for_result (fixture);
      g_assert_true (perry_engine_wait_finish (fixture->engine, waited, &exit_code, &error) == good);
      g_assert_cmpint (exit_code, ==, good ? 143 : -1);
      g_assert_true (good || g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND));
      perry_engine_stop_async (fixture->engine, names[good], 1, NULL, on_done, fixture);
      assert_finishes (fixture, perry_engine_stop_finish, good);
      perry_engine_remove_async (fixture->engine, names[good], FALSE, NULL, on_done, fixture);
      assert_finishes (fixture, perry_engine_remove_finish, good);
    }
}

static void
assert_not_offered (GError *taken)
{
  g_autoptr (GError) error = taken;

  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "the backend mock does not offer to "));
}

/* A backend that leaves operations out says so, instead of doing nothing. */
static void
test_not_offered (Fixture *fixture, gconstpointer data)
{
  const PerryLogRequest request = { .struct_size = sizeof request, .stdout_wanted = TRUE };
  g_autoptr (GInputStream) stream = g_memory_input_stream_new ();
  GError *error = NULL;

  g_assert_null (perry_engine_open_logs (fixture->engine, "x", &request, NULL, &error));
  assert_not_offered (g_steal_pointer (&error));
  g_assert_null (perry_engine_load_image (fixture->engine, stream, NULL, &error));
  assert_not_offered (g_steal_pointer (&error));
  g_assert_null (perry_engine_list_images (fixture->engine, NULL, &error));
  assert_not_offered (g_steal_pointer (&error));
  g_assert_null (perry_engine_pull_image (fixture->engine, "x", NULL, NULL, &error));
  assert_not_offered (g_steal_pointer (&error));
  g_assert_false (perry_engine_remove_image (fixture->engine, "x", FALSE, NULL, &error));
  assert_not_offered (g_steal_pointer (&error));
}

static void
test_backends (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = perry_engine_list_backends (fixture->engine, NULL, NULL);
  guint n_selected = 0, n_rejected = 0;

  for (guint i = 0; i < entries->len; i++)
    {
      const PerryBackendEntry *entry = g_ptr_array_index (entries, i);

      n_selected += entry->selected;
      n_rejected += entry->error != NULL;
      g_assert_true ((entry->error != NULL) != (entry->info != NULL));
      g_assert_true (!entry->selected || g_str_equal (entry->name, ((const Setting *) data)->backend));
    }
  g_assert_cmpuint (n_selected, ==, 1);
  g_assert_cmpuint (n_rejected, >, 0);
}

/* A refusal names who else on this host may do it. */
static void
test_refusal_hints (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = make_spec ("{\"image\": \"bb:1\", \"apparmor\": \"p\", \"require\": [\"apparmor\"]}");
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_engine_run (fixture->engine, spec, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_nonnull (strstr (error->message, "(honoured by: mock)"));
}

/* What the other one can do in general, and not for this value, is no hint. */
static void
test_refusal_hints_are_for_the_value (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec
      = make_spec ("{\"image\": \"bb:1\", \"apparmor\": \"not-loaded\", \"require\": [\"apparmor\"]}");
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_engine_run (fixture->engine, spec, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_null (strstr (error->message, "(honoured by: mock)"));
}

static PerryEngine *
open_with_required (const char *required, GError **error)
{
  g_autoptr (PerryConfig) config = perry_config_load (NULL, NULL, NULL);

  g_assert_true (perry_config_set_override (config, "engine", "required-plugins", required, "the test", NULL));
  return perry_engine_new (config, error);
}

static void
test_required_plugins (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryEngine) engine = open_with_required ("mock", &error);

  g_assert_no_error (error);
  g_assert_null (open_with_required ("mock;nosuch", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_NOT_FOUND);
  g_assert_true (g_str_has_prefix (error->message, "the plugin nosuch is required by the test: "));
}

/* A directory that others can write to is no place for sockets. */
static void
test_runtime_directory (Fixture *fixture, gconstpointer data)
{
  g_autofree char *parent = g_dir_make_tmp ("perry-calls-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (parent, "perry-container", NULL);
  g_autofree char *before = g_strdup (g_getenv ("XDG_RUNTIME_DIR"));
  g_autofree char *missing = g_build_filename (parent, "nosuch", NULL);
  g_autoptr (PerryEngine) engine = open_engine (fixture, "docker");
  g_autoptr (GError) error = NULL;

  g_setenv ("XDG_RUNTIME_DIR", parent, TRUE);
  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  g_assert_null (perry_engine_dup_backend_name (engine, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED);
  g_assert_nonnull (strstr (error->message, "is not a directory of yours with mode 0700"));
  g_clear_error (&error);

  g_setenv ("XDG_RUNTIME_DIR", missing, TRUE);
  g_assert_null (perry_engine_list_backends (engine, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED);
  g_assert_nonnull (strstr (error->message, "creating the runtime directory"));
  g_setenv ("XDG_RUNTIME_DIR", before, TRUE);
  g_assert_cmpint (g_rmdir (path), ==, 0);
  g_assert_cmpint (g_rmdir (parent), ==, 0);
}

static void
test_cancelled_selection (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (perry_engine_dup_backend_name (fixture->engine, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
}

static char *
prepare_environment (void)
{
  g_autofree char *root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  g_autofree char *plugins = g_strdup_printf ("%s/plugins/docker:%s/plugins/podman:%s/tests/plugins/mock", root, root,
                                              root);
  char *directory = g_dir_make_tmp ("perry-calls-XXXXXX", NULL);

  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", directory, TRUE);
  return directory;
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (Fixture *, gconstpointer); } both[] = {
    { "life", test_life },
    { "kept-spec", test_kept_spec },
    { "kept-spec-is-broken", test_broken_kept_spec },
    { "failed-start-is-killed", test_failed_start_is_killed },
    { "list", test_list },
    { "remove-stale", test_remove_stale },
    { "remove-stale-fails", test_remove_stale_fails },
    { "logs", test_logs },
    { "signals", test_signals },
    { "images", test_images },
    { "digest", test_digest },
    { "plan", test_plan },
    { "plan-of-missing-image", test_plan_of_missing_image },
    { "create-cleans-up", test_create_cleans_up },
    { "lost-create-spares-others", test_lost_create_spares_others },
    { "backends", test_backends },
    { "refusal-hints", test_refusal_hints },
    { "refusal-hints-are-for-the-value", test_refusal_hints_are_for_the_value },
    { "async/run-and-create", test_async_run_and_create },
    { "async/failures", test_async_failures_of_specs },
    { "async/life", test_async_life },
  };
  g_autofree char *directory = NULL;
  g_autofree char *runtime = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  directory = prepare_environment ();
  for (gsize i = 0; i < G_N_ELEMENTS (both); i++)
    {
      g_autofree char *on_docker = g_strconcat ("/engine-calls/docker/", both[i].name, NULL);
      g_autofree char *on_podman = g_strconcat ("/engine-calls/podman/", both[i].name, NULL);

      g_test_add (on_docker, Fixture, &docker, set_up, both[i].test, tear_down);
      g_test_add (on_podman, Fixture, &podman, set_up, both[i].test, tear_down);
    }
  g_test_add ("/engine-calls/not-offered", Fixture, &mock, set_up, test_not_offered, tear_down);
  g_test_add ("/engine-calls/runtime-directory", Fixture, &docker, set_up, test_runtime_directory, tear_down);
  g_test_add ("/engine-calls/cancelled-selection", Fixture, &docker, set_up, test_cancelled_selection, tear_down);
  g_test_add_func ("/engine-calls/required-plugins", test_required_plugins);
  status = g_test_run ();
  runtime = g_build_filename (directory, "perry-container", NULL);
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  return status;
}
