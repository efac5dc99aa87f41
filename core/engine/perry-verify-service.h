/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/perry-config.h"
#include "core/loader/perry-plugin-registry.h"
#include "core/verification/perry-verify-gate.h"
#include "plugin-api/perry-container-spec.h"

G_BEGIN_DECLS

/* What verification needs of this program: the configured verifier, a client of registries, what was verified before. Made
 * when the first image has to be verified; any thread may call. */
typedef struct _PerryVerifyService PerryVerifyService;

PerryVerifyService *perry_verify_service_new (PerryConfig *config, PerryPluginRegistry *registry);
void perry_verify_service_free (PerryVerifyService *service);

/* What one call says about verification itself. */
typedef struct {
  gboolean has_mode;
  PerryVerifyMode mode;
  const PerryRequirement *requirement;
  gboolean at_least_enforce; /* somebody who asks for nothing but verification wants it in every mode */
} PerryVerifyCall;

/* What is to be done about an image. PERRY_ERROR_INVALID_CONFIG. */
PerryVerifyDecision *perry_verify_service_decide (PerryVerifyService *service, const PerryVerifyCall *call,
                                                  const PerryImageReference *reference);

/* Verifies, writes the record, and also where a rule exempts the image or there is no verifier: the outcome says so. Not for
 * a decision whose mode is off. Errors: those of perry_verify_gate_check(). */
PerryVerifyOutcome *perry_verify_service_check (PerryVerifyService *service, const PerryVerifyRequest *request,
                                                GCancellable *cancellable, GError **error);

/* One line for people: what was found of an image that is not verified. NULL for one that is, or is exempt. */
char *perry_verify_outcome_describe (const PerryVerifyOutcome *outcome, const PerryImageReference *reference);

/* PERRY_ERROR_NOT_VERIFIED for an outcome that is not `verified`, with what was found, who wants what, and what to do. */
void perry_verify_service_refuse (PerryVerifyService *service, const PerryImageReference *reference,
                                  const PerryVerifyDecision *decision, const PerryVerifyOutcome *outcome, GError **error);

/* The verification record as a JSON object. */
JsonNode *perry_verify_service_record (PerryVerifyService *service, const PerryImageReference *reference,
                                       const PerryVerifyDecision *decision, const PerryVerifyOutcome *outcome);

/* Finds what a reference means in its registry; nothing is verified. */
PerryRegistryImage *perry_verify_service_resolve (PerryVerifyService *service, const PerryImageReference *reference,
                                                  const char *platform, GCancellable *cancellable, GError **error);

gboolean perry_verify_service_clear_cache (PerryVerifyService *service, guint *ret_n, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerifyService, perry_verify_service_free)

G_END_DECLS
