/* SPDX-License-Identifier: Apache-2.0 */
/* A whole, good backend. A module that includes this defines before: ZOO_OVERRIDES, ZOO_OPS_OVERRIDES, designated
 * initialisers that replace those below. ZOO_FILE is the module's file name without `.so`. */
#pragma once

#include "plugin-api/perry-plugin.h"

#ifndef ZOO_OVERRIDES
#define ZOO_OVERRIDES
#endif
#ifndef ZOO_OPS_OVERRIDES
#define ZOO_OPS_OVERRIDES
#endif

static gpointer
zoo_open (const PerryBackendConfig *config, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, "the zoo has no engine");
  return NULL;
}

static void
zoo_close (gpointer backend)
{
}

static PerryEngineInfo *
zoo_probe (gpointer backend, GCancellable *cancellable, GError **error)
{
  return NULL;
}

static PerryImageInfo *
zoo_image_inspect (gpointer backend, const char *reference, GCancellable *cancellable, GError **error)
{
  return NULL;
}

static char *
zoo_create (gpointer backend, const PerryCreateRequest *request, char ***ret_warnings, GCancellable *cancellable,
            GError **error)
{
  return NULL;
}

static gboolean
zoo_start (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  return FALSE;
}

static PerryContainerInfo *
zoo_inspect (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  return NULL;
}

static GPtrArray *
zoo_list (gpointer backend, gboolean all, const char *const *labels, GCancellable *cancellable, GError **error)
{
  return NULL;
}

static gboolean
zoo_wait (gpointer backend, const char *id, gint64 *ret_exit_code, GCancellable *cancellable, GError **error)
{
  return FALSE;
}

static gboolean
zoo_stop (gpointer backend, const char *id, int timeout_s, GCancellable *cancellable, GError **error)
{
  return FALSE;
}

static gboolean
zoo_kill (gpointer backend, const char *id, const char *signal_name, GCancellable *cancellable, GError **error)
{
  return FALSE;
}

static gboolean
zoo_remove (gpointer backend, const char *id, gboolean force, GCancellable *cancellable, GError **error)
{
  return FALSE;
}

static const PerryBackendOps zoo_ops = {
  .struct_size = sizeof (PerryBackendOps),
  .open = zoo_open,
  .close = zoo_close,
  .probe = zoo_probe,
  .image_inspect = zoo_image_inspect,
  .container_create = zoo_create,
  .container_start = zoo_start,
  .container_inspect = zoo_inspect,
  .container_list = zoo_list,
  .container_wait = zoo_wait,
  .container_stop = zoo_stop,
  .container_kill = zoo_kill,
  .container_remove = zoo_remove,
  ZOO_OPS_OVERRIDES
};

static const PerryCapabilityRow zoo_capabilities[] = {
  { "read-only-rootfs", PERRY_SUPPORT_NATIVE, NULL },
  { "memory-limit", PERRY_SUPPORT_PARTIAL, "the zoo's keeper forgets" },
  { "time-travel", PERRY_SUPPORT_NATIVE, NULL },
  { NULL },
};

static const PerryPluginOption zoo_options[] = {
  { "socket", "s", "''", "where the engine listens" },
  { "retries", "x", "3", "how often to try" },
  { "loud", "b", "false", "whether to say so" },
  { "arguments", "as", "['--a', '--b']", "what to add" },
  { NULL },
};

const PerryPluginDescriptor perry_plugin_descriptor = {
  .struct_size = sizeof (PerryPluginDescriptor),
  .api_major = PERRY_PLUGIN_API_MAJOR,
  .api_minor = PERRY_PLUGIN_API_MINOR,
  .kind = PERRY_PLUGIN_BACKEND,
  .id = ZOO_FILE,
  .version = "1.2.3",
  .licence = "Apache-2.0",
  .summary = "A backend of the zoo",
  .capabilities = zoo_capabilities,
  .options = zoo_options,
  .ops = &zoo_ops,
  ZOO_OVERRIDES
};
