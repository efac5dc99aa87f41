/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/perryctl-make.h"
#include "cli/perryctl-report.h"
#include "cli/perryctl-signal.h"
#include "cli/perryctl-spec.h"

/* what timeout(1) says as well */
#define TIMED_OUT_EXIT_CODE 124
#define DEFAULT_JOBS 4

static const PerryctlOption options[] = {
  { "allow-unverified", 0, NULL, "Verify the image as the configuration says, which may be not at all" },
  { "timeout", 0, "DURATION", "Kill the command after this time, such as 90s or 5m; 60s where nothing is said" },
  { "max-output", 0, "SIZE", "Keep so much of each output, such as 64k, and say where it was cut; 1m where nothing is said" },
  { "raw-output", 0, NULL, "Pass control sequences of the command on to a terminal, where they are escaped otherwise" },
  { "from", 0, "FILE", "Run every request of FILE, one JSON object a line, or of standard input for \"-\"" },
  { "jobs", 0, "N", "With --from, how many run at the same time; 4 where nothing is said" },
  { "skip-done", 0, "FILE", "With --from, do not run again what has a result in FILE, which an earlier batch has written" },
  { "interactive", 'i', NULL, "Pass standard input on to the command" },
  PERRYCTL_OPTIONS_OF_A_RUN,
  { NULL },
};

/* Durations and sizes are read as the fields of a spec are. */
static gboolean
read_number (const PerryctlArguments *arguments, const char *name, PerryField field, gint64 factor, gint64 maximum,
             gint64 *ret_value, GError **error)
{
  const char *text = perryctl_arguments_get (arguments, name);
  g_autofree char *where = g_strconcat ("--", name, NULL);
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();
  gint64 value;

  if (text == NULL)
    return TRUE;
  if (!perry_container_spec_set_from_text (spec, field, text, where, error))
    return FALSE;
  value = perry_container_spec_get_int64 (spec, field, 0);
  if (value < 1 || value > maximum / factor)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "%s: \"%s\" is not between 1 and %" G_GINT64_FORMAT,
                   where, text, maximum / factor);
      return FALSE;
    }
  *ret_value = value * factor;
  return TRUE;
}

static PerryRunOptions *
read_options (const PerryctlArguments *arguments, GError **error)
{
  g_autoptr (PerryRunOptions) common = perryctl_spec_new_run_options (arguments, error);
  g_autoptr (PerryRunOptions) run_options = perry_sandbox_options_new ();
  gint64 timeout_ms = run_options->timeout_ms, limit = (gint64) run_options->output_limit;

  if (common == NULL ||
      !read_number (arguments, "timeout", PERRY_FIELD_STOP_TIMEOUT, 1000, G_MAXINT, &timeout_ms, error) ||
      !read_number (arguments, "max-output", PERRY_FIELD_SHM_SIZE, 1, 1024 * 1024 * 1024, &limit, error))
    return NULL;
  run_options->proof = common->proof;
  run_options->proof_set = common->proof_set;
  run_options->pull = common->pull;
  run_options->no_verify_cache = common->no_verify_cache;
  run_options->timeout_ms = (guint) timeout_ms;
  run_options->output_limit = (guint64) limit;
  run_options->capture_limit = (gsize) limit;
  return g_steal_pointer (&run_options);
}

static PerrySandboxFlags
read_flags (const PerryctlArguments *arguments)
{
  return perryctl_arguments_is_on (arguments, "allow-unverified") ? PERRY_SANDBOX_ALLOW_UNVERIFIED
                                                                  : PERRY_SANDBOX_FLAGS_NONE;
}

static gboolean
check_combination (const PerryctlArguments *arguments, GError **error)
{
  gboolean batch = perryctl_arguments_get (arguments, "from") != NULL;
  const char *problem = NULL;

  if (!batch && perryctl_arguments_get (arguments, "jobs") != NULL)
    problem = "--jobs needs --from, the file with the requests";
  else if (!batch && perryctl_arguments_get (arguments, "skip-done") != NULL)
    problem = "--skip-done needs --from, the file with the requests";
  else if (batch && perryctl_arguments_get (arguments, "report") != NULL)
    problem = "--from and --report exclude each other: standard output has a result for each request";
  else if (batch && perryctl_arguments_is_on (arguments, "interactive"))
    problem = "--from and --interactive exclude each other: a request has its input in the member stdin";
  else if (batch && perryctl_arguments_is_on (arguments, "raw-output"))
    problem = "--from and --raw-output exclude each other: a result is JSON, in which control sequences are escaped";
  else if (batch && arguments->operands[0] != NULL && arguments->operands[1] != NULL)
    problem = "--from and COMMAND exclude each other: a request has its command in the member cmd";
  else if (perryctl_arguments_is_on (arguments, "interactive") &&
           g_strcmp0 (perryctl_arguments_get (arguments, "spec"), "-") == 0)
    problem = "--interactive and --spec - both want standard input";
  else if (g_strcmp0 (perryctl_arguments_get (arguments, "from"), "-") == 0 &&
           g_strcmp0 (perryctl_arguments_get (arguments, "spec"), "-") == 0)
    problem = "--from - and --spec - both want standard input";
  if (problem != NULL)
    g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, problem);
  return problem == NULL;
}

static void
say_how_it_ended (const PerryRunResult *result, const PerryRunOptions *run_options)
{
  if (result->timed_out)
    g_printerr ("perryctl: sandbox: the command was killed after %u ms, when its time was up\n", run_options->timeout_ms);
  else if (result->oom_killed)
    g_printerr ("perryctl: sandbox: the command used up its memory and was killed\n");
}

