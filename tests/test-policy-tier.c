/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/perry-normalise.h"
#include "core/policy/perry-tier.h"

#include <string.h>

#include "tests/tier-attempts.h"

/* stands for perry: one call is allowed */
#define PROFILE                                                                                                        \
  "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\", \"write\"], \"action\": \"SCMP_ACT_ALLOW\"}]}"

#define SMALLER                                                                                                        \
  "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"}]}"

static PerryContainerSpec *
read_spec (const char *tier, const char *members)
{
  g_autofree char *json = g_strdup_printf ("{\"image\": \"bb:1\"%s%s%s%s%s}", tier != NULL ? ", \"tier\": \"" : "",
                                           tier != NULL ? tier : "", tier != NULL ? "\"" : "",
                                           members != NULL ? ", " : "", members != NULL ? members : "");
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  g_assert_true (perry_container_spec_complete (spec, NULL, &error));
  g_assert_no_error (error);
  return spec;
}

/* The floor of the design's table, written down here once more: what `raise` gives of an empty spec. */
static const struct {
  const char *tier;
  const char *json;
  gboolean needs_microvm;
} floors[] = {
  { NULL, "{\"image\":\"bb:1\"}", FALSE },
  { "default", "{\"image\":\"bb:1\",\"tier\":\"default\"}", FALSE },
  { "isolated", "{\"image\":\"bb:1\",\"no_network\":true,\"tier\":\"isolated\",\"require\":[\"no_network\"]}", FALSE },
  { "hardened",
    "{\"image\":\"bb:1\",\"read_only\":true,\"seccomp\":\"perry\",\"tier\":\"hardened\",\"require\":[\"read_only\","
    "\"seccomp\"]}",
    FALSE },
  { "untrusted",
    "{\"image\":\"bb:1\",\"user\":\"65534:65534\",\"read_only\":true,\"cap_drop\":[\"ALL\"],\"seccomp\":\"perry\","
    "\"no_new_privileges\":true,\"no_network\":true,\"memory\":536870912,\"pids_limit\":256,\"tier\":\"untrusted\","
    "\"require\":[\"user\",\"read_only\",\"cap_drop\",\"seccomp\",\"no_new_privileges\",\"no_network\",\"memory\","
    "\"pids_limit\"]}",
    TRUE },
};

static void
test_floors (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (floors); i++)
    {
      g_autoptr (PerryContainerSpec) spec = read_spec (floors[i].tier, NULL);
      g_autofree char *before = perry_container_spec_to_json (spec);
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryTierFloor) floor = perry_tier_raise (spec, FALSE, PROFILE, &error);
      g_autofree char *raised = NULL;
      g_autofree char *after = NULL;

      g_assert_no_error (error);
      raised = perry_container_spec_to_json (floor->spec);
      g_assert_cmpstr (raised, ==, floors[i].json);
      g_assert_cmpint (floor->needs_microvm, ==, floors[i].needs_microvm);
      g_assert_cmpint (floor->user_from_image, ==, floors[i].needs_microvm);
      after = perry_container_spec_to_json (spec);
      g_assert_cmpstr (after, ==, before);
    }
}

/* Every addition is told, once, with the tier that made it. */
static void
test_additions_are_told (void)
{
  g_autoptr (PerryContainerSpec) spec = read_spec ("hardened", NULL);
  g_autoptr (PerryTierFloor) floor = perry_tier_raise (spec, FALSE, PROFILE, NULL);
  static const PerryField fields[] = { PERRY_FIELD_READ_ONLY, PERRY_FIELD_SECCOMP };

  g_assert_cmpuint (floor->adjustments->len, ==, G_N_ELEMENTS (fields));
  for (guint i = 0; i < floor->adjustments->len; i++)
    {
      const PerryAdjustment *adjustment = g_ptr_array_index (floor->adjustments, i);

      g_assert_cmpint (adjustment->kind, ==, PERRY_ADJUSTMENT_ADDED);
      g_assert_cmpint (adjustment->field, ==, fields[i]);
      g_assert_true (g_str_has_prefix (adjustment->reason, "the tier hardened "));
    }
}

