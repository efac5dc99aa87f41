/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-endpoint.h"

const char *
perry_engine_getenv (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

char *
perry_engine_endpoint_parse (const char *text, const char *origin, GError **error)
{
  const char *path = g_str_has_prefix (text, "unix://") ? text + strlen ("unix://") : text;

  if (*path == '/' && path[1] != '\0' && g_utf8_validate (path, -1, NULL))
    return g_strdup (path);
  if (path == text && strstr (text, "://") != NULL)
    {
      g_autofree char *scheme = g_strndup (text, (gsize) (strstr (text, "://") - text));

      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE,
                   "%s is a %s:// address; engines are reached over local Unix sockets only (unix:///path). "
                   "Unset it, or forward the remote socket to a local one", origin, scheme);
    }
  else
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE,
                 "%s is not the address of a Unix socket: write unix:///path or an absolute path", origin);
  return NULL;
}
