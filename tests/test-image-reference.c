/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-image-reference.h"

#include <string.h>

#include "plugin-api/perry-error.h"

#define HEX64 "3f5ef9003cef0123456789abcdef0123456789abcdef0123456789abcdef0123"
#define SHA256 "sha256:" HEX64
#define SHA512 "sha512:" HEX64 HEX64

static PerryImageReference *
parse_ok (const char *text)
{
  g_autoptr (GError) error = NULL;
  PerryImageReference *reference = perry_image_reference_parse (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (reference);
  return reference;
}

/* What was written is read back as the same reference, from the whole and from the familiar form. */
static void
assert_round_trip (const PerryImageReference *reference)
{
  g_autofree char *whole = perry_image_reference_to_string (reference);
  g_autofree char *familiar = perry_image_reference_to_familiar_string (reference);
  g_autoptr (PerryImageReference) from_whole = parse_ok (whole);
  g_autoptr (PerryImageReference) from_familiar = parse_ok (familiar);

  g_assert_true (perry_image_reference_equal (from_whole, reference));
  g_assert_true (perry_image_reference_equal (from_familiar, reference));
}

static void
test_good (void)
{
  static const struct {
    const char *text;
    const char *registry;
    const char *repository;
    const char *tag;
    const char *digest;
    const char *familiar;
  } cases[] = {
    { "alpine", "docker.io", "library/alpine", "latest", NULL, "alpine:latest" },
    { "alpine:3.19", "docker.io", "library/alpine", "3.19", NULL, "alpine:3.19" },
    { "library/alpine", "docker.io", "library/alpine", "latest", NULL, "alpine:latest" },
    { "docker.io/alpine", "docker.io", "library/alpine", "latest", NULL, "alpine:latest" },
    { "docker.io/library/alpine:3.19", "docker.io", "library/alpine", "3.19", NULL, "alpine:3.19" },
    { "index.docker.io/library/alpine", "docker.io", "library/alpine", "latest", NULL, "alpine:latest" },
    { "Docker.IO/a/b", "docker.io", "a/b", "latest", NULL, "a/b:latest" },
    { "user/app", "docker.io", "user/app", "latest", NULL, "user/app:latest" },
    { "library/a/b", "docker.io", "library/a/b", "latest", NULL, "library/a/b:latest" },
    { "a/b/c/d:e", "docker.io", "a/b/c/d", "e", NULL, "a/b/c/d:e" },
    { "quay.io/podman/stable:v5", "quay.io", "podman/stable", "v5", NULL, "quay.io/podman/stable:v5" },
    { "Quay.IO/podman/stable", "quay.io", "podman/stable", "latest", NULL, "quay.io/podman/stable:latest" },
    { "ghcr.io/app", "ghcr.io", "app", "latest", NULL, "ghcr.io/app:latest" },
    { "localhost/app", "localhost", "app", "latest", NULL, "localhost/app:latest" },
    { "localhost:5000/app", "localhost:5000", "app", "latest", NULL, "localhost:5000/app:latest" },
    { "LOCALHOST/app", "localhost", "app", "latest", NULL, "localhost/app:latest" },
    { "localhost", "docker.io", "library/localhost", "latest", NULL, "localhost:latest" },
    { "localhost:5000", "docker.io", "library/localhost", "5000", NULL, "localhost:5000" },
    { "registry:5000/a/b:c", "registry:5000", "a/b", "c", NULL, "registry:5000/a/b:c" },
    { "192.0.2.1:65535/x", "192.0.2.1:65535", "x", "latest", NULL, "192.0.2.1:65535/x:latest" },
    { "my-reg--1.example/x", "my-reg--1.example", "x", "latest", NULL, "my-reg--1.example/x:latest" },
    { "[::1]/x", "[::1]", "x", "latest", NULL, "[::1]/x:latest" },
    { "[2001:DB8::1]:5000/x/y:z", "[2001:db8::1]:5000", "x/y", "z", NULL, "[2001:db8::1]:5000/x/y:z" },
    { "docker.io/localhost/x", "docker.io", "localhost/x", "latest", NULL, "docker.io/localhost/x:latest" },
    { "docker.io/a.b/x", "docker.io", "a.b/x", "latest", NULL, "docker.io/a.b/x:latest" },
    { "alpine@" SHA256, "docker.io", "library/alpine", NULL, SHA256, "alpine@" SHA256 },
    { "alpine:3.19@" SHA256, "docker.io", "library/alpine", "3.19", SHA256, "alpine:3.19@" SHA256 },
    { "r.example:1/a@" SHA512, "r.example:1", "a", NULL, SHA512, "r.example:1/a@" SHA512 },
    { "sha256", "docker.io", "library/sha256", "latest", NULL, "library/sha256:latest" },
    { "library/" HEX64, "docker.io", "library/" HEX64, "latest", NULL, "library/" HEX64 ":latest" },
    { HEX64 ":tag", "docker.io", "library/" HEX64, "tag", NULL, "library/" HEX64 ":tag" },
    { "3f5ef9003cef", "docker.io", "library/3f5ef9003cef", "latest", NULL, "3f5ef9003cef:latest" },
    { "a.b_c__d-e---f", "docker.io", "library/a.b_c__d-e---f", "latest", NULL, "a.b_c__d-e---f:latest" },
    { "0/1:_A.b-c", "docker.io", "0/1", "_A.b-c", NULL, "0/1:_A.b-c" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PerryImageReference) reference = parse_ok (cases[i].text);
      g_autofree char *familiar = perry_image_reference_to_familiar_string (reference);

      g_assert_cmpint (perry_image_reference_get_kind (reference), ==, PERRY_IMAGE_REFERENCE_NAME);
      g_assert_cmpstr (perry_image_reference_get_registry (reference), ==, cases[i].registry);
      g_assert_cmpstr (perry_image_reference_get_repository (reference), ==, cases[i].repository);
      g_assert_cmpstr (perry_image_reference_get_tag (reference), ==, cases[i].tag);
      g_assert_cmpstr (perry_image_reference_get_digest (reference), ==, cases[i].digest);
      g_assert_cmpstr (familiar, ==, cases[i].familiar);
      assert_round_trip (reference);
    }
}

static void
test_whole_form (void)
{
  g_autoptr (PerryImageReference) reference = parse_ok ("alpine:3.19@" SHA256);
  g_autofree char *whole = perry_image_reference_to_string (reference);

  g_assert_cmpstr (whole, ==, "docker.io/library/alpine:3.19@" SHA256);
}

static void
test_image_ids (void)
{
  static const char *const texts[] = { HEX64, SHA256 };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (PerryImageReference) reference = parse_ok (texts[i]);
      g_autofree char *whole = perry_image_reference_to_string (reference);

      g_assert_cmpint (perry_image_reference_get_kind (reference), ==, PERRY_IMAGE_REFERENCE_IMAGE_ID);
      g_assert_null (perry_image_reference_get_registry (reference));
      g_assert_null (perry_image_reference_get_repository (reference));
      g_assert_null (perry_image_reference_get_tag (reference));
      g_assert_cmpstr (perry_image_reference_get_digest (reference), ==, SHA256);
      g_assert_cmpstr (whole, ==, SHA256);
      assert_round_trip (reference);
    }
}

