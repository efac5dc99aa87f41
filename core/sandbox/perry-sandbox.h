/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-engine.h"

G_BEGIN_DECLS

/**
 * PERRY_SANDBOX_TIMEOUT_MS:
 *
 * How long a command may run in a sandbox where nothing else is said, in milliseconds.
 *
 * Since: 0.1
 */
#define PERRY_SANDBOX_TIMEOUT_MS 60000

/**
 * PERRY_SANDBOX_OUTPUT_LIMIT:
 *
 * How many bytes of each output of a sandbox are kept where nothing else is said.
 *
 * Since: 0.1
 */
#define PERRY_SANDBOX_OUTPUT_LIMIT (1024 * 1024)

/**
 * PerrySandboxFlags:
 * @PERRY_SANDBOX_FLAGS_NONE: the image has to be verified
 * @PERRY_SANDBOX_ALLOW_UNVERIFIED: the image is verified as the configuration says, which may be not at all
 *
 * What a sandbox does without.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_SANDBOX_FLAGS_NONE = 0,
  PERRY_SANDBOX_ALLOW_UNVERIFIED = 1 << 0,
} PerrySandboxFlags;

/**
 * perry_sandbox_options_new:
 *
 * Creates the options of a sandbox: both outputs are captured and cut at %PERRY_SANDBOX_OUTPUT_LIMIT, and the command is
 * killed after %PERRY_SANDBOX_TIMEOUT_MS.
 *
 * Returns: (transfer full): new options
 *
 * Since: 0.1
 */
PERRY_API PerryRunOptions *perry_sandbox_options_new (void);

/**
 * perry_sandbox_prepare_spec:
 * @spec: a completed spec: the image, the command, and what is granted to it
 * @flags: what to do without
 * @error: return location for an error
 *
 * Gives a spec what a sandbox has besides its floor: strict enforcement where it names no mode, and an image that is
 * verified, whatever the configuration says. The floor itself the request path adds, see #PerryRunOptions.
 *
 * Errors: %PERRY_ERROR_INVALID_SPEC where the spec turns verification off.
 *
 * Returns: (transfer full): a copy with these, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryContainerSpec *perry_sandbox_prepare_spec (const PerryContainerSpec *spec, PerrySandboxFlags flags,
                                                          GError **error);

/**
 * perry_sandbox_run:
 * @engine: an engine
 * @spec: a completed spec: the image, the command, and what is granted to it
 * @flags: what to do without
 * @options: (nullable): how to run it; %NULL for perry_sandbox_options_new(). A time limit of 0 is
 *   %PERRY_SANDBOX_TIMEOUT_MS
 * @cancellable: (nullable): ends the command and removes the container
 * @error: return location for an error
 *
 * Runs a command of an image that nobody trusts, once: read-only root with a `/tmp` of its own, no network, no capability, no
 * new privileges, user 65534:65534, the seccomp profile `perry`, limits of memory, processes, time and output; the image is
 * verified before it is pulled; the container is removed, whatever happens. `network`, `cap_add`, `volumes` and `env` of
 * the spec are granted as they stand there; a field that would loosen anything else is an error.
 *
 * Errors: those of perry_engine_run(); %PERRY_ERROR_INVALID_SPEC with every field that would loosen the sandbox. That the time
 * was up is no error but a part of the result.
 *
 * Returns: (transfer full): what ran and how it ended, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryRunResult *perry_sandbox_run (PerryEngine *engine, const PerryContainerSpec *spec, PerrySandboxFlags flags,
                                             const PerryRunOptions *options, GCancellable *cancellable, GError **error);
PERRY_API void perry_sandbox_run_async (PerryEngine *engine, const PerryContainerSpec *spec, PerrySandboxFlags flags,
                                        const PerryRunOptions *options, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
PERRY_API PerryRunResult *perry_sandbox_run_finish (PerryEngine *engine, GAsyncResult *result, GError **error);

G_END_DECLS
