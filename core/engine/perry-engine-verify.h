/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-engine.h"
#include "plugin-api/perry-requirement.h"
#include "plugin-api/perry-verification.h"
#include "plugin-api/perry-verify-mode.h"

G_BEGIN_DECLS

/**
 * PerryImageVerification:
 * @image: the normalised reference
 * @digest: (nullable): of what the reference names in its registry: of an index, where there are several platforms
 * @pinned: (nullable): `repository@digest`
 * @platform: (nullable): the platform that was chosen from an index, %NULL where it was not looked for
 * @platform_digest: (nullable): the digest of that platform's manifest
 * @mode: what the rules say is done about this image
 * @mode_reason: who says so, for people
 * @requirement: what a signature has to satisfy, for people
 * @requirement_reason: who says so, for people
 * @rule: (nullable): the name of the rule that covers the image
 * @exempt: whether the rule exempts it: then nobody was asked, and the members that follow say nothing
 * @asked: whether somebody was asked; where the rules were only explained the members that follow say nothing either
 * @kind: the answer
 * @reason: why
 * @note: (nullable): one line for people
 * @verifier: the id of the verifier
 * @from_cache: whether the answer was kept from before
 * @duration_ms: how long the verification took, in milliseconds, without resolving the reference
 * @notes: (array zero-terminated=1) (nullable): what else people should know: mirrors that failed, helpers that are missing
 *
 * What was found out about one image.
 *
 * Since: 0.1
 */
typedef struct {
  char *image;
  char *digest;
  char *pinned;
  char *platform;
  char *platform_digest;
  PerryVerifyMode mode;
  char *mode_reason;
  char *requirement;
  char *requirement_reason;
  char *rule;
  gboolean exempt;
  gboolean asked;
  PerryVerificationKind kind;
  PerryVerificationReason reason;
  char *note;
  char *verifier;
  gboolean from_cache;
  double duration_ms;
  char **notes;
} PerryImageVerification;

#define PERRY_TYPE_IMAGE_VERIFICATION (perry_image_verification_get_type ())
PERRY_API GType perry_image_verification_get_type (void);
PERRY_API PerryImageVerification *perry_image_verification_copy (const PerryImageVerification *verification);
PERRY_API void perry_image_verification_free (PerryImageVerification *verification);

/**
 * perry_image_verification_to_json:
 * @verification: what was found out
 *
 * Makes a JSON object with the struct's members; `verdict` is the name of @kind, or `exempt`, or null where nobody was
 * asked.
 *
 * Returns: (transfer full): a JSON object
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_image_verification_to_json (const PerryImageVerification *verification);

/**
 * perry_engine_verify_image: (skip)
 * @engine: an engine; no backend is needed for this
 * @reference: an image reference
 * @requirement: (nullable): what a signature has to satisfy, %NULL for what the rules say
 * @platform: (nullable): `os/architecture[/variant]`, %NULL for this host's
 * @no_cache: whether it is asked anew, whatever was found out before
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Verifies an image, in whatever mode, and writes a record. An image that is not verified is no error here.
 *
 * Errors: %PERRY_ERROR_INVALID_REFERENCE, %PERRY_ERROR_INVALID_SPEC for a @platform that is none,
 * %PERRY_ERROR_CANCELLED, %PERRY_ERROR_FAILED for a log that can't be written.
 *
 * Returns: (transfer full): what was found out, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryImageVerification *perry_engine_verify_image (PerryEngine *engine, const char *reference,
                                                             const PerryRequirement *requirement, const char *platform,
                                                             gboolean no_cache, GCancellable *cancellable,
                                                             GError **error);

/**
 * perry_engine_explain_image_rules:
 * @engine: an engine; no backend is needed for this
 * @reference: an image reference
 * @error: return location for an error
 *
 * Says what the rules would have done about an image. Nothing is asked, resolved or written.
 *
 * Errors: %PERRY_ERROR_INVALID_REFERENCE.
 *
 * Returns: (transfer full): the members about mode, requirement and rule, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryImageVerification *perry_engine_explain_image_rules (PerryEngine *engine, const char *reference,
                                                                    GError **error);

/**
 * perry_engine_clear_verifications:
 * @engine: an engine; no backend is needed for this
 * @ret_n: (out): how many answers were forgotten that were kept on disk
 * @error: return location for an error
 *
 * Forgets what was found out about images.
 *
 * Errors: %PERRY_ERROR_PERMISSION_DENIED for a folder that isn't used because others may write to it,
 * %PERRY_ERROR_FAILED.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_engine_clear_verifications (PerryEngine *engine, guint *ret_n, GError **error);

/**
 * PerryImageResolution:
 * @image: the normalised reference
 * @digest: of what the reference names in its registry
 * @pinned: `repository@digest`
 * @is_index: whether @digest is that of several platforms
 * @platform: (nullable): the platform that was chosen
 * @platform_digest: (nullable): the digest of its manifest
 * @notes: (array zero-terminated=1) (nullable): what else people should know
 *
 * What a reference means in its registry now.
 *
 * Since: 0.1
 */
typedef struct {
  char *image;
  char *digest;
  char *pinned;
  gboolean is_index;
  char *platform;
  char *platform_digest;
  char **notes;
} PerryImageResolution;

#define PERRY_TYPE_IMAGE_RESOLUTION (perry_image_resolution_get_type ())
PERRY_API GType perry_image_resolution_get_type (void);
PERRY_API PerryImageResolution *perry_image_resolution_copy (const PerryImageResolution *resolution);
PERRY_API void perry_image_resolution_free (PerryImageResolution *resolution);

/**
 * perry_image_resolution_to_json:
 * @resolution: a resolution
 *
 * Makes a JSON object with the struct's members.
 *
 * Returns: (transfer full): a JSON object
 *
 * Since: 0.1
 */
PERRY_API JsonNode *perry_image_resolution_to_json (const PerryImageResolution *resolution);

/**
 * perry_engine_resolve_image:
 * @engine: an engine; no backend is needed for this
 * @reference: an image reference
 * @platform: (nullable): `os/architecture[/variant]`, %NULL for this host's
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Asks a registry what a reference means. Nothing is verified and nothing is pulled.
 *
 * Errors: %PERRY_ERROR_INVALID_REFERENCE, %PERRY_ERROR_INVALID_SPEC for a @platform that is none,
 * %PERRY_ERROR_IMAGE_NOT_FOUND, %PERRY_ERROR_PERMISSION_DENIED where a login is
 * needed or refused, %PERRY_ERROR_TIMED_OUT, %PERRY_ERROR_CANCELLED, %PERRY_ERROR_LIMIT_EXCEEDED,
 * %PERRY_ERROR_REGISTRY_FAILED, %PERRY_ERROR_INVALID_CONFIG.
 *
 * Returns: (transfer full): the resolution, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryImageResolution *perry_engine_resolve_image (PerryEngine *engine, const char *reference,
                                                            const char *platform, GCancellable *cancellable,
                                                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryImageVerification, perry_image_verification_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryImageResolution, perry_image_resolution_free)

G_END_DECLS
