/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-backend-connection.h"

PerryBackend *
perry_backend_new (PerryPlugin *plugin, const PerryBackendConfig *config, gpointer handle, GCancellable *cancellable,
                   GError **error)
{
  const PerryBackendOps *ops = perry_plugin_get_backend_ops (plugin);
  g_autoptr (PerryEngineInfo) info = ops->probe (handle, cancellable, error);
  PerryBackend *backend;

  if (info == NULL)
    {
      ops->close (handle);
      return NULL;
    }

  backend = g_new0 (PerryBackend, 1);
  g_atomic_ref_count_init (&backend->references);
  backend->name = g_strdup (config->candidate);
  backend->plugin = g_strdup (perry_plugin_get_id (plugin));
  backend->ops = ops;
  backend->keeper = perry_plugin_ref (plugin);
  backend->handle = handle;
  backend->timeout_ms = config->timeout_ms;
  backend->info = g_steal_pointer (&info);
  return backend;
}

PerryBackend *
perry_backend_ref (PerryBackend *backend)
{
  g_atomic_ref_count_inc (&backend->references);
  return backend;
}

void
perry_backend_unref (PerryBackend *backend)
{
  if (!g_atomic_ref_count_dec (&backend->references))
    return;
  backend->ops->close (backend->handle);
  perry_engine_info_free (backend->info);
  g_free (backend->name);
  g_free (backend->plugin);
  g_clear_pointer (&backend->keeper, perry_plugin_unref);
  g_free (backend);
}

gboolean
perry_backend_offers (PerryBackend *backend, gboolean offered, const char *what, GError **error)
{
  if (!offered)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED, "the backend %s does not offer to %s", backend->name,
                 what);
  return offered;
}

struct _PerryDeadline {
  GCancellable *cancellable;
  GThread *thread;
  GMutex mutex;
  GCond cond;
  gint64 end; /* G_MAXINT64 until the caller is cancelled */
  gboolean done;
  GCancellable *caller;
  gulong handler;
  guint grace_ms;
  guint timeout_ms; /* for messages */
};

static gpointer
deadline_thread (gpointer data)
{
  PerryDeadline *deadline = data;
  gboolean expired = FALSE;

  g_mutex_lock (&deadline->mutex);
  while (!deadline->done && !expired)
    {
      if (deadline->end == G_MAXINT64)
        g_cond_wait (&deadline->cond, &deadline->mutex);
      else
        g_cond_wait_until (&deadline->cond, &deadline->mutex, deadline->end);
      expired = g_get_monotonic_time () >= deadline->end;
    }
  g_mutex_unlock (&deadline->mutex);
  if (expired)
    g_cancellable_cancel (deadline->cancellable);
  return NULL;
}

static PerryDeadline *
deadline_new (gint64 end)
{
  PerryDeadline *deadline = g_new0 (PerryDeadline, 1);

  deadline->cancellable = g_cancellable_new ();
  deadline->end = end;
  g_mutex_init (&deadline->mutex);
  g_cond_init (&deadline->cond);
  deadline->thread = g_thread_new ("perry-deadline", deadline_thread, deadline);
  return deadline;
}

PerryDeadline *
perry_deadline_new (guint timeout_ms)
{
  PerryDeadline *deadline = deadline_new (g_get_monotonic_time () + (gint64) timeout_ms * 1000);

  deadline->timeout_ms = timeout_ms;
  return deadline;
}

static void
on_caller_cancelled (GCancellable *caller, gpointer data)
{
  PerryDeadline *deadline = data;

  g_mutex_lock (&deadline->mutex);
  deadline->end = g_get_monotonic_time () + (gint64) deadline->grace_ms * 1000;
  g_cond_signal (&deadline->cond);
  g_mutex_unlock (&deadline->mutex);
}

PerryDeadline *
perry_deadline_new_after (GCancellable *caller, guint grace_ms)
{
  PerryDeadline *deadline = deadline_new (G_MAXINT64);

  deadline->grace_ms = grace_ms;
  if (caller != NULL)
    {
      deadline->caller = g_object_ref (caller);
      deadline->handler = g_cancellable_connect (caller, G_CALLBACK (on_caller_cancelled), deadline, NULL);
    }
  return deadline;
}

GCancellable *
perry_deadline_get_cancellable (PerryDeadline *deadline)
{
  return deadline->cancellable;
}

void
perry_deadline_explain (PerryDeadline *deadline, GError *error)
{
  g_autofree char *text = NULL;

  if (!g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CANCELLED)
      || !g_cancellable_is_cancelled (deadline->cancellable))
    return;
  text = g_strdup_printf ("%s after %u ms, because the engine had not answered", error->message, deadline->timeout_ms);
  error->code = PERRY_ERROR_TIMED_OUT;
  g_free (error->message);
  error->message = g_steal_pointer (&text);
}

void
perry_deadline_free (PerryDeadline *deadline)
{
  if (deadline->caller != NULL)
    g_cancellable_disconnect (deadline->caller, deadline->handler);
  g_mutex_lock (&deadline->mutex);
  deadline->done = TRUE;
  g_cond_signal (&deadline->cond);
  g_mutex_unlock (&deadline->mutex);
  g_thread_join (deadline->thread);
  g_mutex_clear (&deadline->mutex);
  g_cond_clear (&deadline->cond);
  g_object_unref (deadline->cancellable);
  g_clear_object (&deadline->caller);
  g_free (deadline);
}
