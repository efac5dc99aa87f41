/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-registry-manifest.h"

#include <string.h>

#include "core/verification/perry-registry-digest.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-platform.h"

#define MAX_ENTRIES 1024

static const struct { const char *name; gboolean is_index; } media_types[] = {
  { PERRY_REGISTRY_OCI_INDEX, TRUE },
  { "application/vnd.docker.distribution.manifest.list.v2+json", TRUE },
  { "application/vnd.oci.image.manifest.v1+json", FALSE },
  { "application/vnd.docker.distribution.manifest.v2+json", FALSE },
};

/* What only one of both kinds has. */
static const char *const members_of_index[] = { "manifests", NULL };
static const char *const members_of_manifest[] = { "config", "layers", "fsLayers", "history", NULL };

static void
entry_free (gpointer data)
{
  PerryRegistryEntry *entry = data;

  g_free (entry->digest);
  g_free (entry->platform);
  g_free (entry);
}

void
perry_registry_manifest_free (PerryRegistryManifest *manifest)
{
  if (manifest == NULL)
    return;
  g_free (manifest->media_type);
  g_free (manifest->config_digest);
  g_clear_pointer (&manifest->entries, g_ptr_array_unref);
  g_free (manifest);
}

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "the registry's manifest cannot be used: %s", what);
  return FALSE;
}

/* Without what is behind a semicolon. */
static char *
trim_type (const char *content_type)
{
  g_autofree char *type = content_type != NULL ? g_strndup (content_type, strcspn (content_type, ";")) : g_strdup ("");

  return g_ascii_strdown (g_strstrip (type), -1);
}

gboolean
perry_registry_manifest_check_type (const char *content_type, gboolean *ret_is_index, GError **error)
{
  g_autofree char *type = trim_type (content_type);
  g_autofree char *shown = perry_registry_text_for_message (type);

  for (gsize i = 0; i < G_N_ELEMENTS (media_types); i++)
    if (g_str_equal (type, media_types[i].name))
      {
        *ret_is_index = media_types[i].is_index;
        return TRUE;
      }
  return fail (error, "its type is “%s”, which is neither an image manifest of version 2 nor an image index", shown);
}

static gboolean
check_kind (JsonObject *object, const PerryRegistryManifest *manifest, GError **error)
{
  const char *const *others = manifest->is_index ? members_of_manifest : members_of_index;
  const char *media_type = NULL;
  gint64 version = 0;

  if (!perry_json_read_int64 (object, "schemaVersion", &version) || version != 2)
    return fail (error, "its schemaVersion is not 2");
  if (json_object_has_member (object, "mediaType")
      && (!perry_json_read_string (object, "mediaType", &media_type)
          || !g_str_equal (media_type, manifest->media_type)))
    return fail (error, "it calls itself something else than the registry, which says %s", manifest->media_type);
  for (; *others != NULL; others++)
    if (json_object_has_member (object, *others))
      return fail (error, "it is to be an image %s and has the member “%s” of an image %s", manifest->is_index ? "index"
                   : "manifest", *others, manifest->is_index ? "manifest" : "index");
  return TRUE;
}

/* A descriptor's digest, which is all that is followed. */
static const char *
read_digest (JsonObject *descriptor, const char *what, GError **error)
{
  const char *digest = NULL;

  if (perry_json_read_string (descriptor, "digest", &digest) && perry_registry_digest_is_valid (digest))
    return digest;
  fail (error, "%s has no valid digest", what);
  return NULL;
}

static gboolean
read_platform (JsonObject *platform, const char *what, char **ret_platform, GError **error)
{
  const char *os = NULL, *architecture = NULL, *variant = NULL;

  if (!perry_json_read_string (platform, "os", &os) || !perry_json_read_string (platform, "architecture", &architecture))
    return fail (error, "%s has a platform without a system or an architecture", what);
  perry_json_read_string (platform, "variant", &variant);
  *ret_platform = perry_platform_format (os, architecture, variant);
  return TRUE;
}

