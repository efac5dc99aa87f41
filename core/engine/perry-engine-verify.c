/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-engine-verify.h"

#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-json-members.h"
#include "core/engine/perry-resolve.h"
#include "plugin-api/perry-image-reference.h"

G_DEFINE_BOXED_TYPE (PerryImageVerification, perry_image_verification, perry_image_verification_copy,
                     perry_image_verification_free)
G_DEFINE_BOXED_TYPE (PerryImageResolution, perry_image_resolution, perry_image_resolution_copy,
                     perry_image_resolution_free)

PerryImageVerification *
perry_image_verification_copy (const PerryImageVerification *verification)
{
  PerryImageVerification *copy = g_memdup2 (verification, sizeof *verification);

  copy->image = g_strdup (verification->image);
  copy->digest = g_strdup (verification->digest);
  copy->pinned = g_strdup (verification->pinned);
  copy->platform = g_strdup (verification->platform);
  copy->platform_digest = g_strdup (verification->platform_digest);
  copy->mode_reason = g_strdup (verification->mode_reason);
  copy->requirement = g_strdup (verification->requirement);
  copy->requirement_reason = g_strdup (verification->requirement_reason);
  copy->rule = g_strdup (verification->rule);
  copy->note = g_strdup (verification->note);
  copy->verifier = g_strdup (verification->verifier);
  copy->notes = g_strdupv (verification->notes);
  return copy;
}

void
perry_image_verification_free (PerryImageVerification *verification)
{
  if (verification == NULL)
    return;
  g_free (verification->image);
  g_free (verification->digest);
  g_free (verification->pinned);
  g_free (verification->platform);
  g_free (verification->platform_digest);
  g_free (verification->mode_reason);
  g_free (verification->requirement);
  g_free (verification->requirement_reason);
  g_free (verification->rule);
  g_free (verification->note);
  g_free (verification->verifier);
  g_strfreev (verification->notes);
  g_free (verification);
}

PerryImageResolution *
perry_image_resolution_copy (const PerryImageResolution *resolution)
{
  PerryImageResolution *copy = g_memdup2 (resolution, sizeof *resolution);

  copy->image = g_strdup (resolution->image);
  copy->digest = g_strdup (resolution->digest);
  copy->pinned = g_strdup (resolution->pinned);
  copy->platform = g_strdup (resolution->platform);
  copy->platform_digest = g_strdup (resolution->platform_digest);
  copy->notes = g_strdupv (resolution->notes);
  return copy;
}

void
perry_image_resolution_free (PerryImageResolution *resolution)
{
  if (resolution == NULL)
    return;
  g_free (resolution->image);
  g_free (resolution->digest);
  g_free (resolution->pinned);
  g_free (resolution->platform);
  g_free (resolution->platform_digest);
  g_strfreev (resolution->notes);
  g_free (resolution);
}

static const char *
get_verdict (const PerryImageVerification *verification)
{
  if (verification->exempt)
    return "exempt";
  return verification->asked ? perry_verification_kind_get_name (verification->kind) : NULL;
}

JsonNode *
perry_image_verification_to_json (const PerryImageVerification *verification)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gboolean exempt = verification->exempt;

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "image", verification->image);
  perry_json_add_string (builder, "verdict", get_verdict (verification));
  perry_json_add_string (builder, "reason", exempt || verification->asked
                                                ? perry_verification_reason_get_name (verification->reason) : NULL);
  perry_json_add_string (builder, "note", verification->note);
  perry_json_add_string (builder, "digest", verification->digest);
  perry_json_add_string (builder, "pinned", verification->pinned);
  perry_json_add_string (builder, "platform", verification->platform);
  perry_json_add_string (builder, "platform_digest", verification->platform_digest);
  perry_json_add_string (builder, "mode", perry_verify_mode_get_name (verification->mode));
  perry_json_add_string (builder, "mode_reason", verification->mode_reason);
  perry_json_add_string (builder, "requirement", verification->requirement);
  perry_json_add_string (builder, "requirement_reason", verification->requirement_reason);
  perry_json_add_string (builder, "rule", verification->rule);
  perry_json_add_string (builder, "verifier", exempt ? NULL : verification->verifier);
  perry_json_add_boolean (builder, "cached", verification->from_cache);
  perry_json_add_milliseconds (builder, "duration_ms", verification->duration_ms);
  perry_json_add_strv (builder, "notes", verification->notes);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

JsonNode *
perry_image_resolution_to_json (const PerryImageResolution *resolution)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  perry_json_add_string (builder, "image", resolution->image);
  perry_json_add_string (builder, "digest", resolution->digest);
  perry_json_add_string (builder, "pinned", resolution->pinned);
  perry_json_add_boolean (builder, "index", resolution->is_index);
  perry_json_add_string (builder, "platform", resolution->platform);
  perry_json_add_string (builder, "platform_digest", resolution->platform_digest);
  perry_json_add_strv (builder, "notes", resolution->notes);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static PerryImageVerification *
