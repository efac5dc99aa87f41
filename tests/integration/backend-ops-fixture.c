/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/backend-ops-fixture.h"

#include <dlfcn.h>

#include <glib/gstdio.h>

#include "plugin-api/perry-process.h"

static char *
build_path (const char *first, const char *second)
{
  return g_test_build_filename (G_TEST_BUILT, "..", first, second, NULL);
}

static const PerryPluginDescriptor *
load_plugin (const char *id)
{
  g_autofree char *name = g_strconcat (id, ".so", NULL);
  g_autofree char *folder = g_build_filename ("plugins", id, NULL);
  g_autofree char *path = build_path (folder, name);
  void *module = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  const PerryPluginDescriptor *descriptor;

  if (module == NULL)
    g_error ("%s", dlerror ());
  descriptor = dlsym (module, PERRY_PLUGIN_SYMBOL);
  g_assert_nonnull (descriptor);
  g_assert_cmpstr (descriptor->id, ==, id);
  return descriptor;
}

static GVariant *
options_for (const char *socket)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "socket", "s", socket);
  g_variant_dict_insert (&dict, "runtime", "s", "");
  g_variant_dict_insert (&dict, "service-timeout", "x", G_GINT64_CONSTANT (60));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
load_image (Fixture *fixture)
{
  g_autofree char *program = build_path ("probe", "perry-demo-image");
  g_autofree char *archive = g_build_filename (fixture->directory, "image.tar", NULL);
  const char *argv[] = { program, archive, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryProcessResult) result = perry_process_run (argv, NULL, NULL, &error);
  g_autoptr (GFile) file = g_file_new_for_path (archive);
  g_autoptr (GFileInputStream) stream = NULL;
  g_auto (GStrv) names = NULL;
  g_autoptr (PerryImageInfo) image = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (result->exit_status, ==, 0);
  stream = g_file_read (file, NULL, &error);
  g_assert_no_error (error);
  names = fixture->ops->image_load (fixture->backend, G_INPUT_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (names[0], ==, IMAGE);
  image = fixture->ops->image_inspect (fixture->backend, IMAGE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (image->id, "sha256:"));
  g_assert_true (g_strv_contains ((const char *const *) image->names, IMAGE));
  g_assert_cmpstr (image->os, ==, "linux");
  fixture->image = g_strdup (image->id);
}

void
backend_ops_set_up (Fixture *fixture, gconstpointer data)
{
  const Engine *engine = data;
  const char *socket = g_getenv (engine->variable);
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  PerryBackendConfig config = { .struct_size = sizeof config, .candidate = engine->id };

  if (socket == NULL)
    return;
  fixture->ops = load_plugin (engine->id)->ops;
  fixture->directory = g_dir_make_tmp ("perry-ops-XXXXXX", &error);
  g_assert_no_error (error);
  options = options_for (socket);
  config.options = options;
  config.runtime_directory = fixture->directory;
  config.timeout_ms = TIMEOUT_MS;
  config.probe_timeout_ms = TIMEOUT_MS;
  fixture->backend = fixture->ops->open (&config, NULL, &error);
  g_assert_no_error (error);
  fixture->info = fixture->ops->probe (fixture->backend, NULL, &error);
  g_assert_no_error (error);
  load_image (fixture);
}

static void
remove_directory (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
  g_rmdir (path);
}

void
backend_ops_tear_down (Fixture *fixture, gconstpointer data)
{
  const char *labels[] = { LABEL, NULL };
  g_autoptr (GPtrArray) left = NULL;

  if (fixture->backend == NULL)
    return;
  left = fixture->ops->container_list (fixture->backend, TRUE, labels, NULL, NULL);
  g_assert_nonnull (left);
  g_assert_cmpuint (left->len, ==, 0);
  perry_engine_info_free (fixture->info);
  fixture->ops->close (fixture->backend);
  remove_directory (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->image);
}

gboolean
has_engine (Fixture *fixture, gconstpointer data)
{
  const Engine *engine = data;
  g_autofree char *reason = g_strdup_printf ("%s names no socket", engine->variable);

  if (fixture->backend != NULL)
    return TRUE;
  g_test_skip (reason);
  return FALSE;
}

PerryContainerSpec *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  perry_container_spec_complete (spec, NULL, &error);
  g_assert_no_error (error);
  return spec;
}

char *
try_create (Fixture *fixture, const PerryContainerSpec *spec, const char *name, gboolean stdin_wanted, GError **error)
{
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto (GStrv) warnings = NULL;
  PerryCreateRequest request = { .struct_size = sizeof request, .spec = spec, .image = fixture->image, .name = name,
                                 .labels = labels, .open_stdin = stdin_wanted };

  g_hash_table_insert (labels, (gpointer) "perry.test", (gpointer) "backend-ops");
  return fixture->ops->container_create (fixture->backend, &request, &warnings, NULL, error);
}

char *
create (Fixture *fixture, const char *json, const char *name, gboolean stdin_wanted)
{
  g_autoptr (PerryContainerSpec) spec = parse (json);
  g_autoptr (GError) error = NULL;
  char *id = try_create (fixture, spec, name, stdin_wanted, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (id), ==, 64);
  return id;
}

void
start (Fixture *fixture, const char *id)
{
  g_autoptr (GError) error = NULL;

  fixture->ops->container_start (fixture->backend, id, NULL, &error);
  g_assert_no_error (error);
}

gint64
wait_for (Fixture *fixture, const char *id)
{
  g_autoptr (GError) error = NULL;
  gint64 exit_code = -1;

  fixture->ops->container_wait (fixture->backend, id, &exit_code, NULL, &error);
  g_assert_no_error (error);
  return exit_code;
}

void
remove_container (Fixture *fixture, const char *id)
{
  g_autoptr (GError) error = NULL;

  fixture->ops->container_remove (fixture->backend, id, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (fixture->ops->container_remove (fixture->backend, id, TRUE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND);
}

char *
read_channel (PerryStream *stream, PerryChannel wanted)
{
  g_autoptr (GString) text = g_string_new (NULL);

  while (TRUE)
    {
      g_autoptr (GError) error = NULL;
      PerryChannel channel;
      char buffer[4096];
      gssize size = perry_stream_read (stream, &channel, buffer, sizeof buffer, TIMEOUT_MS, NULL, &error);

      g_assert_no_error (error);
      if (size == 0)
        return g_string_free (g_steal_pointer (&text), FALSE);
      if (channel == wanted)
        g_string_append_len (text, buffer, size);
    }
}

char *
run (Fixture *fixture, const char *json)
{
  g_autofree char *id = create (fixture, json, "perry-ops", FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryStream) stream = fixture->ops->container_attach (fixture->backend, id, FALSE, NULL, &error);
  g_autofree char *output = NULL;

  g_assert_no_error (error);
  start (fixture, id);
  output = read_channel (stream, PERRY_CHANNEL_STDOUT);
  wait_for (fixture, id);
  remove_container (fixture, id);
  return g_steal_pointer (&output);
}
