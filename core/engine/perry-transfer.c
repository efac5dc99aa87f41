/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-transfer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "plugin-api/perry-text.h"

#define BUFFER_SIZE (64 * 1024)
/* how often it is looked whether a full pipe's run has been cancelled */
#define ROOM_MS 50
/* of UTF-8 */
#define LONGEST_CHARACTER 4

/* Escapes what is written to one output. */
typedef struct {
  gboolean wanted;
  char begun[LONGEST_CHARACTER]; /* what has come of a character so far */
  gsize n_begun;
} Escape;

struct _PerryTransfer {
  PerryStream *stream;
  int stdin_fd;
  int fds[3]; /* by channel */
  GByteArray *captured[3];
  gsize capture_limit;
  guint64 output_limit; /* 0 for none */
  guint64 written[3];
  guint64 not_captured[3];
  guint64 not_written[3];
  guint64 moved[3]; /* bytes */
  guint64 skip[3];  /* bytes of the present stream that were moved before */
  Escape escapes[3];
  GThread *feeder;
  GCancellable *feeder_cancellable;
};

PerryTransfer *
perry_transfer_new (PerryStream *stream, const PerryRunOptions *options)
{
  PerryTransfer *transfer = g_new0 (PerryTransfer, 1);

  transfer->stream = perry_stream_ref (stream);
  transfer->stdin_fd = options->stdin_fd;
  transfer->fds[0] = -1;
  transfer->fds[PERRY_CHANNEL_STDOUT] = options->stdout_fd;
  transfer->fds[PERRY_CHANNEL_STDERR] = options->stderr_fd;
  transfer->output_limit = options->output_limit;
  transfer->escapes[PERRY_CHANNEL_STDOUT].wanted = options->escape_stdout;
  transfer->escapes[PERRY_CHANNEL_STDERR].wanted = options->escape_stderr;
  if (options->capture)
    {
      transfer->capture_limit = options->capture_limit;
      transfer->captured[PERRY_CHANNEL_STDOUT] = g_byte_array_new ();
      transfer->captured[PERRY_CHANNEL_STDERR] = g_byte_array_new ();
    }
  transfer->feeder_cancellable = g_cancellable_new ();
  return transfer;
}

/* Waits until @fd can be read; FALSE when the transfer ends first. */
static gboolean
wait_readable (int fd, GCancellable *cancellable)
{
  struct pollfd fds[2] = { { .fd = fd, .events = POLLIN } };
  GPollFD wake;
  int n;

  if (!g_cancellable_make_pollfd (cancellable, &wake))
    return FALSE;
  fds[1].fd = wake.fd;
  fds[1].events = POLLIN;
  do
    n = poll (fds, 2, -1);
  while (n < 0 && errno == EINTR);
  g_cancellable_release_fd (cancellable);
  return n > 0 && fds[1].revents == 0;
}

static gpointer
feed_thread (gpointer data)
{
  PerryTransfer *transfer = data;
  g_autofree char *buffer = g_malloc (BUFFER_SIZE);

  while (wait_readable (transfer->stdin_fd, transfer->feeder_cancellable))
    {
      gssize n = read (transfer->stdin_fd, buffer, BUFFER_SIZE);

      if (n < 0 && (errno == EINTR || errno == EAGAIN))
        continue;
      /* A container that closes its input or ends makes the write fail; that is its right, and its exit code tells. */
      if (n <= 0 || !perry_stream_write_all (transfer->stream, buffer, (gsize) n, transfer->feeder_cancellable, NULL))
        break;
    }
  if (!g_cancellable_is_cancelled (transfer->feeder_cancellable))
    perry_stream_close_write (transfer->stream, NULL);
  return NULL;
}

void
perry_transfer_feed (PerryTransfer *transfer)
{
  if (transfer->stdin_fd >= 0 && transfer->feeder == NULL)
    transfer->feeder = g_thread_new ("perry-stdin", feed_thread, transfer);
}

/* A pipe that has room takes PIPE_BUF bytes without blocking, whatever its mode, so that a reader who has stopped reading
 * does not keep us from hearing that we are cancelled. */
static gssize
write_some (int fd, const char *data, gsize size)
{
  struct pollfd room = { .fd = fd, .events = POLLOUT };
  gssize n = 0;

  if (poll (&room, 1, ROOM_MS) > 0)
    n = write (fd, data, MIN (size, PIPE_BUF));
  return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
}

static gboolean
write_all (int fd, const char *data, gsize size, GCancellable *cancellable, GError **error)
{
  while (size > 0)
    {
      gssize n = write_some (fd, data, size);

      if (n < 0)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "writing the container's output failed: %s",
                       g_strerror (errno));
          return FALSE;
        }
      if (n == 0 && g_cancellable_is_cancelled (cancellable))
        {
          g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "cancelled while writing the output");
          return FALSE;
        }
      data += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static void
capture (PerryTransfer *transfer, PerryChannel channel, const char *data, gsize size)
{
  GByteArray *captured = transfer->captured[channel];
  gsize room;

  if (captured == NULL)
    return;
  room = transfer->capture_limit - MIN (transfer->capture_limit, captured->len);
  transfer->not_captured[channel] += size - MIN (size, room);
  g_byte_array_append (captured, (const guint8 *) data, (guint) MIN (size, room));
}

/* A character may come in two pieces. */
static gboolean
write_escaped (PerryTransfer *transfer, PerryChannel channel, const char *data, gsize size, GCancellable *cancellable,
               GError **error)
{
  Escape *escape = &transfer->escapes[channel];
  g_autoptr (GString) pieces = g_string_new_len (escape->begun, (gssize) escape->n_begun);
  g_autoptr (GString) text = g_string_new (NULL);
  gsize used;

  g_string_append_len (pieces, data, (gssize) size);
  used = perry_text_escape (text, pieces->str, pieces->len, PERRY_TEXT_MULTI_LINE | PERRY_TEXT_CONTINUES);
  escape->n_begun = MIN (pieces->len - used, sizeof escape->begun);
  memcpy (escape->begun, pieces->str + used, escape->n_begun);
  return write_all (transfer->fds[channel], text->str, text->len, cancellable, error);
}

