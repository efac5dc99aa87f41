/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "perry-export.h"

G_BEGIN_DECLS

/**
 * PerryVerificationKind: (skip)
 * @PERRY_VERIFICATION_ERROR: no answer: network, time, a missing program
 * @PERRY_VERIFICATION_NOT_VERIFIED: the verifier does not verify anything
 * @PERRY_VERIFICATION_UNSIGNED: there is no signature
 * @PERRY_VERIFICATION_REJECTED: there are signatures, none satisfies the requirement
 * @PERRY_VERIFICATION_VERIFIED: a signature of this digest satisfies the requirement
 *
 * A verifier's answer. Zero is the error, so that forgetting to answer never verifies.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_VERIFICATION_ERROR,
  PERRY_VERIFICATION_NOT_VERIFIED,
  PERRY_VERIFICATION_UNSIGNED,
  PERRY_VERIFICATION_REJECTED,
  PERRY_VERIFICATION_VERIFIED,
} PerryVerificationKind;

/**
 * PerryVerificationReason: (skip)
 * @PERRY_VERIFICATION_REASON_NONE: none is known, or the verdict is %PERRY_VERIFICATION_VERIFIED
 * @PERRY_VERIFICATION_REASON_VERIFIES_NOTHING: not verified: this verifier never looks
 * @PERRY_VERIFICATION_REASON_NO_SIGNATURE: unsigned: none was found
 * @PERRY_VERIFICATION_REASON_WRONG_KEY: rejected: made with another key
 * @PERRY_VERIFICATION_REASON_WRONG_IDENTITY: rejected: made by somebody else
 * @PERRY_VERIFICATION_REASON_WRONG_ISSUER: rejected: the identity was vouched for by another issuer
 * @PERRY_VERIFICATION_REASON_NO_CERTIFICATE: rejected: made with a key, where a certificate is required
 * @PERRY_VERIFICATION_REASON_UNTRUSTED_CERTIFICATE: rejected: the certificate leads to no trusted root
 * @PERRY_VERIFICATION_REASON_EXPIRED_CERTIFICATE: rejected: nothing shows that the certificate was valid at the time of
 *   signing
 * @PERRY_VERIFICATION_REASON_NO_LOG_ENTRY: rejected: no valid entry of a transparency log
 * @PERRY_VERIFICATION_REASON_OTHER_DIGEST: rejected: a signature of another image
 * @PERRY_VERIFICATION_REASON_ONLY_ATTESTATIONS: rejected: what is signed are statements about the image, not the image
 * @PERRY_VERIFICATION_REASON_MISMATCH: rejected: a signature that is not valid for another reason
 * @PERRY_VERIFICATION_REASON_REGISTRY: error: the registry was not reached or failed
 * @PERRY_VERIFICATION_REASON_CREDENTIALS: error: the registry wants other credentials, or a credential helper failed
 * @PERRY_VERIFICATION_REASON_TRUST_ROOT: error: the trust root is missing, unreadable or could not be fetched
 * @PERRY_VERIFICATION_REASON_CONFIGURATION: error: an option or the requirement is not one that the verifier can work
 *   with
 * @PERRY_VERIFICATION_REASON_PROGRAM_MISSING: error: a program that the verifier needs is not there
 * @PERRY_VERIFICATION_REASON_PROGRAM_FAILED: error: the program crashed, or said what cannot be understood
 * @PERRY_VERIFICATION_REASON_TIMED_OUT: error: the deadline passed
 *
 * Why a verdict is what it is, for callers that branch on it; people read the note.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_VERIFICATION_REASON_NONE,
  PERRY_VERIFICATION_REASON_VERIFIES_NOTHING,
  PERRY_VERIFICATION_REASON_NO_SIGNATURE,
  PERRY_VERIFICATION_REASON_WRONG_KEY,
  PERRY_VERIFICATION_REASON_WRONG_IDENTITY,
  PERRY_VERIFICATION_REASON_WRONG_ISSUER,
  PERRY_VERIFICATION_REASON_NO_CERTIFICATE,
  PERRY_VERIFICATION_REASON_UNTRUSTED_CERTIFICATE,
  PERRY_VERIFICATION_REASON_EXPIRED_CERTIFICATE,
  PERRY_VERIFICATION_REASON_NO_LOG_ENTRY,
  PERRY_VERIFICATION_REASON_OTHER_DIGEST,
  PERRY_VERIFICATION_REASON_ONLY_ATTESTATIONS,
  PERRY_VERIFICATION_REASON_MISMATCH,
  PERRY_VERIFICATION_REASON_REGISTRY,
  PERRY_VERIFICATION_REASON_CREDENTIALS,
  PERRY_VERIFICATION_REASON_TRUST_ROOT,
  PERRY_VERIFICATION_REASON_CONFIGURATION,
  PERRY_VERIFICATION_REASON_PROGRAM_MISSING,
  PERRY_VERIFICATION_REASON_PROGRAM_FAILED,
  PERRY_VERIFICATION_REASON_TIMED_OUT,
} PerryVerificationReason;

/**
 * PerryVerification: (skip)
 * @kind: the answer
 * @reason: why
 * @certain: whether nothing that can fail for a while, such as a registry, may have led to this answer. One that is not
 *   certain is a refusal all the same, but is not kept without a look of one's own
 * @note: one line for people: what was found, where, and what to do
 *
 * What a verifier says of one image.
 *
 * Since: 0.1
 */
typedef struct {
  PerryVerificationKind kind;
  PerryVerificationReason reason;
  gboolean certain;
  char *note;
} PerryVerification;

/**
 * perry_verification_new: (skip)
 * @kind: the answer
 * @reason: why
 * @note: (nullable): one line for people; what cannot be printed is replaced, and what is longer than 1000 bytes is
 *   cut off
 *
 * Creates a verdict that is not certain.
 *
 * Returns: (transfer full): a new verdict, to be freed with perry_verification_free()
 *
 * Since: 0.1
 */
PERRY_API PerryVerification *perry_verification_new (PerryVerificationKind kind, PerryVerificationReason reason,
                                                     const char *note);
PERRY_API void perry_verification_free (PerryVerification *verification);

/**
 * perry_verification_copy: (skip)
 * @verification: an answer
 *
 * Copies a verdict.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 0.1
 */
PERRY_API PerryVerification *perry_verification_copy (const PerryVerification *verification);

/**
 * perry_verification_kind_get_name: (skip)
 * @kind: an answer
 *
 * Gets the word that records and reports have for an answer.
 *
 * Returns: (transfer none): `error`, `not-verified`, `unsigned`, `rejected` or `verified`; `error` for any other number
 *
 * Since: 0.1
 */
PERRY_API const char *perry_verification_kind_get_name (PerryVerificationKind kind);

/**
 * perry_verification_reason_get_name: (skip)
 * @reason: a reason
 *
 * Gets the word that records and reports have for a reason, such as `wrong-identity`.
 *
 * Returns: (transfer none): the word; `none` for a number that is no reason
 *
 * Since: 0.1
 */
PERRY_API const char *perry_verification_reason_get_name (PerryVerificationReason reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerification, perry_verification_free)

G_END_DECLS
