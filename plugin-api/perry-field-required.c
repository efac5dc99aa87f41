/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-field-required.h"

#include "plugin-api/perry-healthcheck.h"

#define BIT(name) PERRY_CAPABILITY_BIT (PERRY_CAPABILITY_##name)

static PerryCapabilitySet
when_set (const PerryContainerSpec *spec, PerryField field, PerryCapabilitySet set)
{
  return perry_container_spec_is_set (spec, field) ? set : 0;
}

/* `false` asks for what an engine does anyway. */
static PerryCapabilitySet
when_true (const PerryContainerSpec *spec, PerryField field, PerryCapabilitySet set)
{
  return perry_container_spec_get_boolean (spec, field) ? set : 0;
}

static PerryCapabilitySet
when_not_empty (const PerryContainerSpec *spec, PerryField field, PerryCapabilitySet set)
{
  GVariant *value = perry_container_spec_get_value (spec, field);

  return value != NULL && g_variant_n_children (value) > 0 ? set : 0;
}

PerryCapabilitySet
perry_field_require_user (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_USER, BIT (RUN_AS_USER));
}

PerryCapabilitySet
perry_field_require_workdir (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_WORKDIR, BIT (WORKDIR));
}

PerryCapabilitySet
perry_field_require_read_only (const PerryContainerSpec *spec)
{
  return when_true (spec, PERRY_FIELD_READ_ONLY, BIT (READ_ONLY_ROOTFS));
}

PerryCapabilitySet
perry_field_require_privileged (const PerryContainerSpec *spec)
{
  return when_true (spec, PERRY_FIELD_PRIVILEGED, BIT (PRIVILEGED));
}

PerryCapabilitySet
perry_field_require_cap_add (const PerryContainerSpec *spec)
{
  return when_not_empty (spec, PERRY_FIELD_CAP_ADD, BIT (LINUX_CAPABILITIES));
}

PerryCapabilitySet
perry_field_require_devices (const PerryContainerSpec *spec)
{
  return when_not_empty (spec, PERRY_FIELD_DEVICES, BIT (DEVICES));
}

PerryCapabilitySet
perry_field_require_cap_drop (const PerryContainerSpec *spec)
{
  return when_not_empty (spec, PERRY_FIELD_CAP_DROP, BIT (LINUX_CAPABILITIES));
}

PerryCapabilitySet
perry_field_require_seccomp (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_SECCOMP, BIT (SECCOMP_PROFILE));
}

PerryCapabilitySet
perry_field_require_no_new_privileges (const PerryContainerSpec *spec)
{
  return when_true (spec, PERRY_FIELD_NO_NEW_PRIVILEGES, BIT (NO_NEW_PRIVILEGES));
}

PerryCapabilitySet
perry_field_require_apparmor (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_APPARMOR, BIT (APPARMOR));
}

PerryCapabilitySet
perry_field_require_selinux (const PerryContainerSpec *spec)
{
  return when_not_empty (spec, PERRY_FIELD_SELINUX, BIT (SELINUX_LABEL));
}

PerryCapabilitySet
perry_field_require_network (const PerryContainerSpec *spec)
{
  const char *network = perry_container_spec_get_string (spec, PERRY_FIELD_NETWORK);

  /* Every engine has a bridge, so there is no capability of that name. */
  if (network == NULL || g_str_equal (network, "bridge"))
    return 0;
  if (g_str_equal (network, "none"))
    return BIT (NETWORK_NONE);
  if (g_str_equal (network, "host"))
    return BIT (NETWORK_HOST);
  return BIT (USER_DEFINED_BRIDGE);
}

PerryCapabilitySet
perry_field_require_no_network (const PerryContainerSpec *spec)
{
  return when_true (spec, PERRY_FIELD_NO_NETWORK, BIT (NETWORK_NONE));
}

PerryCapabilitySet
perry_field_require_network_aliases (const PerryContainerSpec *spec)
{
  return when_not_empty (spec, PERRY_FIELD_NETWORK_ALIASES, BIT (NETWORK_ALIAS));
}

PerryCapabilitySet
perry_field_require_ports (const PerryContainerSpec *spec)
{
  return when_not_empty (spec, PERRY_FIELD_PORTS, BIT (PUBLISHED_PORTS));
}

static PerryCapabilitySet
require_mount (const PerryMount *mount)
{
  PerryCapabilitySet set = 0;

  switch (mount->type)
    {
    case PERRY_MOUNT_BIND:
      set = BIT (BIND_MOUNTS);
      break;
    case PERRY_MOUNT_VOLUME:
      set = BIT (NAMED_VOLUMES);
      break;
    case PERRY_MOUNT_TMPFS:
      set = BIT (TMPFS_MOUNTS);
      break;
    default:
      break;
    }
  if (mount->read_only)
    set |= BIT (READ_ONLY_MOUNTS);
  if (g_strv_contains ((const char *const *) mount->options, "z") ||
      g_strv_contains ((const char *const *) mount->options, "Z"))
    set |= BIT (SELINUX_MOUNT_LABELS);
  return set;
}