/* As much of it as the limit leaves. */
static gboolean
pass_on (PerryTransfer *transfer, PerryChannel channel, const char *data, gsize size, GCancellable *cancellable,
         GError **error)
{
  guint64 room = transfer->output_limit - MIN (transfer->output_limit, transfer->written[channel]);
  gsize fits = transfer->output_limit == 0 ? size : (gsize) MIN (room, (guint64) size);

  if (transfer->fds[channel] < 0)
    return TRUE;
  transfer->written[channel] += fits;
  transfer->not_written[channel] += size - fits;
  if (transfer->escapes[channel].wanted)
    return write_escaped (transfer, channel, data, fits, cancellable, error);
  return write_all (transfer->fds[channel], data, fits, cancellable, error);
}

/* Reads what the container writes next; a silent container is fine for as long as its engine says that it runs. */
static gssize
read_output (PerryTransfer *transfer, PerryLiveness *liveness, PerryChannel *ret_channel, char *buffer,
             GCancellable *cancellable, GError **error)
{
  int timeout_ms = liveness != NULL ? liveness->backend->timeout_ms : -1;

  for (;;)
    {
      GError *local_error = NULL;
      gssize n = perry_stream_read (transfer->stream, ret_channel, buffer, BUFFER_SIZE, timeout_ms, cancellable,
                                    &local_error);

      if (n >= 0)
        return n;
      if (liveness == NULL || !g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT))
        {
          g_propagate_error (error, local_error);
          return -1;
        }
      g_error_free (local_error);
      if (!perry_liveness_check (liveness, cancellable, error))
        return -1;
    }
}

gboolean
perry_transfer_drain (PerryTransfer *transfer, PerryLiveness *liveness, GCancellable *cancellable, GError **error)
{
  g_autofree char *buffer = g_malloc (BUFFER_SIZE);

  for (;;)
    {
      PerryChannel channel = PERRY_CHANNEL_STDOUT;
      gssize n = read_output (transfer, liveness, &channel, buffer, cancellable, error);
      gsize known, fresh;

      if (n < 0)
        return FALSE;
      if (n == 0)
        return TRUE;
      known = (gsize) MIN (transfer->skip[channel], (guint64) n);
      transfer->skip[channel] -= known;
      fresh = (gsize) n - known;
      if (!pass_on (transfer, channel, buffer + known, fresh, cancellable, error))
        return FALSE;
      capture (transfer, channel, buffer + known, fresh);
      transfer->moved[channel] += fresh;
    }
}

void
perry_transfer_continue (PerryTransfer *transfer, PerryStream *stream)
{
  perry_stream_unref (transfer->stream);
  transfer->stream = perry_stream_ref (stream);
  for (guint i = 0; i < G_N_ELEMENTS (transfer->moved); i++)
    transfer->skip[i] = transfer->moved[i];
}

/* The beginning of a character whose end has never come. */
static void
write_begun (PerryTransfer *transfer, PerryChannel channel)
{
  Escape *escape = &transfer->escapes[channel];
  g_autoptr (GString) text = g_string_new (NULL);

  if (escape->n_begun == 0)
    return;
  perry_text_escape (text, escape->begun, escape->n_begun, PERRY_TEXT_MULTI_LINE);
  write_all (transfer->fds[channel], text->str, text->len, NULL, NULL);
}

/* A reader who is gone by then misses nothing else. */
static void
mark_cut (PerryTransfer *transfer, PerryChannel channel)
{
  g_autofree char *mark = NULL;

  if (transfer->not_written[channel] == 0)
    return;
  mark = g_strdup_printf ("\n[perry: the output ends here; %" G_GUINT64_FORMAT " more bytes were cut off]\n",
                          transfer->not_written[channel]);
  write_all (transfer->fds[channel], mark, strlen (mark), NULL, NULL);
}

void
perry_transfer_finish (PerryTransfer *transfer, PerryRunResult *result)
{
  write_begun (transfer, PERRY_CHANNEL_STDOUT);
  write_begun (transfer, PERRY_CHANNEL_STDERR);
  mark_cut (transfer, PERRY_CHANNEL_STDOUT);
  mark_cut (transfer, PERRY_CHANNEL_STDERR);
  result->stdout_lost = MAX (transfer->not_written[PERRY_CHANNEL_STDOUT], transfer->not_captured[PERRY_CHANNEL_STDOUT]);
  result->stderr_lost = MAX (transfer->not_written[PERRY_CHANNEL_STDERR], transfer->not_captured[PERRY_CHANNEL_STDERR]);
  if (transfer->captured[PERRY_CHANNEL_STDOUT] == NULL)
    return;
  result->stdout_data = g_byte_array_free_to_bytes (g_steal_pointer (&transfer->captured[PERRY_CHANNEL_STDOUT]));
  result->stderr_data = g_byte_array_free_to_bytes (g_steal_pointer (&transfer->captured[PERRY_CHANNEL_STDERR]));
}

void
perry_transfer_free (PerryTransfer *transfer)
{
  g_cancellable_cancel (transfer->feeder_cancellable);
  if (transfer->feeder != NULL)
    g_thread_join (transfer->feeder);
  g_clear_object (&transfer->feeder_cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (transfer->captured); i++)
    g_clear_pointer (&transfer->captured[i], g_byte_array_unref);
  perry_stream_unref (transfer->stream);
  g_free (transfer);
}
