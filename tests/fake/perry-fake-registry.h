/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PerryFakeRegistryFlags:
 * @PERRY_FAKE_REGISTRY_REFERRERS: it answers the question for referrers; without this with 404
 * @PERRY_FAKE_REGISTRY_TOKENS: it wants a bearer token of its token server, which is `/token` at the same address
 * @PERRY_FAKE_REGISTRY_BASIC: it wants a name and a password
 * @PERRY_FAKE_REGISTRY_TLS: it has the certificate of tests/fixtures/registry, signed by `ca.pem` there
 * @PERRY_FAKE_REGISTRY_NO_DIGEST: it sends no Docker-Content-Digest
 *
 * What kind of registry it is.
 */
typedef enum {
  PERRY_FAKE_REGISTRY_PLAIN = 0,
  PERRY_FAKE_REGISTRY_REFERRERS = 1 << 0,
  PERRY_FAKE_REGISTRY_TOKENS = 1 << 1,
  PERRY_FAKE_REGISTRY_BASIC = 1 << 2,
  PERRY_FAKE_REGISTRY_TLS = 1 << 3,
  PERRY_FAKE_REGISTRY_NO_DIGEST = 1 << 4,
} PerryFakeRegistryFlags;

/**
 * PerryFakeRegistry:
 *
 * A registry in the test's own process: a server with a thread of its own on a port of 127.0.0.1. It speaks the
 * distribution API: manifests and blobs are read and pushed, by digest and by tag, referrers are found by their
 * subject. All functions may be called from any thread.
 */
typedef struct _PerryFakeRegistry PerryFakeRegistry;

PerryFakeRegistry *perry_fake_registry_new (PerryFakeRegistryFlags flags);
void perry_fake_registry_free (PerryFakeRegistry *registry);

/* `127.0.0.1:PORT` */
const char *perry_fake_registry_get_name (PerryFakeRegistry *registry);

/* Whom the token server, or the registry itself, knows; each may be NULL. Without a login nobody but those without
 * credentials gets a token, and only if @anonymous. */
void perry_fake_registry_set_login (PerryFakeRegistry *registry, const char *username, const char *password,
                                    const char *identity_token, gboolean anonymous);

/* Sends those who have no token to another registry's token server, whose tokens are then the ones that count. It has
 * to outlive @registry. */
void perry_fake_registry_set_token_server (PerryFakeRegistry *registry, PerryFakeRegistry *server);

/* Forgets every token that was given, as if they had expired. */
void perry_fake_registry_revoke_tokens (PerryFakeRegistry *registry);

/* All four return the digest; @tag may be NULL. @size may be -1 for text. */
char *perry_fake_registry_add_blob (PerryFakeRegistry *registry, const void *data, gssize size);
char *perry_fake_registry_add_manifest (PerryFakeRegistry *registry, const char *repository, const char *tag,
                                        const char *media_type, const char *body);
/* A manifest with one layer of @content and a configuration for @platform (`linux/arm/v7`). */
char *perry_fake_registry_add_image (PerryFakeRegistry *registry, const char *repository, const char *tag,
                                     const char *platform, const char *content);
/* An index; @entries are pairs of a digest and a platform (which may be ""), ended by NULL. */
char *perry_fake_registry_add_index (PerryFakeRegistry *registry, const char *repository, const char *tag,
                                     const char *const *entries);

/* Moves a tag; a @digest of NULL removes it. */
void perry_fake_registry_set_tag (PerryFakeRegistry *registry, const char *repository, const char *tag,
                                  const char *digest);
/* Moves a tag as soon as @after more requests about the repository have been answered. */
void perry_fake_registry_swap_tag (PerryFakeRegistry *registry, const char *repository, const char *tag,
                                   const char *digest, guint after);

/**
 * PerryFakeRegistryFault:
 * @method: (nullable): the method, or %NULL for any
 * @path: a regular expression that the whole path has to match: `/v2/app/manifests/.*`, `/token`
 * @skip: how many matching requests are left alone first
 * @times: how often the fault happens after that, 0 for always
 * @status: another status, or 0
 * @body: (nullable): another body
 * @content_type: (nullable): another Content-Type
 * @digest: (nullable): another Docker-Content-Digest
 * @location: (nullable): a Location header; with a @status of 307 a redirect
 * @retry_after: (nullable): a Retry-After header
 * @challenge: (nullable): another WWW-Authenticate
 * @link: (nullable): a Link header
 * @grow: bytes of spaces that follow the body
 * @hang: never answer
 * @close: close the connection instead of answering
 *
 * What goes wrong with the requests that match. The newest fault that matches decides. All texts are copied.
 */
typedef struct {
  const char *method;
  const char *path;
  guint skip;
  guint times;
  guint status;
  const char *body;
  const char *content_type;
  const char *digest;
  const char *location;
  const char *retry_after;
  const char *challenge;
  const char *link;
  gsize grow;
  gboolean hang;
  gboolean close;
} PerryFakeRegistryFault;

void perry_fake_registry_add_fault (PerryFakeRegistry *registry, const PerryFakeRegistryFault *fault);
void perry_fake_registry_clear_faults (PerryFakeRegistry *registry);

/* A request that has arrived. */
typedef struct {
  char *method;
  char *path;          /* without the query */
  char *query;         /* NULL for none */
  char *authorization; /* the header; NULL for none */
  char *body;          /* its first 64 KiB, as text */
} PerryFakeRegistryRequest;

/* The requests so far, oldest first; free the array. */
GPtrArray *perry_fake_registry_dup_requests (PerryFakeRegistry *registry);
/* How many had @method (NULL for any) and a path that the regular expression @path matches. */
guint perry_fake_registry_count_requests (PerryFakeRegistry *registry, const char *method, const char *path);
/* Waits until so many matching requests have arrived; FALSE after ten seconds. */
gboolean perry_fake_registry_wait_for (PerryFakeRegistry *registry, const char *method, const char *path, guint count);
void perry_fake_registry_forget_requests (PerryFakeRegistry *registry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryFakeRegistry, perry_fake_registry_free)

G_END_DECLS
