/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-verify-gate.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/verification/perry-verify-record.h"
#include "plugin-api/perry-json.h"
#include "tests/registry-fixture.h"
#include "tests/test-folder.h"

#define N_PARALLEL 64

/* A verifier that a test scripts. */
typedef struct {
  PerryVerificationKind kind;
  PerryVerificationReason reason;
  gboolean certain;
  const char *note;
  GError *failure; /* of verify, instead of an answer */
  GError *missing; /* of describe */
  const char *description;
  const char *next_description; /* once it was asked; NULL for the same */
  guint pause_ms;
  gint n_asked;    /* atomic, as the next */
  gint n_kept;
  char *reference; /* of the last question, as the next two */
  char *digest;
  char *requirement;
  GMutex mutex;
} Script;

typedef struct {
  RegistryFixture base;
  PerryFakeRegistry *registry;
  char *digest; /* of app:1 */
  char *cache_directory;
  PerryVerifyCache *cache;
  char *log;
  PerryVerifyGate *gate;
  PerryRequirement *requirement;
  const char *platform; /* that the next questions ask for; NULL for none */
  Script script;
} Fixture;

static char *
describe (gpointer verifier, GCancellable *cancellable, GError **error)
{
  Script *script = verifier;

  if (script->missing == NULL)
    return g_strdup (script->description);
  g_propagate_error (error, g_error_copy (script->missing));
  return NULL;
}

static PerryVerification *
verify (gpointer verifier, const char *reference, const char *digest, JsonNode *requirement, int timeout_ms,
        GCancellable *cancellable, GError **error)
{
  Script *script = verifier;
  PerryVerification *answer;

  g_atomic_int_inc (&script->n_asked);
  if (script->next_description != NULL)
    script->description = script->next_description;
  g_mutex_lock (&script->mutex);
  g_free (script->reference);
  script->reference = g_strdup (reference);
  g_free (script->digest);
  script->digest = g_strdup (digest);
  g_free (script->requirement);
  script->requirement = json_to_string (requirement, FALSE);
  g_mutex_unlock (&script->mutex);
  for (guint waited = 0; waited < script->pause_ms; waited += 10)
    {
      g_usleep (10000);
      if (!g_cancellable_is_cancelled (cancellable))
        continue;
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "cancelled");
      return NULL;
    }
  if (script->failure != NULL)
    {
      g_propagate_error (error, g_error_copy (script->failure));
      return NULL;
    }
  answer = perry_verification_new (script->kind, script->reason, script->note);
  answer->certain = script->certain;
  return answer;
}

static void
keep (gpointer verifier)
{
  Script *script = verifier;

  g_atomic_int_inc (&script->n_kept);
}

static const PerryVerifierOps ops = {
  .struct_size = sizeof ops,
  .describe = describe,
  .verify = verify,
  .keep = keep,
};

static PerryVerifyGate *
new_gate_with_limit (Fixture *fixture, PerryVerifyCache *cache, int timeout_ms)
{
  const PerryVerifyGateOptions options = {
    .verifier = { "script", "1.0", &ops, &fixture->script },
    .registry = registry_fixture_get_client (&fixture->base),
    .cache = cache,
    .log = fixture->log,
    .timeout_ms = timeout_ms,
  };

  return perry_verify_gate_new (&options);
}

static PerryVerifyGate *
new_gate (Fixture *fixture, PerryVerifyCache *cache)
{
  return new_gate_with_limit (fixture, cache, 5000);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  registry_fixture_set_up (&fixture->base, NULL);
  fixture->registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_REFERRERS);
  fixture->digest = perry_fake_registry_add_image (fixture->registry, "app", "1", "linux/amd64", "one");
  fixture->cache_directory = g_build_filename (fixture->base.directory, "verified", NULL);
  fixture->cache = perry_verify_cache_new (fixture->cache_directory, 3600, 60);
  fixture->log = g_build_filename (fixture->base.directory, "log", NULL);
  fixture->requirement = perry_requirement_new_default ();
  g_mutex_init (&fixture->script.mutex);
  fixture->script.kind = PERRY_VERIFICATION_VERIFIED;
  fixture->script.description = "script 1, root abc";
  fixture->gate = new_gate (fixture, fixture->cache);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  perry_verify_gate_free (fixture->gate);
  perry_verify_cache_free (fixture->cache);
  perry_requirement_free (fixture->requirement);
  g_free (fixture->digest);
  g_free (fixture->script.reference);
  g_free (fixture->script.digest);
  g_free (fixture->script.requirement);
  g_clear_error (&fixture->script.failure);
  g_clear_error (&fixture->script.missing);
  g_mutex_clear (&fixture->script.mutex);
  perry_fake_registry_free (fixture->registry);
  test_folder_remove (fixture->cache_directory);
  test_folder_remove (fixture->log);
  g_free (fixture->cache_directory);
  g_free (fixture->log);
  registry_fixture_tear_down (&fixture->base, NULL);
}

