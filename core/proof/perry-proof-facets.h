/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/proof/perry-proof-process.h"
#include "plugin-api/perry-container-spec.h"

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
void perry_proof_fill_devices (const PerryProofProcess *process, int cgroup_root_fd, const GPtrArray *cgroups,
                               const char *container_id, const GPtrArray *asked, PerryObservation *observation);
void perry_proof_fill_root_files (const PerryProofProcess *process, PerryObservation *observation);

G_END_DECLS
