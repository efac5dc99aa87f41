/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/perry-container.h"

G_BEGIN_DECLS

/* How far pulls are, for people: on a terminal one line per layer that is drawn again, else a line whenever a layer does
 * something else. */
typedef struct _PerryctlProgress PerryctlProgress;

/* For standard error, whatever that is. */
PerryctlProgress *perryctl_progress_new (void);
void perryctl_progress_free (PerryctlProgress *progress);

/* Writes to standard error. Of the type PerryPullProgressFunc; @progress is a PerryctlProgress. */
void perryctl_progress_print (const PerryPullProgress *pull, gpointer progress);

/*
 * perryctl_progress_set_terminal:
 * @progress: what was written so far
 * @columns: how wide the terminal is, 0 for none
 * @rows: how many lines it has
 * @coloured: whether to write colours
 *
 * Says what perryctl_progress_update() is to be read on.
 */
void perryctl_progress_set_terminal (PerryctlProgress *progress, gsize columns, gsize rows, gboolean coloured);

/* What to write for it, "" for nothing. Pure. (transfer full) */
char *perryctl_progress_update (PerryctlProgress *progress, const PerryPullProgress *pull);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryctlProgress, perryctl_progress_free)

G_END_DECLS
