/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

#include "perry-export.h"

G_BEGIN_DECLS

/**
 * PERRY_REQUIREMENT_DEFAULT_IDENTITY: (skip)
 *
 * Who has to have signed an image where nobody says who.
 *
 * Since: 0.1
 */
#define PERRY_REQUIREMENT_DEFAULT_IDENTITY \
  "https://github.com/chainguard-images/images/.github/workflows/sign.yaml@refs/heads/main"

/**
 * PERRY_REQUIREMENT_DEFAULT_ISSUER: (skip)
 *
 * Who has to vouch for %PERRY_REQUIREMENT_DEFAULT_IDENTITY.
 *
 * Since: 0.1
 */
#define PERRY_REQUIREMENT_DEFAULT_ISSUER "https://token.actions.githubusercontent.com"

/**
 * PerryRequirement: (skip)
 * @identity: (nullable): the signer's identity, compared byte for byte
 * @identity_regexp: (nullable): a regular expression that the whole identity has to match
 * @issuer: (nullable): who vouches for the identity, compared byte for byte
 * @issuer_regexp: (nullable): a regular expression that the whole issuer has to match
 * @key: (nullable): absolute path of a public key in PEM
 * @ignore_tlog: whether no entry of a transparency log is wanted
 * @ignore_sct: whether no promise of a log of certificates is wanted
 *
 * What a signature has to satisfy: one of @identity and @identity_regexp with one of @issuer and @issuer_regexp, or
 * @key alone. What perry_requirement_from_node() returns keeps to that.
 *
 * Without a log nothing shows when a signature was made, so that with @ignore_tlog certificates of Fulcio's, which are
 * valid for ten minutes, are refused soon: it is meant for keys and for certificates that live long.
 *
 * Since: 0.1
 */
typedef struct {
  char *identity;
  char *identity_regexp;
  char *issuer;
  char *issuer_regexp;
  char *key;
  gboolean ignore_tlog;
  gboolean ignore_sct;
} PerryRequirement;

/**
 * perry_requirement_new_default: (skip)
 *
 * Creates the requirement of images for which nobody says anything else: %PERRY_REQUIREMENT_DEFAULT_IDENTITY and
 * %PERRY_REQUIREMENT_DEFAULT_ISSUER.
 *
 * Returns: (transfer full): a new requirement
 *
 * Since: 0.1
 */
PERRY_API PerryRequirement *perry_requirement_new_default (void);

/**
 * perry_requirement_copy: (skip)
 * @requirement: a requirement
 *
 * Copies a requirement.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 0.1
 */
PERRY_API PerryRequirement *perry_requirement_copy (const PerryRequirement *requirement);
PERRY_API void perry_requirement_free (PerryRequirement *requirement);

/**
 * perry_requirement_equal: (skip)
 * @a: a requirement
 * @b: a requirement
 *
 * Compares two requirements member by member.
 *
 * Returns: whether they are the same
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_requirement_equal (const PerryRequirement *a, const PerryRequirement *b);

/**
 * perry_requirement_from_node: (skip)
 * @node: (nullable): a value
 * @path: where @node stands, for messages: `$.verify`
 * @error: return location for an error
 *
 * Reads a requirement: an object with the members of [struct@Perry.Requirement], also in camelCase. Regular expressions
 * are compiled, and one that matches an empty text is refused, as are empty texts, control characters and
 * contradictions. The file that `key` names is not looked at. All that is wrong is told at once, each with its path.
 *
 * Errors: %PERRY_ERROR_INVALID_ARGUMENT.
 *
 * Returns: (transfer full): the requirement
 *
 * Since: 0.1
 */
PERRY_API PerryRequirement *perry_requirement_from_node (JsonNode *node, const char *path, GError **error);

/**
 * perry_requirement_to_json: (skip)
 * @requirement: a requirement
 *
 * Writes a requirement in its one form: members sorted by name, what is not set left out. Equal requirements have the
 * same text.
 *
 * Returns: (transfer full): a JSON object that perry_requirement_from_node() reads
 *
 * Since: 0.1
 */
PERRY_API char *perry_requirement_to_json (const PerryRequirement *requirement);

/**
 * perry_requirement_dup_cache_key: (skip)
 * @requirement: a requirement
 * @error: return location for an error
 *
 * Writes what perry_requirement_to_json() does, and with it the SHA-256 of the file that `key` names: an answer that
 * was kept is of no use once the file is another.
 *
 * Errors: %PERRY_ERROR_NOT_FOUND, %PERRY_ERROR_PERMISSION_DENIED, %PERRY_ERROR_LIMIT_EXCEEDED for a file of more than
 * 64 KiB, %PERRY_ERROR_INVALID_ARGUMENT for one that is not a regular file or holds no public key.
 *
 * Returns: (transfer full): the text
 *
 * Since: 0.1
 */
PERRY_API char *perry_requirement_dup_cache_key (const PerryRequirement *requirement, GError **error);

/**
 * perry_requirement_describe: (skip)
 * @requirement: a requirement
 *
 * Says in one line what is required.
 *
 * Returns: (transfer full): the text, such as `identity “ci@example.com”, issuer “https://issuer.example.com”`
 *
 * Since: 0.1
 */
PERRY_API char *perry_requirement_describe (const PerryRequirement *requirement);

/**
 * perry_requirement_matches_identity: (skip)
 * @requirement: a requirement
 * @identity: the identity of a certificate
 *
 * Compares an identity with the required one. A regular expression has to match all of it.
 *
 * Returns: whether it is the required one; %FALSE where a key is required
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_requirement_matches_identity (const PerryRequirement *requirement, const char *identity);

/**
 * perry_requirement_matches_issuer: (skip)
 * @requirement: a requirement
 * @issuer: the issuer of a certificate's identity
 *
 * Compares an issuer with the required one, as perry_requirement_matches_identity() does.
 *
 * Returns: whether it is the required one; %FALSE where a key is required
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_requirement_matches_issuer (const PerryRequirement *requirement, const char *issuer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRequirement, perry_requirement_free)

G_END_DECLS
