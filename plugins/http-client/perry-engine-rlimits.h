/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

#define PERRY_ENGINE_N_RLIMITS 16

/**
 * PerryEngineRlimits:
 * @hard: the most that an engine's process can grant of each limit, %G_MAXINT64 where nothing stands in the way
 *
 * A process gives its children at most its own hard limits, unless it has CAP_SYS_RESOURCE.
 */
typedef struct {
  gint64 hard[PERRY_ENGINE_N_RLIMITS];
} PerryEngineRlimits;

/* Nothing is known, so nothing stands in the way. */
void perry_engine_rlimits_init (PerryEngineRlimits *rlimits);

/* Reads the text of /proc/PID/limits. @can_raise says that the process may exceed its own; @nr_open is what the kernel
 * grants of `nofile` to anybody. Pure. */
void perry_engine_rlimits_parse (PerryEngineRlimits *rlimits, const char *limits, gboolean can_raise, gint64 nr_open);

/* Does that for a process of this kernel. */
void perry_engine_rlimits_read (PerryEngineRlimits *rlimits, gint64 pid, gboolean can_raise);

/* Lowers one limit, such as `nproc`. */
void perry_engine_rlimits_lower (PerryEngineRlimits *rlimits, const char *name, gint64 most);

/* Answers `unsupported` for a spec with a hard limit above what @engine can grant, with the number. Pure. */
void perry_engine_limit_ulimits (const PerryContainerSpec *spec, const PerryEngineRlimits *rlimits, const char *engine,
                                 PerryFieldSupport *support);

G_END_DECLS
