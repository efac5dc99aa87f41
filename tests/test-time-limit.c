/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/engine/perry-time-limit.h"
#include "tests/stub-backend.h"

/* Whatever the engine does, who waits for a container is told within the time limit and the time for its end. */

#define TIMEOUT_MS 20
#define END_MS 200
#define NEVER_MS 600000

static void
set_up (StubBackend *stub, gconstpointer data)
{
  stub_backend_init (stub);
}

static void
tear_down (StubBackend *stub, gconstpointer data)
{
  stub_backend_clear (stub);
}

static gboolean
wait_for_cancellation (PerryTimeLimit *limit)
{
  GCancellable *cancellable = perry_time_limit_get_cancellable (limit);
  GPollFD wake;

  g_assert_true (g_cancellable_make_pollfd (cancellable, &wake));
  g_poll (&wake, 1, 30000);
  g_cancellable_release_fd (cancellable);
  return g_cancellable_is_cancelled (cancellable);
}

static void
wait_for_kill (StubBackend *stub)
{
  gint64 end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (g_atomic_int_get (&stub->n_kills) == 0 && g_get_monotonic_time () < end)
    g_thread_yield ();
  g_assert_cmpuint (g_atomic_int_get (&stub->n_kills), ==, 1);
}

static GError *
explained (PerryTimeLimit *limit)
{
  GError *error = g_error_new_literal (PERRY_ERROR, PERRY_ERROR_CANCELLED, "the stream was cancelled");

  perry_time_limit_explain (limit, error);
  return error;
}

static void
assert_given_up (StubBackend *stub, gint64 least_ms)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (PerryTimeLimit) limit = perry_time_limit_start (stub->backend, "x", TIMEOUT_MS, END_MS, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) other = g_error_new_literal (PERRY_ERROR, PERRY_ERROR_BACKEND_LOST, "gone");

  g_assert_false (perry_time_limit_has_expired (limit));
  g_assert_true (wait_for_cancellation (limit));
  g_assert_cmpint ((g_get_monotonic_time () - begin) / 1000, >=, least_ms);
  g_assert_cmpuint (g_atomic_int_get (&stub->n_kills), ==, 1);
  g_assert_true (perry_time_limit_has_expired (limit));
  error = explained (limit);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  g_assert_cmpstr (error->message, ==, "the container's 20 ms were up, and stub did not end it when it was told to kill it");
  perry_time_limit_explain (limit, other);
  g_assert_error (other, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
}

static void
test_container_does_not_end (StubBackend *stub, gconstpointer data)
{
  assert_given_up (stub, TIMEOUT_MS + END_MS);
}

static void
test_engine_hangs (StubBackend *stub, gconstpointer data)
{
  stub->hangs_kill = TRUE;
  assert_given_up (stub, TIMEOUT_MS + END_MS / 2 + END_MS);
}

/* The container ended after all while the engine had not yet answered: nobody waits for the answer. */
static void
test_ends_while_the_kill_hangs (StubBackend *stub, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (PerryTimeLimit) limit = NULL;

  stub->hangs_kill = TRUE;
  limit = perry_time_limit_start (stub->backend, "x", 1, NEVER_MS, NULL);
  wait_for_kill (stub);
  g_assert_true (perry_time_limit_has_expired (limit));
  g_clear_pointer (&limit, perry_time_limit_free);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / 1000, <, NEVER_MS / 10);
}

static void
test_ends_in_time (StubBackend *stub, gconstpointer data)
{
  g_autoptr (PerryTimeLimit) limit = perry_time_limit_start (stub->backend, "x", NEVER_MS, NEVER_MS, NULL);
  g_autoptr (GError) error = explained (limit);

  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_false (perry_time_limit_has_expired (limit));
  g_assert_false (g_cancellable_is_cancelled (perry_time_limit_get_cancellable (limit)));
  g_clear_pointer (&limit, perry_time_limit_free);
  g_assert_cmpuint (stub->n_kills, ==, 0);
}

/* At the very moment: killed or not, it is one of the two, and never given up. */
static void
test_ends_at_the_moment (StubBackend *stub, gconstpointer data)
{
  guint n_expired = 0;

  for (guint i = 0; i < 500; i++)
    {
      g_autoptr (PerryTimeLimit) limit = perry_time_limit_start (stub->backend, "x", 1, NEVER_MS, NULL);
      gint64 end = g_get_monotonic_time () + 950 + i % 100;

      while (g_get_monotonic_time () < end)
        g_thread_yield ();
      g_assert_false (g_cancellable_is_cancelled (perry_time_limit_get_cancellable (limit)));
      n_expired += perry_time_limit_has_expired (limit) ? 1 : 0;
    }
  g_assert_cmpuint (stub->n_kills, >=, n_expired);
  g_test_message ("%u of 500 had expired, %u kills", n_expired, stub->n_kills);
}

static void
test_caller_cancels (StubBackend *stub, gconstpointer data)
{
  g_autoptr (GCancellable) caller = g_cancellable_new ();
  g_autoptr (PerryTimeLimit) limit = perry_time_limit_start (stub->backend, "x", NEVER_MS, NEVER_MS, caller);
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (caller);
  g_assert_true (wait_for_cancellation (limit));
  error = explained (limit);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "the stream was cancelled");
  g_clear_pointer (&limit, perry_time_limit_free);
  g_assert_cmpuint (stub->n_kills, ==, 0);
}

/* One who has cancelled before is heard, too; one who cancels while the engine hangs is not kept by it. */
static void
test_caller_cancels_around (StubBackend *stub, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (GCancellable) early = g_cancellable_new ();
  g_autoptr (GCancellable) late = g_cancellable_new ();
  g_autoptr (PerryTimeLimit) limit = NULL;

  g_cancellable_cancel (early);
  limit = perry_time_limit_start (stub->backend, "x", NEVER_MS, NEVER_MS, early);
  g_assert_true (g_cancellable_is_cancelled (perry_time_limit_get_cancellable (limit)));
  g_clear_pointer (&limit, perry_time_limit_free);

  stub->hangs_kill = TRUE;
  limit = perry_time_limit_start (stub->backend, "x", 1, NEVER_MS, late);
  wait_for_kill (stub);
  g_cancellable_cancel (late);
  g_assert_true (wait_for_cancellation (limit));
  g_clear_pointer (&limit, perry_time_limit_free);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / 1000, <, NEVER_MS / 10);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*test) (StubBackend *stub, gconstpointer data);
  } tests[] = {
    { "container-does-not-end", test_container_does_not_end },
    { "engine-hangs", test_engine_hangs },
    { "ends-while-the-kill-hangs", test_ends_while_the_kill_hangs },
    { "ends-in-time", test_ends_in_time },
    { "ends-at-the-moment", test_ends_at_the_moment },
    { "caller-cancels", test_caller_cancels },
    { "caller-cancels-around", test_caller_cancels_around },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/time-limit/", tests[i].name, NULL);

      g_test_add (path, StubBackend, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
