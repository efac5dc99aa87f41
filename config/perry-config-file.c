/* SPDX-License-Identifier: Apache-2.0 */
#include "config/perry-config-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"

#define MAX_FILE_SIZE (1024 * 1024)
#define MAX_DROP_INS 256

static void
entry_free (gpointer data)
{
  PerryConfigEntry *entry = data;

  g_free (entry->group);
  g_free (entry->key);
  g_free (entry->value);
  g_free (entry);
}

void
perry_config_file_prefix_error (GError **error, const char *path, const PerryConfigEntry *entry)
{
  if (entry->key != NULL)
    g_prefix_error (error, "%s:%u: [%s] %s: ", path, entry->line, entry->group, entry->key);
  else if (entry->group != NULL)
    g_prefix_error (error, "%s:%u: [%s]: ", path, entry->line, entry->group);
  else
    g_prefix_error (error, "%s:%u: ", path, entry->line);
}

static gboolean
set_error_at (GError **error, const char *path, const PerryConfigEntry *entry, const char *problem)
{
  g_autoptr (GError) located = g_error_new_literal (PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, problem);

  perry_config_file_prefix_error (&located, path, entry);
  g_propagate_error (error, g_steal_pointer (&located));
  return FALSE;
}

static gboolean
set_error_from_errno (GError **error, const char *path, int error_number)
{
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
               "%s can't be read: %s; a configuration that is there has to be readable", path,
               g_strerror (error_number));
  return FALSE;
}

/* After an open() that failed: a link that leads nowhere is there, and can't be read. */
static gboolean
is_missing (const char *path, int error_number)
{
  struct stat link;

  return error_number == ENOTDIR || (error_number == ENOENT && lstat (path, &link) != 0);
}

static gboolean
check_mode (const char *path, const struct stat *file, PerryConfigFileKind kind, GError **error)
{
  if (kind == PERRY_CONFIG_FILE_USER)
    return TRUE;
  if ((file->st_mode & (S_IWGRP | S_IWOTH)) != 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG,
                   "%s may be written by others (mode %04o); `chmod go-w` it", path, (guint) file->st_mode & 07777);
      return FALSE;
    }
  if (kind == PERRY_CONFIG_FILE_ADMINISTRATOR && file->st_uid != 0 && file->st_uid != geteuid ())
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s belongs to user %u; it has to be root's", path,
                   (guint) file->st_uid);
      return FALSE;
    }
  return TRUE;
}

/* The size that fstat() tells is only a hint: the file may grow while it is read. */
static GString *
read_all (int fd, const char *path, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[16384];
  gssize n;

  while ((n = read (fd, buffer, sizeof buffer)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          set_error_from_errno (error, path, errno);
          return NULL;
        }
      if (text->len + (gsize) n > MAX_FILE_SIZE)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s is larger than %d bytes", path,
                       MAX_FILE_SIZE);
          return NULL;
        }
      g_string_append_len (text, buffer, n);
    }
  return g_steal_pointer (&text);
}

/* Sets ret_text to NULL where there is no file. */
static gboolean
load (const char *path, PerryConfigFileKind kind, GString **ret_text, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat file;

  *ret_text = NULL;
  if (fd < 0)
    return is_missing (path, errno) || set_error_from_errno (error, path, errno);
  if (fstat (fd, &file) != 0)
    set_error_from_errno (error, path, errno);
  else if (!S_ISREG (file.st_mode))
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s is not a regular file", path);
  else if (check_mode (path, &file, kind, error))
    *ret_text = read_all (fd, path, error);
  close (fd);
  return *ret_text != NULL;
}

static gboolean
check_text (const char *path, const char *text, gsize length, GError **error)
{
  PerryConfigEntry place = { .line = 1 };
  const char *end;

  if (g_utf8_validate (text, (gssize) length, &end)) /* which refuses U+0000 too */
    return TRUE;
  for (const char *at = text; at < end; at++)
    place.line += *at == '\n';
  return set_error_at (error, path, &place, "this is not UTF-8 text");
}

