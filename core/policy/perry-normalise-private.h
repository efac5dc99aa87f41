/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/policy/perry-field-level.h"
#include "core/policy/perry-mode-table.h"
#include "core/policy/perry-normalise.h"

G_BEGIN_DECLS

/* One normalisation on its way. */
typedef struct {
  const PerryNormaliseRequest *request;
  PerryEnforcement mode;
  PerryContainerSpec *result;
  GPtrArray *adjustments;
  GPtrArray *refusals; /* perry_field_lines */
  gboolean refused_by_mode; /* whether strict mode, not `require` alone, refused something */
} PerryNormalisation;

/* The mode table's row for a support level. */
PerryFieldState perry_normalisation_get_state (PerrySupport support);

PerryFieldRule perry_normalisation_get_rule (const PerryNormalisation *normalisation, PerryField field);

/* Refuses @field. @needed: the spec with whose value the other backends are asked. */
void perry_normalisation_refuse (PerryNormalisation *normalisation, PerryField field, const PerryContainerSpec *needed,
                                 const char *reason, PerryFieldRule rule);

/* Notes that @field stays, but not as it was asked for. Nothing to do where @outcome accepts it. */
void perry_normalisation_keep (PerryNormalisation *normalisation, PerryField field, const PerryFieldLevel *level,
                               PerryFieldOutcome outcome);

void perry_normalisation_drop (PerryNormalisation *normalisation, PerryField field, const char *value,
                               const char *reason, PerryFieldOutcome outcome);

/* Goes through the elements of `volumes` or `tmpfs` and leaves out those, or those options, that the engine lacks. */
void perry_normalisation_drop_mounts (PerryNormalisation *normalisation, PerryField field, PerryFieldOutcome outcome);

/* Adds what `read_only` promises at /tmp. */
gboolean perry_normalisation_add_tmp (PerryNormalisation *normalisation, GError **error);

G_END_DECLS
