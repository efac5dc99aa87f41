/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-compare.h"
#include "core/policy/perry-field-lines.h"
#include "plugin-api/perry-error.h"

#include <string.h>

typedef enum { REPORT_AGREES, REPORT_DIFFERS, REPORT_MISSING, N_REPORTS } Report;

typedef enum { SEEN_NOTHING, SEEN_AGREES, SEEN_DIFFERS, SEEN_UNREADABLE, EARLY_AGREES, EARLY_DIFFERS, N_SIGHTS } Seen;

static const PerryCompareContext context = {
  .default_capabilities = G_GUINT64_CONSTANT (0xa80425fb),
  .grantable_capabilities = G_MAXUINT64,
};

static PerryContainerSpec *
spec_from_json (const char *json)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  return spec;
}

static void
add_mount (PerryObservation *observation, const char *mount_point, const char *flag)
{
  PerryObservedMount *mount = g_new0 (PerryObservedMount, 1);

  mount->mount_point = g_strdup (mount_point);
  mount->fs_type = g_strdup ("overlay");
  mount->source = g_strdup ("overlay");
  mount->root = g_strdup ("/");
  mount->options = g_strsplit (flag, ",", -1);
  mount->super_options = g_strsplit ("rw", ",", -1);
  g_ptr_array_add (observation->mounts, mount);
}

/* An observation of the root's flag and of no-new-privileges, agreeing with `true` for both or not. */
static PerryObservation *
observe (PerryMoment moment, gboolean settled, gboolean agrees)
{
  PerryObservation *observation = perry_observation_new (moment, 42);

  observation->settled = settled;
  add_mount (observation, "/", agrees ? "ro,relatime" : "rw,relatime");
  perry_observation_set_missing (observation, PERRY_FACET_MOUNTS, NULL);
  observation->no_new_privs = agrees;
  perry_observation_set_missing (observation, PERRY_FACET_NO_NEW_PRIVS, NULL);
  return observation;
}

static PerryObservation *
observe_nothing (void)
{
  PerryObservation *observation = perry_observation_new (PERRY_MOMENT_RUNNING, 42);

  observation->settled = TRUE;
  perry_observation_set_missing (observation, PERRY_FACET_MOUNTS, "mountinfo: Permission denied");
  perry_observation_set_missing (observation, PERRY_FACET_NO_NEW_PRIVS, "status: Permission denied");
  return observation;
}

static void
add_sight (GPtrArray *observations, Seen seen)
{
  switch (seen)
    {
    case SEEN_AGREES:
    case SEEN_DIFFERS:
      g_ptr_array_add (observations, observe (PERRY_MOMENT_BEFORE_START, TRUE, seen == SEEN_AGREES));
      break;
    case EARLY_AGREES:
    case EARLY_DIFFERS:
      g_ptr_array_add (observations, observe (PERRY_MOMENT_BEFORE_EXEC, FALSE, seen == EARLY_AGREES));
      break;
    case SEEN_UNREADABLE:
      g_ptr_array_add (observations, observe_nothing ());
      break;
    case SEEN_NOTHING:
    default:
      break;
    }
}

static PerryContainerSpec *
report (const char *field, Report kind)
{
  g_autofree char *json = NULL;

  if (kind == REPORT_MISSING)
    return perry_container_spec_new ();
  json = g_strdup_printf ("{\"image\":\"a\",\"%s\":%s}", field, kind == REPORT_AGREES ? "true" : "false");
  return spec_from_json (json);
}

static const PerryFieldProof *
find_row (GPtrArray *proofs, PerryField field)
{
  for (guint i = 0; i < proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (proofs, i);

      if (proof->field == field)
        return proof;
    }
  return NULL;
}

