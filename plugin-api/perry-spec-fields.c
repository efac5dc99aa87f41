/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-spec-fields.h"

#include "plugin-api/perry-field-check.h"
#include "plugin-api/perry-field-compare-observed.h"
#include "plugin-api/perry-field-compare-reported.h"
#include "plugin-api/perry-field-required.h"
#include "plugin-api/perry-json.h"

/* The one table. Which capability a value needs (0 where none is named: every engine does it):
 *
 *   user run-as-user · workdir workdir · read_only read-only-rootfs · privileged privileged · cap_add, cap_drop
 *   linux-capabilities · seccomp seccomp-profile · no_new_privileges no-new-privileges · apparmor apparmor · selinux
 *   selinux-label · network network-none, network-host or user-defined-bridge by its value · no_network network-none ·
 *   tmpfs tmpfs-mounts · volumes bind-mounts, named-volumes, tmpfs-mounts, read-only-mounts and selinux-mount-labels by
 *   its elements · memory memory-limit · cpus cpu-limit · pids_limit pids-limit · init init · stop_signal, stop_timeout
 *   stop-signal · group_add run-as-user · memory_swap memory-limit · ulimits ulimits · sysctls sysctls · rm rm-on-exit
 *
 * A boolean needs its capability only where it is true, a list only where it is not empty. */
