/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/cosign/cosign-kept.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  char *parent;
  char *directory;
  char *file;
  PerryCosignProgram program;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->parent = g_dir_make_tmp ("perry-kept-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->directory = g_build_filename (fixture->parent, "a", "b", NULL);
  fixture->file = g_build_filename (fixture->directory, "program.json", NULL);
  fixture->program = (PerryCosignProgram){
    .path = (char *) "/usr/bin/cosign",
    .device = G_MAXUINT64,
    .inode = 7,
    .size = 71700000,
    .changed_ns = G_MAXINT64,
    .features = { TRUE, FALSE },
  };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *middle = g_path_get_dirname (fixture->directory);

  g_unlink (fixture->file);
  g_assert_true (g_rmdir (fixture->directory) == 0 || !g_file_test (fixture->directory, G_FILE_TEST_EXISTS));
  g_rmdir (middle);
  g_assert_cmpint (g_rmdir (fixture->parent), ==, 0);
  g_free (fixture->parent);
  g_free (fixture->directory);
  g_free (fixture->file);
}

static gboolean
is_known (const Fixture *fixture, PerryCosignProgram program)
{
  program.features = (PerryCosignFeatures){ FALSE, FALSE };
  return perry_cosign_kept_load (fixture->directory, &program);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  PerryCosignProgram found = fixture->program;
  GStatBuf status;

  g_assert_false (is_known (fixture, fixture->program));
  g_assert_false (g_file_test (fixture->directory, G_FILE_TEST_EXISTS));
  perry_cosign_kept_store (fixture->directory, &fixture->program);
  for (int i = 0; i < 4; i++)
    {
      fixture->program.features = (PerryCosignFeatures){ i & 1, i & 2 ? TRUE : FALSE };
      perry_cosign_kept_store (fixture->directory, &fixture->program);
      found.features = (PerryCosignFeatures){ !(i & 1), FALSE };
      g_assert_true (perry_cosign_kept_load (fixture->directory, &found));
      g_assert_cmpint (found.features.reads_trusted_root, ==, fixture->program.features.reads_trusted_root);
      g_assert_cmpint (found.features.has_registry_ca, ==, fixture->program.features.has_registry_ca);
    }
  g_assert_cmpint (g_stat (fixture->file, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, 0600);
  g_assert_cmpint (g_stat (fixture->directory, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, 0700);
}

/* One member less that agrees, and it is another program. */
static void
test_another_program (Fixture *fixture, gconstpointer data)
{
  PerryCosignProgram others[5];

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    others[i] = fixture->program;
  others[0].path = (char *) "/usr/local/bin/cosign";
  others[1].device--;
  others[2].inode++;
  others[3].size++;
  others[4].changed_ns--;
  perry_cosign_kept_store (fixture->directory, &fixture->program);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (is_known (fixture, others[i]));
  g_assert_true (is_known (fixture, fixture->program));
}

static void
rewrite (const Fixture *fixture, const char *text)
{
  g_assert_true (g_file_set_contents_full (fixture->file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

/* Cut off at any byte, or without one member, or with one of another type, it says nothing. */
static void
test_broken (Fixture *fixture, gconstpointer data)
{
  static const char *const edits[][2] = {
    { "\"version\":1,", "" },        { "\"version\":1", "\"version\":2" },       { "true", "1" },
    { "true", "\"true\"" },          { "true", "null" },                         { ",\"has_registry_ca\":false", "" },
    { ",\"inode\":\"7\"", "" },      { "\"inode\":\"7\"", "\"inode\":7" },       { "{", "[" },
    { "\"reads_trusted_root\":true,", "" },
  };
  g_autofree char *text = NULL;
  g_autofree char *flood = NULL;

  perry_cosign_kept_store (fixture->directory, &fixture->program);
  g_assert_true (g_file_get_contents (fixture->file, &text, NULL, NULL));
  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autofree char *cut = g_strndup (text, length);

      rewrite (fixture, cut);
      g_assert_false (is_known (fixture, fixture->program));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_auto (GStrv) halves = g_strsplit (text, edits[i][0], 2);
      g_autofree char *edited = g_strjoinv (edits[i][1], halves);

      g_assert_cmpstr (edited, !=, text);
      rewrite (fixture, edited);
      g_assert_false (is_known (fixture, fixture->program));
    }
  flood = g_strnfill (16385, ' ');
  memcpy (flood, text, strlen (text));
  rewrite (fixture, flood);
  g_assert_false (is_known (fixture, fixture->program));
  rewrite (fixture, text);
  g_assert_true (is_known (fixture, fixture->program));
}

/* Whoever may write there could say that a cosign 3 takes no trusted root. */
static void
test_of_somebody_else (Fixture *fixture, gconstpointer data)
{
  static const int modes[] = { 0640, 0620, 0604, 0602, 0660, 0777 };
  g_autofree char *elsewhere = g_build_filename (fixture->parent, "elsewhere", NULL);

  perry_cosign_kept_store (fixture->directory, &fixture->program);
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_assert_cmpint (g_chmod (fixture->file, modes[i]), ==, 0);
      g_assert_false (is_known (fixture, fixture->program));
      g_assert_cmpint (g_chmod (fixture->file, 0600), ==, 0);
      g_assert_cmpint (g_chmod (fixture->directory, 0700 | (modes[i] & 077)), ==, 0);
      g_assert_false (is_known (fixture, fixture->program));
      g_assert_cmpint (g_chmod (fixture->directory, 0700), ==, 0);
      g_assert_true (is_known (fixture, fixture->program));
    }
  if (geteuid () == 0)
    {
      g_assert_cmpint (chown (fixture->file, 65534, (gid_t) -1), ==, 0);
      g_assert_false (is_known (fixture, fixture->program));
      g_assert_cmpint (chown (fixture->file, 0, (gid_t) -1), ==, 0);
      g_assert_cmpint (chown (fixture->directory, 65534, (gid_t) -1), ==, 0);
      g_assert_false (is_known (fixture, fixture->program));
      g_assert_cmpint (chown (fixture->directory, 0, (gid_t) -1), ==, 0);
    }
  g_assert_cmpint (g_rename (fixture->file, elsewhere), ==, 0);
  g_assert_cmpint (symlink (elsewhere, fixture->file), ==, 0);
  g_assert_false (is_known (fixture, fixture->program));
  g_assert_cmpint (g_unlink (elsewhere), ==, 0);
}

static void
test_nowhere (Fixture *fixture, gconstpointer data)
{
  perry_cosign_kept_store (NULL, &fixture->program);
  g_assert_false (perry_cosign_kept_load (NULL, &fixture->program));
  perry_cosign_kept_store ("/dev/null/a", &fixture->program);
  g_assert_false (perry_cosign_kept_load ("/dev/null/a", &fixture->program));
  fixture->program.path = (char *) "/usr/bin/\xff";
  perry_cosign_kept_store (fixture->directory, &fixture->program);
  g_assert_false (is_known (fixture, fixture->program));
  fixture->program.path = (char *) "/usr/bin/cosign";
  perry_cosign_kept_store (fixture->directory, &fixture->program);
  g_assert_cmpint (g_unlink (fixture->file), ==, 0);
  /* what cannot be put in place is not left lying about either, as the fixture's end shows */
  g_assert_cmpint (g_mkdir (fixture->file, 0700), ==, 0);
  perry_cosign_kept_store (fixture->directory, &fixture->program);
  g_assert_false (is_known (fixture, fixture->program));
  g_assert_cmpint (g_rmdir (fixture->file), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/cosign-kept/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("another-program", test_another_program);
  ADD ("broken", test_broken);
  ADD ("of-somebody-else", test_of_somebody_else);
  ADD ("nowhere", test_nowhere);
  return g_test_run ();
}
