/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/**
 * PerryFrameType:
 * @PERRY_FRAME_STDIN: echoed input; no engine sends it, Docker's own client prints it as output
 * @PERRY_FRAME_STDOUT: standard output
 * @PERRY_FRAME_STDERR: standard error
 * @PERRY_FRAME_SYSTEM_ERROR: the engine's own error text
 *
 * The first byte of a frame's header.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_FRAME_STDIN = 0,
  PERRY_FRAME_STDOUT = 1,
  PERRY_FRAME_STDERR = 2,
  PERRY_FRAME_SYSTEM_ERROR = 3,
} PerryFrameType;

/**
 * PerryStreamFrames:
 *
 * Where a reader of Docker's multiplexed stream is: eight bytes `type 0 0 0 length`, the length big-endian, then the
 * payload. Nothing is buffered but the header. Members are private; any number of parsers may be used in parallel.
 *
 * Since: 0.1
 */
typedef struct {
  gboolean raw;
  guint8 header[8];
  guint header_size;
  PerryFrameType type;
  guint32 remaining;
} PerryStreamFrames;

/**
 * perry_stream_frames_init:
 * @frames: (out caller-allocates): a parser
 * @raw: whether the stream has no frames (a terminal's): everything is %PERRY_FRAME_STDOUT then
 *
 * Starts at the beginning of a stream.
 *
 * Since: 0.1
 */
void perry_stream_frames_init (PerryStreamFrames *frames, gboolean raw);

/**
 * perry_stream_frames_next:
 * @frames: a parser
 * @data: (inout): what has arrived; moved past what was consumed
 * @size: (inout): how many bytes that is
 * @ret_type: (out): the piece's type
 * @ret_piece: (out) (transfer none): the piece, inside @data
 * @error: return location for an error
 *
 * Takes the next piece of payload, which may be a part of a frame. 0 means that everything was consumed.
 *
 * Errors: %PERRY_ERROR_BACKEND_PROTOCOL for a header that no engine sends. The parser is of no use afterwards.
 *
 * Returns: the piece's size in bytes, 0 when @size is 0 now, -1 on error
 *
 * Since: 0.1
 */
gssize perry_stream_frames_next (PerryStreamFrames *frames, const guint8 **data, gsize *size, PerryFrameType *ret_type,
                                 const guint8 **ret_piece, GError **error);

/**
 * perry_stream_frames_get_remaining:
 * @frames: a parser
 *
 * Gets how many bytes can be taken as payload without looking at them; %G_MAXSIZE in raw mode. The caller that reads
 * some of them elsewhere tells it with perry_stream_frames_skip().
 *
 * Returns: bytes left of the current frame's payload, 0 inside or before a header
 *
 * Since: 0.1
 */
gsize perry_stream_frames_get_remaining (const PerryStreamFrames *frames);

/**
 * perry_stream_frames_skip:
 * @frames: a parser
 * @size: bytes, at most perry_stream_frames_get_remaining()
 *
 * Counts payload that did not go through perry_stream_frames_next().
 *
 * Since: 0.1
 */
void perry_stream_frames_skip (PerryStreamFrames *frames, gsize size);

/**
 * perry_stream_frames_get_type:
 * @frames: a parser
 *
 * Returns: the type of the current frame
 *
 * Since: 0.1
 */
PerryFrameType perry_stream_frames_get_type (const PerryStreamFrames *frames);

/**
 * perry_stream_frames_is_complete:
 * @frames: a parser
 *
 * Returns: whether the stream may end here: not inside a header or a payload
 *
 * Since: 0.1
 */
gboolean perry_stream_frames_is_complete (const PerryStreamFrames *frames);

G_END_DECLS
