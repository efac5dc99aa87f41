/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "core/engine/perry-pull-options.h"
#include "core/policy/perry-adjustment.h"
#include "core/policy/perry-proof-result.h"
#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/**
 * PerryRunOptions:
 * @detach: return when the container is started and proven, and leave it running
 * @stdin_fd: where its standard input is read from, -1 for none; not closed
 * @stdout_fd: where its standard output goes, -1 for nowhere; not closed
 * @stderr_fd: where its standard error goes, -1 for nowhere; not closed
 * @capture: collect both outputs in the result, up to @capture_limit bytes each, besides writing them
 * @capture_limit: bytes, above 0
 * @proof: how much proof is wanted
 * @proof_set: whether @proof was chosen; otherwise the configuration's holds
 * @service: (nullable): the Compose service or graph node in log records
 * @pull: when the image is pulled, for the spec's platform
 * @pull_progress: (skip): (nullable): told how far a pull is; it and @pull_progress_data have to outlive the call
 * @pull_progress_data: (skip): handed to @pull_progress
 * @no_verify_cache: whether an image is verified anew, whatever was found out about it before
 * @sandbox: whether the spec is held to the floor of a sandbox, which perry_sandbox_run() does
 * @timeout_ms: how long the container may run, in milliseconds from its start; then it is killed. 0 for no limit
 * @output_limit: how many bytes of each output are written to @stdout_fd and @stderr_fd; the rest is thrown away, and a line
 *   that says so is written in its place. 0 for no limit
 * @escape_stdout: whether what goes to @stdout_fd is escaped by perry_text_escape(), for a terminal and a container that is not
 *   trusted; what is captured stays as it is
 * @escape_stderr: the same for @stderr_fd
 *
 * How a container is run, besides its spec.
 *
 * Since: 0.1
 */
typedef struct {
  gboolean detach;
  int stdin_fd;
  int stdout_fd;
  int stderr_fd;
  gboolean capture;
  gsize capture_limit;
  PerryProofMode proof;
  gboolean proof_set;
  char *service;
  PerryPullPolicy pull;
  PerryPullProgressFunc pull_progress;
  gpointer pull_progress_data;
  gboolean no_verify_cache;
  gboolean sandbox;
  guint timeout_ms;
  guint64 output_limit;
  gboolean escape_stdout;
  gboolean escape_stderr;
} PerryRunOptions;

#define PERRY_TYPE_RUN_OPTIONS (perry_run_options_get_type ())
PERRY_API GType perry_run_options_get_type (void);

/**
 * perry_run_options_new:
 *
 * Creates options with their defaults: no streams, no capture (limit 1 MiB), not detached, the configured proof, and an
 * image that is missing is pulled.
 *
 * Returns: (transfer full): new options
 *
 * Since: 0.1
 */
PERRY_API PerryRunOptions *perry_run_options_new (void);
PERRY_API PerryRunOptions *perry_run_options_copy (const PerryRunOptions *options);
PERRY_API void perry_run_options_free (PerryRunOptions *options);

/**
 * PerryRunTimings:
 * @select_ms: choosing the backend and asking what it can do
 * @resolve_ms: finding the image
 * @create_ms: creating the container and reading its report
 * @start_ms: starting it, with the kernel's evidence
 * @run_ms: from the start to its end
 * @remove_ms: removing it
 * @total_ms: all of it
 *
 * Where the time went, in milliseconds.
 *
 * Since: 0.1
 */
typedef struct {
  double select_ms;
  double resolve_ms;
  double create_ms;
  double start_ms;
  double run_ms;
  double remove_ms;
  double total_ms;
} PerryRunTimings;

/**
 * PerryRunResult:
 * @backend: the backend's name
 * @container_id: the container's full id
 * @container_name: its name
 * @image: the normalised reference
 * @digest: (nullable): the registry digest that it was created from; %NULL for a local image
 * @image_id: the image's id
 * @enforcement: the mode that held
 * @proof_mode: the proof that was asked for
 * @adjustments: (element-type PerryAdjustment): how the container is not literally the spec
 * @proofs: (element-type PerryFieldProof): the evidence, field by field; empty with proof off
 * @warnings: (array zero-terminated=1): what the registry and the engine had to say
 * @exit_code: the exit code, -1 for a detached or created container
 * @oom_killed: whether the kernel ran out of the container's memory
 * @stdout_data: (nullable): the captured standard output
 * @stderr_data: (nullable): the captured standard error
 * @timings: where the time went
 * @ports: (array zero-terminated=1) (nullable): the ports that were published when it had been started, with those of the
 *   host that the engine picked
 * @pulled: whether the image was pulled for this
 * @verification: (nullable): the verification record of the image, as docs/verification.md describes it; %NULL where
 *   nothing had to be verified
 * @timed_out: whether it was killed because its time was up; @exit_code is what that gave
 * @stdout_lost: how many bytes of standard output the limits cut off
 * @stderr_lost: how many bytes of standard error
 *
 * What ran.
 *
 * Since: 0.1
 */
typedef struct {
  char *backend;
  char *container_id;
  char *container_name;
  char *image;
  char *digest;
  char *image_id;
  PerryEnforcement enforcement;
  PerryProofMode proof_mode;
  GPtrArray *adjustments;
  GPtrArray *proofs;
  char **warnings;
  gint64 exit_code;
  gboolean oom_killed;
  GBytes *stdout_data;
  GBytes *stderr_data;
  PerryRunTimings timings;
  char **ports;
  gboolean pulled;
  JsonNode *verification;
  gboolean timed_out;
  guint64 stdout_lost;
  guint64 stderr_lost;
} PerryRunResult;

