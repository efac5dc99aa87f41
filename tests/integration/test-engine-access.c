/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/perry-engine-control.h"

/* Which engine one reaches: three of them at once, one that hangs, and sockets that somebody else may use. */

#define NOBODY 65534

typedef struct {
  PerryLiveEngine *docker;
  PerryLiveEngine *other_docker;
  PerryLiveEngine *podman;
  char *directory; /* nobody's own */
} Fixture;

static Fixture fixture;

static char *
dup_endpoint (PerryLiveEngine *live)
{
  return g_strconcat ("unix://", live->socket, NULL);
}

/* Both kinds at once, none of them named. */
static char **
make_environment (PerryLiveEngine *docker, PerryLiveEngine *podman)
{
  g_autofree char *docker_host = dup_endpoint (docker);
  g_autofree char *container_host = dup_endpoint (podman);
  char **environment = g_strdupv (docker->environment);

  environment = g_environ_unsetenv (environment, "PERRY_CONTAINER_BACKEND");
  environment = g_environ_setenv (environment, "DOCKER_HOST", docker_host, TRUE);
  return g_environ_setenv (environment, "CONTAINER_HOST", container_host, TRUE);
}

/* @before, which may be NULL, is what stands before perryctl's name. */
static PerryProcessResult *
perryctl (const char *const *before, char **environment, const char *const *arguments)
{
  g_autofree char *program = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", "cli", "perryctl", NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  PerryProcessOptions options = { .environment = (const char *const *) environment, .timeout_ms = 60000,
                                  .max_stdout = 1024 * 1024, .max_stderr = 1024 * 1024 };
  g_autoptr (GError) error = NULL;
  PerryProcessResult *result;

  for (gsize i = 0; before != NULL && before[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) before[i]);
  g_ptr_array_add (argv, program);
  for (gsize i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) arguments[i]);
  g_ptr_array_add (argv, NULL);
  result = perry_process_run ((const char *const *) argv->pdata, &options, NULL, &error);
  g_assert_no_error (error);
  return result;
}

/* Runs a container that waits, by @environment and @option, and says on which engine it is. */
static PerryLiveEngine *
find_engine (char **environment, const char *option)
{
  PerryLiveEngine *all[] = { fixture.docker, fixture.other_docker, fixture.podman };
  const char *run[] = { "run", "-d", "--name", "where", "busybox", "sleep", "1000", NULL, NULL, NULL };
  g_autoptr (PerryProcessResult) started = NULL;
  g_autofree char *id = NULL;
  PerryLiveEngine *found = NULL;

  if (option != NULL)
    {
      const char *chosen[] = { "run", "--backend", option, "-d", "--name", "where", "busybox", "sleep", "1000", NULL };

      memcpy (run, chosen, sizeof chosen);
    }
  started = perryctl (NULL, environment, run);
  perry_live_assert_status (started, 0);
  id = g_strndup (perry_live_stdout (started), 64);
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autoptr (PerryProcessResult) seen = perry_live_engine_perryctl (all[i], NULL, "inspect", id, NULL);
      g_autoptr (PerryProcessResult) removed = NULL;

      if (seen->exit_status != 0)
        {
          g_assert_nonnull (strstr (perry_live_stderr (seen), id));
          continue;
        }
      g_assert_null (found);
      found = all[i];
      removed = perry_live_engine_perryctl (all[i], NULL, "rm", "-f", "where", NULL);
      perry_live_assert_status (removed, 0);
    }
  g_assert_nonnull (found);
  return found;
}

static void
test_choice (void)
{
  g_auto (GStrv) one = make_environment (fixture.docker, fixture.podman);
  g_auto (GStrv) two = make_environment (fixture.other_docker, fixture.podman);
  g_auto (GStrv) reversed = g_environ_setenv (g_strdupv (one), "PERRY_CONTAINER_BACKEND", "docker,podman", TRUE);

  g_assert_true (find_engine (one, NULL) == fixture.podman);
  g_assert_true (find_engine (one, "docker") == fixture.docker);
  g_assert_true (find_engine (one, "podman") == fixture.podman);
  g_assert_true (find_engine (two, "docker") == fixture.other_docker);
  g_assert_true (find_engine (reversed, NULL) == fixture.docker);
  g_assert_true (find_engine (reversed, "podman") == fixture.podman);
}

/* The same name on three engines is three containers. */
static void
test_same_name (void)
{
  PerryLiveEngine *all[] = { fixture.docker, fixture.other_docker, fixture.podman };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *text = g_strdup_printf ("X=%" G_GSIZE_FORMAT, i);
      g_autoptr (PerryProcessResult) created =
          perry_live_engine_perryctl (all[i], NULL, "create", "--name", "same", "-e", text, "busybox", "env", NULL);

      perry_live_assert_status (created, 0);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autoptr (PerryProcessResult) removed = perry_live_engine_perryctl (all[i], NULL, "rm", "same", NULL);

      perry_live_assert_status (removed, 0);
      g_assert_cmpuint (perry_live_engine_count_containers (all[i]), ==, 0);
      if (i + 1 < G_N_ELEMENTS (all))
        g_assert_cmpuint (perry_live_engine_count_containers (all[i + 1]), ==, 1);
    }
}

