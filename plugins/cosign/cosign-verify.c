/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-image-reference.h"
#include "plugin-api/perry-process.h"
#include "plugins/cosign/cosign-answer.h"
#include "plugins/cosign/cosign-arguments.h"
#include "plugins/cosign/cosign-failure.h"
#include "plugins/cosign/cosign-kept.h"
#include "plugins/cosign/cosign-trust.h"
#include "plugins/cosign/cosign-verifier.h"

#define MAX_STDOUT (4 * 1024 * 1024)
#define MAX_STDERR (256 * 1024)
#define HELP_TIMEOUT_MS 10000
#define GRACE_MS 200
#define MIN_RUN_MS 10
#define INSTALL "install cosign 2.5 or newer (the package cosign, or https://docs.sigstore.dev/cosign), or name it " \
                "in the option program of [plugin cosign]"

/* One question, from the first process to the last. */
typedef struct {
  PerryCosign *cosign;
  PerryCosignProgram *program;
  PerryRequirement *requirement;
  char *reference; /* with its digest and without a tag */
  const char *digest;
  gint64 deadline; /* of the monotonic clock */
  gboolean is_own_limit; /* whether the deadline is that of our option */
  GCancellable *cancellable;
} Question;

static void
question_clear (Question *question)
{
  perry_cosign_program_free (question->program);
  perry_requirement_free (question->requirement);
  g_free (question->reference);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Question, question_clear)

static guint
time_left_ms (gint64 deadline)
{
  return (guint) CLAMP ((deadline - g_get_monotonic_time ()) / 1000, MIN_RUN_MS, G_MAXINT);
}

static PerryProcessResult *
run_program (const char *const *argv, const char *const *environment, guint timeout_ms, GCancellable *cancellable,
             GError **error)
{
  PerryProcessOptions options = { .environment = environment,
                                  .working_directory = "/",
                                  .timeout_ms = timeout_ms,
                                  .grace_ms = GRACE_MS,
                                  .max_stdout = MAX_STDOUT,
                                  .max_stderr = MAX_STDERR };

  return perry_process_run (argv, &options, cancellable, error);
}

static char *
dup_output (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  return g_strndup (size > 0 ? data : "", size);
}

/* The help of cosign goes to either output, depending on its version. */
static gboolean
probe_features (PerryCosign *cosign, PerryCosignProgram *program, guint timeout_ms, GCancellable *cancellable,
                GError **error)
{
  const char *const argv[] = { program->path, "verify", "--help", NULL };
  g_auto (GStrv) ours = g_get_environ ();
  g_auto (GStrv) environment = perry_cosign_make_environment (cosign, program, NULL, ours);
  g_autoptr (PerryProcessResult) result = run_program (argv, (const char *const *) environment,
                                                       MIN (timeout_ms, HELP_TIMEOUT_MS), cancellable, error);
  g_autofree char *out = NULL, *err = NULL, *text = NULL, *failure = NULL;

  if (result == NULL)
    return FALSE;
  failure = perry_process_result_describe_failure (result, program->path);
  if (failure != NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PROCESS_FAILED, "%s; it was asked for “verify --help”", failure);
      return FALSE;
    }
  out = dup_output (result->stdout_bytes);
  err = dup_output (result->stderr_bytes);
  text = g_strconcat (out, "\n", err, NULL);
  if (perry_cosign_read_help (text, &program->features, error))
    return TRUE;
  g_prefix_error (error, "%s: ", program->path);
  return FALSE;
}

static gboolean
recall_features (PerryCosign *cosign, PerryCosignProgram *program)
{
  gboolean is_known;

  g_mutex_lock (&cosign->lock);
  is_known = cosign->known != NULL && perry_cosign_program_is_same (cosign->known, program);
  if (is_known)
    program->features = cosign->known->features;
  g_mutex_unlock (&cosign->lock);
  return is_known;
}

