/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PerryProofOom:
 *
 * Listens to a container's memory cgroup in a thread of its own, because the cgroup disappears with the container.
 */
typedef struct _PerryProofOom PerryProofOom;

/* Reads how many processes the kernel has killed in a cgroup for want of memory: `memory.oom_control` of version 1,
 * `memory.events` of version 2. Returns FALSE where @text does not say so. Pure. */
gboolean perry_proof_oom_parse (const char *text, guint64 *ret_kills);

/* Begins to listen. @cgroup_directories, relative to @cgroup_root_fd, is where the container's cgroup may be; it exists
 * already. Returns NULL where none of them tells of memory. */
PerryProofOom *perry_proof_oom_start (int cgroup_root_fd, const char *const *cgroup_directories);

/* Whether a process was killed since perry_proof_oom_start(). Ends it and frees @oom, which may be NULL. */
gboolean perry_proof_oom_stop (PerryProofOom *oom);

G_END_DECLS
