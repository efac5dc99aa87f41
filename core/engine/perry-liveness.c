/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-liveness.h"

#include "plugin-api/perry-error.h"

/* The engine may be about to say that the container has ended when it is asked, so one such answer proves nothing. */
#define ENOUGH_ENDED 2

typedef struct {
  PerryLiveness *liveness;
  GCancellable *wait;    /* what is checked; triggered when a check fails */
  GCancellable *inspect; /* the check itself */
  GThread *thread;
  GMutex mutex;
  GCond cond;
  gboolean done;
  GError *error;
} Checker;

static gboolean
has_ended (const PerryLiveness *liveness, const PerryContainerInfo *info)
{
  if (info->status == PERRY_CONTAINER_CREATED || info->status == PERRY_CONTAINER_INITIALISED)
    return liveness->started;
  return info->status == PERRY_CONTAINER_EXITED || info->status == PERRY_CONTAINER_DEAD;
}

gboolean
perry_liveness_check (PerryLiveness *liveness, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = liveness->backend;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (PerryContainerInfo) info = NULL;

  info = backend->ops->container_inspect (backend->handle, liveness->id, cancellable, &local_error);
  if (info == NULL && !g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (info != NULL && !has_ended (liveness, info))
    liveness->n_ended = 0;
  else if (++liveness->n_ended == ENOUGH_ENDED)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT,
                   "%s says that the container does not run and sends nothing", backend->name);
      return FALSE;
    }
  return TRUE;
}

static gpointer
checker_thread (gpointer data)
{
  Checker *checker = data;
  gboolean ok = TRUE;

  g_mutex_lock (&checker->mutex);
  while (ok && !checker->done)
    {
      gint64 next = g_get_monotonic_time () + (gint64) checker->liveness->backend->timeout_ms * 1000;

      while (!checker->done && g_cond_wait_until (&checker->cond, &checker->mutex, next))
        continue;
      if (checker->done)
        break;
      g_mutex_unlock (&checker->mutex);
      ok = perry_liveness_check (checker->liveness, checker->inspect, &checker->error);
      g_mutex_lock (&checker->mutex);
    }
  g_mutex_unlock (&checker->mutex);
  if (!ok)
    g_cancellable_cancel (checker->wait);
  return NULL;
}

static void
checker_start (Checker *checker, PerryLiveness *liveness)
{
  checker->liveness = liveness;
  checker->wait = g_cancellable_new ();
  checker->inspect = g_cancellable_new ();
  g_mutex_init (&checker->mutex);
  g_cond_init (&checker->cond);
  checker->thread = g_thread_new ("perry-liveness", checker_thread, checker);
}

static void
checker_stop (Checker *checker)
{
  g_mutex_lock (&checker->mutex);
  checker->done = TRUE;
  g_cond_signal (&checker->cond);
  g_mutex_unlock (&checker->mutex);
  g_cancellable_cancel (checker->inspect);
  g_thread_join (checker->thread);
  g_object_unref (checker->wait);
  g_object_unref (checker->inspect);
  g_mutex_clear (&checker->mutex);
  g_cond_clear (&checker->cond);
}

static void
pass_on_cancellation (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (data);
}

gboolean
perry_liveness_wait (PerryLiveness *liveness, gint64 *ret_exit_code, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = liveness->backend;
  Checker checker = { 0 };
  g_autoptr (GError) local_error = NULL;
  gulong handler = 0;
  gboolean ok;

  checker_start (&checker, liveness);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (pass_on_cancellation), checker.wait, NULL);
  ok = backend->ops->container_wait (backend->handle, liveness->id, ret_exit_code, checker.wait, &local_error);
  g_cancellable_disconnect (cancellable, handler);
  checker_stop (&checker);
  if (!ok && checker.error != NULL && !g_cancellable_is_cancelled (cancellable))
    g_propagate_prefixed_error (error, g_steal_pointer (&checker.error), "waiting for container %s: ",
                                liveness->id);
  else if (!ok)
    g_propagate_error (error, g_steal_pointer (&local_error));
  g_clear_error (&checker.error);
  return ok;
}
