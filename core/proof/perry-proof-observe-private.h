/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/proof/perry-proof-observe.h"
#include "core/proof/perry-proof-process.h"

G_BEGIN_DECLS

gboolean perry_proof_request_check (const PerryProofRequest *request, GError **error);

/* perry_proof_observe() for a process that is held open already. */
PerryObservation *perry_proof_observe_process (int proc_root_fd,
                                               int cgroup_root_fd,
                                               const PerryProofProcess *process,
                                               const PerryProofRequest *request);

gboolean perry_proof_seccomp_is_pending (const PerryObservation *observation, PerryProofProgram program);

/* Says which runtime made the container, of whose process @observation is. */
void perry_proof_fill_runtime (PerryProofProgram program, PerryObservation *observation);

G_END_DECLS
