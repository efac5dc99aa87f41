/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"
#include "core/engine/perry-engine.h"
#include "core/engine/perry-verify-service.h"

G_BEGIN_DECLS

/* The selected backend; selected at the first call. */
PerryBackend *perry_engine_ref_backend (PerryEngine *engine, GCancellable *cancellable, GError **error);

/* One for a workload that needs a virtual machine: the first that offers one for @spec. In strict mode one that all
 * containers share is none. Where there is none at all and the environment waives it, a shared one, else the first that
 * answers. */
PerryBackend *perry_engine_ref_microvm_backend (PerryEngine *engine, const PerryContainerSpec *spec, gboolean strict,
                                                GCancellable *cancellable, GError **error);

PerryVerifyService *perry_engine_get_verify_service (PerryEngine *engine);

/* Whether today's rules ask for the verification of an image; FALSE also for what is no image reference. */
gboolean perry_engine_verifies (PerryEngine *engine, const char *reference);

/* Asks every backend of this host that there is a plugin for. Elements: PerryCandidate, those of the probe order first. */
GPtrArray *perry_engine_probe_all (PerryEngine *engine, GCancellable *cancellable, GError **error);

/* Which of the engine's thread pools a call runs on: what ends containers never queues behind what waits for them, and a
 * kill not behind stops, which wait themselves, nor behind removals. */
typedef enum {
  PERRY_LANE_NORMAL,
  PERRY_LANE_STOP,
  PERRY_LANE_KILL,
  PERRY_LANE_REMOVE,
  PERRY_N_LANES,
} PerryLane;

/* Runs @function for @task on a thread of the engine's own. */
void perry_engine_push_task (PerryEngine *engine, PerryLane lane, GTask *task, GTaskThreadFunc function);

G_END_DECLS
