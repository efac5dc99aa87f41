/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/registry-fixture.h"

typedef RegistryFixture Fixture;

static void
test_tls (Fixture *fixture, gconstpointer data)
{
  static const char *const none[] = { NULL };
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_TLS);
  g_autoptr (PerryFakeRegistry) plain = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autofree char *digest = perry_fake_registry_add_image (registry, "app", "1", "linux/amd64", "x");
  g_autofree char *authority = registry_fixture_get_file ("ca.pem");
  g_autofree char *other = registry_fixture_get_file ("other-ca.pem");
  g_autofree char *location = g_strdup_printf ("http://%s/v2/app/manifests/1", perry_fake_registry_get_name (plain));
  const PerryFakeRegistryFault down = { .path = ".*", .status = 307, .location = location };
  g_autoptr (PerryRegistryImage) image = NULL;

  fixture->options.plain_http = none;
  registry_fixture_renew_client (fixture);
  registry_fixture_assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_REGISTRY_FAILED,
                                      "an authority that is not trusted here");
  fixture->options.ca_file = other;
  registry_fixture_renew_client (fixture);
  registry_fixture_assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_REGISTRY_FAILED,
                                      "an authority that is not trusted here");
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 0);

  fixture->options.ca_file = authority;
  registry_fixture_renew_client (fixture);
  image = registry_fixture_resolve (fixture, registry, "app:1", NULL);
  g_assert_cmpstr (image->digest, ==, digest);
  perry_fake_registry_add_fault (registry, &down);
  registry_fixture_assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_REGISTRY_FAILED, "is not HTTPS");
  g_assert_cmpuint (perry_fake_registry_count_requests (plain, NULL, ".*"), ==, 0);
}

/* A certificate of a trusted authority is for those whom it names. */
static void
test_other_host (Fixture *fixture, gconstpointer data)
{
  static const char *const none[] = { NULL };
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_TLS);
  g_autofree char *authority = registry_fixture_get_file ("ca.pem");
  g_autofree char *name = g_strdup_printf ("localhost%s/app:1", strchr (perry_fake_registry_get_name (registry), ':'));
  g_autoptr (PerryImageReference) reference = perry_image_reference_parse (name, NULL);
  g_autoptr (GError) error = NULL;

  fixture->options.plain_http = none;
  fixture->options.ca_file = authority;
  g_assert_null (perry_registry_client_resolve (registry_fixture_get_client (fixture), reference, NULL, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED);
  g_assert_nonnull (strstr (error->message, "it is for another host"));
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 0);
}

static void
test_options (Fixture *fixture, gconstpointer data)
{
  static const char *const plain[] = { "registry.example", NULL };
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autoptr (PerryImageReference) reference = perry_image_reference_parse ("registry.example/app", NULL);
  g_autoptr (GError) error = NULL;

  fixture->options.plain_http = plain;
  g_assert_null (perry_registry_client_resolve (registry_fixture_get_client (fixture), reference, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
  g_assert_nonnull (strstr (error->message, "on loopback alone"));
  fixture->options.plain_http = NULL;
  fixture->options.ca_file = "/nonexistent/ca.pem";
  registry_fixture_renew_client (fixture);
  registry_fixture_assert_unresolved (fixture, registry, "app", NULL, PERRY_ERROR_INVALID_CONFIG, "/nonexistent/ca.pem");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/registry-tls/authorities", Fixture, NULL, registry_fixture_set_up, test_tls, registry_fixture_tear_down);
  g_test_add ("/registry-tls/other-host", Fixture, NULL, registry_fixture_set_up, test_other_host,
              registry_fixture_tear_down);
  g_test_add ("/registry-tls/options", Fixture, NULL, registry_fixture_set_up, test_options, registry_fixture_tear_down);
  return g_test_run ();
}
