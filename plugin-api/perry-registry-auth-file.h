/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-registry-credentials.h"

G_BEGIN_DECLS

#define PERRY_REGISTRY_AUTH_FILE_MAX_BYTES (1024 * 1024)

/* The name under which Docker's own tools keep what is for Docker Hub. */
#define PERRY_DOCKER_HUB "docker.io"
#define PERRY_DOCKER_HUB_SERVER "https://index.docker.io/v1/"

/* What one file says about a repository. */
typedef struct {
  char *helper;                          /* the NAME of docker-credential-NAME, to be asked first; NULL for none */
  char **servers;                        /* what to ask it for, in this order; NULL without a helper */
  PerryRegistryCredentials *credentials; /* what stands in the file itself; NULL for nothing */
  char *note;                            /* for people; NULL for none */
} PerryRegistryAuth;

/* Reads a containers-auth.json(5) or Docker's config.json, which differ in nothing that matters here. @path is for
 * messages; they never hold what stands in the file. PERRY_ERROR_INVALID_CONFIG. */
gboolean perry_registry_auth_file_parse (GBytes *bytes, const char *path, const char *registry, const char *repository,
                                         PerryRegistryAuth *ret_auth, GError **error);
void perry_registry_auth_clear (PerryRegistryAuth *auth);

/* Whether a text can go into a header: no control characters. */
gboolean perry_registry_auth_is_text (const char *text);

/* Overwrites a secret before it is freed. */
void perry_registry_auth_wipe (char *secret);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerryRegistryAuth, perry_registry_auth_clear)

G_END_DECLS
