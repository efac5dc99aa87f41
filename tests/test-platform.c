/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "core/perry-container.h"
#include "plugin-api/perry-platform.h"
#include "tests/fake/perry-fake-engine.h"

/* `platform` and `runtime`: what is compared before anything is created, and with the engine's report afterwards. */
typedef struct {
  PerryFakeEngine *fake;
  PerryEngine *engine;
  char *directory;
} Fixture;

typedef struct {
  const char *backend;
  PerryFakeDialect dialect;
} Setting;

static const Setting docker = { "docker", PERRY_FAKE_DOCKER_28 };
static const Setting podman = { "podman", PERRY_FAKE_PODMAN_4 };

#define BB "\"image\": \"bb:1\", \"rm\": true"
/* what a shape's image becomes when it was built for another processor */
#define FOREIGN "{\"Id\":\"sha256:%s\",\"RepoTags\":[\"bb:1\"],\"Os\":\"linux\",\"Architecture\":\"arm\",\"Variant\":\"v7\"}"

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Setting *setting = data;
  g_autofree char *root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  g_autofree char *plugins = g_strdup_printf ("%s/plugins/docker:%s/plugins/podman", root, root);
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("perry-platform-XXXXXX", NULL);
  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", fixture->directory, TRUE);
  g_setenv ("PERRY_CONTAINER_BACKEND", setting->backend, TRUE);
  fixture->fake = perry_fake_engine_new (setting->dialect);
  endpoint = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fixture->fake), NULL);
  g_setenv ("DOCKER_HOST", endpoint, TRUE);
  g_setenv ("CONTAINER_HOST", endpoint, TRUE);
  fixture->engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *runtime = g_build_filename (fixture->directory, "perry-container", NULL);

  g_object_unref (fixture->engine);
  perry_fake_engine_free (fixture->fake);
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

static PerryContainerSpec *
make_spec (const char *json)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  g_assert_no_error (error);
  return spec;
}

static PerryRunResult *
run (Fixture *fixture, const char *json, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = make_spec (json);
  g_autoptr (PerryRunOptions) options = perry_run_options_new ();

  options->pull = PERRY_PULL_NEVER;
  return perry_engine_run (fixture->engine, spec, options, NULL, error);
}

static void
assert_nothing_created (Fixture *fixture)
{
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/create"), ==, 0);
}

static const PerryFieldProof *
find_proof (const PerryRunResult *result, PerryField field)
{
  for (guint i = 0; i < result->proofs->len; i++)
    if (((PerryFieldProof *) g_ptr_array_index (result->proofs, i))->field == field)
      return g_ptr_array_index (result->proofs, i);
  g_assert_not_reached ();
}

