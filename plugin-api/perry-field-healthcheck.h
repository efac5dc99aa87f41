/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-spec-fields.h"

G_BEGIN_DECLS

/* A member of `healthcheck`. The table ends with a row whose name is NULL. */
typedef struct {
  const char *name;
  const char *camel_case;
  PerryFieldType type; /* SECONDS stands for a time that may be shorter than a second, and is a text */
  const char *help;
} PerryHealthcheckMember;

const PerryHealthcheckMember *perry_field_get_healthcheck_members (void);

/* The options that set one member each; the list ends with a row whose name is NULL. */
extern const PerryFieldOption perry_field_healthcheck_options[];

/* Validators of the field table; each is a #PerryFieldCheck. */
GVariant *perry_field_check_healthcheck (GVariant *value, const char *path, PerrySpecProblems *problems);
GVariant *perry_field_check_restart (GVariant *value, const char *path, PerrySpecProblems *problems);

G_END_DECLS
