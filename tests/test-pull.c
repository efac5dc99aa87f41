/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "core/perry-container.h"
#include "plugin-api/perry-registry-credentials.h"
#include "tests/fake/perry-fake-engine.h"
#include "tests/test-folder.h"

/* Pulls with the real plugins, on engines inside this process whose registries are too. */
typedef struct {
  PerryFakeEngine *fake;
  PerryEngine *engine;
  char *directory;
  GString *told; /* what the progress was, a line for each call */
} Fixture;

typedef struct {
  const char *name;
  const char *backend;
  PerryFakeDialect dialect;
} Setting;

static const Setting settings[] = {
  { "docker-20", "docker", PERRY_FAKE_DOCKER_20 }, { "docker-28", "docker", PERRY_FAKE_DOCKER_28 },
  { "podman-4", "podman", PERRY_FAKE_PODMAN_4 },   { "podman-5", "podman", PERRY_FAKE_PODMAN_5 },
  { "podman-6", "podman", PERRY_FAKE_PODMAN_6 },
};

#define TIMEOUT_MS 400
#define REPOSITORY "r.example:5000/demo"
#define INDEX "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define SINGLE "sha256:2222222222222222222222222222222222222222222222222222222222222222"
#define OTHER "sha256:3333333333333333333333333333333333333333333333333333333333333333"
#define AMD64 "sha256:aaaa111111111111111111111111111111111111111111111111111111111111"
#define ARM64 "sha256:bbbb111111111111111111111111111111111111111111111111111111111111"

static gboolean
is_docker (gconstpointer data)
{
  return g_str_equal (((const Setting *) data)->backend, "docker");
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Setting *setting = data;
  g_autofree char *root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  g_autofree char *plugins = g_strdup_printf ("%s/plugins/docker:%s/plugins/podman", root, root);
  g_autofree char *conf = g_strdup_printf ("[engine]\ntimeout-ms=%d\n", TIMEOUT_MS);
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  fixture->told = g_string_new (NULL);
  fixture->directory = g_dir_make_tmp ("perry-pull-XXXXXX", NULL);
  test_folder_write (fixture->directory, "perry-container/perry.conf", conf);
  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", fixture->directory, TRUE);
  g_setenv ("HOME", fixture->directory, TRUE);
  g_unsetenv ("DOCKER_CONFIG");
  g_unsetenv ("REGISTRY_AUTH_FILE");
  g_setenv ("PERRY_CONTAINER_BACKEND", setting->backend, TRUE);
  fixture->fake = perry_fake_engine_new (setting->dialect);
  endpoint = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fixture->fake), NULL);
  g_setenv ("DOCKER_HOST", endpoint, TRUE);
  g_setenv ("CONTAINER_HOST", endpoint, TRUE);
  fixture->engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
  perry_fake_engine_add_remote (fixture->fake, REPOSITORY ":1", INDEX, "linux/amd64", AMD64);
  perry_fake_engine_add_remote (fixture->fake, REPOSITORY ":1", INDEX, "linux/arm64", ARM64);
  perry_fake_engine_add_remote (fixture->fake, REPOSITORY ":single", SINGLE, "linux/amd64", AMD64);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->engine);
  perry_fake_engine_free (fixture->fake);
  test_folder_remove (fixture->directory);
  g_free (fixture->directory);
  g_string_free (fixture->told, TRUE);
}

static void
tell (const PerryPullProgress *progress, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append_printf (fixture->told, "%s|%s|%s|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "\n", progress->reference,
                          progress->layer != NULL ? progress->layer : "-", progress->status, progress->current,
                          progress->total);
}

static PerryImageInfo *
pull (Fixture *fixture, const char *reference, const char *platform, GError **error)
{
  g_autoptr (PerryPullOptions) options = perry_pull_options_new ();

  options->platform = g_strdup (platform);
  options->progress = tell;
  options->progress_data = fixture;
  return perry_engine_pull_image (fixture->engine, reference, options, NULL, error);
}

