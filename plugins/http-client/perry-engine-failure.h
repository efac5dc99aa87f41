/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/* Gives an error the code PERRY_ERROR_COMMAND_NOT_FOUND or PERRY_ERROR_COMMAND_NOT_EXECUTABLE where its text is that of
 * runc or crun about the container's command, and leaves it alone where it is about anything else: "no such file or
 * directory" and "permission denied" alone can mean a mount or a limit. Pure. */
void perry_engine_failure_classify (GError *error);

G_END_DECLS
