/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/zoo-fixture.h"

/* One for all tests: what is opened stays open, and a second copy of the file would be refused. */
static PerryPluginRegistry *registry;

typedef struct {
  PerryPlugin *plugin;
  const PerryBackendOps *ops;
  gpointer backend;
} Fixture;

static gpointer
open_mock (const Fixture *fixture, GError **error)
{
  g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new_parsed ("{'version': <'7.7'>}"));
  const PerryBackendConfig config = { .struct_size = sizeof config, .candidate = "mock", .options = options };

  return fixture->ops->open (&config, NULL, error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_unsetenv ("PERRY_MOCK_UNAVAILABLE");
  g_unsetenv ("PERRY_MOCK_UNSUPPORTED");
  g_unsetenv ("PERRY_MOCK_LIE");
  fixture->plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, "mock", &error);
  g_assert_no_error (error);
  fixture->ops = perry_plugin_get_backend_ops (fixture->plugin);
  fixture->backend = open_mock (fixture, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) left = fixture->ops->container_list (fixture->backend, TRUE, NULL, NULL, NULL);

  for (guint i = 0; i < left->len; i++)
    {
      const PerryContainerInfo *info = g_ptr_array_index (left, i);

      g_assert_true (fixture->ops->container_remove (fixture->backend, info->id, TRUE, NULL, NULL));
    }
  fixture->ops->close (fixture->backend);
  perry_plugin_unref (fixture->plugin);
}

static char *
create (const Fixture *fixture, const char *name, const char *command, gboolean auto_remove, GError **error)
{
  g_autofree char *json = g_strdup_printf ("{\"image\": \"busybox\", \"cmd\": [%s], \"read_only\": true}", command);
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, NULL);
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  const PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = "sha256:0", .name = name,
                                       .labels = labels, .auto_remove = auto_remove };

  g_assert_nonnull (spec);
  g_hash_table_insert (labels, (gpointer) "perry.owner", (gpointer) name);
  return fixture->ops->container_create (fixture->backend, &request, NULL, NULL, error);
}

static char *
read_to_end (PerryStream *stream)
{
  GString *text = g_string_new (NULL);
  char buffer[64];
  PerryChannel channel;
  gssize n;

  while ((n = perry_stream_read (stream, &channel, buffer, sizeof buffer, 5000, NULL, NULL)) > 0)
    g_string_append_len (text, buffer, n);
  g_assert_cmpint (n, ==, 0);
  return g_string_free (text, FALSE);
}

