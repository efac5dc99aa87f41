/* SPDX-License-Identifier: Apache-2.0 */
#include "core/emulation/perry-health-state.h"

static gint64
choose (gint64 asked, gint64 reported, gint64 otherwise)
{
  if (asked >= 0)
    return asked;
  return reported >= 0 ? reported : otherwise;
}

void
perry_health_state_init (PerryHealthState *state, const PerryHealthcheck *check, const PerryHealthcheck *reported,
                         gint64 started_at)
{
  g_autoptr (PerryHealthcheck) nothing = perry_healthcheck_new ();
  const PerryHealthcheck *asked = check != NULL ? check : nothing;
  const PerryHealthcheck *found = reported != NULL ? reported : nothing;

  *state = (PerryHealthState){
    .interval_us = choose (asked->interval_us, found->interval_us, PERRY_HEALTH_DEFAULT_INTERVAL_US),
    .timeout_us = choose (asked->timeout_us, found->timeout_us, PERRY_HEALTH_DEFAULT_TIMEOUT_US),
    .retries = choose (asked->retries, found->retries, PERRY_HEALTH_DEFAULT_RETRIES),
    .start_period_us = choose (asked->start_period_us, found->start_period_us, 0),
    .start_interval_us = choose (asked->start_interval_us, found->start_interval_us, -1),
    .started_at = started_at,
    .health = PERRY_HEALTH_STARTING,
  };
  if (state->start_interval_us < 0)
    state->start_interval_us = state->interval_us;
}

static gboolean
is_in_start_period (const PerryHealthState *state, gint64 time)
{
  return state->health == PERRY_HEALTH_STARTING && time - state->started_at < state->start_period_us;
}

gint64
perry_health_state_get_next (const PerryHealthState *state, gint64 last_end)
{
  return last_end + (is_in_start_period (state, last_end) ? state->start_interval_us : state->interval_us);
}

void
perry_health_state_add (PerryHealthState *state, gint64 begin, gboolean success)
{
  if (success)
    {
      state->health = PERRY_HEALTH_HEALTHY;
      state->failing_streak = 0;
      return;
    }
  if (is_in_start_period (state, begin))
    return;
  state->failing_streak++;
  if (state->failing_streak >= state->retries)
    state->health = PERRY_HEALTH_UNHEALTHY;
}
