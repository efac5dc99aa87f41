/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugins/cosign/cosign-program.h"

G_BEGIN_DECLS

/* To ask a cosign for its flags takes as long as most of a verification, so that the answer is kept for the next process:
 * in one file of a folder that belongs to this user alone. What is somebody else's, open to others or broken is as good
 * as not there, and what cannot be written is asked for again. @directory: NULL for nowhere. */

/* Whether the features of this very file are known; sets them in @program. */
gboolean perry_cosign_kept_load (const char *directory, PerryCosignProgram *program);
void perry_cosign_kept_store (const char *directory, const PerryCosignProgram *program);

G_END_DECLS
