/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/proof/perry-proof-watch.h"

G_BEGIN_DECLS

/* A watch without its thread, whose looks the caller takes one by one; perry_proof_watch_stop() ends it too. */
PerryProofWatch *perry_proof_watch_prepare (int proc_root_fd,
                                            int cgroup_root_fd,
                                            const PerryProofRequest *request,
                                            const char *const *cgroup_directories,
                                            GError **error);
void perry_proof_watch_look (PerryProofWatch *watch);

G_END_DECLS
