/* SPDX-License-Identifier: Apache-2.0 */
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/engine/perry-transfer.h"

/* a container that gives back on both channels what it is fed */
typedef struct {
  int ours;
  int theirs;
  gboolean closed;
} Echo;

static gssize
echo_read (gpointer impl, PerryChannel *ret_channel, void *buffer, gsize size, int timeout_ms,
           GCancellable *cancellable, GError **error)
{
  Echo *echo = impl;
  gssize n = read (echo->theirs, buffer, size);

  *ret_channel = n > 0 && ((char *) buffer)[0] == 'e' ? PERRY_CHANNEL_STDERR : PERRY_CHANNEL_STDOUT;
  return n;
}

static gboolean
echo_write (gpointer impl, const void *data, gsize size, GCancellable *cancellable, GError **error)
{
  return write (((Echo *) impl)->ours, data, size) == (gssize) size;
}

static gboolean
echo_close_write (gpointer impl, GError **error)
{
  ((Echo *) impl)->closed = TRUE;
  return shutdown (((Echo *) impl)->ours, SHUT_WR) == 0;
}

static void
echo_free (gpointer impl)
{
}

static const PerryStreamOps echo_ops = {
  .struct_size = sizeof (PerryStreamOps),
  .read = echo_read,
  .write = echo_write,
  .close_write = echo_close_write,
  .free = echo_free,
};

static Echo
new_echo (void)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  return (Echo){ .ours = fds[0], .theirs = fds[1] };
}

static void
test_round_trip (void)
{
  Echo echo = new_echo ();
  g_autoptr (PerryStream) stream = perry_stream_new (&echo_ops, &echo);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryRunResult) result = perry_run_result_new ();
  g_autoptr (GError) error = NULL;
  PerryTransfer *transfer;
  char text[16] = { 0 };
  int in[2], out[2];

  g_assert_true (g_unix_open_pipe (in, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_open_pipe (out, FD_CLOEXEC, NULL));
  options->stdin_fd = in[0];
  options->stdout_fd = out[1];
  options->capture = TRUE;
  options->capture_limit = 3;
  g_assert_cmpint (write (in[1], "hello", 5), ==, 5);
  close (in[1]);

  transfer = perry_transfer_new (stream, options);
  perry_transfer_feed (transfer);
  g_assert_true (perry_transfer_drain (transfer, NULL, NULL, &error));
  g_assert_no_error (error);
  perry_transfer_finish (transfer, result);
  perry_transfer_free (transfer);

  g_assert_true (echo.closed);
  g_assert_cmpint (read (out[0], text, sizeof text), ==, 5);
  g_assert_cmpstr (text, ==, "hello");
  g_assert_cmpmem (g_bytes_get_data (result->stdout_data, NULL), g_bytes_get_size (result->stdout_data), "hel", 3);
  g_assert_cmpuint (g_bytes_get_size (result->stderr_data), ==, 0);
  g_assert_cmpuint (result->stdout_lost, ==, 2);
  g_assert_cmpuint (result->stderr_lost, ==, 0);
  close (in[0]);
  close (out[0]);
  close (out[1]);
  close (echo.ours);
  close (echo.theirs);
}

/* an input that never ends must not hold up the end of the run */
static void
test_open_input (void)
{
  Echo echo = new_echo ();
  g_autoptr (PerryStream) stream = perry_stream_new (&echo_ops, &echo);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  PerryTransfer *transfer;
  int in[2];

  g_assert_true (g_unix_open_pipe (in, FD_CLOEXEC, NULL));
  options->stdin_fd = in[0];
  transfer = perry_transfer_new (stream, options);
  perry_transfer_feed (transfer);
  shutdown (echo.ours, SHUT_WR);
  g_assert_true (perry_transfer_drain (transfer, NULL, NULL, NULL));
  perry_transfer_free (transfer);
  g_assert_false (echo.closed);
  close (in[0]);
  close (in[1]);
  close (echo.ours);
  close (echo.theirs);
}