static void
remember_features (PerryCosign *cosign, const PerryCosignProgram *program, gboolean is_kept)
{
  g_mutex_lock (&cosign->lock);
  perry_cosign_program_free (cosign->known);
  cosign->known = perry_cosign_program_copy (program);
  cosign->is_kept = is_kept;
  g_mutex_unlock (&cosign->lock);
}

void
perry_cosign_keep (gpointer verifier)
{
  PerryCosign *cosign = verifier;
  g_autoptr (PerryCosignProgram) program = NULL;

  g_mutex_lock (&cosign->lock);
  if (cosign->known != NULL && !cosign->is_kept)
    {
      program = perry_cosign_program_copy (cosign->known);
      cosign->is_kept = TRUE;
    }
  g_mutex_unlock (&cosign->lock);
  if (program != NULL)
    perry_cosign_kept_store (cosign->kept_directory, program);
}

static PerryCosignProgram *
look_for_program (const PerryCosign *cosign, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *path = perry_process_find_program (cosign->program, &local_error);
  PerryCosignProgram *program = path != NULL ? perry_cosign_program_new (path, &local_error) : NULL;

  if (program == NULL)
    g_set_error (error, PERRY_ERROR, local_error->code, "images cannot be verified without cosign: %s; " INSTALL,
                 local_error->message);
  return program;
}

/* A process of its own, so only where the answer depends on it; and once, for as long as the file is the same. */
static gboolean
learn_features (PerryCosign *cosign, PerryCosignProgram *program, guint timeout_ms, GCancellable *cancellable,
                GError **error)
{
  gboolean is_kept;

  if (recall_features (cosign, program))
    return TRUE;
  is_kept = perry_cosign_kept_load (cosign->kept_directory, program);
  if (!is_kept && !probe_features (cosign, program, timeout_ms, cancellable, error))
    return FALSE;
  remember_features (cosign, program, is_kept);
  return TRUE;
}

/* Starts no process: this is asked for each image, also where the answer is known. */
char *
perry_cosign_describe (gpointer verifier, GCancellable *cancellable, GError **error)
{
  PerryCosign *cosign = verifier;
  g_autoptr (PerryCosignProgram) program = look_for_program (cosign, error);
  g_autoptr (GError) trust_error = NULL;
  g_autofree char *trust = NULL;

  if (program == NULL)
    return NULL;
  trust = perry_cosign_describe_trust (cosign, &trust_error);
  if (trust == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, trust_error->message);
      return NULL;
    }
  return g_strdup_printf ("cosign %s; %s dev %" G_GUINT64_FORMAT " ino %" G_GUINT64_FORMAT " size %" G_GINT64_FORMAT
                          " mtime %" G_GINT64_FORMAT "; %s", PERRY_VERSION, program->path, (guint64) program->device,
                          (guint64) program->inode, program->size, program->changed_ns, trust);
}

static PerryVerificationReason
reason_for (const GError *error)
{
  switch (error->code)
    {
    case PERRY_ERROR_NOT_FOUND:
      return PERRY_VERIFICATION_REASON_PROGRAM_MISSING;
    case PERRY_ERROR_TIMED_OUT:
      return PERRY_VERIFICATION_REASON_TIMED_OUT;
    default:
      return PERRY_VERIFICATION_REASON_PROGRAM_FAILED;
    }
}

/* What went wrong around the program is an answer as well, except that nobody waits for one any more. */
static PerryVerification *
answer_error (GError *local_error, PerryVerificationReason reason, GError **error)
{
  PerryVerification *answer;

  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CANCELLED))
    {
      g_propagate_error (error, local_error);
      return NULL;
    }
  answer = perry_verification_new (PERRY_VERIFICATION_ERROR, reason, local_error->message);
  g_error_free (local_error);
  return answer;
}

