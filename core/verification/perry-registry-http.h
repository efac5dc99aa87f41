/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sends single requests from any thread: no redirect is followed, no authentication tried, nothing unpacked. */
typedef struct _PerryRegistryHttp PerryRegistryHttp;

typedef struct {
  const char *method;
  const char *uri;
  const char *accept;        /* NULL for none, as the next two */
  const char *authorization; /* the whole value of the header */
  const char *form;          /* the body, as a browser writes a form; it may hold a secret */
  gsize max_body;
} PerryRegistryHttpRequest;

typedef struct {
  guint status;
  char *content_type; /* NULL where the header is absent, as the others */
  char *digest;       /* Docker-Content-Digest */
  char *location;
  char *challenge;    /* WWW-Authenticate */
  char *retry_after;
  char *link;
  GBytes *body;
} PerryRegistryHttpReply;

/* @ca_file: PEM; certificates that it signed are trusted beside those that the system trusts. @environment: where
 * HTTPS_PROXY and NO_PROXY are looked for. PERRY_ERROR_INVALID_CONFIG for a CA file that cannot be read. */
PerryRegistryHttp *perry_registry_http_new (const char *const *environment, const char *ca_file, guint timeout_ms,
                                            GError **error);
void perry_registry_http_free (PerryRegistryHttp *http);

/* Sends a request and reads its reply. PERRY_ERROR_REGISTRY_FAILED, PERRY_ERROR_TIMED_OUT, PERRY_ERROR_LIMIT_EXCEEDED
 * for a body that is larger than max_body, PERRY_ERROR_CANCELLED, within 100 ms. */
PerryRegistryHttpReply *perry_registry_http_send (PerryRegistryHttp *http, const PerryRegistryHttpRequest *request,
                                                  GCancellable *cancellable, GError **error);
void perry_registry_http_reply_free (PerryRegistryHttpReply *reply);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRegistryHttp, perry_registry_http_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRegistryHttpReply, perry_registry_http_reply_free)

G_END_DECLS
