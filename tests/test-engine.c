/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/perry-container.h"
#include "tests/fake/perry-fake-engine.h"

/* PerryEngine with the real plugins, on engines inside this process. */
typedef struct {
  PerryFakeEngine *fake;
  PerryEngine *engine;
  char *directory;
} Fixture;

typedef struct {
  const char *backend;
  PerryFakeDialect dialect;
} Setting;

static const Setting docker = { "docker", PERRY_FAKE_DOCKER_20 };
static const Setting podman = { "podman", PERRY_FAKE_PODMAN_4 };

static void
use_plugins (void)
{
  g_autofree char *root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  g_autofree char *plugins = g_strdup_printf ("%s/plugins/docker:%s/plugins/podman:%s/tests/plugins/mock", root, root,
                                              root);

  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
}

static PerryEngine *
open_engine (const char *backends)
{
  g_autoptr (GError) error = NULL;
  PerryEngine *engine;

  g_setenv ("PERRY_CONTAINER_BACKEND", backends, TRUE);
  engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
  return engine;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Setting *setting = data;
  g_autofree char *endpoint = NULL;

  fixture->directory = g_dir_make_tmp ("perry-engine-XXXXXX", NULL);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", fixture->directory, TRUE);
  fixture->fake = perry_fake_engine_new (setting->dialect);
  endpoint = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fixture->fake), NULL);
  g_setenv ("DOCKER_HOST", endpoint, TRUE);
  g_setenv ("CONTAINER_HOST", endpoint, TRUE);
  fixture->engine = open_engine (setting->backend);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *runtime = g_build_filename (fixture->directory, "perry-container", NULL);

  g_object_unref (fixture->engine);
  perry_fake_engine_free (fixture->fake);
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
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

static PerryRunResult *
run (Fixture *fixture, const char *json, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = make_spec (json);

  return perry_engine_run (fixture->engine, spec, NULL, cancellable, error);
}

#define BB "\"image\": \"bb:1\", \"rm\": true"

static void
test_nothing_available (void)
{
  g_autoptr (PerryEngine) engine = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("DOCKER_HOST", "unix:///nonexistent/docker.sock", TRUE);
  g_setenv ("CONTAINER_HOST", "unix:///nonexistent/podman.sock", TRUE);
  engine = open_engine ("docker,podman,nosuch");
  g_assert_null (perry_engine_dup_backend_name (engine, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "\n  docker: "));
  g_assert_nonnull (strstr (error->message, "\n  podman: "));
  g_assert_nonnull (strstr (error->message, "\n  nosuch: "));
  g_assert_nonnull (strstr (error->message, "/nonexistent/docker.sock"));
}

static void
test_first_that_answers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryEngine) engine = NULL;
  g_autofree char *name = NULL;

  g_setenv ("CONTAINER_HOST", "unix:///nonexistent/podman.sock", TRUE);
  engine = open_engine ("podman,docker,mock");
  name = perry_engine_dup_backend_name (engine, NULL, NULL);
  g_assert_cmpstr (name, ==, "docker");
}

/* a candidate that hangs costs the probe timeout and no more, and does not keep a later one from winning */
typedef struct {
  PerryEngine *engine;
  GCancellable *cancellable;
  GError *error;
  gboolean ok;
} Selector;

static gpointer
select_thread (gpointer data)
{
  Selector *selector = data;
  g_autofree char *name = perry_engine_dup_backend_name (selector->engine, selector->cancellable, &selector->error);

  selector->ok = g_strcmp0 (name, "docker") == 0;
  return NULL;
}

/* Many at once ask the engine once; whoever gives up, even the one that asks, takes nothing away from the others. */
static void
test_select_together (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Selector selectors[16];
  GThread *threads[G_N_ELEMENTS (selectors)];

  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .path = "/info", .delay_ms = 300, .act_first = TRUE });
  for (gsize i = 0; i < G_N_ELEMENTS (selectors); i++)
    {
      selectors[i] = (Selector){ .engine = fixture->engine, .cancellable = i < 2 ? cancellable : NULL };
      threads[i] = g_thread_new ("select", select_thread, &selectors[i]);
      if (i == 0)
        g_assert_true (perry_fake_engine_wait_for (fixture->fake, "GET", "/info", 1));
    }
  g_usleep (50 * 1000);
  g_cancellable_cancel (cancellable);
  for (gsize i = 0; i < G_N_ELEMENTS (selectors); i++)
    g_thread_join (threads[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (selectors); i++)
    {
      g_assert_cmpint (selectors[i].ok, ==, i >= 2);
      if (i < 2)
        g_assert_error (selectors[i].error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
      g_clear_error (&selectors[i].error);
    }
  /* the one that was cancelled, and one that asked again */
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "GET", "/info"), ==, 2);
}

