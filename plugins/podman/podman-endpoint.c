/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-endpoint.h"

#include <unistd.h>

#include "plugins/http-client/perry-engine-endpoint.h"

gboolean
perry_podman_find_configured_socket (const char *socket, char **ret_path, GError **error)
{
  const char *origin = "the option socket";
  const char *address = socket;

  if (address == NULL || *address == '\0')
    {
      origin = "CONTAINER_HOST";
      address = perry_engine_getenv (origin);
    }
  if (address == NULL && perry_engine_getenv ("CONTAINER_CONNECTION") != NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE,
                   "CONTAINER_CONNECTION is %.128s, and the connections of Podman's client are not read here; set "
                   "CONTAINER_HOST=unix:///path to that service's socket, or unset it",
                   perry_engine_getenv ("CONTAINER_CONNECTION"));
      return FALSE;
    }
  if (address == NULL)
    return TRUE;
  *ret_path = perry_engine_endpoint_parse (address, origin, error);
  return *ret_path != NULL;
}

char *
perry_podman_usual_socket (void)
{
  const char *runtime_directory = perry_engine_getenv ("XDG_RUNTIME_DIR");

  if (geteuid () == 0 || runtime_directory == NULL || !g_path_is_absolute (runtime_directory))
    return g_strdup ("/run/podman/podman.sock");
  return g_build_filename (runtime_directory, "podman", "podman.sock", NULL);
}
