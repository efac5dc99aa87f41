/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-endpoint.h"
#include "tests/engine-fixture.h"

typedef struct {
  char *directory;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = engine_fixture_make_directory ();
  g_unsetenv ("DOCKER_HOST");
  g_unsetenv ("DOCKER_CONTEXT");
  g_setenv ("DOCKER_CONFIG", fixture->directory, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", "/run/user/1", TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  engine_fixture_remove_directory (fixture->directory);
  g_free (fixture->directory);
}

static void
write_file (const char *path, const char *text)
{
  g_autofree char *directory = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
write_context (Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
  g_autofree char *path = g_build_filename (fixture->directory, "contexts", "meta", digest, "meta.json", NULL);

  write_file (path, text);
}

static void
write_config (Fixture *fixture, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->directory, "config.json", NULL);

  write_file (path, text);
}

static void
assert_found (const char *candidate, const char *socket, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = perry_docker_find_sockets (candidate, socket, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (paths[0], ==, wanted);
}

static void
assert_refused (const char *socket, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = perry_docker_find_sockets ("docker", socket, &error);

  g_assert_null (paths);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) usual = perry_docker_find_sockets ("docker", "", NULL);

  g_assert_cmpstr (usual[0], ==, "/var/run/docker.sock");
  g_assert_cmpstr (usual[1], ==, "/run/user/1/docker.sock");
  g_assert_null (usual[2]);
  write_context (fixture, "work", "{\"Endpoints\":{\"docker\":{\"Host\":\"unix:///work.sock\"}}}");
  write_context (fixture, "home", "{\"Endpoints\":{\"docker\":{\"Host\":\"unix:///home.sock\"}}}");
  write_config (fixture, "{\"auths\":{},\"currentContext\":\"home\"}");
  assert_found ("docker", NULL, "/home.sock");
  g_setenv ("DOCKER_CONTEXT", "work", TRUE);
  assert_found ("docker", NULL, "/work.sock");
  g_setenv ("DOCKER_HOST", "unix:///host.sock", TRUE);
  assert_found ("docker", NULL, "/host.sock");
  assert_found ("docker", "/option.sock", "/option.sock");
  g_setenv ("DOCKER_HOST", "", TRUE);
  g_setenv ("DOCKER_CONTEXT", "default", TRUE);
  assert_found ("docker", NULL, "/var/run/docker.sock");
}

static void
test_no_silent_fallback (Fixture *fixture, gconstpointer data)
{
  static const char *const addresses[] = { "tcp://127.0.0.1:2375", "ssh://me@host", "fd://",
                                           "npipe:////./pipe/docker" };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_setenv ("DOCKER_HOST", addresses[i], TRUE);
      assert_refused (NULL, "DOCKER_HOST");
      assert_refused (addresses[i], "the option socket");
    }
  assert_refused ("unix://", "unix:///path");
  assert_refused ("relative.sock", "absolute");
  assert_refused ("unix://relative", "absolute");
}

static void
test_broken_contexts (Fixture *fixture, gconstpointer data)
{
  g_setenv ("DOCKER_CONTEXT", "gone", TRUE);
  assert_refused (NULL, "Docker context gone");
  write_context (fixture, "gone", "{\"Endpoints\":{}}");
  assert_refused (NULL, "names no host");
  write_context (fixture, "gone", "{\"Endpoints\":{\"docker\":{\"Host\":\"tcp://1.2.3.4\"}}}");
  assert_refused (NULL, "tcp://");
  write_context (fixture, "gone", "{\"a\": 1, \"a\": 2}");
  assert_refused (NULL, "Docker context gone");
  g_unsetenv ("DOCKER_CONTEXT");
  write_config (fixture, "{ // a comment\n}");
  assert_refused (NULL, "current context");
}

static void
test_profiles (Fixture *fixture, gconstpointer data)
{
  g_autofree char *orbstack = g_build_filename (g_get_home_dir (), ".orbstack/run/docker.sock", NULL);
  g_autofree char *rancher = g_build_filename (g_get_home_dir (), ".rd/docker.sock", NULL);

  /* They have a socket of their own, whatever docker's is. */
  g_setenv ("DOCKER_HOST", "unix:///host.sock", TRUE);
  g_setenv ("COLIMA_HOME", "/colima", TRUE);
  assert_found ("orbstack", "/option.sock", orbstack);
  assert_found ("rancher-desktop", NULL, rancher);
  assert_found ("colima", NULL, "/colima/default/docker.sock");
  for (const PerryBackendCandidate *row = perry_docker_candidates; row->name != NULL; row++)
    {
      g_auto (GStrv) paths = perry_docker_find_sockets (row->name, NULL, NULL);

      g_assert_nonnull (paths);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/docker-endpoint/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/docker-endpoint/no-silent-fallback", Fixture, NULL, set_up, test_no_silent_fallback, tear_down);
  g_test_add ("/docker-endpoint/broken-contexts", Fixture, NULL, set_up, test_broken_contexts, tear_down);
  g_test_add ("/docker-endpoint/profiles", Fixture, NULL, set_up, test_profiles, tear_down);
  return g_test_run ();
}
