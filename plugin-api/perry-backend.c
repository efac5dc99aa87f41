/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-backend.h"

G_DEFINE_BOXED_TYPE (PerryEngineInfo, perry_engine_info, perry_engine_info_copy, perry_engine_info_free)
G_DEFINE_BOXED_TYPE (PerryContainerInfo, perry_container_info, perry_container_info_copy, perry_container_info_free)
G_DEFINE_BOXED_TYPE (PerryImageInfo, perry_image_info, perry_image_info_copy, perry_image_info_free)
G_DEFINE_BOXED_TYPE (PerryFieldSupport, perry_field_support, perry_field_support_copy, perry_field_support_free)

PerryEngineInfo *
perry_engine_info_new (void)
{
  PerryEngineInfo *info = g_new0 (PerryEngineInfo, 1);

  info->grantable_capabilities = perry_linux_capabilities_all ();
  info->matrix = perry_capability_matrix_new ();
  return info;
}

PerryEngineInfo *
perry_engine_info_copy (const PerryEngineInfo *info)
{
  PerryEngineInfo *copy = g_memdup2 (info, sizeof *info);

  copy->name = g_strdup (info->name);
  copy->version = g_strdup (info->version);
  copy->api_version = g_strdup (info->api_version);
  copy->endpoint = g_strdup (info->endpoint);
  copy->os = g_strdup (info->os);
  copy->architecture = g_strdup (info->architecture);
  copy->kernel = g_strdup (info->kernel);
  copy->cgroup_driver = g_strdup (info->cgroup_driver);
  copy->default_runtime = g_strdup (info->default_runtime);
  copy->runtimes = g_strdupv (info->runtimes);
  copy->microvm_runtimes = g_strdupv (info->microvm_runtimes);
  copy->matrix = perry_capability_matrix_copy (info->matrix);
  copy->notes = g_strdupv (info->notes);
  return copy;
}

void
perry_engine_info_free (PerryEngineInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->name);
  g_free (info->version);
  g_free (info->api_version);
  g_free (info->endpoint);
  g_free (info->os);
  g_free (info->architecture);
  g_free (info->kernel);
  g_free (info->cgroup_driver);
  g_free (info->default_runtime);
  g_strfreev (info->runtimes);
  g_strfreev (info->microvm_runtimes);
  perry_capability_matrix_free (info->matrix);
  g_strfreev (info->notes);
  g_free (info);
}

static const char *const status_names[] = {
  [PERRY_CONTAINER_UNKNOWN] = "unknown",         [PERRY_CONTAINER_CREATED] = "created",
  [PERRY_CONTAINER_INITIALISED] = "initialised", [PERRY_CONTAINER_RUNNING] = "running",
  [PERRY_CONTAINER_PAUSED] = "paused",           [PERRY_CONTAINER_RESTARTING] = "restarting",
  [PERRY_CONTAINER_STOPPING] = "stopping",       [PERRY_CONTAINER_EXITED] = "exited",
  [PERRY_CONTAINER_DEAD] = "dead",
};

const char *
perry_container_status_get_name (PerryContainerStatus status)
{
  if ((guint) status >= G_N_ELEMENTS (status_names))
    return status_names[PERRY_CONTAINER_UNKNOWN];
  return status_names[status];
}

static const char *const health_names[] = {
  [PERRY_HEALTH_NONE] = "none",           [PERRY_HEALTH_STARTING] = "starting", [PERRY_HEALTH_HEALTHY] = "healthy",
  [PERRY_HEALTH_UNHEALTHY] = "unhealthy", [PERRY_HEALTH_UNKNOWN] = "unknown",
};

const char *
perry_health_get_name (PerryHealth health)
{
  return health_names[(guint) health < G_N_ELEMENTS (health_names) ? health : PERRY_HEALTH_UNKNOWN];
}

PerryContainerInfo *
perry_container_info_new (void)
{
  PerryContainerInfo *info = g_new0 (PerryContainerInfo, 1);

  info->exit_code = -1;
  info->labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return info;
}

static GHashTable *
copy_labels (GHashTable *labels)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, labels);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy, g_strdup (key), g_strdup (value));
  return copy;
}

