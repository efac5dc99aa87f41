/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/emulation/perry-health-state.h"

G_BEGIN_DECLS

/* Why a wait has ended. */
typedef enum {
  PERRY_HEALTH_WAKE_DUE,       /* its time has come */
  PERRY_HEALTH_WAKE_ENDED,     /* the container's process has ended, perhaps to be started again */
  PERRY_HEALTH_WAKE_CANCELLED, /* nobody wants to know any more */
} PerryHealthWake;

/* How the loop reaches a container and the time; all are called with the loop's data, in its thread. */
typedef struct {
  gint64 (*now) (gpointer data);

  /* Waits until @until; @info is what inspect() said last of the container whose end is waited for, NULL for none. */
  PerryHealthWake (*wait) (gpointer data, const PerryContainerInfo *info, gint64 until);

  /* PERRY_ERROR_CONTAINER_NOT_FOUND ends the loop; of another error the engine may recover. */
  PerryContainerInfo *(*inspect) (gpointer data, GError **error);

  /* Probes once, for @timeout_us at most. What takes longer has not succeeded. An error says that there was no probe. */
  gboolean (*probe) (gpointer data, gint64 timeout_us, gboolean *ret_success, GError **error);

  /* Whether somebody will still start a container that was not started since the loop began. */
  gboolean (*is_expected) (gpointer data);

  /* The state, before the first probe after a start and after every one. */
  void (*changed) (gpointer data, const PerryHealthState *state);
} PerryHealthLoopOps;

/* Looks at a container's health by @check, the spec's, or the one that the engine reports, until the container has ended
 * and will not be started again by its policy, is gone, or wait() is cancelled. @check may be NULL. */
void perry_health_loop_run (const PerryHealthLoopOps *ops, gpointer data, const PerryHealthcheck *check);

G_END_DECLS
