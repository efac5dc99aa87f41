/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"
#include "plugin-api/perry-healthcheck.h"

G_BEGIN_DECLS

/* A container's health by Docker's rules but for one: where no start_interval is set the interval holds in the start period,
 * too. Docker has 5 s there from API 1.44 on; our plugin sends it the interval, so that a spec means the same everywhere.
 * Times are microseconds of one clock, whichever the caller has. Pure. */
typedef struct {
  gint64 interval_us;
  gint64 timeout_us;
  gint64 retries;
  gint64 start_period_us;
  gint64 start_interval_us;
  gint64 started_at;
  PerryHealth health;
  gint64 failing_streak;
} PerryHealthState;

/* A container that was started at @started_at: starting, nothing has failed. What @check leaves open is what @reported,
 * the engine's report of it, says, and what both leave open is the default; both may be NULL. */
void perry_health_state_init (PerryHealthState *state, const PerryHealthcheck *check, const PerryHealthcheck *reported,
                              gint64 started_at);

/* When the next probe is due after one that ended at @last_end, or after the start where there was none yet. */
gint64 perry_health_state_get_next (const PerryHealthState *state, gint64 last_end);

/* A probe that began at @begin has succeeded or not. In the start period a failure counts only after a success. */
void perry_health_state_add (PerryHealthState *state, gint64 begin, gboolean success);

G_END_DECLS
