/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `sha256:`, `sha384:` or `sha512:` and as many digits in lower case as it takes. */
gboolean perry_registry_digest_is_valid (const char *text);

/* The digest of @bytes by the algorithm of @like, sha256 where that is NULL. */
char *perry_registry_digest_compute (GBytes *bytes, const char *like);

/* PERRY_ERROR_REGISTRY_FAILED unless @bytes have the digest @wanted. */
gboolean perry_registry_digest_check (GBytes *bytes, const char *wanted, GError **error);

/* Text of a registry's for a message: control characters and what is no UTF-8 replaced, and not too long. */
char *perry_registry_text_for_message (const char *text);

G_END_DECLS