static const struct { const char *text; const char *message; } bad_references[] = {
  { "", "character 1: it is empty" },
  { " ", "character 1: there is a space" },
  { "alpine ", "character 7: there is a space" },
  { "al pine", "character 3: there is a space" },
  { "alpine\n", "\"alpine\\x0a\", character 7: there is a control character" },
  { "a\tb", "control character" },
  { "a\x7f", "control character" },
  { "\x1b[31m", "\"\\x1b[31m\", character 1: there is a control character" },
  { "caf\xc3\xa9", "\"caf\\xc3\\xa9\", character 4: there is a character that is not ASCII" },
  { "a\xff", "not ASCII" },
  { "-v", "would be taken for an option" },
  { "--privileged", "would be taken for an option" },
  { "../x", "looks like a path" },
  { "./x", "looks like a path" },
  { "/x", "looks like a path" },
  { "..", "a part of the repository is empty" },
  { "https://quay.io/a", "character 6: there is a URL scheme" },
  { "a/../b", "character 3: a part of the repository is empty" },
  { "x.example/../b", "a part of the repository is empty" },
  { "a//b", "character 3: a part of the repository is empty" },
  { "a/", "character 3: a part of the repository is empty" },
  { "a/b/", "a part of the repository is empty" },
  { "x.example/", "a part of the repository is empty" },
  { "Alpine", "character 1: \"A\" is in upper case" },
  { "alPine", "character 3: \"P\" is in upper case" },
  { "MyOrg/app", "is in upper case" },
  { "x.example/App", "character 11: \"A\" is in upper case" },
  { "a..b", "character 3: a part" },
  { "a._b", "character 3: a part" },
  { "a___b", "character 4: a part" },
  { "a-_b", "character 3: a part" },
  { ".a", "a part" },
  { "_a", "a part" },
  { "a.", "a part" },
  { "a-", "a part" },
  { "a__", "a part" },
  { "a/-b", "a part" },
  { "a$b", "\"$\" is not allowed in a repository" },
  { "a+b", "\"+\" is not allowed" },
  { "a\\b", "\"\\\" is not allowed" },
  { "$(id)", "\"$\" is not allowed" },
  { "a;b", "\";\" is not allowed" },
  { "a:b/c:d:e", "port" },
  { "a/b:c:d", "\":\" is not allowed in a repository" },
  { "image:", "character 7: there is no tag after the colon" },
  { ":tag", "there is no name" },
  { "a:-b", "\"-\" is not allowed at the beginning of a tag" },
  { "a:.b", "\".\" is not allowed at the beginning of a tag" },
  { "a:b+c", "\"+\" is not allowed in a tag" },
  { "a@", "a digest begins with" },
  { "@" SHA256, "there is no name" },
  { ":@" SHA256, "no tag after the colon" },
  { "a@sha256:short", "followed by 64 hexadecimal digits" },
  { "a@sha256:", "followed by 64 hexadecimal digits" },
  { "a@" SHA256 "0", "followed by 64 hexadecimal digits" },
  { "a@sha256:3F5EF9003CEF0123456789abcdef0123456789abcdef0123456789abcdef0123", "in lower case" },
  { "a@sha512:" HEX64, "followed by 128" },
  { "a@md5:0123456789abcdef0123456789abcdef", "a digest begins with" },
  { "a@" SHA256 "@" SHA256, "followed by 64" },
  { "a@" SHA256 ":tag", "followed by 64" },
  { "sha256:short", "followed by 64" },
  { "sha256:latest", "followed by 64" },
  { SHA512, "an image id begins with sha256:" },
  { "-.example/x", "would be taken for an option" },
  { "a-.example/x", "the registry is not a host name" },
  { "a.-b/x", "the registry is not a host name" },
  { "a..b/x", "the registry is not a host name" },
  { "a./x", "the registry is not a host name" },
  { ".a/x", "the registry is not a host name" },
  { "a_b.example/x", "the registry is not a host name" },
  { "user@x.example/y", "a digest begins with" },
  { "a:/x", "port" },
  { ":5000/x", "no host name before the port" },
  { "a:0/x", "port" },
  { "a:65536/x", "port" },
  { "a:+1/x", "port" },
  { "a:80a/x", "port" },
  { "a:1:2/x", "port" },
  { "::1/x", "no host name" },
  { "[::1/x", "IPv6" },
  { "[]/x", "IPv6" },
  { "[::g]/x", "IPv6" },
  { "[fe80::1%eth0]/x", "IPv6" },
  { "[::1]x/y", "character 6: only a port can follow" },
  { "[::1]:/y", "port" },
  { "[::1]", "is not allowed" },
};

