/* SPDX-License-Identifier: Apache-2.0 */
/* Files of Docker's client: `c` (config.json) or `m` (a context's meta.json), a newline, the file. */
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "plugins/docker/docker-endpoint.h"
#include "tests/fuzz/fuzz-input.h"

static char *directory;
static char *config_file;
static char *meta_file;

static void
remove_directory (void)
{
  g_autofree char *meta = g_path_get_dirname (meta_file);
  g_autofree char *all_meta = g_path_get_dirname (meta);
  g_autofree char *contexts = g_path_get_dirname (all_meta);

  g_remove (config_file);
  g_remove (meta_file);
  g_rmdir (meta);
  g_rmdir (all_meta);
  g_rmdir (contexts);
  g_rmdir (directory);
  g_free (config_file);
  g_free (meta_file);
  g_free (directory);
}

static void
make_directory (void)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "fuzz", -1);
  g_autofree char *meta = NULL;

  directory = g_dir_make_tmp ("fuzz-context-XXXXXX", NULL);
  fuzz_require (directory != NULL, "there is a directory");
  meta = g_build_filename (directory, "contexts", "meta", digest, NULL);
  g_mkdir_with_parents (meta, 0700);
  config_file = g_build_filename (directory, "config.json", NULL);
  meta_file = g_build_filename (meta, "meta.json", NULL);
  g_setenv ("DOCKER_CONFIG", directory, TRUE);
  g_unsetenv ("DOCKER_HOST");
  g_unsetenv ("DOCKER_CONTEXT");
  atexit (remove_directory);
}

/* Without the care of g_file_set_contents(), which takes longer than the parser, and from nothing, as GLib does not cut a
 * longer file that it writes in place. */
static void
write_file (const char *path, const char *text, gsize length)
{
  g_remove (path);
  fuzz_require (g_file_set_contents_full (path, text, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0600, NULL),
                "a file is written");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char chosen[] = "{\"currentContext\": \"fuzz\"}";
  gboolean is_meta;
  const char *text;
  g_auto (GStrv) sockets = NULL;
  g_autoptr (GError) error = NULL;

  if (size < 2 || data[1] != '\n')
    return 0;
  if (directory == NULL)
    make_directory ();
  is_meta = data[0] == 'm';
  text = (const char *) data + 2;
  write_file (config_file, is_meta ? chosen : text, is_meta ? strlen (chosen) : size - 2);
  if (is_meta)
    write_file (meta_file, text, size - 2);
  sockets = perry_docker_find_sockets ("docker", NULL, &error);
  if (sockets == NULL)
    {
      fuzz_check_error (error, FALSE);
      return 0;
    }
  for (char **socket = sockets; *socket != NULL; socket++)
    fuzz_require (**socket == '/', "a socket's path is absolute");
  return 0;
}
