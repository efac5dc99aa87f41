/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"

static gboolean
inspect (PerryctlCall *call, PerryEngine *engine, const char *name, JsonBuilder *builder, GError **error)
{
  g_autoptr (PerryContainerInfo) info = perry_engine_inspect (engine, name, NULL, error);

  if (info == NULL)
    return FALSE;
  json_builder_add_value (builder, perry_container_info_to_json (info));
  return TRUE;
}

static int
run (PerryctlCall *call, GError **error)
{
  return perryctl_call_for_each (call, inspect, error);
}

const PerryctlCommand perryctl_inspect_command = {
  .name = "inspect",
  .operands = "NAME...",
  .summary = "print what the engine says about containers",
  .flags = PERRYCTL_COMMAND_BACKEND | PERRYCTL_COMMAND_FORMAT | PERRYCTL_COMMAND_JSON,
  .least_operands = 1,
  .most_operands = G_MAXUINT,
  .run = run,
};
