/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-http-deadline.h"

#include <string.h>

struct _PerryHttpAlarm {
  GMutex lock;
  GCond changed;
  GThread *thread;
  GPtrArray *deadlines;
  gint64 wakes_at;
  gboolean stopping;
};

PerryHttpAlarm *
perry_http_alarm_new (void)
{
  PerryHttpAlarm *alarm = g_new0 (PerryHttpAlarm, 1);

  g_mutex_init (&alarm->lock);
  g_cond_init (&alarm->changed);
  alarm->deadlines = g_ptr_array_new ();
  return alarm;
}

void
perry_http_alarm_free (PerryHttpAlarm *alarm)
{
  if (alarm == NULL)
    return;

  g_mutex_lock (&alarm->lock);
  alarm->stopping = TRUE;
  g_cond_signal (&alarm->changed);
  g_mutex_unlock (&alarm->lock);
  g_clear_pointer (&alarm->thread, g_thread_join);

  g_assert (alarm->deadlines->len == 0);
  g_ptr_array_unref (alarm->deadlines);
  g_cond_clear (&alarm->changed);
  g_mutex_clear (&alarm->lock);
  g_free (alarm);
}

/* Triggers what is due and finds out when to wake up next. */
static gint64
ring (PerryHttpAlarm *alarm)
{
  gint64 now = g_get_monotonic_time ();
  gint64 next = G_MAXINT64;

  for (guint i = 0; i < alarm->deadlines->len; i++)
    {
      PerryHttpDeadline *deadline = g_ptr_array_index (alarm->deadlines, i);

      if (deadline->expired)
        continue;
      if (deadline->at > now)
        {
          next = MIN (next, deadline->at);
          continue;
        }
      deadline->expired = TRUE;
      g_cancellable_cancel (deadline->cancellable);
    }
  return next;
}

static gpointer
alarm_thread (gpointer data)
{
  PerryHttpAlarm *alarm = data;

  g_mutex_lock (&alarm->lock);
  while (!alarm->stopping)
    {
      alarm->wakes_at = ring (alarm);
      if (alarm->wakes_at == G_MAXINT64)
        g_cond_wait (&alarm->changed, &alarm->lock);
      else
        g_cond_wait_until (&alarm->changed, &alarm->lock, alarm->wakes_at);
    }
  g_mutex_unlock (&alarm->lock);
  return NULL;
}

static void
add_deadline (PerryHttpAlarm *alarm, PerryHttpDeadline *deadline)
{
  g_mutex_lock (&alarm->lock);
  g_ptr_array_add (alarm->deadlines, deadline);
  if (alarm->thread == NULL)
    alarm->thread = g_thread_new ("perry-http", alarm_thread, alarm);
  else if (deadline->at < alarm->wakes_at)
    g_cond_signal (&alarm->changed);
  g_mutex_unlock (&alarm->lock);
}

static void
forward_cancel (GCancellable *caller, gpointer data)
{
  g_cancellable_cancel (data);
}

void
perry_http_deadline_init (PerryHttpDeadline *deadline, PerryHttpAlarm *alarm, int milliseconds, GCancellable *caller)
{
  g_return_if_fail (deadline != NULL && alarm != NULL);

  memset (deadline, 0, sizeof *deadline);
  deadline->milliseconds = milliseconds;
  if (caller != NULL)
    deadline->caller = g_object_ref (caller);
  if (milliseconds < 0)
    {
      deadline->cancellable = caller != NULL ? g_object_ref (caller) : NULL;
      return;
    }

  deadline->alarm = alarm;
  deadline->cancellable = g_cancellable_new ();
  deadline->at = g_get_monotonic_time () + milliseconds * G_TIME_SPAN_MILLISECOND;
  if (caller != NULL)
    deadline->handler = g_cancellable_connect (caller, G_CALLBACK (forward_cancel),
                                               g_object_ref (deadline->cancellable), g_object_unref);
  add_deadline (alarm, deadline);
}

void
perry_http_deadline_clear (PerryHttpDeadline *deadline)
{
  if (deadline->alarm != NULL)
    {
      g_mutex_lock (&deadline->alarm->lock);
      g_ptr_array_remove_fast (deadline->alarm->deadlines, deadline);
      g_mutex_unlock (&deadline->alarm->lock);
      deadline->alarm = NULL;
    }
  if (deadline->handler != 0)
    g_cancellable_disconnect (deadline->caller, deadline->handler);
  deadline->handler = 0;
  g_clear_object (&deadline->cancellable);
  g_clear_object (&deadline->caller);
}

static gboolean
has_expired (PerryHttpDeadline *deadline)
{
  gboolean expired;

  if (deadline->alarm == NULL)
    return FALSE;
  g_mutex_lock (&deadline->alarm->lock);
  expired = deadline->expired;
  g_mutex_unlock (&deadline->alarm->lock);
  return expired;
}

gboolean
perry_http_deadline_check (PerryHttpDeadline *deadline, const char *what, GError **error)
{
  if (deadline->caller != NULL && g_cancellable_is_cancelled (deadline->caller))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "%s: cancelled", what);
      return FALSE;
    }
  if (has_expired (deadline))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT, "%s: the engine did not answer within %d ms", what,
                   deadline->milliseconds);
      return FALSE;
    }
  return TRUE;
}
