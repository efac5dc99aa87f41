/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/perry-image-archive.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/utsname.h>

#include "plugin-api/perry-error.h"
#include "probe/perry-image-tar.h"

#define CREATED "1970-01-01T00:00:00Z"
#define MEDIA_CONFIG "application/vnd.oci.image.config.v1+json"
#define MEDIA_LAYER "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define BLOBS "blobs/sha256"

typedef enum { ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_SYMLINK } EntryKind;

typedef struct {
  EntryKind kind;
  guint mode;
  GBytes *content;
  char *target;
} Entry;

struct _PerryImageArchive {
  char *reference;
  GTree *entries; /* path without the leading slash -> Entry, sorted: a directory comes before what is in it */
  GTree *labels;
  GStrv command;
  GStrv entrypoint;
  GStrv environment;
  char *user;
  char *working_directory;
  GError *first_error;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->content, g_bytes_unref);
  g_free (entry->target);
  g_free (entry);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

PerryImageArchive *
perry_image_archive_new (const char *reference)
{
  PerryImageArchive *self = g_new0 (PerryImageArchive, 1);

  self->reference = g_strdup (reference);
  self->entries = g_tree_new_full (compare_names, NULL, g_free, entry_free);
  self->labels = g_tree_new_full (compare_names, NULL, g_free, g_free);
  return self;
}

void
perry_image_archive_free (PerryImageArchive *self)
{
  g_free (self->reference);
  g_tree_unref (self->entries);
  g_tree_unref (self->labels);
  g_strfreev (self->command);
  g_strfreev (self->entrypoint);
  g_strfreev (self->environment);
  g_free (self->user);
  g_free (self->working_directory);
  g_clear_error (&self->first_error);
  g_free (self);
}

static gboolean
path_is_plain (const char *path)
{
  g_auto (GStrv) parts = NULL;

  if (path[0] != '/' || path[1] == '\0')
    return FALSE;
  parts = g_strsplit (path + 1, "/", -1);
  for (gsize i = 0; parts[i] != NULL; i++)
    if (*parts[i] == '\0' || strcmp (parts[i], ".") == 0 || strcmp (parts[i], "..") == 0)
      return FALSE;
  return TRUE;
}

static void
remember_error (PerryImageArchive *self, GError *error)
{
  if (self->first_error == NULL)
    self->first_error = error;
  else
    g_error_free (error);
}

static void
take_entry (PerryImageArchive *self, const char *path, Entry *entry)
{
  if (!path_is_plain (path))
    {
      entry_free (entry);
      remember_error (self, g_error_new (PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                                         "'%s' is not an absolute path without '.', '..' and empty parts", path));
      return;
    }
  for (const char *slash = strchr (path + 1, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      g_autofree char *parent = g_strndup (path + 1, (gsize) (slash - path - 1));
      Entry *directory;

      if (g_tree_lookup (self->entries, parent) != NULL)
        continue;
      directory = g_new0 (Entry, 1);
      directory->kind = ENTRY_DIRECTORY;
      directory->mode = 0755;
      g_tree_replace (self->entries, g_steal_pointer (&parent), directory);
    }
  g_tree_replace (self->entries, g_strdup (path + 1), entry);
}

void
perry_image_archive_add_directory (PerryImageArchive *self, const char *path, guint mode)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->kind = ENTRY_DIRECTORY;
  entry->mode = mode;
  take_entry (self, path, entry);
}

void
perry_image_archive_add_bytes (PerryImageArchive *self, const char *path, guint mode, GBytes *content)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->kind = ENTRY_FILE;
  entry->mode = mode;
  entry->content = g_bytes_ref (content);
  take_entry (self, path, entry);
}

void
perry_image_archive_add_text (PerryImageArchive *self, const char *path, guint mode, const char *text)
{
  g_autoptr (GBytes) content = g_bytes_new (text, strlen (text));

  perry_image_archive_add_bytes (self, path, mode, content);
}

void
perry_image_archive_add_symlink (PerryImageArchive *self, const char *path, const char *target)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->kind = ENTRY_SYMLINK;
  entry->target = g_strdup (target);
  take_entry (self, path, entry);
}

