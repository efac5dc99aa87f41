/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* How well an engine honours one field of one spec: never not-applicable, which counts as unsupported. */
typedef struct {
  PerrySupport support;
  PerryCapabilitySet missing; /* the required capabilities that are unsupported */
  gboolean not_applicable; /* unsupported only because the engine's isolation has no need of it */
  gboolean refused_whole; /* the plugin's answer says unsupported, whatever the cells say */
  char *reason; /* NULL for native */
} PerryFieldLevel;

/* The worst of the cells that @field of @spec requires, lowered by the plugin's answer for this spec. */
void perry_field_level_init (PerryFieldLevel *level, PerryField field, const PerryContainerSpec *spec,
                             const PerryCapabilityMatrix *matrix, const PerryFieldSupport *support);
void perry_field_level_clear (PerryFieldLevel *level);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerryFieldLevel, perry_field_level_clear)

G_END_DECLS
