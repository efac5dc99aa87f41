/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "perry-export.h"

G_BEGIN_DECLS

/**
 * PerryImageReferenceKind:
 * @PERRY_IMAGE_REFERENCE_NAME: a repository in a registry, with a tag, a digest or both
 * @PERRY_IMAGE_REFERENCE_IMAGE_ID: the id of an image that the engine has: `sha256:` and 64 hexadecimal digits
 *
 * What an image reference names.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_IMAGE_REFERENCE_NAME,
  PERRY_IMAGE_REFERENCE_IMAGE_ID,
} PerryImageReferenceKind;

/**
 * PerryImageReference:
 *
 * An image reference that was checked and normalised. It never changes, so it may be used from several threads.
 *
 * Since: 0.1
 */
typedef struct _PerryImageReference PerryImageReference;

#define PERRY_TYPE_IMAGE_REFERENCE (perry_image_reference_get_type ())
PERRY_API GType perry_image_reference_get_type (void);

/**
 * perry_image_reference_parse:
 * @text: what the user wrote, such as `alpine:3.19`
 * @error: return location for an error
 *
 * Reads an image reference by the grammar of the distribution project and completes it as engines do:
 *
 * - the registry is `docker.io` unless the first part has a dot or a port or is `localhost`; it is written in lower
 *   case, and `index.docker.io` is `docker.io`; IPv6 addresses stand in brackets
 * - a repository of one part is in `library/` on `docker.io`
 * - the tag is `latest` when there is neither tag nor digest; a tag beside a digest is kept
 * - 64 hexadecimal digits, with or without `sha256:`, are the id of an image
 *
 * Unlike some engines it refuses upper case in the first part of a repository instead of taking it for a registry.
 * Digests may be sha256, sha384 or sha512. A shortened image id cannot be told from a name and is taken for one.
 *
 * This function may be called from any thread.
 *
 * Errors: %PERRY_ERROR_INVALID_REFERENCE; the message says what is wrong, at which character (from 1), and what to do,
 * and is valid UTF-8 whatever @text contains.
 *
 * Returns: (transfer full): the reference
 *
 * Since: 0.1
 */
PERRY_API PerryImageReference *perry_image_reference_parse (const char *text, GError **error);

/**
 * perry_image_reference_with_digest:
 * @reference: a reference of kind %PERRY_IMAGE_REFERENCE_NAME
 * @digest: a digest, such as `sha256:…`
 * @error: return location for an error
 *
 * Pins a reference: the same repository by @digest, without a tag, because not every engine takes both.
 *
 * Errors: %PERRY_ERROR_INVALID_REFERENCE when @digest is malformed or @reference is an image id.
 *
 * Returns: (transfer full): the new reference
 *
 * Since: 0.1
 */
PERRY_API PerryImageReference *perry_image_reference_with_digest (const PerryImageReference *reference,
                                                                  const char *digest, GError **error);

/**
 * perry_image_reference_ref:
 * @reference: a reference
 *
 * Takes one more hold on @reference. This function may be called from any thread.
 *
 * Returns: (transfer full): @reference
 *
 * Since: 0.1
 */
PERRY_API PerryImageReference *perry_image_reference_ref (PerryImageReference *reference);

/**
 * perry_image_reference_unref:
 * @reference: (transfer full): a reference
 *
 * Gives up a hold on @reference, and frees it with the last. This function may be called from any thread.
 *
 * Since: 0.1
 */
PERRY_API void perry_image_reference_unref (PerryImageReference *reference);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryImageReference, perry_image_reference_unref)

/**
 * perry_image_reference_get_kind:
 * @reference: a reference
 *
 * Gets what @reference names.
 *
 * Returns: the kind
 *
 * Since: 0.1
 */
PERRY_API PerryImageReferenceKind perry_image_reference_get_kind (const PerryImageReference *reference);

/**
 * perry_image_reference_get_registry:
 * @reference: a reference
 *
 * Gets the registry's host, with its port if it has one: `docker.io`, `localhost:5000`, `[::1]:5000`.
 *
 * Returns: (transfer none) (nullable): the registry, or %NULL for an image id
 *
 * Since: 0.1
 */
PERRY_API const char *perry_image_reference_get_registry (const PerryImageReference *reference);

/**
 * perry_image_reference_get_repository:
 * @reference: a reference
 *
 * Gets the repository's path in its registry: `library/alpine`.
 *
 * Returns: (transfer none) (nullable): the path, or %NULL for an image id
 *
 * Since: 0.1
 */
PERRY_API const char *perry_image_reference_get_repository (const PerryImageReference *reference);

/**
 * perry_image_reference_get_tag:
 * @reference: a reference
 *
 * Gets the tag: `3.19`.
 *
 * Returns: (transfer none) (nullable): the tag, or %NULL for an image id and for a digest without a tag
 *
 * Since: 0.1
 */
PERRY_API const char *perry_image_reference_get_tag (const PerryImageReference *reference);

/**
 * perry_image_reference_get_digest:
 * @reference: a reference
 *
 * Gets the digest with its algorithm: `sha256:…`. Of an image id it is the id.
 *
 * Returns: (transfer none) (nullable): the digest, or %NULL when there is none
 *
 * Since: 0.1
 */
PERRY_API const char *perry_image_reference_get_digest (const PerryImageReference *reference);

/**
 * perry_image_reference_to_string:
 * @reference: a reference
 *
 * Writes the whole reference, `docker.io/library/alpine:3.19`, or `sha256:…` for an image id. Two references are the
 * same when these texts are.
 *
 * Returns: (transfer full): the text
 *
 * Since: 0.1
 */
PERRY_API char *perry_image_reference_to_string (const PerryImageReference *reference);

/**
 * perry_image_reference_to_familiar_string:
 * @reference: a reference
 *
 * Writes the reference as people do, `alpine:3.19`. Reading it again gives the same reference.
 *
 * Returns: (transfer full): the text
 *
 * Since: 0.1
 */
PERRY_API char *perry_image_reference_to_familiar_string (const PerryImageReference *reference);

/**
 * perry_image_reference_equal:
 * @a: a reference
 * @b: a reference
 *
 * Compares kind, registry, repository, tag and digest.
 *
 * Returns: %TRUE when they are the same
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_image_reference_equal (const PerryImageReference *a, const PerryImageReference *b);

G_END_DECLS
