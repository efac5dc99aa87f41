/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-liveness.h"
#include "core/engine/perry-result.h"

G_BEGIN_DECLS

typedef struct _PerryTransfer PerryTransfer;

/* Starts to move a container's input and output. @stream is the attached stream; of @options the descriptors and the
 * capture are used. Input is moved by a thread of its own once the container is started, see perry_transfer_feed(). */
PerryTransfer *perry_transfer_new (PerryStream *stream, const PerryRunOptions *options);

/* Begins to read the input descriptor. */
void perry_transfer_feed (PerryTransfer *transfer);

/* Moves output until the container closes it. @liveness, which may be NULL, decides how long silence may last. */
gboolean perry_transfer_drain (PerryTransfer *transfer, PerryLiveness *liveness, GCancellable *cancellable, GError **error);

/* Goes on with another stream that repeats everything from the beginning, such as a log: what was moved already is left
 * out, channel by channel. */
void perry_transfer_continue (PerryTransfer *transfer, PerryStream *stream);

/* After the last output: says on the descriptors what was cut off, and hands the captured output over. */
void perry_transfer_finish (PerryTransfer *transfer, PerryRunResult *result);

/* Ends the input thread and frees everything. */
void perry_transfer_free (PerryTransfer *transfer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryTransfer, perry_transfer_free)

G_END_DECLS
