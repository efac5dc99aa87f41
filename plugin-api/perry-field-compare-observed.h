/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* Comparison with the kernel's view, one function per field; see #PerryCompareObserved. */
typedef PerryVerdict PerryCompareObservedFunction (const PerryContainerSpec *asked, const PerryObservation *observation,
                                                   const PerryCompareContext *context, GString *value, GString *reason);

PerryCompareObservedFunction perry_field_compare_observed_user;
PerryCompareObservedFunction perry_field_compare_observed_workdir;
PerryCompareObservedFunction perry_field_compare_observed_read_only;
PerryCompareObservedFunction perry_field_compare_observed_capabilities;
PerryCompareObservedFunction perry_field_compare_observed_seccomp;
PerryCompareObservedFunction perry_field_compare_observed_no_new_privileges;
PerryCompareObservedFunction perry_field_compare_observed_apparmor;
PerryCompareObservedFunction perry_field_compare_observed_selinux;
PerryCompareObservedFunction perry_field_compare_observed_network;
PerryCompareObservedFunction perry_field_compare_observed_no_network;
PerryCompareObservedFunction perry_field_compare_observed_tmpfs;
PerryCompareObservedFunction perry_field_compare_observed_volumes;
PerryCompareObservedFunction perry_field_compare_observed_memory;
PerryCompareObservedFunction perry_field_compare_observed_cpus;
PerryCompareObservedFunction perry_field_compare_observed_pids_limit;
PerryCompareObservedFunction perry_field_compare_observed_hostname;
PerryCompareObservedFunction perry_field_compare_observed_group_add;
PerryCompareObservedFunction perry_field_compare_observed_shm_size;
PerryCompareObservedFunction perry_field_compare_observed_memory_swap;
PerryCompareObservedFunction perry_field_compare_observed_ulimits;
PerryCompareObservedFunction perry_field_compare_observed_pid;
PerryCompareObservedFunction perry_field_compare_observed_ipc;
PerryCompareObservedFunction perry_field_compare_observed_uts;
PerryCompareObservedFunction perry_field_compare_observed_userns;
PerryCompareObservedFunction perry_field_compare_observed_runtime;
PerryCompareObservedFunction perry_field_compare_observed_devices;
PerryCompareObservedFunction perry_field_compare_observed_tier;

/* Appends to @reason why a facet is missing; returns whether it is there. */
gboolean perry_field_has_facet (const PerryObservation *observation, PerryFacet facet, GString *reason);

/* The number of a group by the container's own account files. Returns FALSE for a name that they lack. */
gboolean perry_field_lookup_group (const PerryObservation *observation, const char *group, gint64 *ret_gid);

G_END_DECLS
