/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/integration/verify-place.h"

/* Which images run, which are refused and in which words: by both cosigns, and by programs that are none. */

#define IMAGE(name) VERIFY_PLACE_REGISTRY "/" name ":1"
#define UNSIGNED IMAGE ("key/unsigned")
#define PERRYCTL(...) perry_live_engine_perryctl (place->live, NULL, __VA_ARGS__, NULL)

static void
configure (VerifyPlace *place, const char *program, const char *keys)
{
  const VerifySettings settings = { .program = program, .keys = keys };

  verify_place_configure (place, &settings);
}

static PerryProcessResult *
expect (int status, PerryProcessResult *result)
{
  perry_live_assert_status (result, status);
  return result;
}

static void
remove_container (VerifyPlace *place, const char *name)
{
  g_autoptr (PerryProcessResult) result = expect (0, PERRYCTL ("rm", "-f", name));
}

/* No way leads out of the network in which all of this happens: no answer comes from elsewhere. */
static void
test_loopback_alone (VerifyPlace *place)
{
  g_autofree char *routes = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents ("/proc/thread-self/net/route", &routes, NULL, NULL));
  lines = g_strsplit (g_strchomp (routes), "\n", -1);
  g_assert_nonnull (lines[0]);
  for (char **line = lines + 1; *line != NULL; line++)
    {
      g_auto (GStrv) columns = g_strsplit (*line, "\t", 3);

      g_assert_cmpstr (columns[1], !=, "00000000"); /* the destination of what has no other route */
    }
}

static void
assert_verified (VerifyPlace *place, const char *name)
{
  g_autofree char *reference = g_strdup_printf (VERIFY_PLACE_REGISTRY "/%s:1", name);
  const char *digest = verify_place_get_digest (place, "lasting", name);
  const char *id = verify_place_get_id (place, "lasting", name);
  g_autoptr (JsonNode) first = NULL;
  g_autoptr (JsonNode) second = NULL;
  g_autoptr (JsonNode) record = NULL;

  verify_place_forget (place);
  first = verify_place_assert_runs (place, reference, name, id);
  g_assert_cmpstr (verify_text (first, "verdict"), ==, "verified");
  g_assert_cmpstr (verify_text (first, "digest"), ==, digest);
  g_assert_false (json_object_get_boolean_member (json_node_get_object (first), "cached"));
  g_assert_cmpuint (verify_place_count_cached (place), ==, 1);
  record = verify_place_read_record (place);
  g_assert_cmpstr (verify_text (record, "digest"), ==, digest);
  remove_container (place, "verified");
  second = verify_place_assert_runs (place, reference, name, id);
  g_assert_true (json_object_get_boolean_member (json_node_get_object (second), "cached"));
  g_assert_cmpuint (verify_place_count_cached (place), ==, 1);
  verify_place_clean (place);
}

static void
test_signed (VerifyPlace *place)
{
  for (gsize i = 0; i < VERIFY_N_COSIGNS; i++)
    {
      configure (place, place->programs[i], NULL);
      assert_verified (place, "key/good");
      assert_verified (place, "leaf/good");
    }
  assert_verified (place, "key/bundle");
}

/* The whole is signed, one part of it runs, and another part under its own digest. */
static void
test_index (VerifyPlace *place)
{
  const char *own = verify_place_get_digest (place, "lasting", "key/index-amd64");
  const char *foreign = verify_place_get_digest (place, "lasting", "key/index-arm64");
  g_autofree char *pinned = g_strdup_printf (VERIFY_PLACE_REGISTRY "/key/index@%s\n", foreign);
  const char *named = place->has_containerd_store ? "key/index" : "key/index-amd64"; /* whose id counts */
  const char *id = verify_place_get_id (place, "lasting", named);
  g_autoptr (JsonNode) verification = NULL;
  g_autoptr (PerryProcessResult) pulled = NULL;

  configure (place, NULL, NULL);
  verification = verify_place_assert_runs (place, IMAGE ("key/index"), "key/index-amd64", id);
  g_assert_cmpstr (verify_text (verification, "digest"), ==, verify_place_get_digest (place, "lasting", "key/index"));
  g_assert_cmpstr (verify_text (verification, "platform_digest"), ==, own);
  pulled = expect (0, PERRYCTL ("pull", "-q", "--platform", "linux/arm64", IMAGE ("key/index")));
  g_assert_cmpstr (perry_live_stdout (pulled), ==, pinned);
}

