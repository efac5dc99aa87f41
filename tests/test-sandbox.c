/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tests/both-engines.h"

/* One sandbox, on an engine that does what a test wants of it. tests/integration has what a workload can do in it. Podman
 * reports no seccomp profile's text, and this engine has no process that shows it: there a sandbox does not get to its end. */

#define PROMPT_US (3 * G_USEC_PER_SEC)

static void
set_up (BothEngines *fixture, gconstpointer data)
{
  static struct utsname host;

  both_engines_set_up (fixture, data, "out\n");
  /* Podman reads the profile from a file of its own host */
  g_assert_cmpint (uname (&host), ==, 0);
  perry_fake_engine_set_kernel (fixture->fake, host.release);
}

static PerryContainerSpec *
new_spec (const char *command, const char *more)
{
  g_autofree char *json = g_strdup_printf ("{\"image\": \"bb:1\", \"cmd\": [\"%s\"]%s}", command, more);
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  return spec;
}

static PerryRunResult *
run (BothEngines *fixture, const char *command, const PerryRunOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = new_spec (command, "");

  return perry_sandbox_run (fixture->engine, spec, PERRY_SANDBOX_ALLOW_UNVERIFIED, options, cancellable, error);
}

static void
assert_nothing_left (BothEngines *fixture)
{
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
}

static void
assert_output (GBytes *bytes, const char *text)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpmem (data, size, text, strlen (text));
}

static void
test_outcome (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = run (fixture, "hello", NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (result->exit_code, ==, 7);
  g_assert_false (result->timed_out);
  g_assert_cmpint (result->enforcement, ==, PERRY_ENFORCEMENT_STRICT);
  assert_output (result->stdout_data, "out\n");
  assert_nothing_left (fixture);
}

/* What no evidence shows is not run, in any mode: the sandbox requires it. */
static void
test_not_proven (BothEngines *fixture, gconstpointer data)
{
  static const char *const modes[] = { "", ", \"enforcement\": \"lenient\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (PerryContainerSpec) spec = new_spec ("hello", modes[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (perry_sandbox_run (fixture->engine, spec, PERRY_SANDBOX_ALLOW_UNVERIFIED, NULL, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING);
      g_assert_nonnull (strstr (error->message, "\n  seccomp: "));
      assert_nothing_left (fixture);
    }
}

/* A mode that the spec names stays; what the sandbox is held to no mode drops. */
static void
test_mode_of_the_spec (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec = new_spec ("hello", ", \"enforcement\": \"lenient\"");
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  GPtrArray *proofs;

  result = perry_sandbox_run (fixture->engine, spec, PERRY_SANDBOX_ALLOW_UNVERIFIED, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->enforcement, ==, PERRY_ENFORCEMENT_LENIENT);
  proofs = result->proofs;
  for (guint i = 0; i < proofs->len; i++)
    if (((const PerryFieldProof *) g_ptr_array_index (proofs, i))->field == PERRY_FIELD_READ_ONLY)
      return;
  g_assert_not_reached ();
}

static void
test_time_limit (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryRunOptions) options = perry_sandbox_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;

  options->timeout_ms = 50;
  result = run (fixture, "sleep", options, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (result->timed_out);
  g_assert_cmpint (result->exit_code, ==, 137);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/.*/kill"), ==, 1);
  assert_nothing_left (fixture);
}

/* The container ended, and the engine does not answer who killed it: nobody waits for that. */
static void
test_kill_is_not_answered (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryRunOptions) options = perry_sandbox_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  gint64 begin = g_get_monotonic_time ();

  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .method = "POST", .path = "/containers/.*/kill",
                                                               .act_first = TRUE, .delay_ms = 60000, .status = 204 });
  options->timeout_ms = 50;
  result = run (fixture, "sleep", options, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (result->timed_out);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, PROMPT_US);
  assert_nothing_left (fixture);
}

