/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/* Reads where an engine listens: an absolute path or `unix:///path`. Other schemes (tcp, ssh, fd, npipe) are an error
 * that names @origin, such as `DOCKER_HOST`, and never a fallback. Pure.
 *
 * Errors: PERRY_ERROR_BACKEND_NOT_AVAILABLE. */
char *perry_engine_endpoint_parse (const char *text, const char *origin, GError **error);

/* Gets an environment variable; an empty one counts as unset. */
const char *perry_engine_getenv (const char *name);

G_END_DECLS
