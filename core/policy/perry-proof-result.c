/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-proof-result.h"

G_DEFINE_BOXED_TYPE (PerryFieldProof, perry_field_proof, perry_field_proof_copy, perry_field_proof_free)

static const char *const mode_names[] = {
  [PERRY_PROOF_DEFAULT] = "default",
  [PERRY_PROOF_REQUIRED] = "required",
  [PERRY_PROOF_OFF] = "off",
};

static const char *const verdict_names[] = {
  [PERRY_VERDICT_UNPROVEN] = "unproven",
  [PERRY_VERDICT_PROVEN] = "proven",
  [PERRY_VERDICT_DIFFERS] = "differs",
};

const char *
perry_proof_mode_get_name (PerryProofMode mode)
{
  g_return_val_if_fail ((guint) mode < G_N_ELEMENTS (mode_names), "unknown");

  return mode_names[mode];
}

gboolean
perry_proof_mode_from_name (const char *name, PerryProofMode *ret_mode)
{
  g_return_val_if_fail (name != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (mode_names); i++)
    if (g_str_equal (name, mode_names[i]))
      {
        *ret_mode = i;
        return TRUE;
      }
  return FALSE;
}

const char *
perry_verdict_get_name (PerryVerdict verdict)
{
  g_return_val_if_fail ((guint) verdict < G_N_ELEMENTS (verdict_names), "unknown");

  return verdict_names[verdict];
}

PerryFieldProof *
perry_field_proof_copy (const PerryFieldProof *proof)
{
  PerryFieldProof *copy = g_memdup2 (proof, sizeof *proof);

  copy->asked = g_strdup (proof->asked);
  copy->reported = g_strdup (proof->reported);
  copy->observed = g_strdup (proof->observed);
  copy->reason = g_strdup (proof->reason);
  return copy;
}

void
perry_field_proof_free (PerryFieldProof *proof)
{
  if (proof == NULL)
    return;
  g_free (proof->asked);
  g_free (proof->reported);
  g_free (proof->observed);
  g_free (proof->reason);
  g_free (proof);
}