new_from_decision (PerryEngine *engine, const PerryImageReference *reference, PerryVerifyDecision *decision)
{
  PerryImageVerification *verification = g_new0 (PerryImageVerification, 1);

  verification->image = perry_image_reference_to_string (reference);
  verification->mode = decision->mode;
  verification->mode_reason = g_strdup (decision->mode_reason);
  verification->requirement = perry_requirement_describe (decision->requirement);
  verification->requirement_reason = g_strdup (decision->requirement_reason);
  verification->rule = g_strdup (decision->rule);
  verification->exempt = decision->exempt;
  verification->verifier = g_strdup (perry_config_get_verifier (perry_engine_get_config (engine), NULL));
  return verification;
}

static void
take_outcome (PerryImageVerification *verification, PerryVerifyOutcome *outcome)
{
  verification->digest = g_steal_pointer (&outcome->digest);
  verification->pinned = g_steal_pointer (&outcome->pinned);
  verification->platform = g_steal_pointer (&outcome->platform);
  verification->platform_digest = g_steal_pointer (&outcome->platform_digest);
  verification->notes = g_steal_pointer (&outcome->notes);
  verification->from_cache = outcome->from_cache;
  verification->duration_ms = outcome->duration_ms;
  if (outcome->verification == NULL)
    return;
  verification->asked = TRUE;
  verification->kind = outcome->verification->kind;
  verification->reason = outcome->verification->reason;
  verification->note = g_strdup (outcome->verification->note);
}

PerryImageVerification *
perry_engine_verify_image (PerryEngine *engine, const char *reference, const PerryRequirement *requirement,
                           const char *platform, gboolean no_cache, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryImageReference) parsed = NULL;
  const PerryVerifyCall call = { .requirement = requirement, .at_least_enforce = TRUE };
  g_autoptr (PerryVerifyDecision) decision = NULL;
  g_autoptr (PerryVerifyOutcome) outcome = NULL;
  g_autofree char *own_platform = NULL;
  PerryVerifyService *service;
  PerryImageVerification *verification;
  PerryVerifyRequest request = { .wants_platform = TRUE, .no_cache = no_cache };

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && reference != NULL, NULL);

  parsed = perry_image_reference_parse (reference, error);
  if (parsed == NULL || !perry_resolve_read_platform (platform, &own_platform, error))
    return NULL;
  service = perry_engine_get_verify_service (engine);
  decision = perry_verify_service_decide (service, &call, parsed);
  request.reference = parsed;
  request.platform = own_platform;
  request.decision = decision;
  outcome = perry_verify_service_check (service, &request, cancellable, error);
  if (outcome == NULL)
    return NULL;
  verification = new_from_decision (engine, parsed, decision);
  take_outcome (verification, outcome);
  return verification;
}

PerryImageVerification *
perry_engine_explain_image_rules (PerryEngine *engine, const char *reference, GError **error)
{
  g_autoptr (PerryImageReference) parsed = NULL;
  const PerryVerifyCall call = { 0 };
  g_autoptr (PerryVerifyDecision) decision = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && reference != NULL, NULL);

  parsed = perry_image_reference_parse (reference, error);
  if (parsed == NULL)
    return NULL;
  decision = perry_verify_service_decide (perry_engine_get_verify_service (engine), &call, parsed);
  return new_from_decision (engine, parsed, decision);
}

gboolean
perry_engine_verifies (PerryEngine *engine, const char *reference)
{
  g_autoptr (PerryImageVerification) rules = perry_engine_explain_image_rules (engine, reference, NULL);

  return rules != NULL && rules->mode != PERRY_VERIFY_OFF && !rules->exempt;
}

gboolean
perry_engine_clear_verifications (PerryEngine *engine, guint *ret_n, GError **error)
{
  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && ret_n != NULL, FALSE);

  return perry_verify_service_clear_cache (perry_engine_get_verify_service (engine), ret_n, error);
}

PerryImageResolution *
perry_engine_resolve_image (PerryEngine *engine, const char *reference, const char *platform, GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (PerryImageReference) parsed = NULL;
  g_autoptr (PerryImageReference) pinned = NULL;
  g_autoptr (PerryRegistryImage) image = NULL;
  g_autofree char *own_platform = NULL;
  PerryImageResolution *resolution;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && reference != NULL, NULL);

  parsed = perry_image_reference_parse (reference, error);
  if (parsed == NULL || !perry_resolve_read_platform (platform, &own_platform, error))
    return NULL;
  image = perry_verify_service_resolve (perry_engine_get_verify_service (engine), parsed, own_platform, cancellable,
                                        error);
  pinned = image != NULL ? perry_image_reference_with_digest (parsed, image->digest, error) : NULL;
  if (pinned == NULL)
    return NULL;
  resolution = g_new0 (PerryImageResolution, 1);
  resolution->image = perry_image_reference_to_string (parsed);
  resolution->pinned = perry_image_reference_to_string (pinned);
  resolution->digest = g_steal_pointer (&image->digest);
  resolution->is_index = image->is_index;
  resolution->platform = g_steal_pointer (&image->platform);
  resolution->platform_digest = g_steal_pointer (&image->platform_digest);
  resolution->notes = g_steal_pointer (&image->notes);
  return resolution;
}
