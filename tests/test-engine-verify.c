/* SPDX-License-Identifier: Apache-2.0 */
/* Step 4 of the request path with the real plugins: an engine and a registry inside this process, and a program that only
 * looks like cosign (tests/cosign/fake-cosign.c). */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "core/perry-container.h"
#include "tests/fake/perry-fake-engine.h"
#include "tests/fake/perry-fake-registry.h"
#include "tests/test-folder.h"

typedef struct {
  const char *backend;
  PerryFakeDialect dialect;
} Setting;

static const Setting docker = { "docker", PERRY_FAKE_DOCKER_28 };
static const Setting podman = { "podman", PERRY_FAKE_PODMAN_5 };

#define EVIL "sha256:3333333333333333333333333333333333333333333333333333333333333333"
#define GOOD_ID "sha256:aaaa111111111111111111111111111111111111111111111111111111111111"
#define EVIL_ID "sha256:bbbb111111111111111111111111111111111111111111111111111111111111"
#define HELP \
  "  --certificate-identity\n  --certificate-identity-regexp\n  --certificate-oidc-issuer\n" \
  "  --certificate-oidc-issuer-regexp\n  --insecure-ignore-sct\n  --insecure-ignore-tlog\n  --key\n  --registry-cacert\n" \
  "  --trusted-root\n"
#define SIGNATURE "cosign container image signature"
#define ATTESTATION "https://slsa.dev/provenance/v1"

typedef struct {
  const Setting *setting;
  PerryFakeRegistry *registry;
  PerryFakeEngine *fake;
  PerryEngine *engine;
  char *directory;
  char *log;
  char *digest;
  char *image; /* app:1 */
} Fixture;

static char *
below (const Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}

/* What cosign says from now on of the image: a signature of this digest, or only a statement about it. */
static void
sign_as (const Fixture *fixture, const char *type)
{
  g_autofree char *text = g_strdup_printf ("[{\"critical\":{\"image\":{\"docker-manifest-digest\":\"%s\"},\"type\":\"%s\"},"
                                           "\"optional\":{}}]", fixture->digest, type);

  test_folder_write (fixture->directory, "bin/first.stdout", text);
  test_folder_write (fixture->directory, "bin/legacy.stdout", text);
}

static void
open_engine (Fixture *fixture, const char *mode, const char *verifier)
{
  g_autofree char *conf = g_strdup_printf ("[verification]\nmode=%s\nverifier=%s\nlog=%s\n[plugin cosign]\n"
                                           "program=%s/bin/cosign\n[verify exempt]\npattern=%s/exempt\naction=exempt\n",
                                           mode, verifier, fixture->log, fixture->directory,
                                           perry_fake_registry_get_name (fixture->registry));
  g_autoptr (GError) error = NULL;

  g_clear_object (&fixture->engine);
  test_folder_write (fixture->directory, "perry-container/perry.conf", conf);
  fixture->engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
}

static void
copy_program (const Fixture *fixture)
{
  g_autofree char *built = g_test_build_filename (G_TEST_BUILT, "cosign", "fake-cosign", NULL);
  g_autofree char *program = below (fixture, "bin/cosign");
  g_autofree char *data = NULL;
  gsize length;

  test_folder_write (fixture->directory, "bin/help", HELP);
  g_assert_true (g_file_get_contents (built, &data, &length, NULL));
  g_assert_true (g_file_set_contents_full (program, data, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
}

static void
set_variables (const Fixture *fixture)
{
  g_autofree char *root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  g_autofree char *plugins = g_strdup_printf ("%1$s/plugins/docker:%1$s/plugins/podman:%1$s/plugins/cosign:"
                                              "%1$s/plugins/noop", root);
  g_autofree char *endpoint = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fixture->fake), NULL);

  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", fixture->directory, TRUE);
  g_setenv ("HOME", fixture->directory, TRUE);
  g_setenv ("PERRY_CONTAINER_BACKEND", fixture->setting->backend, TRUE);
  g_setenv ("DOCKER_HOST", endpoint, TRUE);
  g_setenv ("CONTAINER_HOST", endpoint, TRUE);
}

