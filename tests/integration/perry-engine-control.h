/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/integration/perry-live-engine.h"

G_BEGIN_DECLS

/* Kills a real engine, and starts it again in the same namespaces with the same data, as a service manager does. */
typedef struct _PerryEngineControl PerryEngineControl;

PerryEngineControl *perry_engine_control_new (PerryLiveEngine *live);

/* Before the engine is stopped for good. */
void perry_engine_control_free (PerryEngineControl *control);

/* The engine's process; another one after each start. */
GPid perry_engine_control_get_pid (PerryEngineControl *control);

/* Waits until the engine's process, which somebody has killed, is gone, starts it again and waits until it answers. */
void perry_engine_control_restart (PerryEngineControl *control);

/* Runs a program in the engine's namespaces; what it wrote to stdout. The test fails unless it ends with 0. */
char *perry_engine_control_run_inside (PerryEngineControl *control, const char *const *argv);

/* What an engine has around it: everything that a run must not leave behind. */
typedef struct {
  guint processes;  /* conmon, shims, what runs in containers; without the engine and what it always has */
  guint cgroups;    /* of containers */
  guint containers; /* whoever made them */
  guint volumes;
  guint networks;
} PerryEngineRest;

PerryEngineRest perry_engine_control_count (PerryEngineControl *control);

/* Asks the engine itself, past everything of ours; the reply's JSON. */
JsonNode *perry_live_engine_ask (PerryLiveEngine *live, const char *target);
/* The same with POST and an empty body. */
JsonNode *perry_live_engine_post (PerryLiveEngine *live, const char *target);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryEngineControl, perry_engine_control_free)

G_END_DECLS
