/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"
#include "plugins/http-client/perry-http-client.h"

G_BEGIN_DECLS

/**
 * PerryEnginePullDialect:
 * @prefix: what the path begins with: `/v1.41`
 * @timeout_ms: how long the beginning of the answer may take
 * @tells_digest: whether a pull that succeeded has told the digest, as Docker does and Podman does not
 *
 * In what engines differ that offer Docker's `POST /images/create`.
 *
 * Since: 0.1
 */
typedef struct {
  const char *prefix;
  int timeout_ms;
  gboolean tells_digest;
} PerryEnginePullDialect;

/**
 * perry_engine_pull:
 * @client: the engine's socket
 * @dialect: how it speaks
 * @reference: a normalised reference; its digest counts where it has one
 * @platform: (nullable): `os/architecture[/variant]`
 * @credentials: (nullable): the value of X-Registry-Auth
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Has the engine pull an image and hands out its progress in the shape of `image_pull`, see [struct@Perry.BackendOps].
 *
 * Errors: %PERRY_ERROR_IMAGE_NOT_FOUND where the registry has no such image, or none for the platform, or hides it;
 * %PERRY_ERROR_PERMISSION_DENIED, %PERRY_ERROR_INVALID_REFERENCE, %PERRY_ERROR_CONFLICT where the engine keeps another
 * platform's image under the digest, %PERRY_ERROR_BACKEND_FAILED, and the client's.
 *
 * Returns: (transfer full) (nullable): the progress; its errors are the same
 *
 * Since: 0.1
 */
PerryEventIterator *perry_engine_pull (PerryHttpClient *client, const PerryEnginePullDialect *dialect,
                                       const char *reference, const char *platform, const char *credentials,
                                       GCancellable *cancellable, GError **error);

/* What follows is pure. */

/* The digest of a line that is the engine's `Digest: sha256:…`, or NULL. (transfer full) */
char *perry_engine_pull_dup_digest (JsonObject *line);

/* The engine's own words where a line says that the pull has failed, or NULL. (transfer full) */
char *perry_engine_pull_dup_failure (JsonObject *line);

/* A line as a progress object; NULL for one that tells nothing. (transfer full) */
JsonNode *perry_engine_pull_translate (JsonObject *line);

/* An error from what the engine or its registry said, with what to do. @status is the reply's, 500 for a line. */
void perry_engine_pull_set_error (GError **error, const char *reference, guint status, const char *message);

G_END_DECLS