static PerryFieldProof *
compare (const char *field, Report kind, const Seen *sights, gsize n_sights)
{
  g_autofree char *json = g_strdup_printf ("{\"image\":\"a\",\"%s\":true}", field);
  g_autoptr (PerryContainerSpec) asked = spec_from_json (json);
  g_autoptr (PerryContainerSpec) reported = report (field, kind);
  g_autoptr (GPtrArray) observations = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_observation_free);
  g_autoptr (GPtrArray) proofs = NULL;
  PerryField number = PERRY_FIELD_LAST;

  for (gsize i = 0; i < n_sights; i++)
    add_sight (observations, sights[i]);
  proofs = perry_compare_evidence (asked, reported, observations, &context);
  g_assert_true (perry_field_from_name (field, &number));
  g_assert_nonnull (find_row (proofs, number));
  return perry_field_proof_copy (find_row (proofs, number));
}

#define U PERRY_VERDICT_UNPROVEN
#define P PERRY_VERDICT_PROVEN
#define D PERRY_VERDICT_DIFFERS

static void
check_matrix (const char *field, const PerryVerdict expected[N_REPORTS][N_SIGHTS])
{
  static const PerryVerdict by_report[] = { P, D, U };

  for (Report kind = 0; kind < N_REPORTS; kind++)
    for (Seen seen = 0; seen < N_SIGHTS; seen++)
      {
        g_autoptr (PerryFieldProof) proof = compare (field, kind, &seen, 1);

        g_test_message ("%s, report %d, sight %d: %s (%s)", field, (int) kind, (int) seen,
                        perry_verdict_get_name (proof->verdict), proof->reason != NULL ? proof->reason : "");
        g_assert_cmpint (proof->report_verdict, ==, by_report[kind]);
        g_assert_cmpint (proof->verdict, ==, expected[kind][seen]);
        g_assert_cmpint (proof->reason == NULL, ==, proof->verdict == P);
        g_assert_cmpstr (proof->asked, ==, "true");
        if (kind != REPORT_MISSING)
          g_assert_nonnull (proof->reported);
        if (seen == SEEN_NOTHING || seen == SEEN_UNREADABLE)
          g_assert_null (proof->observed);
        else
          g_assert_nonnull (proof->observed);
        if (seen == EARLY_AGREES || seen == EARLY_DIFFERS)
          g_assert_cmpint (proof->moment, ==, PERRY_MOMENT_BEFORE_EXEC);
      }
}

static void
test_mounts_matrix (void)
{
  static const PerryVerdict expected[N_REPORTS][N_SIGHTS] = {
    /*                    nothing agrees differs unreadable early: agrees differs */
    [REPORT_AGREES] = { U, P, D, U, U, U },
    [REPORT_DIFFERS] = { D, D, D, D, D, D },
    [REPORT_MISSING] = { U, P, D, U, U, U },
  };

  check_matrix ("read_only", expected);
}

static void
test_restrictions_matrix (void)
{
  static const PerryVerdict expected[N_REPORTS][N_SIGHTS] = {
    [REPORT_AGREES] = { U, P, D, U, P, U },
    [REPORT_DIFFERS] = { D, D, D, D, D, D },
    [REPORT_MISSING] = { U, P, D, U, P, U },
  };

  check_matrix ("no_new_privileges", expected);
}

