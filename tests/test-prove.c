/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "core/engine/perry-prove.h"
#include "core/engine/perry-request-tier.h"
#include "tests/stub-backend.h"

/* How a container is started and compared, on a backend that only counts. What is observed here is this very process,
 * which is in no container: what must come of that is a doubt with its reason, never a proof. */
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define IMAGE_ID "sha256:aaaa"

typedef struct {
  StubBackend stub;
  PerryContainerSpec *spec;
  PerryProve prove;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  stub_backend_init (&fixture->stub);
  fixture->spec = perry_container_spec_new_from_json ("{\"image\": \"bb:1\", \"user\": \"1:1\"}", -1, &error);
  g_assert_no_error (error);
  fixture->prove = (PerryProve){
    .backend = fixture->stub.backend,
    .id = ID,
    .spec = fixture->spec,
    .enforcement = PERRY_ENFORCEMENT_WARN,
    .adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free),
    .proofs = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_field_proof_free),
  };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->prove.adjustments);
  g_ptr_array_unref (fixture->prove.proofs);
  perry_container_info_free (fixture->prove.report);
  perry_container_spec_free (fixture->spec);
  stub_backend_clear (&fixture->stub);
}

/* A process that is ours, with the given number; 0 for one that has to be watched for. */
static void
locate_here (Fixture *fixture, gint64 pid)
{
  const char *const directories[] = { "perry-test/" ID, NULL };
  PerryProcessLocation *location = perry_process_location_new ();

  location->local = TRUE;
  location->pid = pid;
  location->container_id = g_strdup (ID);
  location->cgroup_paths = g_strdupv ((char **) directories);
  fixture->stub.location = location;
}

static void
inspect_running (Fixture *fixture, gint64 pid)
{
  fixture->stub.info = perry_container_info_new ();
  fixture->stub.info->id = g_strdup (ID);
  fixture->stub.info->status = pid > 0 ? PERRY_CONTAINER_RUNNING : PERRY_CONTAINER_EXITED;
  fixture->stub.info->pid = pid;
}

static const PerryFieldProof *
find_proof (const Fixture *fixture, PerryField field)
{
  for (guint i = 0; i < fixture->prove.proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (fixture->prove.proofs, i);

      if (proof->field == field)
        return proof;
    }
  g_assert_not_reached ();
}

/* The user is a doubt for @reason, and the caller is told. */
static void
assert_unproven (const Fixture *fixture, const char *reason)
{
  const PerryFieldProof *proof = find_proof (fixture, PERRY_FIELD_USER);
  gboolean told = FALSE;

  g_assert_cmpint (proof->verdict, ==, PERRY_VERDICT_UNPROVEN);
  g_assert_nonnull (strstr (proof->reason, reason));
  for (guint i = 0; i < fixture->prove.adjustments->len; i++)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (fixture->prove.adjustments, i);

      told |= adjustment->field == PERRY_FIELD_USER && adjustment->kind == PERRY_ADJUSTMENT_UNPROVEN;
    }
  g_assert_true (told);
}

static void
start (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (perry_prove_start (&fixture->prove, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->stub.n_starts, ==, 1);
}

static void
assert_start_fails (Fixture *fixture, PerryError code, const char *text, guint n_starts)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (perry_prove_start (&fixture->prove, NULL, &error));
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_cmpuint (fixture->stub.n_starts, ==, n_starts);
}

static void
test_off (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->prove.mode = PERRY_PROOF_OFF;
  g_assert_true (perry_prove_report (&fixture->prove, &error));
  start (fixture);
  g_assert_cmpuint (fixture->prove.proofs->len, ==, 0);
  g_assert_cmpuint (fixture->stub.n_inspects, ==, 0);
}

static void
test_another_kernel (Fixture *fixture, gconstpointer data)
{
  fixture->stub.ops.locate_process = NULL;
  start (fixture);
  assert_unproven (fixture, "stub does not run containers on this kernel");
}

static void
test_another_kernel_required (Fixture *fixture, gconstpointer data)
{
  fixture->stub.ops.locate_process = NULL;
  fixture->prove.mode = PERRY_PROOF_REQUIRED;
  assert_start_fails (fixture, PERRY_ERROR_PROOF_MISSING, "\n  user: ", 1);
}

/* What an engine does not report of the inside of a virtual machine, and this kernel does not show, is no obstacle where the
 * machine is the workload's alone. */
