/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-locate.h"

#include "plugins/http-client/perry-engine-process.h"

static void
add_paths (GStrvBuilder *paths, guint version, const char *directory)
{
  /* Version 1 has a tree for each controller; each of these two exists wherever version 1 does. */
  static const char *const trees[] = { "pids", "memory" };

  for (gsize i = 0; version != 2 && i < G_N_ELEMENTS (trees); i++)
    {
      g_autofree char *path = g_build_filename (trees[i], directory, NULL);

      g_strv_builder_add (paths, path);
    }
  if (version != 1)
    {
      /* Below a scope, crun puts the processes one level deeper. */
      g_autofree char *inner = g_build_filename (directory, "container", NULL);

      g_strv_builder_add (paths, directory);
      g_strv_builder_add (paths, inner);
    }
}

char **
perry_engine_cgroup_paths (const PerryEngineCgroups *cgroups, const char *id)
{
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  g_autofree char *leaf = g_strconcat (cgroups->leaf != NULL ? cgroups->leaf : "", id, NULL);
  g_autofree char *plain = g_build_filename (cgroups->name, leaf, NULL);
  g_autofree char *scope = g_strdup_printf ("%s-%s.scope", cgroups->scope, id);
  g_autofree char *unit = g_build_filename (cgroups->slice, scope, NULL);

  if (cgroups->known_path != NULL)
    add_paths (paths, cgroups->version, cgroups->known_path);
  if (cgroups->rootless_uid >= 0)
    {
      g_autofree char *user = g_strdup_printf ("user.slice/user-%" G_GINT64_FORMAT ".slice/user@%" G_GINT64_FORMAT
                                               ".service/user.slice/%s",
                                               cgroups->rootless_uid, cgroups->rootless_uid, scope);

      add_paths (paths, cgroups->version, user);
    }
  if (g_strcmp0 (cgroups->driver, "systemd") != 0)
    add_paths (paths, cgroups->version, plain);
  if (g_strcmp0 (cgroups->driver, "cgroupfs") != 0)
    add_paths (paths, cgroups->version, unit);
  return g_strv_builder_end (paths);
}

void
perry_engine_locate_kernel (PerryProcessLocation *location, const char *engine_kernel)
{
  location->reason = perry_engine_kernel_difference (engine_kernel);
  if (location->reason == NULL && location->engine_pid == 0)
    location->reason = g_strdup ("the engine's process is in another process namespace");
  location->local = location->reason == NULL;
}
