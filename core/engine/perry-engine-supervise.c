/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-engine.h"
#include "core/engine/perry-health.h"
#include "core/engine/perry-owner.h"

/* The times of the spec that create kept; what stands in a label of a container that others made is not ours. */
static PerryContainerSpec *
read_kept_times (const PerryContainerInfo *info)
{
  const char *text = g_hash_table_lookup (info->labels, PERRY_LABEL_SPEC);

  if (text == NULL || g_hash_table_lookup (info->labels, PERRY_LABEL_OWNER) == NULL)
    return NULL;
  return perry_container_spec_new_from_json (text, -1, NULL);
}

gboolean
perry_engine_supervise (PerryEngine *engine, const char *container, const char *starter, GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;
  g_autoptr (PerryContainerInfo) info = NULL;
  g_autoptr (PerryContainerSpec) spec = NULL;
  g_autoptr (PerryHealthDriver) driver = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && container != NULL, FALSE);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL)
    return FALSE;
  info = backend->ops->container_inspect (backend->handle, container, cancellable, error);
  if (info == NULL)
    return FALSE;
  if (!perry_health_is_driven (backend, info))
    return TRUE;
  spec = read_kept_times (info);
  driver = perry_health_driver_new (backend, info->id, spec, starter, error);
  if (driver == NULL)
    return FALSE;
  perry_health_driver_run (driver, cancellable);
  return TRUE;
}
