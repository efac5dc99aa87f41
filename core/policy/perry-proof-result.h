/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-observation.h"

G_BEGIN_DECLS

/**
 * PerryProofMode:
 * @PERRY_PROOF_DEFAULT: evidence that contradicts the spec kills; missing evidence is noted
 * @PERRY_PROOF_REQUIRED: every security field that was asked for has to be proven by the kernel
 * @PERRY_PROOF_OFF: no comparison; refused in strict mode, with `require`, and for a tier above `default`
 *
 * How much proof is wanted.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_PROOF_DEFAULT,
  PERRY_PROOF_REQUIRED,
  PERRY_PROOF_OFF,
} PerryProofMode;

PERRY_API const char *perry_proof_mode_get_name (PerryProofMode mode);
PERRY_API gboolean perry_proof_mode_from_name (const char *name, PerryProofMode *ret_mode);
PERRY_API const char *perry_verdict_get_name (PerryVerdict verdict);

/**
 * PerryFieldProof:
 * @field: the field
 * @asked: what the normalised spec says, for people
 * @reported: (nullable): what the engine's inspect says; %NULL where it does not report the field
 * @observed: (nullable): what the kernel says; %NULL where nothing was observed
 * @moment: when it was observed; meaningful where @observed is set
 * @report_verdict: how asked and reported compare
 * @verdict: the outcome: `proven` needs the kernel's word, and no contradiction
 * @reason: (nullable): why it is not proven
 *
 * The evidence for one field.
 *
 * Since: 0.1
 */
typedef struct {
  PerryField field;
  char *asked;
  char *reported;
  char *observed;
  PerryMoment moment;
  PerryVerdict report_verdict;
  PerryVerdict verdict;
  char *reason;
} PerryFieldProof;

#define PERRY_TYPE_FIELD_PROOF (perry_field_proof_get_type ())
PERRY_API GType perry_field_proof_get_type (void);
PERRY_API PerryFieldProof *perry_field_proof_copy (const PerryFieldProof *proof);
PERRY_API void perry_field_proof_free (PerryFieldProof *proof);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryFieldProof, perry_field_proof_free)

G_END_DECLS
