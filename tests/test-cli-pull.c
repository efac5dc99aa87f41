/* SPDX-License-Identifier: Apache-2.0 */
/* perryctl pull as a program, on an engine inside this process. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <gio/gio.h>

#include "core/perry-container.h"
#include "tests/fake/perry-fake-engine.h"
#include "tests/test-folder.h"

typedef struct {
  PerryFakeEngine *fake;
  char *directory;
} Fixture;

typedef struct {
  const char *name;
  PerryFakeDialect dialect;
} Setting;

static const Setting docker = { "docker", PERRY_FAKE_DOCKER_20 };
static const Setting podman = { "podman", PERRY_FAKE_PODMAN_4 };

typedef struct {
  int code;
  char *out;
  char *err;
} Outcome;

#define REPOSITORY "r.example:5000/demo"
#define INDEX "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define AMD64 "sha256:aaaa111111111111111111111111111111111111111111111111111111111111"

static void
clear_outcome (Outcome *outcome)
{
  g_free (outcome->out);
  g_free (outcome->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, clear_outcome)

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Setting *setting = data;

  fixture->directory = g_dir_make_tmp ("perry-cli-pull-XXXXXX", NULL);
  fixture->fake = perry_fake_engine_new (setting->dialect);
  perry_fake_engine_add_remote (fixture->fake, REPOSITORY ":1", INDEX, "linux/amd64", AMD64);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  perry_fake_engine_free (fixture->fake);
  test_folder_remove (fixture->directory);
  g_free (fixture->directory);
}

static GSubprocessLauncher *
new_launcher (Fixture *fixture, const Setting *setting, GSubprocessFlags flags)
{
  g_autofree char *plugins = g_test_build_filename (G_TEST_BUILT, "..", "plugins", setting->name, NULL);
  g_autofree char *endpoint = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fixture->fake), NULL);
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);
  const char *const pairs[] = { "PERRY_PLUGIN_PATH", plugins, "PERRY_CONTAINER_BACKEND", setting->name,
                                "DOCKER_HOST", endpoint, "CONTAINER_HOST", endpoint,
                                "XDG_CONFIG_HOME", fixture->directory, "XDG_RUNTIME_DIR", fixture->directory,
                                "HOME", fixture->directory, "TERM", "xterm" };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i += 2)
    g_subprocess_launcher_setenv (launcher, pairs[i], pairs[i + 1], TRUE);
  g_subprocess_launcher_unsetenv (launcher, "NO_COLOR");
  g_subprocess_launcher_unsetenv (launcher, "DOCKER_CONFIG");
  g_subprocess_launcher_unsetenv (launcher, "REGISTRY_AUTH_FILE");
  return launcher;
}

static GSubprocess *
spawn (GSubprocessLauncher *launcher, const char *words)
{
  g_autofree char *perryctl = g_test_build_filename (G_TEST_BUILT, "..", "cli", "perryctl", NULL);
  g_autofree char *line = g_strconcat (perryctl, "|", words, NULL);
  g_auto (GStrv) argv = g_strsplit (line, "|", -1);
  g_autoptr (GError) error = NULL;
  GSubprocess *process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);

  g_assert_no_error (error);
  return process;
}

static Outcome
run (Fixture *fixture, const Setting *setting, const char *words)
{
  g_autoptr (GSubprocessLauncher) launcher
      = new_launcher (fixture, setting, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = spawn (launcher, words);
  g_autoptr (GError) error = NULL;
  Outcome outcome = { 0 };

  g_subprocess_communicate_utf8 (process, NULL, NULL, &outcome.out, &outcome.err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  outcome.code = g_subprocess_get_exit_status (process);
  return outcome;
}

static void
test_plain (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) outcome = run (fixture, data, "pull|" REPOSITORY ":1");

  g_assert_cmpint (outcome.code, ==, 0);
  g_assert_cmpstr (outcome.out, ==, REPOSITORY "@" INDEX "\n");
  g_assert_true (g_str_has_prefix (outcome.err, REPOSITORY ":1: Pulling\n"));
  g_assert_nonnull (strstr (outcome.err, "\n43c3c6402a5c: Pulling fs layer\n43c3c6402a5c: Downloading\n43c3c6402a5c: "));
  g_assert_null (strchr (outcome.err, '\033'));
}

static void
test_quiet (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) quiet = run (fixture, data, "pull|-q|" REPOSITORY ":1");
  g_auto (Outcome) json = run (fixture, data, "pull|--format|json|" REPOSITORY ":1");
  g_autoptr (JsonNode) node = perry_json_parse (json.out, -1, NULL, NULL);
  const char *pinned = NULL;

  g_assert_cmpint (quiet.code, ==, 0);
  g_assert_cmpstr (quiet.out, ==, REPOSITORY "@" INDEX "\n");
  g_assert_cmpstr (quiet.err, ==, "");
  g_assert_cmpint (json.code, ==, 0);
  g_assert_cmpstr (json.err, ==, "");
  g_assert_cmpuint (json_array_get_length (perry_json_as_array (node)), ==, 1);
  g_assert_true (perry_json_read_string (json_array_get_object_element (perry_json_as_array (node), 0), "pinned",
                                         &pinned));
  g_assert_cmpstr (pinned, ==, REPOSITORY "@" INDEX);
}

/* One failure does not keep the others from being tried, and is not forgotten. */
static void
test_several (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) outcome = run (fixture, data, "pull|-q|" REPOSITORY ":none|" REPOSITORY ":1");
  g_auto (Outcome) nothing = run (fixture, data, "pull");
  g_auto (Outcome) platform = run (fixture, data, "pull|-q|--platform|linux/arm64|" REPOSITORY ":1");

  g_assert_cmpint (outcome.code, ==, 1);
  g_assert_cmpstr (outcome.out, ==, REPOSITORY "@" INDEX "\n");
  g_assert_true (g_str_has_prefix (outcome.err, "perryctl: pull: pulling " REPOSITORY ":none: "));
  g_assert_cmpint (nothing.code, ==, 1);
  g_assert_nonnull (strstr (nothing.err, "too few arguments, expected: IMAGE..."));
  g_assert_cmpint (platform.code, ==, 1);
  g_assert_cmpstr (platform.out, ==, "");
  g_assert_nonnull (strstr (platform.err, "for linux/amd64 after it was pulled for linux/arm64"));
}

