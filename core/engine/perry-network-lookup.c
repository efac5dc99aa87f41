/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-network-lookup.h"

#include <string.h>

#include "plugin-api/perry-json.h"

/* Engines take the beginning of an id for a name, too; so much of one that it is not meant by chance. */
#define LEAST_ID 12

static gboolean
is_of_its_own (const char *network)
{
  return network != NULL && !g_str_equal (network, "none") && !g_str_equal (network, "host") &&
         !g_str_equal (network, "bridge");
}

static gboolean
is_meant (const PerryNetworkInfo *info, const char *name)
{
  return g_str_equal (info->name, name) || (strlen (name) >= LEAST_ID && g_str_has_prefix (info->id, name));
}

static const char *
find_near (GPtrArray *networks, const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; networks != NULL && i < networks->len; i++)
    g_ptr_array_add (names, ((PerryNetworkInfo *) g_ptr_array_index (networks, i))->name);
  g_ptr_array_add (names, NULL);
  return perry_json_nearest_key (name, (const char *const *) names->pdata);
}

static void
set_not_found (PerryBackend *backend, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) networks = NULL;
  const char *near;

  if (backend->ops->network_list != NULL)
    networks = backend->ops->network_list (backend->handle, NULL, cancellable, NULL);
  near = find_near (networks, name);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_NETWORK_NOT_FOUND,
               "%s has no network “%s”%s%s%s; `perryctl network ls` lists them, `perryctl network create %s` makes it",
               backend->name, name, near != NULL ? "; did you mean “" : "", near != NULL ? near : "",
               near != NULL ? "”?" : "", name);
}

gboolean
perry_network_lookup (PerryBackend *backend, const PerryContainerSpec *spec, PerryNetworkInfo **ret_network,
                      GCancellable *cancellable, GError **error)
{
  const char *name = perry_container_spec_get_network (spec);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (PerryNetworkInfo) info = NULL;

  if (!is_of_its_own (name) || backend->ops->network_inspect == NULL)
    return TRUE;
  info = backend->ops->network_inspect (backend->handle, name, cancellable, &local_error);
  if (info != NULL && is_meant (info, name))
    {
      *ret_network = g_steal_pointer (&info);
      return TRUE;
    }
  if (info != NULL || g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_NETWORK_NOT_FOUND))
    set_not_found (backend, name, cancellable, error);
  else
    g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

void
perry_network_limit_support (PerryBackend *backend, const PerryNetworkInfo *network, PerryFieldSupport *support)
{
  PerrySupport level;
  const char *reason;

  if (network == NULL || !network->internal)
    return;
  level = perry_capability_matrix_get_support (backend->info->matrix, PERRY_CAPABILITY_INTERNAL_NETWORK);
  reason = perry_capability_matrix_get_reason (backend->info->matrix, PERRY_CAPABILITY_INTERNAL_NETWORK);
  /* What is known of the network itself is more than what is known of any. */
  if (network->isolation <= level && network->isolation_reason != NULL)
    {
      level = network->isolation;
      reason = network->isolation_reason;
    }
  if (level < PERRY_SUPPORT_EMULATED)
    perry_field_support_limit (support, PERRY_FIELD_NETWORK, level, reason);
}
