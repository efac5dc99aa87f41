/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/integration/verify-place.h"

/* A tag that leads elsewhere while an image is on its way: what runs is what was verified, or nothing does. */

#define MAX_STEPS 64
#define PERRYCTL(...) perry_live_engine_perryctl (place->live, NULL, __VA_ARGS__, NULL)

static const char *
get_digest (VerifyPlace *place, const char *image)
{
  return verify_place_get_digest (place, "moving", image);
}

static const char *
get_id (VerifyPlace *place, const char *image)
{
  return verify_place_get_id (place, "moving", image);
}

static char *
get_reference (VerifyPlace *place)
{
  return g_strconcat (perry_fake_registry_get_name (place->moving), "/key/moving:1", NULL);
}

static void
move_tag (VerifyPlace *place, const char *image)
{
  perry_fake_registry_set_tag (place->moving, "key/moving", "1", get_digest (place, image));
}

static void
configure (VerifyPlace *place, const char *program)
{
  const VerifySettings settings = { .program = program };

  verify_place_configure (place, &settings);
}

static void
test_after_verification (VerifyPlace *place)
{
  g_autofree char *reference = get_reference (place);
  g_autoptr (PerryProcessResult) verified = NULL;
  g_autoptr (JsonNode) verification = NULL;

  configure (place, NULL);
  verified = PERRYCTL ("verify", reference);
  perry_live_assert_status (verified, 0);
  move_tag (place, "unsigned");
  verify_place_assert_refused (place, 125, "(unsigned)", "run", "--rm", reference, "true", NULL);
  move_tag (place, "signed");
  verification = verify_place_assert_runs (place, reference, "signed", get_id (place, "signed"));
  g_assert_cmpstr (verify_text (verification, "digest"), ==, get_digest (place, "signed"));
  move_tag (place, "first");
}

/* The engine has another image under this very name, and Docker's `run` would take it. */
static void
test_name_is_taken (VerifyPlace *place)
{
  g_autofree char *reference = get_reference (place);
  g_autoptr (PerryProcessResult) pulled = NULL;
  g_autoptr (JsonNode) verification = NULL;

  configure (place, NULL);
  move_tag (place, "unsigned");
  pulled = PERRYCTL ("pull", "-q", "--verify", "off", reference);
  perry_live_assert_status (pulled, 0);
  move_tag (place, "first");
  verification = verify_place_assert_runs (place, reference, "first", get_id (place, "first"));
  g_assert_cmpstr (verify_text (verification, "digest"), ==, get_digest (place, "first"));
}

/* It has run with the digest in the report, or nothing was done at all; which of the two is returned. */
static gboolean
judge (VerifyPlace *place, PerryProcessResult *result, const char *other)
{
  g_autofree char *id = NULL;
  g_autoptr (JsonNode) verification = NULL;
  const char *image;

  if (result->exit_status != 0)
    {
      perry_live_assert_status (result, 125);
      verify_place_assert_words (result, "is not verified");
      g_assert_cmpstr (perry_live_stdout (result), ==, "");
      g_assert_cmpuint (verify_place_count_containers (place), ==, 0);
      g_assert_cmpuint (verify_place_count_cached (place), ==, 0);
      return FALSE;
    }
  image = perry_live_stdout (result);
  g_assert_true (g_str_equal (image, "first") || (g_str_equal (image, "signed") && g_str_equal (other, "signed")));
  verification = verify_place_read_report (place);
  g_assert_cmpstr (verify_text (verification, "verdict"), ==, "verified");
  g_assert_cmpstr (verify_text (verification, "digest"), ==, get_digest (place, image));
  id = verify_place_dup_image_of (place, "swapped");
  g_assert_cmpstr (id, ==, get_id (place, image));
  return TRUE;
}

/* One run whose tag moves as soon as so many requests were answered; FALSE where it needs no more than that. */
static gboolean
swap_after (VerifyPlace *place, const char *other, guint n, guint *n_run)
{
  g_autofree char *reference = get_reference (place);
  g_autoptr (PerryProcessResult) result = NULL;
  guint n_requests;

  verify_place_clean (place);
  verify_place_forget (place);
  move_tag (place, n == 0 ? other : "first");
  perry_fake_registry_forget_requests (place->moving);
  if (n > 0)
    perry_fake_registry_swap_tag (place->moving, "key/moving", "1", get_digest (place, other), n);
  result = PERRYCTL ("run", "--name", "swapped", "--network", "none", "--report", place->report, reference, "cat",
                     "/perry-mark");
  n_requests = perry_fake_registry_count_requests (place->moving, NULL, "/v2/key/moving/.*");
  *n_run += judge (place, result, other);
  g_test_message ("after %u of %u: %s", n, n_requests, perry_live_stdout (result));
  return n < n_requests;
}

static void
swap_at_each_step (VerifyPlace *place, const char *program, const char *other)
{
  guint n = 0, n_run = 0;

  configure (place, program);
  while (swap_after (place, other, n, &n_run))
    g_assert_cmpuint (++n, <, MAX_STEPS);
  /* the name's digest, the signature, the image's parts: and all but what comes before the first answer has run */
  g_assert_cmpuint (n, >, 5);
  g_assert_cmpuint (n_run, ==, g_str_equal (other, "signed") ? n + 1 : n);
  move_tag (place, "first");
}

static void
test_swapped_for_unsigned (VerifyPlace *place)
{
  swap_at_each_step (place, place->programs[VERIFY_COSIGN_2], "unsigned");
}

/* Both could run; one of them was verified. */
static void
test_swapped_for_signed (VerifyPlace *place)
{
  swap_at_each_step (place, place->programs[VERIFY_COSIGN_3], "signed");
}

/* The name leads to what was verified as well, for those who use it afterwards. */
static void
test_pull (VerifyPlace *place)
{
  g_autofree char *reference = get_reference (place);
  guint n = 0, n_requests;

  configure (place, NULL);
  do
    {
      g_autoptr (PerryProcessResult) result = NULL;
      g_autofree char *id = NULL;

      verify_place_clean (place);
      verify_place_forget (place);
      move_tag (place, "first");
      perry_fake_registry_forget_requests (place->moving);
      perry_fake_registry_swap_tag (place->moving, "key/moving", "1", get_digest (place, "unsigned"), ++n);
      result = PERRYCTL ("pull", "-q", reference);
      perry_live_assert_status (result, 0);
      g_assert_nonnull (strstr (perry_live_stdout (result), get_digest (place, "first")));
      id = verify_place_dup_image_named (place, reference);
      g_assert_cmpstr (id, ==, get_id (place, "first"));
      n_requests = perry_fake_registry_count_requests (place->moving, NULL, "/v2/key/moving/.*");
    }
  while (n < n_requests);
  move_tag (place, "first");
}

const VerifyTest verify_moving_tests[] = {
  { "after-verification", test_after_verification },
  { "name-is-taken", test_name_is_taken },
  { "swapped-for-unsigned", test_swapped_for_unsigned },
  { "swapped-for-signed", test_swapped_for_signed },
  { "pull", test_pull },
  { NULL, NULL },
};
