/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-command.h"

/* In the order of `perryctl --help`. */
static const PerryctlCommand *const commands[] = {
  &perryctl_run_command,
  &perryctl_create_command,
  &perryctl_sandbox_command,
  &perryctl_start_command,
  &perryctl_stop_command,
  &perryctl_kill_command,
  &perryctl_rm_command,
  &perryctl_ps_command,
  &perryctl_inspect_command,
  &perryctl_logs_command,
  &perryctl_wait_command,
  &perryctl_pull_command,
  &perryctl_verify_command,
  &perryctl_image_command,
  &perryctl_load_command,
  &perryctl_images_command,
  &perryctl_rmi_command,
  &perryctl_network_command,
  &perryctl_volume_command,
  &perryctl_plan_command,
  &perryctl_audit_command,
  &perryctl_backends_command,
  &perryctl_plugins_command,
  &perryctl_config_command,
  &perryctl_version_command,
  NULL,
};

const PerryctlCommand *const *
perryctl_command_get_table (void)
{
  return commands;
}

const PerryctlCommand *
perryctl_command_find (const char *name)
{
  for (const PerryctlCommand *const *command = commands; *command != NULL; command++)
    if (g_str_equal ((*command)->name, name))
      return *command;
  return g_str_equal (name, perryctl_supervise_command.name) ? &perryctl_supervise_command : NULL;
}
