/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Whether standard output is a terminal that is to be coloured: NO_COLOR is not set, TERM is not `dumb`. */
gboolean perryctl_output_has_colour (void);

/* Prints a line for people; what could harm a terminal is escaped. */
void perryctl_output_print_line (const char *text);

/* Prints a document and a newline. (transfer full) */
void perryctl_output_take_json (JsonNode *node);

/* Adds a member that is a string, or null. */
void perryctl_output_add_member (JsonBuilder *builder, const char *name, const char *text);

/* Prints `perryctl: COMMAND: MESSAGE` to standard error; @command may be NULL. */
void perryctl_output_print_error (const char *command, const char *message);

/*
 * Ends standard output: a full disk is an error, not silence. Returns FALSE and has said why, but for a closed pipe, of
 * which the reader knows.
 */
gboolean perryctl_output_finish (const char *command);

G_END_DECLS