static PerryVerifyOutcome *
check_with (Fixture *fixture, PerryVerifyGate *gate, const char *name, gboolean no_cache, gboolean changes_nothing,
            GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryImageReference) reference = registry_fixture_refer (fixture->registry, name);
  PerryVerifyDecision decision = { .mode = PERRY_VERIFY_ENFORCE, .requirement = fixture->requirement };
  const PerryVerifyRequest request = {
    .reference = reference,
    .decision = &decision,
    .platform = fixture->platform,
    .wants_platform = TRUE,
    .no_cache = no_cache,
    .changes_nothing = changes_nothing,
  };

  return perry_verify_gate_check (gate, &request, cancellable, error);
}

static PerryVerifyOutcome *
check (Fixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;
  PerryVerifyOutcome *outcome = check_with (fixture, fixture->gate, name, FALSE, FALSE, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (outcome->verification);
  return outcome;
}

static void
assert_kind (Fixture *fixture, const char *name, PerryVerificationKind kind, guint n_asked, gboolean from_cache)
{
  g_autoptr (PerryVerifyOutcome) outcome = check (fixture, name);

  g_test_message ("%s", outcome->verification->note != NULL ? outcome->verification->note : "-");
  g_assert_cmpint (outcome->verification->kind, ==, kind);
  g_assert_cmpint (g_atomic_int_get (&fixture->script.n_asked), ==, (int) n_asked);
  g_assert_cmpint (outcome->from_cache, ==, from_cache);
}

static void
test_verified (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyOutcome) outcome = check (fixture, "app:1");
  g_autofree char *pinned = g_strdup_printf ("%s/app@%s", perry_fake_registry_get_name (fixture->registry),
                                             fixture->digest);

  g_assert_cmpint (outcome->verification->kind, ==, PERRY_VERIFICATION_VERIFIED);
  g_assert_cmpstr (outcome->digest, ==, fixture->digest);
  g_assert_cmpstr (outcome->pinned, ==, pinned);
  g_assert_cmpstr (outcome->platform_digest, ==, fixture->digest);
  g_assert_cmpstr (fixture->script.digest, ==, fixture->digest);
  g_assert_true (g_str_has_prefix (fixture->script.reference, perry_fake_registry_get_name (fixture->registry)));
  g_assert_nonnull (strstr (fixture->script.requirement, PERRY_REQUIREMENT_DEFAULT_IDENTITY));
}

/* The second time nobody is asked but for the tag; of a reference by digest not even that. */
static void
test_kept (Fixture *fixture, gconstpointer data)
{
  g_autofree char *by_digest = g_strconcat ("app@", fixture->digest, NULL);
  g_autoptr (PerryVerifyGate) another = NULL;
  g_autoptr (PerryVerifyCache) same_disk = perry_verify_cache_new (fixture->cache_directory, 3600, 60);
  g_autoptr (PerryVerifyOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 1, FALSE);
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 1, TRUE);
  perry_fake_registry_forget_requests (fixture->registry);
  assert_kind (fixture, by_digest, PERRY_VERIFICATION_VERIFIED, 1, TRUE);
  g_assert_cmpuint (perry_fake_registry_count_requests (fixture->registry, NULL, ".*"), ==, 0);

  another = new_gate (fixture, same_disk);
  outcome = check_with (fixture, another, by_digest, FALSE, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (outcome->from_cache);
  g_assert_cmpint (fixture->script.n_asked, ==, 1);
}

/* Whatever an answer depends on is a part of its key. */
static void
test_key (Fixture *fixture, gconstpointer data)
{
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 1, FALSE);
  fixture->script.description = "script 1, root def";
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 2, FALSE);
  g_free (fixture->requirement->identity);
  fixture->requirement->identity = g_strdup ("other");
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 3, FALSE);
  fixture->requirement->ignore_tlog = TRUE;
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 4, FALSE);
  g_free (perry_fake_registry_add_image (fixture->registry, "app", "1", "linux/amd64", "two"));
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 5, FALSE);
}

