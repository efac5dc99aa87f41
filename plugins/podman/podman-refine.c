/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-refine.h"

#include "plugins/http-client/perry-engine-devices.h"

/* Cgroups of version 2 are looked at one level down, because the root has no limits; so many are enough to find one. */
#define MAX_CGROUPS 256

static gboolean
has_file (const char *directory, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

gboolean
perry_podman_lacks_swap_limit (const char *directory)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (has_file (directory, "memory/memory.limit_in_bytes"))
    return !has_file (directory, "memory/memory.memsw.limit_in_bytes");
  dir = g_dir_open (directory, 0, NULL);
  for (guint i = 0; dir != NULL && i < MAX_CGROUPS && (name = g_dir_read_name (dir)) != NULL; i++)
    {
      g_autofree char *child = g_build_filename (directory, name, NULL);

      if (has_file (child, "memory.max"))
        return !has_file (child, "memory.swap.max");
    }
  return FALSE;
}

static void
refine_swap (const PerryContainerSpec *spec, const PerryPodmanHost *host, PerryFieldSupport *support)
{
  if (!host->lacks_swap_limit)
    return;
  if (perry_container_spec_is_set (spec, PERRY_FIELD_MEMORY))
    perry_field_support_limit (support, PERRY_FIELD_MEMORY, PERRY_SUPPORT_PARTIAL,
                               "swap is not limited: the kernel does not account for it");
  if (perry_container_spec_is_set (spec, PERRY_FIELD_MEMORY_SWAP))
    perry_field_support_limit (support, PERRY_FIELD_MEMORY_SWAP, PERRY_SUPPORT_UNSUPPORTED,
                               "the kernel does not account for swap, so nothing limits it");
}

/* Podman reads `HOST:CONTAINER:PERMISSIONS` from one text, and a privileged container gets the host's devices alone. */
static void
refine_devices (const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  g_autoptr (GPtrArray) devices = perry_container_spec_dup_devices (spec);
  gboolean privileged = perry_container_spec_get_boolean (spec, PERRY_FIELD_PRIVILEGED);

  for (guint i = 0; i < devices->len; i++)
    {
      const PerryDevice *device = devices->pdata[i];
      g_autofree char *reason = NULL;

      if (strchr (device->source, ':') != NULL || strchr (device->target, ':') != NULL)
        reason = g_strdup_printf ("Podman's API cannot say a path with a colon: %s",
                                  strchr (device->source, ':') != NULL ? device->source : device->target);
      else if (privileged && !g_str_equal (device->source, device->target))
        reason = g_strdup_printf ("Podman gives a privileged container the host's devices under their own names, and %s "
                                  "under no other", device->source);
      if (reason != NULL)
        perry_field_support_limit (support, PERRY_FIELD_DEVICES, PERRY_SUPPORT_UNSUPPORTED, reason);
    }
}

void
perry_podman_refine_for_host (const PerryContainerSpec *spec, const PerryPodmanHost *host, PerryFieldSupport *support)
{
  refine_swap (spec, host, support);
  refine_devices (spec, support);
  perry_engine_limit_ulimits (spec, &host->rlimits, "Podman", support);
  perry_engine_limit_devices (spec, support);
}
