/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/verification/perry-registry-endpoint.h"
#include "core/verification/perry-registry-http.h"
#include "core/verification/perry-registry-manifest.h"

G_BEGIN_DECLS

/* The tokens that a client was given, by server and repository. */
typedef struct _PerryRegistryTokens PerryRegistryTokens;

PerryRegistryTokens *perry_registry_tokens_new (void);
void perry_registry_tokens_free (PerryRegistryTokens *tokens);

/* Some requests to one server about one repository. */
typedef struct {
  PerryRegistryHttp *http;
  PerryRegistryTokens *tokens;
  const char *const *environment;
  const PerryRegistryEndpoint *endpoint;
  const char *repository;
  GPtrArray *notes; /* for people */
  GCancellable *cancellable;
  char *credentials_origin; /* whose credentials were used; NULL for nobody's */
} PerryRegistryVisit;

void perry_registry_visit_clear (PerryRegistryVisit *visit);

/* Asks for @path below the repository: `manifests/latest`. Redirects are followed, without credentials to other servers,
 * and a challenge is answered once. Any other status is the caller's to judge. */
PerryRegistryHttpReply *perry_registry_visit_fetch (PerryRegistryVisit *visit, const char *method, const char *path,
                                                    const char *accept, GError **error);

/* TRUE for the status 200; else PERRY_ERROR_IMAGE_NOT_FOUND, PERRY_ERROR_PERMISSION_DENIED or
 * PERRY_ERROR_REGISTRY_FAILED, with the registry's own words. */
gboolean perry_registry_visit_check (const PerryRegistryVisit *visit, const PerryRegistryHttpReply *reply,
                                     GError **error);

/* Fetches `manifests/@name`. @digest: what its body has to have, NULL for what the registry says. */
PerryRegistryManifest *perry_registry_visit_fetch_manifest (PerryRegistryVisit *visit, const char *name,
                                                            const char *digest, char **ret_digest, GError **error);

/* Obtains what a challenge asks for and keeps it: the value of the header Authorization. */
char *perry_registry_visit_authorize (PerryRegistryVisit *visit, const char *challenge, GError **error);

/* What was obtained before and has not expired; NULL for nothing. */
char *perry_registry_visit_dup_authorization (const PerryRegistryVisit *visit);
/* Forgets @refused, and not what another thread has obtained meanwhile. */
void perry_registry_visit_forget_authorization (const PerryRegistryVisit *visit, const char *refused);

/* Overwrites a secret before it is freed. */
void perry_registry_secret_free (char *secret);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRegistryTokens, perry_registry_tokens_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerryRegistryVisit, perry_registry_visit_clear)

G_END_DECLS
