/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/verification/perry-registry-manifest.h"
#include "tests/registry-fixture.h"

#define OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
/* a digest that nothing has */
#define NO_DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_PATH "/v2/app/manifests/sha256:.*"

typedef RegistryFixture Fixture;

/* Adds `app:TAG`, an index of two images, one of which this host executes. */
static char *
add_index (PerryFakeRegistry *registry, const char *tag, const char *content, char **ret_ours)
{
  g_autofree char *host = perry_registry_dup_host_platform ();
  g_autofree char *ours = perry_fake_registry_add_image (registry, "app", NULL, host, content);
  g_autofree char *other = perry_fake_registry_add_image (registry, "app", NULL, "linux/mips64", content);
  const char *const entries[] = { other, "linux/mips64", other, "unknown/unknown", ours, host, NULL };

  if (ret_ours != NULL)
    *ret_ours = g_steal_pointer (&ours);
  return perry_fake_registry_add_index (registry, "app", tag, entries);
}

static void
test_tag (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autofree char *digest = perry_fake_registry_add_image (registry, "team/app", "1", "linux/mips64", "x");
  g_autoptr (PerryRegistryImage) image = registry_fixture_resolve (fixture, registry, "team/app:1", NULL);

  g_assert_cmpstr (image->digest, ==, digest);
  g_assert_cmpstr (image->platform_digest, ==, digest);
  g_assert_cmpstr (image->media_type, ==, OCI_MANIFEST);
  g_assert_false (image->is_index);
  g_assert_null (image->notes[0]);
  /* one question is all that a tag costs */
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 1);
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, "HEAD", "/v2/team/app/manifests/1"), ==, 1);
}

static void
test_index (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autofree char *host = perry_registry_dup_host_platform ();
  g_autofree char *ours = NULL;
  g_autofree char *digest = add_index (registry, "latest", "x", &ours);
  g_autoptr (PerryRegistryImage) image = registry_fixture_resolve (fixture, registry, "app", NULL);
  g_autoptr (PerryRegistryImage) other = registry_fixture_resolve (fixture, registry, "app", "linux/mips64");

  g_assert_cmpstr (image->digest, ==, digest);
  g_assert_cmpstr (image->platform_digest, ==, ours);
  g_assert_cmpstr (image->platform, ==, host);
  g_assert_true (image->is_index);
  g_assert_cmpstr (other->digest, ==, digest);
  g_assert_cmpstr (other->platform_digest, !=, ours);
  g_assert_cmpstr (other->platform, ==, "linux/mips64");
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 4);
  registry_fixture_assert_unresolved (fixture, registry, "app", "linux/s390x", PERRY_ERROR_IMAGE_NOT_FOUND,
                                      "platform linux/s390x; there is linux/mips64, ");
}

/* Nobody is asked about what is known. */
static void
test_digest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autofree char *ours = NULL;
  g_autofree char *digest = add_index (registry, "1", "x", &ours);
  g_autofree char *name = g_strconcat ("app@", digest, NULL);
  g_autoptr (PerryImageReference) reference = registry_fixture_refer (registry, name);
  g_autoptr (PerryRegistryImage) image = registry_fixture_resolve (fixture, registry, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (image->digest, ==, digest);
  g_assert_null (image->media_type);
  g_assert_null (image->platform_digest);
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 0);
  g_assert_true (perry_registry_client_choose_platform (fixture->client, reference, image, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (image->is_index);
  g_assert_cmpstr (image->platform_digest, ==, ours);
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 1);
}

