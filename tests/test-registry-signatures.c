/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/verification/perry-registry-manifest.h"
#include "tests/registry-fixture.h"

#define OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define CONFIG "\"config\": {\"mediaType\": \"x\", \"size\": 1, \"digest\": \"sha256:" \
  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}, \"layers\": []"
#define ABSENT "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct {
  RegistryFixture base;
  PerryFakeRegistry *registry;
  char *digest; /* of `app:1` */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  registry_fixture_set_up (&fixture->base, NULL);
  fixture->registry = perry_fake_registry_new (GPOINTER_TO_UINT (data));
  fixture->digest = perry_fake_registry_add_image (fixture->registry, "app", "1", "linux/amd64", "x");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  perry_fake_registry_free (fixture->registry);
  g_free (fixture->digest);
  registry_fixture_tear_down (&fixture->base, NULL);
}

/* `sha256-…SUFFIX` */
static char *
make_tag (Fixture *fixture, const char *suffix)
{
  return g_strdelimit (g_strconcat (fixture->digest, suffix, NULL), ":", '-');
}

static gboolean
look (Fixture *fixture, const char *digest, gboolean *ret_found, GError **error)
{
  g_autoptr (PerryImageReference) reference = registry_fixture_refer (fixture->registry, "app:1");

  return perry_registry_client_find_signatures (registry_fixture_get_client (&fixture->base), reference, digest, ret_found,
                                                NULL, error);
}

static void
assert_found (Fixture *fixture, gboolean wanted)
{
  g_autoptr (GError) error = NULL;
  gboolean found = !wanted;

  g_assert_true (look (fixture, fixture->digest, &found, &error));
  g_assert_no_error (error);
  g_assert_cmpint (found, ==, wanted);
}

/* It is not known, and so it is not said. */
static void
assert_unknown (Fixture *fixture, const char *digest, PerryError code, const char *text)
{
  g_autoptr (GError) error = NULL;
  gboolean found = 99;

  g_assert_false (look (fixture, digest, &found, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_cmpint (found, ==, 99);
}

static char *
make_referrer (Fixture *fixture)
{
  return g_strdup_printf ("{\"schemaVersion\": 2, \"mediaType\": \"" OCI_MANIFEST "\", " CONFIG ", \"subject\": "
                          "{\"mediaType\": \"x\", \"size\": 1, \"digest\": \"%s\"}}", fixture->digest);
}

static void
test_none (Fixture *fixture, gconstpointer data)
{
  assert_found (fixture, FALSE);
  g_assert_cmpuint (perry_fake_registry_count_requests (fixture->registry, NULL, ".*"), ==, 4);
}

static void
test_referrer (Fixture *fixture, gconstpointer data)
{
  g_autofree char *body = make_referrer (fixture);

  g_free (perry_fake_registry_add_manifest (fixture->registry, "app", NULL, OCI_MANIFEST, body));
  assert_found (fixture, TRUE);
  g_assert_cmpuint (perry_fake_registry_count_requests (fixture->registry, NULL, ".*"), ==, 1);
}

static void
test_fallback_tag (Fixture *fixture, gconstpointer data)
{
  static const char *const none[] = { NULL };
  const char *const one[] = { fixture->digest, "", NULL };
  g_autofree char *tag = make_tag (fixture, "");

  g_free (perry_fake_registry_add_index (fixture->registry, "app", tag, none));
  assert_found (fixture, FALSE);
  g_free (perry_fake_registry_add_index (fixture->registry, "app", tag, one));
  assert_found (fixture, TRUE);
}

static void
test_cosign_tag (Fixture *fixture, gconstpointer data)
{
  g_autofree char *tag = make_tag (fixture, ".sig");

  g_free (perry_fake_registry_add_manifest (fixture->registry, "app", tag, OCI_MANIFEST, "{\"schemaVersion\": 2, " CONFIG
                                                                                         "}"));
  assert_found (fixture, TRUE);
}

/* Whatever goes wrong with whichever of the questions, there is never “none”. */
static void
test_faults (Fixture *fixture, gconstpointer data)
{
  static const struct { PerryFakeRegistryFault fault; PerryError code; } rows[] = {
    { { .status = 500 }, PERRY_ERROR_REGISTRY_FAILED },
    { { .status = 429, .retry_after = "3" }, PERRY_ERROR_REGISTRY_FAILED },
    { { .status = 400 }, PERRY_ERROR_REGISTRY_FAILED },
    { { .status = 204 }, PERRY_ERROR_REGISTRY_FAILED },
    { { .status = 403 }, PERRY_ERROR_PERMISSION_DENIED },
    { { .status = 401 }, PERRY_ERROR_PERMISSION_DENIED },
    { { .status = 302, .location = "http://registry.example/" }, PERRY_ERROR_REGISTRY_FAILED },
    { { .close = TRUE }, PERRY_ERROR_REGISTRY_FAILED },
  };
  /* what a head has no body for */
  static const PerryFakeRegistryFault of_body[] = {
    { .status = 200, .body = "<html>", .content_type = "text/html" },
    { .status = 200, .body = "{", .content_type = PERRY_REGISTRY_OCI_INDEX },
    { .status = 200, .body = "[]", .content_type = PERRY_REGISTRY_OCI_INDEX },
    { .status = 200, .body = "{\"schemaVersion\": 2}", .content_type = PERRY_REGISTRY_OCI_INDEX },
    { .status = 200, .body = "{\"schemaVersion\": 2, \"manifests\": {}}", .content_type = PERRY_REGISTRY_OCI_INDEX },
    { .status = 200, .body = "{\"schemaVersion\": 2, \"manifests\": []}", .content_type = "application/json" },
  };
  g_autofree char *fallback = make_tag (fixture, "");
  g_autofree char *cosign = make_tag (fixture, "\\.sig");
  const char *const names[] = { "referrers/.*", fallback, cosign, fixture->digest };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/v2/app/%s%s", i > 0 ? "manifests/" : "", names[i]);

      for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
        {
          PerryFakeRegistryFault fault = rows[row].fault;

          fault.path = path;
          perry_fake_registry_add_fault (fixture->registry, &fault);
          assert_unknown (fixture, fixture->digest, rows[row].code, "app:1 at the registry ");
        }
      for (gsize row = 0; row < G_N_ELEMENTS (of_body) && i < 3; row++)
        {
          PerryFakeRegistryFault fault = of_body[row];

          fault.path = path;
          perry_fake_registry_add_fault (fixture->registry, &fault);
          assert_unknown (fixture, fixture->digest, PERRY_ERROR_REGISTRY_FAILED, "cannot be used");
        }
      perry_fake_registry_clear_faults (fixture->registry);
    }
  assert_found (fixture, FALSE);
}

static void
test_hanging (Fixture *fixture, gconstpointer data)
{
  g_autofree char *fallback = make_tag (fixture, "");
  g_autofree char *cosign = make_tag (fixture, "\\.sig");
  const char *const names[] = { "referrers/.*", fallback, cosign, fixture->digest };

  fixture->base.options.timeout_ms = 100;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/v2/app/%s%s", i > 0 ? "manifests/" : "", names[i]);
      const PerryFakeRegistryFault hang = { .path = path, .hang = TRUE };

      perry_fake_registry_add_fault (fixture->registry, &hang);
      assert_unknown (fixture, fixture->digest, PERRY_ERROR_TIMED_OUT, "no answer within 100 ms");
      perry_fake_registry_clear_faults (fixture->registry);
    }
}

