/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-registry-credentials.h"

G_BEGIN_DECLS

/* Asks docker-credential-@name for what is for one of @servers. A helper that is not there, that has nothing or that
 * refuses is no error: then *@ret_credentials is NULL, and *@ret_note says why unless it simply has nothing. */
gboolean perry_credential_helper_get (const char *const *environment, const char *name, const char *const *servers,
                                      const char *path, PerryRegistryCredentials **ret_credentials, char **ret_note,
                                      GCancellable *cancellable, GError **error);

/* Reads what a helper has written. PERRY_ERROR_PROCESS_FAILED, without any of it. */
PerryRegistryCredentials *perry_credential_helper_parse (GBytes *reply, const char *program, GError **error);

G_END_DECLS
