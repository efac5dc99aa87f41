/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Decides where log records go: to the journal where standard error is connected to it, as GLib decides otherwise.
 *
 * The library's records of adjustments are not for a terminal. One that the enforcement mode wants printed becomes a
 * warning of this program, while the container has not started yet; the others are left out. G_MESSAGES_DEBUG with
 * `perry` or `all` brings the records back.
 */
void perryctl_log_install (void);

/* Whether a record of this field and action was printed or went to the journal. */
gboolean perryctl_log_has_said (const char *field, const char *action);

G_END_DECLS
