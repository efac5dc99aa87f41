/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "perry-export.h"

G_BEGIN_DECLS

/**
 * PerryTextFlags:
 * @PERRY_TEXT_DEFAULT: one line, and all of it
 * @PERRY_TEXT_MULTI_LINE: line feeds and tabulators stay as they are
 * @PERRY_TEXT_CONTINUES: more follows, so that the beginning of a character at the end is left for later
 *
 * What perry_text_escape() is given.
 *
 * Since: 0.1
 */
typedef enum /*< flags >*/ {
  PERRY_TEXT_DEFAULT = 0,
  PERRY_TEXT_MULTI_LINE = 1 << 0,
  PERRY_TEXT_CONTINUES = 1 << 1,
} PerryTextFlags;

/**
 * perry_text_escape:
 * @to: what is appended to
 * @data: (array length=length): bytes that somebody else has written
 * @length: how many
 * @flags: how they are to be taken
 *
 * Appends @data so that it does nothing to a terminal: a control character, or a character that changes the direction of
 * text or cannot be seen, becomes `\xHH` or `\u{HHHH}`, and so does each byte that is not UTF-8. Everything else stays.
 *
 * Returns: how many bytes of @data were used: all, or up to three less with %PERRY_TEXT_CONTINUES
 *
 * Since: 0.1
 */
PERRY_API gsize perry_text_escape (GString *to, const char *data, gsize length, PerryTextFlags flags);

G_END_DECLS