/* Its time is up when it ends: whichever of the two was first, there is a result, and nothing else. */
static void
test_ends_at_the_moment (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryRunOptions) options = perry_sandbox_options_new ();
  guint n_expired = 0;

  for (guint i = 0; i < 40; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryRunResult) result = NULL;

      options->timeout_ms = 1 + i % 8;
      result = run (fixture, "hello", options, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (result->exit_code, ==, 7);
      assert_output (result->stdout_data, "out\n");
      n_expired += result->timed_out ? 1 : 0;
    }
  g_test_message ("the time of %u of 40 was up", n_expired);
  assert_nothing_left (fixture);
}

static void
cancel_at_start (PerryFakeEngine *engine, const PerryFakeRequest *request, gpointer cancellable)
{
  if (g_str_has_suffix (request->path, "/start"))
    g_cancellable_cancel (cancellable);
}

static void
cancel_at_kill (PerryFakeEngine *engine, const PerryFakeRequest *request, gpointer cancellable)
{
  if (g_str_has_suffix (request->path, "/kill"))
    g_cancellable_cancel (cancellable);
}

static void
test_cancelled (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  perry_fake_engine_set_hook (fixture->fake, cancel_at_start, cancellable);
  g_assert_null (run (fixture, "sleep", NULL, cancellable, &error));
  perry_fake_engine_set_hook (fixture->fake, NULL, NULL);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, PROMPT_US);
  assert_nothing_left (fixture);
}

/* The engine does not do what the time limit tells it, and the caller has enough before the limit gives up. */
static void
test_cancelled_while_the_kill_hangs (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (PerryRunOptions) options = perry_sandbox_options_new ();
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .method = "POST", .path = "/containers/.*/kill",
                                                               .delay_ms = 60000, .status = 204 });
  perry_fake_engine_set_hook (fixture->fake, cancel_at_kill, cancellable);
  options->timeout_ms = 50;
  g_assert_null (run (fixture, "sleep", options, cancellable, &error));
  perry_fake_engine_set_hook (fixture->fake, NULL, NULL);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, PROMPT_US);
  assert_nothing_left (fixture);
}

static char *
read_all (int fd)
{
  char buffer[4096];
  gssize n = read (fd, buffer, sizeof buffer);

  g_assert_cmpint (n, >=, 0);
  return g_strndup (buffer, (gsize) n);
}

static void
test_output_limit (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryRunOptions) options = perry_sandbox_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  g_autofree char *out = NULL;
  g_autofree char *complaints = NULL;
  int pipes[2][2];

  g_assert_cmpint (pipe (pipes[0]), ==, 0);
  g_assert_cmpint (pipe (pipes[1]), ==, 0);
  perry_fake_engine_set_output (fixture->fake, "0123456789", "complaints", 0);
  options->stdout_fd = pipes[0][1];
  options->stderr_fd = pipes[1][1];
  options->output_limit = 4;
  options->capture_limit = 7;
  result = run (fixture, "hello", options, NULL, &error);
  g_assert_no_error (error);
  out = read_all (pipes[0][0]);
  complaints = read_all (pipes[1][0]);
  g_assert_cmpstr (out, ==, "0123\n[perry: the output ends here; 6 more bytes were cut off]\n");
  g_assert_cmpstr (complaints, ==, "comp\n[perry: the output ends here; 6 more bytes were cut off]\n");
  assert_output (result->stdout_data, "0123456");
  assert_output (result->stderr_data, "complai");
  g_assert_cmpuint (result->stdout_lost, ==, 6);
  g_assert_cmpuint (result->stderr_lost, ==, 6);
  for (guint i = 0; i < 4; i++)
    close (pipes[i / 2][i % 2]);
}

/* Nothing is said of what fits to the byte. */
static void
test_output_that_fits (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryRunOptions) options = perry_sandbox_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  g_autofree char *out = NULL;
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  options->stdout_fd = ends[1];
  options->output_limit = options->capture_limit = 4;
  result = run (fixture, "hello", options, NULL, &error);
  g_assert_no_error (error);
  out = read_all (ends[0]);
  g_assert_cmpstr (out, ==, "out\n");
  assert_output (result->stdout_data, "out\n");
  g_assert_cmpuint (result->stdout_lost + result->stderr_lost, ==, 0);
  close (ends[0]);
  close (ends[1]);
}

