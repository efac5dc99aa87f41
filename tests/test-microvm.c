/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "core/perry-container.h"
#include "tests/fake/perry-fake-engine.h"

/* Where a workload of the tier untrusted goes: Docker is an engine in this process without virtual machines, Podman is not
 * there, and the mock has what each test says. */

#define WAIVER "PERRY_ALLOW_UNTRUSTED_SHARED_KERNEL"

typedef struct {
  PerryFakeEngine *fake;
  PerryEngine *engine;
  char *directory;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *endpoint = NULL;

  fixture->directory = g_dir_make_tmp ("perry-microvm-XXXXXX", NULL);
  fixture->fake = perry_fake_engine_new (PERRY_FAKE_DOCKER_28);
  perry_fake_engine_set_output (fixture->fake, NULL, NULL, 0);
  endpoint = g_strconcat ("unix://", perry_fake_engine_get_socket_path (fixture->fake), NULL);
  g_setenv ("XDG_RUNTIME_DIR", fixture->directory, TRUE);
  g_setenv ("XDG_CONFIG_HOME", fixture->directory, TRUE);
  g_setenv ("DOCKER_HOST", endpoint, TRUE);
  g_setenv ("CONTAINER_HOST", "unix:///nonexistent/podman.sock", TRUE);
  g_unsetenv (WAIVER);
  g_unsetenv ("PERRY_MOCK_SUPPORT");
  g_unsetenv ("PERRY_MOCK_MICROVM_RUNTIMES");
  g_unsetenv ("PERRY_MOCK_LIE");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *runtime = g_build_filename (fixture->directory, "perry-container", NULL);

  g_clear_object (&fixture->engine);
  perry_fake_engine_free (fixture->fake);
  g_rmdir (runtime);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->directory);
}

static void
open_engine (Fixture *fixture, const char *backends, const char *mock_support)
{
  g_autoptr (GError) error = NULL;

  g_clear_object (&fixture->engine);
  g_setenv ("PERRY_CONTAINER_BACKEND", backends, TRUE);
  if (mock_support != NULL)
    g_setenv ("PERRY_MOCK_SUPPORT", mock_support, TRUE);
  fixture->engine = perry_engine_new (NULL, &error);
  g_assert_no_error (error);
}

static PerryRunResult *
run (Fixture *fixture, const char *more, GError **error)
{
  g_autofree char *json =
      g_strdup_printf ("{\"image\": \"bb:1\", \"rm\": true, \"tier\": \"untrusted\", \"cmd\": [\"hello\"]%s}", more);
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, error);

  g_assert_nonnull (spec);
  g_assert_true (perry_container_spec_complete (spec, NULL, error));
  return perry_engine_run (fixture->engine, spec, NULL, NULL, error);
}

static const PerryAdjustment *
find_adjustment (const PerryRunResult *result, PerryAdjustmentKind kind, PerryField field)
{
  for (guint i = 0; i < result->adjustments->len; i++)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (result->adjustments, i);

      if (adjustment->kind == kind && adjustment->field == field)
        return adjustment;
    }
  return NULL;
}

static void
assert_refused (const GError *error)
{
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE);
  g_test_message ("%s", error->message);
}

static void
test_native (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;

  open_engine (fixture, "mock", NULL);
  result = run (fixture, ", \"enforcement\": \"strict\"", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result->backend, ==, "mock");
  g_assert_null (find_adjustment (result, PERRY_ADJUSTMENT_PARTIAL, PERRY_FIELD_TIER));
  g_assert_null (find_adjustment (result, PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_TIER));
  g_assert_null (find_adjustment (result, PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_RUNTIME));
  g_assert_nonnull (find_adjustment (result, PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_READ_ONLY));
}

/* The runtime that makes one is named, the spec's own where it names one of those, and any other is refused. */
static void
test_runtimes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) first = NULL, own = NULL;
  const PerryAdjustment *added;

  g_setenv ("PERRY_MOCK_MICROVM_RUNTIMES", "kata,krun", TRUE);
  open_engine (fixture, "mock", NULL);
  first = run (fixture, "", &error);
  g_assert_no_error (error);
  added = find_adjustment (first, PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_RUNTIME);
  g_assert_nonnull (added);
  g_assert_cmpstr (added->value, ==, "kata");
  own = run (fixture, ", \"runtime\": \"krun\"", &error);
  g_assert_no_error (error);
  g_assert_null (find_adjustment (own, PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_RUNTIME));
  g_assert_null (run (fixture, ", \"runtime\": \"runc\"", &error));
  assert_refused (error);
  g_assert_nonnull (strstr (error->message, "the spec's runtime runc makes no virtual machines; those that do: kata, krun"));
}

