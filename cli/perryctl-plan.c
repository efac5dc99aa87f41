/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-exposure.h"
#include "cli/perryctl-output.h"
#include "cli/perryctl-spec.h"
#include "cli/perryctl-table.h"

static const PerryctlOption options[] = {
  PERRYCTL_OPTION_SPEC,
  PERRYCTL_OPTION_PROOF,
  PERRYCTL_OPTION_VERIFIER,
  PERRYCTL_OPTION_NO_VERIFY_CACHE,
  { "sandbox", 0, NULL, "Explain what \"sandbox\" would do instead" },
  { "score", 0, NULL, "Rate how far the container would expose the host, from 0 to 10, with the reasons" },
  PERRYCTL_OPTION_FAIL_ABOVE,
  { NULL },
};

static void
add_verification (PerryctlTable *table, JsonNode *verification)
{
  JsonObject *record = perry_json_as_object (verification);
  const char *verdict = NULL, *mode = NULL, *rule = NULL;
  g_autofree char *text = NULL;

  if (!perry_json_read_string (record, "verdict", &verdict) || !perry_json_read_string (record, "mode", &mode))
    return;
  if (!perry_json_read_string (record, "rule", &rule))
    rule = "none";
  text = g_strdup_printf ("%s (mode: %s, rule: %s)", verdict, mode, rule);
  perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "verification", text, NULL);
}

static void
print_head (const PerryPlan *plan)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (2);
  g_autofree char *engine = g_strdup_printf ("%s %s", plan->engine->name != NULL ? plan->engine->name : plan->backend,
                                             plan->engine->version != NULL ? plan->engine->version : "");

  perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "backend", plan->backend, "engine", engine, "image", plan->image,
                          NULL);
  if (plan->digest != NULL)
    perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "digest", plan->digest, NULL);
  perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "image id",
                          plan->image_id != NULL ? plan->image_id : "the backend does not have this image",
                          "enforcement", perry_enforcement_get_name (plan->enforcement), NULL);
  if (plan->verification != NULL)
    add_verification (table, plan->verification);
  perryctl_table_print (table);
}

static void
print_fields (const PerryPlan *plan)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (5);

  fputc ('\n', stdout);
  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "FIELD", "ASKED", "OUTCOME", "SUPPORT", "WHY", NULL);
  for (guint i = 0; i < plan->fields->len; i++)
    {
      const PerryPlanField *field = g_ptr_array_index (plan->fields, i);

      perryctl_table_add (table, perry_field_get_name (field->field), PERRYCTL_COLOUR_NONE);
      perryctl_table_add (table, field->asked != NULL ? field->asked : "-", PERRYCTL_COLOUR_NONE);
      perryctl_table_add (table, field->outcome != NULL ? field->outcome : "dropped",
                          field->outcome != NULL ? PERRYCTL_COLOUR_NONE : PERRYCTL_COLOUR_RED);
      perryctl_table_add (table, perry_support_get_name (field->support),
                          field->support >= PERRY_SUPPORT_EMULATED ? PERRYCTL_COLOUR_GREEN : PERRYCTL_COLOUR_YELLOW);
      perryctl_table_add (table, field->reason, PERRYCTL_COLOUR_NONE);
    }
  perryctl_table_print (table);
}

static void
print_adjustments (const PerryPlan *plan)
{
  for (guint i = 0; i < plan->adjustments->len; i++)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (plan->adjustments, i);
      const char *action = perry_adjustment_kind_get_name (adjustment->kind);
      g_autofree char *line
          = g_strdup_printf ("  %s %s%s%s: %s", perry_field_get_name (adjustment->field), action,
                             adjustment->value != NULL ? " " : "", adjustment->value != NULL ? adjustment->value : "",
                             adjustment->reason);

      if (i == 0)
        fputs ("\nNot literally what was asked for:\n", stdout);
      perryctl_output_print_line (line);
    }
}

/* no_network is another word for network and leaves nothing open of its own. */
static gboolean
is_left_open (const PerryPlan *plan, const PerryFieldInfo *info)
{
  if ((info->flags & PERRY_FIELD_SECURITY) == 0 || info->field == PERRY_FIELD_NO_NETWORK)
    return FALSE;
  if (info->field == PERRY_FIELD_NETWORK)
    return perry_container_spec_get_network (plan->spec) == NULL;
  return !perry_container_spec_is_set (plan->spec, info->field);
}

/* What isolates and nobody asked for is the engine's choice, and engines differ. */
static void
print_defaults (const PerryPlan *plan)
{
  gboolean any = FALSE;

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info ((PerryField) field);
      g_autofree char *line = NULL;

      if (!is_left_open (plan, info))
        continue;
      line = g_strdup_printf ("  %s: %s", info->name, info->unset);
      if (!any)
        fputs ("\nLeft to the engine:\n", stdout);
      any = TRUE;
      perryctl_output_print_line (line);
    }
}

/* A sandbox has more than its floor. */
static PerryContainerSpec *
read_spec (const PerryctlArguments *arguments, PerryRunOptions *run_options, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = perryctl_spec_read (arguments, error);

  run_options->sandbox = perryctl_arguments_is_on (arguments, "sandbox");
  if (spec == NULL || !run_options->sandbox)
    return g_steal_pointer (&spec);
  return perry_sandbox_prepare_spec (spec, PERRY_SANDBOX_ALLOW_UNVERIFIED, error);
}

static void
print_json (const PerryPlan *plan, const PerryExposure *exposure)
{
  JsonNode *node = perry_plan_to_json (plan);

  if (exposure != NULL)
    json_object_set_member (json_node_get_object (node), "exposure", perry_exposure_to_json (exposure));
  perryctl_output_take_json (node);
}

static void
print_plan (const PerryPlan *plan, const PerryExposure *exposure)
{
  print_head (plan);
  print_fields (plan);
  print_adjustments (plan);
  print_defaults (plan);
  if (exposure != NULL)
    perryctl_exposure_print (exposure);
}

static int
run (PerryctlCall *call, GError **error)
{
  g_autoptr (PerryRunOptions) run_options = perryctl_spec_new_run_options (call->arguments, error);
  g_autoptr (PerryContainerSpec) spec = run_options != NULL ? read_spec (call->arguments, run_options, error) : NULL;
  g_autoptr (PerryPlan) plan = NULL;
  g_autoptr (PerryExposure) exposure = NULL;
  double fail_above = PERRYCTL_EXPOSURE_NEVER;
  PerryEngine *engine;

  if (spec == NULL || !perryctl_exposure_read_limit (call->arguments, &fail_above, error))
    return 0;
  engine = perryctl_call_get_engine (call, error);
  if (engine == NULL)
    return 0;
  plan = perry_engine_plan (engine, spec, run_options, NULL, error);
  if (plan == NULL)
    return 0;
  if (perryctl_arguments_is_on (call->arguments, "score") || fail_above < PERRYCTL_EXPOSURE_NEVER)
    exposure = perry_exposure_rate (plan->spec, plan->engine);
  if (perryctl_call_wants_json (call))
    print_json (plan, exposure);
  else
    print_plan (plan, exposure);
  return exposure != NULL && exposure->score > fail_above ? 3 : 0;
}

const PerryctlCommand perryctl_plan_command = {
  .name = "plan",
  .operands = "IMAGE [COMMAND [ARGUMENT]...]",
  .summary = "explain field by field what \"run\" would do; start nothing",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT | PERRYCTL_COMMAND_SPEC,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