/* Where a program gave no answer, or none in time. */
static PerryVerification *
answer_unasked (const Question *question, GError *local_error, GError **error)
{
  PerryVerificationReason reason = reason_for (local_error);

  if (reason == PERRY_VERIFICATION_REASON_TIMED_OUT && question->is_own_limit &&
      g_get_monotonic_time () >= question->deadline)
    {
      g_autofree char *message = g_steal_pointer (&local_error->message);

      local_error->message = g_strdup_printf ("%s; the limit is the option timeout-ms, [plugin cosign] in perry.conf",
                                              message);
    }
  return answer_error (local_error, reason, error);
}

static PerryVerification *
read_success (const Question *question, const PerryProcessResult *result)
{
  gsize size;
  const char *data = g_bytes_get_data (result->stdout_bytes, &size);

  if (result->stdout_truncated)
    return perry_verification_new (PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_FAILED,
                                   "cosign reported success and printed more than is read, or left its output open");
  return perry_cosign_read_answer (size > 0 ? data : "", size, question->digest, question->requirement);
}

/* Sets @ret_unknown_flag instead of an answer of its own where this cosign has no second format any more. */
static PerryVerification *
ask (const Question *question, gboolean legacy, gboolean *ret_unknown_flag, GError **error)
{
  g_auto (GStrv) ours = g_get_environ ();
  g_auto (GStrv) argv = perry_cosign_make_arguments (question->cosign, question->program, question->requirement,
                                                     question->reference, legacy);
  g_auto (GStrv) environment = perry_cosign_make_environment (question->cosign, question->program,
                                                              question->requirement, ours);
  g_autoptr (PerryProcessResult) result = NULL;
  GError *local_error = NULL;

  result = run_program ((const char *const *) argv, (const char *const *) environment,
                        time_left_ms (question->deadline), question->cancellable, &local_error);
  if (result == NULL)
    return answer_unasked (question, local_error, error);
  *ret_unknown_flag = perry_cosign_is_unknown_flag (result);
  return result->exit_status == 0 ? read_success (question, result)
                                  : perry_cosign_explain_failure (result, question->requirement);
}

static gboolean
learn_for (const Question *question, GError **error)
{
  return learn_features (question->cosign, question->program, time_left_ms (question->deadline), question->cancellable,
                         error);
}

/* What was found in bundles counts where there is nothing else; then a registry in trouble may have hidden the rest. */
static PerryVerification *
merge (PerryVerification *bundles, PerryVerification *legacy, gboolean unknown_flag)
{
  PerryVerification *chosen = unknown_flag || legacy->kind == PERRY_VERIFICATION_UNSIGNED ? bundles : legacy;

  if (chosen == bundles && !unknown_flag)
    bundles->certain = FALSE;
  perry_verification_free (chosen == bundles ? legacy : bundles);
  return chosen;
}

/* Any bundle, of whomever, makes a cosign 3 look at bundles alone, so that a good signature in the first format is
 * hidden by somebody's statement about the image. A second look asks for that format. */
static PerryVerification *
look_again (const Question *question, PerryVerification *answer, GError **error)
{
  g_autoptr (PerryVerification) bundles = answer;
  gboolean unknown_flag = FALSE;
  PerryVerification *legacy = ask (question, TRUE, &unknown_flag, error);

  return legacy != NULL ? merge (g_steal_pointer (&bundles), legacy, unknown_flag) : NULL;
}

static PerryVerification *
tell_of_other_kind (PerryVerification *answer)
{
  PerryVerification *told;
  g_autofree char *note = g_strconcat (answer->note, "; this is a cosign 2, which does not see signatures that cosign 3 "
                                       "made: install cosign 3 to have both", NULL);

  told = perry_verification_new (answer->kind, answer->reason, note);
  perry_verification_free (answer);
  return told;
}

