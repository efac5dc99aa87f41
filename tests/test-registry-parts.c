/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/verification/perry-registry-challenge.h"
#include "core/verification/perry-registry-digest.h"
#include "core/verification/perry-registry-endpoint.h"
#include "core/verification/perry-registry-manifest.h"
#include "core/verification/perry-registry-proxy.h"
#include "plugin-api/perry-error.h"

/* What the registry client is made of and needs no registry. */

#define OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define SHA "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void
assert_failed (GError *error, PerryError code, const char *text)
{
  g_test_message ("%s", error->message);
  g_assert_error (error, PERRY_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, text));
  g_error_free (error);
}

static void
test_digests (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("abc", 3);
  g_autofree char *sha256 = perry_registry_digest_compute (bytes, NULL);
  g_autofree char *sha384 = perry_registry_digest_compute (bytes, "sha384:");
  g_autofree char *long_text = g_strnfill (300, 'x');
  g_autofree char *shown = perry_registry_text_for_message (long_text);
  g_autofree char *odd = perry_registry_text_for_message ("a\x1b[1m\xff\n\xc3\xa9");
  GError *error = NULL;

  g_assert_cmpstr (sha256, ==, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  g_assert_true (perry_registry_digest_is_valid (sha384));
  g_assert_true (perry_registry_digest_check (bytes, sha384, NULL));
  g_assert_false (perry_registry_digest_check (bytes, SHA, &error));
  assert_failed (error, PERRY_ERROR_REGISTRY_FAILED, SHA);
  g_assert_false (perry_registry_digest_is_valid (NULL));
  g_assert_false (perry_registry_digest_is_valid ("sha256:"));
  g_assert_false (perry_registry_digest_is_valid (SHA "b"));
  g_assert_false (perry_registry_digest_is_valid ("md5:900150983cd24fb0d6963f7d28e17f72"));
  g_assert_false (perry_registry_digest_is_valid ("sha256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"));
  g_assert_cmpuint (strlen (shown), ==, 200 + strlen ("…"));
  g_assert_cmpstr (odd, ==, "a [1m\xef\xbf\xbd \xc3\xa9");
}

static void
test_endpoints (void)
{
  static const struct { const char *name; const char *base; } rows[] = {
    { "docker.io", "https://registry-1.docker.io/v2/" },
    { "quay.example", "https://quay.example/v2/" },
    { "quay.example:5000", "https://quay.example:5000/v2/" },
    { "localhost:5000", "http://localhost:5000/v2/" },
    { "127.0.0.1:5000", "http://127.0.0.1:5000/v2/" },
    { "127.9.9.9", "http://127.9.9.9/v2/" },
    { "[::1]:5000", "http://[::1]:5000/v2/" },
    { "[2001:db8::1]:5000", "https://[2001:db8::1]:5000/v2/" },
    { "10.0.0.1:5000", "https://10.0.0.1:5000/v2/" },
    { "127.0.0.1.example", "https://127.0.0.1.example/v2/" },
    { "localhost.example", "https://localhost.example/v2/" },
  };
  static const char *const none[] = { NULL };
  g_autoptr (PerryRegistryEndpoint) strict = perry_registry_endpoint_new ("localhost:5000", FALSE, none, NULL);
  g_autoptr (PerryRegistryEndpoint) mirror = perry_registry_endpoint_new ("M.example:1/a/b", TRUE, NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PerryRegistryEndpoint) endpoint = perry_registry_endpoint_new (rows[i].name, FALSE, NULL, NULL);

      g_assert_cmpstr (endpoint->base, ==, rows[i].base);
      g_assert_cmpstr (endpoint->name, ==, rows[i].name);
    }
  g_assert_cmpstr (strict->base, ==, "https://localhost:5000/v2/");
  g_assert_cmpstr (mirror->base, ==, "https://m.example:1/v2/a/b/");
  g_assert_cmpstr (mirror->name, ==, "m.example:1");
  g_assert_cmpstr (mirror->prefix, ==, "a/b/");
}

