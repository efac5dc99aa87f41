/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sandbox/perry-sandbox-batch.h"

#include <errno.h>
#include <gio/gunixoutputstream.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/sandbox/perry-sandbox-answer.h"
#include "core/sandbox/perry-sandbox-lines.h"

/* A batch under way. Every job is a thread that takes a line, runs it, and writes its result. */
typedef struct {
  PerryEngine *engine;
  const PerrySandboxBatch *batch;
  GCancellable *cancellable; /* the caller's, or triggered when the batch itself cannot go on */
  GMutex input_mutex;        /* guards `lines` */
  PerrySandboxLines *lines;
  GMutex output_mutex; /* guards `output` */
  GOutputStream *output;
  GMutex mutex; /* guards what follows */
  GHashTable *done;
  GHashTable *seen; /* of the ids that were read: the number of their line */
  PerrySandboxBatchState state;
  GError *error; /* the first of those that end the batch */
} Batch;

static void
give_up (Batch *batch, GError *error)
{
  g_mutex_lock (&batch->mutex);
  if (batch->error == NULL)
    batch->error = error;
  else
    g_error_free (error);
  g_mutex_unlock (&batch->mutex);
  g_cancellable_cancel (batch->cancellable);
}

/* Changes of the counts; the caller holds the lock. */
static void
report (Batch *batch)
{
  if (batch->batch->progress != NULL)
    batch->batch->progress (&batch->state, batch->batch->progress_data);
}

/* NULL with an error for a line that is too long, NULL without where there is none. */
static char *
take_line (Batch *batch, gsize *ret_length, guint64 *ret_number, GError **ret_error)
{
  GError *error = NULL;
  const char *line;
  char *copy = NULL;

  g_mutex_lock (&batch->input_mutex);
  line = perry_sandbox_lines_next (batch->lines, ret_length, ret_number, batch->cancellable, &error);
  if (line != NULL)
    copy = g_strndup (line, *ret_length);
  g_mutex_unlock (&batch->input_mutex);
  if (g_error_matches (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED))
    g_propagate_error (ret_error, error);
  else if (error != NULL)
    give_up (batch, error);
  return copy;
}

/* A pipe that has room takes PIPE_BUF bytes without blocking, so that a reader who has stopped reading does not keep us from
 * hearing that we are cancelled. */
static gboolean
write_all (GOutputStream *output, const char *text, GCancellable *cancellable, GError **error)
{
  gsize left = strlen (text);

  while (left > 0)
    {
      gssize n = g_output_stream_write (output, text, MIN (left, PIPE_BUF), cancellable, error);

      if (n < 0)
        return FALSE;
      text += n;
      left -= (gsize) n;
    }
  return TRUE;
}

/* A line is written as a whole, by one job at a time. */
static void
write_line (Batch *batch, const char *line)
{
  g_autoptr (GError) foreign = NULL;
  gboolean ok, cancelled;

  g_mutex_lock (&batch->output_mutex);
  ok = write_all (batch->output, line, batch->cancellable, &foreign);
  g_mutex_unlock (&batch->output_mutex);
  if (ok)
    return;
  cancelled = g_error_matches (foreign, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  give_up (batch, g_error_new (PERRY_ERROR, cancelled ? PERRY_ERROR_CANCELLED : PERRY_ERROR_FAILED,
                               "writing a result failed: %s", foreign->message));
}

typedef enum { RUN, SKIP, REFUSE } Decision;

static Decision
decide (Batch *batch, const char *id, guint64 number, GError **error)
{
  Decision decision = RUN;
  gpointer before = NULL;

  g_mutex_lock (&batch->mutex);
  batch->state.n_read++;
  if (id != NULL && g_hash_table_lookup_extended (batch->seen, id, NULL, &before))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC, "$.id: line %" G_GUINT64_FORMAT " has this id already",
                   (guint64) GPOINTER_TO_SIZE (before));
      decision = REFUSE;
    }
  else if (id != NULL)
    {
      g_hash_table_insert (batch->seen, g_strdup (id), GSIZE_TO_POINTER ((gsize) number));
      if (g_hash_table_contains (batch->done, id))
        decision = SKIP;
    }
  if (decision == SKIP)
    batch->state.n_skipped++;
  else if (decision == RUN)
    batch->state.n_running++;
  report (batch);
  g_mutex_unlock (&batch->mutex);
  return decision;
}