static void
test_life (Fixture *fixture, gconstpointer data)
{
  static const char *const owner[] = { "perry.owner=one", NULL };
  const PerryBackendOps *ops = fixture->ops;
  g_autofree char *id = create (fixture, "one", "\"echo\", \"a\", \"b\"", FALSE, NULL);
  g_autoptr (PerryStream) stream = ops->container_attach (fixture->backend, id, FALSE, NULL, NULL);
  g_autoptr (PerryContainerInfo) info = NULL;
  g_autoptr (GPtrArray) running = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autofree char *output = NULL;
  GError *error = NULL;
  gint64 exit_code = -1;

  g_assert_null (create (fixture, "one", "\"sleep\"", FALSE, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NAME_IN_USE);
  g_clear_error (&error);

  g_assert_true (ops->container_start (fixture->backend, "one", NULL, NULL));
  g_assert_true (ops->container_wait (fixture->backend, id, &exit_code, NULL, NULL));
  g_assert_cmpint (exit_code, ==, 0);
  output = read_to_end (stream);
  g_assert_cmpstr (output, ==, "a b\n");

  running = ops->container_list (fixture->backend, FALSE, owner, NULL, NULL);
  all = ops->container_list (fixture->backend, TRUE, owner, NULL, NULL);
  g_assert_cmpuint (running->len, ==, 0);
  g_assert_cmpuint (all->len, ==, 1);
  info = ops->container_inspect (fixture->backend, id, NULL, NULL);
  g_assert_cmpint (info->status, ==, PERRY_CONTAINER_EXITED);
  g_assert_true (perry_container_spec_get_boolean (info->reported, PERRY_FIELD_READ_ONLY));

  g_assert_true (ops->container_remove (fixture->backend, id, FALSE, NULL, NULL));
  g_assert_false (ops->container_remove (fixture->backend, id, FALSE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
  g_clear_error (&error);
}

static void
test_cat (Fixture *fixture, gconstpointer data)
{
  const PerryBackendOps *ops = fixture->ops;
  g_autofree char *id = create (fixture, "cat", "\"cat\"", TRUE, NULL);
  g_autoptr (PerryStream) stream = ops->container_attach (fixture->backend, id, TRUE, NULL, NULL);
  g_autofree char *output = NULL;
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (GError) error = NULL;
  PerryChannel channel;
  char buffer[8];

  g_assert_true (ops->container_start (fixture->backend, id, NULL, NULL));
  g_assert_cmpint (perry_stream_read (stream, &channel, buffer, sizeof buffer, 1, NULL, &error), ==, -1);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  g_assert_true (perry_stream_write_all (stream, "hello", 5, NULL, NULL));
  g_assert_true (perry_stream_close_write (stream, NULL));
  output = read_to_end (stream);
  g_assert_cmpstr (output, ==, "hello");
  left = ops->container_list (fixture->backend, TRUE, NULL, NULL, NULL); /* it removed itself */
  g_assert_cmpuint (left->len, ==, 0);
}

static void
test_ends (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *command, *signal_name;
    gint64 exit_code;
  } cases[] = {
    { "\"exit\", \"42\"", NULL, 42 },       { "\"true\"", NULL, 0 },
    { "\"sleep\"", "SIGKILL", 137 },        { "\"sleep\"", "SIGTERM", 143 },
    { "\"sleep\"", "stop", 143 },
  };
  const PerryBackendOps *ops = fixture->ops;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = create (fixture, "ends", cases[i].command, FALSE, NULL);
      gint64 exit_code = -1;

      g_assert_true (ops->container_start (fixture->backend, id, NULL, NULL));
      if (g_strcmp0 (cases[i].signal_name, "stop") == 0)
        g_assert_true (ops->container_stop (fixture->backend, id, 1, NULL, NULL));
      else if (cases[i].signal_name != NULL)
        {
          g_autoptr (GError) error = NULL;

          g_assert_false (ops->container_remove (fixture->backend, id, FALSE, NULL, &error));
          g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
          g_assert_true (ops->container_kill (fixture->backend, id, cases[i].signal_name, NULL, NULL));
        }
      g_assert_true (ops->container_wait (fixture->backend, id, &exit_code, NULL, NULL));
      g_assert_cmpint (exit_code, ==, cases[i].exit_code);
      g_assert_true (ops->container_remove (fixture->backend, id, FALSE, NULL, NULL));
    }
}

static void
test_start_fails (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = create (fixture, "missing", "\"missing\"", FALSE, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (fixture->ops->container_start (fixture->backend, id, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_COMMAND_NOT_FOUND);
}

static gpointer
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = create (fixture, "cancel", "\"sleep\"", FALSE, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gint64 exit_code;
  GThread *thread;

  g_assert_true (fixture->ops->container_start (fixture->backend, id, NULL, NULL));
  thread = g_thread_new ("cancel", cancel, cancellable);
  g_assert_false (fixture->ops->container_wait (fixture->backend, id, &exit_code, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_thread_join (thread);
}

static void
test_knobs (Fixture *fixture, gconstpointer data)
{
  const PerryBackendOps *ops = fixture->ops;
  g_autofree char *id = create (fixture, "knobs", "\"true\"", FALSE, NULL);
  g_autoptr (PerryContainerInfo) info = NULL;
  g_autoptr (PerryEngineInfo) engine = NULL;
  GError *error = NULL;
  gpointer backend;

  g_setenv ("PERRY_MOCK_UNSUPPORTED", "apparmor,memory-limit", TRUE);
  g_setenv ("PERRY_MOCK_LIE", "read_only=false", TRUE);
  backend = open_mock (fixture, NULL);
  engine = ops->probe (backend, NULL, NULL);
  g_assert_cmpstr (engine->version, ==, "7.7");
  g_assert_cmpint (perry_capability_matrix_get_support (engine->matrix, PERRY_CAPABILITY_APPARMOR), ==,
                   PERRY_SUPPORT_UNSUPPORTED);
  g_assert_cmpint (perry_capability_matrix_get_support (engine->matrix, PERRY_CAPABILITY_PIDS_LIMIT), ==,
                   PERRY_SUPPORT_NATIVE);
  info = ops->container_inspect (backend, id, NULL, NULL);
  g_assert_false (perry_container_spec_get_boolean (info->reported, PERRY_FIELD_READ_ONLY));
  ops->close (backend);

  g_setenv ("PERRY_MOCK_UNSUPPORTED", "levitation", TRUE);
  g_assert_null (open_mock (fixture, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_setenv ("PERRY_MOCK_UNAVAILABLE", "it rains", TRUE);
  g_assert_null (open_mock (fixture, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_clear_error (&error);
}

static void
test_images (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryImageInfo) by_name = fixture->ops->image_inspect (fixture->backend, "busybox", NULL, NULL);
  g_autoptr (PerryImageInfo) by_id = fixture->ops->image_inspect (fixture->backend, by_name->id, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (by_name->id, ==, by_id->id);
  g_assert_null (fixture->ops->image_inspect (fixture->backend, "missing:1", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_autoptr (ZooFixture) directories = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  directories = zoo_fixture_new ();
  g_free (zoo_install ("mock/mock", directories->plugins, "mock.so"));
  registry = zoo_registry_new (directories->plugins);
  ADD ("/mock-backend/life", test_life);
  ADD ("/mock-backend/cat", test_cat);
  ADD ("/mock-backend/ends", test_ends);
  ADD ("/mock-backend/start-fails", test_start_fails);
  ADD ("/mock-backend/cancel", test_cancel);
  ADD ("/mock-backend/knobs", test_knobs);
  ADD ("/mock-backend/images", test_images);
  result = g_test_run ();
  perry_plugin_registry_unref (registry);
  return result;
}