/* What a spec says itself and the floor wants is not said to be the tier's, and cannot be dropped either. */
static void
test_what_is_there_is_kept (void)
{
  g_autoptr (PerryContainerSpec) spec =
      read_spec ("untrusted", "\"network\": \"none\", \"read_only\": true, \"seccomp\": \"perry\", \"cap_drop\": [\"ALL\"], "
                              "\"no_new_privileges\": true, \"user\": \"1000\", \"memory\": \"64m\", \"pids_limit\": 5, "
                              "\"workdir\": \"/\", \"require\": [\"workdir\"], \"prefer\": [\"read_only\"]");
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryTierFloor) floor = perry_tier_raise (spec, FALSE, PROFILE, &error);
  static const PerryField kept[] = { PERRY_FIELD_NETWORK,  PERRY_FIELD_READ_ONLY,         PERRY_FIELD_SECCOMP,
                                     PERRY_FIELD_CAP_DROP, PERRY_FIELD_NO_NEW_PRIVILEGES, PERRY_FIELD_USER,
                                     PERRY_FIELD_MEMORY,   PERRY_FIELD_PIDS_LIMIT,        PERRY_FIELD_WORKDIR };

  g_assert_no_error (error);
  g_assert_cmpuint (floor->adjustments->len, ==, 0);
  g_assert_false (floor->user_from_image);
  g_assert_cmpstr (perry_container_spec_get_string (floor->spec, PERRY_FIELD_USER), ==, "1000");
  g_assert_cmpint (perry_container_spec_get_int64 (floor->spec, PERRY_FIELD_MEMORY, 0), ==, 64 * 1024 * 1024);
  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    g_assert_true (perry_container_spec_names_field (floor->spec, PERRY_FIELD_REQUIRE, kept[i]));
}

static void
test_default_profile_is_raised (void)
{
  g_autoptr (PerryContainerSpec) spec = read_spec ("hardened", "\"seccomp\": \"default\"");
  g_autoptr (PerryTierFloor) floor = perry_tier_raise (spec, FALSE, PROFILE, NULL);
  g_autoptr (PerryContainerSpec) plain = read_spec ("isolated", "\"seccomp\": \"default\"");
  g_autoptr (PerryTierFloor) untouched = perry_tier_raise (plain, FALSE, PROFILE, NULL);

  g_assert_cmpstr (perry_container_spec_get_string (floor->spec, PERRY_FIELD_SECCOMP), ==, "perry");
  g_assert_nonnull (strstr (((PerryAdjustment *) floor->adjustments->pdata[1])->reason, "raises the engine's own default"));
  g_assert_cmpstr (perry_container_spec_get_string (untouched->spec, PERRY_FIELD_SECCOMP), ==, "default");
}

/* A flag of its own goes on top of any tier. */
static void
test_flags_go_on_top (void)
{
  g_autoptr (PerryContainerSpec) spec = read_spec ("default", "\"no_network\": true");
  g_autoptr (PerryTierFloor) floor = perry_tier_raise (spec, FALSE, PROFILE, NULL);
  g_autoptr (PerryContainerSpec) isolated = read_spec ("isolated", "\"read_only\": true, \"cap_drop\": [\"ALL\"]");
  g_autoptr (PerryTierFloor) more = perry_tier_raise (isolated, FALSE, PROFILE, NULL);

  g_assert_true (perry_container_spec_get_boolean (floor->spec, PERRY_FIELD_NO_NETWORK));
  g_assert_cmpuint (floor->set, ==, 0);
  g_assert_true (perry_container_spec_get_boolean (more->spec, PERRY_FIELD_READ_ONLY));
  g_assert_cmpuint (more->set, ==, PERRY_TIER_FIELD (PERRY_FIELD_NO_NETWORK));
}