/* The engine's own registry has moved the tag to another image already. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  static struct utsname host;

  fixture->setting = data;
  /* where verdicts are kept is read once in a process: a folder of the test's own, which the fixture empties */
  fixture->directory = g_dir_make_tmp ("perry-verify-XXXXXX", NULL);
  fixture->log = below (fixture, "log");
  fixture->registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_REFERRERS);
  fixture->digest = perry_fake_registry_add_image (fixture->registry, "app", "1", "linux/amd64", "one");
  fixture->image = g_strconcat (perry_fake_registry_get_name (fixture->registry), "/app:1", NULL);
  fixture->fake = perry_fake_engine_new (fixture->setting->dialect);
  /* Podman reads a sandbox's seccomp profile from a file of its own host */
  g_assert_cmpint (uname (&host), ==, 0);
  perry_fake_engine_set_kernel (fixture->fake, host.release);
  perry_fake_engine_add_remote (fixture->fake, fixture->image, EVIL, "linux/amd64", EVIL_ID);
  perry_fake_engine_add_remote (fixture->fake, fixture->image, fixture->digest, "linux/amd64", GOOD_ID);
  set_variables (fixture);
  copy_program (fixture);
  sign_as (fixture, SIGNATURE);
  open_engine (fixture, "enforce", "cosign");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  guint n;

  g_assert_true (perry_engine_clear_verifications (fixture->engine, &n, NULL));
  g_object_unref (fixture->engine);
  perry_fake_engine_free (fixture->fake);
  perry_fake_registry_free (fixture->registry);
  test_folder_remove (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->log);
  g_free (fixture->digest);
  g_free (fixture->image);
}

static PerryRunResult *
run_image (Fixture *fixture, const char *image, const char *more, const PerryRunOptions *options, GError **error)
{
  g_autofree char *json = g_strdup_printf ("{\"image\":\"%s\",\"rm\":true,\"cmd\":[\"true\"]%s}", image, more);
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, error);

  g_assert_nonnull (spec);
  g_assert_true (perry_container_spec_complete (spec, NULL, error));
  return perry_engine_run (fixture->engine, spec, options, NULL, error);
}

static PerryRunResult *
run (Fixture *fixture, const char *more, GError **error)
{
  return run_image (fixture, fixture->image, more, NULL, error);
}

static guint
count_runs_of_cosign (const Fixture *fixture)
{
  g_autofree char *path = below (fixture, "bin/log");
  g_autofree char *text = NULL;
  g_auto (GStrv) halves = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  halves = g_strsplit (text, "\n--output=json\n", -1);
  return g_strv_length (halves) - 1;
}

static guint
count_records (const Fixture *fixture, const char *verdict)
{
  g_autofree char *text = NULL;
  g_autofree char *word = g_strdup_printf ("\"verdict\":\"%s\"", verdict);
  g_auto (GStrv) halves = NULL;

  if (!g_file_get_contents (fixture->log, &text, NULL, NULL))
    return 0;
  halves = g_strsplit (text, word, -1);
  return g_strv_length (halves) - 1;
}

/* No request of the engine's names the image by its tag, but to give it that name in the end. */
static void
assert_by_digest (Fixture *fixture)
{
  g_autoptr (GPtrArray) requests = perry_fake_engine_dup_requests (fixture->fake);
  guint n_pulls = 0, n_creates = 0;

  for (guint i = 0; i < requests->len; i++)
    {
      const PerryFakeRequest *request = g_ptr_array_index (requests, i);
      g_autofree char *path = g_uri_unescape_string (request->path, NULL);
      g_autofree char *query = request->query != NULL ? g_uri_unescape_string (request->query, NULL) : g_strdup ("");
      gsize size;
      const char *body = g_bytes_get_data (request->body, &size);

      g_assert_null (strstr (path, "/app:1/json"));
      if (strstr (query, "fromImage=") != NULL)
        {
          g_assert_nonnull (strstr (query, fixture->digest));
          n_pulls++;
        }
      if (g_str_has_suffix (path, "/containers/create"))
        {
          g_assert_nonnull (g_strstr_len (body, (gssize) size, fixture->digest));
          n_creates++;
        }
    }
  g_assert_cmpuint (n_pulls, ==, 1);
  g_assert_cmpuint (n_creates, ==, 1);
}

