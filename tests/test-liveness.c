/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/engine/perry-liveness.h"
#include "core/engine/perry-restarts.h"
#include "tests/stub-backend.h"

typedef struct {
  StubBackend stub;
  PerryLiveness liveness;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  stub_backend_init (&fixture->stub);
  fixture->liveness = (PerryLiveness){ .backend = fixture->stub.backend, .id = "x" };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  stub_backend_clear (&fixture->stub);
}

static void
set_status (Fixture *fixture, PerryContainerStatus status)
{
  g_clear_pointer (&fixture->stub.info, perry_container_info_free);
  fixture->stub.info = perry_container_info_new ();
  fixture->stub.info->status = status;
}

static void
assert_says_ended (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->liveness.n_ended = 0;
  g_assert_true (perry_liveness_check (&fixture->liveness, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (perry_liveness_check (&fixture->liveness, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "stub says that the container does not run"));
}

static void
assert_says_alive (Fixture *fixture)
{
  fixture->liveness.n_ended = 0;
  for (int i = 0; i < 5; i++)
    g_assert_true (perry_liveness_check (&fixture->liveness, NULL, NULL));
}

/* One answer may be given in the moment of the end; two are no accident. */
static void
test_status (Fixture *fixture, gconstpointer data)
{
  static const PerryContainerStatus ended[] = { PERRY_CONTAINER_EXITED, PERRY_CONTAINER_DEAD };
  static const PerryContainerStatus alive[] = { PERRY_CONTAINER_RUNNING, PERRY_CONTAINER_PAUSED,
                                                PERRY_CONTAINER_RESTARTING, PERRY_CONTAINER_STOPPING };
  static const PerryContainerStatus before[] = { PERRY_CONTAINER_CREATED, PERRY_CONTAINER_INITIALISED };

  for (guint i = 0; i < G_N_ELEMENTS (ended); i++)
    {
      set_status (fixture, ended[i]);
      assert_says_ended (fixture);
    }
  for (guint i = 0; i < G_N_ELEMENTS (alive); i++)
    {
      set_status (fixture, alive[i]);
      assert_says_alive (fixture);
    }
  for (guint i = 0; i < G_N_ELEMENTS (before); i++)
    {
      set_status (fixture, before[i]);
      fixture->liveness.started = FALSE;
      assert_says_alive (fixture);
      fixture->liveness.started = TRUE;
      assert_says_ended (fixture);
    }
}

static void
test_gone (Fixture *fixture, gconstpointer data)
{
  assert_says_ended (fixture);
}

static void
test_recovers (Fixture *fixture, gconstpointer data)
{
  set_status (fixture, PERRY_CONTAINER_EXITED);
  g_assert_true (perry_liveness_check (&fixture->liveness, NULL, NULL));
  set_status (fixture, PERRY_CONTAINER_RUNNING);
  g_assert_true (perry_liveness_check (&fixture->liveness, NULL, NULL));
  set_status (fixture, PERRY_CONTAINER_EXITED);
  g_assert_true (perry_liveness_check (&fixture->liveness, NULL, NULL));
}

static void
test_engine_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->stub.fails_inspect = TRUE;
  g_assert_false (perry_liveness_check (&fixture->liveness, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
}

/* A wait lasts as long as the engine agrees, however long that is. */
static void
test_wait_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 exit_code = -1;

  fixture->stub.backend->timeout_ms = 20;
  fixture->stub.wait_ms = 200;
  set_status (fixture, PERRY_CONTAINER_RUNNING);
  g_assert_true (perry_liveness_wait (&fixture->liveness, &exit_code, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (exit_code, ==, 7);
  g_assert_cmpuint (fixture->stub.n_inspects, >, 1);
}

static void
assert_wait_fails (Fixture *fixture, GCancellable *cancellable, PerryError code, const char *text)
{
  g_autoptr (GError) error = NULL;
  gint64 exit_code = -1;
  gint64 begin = g_get_monotonic_time ();

  fixture->stub.wait_ms = 20 * 1000;
  g_assert_false (perry_liveness_wait (&fixture->liveness, &exit_code, cancellable, &error));
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 15 * G_USEC_PER_SEC);
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_cmpint (exit_code, ==, -1);
}

static void
test_wait_for_the_dead (Fixture *fixture, gconstpointer data)
{
  fixture->stub.backend->timeout_ms = 20;
  assert_wait_fails (fixture, NULL, PERRY_ERROR_TIMED_OUT, "waiting for container x: stub says");
  set_status (fixture, PERRY_CONTAINER_EXITED);
  fixture->liveness.n_ended = 0;
  assert_wait_fails (fixture, NULL, PERRY_ERROR_TIMED_OUT, "waiting for container x: stub says");
}

static gpointer
cancel_thread (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* The caller's cancellation ends the wait although the engine still agrees, and the error is the wait's. */
static void
test_wait_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);

  set_status (fixture, PERRY_CONTAINER_RUNNING);
  assert_wait_fails (fixture, cancellable, PERRY_ERROR_CANCELLED, "wait");
  g_thread_join (thread);
}

/* An engine that says the same for ever of a run that has ended. */
static void
test_restarts_patience (Fixture *fixture, gconstpointer data)
{
  static const struct { PerryContainerStatus status; gint64 started_at; } unchanged[] = {
    { PERRY_CONTAINER_RUNNING, 5 }, { PERRY_CONTAINER_RESTARTING, 5 }, { PERRY_CONTAINER_STOPPING, 7 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (unchanged); i++)
    {
      g_autoptr (PerryContainerInfo) info = NULL;
      g_autoptr (GError) error = NULL;

      set_status (fixture, unchanged[i].status);
      fixture->stub.info->started_at = unchanged[i].started_at;
      info = perry_restarts_wait_for (fixture->stub.backend, "x", 5, 100 * 1000, NULL, &error);
      g_assert_null (info);
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT);
      g_assert_nonnull (strstr (error->message, perry_container_status_get_name (unchanged[i].status)));
    }
}

static gboolean
wait_until_cancelled (GCancellable *cancellable, int timeout_ms)
{
  GPollFD wake;
  gboolean woken;

  g_assert_true (g_cancellable_make_pollfd (cancellable, &wake));
  woken = g_poll (&wake, 1, timeout_ms) > 0;
  g_cancellable_release_fd (cancellable);
  return woken;
}

static void
test_deadline (void)
{
  g_autoptr (PerryDeadline) soon = perry_deadline_new (1);
  g_autoptr (PerryDeadline) late = perry_deadline_new (60 * 1000);

  g_assert_true (wait_until_cancelled (perry_deadline_get_cancellable (soon), 30 * 1000));
  g_assert_false (g_cancellable_is_cancelled (perry_deadline_get_cancellable (late)));
}

/* The grace begins with the caller's cancellation, whether that comes before or after. */
static void
test_grace (void)
{
  g_autoptr (GCancellable) caller = g_cancellable_new ();
  g_autoptr (PerryDeadline) none = perry_deadline_new_after (NULL, 1);
  g_autoptr (PerryDeadline) unused = perry_deadline_new_after (caller, 1);
  g_autoptr (PerryDeadline) before = NULL;

  g_assert_false (wait_until_cancelled (perry_deadline_get_cancellable (unused), 50));
  g_cancellable_cancel (caller);
  g_assert_true (wait_until_cancelled (perry_deadline_get_cancellable (unused), 30 * 1000));
  before = perry_deadline_new_after (caller, 60 * 1000);
  g_assert_false (wait_until_cancelled (perry_deadline_get_cancellable (before), 50));
  g_assert_false (g_cancellable_is_cancelled (perry_deadline_get_cancellable (none)));
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (Fixture *, gconstpointer); } tests[] = {
    { "/liveness/status", test_status },
    { "/liveness/gone", test_gone },
    { "/liveness/one-answer-is-no-proof", test_recovers },
    { "/liveness/engine-fails", test_engine_fails },
    { "/liveness/wait/goes-on", test_wait_goes_on },
    { "/liveness/wait/for-the-dead", test_wait_for_the_dead },
    { "/liveness/wait/cancelled", test_wait_cancelled },
    { "/liveness/restarts/patience", test_restarts_patience },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  g_test_add_func ("/deadline/ends", test_deadline);
  g_test_add_func ("/deadline/grace", test_grace);
  return g_test_run ();
}