/* The first in order is alive but says nothing: the next one is used, and one that was named is an error in time. */
static void
test_hanging_engine (void)
{
  static const char *const ps[] = { "ps", "--backend", "podman", NULL };
  g_autoptr (PerryEngineControl) control = perry_engine_control_new (fixture.podman);
  g_auto (GStrv) environment = make_environment (fixture.docker, fixture.podman);
  g_autoptr (PerryProcessResult) result = NULL;
  PerryLiveEngine *found;
  gint64 began, took;

  kill (perry_engine_control_get_pid (control), SIGSTOP);
  began = g_get_monotonic_time ();
  result = perryctl (NULL, environment, ps);
  took = g_get_monotonic_time () - began;
  {
    static const char *const run[] = { "run", "-d", "--name", "where", "busybox", "sleep", "1000", NULL };
    g_autoptr (PerryProcessResult) started = perryctl (NULL, environment, run);

    kill (perry_engine_control_get_pid (control), SIGCONT);
    perry_live_assert_status (started, 0);
    found = perry_live_engine_count_containers (fixture.docker) == 1 ? fixture.docker : NULL;
    g_assert_true (found == fixture.docker);
  }
  {
    g_autoptr (PerryProcessResult) removed = perry_live_engine_perryctl (found, NULL, "rm", "-f", "where", NULL);

    perry_live_assert_status (removed, 0);
  }
  g_test_message ("after %d ms: %s", (int) (took / 1000), perry_live_stderr (result));
  g_assert_cmpint (result->exit_status, !=, 0);
  /* Whose patience ends first, the search's or the request's, is a matter of microseconds. */
  g_assert_nonnull (strstr (perry_live_stderr (result), "podman: "));
  g_assert_nonnull (strstr (perry_live_stderr (result), "did not answer within 2000 ms"));
  g_assert_cmpint (took, <, 10 * G_TIME_SPAN_SECOND);
}

/* Somebody else's perryctl. */
static void
assert_denied (PerryLiveEngine *live, const char *what)
{
  static const char *const as_nobody[] = { "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
                                           NULL };
  static const char *const run[] = { "run", "--rm", "busybox", "true", NULL };
  g_auto (GStrv) environment = g_environ_setenv (g_strdupv (live->environment), "XDG_RUNTIME_DIR", fixture.directory, TRUE);
  g_autoptr (PerryProcessResult) result = NULL;
  const char *text;

  environment = g_environ_setenv (environment, "XDG_CONFIG_HOME", fixture.directory, TRUE);
  result = perryctl (as_nobody, environment, run);
  text = perry_live_stderr (result);
  g_test_message ("%s", text);
  g_assert_cmpint (result->exit_status, ==, 125);
  g_assert_nonnull (strstr (text, live->socket));
  g_assert_nonnull (strstr (text, "no access to the engine's socket"));
  g_assert_nonnull (strstr (text, what));
  g_assert_cmpuint (perry_live_engine_count_containers (live), ==, 0);
}

static void
test_permission (void)
{
  PerryLiveEngine *all[] = { fixture.docker, fixture.podman };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      assert_denied (all[i], "run as root or as the user that the engine belongs to");
      g_assert_cmpint (g_chmod (all[i]->directory, 0711), ==, 0);
      assert_denied (all[i], "run as that user, or become a member of the group");
      g_assert_cmpint (g_chmod (all[i]->directory, 0700), ==, 0);
    }
}

static PerryLiveEngine *
start (const char *backend, char **ret_reason)
{
  return *ret_reason == NULL ? perry_live_engine_start (backend, "runc", NULL, ret_reason) : NULL;
}

int
main (int argc, char **argv)
{
  g_autofree char *reason = NULL;
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  fixture.docker = start ("docker", &reason);
  fixture.other_docker = start ("docker", &reason);
  fixture.podman = start ("podman", &reason);
  if (reason != NULL)
    g_print ("1..0 # SKIP %s\n", reason);
  else
    {
      fixture.directory = g_dir_make_tmp ("perry-nobody-XXXXXX", NULL);
      g_assert_cmpint (chown (fixture.directory, NOBODY, NOBODY), ==, 0);
      g_test_add_func ("/engine-access/choice", test_choice);
      g_test_add_func ("/engine-access/same-name", test_same_name);
      g_test_add_func ("/engine-access/hanging-engine", test_hanging_engine);
      g_test_add_func ("/engine-access/permission", test_permission);
      status = g_test_run ();
      {
        const char *remove[] = { "rm", "-rf", fixture.directory, NULL };
        g_autoptr (PerryProcessResult) removed = perry_process_run (remove, NULL, NULL, NULL);
      }
    }
  g_clear_pointer (&fixture.docker, perry_live_engine_stop);
  g_clear_pointer (&fixture.other_docker, perry_live_engine_stop);
  g_clear_pointer (&fixture.podman, perry_live_engine_stop);
  return status;
}
