/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-runtime.h"

#include "plugin-api/perry-file.h"
#include "plugins/http-client/perry-engine-endpoint.h"

#define MAX_CONFIG_BYTES (4 * 1024 * 1024)
#define MAX_CONTROLLERS_BYTES 4096

gboolean
perry_podman_config_sets_runtime (const char *text)
{
  static const char *const keys[] = { "runtime", "crun" };
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
      {
        const char *start = *line + strspn (*line, " \t");

        if (!g_str_has_prefix (start, keys[i]))
          continue;
        start += strlen (keys[i]);
        start += strspn (start, " \t");
        if (*start == '=')
          return TRUE;
      }
  return FALSE;
}

static gboolean
file_sets_runtime (const char *path)
{
  g_autofree char *whole_path = g_canonicalize_filename (path, NULL);
  g_autofree char *text = perry_file_read_text (whole_path, MAX_CONFIG_BYTES, NULL);

  return text != NULL && perry_podman_config_sets_runtime (text);
}

/* CONTAINERS_CONF replaces all other files. */
static gboolean
configuration_sets_runtime (void)
{
  const char *only = perry_engine_getenv ("CONTAINERS_CONF");
  g_autofree char *own = g_build_filename (g_get_user_config_dir (), "containers", "containers.conf", NULL);

  if (only != NULL)
    return file_sets_runtime (only);
  return file_sets_runtime ("/etc/containers/containers.conf") || file_sets_runtime (own);
}

static char *
read_stray_controllers (const char *cgroup_root)
{
  g_autofree char *path = g_build_filename (cgroup_root, "unified", "cgroup.controllers", NULL);
  char *controllers = perry_file_read_text (path, MAX_CONTROLLERS_BYTES, NULL);

  if (controllers == NULL)
    return NULL;
  if (*g_strstrip (controllers) == '\0')
    g_clear_pointer (&controllers, g_free);
  return controllers;
}

static gboolean
has_runc (void)
{
  static const char *const paths[] = { "/usr/bin/runc",   "/usr/sbin/runc", "/usr/local/bin/runc",
                                       "/usr/local/sbin/runc", "/sbin/runc",     "/bin/runc" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    if (g_file_test (paths[i], G_FILE_TEST_IS_EXECUTABLE))
      return TRUE;
  return FALSE;
}

gboolean
perry_podman_choose_runtime (const char *configured, const char *cgroup_root, char **ret_runtime, char **ret_reason,
                             GError **error)
{
  g_autofree char *controllers = NULL;

  if (configured != NULL && *configured != '\0')
    {
      *ret_runtime = g_strdup (configured);
      return TRUE;
    }
  if (configuration_sets_runtime ())
    return TRUE;
  controllers = read_stray_controllers (cgroup_root);
  if (controllers == NULL)
    return TRUE;
  if (!has_runc ())
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE,
                   "crun cannot run on this host (%s/unified has the controllers %s beside cgroup version 1): "
                   "install runc, or set the option runtime", cgroup_root, controllers);
      return FALSE;
    }
  *ret_runtime = g_strdup ("runc");
  *ret_reason = g_strdup_printf ("the private service uses runc, because crun refuses the controllers %s in %s/unified",
                                 controllers, cgroup_root);
  return TRUE;
}
