/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Opens the network namespace that most threads of a process are in. An engine's threads visit the namespaces of its
 * containers, and its first one, which the process's own entry in /proc is about, can stay in one for good: Go cannot end
 * it with what it ran. -1 where there is no such process or it may not be looked at; else the caller closes it. */
int perry_engine_network_open (gint64 pid);

/* Whether an open namespace is the one that the calling thread is in. */
gboolean perry_engine_network_is_ours (int network);

G_END_DECLS
