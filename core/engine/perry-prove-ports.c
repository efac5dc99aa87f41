/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-prove.h"

#include "core/policy/perry-compare.h"

static gboolean
publishes (const PerryContainerSpec *spec)
{
  GVariant *ports = perry_container_spec_get_value (spec, PERRY_FIELD_PORTS);

  return ports != NULL && g_variant_n_children (ports) > 0;
}

/* Puts the newer comparison of the ports in the place of the one before the start. */
static void
replace_proof (GPtrArray *proofs, PerryFieldProof *newer)
{
  for (guint i = 0; i < proofs->len; i++)
    if (((PerryFieldProof *) g_ptr_array_index (proofs, i))->field == newer->field)
      {
        perry_field_proof_free (g_ptr_array_index (proofs, i));
        g_ptr_array_index (proofs, i) = newer;
        return;
      }
  perry_field_proof_free (newer);
}

static gboolean
compare (PerryProve *prove, const PerryContainerInfo *info, GError **error)
{
  g_autoptr (PerryContainerSpec) ports = perry_container_spec_new ();
  g_autoptr (GPtrArray) nothing = g_ptr_array_new ();
  g_autoptr (GPtrArray) newer = NULL;
  PerryCompareContext context = { 0 };

  perry_container_spec_take_value (ports, PERRY_FIELD_PORTS,
                                   perry_container_spec_get_value (prove->spec, PERRY_FIELD_PORTS));
  newer = perry_compare_evidence (ports, info->reported, nothing, &context);
  replace_proof (prove->proofs, g_ptr_array_steal_index (newer, 0));
  return perry_compare_judge_differences (prove->proofs, error);
}

gboolean
perry_prove_ports (PerryProve *prove, char ***ret_ports, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = prove->backend;
  g_autoptr (PerryContainerInfo) info = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!publishes (prove->spec))
    return TRUE;
  info = backend->ops->container_inspect (backend->handle, prove->id, cancellable, &local_error);
  /* It may have ended and have been removed by the engine meanwhile. */
  if (info == NULL && g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND))
    return TRUE;
  if (info == NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "finding out the published ports: ");
      return FALSE;
    }
  g_strfreev (*ret_ports);
  *ret_ports = g_strdupv (info->ports);
  if (prove->mode == PERRY_PROOF_OFF || info->status != PERRY_CONTAINER_RUNNING || info->reported == NULL)
    return TRUE;
  return compare (prove, info, error);
}
