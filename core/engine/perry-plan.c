/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-plan.h"

/* The worst cell among the capabilities that the field needs: that one decides. */
static void
read_matrix (const PerryRequest *request, PerryField field, PerryPlanField *row)
{
  const PerryFieldInfo *info = perry_field_get_info (field);
  const PerryCapabilityMatrix *matrix = request->backend->info->matrix;
  PerryCapabilitySet needed = info->required != NULL ? info->required (request->asked) : 0;
  gboolean first = TRUE;

  row->support = PERRY_SUPPORT_NATIVE;
  row->origin = PERRY_SUPPORT_ORIGIN_TABLE;
  for (guint capability = 0; capability < PERRY_CAPABILITY_LAST; capability++)
    {
      PerrySupport support;

      if ((needed & PERRY_CAPABILITY_BIT (capability)) == 0)
        continue;
      support = perry_capability_matrix_get_support (matrix, capability);
      if (!first && support >= row->support)
        continue;
      first = FALSE;
      row->support = support;
      row->origin = perry_capability_matrix_get_origin (matrix, capability);
      g_free (row->reason);
      row->reason = g_strdup (perry_capability_matrix_get_reason (matrix, capability));
    }
}

static void
read_answer (const PerryFieldSupport *support, PerryField field, PerryPlanField *row)
{
  PerrySupport level;
  const char *reason;

  if (!perry_field_support_get (support, field, &level, &reason) || level >= row->support)
    return;
  row->support = level;
  row->origin = PERRY_SUPPORT_ORIGIN_PROBE;
  g_free (row->reason);
  row->reason = g_strdup (reason);
}

/* What the caller has said, not what a tier made of it. The profile that a word stands for only the raised spec has. */
static char *
format_asked (const PerryRequest *request, PerryField field)
{
  GVariant *original = perry_container_spec_get_value (request->original, field);
  GVariant *raised = perry_container_spec_get_value (request->asked, field);

  if (original != NULL && raised != NULL && g_variant_equal (original, raised))
    return perry_container_spec_format_value (request->asked, field);
  return perry_container_spec_format_value (request->original, field);
}

static GPtrArray *
explain_fields (const PerryRequest *request)
{
  PerryBackend *backend = request->backend;
  GPtrArray *fields = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_plan_field_free);
  g_autoptr (PerryFieldSupport) support = perry_field_support_new ();

  if (backend->ops->refine != NULL)
    backend->ops->refine (backend->handle, request->asked, support);
  perry_network_limit_support (backend, request->network, support);
  for (guint field = 0; field < PERRY_FIELD_LAST; field++)
    {
      PerryPlanField *row;

      if (!perry_container_spec_is_set (request->asked, field) &&
          !perry_container_spec_is_set (request->normalised, field))
        continue;
      row = g_new0 (PerryPlanField, 1);
      row->field = field;
      row->asked = format_asked (request, field);
      row->outcome = perry_container_spec_format_value (request->normalised, field);
      read_matrix (request, field, row);
      read_answer (support, field, row);
      g_ptr_array_add (fields, row);
    }
  return fields;
}

PerryPlan *
perry_plan_new (const PerryRequest *request)
{
  PerryPlan *plan = g_new0 (PerryPlan, 1);
  const PerryRunResult *result = request->result;

  plan->backend = g_strdup (request->backend->name);
  plan->engine = perry_engine_info_copy (request->backend->info);
  plan->image = g_strdup (request->pin->reference);
  plan->digest = g_strdup (request->pin->digest);
  plan->image_id = g_strdup (request->pin->image->id);
  plan->enforcement = request->enforcement;
  plan->spec = perry_container_spec_copy (request->normalised);
  plan->verification = result->verification != NULL ? json_node_copy (result->verification) : NULL;
  plan->fields = explain_fields (request);
  plan->adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  for (guint i = 0; i < result->adjustments->len; i++)
    g_ptr_array_add (plan->adjustments, perry_adjustment_copy (g_ptr_array_index (result->adjustments, i)));
  return plan;
}