/* The report of the runtime is compared like that of any field that is required. */
static void
test_runtime_is_confirmed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_setenv ("PERRY_MOCK_MICROVM_RUNTIMES", "kata", TRUE);
  g_setenv ("PERRY_MOCK_LIE", "runtime=runc", TRUE);
  open_engine (fixture, "mock", NULL);
  g_assert_null (run (fixture, ", \"enforcement\": \"lenient\"", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS);
  g_assert_nonnull (strstr (error->message, "runtime: asked kata"));
}

/* One virtual machine for several containers: said in every mode but strict, where it is refused. */
static void
test_partial (Fixture *fixture, gconstpointer data)
{
  static const char *const modes[] = { ", \"enforcement\": \"lenient\"", ", \"enforcement\": \"warn\"", "" };
  g_autoptr (GError) error = NULL;

  open_engine (fixture, "mock", "microvm=partial");
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (PerryRunResult) result = run (fixture, modes[i], &error);
      const PerryAdjustment *partial;

      g_assert_no_error (error);
      partial = find_adjustment (result, PERRY_ADJUSTMENT_PARTIAL, PERRY_FIELD_TIER);
      g_assert_nonnull (partial);
      g_assert_true (partial->printed);
      g_assert_cmpstr (partial->reason, ==, "PERRY_MOCK_SUPPORT says so");
    }
  g_assert_null (run (fixture, ", \"enforcement\": \"strict\"", &error));
  assert_refused (error);
  g_assert_nonnull (strstr (error->message, "\n  mock: only in part, which strict mode refuses: PERRY_MOCK_SUPPORT says so"));
}

/* Strict goes past a shared one to one of its own kind, which here is not there: the waiver then takes the shared one, also
 * from behind a backend that has none. */
static void
test_partial_in_strict_with_the_waiver (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;

  g_setenv (WAIVER, "1", TRUE);
  open_engine (fixture, "docker,mock", "microvm=partial");
  result = run (fixture, ", \"enforcement\": \"strict\"", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result->backend, ==, "mock");
  g_assert_nonnull (find_adjustment (result, PERRY_ADJUSTMENT_PARTIAL, PERRY_FIELD_TIER));
}

/* Where the machine is the boundary, what the tier asks of the inside is recorded; what the spec asks itself is not there. */
static void
test_not_applicable_inside (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;
  const PerryAdjustment *seccomp;

  open_engine (fixture, "mock", "microvm=native,seccomp-profile=not-applicable,no-new-privileges=not-applicable");
  result = run (fixture, ", \"enforcement\": \"strict\"", &error);
  g_assert_no_error (error);
  seccomp = find_adjustment (result, PERRY_ADJUSTMENT_NOT_APPLICABLE, PERRY_FIELD_SECCOMP);
  g_assert_nonnull (seccomp);
  g_assert_cmpstr (seccomp->reason, ==, "PERRY_MOCK_SUPPORT says so");
  g_assert_nonnull (find_adjustment (result, PERRY_ADJUSTMENT_NOT_APPLICABLE, PERRY_FIELD_NO_NEW_PRIVILEGES));
  g_assert_null (find_adjustment (result, PERRY_ADJUSTMENT_NOT_APPLICABLE, PERRY_FIELD_READ_ONLY));
}

/* What such a backend lacks of the rest of the floor no mode drops. */
static void
test_unsupported_floor (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  open_engine (fixture, "mock", "microvm=native,read-only-rootfs=unsupported");
  g_assert_null (run (fixture, ", \"enforcement\": \"lenient\"", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
  g_assert_nonnull (strstr (error->message, "read_only"));
}

/* Wherever the mock stands: what needs a machine goes there, and what does not to the first that answers. */
static void
test_order (Fixture *fixture, gconstpointer data)
{
  static const char *const orders[][2] = { { "docker,mock", "docker" }, { "podman,docker,mock", "docker" },
                                           { "mock,docker", "mock" } };

  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryRunResult) untrusted = NULL;
      g_autofree char *first = NULL;

      open_engine (fixture, orders[i][0], NULL);
      untrusted = run (fixture, "", &error);
      g_assert_no_error (error);
      g_assert_cmpstr (untrusted->backend, ==, "mock");
      first = perry_engine_dup_backend_name (fixture->engine, NULL, &error);
      g_assert_cmpstr (first, ==, orders[i][1]);
    }
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/create"), ==, 0);
}

