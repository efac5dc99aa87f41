/* SPDX-License-Identifier: Apache-2.0 */
/* The key of a verdict that is kept, then a NUL and the content of its file: of what a crash, another version or somebody else
 * has left there nothing is believed that was not written for this key. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/verification/perry-verify-store.h"
#include "plugin-api/perry-json.h"
#include "tests/fuzz/fuzz-input.h"

static char directory[] = "/tmp/perry-fuzz-store-XXXXXX";

static void
remove_directory (void)
{
  g_autoptr (PerryVerifyStore) store = perry_verify_store_new (directory);
  guint n;

  perry_verify_store_clear (store, &n, NULL);
  g_rmdir (directory);
}

static char *
path_of (const char *key)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);
  g_autofree char *name = g_strconcat (hash, ".json", NULL);

  return g_build_filename (directory, name, NULL);
}

static void
put (const char *key, const uint8_t *data, size_t size)
{
  g_autofree char *path = path_of (key);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  fuzz_require (fd >= 0 && write (fd, data, size) == (ssize_t) size && close (fd) == 0, "the file can be written");
}

static void
take_away (const char *key)
{
  g_autofree char *path = path_of (key);

  fuzz_require (g_unlink (path) == 0, "the file is there");
}

static void
check_accepted (const char *key, gint64 time, const uint8_t *data, size_t size)
{
  g_autoptr (JsonNode) node = perry_json_parse ((const char *) data, (gssize) size, NULL, NULL);

  fuzz_require (memchr (data, '\0', size) == NULL, "a text has no NUL");
  fuzz_require (time > 0, "nothing is older than clocks are");
  fuzz_require (g_strcmp0 (perry_json_as_string (perry_json_find (node, "key", NULL)), key) == 0,
                "what is believed was written for this key");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gboolean is_made;
  const uint8_t *end = size > 0 ? memchr (data, '\0', size) : NULL;
  size_t length = end != NULL ? (size_t) (end - data) : size;
  g_autofree char *key = g_strndup ((const char *) data, length);
  g_autofree char *other_key = g_strconcat (key, "!", NULL);
  const uint8_t *content = end != NULL ? end + 1 : (const uint8_t *) "";
  size_t left = end != NULL ? size - length - 1 : 0;
  g_autoptr (PerryVerifyStore) store = NULL;
  gint64 time = -1, again = -1;

  if (!is_made)
    {
      fuzz_require (mkdtemp (directory) != NULL, "there is a place for it");
      atexit (remove_directory);
      is_made = TRUE;
    }
  store = perry_verify_store_new (directory);
  put (key, content, left);
  put (other_key, content, left);
  if (perry_verify_store_read (store, key, &time))
    {
      check_accepted (key, time, content, left);
      fuzz_require (!perry_verify_store_read (store, other_key, &again), "nothing is believed for two keys");
    }
  else
    fuzz_require (time == -1, "a failure says nothing");
  if (perry_verify_store_write (store, key, 1234567) && g_utf8_validate (key, -1, NULL))
    fuzz_require (perry_verify_store_read (store, key, &again) && again == 1234567, "what was written is read");
  take_away (key);
  take_away (other_key);
  return 0;
}
