/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/**
 * PerryAdjustmentKind:
 * @PERRY_ADJUSTMENT_DROPPED: the engine cannot do it; the container runs without it
 * @PERRY_ADJUSTMENT_PARTIAL: the engine does a part of it; the reason says which
 * @PERRY_ADJUSTMENT_EMULATED: done outside the engine
 * @PERRY_ADJUSTMENT_ADDED: not asked for in so many words, but part of what was asked for
 * @PERRY_ADJUSTMENT_UNPROVEN: neither the engine's report nor the kernel shows it, and the mode lets it run
 * @PERRY_ADJUSTMENT_NOT_APPLICABLE: a tier asks for it, and what the engine has in its place is stronger
 *
 * How the container that runs is not literally the spec.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_ADJUSTMENT_DROPPED,
  PERRY_ADJUSTMENT_PARTIAL,
  PERRY_ADJUSTMENT_EMULATED,
  PERRY_ADJUSTMENT_ADDED,
  PERRY_ADJUSTMENT_UNPROVEN,
  PERRY_ADJUSTMENT_NOT_APPLICABLE,
} PerryAdjustmentKind;

PERRY_API const char *perry_adjustment_kind_get_name (PerryAdjustmentKind kind);

/**
 * PerryAdjustment:
 * @kind: what happened
 * @field: to which field
 * @value: (nullable): the value that was dropped or added, for people
 * @reason: why, for people
 * @printed: whether the mode wants it printed; it is logged and in the result either way
 *
 * One difference between a spec and the container that runs.
 *
 * Since: 0.1
 */
typedef struct {
  PerryAdjustmentKind kind;
  PerryField field;
  char *value;
  char *reason;
  gboolean printed;
} PerryAdjustment;

#define PERRY_TYPE_ADJUSTMENT (perry_adjustment_get_type ())
PERRY_API GType perry_adjustment_get_type (void);
PERRY_API PerryAdjustment *perry_adjustment_new (PerryAdjustmentKind kind, PerryField field, const char *value,
                                                 const char *reason, gboolean printed);
PERRY_API PerryAdjustment *perry_adjustment_copy (const PerryAdjustment *adjustment);
PERRY_API void perry_adjustment_free (PerryAdjustment *adjustment);

/**
 * perry_adjustment_log:
 * @adjustment: an adjustment
 * @backend: the backend's name
 * @service: (nullable): the Compose service or graph node; %NULL for a single container
 *
 * Writes one structured log record at level MESSAGE with BACKEND, SERVICE, FIELD, ACTION, REASON and PRINTED (`1` where
 * the mode wants it printed, `0` otherwise), so that a program can print it before the container runs.
 *
 * Since: 0.1
 */
PERRY_API void perry_adjustment_log (const PerryAdjustment *adjustment, const char *backend, const char *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryAdjustment, perry_adjustment_free)

G_END_DECLS
