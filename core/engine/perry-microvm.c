/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-microvm.h"

gboolean
perry_microvm_is_waived (void)
{
  static const char *const words[] = { "1", "true", "yes", NULL };
  const char *value = g_getenv (PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL);

  return value != NULL && g_strv_contains (words, value);
}

gboolean
perry_microvm_is_needed (const PerryContainerSpec *spec)
{
  PerryTier tier = PERRY_TIER_DEFAULT;

  perry_tier_from_name (perry_container_spec_get_string (spec, PERRY_FIELD_TIER), &tier);
  return perry_tier_includes (tier, PERRY_TIER_UNTRUSTED);
}

PerrySupport
perry_microvm_get_support (const PerryBackend *backend, const PerryContainerSpec *spec, char **ret_reason)
{
  const PerryEngineInfo *info = backend->info;
  PerrySupport support = perry_capability_matrix_get_support (info->matrix, PERRY_CAPABILITY_MICROVM);
  const char *reason = perry_capability_matrix_get_reason (info->matrix, PERRY_CAPABILITY_MICROVM);
  const char *runtime = perry_container_spec_get_string (spec, PERRY_FIELD_RUNTIME);
  g_autofree char *known = NULL;

  *ret_reason = NULL;
  if (support == PERRY_SUPPORT_UNSUPPORTED || support == PERRY_SUPPORT_NOT_APPLICABLE)
    {
      *ret_reason = g_strdup (reason != NULL ? reason : "it has no virtual machines for containers");
      return PERRY_SUPPORT_UNSUPPORTED;
    }
  if (runtime != NULL && info->microvm_runtimes != NULL &&
      !g_strv_contains ((const char *const *) info->microvm_runtimes, runtime))
    {
      known = g_strjoinv (", ", info->microvm_runtimes);
      *ret_reason = g_strdup_printf ("the spec's runtime %s makes no virtual machines; those that do: %s", runtime, known);
      return PERRY_SUPPORT_UNSUPPORTED;
    }
  if (support == PERRY_SUPPORT_PARTIAL)
    *ret_reason = g_strdup (reason != NULL ? reason : "containers share a virtual machine");
  return support;
}

/* NULL where the candidate will do. */
static char *
find_obstacle (const PerryCandidate *candidate, const PerryContainerSpec *spec, gboolean strict)
{
  g_autofree char *reason = NULL;
  PerrySupport support;

  if (candidate->backend == NULL)
    return g_strdup (candidate->error->message);
  support = perry_microvm_get_support (candidate->backend, spec, &reason);
  if (support == PERRY_SUPPORT_UNSUPPORTED)
    return g_steal_pointer (&reason);
  if (support == PERRY_SUPPORT_PARTIAL && strict)
    return g_strdup_printf ("only in part, which strict mode refuses: %s", reason);
  return NULL;
}

static GError *
nothing_does (const GString *obstacles, const char *origin)
{
  const char *waiver = g_getenv (PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL);
  g_autofree char *ignored = NULL;

  if (waiver != NULL && *waiver != '\0')
    {
      g_autofree char *escaped = g_strescape (waiver, NULL);

      ignored = g_strdup_printf (" (it is set to \"%.32s\", which does not count)", escaped);
    }
  return g_error_new (PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE,
                      "the tier untrusted needs a backend that runs the container in a virtual machine, and none is "
                      "available; tried (%s):%s\n"
                      "To run it on the kernel of the host all the same, set " PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL "=1%s",
                      origin, obstacles->str, ignored != NULL ? ignored : "");
}

static gboolean
shares_machine (const PerryCandidate *candidate, const PerryContainerSpec *spec)
{
  g_autofree char *reason = NULL;

  return candidate->backend != NULL &&
         perry_microvm_get_support (candidate->backend, spec, &reason) == PERRY_SUPPORT_PARTIAL;
}

/* The waiver lets go of as little as can be: a machine that others share, which strict mode has refused, comes before none. */
static PerryBackend *
take_waived (GPtrArray *candidates, const PerryContainerSpec *spec)
{
  PerryCandidate *taken = NULL;

  for (guint i = 0; i < candidates->len; i++)
    {
      PerryCandidate *candidate = g_ptr_array_index (candidates, i);

      if (shares_machine (candidate, spec))
        return g_steal_pointer (&candidate->backend);
      if (taken == NULL && candidate->backend != NULL)
        taken = candidate;
    }
  return taken != NULL ? g_steal_pointer (&taken->backend) : NULL;
}

PerryBackend *
perry_microvm_select (PerryPluginRegistry *registry, PerryConfig *config, const PerryContainerSpec *spec,
                      gboolean strict, GCancellable *cancellable, GError **error)
{
  const char *origin = NULL;
  const char *const *names = perry_select_get_names (config, &origin);
  g_autoptr (GPtrArray) candidates = NULL;
  g_autoptr (GString) obstacles = g_string_new (NULL);
  PerryBackend *backend;

  candidates = perry_select_probe (registry, config, names, FALSE, cancellable, error);
  if (candidates == NULL)
    return NULL;
  for (guint i = 0; i < candidates->len; i++)
    {
      PerryCandidate *candidate = g_ptr_array_index (candidates, i);
      g_autofree char *obstacle = find_obstacle (candidate, spec, strict);

      if (obstacle == NULL)
        return g_steal_pointer (&candidate->backend);
      g_string_append_printf (obstacles, "\n  %s: %s", candidate->name, obstacle);
    }
  backend = perry_microvm_is_waived () ? take_waived (candidates, spec) : NULL;
  if (backend == NULL)
    g_propagate_error (error, nothing_does (obstacles, origin));
  return backend;
}

PerryAdjustment *
perry_microvm_new_waiver (const char *obstacle)
{
  g_autofree char *reason =
      g_strdup_printf ("there is no virtual machine: %s, and " PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL " lets an untrusted "
                       "workload run on the kernel of the host", obstacle);

  return perry_adjustment_new (PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_TIER, "microvm", reason, TRUE);
}

gboolean
perry_microvm_check_start (const PerryBackend *backend, const PerryContainerSpec *spec, GError **error)
{
  g_autofree char *reason = NULL;
  g_autoptr (PerryAdjustment) waiver = NULL;

  if (!perry_microvm_is_needed (spec) ||
      perry_microvm_get_support (backend, spec, &reason) != PERRY_SUPPORT_UNSUPPORTED)
    return TRUE;
  if (!perry_microvm_is_waived ())
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE,
                   "the container was created for the tier untrusted, and %s has no virtual machine for it: %s; to run it on "
                   "the kernel of the host all the same, set " PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL "=1",
                   backend->name, reason);
      return FALSE;
    }
  waiver = perry_microvm_new_waiver (reason);
  perry_adjustment_log (waiver, backend->name, NULL);
  return TRUE;
}
