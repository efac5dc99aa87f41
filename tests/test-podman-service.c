/* SPDX-License-Identifier: Apache-2.0 */
/* The private service with a program in Podman's place: it answers pings on the socket that it was given. */
#include <signal.h>

#include <glib/gstdio.h>

#include "plugins/podman/podman-endpoint.h"
#include "plugins/podman/podman-runtime.h"
#include "plugins/podman/podman-service.h"
#include "tests/engine-fixture.h"

#define TIMEOUT_MS 10000

typedef struct {
  char *directory;
  char *path;
} Fixture;

/* Notes its arguments and its number in files beside itself, then serves. */
static const char server[] =
  "#!/usr/bin/env python3\n"
  "import os, socket, sys\n"
  "here = os.path.dirname(sys.argv[0])\n"
  "open(here + '/starts', 'a').write(' '.join(sys.argv[1:]) + '\\n')\n"
  "open(here + '/pid', 'w').write(str(os.getpid()))\n"
  "if os.path.exists(here + '/broken'):\n"
  "    sys.exit('Error: no runtime\\nat all')\n"
  "server = socket.socket(socket.AF_UNIX)\n"
  "server.bind(sys.argv[-1][len('unix://'):])\n"
  "server.listen()\n"
  "while True:\n"
  "    client = server.accept()[0]\n"
  "    if client.recv(4096):\n"
  "        client.sendall(b'HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: 0\\r\\n\\r\\n')\n"
  "    client.close()\n";

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *program = NULL;
  g_autofree char *path = NULL;

  fixture->directory = engine_fixture_make_directory ();
  fixture->path = g_strdup (g_getenv ("PATH"));
  program = g_build_filename (fixture->directory, "podman", NULL);
  path = g_strdup_printf ("%s:%s", fixture->directory, fixture->path);
  g_assert_true (g_file_set_contents_full (program, server, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  g_setenv ("PATH", path, TRUE);
  g_setenv ("CONTAINERS_CONF", "/nonexistent", TRUE);
}

static char *
read_note (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static void
end_service (Fixture *fixture)
{
  g_autofree char *pid = read_note (fixture, "pid");

  if (pid != NULL)
    kill ((pid_t) g_ascii_strtoll (pid, NULL, 10), SIGKILL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  end_service (fixture);
  g_setenv ("PATH", fixture->path, TRUE);
  engine_fixture_remove_directory (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->path);
}

static PerryPodmanService *
service_new (Fixture *fixture, const char *runtime)
{
  g_autoptr (GError) error = NULL;
  PerryPodmanService *service = perry_podman_service_new (fixture->directory, runtime, 60, &error);

  g_assert_no_error (error);
  return service;
}

static guint
count_starts (Fixture *fixture)
{
  g_autofree char *starts = read_note (fixture, "starts");
  g_auto (GStrv) lines = g_strsplit (starts != NULL ? starts : "", "\n", -1);

  return g_strv_length (lines) > 0 ? g_strv_length (lines) - 1 : 0;
}

static void
test_start (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryPodmanService) service = service_new (fixture, "crun");
  g_autoptr (PerryHttpClient) client = perry_http_client_new (perry_podman_service_get_socket_path (service));
  g_autofree char *wanted = g_strdup_printf ("--runtime crun system service --time 60 unix://%s\n",
                                             perry_podman_service_get_socket_path (service));
  g_autofree char *starts = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;

  g_assert_true (perry_podman_service_ensure (service, client, TIMEOUT_MS, &is_new, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (is_new);
  starts = read_note (fixture, "starts");
  g_assert_cmpstr (starts, ==, wanted);
  g_assert_true (perry_podman_service_ensure (service, client, TIMEOUT_MS, &is_new, NULL, &error));
  g_assert_false (is_new);
  g_assert_cmpuint (count_starts (fixture), ==, 1);
}

static void
test_restart (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryPodmanService) service = service_new (fixture, "runc");
  g_autoptr (PerryHttpClient) client = perry_http_client_new (perry_podman_service_get_socket_path (service));
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;

  g_assert_true (perry_podman_service_ensure (service, client, TIMEOUT_MS, &is_new, NULL, &error));
  end_service (fixture);
  /* Its socket is still there, and nobody listens. */
  perry_podman_service_forget (service);
  g_assert_true (perry_podman_service_ensure (service, client, TIMEOUT_MS, &is_new, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (is_new);
  g_assert_cmpuint (count_starts (fixture), ==, 2);
}

static gpointer
ensure_in_thread (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (PerryPodmanService) service = service_new (fixture, "runc");
  g_autoptr (PerryHttpClient) client = perry_http_client_new (perry_podman_service_get_socket_path (service));
  g_autoptr (GError) error = NULL;
  gboolean is_new;

  g_assert_true (perry_podman_service_ensure (service, client, TIMEOUT_MS, &is_new, NULL, &error));
  g_assert_no_error (error);
  return NULL;
}

static void
test_one_for_all (Fixture *fixture, gconstpointer data)
{
  GThread *threads[8];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("ensure", ensure_in_thread, fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (count_starts (fixture), ==, 1);
}

static void
test_other_settings (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryPodmanService) first = service_new (fixture, "runc");
  g_autoptr (PerryPodmanService) runtime = service_new (fixture, "crun");
  g_autoptr (PerryPodmanService) configuration = NULL;

  g_setenv ("CONTAINERS_CONF", "/nonexistent/other", TRUE);
  configuration = service_new (fixture, "runc");
  g_assert_cmpstr (perry_podman_service_get_socket_path (first), !=, perry_podman_service_get_socket_path (runtime));
  g_assert_cmpstr (perry_podman_service_get_socket_path (first), !=,
                   perry_podman_service_get_socket_path (configuration));
}

static void
test_failure (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryPodmanService) service = service_new (fixture, "runc");
  g_autoptr (PerryHttpClient) client = perry_http_client_new (perry_podman_service_get_socket_path (service));
  g_autofree char *broken = g_build_filename (fixture->directory, "broken", NULL);
  g_autoptr (GError) error = NULL;
  gboolean is_new;

  g_assert_true (g_file_set_contents (broken, "", 0, NULL));
  g_assert_false (perry_podman_service_ensure (service, client, TIMEOUT_MS, &is_new, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "Error: no runtime at all"));
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryPodmanService) service = service_new (fixture, "runc");
  g_autoptr (PerryHttpClient) client = perry_http_client_new (perry_podman_service_get_socket_path (service));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gboolean is_new;

  g_cancellable_cancel (cancellable);
  g_assert_false (perry_podman_service_ensure (service, client, TIMEOUT_MS, &is_new, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpuint (count_starts (fixture), ==, 0);
}

static void
test_not_installed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_setenv ("PATH", "/nonexistent", TRUE);
  g_assert_null (perry_podman_service_new (fixture->directory, "", 60, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "not installed"));
}

static void
test_runtime_texts (void)
{
  g_assert_true (perry_podman_config_sets_runtime ("[engine]\n  runtime = \"crun\"\n"));
  g_assert_true (perry_podman_config_sets_runtime ("[engine.runtimes]\ncrun=[\"/x\"]"));
  g_assert_false (perry_podman_config_sets_runtime ("[engine]\n# runtime = \"crun\"\nruntime_supports_json = []\n"));
  g_assert_false (perry_podman_config_sets_runtime (""));
}

static void
test_runtime_choice (Fixture *fixture, gconstpointer data)
{
  g_autofree char *unified = g_build_filename (fixture->directory, "unified", NULL);
  g_autofree char *controllers = g_build_filename (unified, "cgroup.controllers", NULL);
  g_autofree char *configuration = g_build_filename (fixture->directory, "containers.conf", NULL);
  g_autofree char *named = NULL;
  g_autofree char *none = NULL;
  g_autofree char *empty = NULL;
  g_autofree char *hybrid = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *no_reason = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (perry_podman_choose_runtime ("/opt/runtime", fixture->directory, &named, &no_reason, &error));
  g_assert_cmpstr (named, ==, "/opt/runtime");
  g_assert_true (perry_podman_choose_runtime ("", fixture->directory, &none, &no_reason, &error));
  g_assert_null (none);
  g_assert_cmpint (g_mkdir (unified, 0700), ==, 0);
  g_assert_true (g_file_set_contents (controllers, "\n", -1, NULL));
  g_assert_true (perry_podman_choose_runtime (NULL, fixture->directory, &empty, &no_reason, &error));
  g_assert_null (empty);
  g_assert_null (no_reason);

  g_assert_true (g_file_set_contents (controllers, "hugetlb\n", -1, NULL));
  if (perry_podman_choose_runtime (NULL, fixture->directory, &hybrid, &reason, &error))
    {
      g_assert_cmpstr (hybrid, ==, "runc");
      g_assert_nonnull (strstr (reason, "hugetlb"));
    }
  else
    {
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
      g_assert_nonnull (strstr (error->message, "install runc"));
      g_clear_error (&error);
    }
  g_assert_true (g_file_set_contents (configuration, "[engine]\nruntime = \"crun\"\n", -1, NULL));
  g_setenv ("CONTAINERS_CONF", configuration, TRUE);
  g_assert_true (perry_podman_choose_runtime (NULL, fixture->directory, &kept, &no_reason, &error));
  g_assert_null (kept);
}

static void
test_sockets (void)
{
  g_autofree char *option = NULL;
  g_autofree char *variable = NULL;
  g_autofree char *nothing = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("CONTAINER_HOST", "unix:///host.sock", TRUE);
  g_assert_true (perry_podman_find_configured_socket ("/option.sock", &option, &error));
  g_assert_cmpstr (option, ==, "/option.sock");
  g_assert_true (perry_podman_find_configured_socket ("", &variable, &error));
  g_assert_cmpstr (variable, ==, "/host.sock");
  g_setenv ("CONTAINER_HOST", "ssh://me@host/run/podman.sock", TRUE);
  g_assert_false (perry_podman_find_configured_socket ("", &nothing, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "CONTAINER_HOST"));
  g_setenv ("CONTAINER_HOST", "", TRUE);
  g_clear_error (&error);
  g_assert_true (perry_podman_find_configured_socket ("", &nothing, &error));
  g_assert_null (nothing);
  /* It would be another service than the one that was asked for. */
  g_setenv ("CONTAINER_CONNECTION", "work", TRUE);
  g_assert_false (perry_podman_find_configured_socket ("", &nothing, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_assert_nonnull (strstr (error->message, "CONTAINER_CONNECTION is work"));
  g_assert_nonnull (strstr (error->message, "CONTAINER_HOST=unix://"));
  g_unsetenv ("CONTAINER_CONNECTION");
  g_unsetenv ("CONTAINER_HOST");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*function) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/podman-service/start", test_start },
    { "/podman-service/restart-after-its-end", test_restart },
    { "/podman-service/one-for-all", test_one_for_all },
    { "/podman-service/other-settings-other-service", test_other_settings },
    { "/podman-service/failure-says-what-it-wrote", test_failure },
    { "/podman-service/cancelled", test_cancelled },
    { "/podman-service/not-installed", test_not_installed },
    { "/podman-runtime/choice", test_runtime_choice },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].function, tear_down);
  g_test_add_func ("/podman-runtime/containers-conf", test_runtime_texts);
  g_test_add_func ("/podman-endpoint/configured", test_sockets);
  return g_test_run ();
}