static void
test_microvm (Fixture *fixture, gconstpointer data)
{
  static const PerrySupport supports[] = { PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_PARTIAL };
  const char *json = "{\"image\": \"bb:1\", \"tier\": \"untrusted\", \"seccomp\": \"perry\", \"require\": [\"seccomp\"]}";
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fixture->spec, perry_container_spec_free);
  fixture->prove.spec = fixture->spec = perry_container_spec_new_from_json (json, -1, &error);
  g_assert_no_error (error);
  fixture->stub.ops.locate_process = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (supports); i++)
    {
      gboolean own = supports[i] == PERRY_SUPPORT_NATIVE;

      perry_capability_matrix_set (fixture->stub.backend->info->matrix, PERRY_CAPABILITY_MICROVM, supports[i],
                                   PERRY_SUPPORT_ORIGIN_PROBE, own ? NULL : "shared");
      g_assert_cmpint (perry_prove_start (&fixture->prove, NULL, &error), ==, own);
      g_assert_cmpint (find_proof (fixture, PERRY_FIELD_TIER)->verdict, ==, PERRY_VERDICT_UNPROVEN);
    }
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING);
  g_assert_nonnull (strstr (error->message, "\n  seccomp: "));
}

static void
test_location_fails (Fixture *fixture, gconstpointer data)
{
  assert_start_fails (fixture, PERRY_ERROR_BACKEND_FAILED, "locate", 0);
}

/* A process that waits for the start is looked at first, and one that is not the container's proves nothing. */
static void
test_look_before_start (Fixture *fixture, gconstpointer data)
{
  locate_here (fixture, getpid ());
  start (fixture);
  assert_unproven (fixture, "is not in a cgroup of this container");
}

static void
test_strict_never_starts_unproven (Fixture *fixture, gconstpointer data)
{
  locate_here (fixture, getpid ());
  fixture->prove.enforcement = PERRY_ENFORCEMENT_STRICT;
  assert_start_fails (fixture, PERRY_ERROR_PROOF_MISSING, "\n  user: ", 0);
}

/* `init` makes the moment before the start, where it is wanted and the engine has it. */
static void
test_init (Fixture *fixture, gconstpointer data)
{
  locate_here (fixture, getpid ());
  fixture->prove.mode = PERRY_PROOF_REQUIRED;
  assert_start_fails (fixture, PERRY_ERROR_PROOF_MISSING, "", 0);
  g_assert_cmpuint (fixture->stub.n_inits, ==, 0);

  fixture->stub.backend->info->inspectable_before_start = TRUE;
  assert_start_fails (fixture, PERRY_ERROR_PROOF_MISSING, "", 0);
  g_assert_cmpuint (fixture->stub.n_inits, ==, 1);

  fixture->stub.fails_init = TRUE;
  assert_start_fails (fixture, PERRY_ERROR_BACKEND_FAILED, "init", 0);

  fixture->prove.mode = PERRY_PROOF_DEFAULT;
  start (fixture);
  g_assert_cmpuint (fixture->stub.n_inits, ==, 2);
}

/* The watch finds no process: the engine is asked for one that still runs. */
static void
test_watch_then_look (Fixture *fixture, gconstpointer data)
{
  locate_here (fixture, 0);
  inspect_running (fixture, getpid ());
  start (fixture);
  g_assert_cmpuint (fixture->stub.n_inspects, ==, 1);
  assert_unproven (fixture, "is not in a cgroup of this container");
}

static void
test_watch_after_the_end (Fixture *fixture, gconstpointer data)
{
  locate_here (fixture, 0);
  inspect_running (fixture, 0);
  start (fixture);
  assert_unproven (fixture, "the process ended before it could be looked at");
}

static void
test_watch_then_inspect_fails (Fixture *fixture, gconstpointer data)
{
  locate_here (fixture, 0);
  fixture->stub.fails_inspect = TRUE;
  assert_start_fails (fixture, PERRY_ERROR_BACKEND_FAILED, "inspect", 1);
}

static void
test_start_fails (Fixture *fixture, gconstpointer data)
{
  static const gint64 pids[] = { 0, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      g_clear_pointer (&fixture->stub.location, perry_process_location_free);
      locate_here (fixture, pids[i]);
      fixture->stub.fails_start = TRUE;
      assert_start_fails (fixture, PERRY_ERROR_BACKEND_FAILED, "start", i + 1);
    }
  fixture->stub.ops.locate_process = NULL;
  assert_start_fails (fixture, PERRY_ERROR_BACKEND_FAILED, "start", G_N_ELEMENTS (pids) + 1);
}

