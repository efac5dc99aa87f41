/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-restarts.h"

#include "core/emulation/perry-restart-rule.h"

#define ASK_AGAIN_MS 25
/* how long an engine that does not announce it may take to start a container again */
#define SETTLED_US (5 * G_TIME_SPAN_SECOND)

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

PerryContainerInfo *
perry_restarts_wait (PerryBackend *backend, const char *id, gint64 started_at, GCancellable *cancellable, GError **error)
{
  gint64 since = g_get_monotonic_time (), last = started_at;

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
      g_usleep (ASK_AGAIN_MS * 1000);
    }
}
