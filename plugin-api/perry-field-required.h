/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* Which capabilities an engine needs for a spec's value of a field. They are asked for set fields only. */
PerryCapabilitySet perry_field_require_user (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_workdir (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_read_only (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_privileged (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_cap_add (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_cap_drop (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_seccomp (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_no_new_privileges (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_apparmor (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_selinux (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_network (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_no_network (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_network_aliases (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_ports (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_tmpfs (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_volumes (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_devices (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_memory (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_cpus (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_pids_limit (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_init (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_stop_signal (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_stop_timeout (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_group_add (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_memory_swap (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_ulimits (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_sysctls (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_pid (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_ipc (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_uts (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_userns (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_healthcheck (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_restart (const PerryContainerSpec *spec);
PerryCapabilitySet perry_field_require_rm (const PerryContainerSpec *spec);

G_END_DECLS
