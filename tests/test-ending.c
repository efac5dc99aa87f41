/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>

#include "core/perry-container.h"
#include "tests/fake/perry-fake-engine.h"

/* What ends containers never waits for what waits for them: 64 waits and 64 stops are pending, and each kill, stop and
 * removal still arrives at the engine within 100 ms of its call. */

#define N 64
/* The sanitizers make everything several times slower; what queues behind waits would still take for ever. */
#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
#define LIMIT_US (1000 * G_TIME_SPAN_MILLISECOND)
#else
#define LIMIT_US (100 * G_TIME_SPAN_MILLISECOND)
#endif
/* A busy machine may be slow for a while: of these attempts one has to keep to the limit. What queues never does. */
#define N_ATTEMPTS 30

typedef struct {
  const char *backend;
  PerryFakeDialect dialect;
} Setting;

static const Setting docker = { "docker", PERRY_FAKE_DOCKER_20 };
static const Setting podman = { "podman", PERRY_FAKE_PODMAN_5 };

typedef struct {
  PerryFakeEngine *fake;
  PerryEngine *engine;
  GCancellable *cancellable; /* for what is meant to hang */
  char *directory;
  char *names[N];
  guint pending; /* waits */
  guint hanging; /* stops */
  guint running; /* what is measured */
} Fixture;

static void
on_waited (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (GError) error = NULL;
  gint64 exit_code = -1;

  perry_engine_wait_finish (PERRY_ENGINE (source), result, &exit_code, &error);
  g_assert_no_error (error);
  g_assert_cmpint (exit_code, ==, 137);
  fixture->pending--;
}

/* Detached containers that sleep, each with a wait of its own that has arrived. */
static void
start_and_wait (Fixture *fixture)
{
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();

  options->detach = TRUE;
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"image\": \"bb:1\", \"name\": \"c%u\", \"cmd\": [\"sleep\"]}", i);
      g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, NULL);
      g_autoptr (GError) error = NULL;
      PerryRunResult *result;

      g_assert_true (perry_container_spec_complete (spec, NULL, NULL));
      result = perry_engine_run (fixture->engine, spec, options, NULL, &error);
      g_assert_no_error (error);
      fixture->names[i] = g_strdup (result->container_name);
      perry_run_result_free (result);
      fixture->pending++;
      perry_engine_wait_async (fixture->engine, fixture->names[i], NULL, on_waited, fixture);
    }
  g_assert_true (perry_fake_engine_wait_for (fixture->fake, "POST", "/containers/.*/wait", N));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Setting *setting = data;
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("perry-ending-XXXXXX", NULL);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", fixture->directory, TRUE);
  fixture->fake = perry_fake_engine_new (setting->dialect);
  endpoint = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fixture->fake), NULL);
  g_setenv ("DOCKER_HOST", endpoint, TRUE);
  g_setenv ("CONTAINER_HOST", endpoint, TRUE);
  g_setenv ("PERRY_CONTAINER_BACKEND", setting->backend, TRUE);
  fixture->cancellable = g_cancellable_new ();
  fixture->engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
  start_and_wait (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *runtime = g_build_filename (fixture->directory, "perry-container", NULL);

  perry_fake_engine_clear_rules (fixture->fake);
  g_cancellable_cancel (fixture->cancellable);
  for (guint i = 0; i < N; i++)
    {
      g_assert_true (perry_engine_remove (fixture->engine, fixture->names[i], TRUE, NULL, NULL));
      g_free (fixture->names[i]);
    }
  while (fixture->pending > 0 || fixture->hanging > 0)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (fixture->cancellable);
  g_object_unref (fixture->engine);
  perry_fake_engine_free (fixture->fake);
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_no_error (error);
  ((Fixture *) data)->running--;
}

/* Like every ending one that is measured: it is answered and nothing is done, so that the waits stay pending. */
static void
answer_only (Fixture *fixture, const char *method, const char *path)
{
  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .method = method, .path = path, .status = 204 });
}

