/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugin-api/perry-json.h"
#include "tests/plugins/zoo-fixture.h"

static void
test_verifies_nothing (void)
{
  static const char *const requirements[] = { "null", "{}", "{\"identity\":\"a\",\"issuer\":\"b\"}" };
  g_autofree char *directory = g_test_build_filename (G_TEST_BUILT, "..", "plugins", "noop", NULL);
  g_autofree char *real = realpath (directory, NULL);
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (real);
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryPlugin) plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_VERIFIER, "noop", &error);
  g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}"));
  const PerryVerifierOps *ops;
  gpointer verifier;

  g_assert_no_error (error);
  ops = perry_plugin_get_verifier_ops (plugin);
  verifier = ops->open (options, NULL, &error);
  g_assert_nonnull (verifier);
  for (guint i = 0; i < G_N_ELEMENTS (requirements); i++)
    {
      g_autoptr (JsonNode) requirement = perry_json_parse (requirements[i], -1, NULL, NULL);
      g_autoptr (PerryVerification) answer = ops->verify (verifier, "r.example.com/a", "sha256:0", requirement, 1000, NULL,
                                                          &error);

      g_assert_no_error (error);
      g_assert_cmpint (answer->kind, ==, PERRY_VERIFICATION_NOT_VERIFIED);
      g_assert_cmpint (answer->reason, ==, PERRY_VERIFICATION_REASON_VERIFIES_NOTHING);
      g_assert_false (answer->certain);
      g_assert_nonnull (strstr (answer->note, "choose another, such as cosign"));
    }
  ops->close (verifier);
}

static void
test_describe (void)
{
  g_autofree char *directory = g_test_build_filename (G_TEST_BUILT, "..", "plugins", "noop", NULL);
  g_autofree char *real = realpath (directory, NULL);
  g_autoptr (PerryPluginRegistry) registry = zoo_registry_new (real);
  g_autoptr (PerryPlugin) plugin = perry_plugin_registry_get (registry, PERRY_PLUGIN_VERIFIER, "noop", NULL);
  g_autofree char *text = perry_plugin_get_verifier_ops (plugin)->describe (NULL, NULL, NULL);

  g_assert_true (g_str_has_prefix (text, "noop "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/noop/verifies-nothing", test_verifies_nothing);
  g_test_add_func ("/noop/describe", test_describe);
  return g_test_run ();
}