static void
test_other_commands (VerifyPlace *place)
{
  const char *id = verify_place_get_id (place, "lasting", "key/good");
  g_autofree char *pinned = g_strdup_printf (VERIFY_PLACE_REGISTRY "/key/good@%s\n",
                                             verify_place_get_digest (place, "lasting", "key/good"));
  g_autoptr (PerryProcessResult) created = NULL;
  g_autoptr (PerryProcessResult) detached = NULL;
  g_autoptr (PerryProcessResult) pulled = NULL;
  g_autofree char *of_created = NULL;
  g_autofree char *of_detached = NULL;

  configure (place, NULL, NULL);
  verify_place_assert_refused (place, 125, "is not verified (unsigned)", "create", "--name", "no", UNSIGNED, "true",
                               NULL);
  verify_place_assert_refused (place, 125, "is not verified (unsigned)", "run", "-d", UNSIGNED, "true", NULL);
  verify_place_assert_refused (place, 1, "is not verified (unsigned)", "pull", UNSIGNED, NULL);
  verify_place_assert_refused (place, 125, "is not verified (unsigned)", "run", "--pull", "always", UNSIGNED, "true",
                               NULL);
  pulled = expect (0, PERRYCTL ("pull", "-q", IMAGE ("key/good")));
  g_assert_cmpstr (perry_live_stdout (pulled), ==, pinned);
  created = expect (0, PERRYCTL ("create", "--name", "created", "--network", "none", IMAGE ("key/good"), "true"));
  of_created = verify_place_dup_image_of (place, "created");
  g_assert_cmpstr (of_created, ==, id);
  detached = expect (0, PERRYCTL ("run", "-d", "--name", "detached", "--network", "none", IMAGE ("key/good"), "sleep",
                                  "60"));
  of_detached = verify_place_dup_image_of (place, "detached");
  g_assert_cmpstr (of_detached, ==, id);
}

/* What cosign 2 says of a signature that it cannot see stands apart. */
static const struct { const char *name, *words, *words_of_2; } refused[] = {
  { "key/unsigned", "(unsigned): no signature was found", NULL },
  { "leaf/other-identity", "(rejected): signed by somebody else|got subjects [mallory@example.com]", NULL },
  { "leaf/other-issuer", "(rejected): the signer's identity is vouched for by another issuer", NULL },
  { "leaf/expired", "(rejected): the certificate has expired", NULL },
  { "key/other-key", "(rejected): signed with another key", NULL },
  { "leaf/other-authority", "(rejected): the certificate leads to no trusted root", NULL },
  { "key/moved", "(rejected): the signature belongs to another image", NULL },
  { "key/stated", "(rejected)|no signature of the image", "(unsigned)|does not see signatures that cosign 3 made" },
  { "key/none", "(error)|there is no such image", NULL },
};

static void
test_refused (VerifyPlace *place)
{
  guint n = 0;

  for (gsize i = 0; i < VERIFY_N_COSIGNS; i++)
    {
      configure (place, place->programs[i], NULL);
      for (gsize j = 0; j < G_N_ELEMENTS (refused); j++)
        {
          g_autofree char *reference = g_strdup_printf (VERIFY_PLACE_REGISTRY "/%s:1", refused[j].name);
          const char *words = i == VERIFY_COSIGN_2 && refused[j].words_of_2 != NULL ? refused[j].words_of_2
                                                                                    : refused[j].words;
          g_autofree char *all = g_strconcat (words, "|", reference, "|required: |mode: enforce", NULL);
          g_autoptr (JsonNode) record = NULL;

          verify_place_assert_refused (place, 125, all, "run", "--rm", "--network", "none", reference, "true", NULL);
          g_assert_cmpuint (verify_place_count_records (place), ==, ++n);
          record = verify_place_read_record (place);
          g_assert_cmpstr (verify_text (record, "image"), ==, reference);
          g_assert_cmpstr (verify_text (record, "verdict"), !=, "verified");
        }
    }
  g_assert_cmpuint (verify_place_count_cached (place), ==, 0);
}

static void
test_registry_down (VerifyPlace *place)
{
  configure (place, NULL, NULL);
  verify_place_assert_refused (place, 125, "(error)|" VERIFY_PLACE_NOBODY "|refused", "run",
                               VERIFY_PLACE_NOBODY "/key/good:1", "true", NULL);
}

