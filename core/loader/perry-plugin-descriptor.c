/* SPDX-License-Identifier: Apache-2.0 */
#include "core/loader/perry-plugin-private.h"

#define MAX_VERSION 64
#define MAX_LICENCE 256

/* struct_size to id, which are never moved: enough to say whether the rest can be read */
#define HEAD_SIZE (G_STRUCT_OFFSET (PerryPluginDescriptor, id) + sizeof (char *))
#define MINIMUM_SIZE (G_STRUCT_OFFSET (PerryPluginDescriptor, ops) + sizeof (gconstpointer))

typedef struct {
  const char *name;
  gsize offset;
} Operation;

#define BACKEND_OPERATION(name) { #name, G_STRUCT_OFFSET (PerryBackendOps, name) }
#define VERIFIER_OPERATION(name) { #name, G_STRUCT_OFFSET (PerryVerifierOps, name) }

static const Operation required_of_backend[] = {
  BACKEND_OPERATION (open),
  BACKEND_OPERATION (close),
  BACKEND_OPERATION (probe),
  BACKEND_OPERATION (image_inspect),
  BACKEND_OPERATION (container_create),
  BACKEND_OPERATION (container_start),
  BACKEND_OPERATION (container_inspect),
  BACKEND_OPERATION (container_list),
  BACKEND_OPERATION (container_wait),
  BACKEND_OPERATION (container_stop),
  BACKEND_OPERATION (container_kill),
  BACKEND_OPERATION (container_remove),
};

static const Operation required_of_verifier[] = {
  VERIFIER_OPERATION (open),
  VERIFIER_OPERATION (close),
  VERIFIER_OPERATION (describe),
  VERIFIER_OPERATION (verify),
};

static gboolean
is_printable (const char *text)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return FALSE;
  return TRUE;
}

char *
perry_plugin_copy_text (const char *text, gsize limit, const char *what, GError **error)
{
  gsize length = text != NULL ? strnlen (text, limit + 1) : 0;

  if (length == 0)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_EMPTY_FIELD, "its %s is missing", what);
  else if (length > limit)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "its %s has more than %" G_GSIZE_FORMAT " bytes",
                 what, limit);
  else if (!g_utf8_validate (text, (gssize) length, NULL) || !is_printable (text))
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_FIELD, "its %s is not printable UTF-8", what);
  else
    return g_strndup (text, length);
  return NULL;
}

static gboolean
check_head (const PerryPluginDescriptor *exported, gsize symbol_size, GError **error)
{
  if (symbol_size != 0 && (symbol_size < HEAD_SIZE || exported->struct_size > symbol_size))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_TOO_SMALL,
                   "its descriptor has %" G_GSIZE_FORMAT " bytes, less than it says or than any descriptor has",
                   symbol_size);
      return FALSE;
    }
  if (exported->struct_size < HEAD_SIZE)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_TOO_SMALL,
                   "its descriptor says it has %" G_GSIZE_FORMAT " bytes, less than any descriptor",
                   exported->struct_size);
      return FALSE;
    }
  if (exported->api_major != PERRY_PLUGIN_API_MAJOR)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_API_MAJOR,
                   "it was built for plugin API %u.%u, this library has %d.%d: rebuild it", exported->api_major,
                   exported->api_minor, PERRY_PLUGIN_API_MAJOR, PERRY_PLUGIN_API_MINOR);
      return FALSE;
    }
  if (exported->api_minor != PERRY_PLUGIN_API_MINOR)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_API_MINOR,
                   "it was built for plugin API %u.%u, this library has %d.%d: %s", exported->api_major,
                   exported->api_minor, PERRY_PLUGIN_API_MAJOR, PERRY_PLUGIN_API_MINOR,
                   exported->api_minor > PERRY_PLUGIN_API_MINOR ? "use a newer library" : "rebuild it");
      return FALSE;
    }
  if (exported->struct_size < MINIMUM_SIZE)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_TOO_SMALL,
                   "its descriptor has %" G_GSIZE_FORMAT " bytes, plugin API %d.%d has %" G_GSIZE_FORMAT,
                   exported->struct_size, PERRY_PLUGIN_API_MAJOR, PERRY_PLUGIN_API_MINOR, (gsize) MINIMUM_SIZE);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_kind (PerryPlugin *plugin, guint32 kind, GError **error)
{
  if (kind != PERRY_PLUGIN_BACKEND && kind != PERRY_PLUGIN_VERIFIER)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_WRONG_KIND,
                   "its kind is %u; this library knows backends (%d) and verifiers (%d)", kind, PERRY_PLUGIN_BACKEND,
                   PERRY_PLUGIN_VERIFIER);
      return FALSE;
    }
  plugin->kind = kind;
  return TRUE;
}

