/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/audit/perry-exposure.h"

G_BEGIN_DECLS

/* What the rows are read from. */
typedef struct {
  const PerryContainerSpec *spec;
  const PerryEngineInfo *engine; /* NULL where nothing is known */
  gboolean privileged;
  gboolean is_root;
  gboolean in_microvm;
  PerryLinuxCapabilities capabilities;
} PerryExposureFacts;

/* Fills `exposure`, `least` and `reason`. */
typedef void (*PerryExposureRate) (const PerryExposureFacts *facts, PerryExposureRow *row);

/* A row of the table in docs/exposure.md; the last one's id is NULL. */
typedef struct {
  const char *id;
  PerryField field;
  guint weight;
  PerryExposureRate rate;
} PerryExposureRule;

extern const PerryExposureRule perry_exposure_rules[];

G_END_DECLS
