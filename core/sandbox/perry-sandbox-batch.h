/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/sandbox/perry-sandbox.h"

G_BEGIN_DECLS

/**
 * PERRY_SANDBOX_MAX_JOBS:
 *
 * How many sandboxes a batch runs at the same time at most.
 *
 * Since: 0.1
 */
#define PERRY_SANDBOX_MAX_JOBS 256

/**
 * PerrySandboxBatchState:
 * @n_read: requests that were read, those that were skipped among them
 * @n_skipped: requests that had been done before
 * @n_running: sandboxes that run
 * @n_ended: commands that have ended, however they did
 * @n_failed: requests of which nothing was run, or whose outcome is not known
 *
 * How far a batch is.
 *
 * Since: 0.1
 */
typedef struct {
  guint64 n_read;
  guint64 n_skipped;
  guint64 n_running;
  guint64 n_ended;
  guint64 n_failed;
} PerrySandboxBatchState;

/**
 * PerrySandboxBatchFunc: (skip)
 * @state: how far the batch is
 * @user_data: what the batch was given
 *
 * Called after each change, from the batch's threads and by one of them at a time.
 *
 * Since: 0.1
 */
typedef void (*PerrySandboxBatchFunc) (const PerrySandboxBatchState *state, gpointer user_data);

/**
 * PerrySandboxBatch: (skip)
 * @jobs: how many run at the same time, 1 to %PERRY_SANDBOX_MAX_JOBS
 * @defaults: (nullable): fields for every request that does not set them itself; need not be complete
 * @flags: what the sandboxes do without
 * @options: (nullable): how each is run; its descriptors are not used, and what is captured is its capture limit. %NULL for
 *   perry_sandbox_options_new()
 * @input_fd: where requests are read from
 * @output_fd: where results are written to
 * @done_fd: an earlier batch's results: what they have a result of is not run again; -1 for none
 * @progress: (nullable): told of each change
 * @progress_data: handed to @progress
 *
 * Many sandboxes. A request is a line, a JSON object of at most 16 MiB: the fields of a spec; `id`, a text of 1 to 256
 * bytes that no other request has; optionally `stdin`, a text, and `timeout_ms`. A result is a line as well, written when the
 * command has ended: `docs/sandbox.md` has its members.
 *
 * A request is only read when there is a job for it, and a job only begins its next one when the last result was written:
 * neither side can be overrun.
 *
 * Since: 0.1
 */
typedef struct {
  guint jobs;
  const PerryContainerSpec *defaults;
  PerrySandboxFlags flags;
  const PerryRunOptions *options;
  int input_fd;
  int output_fd;
  int done_fd;
  PerrySandboxBatchFunc progress;
  gpointer progress_data;
} PerrySandboxBatch;

/**
 * perry_sandbox_run_batch: (skip)
 * @engine: an engine
 * @batch: what to run
 * @ret_state: (out): how far it came; written in any case
 * @cancellable: (nullable): ends it: what runs is removed and has no result, so that it is run again by a batch that is given
 *   the results
 * @error: return location for an error
 *
 * Runs all requests. One that cannot be read or run has a result that says so, and the others go on.
 *
 * Errors: %PERRY_ERROR_INVALID_ARGUMENT; %PERRY_ERROR_CANCELLED; %PERRY_ERROR_FAILED where reading requests or writing
 * results failed; %PERRY_ERROR_LIMIT_EXCEEDED where an earlier result is longer than 16 MiB, so that it cannot be read.
 *
 * Returns: whether every request that was read has a result
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_sandbox_run_batch (PerryEngine *engine, const PerrySandboxBatch *batch,
                                            PerrySandboxBatchState *ret_state, GCancellable *cancellable, GError **error);

G_END_DECLS
