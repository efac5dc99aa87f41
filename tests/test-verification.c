/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-verification.h"

#include <string.h>

static void
test_names (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int kind = PERRY_VERIFICATION_ERROR; kind <= PERRY_VERIFICATION_VERIFIED; kind++)
    g_assert_true (g_hash_table_add (seen, (gpointer) perry_verification_kind_get_name (kind)));
  for (int reason = PERRY_VERIFICATION_REASON_NONE; reason <= PERRY_VERIFICATION_REASON_TIMED_OUT; reason++)
    g_assert_true (g_hash_table_add (seen, (gpointer) perry_verification_reason_get_name (reason)));
  g_assert_cmpstr (perry_verification_kind_get_name (PERRY_VERIFICATION_VERIFIED), ==, "verified");
  g_assert_cmpstr (perry_verification_kind_get_name (PERRY_VERIFICATION_NOT_VERIFIED), ==, "not-verified");
  g_assert_cmpstr (perry_verification_kind_get_name (77), ==, "error");
  g_assert_cmpstr (perry_verification_reason_get_name (PERRY_VERIFICATION_REASON_WRONG_IDENTITY), ==, "wrong-identity");
  g_assert_cmpstr (perry_verification_reason_get_name (77), ==, "none");
}

/* What forgets to answer has not verified. */
static void
test_zero (void)
{
  PerryVerification verdict = { 0 };

  g_assert_cmpint (verdict.kind, ==, PERRY_VERIFICATION_ERROR);
  g_assert_false (verdict.certain);
}

static PerryVerification *
new_rejection (const char *note)
{
  return perry_verification_new (PERRY_VERIFICATION_REJECTED, PERRY_VERIFICATION_REASON_MISMATCH, note);
}

static void
test_note (void)
{
  g_autofree char *large = g_strnfill (100000, 'x');
  g_autoptr (PerryVerification) nothing = new_rejection (NULL);
  g_autoptr (PerryVerification) dirty = new_rejection ("a\nb\x1b[31m\xff“");
  g_autoptr (PerryVerification) cut = new_rejection (large);
  g_autoptr (PerryVerification) copy = perry_verification_copy (dirty);

  g_assert_cmpstr (nothing->note, ==, "");
  g_assert_cmpstr (dirty->note, ==, "a b [31m\xef\xbf\xbd“");
  g_assert_cmpuint (strlen (cut->note), <=, 1000);
  g_assert_true (g_str_has_suffix (cut->note, "x…"));
  g_assert_cmpstr (copy->note, ==, dirty->note);
  g_assert_cmpint (copy->reason, ==, PERRY_VERIFICATION_REASON_MISMATCH);
  g_assert_true (copy->note != dirty->note);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verification/names", test_names);
  g_test_add_func ("/verification/zero-is-no-success", test_zero);
  g_test_add_func ("/verification/note", test_note);
  return g_test_run ();
}