/* A manifest does not say its platform, its configuration does. */
static void
test_single_platform (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autofree char *digest = perry_fake_registry_add_image (registry, "app", "1", "linux/arm/v7", "x");
  g_autoptr (PerryRegistryImage) image = registry_fixture_resolve (fixture, registry, "app:1", "linux/armhf");
  const PerryFakeRegistryFault tampered = { .path = "/v2/app/blobs/.*", .body = "{\"os\": \"linux\"}" };

  g_assert_cmpstr (image->platform, ==, "linux/arm/v7");
  g_assert_cmpstr (image->platform_digest, ==, digest);
  registry_fixture_assert_unresolved (fixture, registry, "app:1", "linux/amd64", PERRY_ERROR_IMAGE_NOT_FOUND,
                                      "it is for linux/arm/v7 alone");
  perry_fake_registry_add_fault (registry, &tampered);
  registry_fixture_assert_unresolved (fixture, registry, "app:1", "linux/arm/v7", PERRY_ERROR_REGISTRY_FAILED,
                                      "the body has the digest");
}

static void
test_no_digest_header (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_NO_DIGEST);
  g_autofree char *digest = perry_fake_registry_add_image (registry, "app", "1", "linux/amd64", "x");
  g_autoptr (PerryRegistryImage) image = registry_fixture_resolve (fixture, registry, "app:1", NULL);

  g_assert_cmpstr (image->digest, ==, digest);
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, "GET", "/v2/app/manifests/1"), ==, 1);
}

static void
test_no_head (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autofree char *digest = perry_fake_registry_add_image (registry, "app", "1", "linux/amd64", "x");
  const PerryFakeRegistryFault no_head = { .method = "HEAD", .path = ".*", .status = 405 };
  g_autoptr (PerryRegistryImage) image = NULL;

  perry_fake_registry_add_fault (registry, &no_head);
  image = registry_fixture_resolve (fixture, registry, "app:1", NULL);
  g_assert_cmpstr (image->digest, ==, digest);
}

/* A digest that is not sha256 is one, too. */
static void
test_sha512 (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  const char *body = "{\"schemaVersion\": 2, \"manifests\": []}";
  g_autofree char *sha256 = perry_fake_registry_add_manifest (registry, "app", "1", PERRY_REGISTRY_OCI_INDEX, body);
  g_autofree char *digits = g_compute_checksum_for_string (G_CHECKSUM_SHA512, body, -1);
  g_autofree char *sha512 = g_strconcat ("sha512:", digits, NULL);
  PerryFakeRegistryFault get = { .method = "GET", .path = "/v2/app/manifests/sha512:.*", .status = 200, .body = body,
                                 .content_type = PERRY_REGISTRY_OCI_INDEX, .digest = sha512 };
  const PerryFakeRegistryFault head = { .method = "HEAD", .path = ".*", .digest = sha512 };

  perry_fake_registry_add_fault (registry, &head);
  perry_fake_registry_add_fault (registry, &get);
  registry_fixture_assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_IMAGE_NOT_FOUND,
                                      "there is none at all");
  get.body = "{\"schemaVersion\": 2, \"manifests\": [] }";
  perry_fake_registry_add_fault (registry, &get);
  registry_fixture_assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_REGISTRY_FAILED,
                                      "the body has the digest sha512:");
}