/* What was exchanged while the verifier looked may not be what it looked with. */
static void
test_exchanged_meanwhile (Fixture *fixture, gconstpointer data)
{
  const char *first = fixture->script.description;

  fixture->script.next_description = "script 1, root def";
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 1, FALSE);
  fixture->script.next_description = NULL;
  fixture->script.description = first;
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 2, FALSE);
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 2, TRUE);
}

static void
test_asked_anew (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 1, FALSE);
  fixture->script.kind = PERRY_VERIFICATION_REJECTED;
  fixture->script.certain = TRUE;
  outcome = check_with (fixture, fixture->gate, "app:1", TRUE, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->verification->kind, ==, PERRY_VERIFICATION_REJECTED);
  /* and what was found out then is not kept either */
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 2, TRUE);
}

static void
test_plan_changes_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  outcome = check_with (fixture, fixture->gate, "app:1", FALSE, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->verification->kind, ==, PERRY_VERIFICATION_VERIFIED);
  g_assert_false (g_file_test (fixture->log, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (fixture->cache_directory, G_FILE_TEST_EXISTS));
  g_assert_cmpint (fixture->script.n_kept, ==, 0);
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 2, FALSE);
  g_assert_cmpint (fixture->script.n_kept, ==, 1);
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 2, TRUE);
  g_assert_cmpint (fixture->script.n_kept, ==, 1);
}

/* A registry in trouble looks like an image without signatures to some verifiers. */
static void
test_unsigned_has_to_be_certain (Fixture *fixture, gconstpointer data)
{
  const PerryFakeRegistryFault trouble = { .path = "/v2/app/referrers/.*", .status = 500 };

  fixture->script.kind = PERRY_VERIFICATION_UNSIGNED;
  fixture->script.reason = PERRY_VERIFICATION_REASON_NO_SIGNATURE;
  perry_fake_registry_add_fault (fixture->registry, &trouble);
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_ERROR, 1, FALSE);
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_ERROR, 2, FALSE);
  perry_fake_registry_clear_faults (fixture->registry);
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_UNSIGNED, 3, FALSE);
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_UNSIGNED, 3, TRUE);
}

/* The registry has a signature that the verifier did not see, as a cosign 2 does not see a bundle. */
static void
test_unsigned_beside_a_signature (Fixture *fixture, gconstpointer data)
{
  g_autofree char *tag = g_strdelimit (g_strconcat (fixture->digest, ".sig", NULL), ":", '-');
  g_autofree char *body = g_strdup_printf ("{\"schemaVersion\": 2, \"config\": {\"digest\": \"%s\", \"size\": 2, "
                                           "\"mediaType\": \"application/vnd.oci.image.config.v1+json\"}, "
                                           "\"layers\": []}", fixture->digest);

  g_free (perry_fake_registry_add_manifest (fixture->registry, "app", tag, "application/vnd.oci.image.manifest.v1+json",
                                            body));
  fixture->script.kind = PERRY_VERIFICATION_UNSIGNED;
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_UNSIGNED, 1, FALSE);
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_UNSIGNED, 2, FALSE);
}

static void
test_errors_are_not_kept (Fixture *fixture, gconstpointer data)
{
  static const PerryVerificationKind kinds[] = { PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_NOT_VERIFIED,
                                                 PERRY_VERIFICATION_REJECTED };
  guint n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      fixture->script.kind = kinds[i];
      assert_kind (fixture, "app:1", kinds[i], ++n, FALSE);
      assert_kind (fixture, "app:1", kinds[i], ++n, FALSE);
    }
  fixture->script.certain = TRUE;
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_REJECTED, ++n, FALSE);
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_REJECTED, n, TRUE);
}

static void
assert_error (Fixture *fixture, const char *name, PerryVerificationReason reason, const char *text)
{
  g_autoptr (PerryVerifyOutcome) outcome = check (fixture, name);

  g_test_message ("%s", outcome->verification->note);
  g_assert_cmpint (outcome->verification->kind, ==, PERRY_VERIFICATION_ERROR);
  g_assert_cmpint (outcome->verification->reason, ==, reason);
  g_assert_nonnull (strstr (outcome->verification->note, text));
}

