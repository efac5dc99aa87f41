/* SPDX-License-Identifier: Apache-2.0 */
#include "core/loader/perry-plugin-registry.h"

#include <dirent.h>
#include <errno.h>
#include <sys/auxv.h>

#include "core/loader/perry-plugin-open.h"
#include "core/loader/perry-plugin-private.h"

#define MAX_DIRECTORIES 64
#define MAX_FILES 256
#define SUFFIX ".so"

typedef struct {
  char *path;
  gboolean built_in;
} Directory;

struct _PerryPluginRegistry {
  gatomicrefcount references;
  GArray *directories; /* of Directory, in the order of the search */
  GMutex lock;
  GHashTable *plugins; /* path -> PerryPlugin: what became of each file */
};

G_DEFINE_BOXED_TYPE (PerryPluginRegistry, perry_plugin_registry, perry_plugin_registry_ref,
                     perry_plugin_registry_unref)

static void
clear_directory (gpointer data)
{
  g_free (((Directory *) data)->path);
}

static void
add_directory (PerryPluginRegistry *registry, const char *path, gboolean built_in)
{
  Directory directory = { .path = g_strdup (path), .built_in = built_in };

  g_array_append_val (registry->directories, directory);
}

PerryPluginRegistry *
perry_plugin_registry_new_for_path (const char *plugin_path, gboolean privileged, const char *built_in)
{
  PerryPluginRegistry *registry = g_new0 (PerryPluginRegistry, 1);
  g_auto (GStrv) entries = g_strsplit (plugin_path != NULL && !privileged ? plugin_path : "", ":", MAX_DIRECTORIES);

  g_atomic_ref_count_init (&registry->references);
  g_mutex_init (&registry->lock);
  registry->plugins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) perry_plugin_unref);
  registry->directories = g_array_new (FALSE, FALSE, sizeof (Directory));
  g_array_set_clear_func (registry->directories, clear_directory);
  for (char **entry = entries; *entry != NULL; entry++)
    if (**entry != '\0')
      add_directory (registry, *entry, FALSE);
  add_directory (registry, built_in, TRUE);
  return registry;
}

PerryPluginRegistry *
perry_plugin_registry_new (void)
{
  return perry_plugin_registry_new_for_path (g_getenv ("PERRY_PLUGIN_PATH"), getauxval (AT_SECURE) != 0,
                                             PERRY_PLUGIN_DIR);
}

PerryPluginRegistry *
perry_plugin_registry_ref (PerryPluginRegistry *registry)
{
  g_return_val_if_fail (registry != NULL, NULL);

  g_atomic_ref_count_inc (&registry->references);
  return registry;
}

void
perry_plugin_registry_unref (PerryPluginRegistry *registry)
{
  g_return_if_fail (registry != NULL);

  if (!g_atomic_ref_count_dec (&registry->references))
    return;
  g_hash_table_unref (registry->plugins);
  g_array_unref (registry->directories);
  g_mutex_clear (&registry->lock);
  g_free (registry);
}

static PerryPlugin *
new_rejected (const char *path, const char *id, GError *error)
{
  g_autofree char *display_path = g_filename_display_name (path);
  PerryPlugin *plugin = perry_plugin_new (display_path, id);

  perry_plugin_take_error (plugin, error);
  return plugin;
}

/* The id of a file `<id>.so`, NULL where that is no valid one. */
static char *
id_from_file_name (const char *file_name)
{
  g_autofree char *id = g_strndup (file_name, strlen (file_name) - strlen (SUFFIX));

  return perry_plugin_is_valid_id (id) ? g_steal_pointer (&id) : NULL;
}

