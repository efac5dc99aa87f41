/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/perryctl-output.h"
#include "cli/perryctl-signal.h"
#include "cli/perryctl-table.h"
#include "cli/perryctl-verb.h"

static const PerryctlOption options[] = {
  { "platform", 0, "OS/ARCH[/VARIANT]", "resolve: find the digest for this platform, not for this host's" },
  { "quiet", 'q', NULL, "resolve: print repository@digest alone" },
  { NULL },
};

static void
print_resolution (const PerryImageResolution *resolution)
{
  g_autoptr (PerryctlTable) table = perryctl_table_new (2);

  perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "image", resolution->image, "digest", resolution->digest, "kind",
                          resolution->is_index ? "an index of several platforms" : "one image", NULL);
  if (resolution->platform != NULL)
    perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "platform", resolution->platform, NULL);
  if (resolution->platform_digest != NULL)
    perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "platform digest", resolution->platform_digest, NULL);
  perryctl_table_add_row (table, PERRYCTL_COLOUR_NONE, "pinned", resolution->pinned, NULL);
  perryctl_table_print (table);
}

static gboolean
resolve (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GCancellable *cancellable,
         GError **error)
{
  const char *platform = perryctl_arguments_get (call->arguments, "platform");
  g_autoptr (PerryImageResolution) resolution =
      perry_engine_resolve_image (engine, name, platform, cancellable, error);

  if (resolution == NULL)
    return FALSE;
  for (char **note = resolution->notes; note != NULL && *note != NULL; note++)
    perryctl_output_print_error ("warning", *note);
  if (perryctl_call_wants_json (call))
    json_builder_add_value (builder, perry_image_resolution_to_json (resolution));
  else if (perryctl_arguments_is_on (call->arguments, "quiet"))
    perryctl_output_print_line (resolution->pinned);
  else
    print_resolution (resolution);
  return TRUE;
}

/* Every image is tried, until a signal comes. */
static int
run_resolve (PerryctlCall *call, char **operands, GError **error)
{
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  GCancellable *cancellable;
  int code = 0;

  if (engine == NULL)
    return 0;
  cancellable = perryctl_signal_watch ();
  json_builder_begin_array (builder);
  for (char **name = operands; *name != NULL && perryctl_signal_get_exit_code () == 0; name++)
    {
      g_autoptr (GError) local_error = NULL;

      if (resolve (call, engine, *name, builder, cancellable, &local_error))
        continue;
      perryctl_output_print_error (call->command->name, local_error->message);
      code = 1;
    }
  json_builder_end_array (builder);
  if (perryctl_call_wants_json (call))
    perryctl_output_take_json (json_builder_get_root (builder));
  return perryctl_signal_get_exit_code () != 0 ? perryctl_signal_get_exit_code () : code;
}

static int
run (PerryctlCall *call, GError **error)
{
  static const char *const resolve_options[] = { "platform", "quiet", NULL };
  static const PerryctlVerb verbs[] = {
    { "resolve", "IMAGE...", resolve_options, 1, G_MAXUINT, run_resolve },
    { NULL },
  };

  return perryctl_verb_run (call, verbs, error);
}

const PerryctlCommand perryctl_image_command = {
  .name = "image",
  .operands = "resolve IMAGE...",
  .summary = "ask a registry which digest an image's name means now",
  .flags = PERRYCTL_COMMAND_FORMAT,
  .least_operands = 1,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