/* Everything that goes wrong before or in the verifier is no verdict. */
static void
test_nobody_to_ask (Fixture *fixture, gconstpointer data)
{
  static const struct { int code; PerryVerificationReason reason; } missing[] = {
    { PERRY_ERROR_NOT_FOUND, PERRY_VERIFICATION_REASON_PROGRAM_MISSING },
    { PERRY_ERROR_INVALID_CONFIG, PERRY_VERIFICATION_REASON_TRUST_ROOT },
    { PERRY_ERROR_PERMISSION_DENIED, PERRY_VERIFICATION_REASON_PROGRAM_FAILED },
  };
  const PerryFakeRegistryFault down = { .path = "/v2/app/.*", .close = TRUE };

  assert_error (fixture, "nosuch:1", PERRY_VERIFICATION_REASON_REGISTRY, "nosuch");
  perry_fake_registry_add_fault (fixture->registry, &down);
  assert_error (fixture, "app:1", PERRY_VERIFICATION_REASON_REGISTRY, "app");
  perry_fake_registry_clear_faults (fixture->registry);
  for (gsize i = 0; i < G_N_ELEMENTS (missing); i++)
    {
      fixture->script.missing = g_error_new_literal (PERRY_ERROR, missing[i].code, "what is missing");
      assert_error (fixture, "app:1", missing[i].reason, "what is missing");
      g_clear_error (&fixture->script.missing);
    }
  fixture->script.failure = g_error_new_literal (PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "it does not do keys");
  assert_error (fixture, "app:1", PERRY_VERIFICATION_REASON_CONFIGURATION, "it does not do keys");
  g_assert_cmpint (fixture->script.n_asked, ==, 1);
  fixture->requirement->key = g_strdup ("/nonexistent/key.pem");
  assert_error (fixture, "app:1", PERRY_VERIFICATION_REASON_CONFIGURATION, "/nonexistent/key.pem");
  g_assert_cmpint (fixture->script.n_asked, ==, 1);
}

