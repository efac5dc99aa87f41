/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-result.h"

G_DEFINE_BOXED_TYPE (PerryRunOptions, perry_run_options, perry_run_options_copy, perry_run_options_free)
G_DEFINE_BOXED_TYPE (PerryRunResult, perry_run_result, perry_run_result_copy, perry_run_result_free)
G_DEFINE_BOXED_TYPE (PerryPlanField, perry_plan_field, perry_plan_field_copy, perry_plan_field_free)
G_DEFINE_BOXED_TYPE (PerryPlan, perry_plan, perry_plan_copy, perry_plan_free)
G_DEFINE_BOXED_TYPE (PerryBackendEntry, perry_backend_entry, perry_backend_entry_copy, perry_backend_entry_free)

PerryRunOptions *
perry_run_options_new (void)
{
  PerryRunOptions *options = g_new0 (PerryRunOptions, 1);

  options->stdin_fd = -1;
  options->stdout_fd = -1;
  options->stderr_fd = -1;
  options->capture_limit = 1024 * 1024;
  return options;
}

PerryRunOptions *
perry_run_options_copy (const PerryRunOptions *options)
{
  PerryRunOptions *copy = g_memdup2 (options, sizeof *options);

  copy->service = g_strdup (options->service);
  return copy;
}

void
perry_run_options_free (PerryRunOptions *options)
{
  if (options == NULL)
    return;
  g_free (options->service);
  g_free (options);
}

static gpointer
copy_adjustment (gconstpointer adjustment, gpointer data)
{
  return perry_adjustment_copy (adjustment);
}

static gpointer
copy_proof (gconstpointer proof, gpointer data)
{
  return perry_field_proof_copy (proof);
}

static gpointer
copy_plan_field (gconstpointer field, gpointer data)
{
  return perry_plan_field_copy (field);
}

PerryRunResult *
perry_run_result_new (void)
{
  PerryRunResult *result = g_new0 (PerryRunResult, 1);

  result->exit_code = -1;
  result->adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  result->proofs = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_field_proof_free);
  return result;
}

void
perry_run_result_add_warning (PerryRunResult *result, const char *warning)
{
  g_autoptr (GStrvBuilder) warnings = g_strv_builder_new ();

  if (result->warnings != NULL)
    g_strv_builder_addv (warnings, (const char **) result->warnings);
  g_strv_builder_add (warnings, warning);
  g_strfreev (result->warnings);
  result->warnings = g_strv_builder_end (warnings);
}

PerryRunResult *
perry_run_result_copy (const PerryRunResult *result)
{
  PerryRunResult *copy = g_memdup2 (result, sizeof *result);

  copy->backend = g_strdup (result->backend);
  copy->container_id = g_strdup (result->container_id);
  copy->container_name = g_strdup (result->container_name);
  copy->image = g_strdup (result->image);
  copy->digest = g_strdup (result->digest);
  copy->image_id = g_strdup (result->image_id);
  copy->adjustments = g_ptr_array_copy (result->adjustments, (GCopyFunc) copy_adjustment, NULL);
  g_ptr_array_set_free_func (copy->adjustments, (GDestroyNotify) perry_adjustment_free);
  copy->proofs = g_ptr_array_copy (result->proofs, (GCopyFunc) copy_proof, NULL);
  g_ptr_array_set_free_func (copy->proofs, (GDestroyNotify) perry_field_proof_free);
  copy->warnings = g_strdupv (result->warnings);
  copy->ports = g_strdupv (result->ports);
  copy->verification = result->verification != NULL ? json_node_copy (result->verification) : NULL;
  copy->stdout_data = result->stdout_data != NULL ? g_bytes_ref (result->stdout_data) : NULL;
  copy->stderr_data = result->stderr_data != NULL ? g_bytes_ref (result->stderr_data) : NULL;
  return copy;
}

void
perry_run_result_free (PerryRunResult *result)
{
  if (result == NULL)
    return;
  g_free (result->backend);
  g_free (result->container_id);
  g_free (result->container_name);
  g_free (result->image);
  g_free (result->digest);
  g_free (result->image_id);
  g_ptr_array_unref (result->adjustments);
  g_ptr_array_unref (result->proofs);
  g_strfreev (result->warnings);
  g_strfreev (result->ports);
  g_clear_pointer (&result->verification, json_node_unref);
  g_clear_pointer (&result->stdout_data, g_bytes_unref);
  g_clear_pointer (&result->stderr_data, g_bytes_unref);
  g_free (result);
}

PerryPlanField *
perry_plan_field_copy (const PerryPlanField *field)
{
  PerryPlanField *copy = g_memdup2 (field, sizeof *field);

  copy->asked = g_strdup (field->asked);
  copy->outcome = g_strdup (field->outcome);
  copy->reason = g_strdup (field->reason);
  return copy;
}

void
perry_plan_field_free (PerryPlanField *field)
{
  if (field == NULL)
    return;
  g_free (field->asked);
  g_free (field->outcome);
  g_free (field->reason);
  g_free (field);
}

PerryPlan *
perry_plan_copy (const PerryPlan *plan)
{
  PerryPlan *copy = g_memdup2 (plan, sizeof *plan);

  copy->backend = g_strdup (plan->backend);
  copy->engine = perry_engine_info_copy (plan->engine);
  copy->image = g_strdup (plan->image);
  copy->digest = g_strdup (plan->digest);
  copy->image_id = g_strdup (plan->image_id);
  copy->spec = perry_container_spec_copy (plan->spec);
  copy->verification = plan->verification != NULL ? json_node_copy (plan->verification) : NULL;
  copy->fields = g_ptr_array_copy (plan->fields, (GCopyFunc) copy_plan_field, NULL);
  g_ptr_array_set_free_func (copy->fields, (GDestroyNotify) perry_plan_field_free);
  copy->adjustments = g_ptr_array_copy (plan->adjustments, (GCopyFunc) copy_adjustment, NULL);
  g_ptr_array_set_free_func (copy->adjustments, (GDestroyNotify) perry_adjustment_free);
  return copy;
}

void
perry_plan_free (PerryPlan *plan)
{
  if (plan == NULL)
    return;
  g_free (plan->backend);
  perry_engine_info_free (plan->engine);
  g_free (plan->image);
  g_free (plan->digest);
  g_free (plan->image_id);
  g_clear_pointer (&plan->spec, perry_container_spec_free);
  g_clear_pointer (&plan->verification, json_node_unref);
  g_clear_pointer (&plan->fields, g_ptr_array_unref);
  g_clear_pointer (&plan->adjustments, g_ptr_array_unref);
  g_free (plan);
}

PerryBackendEntry *
perry_backend_entry_copy (const PerryBackendEntry *entry)
{
  PerryBackendEntry *copy = g_memdup2 (entry, sizeof *entry);

  copy->name = g_strdup (entry->name);
  copy->plugin = g_strdup (entry->plugin);
  copy->summary = g_strdup (entry->summary);
  copy->info = entry->info != NULL ? perry_engine_info_copy (entry->info) : NULL;
  copy->error = entry->error != NULL ? g_error_copy (entry->error) : NULL;
  return copy;
}

void
perry_backend_entry_free (PerryBackendEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->name);
  g_free (entry->plugin);
  g_free (entry->summary);
  perry_engine_info_free (entry->info);
  g_clear_error (&entry->error);
  g_free (entry);
}
