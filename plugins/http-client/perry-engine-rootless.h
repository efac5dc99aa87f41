/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"

G_BEGIN_DECLS

/* Lowers what an engine that runs as an ordinary user cannot do whatever it is called. @engine may be NULL. */
void perry_engine_limit_rootless (const PerryContainerSpec *spec, const PerryEngineInfo *engine,
                                  PerryFieldSupport *support);

G_END_DECLS
