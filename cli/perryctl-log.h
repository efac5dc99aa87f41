/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Decides where log records go: to the journal where standard error is connected to it, as GLib decides otherwise. The
 * library's records of adjustments are left out of a terminal, because the command prints them itself; G_MESSAGES_DEBUG
 * with `perry` or `all` brings them back.
 */
void perryctl_log_install (void);

G_END_DECLS
