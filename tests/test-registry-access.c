/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/registry-fixture.h"

/* Who is shown which credentials, and what mirrors may say. */
typedef RegistryFixture Fixture;

#define assert_unresolved registry_fixture_assert_unresolved
#define BASIC "Basic dXNlcjpzZWNyZXQ=" /* user:secret */

static PerryFakeRegistry *
make_registry (PerryFakeRegistryFlags flags, gboolean anonymous)
{
  PerryFakeRegistry *registry = perry_fake_registry_new (flags);

  perry_fake_registry_set_login (registry, "user", "secret", "identity", anonymous);
  g_free (perry_fake_registry_add_image (registry, "app", "1", "linux/amd64", "x"));
  return registry;
}

static void
resolve (Fixture *fixture, PerryFakeRegistry *registry)
{
  perry_registry_image_free (registry_fixture_resolve (fixture, registry, "app:1", NULL));
}

/* Compares all requests, as `METHOD PATH AUTHORIZATION` with a `-` for none. */
static void
assert_requests (PerryFakeRegistry *registry, const char *const *wanted)
{
  g_autoptr (GPtrArray) requests = perry_fake_registry_dup_requests (registry);

  for (guint i = 0; i < requests->len; i++)
    {
      const PerryFakeRegistryRequest *request = g_ptr_array_index (requests, i);
      g_autofree char *line = g_strdup_printf ("%s %s %s", request->method, request->path,
                                               request->authorization != NULL ? request->authorization : "-");

      g_assert_cmpstr (line, ==, wanted[i]);
    }
  g_assert_null (wanted[requests->len]);
  perry_fake_registry_forget_requests (registry);
}
#define ASSERT_REQUESTS(registry, ...) assert_requests (registry, (const char *const[]) { __VA_ARGS__, NULL })

static void
test_token (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_TOKENS, FALSE);
  g_autoptr (GPtrArray) requests = NULL;
  const PerryFakeRegistryRequest *asked;

  registry_fixture_log_in (fixture, registry, "user", "secret", NULL);
  resolve (fixture, registry);
  requests = perry_fake_registry_dup_requests (registry);
  asked = g_ptr_array_index (requests, 1);
  g_assert_cmpstr (asked->query, ==, "service=fake&scope=repository%3Aapp%3Apull");
  ASSERT_REQUESTS (registry, "HEAD /v2/app/manifests/1 -", "GET /token " BASIC, "HEAD /v2/app/manifests/1 Bearer token-1");
  /* it is kept */
  resolve (fixture, registry);
  ASSERT_REQUESTS (registry, "HEAD /v2/app/manifests/1 Bearer token-1");
  /* until it is refused, and then got anew once */
  perry_fake_registry_revoke_tokens (registry);
  resolve (fixture, registry);
  ASSERT_REQUESTS (registry, "HEAD /v2/app/manifests/1 Bearer token-1", "GET /token " BASIC,
                   "HEAD /v2/app/manifests/1 Bearer token-2");
  /* another repository's is another one */
  assert_unresolved (fixture, registry, "other:1", NULL, PERRY_ERROR_IMAGE_NOT_FOUND, "there is no such image");
  ASSERT_REQUESTS (registry, "HEAD /v2/other/manifests/1 -", "GET /token " BASIC,
                   "HEAD /v2/other/manifests/1 Bearer token-3");
}

static void
test_anonymous_token (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_TOKENS, TRUE);

  resolve (fixture, registry);
  ASSERT_REQUESTS (registry, "HEAD /v2/app/manifests/1 -", "GET /token -", "HEAD /v2/app/manifests/1 Bearer token-1");
}

static void
test_identity_token (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_TOKENS, FALSE);
  g_autoptr (GPtrArray) requests = NULL;

  registry_fixture_log_in (fixture, registry, NULL, NULL, "identity");
  resolve (fixture, registry);
  requests = perry_fake_registry_dup_requests (registry);
  g_assert_cmpstr (((PerryFakeRegistryRequest *) g_ptr_array_index (requests, 1))->body, ==,
                   "service=fake&scope=repository%3Aapp%3Apull&client_id=perry-container&grant_type=refresh_token&"
                   "refresh_token=identity");
  ASSERT_REQUESTS (registry, "HEAD /v2/app/manifests/1 -", "POST /token -", "HEAD /v2/app/manifests/1 Bearer token-1");
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_TOKENS, FALSE);
  const PerryFakeRegistryFault useless = { .path = "/token", .status = 200, .body = "{\"token\": \"useless\"}" };

  assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_PERMISSION_DENIED, "somebody without credentials");
  registry_fixture_log_in (fixture, registry, "user", "sesame", NULL);
  assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_PERMISSION_DENIED, ".docker/config.json (status 401)");
  perry_fake_registry_forget_requests (registry);
  /* one new token, not one after the other */
  perry_fake_registry_add_fault (registry, &useless);
  assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_PERMISSION_DENIED, "config.json (status 401)");
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 3);
}

