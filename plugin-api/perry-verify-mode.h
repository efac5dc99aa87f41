/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "plugin-api/perry-export.h"

G_BEGIN_DECLS

/**
 * PerryVerifyMode:
 * @PERRY_VERIFY_OFF: no image is verified
 * @PERRY_VERIFY_WARN: images are verified; one that fails runs, and that is said
 * @PERRY_VERIFY_ENFORCE: an image that fails does not run
 *
 * What verification of images has to do. A higher one is stricter.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_VERIFY_OFF,
  PERRY_VERIFY_WARN,
  PERRY_VERIFY_ENFORCE,
} PerryVerifyMode;

/**
 * perry_verify_mode_from_text:
 * @text: a word: `0`, `off`, `false` or `no`; `warn`; `1`, `on`, `true`, `yes`, `enforce` or `strict`
 * @ret_mode: (out): the mode, untouched where the word is unknown
 *
 * Reads a mode. Upper and lower case are the same. An empty text is no word: whether it counts as unset is the caller's
 * to say.
 *
 * Returns: whether the word is known; where it is not, nothing may run
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_verify_mode_from_text (const char *text, PerryVerifyMode *ret_mode);

/**
 * perry_verify_mode_get_name:
 * @mode: a mode
 *
 * Gets the one word that a mode is written with.
 *
 * Returns: (transfer none): `off`, `warn` or `enforce`; `enforce` for a value that is not a [enum@Perry.VerifyMode]
 *
 * Since: 0.1
 */
PERRY_API const char *perry_verify_mode_get_name (PerryVerifyMode mode);

G_END_DECLS
