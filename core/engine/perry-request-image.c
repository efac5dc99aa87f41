/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-request-image.h"

#include "core/engine/perry-pull.h"
#include "plugin-api/perry-image-reference.h"

/* What was verified, or what was asked for where nothing had to be. */
static const char *
get_reference (const PerryRequest *request)
{
  return request->verified != NULL ? request->verified
                                   : perry_container_spec_get_string (request->asked, PERRY_FIELD_IMAGE);
}

static gboolean
find_image (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = request->backend;
  const char *platform = perry_container_spec_get_string (request->normalised, PERRY_FIELD_PLATFORM);

  g_clear_pointer (&request->pin, perry_pin_free);
  request->pin = perry_resolve_image (backend, get_reference (request), platform, cancellable, error);
  return request->pin != NULL && perry_resolve_check_platform (request->pin, platform, backend->name, error);
}

/* What the registry has served pins the image better than its id, where the backend says which digest that was. */
static gboolean
pull_image (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  const char *reference = get_reference (request);
  const char *platform = perry_container_spec_get_string (request->normalised, PERRY_FIELD_PLATFORM);
  const PerryPullOptions options = {
    .platform = (char *) platform,
    .progress = request->options->pull_progress,
    .progress_data = request->options->pull_progress_data,
  };
  g_autoptr (PerryPulled) pulled = perry_pull_image (request->backend, reference, &options, cancellable, error);
  GError *local_error = NULL;
  char *pinned;

  if (pulled == NULL || !find_image (request, cancellable, error))
    return FALSE;
  request->result->pulled = TRUE;
  if (request->pin->digest != NULL || pulled->digest == NULL)
    return TRUE;
  pinned = perry_pull_dup_pinned (request->backend, reference, pulled->digest, request->pin->image, cancellable,
                                  &local_error);
  if (pinned != NULL)
    perry_pin_take_digest (request->pin, pinned, pulled->digest);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

/* An id is nothing that a registry knows. */
static gboolean
can_be_pulled (const char *reference)
{
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, NULL);

  return parsed != NULL && perry_image_reference_get_kind (parsed) == PERRY_IMAGE_REFERENCE_NAME;
}

static gboolean
find_or_pull (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  PerryPullPolicy policy = request->may_pull ? request->options->pull : PERRY_PULL_NEVER;
  const char *platform = perry_container_spec_get_string (request->normalised, PERRY_FIELD_PLATFORM);
  g_autoptr (GError) local_error = NULL;

  if (policy == PERRY_PULL_ALWAYS)
    return pull_image (request, cancellable, error);
  if (find_image (request, cancellable, &local_error))
    return TRUE;
  if (policy == PERRY_PULL_MISSING && g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND) &&
      request->backend->ops->image_pull != NULL &&
      can_be_pulled (get_reference (request)))
    {
      if (pull_image (request, cancellable, error))
        return TRUE;
      g_prefix_error (error, "%s does not have the image%s%s: ", request->backend->name,
                      platform != NULL ? " for " : "", platform != NULL ? platform : "");
      return FALSE;
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
verify (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  const PerryContainerSpec *spec = request->asked;
  g_autoptr (PerryImageReference) reference =
      perry_image_reference_parse (perry_container_spec_get_string (spec, PERRY_FIELD_IMAGE), error);
  g_autoptr (PerryRequirement) requirement = perry_container_spec_dup_verify_requirement (spec);
  g_auto (PerryVerifyAdmission) admission = { 0 };
  PerryVerifyCall call = { .requirement = requirement };
  PerryVerifyRequest check = {
    .reference = reference,
    .platform = perry_container_spec_get_string (request->normalised, PERRY_FIELD_PLATFORM),
    .wants_platform = TRUE,
    .no_cache = request->options->no_verify_cache,
    .changes_nothing = !request->may_pull,
  };

  if (reference == NULL)
    return FALSE;
  call.has_mode = perry_container_spec_get_verify_mode (spec, &call.mode);
  if (!perry_verify_service_admit (request->verify, &call, &check, &admission, cancellable, error))
    return FALSE;
  for (char **note = admission.notes; note != NULL && *note != NULL; note++)
    perry_run_result_add_warning (request->result, *note);
  /* said before anything is created, and taken all the same */
  if (admission.found != NULL)
    g_ptr_array_add (request->result->adjustments,
                     perry_adjustment_new (PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_VERIFY, NULL, admission.found,
                                           request->enforcement != PERRY_ENFORCEMENT_LENIENT));
  request->verified = g_steal_pointer (&admission.runs);
  request->result->verification = g_steal_pointer (&admission.record);
  return TRUE;
}

/* For people it is still the image that was asked for; the digest stands beside it. */
static gboolean
keep_name (PerryRequest *request, GError **error)
{
  char *name = perry_resolve_normalise (perry_container_spec_get_string (request->asked, PERRY_FIELD_IMAGE), error);

  if (name == NULL)
    return FALSE;
  g_free (request->pin->reference);
  request->pin->reference = name;
  return TRUE;
}

gboolean
perry_request_resolve_image (PerryRequest *request, GCancellable *cancellable, GError **error)
{
  g_clear_pointer (&request->verified, g_free);
  g_clear_pointer (&request->result->verification, json_node_unref);
  if (request->verify != NULL && !verify (request, cancellable, error))
    return FALSE;
  if (!find_or_pull (request, cancellable, error))
    return FALSE;
  return request->verified == NULL || keep_name (request, error);
}