static PerryRunOptions *
read_options_of_one (const PerryctlArguments *arguments, GError **error)
{
  PerryRunOptions *run_options = read_options (arguments, error);
  gboolean raw = perryctl_arguments_is_on (arguments, "raw-output");

  if (run_options == NULL)
    return NULL;
  run_options->capture = FALSE;
  run_options->stdin_fd = perryctl_arguments_is_on (arguments, "interactive") ? STDIN_FILENO : -1;
  run_options->stdout_fd = STDOUT_FILENO;
  run_options->stderr_fd = STDERR_FILENO;
  run_options->escape_stdout = !raw && isatty (STDOUT_FILENO);
  run_options->escape_stderr = !raw && isatty (STDERR_FILENO);
  return run_options;
}

static PerryRunResult *
make (PerryctlCall *call, PerryEngine *engine, const PerryContainerSpec *spec, const PerryRunOptions *run_options,
      GCancellable *cancellable, GError **error)
{
  return perry_sandbox_run (engine, spec, read_flags (call->arguments), run_options, cancellable, error);
}

static int
run_one (PerryctlCall *call, GError **error)
{
  g_autoptr (PerryRunOptions) run_options = NULL;
  g_autoptr (PerryRunResult) result = perryctl_make_container (call, read_options_of_one, make, &run_options, error);

  if (result == NULL)
    return perryctl_signal_get_exit_code ();
  say_how_it_ended (result, run_options);
  if (!perryctl_report_write (perryctl_arguments_get (call->arguments, "report"), result, error))
    return 0;
  if (perryctl_signal_get_exit_code () != 0)
    return perryctl_signal_get_exit_code ();
  return result->timed_out ? TIMED_OUT_EXIT_CODE : (int) result->exit_code;
}

/* One line on a terminal, drawn again; nothing elsewhere: the results are what counts there. */
static void
draw_progress (const PerrySandboxBatchState *state, gpointer user_data)
{
  static gint64 drawn;
  gint64 now = g_get_monotonic_time ();
  gboolean last = state->n_running == 0;

  if (!last && now - drawn < 100 * 1000)
    return;
  drawn = now;
  g_printerr ("\r\033[K%" G_GUINT64_FORMAT " ended, %" G_GUINT64_FORMAT " running, %" G_GUINT64_FORMAT " failed, %"
              G_GUINT64_FORMAT " skipped", state->n_ended, state->n_running, state->n_failed, state->n_skipped);
}

static int
end_batch (const PerrySandboxBatchState *state, gboolean drawn)
{
  if (drawn)
    g_printerr ("\n");
  if (state->n_failed > 0)
    g_printerr ("perryctl: sandbox: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " requests could not be run; their results "
                "have the member error\n", state->n_failed, state->n_read);
  return state->n_failed > 0 ? 1 : 0;
}

static int
run_batch (PerryctlCall *call, GError **error)
{
  g_autoptr (PerryRunOptions) run_options = read_options (call->arguments, error);
  g_autoptr (PerryContainerSpec) defaults = NULL;
  const char *done = perryctl_arguments_get (call->arguments, "skip-done");
  gboolean draw = isatty (STDERR_FILENO) && !isatty (STDOUT_FILENO);
  PerrySandboxBatch batch = { .output_fd = STDOUT_FILENO, .input_fd = -1, .done_fd = -1,
                              .flags = read_flags (call->arguments), .progress = draw ? draw_progress : NULL };
  PerrySandboxBatchState state = { 0 };
  gint64 jobs = DEFAULT_JOBS;
  PerryEngine *engine;

  defaults = run_options != NULL ? perryctl_spec_new (call->arguments, error) : NULL;
  if (defaults == NULL ||
      !perryctl_arguments_read_integer (call->arguments, "jobs", 1, PERRY_SANDBOX_MAX_JOBS, &jobs, error))
    return 0;
  batch.jobs = (guint) jobs;
  batch.defaults = defaults;
  batch.options = run_options;
  batch.input_fd = perryctl_spec_open (perryctl_arguments_get (call->arguments, "from"), error);
  if (batch.input_fd >= 0 && done != NULL)
    batch.done_fd = perryctl_spec_open (done, error);
  if (batch.input_fd >= 0 && (done == NULL || batch.done_fd >= 0))
    {
      GCancellable *cancellable = perryctl_signal_watch ();

      engine = perryctl_call_get_engine (call, error);
      if (engine != NULL)
        perry_sandbox_run_batch (engine, &batch, &state, cancellable, error);
    }
  if (batch.input_fd >= 0)
    close (batch.input_fd);
  if (batch.done_fd >= 0)
    close (batch.done_fd);
  if (perryctl_signal_get_exit_code () != 0)
    g_clear_error (error);
  return perryctl_signal_get_exit_code () != 0 ? perryctl_signal_get_exit_code () : end_batch (&state, draw);
}

/* `IMAGE -- COMMAND` is what people write who know that COMMAND may begin with a dash. */
static void
take_separator_out (PerryctlArguments *arguments)
{
  char **operands = arguments->operands;

  if (operands[0] == NULL || operands[1] == NULL || !g_str_equal (operands[1], "--"))
    return;
  g_free (operands[1]);
  for (char **operand = operands + 1; *operand != NULL; operand++)
    *operand = operand[1];
}

static int
run (PerryctlCall *call, GError **error)
{
  take_separator_out (call->arguments);
  if (!check_combination (call->arguments, error))
    return 0;
  return perryctl_arguments_get (call->arguments, "from") != NULL ? run_batch (call, error) : run_one (call, error);
}

const PerryctlCommand perryctl_sandbox_command = {
  .name = "sandbox",
  .operands = "IMAGE [--] [COMMAND [ARGUMENT]...]",
  .summary = "run a command of an image that nobody trusts, once, with as little as it can do with",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_SPEC,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
