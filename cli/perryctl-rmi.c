/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"

static const PerryctlOption options[] = {
  { "force", 'f', NULL, "Remove an image that has several names with all of them" },
  { NULL },
};

static gboolean
remove_image (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GError **error)
{
  return perry_engine_remove_image (engine, name, perryctl_arguments_is_on (call->arguments, "force"), NULL, error)
         && perryctl_call_print_name (call, name, builder);
}

static int
run (PerryctlCall *call, GError **error)
{
  return perryctl_call_for_each (call, remove_image, error);
}

const PerryctlCommand perryctl_rmi_command = {
  .name = "rmi",
  .operands = "IMAGE...",
  .summary = "remove names of images, and images with their last name",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT,
  .least_operands = 1,
  .most_operands = G_MAXUINT,
  .options = options,
  .run = run,
};
