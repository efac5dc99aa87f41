/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"
#include "cli/perryctl-output.h"
#include "cli/perryctl-progress.h"
#include "cli/perryctl-requirement.h"
#include "cli/perryctl-signal.h"
#include "cli/perryctl-spec.h"

static const PerryctlOption options[] = {
  { "platform", 0, "OS/ARCH[/VARIANT]", "Pull the image for this platform" },
  { "quiet", 'q', NULL, "Print nothing but what was pulled" },
  { "verify", 0, "MODE", "Verify it first: off, warn, or enforce: pull only what is verified" },
  PERRYCTL_OPTIONS_REQUIREMENT,
  PERRYCTL_OPTION_VERIFIER,
  PERRYCTL_OPTION_NO_VERIFY_CACHE,
  { NULL },
};

/* What leads to this image and to no other, now and later. */
static void
print_image (PerryctlCall *call, const char *name, const PerryImageInfo *image, JsonBuilder *builder)
{
  for (char **warning = image->warnings; warning != NULL && *warning != NULL; warning++)
    perryctl_output_print_error ("warning", *warning);
  if (image->pinned == NULL)
    {
      g_autofree char *message = g_strdup_printf ("%s: the backend has another image under the digest that was pulled, "
                                                  "or none; what is printed is the image's id", name);

      perryctl_output_print_error ("warning", message);
    }
  if (perryctl_call_wants_json (call))
    json_builder_add_value (builder, perry_image_info_to_json (image));
  else
    perryctl_output_print_line (image->pinned != NULL ? image->pinned : image->id);
}

static gboolean
pull (PerryctlCall *call, const char *name, const PerryPullOptions *pull_options, JsonBuilder *builder,
      GCancellable *cancellable, GError **error)
{
  PerryEngine *engine = perryctl_call_get_engine (call, error);
  g_autoptr (PerryImageInfo) image = NULL;

  if (engine == NULL)
    return FALSE;
  image = perry_engine_pull_image (engine, name, pull_options, cancellable, error);
  if (image == NULL)
    return FALSE;
  print_image (call, name, image, builder);
  return TRUE;
}

static gboolean
read_verification (PerryctlCall *call, PerryPullOptions *pull_options, GError **error)
{
  const char *mode = perryctl_arguments_get (call->arguments, "verify");

  if (mode != NULL && !perry_verify_mode_from_text (mode, &pull_options->verify_mode))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "--verify: “%s” is none of off, warn, enforce", mode);
      return FALSE;
    }
  pull_options->verify_mode_set = mode != NULL;
  pull_options->no_verify_cache = perryctl_arguments_is_on (call->arguments, "no-verify-cache");
  return perryctl_requirement_read (call->arguments, &pull_options->requirement, error);
}

/* Every image is tried, until a signal comes. */
static int
run (PerryctlCall *call, GError **error)
{
  gboolean json = perryctl_call_wants_json (call);
  g_autoptr (PerryctlProgress) progress = perryctl_progress_new ();
  g_autoptr (PerryPullOptions) pull_options = perry_pull_options_new ();
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  GCancellable *cancellable = perryctl_signal_watch ();
  int code = 0;

  if (!read_verification (call, pull_options, error))
    return 0;
  pull_options->platform = g_strdup (perryctl_arguments_get (call->arguments, "platform"));
  if (!json && !perryctl_arguments_is_on (call->arguments, "quiet"))
    {
      pull_options->progress = perryctl_progress_print;
      pull_options->progress_data = progress;
    }
  json_builder_begin_array (builder);
  for (char **name = call->arguments->operands; *name != NULL && perryctl_signal_get_exit_code () == 0; name++)
    {
      g_autoptr (GError) local_error = NULL;

      if (pull (call, *name, pull_options, builder, cancellable, &local_error))
        continue;
      perryctl_output_print_error (call->command->name, local_error->message);
      code = 1;
      if (call->engine == NULL)
        break;
    }
  json_builder_end_array (builder);
  if (json)
    perryctl_output_take_json (json_builder_get_root (builder));
  return perryctl_signal_get_exit_code () != 0 ? perryctl_signal_get_exit_code () : code;
}

const PerryctlCommand perryctl_pull_command = {
  .name = "pull",
  .operands = "IMAGE...",
  .summary = "fetch images from their registries",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .least_operands = 1,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