static void
test_addresses (void)
{
  static const struct { const char *uri; const char *from; gboolean good; } rows[] = {
    { "https://a.example/x", "https://b.example/", TRUE },
    { "https://a.example/x", "http://127.0.0.1/", TRUE },
    { "http://a.example/x", "https://a.example/", FALSE },
    { "http://a.example/x", "http://127.0.0.1/", FALSE },
    { "http://127.0.0.1/x", "https://a.example/", FALSE },
    { "http://127.0.0.1/x", "https://127.0.0.1/", FALSE },
    { "http://[::1]:1/x", "http://localhost/", TRUE },
    { "HTTP://LOCALHOST/x", "http://127.0.0.1/", TRUE },
    { "http://127.0.0.1.nip.example/", "http://127.0.0.1/", FALSE },
    { "https://u@a.example/", "https://a.example/", FALSE },
    { "https://a.example/#f", "https://a.example/", FALSE },
    { "https:///x", "https://a.example/", FALSE },
    { "data:,x", "https://a.example/", FALSE },
    { "/x", "https://a.example/", FALSE },
    { "", "https://a.example/", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", rows[i].uri);
      g_assert_cmpint (perry_registry_uri_check (rows[i].uri, rows[i].from, "it", &error), ==, rows[i].good);
    }
  g_assert_true (perry_registry_uri_same_origin ("https://A.example/x", "https://a.example:443/y"));
  g_assert_false (perry_registry_uri_same_origin ("https://a.example/", "http://a.example/"));
  g_assert_false (perry_registry_uri_same_origin ("https://a.example/", "https://a.example:5000/"));
  g_assert_false (perry_registry_uri_same_origin ("https://a.example/", "https://b.example/"));
}

static void
test_challenges (void)
{
  static const struct { const char *header; const char *realm; const char *service; const char *scope; } good[] = {
    { "Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:a:pull,push\"", "https://a/t", "s",
      "repository:a:pull,push" },
    { "bearer REALM = \"https://a/t\" , service=s", "https://a/t", "s", NULL },
    { "Basic realm=\"x\", Bearer realm=\"https://a/t\", error=\"invalid_token\"", "https://a/t", NULL, NULL },
    { "Bearer realm=\"https://a/\\\"t\", Basic realm=\"x\"", "https://a/\"t", NULL, NULL },
    { "Negotiate, Bearer realm=\"https://a/t\"", "https://a/t", NULL, NULL },
  };
  static const char *const basic[] = { "Basic", "basic realm=\"\"", "Bearer, Basic realm=\"x\"", "Digest realm=\"d\", "
                                       "nonce=\"n\", Basic realm=\"x\"" };
  static const char *const bad[] = { "", ",", "Negotiate", "Bearer", "Bearer realm", "Bearer realm=", "Bearer realm=\"x",
                                     "Bearer realm=\"x\"y", "Bearer realm=\"a\", realm=\"b\"", "Bearer realm=\"a\\",
                                     "Bearer realm=\"a\nb\"", "\"x\"", "Bearer realm=\"\xc3\xa9\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_auto (PerryRegistryChallenge) challenge = { 0 };
      g_autoptr (GError) error = NULL;

      perry_registry_challenge_parse (good[i].header, &challenge, &error);
      g_assert_no_error (error);
      g_assert_cmpint (challenge.kind, ==, PERRY_REGISTRY_CHALLENGE_BEARER);
      g_assert_cmpstr (challenge.realm, ==, good[i].realm);
      g_assert_cmpstr (challenge.service, ==, good[i].service);
      g_assert_cmpstr (challenge.scope, ==, good[i].scope);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (basic); i++)
    {
      g_auto (PerryRegistryChallenge) challenge = { .kind = 99 };

      g_assert_true (perry_registry_challenge_parse (basic[i], &challenge, NULL));
      g_assert_cmpint (challenge.kind, ==, PERRY_REGISTRY_CHALLENGE_BASIC);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      PerryRegistryChallenge challenge = { 0 };
      GError *error = NULL;

      g_assert_false (perry_registry_challenge_parse (bad[i], &challenge, &error));
      assert_failed (error, PERRY_ERROR_REGISTRY_FAILED, "not understood");
    }
}

static void
test_tokens (void)
{
  static const struct { const char *body; const char *token; gint64 expires_in; } good[] = {
    { "{\"token\": \"a\"}", "a", 60 },
    { "{\"access_token\": \"b\", \"expires_in\": 300}", "b", 300 },
    { "{\"token\": \"a\", \"access_token\": \"b\", \"expires_in\": 1}", "a", 60 },
    { "{\"token\": \"a\", \"expires_in\": 99999999999}", "a", 3600 },
    { "{\"token\": \"a\", \"expires_in\": -1}", "a", 60 },
  };
  static const char *const bad[] = { "", "[]", "{}", "{\"token\": \"\"}", "{\"token\": \"a b\"}", "{\"token\": \"a\\n\"}",
                                     "{\"token\": \"\\u00e9\"}" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) body = g_bytes_new_static (good[i].body, strlen (good[i].body));
      g_auto (PerryRegistryToken) token = { 0 };

      g_assert_true (perry_registry_token_parse (body, &token, NULL));
      g_assert_cmpstr (token.token, ==, good[i].token);
      g_assert_cmpint (token.expires_in, ==, good[i].expires_in);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) body = g_bytes_new_static (bad[i], strlen (bad[i]));
      PerryRegistryToken token = { 0 };
      GError *error = NULL;

      g_assert_false (perry_registry_token_parse (body, &token, &error));
      assert_failed (error, PERRY_ERROR_REGISTRY_FAILED, "has no token");
    }
}

