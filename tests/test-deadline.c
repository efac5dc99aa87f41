/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/engine/perry-backend-connection.h"

/* The patience of the core with requests that nobody may cancel. */

static void
wait_for (PerryDeadline *deadline)
{
  GPollFD wake;

  g_assert_true (g_cancellable_make_pollfd (perry_deadline_get_cancellable (deadline), &wake));
  g_assert_cmpint (g_poll (&wake, 1, 10000), ==, 1);
  g_cancellable_release_fd (perry_deadline_get_cancellable (deadline));
}

static void
test_explained (void)
{
  g_autoptr (PerryDeadline) deadline = perry_deadline_new (20);
  g_autoptr (GError) error = g_error_new (PERRY_ERROR, PERRY_ERROR_CANCELLED, "removing container x: cancelled");
  g_autoptr (GError) other = g_error_new (PERRY_ERROR, PERRY_ERROR_BACKEND_LOST, "closed");

  wait_for (deadline);
  perry_deadline_explain (deadline, error);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  g_assert_cmpstr (error->message, ==,
                   "removing container x: cancelled after 20 ms, because the engine had not answered");
  perry_deadline_explain (deadline, other);
  g_assert_error (other, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST);
  g_assert_cmpstr (other->message, ==, "closed");
}

static void
test_not_expired (void)
{
  g_autoptr (PerryDeadline) deadline = perry_deadline_new (60000);
  g_autoptr (GError) error = g_error_new (PERRY_ERROR, PERRY_ERROR_CANCELLED, "cancelled");

  perry_deadline_explain (deadline, error);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
}

/* A create that is cancelled is waited for a while. */
static void
test_grace (void)
{
  g_autoptr (GCancellable) caller = g_cancellable_new ();
  g_autoptr (PerryDeadline) deadline = perry_deadline_new_after (caller, 100);
  gint64 begin = g_get_monotonic_time ();

  g_cancellable_cancel (caller);
  g_assert_false (g_cancellable_is_cancelled (perry_deadline_get_cancellable (deadline)));
  wait_for (deadline);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 100 * G_TIME_SPAN_MILLISECOND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deadline/says-that-the-engine-was-slow", test_explained);
  g_test_add_func ("/deadline/leaves-other-errors-alone", test_not_expired);
  g_test_add_func ("/deadline/grace-after-cancelling", test_grace);
  return g_test_run ();
}
