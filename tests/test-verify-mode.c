/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-verify-mode.h"

static void
test_words (void)
{
  static const struct {
    const char *text;
    PerryVerifyMode mode;
  } cases[] = {
    { "0", PERRY_VERIFY_OFF },           { "off", PERRY_VERIFY_OFF },      { "false", PERRY_VERIFY_OFF },
    { "no", PERRY_VERIFY_OFF },          { "warn", PERRY_VERIFY_WARN },    { "1", PERRY_VERIFY_ENFORCE },
    { "on", PERRY_VERIFY_ENFORCE },      { "true", PERRY_VERIFY_ENFORCE }, { "yes", PERRY_VERIFY_ENFORCE },
    { "enforce", PERRY_VERIFY_ENFORCE }, { "strict", PERRY_VERIFY_ENFORCE }, { "OFF", PERRY_VERIFY_OFF },
    { "Warn", PERRY_VERIFY_WARN },       { "True", PERRY_VERIFY_ENFORCE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PerryVerifyMode mode = cases[i].mode == PERRY_VERIFY_OFF ? PERRY_VERIFY_WARN : PERRY_VERIFY_OFF;

      g_test_message ("%s", cases[i].text);
      g_assert_true (perry_verify_mode_from_text (cases[i].text, &mode));
      g_assert_cmpint (mode, ==, cases[i].mode);
    }
}

/* What is not known is no mode, above all not the one that verifies nothing. */
static void
test_other_words (void)
{
  static const char *const words[] = { "",     " ",   "2",  "00",       "on ",   " off",   "n",
                                       "none", "nope", "of", "disabled", "warning", "enforced", "o\xff" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      PerryVerifyMode mode = PERRY_VERIFY_WARN;

      g_test_message ("%s", words[i]);
      g_assert_false (perry_verify_mode_from_text (words[i], &mode));
      g_assert_cmpint (mode, ==, PERRY_VERIFY_WARN);
    }
}

static void
test_names (void)
{
  for (PerryVerifyMode mode = PERRY_VERIFY_OFF; mode <= PERRY_VERIFY_ENFORCE; mode++)
    {
      PerryVerifyMode again = mode == PERRY_VERIFY_OFF ? PERRY_VERIFY_WARN : PERRY_VERIFY_OFF;

      g_assert_true (perry_verify_mode_from_text (perry_verify_mode_get_name (mode), &again));
      g_assert_cmpint (again, ==, mode);
    }
  g_assert_cmpstr (perry_verify_mode_get_name (77), ==, "enforce");
  g_assert_true (PERRY_VERIFY_OFF < PERRY_VERIFY_WARN && PERRY_VERIFY_WARN < PERRY_VERIFY_ENFORCE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verify-mode/words", test_words);
  g_test_add_func ("/verify-mode/other-words", test_other_words);
  g_test_add_func ("/verify-mode/names", test_names);
  return g_test_run ();
}
