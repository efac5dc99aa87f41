/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-verify-gate.h"

#include "core/verification/perry-verify-flight.h"
#include "plugin-api/perry-error.h"

struct _PerryVerifyGate {
  PerryVerifyGateOptions options;
  char *log;
  PerryVerifyFlights *flights;
};

/* One check on its way. */
typedef struct {
  PerryVerifyGate *gate;
  const PerryVerifyRequest *request;
  PerryVerifyOutcome *outcome;
  char *image;    /* for people */
  char *question; /* what an answer depends on, without the digest */
  char *key;      /* the same with the digest */
  gboolean found_on_disk; /* by whoever asks for all */
} Check;

static void
check_clear (Check *check)
{
  g_clear_pointer (&check->outcome, perry_verify_outcome_free);
  g_free (check->image);
  g_free (check->question);
  g_free (check->key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

PerryVerifyGate *
perry_verify_gate_new (const PerryVerifyGateOptions *options)
{
  PerryVerifyGate *gate = g_new0 (PerryVerifyGate, 1);

  gate->options = *options;
  gate->log = g_strdup (options->log);
  gate->flights = perry_verify_flights_new ();
  return gate;
}

void
perry_verify_gate_free (PerryVerifyGate *gate)
{
  if (gate == NULL)
    return;
  perry_verify_flights_free (gate->flights);
  g_free (gate->log);
  g_free (gate);
}

void
perry_verify_outcome_free (PerryVerifyOutcome *outcome)
{
  if (outcome == NULL)
    return;
  g_clear_pointer (&outcome->verification, perry_verification_free);
  g_free (outcome->digest);
  g_free (outcome->pinned);
  g_free (outcome->runs);
  g_free (outcome->platform);
  g_free (outcome->platform_digest);
  g_strfreev (outcome->notes);
  g_free (outcome);
}

static gboolean
is_cancelled (const GError *error)
{
  return g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
}

/* What could not be found out is an answer as well: that of nobody having verified anything. */
static PerryVerification *
answer_from_error (PerryVerificationReason reason, GError *error)
{
  PerryVerification *answer = perry_verification_new (PERRY_VERIFICATION_ERROR, reason, error->message);

  g_error_free (error);
  return answer;
}

static PerryVerificationReason
reason_of_registry (const GError *error)
{
  if (g_error_matches (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED))
    return PERRY_VERIFICATION_REASON_CREDENTIALS;
  if (g_error_matches (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT))
    return PERRY_VERIFICATION_REASON_TIMED_OUT;
  if (g_error_matches (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG))
    return PERRY_VERIFICATION_REASON_CONFIGURATION;
  return PERRY_VERIFICATION_REASON_REGISTRY;
}

static gboolean
pin (Check *check, GError **error)
{
  PerryVerifyOutcome *outcome = check->outcome;
  g_autoptr (PerryImageReference) pinned =
      perry_image_reference_with_digest (check->request->reference, outcome->digest, error);

  if (pinned == NULL)
    return FALSE;
  outcome->pinned = perry_image_reference_to_string (pinned);
  return TRUE;
}

/* An engine keeps one platform under an index's digest, so that another one is run by its own, which the index has: its
 * body was hashed. */
static gboolean
choose_what_runs (Check *check, GError **error)
{
  PerryVerifyOutcome *outcome = check->outcome;
  g_autoptr (PerryImageReference) pinned = NULL;

  if (!outcome->is_index || check->request->platform == NULL || outcome->platform_digest == NULL)
    {
      outcome->runs = g_strdup (outcome->pinned);
      return TRUE;
    }
  pinned = perry_image_reference_with_digest (check->request->reference, outcome->platform_digest, error);
  if (pinned == NULL)
    return FALSE;
  outcome->runs = perry_image_reference_to_string (pinned);
  return TRUE;
}

static void
take_image (PerryVerifyOutcome *outcome, PerryRegistryImage *image)
{
  g_free (outcome->digest);
  outcome->digest = g_steal_pointer (&image->digest);
  g_free (outcome->platform);
  outcome->platform = g_steal_pointer (&image->platform);
  g_free (outcome->platform_digest);
  outcome->platform_digest = g_steal_pointer (&image->platform_digest);
  outcome->is_index = image->is_index;
  g_strfreev (outcome->notes);
  outcome->notes = g_steal_pointer (&image->notes);
}

/* FALSE without an error where the registry had no answer: then the outcome says so. */
static gboolean
end_with_registry_error (Check *check, GError *error, GError **ret_error)
{
  g_clear_pointer (&check->outcome->verification, perry_verification_free);
  if (is_cancelled (error))
    g_propagate_error (ret_error, error);
  else
    {
      PerryVerificationReason reason = reason_of_registry (error);

      check->outcome->verification = answer_from_error (reason, error);
    }
  return FALSE;
}

static gboolean
resolve (Check *check, GCancellable *cancellable, GError **error)
{
  const PerryVerifyRequest *request = check->request;
  g_autoptr (PerryRegistryImage) image = NULL;
  GError *local_error = NULL;

  image = perry_registry_client_resolve (check->gate->options.registry, request->reference, request->platform,
                                         cancellable, &local_error);
  if (image == NULL)
    return end_with_registry_error (check, local_error, error);
  take_image (check->outcome, image);
  return pin (check, error);
}

/* A reference by digest was not asked about, which would cost a request for each container; what is verified for the first
 * time is worth one. */
static gboolean
find_platform (Check *check, GCancellable *cancellable, GError **error)
{
  const PerryVerifyRequest *request = check->request;
  g_autoptr (PerryRegistryImage) image = NULL;
  GError *local_error = NULL;

  if (!request->wants_platform || check->outcome->platform_digest != NULL)
    return TRUE;
  image = g_new0 (PerryRegistryImage, 1);
  image->digest = g_strdup (check->outcome->digest);
  if (!perry_registry_client_choose_platform (check->gate->options.registry, request->reference, image,
                                              request->platform, cancellable, &local_error))
    return end_with_registry_error (check, local_error, error);
  take_image (check->outcome, image);
  return TRUE;
}

static PerryVerificationReason
reason_of_description (const GError *error)
{
  if (g_error_matches (error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND))
    return PERRY_VERIFICATION_REASON_PROGRAM_MISSING;
  if (g_error_matches (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG))
    return PERRY_VERIFICATION_REASON_TRUST_ROOT;
  return PERRY_VERIFICATION_REASON_PROGRAM_FAILED;
}

/* All that an answer depends on but the digest, as it is now. */
static char *
dup_question (const Check *check, PerryVerificationReason *ret_reason, GCancellable *cancellable, GError **error)
{
  const PerryVerifier *verifier = &check->gate->options.verifier;
  g_autofree char *requirement = perry_requirement_dup_cache_key (check->request->decision->requirement, error);
  g_autofree char *description = NULL;
  GError *local_error = NULL;

  *ret_reason = PERRY_VERIFICATION_REASON_CONFIGURATION;
  if (requirement == NULL)
    return NULL;
  description = verifier->ops->describe (verifier->handle, cancellable, &local_error);
  if (description == NULL)
    {
      *ret_reason = reason_of_description (local_error);
      g_propagate_error (error, local_error);
      return NULL;
    }
  return g_strjoin ("\n", requirement, verifier->id, verifier->version, description, NULL);
}

/* It comes before the registry is asked, so that who lacks a program hears of that first. */
static gboolean
describe_question (Check *check, GCancellable *cancellable, GError **error)
{
  PerryVerificationReason reason;
  GError *local_error = NULL;

  check->question = dup_question (check, &reason, cancellable, &local_error);
  if (check->question != NULL)
    return TRUE;
  if (is_cancelled (local_error))
    g_propagate_error (error, local_error);
  else
    check->outcome->verification = answer_from_error (reason, local_error);
  return FALSE;
}

/* “There are no signatures” is also what some verifiers make of a registry in trouble. */
static PerryVerification *
confirm_unsigned (Check *check, PerryVerification *answer, GCancellable *cancellable, GError **error)
{
  gboolean found = FALSE;
  GError *local_error = NULL;

  if (answer->kind != PERRY_VERIFICATION_UNSIGNED || answer->certain)
    return answer;
  if (perry_registry_client_find_signatures (check->gate->options.registry, check->request->reference,
                                             check->outcome->digest, &found, cancellable, &local_error))
    {
      answer->certain = !found;
      return answer;
    }
  perry_verification_free (answer);
  if (is_cancelled (local_error))
    {
      g_propagate_error (error, local_error);
      return NULL;
    }
  g_prefix_error_literal (&local_error, "whether there are signatures cannot be told: ");
  return answer_from_error (reason_of_registry (local_error), local_error);
}

/* A verifier names the limits that are its own, and does not know where ours is set. */
static PerryVerification *
name_limit (const Check *check, PerryVerification *answer, gint64 begin)
{
  int timeout_ms = check->gate->options.timeout_ms;
  g_autofree char *note = NULL;

  if (answer->kind != PERRY_VERIFICATION_ERROR || answer->reason != PERRY_VERIFICATION_REASON_TIMED_OUT ||
      g_get_monotonic_time () - begin < timeout_ms * (gint64) 1000)
    return answer;
  note = g_strdup_printf ("%s; one verification may take timeout-ms, [verification] in perry.conf, which is %d here",
                          answer->note != NULL ? answer->note : "there was no answer in time", timeout_ms);
  perry_verification_free (answer);
  return perry_verification_new (PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_TIMED_OUT, note);
}

static PerryVerification *
ask_verifier (Check *check, GCancellable *cancellable, GError **error)
{
  const PerryVerifyGateOptions *options = &check->gate->options;
  g_autofree char *text = perry_requirement_to_json (check->request->decision->requirement);
  g_autoptr (JsonNode) requirement = json_from_string (text, NULL);
  const PerryVerifierOps *ops = options->verifier.ops;
  gint64 begin = g_get_monotonic_time ();
  PerryVerification *answer;
  GError *local_error = NULL;

  answer = ops->verify (options->verifier.handle, check->image, check->outcome->digest, requirement,
                        options->timeout_ms, cancellable, &local_error);
  if (ops->keep != NULL && !check->request->changes_nothing)
    ops->keep (options->verifier.handle);
  if (answer != NULL)
    return confirm_unsigned (check, name_limit (check, answer, begin), cancellable, error);
  if (!is_cancelled (local_error))
    return answer_from_error (PERRY_VERIFICATION_REASON_CONFIGURATION, local_error);
  g_propagate_error (error, local_error);
  return NULL;
}

/* A key, a program or a trust root that was exchanged while the verifier was looking: nobody knows of which of them its
 * answer is. */
static gboolean
has_changed (const Check *check, GCancellable *cancellable)
{
  PerryVerificationReason reason;
  g_autofree char *now = dup_question (check, &reason, cancellable, NULL);

  return g_strcmp0 (now, check->question) != 0;
}

/* Another process may have asked while we waited for our turn. */
static PerryVerification *
ask_in_turn (Check *check, GCancellable *cancellable, GError **error)
{
  PerryVerifyCache *cache = check->gate->options.cache;
  PerryVerification *answer = perry_verify_cache_lookup (cache, check->key);

  check->found_on_disk = answer != NULL;
  if (answer != NULL)
    return answer;
  answer = ask_verifier (check, cancellable, error);
  if (answer != NULL && !check->request->changes_nothing && !has_changed (check, cancellable))
    perry_verify_cache_store (cache, check->key, answer);
  return answer;
}

/* For everybody who wants to know it now. */
static PerryVerification *
ask_for_all (gpointer data, GCancellable *cancellable, GError **error)
{
  Check *check = data;
  const PerryVerifyGateOptions *options = &check->gate->options;
  PerryVerifyTurn *turn = NULL;
  PerryVerification *answer;

  if (!check->request->changes_nothing)
    turn = perry_verify_cache_take_turn (options->cache, check->key, options->timeout_ms, cancellable);
  answer = ask_in_turn (check, cancellable, error);
  perry_verify_turn_free (turn);
  return answer;
}

static gboolean
verify (Check *check, GCancellable *cancellable, GError **error)
{
  const PerryVerifyRequest *request = check->request;
  PerryVerifyOutcome *outcome = check->outcome;
  gboolean was_asked = FALSE;

  if (request->no_cache)
    {
      if (!find_platform (check, cancellable, error))
        return FALSE;
      outcome->verification = ask_verifier (check, cancellable, error);
      return outcome->verification != NULL;
    }
  outcome->verification = perry_verify_cache_lookup (check->gate->options.cache, check->key);
  if (outcome->verification != NULL)
    {
      outcome->from_cache = TRUE;
      return request->platform == NULL || find_platform (check, cancellable, error);
    }
  if (!find_platform (check, cancellable, error))
    return FALSE;
  outcome->verification = perry_verify_flights_ask (check->gate->flights, check->key, ask_for_all, check, &was_asked,
                                                    cancellable, error);
  outcome->from_cache = !was_asked || check->found_on_disk;
  return outcome->verification != NULL;
}

void
perry_verify_outcome_fill_record (const PerryVerifyOutcome *outcome, const PerryVerifyDecision *decision,
                                  const char *image, const char *verifier, const char *verifier_version,
                                  PerryVerifyRecord *record)
{
  *record = (PerryVerifyRecord){
    .image = image,
    .digest = outcome->digest,
    .platform_digest = outcome->platform_digest,
    .requirement = decision->exempt ? NULL : decision->requirement,
    .rule = decision->rule,
    .verifier = verifier,
    .verifier_version = verifier_version,
    .mode = decision->mode,
    .exempt = decision->exempt,
    .from_cache = outcome->from_cache,
    .verification = outcome->verification,
    .duration_ms = outcome->duration_ms,
  };
}

static gboolean
write_record (Check *check, GError **error)
{
  const PerryVerifier *verifier = &check->gate->options.verifier;
  PerryVerifyRecord record;

  perry_verify_outcome_fill_record (check->outcome, check->request->decision, check->image, verifier->id,
                                    verifier->version, &record);
  return check->request->changes_nothing || perry_verify_record_write (&record, check->gate->log, error);
}

static void
refuse_id (Check *check)
{
  g_autofree char *note =
      g_strdup_printf ("%s is the id of an image in an engine, which nobody signs and no rule can name; ask for it by the "
                       "name that it has in its registry",
                       check->image);

  check->outcome->verification =
      perry_verification_new (PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_CONFIGURATION, note);
}

/* FALSE with an error; or where the outcome says what was found. */
static gboolean
find_out (Check *check, GCancellable *cancellable, GError **error)
{
  gint64 begin;
  gboolean ok;

  if (perry_image_reference_get_kind (check->request->reference) != PERRY_IMAGE_REFERENCE_NAME)
    {
      refuse_id (check);
      return TRUE;
    }
  if (!describe_question (check, cancellable, error) || !resolve (check, cancellable, error))
    return check->outcome->verification != NULL;
  begin = g_get_monotonic_time ();
  check->key = g_strconcat (check->outcome->digest, "\n", check->question, NULL);
  ok = verify (check, cancellable, error);
  check->outcome->duration_ms = (double) (g_get_monotonic_time () - begin) / 1000;
  return ok || check->outcome->verification != NULL;
}

PerryVerifyOutcome *
perry_verify_gate_check (PerryVerifyGate *gate, const PerryVerifyRequest *request, GCancellable *cancellable,
                         GError **error)
{
  g_auto (Check) check = {
    .gate = gate,
    .request = request,
    .outcome = g_new0 (PerryVerifyOutcome, 1),
    .image = perry_image_reference_to_string (request->reference),
  };

  if (!find_out (&check, cancellable, error))
    return NULL;
  if (check.outcome->pinned != NULL && !choose_what_runs (&check, error))
    return NULL;
  if (!write_record (&check, error))
    return NULL;
  return g_steal_pointer (&check.outcome);
}
