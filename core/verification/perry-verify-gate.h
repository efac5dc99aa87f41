/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/verification/perry-registry-client.h"
#include "core/verification/perry-verify-cache.h"
#include "core/verification/perry-verify-record.h"
#include "core/verification/perry-verify-rules.h"
#include "plugin-api/perry-plugin.h"

G_BEGIN_DECLS

/* A verifier that is open: who it is and its operations, all of which outlive the gate. */
typedef struct {
  const char *id;
  const char *version;
  const PerryVerifierOps *ops;
  gpointer handle;
} PerryVerifier;

/* Resolves and verifies images, asking a verifier once for what several want to know at a time. Any thread may call. */
typedef struct _PerryVerifyGate PerryVerifyGate;

typedef struct {
  PerryVerifier verifier;
  PerryRegistryClient *registry; /* not owned */
  PerryVerifyCache *cache;       /* the same */
  const char *log;               /* where records go, as in the configuration */
  int timeout_ms;                /* for one answer of the verifier */
} PerryVerifyGateOptions;

typedef struct {
  const PerryImageReference *reference;
  const PerryVerifyDecision *decision;
  const char *platform;    /* NULL for this host's */
  gboolean wants_platform; /* whether the digest for @platform has to be found as well, of what is verified anew */
  gboolean no_cache;     /* neither look at what is kept nor keep the answer */
  gboolean changes_nothing; /* no record, and nothing is kept */
} PerryVerifyRequest;

/* What was found out about an image. */
typedef struct {
  PerryVerification *verification; /* never NULL after perry_verify_gate_check() */
  char *digest;                    /* of what the reference names, NULL where it was not resolved */
  char *pinned;                    /* `repository@digest` */
  char *runs;                      /* the same, or that of the platform that was asked for: what an engine is given */
  char *platform;                  /* NULL where it was not looked for, or the registry does not say */
  char *platform_digest;           /* the same */
  gboolean is_index;               /* whether the digest is that of several platforms */
  gboolean from_cache;
  double duration_ms;              /* of the verification alone */
  char **notes;                    /* for people */
} PerryVerifyOutcome;

PerryVerifyGate *perry_verify_gate_new (const PerryVerifyGateOptions *options);
void perry_verify_gate_free (PerryVerifyGate *gate);

/* Finds the digest of a reference and verifies it, whatever the mode. What the verifier says, and that there was nobody to
 * ask, is an outcome and no error: the caller decides by the mode.
 *
 * Errors: PERRY_ERROR_CANCELLED; PERRY_ERROR_FAILED for a log that cannot be written. */
PerryVerifyOutcome *perry_verify_gate_check (PerryVerifyGate *gate, const PerryVerifyRequest *request,
                                             GCancellable *cancellable, GError **error);
void perry_verify_outcome_free (PerryVerifyOutcome *outcome);

/* What the record of an outcome says; nothing is copied. */
void perry_verify_outcome_fill_record (const PerryVerifyOutcome *outcome, const PerryVerifyDecision *decision,
                                       const char *image, const char *verifier, const char *verifier_version,
                                       PerryVerifyRecord *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerifyGate, perry_verify_gate_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerifyOutcome, perry_verify_outcome_free)

G_END_DECLS