/* A part of an id would fit other containers: nothing is started on such a word. */
static void
test_id_is_not_whole (Fixture *fixture, gconstpointer data)
{
  static const gint64 pids[] = { 0, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      g_clear_pointer (&fixture->stub.location, perry_process_location_free);
      locate_here (fixture, pids[i]);
      g_free (fixture->stub.location->container_id);
      fixture->stub.location->container_id = g_strdup ("0123456789ab");
      assert_start_fails (fixture, PERRY_ERROR_INVALID_ARGUMENT, "not a full container id", 0);
    }
}

/* crun loads the filter last: after the look the start is watched too, and both are judged together. */
static void
test_seccomp_comes_last (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  perry_container_spec_free (fixture->spec);
  fixture->spec = perry_container_spec_new_from_json (
      "{\"image\": \"bb:1\", \"user\": \"1:1\", \"no_new_privileges\": true, \"seccomp\": \"default\"}", -1, &error);
  g_assert_no_error (error);
  fixture->prove.spec = fixture->spec;
  locate_here (fixture, getpid ());
  fixture->stub.location->runtime = g_strdup ("crun");
  start (fixture);
  assert_unproven (fixture, "is not in a cgroup of this container");
  g_assert_cmpint (find_proof (fixture, PERRY_FIELD_SECCOMP)->verdict, ==, PERRY_VERDICT_UNPROVEN);

  fixture->stub.fails_start = TRUE;
  assert_start_fails (fixture, PERRY_ERROR_BACKEND_FAILED, "start", 2);
}

static void
test_check_mode (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *seccomp, *runtime; gboolean refused; } rows[] = {
    { "default", "crun", TRUE }, { "unconfined", "crun", FALSE }, { "default", "runc", FALSE }, { NULL, "crun", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();
      g_autoptr (GError) error = NULL;

      perry_container_spec_take_value (spec, PERRY_FIELD_NO_NEW_PRIVILEGES, g_variant_new_boolean (TRUE));
      if (rows[i].seccomp != NULL)
        perry_container_spec_take_value (spec, PERRY_FIELD_SECCOMP, g_variant_new_string (rows[i].seccomp));
      g_free (fixture->stub.backend->info->default_runtime);
      fixture->stub.backend->info->default_runtime = g_strdup (rows[i].runtime);
      g_assert_true (perry_prove_check_mode (fixture->stub.backend, spec, PERRY_PROOF_DEFAULT, PERRY_ENFORCEMENT_WARN,
                                             NULL));
      g_assert_true (perry_prove_check_mode (fixture->stub.backend, spec, PERRY_PROOF_REQUIRED,
                                             PERRY_ENFORCEMENT_WARN, &error) != rows[i].refused);
      g_assert_true (!rows[i].refused || g_error_matches (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING));
      g_assert_true (!rows[i].refused || strstr (error->message, "--runtime runc") != NULL);
    }
}

/* Nothing is created that is sure to be refused when it runs; without a virtual machine it may be proven. */
static void
test_check_mode_microvm (Fixture *fixture, gconstpointer data)
{
  static const PerrySupport supports[] = { PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_PARTIAL, PERRY_SUPPORT_UNSUPPORTED };
  g_autoptr (PerryContainerSpec) spec =
      perry_container_spec_new_from_json ("{\"image\": \"bb:1\", \"tier\": \"untrusted\"}", -1, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (supports); i++)
    {
      gboolean machine = supports[i] != PERRY_SUPPORT_UNSUPPORTED;
      g_autoptr (GError) error = NULL;

      perry_capability_matrix_set (fixture->stub.backend->info->matrix, PERRY_CAPABILITY_MICROVM, supports[i],
                                   PERRY_SUPPORT_ORIGIN_PROBE, supports[i] == PERRY_SUPPORT_NATIVE ? NULL : "why");
      g_assert_true (perry_prove_check_mode (fixture->stub.backend, spec, PERRY_PROOF_DEFAULT, PERRY_ENFORCEMENT_STRICT,
                                             NULL));
      g_assert_cmpint (perry_prove_check_mode (fixture->stub.backend, spec, PERRY_PROOF_REQUIRED, PERRY_ENFORCEMENT_WARN,
                                               &error), ==, !machine);
      g_assert_true (!machine || g_error_matches (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING));
    }
}

