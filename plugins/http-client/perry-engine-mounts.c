/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-mounts.h"

#include <string.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-file.h"

#define CGROUPS "/sys/fs/cgroup"
#define MAX_MOUNTINFO_BYTES (16 * 1024 * 1024)

gboolean
perry_engine_has_option (char **options, const char *option)
{
  return options != NULL && g_strv_contains ((const char *const *) options, option);
}

gboolean
perry_engine_is_propagation (const char *option)
{
  static const char *const words[] = { "rprivate", "private", "rslave", "slave", "rshared", "shared", NULL };

  return g_strv_contains (words, option);
}

char **
perry_engine_tmpfs_options (const PerryMount *mount)
{
  static const char *const flags[][2] = { { "suid", "nosuid" }, { "dev", "nodev" }, { "exec", "noexec" } };
  g_autoptr (GStrvBuilder) options = g_strv_builder_new ();

  g_strv_builder_add (options, mount->read_only ? "ro" : "rw");
  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      gboolean allowed = perry_engine_has_option (mount->options, flags[i][0])
                         && !perry_engine_has_option (mount->options, flags[i][1]);

      g_strv_builder_add (options, allowed ? flags[i][0] : flags[i][1]);
    }
  for (char **option = mount->options; option != NULL && *option != NULL; option++)
    {
      gboolean written = g_str_equal (*option, "ro") || g_str_equal (*option, "rw");

      for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
        written = written || g_str_equal (*option, flags[i][0]) || g_str_equal (*option, flags[i][1]);
      if (!written)
        g_strv_builder_add (options, *option);
    }
  return g_strv_builder_end (options);
}

gboolean
perry_engine_has_mounts_below (const char *mountinfo, const char *directory)
{
  g_auto (GStrv) lines = g_strsplit (mountinfo, "\n", -1);
  gsize length = strlen (directory);

  while (length > 0 && directory[length - 1] == '/')
    length--;
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) columns = g_strsplit (*line, " ", 6);
      g_autofree char *point = g_strv_length (columns) == 6 ? g_strcompress (columns[4]) : NULL;

      if (point != NULL && strncmp (point, directory, length) == 0 && point[length] == '/' && point[length + 1] != '\0')
        return TRUE;
    }
  return FALSE;
}

void
perry_engine_limit_read_only_binds (const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);
  g_autofree char *mountinfo = NULL;

  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = mounts->pdata[i];
      g_autofree char *reason = NULL;

      if (mount->type != PERRY_MOUNT_BIND || !mount->read_only || perry_engine_has_option (mount->options, "bind"))
        continue;
      if (mountinfo == NULL)
        mountinfo = perry_file_read_text ("/proc/self/mountinfo", MAX_MOUNTINFO_BYTES, NULL);
      if (mountinfo != NULL && !perry_engine_has_mounts_below (mountinfo, mount->source))
        continue;
      reason = g_strdup_printf (mountinfo != NULL ? "file systems are mounted below %s; this engine leaves them writable"
                                                  : "this engine leaves file systems writable that are mounted below %s, "
                                                    "and whether there are any cannot be read",
                                mount->source);
      perry_field_support_limit (support, PERRY_FIELD_VOLUMES, PERRY_SUPPORT_PARTIAL, reason);
    }
}

/* Docker writes: path /a is mounted on / but it is not a shared mount; or: … not a shared or slave mount. */
void
perry_engine_explain_mount_failure (GError *error)
{
  char *message;

  if (strstr (error->message, "is mounted on") == NULL || strstr (error->message, "but it is not a shared") == NULL)
    return;
  message = g_strdup_printf ("%s\n$.volumes asks for a propagation that needs a shared mount at the engine; make it one "
                             "there (mount --make-rshared), or leave the propagation out", error->message);
  g_free (error->message);
  error->message = message;
  error->code = PERRY_ERROR_UNSUPPORTED;
}

static gboolean
is_at_or_below (const char *path, const char *directory)
{
  gsize length = strlen (directory);

  return g_str_has_prefix (path, directory) && (path[length] == '\0' || path[length] == '/');
}

gboolean
perry_engine_leaves_cgroups_writable (const PerryContainerSpec *spec, guint cgroup_version)
{
  g_autoptr (GPtrArray) mounts = NULL;

  if (cgroup_version != 1 || !perry_container_spec_get_boolean (spec, PERRY_FIELD_READ_ONLY)
      || perry_container_spec_get_boolean (spec, PERRY_FIELD_PRIVILEGED))
    return FALSE;
  mounts = perry_container_spec_dup_mounts (spec);
  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = mounts->pdata[i];

      if (is_at_or_below (mount->target, CGROUPS) || is_at_or_below (CGROUPS, mount->target))
        return FALSE;
    }
  return TRUE;
}
