/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "tests/both-engines.h"

/* Streams that never end or consist of very many very small pieces: nothing is lost, nothing grows, and whoever cancels is
 * heard at once. */

#define N_FRAMES 2000000
#define STREAM "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
#define LOGS "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n\r\n"
#define ONE_BYTE "\x01\0\0\0\0\0\0\x01" "o"
#define EMPTY "\x01\0\0\0\0\0\0\0"
#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
#define PROMPT_US (1000 * G_TIME_SPAN_MILLISECOND)
#else
#define PROMPT_US (100 * G_TIME_SPAN_MILLISECOND)
#endif
#define N_ATTEMPTS 10
/* What a run may keep of an endless stream: the capture, buffers, the allocator's generosity. */
#define MOST_KEPT (48 * 1024 * 1024)

static void
set_up (BothEngines *fixture, gconstpointer data)
{
  both_engines_set_up (fixture, data, NULL);
}

static void
let_stream (BothEngines *fixture, const char *flood, gsize flood_size, guint n_floods)
{
  perry_fake_engine_add_rule (fixture->fake,
                              &(PerryFakeRule){ .method = "POST", .path = "/containers/.*/attach", .raw = STREAM,
                                                .raw_size = sizeof STREAM - 1, .repeat_raw = TRUE, .flood = flood,
                                                .flood_size = flood_size, .n_floods = n_floods });
}

static void
test_many_frames (BothEngines *fixture, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  const char *bytes;
  gsize size;

  let_stream (fixture, ONE_BYTE, sizeof ONE_BYTE - 1, N_FRAMES);
  result = both_engines_run (fixture, "hello", 2 * N_FRAMES, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->exit_code, ==, 7);
  g_assert_cmpuint (result->stdout_lost + result->stderr_lost, ==, 0);
  bytes = g_bytes_get_data (result->stdout_data, &size);
  g_assert_cmpuint (size, ==, N_FRAMES);
  for (gsize i = 0; i < size; i++)
    if (bytes[i] != 'o')
      g_error ("byte %" G_GSIZE_FORMAT " is another", i);
  g_test_message ("%d frames of one byte in %d ms", N_FRAMES, (int) ((g_get_monotonic_time () - begin) / 1000));
}

static gsize
resident_bytes (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  words = g_strsplit (text, " ", 3);
  return (gsize) (g_ascii_strtoull (words[1], NULL, 10) * (guint64) sysconf (_SC_PAGESIZE));
}

typedef struct {
  BothEngines *fixture;
  GCancellable *cancellable;
  guint n_started; /* before */
  gint64 cancelled_at;
} Canceller;

/* Half a second into the storm. */
static gpointer
cancel_later (gpointer data)
{
  Canceller *canceller = data;

  g_assert_true (perry_fake_engine_wait_for (canceller->fixture->fake, "POST", "/containers/.*/start",
                                             canceller->n_started + 1));
  g_usleep (500 * 1000);
  canceller->cancelled_at = g_get_monotonic_time ();
  g_cancellable_cancel (canceller->cancellable);
  return NULL;
}

static gint64
cancel_once (BothEngines *fixture)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint n_started = perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/.*/start");
  Canceller canceller = { fixture, cancellable, n_started, 0 };
  gsize before = resident_bytes ();
  g_autoptr (GError) error = NULL;
  gsize after;
  gint64 took;
  GThread *thread;

  thread = g_thread_new ("canceller", cancel_later, &canceller);
  g_assert_null (both_engines_run (fixture, "sleep", 64 * 1024, cancellable, &error));
  took = g_get_monotonic_time ();
  after = resident_bytes ();
  g_thread_join (thread);
  took -= canceller.cancelled_at;
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_test_message ("over %.1f ms after being cancelled, %" G_GSIZE_FORMAT " kB more", (double) took / 1000,
                  (MAX (before, after) - before) / 1024);
  g_assert_cmpuint (after, <, before + MOST_KEPT);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
  return took;
}

/* A busy machine may be slow for a while; a cancellation that is not heard never is in time. */
static void
cancel_in_storm (BothEngines *fixture, const char *flood, gsize flood_size)
{
  gint64 shortest = G_MAXINT64;

  let_stream (fixture, flood, flood_size, 0);
  for (guint i = 0; i < N_ATTEMPTS && shortest >= PROMPT_US; i++)
    shortest = MIN (shortest, cancel_once (fixture));
  g_assert_cmpint (shortest, <, PROMPT_US);
}

static void
test_endless_output (BothEngines *fixture, gconstpointer data)
{
  cancel_in_storm (fixture, ONE_BYTE, sizeof ONE_BYTE - 1);
}

static void
test_empty_frames (BothEngines *fixture, gconstpointer data)
{
  cancel_in_storm (fixture, EMPTY, sizeof EMPTY - 1);
}

/* Frames without a payload are silence to whoever reads with a timeout. */
static void
test_silent_log (BothEngines *fixture, gconstpointer data)
{
  PerryLogRequest request = { .struct_size = sizeof request, .follow = TRUE };
  g_autoptr (PerryStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  PerryChannel channel;
  gint64 took;
  char buffer[16];

  perry_fake_engine_add_rule (fixture->fake,
                              &(PerryFakeRule){ .method = "GET", .path = "/containers/.*/logs", .raw = LOGS,
                                                .raw_size = sizeof LOGS - 1, .repeat_raw = TRUE, .flood = EMPTY,
                                                .flood_size = sizeof EMPTY - 1 });
  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .method = "GET", .path = "/containers/[^/]*/json",
                                                               .status = 200,
                                                               .body = "{\"Id\":\"abcdef\",\"Name\":\"noisy\",\"Created\":"
                                                                       "\"2026-01-01T00:00:00Z\",\"State\":{\"Status\":"
                                                                       "\"running\",\"Running\":true},\"Config\":{}}" });
  stream = perry_engine_open_logs (fixture->engine, "noisy", &request, NULL, &error);
  g_assert_no_error (error);
  took = g_get_monotonic_time ();
  g_assert_cmpint (perry_stream_read (stream, &channel, buffer, sizeof buffer, 200, NULL, &error), ==, -1);
  took = g_get_monotonic_time () - took;
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  /* It is counted in whole milliseconds. */
  g_assert_cmpint (took, >=, 198 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (took, <, 5 * G_TIME_SPAN_SECOND);
}

int
main (int argc, char **argv)
{
  static const BothEnginesTest tests[] = {
    { "two-million-frames", test_many_frames },
    { "endless-output", test_endless_output },
    { "endless-empty-frames", test_empty_frames },
    { "silent-log", test_silent_log },
  };

  return both_engines_main (argc, argv, "storms", tests, G_N_ELEMENTS (tests), set_up, both_engines_tear_down);
}
