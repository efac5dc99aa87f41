/* SPDX-License-Identifier: Apache-2.0 */
#include "core/audit/perry-exposure.h"

#include <string.h>

#include "core/audit/perry-exposure-rows.h"
#include "core/engine/perry-json-members.h"

G_DEFINE_BOXED_TYPE (PerryExposure, perry_exposure, perry_exposure_copy, perry_exposure_free)

static void
free_row (gpointer data)
{
  PerryExposureRow *row = data;

  g_free (row->reason);
  g_free (row);
}

static PerryExposure *
new_exposure (void)
{
  PerryExposure *exposure = g_new0 (PerryExposure, 1);

  exposure->rows = g_ptr_array_new_with_free_func (free_row);
  return exposure;
}

PerryExposure *
perry_exposure_copy (const PerryExposure *exposure)
{
  PerryExposure *copy = new_exposure ();

  copy->score = exposure->score;
  for (guint i = 0; i < exposure->rows->len; i++)
    {
      const PerryExposureRow *row = g_ptr_array_index (exposure->rows, i);
      PerryExposureRow *copied = g_new (PerryExposureRow, 1);

      *copied = *row;
      copied->reason = g_strdup (row->reason);
      g_ptr_array_add (copy->rows, copied);
    }
  return copy;
}

void
perry_exposure_free (PerryExposure *exposure)
{
  if (exposure == NULL)
    return;
  g_ptr_array_unref (exposure->rows);
  g_free (exposure);
}

/* A name other than root's is taken for what it says: this is a rating, not a proof. */
static gboolean
is_root (const PerryContainerSpec *spec)
{
  const char *user = perry_container_spec_get_string (spec, PERRY_FIELD_USER);
  g_auto (GStrv) parts = g_strsplit (user != NULL ? user : "", ":", 2);
  const char *name = parts[0] != NULL ? parts[0] : "";

  return *name == '\0' || g_str_equal (name, "root") || strspn (name, "0") == strlen (name);
}

static gboolean
is_in_microvm (const PerryContainerSpec *spec, const PerryEngineInfo *engine)
{
  const char *runtime = perry_container_spec_get_string (spec, PERRY_FIELD_RUNTIME);

  if (engine == NULL)
    return FALSE;
  if (engine->microvm_runtimes == NULL)
    return perry_capability_matrix_get_support (engine->matrix, PERRY_CAPABILITY_MICROVM) >= PERRY_SUPPORT_EMULATED;
  return g_strv_contains ((const char *const *) engine->microvm_runtimes,
                          runtime != NULL ? runtime : engine->default_runtime != NULL ? engine->default_runtime : "");
}

PerryExposure *
perry_exposure_rate (const PerryContainerSpec *spec, const PerryEngineInfo *engine)
{
  PerryExposure *exposure;
  PerryExposureFacts facts;
  double sum = 0, weights = 0, least = 0;

  g_return_val_if_fail (spec != NULL, NULL);

  exposure = new_exposure ();
  facts = (PerryExposureFacts){
    .spec = spec,
    .engine = engine,
    .privileged = perry_container_spec_get_boolean (spec, PERRY_FIELD_PRIVILEGED),
    .is_root = is_root (spec),
    .in_microvm = is_in_microvm (spec, engine),
    .capabilities = perry_container_spec_get_capabilities (spec, engine != NULL ? engine->default_capabilities : 0),
  };
  for (const PerryExposureRule *rule = perry_exposure_rules; rule->id != NULL; rule++)
    {
      PerryExposureRow *row = g_new0 (PerryExposureRow, 1);

      row->id = rule->id;
      row->field = rule->field;
      row->weight = rule->weight;
      rule->rate (&facts, row);
      sum += row->exposure * rule->weight;
      weights += rule->weight;
      least = MAX (least, row->least);
      g_ptr_array_add (exposure->rows, row);
    }
  exposure->score = MAX (10 * sum / weights, least);
  return exposure;
}

const char *
perry_exposure_get_word (double score)
{
  return score < 2.5 ? "low" : score < 5 ? "medium" : score < 7.5 ? "high" : "critical";
}

static void
add_number (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, (double) (gint64) (value * 100 + 0.5) / 100);
}

JsonNode *
perry_exposure_to_json (const PerryExposure *exposure)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_number (builder, "score", exposure->score);
  perry_json_add_string (builder, "word", perry_exposure_get_word (exposure->score));
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < exposure->rows->len; i++)
    {
      const PerryExposureRow *row = g_ptr_array_index (exposure->rows, i);

      json_builder_begin_object (builder);
      perry_json_add_string (builder, "id", row->id);
      perry_json_add_string (builder, "field", perry_field_get_name (row->field));
      perry_json_add_int (builder, "weight", row->weight);
      add_number (builder, "exposure", row->exposure);
      add_number (builder, "least", row->least);
      perry_json_add_string (builder, "reason", row->reason);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
