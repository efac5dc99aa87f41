/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "core/perry-container.h"
#include "plugin-api/perry-json.h"
#include "tests/fake/perry-fake-engine.h"

/* The request path on every API version of Docker that the plugin speaks: what is negotiated, and what a version has no
 * member for. */
#define OLDEST 40
#define NEWEST 51
#define START_INTERVAL 44
#define HEALTHCHECK                                                                                                    \
  "\"healthcheck\": {\"test\": [\"CMD\", \"true\"], \"interval\": \"2s\", \"start_period\": \"9s\","                        \
  " \"start_interval\": \"1s\"}"

static PerryEngine *
open_engine (PerryFakeEngine *fake, const char *directory)
{
  g_autofree char *endpoint = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fake), NULL);
  g_autofree char *root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", "plugins", "docker", NULL);
  g_autoptr (GError) error = NULL;
  PerryEngine *engine;

  g_setenv ("PERRY_PLUGIN_PATH", root, TRUE);
  g_setenv ("PERRY_CONTAINER_BACKEND", "docker", TRUE);
  g_setenv ("DOCKER_HOST", endpoint, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", directory, TRUE);
  engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
  return engine;
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

/* Every request but the first question is asked in the version that was agreed on. */
static void
assert_version (PerryFakeEngine *fake, guint minor)
{
  g_autoptr (GPtrArray) requests = perry_fake_engine_dup_requests (fake);
  g_autofree char *prefix = g_strdup_printf ("/v1.%u/", minor);

  g_assert_cmpuint (requests->len, >, 5);
  for (guint i = 0; i < requests->len; i++)
    {
      const PerryFakeRequest *request = g_ptr_array_index (requests, i);

      if (!g_str_equal (request->path, "/_ping"))
        g_assert_true (g_str_has_prefix (request->path, prefix));
    }
}

static gboolean
sent_start_interval (PerryFakeEngine *fake)
{
  g_autoptr (GPtrArray) requests = perry_fake_engine_dup_requests (fake);

  for (guint i = 0; i < requests->len; i++)
    {
      const PerryFakeRequest *request = g_ptr_array_index (requests, i);
      g_autoptr (JsonNode) body = NULL;

      if (!g_str_has_suffix (request->path, "/containers/create"))
        continue;
      body = perry_json_parse_bytes (request->body, NULL, NULL);
      return perry_json_find (body, "Healthcheck", "StartInterval", NULL) != NULL;
    }
  g_assert_not_reached ();
}

static void
check_gate (PerryEngine *engine, PerryFakeEngine *fake, guint minor)
{
  const char *json = "{\"image\": \"bb:1\", \"rm\": true, \"cmd\": [\"true\"], " HEALTHCHECK ", \"enforcement\": \"strict\"}";
  g_autoptr (PerryContainerSpec) spec = make_spec (json);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryPlan) plan = perry_engine_plan (engine, spec, NULL, NULL, &error);

  if (minor >= START_INTERVAL)
    {
      g_assert_no_error (error);
      g_assert_nonnull (plan);
      return;
    }
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_nonnull (strstr (error->message, "healthcheck"));
  g_assert_nonnull (strstr (error->message, "1.44"));
}

static void
test_version (gconstpointer data)
{
  guint minor = GPOINTER_TO_UINT (data);
  g_autofree char *version = g_strdup_printf ("1.%u", minor);
  g_autofree char *directory = g_dir_make_tmp ("perry-api-XXXXXX", NULL);
  g_autofree char *runtime = g_build_filename (directory, "perry-container", NULL);
  g_autoptr (PerryFakeEngine) fake = perry_fake_engine_new (minor < 45 ? PERRY_FAKE_DOCKER_20 : PERRY_FAKE_DOCKER_26);
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (PerryEngine) engine = NULL;
  g_autoptr (GError) error = NULL;

  spec = make_spec ("{\"image\": \"bb:1\", \"rm\": true, \"read_only\": true, \"cap_drop\": [\"ALL\"],"
                    " \"cmd\": [\"true\"], \"network\": \"none\", " HEALTHCHECK ", \"enforcement\": \"lenient\"}");
  perry_fake_engine_set_api_version (fake, version);
  perry_fake_engine_set_output (fake, "hello\n", NULL, 0);
  engine = open_engine (fake, directory);
  check_gate (engine, fake, minor);
  result = perry_engine_run (engine, spec, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->exit_code, ==, 0);
  g_assert_cmpuint (perry_fake_engine_count_containers (fake), ==, 0);
  assert_version (fake, MIN (minor, NEWEST));
  g_assert_cmpint (sent_start_interval (fake), ==, minor >= START_INTERVAL);
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static void
test_too_old (void)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-api-XXXXXX", NULL);
  g_autofree char *runtime = g_build_filename (directory, "perry-container", NULL);
  g_autoptr (PerryFakeEngine) fake = perry_fake_engine_new (PERRY_FAKE_DOCKER_20);
  g_autoptr (PerryContainerSpec) spec = make_spec ("{\"image\": \"bb:1\"}");
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (PerryEngine) engine = NULL;
  g_autoptr (GError) error = NULL;

  perry_fake_engine_set_api_version (fake, "1.39");
  engine = open_engine (fake, directory);
  result = perry_engine_run (engine, spec, NULL, NULL, &error);
  g_assert_null (result);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "1.39"));
  g_assert_nonnull (strstr (error->message, "1.40"));
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/api-versions/1.39-is-refused", test_too_old);
  /* And the next ones, which are not known yet. */
  for (guint minor = OLDEST; minor <= NEWEST + 4; minor++)
    {
      g_autofree char *path = g_strdup_printf ("/api-versions/1.%u", minor);

      g_test_add_data_func (path, GUINT_TO_POINTER (minor), test_version);
    }
  return g_test_run ();
}
