/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether a file is an ELF shared object of which nothing is cut off. The dynamic linker maps what the headers promise
 * and is killed by SIGBUS where the file ends before that, as it does after a copy that was interrupted. */
gboolean perry_plugin_elf_check (int fd, const char *path, guint64 size, GError **error);

G_END_DECLS
