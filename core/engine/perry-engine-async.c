/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-engine-call.h"

static void
run_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gpointer result = perry_engine_run (engine, arguments->spec, arguments->options, cancellable, &error);

  perry_engine_return_pointer (task, result, (GDestroyNotify) perry_run_result_free, &error);
}

void
perry_engine_run_async (PerryEngine *engine, const PerryContainerSpec *spec, const PerryRunOptions *options,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && spec != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL,
                          (PerryCallArguments){ .spec = perry_container_spec_copy (spec),
                                                .options = options != NULL ? perry_run_options_copy (options) : NULL },
                          perry_engine_run_async, run_thread, cancellable, callback, user_data);
}

PerryRunResult *
perry_engine_run_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
create_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gpointer result = perry_engine_create (engine, arguments->spec, arguments->options, cancellable, &error);

  perry_engine_return_pointer (task, result, (GDestroyNotify) perry_run_result_free, &error);
}

void
perry_engine_create_async (PerryEngine *engine, const PerryContainerSpec *spec, const PerryRunOptions *options,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && spec != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL,
                          (PerryCallArguments){ .spec = perry_container_spec_copy (spec),
                                                .options = options != NULL ? perry_run_options_copy (options) : NULL },
                          perry_engine_create_async, create_thread, cancellable, callback, user_data);
}

PerryRunResult *
perry_engine_create_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
start_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gboolean ok = perry_engine_start (engine, arguments->container, cancellable, &error);

  perry_engine_return_boolean (task, ok, &error);
}

void
perry_engine_start_async (PerryEngine *engine, const char *container, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && container != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL, (PerryCallArguments){ .container = g_strdup (container) },
                          perry_engine_start_async, start_thread, cancellable, callback, user_data);
}

gboolean
perry_engine_start_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
stop_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gboolean ok = perry_engine_stop (engine, arguments->container, arguments->timeout_s, cancellable, &error);

  perry_engine_return_boolean (task, ok, &error);
}

void
perry_engine_stop_async (PerryEngine *engine, const char *container, int timeout_s, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && container != NULL);

  perry_engine_push_call (engine, PERRY_LANE_STOP,
                          (PerryCallArguments){ .container = g_strdup (container), .timeout_s = timeout_s },
                          perry_engine_stop_async, stop_thread, cancellable, callback, user_data);
}

gboolean
perry_engine_stop_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
kill_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gboolean ok = perry_engine_kill (engine, arguments->container, arguments->signal_name, cancellable, &error);

  perry_engine_return_boolean (task, ok, &error);
}

void
perry_engine_kill_async (PerryEngine *engine, const char *container, const char *signal_name,
                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && container != NULL);

  perry_engine_push_call (engine, PERRY_LANE_KILL,
                          (PerryCallArguments){ .container = g_strdup (container),
                                                .signal_name = g_strdup (signal_name) },
                          perry_engine_kill_async, kill_thread, cancellable, callback, user_data);
}

gboolean
perry_engine_kill_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
remove_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gboolean ok = perry_engine_remove (engine, arguments->container, arguments->force, cancellable, &error);

  perry_engine_return_boolean (task, ok, &error);
}

void
perry_engine_remove_async (PerryEngine *engine, const char *container, gboolean force, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && container != NULL);

  perry_engine_push_call (engine, PERRY_LANE_REMOVE,
                          (PerryCallArguments){ .container = g_strdup (container), .force = force },
                          perry_engine_remove_async, remove_thread, cancellable, callback, user_data);
}

gboolean
perry_engine_remove_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct {
  gint64 exit_code;
} WaitOutcome;

static void
wait_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  g_autofree WaitOutcome *outcome = g_new0 (WaitOutcome, 1);
  GError *error = NULL;

  if (perry_engine_wait (engine, arguments->container, &outcome->exit_code, cancellable, &error))
    g_task_return_pointer (task, g_steal_pointer (&outcome), g_free);
  else
    g_task_return_error (task, error);
}

void
perry_engine_wait_async (PerryEngine *engine, const char *container, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && container != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL, (PerryCallArguments){ .container = g_strdup (container) },
                          perry_engine_wait_async, wait_thread, cancellable, callback, user_data);
}

gboolean
perry_engine_wait_finish (PerryEngine *engine, GAsyncResult *result, gint64 *ret_exit_code, GError **error)
{
  g_autofree WaitOutcome *outcome = NULL;

  g_return_val_if_fail (g_task_is_valid (result, engine), FALSE);

  outcome = g_task_propagate_pointer (G_TASK (result), error);
  if (outcome == NULL)
    return FALSE;
  *ret_exit_code = outcome->exit_code;
  return TRUE;
}

static void
pull_image_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gpointer image = perry_engine_pull_image (engine, arguments->name, arguments->pull_options, cancellable, &error);

  perry_engine_return_pointer (task, image, (GDestroyNotify) perry_image_info_free, &error);
}

void
perry_engine_pull_image_async (PerryEngine *engine, const char *reference, const PerryPullOptions *options,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && reference != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL,
                          (PerryCallArguments){ .name = g_strdup (reference),
                                                .pull_options = options != NULL ? perry_pull_options_copy (options) : NULL },
                          perry_engine_pull_image_async, pull_image_thread, cancellable, callback, user_data);
}

PerryImageInfo *
perry_engine_pull_image_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
