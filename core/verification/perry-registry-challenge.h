/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  PERRY_REGISTRY_CHALLENGE_BASIC,
  PERRY_REGISTRY_CHALLENGE_BEARER,
} PerryRegistryChallengeKind;

/* What a registry wants to see before it answers. */
typedef struct {
  PerryRegistryChallengeKind kind;
  char *realm;   /* of a bearer challenge: where tokens are had */
  char *service; /* NULL where it is not given */
  char *scope;   /* the same */
} PerryRegistryChallenge;

/* Reads the value of WWW-Authenticate, several of which are joined by commas. A bearer challenge comes before a basic
 * one, others are passed over. PERRY_ERROR_REGISTRY_FAILED. */
gboolean perry_registry_challenge_parse (const char *header, PerryRegistryChallenge *ret_challenge, GError **error);
void perry_registry_challenge_clear (PerryRegistryChallenge *challenge);

/* What a token server answers with. */
typedef struct {
  char *token;
  gint64 expires_in; /* seconds */
} PerryRegistryToken;

/* PERRY_ERROR_REGISTRY_FAILED, without the body. */
gboolean perry_registry_token_parse (GBytes *body, PerryRegistryToken *ret_token, GError **error);
void perry_registry_token_clear (PerryRegistryToken *token);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerryRegistryChallenge, perry_registry_challenge_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerryRegistryToken, perry_registry_token_clear)

G_END_DECLS
