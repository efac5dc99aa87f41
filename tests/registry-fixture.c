/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/registry-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

static void
set_variable (RegistryFixture *fixture, const char *name, const char *below)
{
  g_autofree char *path = g_build_filename (fixture->directory, below, NULL);

  fixture->environment = g_environ_setenv (fixture->environment, name, path, TRUE);
}

void
registry_fixture_set_up (RegistryFixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("perry-registry-XXXXXX", NULL);
  fixture->environment = g_new0 (char *, 1);
  set_variable (fixture, "HOME", "home");
  set_variable (fixture, "XDG_RUNTIME_DIR", "runtime");
  set_variable (fixture, "PATH", "bin");
  fixture->options.environment = (const char *const *) fixture->environment;
  fixture->options.timeout_ms = REGISTRY_FIXTURE_NOT_HANGING_MS;
}

void
registry_fixture_tear_down (RegistryFixture *fixture, gconstpointer data)
{
  static const char *const made[] = { "home/.docker/config.json", "home/.docker", "home" };

  perry_registry_client_free (fixture->client);
  g_clear_pointer (&fixture->options.mirrors, g_hash_table_unref);
  for (gsize i = 0; i < G_N_ELEMENTS (made); i++)
    {
      g_autofree char *path = g_build_filename (fixture->directory, made[i], NULL);

      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_strfreev (fixture->environment);
  g_free (fixture->directory);
}

PerryRegistryClient *
registry_fixture_renew_client (RegistryFixture *fixture)
{
  perry_registry_client_free (fixture->client);
  fixture->client = perry_registry_client_new (&fixture->options);
  return fixture->client;
}

PerryRegistryClient *
registry_fixture_get_client (RegistryFixture *fixture)
{
  return fixture->client != NULL ? fixture->client : registry_fixture_renew_client (fixture);
}

void
registry_fixture_log_in (RegistryFixture *fixture, PerryFakeRegistry *registry, const char *username,
                         const char *password, const char *identity_token)
{
  g_autofree char *directory = g_build_filename (fixture->directory, "home", ".docker", NULL);
  g_autofree char *path = g_build_filename (directory, "config.json", NULL);
  g_autofree char *login = NULL;
  g_autofree char *text = NULL;

  if (identity_token != NULL)
    login = g_strdup_printf ("\"identitytoken\": \"%s\"", identity_token);
  else
    login = g_strdup_printf ("\"username\": \"%s\", \"password\": \"%s\"", username, password);
  text = g_strdup_printf ("{\"auths\": {\"%s\": {%s}}}", perry_fake_registry_get_name (registry), login);
  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

void
registry_fixture_set_mirrors (RegistryFixture *fixture, PerryFakeRegistry *registry, const char *const *mirrors)
{
  if (fixture->options.mirrors == NULL)
    fixture->options.mirrors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  g_hash_table_insert (fixture->options.mirrors, g_strdup (perry_fake_registry_get_name (registry)),
                       g_strdupv ((char **) mirrors));
  registry_fixture_renew_client (fixture);
}

char *
registry_fixture_get_file (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "fixtures", "registry", name, NULL);
}

PerryImageReference *
registry_fixture_refer (PerryFakeRegistry *registry, const char *name)
{
  g_autofree char *text = g_strconcat (perry_fake_registry_get_name (registry), "/", name, NULL);
  g_autoptr (GError) error = NULL;
  PerryImageReference *reference = perry_image_reference_parse (text, &error);

  g_assert_no_error (error);
  return reference;
}

PerryRegistryImage *
registry_fixture_resolve (RegistryFixture *fixture, PerryFakeRegistry *registry, const char *name, const char *platform)
{
  g_autoptr (PerryImageReference) reference = registry_fixture_refer (registry, name);
  g_autoptr (GError) error = NULL;
  PerryRegistryImage *image;

  image = perry_registry_client_resolve (registry_fixture_get_client (fixture), reference, platform, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (image);
  return image;
}

void
registry_fixture_assert_unresolved (RegistryFixture *fixture, PerryFakeRegistry *registry, const char *name,
                                    const char *platform, PerryError code, const char *text)
{
  g_autoptr (PerryImageReference) reference = registry_fixture_refer (registry, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRegistryImage) image = NULL;

  image = perry_registry_client_resolve (registry_fixture_get_client (fixture), reference, platform, NULL, &error);
  g_assert_null (image);
  g_test_message ("%s", error->message);
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, text));
}