static void
test_bad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_references); i++)
    {
      g_autoptr (GError) error = NULL;

      if (perry_image_reference_parse (bad_references[i].text, &error) != NULL)
        g_error ("\"%s\" was accepted", bad_references[i].text);
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      if (strstr (error->message, bad_references[i].message) == NULL)
        g_error ("\"%s\" is not in \"%s\"", bad_references[i].message, error->message);
    }
}

static void
test_lengths (void)
{
  static const struct { const char *before; gsize n; const char *after; gboolean ok; } cases[] = {
    { "a:", 128, "", TRUE },
    { "a:", 129, "", FALSE },
    { "", 255 - strlen ("docker.io/library/"), "", TRUE },
    { "", 256 - strlen ("docker.io/library/"), "", FALSE },
    { "x.example/", 255 - strlen ("x.example/"), "", TRUE },
    { "x.example/", 256 - strlen ("x.example/"), "", FALSE },
    { "x.example/", 255 - strlen ("x.example/"), ":tag@" SHA512, TRUE },
    { "", 255 - 2, ".b/c", FALSE },
    { "", 1000000, "", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *filler = g_strnfill (cases[i].n, 'z');
      g_autofree char *text = g_strconcat (cases[i].before, filler, cases[i].after, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (PerryImageReference) reference = perry_image_reference_parse (text, &error);

      g_assert_true ((reference != NULL) == cases[i].ok);
      if (!cases[i].ok)
        {
          g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE);
          g_assert_cmpuint (strlen (error->message), <, 300);
        }
    }
}

static void
test_with_digest (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryImageReference) reference = parse_ok ("quay.io/a/b:tag");
  g_autoptr (PerryImageReference) image_id = parse_ok (HEX64);
  g_autoptr (PerryImageReference) pinned = perry_image_reference_with_digest (reference, SHA256, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = perry_image_reference_to_string (pinned);
  g_assert_cmpstr (text, ==, "quay.io/a/b@" SHA256);

  g_assert_null (perry_image_reference_with_digest (reference, "sha256:1", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE);
  g_clear_error (&error);
  g_assert_null (perry_image_reference_with_digest (image_id, SHA256, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE);
}

static void
test_boxed (void)
{
  g_autoptr (PerryImageReference) reference = parse_ok ("alpine");
  g_autoptr (PerryImageReference) other = parse_ok ("docker.io/library/alpine:latest");
  g_autoptr (PerryImageReference) different = parse_ok ("alpine:3");
  PerryImageReference *copy = g_boxed_copy (PERRY_TYPE_IMAGE_REFERENCE, reference);

  g_assert_true (perry_image_reference_equal (copy, other));
  g_assert_false (perry_image_reference_equal (copy, different));
  g_boxed_free (PERRY_TYPE_IMAGE_REFERENCE, copy);
}

/* Whatever the bytes: no crash, a message in UTF-8, and what is accepted survives a round trip. */
static void
test_mutations (void)
{
  static const char *const seeds[] = { "quay.io:443/a/b-c__d:tag@" SHA256, "[2001:db8::1]:5000/x:y", "library/" HEX64,
                                       "docker.io/localhost/a.b:1", SHA256 };
  static const char alphabet[] = "az09AZ.:/@-_[] \n\xff" "fs";
  g_autoptr (GRand) rand = g_rand_new_with_seed (20240602);
  guint n_good = 0, n_bad = 0;

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (seeds[i % G_N_ELEMENTS (seeds)]);
      g_autoptr (PerryImageReference) reference = NULL;
      g_autoptr (GError) error = NULL;

      for (gint32 j = g_rand_int_range (rand, 1, 4); j > 0 && text->len > 0; j--)
        {
          gsize at = (gsize) g_rand_int_range (rand, 0, (gint32) text->len);

          if (g_rand_boolean (rand))
            text->str[at] = alphabet[g_rand_int_range (rand, 0, sizeof alphabet - 1)];
          else
            g_string_erase (text, (gssize) at, g_rand_int_range (rand, 1, (gint32) (text->len - at) + 1));
        }

      reference = perry_image_reference_parse (text->str, &error);
      if (reference != NULL)
        assert_round_trip (reference);
      else
        g_assert_true (g_utf8_validate (error->message, -1, NULL));
      *(reference != NULL ? &n_good : &n_bad) += 1;
    }
  g_assert_cmpuint (n_good, >, 1000);
  g_assert_cmpuint (n_bad, >, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-reference/parse/completes-names", test_good);
  g_test_add_func ("/image-reference/parse/recognises-image-ids", test_image_ids);
  g_test_add_func ("/image-reference/parse/refuses-what-is-malformed", test_bad);
  g_test_add_func ("/image-reference/parse/limits-lengths", test_lengths);
  g_test_add_func ("/image-reference/parse/survives-mutations", test_mutations);
  g_test_add_func ("/image-reference/write/whole-form", test_whole_form);
  g_test_add_func ("/image-reference/with-digest", test_with_digest);
  g_test_add_func ("/image-reference/is-boxed", test_boxed);
  return g_test_run ();
}