/* Our limit is named where it was reached, and not where another one was. */
static void
test_limit (Fixture *fixture, gconstpointer data)
{
  const char *named = "slow; one verification may take timeout-ms, [verification] in perry.conf, which is 20 here";
  g_autoptr (PerryVerifyOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;
  PerryVerifyGate *gate;

  fixture->script.kind = PERRY_VERIFICATION_ERROR;
  fixture->script.reason = PERRY_VERIFICATION_REASON_TIMED_OUT;
  fixture->script.note = "slow";
  outcome = check_with (fixture, fixture->gate, "app:1", FALSE, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (outcome->verification->note, ==, "slow");
  g_clear_pointer (&outcome, perry_verify_outcome_free);
  fixture->script.pause_ms = 20;
  gate = new_gate_with_limit (fixture, fixture->cache, 20);
  outcome = check_with (fixture, gate, "app:1", FALSE, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome->verification->reason, ==, PERRY_VERIFICATION_REASON_TIMED_OUT);
  g_assert_cmpstr (outcome->verification->note, ==, named);
  perry_verify_gate_free (gate);
}

static void
test_image_id (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryImageReference) reference = perry_image_reference_parse (fixture->digest, NULL);
  PerryVerifyDecision decision = { .mode = PERRY_VERIFY_ENFORCE, .requirement = fixture->requirement };
  const PerryVerifyRequest request = { .reference = reference, .decision = &decision };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryVerifyOutcome) outcome = perry_verify_gate_check (fixture->gate, &request, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (outcome->verification->kind, ==, PERRY_VERIFICATION_ERROR);
  g_assert_null (outcome->pinned);
  g_assert_cmpint (fixture->script.n_asked, ==, 0);
}

/* The index is verified, and the digest of the platform is known as well. */
static void
test_index (Fixture *fixture, gconstpointer data)
{
  g_autofree char *arm = perry_fake_registry_add_image (fixture->registry, "app", NULL, "linux/arm64", "arm");
  const char *const entries[] = { fixture->digest, "linux/amd64", arm, "linux/arm64", NULL };
  g_autofree char *index = perry_fake_registry_add_index (fixture->registry, "app", "multi", entries);
  g_autofree char *by_digest = g_strconcat ("app@", index, NULL);
  g_autofree char *arm_pinned = g_strdup_printf ("%s/app@%s", perry_fake_registry_get_name (fixture->registry), arm);
  g_autoptr (PerryVerifyOutcome) outcome = NULL;
  g_autoptr (PerryVerifyOutcome) again = NULL;
  g_autoptr (PerryVerifyOutcome) other = NULL;
  g_autoptr (PerryVerifyGate) another = NULL;
  g_autoptr (PerryVerifyCache) empty = perry_verify_cache_new (NULL, 3600, 60);

  fixture->platform = "linux/amd64";
  outcome = check (fixture, "app:multi");
  g_assert_cmpstr (outcome->digest, ==, index);
  g_assert_cmpstr (fixture->script.digest, ==, index);
  g_assert_true (outcome->is_index);
  g_assert_cmpstr (outcome->platform_digest, ==, fixture->digest);
  g_assert_cmpstr (outcome->platform, ==, "linux/amd64");
  another = new_gate (fixture, empty);
  again = check_with (fixture, another, by_digest, FALSE, FALSE, NULL, NULL);
  g_assert_cmpstr (again->platform_digest, ==, fixture->digest);
  /* what an engine is given leads to the platform that was asked for, also where the answer was known */
  fixture->platform = "linux/arm64";
  other = check (fixture, by_digest);
  g_assert_true (other->from_cache);
  g_assert_cmpstr (other->digest, ==, index);
  g_assert_cmpstr (other->runs, ==, arm_pinned);
  fixture->platform = "linux/s390x";
  g_clear_pointer (&other, perry_verify_outcome_free);
  other = check (fixture, by_digest);
  g_assert_cmpint (other->verification->kind, ==, PERRY_VERIFICATION_ERROR);
  fixture->platform = NULL;
  g_clear_pointer (&other, perry_verify_outcome_free);
  other = check (fixture, by_digest);
  g_assert_cmpstr (other->runs, ==, other->pinned);
}

typedef struct {
  Fixture *fixture;
  gint n_verified;
} Crowd;

static void
check_in_thread (gpointer data, gpointer user_data)
{
  Crowd *crowd = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryVerifyOutcome) outcome = check_with (crowd->fixture, crowd->fixture->gate, "app:1", FALSE, FALSE, NULL,
                                                       &error);

  g_assert_no_error (error);
  if (outcome->verification->kind == PERRY_VERIFICATION_VERIFIED)
    g_atomic_int_inc (&crowd->n_verified);
}

static void
ask_in_crowd (Fixture *fixture)
{
  Crowd crowd = { fixture, 0 };
  GThreadPool *pool = g_thread_pool_new (check_in_thread, &crowd, N_PARALLEL, TRUE, NULL);

  fixture->script.pause_ms = 200;
  for (gsize i = 1; i <= N_PARALLEL; i++)
    g_thread_pool_push (pool, GSIZE_TO_POINTER (i), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  g_assert_cmpint (crowd.n_verified, ==, N_PARALLEL);
  g_assert_cmpint (fixture->script.n_asked, ==, 1);
}

static void
test_many_at_once (Fixture *fixture, gconstpointer data)
{
  ask_in_crowd (fixture);
}

/* Also where nothing is kept beyond the process, so that its threads wait for nothing but each other. */
static void
test_many_without_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyCache) cache = perry_verify_cache_new (NULL, 3600, 60);

  perry_verify_gate_free (fixture->gate);
  fixture->gate = new_gate (fixture, cache);
  ask_in_crowd (fixture);
  g_clear_pointer (&fixture->gate, perry_verify_gate_free);
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (50000);
  g_cancellable_cancel (data);
  return NULL;
}

static gpointer
check_alone (gpointer data)
{
  check_in_thread (NULL, data);
  return NULL;
}

