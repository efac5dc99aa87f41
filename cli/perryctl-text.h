/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Text for people. Everything here is pure. */

/*
 * Makes a name or message of an engine harmless for a terminal: what is not printable, or not UTF-8, is written as
 * `\xHH` or `\u{HHHH}`. Line breaks are kept where @multi_line is TRUE. (transfer full)
 */
char *perryctl_text_escape (const char *text, gboolean multi_line);

/* Cuts a text to @size bytes, at a character's end, the last one being `…` where something is missing. (transfer full) */
char *perryctl_text_cut (const char *text, gsize size);

/* How many columns a line takes in a terminal. */
gsize perryctl_text_get_width (const char *text);

/* Cuts a line to @width columns, the last one being `…` where something is missing. (transfer full) */
char *perryctl_text_shorten (const char *text, gsize width);

/* `3 hours ago`; both times in microseconds since the epoch, `-` where @time is 0. (transfer full) */
char *perryctl_text_format_age (gint64 time, gint64 now);

/* `4.5 MB`; `-` where @bytes is negative. (transfer full) */
char *perryctl_text_format_size (gint64 bytes);

/* The first twelve digits of an id, without `sha256:`. (transfer full) */
char *perryctl_text_format_id (const char *id);

/*
 * Reads `2026-01-31T12:00:00Z`, seconds since the epoch (`1700000000.5`), or how long ago (`90s`, `10m`, `1h30m`,
 * `2d`). @ret_time is in microseconds since the epoch. Returns whether @text could be read.
 */
gboolean perryctl_text_read_time (const char *text, gint64 now, gint64 *ret_time);

G_END_DECLS
