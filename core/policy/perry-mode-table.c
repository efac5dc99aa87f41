/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-mode-table.h"

#define ACCEPT PERRY_OUTCOME_ACCEPT
#define LOG PERRY_OUTCOME_LOG
#define PRINT PERRY_OUTCOME_PRINT
#define REFUSE PERRY_OUTCOME_REFUSE

/* The mode table of the design, cell by cell: lenient, warn, strict, require. */
static const PerryFieldOutcome outcomes[][4] = {
  [PERRY_STATE_NATIVE] = { ACCEPT, ACCEPT, ACCEPT, ACCEPT },
  [PERRY_STATE_EMULATED] = { LOG, LOG, LOG, LOG },
  [PERRY_STATE_PARTIAL] = { LOG, PRINT, REFUSE, REFUSE },
  [PERRY_STATE_UNSUPPORTED] = { LOG, PRINT, REFUSE, REFUSE },
  [PERRY_STATE_REPORTED_ONLY] = { ACCEPT, ACCEPT, ACCEPT, ACCEPT },
  [PERRY_STATE_NO_EVIDENCE] = { LOG, PRINT, REFUSE, REFUSE },
};

PerryFieldRule
perry_mode_table_get_rule (const PerryContainerSpec *spec, PerryField field, PerryEnforcement mode,
                           PerryEnforcement minimum)
{
  if (perry_container_spec_names_field (spec, PERRY_FIELD_REQUIRE, field))
    return PERRY_RULE_REQUIRE;
  if (mode == PERRY_ENFORCEMENT_STRICT && perry_container_spec_names_field (spec, PERRY_FIELD_PREFER, field))
    return (PerryFieldRule) minimum;
  return (PerryFieldRule) mode;
}

PerryFieldOutcome
perry_mode_table_get_outcome (PerryFieldState state, PerryFieldRule rule)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (outcomes), PERRY_OUTCOME_REFUSE);
  g_return_val_if_fail ((guint) rule < G_N_ELEMENTS (outcomes[0]), PERRY_OUTCOME_REFUSE);

  return outcomes[state][rule];
}