static void
test_arguments (Fixture *fixture, gconstpointer data)
{
  static const char *const bad[] = { "", "linux//v7", "linux/arm/v7/x", "/", "linux/" };
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autoptr (PerryImageReference) id = perry_image_reference_parse (NO_DIGEST, NULL);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    registry_fixture_assert_unresolved (fixture, registry, "app:1", bad[i], PERRY_ERROR_INVALID_ARGUMENT,
                                        "is not a platform");
  g_assert_null (perry_registry_client_resolve (fixture->client, id, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 0);
}

/* Everything that a registry can do wrong, each with its own words; `app` is an index. */
static void
test_faults (Fixture *fixture, gconstpointer data)
{
  static const struct { PerryFakeRegistryFault fault; PerryError code; const char *text; } rows[] = {
    { { .path = ".*", .status = 404 }, PERRY_ERROR_IMAGE_NOT_FOUND, "there is no such image" },
    { { .path = ".*", .status = 500 }, PERRY_ERROR_REGISTRY_FAILED, "HEAD manifests/latest: the registry answered with "
                                                                     "status 500" },
    { { .path = DIGEST_PATH, .status = 503, .body = "{\"errors\": [{\"code\": \"NO\\u001b[1m\"}]}" },
      PERRY_ERROR_REGISTRY_FAILED, "status 503: NO [1m" },
    { { .path = ".*", .status = 429, .retry_after = "7" }, PERRY_ERROR_REGISTRY_FAILED, "(Retry-After: 7)" },
    { { .path = ".*", .status = 403 }, PERRY_ERROR_PERMISSION_DENIED, "somebody without credentials (status 403)" },
    { { .path = ".*", .status = 401 }, PERRY_ERROR_PERMISSION_DENIED, "status 401" },
    { { .path = ".*", .status = 204 }, PERRY_ERROR_REGISTRY_FAILED, "status 204" },
    { { .path = ".*", .status = 307 }, PERRY_ERROR_REGISTRY_FAILED, "to no address" },
    { { .path = ".*", .close = TRUE }, PERRY_ERROR_REGISTRY_FAILED, "HEAD manifests/latest" },
    { { .method = "HEAD", .path = ".*", .digest = "sha256:0" }, PERRY_ERROR_REGISTRY_FAILED, "is no digest" },
    { { .method = "HEAD", .path = ".*", .digest = NO_DIGEST }, PERRY_ERROR_IMAGE_NOT_FOUND, "MANIFEST_UNKNOWN" },
    { { .method = "HEAD", .path = ".*", .content_type = "text/html" }, PERRY_ERROR_REGISTRY_FAILED, "“text/html”" },
    { { .path = DIGEST_PATH, .digest = NO_DIGEST }, PERRY_ERROR_REGISTRY_FAILED, "not " NO_DIGEST },
    { { .path = DIGEST_PATH, .body = "{}" }, PERRY_ERROR_REGISTRY_FAILED, "the body has the digest" },
    { { .path = DIGEST_PATH, .grow = 1 }, PERRY_ERROR_REGISTRY_FAILED, "the body has the digest" },
    { { .path = DIGEST_PATH, .grow = PERRY_REGISTRY_MAX_MANIFEST }, PERRY_ERROR_LIMIT_EXCEEDED, "4194304 bytes" },
    { { .path = DIGEST_PATH, .content_type = OCI_MANIFEST }, PERRY_ERROR_REGISTRY_FAILED, "calls itself something else" },
    { { .path = DIGEST_PATH, .content_type = "application/json" }, PERRY_ERROR_REGISTRY_FAILED, "“application/json”" },
  };
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autofree char *digest = add_index (registry, "latest", "x", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *where = g_strconcat ("app:latest at the registry ", perry_fake_registry_get_name (registry), NULL);

      perry_fake_registry_add_fault (registry, &rows[i].fault);
      registry_fixture_assert_unresolved (fixture, registry, "app", NULL, rows[i].code, rows[i].text);
      registry_fixture_assert_unresolved (fixture, registry, "app", NULL, rows[i].code, where);
      perry_fake_registry_clear_faults (registry);
    }
  /* and it is as good as before */
  perry_registry_image_free (registry_fixture_resolve (fixture, registry, "app", NULL));
}

static void
test_timeout (Fixture *fixture, gconstpointer data)
{
  const PerryFakeRegistryFault hang = { .path = ".*", .hang = TRUE };
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);

  fixture->options.timeout_ms = 50;
  perry_fake_registry_add_fault (registry, &hang);
  registry_fixture_assert_unresolved (fixture, registry, "app", NULL, PERRY_ERROR_TIMED_OUT, "no answer within 50 ms");
}