static const PerryFieldInfo fields[PERRY_FIELD_LAST] = {
  [PERRY_FIELD_IMAGE] = {
    .field = PERRY_FIELD_IMAGE,
    .name = "image",
    .camel_case = "image",
    .type = PERRY_FIELD_TYPE_STRING,
    .flags = PERRY_FIELD_REQUIRED,
    .unset = "an error: a container needs an image",
    .help = "Image to run, by name, digest or id",
    .check = perry_field_check_image,
    .compare_reported = perry_field_compare_reported_image,
  },
  [PERRY_FIELD_NAME] = {
    .field = PERRY_FIELD_NAME,
    .name = "name",
    .camel_case = "name",
    .alias = "container_name",
    .type = PERRY_FIELD_TYPE_STRING,
    .unset = "a name with the prefix perry- and a random end",
    .option = "name",
    .argument = "NAME",
    .help = "Name of the container",
    .check = perry_field_check_name,
    .compare_reported = perry_field_compare_reported_name,
  },
  [PERRY_FIELD_ENTRYPOINT] = {
    .field = PERRY_FIELD_ENTRYPOINT,
    .name = "entrypoint",
    .camel_case = "entrypoint",
    .type = PERRY_FIELD_TYPE_STRV,
    .unset = "the image's entrypoint",
    .option = "entrypoint",
    .argument = "PROGRAM",
    .help = "Program to run instead of the image's entrypoint",
    .check = perry_field_check_entrypoint,
    .compare_reported = perry_field_compare_reported_entrypoint,
  },
  [PERRY_FIELD_CMD] = {
    .field = PERRY_FIELD_CMD,
    .name = "cmd",
    .camel_case = "cmd",
    .alias = "command",
    .type = PERRY_FIELD_TYPE_STRV,
    .unset = "the image's command",
    .help = "Command and its arguments",
    .check = perry_field_check_cmd,
    .compare_reported = perry_field_compare_reported_cmd,
  },
  [PERRY_FIELD_ENV] = {
    .field = PERRY_FIELD_ENV,
    .name = "env",
    .camel_case = "env",
    .alias = "environment",
    .type = PERRY_FIELD_TYPE_MAP,
    .unset = "the image's environment",
    .option = "env",
    .short_option = 'e',
    .argument = "NAME=VALUE",
    .help = "Set an environment variable",
    .check = perry_field_check_env,
    .compare_reported = perry_field_compare_reported_env,
  },
  [PERRY_FIELD_LABELS] = {
    .field = PERRY_FIELD_LABELS,
    .name = "labels",
    .camel_case = "labels",
    .type = PERRY_FIELD_TYPE_MAP,
    .unset = "the image's labels",
    .option = "label",
    .short_option = 'l',
    .argument = "NAME=VALUE",
    .help = "Set a label",
    .check = perry_field_check_labels,
    .compare_reported = perry_field_compare_reported_labels,
  },
  [PERRY_FIELD_USER] = {
    .field = PERRY_FIELD_USER,
    .name = "user",
    .camel_case = "user",
    .type = PERRY_FIELD_TYPE_STRING,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "the image's user, which is root in most images",
    .option = "user",
    .short_option = 'u',
    .argument = "USER[:GROUP]",
    .help = "User and group, by number or name",
    .check = perry_field_check_user,
    .required = perry_field_require_user,
    .compare_reported = perry_field_compare_reported_user,
    .compare_observed = perry_field_compare_observed_user,
  },
  [PERRY_FIELD_WORKDIR] = {
    .field = PERRY_FIELD_WORKDIR,
    .name = "workdir",
    .camel_case = "workdir",
    .alias = "working_dir",
    .type = PERRY_FIELD_TYPE_STRING,
    .unset = "the image's working directory",
    .option = "workdir",
    .short_option = 'w',
    .argument = "DIRECTORY",
    .help = "Working directory in the container",
    .check = perry_field_check_workdir,
    .required = perry_field_require_workdir,
    .compare_reported = perry_field_compare_reported_workdir,
    .compare_observed = perry_field_compare_observed_workdir,
  },
  [PERRY_FIELD_READ_ONLY] = {
    .field = PERRY_FIELD_READ_ONLY,
    .name = "read_only",
    .camel_case = "readOnly",
    .type = PERRY_FIELD_TYPE_BOOLEAN,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "a writable root file system",
    .option = "read-only",
    .help = "Make the root file system read-only; /tmp becomes a tmpfs",
    .required = perry_field_require_read_only,
    .compare_reported = perry_field_compare_reported_read_only,
    .compare_observed = perry_field_compare_observed_read_only,
  },
  [PERRY_FIELD_PRIVILEGED] = {
    .field = PERRY_FIELD_PRIVILEGED,
    .name = "privileged",
    .camel_case = "privileged",
    .type = PERRY_FIELD_TYPE_BOOLEAN,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "not privileged",
    .option = "privileged",
    .help = "Give the container all capabilities and the host's devices",
    .required = perry_field_require_privileged,
    .compare_reported = perry_field_compare_reported_privileged,
    .compare_observed = perry_field_compare_observed_capabilities,
  },
  [PERRY_FIELD_CAP_ADD] = {
    .field = PERRY_FIELD_CAP_ADD,
    .name = "cap_add",
    .camel_case = "capAdd",
    .type = PERRY_FIELD_TYPE_STRV,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "nothing beyond the engine's default (Docker: 14 capabilities, Podman: 11)",
    .option = "cap-add",
    .argument = "CAPABILITY",
    .help = "Add a Linux capability, or ALL",
    .check = perry_field_check_capabilities,
    .required = perry_field_require_cap_add,
    .compare_reported = perry_field_compare_reported_cap_add,
    .compare_observed = perry_field_compare_observed_capabilities,
  },
  [PERRY_FIELD_CAP_DROP] = {
    .field = PERRY_FIELD_CAP_DROP,
    .name = "cap_drop",
    .camel_case = "capDrop",
    .type = PERRY_FIELD_TYPE_STRV,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "the engine's default (Docker: 14 capabilities, Podman: 11)",
    .option = "cap-drop",
    .argument = "CAPABILITY",
    .help = "Drop a Linux capability, or ALL",
    .check = perry_field_check_capabilities,
    .required = perry_field_require_cap_drop,
    .compare_reported = perry_field_compare_reported_cap_drop,
    .compare_observed = perry_field_compare_observed_capabilities,
  },
  [PERRY_FIELD_SECCOMP] = {
    .field = PERRY_FIELD_SECCOMP,
    .name = "seccomp",
    .camel_case = "seccomp",
    .type = PERRY_FIELD_TYPE_PROFILE,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "the engine's default profile where the engine and the kernel have seccomp",
    .option = "seccomp",
    .argument = "PROFILE",
    .help = "Seccomp profile: default, unconfined, a file, or a JSON object",
    .check = perry_field_check_seccomp,
    .required = perry_field_require_seccomp,
    .compare_reported = perry_field_compare_reported_seccomp,
    .compare_observed = perry_field_compare_observed_seccomp,
  },
  [PERRY_FIELD_NO_NEW_PRIVILEGES] = {
    .field = PERRY_FIELD_NO_NEW_PRIVILEGES,
    .name = "no_new_privileges",
    .camel_case = "noNewPrivileges",
    .type = PERRY_FIELD_TYPE_BOOLEAN,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "set-user-ID programs can gain privileges, unless the engine is configured otherwise",
    .option = "no-new-privileges",
    .help = "Keep processes from gaining privileges",
    .required = perry_field_require_no_new_privileges,
    .compare_reported = perry_field_compare_reported_no_new_privileges,
    .compare_observed = perry_field_compare_observed_no_new_privileges,
  },
  [PERRY_FIELD_APPARMOR] = {
    .field = PERRY_FIELD_APPARMOR,
    .name = "apparmor",
    .camel_case = "apparmor",
    .type = PERRY_FIELD_TYPE_STRING,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "the engine's default profile where the host has AppArmor",
    .option = "apparmor",
    .argument = "PROFILE",
    .help = "AppArmor profile, or unconfined",
    .check = perry_field_check_apparmor,
    .required = perry_field_require_apparmor,
    .compare_reported = perry_field_compare_reported_apparmor,
    .compare_observed = perry_field_compare_observed_apparmor,
  },
  [PERRY_FIELD_SELINUX] = {
    .field = PERRY_FIELD_SELINUX,
    .name = "selinux",
    .camel_case = "selinux",
    .type = PERRY_FIELD_TYPE_STRV,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "the engine's default label where the host has SELinux",
    .option = "selinux",
    .argument = "LABEL",
    .help = "SELinux label option: disable, user:…, role:…, type:… or level:…",
    .check = perry_field_check_selinux,
    .required = perry_field_require_selinux,
    .compare_reported = perry_field_compare_reported_selinux,
    .compare_observed = perry_field_compare_observed_selinux,
  },
  [PERRY_FIELD_SECURITY_OPT] = {
    .field = PERRY_FIELD_SECURITY_OPT,
    .name = "security_opt",
    .camel_case = "securityOpt",
    .type = PERRY_FIELD_TYPE_STRV,
    .flags = PERRY_FIELD_SHORTHAND,
    .unset = "nothing",
    .option = "security-opt",
    .argument = "OPTION",
    .help = "no-new-privileges, seccomp=…, apparmor=… or label=…",
    .check = perry_field_check_security_opt,
  },
  [PERRY_FIELD_NETWORK] = {
    .field = PERRY_FIELD_NETWORK,
    .name = "network",
    .camel_case = "network",
    .alias = "network_mode",
    .type = PERRY_FIELD_TYPE_STRING,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "the engine's default network: a bridge that reaches the outside",
    .option = "network",
    .argument = "NETWORK",
    .help = "Network: none, host, bridge, or a network's name",
    .check = perry_field_check_network,
    .required = perry_field_require_network,
    .compare_reported = perry_field_compare_reported_network,
    .compare_observed = perry_field_compare_observed_network,
  },
  [PERRY_FIELD_NO_NETWORK] = {
    .field = PERRY_FIELD_NO_NETWORK,
    .name = "no_network",
    .camel_case = "noNetwork",
    .type = PERRY_FIELD_TYPE_BOOLEAN,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "what network says",
    .option = "no-network",
    .help = "Give the container no network; the same as --network none",
    .required = perry_field_require_no_network,
    .compare_reported = perry_field_compare_reported_no_network,
    .compare_observed = perry_field_compare_observed_no_network,
  },
  [PERRY_FIELD_TMPFS] = {
    .field = PERRY_FIELD_TMPFS,
    .name = "tmpfs",
    .camel_case = "tmpfs",
    .type = PERRY_FIELD_TYPE_STRV,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "none, but /tmp where read_only is true; an empty list means none at all",
    .option = "tmpfs",
    .argument = "PATH[:OPTIONS]",
    .help = "Mount a tmpfs",
    .check = perry_field_check_tmpfs_list,
    .required = perry_field_require_tmpfs,
    .compare_reported = perry_field_compare_reported_tmpfs,
    .compare_observed = perry_field_compare_observed_tmpfs,
  },
  [PERRY_FIELD_VOLUMES] = {
    .field = PERRY_FIELD_VOLUMES,
    .name = "volumes",
    .camel_case = "volumes",
    .type = PERRY_FIELD_TYPE_MOUNTS,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "the volumes that the image declares",
    .option = "volume",
    .short_option = 'v',
    .argument = "SOURCE:TARGET[:OPTIONS]",
    .help = "Mount a directory of the host or a named volume",
    .check = perry_field_check_volumes,
    .required = perry_field_require_volumes,
    .compare_reported = perry_field_compare_reported_volumes,
    .compare_observed = perry_field_compare_observed_volumes,
  },
  [PERRY_FIELD_MEMORY] = {
    .field = PERRY_FIELD_MEMORY,
    .name = "memory",
    .camel_case = "memory",
    .alias = "mem_limit",
    .type = PERRY_FIELD_TYPE_SIZE,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "no limit",
    .option = "memory",
    .short_option = 'm',
    .argument = "SIZE",
    .help = "Limit of memory, such as 256m",
    .check = perry_field_check_memory,
    .required = perry_field_require_memory,
    .compare_reported = perry_field_compare_reported_memory,
    .compare_observed = perry_field_compare_observed_memory,
  },
  [PERRY_FIELD_CPUS] = {
    .field = PERRY_FIELD_CPUS,
    .name = "cpus",
    .camel_case = "cpus",
    .alias = "cpu_limit",
    .type = PERRY_FIELD_TYPE_NUMBER,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "no limit",
    .option = "cpus",
    .argument = "NUMBER",
    .help = "Limit of CPU time, in CPUs, such as 1.5",
    .check = perry_field_check_cpus,
    .required = perry_field_require_cpus,
    .compare_reported = perry_field_compare_reported_cpus,
    .compare_observed = perry_field_compare_observed_cpus,
  },
  [PERRY_FIELD_PIDS_LIMIT] = {
    .field = PERRY_FIELD_PIDS_LIMIT,
    .name = "pids_limit",
    .camel_case = "pidsLimit",
    .type = PERRY_FIELD_TYPE_INTEGER,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "the engine's default (Docker: no limit, Podman: 2048)",
    .option = "pids-limit",
    .argument = "NUMBER",
    .help = "Limit of processes, -1 for none",
    .check = perry_field_check_pids_limit,
    .required = perry_field_require_pids_limit,
    .compare_reported = perry_field_compare_reported_pids_limit,
    .compare_observed = perry_field_compare_observed_pids_limit,
  },
  [PERRY_FIELD_INIT] = {
    .field = PERRY_FIELD_INIT,
    .name = "init",
    .camel_case = "init",
    .type = PERRY_FIELD_TYPE_BOOLEAN,
    .unset = "the command is the container's first process, unless the engine is configured otherwise",
    .option = "init",
    .help = "Run a small init that reaps processes and forwards signals",
    .required = perry_field_require_init,
    .compare_reported = perry_field_compare_reported_init,
  },
  [PERRY_FIELD_HOSTNAME] = {
    .field = PERRY_FIELD_HOSTNAME,
    .name = "hostname",
    .camel_case = "hostname",
    .type = PERRY_FIELD_TYPE_STRING,
    .unset = "the first characters of the container's id",
    .option = "hostname",
    .argument = "NAME",
    .help = "Host name of the container",
    .check = perry_field_check_hostname,
    .compare_reported = perry_field_compare_reported_hostname,
    .compare_observed = perry_field_compare_observed_hostname,
  },
  [PERRY_FIELD_STOP_SIGNAL] = {
    .field = PERRY_FIELD_STOP_SIGNAL,
    .name = "stop_signal",
    .camel_case = "stopSignal",
    .type = PERRY_FIELD_TYPE_STRING,
    .unset = "the image's stop signal, which is SIGTERM in most images",
    .option = "stop-signal",
    .argument = "SIGNAL",
    .help = "Signal that asks the container to end",
    .check = perry_field_check_stop_signal,
    .required = perry_field_require_stop_signal,
    .compare_reported = perry_field_compare_reported_stop_signal,
  },
  [PERRY_FIELD_STOP_TIMEOUT] = {
    .field = PERRY_FIELD_STOP_TIMEOUT,
    .name = "stop_timeout",
    .camel_case = "stopTimeout",
    .alias = "stop_grace_period",
    .type = PERRY_FIELD_TYPE_SECONDS,
    .unset = "the engine's default, which is 10 seconds",
    .option = "stop-timeout",
    .argument = "SECONDS",
    .help = "Seconds between the stop signal and SIGKILL",
    .check = perry_field_check_stop_timeout,
    .required = perry_field_require_stop_timeout,
    .compare_reported = perry_field_compare_reported_stop_timeout,
  },
  [PERRY_FIELD_GROUP_ADD] = {
    .field = PERRY_FIELD_GROUP_ADD,
    .name = "group_add",
    .camel_case = "groupAdd",
    .type = PERRY_FIELD_TYPE_STRV,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "the groups that the image gives to the user",
    .option = "group-add",
    .argument = "GROUP",
    .help = "Add a supplementary group, by number or name",
    .check = perry_field_check_group_add,
    .required = perry_field_require_group_add,
    .compare_reported = perry_field_compare_reported_group_add,
    .compare_observed = perry_field_compare_observed_group_add,
  },
  [PERRY_FIELD_SHM_SIZE] = {
    .field = PERRY_FIELD_SHM_SIZE,
    .name = "shm_size",
    .camel_case = "shmSize",
    .type = PERRY_FIELD_TYPE_SIZE,
    .unset = "64m, unless the engine is configured otherwise",
    .option = "shm-size",
    .argument = "SIZE",
    .help = "Size of /dev/shm, such as 128m",
    .check = perry_field_check_shm_size,
    .compare_reported = perry_field_compare_reported_shm_size,
    .compare_observed = perry_field_compare_observed_shm_size,
  },
  [PERRY_FIELD_MEMORY_SWAP] = {
    .field = PERRY_FIELD_MEMORY_SWAP,
    .name = "memory_swap",
    .camel_case = "memorySwap",
    .alias = "memswap_limit",
    .type = PERRY_FIELD_TYPE_SIZE,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "no swap beyond the memory limit",
    .option = "memory-swap",
    .argument = "SIZE",
    .help = "Limit of memory and swap together, -1 for no limit of swap",
    .check = perry_field_check_memory_swap,
    .required = perry_field_require_memory_swap,
    .compare_reported = perry_field_compare_reported_memory_swap,
    .compare_observed = perry_field_compare_observed_memory_swap,
  },
  [PERRY_FIELD_ULIMITS] = {
    .field = PERRY_FIELD_ULIMITS,
    .name = "ulimits",
    .camel_case = "ulimits",
    .type = PERRY_FIELD_TYPE_MAP,
    .flags = PERRY_FIELD_SECURITY,
    .unset = "the engine's default",
    .option = "ulimit",
    .argument = "NAME=SOFT[:HARD]",
    .help = "Set a limit of the process, such as nofile=1024:2048",
    .check = perry_field_check_ulimits,
    .required = perry_field_require_ulimits,
    .compare_reported = perry_field_compare_reported_ulimits,
    .compare_observed = perry_field_compare_observed_ulimits,
  },
  [PERRY_FIELD_SYSCTLS] = {
    .field = PERRY_FIELD_SYSCTLS,
    .name = "sysctls",
    .camel_case = "sysctls",
    .type = PERRY_FIELD_TYPE_MAP,
    .unset = "the kernel's value for a new namespace",
    .option = "sysctl",
    .argument = "NAME=VALUE",
    .help = "Set a kernel parameter of the container",
    .check = perry_field_check_sysctls,
    .required = perry_field_require_sysctls,
    .compare_reported = perry_field_compare_reported_sysctls,
  },
  [PERRY_FIELD_EXTRA_HOSTS] = {
    .field = PERRY_FIELD_EXTRA_HOSTS,
    .name = "extra_hosts",
    .camel_case = "extraHosts",
    .type = PERRY_FIELD_TYPE_STRV,
    .unset = "no further names in /etc/hosts",
    .option = "add-host",
    .argument = "NAME:ADDRESS",
    .help = "Add a name to /etc/hosts; the address host-gateway means the host",
    .check = perry_field_check_extra_hosts,
    .compare_reported = perry_field_compare_reported_extra_hosts,
  },
  [PERRY_FIELD_DNS] = {
    .field = PERRY_FIELD_DNS,
    .name = "dns",
    .camel_case = "dns",
    .type = PERRY_FIELD_TYPE_STRV,
    .unset = "the engine's name servers",
    .option = "dns",
    .argument = "ADDRESS",
    .help = "Name server of the container",
    .check = perry_field_check_dns,
    .compare_reported = perry_field_compare_reported_dns,
  },
  [PERRY_FIELD_RM] = {
    .field = PERRY_FIELD_RM,
    .name = "rm",
    .camel_case = "rm",
    .type = PERRY_FIELD_TYPE_BOOLEAN,
    .unset = "the container stays after it has ended",
    .option = "rm",
    .help = "Remove the container when it has ended",
    .required = perry_field_require_rm,
    .compare_reported = perry_field_compare_reported_rm,
  },
  [PERRY_FIELD_TIER] = {
    .field = PERRY_FIELD_TIER,
    .name = "tier",
    .camel_case = "tier",
    .type = PERRY_FIELD_TYPE_STRING,
    .flags = PERRY_FIELD_CONTROL,
    .words = perry_field_tier_words,
    .unset = "default",
    .option = "tier",
    .argument = "TIER",
    .help = "Policy tier; this version has the tier default alone",
    .check = perry_field_check_tier,
  },
  [PERRY_FIELD_ENFORCEMENT] = {
    .field = PERRY_FIELD_ENFORCEMENT,
    .name = "enforcement",
    .camel_case = "enforcement",
    .type = PERRY_FIELD_TYPE_STRING,
    .flags = PERRY_FIELD_CONTROL,
    .words = perry_field_enforcement_words,
    .unset = "what the configuration says, which is warn as shipped",
    .option = "enforcement",
    .argument = "MODE",
    .help = "What happens to a field that the engine lacks: lenient, warn or strict",
    .check = perry_field_check_enforcement,
  },
  [PERRY_FIELD_REQUIRE] = {
    .field = PERRY_FIELD_REQUIRE,
    .name = "require",
    .camel_case = "require",
    .type = PERRY_FIELD_TYPE_STRV,
    .flags = PERRY_FIELD_CONTROL,
    .unset = "no field is enforced beyond the mode",
    .option = "require",
    .argument = "FIELD",
    .help = "Refuse to run if this field cannot be honoured, in every mode",
    .check = perry_field_check_field_names,
  },
  [PERRY_FIELD_PREFER] = {
    .field = PERRY_FIELD_PREFER,
    .name = "prefer",
    .camel_case = "prefer",
    .type = PERRY_FIELD_TYPE_STRV,
    .flags = PERRY_FIELD_CONTROL,
    .unset = "no field is excepted from strict mode",
    .option = "prefer",
    .argument = "FIELD",
    .help = "Run without this field if it cannot be honoured, in strict mode too",
    .check = perry_field_check_field_names,
  },
  [PERRY_FIELD_VERIFY] = {
    .field = PERRY_FIELD_VERIFY,
    .name = "verify",
    .camel_case = "verify",
    .type = PERRY_FIELD_TYPE_OBJECT,
    .flags = PERRY_FIELD_CONTROL,
    .unset = "what the configuration says",
    .help = "Verification of the image; not available in this version",
  },
};

