/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-stream-frames.h"

#include <string.h>

void
perry_stream_frames_init (PerryStreamFrames *frames, gboolean raw)
{
  g_return_if_fail (frames != NULL);

  memset (frames, 0, sizeof *frames);
  frames->raw = raw;
  frames->type = PERRY_FRAME_STDOUT;
}

static gboolean
parse_header (PerryStreamFrames *frames, GError **error)
{
  const guint8 *header = frames->header;

  if (header[0] > PERRY_FRAME_SYSTEM_ERROR || header[1] != 0 || header[2] != 0 || header[3] != 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                   "the engine's stream has a frame header that cannot be understood: %02x %02x %02x %02x", header[0],
                   header[1], header[2], header[3]);
      return FALSE;
    }
  frames->type = header[0];
  frames->remaining = (guint32) header[4] << 24 | (guint32) header[5] << 16 | (guint32) header[6] << 8 | header[7];
  frames->header_size = 0;
  return TRUE;
}

static void
take_header_bytes (PerryStreamFrames *frames, const guint8 **data, gsize *size)
{
  gsize count = MIN (*size, sizeof frames->header - frames->header_size);

  memcpy (frames->header + frames->header_size, *data, count);
  frames->header_size += count;
  *data += count;
  *size -= count;
}

gssize
perry_stream_frames_next (PerryStreamFrames *frames, const guint8 **data, gsize *size, PerryFrameType *ret_type,
                          const guint8 **ret_piece, GError **error)
{
  gsize count;

  g_return_val_if_fail (frames != NULL && data != NULL && size != NULL, -1);
  g_return_val_if_fail (ret_type != NULL && ret_piece != NULL, -1);

  /* A loop because an empty frame may be followed by another header. */
  while (!frames->raw && frames->remaining == 0)
    {
      if (*size == 0)
        return 0;
      take_header_bytes (frames, data, size);
      if (frames->header_size == sizeof frames->header && !parse_header (frames, error))
        return -1;
    }

  count = MIN (MIN (*size, perry_stream_frames_get_remaining (frames)), G_MAXSSIZE);
  if (count == 0)
    return 0;
  *ret_type = frames->type;
  *ret_piece = *data;
  *data += count;
  *size -= count;
  perry_stream_frames_skip (frames, count);
  return (gssize) count;
}

gsize
perry_stream_frames_get_remaining (const PerryStreamFrames *frames)
{
  g_return_val_if_fail (frames != NULL, 0);

  return frames->raw ? G_MAXSIZE : frames->remaining;
}

void
perry_stream_frames_skip (PerryStreamFrames *frames, gsize size)
{
  g_return_if_fail (frames != NULL);
  g_return_if_fail (size <= perry_stream_frames_get_remaining (frames));

  if (!frames->raw)
    frames->remaining -= (guint32) size;
}

PerryFrameType
perry_stream_frames_get_type (const PerryStreamFrames *frames)
{
  g_return_val_if_fail (frames != NULL, PERRY_FRAME_STDOUT);

  return frames->type;
}

gboolean
perry_stream_frames_is_complete (const PerryStreamFrames *frames)
{
  g_return_val_if_fail (frames != NULL, FALSE);

  return frames->raw || (frames->remaining == 0 && frames->header_size == 0);
}
