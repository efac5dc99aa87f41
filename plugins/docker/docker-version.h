/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-error.h"

G_BEGIN_DECLS

/* Chooses the API version from the headers of a ping: the newest that both sides know, from 1.40 to 1.51. Refuses
 * Podman behind a Docker socket, which silently leaves out what this plugin asks for, and other imitations. Pure.
 *
 * Errors: PERRY_ERROR_BACKEND_NOT_AVAILABLE. */
char *perry_docker_negotiate (const char *server, const char *api_version, const char *libpod_version, GError **error);

/* The minor number of a version of the form 1.N; 0 for anything else. */
guint perry_docker_version_minor (const char *version);

G_END_DECLS