static PerryRegistryManifest *
parse (const char *text, const char *type, GError **error)
{
  g_autoptr (GBytes) body = g_bytes_new_static (text, strlen (text));

  return perry_registry_manifest_parse (body, type, error);
}

#define CONFIG "\"config\": {\"digest\": \"" SHA "\"}"

static void
test_manifests (void)
{
  g_autoptr (PerryRegistryManifest) manifest = NULL;
  g_autoptr (PerryRegistryManifest) index = NULL;
  const PerryRegistryEntry *entry;

  manifest = parse ("{\"schemaVersion\": 2, " CONFIG ", \"layers\": [], \"annotations\": {}}",
                    " Application/vnd.oci.image.manifest.v1+JSON ; charset=utf-8", NULL);
  g_assert_false (manifest->is_index);
  g_assert_cmpstr (manifest->media_type, ==, OCI_MANIFEST);
  g_assert_cmpstr (manifest->config_digest, ==, SHA);
  index = parse ("{\"schemaVersion\": 2, \"mediaType\": \"" DOCKER_LIST "\", \"manifests\": [{\"digest\": \"" SHA "\", "
                 "\"platform\": {\"os\": \"linux\", \"architecture\": \"arm64\", \"variant\": \"v8\"}}, {\"digest\": \""
                 SHA "\"}]}", DOCKER_LIST, NULL);
  g_assert_true (index->is_index);
  g_assert_cmpuint (index->entries->len, ==, 2);
  entry = g_ptr_array_index (index->entries, 0);
  g_assert_cmpstr (entry->platform, ==, "linux/arm64");
  g_assert_cmpstr (entry->digest, ==, SHA);
  g_assert_null (((PerryRegistryEntry *) g_ptr_array_index (index->entries, 1))->platform);
}

static void
test_bad_manifests (void)
{
  static const struct { const char *body; const char *type; const char *text; } rows[] = {
    { "{}", OCI_MANIFEST, "schemaVersion is not 2" },
    { "{\"schemaVersion\": 1}", OCI_MANIFEST, "schemaVersion is not 2" },
    { "{\"schemaVersion\": 2}", OCI_MANIFEST, "no configuration" },
    { "{\"schemaVersion\": 2, \"config\": {}, \"layers\": []}", OCI_MANIFEST, "configuration has no valid digest" },
    { "{\"schemaVersion\": 2, " CONFIG "}", OCI_MANIFEST, "no list of layers" },
    { "{\"schemaVersion\": 2}", PERRY_REGISTRY_OCI_INDEX, "no list of manifests" },
    { "{\"schemaVersion\": 2, \"manifests\": [{}]}", PERRY_REGISTRY_OCI_INDEX, "entry 1 of the index has no valid digest" },
    { "{\"schemaVersion\": 2, \"manifests\": [{\"digest\": \"" SHA "\"}, 1]}", PERRY_REGISTRY_OCI_INDEX, "entry 2" },
    { "{\"schemaVersion\": 2, \"manifests\": [{\"digest\": \"" SHA "\", \"platform\": {}}]}", PERRY_REGISTRY_OCI_INDEX,
      "without a system" },
    /* what is an index to one reader and a manifest to another */
    { "{\"schemaVersion\": 2, \"manifests\": [], " CONFIG ", \"layers\": []}", PERRY_REGISTRY_OCI_INDEX, "“config”" },
    { "{\"schemaVersion\": 2, \"manifests\": [], \"layers\": []}", PERRY_REGISTRY_OCI_INDEX, "“layers”" },
    { "{\"schemaVersion\": 2, \"manifests\": [], " CONFIG ", \"layers\": []}", OCI_MANIFEST, "“manifests”" },
    { "{\"schemaVersion\": 2, \"mediaType\": \"" OCI_MANIFEST "\", \"manifests\": []}", PERRY_REGISTRY_OCI_INDEX,
      "calls itself something else" },
    { "{\"schemaVersion\": 2, \"mediaType\": 1, \"manifests\": []}", PERRY_REGISTRY_OCI_INDEX, "calls itself" },
    { "{\"schemaVersion\": 2, \"schemaVersion\": 2, \"manifests\": []}", PERRY_REGISTRY_OCI_INDEX, "twice" },
    { "{\"schemaVersion\": 2, \"manifests\": []} ", "application/vnd.docker.distribution.manifest.v1+prettyjws",
      "neither an image manifest" },
    { "{\"schemaVersion\": 2, \"manifests\": []}", NULL, "neither an image manifest" },
    { "[]", OCI_MANIFEST, "not a JSON object" },
    { "", OCI_MANIFEST, "its body" },
  };
  g_autoptr (GString) many = g_string_new ("{\"schemaVersion\": 2, \"manifests\": [1");
  GError *error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_null (parse (rows[i].body, rows[i].type, &error));
      assert_failed (g_steal_pointer (&error), PERRY_ERROR_REGISTRY_FAILED, rows[i].text);
    }
  for (guint i = 0; i < 1024; i++)
    g_string_append (many, ",1");
  g_string_append (many, "]}");
  g_assert_null (parse (many->str, PERRY_REGISTRY_OCI_INDEX, &error));
  assert_failed (error, PERRY_ERROR_REGISTRY_FAILED, "1025 entries");
}

