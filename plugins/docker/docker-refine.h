/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "plugins/http-client/perry-engine-rlimits.h"

G_BEGIN_DECLS

/**
 * PerryDockerLimits:
 * @swap: whether the kernel accounts for swap
 * @n_cpus: how many processors the daemon has, 0 where it does not say
 * @rlimits: what the daemon's process can grant
 *
 * What a daemon's host allows, beyond its capability matrix.
 */
typedef struct {
  gboolean swap;
  gint64 n_cpus;
  PerryEngineRlimits rlimits;
} PerryDockerLimits;

/* Reads GET /info into all but `rlimits`, which is set to know nothing. Pure. */
void perry_docker_limits_init (PerryDockerLimits *limits, JsonNode *reply);

/* Answers for one spec where what this daemon and its host have decides, not what Docker can do. Looks at the devices
 * that the spec names. */
void perry_docker_refine_for_engine (const PerryContainerSpec *spec, const PerryEngineInfo *engine,
                                     const PerryDockerLimits *limits, PerryFieldSupport *support);

G_END_DECLS
