/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-result.h"

#include "core/engine/perry-json-members.h"
#include "plugin-api/perry-json.h"

static void
add_adjustments (JsonBuilder *builder, GPtrArray *adjustments)
{
  json_builder_set_member_name (builder, "adjustments");
  json_builder_begin_array (builder);
  for (guint i = 0; i < adjustments->len; i++)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (adjustments, i);

      json_builder_begin_object (builder);
      perry_json_add_string (builder, "field", perry_field_get_name (adjustment->field));
      perry_json_add_string (builder, "action", perry_adjustment_kind_get_name (adjustment->kind));
      perry_json_add_string (builder, "value", adjustment->value);
      perry_json_add_string (builder, "reason", adjustment->reason);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_proofs (JsonBuilder *builder, GPtrArray *proofs)
{
  json_builder_set_member_name (builder, "proof");
  json_builder_begin_array (builder);
  for (guint i = 0; i < proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (proofs, i);

      json_builder_begin_object (builder);
      perry_json_add_string (builder, "field", perry_field_get_name (proof->field));
      perry_json_add_string (builder, "asked", proof->asked);
      perry_json_add_string (builder, "reported", proof->reported);
      perry_json_add_string (builder, "observed", proof->observed);
      perry_json_add_string (builder, "moment", proof->observed != NULL ? perry_moment_to_string (proof->moment) : NULL);
      perry_json_add_string (builder, "verdict", perry_verdict_get_name (proof->verdict));
      perry_json_add_string (builder, "reason", proof->reason);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_verification (JsonBuilder *builder, JsonNode *verification)
{
  json_builder_set_member_name (builder, "verification");
  if (verification != NULL)
    json_builder_add_value (builder, json_node_copy (verification));
  else
    json_builder_add_null_value (builder);
}

static void
add_timings (JsonBuilder *builder, const PerryRunTimings *timings)
{
  json_builder_set_member_name (builder, "timings_ms");
  json_builder_begin_object (builder);
  perry_json_add_milliseconds (builder, "select", timings->select_ms);
  perry_json_add_milliseconds (builder, "resolve", timings->resolve_ms);
  perry_json_add_milliseconds (builder, "create", timings->create_ms);
  perry_json_add_milliseconds (builder, "start", timings->start_ms);
  perry_json_add_milliseconds (builder, "run", timings->run_ms);
  perry_json_add_milliseconds (builder, "remove", timings->remove_ms);
  perry_json_add_milliseconds (builder, "total", timings->total_ms);
  json_builder_end_object (builder);
}

JsonNode *
perry_run_result_to_json (const PerryRunResult *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "backend", result->backend);
  json_builder_set_member_name (builder, "container");
  json_builder_begin_object (builder);
  perry_json_add_string (builder, "id", result->container_id);
  perry_json_add_string (builder, "name", result->container_name);
  json_builder_end_object (builder);
  perry_json_add_string (builder, "image", result->image);
  perry_json_add_string (builder, "digest", result->digest);
  perry_json_add_string (builder, "image_id", result->image_id);
  add_verification (builder, result->verification);
  perry_json_add_string (builder, "enforcement", perry_enforcement_get_name (result->enforcement));
  perry_json_add_string (builder, "proof_mode", perry_proof_mode_get_name (result->proof_mode));
  add_adjustments (builder, result->adjustments);
  add_proofs (builder, result->proofs);
  perry_json_add_strv (builder, "warnings", result->warnings);
  perry_json_add_strv (builder, "ports", result->ports);
  perry_json_add_boolean (builder, "pulled", result->pulled);
  json_builder_set_member_name (builder, "exit_code");
  if (result->exit_code >= 0)
    json_builder_add_int_value (builder, result->exit_code);
  else
    json_builder_add_null_value (builder);
  perry_json_add_boolean (builder, "oom_killed", result->oom_killed);
  perry_json_add_boolean (builder, "timed_out", result->timed_out);
  perry_json_add_int (builder, "stdout_lost", (gint64) result->stdout_lost);
  perry_json_add_int (builder, "stderr_lost", (gint64) result->stderr_lost);
  add_timings (builder, &result->timings);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
add_matrix (JsonBuilder *builder, const PerryCapabilityMatrix *matrix)
{
  json_builder_set_member_name (builder, "capabilities");
  json_builder_begin_object (builder);
  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    {
      json_builder_set_member_name (builder, perry_capability_get_name (i));
      json_builder_begin_object (builder);
      perry_json_add_string (builder, "support", perry_support_get_name (perry_capability_matrix_get_support (matrix, i)));
      perry_json_add_string (builder, "origin", perry_support_origin_get_name (perry_capability_matrix_get_origin (matrix, i)));
      perry_json_add_string (builder, "reason", perry_capability_matrix_get_reason (matrix, i));
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  perry_json_add_strv (builder, "unknown_capabilities", (char **) perry_capability_matrix_get_unknown (matrix));
}

static void
add_engine (JsonBuilder *builder, const PerryEngineInfo *info)
{
  g_autofree char *defaults = perry_linux_capabilities_to_text (info->default_capabilities);

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "name", info->name);
  perry_json_add_string (builder, "version", info->version);
  perry_json_add_string (builder, "api_version", info->api_version);
  perry_json_add_string (builder, "endpoint", info->endpoint);
  perry_json_add_string (builder, "os", info->os);
  perry_json_add_string (builder, "architecture", info->architecture);
  perry_json_add_string (builder, "kernel", info->kernel);
  perry_json_add_boolean (builder, "rootless", info->rootless);
  perry_json_add_int (builder, "cgroup_version", info->cgroup_version);
  perry_json_add_string (builder, "cgroup_driver", info->cgroup_driver);
  perry_json_add_string (builder, "default_runtime", info->default_runtime);
  perry_json_add_strv (builder, "runtimes", info->runtimes);
  perry_json_add_strv (builder, "microvm_runtimes", info->microvm_runtimes);
  perry_json_add_string (builder, "default_capabilities", defaults);
  add_matrix (builder, info->matrix);
  perry_json_add_strv (builder, "notes", info->notes);
  json_builder_end_object (builder);
}

JsonNode *
perry_engine_info_to_json (const PerryEngineInfo *info)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  add_engine (builder, info);
  return json_builder_get_root (builder);
}

static void
add_plan_fields (JsonBuilder *builder, GPtrArray *fields)
{
  json_builder_set_member_name (builder, "fields");
  json_builder_begin_array (builder);
  for (guint i = 0; i < fields->len; i++)
    {
      const PerryPlanField *field = g_ptr_array_index (fields, i);

      json_builder_begin_object (builder);
      perry_json_add_string (builder, "field", perry_field_get_name (field->field));
      perry_json_add_string (builder, "asked", field->asked);
      perry_json_add_string (builder, "outcome", field->outcome);
      perry_json_add_string (builder, "support", perry_support_get_name (field->support));
      perry_json_add_string (builder, "origin", perry_support_origin_get_name (field->origin));
      perry_json_add_string (builder, "reason", field->reason);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

JsonNode *
perry_plan_to_json (const PerryPlan *plan)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *spec_text = perry_container_spec_to_json (plan->spec);
  JsonNode *spec = perry_json_parse (spec_text, -1, NULL, NULL);

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "backend", plan->backend);
  json_builder_set_member_name (builder, "engine");
  add_engine (builder, plan->engine);
  perry_json_add_string (builder, "image", plan->image);
  perry_json_add_string (builder, "digest", plan->digest);
  perry_json_add_string (builder, "image_id", plan->image_id);
  add_verification (builder, plan->verification);
  perry_json_add_string (builder, "enforcement", perry_enforcement_get_name (plan->enforcement));
  add_plan_fields (builder, plan->fields);
  add_adjustments (builder, plan->adjustments);
  if (spec != NULL)
    {
      json_builder_set_member_name (builder, "spec");
      json_builder_add_value (builder, spec);
    }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
add_labels (JsonBuilder *builder, GHashTable *labels)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (labels), (GCompareFunc) strcmp);

  json_builder_set_member_name (builder, "labels");
  json_builder_begin_object (builder);
  for (GList *l = keys; l != NULL; l = l->next)
    perry_json_add_string (builder, l->data, g_hash_table_lookup (labels, l->data));
  json_builder_end_object (builder);
}

/* Null for a container without a health check. */
static void
add_health (JsonBuilder *builder, const PerryContainerInfo *info)
{
  perry_json_add_string (builder, "health", info->health != PERRY_HEALTH_NONE ? perry_health_get_name (info->health) : NULL);
  if (info->health != PERRY_HEALTH_NONE && info->health != PERRY_HEALTH_UNKNOWN)
    perry_json_add_int (builder, "failing_streak", info->failing_streak);
  if (info->health_reason != NULL)
    perry_json_add_string (builder, "health_reason", info->health_reason);
}

JsonNode *
perry_container_info_to_json (const PerryContainerInfo *info)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "id", info->id);
  perry_json_add_string (builder, "name", info->name);
  perry_json_add_string (builder, "image", info->image);
  perry_json_add_string (builder, "image_id", info->image_id);
  perry_json_add_string (builder, "status", perry_container_status_get_name (info->status));
  perry_json_add_int (builder, "pid", info->pid);
  json_builder_set_member_name (builder, "exit_code");
  if (info->exit_code >= 0)
    json_builder_add_int_value (builder, info->exit_code);
  else
    json_builder_add_null_value (builder);
  perry_json_add_boolean (builder, "oom_killed", info->oom_killed);
  add_health (builder, info);
  perry_json_add_int (builder, "restart_count", info->restart_count);
  perry_json_add_string (builder, "error", info->error);
  perry_json_add_time (builder, "created_at", info->created_at);
  perry_json_add_time (builder, "started_at", info->started_at);
  perry_json_add_time (builder, "finished_at", info->finished_at);
  perry_json_add_string (builder, "runtime", info->runtime);
  perry_json_add_string (builder, "command", info->command);
  perry_json_add_strv (builder, "ports", info->ports);
  add_labels (builder, info->labels);
  if (info->reported != NULL)
    {
      g_autofree char *text = perry_container_spec_to_json (info->reported);
      JsonNode *reported = perry_json_parse (text, -1, NULL, NULL);

      if (reported != NULL)
        {
          json_builder_set_member_name (builder, "reported");
          json_builder_add_value (builder, reported);
        }
    }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

JsonNode *
perry_image_info_to_json (const PerryImageInfo *info)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "id", info->id);
  perry_json_add_strv (builder, "names", info->names);
  perry_json_add_strv (builder, "digests", info->digests);
  perry_json_add_time (builder, "created_at", info->created_at);
  perry_json_add_int (builder, "size", info->size);
  perry_json_add_string (builder, "os", info->os);
  perry_json_add_string (builder, "architecture", info->architecture);
  perry_json_add_string (builder, "user", info->user);
  perry_json_add_string (builder, "working_directory", info->working_directory);
  if (info->pinned != NULL)
    perry_json_add_string (builder, "pinned", info->pinned);
  if (info->warnings != NULL && *info->warnings != NULL)
    perry_json_add_strv (builder, "warnings", info->warnings);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
