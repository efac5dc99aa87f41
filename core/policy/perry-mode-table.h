/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* The rows of the mode table. Evidence that differs has none: it kills in every column. */
typedef enum {
  PERRY_STATE_NATIVE,
  PERRY_STATE_EMULATED,
  PERRY_STATE_PARTIAL,
  PERRY_STATE_UNSUPPORTED,
  PERRY_STATE_REPORTED_ONLY,
  PERRY_STATE_NO_EVIDENCE,
} PerryFieldState;

/* Its columns. The first three are the modes, in their order. */
typedef enum {
  PERRY_RULE_LENIENT = PERRY_ENFORCEMENT_LENIENT,
  PERRY_RULE_WARN = PERRY_ENFORCEMENT_WARN,
  PERRY_RULE_STRICT = PERRY_ENFORCEMENT_STRICT,
  PERRY_RULE_REQUIRE,
} PerryFieldRule;

/* Its cells. */
typedef enum {
  PERRY_OUTCOME_ACCEPT,
  PERRY_OUTCOME_LOG,
  PERRY_OUTCOME_PRINT,
  PERRY_OUTCOME_REFUSE,
} PerryFieldOutcome;

/* Which column holds for @field: `require` before all, then `prefer`, which lowers strict as far as @minimum allows. */
PerryFieldRule perry_mode_table_get_rule (const PerryContainerSpec *spec, PerryField field, PerryEnforcement mode,
                                          PerryEnforcement minimum);

PerryFieldOutcome perry_mode_table_get_outcome (PerryFieldState state, PerryFieldRule rule);

G_END_DECLS
