/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-engine.h"
#include "core/engine/perry-health.h"
#include "core/engine/perry-liveness.h"
#include "core/engine/perry-microvm.h"
#include "core/engine/perry-network-lookup.h"
#include "core/engine/perry-owner.h"
#include "core/engine/perry-prove.h"
#include "core/engine/perry-restarts.h"
#include "core/engine/perry-supervisor.h"

#define DEFAULT_STOP_TIMEOUT_S 10

gboolean
perry_engine_stop (PerryEngine *engine, const char *container, int timeout_s, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && container != NULL, FALSE);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  return backend != NULL &&
         backend->ops->container_stop (backend->handle, container, timeout_s, cancellable, error);
}

/* Engines disagree on which spellings they take: they are all given `SIG` and the name. */
static char *
canonical_signal (const char *text, GError **error)
{
  g_autofree char *upper = NULL;
  const char *name;
  guint64 number;
  int n = 0;

  if (text == NULL)
    return g_strdup ("SIGKILL");
  if (g_ascii_string_to_unsigned (text, 10, 1, 64, &number, NULL))
    n = (int) number;
  upper = g_ascii_strup (text, -1);
  name = g_str_has_prefix (upper, "SIG") ? upper + strlen ("SIG") : upper;
  for (int i = 1; n == 0 && i < SIGRTMIN; i++)
    if (g_strcmp0 (sigabbrev_np (i), name) == 0)
      n = i;
  if (n == 0 || n >= SIGRTMIN || sigabbrev_np (n) == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                   "“%s” is not a signal; use a name such as TERM or SIGTERM, or a number", text);
      return NULL;
    }
  return g_strconcat ("SIG", sigabbrev_np (n), NULL);
}

gboolean
perry_engine_kill (PerryEngine *engine, const char *container, const char *signal_name, GCancellable *cancellable,
                   GError **error)
{
  g_autofree char *canonical = NULL;
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && container != NULL, FALSE);

  canonical = canonical_signal (signal_name, error);
  if (canonical == NULL)
    return FALSE;
  backend = perry_engine_ref_backend (engine, cancellable, error);
  return backend != NULL &&
         backend->ops->container_kill (backend->handle, container, canonical, cancellable, error);
}

gboolean
perry_engine_remove (PerryEngine *engine, const char *container, gboolean force, GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && container != NULL, FALSE);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  return backend != NULL && backend->ops->container_remove (backend->handle, container, force, cancellable, error);
}

static gboolean
is_stale (const PerryContainerInfo *info)
{
  return g_hash_table_lookup (info->labels, PERRY_LABEL_DETACHED) == NULL &&
         perry_owner_is_stale ("/proc", g_hash_table_lookup (info->labels, PERRY_LABEL_OWNER));
}

char **
perry_engine_remove_stale (PerryEngine *engine, GCancellable *cancellable, GError **error)
{
  static const char *const labels[] = { PERRY_LABEL_OWNER, NULL };
  g_autoptr (PerryBackend) backend = NULL;
  g_autoptr (GPtrArray) containers = NULL;
  g_autoptr (GStrvBuilder) removed = g_strv_builder_new ();

  g_return_val_if_fail (PERRY_IS_ENGINE (engine), NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL)
    return NULL;
  containers = backend->ops->container_list (backend->handle, TRUE, labels, cancellable, error);
  if (containers == NULL)
    return NULL;
  for (guint i = 0; i < containers->len; i++)
    {
      const PerryContainerInfo *info = g_ptr_array_index (containers, i);
      g_autoptr (GError) local_error = NULL;

      if (!is_stale (info))
        continue;
      if (backend->ops->container_remove (backend->handle, info->id, TRUE, cancellable, &local_error))
        g_strv_builder_add (removed, info->name);
      else if (!g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND))
        {
          g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "removing %s failed: ", info->name);
          return NULL;
        }
    }
  return g_strv_builder_end (removed);
}

/* Engines disagree on whether the end of one run is the end of a container that they start again. One that was removed
 * meanwhile has ended as was said. */
static gboolean
wait_for_last_run (PerryLiveness *liveness, gint64 *ret_exit_code, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = liveness->backend;
  GError *local_error = NULL;
  gint64 started_at = -1;

  for (;;)
    {
      g_autoptr (PerryContainerInfo) info = NULL;

      info = perry_restarts_wait (backend, liveness->id, started_at, cancellable, &local_error);
      if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND))
        {
          g_error_free (local_error);
          return TRUE;
        }
      if (info == NULL)
        {
          g_propagate_error (error, local_error);
          return FALSE;
        }
      if (info->exit_code >= 0)
        {
          *ret_exit_code = info->exit_code;
          return TRUE;
        }
      started_at = info->started_at;
      if (started_at == 0 || !perry_restarts_are_possible (info))
        return TRUE;
      if (!perry_liveness_wait (liveness, ret_exit_code, cancellable, error))
        return FALSE;
    }
}

gboolean
perry_engine_wait (PerryEngine *engine, const char *container, gint64 *ret_exit_code, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;
  PerryLiveness liveness = { .id = container };

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && container != NULL && ret_exit_code != NULL, FALSE);

  liveness.backend = backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL || !perry_liveness_wait (&liveness, ret_exit_code, cancellable, error))
    return FALSE;
  return wait_for_last_run (&liveness, ret_exit_code, cancellable, error);
}

PerryContainerInfo *
perry_engine_inspect (PerryEngine *engine, const char *container, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;
  PerryContainerInfo *info;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && container != NULL, NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  info = backend != NULL ? backend->ops->container_inspect (backend->handle, container, cancellable, error) : NULL;
  if (info != NULL)
    perry_health_overlay (backend, info);
  return info;
}