static void
test_hanging_candidate (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryEngine) engine = NULL;
  g_autofree char *name = NULL;
  gint64 begin;

  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .path = "/_ping", .delay_ms = 20000 });
  engine = open_engine ("docker,mock");
  g_assert_true (perry_config_set_override (perry_engine_get_config (engine), "engine", "probe-timeout-ms", "300",
                                            "the test", NULL));
  begin = g_get_monotonic_time ();
  name = perry_engine_dup_backend_name (engine, NULL, NULL);
  g_assert_cmpstr (name, ==, "mock");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 1500 * 1000);
}

/* a candidate that answers when nobody waits for it any more: the engine, and with it the list of plugins, has gone */
static void
test_late_candidate (Fixture *fixture, gconstpointer data)
{
  g_autofree char *gate = g_build_filename (fixture->directory, "gate", NULL);
  PerryEngine *engine;

  g_assert_cmpint (mkfifo (gate, 0600), ==, 0);
  g_setenv ("PERRY_MOCK_GATE", gate, TRUE);
  engine = open_engine ("mock");
  g_assert_true (perry_config_set_override (perry_engine_get_config (engine), "engine", "probe-timeout-ms", "10",
                                            "the test", NULL));
  g_assert_null (perry_engine_dup_backend_name (engine, NULL, NULL));
  g_object_unref (engine);
  close (open (gate, O_WRONLY | O_CLOEXEC)); /* lets it answer */
  close (open (gate, O_RDONLY | O_CLOEXEC)); /* it is closed */
  g_unsetenv ("PERRY_MOCK_GATE");
  g_assert_cmpint (g_remove (gate), ==, 0);
}

static void
test_run (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = make_spec ("{" BB ", \"cmd\": [\"hello\"], \"cap_drop\": [\"ALL\"]}");
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (GError) error = NULL;

  perry_fake_engine_set_output (fixture->fake, "out\n", "err\n", 7);
  options->capture = TRUE;
  result = perry_engine_run (fixture->engine, spec, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->exit_code, ==, 7);
  g_assert_cmpmem (g_bytes_get_data (result->stdout_data, NULL), g_bytes_get_size (result->stdout_data), "out\n", 4);
  g_assert_cmpmem (g_bytes_get_data (result->stderr_data, NULL), g_bytes_get_size (result->stderr_data), "err\n", 4);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
}

static void
test_strict_creates_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (run (fixture,
                      "{" BB ", \"apparmor\": \"a\", \"selinux\": [\"type:t\"], \"enforcement\": \"strict\"}", NULL,
                      &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_nonnull (strstr (error->message, "\n  apparmor: "));
  g_assert_nonnull (strstr (error->message, "\n  selinux: "));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*"), ==, 0);
}

static void
test_missing_image (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (run (fixture, "{\"image\": \"nosuch:1\"}", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "docker.io/library/nosuch:1"));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/images/create"), ==, 1);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/.*"), ==, 0);
}