/* An index of such entries, whose digests end with their number. */
static PerryRegistryManifest *
make_index (const char *const *platforms)
{
  g_autoptr (GString) text = g_string_new ("{\"schemaVersion\": 2, \"manifests\": [");

  for (gsize i = 0; platforms[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (platforms[i], "/", 3);

      g_string_append_printf (text, "%s{\"digest\": \"%.70s%" G_GSIZE_FORMAT "\", \"platform\": {\"os\": \"%s\", "
                              "\"architecture\": \"%s\", \"variant\": \"%s\"}}", i > 0 ? ", " : "", SHA, i, parts[0],
                              parts[1], parts[2] != NULL ? parts[2] : "");
    }
  g_string_append (text, "]}");
  return parse (text->str, PERRY_REGISTRY_OCI_INDEX, NULL);
}

#define LIST(...) { __VA_ARGS__, NULL }

static void
test_platforms (void)
{
  static const struct { const char *there[6]; const char *asked; const char *host; int wanted; } rows[] = {
    { LIST ("linux/arm64", "linux/amd64"), NULL, "linux/amd64", 1 },
    { LIST ("linux/arm64", "linux/amd64"), "linux/arm64", "linux/amd64", 0 },
    { LIST ("windows/amd64", "linux/amd64"), NULL, "linux/amd64", 1 },
    { LIST ("unknown/unknown", "linux/amd64", "linux/amd64"), NULL, "linux/amd64", 1 },
    /* what the processor executes, if there is nothing better; not if something was asked for */
    { LIST ("linux/386"), NULL, "linux/amd64", 0 },
    { LIST ("linux/386", "linux/amd64"), NULL, "linux/amd64", 1 },
    { LIST ("linux/386"), "linux/amd64", "linux/amd64", -1 },
    { LIST ("linux/arm/v6", "linux/arm/v7", "linux/arm/v5"), NULL, "linux/arm64", 1 },
    { LIST ("linux/arm/v6", "linux/arm/v5"), NULL, "linux/arm/v7", 0 },
    { LIST ("linux/arm/v6"), NULL, "linux/arm/v5", -1 },
    { LIST ("linux/arm/v6"), "linux/arm/v7", "linux/arm/v7", -1 },
    { LIST ("linux/arm/v6", "linux/arm/v7"), "linux/arm", "linux/amd64", 1 },
    { LIST ("linux/arm/v6", "linux/arm"), "linux/arm/v7", "linux/amd64", 1 },
    /* more than the host may have */
    { LIST ("linux/amd64/v3"), NULL, "linux/amd64", -1 },
    { LIST ("linux/amd64/v3", "linux/amd64/v2"), "linux/amd64", "linux/amd64", 1 },
    { LIST ("linux/amd64/v3", "linux/amd64"), "linux/amd64/v3", "linux/amd64", 0 },
    { LIST ("linux/amd64/v1", "linux/amd64/v2"), NULL, "linux/amd64", 0 },
    { LIST ("linux/s390x", "linux/arm64"), "linux", "linux/amd64", 0 },
    { LIST ("linux/s390x"), NULL, "linux/amd64", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PerryRegistryManifest) index = make_index (rows[i].there);
      g_autoptr (GError) error = NULL;
      const PerryRegistryEntry *entry;
      g_autofree char *message = g_strdup_printf ("row %" G_GSIZE_FORMAT, i);

      g_test_message ("%s", message);
      entry = perry_registry_manifest_choose (index, rows[i].asked, rows[i].host, &error);
      if (rows[i].wanted < 0)
        {
          g_assert_null (entry);
          g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
          g_assert_nonnull (strstr (error->message, rows[i].there[0]));
          continue;
        }
      g_assert_no_error (error);
      g_assert_true (entry == g_ptr_array_index (index->entries, rows[i].wanted));
    }
}

static void
test_configs (void)
{
  static const char arm[] = "{\"os\": \"linux\", \"architecture\": \"aarch64\", \"config\": {}}";
  g_autoptr (GBytes) full = g_bytes_new_static (arm, sizeof arm - 1);
  g_autoptr (GBytes) artifact = g_bytes_new_static ("{}", 2);
  g_autoptr (GBytes) half = g_bytes_new_static ("{\"os\": \"linux\"}", 15);
  g_autofree char *platform = NULL;
  char *none = (char *) "x";
  GError *error = NULL;

  g_assert_true (perry_registry_config_parse (full, &platform, NULL));
  g_assert_cmpstr (platform, ==, "linux/arm64");
  g_assert_true (perry_registry_config_parse (artifact, &none, NULL));
  g_assert_null (none);
  g_assert_false (perry_registry_config_parse (half, &none, &error));
  assert_failed (error, PERRY_ERROR_REGISTRY_FAILED, "without a system or an architecture");
}

static void
assert_proxy (const char *const *environment, const char *uri, const char *wanted)
{
  g_autoptr (GProxyResolver) resolver = perry_registry_proxy_resolver_new (environment);
  g_auto (GStrv) proxies = resolver != NULL ? g_proxy_resolver_lookup (resolver, uri, NULL, NULL) : NULL;

  g_assert_cmpstr (proxies != NULL ? proxies[0] : "direct://", ==, wanted);
}

static void
test_proxies (void)
{
  static const char *const none[] = { "HTTPS_PROXY=", "HTTP_PROXY=http://p.example:1", NULL };
  static const char *const one[] = { "HTTPS_PROXY=p.example:3128", "NO_PROXY=.a.example, b.example,10.0.0.0/8", NULL };
  static const char *const lower[] = { "HTTPS_PROXY=http://upper.example:1", "https_proxy=http://lower.example:1", NULL };
  static const char *const star[] = { "HTTPS_PROXY=p.example:3128", "NO_PROXY=*", NULL };

  assert_proxy (none, "https://r.example/", "direct://");
  assert_proxy (one, "https://r.example/", "http://p.example:3128");
  assert_proxy (one, "https://x.a.example/", "direct://");
  assert_proxy (one, "https://b.example/", "direct://");
  assert_proxy (one, "https://10.1.2.3/", "direct://");
  assert_proxy (one, "https://127.0.0.1:5000/", "direct://");
  assert_proxy (one, "https://localhost:5000/", "direct://");
  assert_proxy (one, "http://r.example/", "direct://");
  assert_proxy (lower, "https://r.example/", "http://lower.example:1");
  assert_proxy (star, "https://r.example/", "direct://");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registry-parts/digests", test_digests);
  g_test_add_func ("/registry-parts/endpoints", test_endpoints);
  g_test_add_func ("/registry-parts/addresses", test_addresses);
  g_test_add_func ("/registry-parts/challenges", test_challenges);
  g_test_add_func ("/registry-parts/tokens", test_tokens);
  g_test_add_func ("/registry-parts/manifests", test_manifests);
  g_test_add_func ("/registry-parts/manifests/bad", test_bad_manifests);
  g_test_add_func ("/registry-parts/platforms", test_platforms);
  g_test_add_func ("/registry-parts/configs", test_configs);
  g_test_add_func ("/registry-parts/proxies", test_proxies);
  return g_test_run ();
}
