/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/engine/perry-resolve.h"
#include "tests/stub-backend.h"

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
give_image (StubBackend *stub)
{
  stub->image = perry_image_info_new ();
  stub->image->id = g_strdup ("sha256:" DIGITS);
}

/* What a container is created from is never a tag: tags move. */
static void
test_pins (void)
{
  static const struct { const char *reference; PerryPinKind kind; const char *text, *value, *digest; } rows[] = {
    { "bb:1", PERRY_PIN_IMAGE_ID, "docker.io/library/bb:1", "sha256:" DIGITS, NULL },
    { "sha256:" DIGITS, PERRY_PIN_IMAGE_ID, "sha256:" DIGITS, "sha256:" DIGITS, NULL },
    { "bb@sha256:" DIGITS, PERRY_PIN_REGISTRY_DIGEST, "docker.io/library/bb@sha256:" DIGITS,
      "docker.io/library/bb@sha256:" DIGITS, "sha256:" DIGITS },
    { "example.org:5000/a/b:tag@sha256:" DIGITS, PERRY_PIN_REGISTRY_DIGEST,
      "example.org:5000/a/b:tag@sha256:" DIGITS, "example.org:5000/a/b@sha256:" DIGITS, "sha256:" DIGITS },
  };
  g_auto (StubBackend) stub = { .wait_ms = 0 };

  stub_backend_init (&stub);
  give_image (&stub);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryPin) pin = perry_resolve_image (stub.backend, rows[i].reference, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (pin->kind, ==, rows[i].kind);
      g_assert_cmpstr (pin->reference, ==, rows[i].text);
      g_assert_cmpstr (pin->value, ==, rows[i].value);
      g_assert_cmpstr (pin->digest, ==, rows[i].digest);
      g_assert_cmpstr (pin->image->id, ==, "sha256:" DIGITS);
    }
}

static void
test_failures (void)
{
  g_auto (StubBackend) stub = { .wait_ms = 0 };
  g_autoptr (GError) error = NULL;

  stub_backend_init (&stub);
  g_assert_null (perry_resolve_image (stub.backend, "Not A Reference", NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE);
  g_clear_error (&error);

  g_assert_null (perry_resolve_image (stub.backend, "bb:1", NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "stub has no image docker.io/library/bb:1"));
  g_clear_error (&error);

  stub.fails_inspect = TRUE;
  g_assert_null (perry_resolve_image (stub.backend, "bb:1", NULL, NULL, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED);
  perry_pin_free (NULL);
}

static void
test_normalise (void)
{
  g_autofree char *text = perry_resolve_normalise ("bb", NULL);

  g_assert_cmpstr (text, ==, "docker.io/library/bb:latest");
  g_assert_null (perry_resolve_normalise ("-bb", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resolve/pins", test_pins);
  g_test_add_func ("/resolve/failures", test_failures);
  g_test_add_func ("/resolve/normalise", test_normalise);
  return g_test_run ();
}