/* What it is comes first: opening a pipe would wait for somebody who writes to it. */
static gboolean
check_host_file (GFile *file, const char *host_path, gsize *ret_size, GError **error)
{
  g_autoptr (GFileInfo) info = NULL;
  GError *foreign = NULL;

  info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
                            G_FILE_QUERY_INFO_NONE, NULL, &foreign);
  if (info == NULL)
    {
      perry_error_propagate_foreign (error, foreign, PERRY_ERROR_FAILED, "reading '%s'", host_path);
      return FALSE;
    }
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "'%s' is not a regular file", host_path);
      return FALSE;
    }
  if (g_file_info_get_size (info) > PERRY_IMAGE_ARCHIVE_MAX_FILE)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "'%s' is larger than %d bytes", host_path,
                   PERRY_IMAGE_ARCHIVE_MAX_FILE);
      return FALSE;
    }
  *ret_size = (gsize) g_file_info_get_size (info);
  return TRUE;
}

static GBytes *
read_host_file (const char *host_path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (host_path);
  g_autoptr (GFileInputStream) stream = NULL;
  g_autofree char *buffer = NULL;
  GError *foreign = NULL;
  gsize size, length;

  if (!check_host_file (file, host_path, &size, error))
    return NULL;
  buffer = g_malloc (size + 1);
  stream = g_file_read (file, NULL, &foreign);
  if (stream == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), buffer, size, &length, NULL, &foreign))
    {
      perry_error_propagate_foreign (error, foreign, PERRY_ERROR_FAILED, "reading '%s'", host_path);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&buffer), length);
}

void
perry_image_archive_add_host_file (PerryImageArchive *self, const char *path, guint mode, const char *host_path)
{
  GError *error = NULL;
  g_autoptr (GBytes) content = read_host_file (host_path, &error);

  if (content != NULL)
    perry_image_archive_add_bytes (self, path, mode, content);
  else
    remember_error (self, error);
}

void
perry_image_archive_set_command (PerryImageArchive *self, const char *const *argv)
{
  g_strfreev (self->command);
  self->command = g_strdupv ((char **) argv);
}

void
perry_image_archive_set_entrypoint (PerryImageArchive *self, const char *const *argv)
{
  g_strfreev (self->entrypoint);
  self->entrypoint = g_strdupv ((char **) argv);
}

void
perry_image_archive_set_environment (PerryImageArchive *self, const char *const *environment)
{
  g_strfreev (self->environment);
  self->environment = g_strdupv ((char **) environment);
}

void
perry_image_archive_set_user (PerryImageArchive *self, const char *user)
{
  g_free (self->user);
  self->user = g_strdup (user);
}

void
perry_image_archive_set_working_directory (PerryImageArchive *self, const char *path)
{
  g_free (self->working_directory);
  self->working_directory = g_strdup (path);
}

void
perry_image_archive_add_label (PerryImageArchive *self, const char *name, const char *value)
{
  g_tree_replace (self->labels, g_strdup (name), g_strdup (value));
}

static void
add_member (JsonBuilder *json, const char *name, const char *value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, value);
}

static void
add_strings (JsonBuilder *json, const char *name, const char *const *values)
{
  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  for (; *values != NULL; values++)
    json_builder_add_string_value (json, *values);
  json_builder_end_array (json);
}

static gboolean
add_label_member (gpointer name, gpointer value, gpointer json)
{
  add_member (json, name, value);
  return FALSE;
}

static GBytes *
finish_json (JsonBuilder *json)
{
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  char *text = json_to_string (root, FALSE);

  return g_bytes_new_take (text, strlen (text));
}

/* The names that OCI uses are Go's. */
static void
add_architecture (JsonBuilder *json)
{
  static const struct { const char *machine, *architecture, *variant; } names[] = {
    { "x86_64", "amd64", NULL }, { "aarch64", "arm64", NULL }, { "armv7l", "arm", "v7" }, { "armv6l", "arm", "v6" },
    { "i686", "386", NULL }, { "i386", "386", NULL }, { "loongarch64", "loong64", NULL },
  };
  struct utsname host = { 0 };

  uname (&host);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (host.machine, names[i].machine) == 0)
      {
        add_member (json, "architecture", names[i].architecture);
        if (names[i].variant != NULL)
          add_member (json, "variant", names[i].variant);
        return;
      }
  add_member (json, "architecture", host.machine);
}