/* An early look may still see the runtime's own mounts and namespaces; it cannot prove anything about them. */
static void
test_early_agreement (void)
{
  static const char json[] = "{\"image\":\"a\",\"read_only\":true,\"network\":\"none\",\"no_network\":true,"
                             "\"tmpfs\":[\"/run\"],\"volumes\":[\"store:/data\"],\"no_new_privileges\":true}";
  static const PerryField late[] = { PERRY_FIELD_READ_ONLY, PERRY_FIELD_NETWORK, PERRY_FIELD_NO_NETWORK,
                                     PERRY_FIELD_TMPFS, PERRY_FIELD_VOLUMES };
  static const char *const only_lo[] = { "lo", NULL };
  g_autoptr (PerryContainerSpec) asked = spec_from_json (json);

  for (int settled = 0; settled < 2; settled++)
    {
      g_autoptr (GPtrArray) observations = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_observation_free);
      g_autoptr (GPtrArray) proofs = NULL;
      PerryObservation *observation = observe (PERRY_MOMENT_BEFORE_EXEC, settled, TRUE);

      add_mount (observation, "/data", "rw");
      add_mount (observation, "/run", "rw");
      g_free (((PerryObservedMount *) g_ptr_array_index (observation->mounts, 2))->fs_type);
      ((PerryObservedMount *) g_ptr_array_index (observation->mounts, 2))->fs_type = g_strdup ("tmpfs");
      observation->namespaces[PERRY_NAMESPACE_NET] = 1;
      observation->own_namespaces[PERRY_NAMESPACE_NET] = 2;
      observation->interfaces = g_strdupv ((char **) only_lo);
      perry_observation_set_missing (observation, PERRY_FACET_NAMESPACES, NULL);
      perry_observation_set_missing (observation, PERRY_FACET_INTERFACES, NULL);
      g_ptr_array_add (observations, observation);

      proofs = perry_compare_evidence (asked, NULL, observations, &context);
      for (gsize i = 0; i < G_N_ELEMENTS (late); i++)
        {
          const PerryFieldProof *proof = find_row (proofs, late[i]);

          g_test_message ("%s: %s", perry_field_get_name (late[i]), proof->reason != NULL ? proof->reason : "proven");
          g_assert_cmpint (proof->verdict, ==, settled ? P : U);
        }
      g_assert_cmpint (find_row (proofs, PERRY_FIELD_NO_NEW_PRIVILEGES)->verdict, ==, P);
    }
}

static void
test_several_observations (void)
{
  static const struct {
    Seen sights[3];
    PerryVerdict verdict;
    const char *reason;
  } cases[] = {
    { { SEEN_AGREES, SEEN_DIFFERS, SEEN_NOTHING }, D, "" },
    { { SEEN_DIFFERS, SEEN_AGREES, SEEN_NOTHING }, D, "" },
    { { SEEN_AGREES, SEEN_UNREADABLE, SEEN_DIFFERS }, D, "" },
    { { EARLY_DIFFERS, SEEN_AGREES, SEEN_NOTHING }, P, NULL },
    { { EARLY_DIFFERS, SEEN_UNREADABLE, SEEN_AGREES }, P, NULL },
    { { SEEN_UNREADABLE, SEEN_AGREES, EARLY_DIFFERS }, P, NULL },
    { { SEEN_UNREADABLE, EARLY_DIFFERS, SEEN_NOTHING }, U, "Permission denied" },
    { { EARLY_DIFFERS, SEEN_UNREADABLE, SEEN_NOTHING }, U, "had not finished" },
    { { EARLY_DIFFERS, SEEN_DIFFERS, SEEN_AGREES }, D, "" },
  };
  static const char *const fields[] = { "read_only", "no_new_privileges" };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (fields); j++)
      {
        g_autoptr (PerryFieldProof) proof = compare (fields[j], REPORT_AGREES, cases[i].sights, 3);

        g_assert_cmpint (proof->verdict, ==, cases[i].verdict);
        if (cases[i].reason == NULL)
          g_assert_null (proof->reason);
        else
          g_assert_nonnull (strstr (proof->reason, cases[i].reason));
        if (cases[i].verdict != U)
          g_assert_cmpint (proof->moment, ==, PERRY_MOMENT_BEFORE_START);
      }
}

static void
test_reasons (void)
{
  const Seen nothing[] = { SEEN_NOTHING };
  const Seen unreadable[] = { SEEN_UNREADABLE };
  g_autoptr (PerryFieldProof) report_only = compare ("read_only", REPORT_AGREES, nothing, 1);
  g_autoptr (PerryFieldProof) neither = compare ("read_only", REPORT_MISSING, nothing, 1);
  g_autoptr (PerryFieldProof) denied = compare ("read_only", REPORT_AGREES, unreadable, 1);

  g_assert_cmpstr (report_only->reason, ==, "only the engine's report");
  g_assert_nonnull (neither->reason);
  g_assert_nonnull (strstr (denied->reason, "mountinfo: Permission denied"));
}