static void
take_runtime_away (gpointer backend, const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  perry_field_support_limit (support, PERRY_FIELD_RUNTIME, PERRY_SUPPORT_UNSUPPORTED, "it has one");
}

/* Without the runtime that would be preferred, what is asked cannot be proven; another try begins anew. */
static void
test_prepare (Fixture *fixture, gconstpointer data)
{
  const char *json = "{\"image\": \"bb:1\", \"runtime\": \"runc\", \"prefer\": [\"runtime\"],"
                     " \"no_new_privileges\": true, \"seccomp\": \"default\"}";
  PerryEngineInfo *info = fixture->stub.backend->info;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new_from_json (json, -1, &error);
  g_autoptr (PerryRunResult) result = perry_run_result_new ();
  g_auto (PerryRequest) request = { .backend = fixture->stub.backend, .proof = PERRY_PROOF_REQUIRED,
                                    .configured_enforcement = PERRY_ENFORCEMENT_WARN, .result = result };

  g_assert_no_error (error);
  fixture->stub.ops.refine = take_runtime_away;
  fixture->stub.image = perry_image_info_new ();
  fixture->stub.image->id = g_strdup (IMAGE_ID);
  info->default_runtime = g_strdup ("crun");
  for (int capability = 0; capability < PERRY_CAPABILITY_LAST; capability++)
    perry_capability_matrix_set (info->matrix, (PerryCapability) capability, PERRY_SUPPORT_NATIVE,
                                 PERRY_SUPPORT_ORIGIN_PROBE, NULL);
  g_assert_true (perry_request_raise (&request, spec, &error));
  g_assert_false (perry_request_prepare (&request, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING);
  g_clear_error (&error);

  request.proof = PERRY_PROOF_DEFAULT;
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (perry_request_prepare (&request, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (result->adjustments->len, ==, 1);
    }
  request.result = NULL;
}

static void
set_report (Fixture *fixture, const char *image_id, const char *user)
{
  g_clear_pointer (&fixture->prove.report, perry_container_info_free);
  fixture->prove.report = perry_container_info_new ();
  fixture->prove.report->image_id = g_strdup (image_id);
  fixture->prove.report->reported = perry_container_spec_new ();
  perry_container_spec_take_value (fixture->prove.report->reported, PERRY_FIELD_USER, g_variant_new_string (user));
  fixture->prove.image_id = IMAGE_ID;
}

static void
test_report (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  set_report (fixture, IMAGE_ID, "1:1");
  g_assert_true (perry_prove_report (&fixture->prove, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (find_proof (fixture, PERRY_FIELD_IMAGE)->reported, ==, IMAGE_ID);
  g_assert_nonnull (strstr (find_proof (fixture, PERRY_FIELD_IMAGE)->reason, "a kernel knows no images"));

  set_report (fixture, IMAGE_ID, "0:0");
  g_assert_false (perry_prove_report (&fixture->prove, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS);
  g_assert_nonnull (strstr (error->message, "\n  user: asked 1:1, the engine reports 0:0"));
  g_clear_error (&error);

  /* as long as the right one, and with the same beginning */
  set_report (fixture, "sha256:aaab", "1:1");
  g_assert_false (perry_prove_report (&fixture->prove, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS);
  g_assert_nonnull (strstr (error->message, "\n  image: asked bb:1, which is " IMAGE_ID "; the engine reports sha256:aaab"));
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (Fixture *, gconstpointer); } tests[] = {
    { "/prove/off", test_off },
    { "/prove/another-kernel/is-told", test_another_kernel },
    { "/prove/another-kernel/required", test_another_kernel_required },
    { "/prove/microvm-is-the-boundary", test_microvm },
    { "/prove/location-fails", test_location_fails },
    { "/prove/look/foreign-process-proves-nothing", test_look_before_start },
    { "/prove/look/strict-never-starts-unproven", test_strict_never_starts_unproven },
    { "/prove/look/init", test_init },
    { "/prove/look/seccomp-comes-last", test_seccomp_comes_last },
    { "/prove/watch/then-look", test_watch_then_look },
    { "/prove/watch/after-the-end", test_watch_after_the_end },
    { "/prove/watch/inspect-fails", test_watch_then_inspect_fails },
    { "/prove/start-fails", test_start_fails },
    { "/prove/id-is-not-whole", test_id_is_not_whole },
    { "/prove/check-mode", test_check_mode },
    { "/prove/check-mode-microvm", test_check_mode_microvm },
    { "/prove/prepare", test_prepare },
    { "/prove/report", test_report },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
