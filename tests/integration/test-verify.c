/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/verify-place.h"

/* What was verified is what runs: perryctl, a real engine, real registries and both cosigns, with loopback alone. The
 * backend is the first argument, its runtime the second, and with a third one Docker has containerd's image store. */
typedef struct {
  VerifyPlace *place;
  const VerifyTest *test;
} Case;

static void
run_case (gconstpointer data)
{
  const Case *this = data;

  this->test->test (this->place);
  verify_place_clean (this->place);
  verify_place_forget (this->place);
}

static void
add_all (VerifyPlace *place, const char *file, const VerifyTest *tests)
{
  for (const VerifyTest *test = tests; test->name != NULL; test++)
    {
      g_autofree char *path = g_strdup_printf ("/verify/%s/%s/%s", place->live->backend, file, test->name);
      Case *this = g_new (Case, 1);

      *this = (Case){ place, test };
      g_test_add_data_func_full (path, this, run_case, g_free);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *reason = NULL;
  VerifyPlace *place;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (argc >= 2 && argc <= 4);
  place = verify_place_new (argv[1], argc >= 3 ? argv[2] : "runc", argc == 4, &reason);
  if (place == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  add_all (place, "signatures", verify_signature_tests);
  add_all (place, "settings", verify_setting_tests);
  add_all (place, "moving", verify_moving_tests);
  status = g_test_run ();
  verify_place_free (place);
  return status;
}
