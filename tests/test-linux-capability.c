/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-linux-capability.h"

#include <linux/capability.h>

static void
test_parse (void)
{
  static const char *const spellings[] = { "NET_ADMIN", "CAP_NET_ADMIN", "net_admin", "cap_net_admin",
                                           "Cap_Net_Admin" };
  static const char *const wrong[] = { "", "ALL", "NET_ADMN", "CAP_", "12", "CAP_CAP_NET_ADMIN", "NET ADMIN" };

  for (gsize i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      guint number = 99;

      g_assert_true (perry_linux_capability_parse (spellings[i], &number));
      g_assert_cmpuint (number, ==, CAP_NET_ADMIN);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      guint number = 99;

      g_assert_false (perry_linux_capability_parse (wrong[i], &number));
      g_assert_cmpuint (number, ==, 99);
    }
}

static void
test_names_round_trip (void)
{
  guint length = 0;

  for (guint number = 0; number < 70; number++)
    {
      g_autofree char *name = perry_linux_capability_get_name (number);
      guint parsed;

      if (name == NULL)
        continue;
      g_assert_cmpuint (number, ==, length++);
      g_assert_true (perry_linux_capability_parse (name, &parsed));
      g_assert_cmpuint (parsed, ==, number);
    }
  g_assert_cmpuint (length, >=, CAP_CHECKPOINT_RESTORE + 1);
  g_assert_cmpuint (perry_linux_capabilities_all (), ==, (G_GUINT64_CONSTANT (1) << length) - 1);
}

static void
test_nearest (void)
{
  g_autofree char *near = perry_linux_capability_nearest ("NET_ADMN");
  g_autofree char *prefixed = perry_linux_capability_nearest ("cap_sys_admim");
  g_autofree char *far = perry_linux_capability_nearest ("zzzzzzzzz");

  g_assert_cmpstr (near, ==, "NET_ADMIN");
  g_assert_cmpstr (prefixed, ==, "SYS_ADMIN");
  g_assert_null (far);
}

static void
test_sets (void)
{
  const char *const names[] = { "CAP_CHOWN", "net_raw", "no such", NULL };
  const char *const all[] = { "all", NULL };
  PerryLinuxCapabilities set = perry_linux_capabilities_from_names (names);
  g_autofree char *text = perry_linux_capabilities_to_text (set);
  g_autofree char *none = perry_linux_capabilities_to_text (0);
  g_autofree char *full = perry_linux_capabilities_to_text (perry_linux_capabilities_all ());
  g_autofree char *unknown = perry_linux_capabilities_to_text (G_GUINT64_CONSTANT (1) << 63);

  g_assert_cmpuint (set, ==, (1u << CAP_CHOWN) | (1u << CAP_NET_RAW));
  g_assert_cmpuint (perry_linux_capabilities_from_names (all), ==, perry_linux_capabilities_all ());
  g_assert_cmpuint (perry_linux_capabilities_from_names (NULL), ==, 0);
  g_assert_cmpstr (text, ==, "CHOWN NET_RAW");
  g_assert_cmpstr (none, ==, "none");
  g_assert_cmpstr (full, ==, "all");
  g_assert_cmpstr (unknown, ==, "63");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/linux-capability/prefix-and-case-do-not-matter", test_parse);
  g_test_add_func ("/linux-capability/every-name-round-trips", test_names_round_trip);
  g_test_add_func ("/linux-capability/nearest", test_nearest);
  g_test_add_func ("/linux-capability/sets", test_sets);
  return g_test_run ();
}
