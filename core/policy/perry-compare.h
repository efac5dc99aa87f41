/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/policy/perry-adjustment.h"
#include "core/policy/perry-proof-result.h"

G_BEGIN_DECLS

/**
 * perry_compare_evidence: (skip)
 * @asked: the normalised spec
 * @reported: (nullable): the engine's report
 * @observations: (element-type PerryObservation): what the kernel showed, in the order in which it was read
 * @context: facts about engine and image
 *
 * Compares every field that @asked sets (but the control fields) with both kinds of evidence. Of several observations
 * the best one decides a field: a settled difference in any of them wins, then a proof, then the first reason. Before
 * an observation is settled, a difference is none, and mounts and namespaces prove nothing. Pure.
 *
 * Returns: (transfer full) (element-type PerryFieldProof): one row per field, in the table's order
 *
 * Since: 0.1
 */
GPtrArray *perry_compare_evidence (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                   GPtrArray *observations, const PerryCompareContext *context);

/**
 * perry_compare_judge: (skip)
 * @asked: the normalised spec
 * @proofs: (element-type PerryFieldProof): what perry_compare_evidence() found
 * @context: what it was given
 * @mode: how much proof is wanted; never off
 * @enforcement: the mode of enforcement
 * @adjustments: (element-type PerryAdjustment): where fields with neither report nor observation are noted, in place
 *   of what an earlier judgement noted
 * @error: return location for an error
 *
 * Decides by the mode table of the design whether the container may live. Where a virtual machine is the boundary, what
 * a tier restricts inside it is not applicable when there is no evidence of it, and noted as that.
 *
 * Errors: %PERRY_ERROR_PROOF_DIFFERS, %PERRY_ERROR_PROOF_MISSING; the message names every field with what was asked and
 * what was seen.
 *
 * Returns: %TRUE when it may
 *
 * Since: 0.1
 */
gboolean perry_compare_judge (const PerryContainerSpec *asked, GPtrArray *proofs, const PerryCompareContext *context,
                              PerryProofMode mode, PerryEnforcement enforcement, GPtrArray *adjustments,
                              GError **error);

/**
 * perry_compare_judge_differences: (skip)
 * @proofs: (element-type PerryFieldProof): what perry_compare_evidence() found
 * @error: return location for an error
 *
 * The part of perry_compare_judge() that more evidence cannot change: for the time before a container is started, when
 * what the kernel has to say is still to come.
 *
 * Errors: %PERRY_ERROR_PROOF_DIFFERS.
 *
 * Returns: %TRUE where no evidence contradicts what was asked for
 *
 * Since: 0.1
 */
gboolean perry_compare_judge_differences (GPtrArray *proofs, GError **error);

/**
 * perry_compare_check_mode: (skip)
 * @asked: the spec
 * @mode: how much proof is wanted
 * @enforcement: the mode of enforcement
 * @error: return location for an error
 *
 * Refuses `off` in strict mode, with `require`, and for a tier above `default`.
 *
 * Errors: %PERRY_ERROR_INVALID_ARGUMENT.
 *
 * Returns: %TRUE where the mode is allowed
 *
 * Since: 0.1
 */
gboolean perry_compare_check_mode (const PerryContainerSpec *asked, PerryProofMode mode,
                                   PerryEnforcement enforcement, GError **error);

G_END_DECLS
