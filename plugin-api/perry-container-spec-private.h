/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-spec-problems.h"

G_BEGIN_DECLS

#define PERRY_MOUNT_VARIANT_TYPE "(sssbas)"
#define PERRY_MOUNTS_VARIANT_TYPE "a(sssbas)"

struct _PerryContainerSpec {
  GVariant *values[PERRY_FIELD_LAST];
  char *seccomp_profile; /* text of the profile that the value of `seccomp` names, by its path or as `perry` */
};

const GVariantType *perry_field_type_get_variant_type (PerryFieldType type);

/* Sorts maps by key and runs the field's validator. @value is not consumed unless floating. Returns NULL when a problem
 * was added; the result is owned by the caller. */
GVariant *perry_field_canonicalise (PerryField field, GVariant *value, const char *path, PerrySpecProblems *problems);

/* Splits `KEY=VALUE`; a label may stand without a value. Returns FALSE when a problem was added. */
gboolean perry_field_split_pair (PerryField field, const char *pair, const char *path, PerrySpecProblems *problems,
                                 char **ret_key, char **ret_value);

/* Does what perry_container_spec_set_from_text() does. Returns FALSE when a problem was added. */
gboolean perry_container_spec_add_text (PerryContainerSpec *spec, PerryField field, const char *text,
                                        const char *where, PerrySpecProblems *problems);

/* What complete() checks without looking at any file: folds `security_opt`, then fields against each other. */
void perry_container_spec_check_whole (PerryContainerSpec *spec, PerrySpecProblems *problems);

G_END_DECLS
