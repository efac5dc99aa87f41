/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/zoo-fixture.h"

#include <glib/gstdio.h>

void
zoo_make_directory (const char *path, guint mode)
{
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_cmpint (g_chmod (path, (int) mode), ==, 0);
}

ZooFixture *
zoo_fixture_new (void)
{
  ZooFixture *fixture = g_new0 (ZooFixture, 1);
  g_autofree char *made = g_dir_make_tmp ("perry-loader-XXXXXX", NULL);

  g_assert_nonnull (made);
  fixture->root = realpath (made, NULL); /* the dynamic linker is given real paths, and tests compare them */
  g_assert_cmpint (g_chmod (fixture->root, 0755), ==, 0);
  fixture->plugins = g_build_filename (fixture->root, "plugins", NULL);
  zoo_make_directory (fixture->plugins, 0755);
  return fixture;
}

static void
remove_tree (const char *path)
{
  GDir *directory = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    directory = g_dir_open (path, 0, NULL);
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_clear_pointer (&directory, g_dir_close);
  g_remove (path);
}

void
zoo_fixture_free (ZooFixture *fixture)
{
  remove_tree (fixture->root);
  free (fixture->root);
  g_free (fixture->plugins);
  g_free (fixture);
}

static char *
built_module (const char *module)
{
  g_autofree char *file = g_strconcat (module, ".so", NULL);

  return g_test_build_filename (G_TEST_BUILT, "plugins", file, NULL);
}

char *
zoo_install (const char *module, const char *directory, const char *file)
{
  g_autofree char *from = built_module (module);
  char *to = g_build_filename (directory, file, NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (from, &data, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (to, data, (gssize) length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (to, 0644), ==, 0);
  return to;
}

void
zoo_install_as_itself (const char *module, const char *directory)
{
  g_autofree char *file = g_strconcat (module, ".so", NULL);
  g_autofree char *path = zoo_install (module, directory, file);

  g_assert_nonnull (path);
}

PerryPluginRegistry *
zoo_registry_new (const char *directory)
{
  return perry_plugin_registry_new_for_path (NULL, FALSE, directory);
}

PerryPlugin *
zoo_find_listed (GPtrArray *plugins, const char *file)
{
  for (guint i = 0; i < plugins->len; i++)
    if (g_str_has_suffix (perry_plugin_get_path (g_ptr_array_index (plugins, i)), file))
      return g_ptr_array_index (plugins, i);
  g_error ("%s is not in the list", file);
}

void
zoo_assert_rejected (PerryPlugin *plugin, PerryError code)
{
  g_assert_cmpint (perry_plugin_get_state (plugin), ==, PERRY_PLUGIN_STATE_REJECTED);
  if (perry_plugin_get_error (plugin)->code != (int) code)
    g_error ("expected %s, got %s: %s", perry_error_get_name (code),
             perry_error_get_name (perry_plugin_get_error (plugin)->code), perry_plugin_get_error (plugin)->message);
  g_assert_cmpstr (perry_plugin_get_error (plugin)->message, !=, "");
  g_assert_null (perry_plugin_get_version (plugin));
  g_assert_null (perry_plugin_get_summary (plugin));
  g_assert_null (perry_plugin_get_matrix (plugin));
  g_assert_null (perry_plugin_get_options (plugin));
  g_assert_null (perry_plugin_get_candidates (plugin));
  g_assert_null (perry_plugin_get_backend_ops (plugin));
  g_assert_null (perry_plugin_get_verifier_ops (plugin));
}

void
zoo_assert_refused_everywhere (const char *directory, const char *id, PerryError code)
{
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (directory);
  g_autofree char *file = g_strconcat ("/", id, ".so", NULL);
  g_autoptr (GPtrArray) plugins = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_plugin_registry_get (registry, PERRY_PLUGIN_BACKEND, id, &error));
  g_assert_error (error, PERRY_ERROR, (int) code);
  plugins = perry_plugin_registry_list (registry);
  zoo_assert_rejected (zoo_find_listed (plugins, file), code);
  g_test_message ("%s: %s", id, error->message);
}

void
zoo_run_in_subprocess (GTestDataFunc scenario, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      scenario (data);
      return;
    }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}
