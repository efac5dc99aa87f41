/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-stream-frames.h"

#include <string.h>

/* out "ab", err "", err "c", out "defg", engine error "!" */
static const guint8 sample[] = {
  1, 0, 0, 0, 0, 0, 0, 2, 'a', 'b',           /* */
  2, 0, 0, 0, 0, 0, 0, 0,                     /* */
  2, 0, 0, 0, 0, 0, 0, 1, 'c',                /* */
  1, 0, 0, 0, 0, 0, 0, 4, 'd', 'e', 'f', 'g', /* */
  3, 0, 0, 0, 0, 0, 0, 1, '!',
};

/* Collects what comes out as text: the type's digit before each run of payload. */
static void
feed (PerryStreamFrames *frames, const guint8 *data, gsize size, GString *out)
{
  GError *error = NULL;
  PerryFrameType type;
  const guint8 *piece;
  gssize count;

  while ((count = perry_stream_frames_next (frames, &data, &size, &type, &piece, &error)) > 0)
    for (gssize i = 0; i < count; i++)
      g_string_append_printf (out, "%u%c", type, piece[i]);
  g_assert_no_error (error);
  g_assert_cmpint (count, ==, 0);
  g_assert_cmpuint (size, ==, 0);
}

static void
test_every_split (void)
{
  for (gsize first = 0; first <= sizeof sample; first++)
    for (gsize second = first; second <= sizeof sample; second++)
      {
        PerryStreamFrames frames;
        g_autoptr (GString) out = g_string_new (NULL);

        perry_stream_frames_init (&frames, FALSE);
        feed (&frames, sample, first, out);
        feed (&frames, sample + first, second - first, out);
        feed (&frames, sample + second, sizeof sample - second, out);
        g_assert_cmpstr (out->str, ==, "1a1b2c1d1e1f1g3!");
        g_assert_true (perry_stream_frames_is_complete (&frames));
      }
}

static void
test_single_bytes (void)
{
  PerryStreamFrames frames;
  g_autoptr (GString) out = g_string_new (NULL);

  perry_stream_frames_init (&frames, FALSE);
  for (gsize i = 0; i < sizeof sample; i++)
    feed (&frames, sample + i, 1, out);
  g_assert_cmpstr (out->str, ==, "1a1b2c1d1e1f1g3!");
}

static void
test_incomplete (void)
{
  static const gsize boundaries[] = { 0, 10, 18, 27, 39, 48 };

  for (gsize size = 0; size <= sizeof sample; size++)
    {
      PerryStreamFrames frames;
      g_autoptr (GString) out = g_string_new (NULL);
      gboolean expected = FALSE;

      for (gsize i = 0; i < G_N_ELEMENTS (boundaries); i++)
        expected = expected || boundaries[i] == size;
      perry_stream_frames_init (&frames, FALSE);
      feed (&frames, sample, size, out);
      g_assert_cmpint (perry_stream_frames_is_complete (&frames), ==, expected);
    }
}

static void
test_raw (void)
{
  PerryStreamFrames frames;
  g_autoptr (GString) out = g_string_new (NULL);

  perry_stream_frames_init (&frames, TRUE);
  feed (&frames, NULL, 0, out);
  feed (&frames, (const guint8 *) "\x07x", 2, out);
  g_assert_cmpstr (out->str, ==, "1\x07" "1x");
  g_assert_cmpuint (perry_stream_frames_get_remaining (&frames), ==, G_MAXSIZE);
  g_assert_true (perry_stream_frames_is_complete (&frames));
}

static void
test_bad_headers (void)
{
  static const guint8 headers[][8] = {
    { 4, 0, 0, 0, 0, 0, 0, 1 },   { 255, 0, 0, 0, 0, 0, 0, 1 }, { 1, 1, 0, 0, 0, 0, 0, 1 },
    { 1, 0, 128, 0, 0, 0, 0, 1 }, { 1, 0, 0, 1, 0, 0, 0, 1 },   { 'H', 'T', 'T', 'P', '/', '1', '.', '1' },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autoptr (GError) error = NULL;
      PerryStreamFrames frames;
      PerryFrameType type;
      const guint8 *piece, *data = headers[i];
      gsize size = 8;

      perry_stream_frames_init (&frames, FALSE);
      g_assert_cmpint (perry_stream_frames_next (&frames, &data, &size, &type, &piece, &error), ==, -1);
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL);
    }
}

static void
test_largest_frame (void)
{
  static const guint8 header[] = { 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
  PerryStreamFrames frames;
  g_autoptr (GString) out = g_string_new (NULL);

  perry_stream_frames_init (&frames, FALSE);
  feed (&frames, header, sizeof header, out);
  g_assert_cmpuint (perry_stream_frames_get_remaining (&frames), ==, G_MAXUINT32);
  perry_stream_frames_skip (&frames, G_MAXUINT32 - 1);
  feed (&frames, (const guint8 *) "z", 1, out);
  g_assert_cmpstr (out->str, ==, "1z");
  g_assert_true (perry_stream_frames_is_complete (&frames));
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261124);
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (GString) out = g_string_new (NULL);
  PerryStreamFrames frames;

  for (guint i = 0; i < 500; i++)
    {
      guint8 type = (guint8) g_rand_int_range (rand, 0, 4);
      guint8 size = (guint8) g_rand_int_range (rand, 0, 200);
      guint8 header[8] = { type, 0, 0, 0, 0, 0, 0, size };

      g_byte_array_append (stream, header, sizeof header);
      for (guint8 j = 0; j < size; j++)
        {
          guint8 byte = 'a' + j % 26;

          g_byte_array_append (stream, &byte, 1);
          g_string_append_printf (expected, "%u%c", type, byte);
        }
    }
  perry_stream_frames_init (&frames, FALSE);
  for (gsize at = 0; at < stream->len;)
    {
      gsize size = MIN ((gsize) g_rand_int_range (rand, 0, 40), stream->len - at);

      feed (&frames, stream->data + at, size, out);
      at += size;
    }
  g_assert_cmpstr (out->str, ==, expected->str);
  g_assert_true (perry_stream_frames_is_complete (&frames));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stream-frames/any-split-gives-the-same", test_every_split);
  g_test_add_func ("/stream-frames/byte-by-byte", test_single_bytes);
  g_test_add_func ("/stream-frames/knows-where-a-stream-may-end", test_incomplete);
  g_test_add_func ("/stream-frames/raw-is-output", test_raw);
  g_test_add_func ("/stream-frames/bad-headers-are-refused", test_bad_headers);
  g_test_add_func ("/stream-frames/largest-frame-needs-no-memory", test_largest_frame);
  g_test_add_func ("/stream-frames/random", test_random);
  return g_test_run ();
}
