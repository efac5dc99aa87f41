/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/proof/perry-proof-process.h"

G_BEGIN_DECLS

/* Each fills its part of @observation from @process, or records why it could not. */
void perry_proof_fill_privileges (const PerryProofProcess *process,
                                  const PerryProofStatus *status,
                                  PerryObservation *observation);
void perry_proof_fill_mounts (const PerryProofProcess *process, PerryObservation *observation);
void perry_proof_fill_namespaces (int proc_root_fd, const PerryProofProcess *process, PerryObservation *observation);
void perry_proof_fill_rlimits (const PerryProofProcess *process, PerryObservation *observation);
void perry_proof_fill_labels (const PerryProofProcess *process, PerryObservation *observation);
void perry_proof_fill_interfaces (const PerryProofProcess *process, PerryObservation *observation);
void perry_proof_fill_routes (const PerryProofProcess *process, PerryObservation *observation);
void perry_proof_fill_program (const PerryProofProcess *process, PerryObservation *observation);
void perry_proof_fill_root_files (const PerryProofProcess *process, PerryObservation *observation);

G_END_DECLS
