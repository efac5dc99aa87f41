/* SPDX-License-Identifier: Apache-2.0 */
#include "core/loader/perry-plugin-private.h"

G_DEFINE_BOXED_TYPE (PerryPlugin, perry_plugin, perry_plugin_ref, perry_plugin_unref)

const char *
perry_plugin_state_get_name (PerryPluginState state)
{
  return state == PERRY_PLUGIN_STATE_OK ? "ok" : "rejected";
}

gboolean
perry_plugin_is_valid_id (const char *id)
{
  gsize length = strlen (id);

  if (length > PERRY_PLUGIN_MAX_ID || !g_ascii_islower (id[0]))
    return FALSE;
  return strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

PerryPlugin *
perry_plugin_new (const char *path, const char *id)
{
  PerryPlugin *plugin = g_new0 (PerryPlugin, 1);

  g_atomic_ref_count_init (&plugin->references);
  plugin->path = g_strdup (path);
  plugin->id = g_strdup (id);
  return plugin;
}

static void
clear_what_was_read (PerryPlugin *plugin)
{
  g_clear_pointer (&plugin->version, g_free);
  g_clear_pointer (&plugin->licence, g_free);
  g_clear_pointer (&plugin->summary, g_free);
  g_clear_pointer (&plugin->matrix, perry_capability_matrix_free);
  g_clear_pointer (&plugin->options, g_array_unref);
  g_clear_pointer (&plugin->candidates, g_array_unref);
}

void
perry_plugin_take_error (PerryPlugin *plugin, GError *error)
{
  clear_what_was_read (plugin);
  g_clear_error (&plugin->error);
  plugin->error = error;
}

PerryPlugin *
perry_plugin_ref (PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  g_atomic_ref_count_inc (&plugin->references);
  return plugin;
}

void
perry_plugin_unref (PerryPlugin *plugin)
{
  g_return_if_fail (plugin != NULL);

  if (!g_atomic_ref_count_dec (&plugin->references))
    return;
  clear_what_was_read (plugin);
  g_clear_error (&plugin->error);
  g_free (plugin->path);
  g_free (plugin->id);
  g_free (plugin);
}

const char *
perry_plugin_get_id (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->id;
}

const char *
perry_plugin_get_path (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->path;
}

PerryPluginState
perry_plugin_get_state (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, PERRY_PLUGIN_STATE_REJECTED);

  return plugin->error == NULL ? PERRY_PLUGIN_STATE_OK : PERRY_PLUGIN_STATE_REJECTED;
}

const GError *
perry_plugin_get_error (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->error;
}

const char *
perry_plugin_get_kind_name (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  switch (plugin->kind)
    {
    case PERRY_PLUGIN_BACKEND:
      return "backend";
    case PERRY_PLUGIN_VERIFIER:
      return "verifier";
    default:
      return NULL;
    }
}

PerryPluginKind
perry_plugin_get_kind (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, 0);

  return plugin->kind;
}

const char *
perry_plugin_get_version (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->version;
}

const char *
perry_plugin_get_licence (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->licence;
}

const char *
perry_plugin_get_summary (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->summary;
}

const PerryCapabilityMatrix *
perry_plugin_get_matrix (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->matrix;
}

const PerryPluginOption *
perry_plugin_get_options (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->options != NULL ? &g_array_index (plugin->options, PerryPluginOption, 0) : NULL;
}

const PerryBackendCandidate *
perry_plugin_get_candidates (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->candidates != NULL ? &g_array_index (plugin->candidates, PerryBackendCandidate, 0) : NULL;
}

const PerryBackendOps *
perry_plugin_get_backend_ops (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->error == NULL && plugin->kind == PERRY_PLUGIN_BACKEND ? &plugin->backend_ops : NULL;
}

const PerryVerifierOps *
perry_plugin_get_verifier_ops (const PerryPlugin *plugin)
{
  g_return_val_if_fail (plugin != NULL, NULL);

  return plugin->error == NULL && plugin->kind == PERRY_PLUGIN_VERIFIER ? &plugin->verifier_ops : NULL;
}
