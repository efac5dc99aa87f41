/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-stream.h"

#include "plugin-api/perry-error.h"

struct _PerryStream {
  gatomicrefcount references;
  PerryStreamOps ops;
  gpointer impl;
};

G_DEFINE_BOXED_TYPE (PerryStream, perry_stream, perry_stream_ref, perry_stream_unref)

PerryStream *
perry_stream_new (const PerryStreamOps *ops, gpointer impl)
{
  PerryStream *stream;

  g_return_val_if_fail (ops != NULL && ops->struct_size >= sizeof (gsize), NULL);

  stream = g_new0 (PerryStream, 1);
  g_atomic_ref_count_init (&stream->references);
  memcpy (&stream->ops, ops, MIN (ops->struct_size, sizeof (PerryStreamOps)));
  stream->impl = impl;
  return stream;
}

PerryStream *
perry_stream_ref (PerryStream *stream)
{
  g_return_val_if_fail (stream != NULL, NULL);

  g_atomic_ref_count_inc (&stream->references);
  return stream;
}

void
perry_stream_unref (PerryStream *stream)
{
  g_return_if_fail (stream != NULL);

  if (!g_atomic_ref_count_dec (&stream->references))
    return;
  if (stream->ops.free != NULL)
    stream->ops.free (stream->impl);
  g_free (stream);
}

gssize
perry_stream_read (PerryStream *stream, PerryChannel *ret_channel, void *buffer, gsize size, int timeout_ms,
                   GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (stream != NULL && ret_channel != NULL && size > 0, -1);

  if (stream->ops.read == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED, "this stream has no output");
      return -1;
    }
  return stream->ops.read (stream->impl, ret_channel, buffer, size, timeout_ms, cancellable, error);
}

gboolean
perry_stream_write_all (PerryStream *stream, const void *data, gsize size, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (stream != NULL, FALSE);

  if (stream->ops.write == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED, "this stream has no input");
      return FALSE;
    }
  return stream->ops.write (stream->impl, data, size, cancellable, error);
}

gboolean
perry_stream_close_write (PerryStream *stream, GError **error)
{
  g_return_val_if_fail (stream != NULL, FALSE);

  if (stream->ops.close_write == NULL)
    return TRUE;
  return stream->ops.close_write (stream->impl, error);
}
