/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-restarts.h"

#include "core/emulation/perry-restart-rule.h"

#define ASK_AGAIN_MS 25
/* how long an engine that does not announce it may take to start a container again */
#define SETTLED_US (5 * G_TIME_SPAN_SECOND)
/* how long an engine may say the same of one that is on its way; Docker waits for a minute at most between two starts */
#define UNCHANGED_US (75 * G_TIME_SPAN_SECOND)

gboolean
perry_restarts_are_possible (const PerryContainerInfo *info)
{
  return info->reported != NULL && perry_container_spec_get_restart (info->reported, NULL) != PERRY_RESTART_NO;
}

static gboolean
is_up (const PerryContainerInfo *info)
{
  return info->status == PERRY_CONTAINER_RUNNING || info->status == PERRY_CONTAINER_PAUSED;
}

/* Whether it is on its way from one state to another. One that was never started is not. */
static gboolean
is_in_between (const PerryContainerInfo *info)
{
  return is_up (info) || info->status == PERRY_CONTAINER_RESTARTING || info->status == PERRY_CONTAINER_STOPPING;
}

/* One that a user has stopped looks like one that is just being started again. */
static gboolean
may_come_back (const PerryBackend *backend, const PerryContainerInfo *info, gint64 since)
{
  gint64 tries = 0;
  PerryRestartPolicy policy;

  if (!backend->info->restarts_unannounced || info->reported == NULL || info->status != PERRY_CONTAINER_EXITED)
    return FALSE;
  policy = perry_container_spec_get_restart (info->reported, &tries);
  return perry_restart_rule_applies (policy, tries, info->exit_code, info->restart_count) &&
         g_get_monotonic_time () - since < SETTLED_US;
}

typedef struct {
  PerryContainerStatus status;
  gint64 started_at;
  gint64 restart_count;
  gint64 since; /* when the engine said so first */
} Look;

/* Whether the engine says something new, or has not said the same for too long. One that is being stopped has the time that
 * it was given. */
static gboolean
is_patient (Look *look, const PerryContainerInfo *info, gint64 unchanged_us)
{
  gint64 now = g_get_monotonic_time ();
  gint64 stop_s = 0;

  if (look->since == 0 || look->status != info->status || look->started_at != info->started_at ||
      look->restart_count != info->restart_count)
    *look = (Look){ info->status, info->started_at, info->restart_count, now };
  if (info->status == PERRY_CONTAINER_STOPPING && info->reported != NULL)
    stop_s = CLAMP (perry_container_spec_get_int64 (info->reported, PERRY_FIELD_STOP_TIMEOUT, 0), 0, G_MAXINT32);
  return now - look->since < unchanged_us + stop_s * G_TIME_SPAN_SECOND;
}

PerryContainerInfo *
perry_restarts_wait_for (PerryBackend *backend, const char *id, gint64 started_at, gint64 unchanged_us,
                         GCancellable *cancellable, GError **error)
{
  gint64 since = g_get_monotonic_time (), last = started_at;
  Look look = { .since = 0 };

  for (;;)
    {
      g_autoptr (PerryContainerInfo) info = NULL;

      info = backend->ops->container_inspect (backend->handle, id, cancellable, error);
      if (info == NULL)
        return NULL;
      if (is_up (info) && info->started_at != started_at)
        return g_steal_pointer (&info);
      /* Each new start is waited for anew. */
      if (info->started_at != last || is_in_between (info))
        since = g_get_monotonic_time ();
      last = info->started_at;
      if (!is_in_between (info) && !may_come_back (backend, info, since))
        return g_steal_pointer (&info);
      if (!is_patient (&look, info, unchanged_us))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT,
                       "%s has said for %" G_GINT64_FORMAT " s that container %.12s, whose run has ended, is %s; see "
                       "`perryctl inspect %.12s`, or remove it with `perryctl rm -f %.12s`",
                       backend->name, (g_get_monotonic_time () - look.since) / G_TIME_SPAN_SECOND, id,
                       perry_container_status_get_name (info->status), id, id);
          return NULL;
        }
      g_usleep (ASK_AGAIN_MS * 1000);
    }
}

PerryContainerInfo *
perry_restarts_wait (PerryBackend *backend, const char *id, gint64 started_at, GCancellable *cancellable, GError **error)
{
  return perry_restarts_wait_for (backend, id, started_at, UNCHANGED_US, cancellable, error);
}
