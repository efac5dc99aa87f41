/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/policy/perry-adjustment.h"
#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/**
 * PerryNamedMatrix: (skip)
 * @name: a backend's name
 * @matrix: its matrix
 * @support: (nullable): its answers for the spec
 *
 * Another backend of this host, for the hint in a refusal. Lists end with a %NULL name.
 *
 * Since: 0.1
 */
typedef struct {
  const char *name;
  const PerryCapabilityMatrix *matrix;
  const PerryFieldSupport *support;
} PerryNamedMatrix;

/**
 * PerryNormaliseRequest: (skip)
 * @spec: the completed spec
 * @backend: the chosen backend's name
 * @matrix: its live matrix
 * @support: (nullable): its answers for this spec
 * @enforcement: the mode for a spec without `enforcement`
 * @minimum: the administrator's minimum; a mode below it is raised
 * @tier_set: what the spec's tier set, by PERRY_TIER_FIELD(): an engine that needs none of it may do without
 * @others: (nullable): the matrices and answers of the other backends on this host
 *
 * What normalisation needs. Nothing in it is changed.
 *
 * Since: 0.1
 */
typedef struct {
  const PerryContainerSpec *spec;
  const char *backend;
  const PerryCapabilityMatrix *matrix;
  const PerryFieldSupport *support;
  PerryEnforcement enforcement;
  PerryEnforcement minimum;
  guint64 tier_set;
  const PerryNamedMatrix *others;
} PerryNormaliseRequest;

/**
 * perry_normalise_get_mode: (skip)
 * @request: a request
 *
 * Gets the mode that holds for the request's spec after the administrator's minimum.
 *
 * Returns: the mode
 *
 * Since: 0.1
 */
PerryEnforcement perry_normalise_get_mode (const PerryNormaliseRequest *request);

/**
 * perry_normalise_spec: (skip)
 * @request: spec, matrix and mode
 * @ret_adjustments: (out) (transfer full) (element-type PerryAdjustment): what differs from the spec; may be empty
 * @error: return location for an error
 *
 * Step 5 of the request path: brings a spec down to what a backend can do, by the mode table of the design, and adds
 * what `read_only` promises (a tmpfs at `/tmp`). Pure.
 *
 * `prefer` never lowers a field below the administrator's minimum; where that is strict, the result has no `prefer`, so
 * that judging its evidence does not lower it either.
 *
 * Errors: %PERRY_ERROR_ENFORCEMENT, listing every refused field with the reason and the backends of this host that would
 * honour it; @ret_adjustments is not written then.
 *
 * Returns: (transfer full): the spec that will be created, or %NULL
 *
 * Since: 0.1
 */
PerryContainerSpec *perry_normalise_spec (const PerryNormaliseRequest *request, GPtrArray **ret_adjustments,
                                          GError **error);

G_END_DECLS
