/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <unistd.h>

#include "plugins/docker/docker-backend.h"
#include "plugins/docker/docker-endpoint.h"
#include "tests/engine-fixture.h"
#include "tests/fake/perry-fake-engine.h"

/* Everybody's home in this test. */
static char *home;

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

typedef struct {
  const char *candidate;
  const char *variable; /* set to @directory below the home directory */
  const char *directory;
  const char *socket; /* below the home directory */
} Place;

static const Place places[] = {
  { "docker", "XDG_RUNTIME_DIR", "run", "run/docker.sock" },
  { "docker", NULL, NULL, ".docker/run/docker.sock" },
  { "docker", NULL, NULL, ".docker/desktop/docker.sock" },
  { "orbstack", NULL, NULL, ".orbstack/run/docker.sock" },
  { "colima", NULL, NULL, ".colima/default/docker.sock" },
  { "colima", NULL, NULL, ".colima/docker.sock" },
  { "colima", "COLIMA_HOME", "vm", "vm/default/docker.sock" },
  { "colima", "XDG_CONFIG_HOME", "conf", "conf/colima/default/docker.sock" },
  { "rancher-desktop", NULL, NULL, ".rd/docker.sock" },
};

static PerryBackendConfig
config_of (const char *candidate)
{
  return (PerryBackendConfig){ .struct_size = sizeof (PerryBackendConfig), .candidate = candidate,
                               .runtime_directory = home, .probe_timeout_ms = 5000, .timeout_ms = 5000 };
}

static void
set_directory (const Place *place)
{
  g_autofree char *directory = place->variable != NULL ? g_build_filename (home, place->directory, NULL) : NULL;

  g_unsetenv ("XDG_RUNTIME_DIR");
  g_unsetenv ("XDG_CONFIG_HOME");
  g_unsetenv ("COLIMA_HOME");
  if (directory != NULL)
    g_setenv (place->variable, directory, TRUE);
}

static void
assert_names (const GError *error, const char *text)
{
  if (strstr (error->message, text) == NULL)
    g_test_message ("“%s” is not in: %s", text, error->message);
  g_assert_nonnull (strstr (error->message, text));
}

/* Nothing there is an error that says where; an engine there is found. */
static void
test_place (Fixture *fixture, gconstpointer data)
{
  const Place *place = data;
  PerryBackendConfig config = config_of (place->candidate);
  g_autofree char *path = g_build_filename (home, place->socket, NULL);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr (PerryFakeEngine) fake = NULL;
  g_autoptr (GError) error = NULL;
  PerryDocker *docker;

  if (g_file_test ("/var/run/docker.sock", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("this host runs a Docker Engine");
      return;
    }
  set_directory (place);
  g_assert_null (perry_docker_open (&config, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  assert_names (error, path);
  g_clear_error (&error);

  fake = perry_fake_engine_new (PERRY_FAKE_DOCKER_28);
  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_assert_cmpint (symlink (perry_fake_engine_get_socket_path (fake), path), ==, 0);
  docker = perry_docker_open (&config, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (perry_http_client_get_socket_path (docker->client), ==, path);
  perry_docker_close (docker);
  engine_fixture_remove_directory (home);
  g_assert_cmpint (g_mkdir (home, 0700), ==, 0);
}

/* They have a socket of their own, whatever docker's is. */
static void
test_profiles (Fixture *fixture, gconstpointer data)
{
  g_autofree char *orbstack = g_build_filename (home, ".orbstack/run/docker.sock", NULL);
  g_auto (GStrv) colima = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("DOCKER_HOST", "unix:///host.sock", TRUE);
  assert_found ("orbstack", "/option.sock", orbstack);
  for (const PerryBackendCandidate *row = perry_docker_candidates; row->name != NULL; row++)
    {
      g_auto (GStrv) paths = perry_docker_find_sockets (row->name, NULL, NULL);

      g_assert_nonnull (paths);
      g_assert_nonnull (paths[0]);
    }
  /* Who says where Colima is does not mean another one. */
  g_setenv ("COLIMA_HOME", "/colima", TRUE);
  colima = perry_docker_find_sockets ("colima", NULL, NULL);
  g_assert_cmpstr (colima[0], ==, "/colima/default/docker.sock");
  g_assert_null (colima[1]);
  g_setenv ("COLIMA_HOME", "vm", TRUE);
  g_assert_null (perry_docker_find_sockets ("colima", NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  assert_names (error, "COLIMA_HOME is “vm”");
}

static void
test_other_profile_of_colima (Fixture *fixture, gconstpointer data)
{
  PerryBackendConfig config = config_of ("colima");
  g_autofree char *meta = NULL;
  g_autofree char *path = g_build_filename (home, ".colima/work/docker.sock", NULL);
  g_autoptr (GError) error = NULL;

  g_unsetenv ("COLIMA_HOME");
  g_assert_null (perry_docker_open (&config, NULL, &error));
  assert_names (error, "DOCKER_CONTEXT=colima-PROFILE");
  meta = g_strdup_printf ("{\"Endpoints\":{\"docker\":{\"Host\":\"unix://%s\"}}}", path);
  write_context (fixture, "colima-work", meta);
  g_setenv ("DOCKER_CONTEXT", "colima-work", TRUE);
  assert_found ("docker", NULL, path);
}

static void
make_home (void)
{
  home = engine_fixture_make_directory ();
  g_setenv ("HOME", home, TRUE);
}

int
main (int argc, char **argv)
{
  int status;

  make_home ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_strdup_printf ("/docker-endpoint/place/%s", places[i].socket);

      g_test_add (path, Fixture, &places[i], set_up, test_place, tear_down);
    }
  g_test_add ("/docker-endpoint/other-profile-of-colima", Fixture, NULL, set_up, test_other_profile_of_colima,
              tear_down);
  g_test_add ("/docker-endpoint/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/docker-endpoint/no-silent-fallback", Fixture, NULL, set_up, test_no_silent_fallback, tear_down);
  g_test_add ("/docker-endpoint/broken-contexts", Fixture, NULL, set_up, test_broken_contexts, tear_down);
  g_test_add ("/docker-endpoint/profiles", Fixture, NULL, set_up, test_profiles, tear_down);
  status = g_test_run ();
  engine_fixture_remove_directory (home);
  g_free (home);
  return status;
}
