/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin-api/perry-error.h"
#include "plugin-api/perry-process.h"

typedef struct {
  char *directory;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("perry-file-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->directory, "file", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);
  g_free (fixture->path);
  g_free (fixture->directory);
}

static void
write_file (Fixture *fixture, const char *bytes, gsize size)
{
  g_assert_true (g_file_set_contents (fixture->path, bytes, (gssize) size, NULL));
}

static void
test_text (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *bytes; gsize size; gsize limit; int code; } cases[] = {
    { "", 0, 0, -1 },
    { "12345", 5, 9, -1 },
    { "12345", 5, 5, -1 },
    { "12345", 5, 4, PERRY_ERROR_LIMIT_EXCEEDED },
    { "\xff\xfe", 2, 9, -1 },
    { "12\0" "45", 5, 9, PERRY_ERROR_INVALID_ARGUMENT },
    { "12345\0", 6, 9, PERRY_ERROR_INVALID_ARGUMENT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      write_file (fixture, cases[i].bytes, cases[i].size);
      text = perry_file_read_text (fixture->path, cases[i].limit, &error);
      if (cases[i].code < 0)
        {
          g_assert_no_error (error);
          g_assert_cmpstr (text, ==, cases[i].bytes);
          continue;
        }
      g_assert_error (error, PERRY_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, fixture->path));
      g_assert_null (text);
    }
}

static void
test_end (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *bytes; gsize size; gsize limit; const char *end; } cases[] = {
    { "", 0, 5, "" },
    { "12345", 5, 2, "45" },
    { "12345", 5, 5, "12345" },
    { "12345", 5, 9, "12345" },
    { "12\0" "45", 5, 3, " 45" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      write_file (fixture, cases[i].bytes, cases[i].size);
      text = perry_file_read_end (fixture->path, cases[i].limit, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, cases[i].end);
    }
}

/* What is no file is not waited for, by either of them. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  const struct { const char *path; int code; } cases[] = {
    { fixture->path, PERRY_ERROR_INVALID_ARGUMENT },
    { fixture->directory, PERRY_ERROR_INVALID_ARGUMENT },
    { "/dev/zero", PERRY_ERROR_INVALID_ARGUMENT },
    { "/does/not/exist", PERRY_ERROR_NOT_FOUND },
    { "relative", PERRY_ERROR_INVALID_ARGUMENT },
  };

  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) text_error = NULL;
      g_autoptr (GError) end_error = NULL;

      g_assert_null (perry_file_read_text (cases[i].path, 10, &text_error));
      g_assert_error (text_error, PERRY_ERROR, cases[i].code);
      g_assert_null (perry_file_read_end (cases[i].path, 10, &end_error));
      g_assert_error (end_error, PERRY_ERROR, cases[i].code);
    }
}

/* Files of the kernel say that they have no size. */
static void
test_proc (void)
{
  static const char other[] = "979e39e0056b2d2e800337f25ed55fd2ffc72e2115d9c0f2f6ac488a9e0b9116";
  g_autoptr (GError) error = NULL;
  g_autofree char *text = perry_file_read_text ("/proc/self/cgroup", 65536, &error);
  g_auto (GStrv) lines = NULL;

  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", 2);
  g_assert_cmpstr (lines[0], !=, "");
  g_assert_true (perry_process_is_in_container (getpid (), lines[0]));
  g_assert_false (perry_process_is_in_container (getpid (), other));
  g_assert_false (perry_process_is_in_container (0, lines[0]));
  g_assert_false (perry_process_is_in_container (-1, lines[0]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/file/text", Fixture, NULL, set_up, test_text, tear_down);
  g_test_add ("/file/end", Fixture, NULL, set_up, test_end, tear_down);
  g_test_add ("/file/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add_func ("/file/proc", test_proc);
  return g_test_run ();
}