static void
test_verified (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = run (fixture, "", &error);
  g_autoptr (JsonNode) report = NULL;
  JsonObject *verification;

  g_assert_no_error (error);
  g_assert_cmpint (result->exit_code, ==, 0);
  assert_by_digest (fixture);
  g_assert_cmpuint (count_runs_of_cosign (fixture), ==, 1);
  g_assert_cmpuint (count_records (fixture, "verified"), ==, 1);
  report = perry_run_result_to_json (result);
  verification = json_object_get_object_member (json_node_get_object (report), "verification");
  g_assert_cmpstr (json_object_get_string_member (verification, "digest"), ==, fixture->digest);
  g_assert_cmpstr (json_object_get_string_member (verification, "mode"), ==, "enforce");
}

static void
assert_nothing_done (Fixture *fixture)
{
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*"), ==, 0);
}

/* Whoever refuses says so, in the log as well, before anything is asked of the engine that changes it. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) run_error = NULL, pull_error = NULL, again = NULL;

  sign_as (fixture, ATTESTATION);
  g_assert_null (run (fixture, "", &run_error));
  g_test_message ("%s", run_error->message);
  g_assert_error (run_error, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  g_assert_nonnull (strstr (run_error->message, "no signature of the image itself"));
  g_assert_null (perry_engine_pull_image (fixture->engine, fixture->image, NULL, NULL, &pull_error));
  g_assert_error (pull_error, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  g_assert_null (run (fixture, ", \"enforcement\": \"lenient\"", &again));
  g_assert_error (again, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  assert_nothing_done (fixture);
  g_assert_cmpuint (count_records (fixture, "rejected"), ==, 3);
}

static PerryRunResult *
run_sandbox (Fixture *fixture, PerrySandboxFlags flags, GError **error)
{
  g_autofree char *json = g_strdup_printf ("{\"image\":\"%s\",\"cmd\":[\"true\"]}", fixture->image);
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, error);

  g_assert_nonnull (spec);
  g_assert_true (perry_container_spec_complete (spec, NULL, error));
  return perry_sandbox_run (fixture->engine, spec, flags, NULL, NULL, error);
}

/* A sandbox's image is verified before it is pulled, whatever the configuration says. Who allows an unverified one leaves it
 * to the configuration, and loosens nothing of that. */
static void
test_sandbox_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const modes[] = { "off", "warn", "enforce" };
  g_autoptr (GError) enforced = NULL;

  sign_as (fixture, ATTESTATION);
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (GError) error = NULL;

      open_engine (fixture, modes[i], "cosign");
      g_assert_null (run_sandbox (fixture, PERRY_SANDBOX_FLAGS_NONE, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
      assert_nothing_done (fixture);
    }
  g_assert_null (run_sandbox (fixture, PERRY_SANDBOX_ALLOW_UNVERIFIED, &enforced));
  g_assert_error (enforced, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  assert_nothing_done (fixture);
}

/* Verified, it is pulled by its digest; the evidence for the rest only Docker's report has in this process. */
static void
test_sandbox_verified (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) verified = NULL, unverified = NULL;

  if (fixture->setting != &docker)
    return;
  open_engine (fixture, "off", "cosign");
  verified = run_sandbox (fixture, PERRY_SANDBOX_FLAGS_NONE, &error);
  g_assert_no_error (error);
  assert_by_digest (fixture);
  g_assert_cmpstr (verified->digest, ==, fixture->digest);
  g_assert_cmpuint (count_runs_of_cosign (fixture), ==, 1);
  g_assert_cmpuint (count_records (fixture, "verified"), ==, 1);
  unverified = run_sandbox (fixture, PERRY_SANDBOX_ALLOW_UNVERIFIED, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_runs_of_cosign (fixture), ==, 1);
  g_assert_cmpuint (count_records (fixture, "verified"), ==, 1);
}

static gboolean
has_adjustment (const PerryRunResult *result)
{
  for (guint i = 0; i < result->adjustments->len; i++)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (result->adjustments, i);

      if (adjustment->kind == PERRY_ADJUSTMENT_DROPPED && adjustment->field == PERRY_FIELD_VERIFY)
        return TRUE;
    }
  return FALSE;
}

/* In warn mode it runs, and that is said; what is verified is pinned and nothing is said. */
static void
test_warned (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) bad = NULL, good = NULL;

  open_engine (fixture, "warn", "cosign");
  good = run (fixture, "", &error);
  g_assert_no_error (error);
  g_assert_false (has_adjustment (good));
  assert_by_digest (fixture);

  perry_fake_registry_set_tag (fixture->registry, "app", "1", NULL);
  bad = run (fixture, "", &error);
  g_assert_no_error (error);
  g_assert_true (has_adjustment (bad));
  g_assert_cmpuint (count_records (fixture, "error"), ==, 1);
}

