/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-verify-store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-private-file.h"

#define FORMAT_VERSION 1
#define MAX_FILE (2 * PERRY_VERIFY_STORE_MAX_KEY)
#define MAX_FILES 4096
#define ENTRY_SUFFIX ".json"
#define LOCK_NAME "lock"

struct _PerryVerifyStore {
  char *directory;
};

PerryVerifyStore *
perry_verify_store_new (const char *directory)
{
  PerryVerifyStore *store = g_new0 (PerryVerifyStore, 1);

  store->directory = g_strdup (directory);
  return store;
}

void
perry_verify_store_free (PerryVerifyStore *store)
{
  if (store == NULL)
    return;
  g_free (store->directory);
  g_free (store);
}

static char *
make_name (const char *key)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);

  return g_strconcat (hash, ENTRY_SUFFIX, NULL);
}

gboolean
perry_verify_store_read (PerryVerifyStore *store, const char *key, gint64 *ret_time)
{
  int directory_fd = perry_private_directory_open (store->directory, FALSE);
  g_autofree char *name = make_name (key);
  g_autofree char *text = directory_fd >= 0 ? perry_private_file_read (directory_fd, name, MAX_FILE) : NULL;
  g_autoptr (JsonNode) node = text != NULL ? perry_json_parse (text, -1, NULL, NULL) : NULL;
  JsonObject *object = perry_json_as_object (node);
  const char *found = NULL;
  gint64 version = 0, time = 0;

  if (directory_fd >= 0)
    close (directory_fd);
  if (object == NULL || !perry_json_read_int64 (object, "version", &version) || version != FORMAT_VERSION ||
      !perry_json_read_string (object, "key", &found) || g_strcmp0 (found, key) != 0 ||
      !perry_json_read_int64 (object, "time_us", &time) || time <= 0)
    return FALSE;
  *ret_time = time;
  return TRUE;
}

static char *
format_entry (const char *key, gint64 time)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_int_value (builder, FORMAT_VERSION);
  json_builder_set_member_name (builder, "time_us");
  json_builder_add_int_value (builder, time);
  json_builder_set_member_name (builder, "key");
  json_builder_add_string_value (builder, key);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  return perry_json_to_text (node, FALSE);
}

typedef struct {
  char *name;
  gint64 time;
} Entry;

static void
entry_clear (gpointer data)
{
  g_free (((Entry *) data)->name);
}

static gint
older_first (gconstpointer a, gconstpointer b)
{
  const Entry *one = a, *other = b;

  return one->time < other->time ? -1 : one->time > other->time;
}

/* All that is in the folder but the lock: answers, and what a process that was killed has left. */
static GArray *
list_entries (int directory_fd)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  int fd = openat (directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *found;

  g_array_set_clear_func (entries, entry_clear);
  while (stream != NULL && (found = readdir (stream)) != NULL)
    {
      struct stat status;
      Entry entry;

      if (*found->d_name == '.' || g_str_equal (found->d_name, LOCK_NAME) ||
          fstatat (directory_fd, found->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        continue;
      entry = (Entry){ g_strdup (found->d_name), status.st_mtim.tv_sec };
      g_array_append_val (entries, entry);
    }
  if (stream != NULL)
    closedir (stream);
  else if (fd >= 0)
    close (fd);
  return entries;
}

static void
make_room (int directory_fd)
{
  g_autoptr (GArray) entries = list_entries (directory_fd);

  if (entries->len < MAX_FILES)
    return;
  g_array_sort (entries, older_first);
  for (guint i = 0; i <= entries->len - MAX_FILES / 2; i++)
    unlinkat (directory_fd, g_array_index (entries, Entry, i).name, 0);
}

gboolean
perry_verify_store_write (PerryVerifyStore *store, const char *key, gint64 time)
{
  g_autofree char *name = make_name (key);
  g_autofree char *text = format_entry (key, time);
  int directory_fd = -1;
  gboolean ok;

  if (strlen (key) <= PERRY_VERIFY_STORE_MAX_KEY)
    directory_fd = perry_private_directory_open (store->directory, TRUE);
  if (directory_fd < 0)
    return FALSE;
  make_room (directory_fd);
  ok = perry_private_file_replace (directory_fd, name, text);
  close (directory_fd);
  return ok;
}

gboolean
perry_verify_store_clear (PerryVerifyStore *store, guint *ret_n, GError **error)
{
  int directory_fd = perry_private_directory_open (store->directory, FALSE);
  g_autoptr (GArray) entries = NULL;
  guint n = 0;
  int failure = 0;

  *ret_n = 0;
  if (directory_fd < 0)
    {
      if (errno == ENOENT)
        return TRUE;
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED,
                   "%s is not used: it has to be a folder that belongs to this user and is closed to others (mode 0700)",
                   store->directory);
      return FALSE;
    }
  entries = list_entries (directory_fd);
  for (guint i = 0; i < entries->len; i++)
    if (unlinkat (directory_fd, g_array_index (entries, Entry, i).name, 0) == 0)
      n++;
    else if (errno != ENOENT)
      failure = errno;
  close (directory_fd);
  if (failure != 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "emptying %s: %s", store->directory, g_strerror (failure));
      return FALSE;
    }
  *ret_n = n;
  return TRUE;
}

int
perry_verify_store_try_lock (PerryVerifyStore *store, const char *key, gboolean *ret_possible)
{
  int directory_fd = perry_private_directory_open (store->directory, TRUE);
  int fd = directory_fd >= 0 ? perry_private_file_open_lock (directory_fd, LOCK_NAME) : -1;
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

  if (directory_fd >= 0)
    close (directory_fd);
  *ret_possible = fd >= 0;
  /* one byte of one file for each key, so that nothing has to be cleared away */
  for (int i = 0; i < 15; i++)
    lock.l_start = lock.l_start * 16 + g_ascii_xdigit_value (hash[i]);
  if (*ret_possible && fcntl (fd, F_OFD_SETLK, &lock) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}
