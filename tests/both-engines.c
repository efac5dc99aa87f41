/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/both-engines.h"

#include <glib/gstdio.h>

typedef struct {
  const char *backend;
  PerryFakeDialect dialect;
} Setting;

static const Setting settings[] = {
  { "docker", PERRY_FAKE_DOCKER_28 },
  { "podman", PERRY_FAKE_PODMAN_5 },
};

void
both_engines_set_up (BothEngines *fixture, gconstpointer data, const char *output)
{
  const Setting *setting = data;
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("perry-engines-XXXXXX", NULL);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", fixture->directory, TRUE);
  fixture->fake = perry_fake_engine_new (setting->dialect);
  endpoint = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fixture->fake), NULL);
  g_setenv ("DOCKER_HOST", endpoint, TRUE);
  g_setenv ("CONTAINER_HOST", endpoint, TRUE);
  g_setenv ("PERRY_CONTAINER_BACKEND", setting->backend, TRUE);
  perry_fake_engine_set_output (fixture->fake, output, NULL, 7);
  fixture->engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
}

/* Podman's seccomp profiles are files there. */
static void
empty (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_remove (file);
    }
}

void
both_engines_tear_down (BothEngines *fixture, gconstpointer data)
{
  g_autofree char *runtime = g_build_filename (fixture->directory, "perry-container", NULL);

  g_object_unref (fixture->engine);
  perry_fake_engine_free (fixture->fake);
  empty (runtime);
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

PerryRunResult *
both_engines_run (BothEngines *fixture, const char *command, gsize capture_limit, GCancellable *cancellable, GError **error)
{
  g_autofree char *json = g_strdup_printf ("{\"image\": \"bb:1\", \"rm\": true, \"cmd\": [\"%s\"]}", command);
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, NULL);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();

  g_assert_true (perry_container_spec_complete (spec, NULL, NULL));
  options->capture = TRUE;
  options->capture_limit = capture_limit;
  return perry_engine_run (fixture->engine, spec, options, cancellable, error);
}

int
both_engines_main (int argc, char **argv, const char *suite, const BothEnginesTest *tests, gsize n_tests,
                   void (*set_up) (BothEngines *, gconstpointer), void (*tear_down) (BothEngines *, gconstpointer))
{
  g_autofree char *root = NULL;
  g_autofree char *plugins = NULL;

  g_test_init (&argc, &argv, NULL);
  root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  plugins = g_strdup_printf ("%s/plugins/docker:%s/plugins/podman", root, root);
  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
  for (gsize i = 0; i < n_tests; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (settings); j++)
      {
        g_autofree char *path = g_strdup_printf ("/%s/%s/%s", suite, settings[j].backend, tests[i].name);

        if (tests[i].only == NULL || g_str_equal (tests[i].only, settings[j].backend))
          g_test_add (path, BothEngines, &settings[j], set_up, tests[i].test, tear_down);
      }
  return g_test_run ();
}
