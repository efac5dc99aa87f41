/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-profile.h"

#include <string.h>

#include "plugin-api/perry-file.h"

char *
perry_podman_write_profile (const char *directory, const char *text, GError **error)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_autofree char *path = g_strdup_printf ("%s/seccomp-%s.json", directory, digest);
  g_autofree char *present = perry_file_read_text (path, strlen (text), NULL);
  GError *local_error = NULL;

  if (g_strcmp0 (present, text) == 0)
    return g_steal_pointer (&path);
  if (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &local_error))
    return g_steal_pointer (&path);
  perry_error_propagate_foreign (error, local_error, PERRY_ERROR_FAILED, "writing a seccomp profile for Podman");
  return NULL;
}