/* Who is cancelled gives the others no answer: one of them asks. */
static void
test_cancelled_leader (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Crowd crowd = { fixture, 0 };
  GThread *canceller, *follower;

  fixture->script.pause_ms = 1000;
  canceller = g_thread_new ("cancel", cancel_soon, cancellable);
  follower = g_thread_new ("follow", check_alone, &crowd);
  g_assert_null (check_with (fixture, fixture->gate, "app:1", FALSE, FALSE, cancellable, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_thread_join (follower);
  g_thread_join (canceller);
  g_assert_cmpint (crowd.n_verified, ==, 1);
}

static JsonObject *
read_last_record (Fixture *fixture, JsonNode **ret_node)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (fixture->log, &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  *ret_node = perry_json_parse (lines[g_strv_length (lines) - 1], -1, NULL, NULL);
  g_assert_nonnull (*ret_node);
  return json_node_get_object (*ret_node);
}

static void
test_records (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) second = NULL;
  JsonObject *record;
  GStatBuf status;

  assert_kind (fixture, "app:1", PERRY_VERIFICATION_VERIFIED, 1, FALSE);
  record = read_last_record (fixture, &node);
  g_assert_cmpstr (json_object_get_string_member (record, "verdict"), ==, "verified");
  g_assert_cmpstr (json_object_get_string_member (record, "digest"), ==, fixture->digest);
  g_assert_cmpstr (json_object_get_string_member (record, "verifier"), ==, "script");
  g_assert_cmpstr (json_object_get_string_member (record, "mode"), ==, "enforce");
  g_assert_cmpint (strlen (json_object_get_string_member (record, "time")), ==, strlen ("2026-01-31T23:59:59.123Z"));
  g_assert_false (json_object_get_boolean_member (record, "cached"));
  g_assert_cmpint (g_stat (fixture->log, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);

  fixture->script.kind = PERRY_VERIFICATION_REJECTED;
  fixture->script.reason = PERRY_VERIFICATION_REASON_WRONG_KEY;
  fixture->script.note = "another key\n\"evil\"\x1b[2J\x1f";
  fixture->script.description = "2";
  assert_kind (fixture, "app:1", PERRY_VERIFICATION_REJECTED, 2, FALSE);
  record = read_last_record (fixture, &second);
  g_assert_cmpstr (json_object_get_string_member (record, "reason"), ==, "wrong-key");
  g_assert_cmpstr (json_object_get_string_member (record, "note"), ==, "another key \"evil\" [2J ");
}

/* Who wants to know what was decided must not find a gap. */
static void
test_record_cannot_be_written (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (fixture->log, 0700), ==, 0);
  g_assert_null (check_with (fixture, fixture->gate, "app:1", FALSE, FALSE, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, fixture->log));
  g_assert_cmpint (g_rmdir (fixture->log), ==, 0);
}

static PerryVerifyOutcome *
check_with_log (Fixture *fixture, const char *log, GError **error)
{
  g_free (fixture->log);
  fixture->log = g_strdup (log);
  perry_verify_gate_free (fixture->gate);
  fixture->gate = new_gate (fixture, fixture->cache);
  return check_with (fixture, fixture->gate, "app:1", FALSE, FALSE, NULL, error);
}

/* Nowhere is a place as well; a device is none. */
static void
test_other_logs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) device = NULL, nowhere = NULL;
  g_autoptr (PerryVerifyOutcome) outcome = check_with_log (fixture, "", &nowhere);

  g_assert_no_error (nowhere);
  g_assert_nonnull (outcome);
  g_assert_null (check_with_log (fixture, "/dev/full", &device));
  g_assert_error (device, PERRY_ERROR, PERRY_ERROR_FAILED);
  g_assert_nonnull (strstr (device->message, "/dev/full"));
  g_free (fixture->log);
  fixture->log = g_build_filename (fixture->base.directory, "log", NULL);
}

int
main (int argc, char **argv)
{
  static const struct { const char *path; void (*test) (Fixture *, gconstpointer); } tests[] = {
    { "verified", test_verified },
    { "kept", test_kept },
    { "key", test_key },
    { "exchanged-meanwhile", test_exchanged_meanwhile },
    { "asked-anew", test_asked_anew },
    { "plan-changes-nothing", test_plan_changes_nothing },
    { "unsigned-has-to-be-certain", test_unsigned_has_to_be_certain },
    { "unsigned-beside-a-signature", test_unsigned_beside_a_signature },
    { "errors-are-not-kept", test_errors_are_not_kept },
    { "nobody-to-ask", test_nobody_to_ask },
    { "limit", test_limit },
    { "image-id", test_image_id },
    { "index", test_index },
    { "many-at-once", test_many_at_once },
    { "many-without-disk", test_many_without_disk },
    { "cancelled-leader", test_cancelled_leader },
    { "records", test_records },
    { "record-cannot-be-written", test_record_cannot_be_written },
    { "other-logs", test_other_logs },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/verify-gate/", tests[i].path, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
