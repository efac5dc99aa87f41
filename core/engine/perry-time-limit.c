/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-time-limit.h"

struct _PerryTimeLimit {
  PerryBackend *backend;
  const char *id;
  guint timeout_ms;
  guint end_ms;
  GCancellable *caller;
  gulong caller_handler;
  GCancellable *given_up;
  GMutex mutex; /* guards what follows */
  GCond cond;
  gboolean stopped;
  gboolean expired;
  gboolean hopeless;
  PerryDeadline *kill; /* of the kill that is under way */
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

/* With the lock held, which is given up meanwhile. An engine that does not answer is not waited for by who stops the clock. */
static void
kill_container (PerryTimeLimit *limit)
{
  limit->kill = perry_deadline_new (limit->end_ms / 2);
  g_mutex_unlock (&limit->mutex);
  limit->backend->ops->container_kill (limit->backend->handle, limit->id, "SIGKILL",
                                       perry_deadline_get_cancellable (limit->kill), NULL);
  g_mutex_lock (&limit->mutex);
  g_clear_pointer (&limit->kill, perry_deadline_free);
}

static gpointer
watch_thread (gpointer data)
{
  PerryTimeLimit *limit = data;

  g_mutex_lock (&limit->mutex);
  if (!wait_for (limit, limit->timeout_ms))
    {
      limit->expired = TRUE;
      kill_container (limit);
      if (!wait_for (limit, limit->end_ms))
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
perry_time_limit_start (PerryBackend *backend, const char *id, guint timeout_ms, guint end_ms, GCancellable *caller)
{
  PerryTimeLimit *limit = g_new0 (PerryTimeLimit, 1);

  limit->backend = backend;
  limit->id = id;
  limit->timeout_ms = timeout_ms;
  limit->end_ms = end_ms;
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
  if (limit->kill != NULL)
    g_cancellable_cancel (perry_deadline_get_cancellable (limit->kill));
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