static int
compare_containers (gconstpointer a, gconstpointer b)
{
  const PerryContainerInfo *one = *(const PerryContainerInfo *const *) a;
  const PerryContainerInfo *two = *(const PerryContainerInfo *const *) b;

  return one->created_at < two->created_at ? 1 : one->created_at > two->created_at ? -1 : g_strcmp0 (one->id, two->id);
}

GPtrArray *
perry_engine_list (PerryEngine *engine, gboolean all, gboolean foreign, GCancellable *cancellable, GError **error)
{
  static const char *const ours[] = { PERRY_LABEL_OWNER, NULL };
  static const char *const any[] = { NULL };
  g_autoptr (PerryBackend) backend = NULL;
  GPtrArray *containers;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine), NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL)
    return NULL;
  containers = backend->ops->container_list (backend->handle, all, foreign ? any : ours, cancellable, error);
  for (guint i = 0; containers != NULL && i < containers->len; i++)
    perry_health_overlay (backend, g_ptr_array_index (containers, i));
  if (containers != NULL)
    g_ptr_array_sort (containers, compare_containers);
  return containers;
}

PerryStream *
perry_engine_open_logs (PerryEngine *engine, const char *container, const PerryLogRequest *request,
                        GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && container != NULL && request != NULL, NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL ||
      !perry_backend_offers (backend, backend->ops->container_logs != NULL, "read a container's log", error))
    return NULL;
  return backend->ops->container_logs (backend->handle, container, request, cancellable, error);
}

/* The spec that create kept in a label, NULL for a container that was not made by create. */
static PerryContainerSpec *
read_kept_spec (const PerryContainerInfo *info, GError **error)
{
  const char *text = g_hash_table_lookup (info->labels, PERRY_LABEL_SPEC);
  PerryContainerSpec *spec;

  if (text == NULL || g_hash_table_lookup (info->labels, PERRY_LABEL_OWNER) == NULL)
    return perry_container_spec_new ();
  spec = perry_container_spec_new_from_json (text, -1, error);
  if (spec == NULL)
    g_prefix_error (error, "the label " PERRY_LABEL_SPEC " of %s: ", info->name);
  return spec;
}

static void
kill_started (PerryBackend *backend, const char *id)
{
  g_autoptr (PerryDeadline) deadline = perry_deadline_new (DEFAULT_STOP_TIMEOUT_S * 1000);

  backend->ops->container_kill (backend->handle, id, "SIGKILL", perry_deadline_get_cancellable (deadline), NULL);
}

static gboolean
start_and_prove (PerryBackend *backend, PerryContainerInfo *info, PerryContainerSpec *spec, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GPtrArray) adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  g_autoptr (GPtrArray) proofs = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_field_proof_free);
  g_autoptr (PerryNetworkInfo) network = NULL;
  PerryProve prove = {
    .backend = backend,
    .id = info->id,
    .spec = spec,
    .mode = PERRY_PROOF_DEFAULT,
    .enforcement = PERRY_ENFORCEMENT_WARN,
    .adjustments = adjustments,
    .proofs = proofs,
  };

  if (!perry_microvm_check_start (backend, spec, error) ||
      !perry_network_lookup (backend, spec, &network, cancellable, error))
    return FALSE;
  prove.network = network;
  if (perry_prove_start (&prove, cancellable, error))
    return TRUE;
  kill_started (backend, info->id);
  return FALSE;
}

/* The supervisor that was there before the start may have been about to leave with the life before. */
static gboolean
ensure_supervisor (PerryConfig *config, PerryBackend *backend, const char *id, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryContainerInfo) info = NULL;
  g_autoptr (GError) local_error = NULL;

  if (perry_health_has_driver (id))
    return TRUE;
  info = backend->ops->container_inspect (backend->handle, id, cancellable, &local_error);
  if (info != NULL ? info->status != PERRY_CONTAINER_RUNNING && info->status != PERRY_CONTAINER_PAUSED
                   : g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND))
    return TRUE;
  if (perry_supervisor_start (config, backend, id, NULL, cancellable, error))
    return TRUE;
  kill_started (backend, id);
  return FALSE;
}

static gboolean
start_supervised (PerryConfig *config, PerryBackend *backend, PerryContainerInfo *info, PerryContainerSpec *spec,
                  GCancellable *cancellable, GError **error)
{
  int supervisor = -1;

  if (perry_health_has_driver (info->id))
    return start_and_prove (backend, info, spec, cancellable, error) &&
           ensure_supervisor (config, backend, info->id, cancellable, error);
  if (!perry_supervisor_start (config, backend, info->id, &supervisor, cancellable, error))
    return FALSE;
  if (!start_and_prove (backend, info, spec, cancellable, error))
    {
      perry_supervisor_end (supervisor);
      return FALSE;
    }
  if (supervisor >= 0)
    close (supervisor);
  return TRUE;
}

gboolean
perry_engine_start (PerryEngine *engine, const char *container, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;
  g_autoptr (PerryContainerInfo) info = NULL;
  g_autoptr (PerryContainerSpec) spec = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && container != NULL, FALSE);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL)
    return FALSE;
  info = backend->ops->container_inspect (backend->handle, container, cancellable, error);
  if (info == NULL)
    return FALSE;
  if (info->status == PERRY_CONTAINER_RUNNING || info->status == PERRY_CONTAINER_PAUSED)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT, "the container %s is %s already", info->name,
                   perry_container_status_get_name (info->status));
      return FALSE;
    }
  spec = read_kept_spec (info, error);
  if (spec == NULL)
    return FALSE;
  if (perry_health_is_driven (backend, info))
    return start_supervised (perry_engine_get_config (engine), backend, info, spec, cancellable, error);
  return start_and_prove (backend, info, spec, cancellable, error);
}