/* Whoever looks at nothing but the result is told as well. There is no plugin to verify anything with. */
static void
test_not_verified (Fixture *fixture, gconstpointer data)
{
  static const char *const ways[] = { "pull|--verify|warn|" REPOSITORY ":1", "pull|-q|--verify|warn|" REPOSITORY ":1",
                                      "pull|--format|json|--verify|warn|" REPOSITORY ":1" };
  g_auto (Outcome) refused = run (fixture, data, "pull|-q|--verify|enforce|" REPOSITORY ":1");

  g_assert_cmpint (refused.code, ==, 1);
  g_assert_cmpstr (refused.out, ==, "");
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/images/create"), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_auto (Outcome) outcome = run (fixture, data, ways[i]);

      g_assert_cmpint (outcome.code, ==, 0);
      g_assert_nonnull (strstr (outcome.err, "warning: the image " REPOSITORY ":1 is not verified (error): the verifier "));
      if (strstr (ways[i], "json") != NULL)
        g_assert_nonnull (strstr (outcome.out, "\"warnings\": [\n      \"the image " REPOSITORY ":1 is not verified"));
    }
}

static char *
run_in_terminal (Fixture *fixture, const Setting *setting, const char *variable, unsigned short columns)
{
  g_autoptr (GSubprocessLauncher) launcher = new_launcher (fixture, setting, G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GSubprocess) process = NULL;
  GString *out = g_string_new (NULL);
  struct winsize size = { .ws_row = 24, .ws_col = columns };
  int terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  char buffer[1024];
  gssize n;

  g_assert_true (terminal >= 0 && grantpt (terminal) == 0 && unlockpt (terminal) == 0);
  g_assert_cmpint (ioctl (terminal, TIOCSWINSZ, &size), ==, 0);
  if (variable != NULL)
    g_subprocess_launcher_setenv (launcher, variable, "dumb", TRUE);
  g_subprocess_launcher_take_stderr_fd (launcher, open (ptsname (terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
  process = spawn (launcher, "pull|" REPOSITORY ":1");
  g_subprocess_launcher_close (launcher);
  /* EIO is how a terminal says that its last writer is gone. */
  while ((n = read (terminal, buffer, sizeof buffer)) > 0)
    g_string_append_len (out, buffer, n);
  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
  close (terminal);
  return g_string_free (out, FALSE);
}

static void
test_terminal (Fixture *fixture, gconstpointer data)
{
  g_autofree char *coloured = run_in_terminal (fixture, data, NULL, 80);
  g_autofree char *plain = run_in_terminal (fixture, data, "NO_COLOR", 80);
  g_autofree char *narrow = run_in_terminal (fixture, data, NULL, 30);
  g_autofree char *dumb = run_in_terminal (fixture, data, "TERM", 80);

  g_assert_nonnull (strstr (coloured, "\033[1A\r43c3c6402a5c: Downloading [\033[32m"));
  g_assert_nonnull (strstr (plain, "\033[1A\r43c3c6402a5c: Downloading ["));
  g_assert_null (strstr (plain, "\033[32m"));
  g_assert_null (strchr (narrow, '='));
  g_assert_null (strchr (dumb, '\033'));
}

/* What is missing is pulled, and that is said where the container's output is not. */
static void
test_run (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) never = run (fixture, data, "run|--rm|--pull|never|" REPOSITORY ":1|hello");
  g_auto (Outcome) unknown = run (fixture, data, "run|--rm|--pull|sometimes|" REPOSITORY ":1|hello");
  guint before = perry_fake_engine_count_requests (fixture->fake, "POST", ".*");
  g_auto (Outcome) plan = run (fixture, data, "plan|" REPOSITORY ":1");
  guint after = perry_fake_engine_count_requests (fixture->fake, "POST", ".*");
  g_auto (Outcome) missing = { 0 };
  g_auto (Outcome) there = { 0 };

  perry_fake_engine_set_output (fixture->fake, "hello\n", NULL, 3);
  missing = run (fixture, data, "run|--rm|" REPOSITORY ":1|hello");
  there = run (fixture, data, "run|--rm|" REPOSITORY ":1|hello");
  g_assert_cmpint (never.code, ==, 125);
  g_assert_nonnull (strstr (never.err, "`perryctl pull`"));
  g_assert_cmpint (unknown.code, ==, 125);
  g_assert_nonnull (strstr (unknown.err, "--pull is missing, always or never, not \"sometimes\""));
  g_assert_cmpint (plan.code, ==, 125);
  g_assert_cmpuint (before, ==, 0);
  g_assert_cmpuint (after, ==, 0);
  g_assert_cmpint (missing.code, ==, 3);
  g_assert_cmpstr (missing.out, ==, "hello\n");
  g_assert_true (g_str_has_prefix (missing.err, REPOSITORY ":1: Pulling\n"));
  g_assert_cmpint (there.code, ==, 3);
  g_assert_cmpstr (there.err, ==, "");
}

/* A signal ends the pull, and what comes after it is not begun. */
static void
test_signal (Fixture *fixture, gconstpointer data)
{
  static const char *const hangs[] = { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\r\n\r\n" };
  PerryFakeRule rule = { .path = "/images/create", .raw_parts = hangs, .n_raw_parts = 1 };
  g_autoptr (GSubprocessLauncher) launcher
      = new_launcher (fixture, data, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;

  perry_fake_engine_add_rule (fixture->fake, &rule);
  process = spawn (launcher, "pull|" REPOSITORY ":1|" REPOSITORY ":2");
  g_assert_true (perry_fake_engine_wait_for (fixture->fake, "POST", "/images/create", 1));
  g_subprocess_send_signal (process, SIGINT);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &out, &err, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 130);
  g_assert_cmpstr (out, ==, "");
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/images/create"), ==, 1);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*function) (Fixture *fixture, gconstpointer data); } tests[] = {
    { "plain", test_plain },       { "quiet", test_quiet }, { "several", test_several },
    { "terminal", test_terminal }, { "run", test_run },     { "signal", test_signal },
    { "not-verified", test_not_verified },
  };
  const Setting *const settings[] = { &docker, &podman };

  g_test_init (&argc, &argv, NULL);
  for (gsize s = 0; s < G_N_ELEMENTS (settings); s++)
    for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
      {
        g_autofree char *path = g_strdup_printf ("/cli-pull/%s/%s", settings[s]->name, tests[i].name);

        g_test_add (path, Fixture, settings[s], set_up, tests[i].function, tear_down);
      }
  return g_test_run ();
}