/* Reads a line as GKeyFile does. FALSE for one that is neither a group, a key, a comment nor empty. */
static gboolean
scan_line (char *line, char **group, GPtrArray *entries, guint number)
{
  PerryConfigEntry *entry;
  char *equals;

  g_strstrip (line);
  if (*line == '\0' || *line == '#')
    return TRUE;
  equals = strchr (line, '=');
  if (*line == '[' && g_str_has_suffix (line, "]"))
    {
      g_free (*group);
      *group = g_strndup (line + 1, strlen (line) - 2);
    }
  else if (*group == NULL || equals == NULL || equals == line)
    return FALSE;

  entry = g_new0 (PerryConfigEntry, 1);
  entry->line = number;
  entry->group = g_strdup (*group);
  if (*line != '[')
    entry->key = g_strchomp (g_strndup (line, (gsize) (equals - line)));
  g_ptr_array_add (entries, entry);
  return TRUE;
}

/* GKeyFile merges what occurs twice, and keeps no lines: this pass finds the first and remembers the second. */
static GPtrArray *
scan (const char *path, const char *text, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *group = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      PerryConfigEntry place = { .line = i + 1, .group = group };
      guint n_before = entries->len;
      const PerryConfigEntry *entry;

      if (!scan_line (lines[i], &group, entries, i + 1))
        {
          set_error_at (error, path, &place, "this is neither a [group], a key=value, nor a # comment");
          return NULL;
        }
      if (entries->len == n_before)
        continue;
      entry = g_ptr_array_index (entries, n_before);
      if (!g_hash_table_add (seen, g_strconcat (entry->group, "\n", entry->key, NULL)))
        {
          set_error_at (error, path, entry, "this occurs twice in the file");
          return NULL;
        }
    }
  return g_steal_pointer (&entries);
}

static gboolean
take_values (const char *path, const char *text, gsize length, GPtrArray *entries, GError **error)
{
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  GError *parse_error = NULL;

  if (!g_key_file_load_from_data (key_file, text, length, G_KEY_FILE_KEEP_TRANSLATIONS, &parse_error))
    {
      perry_error_propagate_foreign (error, parse_error, PERRY_ERROR_INVALID_CONFIG, "%s", path);
      return FALSE;
    }
  for (guint i = 0; i < entries->len; i++)
    {
      PerryConfigEntry *entry = g_ptr_array_index (entries, i);

      if (entry->key == NULL)
        continue;
      entry->value = g_key_file_get_value (key_file, entry->group, entry->key, NULL);
      if (entry->value == NULL)
        return set_error_at (error, path, entry, "this is no valid key");
    }
  return TRUE;
}

GPtrArray *
perry_config_file_read (const char *path, PerryConfigFileKind kind, GError **error)
{
  g_autoptr (GString) text = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  if (!load (path, kind, &text, error))
    return NULL;
  if (text == NULL)
    return g_ptr_array_new_with_free_func (entry_free);
  if (!check_text (path, text->str, text->len, error))
    return NULL;
  entries = scan (path, text->str, error);
  if (entries == NULL || (text->len > 0 && !take_values (path, text->str, text->len, entries, error)))
    return NULL;
  return g_steal_pointer (&entries);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
read_directory (DIR *stream, const char *path, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  const struct dirent *entry;

  while ((entry = readdir (stream)) != NULL)
    {
      if (entry->d_name[0] == '.' || !g_str_has_suffix (entry->d_name, ".conf"))
        continue;
      if (files->len >= MAX_DROP_INS)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG, "%s has more than %d files", path, MAX_DROP_INS);
          return NULL;
        }
      g_ptr_array_add (files, g_build_filename (path, entry->d_name, NULL));
    }
  g_ptr_array_sort (files, compare_names);
  return g_steal_pointer (&files);
}

GPtrArray *
perry_config_file_list_directory (const char *path, GError **error)
{
  GPtrArray *files = NULL;
  struct stat directory;
  DIR *stream = opendir (path);

  if (stream == NULL)
    {
      if (is_missing (path, errno))
        return g_ptr_array_new_with_free_func (g_free);
      set_error_from_errno (error, path, errno);
      return NULL;
    }
  if (fstat (dirfd (stream), &directory) != 0)
    set_error_from_errno (error, path, errno);
  else if (check_mode (path, &directory, PERRY_CONFIG_FILE_ADMINISTRATOR, error))
    files = read_directory (stream, path, error);
  closedir (stream);
  return files;
}