static void
test_not_reached (Fixture *fixture, gconstpointer data)
{
  PerryFakeRegistry *registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autofree char *text = g_strconcat (perry_fake_registry_get_name (registry), "/app", NULL);
  g_autoptr (PerryImageReference) reference = perry_image_reference_parse (text, NULL);
  g_autoptr (GError) error = NULL;

  perry_fake_registry_free (registry);
  g_assert_null (perry_registry_client_resolve (registry_fixture_get_client (fixture), reference, NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED);
}

typedef struct {
  PerryFakeRegistry *registry;
  GCancellable *cancellable;
  gint64 cancelled_at;
} Canceller;

static gpointer
cancel_when_asked (gpointer data)
{
  Canceller *canceller = data;

  g_assert_true (perry_fake_registry_wait_for (canceller->registry, NULL, ".*", 1));
  canceller->cancelled_at = g_get_monotonic_time ();
  g_cancellable_cancel (canceller->cancellable);
  return NULL;
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  const PerryFakeRegistryFault hang = { .path = ".*", .hang = TRUE };
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autoptr (PerryImageReference) reference = registry_fixture_refer (registry, "app");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Canceller canceller = { .registry = registry, .cancellable = cancellable };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;
  GThread *thread;

  perry_fake_registry_add_fault (registry, &hang);
  thread = g_thread_new ("cancel", cancel_when_asked, &canceller);
  g_assert_null (perry_registry_client_resolve (registry_fixture_get_client (fixture), reference, NULL, cancellable,
                                                &error));
  g_thread_join (thread);
  g_test_message ("%" G_GINT64_FORMAT " µs after the cancellation", g_get_monotonic_time () - canceller.cancelled_at);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - canceller.cancelled_at, <, 2 * G_TIME_SPAN_SECOND);
  /* and before anything is asked */
  g_assert_null (perry_registry_client_resolve (fixture->client, reference, NULL, cancellable, &second));
  g_assert_error (second, PERRY_ERROR, PERRY_ERROR_CANCELLED);
}

/* At whatever moment somebody moves the tag: what is chosen belongs to what was resolved. */
static void
test_swapped_tag (Fixture *fixture, gconstpointer data)
{
  for (guint after = 1; after <= 3; after++)
    {
      g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
      g_autofree char *old_ours = NULL;
      g_autofree char *new_ours = NULL;
      g_autofree char *new_index = add_index (registry, NULL, "new", &new_ours);
      g_autofree char *old_index = add_index (registry, "latest", "old", &old_ours);
      g_autoptr (PerryRegistryImage) image = NULL;
      g_autoptr (PerryRegistryImage) next = NULL;

      perry_fake_registry_swap_tag (registry, "app", "latest", new_index, after);
      image = registry_fixture_resolve (fixture, registry, "app", NULL);
      g_assert_cmpstr (image->digest, ==, old_index);
      g_assert_cmpstr (image->platform_digest, ==, old_ours);
      next = registry_fixture_resolve (fixture, registry, "app", NULL);
      g_assert_cmpstr (next->digest, ==, after < 3 ? new_index : old_index);
      g_assert_cmpstr (next->platform_digest, ==, after < 3 ? new_ours : old_ours);
    }
}