static void
test_asked_anew (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryPullOptions) pull_options = perry_pull_options_new ();

  options->no_verify_cache = pull_options->no_verify_cache = TRUE;
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryRunResult) result = run (fixture, "", &error);

      g_assert_no_error (error);
      g_assert_cmpuint (count_runs_of_cosign (fixture), ==, 1);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryRunResult) result = run_image (fixture, fixture->image, "", options, &error);
      g_autoptr (PerryImageInfo) image = perry_engine_pull_image (fixture->engine, fixture->image, pull_options, NULL,
                                                                  &error);

      g_assert_no_error (error);
      g_assert_cmpuint (count_runs_of_cosign (fixture), ==, 3 + 2 * i);
    }
}

/* A plan asks, and leaves nothing behind but that. */
static void
test_plan (Fixture *fixture, gconstpointer data)
{
  g_autofree char *json = g_strdup_printf ("{\"image\":\"%s\"}", fixture->image);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, &error);
  g_autoptr (PerryPlan) plan = NULL;
  guint n = 1;

  perry_fake_engine_add_image (fixture->fake, fixture->image, GOOD_ID);
  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  plan = perry_engine_plan (fixture->engine, spec, NULL, NULL, &error);
  g_clear_error (&error); /* the engine knows the image under another digest */
  g_assert_cmpuint (count_runs_of_cosign (fixture), ==, 1);
  assert_nothing_done (fixture);
  g_assert_false (g_file_test (fixture->log, G_FILE_TEST_EXISTS));
  g_assert_true (perry_engine_clear_verifications (fixture->engine, &n, NULL));
  g_assert_cmpuint (n, ==, 0);
}

