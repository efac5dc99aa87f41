/* SPDX-License-Identifier: Apache-2.0 */
#include "core/emulation/perry-health-loop.h"

#include "core/emulation/perry-restart-rule.h"
#include "plugin-api/perry-error.h"

/* how often a container that does not run is looked at, and for how long one that its policy starts again */
#define LOOK_AGAIN_US (100 * G_TIME_SPAN_MILLISECOND)
#define RESTART_US (75 * G_TIME_SPAN_SECOND)
/* how long an engine may be unreachable */
#define LOST_US (60 * G_TIME_SPAN_SECOND)

typedef struct {
  const PerryHealthLoopOps *ops;
  gpointer data;
  const PerryHealthcheck *check;
  PerryContainerInfo *info;
  gint64 first_started_at; /* when it was started last before the loop began, -1 while that is not known */
  gboolean lived;          /* it was started since then */
  gint64 ended;            /* when a life began whose process is known to have ended, -1 for none */
  gint64 patience; /* when to give up on what is not as it should be, 0 while all is well */
} Loop;

/* Whether to go on with what is wrong at the moment. */
static gboolean
has_patience (Loop *loop, gint64 us)
{
  gint64 now = loop->ops->now (loop->data);

  if (loop->patience == 0)
    loop->patience = now + us;
  return now < loop->patience;
}

static gboolean
says_up (const PerryContainerInfo *info)
{
  return info->status == PERRY_CONTAINER_RUNNING || info->status == PERRY_CONTAINER_PAUSED;
}

/* An engine may go on saying for a while that a container runs whose process has ended. */
static gboolean
is_up (const Loop *loop, const PerryContainerInfo *info)
{
  return says_up (info) && info->started_at != loop->ended;
}

static gboolean
will_restart (const PerryContainerInfo *info)
{
  gint64 tries = 0;
  PerryRestartPolicy policy = PERRY_RESTART_NO;

  if (info->status == PERRY_CONTAINER_RESTARTING || info->status == PERRY_CONTAINER_STOPPING)
    return TRUE;
  if (info->reported != NULL)
    policy = perry_container_spec_get_restart (info->reported, &tries);
  return perry_restart_rule_applies (policy, tries, info->exit_code, info->restart_count);
}

/* Looks once; FALSE where there is nothing to wait for any more. */
static gboolean
look (Loop *loop)
{
  g_autoptr (GError) error = NULL;
  PerryContainerInfo *info;

  g_clear_pointer (&loop->info, perry_container_info_free);
  loop->info = info = loop->ops->inspect (loop->data, &error);
  if (info == NULL)
    return !g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND) && has_patience (loop, LOST_US);
  if (loop->first_started_at < 0)
    loop->first_started_at = info->started_at;
  loop->lived |= says_up (info) || info->started_at != loop->first_started_at;
  if (is_up (loop, info))
    {
      loop->patience = 0;
      return TRUE;
    }
  if (!loop->lived)
    return loop->ops->is_expected (loop->data);
  return (says_up (info) || will_restart (info)) && has_patience (loop, RESTART_US);
}

static gboolean
wait_until_up (Loop *loop)
{
  while (look (loop))
    {
      if (loop->info != NULL && is_up (loop, loop->info))
        return TRUE;
      if (loop->ops->wait (loop->data, NULL, loop->ops->now (loop->data) + LOOK_AGAIN_US) ==
          PERRY_HEALTH_WAKE_CANCELLED)
        return FALSE;
    }
  return FALSE;
}

/* Probes that could not be made say nothing about health: the container is paused, has just ended, or the engine is
 * busy with something else. Returns FALSE where another start has to be waited for. */
static gboolean
probe (Loop *loop, PerryHealthState *state)
{
  g_autoptr (GError) error = NULL;
  gint64 started_at = loop->info->started_at;
  gint64 begin = loop->ops->now (loop->data);
  gboolean success = FALSE;

  if (loop->ops->probe (loop->data, state->timeout_us, &success, &error))
    {
      perry_health_state_add (state, begin, success);
      loop->ops->changed (loop->data, state);
      return TRUE;
    }
  return look (loop) && loop->info != NULL && is_up (loop, loop->info) && loop->info->started_at == started_at;
}

/* One life of the container, from a start to its end. Returns FALSE when the loop was told to stop. */
static gboolean
follow (Loop *loop)
{
  g_autoptr (PerryHealthcheck) reported = NULL;
  PerryHealthState state;
  gint64 last = loop->ops->now (loop->data);
  PerryHealthWake wake;

  if (loop->info->reported != NULL)
    reported = perry_container_spec_dup_healthcheck (loop->info->reported);
  perry_health_state_init (&state, loop->check, reported, last);
  loop->ops->changed (loop->data, &state);
  do
    {
      wake = loop->ops->wait (loop->data, loop->info, perry_health_state_get_next (&state, last));
      if (wake == PERRY_HEALTH_WAKE_ENDED)
        loop->ended = loop->info->started_at;
      if (wake != PERRY_HEALTH_WAKE_DUE || !probe (loop, &state))
        return wake != PERRY_HEALTH_WAKE_CANCELLED;
      last = loop->ops->now (loop->data);
    }
  while (TRUE);
}

void
perry_health_loop_run (const PerryHealthLoopOps *ops, gpointer data, const PerryHealthcheck *check)
{
  Loop loop = { .ops = ops, .data = data, .check = check, .first_started_at = -1, .ended = -1 };

  while (wait_until_up (&loop) && follow (&loop))
    continue;
  g_clear_pointer (&loop.info, perry_container_info_free);
}