static void
test_words (void)
{
  static const struct { const char *os, *architecture, *variant, *text; } samples[] = {
    { "linux", "x86_64", NULL, "linux/amd64" },   { "Linux", "aarch64", "v8", "linux/arm64" },
    { "linux", "armv7l", NULL, "linux/arm/v7" },  { "linux", "arm", "7", "linux/arm/v7" },
    { "linux", "arm", NULL, "linux/arm" },        { "linux", NULL, NULL, "linux" },
    { "linux", "", "", "linux" },                 { "plan10", "vax", "v1", "plan10/vax/v1" },
    { NULL, "amd64", NULL, NULL },                { "", "amd64", NULL, NULL },
    { "linux", "armhf", "v6", "linux/arm/v6" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *text = perry_platform_format (samples[i].os, samples[i].architecture, samples[i].variant);

      g_assert_cmpstr (text, ==, samples[i].text);
    }
  g_assert_true (perry_platform_matches ("linux", "linux/arm64"));
  g_assert_true (perry_platform_matches ("linux/arm/v7", "linux/arm"));
  g_assert_false (perry_platform_matches ("linux/arm/v7", "linux/arm/v6"));
  g_assert_false (perry_platform_matches ("linux/arm", "linux/arm64"));
  g_assert_false (perry_platform_matches ("windows", "linux/amd64"));
  g_assert_true (perry_platform_runs_on ("linux/386", "linux/amd64"));
  g_assert_true (perry_platform_runs_on ("linux/arm/v7", "linux/arm64"));
  g_assert_true (perry_platform_runs_on ("linux", "linux/arm64"));
  g_assert_true (perry_platform_runs_on ("linux/", "linux/arm64"));
  g_assert_true (perry_platform_runs_on ("linux/amd64", "linux/"));
  g_assert_false (perry_platform_runs_on ("linux//v7", "linux/amd64"));
  g_assert_false (perry_platform_runs_on ("linux/amd64", "linux/386"));
  g_assert_false (perry_platform_runs_on ("linux/arm64", "linux/amd64"));
}

static void
test_mismatch (Fixture *fixture, gconstpointer data)
{
  const Setting *setting = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *expected
      = g_strdup_printf ("%s has the image docker.io/library/bb:1 for the platform linux/amd64, and platform asks for "
                         "linux/arm64; load or pull the image for that platform, or leave platform out",
                         setting->backend);

  g_assert_null (run (fixture, "{" BB ", \"platform\": \"linux/aarch64\"}", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, expected);
  assert_nothing_created (fixture);
}

static char *
create_body (Fixture *fixture, char **ret_query)
{
  g_autoptr (GPtrArray) requests = perry_fake_engine_dup_requests (fixture->fake);

  for (guint i = 0; i < requests->len; i++)
    {
      const PerryFakeRequest *request = g_ptr_array_index (requests, i);

      if (!g_str_has_suffix (request->path, "/containers/create"))
        continue;
      *ret_query = g_strdup (request->query != NULL ? request->query : "");
      return g_strndup (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));
    }
  g_assert_not_reached ();
}

/* The engine hears it too, each in its own way, and an operating system alone is not completed by Docker. */
static void
test_match (Fixture *fixture, gconstpointer data)
{
  gboolean is_docker = data == &docker;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  g_autofree char *query = NULL;
  g_autofree char *body = NULL;

  result = run (fixture, "{" BB ", \"platform\": \"linux/x86_64\"}", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (result->adjustments->len, ==, 0);
  g_assert_cmpstr (find_proof (result, PERRY_FIELD_PLATFORM)->reported, ==, "linux/amd64");
  g_assert_cmpint (find_proof (result, PERRY_FIELD_PLATFORM)->report_verdict, ==, PERRY_VERDICT_PROVEN);
  body = create_body (fixture, &query);
  g_assert_cmpint (strstr (query, "platform=linux") != NULL, ==, is_docker);
  g_assert_cmpint (strstr (body, "\"image_arch\":\"amd64\"") != NULL, ==, !is_docker);
  g_assert_cmpint (strstr (body, "\"image_os\":\"linux\"") != NULL, ==, !is_docker);
}

static void
test_system_alone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = run (fixture, "{" BB ", \"platform\": \"linux\"}", &error);
  g_autofree char *query = NULL;
  g_autofree char *body = NULL;

  g_assert_no_error (error);
  body = create_body (fixture, &query);
  g_assert_null (strstr (query, "platform"));
  g_assert_null (strstr (body, "image_arch"));
}

/* That an emulator would be needed is said, in strict mode too, and is no refusal. */
static void
test_emulation (Fixture *fixture, gconstpointer data)
{
  static const char *const specs[] = {
    "{" BB ", \"platform\": \"linux/arm/v7\", \"enforcement\": \"strict\"}", "{" BB "}",
    "{" BB ", \"enforcement\": \"lenient\"}",
  };
  g_autofree char *id = g_strnfill (64, 'a');
  g_autofree char *image = g_strdup_printf (FOREIGN, id);

  perry_fake_engine_add_rule (fixture->fake, &(PerryFakeRule){ .method = "GET", .path = "/images/.*/json", .status = 200,
                                                               .body = image, .times = 100 });
  for (gsize i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      g_autoptr (PerryContainerSpec) spec = make_spec (specs[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryPlan) plan = perry_engine_plan (fixture->engine, spec, NULL, NULL, &error);
      const PerryAdjustment *adjustment;

      g_assert_no_error (error);
      g_assert_cmpuint (plan->adjustments->len, ==, 1);
      adjustment = g_ptr_array_index (plan->adjustments, 0);
      g_assert_cmpint (adjustment->field, ==, PERRY_FIELD_PLATFORM);
      g_assert_cmpint (adjustment->kind, ==, PERRY_ADJUSTMENT_EMULATED);
      g_assert_cmpint (adjustment->printed, ==, i < 2);
      g_assert_cmpstr (adjustment->value, ==, "linux/arm/v7");
      g_assert_nonnull (strstr (adjustment->reason, "the image is for linux/arm/v7 and "));
      g_assert_nonnull (strstr (adjustment->reason, " runs on linux/amd64: only an emulator"));
    }
}

/* Another runtime is another isolation: no mode runs the container with the default one. */
static void
test_unknown_runtime (Fixture *fixture, gconstpointer data)
{
  static const char *const modes[] = { "lenient", "warn", "strict" };
  const char *reason = data == &docker ? "the daemon has no runtime kata; it has io.containerd.runc.v2, runc"
                                       : "creates every container with its service's own runtime, which is runc";

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autofree char *json = g_strdup_printf ("{" BB ", \"runtime\": \"kata\", \"enforcement\": \"%s\"}", modes[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (run (fixture, json, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
      g_assert_nonnull (strstr (error->message, " cannot honour 1 field that the spec requires:\n  runtime: "));
      g_assert_nonnull (strstr (error->message, reason));
    }
  assert_nothing_created (fixture);
}

static void
test_preferred_runtime (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = run (fixture, "{" BB ", \"runtime\": \"kata\", \"prefer\": [\"runtime\"]}", &error);
  const PerryAdjustment *adjustment;

  g_assert_no_error (error);
  g_assert_cmpuint (result->adjustments->len, ==, 1);
  adjustment = g_ptr_array_index (result->adjustments, 0);
  g_assert_cmpint (adjustment->kind, ==, PERRY_ADJUSTMENT_DROPPED);
  g_assert_cmpint (adjustment->field, ==, PERRY_FIELD_RUNTIME);
}

static void
test_runtime (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = run (fixture, "{" BB ", \"runtime\": \"runc\"}", &error);
  g_autofree char *query = NULL;
  g_autofree char *body = NULL;

  g_assert_no_error (error);
  body = create_body (fixture, &query);
  g_assert_nonnull (strstr (body, data == &docker ? "\"Runtime\":\"runc\"" : "\"oci_runtime\":\"runc\""));
  g_assert_cmpstr (find_proof (result, PERRY_FIELD_RUNTIME)->reported, ==, "runc");
  g_assert_cmpint (find_proof (result, PERRY_FIELD_RUNTIME)->report_verdict, ==, PERRY_VERDICT_PROVEN);
}

/* An engine that takes the request and does something else. */
static void
test_ignored_runtime (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  perry_fake_engine_set_report (fixture->fake, data == &docker ? "HostConfig.Runtime" : "OCIRuntime", "\"crun\"");
  g_assert_null (run (fixture, "{" BB ", \"runtime\": \"runc\"}", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS);
  g_assert_nonnull (strstr (error->message, "runtime: asked runc"));
  g_assert_nonnull (strstr (error->message, "crun"));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*/start"), ==, 0);
  g_assert_cmpuint (perry_fake_engine_count_containers (fixture->fake), ==, 0);
}

static void
test_observed_runtime (void)
{
  static const struct { const char *asked, *seen; PerryVerdict verdict; } samples[] = {
    { "runc", "runc", PERRY_VERDICT_PROVEN },   { "crun", "crun", PERRY_VERDICT_PROVEN },
    { "runc", "crun", PERRY_VERDICT_DIFFERS },  { "crun", "runc", PERRY_VERDICT_DIFFERS },
    { "nvidia", "runc", PERRY_VERDICT_UNPROVEN }, { "runc", NULL, PERRY_VERDICT_UNPROVEN },
  };
  const PerryFieldInfo *info = perry_field_get_info (PERRY_FIELD_RUNTIME);

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"image\": \"b\", \"runtime\": \"%s\"}", samples[i].asked);
      g_autoptr (PerryContainerSpec) spec = make_spec (json);
      g_autoptr (PerryObservation) observation = perry_observation_new (PERRY_MOMENT_BEFORE_EXEC, 1);
      g_autoptr (GString) value = g_string_new (NULL);
      g_autoptr (GString) reason = g_string_new (NULL);

      if (samples[i].seen != NULL)
        perry_observation_set_missing (observation, PERRY_FACET_RUNTIME, NULL);
      observation->runtime = samples[i].seen;
      g_assert_cmpint (info->compare_observed (spec, observation, NULL, value, reason), ==, samples[i].verdict);
      g_assert_cmpstr (value->str, ==, samples[i].seen != NULL ? samples[i].seen : "");
      g_assert_cmpint (reason->len > 0, ==, samples[i].verdict != PERRY_VERDICT_PROVEN);
    }
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (Fixture *fixture, gconstpointer data); } tests[] = {
    { "mismatch", test_mismatch },
    { "match", test_match },
    { "system-alone", test_system_alone },
    { "emulation", test_emulation },
    { "unknown-runtime", test_unknown_runtime },
    { "preferred-runtime", test_preferred_runtime },
    { "runtime", test_runtime },
    { "ignored-runtime", test_ignored_runtime },
  };
  const Setting *settings[] = { &docker, &podman };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/platform/words", test_words);
  g_test_add_func ("/platform/observed-runtime", test_observed_runtime);
  for (gsize s = 0; s < G_N_ELEMENTS (settings); s++)
    for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
      {
        g_autofree char *path = g_strdup_printf ("/platform/%s/%s", settings[s]->backend, tests[i].name);

        g_test_add (path, Fixture, settings[s], set_up, tests[i].test, tear_down);
      }
  return g_test_run ();
}
