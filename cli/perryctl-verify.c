/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-output.h"
#include "cli/perryctl-requirement.h"
#include "cli/perryctl-signal.h"
#include "cli/perryctl-spec.h"
#include "cli/perryctl-table.h"

/* The exit codes besides 0 for verified and exempt: nobody could say, and refused. */
#define CODE_UNKNOWN 1
#define CODE_REFUSED 2

static const PerryctlOption options[] = {
  PERRYCTL_OPTIONS_REQUIREMENT,
  PERRYCTL_OPTION_VERIFIER,
  { "platform", 0, "OS/ARCH[/VARIANT]", "Find the digest for this platform, too" },
  { "explain", 0, NULL, "Say which rule covers each image and why; ask nobody" },
  { "no-cache", 0, NULL, "Ask anew, whatever was found out before" },
  { "clear-cache", 0, NULL, "Forget what was found out before; images may be left out" },
  { NULL },
};

static int
judge (const PerryImageVerification *verification)
{
  if (verification->exempt || verification->kind == PERRY_VERIFICATION_VERIFIED)
    return 0;
  return verification->kind == PERRY_VERIFICATION_UNSIGNED || verification->kind == PERRY_VERIFICATION_REJECTED
           ? CODE_REFUSED : CODE_UNKNOWN;
}

static PerryctlColour
colour_of (const PerryImageVerification *verification)
{
  static const PerryctlColour colours[] = { PERRYCTL_COLOUR_GREEN, PERRYCTL_COLOUR_YELLOW, PERRYCTL_COLOUR_RED };

  return verification->exempt ? PERRYCTL_COLOUR_YELLOW : colours[judge (verification)];
}

static char *
describe (const PerryImageVerification *verification)
{
  if (verification->exempt)
    return g_strdup_printf ("by the rule “%s”", verification->rule);
  if (verification->kind != PERRY_VERIFICATION_VERIFIED)
    return g_strdup (verification->note);
  return g_strdup_printf ("%s%s", verification->requirement, verification->from_cache ? " (known from before)" : "");
}

static void
print_verdicts (const GPtrArray *verifications)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (4);

  perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "IMAGE", "VERDICT", "DIGEST", "WHY", NULL);
  for (guint i = 0; i < verifications->len; i++)
    {
      const PerryImageVerification *verification = g_ptr_array_index (verifications, i);
      g_autofree char *why = describe (verification);

      perryctl_table_add (table, verification->image, PERRYCTL_COLOUR_NONE);
      perryctl_table_add (table,
                          verification->exempt ? "exempt" : perry_verification_kind_get_name (verification->kind),
                          colour_of (verification));
      perryctl_table_add (table, verification->digest != NULL ? verification->digest : "-", PERRYCTL_COLOUR_NONE);
      perryctl_table_add (table, why, PERRYCTL_COLOUR_NONE);
      for (char **note = verification->notes; note != NULL && *note != NULL; note++)
        perryctl_output_print_error ("warning", *note);
    }
  perryctl_table_print (table);
}

static void
add_reasoned (PerryctlTable *table, const char *label, const char *value, const char *reason)
{
  g_autofree char *text = g_strdup_printf ("%s (%s)", value, reason);

  perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, label, text, NULL);
}

static void
print_rules (const GPtrArray *verifications)
{
  for (guint i = 0; i < verifications->len; i++)
    {
      const PerryImageVerification *verification = g_ptr_array_index (verifications, i);
      g_autoptr (PerryctlTable) table = perryctl_table_new (2);

      if (i > 0)
        fputc ('\n', stdout);
      perryctl_table_add_row (table, PERRYCTL_COLOUR_BOLD, "image", verification->image, NULL);
      add_reasoned (table, "mode", perry_verify_mode_get_name (verification->mode), verification->mode_reason);
      perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "rule",
                              verification->rule != NULL ? verification->rule : "none covers it", NULL);
      if (!verification->exempt)
        {
          add_reasoned (table, "requirement", verification->requirement, verification->requirement_reason);
          perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "verifier", verification->verifier, NULL);
        }
      perryctl_table_print (table);
    }
}

