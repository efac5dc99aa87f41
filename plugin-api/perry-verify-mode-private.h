/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-verify-mode.h"

G_BEGIN_DECLS

/* The words for modes, one after the other; NULL after the last. */
const char *perry_verify_mode_get_word (guint index);

G_END_DECLS
