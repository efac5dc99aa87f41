/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-time-limit.h"

/* for the engine's answer to a kill, and for the end of the container after it */
#define KILL_MS 5000
#define END_MS 10000

struct _PerryTimeLimit {
  PerryBackend *backend;
  const char *id;
  guint timeout_ms;
  GCancellable *caller;
  gulong caller_handler;
  GCancellable *given_up;
  GMutex mutex; /* guards what follows */
  GCond cond;
  gboolean stopped;
  gboolean expired;
  gboolean hopeless;
  GThread *thread;
};

static void
cancel (GCancellable *caller, gpointer given_up)
{
  g_cancellable_cancel (given_up);
}

/* With the lock held. Returns whether the clock was stopped. */
static gboolean
wait_for (PerryTimeLimit *limit, guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + (gint64) milliseconds * 1000;

  while (!limit->stopped && g_cond_wait_until (&limit->cond, &limit->mutex, end))
    ;
  return limit->stopped;
}

static void
kill_container (PerryTimeLimit *limit)
{
  g_autoptr (PerryDeadline) deadline = perry_deadline_new (KILL_MS);

  limit->backend->ops->container_kill (limit->backend->handle, limit->id, "SIGKILL",
                                       perry_deadline_get_cancellable (deadline), NULL);
}

static gpointer
watch_thread (gpointer data)
{
  PerryTimeLimit *limit = data;

  g_mutex_lock (&limit->mutex);
  if (!wait_for (limit, limit->timeout_ms))
    {
      limit->expired = TRUE;
      g_mutex_unlock (&limit->mutex);
      kill_container (limit);
      g_mutex_lock (&limit->mutex);
      if (!wait_for (limit, END_MS))
        {
          limit->hopeless = TRUE;
          g_mutex_unlock (&limit->mutex);
          g_cancellable_cancel (limit->given_up);
          return NULL;
        }
    }
  g_mutex_unlock (&limit->mutex);
  return NULL;
}

PerryTimeLimit *
perry_time_limit_start (PerryBackend *backend, const char *id, guint timeout_ms, GCancellable *caller)
{
  PerryTimeLimit *limit = g_new0 (PerryTimeLimit, 1);

  limit->backend = backend;
  limit->id = id;
  limit->timeout_ms = timeout_ms;
  limit->given_up = g_cancellable_new ();
  g_mutex_init (&limit->mutex);
  g_cond_init (&limit->cond);
  if (caller != NULL)
    {
      limit->caller = g_object_ref (caller);
      limit->caller_handler = g_cancellable_connect (caller, G_CALLBACK (cancel), limit->given_up, NULL);
    }
  limit->thread = g_thread_new ("perry-time-limit", watch_thread, limit);
  return limit;
}

GCancellable *
perry_time_limit_get_cancellable (PerryTimeLimit *limit)
{
  return limit->given_up;
}

gboolean
perry_time_limit_has_expired (PerryTimeLimit *limit)
{
  gboolean expired;

  g_mutex_lock (&limit->mutex);
  expired = limit->expired;
  g_mutex_unlock (&limit->mutex);
  return expired;
}

void
perry_time_limit_explain (PerryTimeLimit *limit, GError *error)
{
  gboolean hopeless;

  g_mutex_lock (&limit->mutex);
  hopeless = limit->hopeless;
  g_mutex_unlock (&limit->mutex);
  if (!hopeless || !g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CANCELLED))
    return;
  error->code = PERRY_ERROR_TIMED_OUT;
  g_free (error->message);
  error->message = g_strdup_printf ("the container's %u ms were up, and %s did not end it when it was told to kill it",
                                    limit->timeout_ms, limit->backend->name);
}

void
perry_time_limit_free (PerryTimeLimit *limit)
{
  g_mutex_lock (&limit->mutex);
  limit->stopped = TRUE;
  g_cond_signal (&limit->cond);
  g_mutex_unlock (&limit->mutex);
  g_thread_join (limit->thread);
  if (limit->caller != NULL)
    g_cancellable_disconnect (limit->caller, limit->caller_handler);
  g_clear_object (&limit->caller);
  g_object_unref (limit->given_up);
  g_mutex_clear (&limit->mutex);
  g_cond_clear (&limit->cond);
  g_free (limit);
}
