/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-engine-call.h"
#include "core/engine/perry-engine-networks.h"

typedef struct {
  char *id;
  char **warnings;
} Created;

static void
created_free (gpointer data)
{
  Created *created = data;

  g_free (created->id);
  g_strfreev (created->warnings);
  g_free (created);
}

static void
create_network_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  Created *created = g_new0 (Created, 1);
  GError *error = NULL;

  created->id = perry_engine_create_network (engine, arguments->network_request, &created->warnings, cancellable, &error);
  if (created->id == NULL)
    g_clear_pointer (&created, created_free);
  perry_engine_return_pointer (task, created, created_free, &error);
}

void
perry_engine_create_network_async (PerryEngine *engine, const PerryNetworkRequest *request, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && request != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL,
                          (PerryCallArguments){ .network_request = perry_network_request_copy (request) },
                          perry_engine_create_network_async, create_network_thread, cancellable, callback, user_data);
}

char *
perry_engine_create_network_finish (PerryEngine *engine, GAsyncResult *result, char ***ret_warnings, GError **error)
{
  Created *created;
  char *id;

  g_return_val_if_fail (g_task_is_valid (result, engine), NULL);

  created = g_task_propagate_pointer (G_TASK (result), error);
  if (created == NULL)
    return NULL;
  if (ret_warnings != NULL)
    *ret_warnings = g_steal_pointer (&created->warnings);
  id = g_steal_pointer (&created->id);
  created_free (created);
  return id;
}

static void
inspect_network_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gpointer result = perry_engine_inspect_network (engine, arguments->name, cancellable, &error);

  perry_engine_return_pointer (task, result, (GDestroyNotify) perry_network_info_free, &error);
}

void
perry_engine_inspect_network_async (PerryEngine *engine, const char *network, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && network != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL, (PerryCallArguments){ .name = g_strdup (network) },
                          perry_engine_inspect_network_async, inspect_network_thread, cancellable, callback, user_data);
}

PerryNetworkInfo *
perry_engine_inspect_network_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
list_networks_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gpointer result = perry_engine_list_networks (engine, (const char *const *) arguments->words, cancellable, &error);

  perry_engine_return_pointer (task, result, (GDestroyNotify) g_ptr_array_unref, &error);
}

void
perry_engine_list_networks_async (PerryEngine *engine, const char *const *labels, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine));

  perry_engine_push_call (engine, PERRY_LANE_NORMAL, (PerryCallArguments){ .words = g_strdupv ((char **) labels) },
                          perry_engine_list_networks_async, list_networks_thread, cancellable, callback, user_data);
}

GPtrArray *
perry_engine_list_networks_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
connect_network_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gboolean ok = perry_engine_connect_network (engine, arguments->name, arguments->container,
                                               (const char *const *) arguments->words, cancellable, &error);

  perry_engine_return_boolean (task, ok, &error);
}

void
perry_engine_connect_network_async (PerryEngine *engine, const char *network, const char *container,
                                    const char *const *aliases, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && network != NULL && container != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL,
                          (PerryCallArguments){ .name = g_strdup (network), .container = g_strdup (container),
                                                .words = g_strdupv ((char **) aliases) },
                          perry_engine_connect_network_async, connect_network_thread, cancellable, callback, user_data);
}

gboolean
perry_engine_connect_network_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
disconnect_network_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gboolean ok = perry_engine_disconnect_network (engine, arguments->name, arguments->container, cancellable, &error);

  perry_engine_return_boolean (task, ok, &error);
}

void
perry_engine_disconnect_network_async (PerryEngine *engine, const char *network, const char *container,
                                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && network != NULL && container != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL,
                          (PerryCallArguments){ .name = g_strdup (network), .container = g_strdup (container) },
                          perry_engine_disconnect_network_async, disconnect_network_thread, cancellable, callback,
                          user_data);
}

gboolean
perry_engine_disconnect_network_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
remove_network_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gboolean ok = perry_engine_remove_network (engine, arguments->name, cancellable, &error);

  perry_engine_return_boolean (task, ok, &error);
}

void
perry_engine_remove_network_async (PerryEngine *engine, const char *network, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && network != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL, (PerryCallArguments){ .name = g_strdup (network) },
                          perry_engine_remove_network_async, remove_network_thread, cancellable, callback, user_data);
}

gboolean
perry_engine_remove_network_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
create_volume_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gboolean ok = perry_engine_create_volume (engine, arguments->volume_request, cancellable, &error);

  perry_engine_return_boolean (task, ok, &error);
}

void
perry_engine_create_volume_async (PerryEngine *engine, const PerryVolumeRequest *request, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && request != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL,
                          (PerryCallArguments){ .volume_request = perry_volume_request_copy (request) },
                          perry_engine_create_volume_async, create_volume_thread, cancellable, callback, user_data);
}

gboolean
perry_engine_create_volume_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
inspect_volume_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gpointer result = perry_engine_inspect_volume (engine, arguments->name, cancellable, &error);

  perry_engine_return_pointer (task, result, (GDestroyNotify) perry_volume_info_free, &error);
}

void
perry_engine_inspect_volume_async (PerryEngine *engine, const char *volume, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && volume != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL, (PerryCallArguments){ .name = g_strdup (volume) },
                          perry_engine_inspect_volume_async, inspect_volume_thread, cancellable, callback, user_data);
}

PerryVolumeInfo *
perry_engine_inspect_volume_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
list_volumes_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gpointer result = perry_engine_list_volumes (engine, (const char *const *) arguments->words, cancellable, &error);

  perry_engine_return_pointer (task, result, (GDestroyNotify) g_ptr_array_unref, &error);
}

void
perry_engine_list_volumes_async (PerryEngine *engine, const char *const *labels, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine));

  perry_engine_push_call (engine, PERRY_LANE_NORMAL, (PerryCallArguments){ .words = g_strdupv ((char **) labels) },
                          perry_engine_list_volumes_async, list_volumes_thread, cancellable, callback, user_data);
}

GPtrArray *
perry_engine_list_volumes_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
remove_volume_thread (GTask *task, gpointer engine, gpointer data, GCancellable *cancellable)
{
  const PerryCallArguments *arguments = data;
  GError *error = NULL;
  gboolean ok = perry_engine_remove_volume (engine, arguments->name, arguments->force, cancellable, &error);

  perry_engine_return_boolean (task, ok, &error);
}

void
perry_engine_remove_volume_async (PerryEngine *engine, const char *volume, gboolean force, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (PERRY_IS_ENGINE (engine) && volume != NULL);

  perry_engine_push_call (engine, PERRY_LANE_NORMAL, (PerryCallArguments){ .name = g_strdup (volume), .force = force },
                          perry_engine_remove_volume_async, remove_volume_thread, cancellable, callback, user_data);
}

gboolean
perry_engine_remove_volume_finish (PerryEngine *engine, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
