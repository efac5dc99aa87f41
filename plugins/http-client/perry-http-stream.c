/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-stream.h"

#include <string.h>

#include "plugins/http-client/perry-stream-frames.h"

#define BUFFER_SIZE (64 * 1024)
#define MAX_ENGINE_ERROR 4096

/* Everything but the socket belongs to the reading thread. */
typedef struct {
  PerryHttpHijack *hijack;
  PerryHttpBody *body;
  PerryStreamFrames frames;
  const guint8 *data;
  gsize size;
  GString *engine_error;
  gboolean ended;
  guint8 buffer[BUFFER_SIZE];
} HttpStream;

static gboolean
check_not_cancelled (GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (!g_cancellable_set_error_if_cancelled (cancellable, &local_error))
    return TRUE;
  perry_error_propagate_foreign (error, g_steal_pointer (&local_error), PERRY_ERROR_CANCELLED,
                                 "the container's stream");
  return FALSE;
}

static void
set_timed_out_error (GError **error)
{
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT, "the container's stream: nothing arrived in time");
}

/* Waits for the socket until @until, which is -1 for ever. */
static gboolean
wait_for_data (GSocket *socket, gint64 until, GCancellable *cancellable, GError **error)
{
  gint64 left = until < 0 ? -1 : MAX (until - g_get_monotonic_time (), 0);
  GError *local_error = NULL;

  if (left != 0 && g_socket_condition_timed_wait (socket, G_IO_IN, left, cancellable, &local_error))
    return TRUE;
  if (left == 0 || g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      g_clear_error (&local_error);
      set_timed_out_error (error);
      return FALSE;
    }
  perry_error_propagate_foreign (error, local_error, PERRY_ERROR_BACKEND_LOST, "the container's stream");
  return FALSE;
}

static gssize
receive_from_socket (GSocket *socket, guint8 *buffer, gsize size, gint64 until, GCancellable *cancellable,
                     GError **error)
{
  for (;;)
    {
      g_autoptr (GError) local_error = NULL;
      gssize count = g_socket_receive_with_blocking (socket, (char *) buffer, size, FALSE, cancellable, &local_error);

      if (count >= 0)
        return count;
      if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          perry_error_propagate_foreign (error, g_steal_pointer (&local_error), PERRY_ERROR_BACKEND_LOST,
                                         "the container's stream");
          return -1;
        }
      if (!wait_for_data (socket, until, cancellable, error))
        return -1;
    }
}

static gssize
receive (HttpStream *stream, guint8 *buffer, gsize size, gint64 until, GCancellable *cancellable, GError **error)
{
  gint64 left = -1;

  if (stream->hijack != NULL)
    return receive_from_socket (stream->hijack->socket, buffer, size, until, cancellable, error);
  if (until >= 0)
    left = MAX (until - g_get_monotonic_time (), 0) / G_TIME_SPAN_MILLISECOND;
  return perry_http_body_read (stream->body, buffer, size, (int) left, cancellable, error);
}

/* The end is only one between two frames, and an engine's own error text is told there. */
static gssize
finish (HttpStream *stream, GError **error)
{
  stream->ended = TRUE;
  if (stream->engine_error->len > 0)
    {
      g_autofree char *text = g_utf8_make_valid (stream->engine_error->str, (gssize) stream->engine_error->len);

      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED, "the engine ended the container's stream: %s",
                   g_strstrip (text));
      return -1;
    }
  if (perry_stream_frames_is_complete (&stream->frames))
    return 0;
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST,
                       "the container's stream: the connection was closed inside a frame");
  return -1;
}

static void
keep_engine_error (HttpStream *stream, const guint8 *piece, gsize size)
{
  gsize left = MAX_ENGINE_ERROR - stream->engine_error->len;

  g_string_append_len (stream->engine_error, (const char *) piece, (gssize) MIN (size, left));
}

/* Hands out a piece of what is in our own buffer; 0 when there is none. */
static gssize
take_buffered (HttpStream *stream, PerryChannel *ret_channel, void *buffer, gsize size, GError **error)
{
  PerryFrameType type;
  const guint8 *piece;
  gssize count;

  for (;;)
    {
      const guint8 *before;
      gsize offered = stream->size;

      /* A piece must not be larger than what the caller can take. Headers are small enough to be offered with it. */
      if (perry_stream_frames_get_remaining (&stream->frames) > 0)
        offered = MIN (offered, size);
      else
        offered = MIN (offered, sizeof stream->frames.header - stream->frames.header_size);
      before = stream->data;
      count = perry_stream_frames_next (&stream->frames, &stream->data, &offered, &type, &piece, error);
      stream->size -= (gsize) (stream->data - before);
      if (count < 0)
        return -1;
      if (count == 0 && stream->size == 0)
        return 0;
      if (count == 0)
        continue;
      if (type != PERRY_FRAME_SYSTEM_ERROR)
        break;
      keep_engine_error (stream, piece, (gsize) count);
    }
  *ret_channel = type == PERRY_FRAME_STDERR ? PERRY_CHANNEL_STDERR : PERRY_CHANNEL_STDOUT;
  memcpy (buffer, piece, (gsize) count);
  return count;
}