static void
test_attempts (void)
{
  for (const TierAttempt *attempt = tier_attempts; attempt->tier != NULL; attempt++)
    {
      g_autoptr (PerryContainerSpec) spec = read_spec (attempt->tier, attempt->members);
      g_autoptr (PerryContainerSpec) plain = read_spec (NULL, attempt->members);
      g_autoptr (PerryTierFloor) raised = NULL;
      g_autoptr (PerryTierFloor) allowed = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *tier = g_strdup_printf ("the tier %s ", attempt->tier);

      raised = perry_tier_raise (spec, FALSE, PROFILE, &error);
      if (raised != NULL)
        g_error ("%s, %s: not refused", attempt->tier, attempt->members);
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
      if (strstr (error->message, attempt->line) == NULL || strstr (error->message, tier) == NULL)
        g_error ("%s, %s: %s", attempt->tier, attempt->members, error->message);
      g_assert_cmpuint (strlen (error->message), <, 4096);
      allowed = perry_tier_raise (plain, FALSE, PROFILE, NULL);
      g_assert_nonnull (allowed);
    }
}

static void
test_attempts_are_listed_together (void)
{
  g_autoptr (PerryContainerSpec) spec =
      read_spec ("untrusted", "\"network\": \"host\", \"read_only\": false, \"user\": \"root\"");
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_tier_raise (spec, FALSE, PROFILE, &error));
  g_assert_nonnull (strstr (error->message, "3 fields would loosen the tier"));
  g_assert_nonnull (strstr (error->message, "network: "));
  g_assert_nonnull (strstr (error->message, "read_only: "));
  g_assert_nonnull (strstr (error->message, "user: "));
}

/* What looks like an attempt and is none. */
static void
test_allowed (void)
{
  static const struct {
    const char *tier;
    const char *members;
  } cases[] = {
    { "isolated", "\"network\": \"none\"" },
    { "isolated", "\"privileged\": false, \"ports\": []" },
    { "isolated", "\"seccomp\": \"unconfined\", \"user\": \"root\", \"cap_add\": [\"SYS_ADMIN\"]" },
    { "hardened", "\"network\": \"host\", \"user\": \"root\", \"cap_add\": [\"NET_ADMIN\"]" },
    { "hardened", "\"seccomp\": " SMALLER },
    { "untrusted", "\"user\": \"1000:0\"" },
    { "untrusted", "\"pid\": \"private\", \"ipc\": \"private\", \"volumes\": [\"/etc:/data:ro\"], \"group_add\": [\"10\"]" },
    { "untrusted", "\"memory\": \"1g\", \"memory_swap\": \"1g\", \"pids_limit\": 4096" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) spec = read_spec (cases[i].tier, cases[i].members);
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryTierFloor) floor = perry_tier_raise (spec, FALSE, PROFILE, &error);

      g_assert_no_error (error);
      g_assert_nonnull (floor);
    }
}

/* A sandbox is held to this, whatever its tier; what it grants is named one by one. */
static void
test_sandbox (void)
{
  g_autoptr (PerryContainerSpec) bare = read_spec (NULL, NULL);
  g_autoptr (PerryContainerSpec) granted =
      read_spec (NULL, "\"network\": \"bridge\", \"cap_add\": [\"NET_RAW\"], \"volumes\": [\"/etc:/data:ro\"], \"env\": "
                       "{\"A\": \"b\"}, \"memory\": \"64m\"");
  g_autoptr (PerryTierFloor) floor = perry_tier_raise (bare, TRUE, PROFILE, NULL);
  g_autoptr (PerryTierFloor) more = perry_tier_raise (granted, TRUE, PROFILE, NULL);
  g_autofree char *json = NULL;

  g_assert_nonnull (floor);
  json = perry_container_spec_to_json (floor->spec);
  g_assert_cmpstr (json, ==,
                   "{\"image\":\"bb:1\",\"user\":\"65534:65534\",\"read_only\":true,\"cap_drop\":[\"ALL\"],"
                   "\"seccomp\":\"perry\",\"no_new_privileges\":true,\"no_network\":true,\"memory\":536870912,"
                   "\"pids_limit\":256,\"rm\":true,\"require\":[\"user\",\"read_only\",\"cap_drop\",\"seccomp\","
                   "\"no_new_privileges\",\"no_network\",\"memory\",\"pids_limit\"]}");
  g_assert_false (floor->user_from_image);
  g_assert_false (floor->needs_microvm);
  g_assert_cmpstr (((PerryAdjustment *) floor->adjustments->pdata[0])->reason, ==, "the sandbox has a read-only root");

  g_assert_nonnull (more);
  g_assert_cmpstr (perry_container_spec_get_network (more->spec), ==, "bridge");
  g_assert_true (perry_container_spec_is_set (more->spec, PERRY_FIELD_CAP_ADD));
  g_assert_cmpint (perry_container_spec_get_int64 (more->spec, PERRY_FIELD_MEMORY, 0), ==, 64 * 1024 * 1024);
}

