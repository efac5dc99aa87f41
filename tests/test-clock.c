/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/both-engines.h"

/* The wall clock of this process jumps by years each time that anybody looks at it, and the engine's jumps as well:
 * deadlines hold, durations are true, and nothing depends on what a reply's dates say. */

#define YEAR_S (365 * 24 * 60 * 60)
#define TIMEOUT_MS 500

static int n_looks;

/* Ten years ahead, ten years back, 1970, and then again. */
static time_t
jump (time_t seconds)
{
  switch (__atomic_fetch_add (&n_looks, 1, __ATOMIC_RELAXED) % 3)
    {
    case 0:
      return seconds + 10 * YEAR_S;
    case 1:
      return seconds - 10 * YEAR_S;
    default:
      return 0;
    }
}

/* These three stand before the C library's for all libraries of this process. */
__attribute__ ((visibility ("default"))) int
clock_gettime (clockid_t clock, struct timespec *ret_time)
{
  int result = (int) syscall (SYS_clock_gettime, clock, ret_time);

  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    ret_time->tv_sec = jump (ret_time->tv_sec);
  return result;
}

__attribute__ ((visibility ("default"))) int
gettimeofday (struct timeval *restrict ret_time, void *restrict zone)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  ret_time->tv_sec = now.tv_sec;
  ret_time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

__attribute__ ((visibility ("default"))) time_t
time (time_t *ret_time)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  if (ret_time != NULL)
    *ret_time = now.tv_sec;
  return now.tv_sec;
}

static void
set_up (BothEngines *fixture, gconstpointer data)
{
  g_autofree char *timeout = g_strdup_printf ("%d", TIMEOUT_MS);
  g_autoptr (GError) error = NULL;

  both_engines_set_up (fixture, data, "out\n");
  perry_config_set_override (perry_engine_get_config (fixture->engine), "engine", "timeout-ms", timeout, "the test",
                             &error);
  g_assert_no_error (error);
}

static void
tear_down (BothEngines *fixture, gconstpointer data)
{
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
  both_engines_tear_down (fixture, data);
}

static PerryRunResult *
run (BothEngines *fixture, GError **error)
{
  return both_engines_run (fixture, "hello", 1024, NULL, error);
}

static void
test_clock_jumps (BothEngines *fixture, gconstpointer data)
{
  gint64 one = g_get_real_time ();
  gint64 two = g_get_real_time ();
  gint64 three = g_get_real_time ();

  g_assert_cmpint (MAX (MAX (one, two), three) - MIN (MIN (one, two), three), >, (gint64) 9 * YEAR_S * G_USEC_PER_SEC);
}

static void
test_durations (BothEngines *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (PerryRunResult) result = run (fixture, &error);
  double took_ms = (double) (g_get_monotonic_time () - begin) / 1000;
  const PerryRunTimings *timings;

  g_assert_no_error (error);
  timings = &result->timings;
  g_assert_cmpint (result->exit_code, ==, 7);
  g_assert_cmpfloat (timings->total_ms, >, 0);
  g_assert_cmpfloat (timings->total_ms, <=, took_ms);
  g_assert_cmpfloat (timings->create_ms + timings->start_ms + timings->run_ms + timings->remove_ms, <=, took_ms);
}

static void
hang (BothEngines *fixture, const char *method, const char *path)
{
  static const char *const nothing[] = { "" };

  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .method = method, .path = path, .times = 1,
                                                               .raw_parts = nothing, .n_raw_parts = 1 });
}

/* Neither at once nor never: a deadline that is measured on the wall clock would be one of these. */
static void
test_deadline (BothEngines *fixture, gconstpointer data)
{
  static const struct { const char *method; const char *path; } requests[] = {
    { "POST", "/containers/create" },
    { "POST", "/containers/.*/attach" },
    { "POST", "/containers/.*/start" },
    { "DELETE", "/containers/[^/]*" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 begin, took;

      hang (fixture, requests[i].method, requests[i].path);
      begin = g_get_monotonic_time ();
      g_assert_null (run (fixture, &error));
      took = (g_get_monotonic_time () - begin) / 1000;
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
      g_assert_cmpint (took, >=, TIMEOUT_MS);
      g_assert_cmpint (took, <, 4 * TIMEOUT_MS + 3000);
    }
}

/* A stream that is silent is asked about after the timeout, again and again, and the container goes on. */
static void
test_silence (BothEngines *fixture, gconstpointer data)
{
  static const char *const parts[] = { "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n" };
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  gint64 took;

  perry_fake_engine_add_rule (fixture->fake,
                              &(PerryFakeRule){ .method = "POST", .path = "/containers/.*/attach", .raw_parts = parts,
                                                .n_raw_parts = 1 });
  g_assert_null (run (fixture, &error));
  took = (g_get_monotonic_time () - begin) / 1000;
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  g_assert_cmpint (took, >=, 2 * TIMEOUT_MS);
  g_assert_cmpint (took, <, 4 * TIMEOUT_MS + 3000);
}

/* What the engine's own clock says is printed and never believed. */
static void
test_dates_of_the_engine (BothEngines *fixture, gconstpointer data)
{
  static const char *const dates[] = { "\"1970-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.999999999Z\"",
                                       "\"0001-01-01T00:00:00Z\"", "\"292277026596-12-04T15:30:08Z\"",
                                       "\"-0001-01-01T00:00:00Z\"", "\"yesterday\"", "\"\"", "-1", "1e300", "null" };
  static const char *const members[] = { "Created", "State.StartedAt", "State.FinishedAt" };

  for (gsize i = 0; i < G_N_ELEMENTS (dates); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryRunResult) result = NULL;

      for (gsize j = 0; j < G_N_ELEMENTS (members); j++)
        perry_fake_engine_set_report (fixture->fake, members[j], dates[(i + j) % G_N_ELEMENTS (dates)]);
      result = run (fixture, &error);
      g_assert_no_error (error);
      g_assert_cmpint (result->exit_code, ==, 7);
      g_assert_cmpfloat (result->timings.total_ms, <, 10000);
    }
}

int
main (int argc, char **argv)
{
  static const BothEnginesTest tests[] = {
    { "jumps", test_clock_jumps },
    { "durations", test_durations },
    { "deadline", test_deadline },
    { "silence", test_silence },
    { "dates-of-the-engine", test_dates_of_the_engine },
  };

  return both_engines_main (argc, argv, "clock", tests, G_N_ELEMENTS (tests), set_up, tear_down);
}
