/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-spec-fields.h"

G_BEGIN_DECLS

/* Error messages that list fields stay below this many bytes, their NUL included. */
#define PERRY_FIELD_LINES_MAX 4096

/* The list of an error message: one line per field, in the order in which they were added. */
GPtrArray *perry_field_lines_new (void);
gboolean perry_field_lines_contain (GPtrArray *lines, PerryField field);

/* @tail: (nullable): follows @text and is kept where @text has to be shortened. */
void perry_field_lines_add (GPtrArray *lines, PerryField field, const char *text, const char *tail);

/* Every field is named, however long the texts are: what is too long for its share is shortened. Line breaks and other
 * control characters of engines and containers do not get through. */
char *perry_field_lines_format (GPtrArray *lines, const char *heading);

G_END_DECLS
