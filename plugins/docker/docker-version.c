/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-version.h"

#define OLDEST_MINOR 40
#define NEWEST_MINOR 51

guint
perry_docker_version_minor (const char *version)
{
  guint64 minor;

  if (version == NULL || !g_str_has_prefix (version, "1.")
      || !g_ascii_string_to_unsigned (version + strlen ("1."), 10, 0, 9999, &minor, NULL))
    return 0;
  return (guint) minor;
}

static gboolean
refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, format, args));
  va_end (args);
  return FALSE;
}

static gboolean
check_identity (const char *server, const char *libpod_version, GError **error)
{
  if (libpod_version != NULL)
    return refuse (error, "this is Podman %.32s behind a Docker socket, where settings get lost; use the podman "
                   "backend", libpod_version);
  if (server == NULL || !g_str_has_prefix (server, "Docker/"))
    return refuse (error, "the server calls itself %.64s, not Docker; what it would do with security settings is not "
                   "known", server != NULL ? server : "nothing");
  return TRUE;
}

char *
perry_docker_negotiate (const char *server, const char *api_version, const char *libpod_version, GError **error)
{
  guint minor = perry_docker_version_minor (api_version);

  if (!check_identity (server, libpod_version, error))
    return NULL;
  if (minor < OLDEST_MINOR)
    {
      refuse (error, "Docker speaks API %.16s; this plugin needs 1.%d or newer (Docker 19.03)",
              api_version != NULL ? api_version : "of an unknown version", OLDEST_MINOR);
      return NULL;
    }
  return g_strdup_printf ("1.%u", MIN (minor, (guint) NEWEST_MINOR));
}