/* Two contradictions: the kernel's words are the better ones. */
static void
test_reason_of_a_difference (void)
{
  const Seen differs[] = { SEEN_DIFFERS };
  const Seen agrees[] = { SEEN_AGREES };
  g_autoptr (PerryFieldProof) both = compare ("read_only", REPORT_DIFFERS, differs, 1);
  g_autoptr (PerryFieldProof) report_alone = compare ("read_only", REPORT_DIFFERS, agrees, 1);
  g_autoptr (PerryFieldProof) kernel_alone = compare ("read_only", REPORT_AGREES, differs, 1);

  g_assert_nonnull (strstr (both->reason, "writable"));
  g_assert_nonnull (strstr (kernel_alone->reason, "writable"));
  g_assert_nonnull (strstr (report_alone->reason, "the engine reports"));
  g_assert_cmpstr (report_alone->reported, ==, "false");
  g_assert_nonnull (report_alone->observed);
}

/* A name and an id of an image cannot be compared as texts, and strict mode does not kill for it. */
static void
test_undecided_report (void)
{
  g_autoptr (PerryContainerSpec) asked = spec_from_json ("{\"image\":\"busybox\"}");
  g_autoptr (PerryContainerSpec) reported = perry_container_spec_new ();
  g_autoptr (GPtrArray) observations = g_ptr_array_new ();
  g_autoptr (GPtrArray) adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  g_autoptr (GPtrArray) proofs = NULL;
  g_autoptr (GError) error = NULL;

  perry_container_spec_take_value (reported, PERRY_FIELD_IMAGE, g_variant_new_string ("sha256:0123"));
  proofs = perry_compare_evidence (asked, reported, observations, &context);
  g_assert_cmpint (find_row (proofs, PERRY_FIELD_IMAGE)->report_verdict, ==, U);
  g_assert_true (perry_compare_judge (asked, proofs, &context, PERRY_PROOF_REQUIRED, PERRY_ENFORCEMENT_STRICT,
                                      adjustments, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (adjustments->len, ==, 0);
}

static void
test_rows (void)
{
  g_autoptr (PerryContainerSpec) asked = spec_from_json (
      "{\"image\":\"a\",\"rm\":true,\"workdir\":\"/srv\",\"memory\":\"64m\",\"cap_drop\":[\"ALL\"],"
      "\"enforcement\":\"strict\",\"require\":[\"memory\"],\"prefer\":[\"workdir\"],\"tier\":\"default\"}");
  g_autoptr (GPtrArray) observations = g_ptr_array_new ();
  g_autoptr (GPtrArray) proofs = perry_compare_evidence (asked, NULL, observations, &context);
  int before = -1;

  for (guint i = 0; i < proofs->len; i++)
    {
      const PerryFieldProof *proof = g_ptr_array_index (proofs, i);

      g_assert_cmpint (proof->field, >, before);
      before = proof->field;
      g_assert_true (perry_container_spec_is_set (asked, proof->field));
      g_assert_cmpint (perry_field_get_info (proof->field)->flags & PERRY_FIELD_CONTROL, ==, 0);
      g_assert_cmpint (proof->verdict, ==, U);
      g_assert_cmpint (proof->report_verdict, ==, U);
      g_assert_nonnull (proof->asked);
      g_assert_nonnull (proof->reason);
      g_assert_null (proof->reported);
      g_assert_null (proof->observed);
    }
  g_assert_cmpuint (proofs->len, ==, 5);
}

/* What the evidence for a field came to. */
typedef enum { PROVEN, DIFFERS, REPORTED_ONLY, REPORTED_UNDECIDED, NEITHER, OBSERVED_UNDECIDED, N_EVIDENCES } Evidence;

typedef enum { NAMED_NOWHERE, IN_REQUIRE, IN_PREFER, IN_BOTH, N_NAMINGS } Naming;

typedef enum { LIVES, NOTED, NOTED_PRINTED, MISSING, CONTRADICTED } Expected;

/* Written down from the design for `--proof default`: evidence, mode, where the field is named. */
static const Expected expectations[N_EVIDENCES][3][N_NAMINGS] = {
  [PROVEN] = {
    { LIVES, LIVES, LIVES, LIVES }, { LIVES, LIVES, LIVES, LIVES }, { LIVES, LIVES, LIVES, LIVES },
  },
  [DIFFERS] = {
    { CONTRADICTED, CONTRADICTED, CONTRADICTED, CONTRADICTED },
    { CONTRADICTED, CONTRADICTED, CONTRADICTED, CONTRADICTED },
    { CONTRADICTED, CONTRADICTED, CONTRADICTED, CONTRADICTED },
  },
  [REPORTED_ONLY] = {
    { LIVES, LIVES, LIVES, LIVES }, { LIVES, LIVES, LIVES, LIVES }, { LIVES, LIVES, LIVES, LIVES },
  },
  [REPORTED_UNDECIDED] = {
    { LIVES, LIVES, LIVES, LIVES }, { LIVES, LIVES, LIVES, LIVES }, { LIVES, LIVES, LIVES, LIVES },
  },
  [OBSERVED_UNDECIDED] = {
    [PERRY_ENFORCEMENT_LENIENT] = { NOTED, MISSING, NOTED, MISSING },
    [PERRY_ENFORCEMENT_WARN] = { NOTED_PRINTED, MISSING, NOTED_PRINTED, MISSING },
    [PERRY_ENFORCEMENT_STRICT] = { MISSING, MISSING, NOTED, MISSING },
  },
  [NEITHER] = {
    [PERRY_ENFORCEMENT_LENIENT] = { NOTED, MISSING, NOTED, MISSING },
    [PERRY_ENFORCEMENT_WARN] = { NOTED_PRINTED, MISSING, NOTED_PRINTED, MISSING },
    [PERRY_ENFORCEMENT_STRICT] = { MISSING, MISSING, NOTED, MISSING },
  },
};

static PerryFieldProof *
make_row (PerryField field, Evidence evidence)
{
  PerryFieldProof *proof = g_new0 (PerryFieldProof, 1);

  proof->field = field;
  proof->asked = g_strdup ("this");
  proof->verdict = evidence == PROVEN ? P : evidence == DIFFERS ? D : U;
  proof->report_verdict = evidence == REPORTED_ONLY ? P : U;
  if (evidence == REPORTED_ONLY || evidence == REPORTED_UNDECIDED)
    proof->reported = g_strdup ("this");
  if (evidence == PROVEN || evidence == DIFFERS || evidence == OBSERVED_UNDECIDED)
    proof->observed = g_strdup (evidence == PROVEN ? "this" : "that");
  if (evidence != PROVEN)
    proof->reason = g_strdup ("a telling reason");
  return proof;
}

static PerryContainerSpec *
spec_naming (PerryField field, Naming naming)
{
  const char *name = perry_field_get_name (field);
  PerryContainerSpec *spec = perry_container_spec_new ();
  GVariant *list = g_variant_ref_sink (g_variant_new_strv (&name, 1));

  if (naming == IN_REQUIRE || naming == IN_BOTH)
    perry_container_spec_take_value (spec, PERRY_FIELD_REQUIRE, list);
  if (naming == IN_PREFER || naming == IN_BOTH)
    perry_container_spec_take_value (spec, PERRY_FIELD_PREFER, list);
  g_variant_unref (list);
  return spec;
}

static void
check_verdict (PerryField field, Evidence evidence, PerryEnforcement mode, Naming naming, PerryProofMode proof_mode,
               Expected expected)
{
  g_autoptr (PerryContainerSpec) asked = spec_naming (field, naming);
  g_autoptr (GPtrArray) proofs = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_field_proof_free);
  g_autoptr (GPtrArray) adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  g_autoptr (GError) error = NULL;
  gboolean lives;

  g_ptr_array_add (proofs, make_row (field, evidence));
  lives = perry_compare_judge (asked, proofs, &context, proof_mode, mode, adjustments, &error);
  if (expected == MISSING || expected == CONTRADICTED)
    {
      const int code = expected == MISSING ? PERRY_ERROR_PROOF_MISSING : PERRY_ERROR_PROOF_DIFFERS;

      g_assert_false (lives);
      g_assert_error (error, PERRY_ERROR, code);
      g_assert_nonnull (strstr (error->message, perry_field_get_name (field)));
      g_assert_cmpuint (adjustments->len, ==, 0);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (lives);
  g_assert_cmpuint (adjustments->len, ==, expected == LIVES ? 0 : 1);
  if (expected != LIVES)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (adjustments, 0);

      g_assert_cmpint (adjustment->kind, ==, PERRY_ADJUSTMENT_UNPROVEN);
      g_assert_cmpint (adjustment->field, ==, field);
      g_assert_cmpstr (adjustment->reason, ==, "a telling reason");
      g_assert_cmpint (adjustment->printed, ==, expected == NOTED_PRINTED);
    }
}

static void
test_judge (void)
{
  guint n = 0;

  for (int field = 0; field < PERRY_FIELD_LAST; field++)
    {
      const PerryFieldInfo *info = perry_field_get_info (field);
      gboolean comparable = info->field != PERRY_FIELD_TIER &&
                            (info->compare_reported != NULL || info->compare_observed != NULL);

      for (Evidence evidence = 0; evidence < N_EVIDENCES; evidence++)
        for (PerryEnforcement mode = 0; mode <= PERRY_ENFORCEMENT_STRICT; mode++)
          for (Naming naming = 0; naming < N_NAMINGS; naming++, n += 2)
            {
              Expected expected = expectations[evidence][mode][naming];

              if ((evidence == NEITHER || evidence == OBSERVED_UNDECIDED) && !comparable)
                expected = LIVES;
              check_verdict (field, evidence, mode, naming, PERRY_PROOF_DEFAULT, expected);
              if ((info->flags & PERRY_FIELD_SECURITY) != 0 && evidence != PROVEN && evidence != DIFFERS)
                expected = MISSING;
              check_verdict (field, evidence, mode, naming, PERRY_PROOF_REQUIRED, expected);
            }
    }
  g_test_message ("%u cases", n);
}

static void
test_messages (void)
{
  g_autoptr (PerryContainerSpec) asked = perry_container_spec_new ();
  g_autoptr (GPtrArray) proofs = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_field_proof_free);
  g_autoptr (GPtrArray) adjustments = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  PerryFieldProof *root = make_row (PERRY_FIELD_READ_ONLY, DIFFERS);
  PerryFieldProof *memory = make_row (PERRY_FIELD_MEMORY, PROVEN);

  root->moment = PERRY_MOMENT_BEFORE_EXEC;
  g_free (root->asked);
  root->asked = g_strdup ("true");
  g_free (root->observed);
  root->observed = g_strdup ("rw");
  memory->verdict = memory->report_verdict = D;
  memory->reason = g_strdup ("the engine reports something else");
  memory->moment = PERRY_MOMENT_RUNNING;
  memory->reported = g_strdup ("0\nunlimited");
  g_ptr_array_add (proofs, root);
  g_ptr_array_add (proofs, memory);
  g_ptr_array_add (proofs, make_row (PERRY_FIELD_SECCOMP, NEITHER));

  g_assert_false (perry_compare_judge (asked, proofs, &context, PERRY_PROOF_REQUIRED, PERRY_ENFORCEMENT_STRICT,
                                       adjustments, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS);
  g_assert_cmpstr (error->message, ==,
                   "2 fields are not as asked for:\n"
                   "  read_only: asked true, the kernel shows rw (before-exec): a telling reason\n"
                   "  memory: asked this, the engine reports 0 unlimited, the kernel shows this (running)");

  g_clear_error (&error);
  g_ptr_array_remove_range (proofs, 0, 2);
  g_assert_false (perry_compare_judge (asked, proofs, &context, PERRY_PROOF_DEFAULT, PERRY_ENFORCEMENT_STRICT,
                                       adjustments, &error));
  g_assert_cmpstr (error->message, ==, "1 field is not proven:\n  seccomp: asked this: a telling reason");
}

static void
test_judged_again (void)
{
  g_autoptr (PerryContainerSpec) asked = perry_container_spec_new ();
  g_autoptr (GPtrArray) proofs = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_field_proof_free);
  g_autoptr (GPtrArray) adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);

  g_ptr_array_add (adjustments, perry_adjustment_new (PERRY_ADJUSTMENT_DROPPED, PERRY_FIELD_INIT, NULL, "why", TRUE));
  g_ptr_array_add (proofs, make_row (PERRY_FIELD_SECCOMP, NEITHER));
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (perry_compare_judge (asked, proofs, &context, PERRY_PROOF_DEFAULT, PERRY_ENFORCEMENT_WARN,
                                          adjustments, NULL));
      g_assert_cmpuint (adjustments->len, ==, 2);
    }
  g_ptr_array_set_size (proofs, 0);
  g_ptr_array_add (proofs, make_row (PERRY_FIELD_SECCOMP, PROVEN));
  g_assert_true (perry_compare_judge (asked, proofs, &context, PERRY_PROOF_DEFAULT, PERRY_ENFORCEMENT_WARN, adjustments,
                                      NULL));
  g_assert_cmpuint (adjustments->len, ==, 1);
}