static GBytes *
make_config (PerryImageArchive *self, const char *layer_digest)
{
  g_autoptr (JsonBuilder) json = json_builder_new_immutable ();
  const char *const diff_ids[] = { layer_digest, NULL };

  json_builder_begin_object (json);
  add_architecture (json);
  add_member (json, "os", "linux");
  add_member (json, "created", CREATED);
  json_builder_set_member_name (json, "config");
  json_builder_begin_object (json);
  if (self->user != NULL)
    add_member (json, "User", self->user);
  if (self->environment != NULL)
    add_strings (json, "Env", (const char *const *) self->environment);
  if (self->entrypoint != NULL)
    add_strings (json, "Entrypoint", (const char *const *) self->entrypoint);
  if (self->command != NULL)
    add_strings (json, "Cmd", (const char *const *) self->command);
  if (self->working_directory != NULL)
    add_member (json, "WorkingDir", self->working_directory);
  if (g_tree_nnodes (self->labels) > 0)
    {
      json_builder_set_member_name (json, "Labels");
      json_builder_begin_object (json);
      g_tree_foreach (self->labels, add_label_member, json);
      json_builder_end_object (json);
    }
  json_builder_end_object (json);
  json_builder_set_member_name (json, "rootfs");
  json_builder_begin_object (json);
  add_member (json, "type", "layers");
  add_strings (json, "diff_ids", diff_ids);
  json_builder_end_object (json);
  json_builder_end_object (json);
  return finish_json (json);
}

static char *
compute_digest (GBytes *blob)
{
  g_autofree char *hex = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, blob);

  return g_strconcat ("sha256:", hex, NULL);
}

static char *
blob_path (const char *digest)
{
  return g_strconcat (BLOBS "/", digest + strlen ("sha256:"), NULL);
}

/* Opens a descriptor; the caller may add to it before it closes it. */
static void
begin_descriptor (JsonBuilder *json, const char *media_type, const char *digest, GBytes *blob)
{
  json_builder_begin_object (json);
  add_member (json, "mediaType", media_type);
  add_member (json, "digest", digest);
  json_builder_set_member_name (json, "size");
  json_builder_add_int_value (json, (gint64) g_bytes_get_size (blob));
}

static GBytes *
make_manifest (GBytes *config, const char *config_digest, GBytes *layer, const char *layer_digest)
{
  g_autoptr (JsonBuilder) json = json_builder_new_immutable ();

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "schemaVersion");
  json_builder_add_int_value (json, 2);
  add_member (json, "mediaType", MEDIA_MANIFEST);
  json_builder_set_member_name (json, "config");
  begin_descriptor (json, MEDIA_CONFIG, config_digest, config);
  json_builder_end_object (json);
  json_builder_set_member_name (json, "layers");
  json_builder_begin_array (json);
  begin_descriptor (json, MEDIA_LAYER, layer_digest, layer);
  json_builder_end_object (json);
  json_builder_end_array (json);
  json_builder_end_object (json);
  return finish_json (json);
}

static GBytes *
make_index (PerryImageArchive *self, GBytes *manifest, const char *manifest_digest)
{
  g_autoptr (JsonBuilder) json = json_builder_new_immutable ();

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "schemaVersion");
  json_builder_add_int_value (json, 2);
  json_builder_set_member_name (json, "manifests");
  json_builder_begin_array (json);
  begin_descriptor (json, MEDIA_MANIFEST, manifest_digest, manifest);
  json_builder_set_member_name (json, "annotations");
  json_builder_begin_object (json);
  add_member (json, "io.containerd.image.name", self->reference);
  add_member (json, "org.opencontainers.image.ref.name", self->reference);
  json_builder_end_object (json);
  json_builder_end_object (json);
  json_builder_end_array (json);
  json_builder_end_object (json);
  return finish_json (json);
}

static GBytes *
make_docker_manifest (PerryImageArchive *self, const char *config_path, const char *layer_path)
{
  g_autoptr (JsonBuilder) json = json_builder_new_immutable ();
  const char *const tags[] = { self->reference, NULL };
  const char *const layers[] = { layer_path, NULL };

  json_builder_begin_array (json);
  json_builder_begin_object (json);
  add_member (json, "Config", config_path);
  add_strings (json, "RepoTags", tags);
  add_strings (json, "Layers", layers);
  json_builder_end_object (json);
  json_builder_end_array (json);
  return finish_json (json);
}

