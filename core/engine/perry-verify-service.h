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

/* What whoever wants to pull or run an image has to know; all members may be NULL. */
typedef struct {
  char *runs;       /* `repository@digest`: what an engine is given; NULL where nothing was verified */
  char *found;      /* what was found of an image that is not verified and may be taken all the same */
  char **notes;     /* for people */
  JsonNode *record; /* NULL where nothing had to be decided */
} PerryVerifyAdmission;

/* Decides, verifies where that is asked for, and judges by the mode. The decision of @request is made here; @admission has
 * to be empty, and stays so on failure. Errors: those of perry_verify_service_check(), PERRY_ERROR_NOT_VERIFIED. */
gboolean perry_verify_service_admit (PerryVerifyService *service, const PerryVerifyCall *call,
                                     PerryVerifyRequest *request, PerryVerifyAdmission *admission,
                                     GCancellable *cancellable, GError **error);
void perry_verify_admission_clear (PerryVerifyAdmission *admission);

/* Finds what a reference means in its registry; nothing is verified. */
PerryRegistryImage *perry_verify_service_resolve (PerryVerifyService *service, const PerryImageReference *reference,
                                                  const char *platform, GCancellable *cancellable, GError **error);

gboolean perry_verify_service_clear_cache (PerryVerifyService *service, guint *ret_n, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerifyService, perry_verify_service_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PerryVerifyAdmission, perry_verify_admission_clear)

G_END_DECLS