static gboolean
read_entry (PerryRegistryManifest *index, JsonObject *object, guint number, GError **error)
{
  g_autofree char *what = g_strdup_printf ("entry %u of the index", number + 1);
  const char *digest = read_digest (object, what, error);
  g_autofree char *platform = NULL;
  JsonObject *described = NULL;
  PerryRegistryEntry *entry;

  if (digest == NULL)
    return FALSE;
  if (perry_json_read_object (object, "platform", &described) && !read_platform (described, what, &platform, error))
    return FALSE;
  entry = g_new0 (PerryRegistryEntry, 1);
  entry->digest = g_strdup (digest);
  entry->platform = g_steal_pointer (&platform);
  g_ptr_array_add (index->entries, entry);
  return TRUE;
}

static gboolean
read_index (PerryRegistryManifest *index, JsonObject *object, GError **error)
{
  JsonArray *manifests = NULL;

  if (!perry_json_read_array (object, "manifests", &manifests))
    return fail (error, "the index has no list of manifests");
  if (json_array_get_length (manifests) > MAX_ENTRIES)
    return fail (error, "the index has %u entries, and at most %d are read", json_array_get_length (manifests),
                 MAX_ENTRIES);
  index->entries = g_ptr_array_new_with_free_func (entry_free);
  for (guint i = 0; i < json_array_get_length (manifests); i++)
    if (!read_entry (index, perry_json_as_object (json_array_get_element (manifests, i)), i, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_manifest (PerryRegistryManifest *manifest, JsonObject *object, GError **error)
{
  JsonObject *config = NULL;
  JsonArray *layers = NULL;
  const char *digest;

  if (!perry_json_read_object (object, "config", &config) || !perry_json_read_array (object, "layers", &layers))
    return fail (error, "it has no configuration or no list of layers");
  if (json_array_get_length (layers) > MAX_ENTRIES)
    return fail (error, "it has %u layers, and at most %d are read", json_array_get_length (layers), MAX_ENTRIES);
  digest = read_digest (config, "its configuration", error);
  manifest->config_digest = g_strdup (digest);
  return digest != NULL;
}

/* Reads one JSON object out of a body. */
static JsonNode *
parse_object (GBytes *body, const char *what, GError **error)
{
  const PerryJsonLimits limits = { .max_bytes = PERRY_REGISTRY_MAX_MANIFEST };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) root = perry_json_parse_bytes (body, &limits, &local_error);

  if (perry_json_as_object (root) != NULL)
    return g_steal_pointer (&root);
  fail (error, "%s: %s", what, local_error != NULL ? local_error->message : "not a JSON object");
  return NULL;
}

PerryRegistryManifest *
perry_registry_manifest_parse (GBytes *body, const char *content_type, GError **error)
{
  g_autoptr (PerryRegistryManifest) manifest = g_new0 (PerryRegistryManifest, 1);
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object;

  if (!perry_registry_manifest_check_type (content_type, &manifest->is_index, error))
    return NULL;
  manifest->media_type = trim_type (content_type);
  root = parse_object (body, "its body", error);
  object = perry_json_as_object (root);
  if (object == NULL || !check_kind (object, manifest, error)
      || !(manifest->is_index ? read_index (manifest, object, error) : read_manifest (manifest, object, error)))
    return NULL;
  return g_steal_pointer (&manifest);
}

gboolean
perry_registry_config_parse (GBytes *body, char **ret_platform, GError **error)
{
  g_autoptr (JsonNode) root = parse_object (body, "the image's configuration", error);
  JsonObject *object = perry_json_as_object (root);

  if (object == NULL)
    return FALSE;
  *ret_platform = NULL;
  if (!json_object_has_member (object, "os"))
    return TRUE;
  return read_platform (object, "the image's configuration", ret_platform, error);
}