static void
print_json (const GPtrArray *verifications)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < verifications->len; i++)
    json_builder_add_value (builder, perry_image_verification_to_json (g_ptr_array_index (verifications, i)));
  json_builder_end_array (builder);
  perryctl_output_take_json (json_builder_get_root (builder));
}

static int
clear_cache (PerryctlCall *call, PerryEngine *engine, GError **error)
{
  guint n = 0;

  if (!perry_engine_clear_verifications (engine, &n, error))
    return CODE_UNKNOWN;
  if (call->arguments->operands[0] == NULL && !perryctl_call_wants_json (call))
    printf ("%u %s forgotten\n", n, n == 1 ? "image" : "images");
  return 0;
}

/* Every image is tried, until a signal comes. */
static int
find_out (PerryctlCall *call, PerryEngine *engine, const PerryRequirement *requirement, GPtrArray *verifications)
{
  const char *platform = perryctl_arguments_get (call->arguments, "platform");
  gboolean explain = perryctl_arguments_is_on (call->arguments, "explain");
  gboolean no_cache = perryctl_arguments_is_on (call->arguments, "no-cache");
  GCancellable *cancellable = perryctl_signal_watch ();
  int code = 0;

  for (char **name = call->arguments->operands; *name != NULL && perryctl_signal_get_exit_code () == 0; name++)
    {
      g_autoptr (GError) local_error = NULL;
      PerryImageVerification *verification =
          explain ? perry_engine_explain_image_rules (engine, *name, &local_error)
                  : perry_engine_verify_image (engine, *name, requirement, platform, no_cache, cancellable, &local_error);

      if (verification == NULL)
        {
          perryctl_output_print_error (call->command->name, local_error->message);
          code = MAX (code, CODE_UNKNOWN);
          continue;
        }
      g_ptr_array_add (verifications, verification);
      code = MAX (code, explain ? 0 : judge (verification));
    }
  return perryctl_signal_get_exit_code () != 0 ? perryctl_signal_get_exit_code () : code;
}

/* What is about asking changes nothing where nobody is asked. */
static gboolean
check_explain (const PerryctlArguments *arguments, GError **error)
{
  static const char *const about_rules[] = { "explain", "verifier", "clear-cache", NULL };

  for (const PerryctlOption *option = options; option->name != NULL; option++)
    {
      gboolean is_on = option->argument != NULL ? perryctl_arguments_get (arguments, option->name) != NULL
                                                : perryctl_arguments_is_on (arguments, option->name);

      if (!is_on || g_strv_contains (about_rules, option->name))
        continue;
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                   "--explain is about the rules and asks nobody: leave out --%s", option->name);
      return FALSE;
    }
  return TRUE;
}

static int
run (PerryctlCall *call, GError **error)
{
  g_autoptr (GPtrArray) verifications = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_image_verification_free);
  g_autoptr (PerryRequirement) requirement = NULL;
  gboolean clear = perryctl_arguments_is_on (call->arguments, "clear-cache");
  PerryEngine *engine;
  int code;

  if (!clear && call->arguments->operands[0] == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "name an image: verify IMAGE...");
      return 0;
    }
  if (perryctl_arguments_is_on (call->arguments, "explain") && !check_explain (call->arguments, error))
    return 0;
  if (!perryctl_requirement_read (call->arguments, &requirement, error))
    return 0;
  engine = perryctl_call_get_engine (call, error);
  if (engine == NULL || (clear && clear_cache (call, engine, error) != 0))
    return 0;
  code = find_out (call, engine, requirement, verifications);
  if (perryctl_call_wants_json (call))
    print_json (verifications);
  else if (perryctl_arguments_is_on (call->arguments, "explain"))
    print_rules (verifications);
  else if (verifications->len > 0)
    print_verdicts (verifications);
  return code;
}

const PerryctlCommand perryctl_verify_command = {
  .name = "verify",
  .operands = "[IMAGE]...",
  .summary = "verify who signed images; pull and start nothing",
  .flags = PERRYCTL_COMMAND_FORMAT,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
