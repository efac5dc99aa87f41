/* SPDX-License-Identifier: Apache-2.0 */
/* Gives each file of a directory to a target, where there is no libFuzzer to do it. */
#include <stdio.h>

#include "tests/fuzz/fuzz-input.h"

static void
replay (const char *path)
{
  g_autofree char *contents = NULL;
  g_autofree guint8 *exact = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (!g_file_get_contents (path, &contents, &length, &error))
    g_error ("%s", error->message);
  /* Without the NUL that GLib puts behind it. */
  exact = g_memdup2 (contents, length);
  LLVMFuzzerTestOneInput (exact, length);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;
  guint n = 0;

  LLVMFuzzerInitialize (&argc, &argv);
  dir = argc == 2 ? g_dir_open (argv[1], 0, &error) : NULL;
  if (dir == NULL)
    {
      fprintf (stderr, "%s\n", error != NULL ? error->message : "which directory?");
      return 1;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (argv[1], name, NULL);

      replay (path);
      n++;
    }
  printf ("%u files\n", n);
  return n > 0 ? 0 : 1;
}
