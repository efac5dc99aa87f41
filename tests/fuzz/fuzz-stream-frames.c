/* SPDX-License-Identifier: Apache-2.0 */
/* The engines' multiplexed stream: in whatever pieces it arrives, the same comes out. */
#include "plugins/http-client/perry-stream-frames.h"
#include "tests/fuzz/fuzz-input.h"

static void
read_pieces (const uint8_t *data, size_t size, size_t piece_size, GString *output)
{
  PerryStreamFrames frames;

  perry_stream_frames_init (&frames, FALSE);
  while (size > 0)
    {
      size_t count = MIN (size, piece_size);
      g_autofree guint8 *exact = g_memdup2 (data, count);
      const guint8 *rest = exact;
      gsize rest_size = count;

      while (rest_size > 0)
        {
          g_autoptr (GError) error = NULL;
          PerryFrameType type;
          const guint8 *piece;
          gssize n = perry_stream_frames_next (&frames, &rest, &rest_size, &type, &piece, &error);

          if (n < 0)
            {
              fuzz_check_error (error, TRUE);
              g_string_append_c (output, '!');
              return;
            }
          for (gssize i = 0; i < n; i++)
            {
              g_string_append_c (output, (char) ('0' + type));
              g_string_append_c (output, (char) piece[i]);
            }
        }
      data += count;
      size -= count;
    }
  g_string_append_c (output, perry_stream_frames_is_complete (&frames) ? '.' : '?');
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GString *whole = g_string_new (NULL);
  GString *bytes = g_string_new (NULL);

  read_pieces (data, size, G_MAXSIZE, whole);
  read_pieces (data, size, 1, bytes);
  fuzz_require (g_string_equal (whole, bytes), "pieces do not matter");
  g_string_free (whole, TRUE);
  g_string_free (bytes, TRUE);
  return 0;
}
