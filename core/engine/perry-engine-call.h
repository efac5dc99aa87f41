/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-engine.h"

G_BEGIN_DECLS

/* The calls of #PerryEngine that have an asynchronous form, on threads of the engine's own. */

/* The arguments of any call; each uses what it needs, and owns it. */
typedef struct {
  PerryContainerSpec *spec;
  PerryRunOptions *options;
  PerryPullOptions *pull_options;
  PerryNetworkRequest *network_request;
  PerryVolumeRequest *volume_request;
  char *name; /* of the image, the network or the volume */
  char *container;
  char *signal_name;
  char **words; /* labels or aliases */
  int timeout_s;
  gboolean force;
} PerryCallArguments;

/* Runs @function in a task of @engine's whose data are the arguments. @tag is the function that was called. */
void perry_engine_push_call (PerryEngine *engine, PerryLane lane, PerryCallArguments arguments, gpointer tag,
                             GTaskThreadFunc function, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);

/* End @task with what a call returned, or with the error that it set. */
void perry_engine_return_boolean (GTask *task, gboolean ok, GError **error);
void perry_engine_return_pointer (GTask *task, gpointer result, GDestroyNotify free_result, GError **error);

G_END_DECLS