/* Whether there is more to be seen or said depends on the kind of cosign. */
static PerryVerification *
ask_for_both_formats (const Question *question, GError **error)
{
  gboolean unknown_flag = FALSE;
  g_autoptr (PerryVerification) answer = ask (question, FALSE, &unknown_flag, error);
  GError *local_error = NULL;
  gboolean is_new;

  if (answer == NULL ||
      (answer->kind != PERRY_VERIFICATION_REJECTED && answer->kind != PERRY_VERIFICATION_UNSIGNED))
    return g_steal_pointer (&answer);
  if (!learn_for (question, &local_error))
    return answer_unasked (question, local_error, error);
  is_new = question->program->features.reads_trusted_root;
  if (answer->kind == PERRY_VERIFICATION_REJECTED && is_new)
    return look_again (question, g_steal_pointer (&answer), error);
  if (answer->kind == PERRY_VERIFICATION_UNSIGNED && !is_new)
    return tell_of_other_kind (g_steal_pointer (&answer));
  return g_steal_pointer (&answer);
}

static gboolean
fill_question (Question *question, const char *reference, JsonNode *requirement, GError **error)
{
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, error);
  g_autoptr (PerryImageReference) pinned = NULL;

  if (parsed == NULL)
    return FALSE;
  if (perry_image_reference_get_kind (parsed) != PERRY_IMAGE_REFERENCE_NAME)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "%s is an image id: signatures are found in a "
                   "registry alone, so the image needs its name there", reference);
      return FALSE;
    }
  pinned = perry_image_reference_with_digest (parsed, question->digest, error);
  question->requirement = pinned != NULL ? perry_requirement_from_node (requirement, "$", error) : NULL;
  if (question->requirement == NULL)
    return FALSE;
  question->reference = g_strdup_printf ("%s/%s@%s", perry_image_reference_get_registry (pinned),
                                         perry_image_reference_get_repository (pinned), question->digest);
  return TRUE;
}

/* cosign's own words for a missing key are of no help. */
static gboolean
check_key (const PerryRequirement *requirement, GError **error)
{
  g_autofree char *key = perry_requirement_dup_cache_key (requirement, error);

  return key != NULL;
}

/* What an option means depends on the kind of cosign. */
static gboolean
depends_on_features (const Question *question)
{
  const PerryCosign *cosign = question->cosign;

  return cosign->registry_ca != NULL ||
         (perry_cosign_needs_trust (question->requirement) &&
          (cosign->trusted_root != NULL || cosign->ca_roots != NULL || cosign->rekor_key != NULL ||
           cosign->ct_log_key != NULL));
}

static PerryVerification *
answer_question (Question *question, GError **error)
{
  GError *local_error = NULL;

  question->program = look_for_program (question->cosign, &local_error);
  if (question->program == NULL || (depends_on_features (question) && !learn_for (question, &local_error)))
    return answer_unasked (question, local_error, error);
  if (!check_key (question->requirement, &local_error))
    return answer_error (local_error, PERRY_VERIFICATION_REASON_CONFIGURATION, error);
  if (!perry_cosign_check_trust (question->cosign, question->program, question->requirement, &local_error))
    return answer_error (local_error, PERRY_VERIFICATION_REASON_TRUST_ROOT, error);
  if (question->cosign->registry_ca != NULL && !question->program->features.has_registry_ca)
    return perry_verification_new (PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_CONFIGURATION,
                                   "this cosign has no --registry-cacert, so the option registry-ca cannot be "
                                   "honoured; install a newer one");
  return ask_for_both_formats (question, error);
}

PerryVerification *
perry_cosign_verify (gpointer verifier, const char *reference, const char *digest, JsonNode *requirement,
                     int timeout_ms, GCancellable *cancellable, GError **error)
{
  PerryCosign *cosign = verifier;
  gint64 limit_ms = timeout_ms > 0 ? MIN (timeout_ms, cosign->timeout_ms) : cosign->timeout_ms;
  g_auto (Question) question = { .cosign = cosign,
                                 .digest = digest,
                                 .deadline = g_get_monotonic_time () + limit_ms * 1000,
                                 .is_own_limit = limit_ms == cosign->timeout_ms,
                                 .cancellable = cancellable };

  g_return_val_if_fail (reference != NULL && digest != NULL, NULL);

  if (!fill_question (&question, reference, requirement, error))
    return NULL;
  return answer_question (&question, error);
}
