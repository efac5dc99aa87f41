/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-private-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "file"
#define LIMIT 16

typedef struct {
  char *parent;
  char *directory;
  char *path;
  int fd;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->parent = g_dir_make_tmp ("perry-private-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->directory = g_build_filename (fixture->parent, "a", "b", NULL);
  fixture->path = g_build_filename (fixture->directory, NAME, NULL);
  fixture->fd = perry_private_directory_open (fixture->directory, TRUE);
  g_assert_cmpint (fixture->fd, >=, 0);
}

/* Nothing else may have been left in the folder. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *middle = g_path_get_dirname (fixture->directory);

  close (fixture->fd);
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_assert_cmpint (g_rmdir (middle), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->parent), ==, 0);
  g_free (fixture->parent);
  g_free (fixture->directory);
  g_free (fixture->path);
}

static guint
get_mode (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_lstat (path, &status), ==, 0);
  return status.st_mode & 07777;
}

static void
assert_content (const Fixture *fixture, const char *expected)
{
  g_autofree char *text = perry_private_file_read (fixture->fd, NAME, LIMIT);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_replace (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = { "one", "", "0123456789abcdef" };

  assert_content (fixture, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_true (perry_private_file_replace (fixture->fd, NAME, texts[i]));
      assert_content (fixture, texts[i]);
      g_assert_cmpuint (get_mode (fixture->path), ==, 0600);
    }
  g_assert_cmpuint (get_mode (fixture->directory), ==, 0700);
  g_assert_true (perry_private_file_replace (fixture->fd, NAME, "0123456789abcdefg"));
  assert_content (fixture, NULL);
}

/* A link in the place of the file is replaced and never followed. */
static void
test_replace_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *elsewhere = g_build_filename (fixture->parent, "elsewhere", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents_full (elsewhere, "mine", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_cmpint (symlink (elsewhere, fixture->path), ==, 0);
  assert_content (fixture, NULL);
  g_assert_cmpint (perry_private_file_open_lock (fixture->fd, NAME), ==, -1);
  g_assert_true (perry_private_file_replace (fixture->fd, NAME, "new"));
  assert_content (fixture, "new");
  g_assert_true (g_file_get_contents (elsewhere, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  g_assert_cmpint (g_unlink (elsewhere), ==, 0);
}

/* What cannot be put in place is not left lying about, as the fixture's end shows. */
static void
test_not_replaced (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  g_assert_false (perry_private_file_replace (fixture->fd, NAME, "new"));
  assert_content (fixture, NULL);
  g_assert_cmpint (perry_private_file_open_lock (fixture->fd, NAME), ==, -1);
  g_assert_cmpint (g_rmdir (fixture->path), ==, 0);
  g_assert_false (perry_private_file_replace (-1, NAME, "new"));
}

static void
test_nul (Fixture *fixture, gconstpointer data)
{
  g_assert_true (perry_private_file_replace (fixture->fd, NAME, ""));
  g_assert_true (g_file_set_contents (fixture->path, "12\0" "45", 5, NULL));
  g_assert_cmpint (g_chmod (fixture->path, 0600), ==, 0);
  assert_content (fixture, NULL);
}

static void
assert_closed (const Fixture *fixture)
{
  assert_content (fixture, NULL);
  g_assert_cmpint (perry_private_file_open_lock (fixture->fd, NAME), ==, -1);
}

/* Neither others' nor open to others, in whatever way; nor a pipe, for which nothing waits. */
static void
test_of_others (Fixture *fixture, gconstpointer data)
{
  static const int modes[] = { 0640, 0620, 0610, 0604, 0602, 0601, 0666 };

  g_assert_true (perry_private_file_replace (fixture->fd, NAME, "mine"));
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_assert_cmpint (g_chmod (fixture->path, modes[i]), ==, 0);
      assert_closed (fixture);
    }
  g_assert_cmpint (g_chmod (fixture->path, 0600), ==, 0);
  assert_content (fixture, "mine");
  if (geteuid () == 0)
    {
      g_assert_cmpint (chown (fixture->path, 65534, (gid_t) -1), ==, 0);
      assert_closed (fixture);
    }
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  assert_closed (fixture);
}

static void
assert_not_opened (const char *path, int code)
{
  for (int make = FALSE; make <= TRUE; make++)
    {
      errno = 0;
      g_assert_cmpint (perry_private_directory_open (path, make), ==, -1);
      g_assert_cmpint (errno, ==, code);
    }
}

static void
test_directory (Fixture *fixture, gconstpointer data)
{
  static const int modes[] = { 0750, 0720, 0701, 0777 };
  g_autofree char *missing = g_build_filename (fixture->parent, "missing", NULL);
  g_autofree char *link = g_build_filename (fixture->parent, "link", NULL);

  g_assert_cmpint (perry_private_directory_open (missing, FALSE), ==, -1);
  g_assert_cmpint (errno, ==, ENOENT);
  g_assert_false (g_file_test (missing, G_FILE_TEST_EXISTS));
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_assert_cmpint (g_chmod (fixture->directory, modes[i]), ==, 0);
      assert_not_opened (fixture->directory, EPERM);
    }
  g_assert_cmpint (g_chmod (fixture->directory, 0700), ==, 0);
  if (geteuid () == 0)
    {
      g_assert_cmpint (chown (fixture->directory, 65534, (gid_t) -1), ==, 0);
      assert_not_opened (fixture->directory, EPERM);
      g_assert_cmpint (chown (fixture->directory, 0, (gid_t) -1), ==, 0);
    }
  g_assert_cmpint (symlink (fixture->directory, link), ==, 0);
  assert_not_opened (link, ENOTDIR);
  g_assert_cmpint (g_unlink (link), ==, 0);
  assert_not_opened ("/dev/null", ENOTDIR);
  assert_not_opened ("/dev/null/a", ENOTDIR);
}

/* The lock's file is made once, and what it holds stays. */
static void
test_lock (Fixture *fixture, gconstpointer data)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int first = perry_private_file_open_lock (fixture->fd, NAME);
  int second = perry_private_file_open_lock (fixture->fd, NAME);

  g_assert_cmpint (first, >=, 0);
  g_assert_cmpint (second, >=, 0);
  g_assert_cmpuint (get_mode (fixture->path), ==, 0600);
  g_assert_cmpint (fcntl (first, F_OFD_SETLK, &lock), ==, 0);
  g_assert_cmpint (fcntl (second, F_OFD_SETLK, &lock), ==, -1);
  close (first);
  g_assert_cmpint (fcntl (second, F_OFD_SETLK, &lock), ==, 0);
  close (second);
  g_assert_true (perry_private_file_replace (fixture->fd, NAME, "mine"));
  close (perry_private_file_open_lock (fixture->fd, NAME));
  assert_content (fixture, "mine");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/private-file/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("replace", test_replace);
  ADD ("replace-link", test_replace_link);
  ADD ("not-replaced", test_not_replaced);
  ADD ("nul", test_nul);
  ADD ("of-others", test_of_others);
  ADD ("directory", test_directory);
  ADD ("lock", test_lock);
  return g_test_run ();
}