static void
test_bad_tokens (Fixture *fixture, gconstpointer data)
{
  static const struct { PerryFakeRegistryFault fault; PerryError code; const char *text; } rows[] = {
    { { .path = "/token", .status = 500 }, PERRY_ERROR_REGISTRY_FAILED, "the token server answered with status 500" },
    { { .path = "/token", .status = 307, .location = "/token" }, PERRY_ERROR_REGISTRY_FAILED, "status 307" },
    { { .path = "/token", .body = "sesame" }, PERRY_ERROR_REGISTRY_FAILED, "has no token" },
    { { .path = "/token", .body = "{\"token\": 1}" }, PERRY_ERROR_REGISTRY_FAILED, "has no token" },
    { { .path = "/token", .body = "{\"token\": \"sesame\\r\\nHost: x\"}" }, PERRY_ERROR_REGISTRY_FAILED, "has no token" },
    { { .path = "/token", .grow = 1024 * 1024 }, PERRY_ERROR_LIMIT_EXCEEDED, "131072 bytes" },
    { { .path = "/token", .close = TRUE }, PERRY_ERROR_REGISTRY_FAILED, "asking the token server" },
    { { .path = "/v2/.*", .challenge = "Negotiate" }, PERRY_ERROR_REGISTRY_FAILED, "not understood" },
    { { .path = "/v2/.*", .challenge = "Bearer realm=\"http://registry.example/token\"" }, PERRY_ERROR_REGISTRY_FAILED,
      "the address of the token server (http://registry.example) is not HTTPS" },
    { { .path = "/v2/.*", .challenge = "Bearer realm=\"/token\"" }, PERRY_ERROR_REGISTRY_FAILED, "is no address" },
  };
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_TOKENS, TRUE);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      perry_fake_registry_add_fault (registry, &rows[i].fault);
      assert_unresolved (fixture, registry, "app:1", NULL, rows[i].code, rows[i].text);
      perry_fake_registry_clear_faults (registry);
    }
  resolve (fixture, registry);
}

/* The server that the registry names is shown the login, and the registry itself only the token. */
static void
test_other_token_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) server = make_registry (PERRY_FAKE_REGISTRY_PLAIN, FALSE);
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_TOKENS, FALSE);

  perry_fake_registry_set_token_server (registry, server);
  registry_fixture_log_in (fixture, registry, "user", "secret", NULL);
  resolve (fixture, registry);
  ASSERT_REQUESTS (server, "GET /token " BASIC);
  ASSERT_REQUESTS (registry, "HEAD /v2/app/manifests/1 -", "HEAD /v2/app/manifests/1 Bearer token-1");
}

static void
test_basic (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_BASIC, FALSE);
  g_autofree char *hint = g_strdup_printf ("podman login %s", perry_fake_registry_get_name (registry));

  assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_PERMISSION_DENIED, hint);
  registry_fixture_log_in (fixture, registry, "user", "sesame", NULL);
  assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_PERMISSION_DENIED, "config.json (status 401)");
  perry_fake_registry_forget_requests (registry);
  registry_fixture_log_in (fixture, registry, "user", "secret", NULL);
  resolve (fixture, registry);
  ASSERT_REQUESTS (registry, "HEAD /v2/app/manifests/1 -", "HEAD /v2/app/manifests/1 " BASIC);
}

/* A broken file is the user's to repair, and a helper that is missing is told. */
static void
test_credentials (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_TOKENS, TRUE);
  g_autofree char *path = g_build_filename (fixture->directory, "home", ".docker", "config.json", NULL);
  g_autoptr (PerryRegistryImage) image = NULL;

  registry_fixture_log_in (fixture, registry, "user", "secret", NULL);
  g_assert_true (g_file_set_contents (path, "{", -1, NULL));
  assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_INVALID_CONFIG, path);
  g_assert_true (g_file_set_contents (path, "{\"credsStore\": \"absent\"}", -1, NULL));
  image = registry_fixture_resolve (fixture, registry, "app:1", NULL);
  g_assert_nonnull (strstr (image->notes[0], "docker-credential-absent"));
  g_assert_null (image->notes[1]);
  /* who is refused is told, too */
  perry_fake_registry_set_login (registry, "user", "secret", NULL, FALSE);
  perry_fake_registry_revoke_tokens (registry);
  assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_PERMISSION_DENIED, "docker-credential-absent");
}

