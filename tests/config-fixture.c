/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/config-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "tests/test-folder.h"

void
config_fixture_set_up (ConfigFixture *fixture, gconstpointer data)
{
  fixture->root = g_dir_make_tmp ("perry-config-XXXXXX", NULL);
  fixture->paths.vendor_file = g_build_filename (fixture->root, "vendor.conf", NULL);
  fixture->paths.administrator_file = g_build_filename (fixture->root, "admin.conf", NULL);
  fixture->paths.drop_in_directory = g_build_filename (fixture->root, "admin.conf.d", NULL);
  fixture->paths.user_file = g_build_filename (fixture->root, "user.conf", NULL);
}

void
config_fixture_tear_down (ConfigFixture *fixture, gconstpointer data)
{
  test_folder_remove (fixture->root);
  g_free (fixture->root);
  g_free (fixture->paths.vendor_file);
  g_free (fixture->paths.administrator_file);
  g_free (fixture->paths.drop_in_directory);
  g_free (fixture->paths.user_file);
}

void
config_put (const char *path, const char *data, gssize length)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, data, length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

PerryConfig *
config_load (const ConfigFixture *fixture, const char *const *environment)
{
  g_autoptr (GError) error = NULL;
  PerryConfig *config = perry_config_load (&fixture->paths, environment, &error);

  g_assert_no_error (error);
  return config;
}

void
config_assert_fails (const ConfigFixture *fixture, const char *const *environment, PerryError code,
                     const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_config_load (&fixture->paths, environment, &error));
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_test_message ("%s", error->message);
  if (strstr (error->message, message) == NULL)
    g_error ("“%s” does not have “%s”", error->message, message);
}

void
config_assert_row (const PerryConfig *config, const char *group, const char *key, const char *value,
                   const char *origin)
{
  g_autoptr (GPtrArray) rows = perry_config_list (config);

  for (guint i = 0; i < rows->len; i++)
    {
      const PerryConfigRow *row = g_ptr_array_index (rows, i);

      if (!g_str_equal (row->group, group) || !g_str_equal (row->key, key))
        continue;
      g_assert_cmpstr (row->value, ==, value);
      g_assert_cmpstr (row->origin, ==, origin);
      return;
    }
  g_error ("[%s] %s is not listed", group, key);
}

static void
assert_kept (const ConfigFixture *fixture, const ConfigMinimum *which, int minimum, int asked)
{
  g_autofree char *text = g_strdup_printf ("[%s]\n%s=%s\n", which->group, which->minimum_key, which->values[minimum]);
  g_autofree char *variable = g_strdup_printf ("%s=%s", which->variable, which->values[asked]);
  g_autofree char *asked_by = g_strconcat ("environment ", which->variable, NULL);
  const char *file = fixture->paths.administrator_file;
  const char *const environment[] = { variable, NULL };
  const char *expected_origin = minimum > asked ? file : asked_by;
  g_autoptr (PerryConfig) config = NULL;
  const char *origin = NULL;

  config_put (file, text, -1);
  config = config_load (fixture, environment);
  g_assert_cmpint (which->get (config, &origin), ==, MAX (minimum, asked));
  g_assert_cmpstr (origin, ==, expected_origin);
  g_assert_cmpint (which->get_minimum (config, &origin), ==, minimum);
  g_assert_cmpstr (origin, ==, file);
  config_assert_row (config, which->group, which->key, which->values[MAX (minimum, asked)], expected_origin);
  g_assert_true (perry_config_set_override (config, which->group, which->key, which->values[0], "option --x", NULL));
  g_assert_cmpint (which->get (config, NULL), ==, minimum);
}

void
config_assert_minimum (const ConfigFixture *fixture, const ConfigMinimum *which)
{
  for (int minimum = 0; minimum < 3; minimum++)
    for (int asked = 0; asked < 3; asked++)
      assert_kept (fixture, which, minimum, asked);
}