static void
test_closed_output (void)
{
  Echo echo = new_echo ();
  g_autoptr (PerryStream) stream = perry_stream_new (&echo_ops, &echo);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (GError) error = NULL;
  PerryTransfer *transfer;
  int out[2];

  g_assert_true (g_unix_open_pipe (out, FD_CLOEXEC, NULL));
  close (out[0]);
  options->stderr_fd = out[1];
  g_assert_cmpint (write (echo.ours, "e", 1), ==, 1);
  transfer = perry_transfer_new (stream, options);
  g_assert_false (perry_transfer_drain (transfer, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "output"));
  perry_transfer_free (transfer);
  close (out[1]);
  close (echo.ours);
  close (echo.theirs);
}

static gssize
pieces_read (gpointer impl, PerryChannel *ret_channel, void *buffer, gsize size, int timeout_ms, GCancellable *cancellable,
             GError **error)
{
  const char *const **next = impl;
  const char *piece = **next;

  if (piece == NULL)
    return 0;
  *next += 1;
  *ret_channel = PERRY_CHANNEL_STDERR;
  memcpy (buffer, piece, strlen (piece));
  return (gssize) strlen (piece);
}

static const PerryStreamOps pieces_ops = {
  .struct_size = sizeof (PerryStreamOps),
  .read = pieces_read,
  .free = echo_free,
};

/* A terminal gets no control sequence, not even one that comes in pieces; what is captured stays as it is. */
static void
test_escaped_output (void)
{
  static const char *const pieces[] = { "a\033[2", "Jb\r\n\t\xc3", "\xa4\xe2\x80", "\xae\xe2\x82", NULL };
  static const char escaped[] = "a\\x1b[2Jb\\x0d\n\t\303\244\\u{202e}\\xe2\\x82";
  const char *const *next = pieces;
  g_autofree char *all = g_strjoinv ("", (char **) pieces);
  g_autoptr (PerryStream) stream = perry_stream_new (&pieces_ops, &next);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryRunResult) result = perry_run_result_new ();
  PerryTransfer *transfer;
  char text[64];
  int err[2];

  g_assert_true (g_unix_open_pipe (err, FD_CLOEXEC, NULL));
  options->stderr_fd = err[1];
  options->escape_stderr = TRUE;
  options->capture = TRUE;
  transfer = perry_transfer_new (stream, options);
  g_assert_true (perry_transfer_drain (transfer, NULL, NULL, NULL));
  perry_transfer_finish (transfer, result);
  perry_transfer_free (transfer);
  g_assert_cmpmem (text, read (err[0], text, sizeof text), escaped, strlen (escaped));
  g_assert_cmpmem (g_bytes_get_data (result->stderr_data, NULL), g_bytes_get_size (result->stderr_data), all, strlen (all));
  close (err[0]);
  close (err[1]);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (100 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* Whoever reads the output has stopped reading, and the pipe blocks. */
static void
test_full_output (void)
{
  Echo echo = new_echo ();
  g_autoptr (PerryStream) stream = perry_stream_new (&echo_ops, &echo);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *zeros = g_malloc0 (64 * 1024);
  g_autoptr (GError) error = NULL;
  PerryTransfer *transfer;
  GThread *thread;
  gint64 begin;
  int out[2];

  g_assert_true (g_unix_open_pipe (out, FD_CLOEXEC, NULL));
  options->stdout_fd = out[1];
  /* one byte less than would fill it, and then more than what is left */
  g_assert_cmpint (write (out[1], zeros, 64 * 1024 - 1), ==, 64 * 1024 - 1);
  g_assert_cmpint (write (echo.ours, zeros, 16 * 1024), ==, 16 * 1024);
  transfer = perry_transfer_new (stream, options);
  thread = g_thread_new ("canceller", cancel_soon, cancellable);
  begin = g_get_monotonic_time ();
  g_assert_false (perry_transfer_drain (transfer, NULL, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, G_TIME_SPAN_SECOND);
  g_thread_join (thread);
  perry_transfer_free (transfer);
  close (out[0]);
  close (out[1]);
  close (echo.ours);
  close (echo.theirs);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/transfer/input-output-and-capture", test_round_trip);
  g_test_add_func ("/transfer/input-that-never-ends", test_open_input);
  g_test_add_func ("/transfer/closed-output-is-an-error", test_closed_output);
  g_test_add_func ("/transfer/escaped-output", test_escaped_output);
  g_test_add_func ("/transfer/full-output-can-be-cancelled", test_full_output);
  return g_test_run ();
}
