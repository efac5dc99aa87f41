/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/perryctl-command.h"
#include "cli/perryctl-output.h"

#define PLUGIN_API G_STRINGIFY (PERRY_PLUGIN_API_MAJOR) "." G_STRINGIFY (PERRY_PLUGIN_API_MINOR)

static int
run (PerryctlCall *call, GError **error)
{
  if (perryctl_call_wants_json (call))
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      perryctl_output_add_member (builder, "version", PERRYCTL_VERSION);
      perryctl_output_add_member (builder, "plugin_api", PLUGIN_API);
      json_builder_end_object (builder);
      perryctl_output_take_json (json_builder_get_root (builder));
      return 0;
    }
  fputs ("perryctl " PERRYCTL_VERSION "\nplugin API " PLUGIN_API "\n", stdout);
  return 0;
}

const PerryctlCommand perryctl_version_command = {
  .name = "version",
  .operands = "",
  .summary = "print the versions of perryctl and the plugin interface",
  .flags = PERRYCTL_COMMAND_FORMAT,
  .run = run,
};