/* Before it calls an image rejected, the plugin asks cosign for its flags, and keeps them for the next process. */
static void
test_plan_keeps_no_flags (Fixture *fixture, gconstpointer data)
{
  g_autofree char *kept = g_build_filename (g_getenv ("XDG_CACHE_HOME"), "perry-container", "cosign", NULL);
  g_autofree char *json = g_strdup_printf ("{\"image\":\"%s\"}", fixture->image);
  g_autoptr (GError) plan_error = NULL, error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  test_folder_remove (kept);
  sign_as (fixture, ATTESTATION);
  g_assert_null (perry_engine_plan (fixture->engine, spec, NULL, NULL, &plan_error));
  g_assert_error (plan_error, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  g_assert_false (g_file_test (kept, G_FILE_TEST_EXISTS));
  g_assert_null (run (fixture, "", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
}

static void
test_exempt (Fixture *fixture, gconstpointer data)
{
  g_autofree char *image = g_strconcat (perry_fake_registry_get_name (fixture->registry), "/exempt:1", NULL);
  g_autoptr (GError) error = NULL, own = NULL;
  g_autoptr (PerryRunResult) result = NULL;

  perry_fake_engine_add_image (fixture->fake, image, GOOD_ID);
  result = run_image (fixture, image, "", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_records (fixture, "exempt"), ==, 1);
  /* who asks for it himself has it verified */
  g_assert_null (run_image (fixture, image, ", \"verify\": {\"mode\": \"enforce\"}", NULL, &own));
  g_assert_error (own, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
}

static void
test_nobody_to_ask (Fixture *fixture, gconstpointer data)
{
  static const char *const verifiers[] = { "noop", "nosuch" };
  g_autofree char *program = below (fixture, "bin/cosign");
  g_autoptr (GError) missing = NULL, by_id = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (verifiers); i++)
    {
      g_autoptr (GError) error = NULL;

      open_engine (fixture, "enforce", verifiers[i]);
      g_assert_null (run (fixture, "", &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
    }
  open_engine (fixture, "enforce", "cosign");
  g_assert_null (run_image (fixture, GOOD_ID, "", NULL, &by_id));
  g_assert_error (by_id, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  g_assert_cmpint (g_unlink (program), ==, 0);
  g_assert_null (run (fixture, "", &missing));
  g_assert_error (missing, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  g_assert_nonnull (strstr (missing->message, "install cosign"));
  assert_nothing_done (fixture);
}

/* Who wants to know what was decided must not find a gap. */
static void
test_no_log (Fixture *fixture, gconstpointer data)
{
  g_autofree char *exempt = g_strconcat (perry_fake_registry_get_name (fixture->registry), "/exempt:1", NULL);
  g_autoptr (GError) error = NULL, pull_error = NULL, exempt_error = NULL;

  g_assert_cmpint (g_mkdir (fixture->log, 0700), ==, 0);
  g_assert_null (run (fixture, "", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, fixture->log));
  g_assert_null (perry_engine_pull_image (fixture->engine, fixture->image, NULL, NULL, &pull_error));
  g_assert_error (pull_error, PERRY_ERROR, PERRY_ERROR_FAILED);
  g_assert_null (run_image (fixture, exempt, "", NULL, &exempt_error));
  g_assert_error (exempt_error, PERRY_ERROR, PERRY_ERROR_FAILED);
  assert_nothing_done (fixture);
}

static void
test_pulled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = perry_engine_pull_image (fixture->engine, fixture->image, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/images/create"), ==, 1);
  g_assert_nonnull (strstr (image->pinned, fixture->digest));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/images/.*/tag"), ==, 1);
}

static PerryImageVerification *
verify (Fixture *fixture, const char *image, gboolean no_cache)
{
  g_autoptr (GError) error = NULL;
  PerryImageVerification *verification =
      perry_engine_verify_image (fixture->engine, image, NULL, "linux/amd64", no_cache, NULL, &error);

  g_assert_no_error (error);
  return verification;
}

static JsonObject *
get_object (JsonNode *node, const char *member, const char *value)
{
  JsonObject *object = json_node_get_object (node);

  g_assert_cmpstr (json_object_get_string_member (object, member), ==, value);
  return object;
}

/* Without a container, and whatever the mode is. */
static void
test_library (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryImageVerification) first = NULL, second = NULL, copy = NULL, anew = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;
  guint n = 0;

  open_engine (fixture, "off", "cosign");
  first = verify (fixture, fixture->image, FALSE);
  g_assert_cmpint (first->kind, ==, PERRY_VERIFICATION_VERIFIED);
  g_assert_cmpint (first->mode, ==, PERRY_VERIFY_ENFORCE);
  g_assert_false (first->from_cache);
  second = verify (fixture, fixture->image, FALSE);
  g_assert_true (second->from_cache);
  copy = perry_image_verification_copy (second);
  node = perry_image_verification_to_json (copy);
  object = get_object (node, "verdict", "verified");
  g_assert_cmpstr (json_object_get_string_member (object, "digest"), ==, fixture->digest);
  g_assert_true (json_object_get_boolean_member (object, "cached"));
  sign_as (fixture, ATTESTATION);
  anew = verify (fixture, fixture->image, TRUE);
  g_assert_cmpint (anew->kind, ==, PERRY_VERIFICATION_REJECTED);
  g_assert_true (perry_engine_clear_verifications (fixture->engine, &n, NULL));
  g_assert_cmpuint (n, ==, 1);
  assert_nothing_done (fixture);
}

static void
test_explained (Fixture *fixture, gconstpointer data)
{
  g_autofree char *exempt = g_strconcat (perry_fake_registry_get_name (fixture->registry), "/exempt:1", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageVerification) rules = NULL, covered = NULL;

  rules = perry_engine_explain_image_rules (fixture->engine, fixture->image, &error);
  g_assert_no_error (error);
  g_assert_null (rules->rule);
  g_assert_nonnull (strstr (rules->requirement, PERRY_REQUIREMENT_DEFAULT_IDENTITY));
  covered = perry_engine_explain_image_rules (fixture->engine, exempt, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (covered->rule, ==, "exempt");
  g_assert_true (covered->exempt);
  g_assert_cmpuint (perry_fake_registry_count_requests (fixture->registry, NULL, ".*"), ==, 0);
  g_assert_null (perry_engine_explain_image_rules (fixture->engine, "-x", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE);
}

/* Asked of a mirror where the configuration names one. */
static void
test_resolved (Fixture *fixture, gconstpointer data)
{
  g_autofree char *mirror = g_strdup_printf ("r.example.com=%s;r.example.com=127.0.0.1:9",
                                             perry_fake_registry_get_name (fixture->registry));
  g_autofree char *missing = g_strconcat (perry_fake_registry_get_name (fixture->registry), "/nosuch:1", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageResolution) resolution = NULL, copy = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_assert_true (perry_config_set_override (perry_engine_get_config (fixture->engine), "verification", "registry-mirrors",
                                            mirror, "the test", &error));
  resolution = perry_engine_resolve_image (fixture->engine, "r.example.com/app:1", NULL, NULL, &error);
  g_assert_no_error (error);
  copy = perry_image_resolution_copy (resolution);
  g_assert_false (copy->is_index);
  node = perry_image_resolution_to_json (copy);
  get_object (node, "digest", fixture->digest);
  g_assert_true (g_str_has_prefix (copy->pinned, "r.example.com/app@sha256:"));
  g_assert_null (perry_engine_resolve_image (fixture->engine, missing, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
}

/* No rule exempts what an administrator wants to be verified. */
static void
test_minimum (Fixture *fixture, gconstpointer data)
{
  g_autofree char *image = g_strconcat (perry_fake_registry_get_name (fixture->registry), "/exempt:1", NULL);
  g_autoptr (PerryConfigPaths) paths = perry_config_paths_new (NULL);
  g_autoptr (PerryConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  test_folder_write (fixture->directory, "admin.conf", "[verification]\nminimum-verification=enforce\n");
  g_free (paths->administrator_file);
  paths->administrator_file = below (fixture, "admin.conf");
  config = perry_config_load (paths, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&fixture->engine);
  fixture->engine = perry_engine_new (config, &error);
  g_assert_no_error (error);
  g_assert_null (run_image (fixture, image, "", NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  g_assert_nonnull (strstr (error->message, "no rule can exempt it (the rule “exempt” would)"));
  assert_nothing_done (fixture);
}

static void
note (const PerryPullProgress *progress, gpointer user_data)
{
  g_string_append_printf (user_data, "%s\n", progress->status);
}

static void
test_pulled_with_a_warning (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (PerryPullOptions) options = perry_pull_options_new (), copy = NULL;
  g_autoptr (PerryImageInfo) image = NULL;
  g_autoptr (GError) error = NULL;

  sign_as (fixture, ATTESTATION);
  options->verify_mode_set = TRUE;
  options->verify_mode = PERRY_VERIFY_WARN;
  options->progress = note;
  options->progress_data = told;
  copy = perry_pull_options_copy (options);
  image = perry_engine_pull_image (fixture->engine, fixture->image, copy, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (image->warnings), ==, 1);
  g_assert_nonnull (strstr (image->warnings[0], "is not verified (rejected)"));
  g_assert_cmpuint (count_records (fixture, "rejected"), ==, 1);
}

int
main (int argc, char **argv)
{
  static const struct { const char *path; void (*test) (Fixture *, gconstpointer); } tests[] = {
    { "verified", test_verified },       { "refused", test_refused }, { "warned", test_warned },
    { "sandbox-refused", test_sandbox_refused }, { "sandbox-verified", test_sandbox_verified },
    { "asked-anew", test_asked_anew },   { "plan", test_plan },       { "exempt", test_exempt },
    { "plan-keeps-no-flags", test_plan_keeps_no_flags },
    { "nobody-to-ask", test_nobody_to_ask }, { "no-log", test_no_log }, { "pulled", test_pulled },
    { "pulled-with-a-warning", test_pulled_with_a_warning }, { "library", test_library },
    { "explained", test_explained },     { "resolved", test_resolved }, { "minimum", test_minimum },
  };
  g_autofree char *cache = g_dir_make_tmp ("perry-verify-cache-XXXXXX", NULL);
  int code;

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_unsetenv ("PERRY_CONTAINER_VERIFY_IMAGES");
  g_unsetenv ("DOCKER_CONFIG");
  g_unsetenv ("REGISTRY_AUTH_FILE");
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *on_docker = g_strconcat ("/engine-verify/docker/", tests[i].path, NULL);
      g_autofree char *on_podman = g_strconcat ("/engine-verify/podman/", tests[i].path, NULL);

      g_test_add (on_docker, Fixture, &docker, set_up, tests[i].test, tear_down);
      g_test_add (on_podman, Fixture, &podman, set_up, tests[i].test, tear_down);
    }
  code = g_test_run ();
  test_folder_remove (cache);
  return code;
}