/* A registry that fails where signatures are asked for has not said that there are none; cosign 3 says so. */
static void
test_referrers_fail (VerifyPlace *place)
{
  static const char *const paths[] = { "/v2/key/moving/referrers/.*", "/v2/key/moving/manifests/sha256-.*" };
  g_autofree char *reference = g_strconcat (perry_fake_registry_get_name (place->moving), "/key/moving:1", NULL);

  perry_fake_registry_set_tag (place->moving, "key/moving", "1",
                               verify_place_get_digest (place, "moving", "unsigned"));
  for (gsize i = 0; i < VERIFY_N_COSIGNS; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (paths); j++)
      {
        const PerryFakeRegistryFault fault = { .path = paths[j], .status = 500 };

        configure (place, place->programs[i], NULL);
        perry_fake_registry_add_fault (place->moving, &fault);
        verify_place_assert_refused (place, 125, "(error)|500", "run", reference, "true", NULL);
        perry_fake_registry_clear_faults (place->moving);
      }
  perry_fake_registry_set_tag (place->moving, "key/moving", "1", verify_place_get_digest (place, "moving", "first"));
}

/* Every file beside it is gone again afterwards. */
static void
test_programs (VerifyPlace *place)
{
  static const struct { const char *file, *text, *keys, *words; } samples[] = {
    { "first.stdout", "all is well\n", NULL, "(error)" },
    { "first.stdout", "[]", NULL, "(error)" },
    { "first.stdout", "[{\"critical\": {\"image\": {\"docker-manifest-digest\": \"sha256:0\"}}}]", NULL, "(error)" },
    { "first.action", "flood-stdout", NULL, "(error)|more than is read" },
    { "first.action", "crash", NULL, "(error)|cosign crashed (signal 6)" },
    { "first.status", "2", NULL, "(error)|cosign crashed (exit status 2)" },
    { "first.status", "1", NULL, "(error)|status 1 and what it said is not known" },
    { "first.action", "hang", "timeout-ms=1500\n", "(error)|did not end within 1." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *name = g_strdup_printf ("fake-%" G_GSIZE_FORMAT, i);
      g_autofree char *program = verify_place_make_fake_cosign (place, name);
      gint64 begin = g_get_monotonic_time ();

      verify_place_write_beside (program, samples[i].file, samples[i].text);
      configure (place, program, samples[i].keys);
      verify_place_assert_refused (place, 125, samples[i].words, "run", IMAGE ("key/good"), "true", NULL);
      g_assert_cmpint (g_get_monotonic_time () - begin, <, 15 * G_USEC_PER_SEC);
    }
}

static void
test_program_missing (VerifyPlace *place)
{
  g_autofree char *nothing = g_build_filename (place->directory, "nothing", NULL);
  g_autofree char *path = g_strdup (g_environ_getenv (place->live->environment, "PATH"));

  configure (place, "/nowhere/cosign", NULL);
  verify_place_assert_refused (place, 125, "(error)|/nowhere/cosign|install cosign 2.5 or newer", "run",
                               IMAGE ("key/good"), "true", NULL);
  /* as the chapter has it, with nothing configured at all */
  verify_place_write_configuration (place, NULL);
  verify_place_set_variable (place, "PATH", nothing);
  verify_place_set_variable (place, "PERRY_CONTAINER_VERIFY_IMAGES", "1");
  verify_place_assert_refused (place, 125, "(error)|install cosign 2.5 or newer (the package cosign, or https://|"
                               "https://github.com/chainguard-images/images/.github/workflows/sign.yaml@refs/heads/main|"
                               "https://token.actions.githubusercontent.com|"
                               "mode: enforce (environment PERRY_CONTAINER_VERIFY_IMAGES)", "run", IMAGE ("key/good"),
                               "true", NULL);
  verify_place_set_variable (place, "PERRY_CONTAINER_VERIFY_IMAGES", NULL);
  verify_place_set_variable (place, "PATH", path);
}

const VerifyTest verify_signature_tests[] = {
  { "loopback-alone", test_loopback_alone },
  { "signed", test_signed },
  { "index", test_index },
  { "other-commands", test_other_commands },
  { "refused", test_refused },
  { "registry-down", test_registry_down },
  { "referrers-fail", test_referrers_fail },
  { "programs", test_programs },
  { "program-missing", test_program_missing },
  { NULL, NULL },
};