static GBytes *
make_layer (PerryImageArchive *self, GError **error)
{
  g_autoptr (PerryImageTar) tar = perry_image_tar_new (error);

  if (tar == NULL)
    return NULL;
  for (GTreeNode *node = g_tree_node_first (self->entries); node != NULL; node = g_tree_node_next (node))
    {
      const char *path = g_tree_node_key (node);
      const Entry *entry = g_tree_node_value (node);
      gboolean added = FALSE;

      switch (entry->kind)
        {
        case ENTRY_DIRECTORY:
          added = perry_image_tar_add_directory (tar, path, entry->mode, error);
          break;
        case ENTRY_FILE:
          added = perry_image_tar_add_file (tar, path, entry->mode, entry->content, error);
          break;
        case ENTRY_SYMLINK:
          added = perry_image_tar_add_symlink (tar, path, entry->target, error);
          break;
        }
      if (!added)
        return NULL;
    }
  return perry_image_tar_finish (tar, error);
}

static gboolean
add_text_file (PerryImageTar *tar, const char *path, const char *text, GError **error)
{
  g_autoptr (GBytes) content = g_bytes_new_static (text, strlen (text));

  return perry_image_tar_add_file (tar, path, 0644, content, error);
}

GBytes *
perry_image_archive_build (PerryImageArchive *self, char **ret_image_id, GError **error)
{
  g_autoptr (GBytes) layer = NULL, config = NULL, manifest = NULL, index = NULL, docker_manifest = NULL, archive = NULL;
  g_autofree char *layer_digest = NULL, *config_digest = NULL, *manifest_digest = NULL;
  g_autofree char *layer_path = NULL, *config_path = NULL, *manifest_path = NULL;
  g_autoptr (PerryImageTar) tar = NULL;

  if (self->first_error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->first_error));
      return NULL;
    }
  layer = make_layer (self, error);
  tar = layer != NULL ? perry_image_tar_new (error) : NULL;
  if (tar == NULL)
    return NULL;
  layer_digest = compute_digest (layer);
  layer_path = blob_path (layer_digest);
  config = make_config (self, layer_digest);
  config_digest = compute_digest (config);
  config_path = blob_path (config_digest);
  manifest = make_manifest (config, config_digest, layer, layer_digest);
  manifest_digest = compute_digest (manifest);
  manifest_path = blob_path (manifest_digest);
  index = make_index (self, manifest, manifest_digest);
  docker_manifest = make_docker_manifest (self, config_path, layer_path);

  if (!add_text_file (tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}", error) ||
      !perry_image_tar_add_file (tar, "index.json", 0644, index, error) ||
      !perry_image_tar_add_file (tar, "manifest.json", 0644, docker_manifest, error) ||
      !perry_image_tar_add_directory (tar, "blobs", 0755, error) ||
      !perry_image_tar_add_directory (tar, BLOBS, 0755, error) ||
      !perry_image_tar_add_file (tar, manifest_path, 0644, manifest, error) ||
      !perry_image_tar_add_file (tar, config_path, 0644, config, error) ||
      !perry_image_tar_add_file (tar, layer_path, 0644, layer, error))
    return NULL;
  archive = perry_image_tar_finish (tar, error);
  if (archive != NULL && ret_image_id != NULL)
    *ret_image_id = g_steal_pointer (&config_digest);
  return g_steal_pointer (&archive);
}

gboolean
perry_image_archive_write (PerryImageArchive *self, const char *file, char **ret_image_id, GError **error)
{
  g_autofree char *image_id = NULL;
  g_autoptr (GBytes) archive = perry_image_archive_build (self, &image_id, error);
  g_autoptr (GFile) destination = g_file_new_for_path (file);
  GError *foreign = NULL;
  const char *data;
  gsize length;

  if (archive == NULL)
    return FALSE;
  data = g_bytes_get_data (archive, &length);
  if (!g_file_replace_contents (destination, data, length, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, NULL,
                                &foreign))
    {
      perry_error_propagate_foreign (error, foreign, PERRY_ERROR_FAILED, "writing '%s'", file);
      return FALSE;
    }
  if (ret_image_id != NULL)
    *ret_image_id = g_steal_pointer (&image_id);
  return TRUE;
}