/* What a command reads is there as a whole, so that nobody has to feed it. */
static int
open_input (const char *text, GError **error)
{
  gsize length = strlen (text), written = 0;
  int fd = memfd_create ("perry-stdin", MFD_CLOEXEC);

  while (fd >= 0 && written < length)
    {
      gssize n = write (fd, text + written, length - written);

      if (n <= 0)
        break;
      written += (gsize) n;
    }
  if (fd >= 0 && written == length && lseek (fd, 0, SEEK_SET) == 0)
    return fd;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "keeping the input of a request failed: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static PerryRunResult *
run_request (Batch *batch, const PerrySandboxRequest *request, GError **error)
{
  const PerryRunOptions *given = batch->batch->options;
  g_autoptr (PerryRunOptions) options = given != NULL ? perry_run_options_copy (given) : perry_sandbox_options_new ();
  PerryRunResult *result;

  options->capture = TRUE;
  options->stdout_fd = options->stderr_fd = options->stdin_fd = -1;
  if (request->timeout_ms > 0)
    options->timeout_ms = request->timeout_ms;
  if (request->input != NULL)
    {
      options->stdin_fd = open_input (request->input, error);
      if (options->stdin_fd < 0)
        return NULL;
    }
  result = perry_sandbox_run (batch->engine, request->spec, batch->batch->flags, options, batch->cancellable, error);
  if (options->stdin_fd >= 0)
    close (options->stdin_fd);
  return result;
}

static void
count_end (Batch *batch, gboolean was_running, gboolean failed)
{
  g_mutex_lock (&batch->mutex);
  if (was_running)
    batch->state.n_running--;
  if (failed)
    batch->state.n_failed++;
  else
    batch->state.n_ended++;
  report (batch);
  g_mutex_unlock (&batch->mutex);
}

static void
answer_error (Batch *batch, const char *id, guint64 number, gboolean was_running, const GError *error)
{
  g_autofree char *line = perry_sandbox_answer_format_error (id, number, error);

  write_line (batch, line);
  count_end (batch, was_running, TRUE);
}

static void
serve (Batch *batch, const char *line, gsize length, guint64 number)
{
  g_auto (PerrySandboxRequest) request = { 0 };
  g_autoptr (PerryRunResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  g_autofree char *text = NULL;
  gboolean readable = perry_sandbox_request_read (&request, line, length, batch->batch->defaults, &error);
  Decision decision = decide (batch, request.id, number, &refusal);

  if (decision == SKIP)
    return;
  if (readable && decision == RUN)
    result = run_request (batch, &request, &error);
  /* what was ended with the batch has no result, so that it is run again */
  if (g_cancellable_is_cancelled (batch->cancellable) && result == NULL)
    return;
  if (result == NULL)
    {
      answer_error (batch, request.id, number, decision == RUN, decision == REFUSE ? refusal : error);
      return;
    }
  text = perry_sandbox_answer_format (request.id, result);
  write_line (batch, text);
  count_end (batch, TRUE, FALSE);
}

static void
refuse_line (Batch *batch, guint64 number, const GError *error)
{
  decide (batch, NULL, number, NULL);
  answer_error (batch, NULL, number, TRUE, error);
}

static gpointer
job_thread (gpointer data)
{
  Batch *batch = data;

  while (!g_cancellable_is_cancelled (batch->cancellable))
    {
      guint64 number = 0;
      gsize length = 0;
      g_autoptr (GError) error = NULL;
      g_autofree char *line = take_line (batch, &length, &number, &error);

      if (line != NULL)
        serve (batch, line, length, number);
      else if (error != NULL)
        refuse_line (batch, number, error);
      else
        break;
    }
  return NULL;
}

static gboolean
is_same_file (int fd, int other)
{
  struct stat info, other_info;

  return fstat (fd, &info) == 0 && fstat (other, &other_info) == 0 && info.st_dev == other_info.st_dev &&
         info.st_ino == other_info.st_ino;
}

/* A batch that was killed may have left half a line; results that are added to the same file begin on one of their own. */
static gboolean
read_done (Batch *batch, GError **error)
{
  g_autoptr (PerrySandboxLines) lines = NULL;
  GError *local_error = NULL;
  guint64 number = 0;
  const char *line;
  gsize length;

  if (batch->batch->done_fd < 0)
    return TRUE;
  lines = perry_sandbox_lines_new (batch->batch->done_fd);
  while ((line = perry_sandbox_lines_next (lines, &length, &number, batch->cancellable, &local_error)) != NULL)
    {
      char *id = perry_sandbox_answer_read_done (line, length);

      if (id != NULL)
        g_hash_table_add (batch->done, id);
    }
  if (local_error != NULL)
    {
      g_propagate_prefixed_error (error, local_error, "the earlier results: ");
      return FALSE;
    }
  if (perry_sandbox_lines_ended_within (lines) && is_same_file (batch->batch->done_fd, batch->batch->output_fd))
    write_line (batch, "\n");
  return TRUE;
}

static void
cancel (GCancellable *caller, gpointer own)
{
  g_cancellable_cancel (own);
}

static void
run_jobs (Batch *batch)
{
  g_autoptr (GPtrArray) threads = g_ptr_array_new ();

  for (guint i = 0; i < batch->batch->jobs; i++)
    g_ptr_array_add (threads, g_thread_new ("perry-sandbox", job_thread, batch));
  for (guint i = 0; i < threads->len; i++)
    g_thread_join (g_ptr_array_index (threads, i));
}

static void
clear (Batch *batch)
{
  g_clear_pointer (&batch->lines, perry_sandbox_lines_free);
  g_clear_object (&batch->output);
  g_clear_object (&batch->cancellable);
  g_clear_pointer (&batch->done, g_hash_table_unref);
  g_clear_pointer (&batch->seen, g_hash_table_unref);
  g_mutex_clear (&batch->input_mutex);
  g_mutex_clear (&batch->output_mutex);
  g_mutex_clear (&batch->mutex);
}

gboolean
perry_sandbox_run_batch (PerryEngine *engine, const PerrySandboxBatch *batch, PerrySandboxBatchState *ret_state,
                         GCancellable *cancellable, GError **error)
{
  Batch own = { .engine = engine, .batch = batch };
  GError *local_error = NULL;
  gulong handler;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && batch != NULL && ret_state != NULL, FALSE);

  *ret_state = (PerrySandboxBatchState){ 0 };
  if (batch->jobs < 1 || batch->jobs > PERRY_SANDBOX_MAX_JOBS)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "a batch has 1 to %d jobs, not %u",
                   PERRY_SANDBOX_MAX_JOBS, batch->jobs);
      return FALSE;
    }
  g_mutex_init (&own.input_mutex);
  g_mutex_init (&own.output_mutex);
  g_mutex_init (&own.mutex);
  own.cancellable = g_cancellable_new ();
  own.lines = perry_sandbox_lines_new (batch->input_fd);
  own.output = g_unix_output_stream_new (batch->output_fd, FALSE);
  own.done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  own.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  handler = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (cancel), own.cancellable, NULL) : 0;

  if (read_done (&own, &local_error))
    run_jobs (&own);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  if (local_error == NULL)
    local_error = g_steal_pointer (&own.error);
  else
    g_clear_error (&own.error);
  if (local_error == NULL && g_cancellable_is_cancelled (own.cancellable))
    local_error = g_error_new_literal (PERRY_ERROR, PERRY_ERROR_CANCELLED, "the batch was cancelled");
  *ret_state = own.state;
  ret_state->n_running = 0;
  clear (&own);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}
