/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "perry-export.h"

G_BEGIN_DECLS

/**
 * PerryRegistryCredentials:
 * @username: (nullable): the user's name, which may stand beside an identity token
 * @password: (nullable): the password, or %NULL where there is an identity token alone
 * @identity_token: (nullable): a token that is exchanged for others, instead of the password
 * @origin: where they came from, for people: a file, or a helper and the file that names it
 *
 * What somebody proves with to a registry who they are. Nothing in it but @origin belongs into a message, a log, a label
 * or a command line.
 *
 * Since: 0.1
 */
typedef struct {
  char *username;
  char *password;
  char *identity_token;
  char *origin;
} PerryRegistryCredentials;

#define PERRY_TYPE_REGISTRY_CREDENTIALS (perry_registry_credentials_get_type ())
PERRY_API GType perry_registry_credentials_get_type (void);

/**
 * perry_registry_credentials_copy:
 * @credentials: credentials
 *
 * Copies @credentials.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 0.1
 */
PERRY_API PerryRegistryCredentials *perry_registry_credentials_copy (const PerryRegistryCredentials *credentials);

/**
 * perry_registry_credentials_free:
 * @credentials: (transfer full) (nullable): credentials
 *
 * Overwrites the secrets and frees @credentials.
 *
 * Since: 0.1
 */
PERRY_API void perry_registry_credentials_free (PerryRegistryCredentials *credentials);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRegistryCredentials, perry_registry_credentials_free)

/**
 * perry_registry_credentials_lookup:
 * @environment: (nullable) (array zero-terminated=1): `NAME=value` lines of the user whose credentials they are, or %NULL
 *   for our own environment
 * @registry: a registry as a normalised reference has it: `docker.io`, `127.0.0.1:5000`
 * @repository: (nullable): the repository, `library/alpine`, or %NULL where only what is for the whole registry counts
 * @ret_notes: (out) (optional) (array zero-terminated=1) (transfer full): where to put what people should be told, such
 *   as a helper that is not installed; an empty array where there is nothing; not written on failure
 * @cancellable: (nullable): ends a helper that is running
 * @error: return location for an error
 *
 * Looks for a user's credentials where other tools keep them. The first of these that has some is taken:
 *
 * 1. the file that `REGISTRY_AUTH_FILE` names; where it is set, no other is looked at
 * 2. `$XDG_RUNTIME_DIR/containers/auth.json`, or `/run/containers/UID/auth.json` where the variable is not set
 * 3. `$XDG_CONFIG_HOME/containers/auth.json`, or `~/.config/containers/auth.json`
 * 4. `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json`
 *
 * In a file the helper that `credHelpers` or else `credsStore` names is asked first, then `auths` is looked at, where a
 * key may name a part of the registry (`quay.io/team`) and the longest that fits is taken. Docker Hub is known by all of
 * its names. A helper is the program `docker-credential-NAME` in the `PATH` of @environment; one that is not there or
 * refuses is a note, and the search goes on.
 *
 * This function blocks and may be called from any thread.
 *
 * Errors: %PERRY_ERROR_INVALID_CONFIG for a file that is not what it should be (it is named, and the place in it, never
 * what stands there), %PERRY_ERROR_NOT_FOUND or %PERRY_ERROR_PERMISSION_DENIED for the file of `REGISTRY_AUTH_FILE`,
 * %PERRY_ERROR_PROCESS_FAILED for a helper whose answer cannot be understood, %PERRY_ERROR_TIMED_OUT for one that does
 * not end within 20 seconds, %PERRY_ERROR_CANCELLED.
 *
 * Returns: (transfer full) (nullable): the credentials, or %NULL without an error where there are none
 *
 * Since: 0.1
 */
PERRY_API PerryRegistryCredentials *perry_registry_credentials_lookup (const char *const *environment,
                                                                       const char *registry, const char *repository,
                                                                       char ***ret_notes, GCancellable *cancellable,
                                                                       GError **error);

/**
 * perry_registry_credentials_to_header:
 * @credentials: credentials
 * @registry: the registry that they are for, as in perry_registry_credentials_lookup()
 *
 * Writes the value of the header `X-Registry-Auth`, by which an engine is handed credentials: JSON with the identity
 * token, or with the name and the password where there is none, and the server's address, in the URL-safe alphabet of
 * base64. It is as secret as @credentials; overwrite it before it is freed.
 *
 * Returns: (transfer full): the value
 *
 * Since: 0.1
 */
PERRY_API char *perry_registry_credentials_to_header (const PerryRegistryCredentials *credentials,
                                                      const char *registry);

G_END_DECLS
