/* SPDX-License-Identifier: Apache-2.0 */
/* The field `verify` of a container spec. */
#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-error.h"

#define SPEC(verify) "{\"image\": \"bb\", \"verify\": " verify "}"

static PerryContainerSpec *
read_spec (const char *json)
{
  g_autoptr (GError) error = NULL;
  PerryContainerSpec *spec = perry_container_spec_new_from_json (json, -1, &error);

  g_assert_no_error (error);
  return spec;
}

static void
assert_requirement (const PerryContainerSpec *spec, const char *json)
{
  g_autoptr (PerryRequirement) requirement = perry_container_spec_dup_verify_requirement (spec);
  g_autofree char *text = requirement != NULL ? perry_requirement_to_json (requirement) : NULL;

  g_assert_cmpstr (text, ==, json);
}

static void
test_unset (void)
{
  g_autoptr (PerryContainerSpec) spec = read_spec ("{\"image\": \"bb\"}");
  PerryVerifyMode mode = PERRY_VERIFY_WARN;

  g_assert_false (perry_container_spec_get_verify_mode (spec, &mode));
  g_assert_cmpint (mode, ==, PERRY_VERIFY_WARN);
  assert_requirement (spec, NULL);
}

static void
test_mode_alone (void)
{
  g_autoptr (PerryContainerSpec) spec = read_spec (SPEC ("{\"mode\": \"1\"}"));
  PerryVerifyMode mode = PERRY_VERIFY_OFF;

  g_assert_true (perry_container_spec_get_verify_mode (spec, &mode));
  g_assert_cmpint (mode, ==, PERRY_VERIFY_ENFORCE);
  assert_requirement (spec, NULL);
}

static void
test_requirement_alone (void)
{
  g_autoptr (PerryContainerSpec) spec = read_spec (SPEC ("{\"key\": \"/k\", \"ignoreTlog\": true}"));
  PerryVerifyMode mode = PERRY_VERIFY_WARN;

  g_assert_false (perry_container_spec_get_verify_mode (spec, &mode));
  g_assert_cmpint (mode, ==, PERRY_VERIFY_WARN);
  assert_requirement (spec, "{\"ignore_tlog\":true,\"key\":\"/k\"}");
}

static void
test_both (void)
{
  g_autoptr (PerryContainerSpec) spec =
    read_spec (SPEC ("{\"issuerRegexp\": \"i\", \"mode\": \"off\", \"identity\": \"a\"}"));
  g_autoptr (PerryContainerSpec) again = NULL;
  g_autofree char *json = perry_container_spec_to_json (spec);
  g_autofree char *json_again = NULL;
  PerryVerifyMode mode = PERRY_VERIFY_WARN;

  g_assert_true (perry_container_spec_get_verify_mode (spec, &mode));
  g_assert_cmpint (mode, ==, PERRY_VERIFY_OFF);
  assert_requirement (spec, "{\"identity\":\"a\",\"issuer_regexp\":\"i\"}");
  again = read_spec (json);
  json_again = perry_container_spec_to_json (again);
  g_assert_cmpstr (json_again, ==, json);
}

static void
set_member (PerryContainerSpec *spec, const char *member, const char *text)
{
  g_autoptr (GError) error = NULL;

  perry_container_spec_set_member_from_text (spec, PERRY_FIELD_VERIFY, member, text, "--verify-x", &error);
  g_assert_no_error (error);
}

/* In any order: what they need of each other is looked at when all are there. */
static void
test_options (void)
{
  g_autoptr (PerryContainerSpec) spec = read_spec ("{\"image\": \"bb\"}");
  PerryVerifyMode mode = PERRY_VERIFY_OFF;

  set_member (spec, "issuer", "i");
  set_member (spec, "identity_regexp", "a.");
  set_member (spec, "mode", "off");
  set_member (spec, "mode", "WARN");
  g_assert_true (perry_container_spec_get_verify_mode (spec, &mode));
  g_assert_cmpint (mode, ==, PERRY_VERIFY_WARN);
  assert_requirement (spec, "{\"identity_regexp\":\"a.\",\"issuer\":\"i\"}");
}