/* What one field without any evidence comes to where a virtual machine is the boundary. */
static void
judge_inside (PerryField field, const char *seccomp, PerryProofMode mode, gboolean lives)
{
  const PerryCompareContext inside = { .wants_microvm = TRUE, .microvm_is_boundary = TRUE };
  g_autoptr (PerryContainerSpec) asked = spec_naming (field, IN_REQUIRE);
  g_autoptr (GPtrArray) proofs = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_field_proof_free);
  g_autoptr (GPtrArray) adjustments = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_adjustment_free);
  g_autoptr (GError) error = NULL;

  if (seccomp != NULL)
    perry_container_spec_take_value (asked, PERRY_FIELD_SECCOMP, g_variant_new_string (seccomp));
  else
    perry_container_spec_take_value (asked, PERRY_FIELD_NO_NEW_PRIVILEGES, g_variant_new_boolean (TRUE));
  /* noted by the normalisation, and not in the spec any more */
  g_ptr_array_add (adjustments, perry_adjustment_new (PERRY_ADJUSTMENT_NOT_APPLICABLE, PERRY_FIELD_INIT, NULL, "why", FALSE));
  g_ptr_array_add (proofs, make_row (field, NEITHER));
  for (int i = 0; i < 2; i++)
    {
      g_clear_error (&error);
      g_assert_cmpint (perry_compare_judge (asked, proofs, &inside, mode, PERRY_ENFORCEMENT_STRICT, adjustments, &error),
                       ==, lives);
      g_assert_cmpuint (adjustments->len, ==, lives ? 2 : 1);
    }
  if (!lives)
    g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_MISSING);
  else
    g_assert_cmpint (((PerryAdjustment *) g_ptr_array_index (adjustments, 1))->kind, ==, PERRY_ADJUSTMENT_NOT_APPLICABLE);
}