PerryContainerInfo *
perry_container_info_copy (const PerryContainerInfo *info)
{
  PerryContainerInfo *copy = g_memdup2 (info, sizeof *info);

  copy->id = g_strdup (info->id);
  copy->name = g_strdup (info->name);
  copy->image = g_strdup (info->image);
  copy->image_id = g_strdup (info->image_id);
  copy->error = g_strdup (info->error);
  copy->runtime = g_strdup (info->runtime);
  copy->labels = copy_labels (info->labels);
  copy->command = g_strdup (info->command);
  copy->health_reason = g_strdup (info->health_reason);
  copy->reported = info->reported != NULL ? perry_container_spec_copy (info->reported) : NULL;
  copy->ports = g_strdupv (info->ports);
  copy->networks = g_strdupv (info->networks);
  return copy;
}

void
perry_container_info_free (PerryContainerInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->id);
  g_free (info->name);
  g_free (info->image);
  g_free (info->image_id);
  g_free (info->error);
  g_free (info->runtime);
  g_hash_table_unref (info->labels);
  g_free (info->command);
  g_clear_pointer (&info->reported, perry_container_spec_free);
  g_free (info->health_reason);
  g_strfreev (info->ports);
  g_strfreev (info->networks);
  g_free (info);
}

PerryImageInfo *
perry_image_info_new (void)
{
  PerryImageInfo *info = g_new0 (PerryImageInfo, 1);

  info->size = -1;
  return info;
}

PerryImageInfo *
perry_image_info_copy (const PerryImageInfo *info)
{
  PerryImageInfo *copy = g_memdup2 (info, sizeof *info);

  copy->id = g_strdup (info->id);
  copy->names = g_strdupv (info->names);
  copy->digests = g_strdupv (info->digests);
  copy->os = g_strdup (info->os);
  copy->architecture = g_strdup (info->architecture);
  copy->user = g_strdup (info->user);
  copy->working_directory = g_strdup (info->working_directory);
  copy->variant = g_strdup (info->variant);
  copy->pinned = g_strdup (info->pinned);
  copy->warnings = g_strdupv (info->warnings);
  return copy;
}

void
perry_image_info_free (PerryImageInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->id);
  g_strfreev (info->names);
  g_strfreev (info->digests);
  g_free (info->os);
  g_free (info->architecture);
  g_free (info->user);
  g_free (info->working_directory);
  g_free (info->variant);
  g_free (info->pinned);
  g_strfreev (info->warnings);
  g_free (info);
}

PerryProcessLocation *
perry_process_location_new (void)
{
  PerryProcessLocation *location = g_new0 (PerryProcessLocation, 1);

  location->engine_pid = -1;
  return location;
}

void
perry_process_location_free (PerryProcessLocation *location)
{
  if (location == NULL)
    return;
  g_free (location->container_id);
  g_strfreev (location->cgroup_paths);
  g_free (location->runtime);
  g_free (location->reason);
  g_free (location);
}

struct _PerryFieldSupport {
  struct {
    gboolean known;
    PerrySupport level;
    char *reason;
  } answers[PERRY_FIELD_LAST];
};

PerryFieldSupport *
perry_field_support_new (void)
{
  return g_new0 (PerryFieldSupport, 1);
}

PerryFieldSupport *
perry_field_support_copy (const PerryFieldSupport *support)
{
  PerryFieldSupport *copy = g_memdup2 (support, sizeof *support);

  for (int i = 0; i < PERRY_FIELD_LAST; i++)
    copy->answers[i].reason = g_strdup (support->answers[i].reason);
  return copy;
}

void
perry_field_support_free (PerryFieldSupport *support)
{
  if (support == NULL)
    return;
  for (int i = 0; i < PERRY_FIELD_LAST; i++)
    g_free (support->answers[i].reason);
  g_free (support);
}

void
perry_field_support_limit (PerryFieldSupport *support, PerryField field, PerrySupport level, const char *reason)
{
  g_return_if_fail (support != NULL);
  g_return_if_fail ((guint) field < PERRY_FIELD_LAST);

  if (support->answers[field].known && support->answers[field].level <= level)
    return;
  support->answers[field].known = TRUE;
  support->answers[field].level = level;
  g_free (support->answers[field].reason);
  support->answers[field].reason = g_strdup (reason);
}

gboolean
perry_field_support_get (const PerryFieldSupport *support, PerryField field, PerrySupport *ret_level,
                         const char **ret_reason)
{
  g_return_val_if_fail ((guint) field < PERRY_FIELD_LAST, FALSE);

  if (support == NULL || !support->answers[field].known)
    return FALSE;
  *ret_level = support->answers[field].level;
  *ret_reason = support->answers[field].reason;
  return TRUE;
}