/* An empty first page says nothing about the next ones. */
static void
test_pages (Fixture *fixture, gconstpointer data)
{
  const PerryFakeRegistryFault page = { .path = "/v2/app/referrers/.*", .status = 200,
                                        .body = "{\"schemaVersion\": 2, \"manifests\": []}",
                                        .content_type = PERRY_REGISTRY_OCI_INDEX, .link = "</v2/next>; rel=\"next\"" };

  perry_fake_registry_add_fault (fixture->registry, &page);
  assert_unknown (fixture, fixture->digest, PERRY_ERROR_REGISTRY_FAILED, "no complete list");
}

/* A server that knows nothing of the image knows nothing of its signatures. */
static void
test_absent (Fixture *fixture, gconstpointer data)
{
  const PerryFakeRegistryFault nothing = { .path = ".*", .status = 404 };

  assert_unknown (fixture, ABSENT, PERRY_ERROR_IMAGE_NOT_FOUND, "is not known");
  perry_fake_registry_add_fault (fixture->registry, &nothing);
  assert_unknown (fixture, fixture->digest, PERRY_ERROR_IMAGE_NOT_FOUND, "is not known");
  assert_unknown (fixture, "sha256:12", PERRY_ERROR_INVALID_ARGUMENT, "by a digest");
}

/* What a mirror does not have the registry may have, and only its word counts that there is nothing. */
static void
test_mirrors (Fixture *fixture, gconstpointer data)
{
  const PerryFakeRegistryFault down = { .path = ".*", .status = 500 };
  g_autoptr (PerryFakeRegistry) mirror = perry_fake_registry_new (PERRY_FAKE_REGISTRY_REFERRERS);
  const char *const mirrors[] = { perry_fake_registry_get_name (mirror), NULL };
  g_autofree char *body = make_referrer (fixture);

  g_free (perry_fake_registry_add_image (mirror, "app", "1", "linux/amd64", "x"));
  registry_fixture_set_mirrors (&fixture->base, fixture->registry, mirrors);
  assert_found (fixture, FALSE);
  perry_fake_registry_add_fault (fixture->registry, &down);
  assert_unknown (fixture, fixture->digest, PERRY_ERROR_REGISTRY_FAILED, "it has no signatures");
  g_free (perry_fake_registry_add_manifest (mirror, "app", NULL, OCI_MANIFEST, body));
  assert_found (fixture, TRUE);
  perry_fake_registry_clear_faults (fixture->registry);
  perry_fake_registry_add_fault (mirror, &down);
  assert_found (fixture, FALSE);
}

int
main (int argc, char **argv)
{
  gconstpointer plain = GUINT_TO_POINTER (PERRY_FAKE_REGISTRY_PLAIN);
  gconstpointer referrers = GUINT_TO_POINTER (PERRY_FAKE_REGISTRY_REFERRERS);

  g_test_init (&argc, &argv, NULL);
#define ADD(path, flags, function) g_test_add ("/registry-signatures/" path, Fixture, flags, set_up, function, tear_down)
  ADD ("none/without-referrers", plain, test_none);
  ADD ("none/with-referrers", referrers, test_none);
  ADD ("referrer", referrers, test_referrer);
  ADD ("fallback-tag", plain, test_fallback_tag);
  ADD ("cosign-tag", plain, test_cosign_tag);
  ADD ("cosign-tag/with-referrers", referrers, test_cosign_tag);
  ADD ("faults/without-referrers", plain, test_faults);
  ADD ("faults/with-referrers", referrers, test_faults);
  ADD ("hanging", referrers, test_hanging);
  ADD ("pages", referrers, test_pages);
  ADD ("absent", referrers, test_absent);
  ADD ("mirrors", referrers, test_mirrors);
  return g_test_run ();
}