/* The tier's own restrictions, and no others; and what somebody wants proven stays unproven. */
static void
test_inside_a_microvm (void)
{
  judge_inside (PERRY_FIELD_SECCOMP, "perry", PERRY_PROOF_DEFAULT, TRUE);
  judge_inside (PERRY_FIELD_NO_NEW_PRIVILEGES, NULL, PERRY_PROOF_DEFAULT, TRUE);
  judge_inside (PERRY_FIELD_SECCOMP, "/of/my/own.json", PERRY_PROOF_DEFAULT, FALSE);
  judge_inside (PERRY_FIELD_READ_ONLY, NULL, PERRY_PROOF_DEFAULT, FALSE);
  judge_inside (PERRY_FIELD_SECCOMP, "perry", PERRY_PROOF_REQUIRED, FALSE);
  judge_inside (PERRY_FIELD_NO_NEW_PRIVILEGES, NULL, PERRY_PROOF_REQUIRED, FALSE);
}

/* Before the start a contradiction decides, and nothing that may still be observed. */
static void
test_differences_alone (void)
{
  for (Evidence evidence = 0; evidence < N_EVIDENCES; evidence++)
    {
      g_autoptr (GPtrArray) proofs = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_field_proof_free);
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (proofs, make_row (PERRY_FIELD_SECCOMP, evidence));
      g_assert_cmpint (perry_compare_judge_differences (proofs, &error), ==, evidence != DIFFERS);
      if (evidence == DIFFERS)
        g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PROOF_DIFFERS);
      else
        g_assert_no_error (error);
    }
}

