/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/* Puts the text of a seccomp profile into a file that Podman can be given: it takes profiles by path only. The file's
 * name is the text's digest, so each profile is written once, and completely or not at all.
 *
 * Errors: PERRY_ERROR_FAILED, PERRY_ERROR_PERMISSION_DENIED. */
char *perry_podman_write_profile (const char *directory, const char *text, GError **error);

G_END_DECLS
