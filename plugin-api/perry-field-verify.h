/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-spec-fields.h"

G_BEGIN_DECLS

#define PERRY_VERIFY_MODE_MEMBER "mode"
#define PERRY_VERIFY_MODE_HELP "How strict it is: off, warn or enforce"

/* The options that set one member each; the list ends with a row whose name is NULL. */
extern const PerryFieldOption perry_field_verify_options[];

/* Validator of the field table; a #PerryFieldCheck. Options give an object one member after the other, so that what
 * members need of each other is checked there for a document alone. */
GVariant *perry_field_check_verify (GVariant *value, const char *path, PerrySpecProblems *problems);

/* The same check of what documents and options set together. */
void perry_field_check_verify_whole (const PerryContainerSpec *spec, PerrySpecProblems *problems);

G_END_DECLS
