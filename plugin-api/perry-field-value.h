/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads an amount as Compose does: `256m`, `1.5g`, `64KiB`, `1024`. Returns FALSE where @text is none. */
gboolean perry_field_parse_size (const char *text, gint64 *ret_bytes);

/* Reads a time as Compose does, in whole seconds: `90`, `90s`, `1m30s`, `2h`. Returns FALSE where @text is none. */
gboolean perry_field_parse_seconds (const char *text, gint64 *ret_seconds);

/* Reads a time with its units, which may be shorter than a second: `1m30s`, `1.5s`, `500ms`, `100us`, and `0`. */
gboolean perry_field_parse_duration (const char *text, gint64 *ret_us);

/* Prints a time in whole units: `1m30s`, `500ms`. */
char *perry_field_format_duration (gint64 us);

/* Prints an amount in the largest unit that divides it: `64m`. The kernel reads it as well. */
char *perry_field_format_size (gint64 bytes);

/* Reads a decimal number without exponent. */
gboolean perry_field_parse_number (const char *text, double *ret_number);

/* Prints a number with as few digits as are needed. */
char *perry_field_format_number (double number);

G_END_DECLS