const PerryFieldInfo *
perry_field_get_info (PerryField field)
{
  g_return_val_if_fail ((guint) field < PERRY_FIELD_LAST, NULL);
  return &fields[field];
}

const char *
perry_field_get_name (PerryField field)
{
  g_return_val_if_fail ((guint) field < PERRY_FIELD_LAST, NULL);
  return fields[field].name;
}

/* Compares `memLimit` with `mem_limit`: only the names themselves have their camelCase in the table. */
static gboolean
equals_in_camel_case (const char *camel, const char *snake)
{
  while (*camel != '\0' && *snake != '\0')
    {
      gboolean is_new_word = *snake == '_';

      snake += is_new_word ? 1 : 0;
      if (*camel != (is_new_word ? g_ascii_toupper (*snake) : *snake))
        return FALSE;
      camel++;
      snake++;
    }
  return *camel == *snake;
}

gboolean
perry_field_from_name (const char *name, PerryField *ret_field)
{
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ret_field != NULL, FALSE);

  for (int i = 0; i < PERRY_FIELD_LAST; i++)
    {
      const PerryFieldInfo *info = &fields[i];

      if (g_str_equal (name, info->name) || g_str_equal (name, info->camel_case) ||
          (info->alias != NULL && (g_str_equal (name, info->alias) || equals_in_camel_case (name, info->alias))))
        {
          *ret_field = i;
          return TRUE;
        }
    }
  return FALSE;
}

const char *
perry_field_nearest (const char *name)
{
  const char *known[3 * PERRY_FIELD_LAST + 1];
  const char *nearest;
  PerryField field;
  guint n_known = 0;

  g_return_val_if_fail (name != NULL, NULL);

  for (int i = 0; i < PERRY_FIELD_LAST; i++)
    {
      known[n_known++] = fields[i].name;
      known[n_known++] = fields[i].camel_case;
      if (fields[i].alias != NULL)
        known[n_known++] = fields[i].alias;
    }
  known[n_known] = NULL;

  nearest = perry_json_nearest_key (name, known);
  return nearest != NULL && perry_field_from_name (nearest, &field) ? fields[field].name : NULL;
}