static PerryPlugin *
open_plugin (const Directory *directory, const char *file_name, const char *path)
{
  PerryTrustedOwners owners = perry_trusted_owners_get (!directory->built_in);
  g_autofree char *id = id_from_file_name (file_name);
  g_autoptr (PerryPlugin) plugin = NULL;
  const PerryPluginDescriptor *descriptor;
  GError *error = NULL;
  gsize symbol_size;

  if (id == NULL)
    return new_rejected (path, NULL,
                         g_error_new (PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_NAME,
                                      "a plugin's file is called ID" SUFFIX ", and an ID has lower-case letters, digits "
                                      "and “-”, at most %d, a letter first",
                                      PERRY_PLUGIN_MAX_ID));
  plugin = perry_plugin_new (path, id);
  descriptor = perry_plugin_open_file (directory->path, file_name, &owners, &symbol_size, &error);
  if (descriptor == NULL || !perry_plugin_read_descriptor (plugin, descriptor, symbol_size, &error))
    perry_plugin_take_error (plugin, error);
  return g_steal_pointer (&plugin);
}

/* Called with the lock held. */
static PerryPlugin *
get_plugin (PerryPluginRegistry *registry, const Directory *directory, const char *file_name)
{
  g_autofree char *path = g_build_filename (directory->path, file_name, NULL);
  PerryPlugin *plugin = g_hash_table_lookup (registry->plugins, path);

  if (plugin == NULL)
    {
      plugin = open_plugin (directory, file_name, path);
      g_hash_table_insert (registry->plugins, g_steal_pointer (&path), plugin);
    }
  return perry_plugin_ref (plugin);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
read_file_names (const Directory *directory, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const struct dirent *entry;
  DIR *stream;

  if (!g_path_is_absolute (directory->path))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                   "the entry “%s” of PERRY_PLUGIN_PATH is not an absolute path", directory->path);
      return NULL;
    }
  stream = opendir (directory->path);
  if (stream == NULL)
    {
      if (directory->built_in && errno == ENOENT)
        return g_steal_pointer (&names);
      g_set_error (error, PERRY_ERROR, errno == ENOENT ? PERRY_ERROR_NOT_FOUND : PERRY_ERROR_PLUGIN_UNSAFE,
                   "the plugin directory %s can't be read: %s", directory->path, g_strerror (errno));
      return NULL;
    }
  while (names->len <= MAX_FILES && (entry = readdir (stream)) != NULL)
    if (entry->d_name[0] != '.' && g_str_has_suffix (entry->d_name, SUFFIX))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  closedir (stream);
  if (names->len > MAX_FILES)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "the plugin directory %s has more than %d plugins",
                   directory->path, MAX_FILES);
      return NULL;
    }
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static PerryPlugin *
new_duplicate (const Directory *directory, const char *file_name, const char *id, const char *first_path)
{
  g_autofree char *path = g_build_filename (directory->path, file_name, NULL);

  return new_rejected (path, id,
                       g_error_new (PERRY_ERROR, PERRY_ERROR_PLUGIN_DUPLICATE_ID,
                                    "%s comes first in the search path and has the same id", first_path));
}

/* Called with the lock held. */
static void
list_directory (PerryPluginRegistry *registry, const Directory *directory, GHashTable *seen, GPtrArray *plugins)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) names = read_file_names (directory, &error);

  if (names == NULL)
    {
      g_ptr_array_add (plugins, new_rejected (directory->path, NULL, error));
      return;
    }
  for (guint i = 0; i < names->len; i++)
    {
      const char *file_name = g_ptr_array_index (names, i);
      g_autofree char *id = id_from_file_name (file_name);
      const char *first_path = id != NULL ? g_hash_table_lookup (seen, id) : NULL;

      if (first_path != NULL)
        {
          g_ptr_array_add (plugins, new_duplicate (directory, file_name, id, first_path));
          continue;
        }
      g_ptr_array_add (plugins, get_plugin (registry, directory, file_name));
      if (id != NULL)
        g_hash_table_insert (seen, g_steal_pointer (&id), g_build_filename (directory->path, file_name, NULL));
    }
}

GPtrArray *
perry_plugin_registry_list (PerryPluginRegistry *registry)
{
  g_autoptr (GPtrArray) plugins = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_plugin_unref);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_return_val_if_fail (registry != NULL, NULL);

  g_mutex_lock (&registry->lock);
  for (guint i = 0; i < registry->directories->len; i++)
    list_directory (registry, &g_array_index (registry->directories, Directory, i), seen, plugins);
  g_mutex_unlock (&registry->lock);
  return g_steal_pointer (&plugins);
}

/* Whether there is a file, or was one, or something keeps us from knowing: then opening it finds out what. Called with
 * the lock held. */
