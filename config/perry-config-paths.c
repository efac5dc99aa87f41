/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-private.h"

/* Not below the prefix: an administrator's minimum counts for every copy of the library on the host. */
#define ADMINISTRATOR_DIRECTORY "/etc/perry-container"
#define FILE_NAME "perry.conf"

const char *
perry_config_get_variable (const char *const *environment, const char *name)
{
  const char *value = environment != NULL ? g_environ_getenv ((char **) environment, name) : g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

static char *
build_user_file (const char *const *environment)
{
  const char *base = perry_config_get_variable (environment, "XDG_CONFIG_HOME");
  const char *home;

  if (base != NULL && g_path_is_absolute (base))
    return g_build_filename (base, "perry-container", FILE_NAME, NULL);
  home = perry_config_get_variable (environment, "HOME");
  if (home == NULL)
    home = g_get_home_dir ();
  return g_path_is_absolute (home) ? g_build_filename (home, ".config", "perry-container", FILE_NAME, NULL) : NULL;
}

PerryConfigPaths *
perry_config_paths_new (const char *const *environment)
{
  PerryConfigPaths *paths = g_new0 (PerryConfigPaths, 1);

  paths->vendor_file = g_strdup (PERRY_VENDOR_CONFIG);
  paths->administrator_file = g_build_filename (ADMINISTRATOR_DIRECTORY, FILE_NAME, NULL);
  paths->drop_in_directory = g_build_filename (ADMINISTRATOR_DIRECTORY, FILE_NAME ".d", NULL);
  paths->user_file = build_user_file (environment);
  return paths;
}

void
perry_config_paths_free (PerryConfigPaths *paths)
{
  if (paths == NULL)
    return;
  g_free (paths->vendor_file);
  g_free (paths->administrator_file);
  g_free (paths->drop_in_directory);
  g_free (paths->user_file);
  g_free (paths);
}