static void
test_sandbox_attempts (void)
{
  static const struct {
    const char *members;
    const char *line;
  } cases[] = {
    { "\"privileged\": true", "privileged: is “true”, and the sandbox " },
    { "\"read_only\": false", "read_only: is “false”, and the sandbox " },
    { "\"seccomp\": \"unconfined\"", "seccomp: is “unconfined”, and the sandbox " },
    { "\"user\": \"root\"", "user: is “root”, and the sandbox " },
    { "\"no_new_privileges\": false", "no_new_privileges: is “false”, and the sandbox " },
    { "\"pid\": \"host\"", "pid: is “host”, and the sandbox " },
    { "\"devices\": [\"/dev/null:/dev/thing\"]", "devices: is " },
    { "\"network\": \"bridge\", \"ports\": [\"80:80\"]", "ports: is " },
    { "\"rm\": false", "rm: is “false”, and the sandbox " },
    { "\"restart\": \"always\"", "restart: is " },
    { "\"healthcheck\": {\"test\": \"true\"}", "healthcheck: is " },
    { "\"sysctls\": {\"net.core.somaxconn\": \"9\"}", "sysctls: is " },
    { "\"prefer\": [\"workdir\"]", "prefer: is " },
    { "\"tier\": \"isolated\", \"network\": \"bridge\"", "network: is “bridge”, and the tier isolated " },
    { "\"tier\": \"untrusted\", \"cap_add\": [\"NET_RAW\"]", "cap_add: is " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) spec = read_spec (NULL, cases[i].members);
      g_autoptr (GError) error = NULL;

      g_assert_null (perry_tier_raise (spec, TRUE, PROFILE, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
      if (strstr (error->message, cases[i].line) == NULL)
        g_error ("%s: %s", cases[i].members, error->message);
    }
}

static void
test_order (void)
{
  static const PerryTier tiers[] = { PERRY_TIER_DEFAULT, PERRY_TIER_ISOLATED, PERRY_TIER_HARDENED, PERRY_TIER_UNTRUSTED };
  static const gboolean expected[4][4] = {
    { TRUE, FALSE, FALSE, FALSE },
    { TRUE, TRUE, FALSE, FALSE },
    { TRUE, FALSE, TRUE, FALSE },
    { TRUE, TRUE, TRUE, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (tiers); i++)
    {
      PerryTier found = PERRY_TIER_DEFAULT;

      for (gsize j = 0; j < G_N_ELEMENTS (tiers); j++)
        g_assert_cmpint (perry_tier_includes (tiers[i], tiers[j]), ==, expected[i][j]);
      g_assert_true (perry_tier_from_name (perry_tier_get_name (tiers[i]), &found));
      g_assert_cmpint (found, ==, tiers[i]);
    }
  g_assert_false (perry_tier_from_name ("Hardened", &(PerryTier){ 0 }));
  g_assert_false (perry_tier_from_name (NULL, &(PerryTier){ 0 }));
}

static PerryContainerSpec *
normalise (const PerryContainerSpec *spec, guint64 tier_set, PerrySupport seccomp, PerryEnforcement enforcement,
           GPtrArray **ret_adjustments, GError **error)
{
  g_autoptr (PerryCapabilityMatrix) matrix = perry_capability_matrix_new ();
  PerryNormaliseRequest request = { .spec = spec, .backend = "vm", .matrix = matrix, .enforcement = enforcement,
                                    .tier_set = tier_set };

  for (int capability = 0; capability < PERRY_CAPABILITY_LAST; capability++)
    perry_capability_matrix_set (matrix, (PerryCapability) capability, PERRY_SUPPORT_NATIVE, PERRY_SUPPORT_ORIGIN_TABLE,
                                 NULL);
  perry_capability_matrix_set (matrix, PERRY_CAPABILITY_SECCOMP_PROFILE, seccomp, PERRY_SUPPORT_ORIGIN_TABLE,
                               "the boundary is a virtual machine");
  return perry_normalise_spec (&request, ret_adjustments, error);
}

/* No mode and no `prefer` drops what a tier set. */
static void
test_no_mode_drops_it (void)
{
  static const PerryEnforcement modes[] = { PERRY_ENFORCEMENT_LENIENT, PERRY_ENFORCEMENT_WARN, PERRY_ENFORCEMENT_STRICT };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (PerryContainerSpec) spec = read_spec ("hardened", "\"prefer\": [\"seccomp\"]");
      g_autoptr (PerryTierFloor) floor = perry_tier_raise (spec, FALSE, PROFILE, NULL);
      g_autoptr (GPtrArray) adjustments = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_null (normalise (floor->spec, floor->set, PERRY_SUPPORT_UNSUPPORTED, modes[i], &adjustments, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
      g_assert_nonnull (strstr (error->message, "seccomp: "));
      g_clear_error (&error);
      g_assert_null (normalise (floor->spec, floor->set, PERRY_SUPPORT_PARTIAL, modes[i], &adjustments, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
    }
}

/* Where a virtual machine is the boundary, the tier's own seccomp is beside the point; a spec's is not. */
static void
test_not_applicable (void)
{
  g_autoptr (PerryContainerSpec) spec = read_spec ("hardened", NULL);
  g_autoptr (PerryTierFloor) floor = perry_tier_raise (spec, FALSE, PROFILE, NULL);
  g_autoptr (GPtrArray) adjustments = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryContainerSpec) normalised = normalise (floor->spec, floor->set, PERRY_SUPPORT_NOT_APPLICABLE,
                                                         PERRY_ENFORCEMENT_STRICT, &adjustments, &error);
  g_autoptr (PerryContainerSpec) own = read_spec (NULL, "\"seccomp\": \"perry\", \"require\": [\"seccomp\"]");
  const PerryAdjustment *first;

  g_assert_no_error (error);
  g_assert_false (perry_container_spec_is_set (normalised, PERRY_FIELD_SECCOMP));
  g_assert_true (perry_container_spec_get_boolean (normalised, PERRY_FIELD_READ_ONLY));
  first = g_ptr_array_index (adjustments, 0);
  g_assert_cmpint (first->kind, ==, PERRY_ADJUSTMENT_NOT_APPLICABLE);
  g_assert_cmpstr (perry_adjustment_kind_get_name (first->kind), ==, "not-applicable");
  g_assert_cmpint (first->field, ==, PERRY_FIELD_SECCOMP);
  g_assert_cmpstr (first->reason, ==, "the boundary is a virtual machine");

  g_assert_null (normalise (own, 0, PERRY_SUPPORT_NOT_APPLICABLE, PERRY_ENFORCEMENT_LENIENT, &adjustments, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_ENFORCEMENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tier/floors", test_floors);
  g_test_add_func ("/tier/additions", test_additions_are_told);
  g_test_add_func ("/tier/kept", test_what_is_there_is_kept);
  g_test_add_func ("/tier/default-profile", test_default_profile_is_raised);
  g_test_add_func ("/tier/flags", test_flags_go_on_top);
  g_test_add_func ("/tier/attempts", test_attempts);
  g_test_add_func ("/tier/attempts-together", test_attempts_are_listed_together);
  g_test_add_func ("/tier/allowed", test_allowed);
  g_test_add_func ("/tier/sandbox", test_sandbox);
  g_test_add_func ("/tier/sandbox-attempts", test_sandbox_attempts);
  g_test_add_func ("/tier/order", test_order);
  g_test_add_func ("/tier/no-mode-drops-it", test_no_mode_drops_it);
  g_test_add_func ("/tier/not-applicable", test_not_applicable);
  return g_test_run ();
}