/* the engine did what it was asked to and its reply was lost: the owner's label finds the container */
static void
test_lost_create (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  perry_fake_engine_add_rule (fixture->fake,
                              &(PerryFakeRule){ .method = "POST", .path = "/containers/create", .act_first = TRUE,
                                                .close = TRUE });
  g_assert_null (run (fixture, "{" BB ", \"cmd\": [\"sleep\"]}", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/create"), ==, 1);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
}

static void
test_failing_request (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *method, *path; } requests[] = {
    { "GET", "/containers/[^/]*/json" },
    { "POST", "/containers/.*/attach" },
    { "POST", "/containers/.*/start" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (GError) error = NULL;

      perry_fake_engine_add_rule (fixture->fake,
                                  &(PerryFakeRule){ .method = requests[i].method, .path = requests[i].path, .times = 1,
                                                    .status = 500, .body = "{\"message\":\"it broke\"}" });
      g_assert_null (run (fixture, "{" BB ", \"cmd\": [\"hello\"]}", NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
      g_assert_nonnull (strstr (error->message, "it broke"));
      g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
      perry_fake_engine_clear_rules (fixture->fake);
    }
}

/* inspect says something else than what was asked: never started */
static void
test_lying_report (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  perry_fake_engine_set_report (fixture->fake, "HostConfig.ReadonlyRootfs", "false");
  g_assert_null (run (fixture, "{" BB ", \"cmd\": [\"hello\"], \"read_only\": true}", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS);
  g_assert_nonnull (strstr (error->message, "\n  read_only: "));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/.*/start"), ==, 0);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
}

static void
test_another_image (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  perry_fake_engine_set_report (fixture->fake, "Image",
                                "\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"");
  g_assert_null (run (fixture, "{" BB ", \"cmd\": [\"hello\"]}", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS);
  g_assert_nonnull (strstr (error->message, "\n  image: "));
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
}

/* “discarded” in the reply to create: told in warn, refused in strict */
static void
test_engine_warning (Fixture *fixture, gconstpointer data)
{
  static const char *const strict[] = { "warn", "strict" };

  for (gsize i = 0; i < G_N_ELEMENTS (strict); i++)
    {
      g_autofree char *json = g_strdup_printf ("{" BB ", \"cmd\": [\"hello\"], \"enforcement\": \"%s\"}", strict[i]);
      g_autoptr (PerryRunResult) result = NULL;
      g_autoptr (GError) error = NULL;

      perry_fake_engine_set_warnings (fixture->fake, "[\"Your kernel does not support it. Limitation discarded.\"]");
      result = run (fixture, json, NULL, &error);
      if (i == 0)
        {
          g_assert_no_error (error);
          g_assert_cmpuint (g_strv_length (result->warnings), ==, 1);
        }
      else
        {
          g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
          g_assert_nonnull (strstr (error->message, "Limitation discarded"));
        }
      g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
    }
}

/* a process that the kernel does not show is no proof */
static void
test_required_proof (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = make_spec ("{" BB ", \"cmd\": [\"sleep\"], \"read_only\": true}");
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (GError) error = NULL;

  options->proof = PERRY_PROOF_REQUIRED;
  options->proof_set = TRUE;
  g_assert_null (perry_engine_run (fixture->engine, spec, options, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING);
  g_assert_nonnull (strstr (error->message, "\n  read_only: "));
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
}

static void
test_proof_off (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = make_spec ("{" BB ", \"cmd\": [\"hello\"], \"require\": [\"read_only\"]}");
  g_autoptr (PerryContainerSpec) plain = make_spec ("{" BB ", \"cmd\": [\"hello\"]}");
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (GError) error = NULL;

  options->proof = PERRY_PROOF_OFF;
  options->proof_set = TRUE;
  g_assert_null (perry_engine_run (fixture->engine, spec, options, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  result = perry_engine_run (fixture->engine, plain, options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result->proofs->len, ==, 0);
}

static gpointer
cancel_when_started (gpointer data)
{
  gpointer *arguments = data;

  g_assert_true (perry_fake_engine_wait_for (arguments[0], "POST", "/containers/.*/start", 1));
  *(gint64 *) arguments[2] = g_get_monotonic_time ();
  g_cancellable_cancel (arguments[1]);
  return NULL;
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gint64 cancelled_at = 0, took;
  gpointer arguments[] = { fixture->fake, cancellable, &cancelled_at };
  GThread *thread = g_thread_new ("cancel", cancel_when_started, arguments);

  g_assert_null (run (fixture, "{" BB ", \"cmd\": [\"sleep\"]}", cancellable, &error));
  g_thread_join (thread);
  took = g_get_monotonic_time () - cancelled_at;
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
  g_test_message ("cancelled and cleaned up within %" G_GINT64_FORMAT " us", took);
  g_assert_cmpint (took, <, 500 * 1000);
}

static void
on_waited (GObject *source, GAsyncResult *result, gpointer data)
{
  guint *pending = data;
  gint64 exit_code = -1;

  g_assert_true (perry_engine_wait_finish (PERRY_ENGINE (source), result, &exit_code, NULL));
  g_assert_cmpint (exit_code, ==, 137);
  (*pending)--;
}

static void
on_killed (GObject *source, GAsyncResult *result, gpointer data)
{
  gint64 *at = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (perry_engine_kill_finish (PERRY_ENGINE (source), result, &error));
  *at = g_get_monotonic_time ();
}

/* what ends containers never queues behind what waits for them */
static void
test_kill_among_waits (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = make_spec ("{\"image\": \"bb:1\", \"name\": \"sleeper\", \"cmd\": [\"sleep\"]}");
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryRunResult) result = NULL;
  guint pending = 64;
  gint64 begin, killed_at = 0;

  options->detach = TRUE;
  result = perry_engine_run (fixture->engine, spec, options, NULL, NULL);
  g_assert_nonnull (result);
  for (guint i = 0; i < 64; i++)
    perry_engine_wait_async (fixture->engine, "sleeper", NULL, on_waited, &pending);
  g_assert_true (perry_fake_engine_wait_for (fixture->fake, "POST", "/containers/.*/wait", 64));
  begin = g_get_monotonic_time ();
  perry_engine_kill_async (fixture->engine, "sleeper", NULL, NULL, on_killed, &killed_at);
  while (killed_at == 0 || pending > 0)
    g_main_context_iteration (NULL, TRUE);
  g_test_message ("killed after %" G_GINT64_FORMAT " us", killed_at - begin);
  /* tests/test-ending.c measures the hundred milliseconds, with patience for a busy machine. */
  g_assert_cmpint (killed_at - begin, <, 1000 * 1000);
  g_assert_true (perry_engine_remove (fixture->engine, "sleeper", TRUE, NULL, NULL));
}

/* Whatever finishes: its error is there. */
static void
on_failed (GObject *source, GAsyncResult *result, gpointer data)
{
  guint *left = data;
  g_autoptr (GError) error = NULL;
  GTask *task = G_TASK (result);

  if (g_task_get_source_tag (task) == perry_engine_run_async || g_task_get_source_tag (task) == perry_engine_create_async)
    g_assert_null (perry_engine_run_finish (PERRY_ENGINE (source), result, &error));
  else
    g_assert_false (g_task_propagate_boolean (task, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == PERRY_ERROR);
  g_assert_nonnull (strstr (error->message, "nosuch"));
  (*left)--;
}

static void
on_wait_failed (GObject *source, GAsyncResult *result, gpointer data)
{
  guint *left = data;
  g_autoptr (GError) error = NULL;
  gint64 exit_code;

  g_assert_false (perry_engine_wait_finish (PERRY_ENGINE (source), result, &exit_code, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
  (*left)--;
}

static void
test_async_errors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = make_spec ("{\"image\": \"nosuch:1\"}");
  guint left = 7;

  perry_engine_run_async (fixture->engine, spec, NULL, NULL, on_failed, &left);
  perry_engine_create_async (fixture->engine, spec, NULL, NULL, on_failed, &left);
  perry_engine_start_async (fixture->engine, "nosuch", NULL, on_failed, &left);
  perry_engine_stop_async (fixture->engine, "nosuch", 0, NULL, on_failed, &left);
  perry_engine_kill_async (fixture->engine, "nosuch", NULL, NULL, on_failed, &left);
  perry_engine_remove_async (fixture->engine, "nosuch", FALSE, NULL, on_failed, &left);
  perry_engine_wait_async (fixture->engine, "nosuch", NULL, on_wait_failed, &left);
  while (left > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_no_new_privileges_with_crun (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec =
      make_spec ("{" BB ", \"cmd\": [\"hello\"], \"no_new_privileges\": true, \"seccomp\": \"default\"}");
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryEngine) engine = NULL;
  g_autoptr (GError) error = NULL;

  perry_fake_engine_add_rule (fixture->fake,
                              &(PerryFakeRule){ .method = "GET", .path = "/info", .status = 200,
                                                .body = "{\"host\":{\"ociRuntime\":{\"name\":\"crun\"},"
                                                        "\"security\":{\"seccompEnabled\":true},"
                                                        "\"cgroupVersion\":\"v2\"},\"version\":{\"Version\":\"4.3.1\"}}" });
  engine = open_engine ("podman");
  options->proof = PERRY_PROOF_REQUIRED;
  options->proof_set = TRUE;
  g_assert_null (perry_engine_run (engine, spec, options, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING);
  g_assert_nonnull (strstr (error->message, "crun"));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*"), ==, 0);
}

static JsonObject *
find_create (GPtrArray *requests, JsonNode **ret_body)
{
  for (guint i = 0; i < requests->len; i++)
    {
      const PerryFakeRequest *request = g_ptr_array_index (requests, i);
      gsize size;
      const char *text;

      if (!g_str_equal (request->method, "POST") || !g_str_has_suffix (request->path, "/containers/create"))
        continue;
      text = g_bytes_get_data (request->body, &size);
      *ret_body = perry_json_parse (text, (gssize) size, NULL, NULL);
      return perry_json_as_object (*ret_body);
    }
  g_error ("nothing was created");
}

static void
test_seccomp_perry (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = make_spec ("{\"image\": \"bb:1\", \"seccomp\": \"perry\"}");
  g_autofree char *option = g_strconcat ("seccomp=", perry_config_seccomp_perry (), NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, perry_config_seccomp_perry (), -1);
  g_autofree char *name = g_strdup_printf ("perry (sha256:%s)", digest);
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (PerryPlan) plan = NULL;
  g_autoptr (GPtrArray) requests = NULL;
  g_autoptr (JsonNode) body = NULL;
  g_autoptr (GError) error = NULL;
  const PerryPlanField *row;
  JsonArray *options;

  plan = perry_engine_plan (fixture->engine, spec, NULL, NULL, &error);
  g_assert_no_error (error);
  row = g_ptr_array_index (plan->fields, plan->fields->len - 1);
  g_assert_cmpint (row->field, ==, PERRY_FIELD_SECCOMP);
  g_assert_cmpstr (row->asked, ==, name);
  g_assert_cmpstr (row->outcome, ==, name);
  g_assert_cmpint (row->support, ==, PERRY_SUPPORT_NATIVE);

  result = perry_engine_create (fixture->engine, spec, NULL, NULL, &error);
  g_assert_no_error (error);
  requests = perry_fake_engine_dup_requests (fixture->fake);
  options = json_object_get_array_member (json_object_get_object_member (find_create (requests, &body), "HostConfig"),
                                          "SecurityOpt");
  g_assert_cmpuint (json_array_get_length (options), ==, 1);
  g_assert_cmpstr (json_array_get_string_element (options, 0), ==, option);
  /* The caller's spec is the caller's. */
  g_assert_null (perry_container_spec_get_seccomp_profile (spec));
}

/* The engine reports the text that the word stands for. */
static void
test_examined_perry (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = make_spec ("{\"image\": \"bb:1\", \"seccomp\": \"perry\", \"no_network\": true}");
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (PerryExamination) examination = NULL;
  g_autoptr (GError) error = NULL;

  result = perry_engine_create (fixture->engine, spec, NULL, NULL, &error);
  g_assert_no_error (error);
  examination = perry_engine_examine (fixture->engine, result->container_id, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (examination->drift[0], ==, NULL);
  g_assert_cmpstr (perry_container_spec_get_string (examination->found, PERRY_FIELD_SECCOMP), ==, "perry");
}

static void
test_bad_signal (Fixture *fixture, gconstpointer data)
{
  static const char *const bad[] = { "NOSUCH", "0", "65", "", "SIG", "-9" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (perry_engine_kill (fixture->engine, "x", bad[i], NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
    }
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*"), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (Fixture *, gconstpointer); } both[] = {
    { "run", test_run },
    { "strict-creates-nothing", test_strict_creates_nothing },
    { "missing-image", test_missing_image },
    { "lost-create-is-found", test_lost_create },
    { "failing-request-leaves-nothing", test_failing_request },
    { "lying-report-is-never-started", test_lying_report },
    { "another-image", test_another_image },
    { "warning-at-create", test_engine_warning },
    { "required-proof-without-evidence", test_required_proof },
    { "proof-off", test_proof_off },
    { "cancel", test_cancel },
    { "kill-among-64-waits", test_kill_among_waits },
    { "async-errors", test_async_errors },
    { "bad-signal", test_bad_signal },
  };

  g_test_init (&argc, &argv, NULL);
  use_plugins ();
  g_test_add_func ("/engine/select/nothing-available", test_nothing_available);
  g_test_add ("/engine/select/first-that-answers", Fixture, &docker, set_up, test_first_that_answers, tear_down);
  g_test_add ("/engine/select/together", Fixture, &docker, set_up, test_select_together, tear_down);
  g_test_add ("/engine/select/hanging-candidate", Fixture, &docker, set_up, test_hanging_candidate, tear_down);
  g_test_add ("/engine/select/late-candidate", Fixture, &docker, set_up, test_late_candidate, tear_down);
  g_test_add ("/engine/docker/seccomp-perry", Fixture, &docker, set_up, test_seccomp_perry, tear_down);
  g_test_add ("/engine/docker/seccomp-perry-is-examined", Fixture, &docker, set_up, test_examined_perry, tear_down);
  g_test_add ("/engine/podman/required-proof-with-crun", Fixture, &podman, set_up, test_no_new_privileges_with_crun,
              tear_down);
  for (gsize i = 0; i < G_N_ELEMENTS (both); i++)
    {
      g_autofree char *on_docker = g_strconcat ("/engine/docker/", both[i].name, NULL);
      g_autofree char *on_podman = g_strconcat ("/engine/podman/", both[i].name, NULL);

      g_test_add (on_docker, Fixture, &docker, set_up, both[i].test, tear_down);
      g_test_add (on_podman, Fixture, &podman, set_up, both[i].test, tear_down);
    }
  return g_test_run ();
}