static gboolean
read_texts (PerryPlugin *plugin, const PerryPluginDescriptor *descriptor, GError **error)
{
  g_autofree char *id = perry_plugin_copy_text (descriptor->id, PERRY_PLUGIN_MAX_ID, "id", error);

  if (id == NULL)
    return FALSE;
  if (g_strcmp0 (id, plugin->id) != 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_ID_MISMATCH,
                   "its id is “%s”: the file has to be called %s.so", id, id);
      return FALSE;
    }
  plugin->version = perry_plugin_copy_text (descriptor->version, MAX_VERSION, "version", error);
  if (plugin->version == NULL)
    return FALSE;
  plugin->licence = perry_plugin_copy_text (descriptor->licence, MAX_LICENCE, "licence", error);
  if (plugin->licence == NULL)
    return FALSE;
  plugin->summary = perry_plugin_copy_text (descriptor->summary, PERRY_PLUGIN_MAX_SUMMARY, "summary", error);
  return plugin->summary != NULL;
}

/* Copies what both sides know of an operations struct into a zeroed one. Its first member is its size. */
static gboolean
copy_operations (gpointer copy, gsize own_size, gconstpointer exported, const Operation *required, guint n_required,
                 GError **error)
{
  gsize size;

  if (exported == NULL)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_MISSING_OPERATION, "it has no operations");
      return FALSE;
    }
  memcpy (&size, exported, sizeof size);
  if (size < required[n_required - 1].offset + sizeof (gpointer))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_TOO_SMALL,
                   "its operations end before “%s” (%" G_GSIZE_FORMAT " bytes)", required[n_required - 1].name, size);
      return FALSE;
    }
  memcpy (copy, exported, MIN (size, own_size));
  memcpy (copy, &own_size, sizeof own_size);
  for (guint i = 0; i < n_required; i++)
    if (G_STRUCT_MEMBER (gpointer, copy, required[i].offset) == NULL)
      {
        g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_MISSING_OPERATION, "it has no operation “%s”",
                     required[i].name);
        return FALSE;
      }
  return TRUE;
}

gboolean
perry_plugin_read_descriptor (PerryPlugin *plugin, const PerryPluginDescriptor *exported, gsize symbol_size,
                              GError **error)
{
  PerryPluginDescriptor descriptor = { 0 };

  if (!check_head (exported, symbol_size, error) || !read_kind (plugin, exported->kind, error))
    return FALSE;
  memcpy (&descriptor, exported, MIN (exported->struct_size, sizeof descriptor));

  if (!read_texts (plugin, &descriptor, error))
    return FALSE;
  if (!perry_plugin_read_capabilities (plugin, descriptor.capabilities, error))
    return FALSE;
  if (!perry_plugin_read_options (plugin, descriptor.options, error))
    return FALSE;
  if (plugin->kind == PERRY_PLUGIN_VERIFIER)
    return copy_operations (&plugin->verifier_ops, sizeof plugin->verifier_ops, descriptor.ops, required_of_verifier,
                            G_N_ELEMENTS (required_of_verifier), error);
  return copy_operations (&plugin->backend_ops, sizeof plugin->backend_ops, descriptor.ops, required_of_backend,
                          G_N_ELEMENTS (required_of_backend), error) &&
         perry_plugin_read_candidates (plugin, error);
}
