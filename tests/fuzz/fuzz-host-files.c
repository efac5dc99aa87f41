/* SPDX-License-Identifier: Apache-2.0 */
/* What the plugins read on the host about engines: the reader's letter, a newline, the file. */
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-mounts.h"
#include "plugins/http-client/perry-engine-process.h"
#include "plugins/podman/podman-facts.h"
#include "plugins/podman/podman-runtime.h"
#include "tests/fuzz/fuzz-input.h"

#define SOCKET "/run/podman/podman.sock"
#define KEY "boot:1:2"

static char *directory;
static char *facts_file;

static void
remove_directory (void)
{
  g_remove (facts_file);
  g_rmdir (directory);
  g_free (facts_file);
  g_free (directory);
}

static void
make_directory (void)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, SOCKET, -1);
  g_autofree char *name = g_strdup_printf ("podman-info-%.12s.json", digest);

  directory = g_dir_make_tmp ("fuzz-facts-XXXXXX", NULL);
  fuzz_require (directory != NULL, "there is a directory");
  facts_file = g_build_filename (directory, name, NULL);
  atexit (remove_directory);
}

static void
read_facts (const uint8_t *data, size_t size)
{
  g_autoptr (JsonNode) reply = NULL;
  g_autoptr (JsonNode) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  if (directory == NULL)
    make_directory ();
  g_remove (facts_file);
  fuzz_require (g_file_set_contents_full (facts_file, (const char *) data, (gssize) size, G_FILE_SET_CONTENTS_NONE,
                                          0600, NULL), "a file is written");
  reply = perry_podman_facts_load (directory, SOCKET, KEY);
  if (reply == NULL)
    return;
  fuzz_require (memmem (data, size, "boot", 4) != NULL || memmem (data, size, "\\u", 2) != NULL,
                "another process's facts are not taken");
  perry_podman_facts_store (directory, SOCKET, KEY, reply);
  again = perry_podman_facts_load (directory, SOCKET, KEY);
  fuzz_require (again != NULL, "what was stored can be read");
  text = perry_json_to_text (reply, FALSE);
  text_again = perry_json_to_text (again, FALSE);
  fuzz_require (g_str_equal (text, text_again), "storing changes nothing");
}

static void
read_status (const char *text)
{
  PerryEngineProcess process;

  if (!perry_engine_process_parse (text, &process))
    return;
  fuzz_require (strlen (process.name) < sizeof process.name && strchr (process.name, '\n') == NULL,
                "a name is one line");
  fuzz_require (process.uid >= 0, "a user is a number");
}

static void
read_limits (const char *text)
{
  gint64 hard = -1;

  fuzz_require (!perry_engine_limits_parse (text, "Max open files", &hard) || hard >= 0, "a limit is a number");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = NULL;

  if (size < 3 || data[1] != '\n')
    return 0;
  text = fuzz_dup_text (data + 2, size - 2);
  if (data[0] == 'f')
    read_facts (data + 2, size - 2);
  if (data[0] == 's')
    read_status (text);
  if (data[0] == 'l')
    read_limits (text);
  if (data[0] == 'c')
    fuzz_require (!perry_podman_config_sets_runtime (text) || strchr (text, '=') != NULL, "a setting has a value");
  if (data[0] == 'm')
    fuzz_require (!perry_engine_has_mounts_below (text, "/data") || strstr (text, "/data") != NULL,
                  "a mount below a directory names it");
  return 0;
}