static void
assert_refused (Fixture *fixture, const char *reference, const char *platform, PerryError code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pull (fixture, reference, platform, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_cmpuint (strlen (error->message), <, 2000);
}

static guint
count_pulls (Fixture *fixture)
{
  return perry_fake_engine_count_requests (fixture->fake, "POST", "/images/create");
}

static void
test_by_tag (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = pull (fixture, REPOSITORY ":1", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (image->id, ==, AMD64);
  g_assert_cmpstr (image->pinned, ==, REPOSITORY "@" INDEX);
  g_assert_true (g_str_has_prefix (fixture->told->str, REPOSITORY ":1|-|Pulling|-1|-1\n"));
  g_assert_nonnull (strstr (fixture->told->str, "|d2e04443c930|Already exists|-1|-1\n"));
  if (((const Setting *) data)->dialect == PERRY_FAKE_DOCKER_20)
    g_assert_nonnull (strstr (fixture->told->str, "|43c3c6402a5c|Downloading|98304|8391401\n"));
  if (((const Setting *) data)->dialect == PERRY_FAKE_PODMAN_4)
    g_assert_nonnull (strstr (fixture->told->str, "|43c3c6402a5c|Downloading|1605213|8391401\n"));
}

static void
test_by_digest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = pull (fixture, REPOSITORY ":old@" SINGLE, "linux/amd64", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (image->pinned, ==, REPOSITORY "@" SINGLE);
  g_assert_true (g_str_has_prefix (fixture->told->str, REPOSITORY "@" SINGLE "|-|Pulling|"));
}

static void
test_platform (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = pull (fixture, REPOSITORY ":1", "linux/aarch64", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (image->id, ==, ARM64);
  g_assert_cmpstr (image->architecture, ==, "arm64");
  assert_refused (fixture, REPOSITORY ":1", "linux/s390x", PERRY_ERROR_IMAGE_NOT_FOUND, "not for this platform");
  assert_refused (fixture, REPOSITORY ":single", "linux/arm64", PERRY_ERROR_IMAGE_NOT_FOUND,
                  "for linux/amd64 after it was pulled for linux/arm64");
  assert_refused (fixture, REPOSITORY ":1", "arm64 please", PERRY_ERROR_INVALID_SPEC, "platform");
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  guint before;

  assert_refused (fixture, REPOSITORY ":none", NULL, PERRY_ERROR_IMAGE_NOT_FOUND, REPOSITORY ":none");
  assert_refused (fixture, "r.example:5000/none:1", NULL, PERRY_ERROR_IMAGE_NOT_FOUND, "log in to r.example:5000");
  before = count_pulls (fixture);
  assert_refused (fixture, "UPPER", NULL, PERRY_ERROR_INVALID_REFERENCE, "UPPER");
  assert_refused (fixture, AMD64, NULL, PERRY_ERROR_INVALID_REFERENCE, "no registry knows");
  g_assert_cmpuint (count_pulls (fixture), ==, before);
}

static void
test_login (Fixture *fixture, gconstpointer data)
{
  PerryRegistryCredentials credentials = { .username = (char *) "ann", .password = (char *) "s3cret" };
  g_autofree char *header = perry_registry_credentials_to_header (&credentials, "r.example:5000");
  g_autoptr (PerryPullOptions) options = perry_pull_options_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = NULL;

  perry_fake_engine_set_login (fixture->fake, header);
  assert_refused (fixture, REPOSITORY ":1", NULL, PERRY_ERROR_PERMISSION_DENIED, "`podman login r.example:5000`");
  /* ann:s3cret and ann:wrong */
  test_folder_write (fixture->directory, "right/config.json",
                     "{\"auths\":{\"r.example:5000\":{\"auth\":\"YW5uOnMzY3JldA==\"}}}");
  test_folder_write (fixture->directory, "wrong/config.json", "{\"auths\":{\"r.example:5000\":{\"auth\":\"YW5uOndyb25n\"}}}");
  options->environment = g_environ_setenv (NULL, "DOCKER_CONFIG", "", TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *config = g_build_filename (fixture->directory, i == 0 ? "wrong" : "right", NULL);

      options->environment = g_environ_setenv (options->environment, "DOCKER_CONFIG", config, TRUE);
      g_clear_error (&error);
      image = perry_engine_pull_image (fixture->engine, REPOSITORY ":1", options, NULL, &error);
      if (i > 0)
        break;
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED);
      g_assert_null (strstr (error->message, "wrong"));
    }
  g_assert_no_error (error);
  g_assert_cmpstr (image->id, ==, AMD64);
}

/* A helper that is not installed keeps nobody from a public registry, and is named by who is refused. */
static void
test_missing_helper (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = NULL;

  test_folder_write (fixture->directory, ".docker/config.json", "{\"credsStore\":\"perry-test-nosuch\"}");
  image = pull (fixture, REPOSITORY ":1", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (fixture->told->str, "docker-credential-perry-test-nosuch"));
  perry_fake_engine_set_login (fixture->fake, "x");
  assert_refused (fixture, REPOSITORY ":1", NULL, PERRY_ERROR_PERMISSION_DENIED, "docker-credential-perry-test-nosuch");
}

static void
test_broken_credentials (Fixture *fixture, gconstpointer data)
{
  test_folder_write (fixture->directory, ".docker/config.json", "{\"auths\": s3cret");
  assert_refused (fixture, REPOSITORY ":1", NULL, PERRY_ERROR_INVALID_CONFIG, "the credentials for r.example:5000: ");
  g_assert_cmpuint (count_pulls (fixture), ==, 0);
}

#define LINE "{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"d2e04443c930\"}\r\n"
#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

/* Everything that an engine can do to a stream is one clear error, and soon. */
static void
test_faults (Fixture *fixture, gconstpointer data)
{
  static const char *const hangs[] = { HEAD "47\r\n" LINE "\r\n" };
  static const char *const hangs_in_a_line[] = { HEAD "a\r\n{\"status\":\r\n" };
  g_autofree char *blanks = g_strnfill (300 * 1024, ' ');
  g_autofree char *long_line = g_strconcat ("{\"status\":\"", blanks, "\"}\n", NULL);
  const struct { const char *name; PerryFakeRule rule; PerryError code; const char *words; } faults[] = {
    { "error after 200", { .status = 200, .body = LINE "{\"errorDetail\":{\"message\":\"disk full\"},\"error\":\"x\"}\r\n" },
      PERRY_ERROR_BACKEND_FAILED, "disk full" },
    { "an error and then success", { .status = 200, .body = "{\"error\":\"disk full\"}\n{\"status\":\"Digest: " INDEX "\"}\n" },
      PERRY_ERROR_BACKEND_FAILED, "disk full" },
    { "an error without a newline", { .status = 200, .body = LINE "{\"error\":\"disk full\"}" },
      PERRY_ERROR_BACKEND_FAILED, "disk full" },
    { "hangs", { .raw_parts = hangs, .n_raw_parts = 1 }, PERRY_ERROR_TIMED_OUT, REPOSITORY ":1" },
    { "hangs in a line", { .raw_parts = hangs_in_a_line, .n_raw_parts = 1 }, PERRY_ERROR_TIMED_OUT, REPOSITORY ":1" },
    { "cut", { .raw = HEAD "47\r\n" LINE "\r\n", .raw_size = strlen (HEAD "47\r\n" LINE "\r\n") },
      PERRY_ERROR_BACKEND_LOST, REPOSITORY ":1" },
    { "half an object", { .status = 200, .body = LINE "{\"status\":" }, PERRY_ERROR_BACKEND_PROTOCOL, "JSON" },
    { "garbage", { .status = 200, .body = "<html>\n" }, PERRY_ERROR_BACKEND_PROTOCOL, "JSON" },
    { "a long line", { .status = 200, .body = long_line }, PERRY_ERROR_BACKEND_PROTOCOL, "longer than" },
    { "nothing", { .status = 200, .body = "" }, PERRY_ERROR_BACKEND_PROTOCOL, "without saying what it has pulled" },
    { "a 500", { .status = 500, .body = "{\"message\":\"disk full\"}" }, PERRY_ERROR_BACKEND_FAILED, "disk full" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      PerryFakeRule rule = faults[i].rule;
      gint64 begin = g_get_monotonic_time ();

      g_test_message ("%s", faults[i].name);
      rule.path = "/images/create";
      perry_fake_engine_clear_rules (fixture->fake);
      perry_fake_engine_add_rule (fixture->fake, &rule);
      assert_refused (fixture, REPOSITORY ":1", NULL, faults[i].code, faults[i].words);
      g_assert_cmpint (g_get_monotonic_time () - begin, <, 10 * TIMEOUT_MS * 1000);
    }
}

typedef struct {
  Fixture *fixture;
  GCancellable *cancellable;
  guint n;
  gint64 at;
} Cancel;

static gpointer
cancel_when_asked (gpointer data)
{
  Cancel *cancel = data;

  perry_fake_engine_wait_for (cancel->fixture->fake, "POST", "/images/create", cancel->n);
  cancel->at = g_get_monotonic_time ();
  g_cancellable_cancel (cancel->cancellable);
  return NULL;
}

/* A stream that never ends, and one that says nothing, are left within 100 ms. */
static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  static const char flood[] = "{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"d2e04443c930\"}\n";
  static const char *const hangs[] = { HEAD "47\r\n" LINE "\r\n" };
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";
  const PerryFakeRule rules[] = {
    { .path = "/images/create", .raw = head, .raw_size = sizeof head - 1, .repeat_raw = TRUE, .flood = flood,
      .flood_size = sizeof flood - 1 },
    { .path = "/images/create", .raw_parts = hangs, .n_raw_parts = 1 },
    { .path = "/images/create", .delay_ms = 3000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryImageInfo) image = NULL;
      Cancel cancel = { fixture, cancellable, (guint) i + 1, 0 };
      GThread *thread;
      gint64 end;

      perry_fake_engine_clear_rules (fixture->fake);
      perry_fake_engine_add_rule (fixture->fake, &rules[i]);
      thread = g_thread_new ("cancel", cancel_when_asked, &cancel);
      image = perry_engine_pull_image (fixture->engine, REPOSITORY ":1", NULL, cancellable, &error);
      end = g_get_monotonic_time ();
      g_thread_join (thread);
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
      g_assert_cmpint (end - cancel.at, <, 100 * 1000);
    }
}

/* What the engine has afterwards is not what it said. */
static void
test_another_image (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule gone = { .method = "GET", .path = "/images/.*/json", .status = 404,
                         .body = is_docker (data) ? "{\"message\":\"No such image: x\"}"
                                                  : "{\"cause\":\"image not known\",\"message\":\"image not known\"}" };
  PerryFakeRule other = { .method = "GET", .path = "/images/.*/json", .status = 200,
                          .body = "{\"Id\":\"" AMD64 "\",\"Os\":\"linux\",\"Architecture\":\"amd64\",\"RepoTags\":[],"
                                  "\"RepoDigests\":[\"" REPOSITORY "@" OTHER "\"]}" };
  PerryFakeRule digest = { .path = "/images/create", .status = 200, .body = "{\"status\":\"Digest: " OTHER "\"}\r\n" };

  perry_fake_engine_add_rule (fixture->fake, &gone);
  assert_refused (fixture, REPOSITORY ":1", NULL, PERRY_ERROR_BACKEND_PROTOCOL, "and does not have it");
  perry_fake_engine_add_rule (fixture->fake, &other);
  assert_refused (fixture, REPOSITORY "@" INDEX, NULL, PERRY_ERROR_BACKEND_PROTOCOL, "does not have this digest");
  perry_fake_engine_clear_rules (fixture->fake);
  perry_fake_engine_add_rule (fixture->fake, &digest);
  if (is_docker (data))
    assert_refused (fixture, REPOSITORY "@" INDEX, NULL, PERRY_ERROR_BACKEND_PROTOCOL, "has pulled " OTHER " instead");
}

/* Docker's digest leads to the platform that was pulled first, so it pins nothing here. */
static void
test_not_pinned (Fixture *fixture, gconstpointer data)
{
  PerryFakeRule other = { .method = "GET", .path = "/images/.*@.*/json", .status = 200,
                          .body = "{\"Id\":\"" AMD64 "\",\"Os\":\"linux\",\"Architecture\":\"amd64\",\"RepoTags\":[],"
                                  "\"RepoDigests\":[\"" REPOSITORY "@" INDEX "\"]}" };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = NULL;

  perry_fake_engine_add_rule (fixture->fake, &other);
  image = pull (fixture, REPOSITORY ":1", "linux/arm64", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (image->id, ==, ARM64);
  g_assert_null (image->pinned);
}

#define DEMO "{\"image\": \"" REPOSITORY ":1\", \"rm\": true"

static PerryRunResult *
run (Fixture *fixture, const char *json, PerryPullPolicy policy, GError **error)
{
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, error);

  g_assert_cmpint (options->pull, ==, PERRY_PULL_MISSING);
  g_assert_true (spec != NULL && perry_container_spec_complete (spec, NULL, error));
  options->pull = policy;
  options->pull_progress = tell;
  options->pull_progress_data = fixture;
  return perry_engine_run (fixture->engine, spec, options, NULL, error);
}

/* With containerd's image store the same name leads to several platforms, and without asking for one to the host's. */
static void
test_kept_platforms (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) own = NULL;
  g_autoptr (PerryImageInfo) foreign = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  guint pulls;

  if (((const Setting *) data)->dialect != PERRY_FAKE_DOCKER_28)
    return;
  perry_fake_engine_set_keeps_platforms (fixture->fake, TRUE);
  own = pull (fixture, REPOSITORY ":1", "linux/amd64", &error);
  g_assert_no_error (error);
  foreign = pull (fixture, REPOSITORY ":1", "linux/arm64", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (own->architecture, ==, "amd64");
  g_assert_cmpstr (foreign->architecture, ==, "arm64");
  g_assert_cmpstr (foreign->id, ==, own->id);
  g_assert_cmpstr (foreign->pinned, ==, REPOSITORY "@" INDEX);
  assert_refused (fixture, REPOSITORY ":single", "linux/arm64", PERRY_ERROR_IMAGE_NOT_FOUND,
                  "for linux/amd64 after it was pulled for linux/arm64");
  pulls = count_pulls (fixture);
  result = run (fixture, DEMO ", \"platform\": \"linux/arm64\"}", PERRY_PULL_MISSING, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result->adjustments->len, ==, 1); /* an emulator is needed */
  g_assert_cmpuint (count_pulls (fixture), ==, pulls);
}

static void
on_pulled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_async (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = NULL;

  perry_engine_pull_image_async (fixture->engine, REPOSITORY ":1", NULL, NULL, on_pulled, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  image = perry_engine_pull_image_finish (fixture->engine, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (image->id, ==, AMD64);
}

static char *
get_created_image (Fixture *fixture)
{
  g_autoptr (GPtrArray) requests = perry_fake_engine_dup_requests (fixture->fake);

  for (guint i = requests->len; i > 0; i--)
    {
      const PerryFakeRequest *request = requests->pdata[i - 1];
      g_autoptr (JsonNode) body = NULL;
      const char *image = NULL;

      if (!g_str_has_suffix (request->path, "/containers/create"))
        continue;
      body = perry_json_parse_bytes (request->body, NULL, NULL);
      if (!perry_json_read_string (perry_json_as_object (body), "Image", &image))
        perry_json_read_string (perry_json_as_object (body), "image", &image);
      return g_strdup (image);
    }
  return NULL;
}

static void
test_run_policies (Fixture *fixture, gconstpointer data)
{
  static const struct { PerryPullPolicy policy; guint pulls; gboolean pulled; } runs[] = {
    { PERRY_PULL_MISSING, 1, TRUE }, { PERRY_PULL_MISSING, 1, FALSE }, { PERRY_PULL_NEVER, 1, FALSE },
    { PERRY_PULL_ALWAYS, 2, TRUE },
  };
  g_autoptr (GError) error = NULL;

  g_assert_null (run (fixture, DEMO "}", PERRY_PULL_NEVER, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "`perryctl pull`"));
  g_assert_cmpuint (count_pulls (fixture), ==, 0);
  g_clear_error (&error);
  for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autoptr (PerryRunResult) result = run (fixture, DEMO "}", runs[i].policy, &error);
      g_autofree char *image = get_created_image (fixture);

      g_assert_no_error (error);
      g_assert_cmpuint (count_pulls (fixture), ==, runs[i].pulls);
      g_assert_true (result->pulled == runs[i].pulled);
      g_assert_cmpstr (result->image_id, ==, AMD64);
      /* Docker has told which digest it was; Podman's list does not tell. */
      g_assert_cmpstr (result->digest, ==, runs[i].pulled && is_docker (data) ? INDEX : NULL);
      g_assert_cmpstr (image, ==, runs[i].pulled && is_docker (data) ? REPOSITORY "@" INDEX : AMD64);
    }
  g_assert_true (g_str_has_prefix (fixture->told->str, REPOSITORY ":1|-|Pulling|"));
}

/* An image for another platform is one that is missing. */
static void
test_run_platform (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageInfo) image = pull (fixture, REPOSITORY ":1", NULL, &error);
  g_autoptr (PerryRunResult) result = NULL;

  g_assert_no_error (error);
  result = run (fixture, DEMO ", \"platform\": \"linux/arm64\"}", PERRY_PULL_MISSING, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_pulls (fixture), ==, 2);
  g_assert_cmpstr (result->image_id, ==, ARM64);
  g_assert_null (run (fixture, DEMO ", \"platform\": \"linux/s390x\"}", PERRY_PULL_MISSING, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, " does not have the image for linux/s390x: "));
}

/* Who is refused, or names an id, pulls nothing. */
static void
test_run_without_pull (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (run (fixture, DEMO ", \"apparmor\": \"p\", \"enforcement\": \"strict\"}", PERRY_PULL_ALWAYS, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_clear_error (&error);
  g_assert_null (run (fixture, "{\"image\": \"" ARM64 "\"}", PERRY_PULL_MISSING, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (run (fixture, "{\"image\": \"" ARM64 "\"}", PERRY_PULL_ALWAYS, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE);
  g_assert_cmpuint (count_pulls (fixture), ==, 0);
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/.*"), ==, 0);
}

static void
test_policy_names (void)
{
  PerryPullPolicy policy = PERRY_PULL_NEVER;

  g_assert_true (perry_pull_policy_from_name ("missing", &policy));
  g_assert_cmpint (policy, ==, PERRY_PULL_MISSING);
  g_assert_true (perry_pull_policy_from_name ("always", &policy));
  g_assert_cmpint (policy, ==, PERRY_PULL_ALWAYS);
  g_assert_true (perry_pull_policy_from_name ("never", &policy));
  g_assert_cmpint (policy, ==, PERRY_PULL_NEVER);
  g_assert_false (perry_pull_policy_from_name ("Always", &policy));
  g_assert_false (perry_pull_policy_from_name ("", &policy));
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*function) (Fixture *fixture, gconstpointer data); } tests[] = {
    { "by-tag", test_by_tag },
    { "by-digest", test_by_digest },
    { "platform", test_platform },
    { "refusals", test_refusals },
    { "login", test_login },
    { "missing-helper", test_missing_helper },
    { "broken-credentials", test_broken_credentials },
    { "faults", test_faults },
    { "cancel", test_cancel },
    { "another-image", test_another_image },
    { "not-pinned", test_not_pinned },
    { "kept-platforms", test_kept_platforms },
    { "async", test_async },
    { "run-policies", test_run_policies },
    { "run-platform", test_run_platform },
    { "run-without-pull", test_run_without_pull },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pull/policy-names", test_policy_names);
  for (gsize s = 0; s < G_N_ELEMENTS (settings); s++)
    for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
      {
        g_autofree char *path = g_strdup_printf ("/pull/%s/%s", settings[s].name, tests[i].name);

        g_test_add (path, Fixture, &settings[s], set_up, tests[i].function, tear_down);
      }
  return g_test_run ();
}