static PerryCapabilitySet
require_mounts (const PerryContainerSpec *spec, PerryField field)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);
  PerryCapabilitySet set = 0;

  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = g_ptr_array_index (mounts, i);

      if (mount->field == field)
        set |= require_mount (mount);
    }
  return set;
}

PerryCapabilitySet
perry_field_require_tmpfs (const PerryContainerSpec *spec)
{
  return require_mounts (spec, PERRY_FIELD_TMPFS);
}

PerryCapabilitySet
perry_field_require_volumes (const PerryContainerSpec *spec)
{
  return require_mounts (spec, PERRY_FIELD_VOLUMES);
}

PerryCapabilitySet
perry_field_require_memory (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_MEMORY, BIT (MEMORY_LIMIT));
}

PerryCapabilitySet
perry_field_require_cpus (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_CPUS, BIT (CPU_LIMIT));
}

PerryCapabilitySet
perry_field_require_pids_limit (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_PIDS_LIMIT, BIT (PIDS_LIMIT));
}

PerryCapabilitySet
perry_field_require_init (const PerryContainerSpec *spec)
{
  return when_true (spec, PERRY_FIELD_INIT, BIT (INIT));
}

PerryCapabilitySet
perry_field_require_stop_signal (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_STOP_SIGNAL, BIT (STOP_SIGNAL));
}

PerryCapabilitySet
perry_field_require_stop_timeout (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_STOP_TIMEOUT, BIT (STOP_SIGNAL));
}

PerryCapabilitySet
perry_field_require_group_add (const PerryContainerSpec *spec)
{
  return when_not_empty (spec, PERRY_FIELD_GROUP_ADD, BIT (RUN_AS_USER));
}

PerryCapabilitySet
perry_field_require_memory_swap (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_MEMORY_SWAP, BIT (MEMORY_LIMIT));
}

PerryCapabilitySet
perry_field_require_ulimits (const PerryContainerSpec *spec)
{
  return when_not_empty (spec, PERRY_FIELD_ULIMITS, BIT (ULIMITS));
}

PerryCapabilitySet
perry_field_require_sysctls (const PerryContainerSpec *spec)
{
  return when_not_empty (spec, PERRY_FIELD_SYSCTLS, BIT (SYSCTLS));
}

/* A namespace of its own is what every engine gives. */
static PerryCapabilitySet
when_shared (const PerryContainerSpec *spec, PerryField field, PerryCapabilitySet set)
{
  const char *mode = perry_container_spec_get_string (spec, field);

  return mode != NULL && !g_str_equal (mode, "private") && !g_str_equal (mode, "shareable") ? set : 0;
}

PerryCapabilitySet
perry_field_require_pid (const PerryContainerSpec *spec)
{
  return when_shared (spec, PERRY_FIELD_PID, BIT (PID_NAMESPACE_SHARE));
}

PerryCapabilitySet
perry_field_require_ipc (const PerryContainerSpec *spec)
{
  return when_shared (spec, PERRY_FIELD_IPC, BIT (IPC_NAMESPACE_SHARE));
}

PerryCapabilitySet
perry_field_require_uts (const PerryContainerSpec *spec)
{
  return when_shared (spec, PERRY_FIELD_UTS, BIT (UTS_NAMESPACE_SHARE));
}

PerryCapabilitySet
perry_field_require_userns (const PerryContainerSpec *spec)
{
  return when_set (spec, PERRY_FIELD_USERNS, BIT (USER_NAMESPACE));
}

/* An engine that runs no health checks has none to switch off. */
PerryCapabilitySet
perry_field_require_healthcheck (const PerryContainerSpec *spec)
{
  g_autoptr (PerryHealthcheck) check = perry_container_spec_dup_healthcheck (spec);

  return check != NULL && !check->disable ? BIT (HEALTHCHECK) : 0;
}

PerryCapabilitySet
perry_field_require_restart (const PerryContainerSpec *spec)
{
  return perry_container_spec_get_restart (spec, NULL) != PERRY_RESTART_NO ? BIT (RESTART_POLICY) : 0;
}

PerryCapabilitySet
perry_field_require_rm (const PerryContainerSpec *spec)
{
  return when_true (spec, PERRY_FIELD_RM, BIT (RM_ON_EXIT));
}