/* An option names a file from where its user is, a document does not know where it is. */
static void
test_relative_key (void)
{
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *file = g_build_filename (here, "cosign.pub", NULL);
  g_autoptr (PerryRequirement) requirement = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (perry_container_spec_set_member_from_text (spec, PERRY_FIELD_VERIFY, "key", "cosign.pub", "--verify-key",
                                                            &error));
  g_assert_no_error (error);
  requirement = perry_container_spec_dup_verify_requirement (spec);
  g_assert_cmpstr (requirement->key, ==, file);
  g_assert_null (perry_container_spec_new_from_json ("{\"image\":\"a\",\"verify\":{\"key\":\"cosign.pub\"}}", -1, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
}

static void
test_bad_options (void)
{
  static const struct {
    const char *member, *text, *message;
  } cases[] = {
    { "mode", "", "--verify-x: “” is no mode of verification; write off, warn or enforce" },
    { "mode", "enfroce", "--verify-x: “enfroce” is no mode of verification" },
    { "identity", "", "--verify-x: is empty, which would ask for nothing" },
    { "identity_regexp", "(", "--verify-x: “(” is not a regular expression" },
    { "issuer_regexp", ".*", "--verify-x: “.*” matches an empty text" },
    { "key", "~/cosign.pub", "--verify-x: “~/cosign.pub” is not an absolute path" },
    { "issuer", "a\xff", "is not valid UTF-8" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();
      g_autoptr (GError) error = NULL;

      g_assert_false (perry_container_spec_set_member_from_text (spec, PERRY_FIELD_VERIFY, cases[i].member, cases[i].text,
                                                                 "--verify-x", &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].message));
      g_assert_false (perry_container_spec_is_set (spec, PERRY_FIELD_VERIFY));
    }
}

/* What one option alone could not be told, and what a spec and an option say together. */
static void
test_incomplete (void)
{
  static const struct {
    const char *json, *member, *text, *message;
  } cases[] = {
    { "{\"image\": \"bb\"}", "identity", "a", "$.verify: has no issuer and no issuer_regexp" },
    { "{\"image\": \"bb\"}", "issuer_regexp", "a", "$.verify: has no identity and no identity_regexp" },
    { SPEC ("{\"mode\": \"enforce\"}"), "identity", "a", "$.verify: has no issuer and no issuer_regexp" },
    { SPEC ("{\"identity\": \"a\", \"issuer\": \"i\"}"), "key", "/k", "$.verify.identity: belongs to certificates" },
    { SPEC ("{\"identity\": \"a\", \"issuer\": \"i\"}"), "identity_regexp", "b",
      "$.verify.identity_regexp: contradicts identity; remove one of the two" },
    { SPEC ("{\"key\": \"/k\"}"), "issuer", "i", "$.verify.issuer: belongs to certificates and contradicts key" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryContainerSpec) spec = read_spec (cases[i].json);
      g_autoptr (GError) error = NULL;

      set_member (spec, cases[i].member, cases[i].text);
      g_assert_false (perry_container_spec_complete (spec, NULL, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_SPEC);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }
}

/* Whoever forgets to complete a spec gets a requirement that nothing meets, and never the default one. */
static void
test_incomplete_matches_nothing (void)
{
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();
  g_autoptr (PerryRequirement) requirement = NULL;

  set_member (spec, "identity", "a");
  requirement = perry_container_spec_dup_verify_requirement (spec);
  g_assert_nonnull (requirement);
  g_assert_true (perry_requirement_matches_identity (requirement, "a"));
  g_assert_false (perry_requirement_matches_issuer (requirement, PERRY_REQUIREMENT_DEFAULT_ISSUER));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verify-field/unset", test_unset);
  g_test_add_func ("/verify-field/mode-alone", test_mode_alone);
  g_test_add_func ("/verify-field/requirement-alone", test_requirement_alone);
  g_test_add_func ("/verify-field/both", test_both);
  g_test_add_func ("/verify-field/options", test_options);
  g_test_add_func ("/verify-field/relative-key", test_relative_key);
  g_test_add_func ("/verify-field/bad-options", test_bad_options);
  g_test_add_func ("/verify-field/incomplete", test_incomplete);
  g_test_add_func ("/verify-field/incomplete-matches-nothing", test_incomplete_matches_nothing);
  return g_test_run ();
}
