/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/**
 * PerryExposureRow:
 * @id: the row of the table in `docs/exposure.md`, such as `capabilities`
 * @field: the field of a spec that decides it
 * @weight: how much it counts
 * @exposure: from 0, nothing of the host is open to the container by this, to 1
 * @least: the whole is at least this, whatever else is closed; 0 for most
 * @reason: what was found, for people
 *
 * One thing that exposes a host to a container.
 *
 * Since: 0.1
 */
typedef struct {
  const char *id;
  PerryField field;
  guint weight;
  double exposure;
  double least;
  char *reason;
} PerryExposureRow;

/**
 * PerryExposure:
 * @score: from 0, as closed as a container can be, to 10: as good as a process of root on the host
 * @rows: (element-type PerryExposureRow): the table's rows, in its order
 *
 * How far a host is exposed to a container.
 *
 * Since: 0.1
 */
typedef struct {
  double score;
  GPtrArray *rows;
} PerryExposure;

#define PERRY_TYPE_EXPOSURE (perry_exposure_get_type ())
PERRY_API GType perry_exposure_get_type (void);
PERRY_API PerryExposure *perry_exposure_copy (const PerryExposure *exposure);
PERRY_API void perry_exposure_free (PerryExposure *exposure);

/**
 * PERRY_EXPOSURE_ALARM:
 *
 * A row whose @least is this or more is one that nobody sets without knowing why: an audit names it.
 *
 * Since: 0.1
 */
#define PERRY_EXPOSURE_ALARM 7.0

/**
 * perry_exposure_rate:
 * @spec: a spec: of a plan the one that would be created, of a container what its engine reports
 * @engine: (nullable): what is known of the engine: what it gives to containers that ask for nothing
 *
 * Rates a spec by the table in `docs/exposure.md`: the weighted mean of its rows, and at least what the worst of them says.
 * Pure.
 *
 * Returns: (transfer full): the rating
 *
 * Since: 0.1
 */
PERRY_API PerryExposure *perry_exposure_rate (const PerryContainerSpec *spec, const PerryEngineInfo *engine);

/**
 * perry_exposure_get_word:
 * @score: a score
 *
 * Returns: (transfer none): `low` below 2.5, `medium` below 5, `high` below 7.5, `critical` above
 *
 * Since: 0.1
 */
PERRY_API const char *perry_exposure_get_word (double score);

/**
 * perry_exposure_to_json:
 * @exposure: a rating
 *
 * Returns: (transfer full): an object: `score`, `word`, `rows`: `id`, `field`, `weight`, `exposure`, `least`, `reason`
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_exposure_to_json (const PerryExposure *exposure);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryExposure, perry_exposure_free)

G_END_DECLS