static void
test_detached_is_refused (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryRunOptions) options = perry_sandbox_options_new ();
  g_autoptr (GError) error = NULL;

  options->detach = TRUE;
  g_assert_null (run (fixture, "sleep", options, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*"), ==, 0);
}

/* What is prepared for a plan or a test is no sandbox by itself; options that are none get what a sandbox has. */
static void
test_options_of_a_run (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryContainerSpec) spec = new_spec ("hello", ", \"privileged\": true");
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_sandbox_run (fixture->engine, spec, PERRY_SANDBOX_ALLOW_UNVERIFIED, options, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
  g_assert_nonnull (strstr (error->message, "the sandbox"));
  g_assert_false (options->sandbox);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*"), ==, 0);
}

typedef struct {
  PerryRunResult *result;
  GError *error;
  gboolean called;
} Answer;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  answer->result = perry_sandbox_run_finish (PERRY_ENGINE (source), result, &answer->error);
  answer->called = TRUE;
}

static void
run_async (BothEngines *fixture, const char *more, PerrySandboxFlags flags, const PerryRunOptions *options, Answer *answer)
{
  g_autoptr (PerryContainerSpec) spec = new_spec ("hello", more);

  *answer = (Answer){ 0 };
  perry_sandbox_run_async (fixture->engine, spec, flags, options, NULL, on_answer, answer);
  g_assert_false (answer->called);
  while (!answer->called)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_async (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (PerryRunOptions) detached = perry_sandbox_options_new ();
  Answer answer;

  run_async (fixture, "", PERRY_SANDBOX_ALLOW_UNVERIFIED, NULL, &answer);
  g_assert_no_error (answer.error);
  g_assert_cmpint (answer.result->exit_code, ==, 7);
  assert_output (answer.result->stdout_data, "out\n");
  perry_run_result_free (answer.result);

  run_async (fixture, ", \"verify\": {\"mode\": \"off\"}", PERRY_SANDBOX_FLAGS_NONE, NULL, &answer);
  g_assert_error (answer.error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
  g_assert_nonnull (strstr (answer.error->message, "--allow-unverified"));
  g_assert_null (answer.result);
  g_clear_error (&answer.error);

  run_async (fixture, ", \"pid\": \"host\"", PERRY_SANDBOX_ALLOW_UNVERIFIED, NULL, &answer);
  g_assert_error (answer.error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
  g_assert_null (answer.result);
  g_clear_error (&answer.error);

  detached->detach = TRUE;
  run_async (fixture, "", PERRY_SANDBOX_ALLOW_UNVERIFIED, detached, &answer);
  g_assert_error (answer.error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_assert_null (answer.result);
  g_clear_error (&answer.error);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/create"), ==, 1);
  assert_nothing_left (fixture);
}

int
main (int argc, char **argv)
{
  static const BothEnginesTest tests[] = {
    { "outcome", test_outcome, "docker" },
    { "not-proven", test_not_proven, "podman" },
    { "mode-of-the-spec", test_mode_of_the_spec, "docker" },
    { "time-limit", test_time_limit, "docker" },
    { "kill-is-not-answered", test_kill_is_not_answered, "docker" },
    { "ends-at-the-moment", test_ends_at_the_moment, "docker" },
    { "cancelled", test_cancelled, "docker" },
    { "cancelled-while-the-kill-hangs", test_cancelled_while_the_kill_hangs, "docker" },
    { "output-limit", test_output_limit, "docker" },
    { "output-that-fits", test_output_that_fits, "docker" },
    { "detached-is-refused", test_detached_is_refused },
    { "options-of-a-run", test_options_of_a_run },
    { "async", test_async, "docker" },
  };

  return both_engines_main (argc, argv, "sandbox", tests, G_N_ELEMENTS (tests), set_up, both_engines_tear_down);
}
