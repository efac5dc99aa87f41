/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-engine.h"

G_BEGIN_DECLS

/**
 * PerryExamination:
 * @backend: the backend's name
 * @engine: what is known of the engine
 * @info: the engine's report
 * @found: what it is: the engine's report, corrected by what the kernel shows
 * @ours: whether perry-container has made it
 * @drift: (array zero-terminated=1): how it is not what was asked for when it was created, one line each. What was asked of a
 *   container of ours is known from its label; of others from the engine's report, which is compared with the kernel
 * @unseen: (nullable): why the kernel was not looked at
 * @pinned: (nullable): `repository@digest` of its image, where today's rules ask for verification and the engine has one
 *
 * What is known of one container that runs.
 *
 * Since: 0.1
 */
typedef struct {
  char *backend;
  PerryEngineInfo *engine;
  PerryContainerInfo *info;
  PerryContainerSpec *found;
  gboolean ours;
  char **drift;
  char *unseen;
  char *pinned;
} PerryExamination;

#define PERRY_TYPE_EXAMINATION (perry_examination_get_type ())
PERRY_API GType perry_examination_get_type (void);
PERRY_API PerryExamination *perry_examination_copy (const PerryExamination *examination);
PERRY_API void perry_examination_free (PerryExamination *examination);

/**
 * perry_engine_examine:
 * @engine: an engine
 * @container: a name or an id
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Reads what engine and kernel say of a container, ours or not, and compares it with what it was created as. Nothing is
 * changed.
 *
 * Errors: those of asking the backend.
 *
 * Returns: (transfer full): what is known, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryExamination *perry_engine_examine (PerryEngine *engine, const char *container, GCancellable *cancellable,
                                                  GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryExamination, perry_examination_free)

G_END_DECLS
