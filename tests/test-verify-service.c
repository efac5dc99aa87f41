/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of an image that is not verified, and when a rule is named that would let it through. */
#include "core/engine/perry-verify-service.h"

#include <glib/gstdio.h>
#include <string.h>

#include "plugin-api/perry-error.h"

#define NAME "r.example/app:1"
#define ID "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define RULE "pattern=r.example/app and action=exempt"

typedef struct {
  PerryVerificationKind kind;
  PerryVerificationReason reason;
  const char *image;
  const char *words;  /* in the message */
  const char *absent; /* not in it */
} Row;

static PerryVerifyOutcome *
make_outcome (PerryVerificationKind kind, PerryVerificationReason reason, const char *note)
{
  PerryVerifyOutcome *outcome = g_new0 (PerryVerifyOutcome, 1);

  outcome->verification = perry_verification_new (kind, reason, note);
  return outcome;
}

static PerryImageReference *
parse (const char *name)
{
  g_autoptr (GError) error = NULL;
  PerryImageReference *reference = perry_image_reference_parse (name, &error);

  g_assert_no_error (error);
  return reference;
}

/* @text is what the administrator's file says. */
static PerryVerifyService *
make_service (const char *text)
{
  g_autofree char *directory = g_dir_make_tmp ("perry-service-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "perry.conf", NULL);
  const PerryConfigPaths paths = { .administrator_file = path };
  static const char *const nothing[] = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryConfig) config = NULL;
  g_autoptr (PerryPluginRegistry) plugins = perry_plugin_registry_new ();

  g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
  config = perry_config_load (&paths, nothing, &error);
  g_assert_no_error (error);
  g_remove (path);
  g_rmdir (directory);
  return perry_verify_service_new (config, plugins);
}

static void
assert_refused (PerryVerifyService *service, const Row *row)
{
  const PerryVerifyCall call = { 0 };
  g_autoptr (PerryImageReference) reference = parse (row->image);
  g_autoptr (PerryVerifyDecision) decision = perry_verify_service_decide (service, &call, reference);
  g_autoptr (PerryVerifyOutcome) outcome = make_outcome (row->kind, row->reason, "the reason");
  g_autoptr (GError) error = NULL;

  perry_verify_service_refuse (service, reference, decision, outcome, &error);
  g_test_message ("%s", error->message);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_NOT_VERIFIED);
  g_assert_nonnull (strstr (error->message, "the reason\n  required: identity “https://github.com/chainguard-images/"));
  g_assert_nonnull (strstr (error->message, row->words));
  if (row->absent != NULL)
    g_assert_null (strstr (error->message, row->absent));
}

static void
test_described (void)
{
  static const struct { PerryVerificationKind kind; const char *note, *text; } rows[] = {
    { PERRY_VERIFICATION_VERIFIED, NULL, NULL },
    { PERRY_VERIFICATION_UNSIGNED, "none", "the image " NAME " is not verified (unsigned): none" },
    { PERRY_VERIFICATION_REJECTED, NULL, "the image " NAME " is not verified (rejected): the verifier does not say why" },
    { PERRY_VERIFICATION_REJECTED, "", "the image " NAME " is not verified (rejected): the verifier does not say why" },
  };
  g_autoptr (PerryImageReference) reference = parse (NAME);
  g_autoptr (PerryVerifyOutcome) exempt = g_new0 (PerryVerifyOutcome, 1);

  g_assert_null (perry_verify_outcome_describe (exempt, reference));
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PerryVerifyOutcome) outcome = make_outcome (rows[i].kind, PERRY_VERIFICATION_REASON_NONE, rows[i].note);
      g_autofree char *text = perry_verify_outcome_describe (outcome, reference);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

/* An image whose signature is wrong is none that somebody has forgotten to exempt. */
static void
test_rule_is_named (void)
{
  static const Row rows[] = {
    { PERRY_VERIFICATION_UNSIGNED, PERRY_VERIFICATION_REASON_NO_SIGNATURE, NAME, RULE, NULL },
    { PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_REGISTRY, NAME, RULE, NULL },
    { PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_WRONG_KEY, NAME, "(rejected)", "exempt" },
    { PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_PROGRAM_MISSING, NAME, "(error)", "exempt" },
    { PERRY_VERIFICATION_NOT_VERIFIED, PERRY_VERIFICATION_REASON_VERIFIES_NOTHING, NAME, "(not-verified)", "exempt" },
    { PERRY_VERIFICATION_ERROR, PERRY_VERIFICATION_REASON_CONFIGURATION, ID, "(error)", "exempt" },
  };
  g_autoptr (PerryVerifyService) service = make_service ("[verification]\nmode=enforce\n");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_refused (service, &rows[i]);
}

static void
test_no_rule_helps (void)
{
  static const Row unsigned_image = { PERRY_VERIFICATION_UNSIGNED, PERRY_VERIFICATION_REASON_NO_SIGNATURE, NAME,
                                      "minimum-verification is enforce here, so that no rule can exempt it", RULE };
  static const Row exempt = { PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_WRONG_KEY, NAME,
                              "no rule can exempt it (the rule “own” would)", RULE };
  g_autoptr (PerryVerifyService) service = make_service ("[verification]\nminimum-verification=enforce\n");
  g_autoptr (PerryVerifyService) with_rule =
      make_service ("[verification]\nminimum-verification=enforce\n[verify own]\npattern=r.example/**\naction=exempt\n");

  assert_refused (service, &unsigned_image);
  assert_refused (with_rule, &exempt);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verify-service/described", test_described);
  g_test_add_func ("/verify-service/rule-is-named", test_rule_is_named);
  g_test_add_func ("/verify-service/no-rule-helps", test_no_rule_helps);
  return g_test_run ();
}