/* A large payload goes straight into the caller's buffer. */
static gboolean
can_read_directly (const HttpStream *stream, gsize size)
{
  return stream->size == 0 && MIN (size, perry_stream_frames_get_remaining (&stream->frames)) >= BUFFER_SIZE / 4
         && perry_stream_frames_get_type (&stream->frames) != PERRY_FRAME_SYSTEM_ERROR;
}

static gssize
read_directly (HttpStream *stream, PerryChannel *ret_channel, void *buffer, gsize size, gint64 until,
               GCancellable *cancellable, GError **error)
{
  gsize wanted = MIN (size, perry_stream_frames_get_remaining (&stream->frames));
  gssize count = receive (stream, buffer, wanted, until, cancellable, error);

  if (count == 0)
    return finish (stream, error);
  if (count < 0)
    return -1;
  *ret_channel = perry_stream_frames_get_type (&stream->frames) == PERRY_FRAME_STDERR ? PERRY_CHANNEL_STDERR
                                                                                      : PERRY_CHANNEL_STDOUT;
  perry_stream_frames_skip (&stream->frames, (gsize) count);
  return count;
}

static gssize
http_stream_read (gpointer impl, PerryChannel *ret_channel, void *buffer, gsize size, int timeout_ms,
                  GCancellable *cancellable, GError **error)
{
  HttpStream *stream = impl;
  gint64 until = timeout_ms < 0 ? -1 : g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  gboolean received = FALSE;
  gssize count;

  size = MIN (size, G_MAXSSIZE);
  if (!check_not_cancelled (cancellable, error))
    return -1;
  for (;;)
    {
      count = take_buffered (stream, ret_channel, buffer, size, error);
      if (count != 0)
        return count;
      if (stream->ended)
        return 0;
      /* Frames without a payload are no output, however many there are. */
      if (received && until >= 0 && g_get_monotonic_time () >= until)
        {
          set_timed_out_error (error);
          return -1;
        }
      if (can_read_directly (stream, size))
        return read_directly (stream, ret_channel, buffer, size, until, cancellable, error);

      count = receive (stream, stream->buffer, sizeof stream->buffer, until, cancellable, error);
      if (count < 0)
        return -1;
      if (count == 0)
        return finish (stream, error);
      stream->data = stream->buffer;
      stream->size = (gsize) count;
      received = TRUE;
    }
}

static gboolean
http_stream_write (gpointer impl, const void *data, gsize size, GCancellable *cancellable, GError **error)
{
  HttpStream *stream = impl;
  const char *next = data;
  GError *local_error = NULL;

  while (size > 0)
    {
      gssize count = g_socket_send (stream->hijack->socket, next, size, cancellable, &local_error);

      if (count < 0)
        {
          perry_error_propagate_foreign (error, local_error, PERRY_ERROR_BACKEND_LOST, "the container's input");
          return FALSE;
        }
      next += count;
      size -= (gsize) count;
    }
  return TRUE;
}

static gboolean
http_stream_close_write (gpointer impl, GError **error)
{
  HttpStream *stream = impl;
  GError *local_error = NULL;

  if (g_socket_shutdown (stream->hijack->socket, FALSE, TRUE, &local_error))
    return TRUE;
  /* A container that has ended takes the connection with it, and then there is nothing left to end. */
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED))
    {
      g_error_free (local_error);
      return TRUE;
    }
  perry_error_propagate_foreign (error, local_error, PERRY_ERROR_BACKEND_LOST, "ending the container's input");
  return FALSE;
}

static void
http_stream_free (gpointer impl)
{
  HttpStream *stream = impl;

  perry_http_hijack_free (stream->hijack);
  perry_http_body_free (stream->body);
  g_string_free (stream->engine_error, TRUE);
  g_free (stream);
}

static const PerryStreamOps hijack_ops = {
  .struct_size = sizeof (PerryStreamOps),
  .read = http_stream_read,
  .write = http_stream_write,
  .close_write = http_stream_close_write,
  .free = http_stream_free,
};

static const PerryStreamOps body_ops = {
  .struct_size = sizeof (PerryStreamOps),
  .read = http_stream_read,
  .free = http_stream_free,
};

static HttpStream *
create_stream (PerryHttpFraming framing)
{
  HttpStream *stream = g_new0 (HttpStream, 1);

  perry_stream_frames_init (&stream->frames, framing == PERRY_HTTP_FRAMING_RAW);
  stream->engine_error = g_string_new (NULL);
  return stream;
}

PerryStream *
perry_http_stream_new_for_hijack (PerryHttpHijack *hijack, PerryHttpFraming framing)
{
  HttpStream *stream;

  g_return_val_if_fail (hijack != NULL, NULL);

  stream = create_stream (framing);
  stream->hijack = hijack;
  stream->data = hijack->early->data;
  stream->size = hijack->early->len;
  return perry_stream_new (&hijack_ops, stream);
}

PerryStream *
perry_http_stream_new_for_body (PerryHttpBody *body, PerryHttpFraming framing)
{
  HttpStream *stream;

  g_return_val_if_fail (body != NULL, NULL);

  stream = create_stream (framing);
  stream->body = body;
  return perry_stream_new (&body_ops, stream);
}
