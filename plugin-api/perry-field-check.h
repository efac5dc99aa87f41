/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-spec-fields.h"

G_BEGIN_DECLS

/* The validators of the field table; each is a #PerryFieldCheck. */
GVariant *perry_field_check_image (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_name (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_entrypoint (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_cmd (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_env (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_labels (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_user (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_workdir (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_capabilities (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_seccomp (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_apparmor (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_selinux (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_security_opt (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_network (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_network_aliases (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_ports (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_tmpfs_list (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_volumes (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_memory (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_cpus (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_pids_limit (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_hostname (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_stop_signal (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_stop_timeout (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_group_add (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_shm_size (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_memory_swap (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_ulimits (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_sysctls (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_extra_hosts (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_dns (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_pid (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_ipc (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_uts (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_userns (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_devices (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_platform (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_runtime (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_tier (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_enforcement (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_field_names (GVariant *value, const char *path, PerrySpecProblems *problems);

/* A number that fits an id, or a name as account files have it. */
gboolean perry_field_is_account (const char *text);

/* Engines' syntax for the names of containers, networks and volumes. */
gboolean perry_field_is_engine_name (const char *text);

/* Whether a kernel parameter belongs to the namespace of this kind; FALSE for what no container may set. */
gboolean perry_field_sysctl_belongs_to (const char *name, PerryNamespaceKind kind);

extern const char *const perry_field_tier_words[];
extern const char *const perry_field_enforcement_words[];

/* Whether a value of `seccomp` is an inline object, and whether it names a file. */
gboolean perry_field_seccomp_is_inline (const char *value);
gboolean perry_field_seccomp_is_path (const char *value);

/* Checks the text of a seccomp profile, which messages call @what. Returns FALSE when a problem was added. */
gboolean perry_field_check_profile_text (const char *text, gsize length, const char *path, const char *what,
                                         PerrySpecProblems *problems);

/* An element of `security_opt`. @value is NULL where it has none. */
typedef struct {
  PerryField field;
  char *value;
} PerrySecurityOption;

/* Splits an element of `security_opt`. Returns FALSE when a problem was added. */
gboolean perry_field_split_security_option (const char *text, const char *path, PerrySpecProblems *problems,
                                            PerrySecurityOption *ret_option);

G_END_DECLS
