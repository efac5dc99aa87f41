/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/engine/perry-owner.h"
#include "plugin-api/perry-error.h"

#define BOOT "11111111-2222-3333-4444-555555555555"
#define OTHER_BOOT "99999999-2222-3333-4444-555555555555"

typedef struct {
  char *proc;
  char *pid;
} Fixture;

static void
write_file (const char *root, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autofree char *directory = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* a /proc in which this process and number 7 live */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *own_stat = NULL;
  g_autofree char *ns = NULL;
  g_autofree char *link = NULL;

  fixture->proc = g_dir_make_tmp ("perry-owner-XXXXXX", NULL);
  fixture->pid = g_strdup_printf ("%d", (int) getpid ());
  own_stat = g_strconcat (fixture->pid, "/stat", NULL);
  write_file (fixture->proc, "sys/kernel/random/boot_id", BOOT "\n");
  write_file (fixture->proc, own_stat, "1 (a) b) c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21\n");
  write_file (fixture->proc, "7/stat", "7 (sh) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 100 20 21\n");
  ns = g_build_filename (fixture->proc, "self/ns", NULL);
  g_assert_cmpint (g_mkdir_with_parents (ns, 0755), ==, 0);
  link = g_build_filename (ns, "pid", NULL);
  g_assert_cmpint (symlink ("pid:[4026531836]", link), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  const char *const files[] = { "sys/kernel/random/boot_id", "7/stat", "self/ns/pid", "sys/kernel/random", "sys/kernel",
                                "sys", "7", "self/ns", "self" };
  g_autofree char *own = g_build_filename (fixture->proc, fixture->pid, NULL);
  g_autofree char *own_stat = g_build_filename (own, "stat", NULL);

  g_remove (own_stat);
  g_remove (own);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (fixture->proc, files[i], NULL);

      g_remove (path);
    }
  g_assert_cmpint (g_rmdir (fixture->proc), ==, 0);
  g_free (fixture->proc);
  g_free (fixture->pid);
}

static void
test_new (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *first = perry_owner_new (fixture->proc, &error);
  g_autofree char *second = NULL;
  g_autofree char *prefix = g_strdup_printf (BOOT ":4026531836:%s:4711:", fixture->pid);

  g_assert_no_error (error);
  second = perry_owner_new (fixture->proc, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (first, prefix));
  g_assert_true (g_str_has_prefix (second, prefix));
  g_assert_cmpstr (first, !=, second);
  g_assert_false (perry_owner_is_stale (fixture->proc, first));
}

static void
test_stale (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *owner; gboolean stale; const char *why; } cases[] = {
    { BOOT ":4026531836:7:100:0", FALSE, "it lives" },
    { BOOT ":4026531836:7:101:0", TRUE, "the number was given to another process" },
    { BOOT ":4026531836:8:100:0", TRUE, "it is gone" },
    { BOOT ":4026531999:8:100:0", FALSE, "another pid namespace is never judged" },
    { OTHER_BOOT ":4026531999:8:100:0", TRUE, "an earlier boot" },
    { OTHER_BOOT ":4026531836:7:100:0", TRUE, "an earlier boot, the same number" },
    { "", FALSE, "no owner" },
    { "somebody's own label", FALSE, "not ours" },
    { BOOT ":4026531836:8:100", FALSE, "a part is missing" },
    { BOOT ":4026531836:8:100:0:1", FALSE, "a part too many" },
    { BOOT ":4026531836:../7:100:0", FALSE, "a path" },
    { BOOT ":4026531836::100:0", FALSE, "an empty part" },
    { NULL, FALSE, "no label" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].why);
      g_assert_cmpint (perry_owner_is_stale (fixture->proc, cases[i].owner), ==, cases[i].stale);
    }
}

/* What cannot be looked at, or says nothing, may be a process that lives. */
static void
test_not_to_be_seen (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = { "", "7", "7 (sh) S 1 2", "7 (sh" };
  g_autofree char *path = g_build_filename (fixture->proc, "7", "stat", NULL);
  g_autofree char *long_text = g_strnfill (100000, 'x');

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      write_file (fixture->proc, "7/stat", texts[i]);
      g_assert_false (perry_owner_is_stale (fixture->proc, BOOT ":4026531836:7:100:0"));
    }
  write_file (fixture->proc, "7/stat", long_text);
  g_assert_false (perry_owner_is_stale (fixture->proc, BOOT ":4026531836:7:100:0"));
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (symlink (path, path), ==, 0);
  g_assert_false (perry_owner_is_stale (fixture->proc, BOOT ":4026531836:7:100:0"));
}

static void
test_no_proc (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (perry_owner_new ("/nonexistent", &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_FAILED);
  g_assert_false (perry_owner_is_stale ("/nonexistent", BOOT ":1:8:100:0"));
}

static void
test_real (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *owner = perry_owner_new ("/proc", &error);

  g_assert_no_error (error);
  g_assert_false (perry_owner_is_stale ("/proc", owner));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/owner/one-serial-per-create", Fixture, NULL, set_up, test_new, tear_down);
  g_test_add ("/owner/stale-only-when-certainly-gone", Fixture, NULL, set_up, test_stale, tear_down);
  g_test_add ("/owner/not-to-be-seen", Fixture, NULL, set_up, test_not_to_be_seen, tear_down);
  g_test_add_func ("/owner/unreadable-proc", test_no_proc);
  g_test_add_func ("/owner/this-process", test_real);
  return g_test_run ();
}