static void
test_check_mode (void)
{
  static const struct {
    const char *json;
    gboolean allowed;
  } cases[] = {
    { "{\"image\":\"a\"}", TRUE },
    { "{\"image\":\"a\",\"tier\":\"default\",\"require\":[],\"prefer\":[\"user\"]}", TRUE },
    { "{\"image\":\"a\",\"require\":[\"user\"]}", FALSE },
    { "{\"image\":\"a\",\"tier\":\"isolated\"}", FALSE },
    { "{\"image\":\"a\",\"tier\":\"untrusted\"}", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (PerryEnforcement mode = 0; mode <= PERRY_ENFORCEMENT_STRICT; mode++)
      {
        g_autoptr (PerryContainerSpec) spec = spec_from_json (cases[i].json);
        g_autoptr (GError) error = NULL;
        gboolean allowed = cases[i].allowed && mode != PERRY_ENFORCEMENT_STRICT;

        g_assert_true (perry_compare_check_mode (spec, PERRY_PROOF_DEFAULT, mode, NULL));
        g_assert_true (perry_compare_check_mode (spec, PERRY_PROOF_REQUIRED, mode, NULL));
        g_assert_cmpint (perry_compare_check_mode (spec, PERRY_PROOF_OFF, mode, &error), ==, allowed);
        if (allowed)
          g_assert_no_error (error);
        else
          g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/compare/rows", test_rows);
  g_test_add_func ("/policy/compare/mounts-by-report-and-sight", test_mounts_matrix);
  g_test_add_func ("/policy/compare/restrictions-by-report-and-sight", test_restrictions_matrix);
  g_test_add_func ("/policy/compare/early-agreement", test_early_agreement);
  g_test_add_func ("/policy/compare/several-observations", test_several_observations);
  g_test_add_func ("/policy/compare/reasons", test_reasons);
  g_test_add_func ("/policy/compare/reason-of-a-difference", test_reason_of_a_difference);
  g_test_add_func ("/policy/judge/undecided-report", test_undecided_report);
  g_test_add_func ("/policy/judge/every-field-evidence-mode-and-naming", test_judge);
  g_test_add_func ("/policy/judge/messages", test_messages);
  g_test_add_func ("/policy/judge/again-with-more-evidence", test_judged_again);
  g_test_add_func ("/policy/judge/inside-a-virtual-machine", test_inside_a_microvm);
  g_test_add_func ("/policy/judge/differences-alone", test_differences_alone);
  g_test_add_func ("/policy/judge/proof-off", test_check_mode);
  return g_test_run ();
}
