/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-engine-networks.h"

#include <string.h>

#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-network-create.h"
#include "core/engine/perry-owner.h"

static gboolean
add_owner (GHashTable *labels, GError **error)
{
  char *owner = perry_owner_new ("/proc", error);

  if (owner == NULL)
    return FALSE;
  g_hash_table_replace (labels, g_strdup (PERRY_LABEL_OWNER), owner);
  return TRUE;
}

static gboolean
is_strict (PerryEngine *engine)
{
  PerryConfig *config = perry_engine_get_config (engine);

  return perry_config_get_enforcement (config, NULL) == PERRY_ENFORCEMENT_STRICT ||
         perry_config_get_minimum_enforcement (config, NULL) == PERRY_ENFORCEMENT_STRICT;
}

char *
perry_engine_create_network (PerryEngine *engine, const PerryNetworkRequest *request, char ***ret_warnings,
                             GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryNetworkRequest) complete = NULL;
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && request != NULL, NULL);

  if (!perry_network_request_check (request, error))
    return NULL;
  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL ||
      !perry_backend_offers (backend, backend->ops->network_create != NULL && backend->ops->network_remove != NULL,
                             "create networks", error))
    return NULL;
  complete = perry_network_request_copy (request);
  if (!add_owner (complete->labels, error))
    return NULL;
  return perry_network_create (backend, complete, is_strict (engine), ret_warnings, cancellable, error);
}

PerryNetworkInfo *
perry_engine_inspect_network (PerryEngine *engine, const char *network, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && network != NULL, NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL ||
      !perry_backend_offers (backend, backend->ops->network_inspect != NULL, "inspect networks", error))
    return NULL;
  return backend->ops->network_inspect (backend->handle, network, cancellable, error);
}

static int
compare_networks (gconstpointer a, gconstpointer b)
{
  const PerryNetworkInfo *one = *(const PerryNetworkInfo *const *) a;
  const PerryNetworkInfo *two = *(const PerryNetworkInfo *const *) b;
  int order = g_strcmp0 (one->name, two->name);

  return order != 0 ? order : g_strcmp0 (one->id, two->id);
}

GPtrArray *
perry_engine_list_networks (PerryEngine *engine, const char *const *labels, GCancellable *cancellable, GError **error)
{
  static const char *const any[] = { NULL };
  g_autoptr (PerryBackend) backend = NULL;
  GPtrArray *networks;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine), NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL || !perry_backend_offers (backend, backend->ops->network_list != NULL, "list networks", error))
    return NULL;
  networks = backend->ops->network_list (backend->handle, labels != NULL ? labels : any, cancellable, error);
  if (networks != NULL)
    g_ptr_array_sort (networks, compare_networks);
  return networks;
}

/* A name that a resolver can ask for; engines take anything, and then nobody finds it. */
static gboolean
check_alias (const char *alias, GError **error)
{
  gsize length = strspn (alias, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

  if (*alias != '\0' && *alias != '-' && *alias != '.' && alias[length] == '\0' && length <= 253)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
               "“%.64s” is no alias; an alias has letters, digits, “.”, “_” and “-”, at most 253, and begins with none of "
               "“.” and “-”", alias);
  return FALSE;
}

gboolean
perry_engine_connect_network (PerryEngine *engine, const char *network, const char *container,
                              const char *const *aliases, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && network != NULL && container != NULL, FALSE);

  for (const char *const *alias = aliases; alias != NULL && *alias != NULL; alias++)
    if (!check_alias (*alias, error))
      return FALSE;
  backend = perry_engine_ref_backend (engine, cancellable, error);
  return backend != NULL &&
         perry_backend_offers (backend, backend->ops->network_connect != NULL, "connect networks", error) &&
         backend->ops->network_connect (backend->handle, network, container, aliases, cancellable, error);
}

gboolean
perry_engine_disconnect_network (PerryEngine *engine, const char *network, const char *container,
                                 GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && network != NULL && container != NULL, FALSE);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  return backend != NULL &&
         perry_backend_offers (backend, backend->ops->network_disconnect != NULL, "disconnect networks", error) &&
         backend->ops->network_disconnect (backend->handle, network, container, cancellable, error);
}

gboolean
perry_engine_remove_network (PerryEngine *engine, const char *network, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && network != NULL, FALSE);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  return backend != NULL &&
         perry_backend_offers (backend, backend->ops->network_remove != NULL, "remove networks", error) &&
         backend->ops->network_remove (backend->handle, network, cancellable, error);
}

gboolean
perry_engine_create_volume (PerryEngine *engine, const PerryVolumeRequest *request, GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (PerryVolumeRequest) complete = NULL;
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && request != NULL, FALSE);

  if (!perry_volume_request_check (request, error))
    return FALSE;
  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL || !perry_backend_offers (backend, backend->ops->volume_create != NULL, "create volumes", error))
    return FALSE;
  complete = perry_volume_request_copy (request);
  return add_owner (complete->labels, error) &&
         backend->ops->volume_create (backend->handle, complete, cancellable, error);
}

PerryVolumeInfo *
perry_engine_inspect_volume (PerryEngine *engine, const char *volume, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && volume != NULL, NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL || !perry_backend_offers (backend, backend->ops->volume_inspect != NULL, "inspect volumes", error))
    return NULL;
  return backend->ops->volume_inspect (backend->handle, volume, cancellable, error);
}

static int
compare_volumes (gconstpointer a, gconstpointer b)
{
  const PerryVolumeInfo *one = *(const PerryVolumeInfo *const *) a;
  const PerryVolumeInfo *two = *(const PerryVolumeInfo *const *) b;

  return g_strcmp0 (one->name, two->name);
}

GPtrArray *
perry_engine_list_volumes (PerryEngine *engine, const char *const *labels, GCancellable *cancellable, GError **error)
{
  static const char *const any[] = { NULL };
  g_autoptr (PerryBackend) backend = NULL;
  GPtrArray *volumes;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine), NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL || !perry_backend_offers (backend, backend->ops->volume_list != NULL, "list volumes", error))
    return NULL;
  volumes = backend->ops->volume_list (backend->handle, labels != NULL ? labels : any, cancellable, error);
  if (volumes != NULL)
    g_ptr_array_sort (volumes, compare_volumes);
  return volumes;
}

gboolean
perry_engine_remove_volume (PerryEngine *engine, const char *volume, gboolean force, GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && volume != NULL, FALSE);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  return backend != NULL &&
         perry_backend_offers (backend, backend->ops->volume_remove != NULL, "remove volumes", error) &&
         backend->ops->volume_remove (backend->handle, volume, force, cancellable, error);
}
