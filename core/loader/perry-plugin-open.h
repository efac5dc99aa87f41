/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/loader/perry-trusted-path.h"
#include "plugin-api/perry-plugin.h"

G_BEGIN_DECLS

/* Checks directory/file_name and opens it for as long as the process lives. ret_symbol_size is the size of the
 * exported descriptor, 0 where the dynamic linker does not tell. */
const PerryPluginDescriptor *perry_plugin_open_file (const char *directory, const char *file_name,
                                                     const PerryTrustedOwners *owners, gsize *ret_symbol_size,
                                                     GError **error);

G_END_DECLS