static void
test_mirrors (Fixture *fixture, gconstpointer data)
{
  const PerryFakeRegistryFault broken = { .path = ".*", .status = 500 };
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_PLAIN, TRUE);
  g_autoptr (PerryFakeRegistry) first = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autoptr (PerryFakeRegistry) second = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autofree char *digest = perry_fake_registry_add_image (second, "proxy/hub/app", "1", "linux/amd64", "y");
  g_autofree char *with_prefix = g_strdup_printf ("%s/proxy/hub", perry_fake_registry_get_name (second));
  const char *const mirrors[] = { perry_fake_registry_get_name (first), with_prefix, NULL };
  g_autoptr (PerryRegistryImage) image = NULL;
  g_autoptr (PerryRegistryImage) own = NULL;

  registry_fixture_set_mirrors (fixture, registry, mirrors);
  image = registry_fixture_resolve (fixture, registry, "app:1", NULL);
  g_assert_cmpstr (image->digest, ==, digest);
  g_assert_nonnull (strstr (image->notes[0], "a mirror was passed over"));
  g_assert_nonnull (strstr (image->notes[0], perry_fake_registry_get_name (first)));
  g_assert_null (image->notes[1]);
  ASSERT_REQUESTS (first, "HEAD /v2/app/manifests/1 -");
  ASSERT_REQUESTS (second, "HEAD /v2/proxy/hub/app/manifests/1 -");
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 0);

  perry_fake_registry_add_fault (second, &broken);
  own = registry_fixture_resolve (fixture, registry, "app:1", NULL);
  g_assert_cmpstr (own->digest, !=, digest);
  g_assert_nonnull (strstr (own->notes[1], "status 500"));
  g_assert_null (own->notes[2]);

  perry_fake_registry_set_tag (registry, "app", "1", NULL);
  assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_IMAGE_NOT_FOUND, with_prefix);
}

/* What a mirror gives out has to be what was asked for. */
static void
test_lying_mirror (Fixture *fixture, gconstpointer data)
{
  const PerryFakeRegistryFault lie = { .method = "GET", .path = ".*", .body = "{\"schemaVersion\": 2, \"manifests\": []}" };
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_PLAIN, TRUE);
  g_autoptr (PerryFakeRegistry) mirror = make_registry (PERRY_FAKE_REGISTRY_PLAIN, TRUE);
  const char *const mirrors[] = { perry_fake_registry_get_name (mirror), NULL };
  g_autoptr (PerryRegistryImage) image = NULL;

  registry_fixture_set_mirrors (fixture, registry, mirrors);
  perry_fake_registry_add_fault (mirror, &lie);
  image = registry_fixture_resolve (fixture, registry, "app:1", "linux/amd64");
  g_assert_cmpstr (image->platform, ==, "linux/amd64");
  g_assert_nonnull (strstr (image->notes[0], "the body has the digest"));
}

/* A login for the registry is none for its mirror. */
static void
test_mirror_and_login (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_BASIC, FALSE);
  g_autoptr (PerryFakeRegistry) mirror = make_registry (PERRY_FAKE_REGISTRY_BASIC, FALSE);
  const char *const mirrors[] = { perry_fake_registry_get_name (mirror), NULL };

  registry_fixture_set_mirrors (fixture, registry, mirrors);
  registry_fixture_log_in (fixture, registry, "user", "secret", NULL);
  resolve (fixture, registry);
  ASSERT_REQUESTS (mirror, "HEAD /v2/app/manifests/1 -");
  ASSERT_REQUESTS (registry, "HEAD /v2/app/manifests/1 -", "HEAD /v2/app/manifests/1 " BASIC);
}

static void
test_bad_mirrors (Fixture *fixture, gconstpointer data)
{
  static const char *const bad[] = { "", "https://mirror.example", "mirror", "mirror.example/a:1", "mirror.example/",
                                     "mirror.example/../x", "mirror.example:0", "user@mirror.example" };
  g_autoptr (PerryFakeRegistry) registry = make_registry (PERRY_FAKE_REGISTRY_PLAIN, TRUE);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *const mirrors[] = { bad[i], NULL };

      registry_fixture_set_mirrors (fixture, registry, mirrors);
      assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_INVALID_CONFIG, "HOST[:PORT][/PREFIX]");
    }
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add ("/registry-access/" path, Fixture, NULL, registry_fixture_set_up, function, registry_fixture_tear_down)
  ADD ("token", test_token);
  ADD ("token/anonymous", test_anonymous_token);
  ADD ("token/identity", test_identity_token);
  ADD ("token/refused", test_refused);
  ADD ("token/bad", test_bad_tokens);
  ADD ("token/other-server", test_other_token_server);
  ADD ("basic", test_basic);
  ADD ("credentials", test_credentials);
  ADD ("mirrors", test_mirrors);
  ADD ("mirrors/lying", test_lying_mirror);
  ADD ("mirrors/login", test_mirror_and_login);
  ADD ("mirrors/bad", test_bad_mirrors);
  return g_test_run ();
}
