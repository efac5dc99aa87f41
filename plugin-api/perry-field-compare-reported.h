/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* Comparison with the engine's report, one function per field; see #PerryCompareReported. */
typedef PerryVerdict PerryCompareReportedFunction (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                                   const PerryCompareContext *context, GString *value, GString *reason);

PerryCompareReportedFunction perry_field_compare_reported_image;
PerryCompareReportedFunction perry_field_compare_reported_name;
PerryCompareReportedFunction perry_field_compare_reported_entrypoint;
PerryCompareReportedFunction perry_field_compare_reported_cmd;
PerryCompareReportedFunction perry_field_compare_reported_env;
PerryCompareReportedFunction perry_field_compare_reported_labels;
PerryCompareReportedFunction perry_field_compare_reported_user;
PerryCompareReportedFunction perry_field_compare_reported_workdir;
PerryCompareReportedFunction perry_field_compare_reported_read_only;
PerryCompareReportedFunction perry_field_compare_reported_privileged;
PerryCompareReportedFunction perry_field_compare_reported_cap_add;
PerryCompareReportedFunction perry_field_compare_reported_cap_drop;
PerryCompareReportedFunction perry_field_compare_reported_seccomp;
PerryCompareReportedFunction perry_field_compare_reported_no_new_privileges;
PerryCompareReportedFunction perry_field_compare_reported_apparmor;
PerryCompareReportedFunction perry_field_compare_reported_selinux;
PerryCompareReportedFunction perry_field_compare_reported_network;
PerryCompareReportedFunction perry_field_compare_reported_no_network;
PerryCompareReportedFunction perry_field_compare_reported_network_aliases;
PerryCompareReportedFunction perry_field_compare_reported_ports;
PerryCompareReportedFunction perry_field_compare_reported_tmpfs;
PerryCompareReportedFunction perry_field_compare_reported_volumes;
PerryCompareReportedFunction perry_field_compare_reported_memory;
PerryCompareReportedFunction perry_field_compare_reported_cpus;
PerryCompareReportedFunction perry_field_compare_reported_pids_limit;
PerryCompareReportedFunction perry_field_compare_reported_init;
PerryCompareReportedFunction perry_field_compare_reported_hostname;
PerryCompareReportedFunction perry_field_compare_reported_stop_signal;
PerryCompareReportedFunction perry_field_compare_reported_stop_timeout;
PerryCompareReportedFunction perry_field_compare_reported_group_add;
PerryCompareReportedFunction perry_field_compare_reported_shm_size;
PerryCompareReportedFunction perry_field_compare_reported_memory_swap;
PerryCompareReportedFunction perry_field_compare_reported_ulimits;
PerryCompareReportedFunction perry_field_compare_reported_sysctls;
PerryCompareReportedFunction perry_field_compare_reported_extra_hosts;
PerryCompareReportedFunction perry_field_compare_reported_dns;
PerryCompareReportedFunction perry_field_compare_reported_pid;
PerryCompareReportedFunction perry_field_compare_reported_ipc;
PerryCompareReportedFunction perry_field_compare_reported_platform;
PerryCompareReportedFunction perry_field_compare_reported_runtime;
PerryCompareReportedFunction perry_field_compare_reported_devices;
PerryCompareReportedFunction perry_field_compare_reported_uts;
PerryCompareReportedFunction perry_field_compare_reported_userns;
PerryCompareReportedFunction perry_field_compare_reported_healthcheck;
PerryCompareReportedFunction perry_field_compare_reported_restart;
PerryCompareReportedFunction perry_field_compare_reported_rm;

/* For fields whose stored values can be compared as they are. */
PerryVerdict perry_field_compare_equal (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                        PerryField field, GString *value, GString *reason);

/* For lists: every element that was asked for has to be there; engines add others. */
PerryVerdict perry_field_compare_elements (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                           PerryField field, GString *value, GString *reason);

/* For maps: every pair that was asked for has to be there; the image and the engine add others. */
PerryVerdict perry_field_compare_included (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                           PerryField field, GString *value, GString *reason);

G_END_DECLS
