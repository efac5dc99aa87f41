/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/**
 * PERRY_HEALTH_DEFAULT_INTERVAL_US: (skip)
 *
 * Microseconds between two probes where neither spec nor image says so.
 *
 * Since: 0.1
 */
#define PERRY_HEALTH_DEFAULT_INTERVAL_US (30 * G_TIME_SPAN_SECOND)

/**
 * PERRY_HEALTH_DEFAULT_TIMEOUT_US: (skip)
 *
 * Microseconds that a probe may take where neither spec nor image says so.
 *
 * Since: 0.1
 */
#define PERRY_HEALTH_DEFAULT_TIMEOUT_US (30 * G_TIME_SPAN_SECOND)

/**
 * PERRY_HEALTH_DEFAULT_RETRIES: (skip)
 *
 * Failures in a row that make a container unhealthy where neither spec nor image says so.
 *
 * Since: 0.1
 */
#define PERRY_HEALTH_DEFAULT_RETRIES 3

/**
 * PERRY_HEALTH_LEAST_TIME_US: (skip)
 *
 * The shortest of all times that engines accept, in microseconds. Some have it for a start period of none, because 0 means
 * the image's to them.
 *
 * Since: 0.1
 */
#define PERRY_HEALTH_LEAST_TIME_US G_TIME_SPAN_MILLISECOND

/**
 * PerryHealthcheck: (skip)
 * @test: (nullable) (array zero-terminated=1): `CMD` and the words of a command, or `CMD-SHELL` and a shell's line;
 *   %NULL where the image's is meant
 * @disable: whether the image's check is switched off; then nothing else is set
 * @interval_us: microseconds between two probes, -1 where unset
 * @timeout_us: microseconds that a probe may take, -1 where unset
 * @retries: failures in a row that make the container unhealthy, -1 where unset
 * @start_period_us: microseconds after the start in which failures do not count, -1 where unset
 * @start_interval_us: microseconds between two probes in the start period, -1 where unset: then as @interval_us
 *
 * The field `healthcheck` of a container spec.
 *
 * Since: 0.1
 */
typedef struct {
  char **test;
  gboolean disable;
  gint64 interval_us;
  gint64 timeout_us;
  gint64 retries;
  gint64 start_period_us;
  gint64 start_interval_us;
} PerryHealthcheck;

/**
 * perry_healthcheck_new: (skip)
 *
 * Creates a check in which nothing is set.
 *
 * Returns: (transfer full): a new check
 *
 * Since: 0.1
 */
PERRY_API PerryHealthcheck *perry_healthcheck_new (void);
PERRY_API void perry_healthcheck_free (PerryHealthcheck *healthcheck);

/**
 * perry_healthcheck_to_json: (skip)
 * @healthcheck: a check
 *
 * Writes a check in the one form that the value of the field `healthcheck` has: only what is set, times as texts.
 *
 * Returns: (transfer full): the text of a JSON object
 *
 * Since: 0.1
 */
PERRY_API char *perry_healthcheck_to_json (const PerryHealthcheck *healthcheck);

/**
 * perry_container_spec_dup_healthcheck: (skip)
 * @spec: a spec
 *
 * Gets the field `healthcheck`.
 *
 * Returns: (transfer full) (nullable): the check; %NULL where the field is not set
 *
 * Since: 0.1
 */
PERRY_API PerryHealthcheck *perry_container_spec_dup_healthcheck (const PerryContainerSpec *spec);

/**
 * PerryRestartPolicy: (skip)
 * @PERRY_RESTART_NO: a container that has ended stays so
 * @PERRY_RESTART_ON_FAILURE: it is started again when its exit code is not 0
 * @PERRY_RESTART_ALWAYS: it is started again unless it was stopped by a user, and after the engine's own start
 * @PERRY_RESTART_UNLESS_STOPPED: as @PERRY_RESTART_ALWAYS, but not after the engine's start where it was stopped
 *
 * The field `restart` of a container spec.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_RESTART_NO,
  PERRY_RESTART_ON_FAILURE,
  PERRY_RESTART_ALWAYS,
  PERRY_RESTART_UNLESS_STOPPED,
} PerryRestartPolicy;

/**
 * perry_restart_policy_get_name: (skip)
 * @policy: a policy
 *
 * Gets the word that specs and engines have for a policy, without a number of tries.
 *
 * Returns: (transfer none): `no`, `on-failure`, `always` or `unless-stopped`
 *
 * Since: 0.1
 */
PERRY_API const char *perry_restart_policy_get_name (PerryRestartPolicy policy);

/**
 * perry_container_spec_get_restart: (skip)
 * @spec: a spec
 * @ret_tries: (out) (optional): how often it is started again at most, 0 for no limit
 *
 * Gets the field `restart`; unset is %PERRY_RESTART_NO.
 *
 * Returns: the policy
 *
 * Since: 0.1
 */
PERRY_API PerryRestartPolicy perry_container_spec_get_restart (const PerryContainerSpec *spec, gint64 *ret_tries);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryHealthcheck, perry_healthcheck_free)

G_END_DECLS
