/* SPDX-License-Identifier: Apache-2.0 */
/* The label `perry.owner` of a container, a newline, what /proc/7/stat holds. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/engine/perry-owner.h"
#include "tests/fuzz/fuzz-input.h"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define NAMESPACE "4026531836"

static char *proc;
static char *stat_file;

static void
remove_proc (void)
{
  static const char *const paths[] = { "7/stat", "7", "self/ns/pid", "self/ns", "self", "sys/kernel/random/boot_id",
                                       "sys/kernel/random", "sys/kernel", "sys", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *path = g_build_filename (proc, paths[i], NULL);

      g_remove (path);
    }
  g_free (proc);
  g_free (stat_file);
}

static void
make_proc (void)
{
  static const char *const directories[] = { "7", "self/ns", "sys/kernel/random" };
  g_autofree char *boot = NULL;
  g_autofree char *pid_namespace = NULL;

  proc = g_dir_make_tmp ("fuzz-owner-XXXXXX", NULL);
  fuzz_require (proc != NULL, "there is a directory");
  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (proc, directories[i], NULL);

      fuzz_require (g_mkdir_with_parents (path, 0700) == 0, "there is a directory");
    }
  boot = g_build_filename (proc, "sys/kernel/random/boot_id", NULL);
  pid_namespace = g_build_filename (proc, "self/ns/pid", NULL);
  stat_file = g_build_filename (proc, "7/stat", NULL);
  fuzz_require (g_file_set_contents (boot, BOOT "\n", -1, NULL) &&
                symlink ("pid:[" NAMESPACE "]", pid_namespace) == 0, "there is a /proc");
  atexit (remove_proc);
}

/* The start time as the kernel writes it, read in another way: the 20th word after the last bracket. */
static gboolean
stat_says (const char *text, const char *start_time)
{
  const char *rest = strrchr (text, ')');
  gsize length = strlen (start_time);

  for (guint i = 0; rest != NULL && i < 20; i++)
    {
      rest = strchr (rest, ' ');
      rest = rest != NULL ? rest + 1 : NULL;
    }
  return rest != NULL && strncmp (rest, start_time, length) == 0 && (rest[length] == ' ' || rest[length] == '\0');
}

/* Removing a container that has a living owner would be the worst that a label can bring about. */
static void
check_stale (const char *owner, const char *stat_text)
{
  g_auto (GStrv) parts = g_strsplit (owner, ":", -1);

  fuzz_require (g_strv_length (parts) == 5, "what has other parts is nobody's");
  for (guint i = 1; i < 5; i++)
    fuzz_require (strspn (parts[i], "0123456789") == strlen (parts[i]), "what has no numbers is nobody's");
  if (!g_str_equal (parts[0], BOOT))
    return;
  fuzz_require (g_str_equal (parts[1], NAMESPACE), "an owner in another namespace is not judged");
  fuzz_require (!g_str_equal (parts[2], "7") || !stat_says (stat_text, parts[3]), "a living owner is not stale");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *owner = fuzz_dup_text (data, size);
  char *stat_text = strchr (owner, '\n');

  if (proc == NULL)
    make_proc ();
  if (stat_text == NULL)
    return 0;
  *stat_text++ = '\0';
  g_remove (stat_file);
  fuzz_require (g_file_set_contents_full (stat_file, stat_text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL),
                "a file is written");
  if (perry_owner_is_stale (proc, owner))
    check_stale (owner, stat_text);
  return 0;
}
