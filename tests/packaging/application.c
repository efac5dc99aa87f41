/* SPDX-License-Identifier: Apache-2.0 */
/* An application outside the tree: prints each backend's name and whether it is available. */
#include <core/perry-container.h>

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryEngine) engine = perry_engine_new (NULL, &error);
  g_autoptr (GPtrArray) backends = engine != NULL ? perry_engine_list_backends (engine, NULL, &error) : NULL;

  if (backends == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  for (guint i = 0; i < backends->len; i++)
    {
      const PerryBackendEntry *entry = g_ptr_array_index (backends, i);

      g_print ("%s %s\n", entry->name, entry->error == NULL ? "available" : "not-available");
    }
  return 0;
}