static gboolean
may_have_file (PerryPluginRegistry *registry, const Directory *directory, const char *file_name)
{
  g_autofree char *path = g_build_filename (directory->path, file_name, NULL);
  struct stat file;

  if (!g_path_is_absolute (path))
    return FALSE;
  return g_hash_table_contains (registry->plugins, path) || lstat (path, &file) == 0 ||
         (errno != ENOENT && errno != ENOTDIR);
}

static PerryPlugin *
find_plugin (PerryPluginRegistry *registry, const char *id)
{
  g_autofree char *file_name = g_strconcat (id, SUFFIX, NULL);
  PerryPlugin *plugin = NULL;

  g_mutex_lock (&registry->lock);
  for (guint i = 0; plugin == NULL && i < registry->directories->len; i++)
    {
      const Directory *directory = &g_array_index (registry->directories, Directory, i);

      if (may_have_file (registry, directory, file_name))
        plugin = get_plugin (registry, directory, file_name);
    }
  g_mutex_unlock (&registry->lock);
  return plugin;
}

static PerryPlugin *
check_usable (PerryPlugin *plugin, PerryPluginKind kind, GError **error)
{
  g_autoptr (PerryPlugin) owned = plugin;

  if (plugin->error != NULL)
    {
      g_propagate_prefixed_error (error, g_error_copy (plugin->error), "plugin “%s” (%s) was rejected: ", plugin->id,
                                  plugin->path);
      return NULL;
    }
  if (plugin->kind != kind)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_WRONG_KIND, "plugin “%s” (%s) is a %s", plugin->id, plugin->path,
                   perry_plugin_get_kind_name (plugin));
      return NULL;
    }
  return g_steal_pointer (&owned);
}

static void
set_error_not_found (PerryPluginRegistry *registry, const char *id, GError **error)
{
  g_autoptr (GString) searched = g_string_new (NULL);

  for (guint i = 0; i < registry->directories->len; i++)
    g_string_append_printf (searched, "%s%s", i > 0 ? ", " : "",
                            g_array_index (registry->directories, Directory, i).path);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_NOT_FOUND, "there is no plugin “%s” in %s", id, searched->str);
}

static gboolean
check_id (const char *id, GError **error)
{
  if (perry_plugin_is_valid_id (id))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_PLUGIN_BAD_NAME,
               "“%s” can't be the name of a plugin: those have lower-case letters, digits and “-”", id);
  return FALSE;
}

PerryPlugin *
perry_plugin_registry_get (PerryPluginRegistry *registry, PerryPluginKind kind, const char *id, GError **error)
{
  PerryPlugin *plugin;

  g_return_val_if_fail (registry != NULL && id != NULL, NULL);

  if (!check_id (id, error))
    return NULL;
  plugin = find_plugin (registry, id);
  if (plugin != NULL)
    return check_usable (plugin, kind, error);
  set_error_not_found (registry, id, error);
  return NULL;
}

static PerryPlugin *
find_candidate (PerryPluginRegistry *registry, const char *name)
{
  g_autoptr (GPtrArray) plugins = perry_plugin_registry_list (registry);

  for (guint i = 0; i < plugins->len; i++)
    {
      PerryPlugin *plugin = g_ptr_array_index (plugins, i);
      const PerryBackendCandidate *candidate = perry_plugin_get_candidates (plugin);

      for (; candidate != NULL && candidate->name != NULL; candidate++)
        if (g_str_equal (candidate->name, name))
          return perry_plugin_ref (plugin);
    }
  return NULL;
}

PerryPlugin *
perry_plugin_registry_find_backend (PerryPluginRegistry *registry, const char *name, GError **error)
{
  PerryPlugin *plugin;

  g_return_val_if_fail (registry != NULL && name != NULL, NULL);

  if (!check_id (name, error))
    return NULL;
  plugin = find_plugin (registry, name);
  if (plugin == NULL)
    plugin = find_candidate (registry, name);
  if (plugin != NULL)
    return check_usable (plugin, PERRY_PLUGIN_BACKEND, error);
  set_error_not_found (registry, name, error);
  return NULL;
}
