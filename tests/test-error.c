/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-error.h"

#include <gio/gio.h>

static void
test_names (void)
{
  for (int code = PERRY_ERROR_FAILED; code <= PERRY_ERROR_REGISTRY_FAILED; code++)
    g_assert_cmpstr (perry_error_get_name (code), !=, "unknown");
  g_assert_cmpstr (perry_error_get_name (PERRY_ERROR_PROOF_DIFFERS), ==, "proof-differs");
  g_assert_cmpstr (perry_error_get_name (9999), ==, "unknown");
}

static void
test_foreign (void)
{
  static const struct { int io; PerryError expected; } cases[] = {
    { G_IO_ERROR_CANCELLED, PERRY_ERROR_CANCELLED },
    { G_IO_ERROR_TIMED_OUT, PERRY_ERROR_TIMED_OUT },
    { G_IO_ERROR_CONNECTION_CLOSED, PERRY_ERROR_BACKEND_LOST },
    { G_IO_ERROR_PERMISSION_DENIED, PERRY_ERROR_PERMISSION_DENIED },
    { G_IO_ERROR_NOT_FOUND, PERRY_ERROR_NOT_FOUND },
    { G_IO_ERROR_BUSY, PERRY_ERROR_BACKEND_FAILED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      perry_error_propagate_foreign (&error, g_error_new_literal (G_IO_ERROR, cases[i].io, "text"),
                                     PERRY_ERROR_BACKEND_FAILED, "asking %s", "docker");
      g_assert_error (error, PERRY_ERROR, (int) cases[i].expected);
      g_assert_cmpstr (error->message, ==, "asking docker: text");
    }
}

static void
test_own_error_is_kept (void)
{
  g_autoptr (GError) error = NULL;

  error = perry_error_take_foreign (g_error_new_literal (PERRY_ERROR, PERRY_ERROR_CONFLICT, "x"), PERRY_ERROR_FAILED);
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/every-code-has-a-name", test_names);
  g_test_add_func ("/error/foreign-errors-are-converted", test_foreign);
  g_test_add_func ("/error/own-errors-are-kept", test_own_error_is_kept);
  return g_test_run ();
}
