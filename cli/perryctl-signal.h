/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * perryctl_signal_watch:
 *
 * From now on SIGINT, SIGTERM and SIGHUP do not end this program: the first one triggers the cancellable, so that the
 * call under way cleans up and returns; the others are swallowed. To be called before the first thread is made. A
 * SIGHUP that was ignored, as under nohup, stays so.
 *
 * Returns: (transfer none): the cancellable, which lives as long as the program
 */
GCancellable *perryctl_signal_watch (void);

/* 128 and the number of the signal that came, or 0. */
int perryctl_signal_get_exit_code (void);

G_END_DECLS
