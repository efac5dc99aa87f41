/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes sure that a directory of ours (0700, owned by us, no symbolic link) exists for sockets, locks and profiles:
 * $XDG_RUNTIME_DIR/perry-container, /run/perry-container for root, else /tmp/perry-container-UID. */
char *perry_runtime_directory_ensure (GError **error);

G_END_DECLS
