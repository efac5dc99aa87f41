/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The only reader of the host's clock in the library: answers that are kept outlive the process and the boot, and a record
 * says when. Microseconds since the epoch; @ret_text: (optional) the same as `2026-01-31T23:59:59.123Z`. */
gint64 perry_verify_clock_now (char **ret_text);

G_END_DECLS
