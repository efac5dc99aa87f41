/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "plugin-api/perry-export.h"

G_BEGIN_DECLS

/**
 * PerryChannel:
 * @PERRY_CHANNEL_STDOUT: standard output, or a terminal's combined output
 * @PERRY_CHANNEL_STDERR: standard error
 *
 * Which of a container's outputs a piece of data came from.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_CHANNEL_STDOUT = 1,
  PERRY_CHANNEL_STDERR = 2,
} PerryChannel;

/**
 * PerryStreamOps: (skip)
 * @struct_size: `sizeof (PerryStreamOps)` of the plugin
 * @read: see perry_stream_read()
 * @write: (nullable): see perry_stream_write_all(); %NULL for a stream without input
 * @close_write: (nullable): see perry_stream_close_write()
 * @free: frees @impl and closes what it holds without reading the rest
 *
 * What a plugin implements for an attached or a log stream. One reading and one writing thread may call at a time.
 *
 * Since: 0.1
 */
typedef struct {
  gsize struct_size;
  gssize (*read) (gpointer impl, PerryChannel *ret_channel, void *buffer, gsize size, int timeout_ms,
                  GCancellable *cancellable, GError **error);
  gboolean (*write) (gpointer impl, const void *data, gsize size, GCancellable *cancellable, GError **error);
  gboolean (*close_write) (gpointer impl, GError **error);
  void (*free) (gpointer impl);
} PerryStreamOps;

/**
 * PerryStream:
 *
 * A container's input and output, or its log. Boxed and counted by references. One reading and one writing thread may
 * use it at the same time.
 *
 * Since: 0.1
 */
typedef struct _PerryStream PerryStream;

#define PERRY_TYPE_STREAM (perry_stream_get_type ())
PERRY_API GType perry_stream_get_type (void);

/**
 * perry_stream_new: (skip)
 * @ops: the implementation; the struct has to outlive the stream
 * @impl: (transfer full): the implementation's data
 *
 * Wraps a plugin's stream.
 *
 * Returns: (transfer full): a new stream
 *
 * Since: 0.1
 */
PERRY_API PerryStream *perry_stream_new (const PerryStreamOps *ops, gpointer impl);

PERRY_API PerryStream *perry_stream_ref (PerryStream *stream);
PERRY_API void perry_stream_unref (PerryStream *stream);

/**
 * perry_stream_read:
 * @stream: a stream
 * @ret_channel: (out): where the data came from
 * @buffer: (out caller-allocates) (array length=size) (element-type guint8): where to put the data
 * @size: the buffer's size in bytes, above 0
 * @timeout_ms: how long to wait in milliseconds, -1 for ever
 * @cancellable: (nullable): a cancellable, honoured within 100 ms
 * @error: return location for an error
 *
 * Reads the next piece of output, as large as what has arrived and fits.
 *
 * Errors: %PERRY_ERROR_TIMED_OUT where nothing came in time (the stream stays usable), %PERRY_ERROR_CANCELLED,
 * %PERRY_ERROR_BACKEND_LOST where the connection broke inside a frame, %PERRY_ERROR_BACKEND_PROTOCOL for bad framing.
 *
 * Returns: the number of bytes, 0 at the end, -1 on error
 *
 * Since: 0.1
 */
PERRY_API gssize perry_stream_read (PerryStream *stream, PerryChannel *ret_channel, void *buffer, gsize size,
                                    int timeout_ms, GCancellable *cancellable, GError **error);

/**
 * perry_stream_write_all:
 * @stream: a stream with input
 * @data: (array length=size) (element-type guint8): what to write
 * @size: its length in bytes
 * @cancellable: (nullable): a cancellable, honoured within 100 ms
 * @error: return location for an error
 *
 * Writes all of @data to the container's standard input, waiting as long as the container does not read.
 *
 * Errors: %PERRY_ERROR_BACKEND_LOST where the container closed its input or ended.
 *
 * Returns: %TRUE when everything was written
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_stream_write_all (PerryStream *stream, const void *data, gsize size,
                                           GCancellable *cancellable, GError **error);

/**
 * perry_stream_close_write:
 * @stream: a stream
 * @error: return location for an error
 *
 * Ends the container's standard input; its output stays readable.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_stream_close_write (PerryStream *stream, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryStream, perry_stream_unref)

G_END_DECLS