static void
test_none (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  open_engine (fixture, "docker,podman,mock,nosuch", "microvm=unsupported");
  g_assert_null (run (fixture, ", \"enforcement\": \"lenient\"", &error));
  assert_refused (error);
  g_assert_nonnull (strstr (error->message, "\n  docker: "));
  g_assert_nonnull (strstr (error->message, "\n  podman: "));
  g_assert_nonnull (strstr (error->message, "\n  mock: PERRY_MOCK_SUPPORT says so"));
  g_assert_nonnull (strstr (error->message, "\n  nosuch: "));
  g_assert_nonnull (strstr (error->message, WAIVER "=1"));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*"), ==, 0);
}

static void
test_waiver (Fixture *fixture, gconstpointer data)
{
  static const char *const no[] = { "", "0", "no", "false", "TRUE", "True", "on", " 1", "1 ", "11", "y" };
  static const char *const yes[] = { "1", "true", "yes" };

  open_engine (fixture, "docker,mock", "microvm=not-applicable");
  for (gsize i = 0; i < G_N_ELEMENTS (no); i++)
    {
      g_autoptr (GError) error = NULL;

      g_setenv (WAIVER, no[i], TRUE);
      g_assert_null (run (fixture, "", &error));
      assert_refused (error);
      g_assert_cmpint (strstr (error->message, "which does not count") != NULL, ==, *no[i] != '\0');
    }
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", ".*"), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (yes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryRunResult) result = NULL;
      const PerryAdjustment *dropped;

      g_setenv (WAIVER, yes[i], TRUE);
      result = run (fixture, ", \"enforcement\": \"strict\"", &error);
      g_assert_no_error (error);
      g_assert_cmpstr (result->backend, ==, "docker");
      dropped = find_adjustment (result, PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_TIER);
      g_assert_nonnull (dropped);
      g_assert_true (dropped->printed);
      g_assert_cmpstr (dropped->value, ==, "microvm");
      g_assert_nonnull (find_adjustment (result, PERRY_ADJUSTMENT_ADDED, PERRY_FIELD_NO_NETWORK));
    }
}

/* A backend that has machines is preferred to the waiver. */
static void
test_waiver_is_not_needed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) result = NULL;

  g_setenv (WAIVER, "1", TRUE);
  open_engine (fixture, "docker,mock", NULL);
  result = run (fixture, "", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (result->backend, ==, "mock");
  g_assert_null (find_adjustment (result, PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_TIER));
}

/* The waiver was there when the container was made and is not when it is started. */
static void
test_start_is_checked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryContainerSpec) spec =
      perry_container_spec_new_from_json ("{\"image\": \"bb:1\", \"tier\": \"untrusted\", \"cmd\": [\"sleep\"]}", -1, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryRunResult) created = NULL;

  g_assert_true (perry_container_spec_complete (spec, NULL, NULL));
  g_setenv (WAIVER, "1", TRUE);
  open_engine (fixture, "docker", NULL);
  created = perry_engine_create (fixture->engine, spec, NULL, NULL, &error);
  g_assert_no_error (error);
  g_unsetenv (WAIVER);
  g_assert_false (perry_engine_start (fixture->engine, created->container_id, NULL, &error));
  assert_refused (error);
  g_assert_nonnull (strstr (error->message, "was created for the tier untrusted"));
  g_assert_cmpuint (perry_fake_engine_count_requests (fixture->fake, "POST", "/containers/.*/start"), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "native", test_native },
    { "runtimes", test_runtimes },
    { "runtime-is-confirmed", test_runtime_is_confirmed },
    { "partial", test_partial },
    { "partial-in-strict-with-the-waiver", test_partial_in_strict_with_the_waiver },
    { "not-applicable-inside", test_not_applicable_inside },
    { "unsupported-floor", test_unsupported_floor },
    { "order", test_order },
    { "none", test_none },
    { "waiver", test_waiver },
    { "waiver-is-not-needed", test_waiver_is_not_needed },
    { "start-is-checked", test_start_is_checked },
  };
  g_autofree char *root = NULL;
  g_autofree char *plugins = NULL;

  g_test_init (&argc, &argv, NULL);
  root = g_build_filename (g_test_get_dir (G_TEST_BUILT), "..", NULL);
  plugins = g_strdup_printf ("%s/plugins/docker:%s/plugins/podman:%s/tests/plugins/mock", root, root, root);
  g_setenv ("PERRY_PLUGIN_PATH", plugins, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/microvm/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