#define PERRY_TYPE_RUN_RESULT (perry_run_result_get_type ())
PERRY_API GType perry_run_result_get_type (void);
PERRY_API PerryRunResult *perry_run_result_new (void);
PERRY_API PerryRunResult *perry_run_result_copy (const PerryRunResult *result);
PERRY_API void perry_run_result_free (PerryRunResult *result);

/* Not exported. */
void perry_run_result_add_warning (PerryRunResult *result, const char *warning);

/**
 * perry_run_result_to_json:
 * @result: a result
 *
 * Makes the report of `perryctl run --report`: `backend`, `container`, `image`, `digest` (null for a local image),
 * `image_id`, `verification` (null where nothing had to be verified), `enforcement`, `proof_mode`, `adjustments`,
 * `proof`, `warnings`, `ports`, `pulled`, `exit_code`, `oom_killed`, `timed_out`, `stdout_lost`, `stderr_lost`,
 * `timings_ms`.
 *
 * Returns: (transfer full): a JSON object
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_run_result_to_json (const PerryRunResult *result);

/**
 * PerryPlanField:
 * @field: the field
 * @asked: what the spec says, for people
 * @outcome: what would run, for people; %NULL where it was dropped
 * @support: how the backend supports it
 * @origin: where that is known from
 * @reason: (nullable): a note
 *
 * One row of a plan.
 *
 * Since: 0.1
 */
typedef struct {
  PerryField field;
  char *asked;
  char *outcome;
  PerrySupport support;
  PerrySupportOrigin origin;
  char *reason;
} PerryPlanField;

#define PERRY_TYPE_PLAN_FIELD (perry_plan_field_get_type ())
PERRY_API GType perry_plan_field_get_type (void);
PERRY_API PerryPlanField *perry_plan_field_copy (const PerryPlanField *field);
PERRY_API void perry_plan_field_free (PerryPlanField *field);

/**
 * PerryPlan:
 * @backend: the backend's name
 * @engine: what the backend said about itself
 * @image: the normalised reference
 * @digest: (nullable): the registry digest
 * @image_id: (nullable): the image's id; %NULL where the backend does not have the image
 * @enforcement: the mode that would hold
 * @spec: the spec that would be created
 * @fields: (element-type PerryPlanField): every field that was asked for or added
 * @adjustments: (element-type PerryAdjustment): how the container would not literally be the spec
 * @verification: (nullable): the verification record of the image
 *
 * What would run.
 *
 * Since: 0.1
 */
typedef struct {
  char *backend;
  PerryEngineInfo *engine;
  char *image;
  char *digest;
  char *image_id;
  PerryEnforcement enforcement;
  PerryContainerSpec *spec;
  GPtrArray *fields;
  GPtrArray *adjustments;
  JsonNode *verification;
} PerryPlan;

#define PERRY_TYPE_PLAN (perry_plan_get_type ())
PERRY_API GType perry_plan_get_type (void);
PERRY_API PerryPlan *perry_plan_copy (const PerryPlan *plan);
PERRY_API void perry_plan_free (PerryPlan *plan);

/**
 * perry_plan_to_json:
 * @plan: a plan
 *
 * Makes the output of `perryctl plan --format json`.
 *
 * Returns: (transfer full): a JSON object
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_plan_to_json (const PerryPlan *plan);

/**
 * PerryBackendEntry:
 * @name: the backend's name
 * @plugin: (nullable): the plugin that offers it; %NULL where no plugin does
 * @summary: (nullable): what it is, for people
 * @selected: whether it would be selected
 * @info: (nullable): what it said about itself; %NULL where it could not be used
 * @error: (nullable): why it cannot be used
 *
 * A candidate of the selection.
 *
 * Since: 0.1
 */
typedef struct {
  char *name;
  char *plugin;
  char *summary;
  gboolean selected;
  PerryEngineInfo *info;
  GError *error;
} PerryBackendEntry;

#define PERRY_TYPE_BACKEND_ENTRY (perry_backend_entry_get_type ())
PERRY_API GType perry_backend_entry_get_type (void);
PERRY_API PerryBackendEntry *perry_backend_entry_copy (const PerryBackendEntry *entry);
PERRY_API void perry_backend_entry_free (PerryBackendEntry *entry);

/**
 * perry_engine_info_to_json:
 * @info: what an engine said about itself
 *
 * Makes a JSON object with the live matrix: `capabilities` is an object from name to `support`, `origin` and `reason`.
 *
 * Returns: (transfer full): a JSON object
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_engine_info_to_json (const PerryEngineInfo *info);

/**
 * perry_container_info_to_json:
 * @info: what an engine said about a container
 *
 * Makes a JSON object with the struct's members and the reported spec.
 *
 * Returns: (transfer full): a JSON object
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_container_info_to_json (const PerryContainerInfo *info);

/**
 * perry_image_info_to_json:
 * @info: what an engine said about an image
 *
 * Makes a JSON object with the struct's members, `pinned` only after a pull.
 *
 * Returns: (transfer full): a JSON object
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_image_info_to_json (const PerryImageInfo *info);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRunOptions, perry_run_options_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRunResult, perry_run_result_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryPlanField, perry_plan_field_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryPlan, perry_plan_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryBackendEntry, perry_backend_entry_free)

G_END_DECLS
