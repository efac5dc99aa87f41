/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-request-tier.h"

#include "config/perry-config.h"
#include "core/engine/perry-microvm.h"

void
perry_request_fill_profile (PerryContainerSpec *spec)
{
  if (perry_tier_names_profile (spec))
    perry_container_spec_set_perry_profile (spec, perry_config_seccomp_perry ());
}

gboolean
perry_request_raise (PerryRequest *request, const PerryContainerSpec *spec, GError **error)
{
  gboolean sandbox = request->options != NULL && request->options->sandbox;

  request->floor = perry_tier_raise (spec, sandbox, perry_config_seccomp_perry (), error);
  if (request->floor == NULL)
    return FALSE;
  perry_request_fill_profile (request->floor->spec);
  request->original = spec;
  request->asked = request->floor->spec;
  return TRUE;
}

/* The runtime is asked for by its name, so that the engine's report of it is compared like that of any other field. */
static void
name_runtime (PerryRequest *request)
{
  PerryTierFloor *floor = request->floor;
  char **runtimes = request->backend->info->microvm_runtimes;

  if (runtimes == NULL)
    return;
  if (!perry_container_spec_is_set (floor->spec, PERRY_FIELD_RUNTIME))
    perry_tier_floor_set (floor, PERRY_FIELD_RUNTIME, g_variant_new_string (runtimes[0]),
                          "the tier untrusted runs in a virtual machine, and this runtime makes one");
  floor->set |= PERRY_TIER_FIELD (PERRY_FIELD_RUNTIME);
  perry_tier_floor_require (floor);
}

void
perry_request_route (PerryRequest *request)
{
  g_autofree char *reason = NULL;
  PerrySupport support;

  if (!request->floor->needs_microvm)
    return;
  support = perry_microvm_get_support (request->backend, request->asked, &reason);
  if (support == PERRY_SUPPORT_UNSUPPORTED)
    {
      g_ptr_array_add (request->floor->adjustments, perry_microvm_new_waiver (reason));
      return;
    }
  if (support == PERRY_SUPPORT_PARTIAL)
    g_ptr_array_add (request->floor->adjustments,
                     perry_adjustment_new (PERRY_ADJUSTMENT_PARTIAL, PERRY_FIELD_TIER, NULL, reason, TRUE));
  name_runtime (request);
}

void
perry_request_settle_user (PerryRequest *request)
{
  const char *user = request->pin->image->user;
  PerryContainerSpec *spec = request->normalised;
  GPtrArray *adjustments = request->result->adjustments;

  if (!request->floor->user_from_image || !perry_tier_is_safe_user (user) ||
      !perry_container_spec_is_set (spec, PERRY_FIELD_USER))
    return;
  for (guint i = 0; i < adjustments->len; i++)
    {
      PerryAdjustment *adjustment = g_ptr_array_index (adjustments, i);

      if (adjustment->kind != PERRY_ADJUSTMENT_ADDED || adjustment->field != PERRY_FIELD_USER)
        continue;
      g_free (adjustment->value);
      adjustment->value = g_strdup (user);
      g_free (adjustment->reason);
      adjustment->reason = g_strdup ("the tier untrusted runs nothing as root, and the image's own user is not root");
    }
  perry_container_spec_take_value (spec, PERRY_FIELD_USER, g_variant_new_string (user));
}

void
perry_request_add_tier_adjustments (PerryRequest *request)
{
  for (guint i = 0; i < request->floor->adjustments->len; i++)
    g_ptr_array_add (request->result->adjustments,
                     perry_adjustment_copy (g_ptr_array_index (request->floor->adjustments, i)));
}