static void
test_redirects (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_BASIC);
  g_autoptr (PerryFakeRegistry) store = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);
  g_autofree char *digest = perry_fake_registry_add_image (registry, "app", "1", "linux/amd64", "x");
  g_autofree char *same = perry_fake_registry_add_image (store, "app", "1", "linux/amd64", "x");
  g_autofree char *location = g_strdup_printf ("http://%s/v2/app/manifests/1", perry_fake_registry_get_name (store));
  g_autofree char *home = g_strdup_printf ("http://%s/v2/app/manifests/home", perry_fake_registry_get_name (registry));
  const PerryFakeRegistryFault back = { .path = ".*", .status = 307, .location = home };
  const PerryFakeRegistryFault away = { .path = "/v2/app/manifests/1", .status = 307, .location = location };
  const PerryFakeRegistryFault round = { .path = ".*", .status = 302, .location = "/v2/app/manifests/2" };
  const PerryFakeRegistryFault wants_login = { .path = ".*", .status = 401, .challenge = "Basic realm=\"x\"" };
  g_autoptr (PerryRegistryImage) image = NULL;
  g_autoptr (GPtrArray) requests = NULL;

  perry_fake_registry_set_login (registry, "user", "secret", NULL, FALSE);
  registry_fixture_log_in (fixture, registry, "user", "secret", NULL);
  perry_registry_image_free (registry_fixture_resolve (fixture, registry, "app:1", NULL));
  perry_fake_registry_add_fault (registry, &away);
  image = registry_fixture_resolve (fixture, registry, "app:1", NULL);
  g_assert_cmpstr (image->digest, ==, digest);
  /* what is for the registry is not for its store, even if that asks for it */
  perry_fake_registry_add_fault (store, &wants_login);
  registry_fixture_assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_PERMISSION_DENIED, "status 401");
  requests = perry_fake_registry_dup_requests (store);
  g_assert_cmpuint (requests->len, ==, 2);
  for (guint i = 0; i < requests->len; i++)
    g_assert_null (((PerryFakeRegistryRequest *) g_ptr_array_index (requests, i))->authorization);
  /* nor for an address that the store has thought of */
  perry_fake_registry_add_fault (store, &back);
  perry_fake_registry_set_tag (registry, "app", "home", digest);
  registry_fixture_assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_PERMISSION_DENIED, "status 401");
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, "/v2/app/manifests/home"), ==, 1);

  perry_fake_registry_add_fault (registry, &round);
  perry_fake_registry_forget_requests (registry);
  registry_fixture_assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_REGISTRY_FAILED,
                                      "redirects more than 5 times");
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, NULL, ".*"), ==, 6);
}

static void
test_bad_redirects (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *location; const char *text; } rows[] = {
    { "http://registry.example/", "is not HTTPS" },
    { "https://user:secret@registry.example/", "has a user" },
    { "ftp://127.0.0.1/", "is not HTTPS" },
    { "file:///etc/passwd", "no address" },
    { "https://", "no address" },
  };
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_PLAIN);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const PerryFakeRegistryFault fault = { .path = ".*", .status = 307, .location = rows[i].location };

      perry_fake_registry_add_fault (registry, &fault);
      registry_fixture_assert_unresolved (fixture, registry, "app:1", NULL, PERRY_ERROR_REGISTRY_FAILED, rows[i].text);
    }
}

static gpointer
resolve_often (gpointer data)
{
  gpointer *arguments = data;

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryRegistryImage) image = perry_registry_client_resolve (arguments[0], arguments[1], NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (image->digest, ==, arguments[2]);
    }
  return NULL;
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryFakeRegistry) registry = perry_fake_registry_new (PERRY_FAKE_REGISTRY_TOKENS);
  g_autofree char *digest = add_index (registry, "latest", "x", NULL);
  g_autoptr (PerryImageReference) reference = registry_fixture_refer (registry, "app");
  gpointer arguments[] = { registry_fixture_get_client (fixture), reference, digest };
  GThread *threads[8];

  perry_fake_registry_set_login (registry, NULL, NULL, NULL, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("resolve", resolve_often, arguments);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (perry_fake_registry_count_requests (registry, "GET", "/token"), <=, G_N_ELEMENTS (threads));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) \
  g_test_add ("/registry-client/" path, Fixture, NULL, registry_fixture_set_up, function, registry_fixture_tear_down)
  ADD ("tag", test_tag);
  ADD ("index", test_index);
  ADD ("digest", test_digest);
  ADD ("single-platform", test_single_platform);
  ADD ("no-digest-header", test_no_digest_header);
  ADD ("no-head", test_no_head);
  ADD ("sha512", test_sha512);
  ADD ("arguments", test_arguments);
  ADD ("faults", test_faults);
  ADD ("timeout", test_timeout);
  ADD ("not-reached", test_not_reached);
  ADD ("cancelled", test_cancelled);
  ADD ("swapped-tag", test_swapped_tag);
  ADD ("redirects", test_redirects);
  ADD ("redirects/bad", test_bad_redirects);
  ADD ("threads", test_threads);
  return g_test_run ();
}