static void
on_stop_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (perry_engine_stop_finish (PERRY_ENGINE (source), result, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  ((Fixture *) data)->hanging--;
}

/* 64 stops whose containers take their time. */
static void
let_stops_hang (Fixture *fixture)
{
  static const char *const nothing[] = { "" };
  guint before = perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/.*/stop");
  PerryFakeRule hang = { .method = "POST", .path = "/containers/.*/stop", .raw_parts = nothing, .n_raw_parts = 1 };

  perry_fake_engine_add_rule (fixture->fake, &hang);
  for (guint i = 0; i < N; i++)
    {
      fixture->hanging++;
      perry_engine_stop_async (fixture->engine, fixture->names[i], 60, fixture->cancellable, on_stop_ended, fixture);
    }
  g_assert_true (perry_fake_engine_wait_for (fixture->fake, "POST", "/containers/.*/stop", before + N));
}

typedef struct {
  const char *name;
  const char *method;
  const char *path;
  void (*begin) (Fixture *fixture, const char *container);
} Ending;

static void
begin_kill (Fixture *fixture, const char *container)
{
  perry_engine_kill_async (fixture->engine, container, "TERM", NULL, on_ended, fixture);
}

static void
begin_stop (Fixture *fixture, const char *container)
{
  perry_engine_stop_async (fixture->engine, container, 0, NULL, on_ended, fixture);
}

static void
begin_remove (Fixture *fixture, const char *container)
{
  perry_engine_remove_async (fixture->engine, container, TRUE, NULL, on_ended, fixture);
}

static void
kill_now (Fixture *fixture, const char *container)
{
  g_assert_true (perry_engine_kill (fixture->engine, container, "TERM", NULL, NULL));
  fixture->running--;
}

static const Ending kill_ending = { "kill", "POST", "/containers/[^/]*/kill", begin_kill };
static const Ending kill_now_ending = { "kill that is waited for", "POST", "/containers/[^/]*/kill", kill_now };
static const Ending stop_ending = { "stop", "POST", "/containers/[^/]*/stop", begin_stop };
static const Ending remove_ending = { "remove", "DELETE", "/containers/[^/]*", begin_remove };

static gint64
find_arrival (GPtrArray *requests, guint first, const char *method, const char *container)
{
  g_autofree char *part = g_strconcat ("/containers/", container, "/", NULL);

  for (guint i = first; i < requests->len; i++)
    {
      const PerryFakeRequest *request = g_ptr_array_index (requests, i);
      g_autofree char *path = g_strconcat (request->path, "/", NULL);

      if (g_str_equal (request->method, method) && g_strrstr (path, part) != NULL)
        return request->arrived_at;
    }
  g_assert_not_reached ();
}

/* Calls all of them at once; returns the longest time between a call and its request's arrival. */
static gint64
measure_once (Fixture *fixture, const Ending *ending)
{
  g_autoptr (GPtrArray) before = perry_fake_engine_dup_requests (fixture->fake);
  g_autoptr (GPtrArray) after = NULL;
  gint64 called_at[N];
  gint64 longest = 0;

  for (guint i = 0; i < N; i++)
    {
      fixture->running++;
      called_at[i] = g_get_monotonic_time ();
      ending->begin (fixture, fixture->names[i]);
    }
  while (fixture->running > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture->pending, ==, N);
  after = perry_fake_engine_dup_requests (fixture->fake);
  for (guint i = 0; i < N; i++)
    longest = MAX (longest, find_arrival (after, before->len, ending->method, fixture->names[i]) - called_at[i]);
  return longest;
}

static void
measure (Fixture *fixture, const Ending *ending)
{
  gint64 shortest = G_MAXINT64;

  answer_only (fixture, ending->method, ending->path);
  for (guint i = 0; i < N_ATTEMPTS && shortest >= LIMIT_US; i++)
    shortest = MIN (shortest, measure_once (fixture, ending));
  g_test_message ("%s: the last of %d arrived after %.1f ms, %u waits and %u stops pending", ending->name, N,
                  (double) shortest / 1000, fixture->pending, fixture->hanging);
  g_assert_cmpint (shortest, <, LIMIT_US);
}

static void
test_among_waits (Fixture *fixture, gconstpointer data)
{
  measure (fixture, &kill_ending);
  measure (fixture, &kill_now_ending);
  measure (fixture, &stop_ending);
  measure (fixture, &remove_ending);
}

static void
test_among_stops (Fixture *fixture, gconstpointer data)
{
  let_stops_hang (fixture);
  measure (fixture, &kill_ending);
  measure (fixture, &remove_ending);
  g_assert_cmpuint (fixture->hanging, ==, N);
}

int
main (int argc, char **argv)
{
  g_autofree char *root = NULL;
  g_autofree char *plugins = NULL;

  g_test_init (&argc, &argv, NULL);
  root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  plugins = g_strdup_printf ("%s/plugins/docker:%s/plugins/podman", root, root);
  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
  g_test_add ("/ending/docker/among-64-waits", Fixture, &docker, set_up, test_among_waits, tear_down);
  g_test_add ("/ending/podman/among-64-waits", Fixture, &podman, set_up, test_among_waits, tear_down);
  g_test_add ("/ending/docker/among-64-stops", Fixture, &docker, set_up, test_among_stops, tear_down);
  g_test_add ("/ending/podman/among-64-stops", Fixture, &podman, set_up, test_among_stops, tear_down);
  return g_test_run ();
}
