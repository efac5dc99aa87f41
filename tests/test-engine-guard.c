/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-guard.h"

#define JUMP "INPUT -i perryi+ -j PERRY-INTERNAL\n"
#define OTHER "-A INPUT -p tcp -j ACCEPT\n"

/* The chain INPUT of the table mangle, and what is done so that our jump is its first rule and there once. */
static const struct {
  const char *listing;
  const char *rules; /* NULL where nothing is to do */
} jump_cases[] = {
  { "-P INPUT ACCEPT\n", "*mangle\n-I " JUMP "COMMIT\n" },
  { "-P INPUT ACCEPT\n" OTHER, "*mangle\n-I " JUMP "COMMIT\n" },
  { "-P INPUT ACCEPT\n-A " JUMP, NULL },
  { "-P INPUT ACCEPT\n-A " JUMP OTHER, NULL },
  { "-P INPUT ACCEPT\n" OTHER "-A " JUMP, "*mangle\n-D " JUMP "-I " JUMP "COMMIT\n" },
  { "-P INPUT ACCEPT\n-A " JUMP OTHER "-A " JUMP, "*mangle\n-D " JUMP "-D " JUMP "-I " JUMP "COMMIT\n" },
  { "-P INPUT ACCEPT\n-A INPUT -i perryi+ -j PERRY-INTERNAL-2\n", "*mangle\n-I " JUMP "COMMIT\n" },
};

static void
test_jump (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (jump_cases); i++)
    {
      g_autofree char *rules = perry_engine_guard_place_jump (jump_cases[i].listing);

      g_assert_cmpstr (rules, ==, jump_cases[i].rules);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-guard/jump", test_jump);
  return g_test_run ();
}
