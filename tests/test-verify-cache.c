/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-verify-cache.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/verification/perry-verify-store.h"
#include "plugin-api/perry-error.h"

#define KEY "sha256:aa\n{\"identity\":\"me\"}\ncosign 1"

typedef struct {
  char *parent;
  char *directory;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->parent = g_dir_make_tmp ("perry-verified-XXXXXX", NULL);
  fixture->directory = g_build_filename (fixture->parent, "perry-container", "verified", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { "rm", "-rf", "--", fixture->parent, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
  g_free (fixture->parent);
  g_free (fixture->directory);
}

static void
store (PerryVerifyCache *cache, const char *key, PerryVerificationKind kind, gboolean certain)
{
  g_autoptr (PerryVerification) verification = perry_verification_new (kind, PERRY_VERIFICATION_REASON_NONE, "why");

  verification->certain = certain;
  perry_verify_cache_store (cache, key, verification);
}

static gboolean
has (PerryVerifyCache *cache, const char *key)
{
  g_autoptr (PerryVerification) verification = perry_verify_cache_lookup (cache, key);

  return verification != NULL;
}

/* What another process would find. */
static gboolean
has_on_disk (Fixture *fixture, const char *key, int verified_s)
{
  g_autoptr (PerryVerifyCache) cache = perry_verify_cache_new (fixture->directory, verified_s, 60);

  return has (cache, key);
}

static char *
entry_path (Fixture *fixture, const char *key)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);
  g_autofree char *name = g_strconcat (hash, ".json", NULL);

  return g_build_filename (fixture->directory, name, NULL);
}

static void
test_what_is_kept (Fixture *fixture, gconstpointer data)
{
  static const struct { PerryVerificationKind kind; gboolean certain; gboolean memory; gboolean disk; } cases[] = {
    { PERRY_VERIFICATION_VERIFIED, FALSE, TRUE, TRUE },      { PERRY_VERIFICATION_REJECTED, TRUE, TRUE, FALSE },
    { PERRY_VERIFICATION_REJECTED, FALSE, FALSE, FALSE },    { PERRY_VERIFICATION_UNSIGNED, TRUE, TRUE, FALSE },
    { PERRY_VERIFICATION_UNSIGNED, FALSE, FALSE, FALSE },    { PERRY_VERIFICATION_ERROR, TRUE, FALSE, FALSE },
    { PERRY_VERIFICATION_NOT_VERIFIED, TRUE, FALSE, FALSE },
  };
  g_autoptr (PerryVerifyCache) cache = perry_verify_cache_new (fixture->directory, 3600, 60);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *key = g_strdup_printf ("key %u\x1f\t\"", (guint) i);

      store (cache, key, cases[i].kind, cases[i].certain);
      g_assert_cmpint (has (cache, key), ==, cases[i].memory);
      g_assert_cmpint (has_on_disk (fixture, key, 3600), ==, cases[i].disk);
    }
}

static void
test_switched_off (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyCache) cache = perry_verify_cache_new (fixture->directory, 0, 0);

  store (cache, KEY, PERRY_VERIFICATION_VERIFIED, TRUE);
  store (cache, "other", PERRY_VERIFICATION_REJECTED, TRUE);
  g_assert_false (has (cache, KEY));
  g_assert_false (has (cache, "other"));
  g_assert_false (g_file_test (fixture->directory, G_FILE_TEST_EXISTS));
}

static void
test_expiry (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyStore) disk = perry_verify_store_new (fixture->directory);
  gint64 now = g_get_real_time ();

  g_assert_true (perry_verify_store_write (disk, KEY, now - 50 * G_USEC_PER_SEC));
  g_assert_true (has_on_disk (fixture, KEY, 100));
  g_assert_false (has_on_disk (fixture, KEY, 40));
  /* the clock was set back: nobody knows how old it is */
  g_assert_true (perry_verify_store_write (disk, KEY, now + 100 * G_USEC_PER_SEC));
  g_assert_false (has_on_disk (fixture, KEY, 3600));
}

static void
assert_mode (const char *path, guint mode)
{
  GStatBuf status;

  g_assert_cmpint (g_lstat (path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, mode);
}

static void
test_modes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyCache) cache = perry_verify_cache_new (fixture->directory, 3600, 60);
  g_autofree char *path = entry_path (fixture, KEY);

  store (cache, KEY, PERRY_VERIFICATION_VERIFIED, TRUE);
  assert_mode (path, 0600);
  assert_mode (fixture->directory, 0700);
  /* one that others could have written says nothing */
  g_assert_cmpint (g_chmod (path, 0620), ==, 0);
  g_assert_false (has_on_disk (fixture, KEY, 3600));
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_assert_true (has_on_disk (fixture, KEY, 3600));
  g_assert_cmpint (g_chmod (fixture->directory, 0770), ==, 0);
  g_assert_false (has_on_disk (fixture, KEY, 3600));
  g_assert_cmpint (g_chmod (fixture->directory, 0700), ==, 0);
}

static void
test_foreign_owner (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyCache) cache = perry_verify_cache_new (fixture->directory, 3600, 60);
  g_autofree char *path = entry_path (fixture, KEY);

  if (geteuid () != 0)
    {
      g_test_skip ("only root can give a file away");
      return;
    }
  store (cache, KEY, PERRY_VERIFICATION_VERIFIED, TRUE);
  g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
  g_assert_false (has_on_disk (fixture, KEY, 3600));
  g_assert_cmpint (chown (path, 0, 0), ==, 0);
  g_assert_true (has_on_disk (fixture, KEY, 3600));
  g_assert_cmpint (chown (fixture->directory, 65534, 65534), ==, 0);
  g_assert_false (has_on_disk (fixture, KEY, 3600));
}

/* A crash at any byte, and what somebody may have put there. */
static void
test_broken_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyCache) cache = perry_verify_cache_new (fixture->directory, 3600, 60);
  g_autofree char *path = entry_path (fixture, KEY);
  g_autofree char *other = entry_path (fixture, "other");
  g_autofree char *text = NULL;
  gsize length;

  store (cache, KEY, PERRY_VERIFICATION_VERIFIED, TRUE);
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  for (gsize cut = 0; cut < length; cut++)
    {
      g_assert_true (g_file_set_contents_full (path, text, (gssize) cut, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
      g_assert_false (has_on_disk (fixture, KEY, 3600));
    }
  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *changed = g_strdup (text);

      changed[i] = '\0';
      g_assert_true (g_file_set_contents_full (path, changed, (gssize) length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
      g_assert_false (has_on_disk (fixture, KEY, 3600));
    }
  /* the answer for another key under this one's name */
  g_assert_true (g_file_set_contents_full (other, text, (gssize) length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  g_assert_false (has_on_disk (fixture, "other", 3600));
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (symlink (other, path), ==, 0);
  g_assert_false (has_on_disk (fixture, KEY, 3600));
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_false (has_on_disk (fixture, KEY, 3600));
  store (cache, KEY, PERRY_VERIFICATION_VERIFIED, TRUE);
  g_assert_true (has_on_disk (fixture, KEY, 3600));
}

static guint
count_files (Fixture *fixture)
{
  g_autoptr (GDir) directory = g_dir_open (fixture->directory, 0, NULL);
  guint n = 0;

  while (directory != NULL && g_dir_read_name (directory) != NULL)
    n++;
  return n;
}

static void
test_bounded (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyStore) disk = perry_verify_store_new (fixture->directory);
  g_autofree char *text = NULL;
  gint64 time;

  g_assert_true (perry_verify_store_write (disk, KEY, 1));
  for (guint i = 0; i < 4100; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%u.json", fixture->directory, i);

      g_assert_cmpint (close (open (name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), ==, 0);
    }
  g_assert_true (perry_verify_store_write (disk, "new", 1));
  g_assert_cmpuint (count_files (fixture), <=, 2100);
  g_assert_true (perry_verify_store_read (disk, "new", &time));
  text = g_strnfill (PERRY_VERIFY_STORE_MAX_KEY + 1, 'x');
  g_assert_false (perry_verify_store_write (disk, text, 1));
}

static void
test_clear (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyCache) cache = perry_verify_cache_new (fixture->directory, 3600, 60);
  g_autoptr (GError) error = NULL;
  guint n = 99;

  g_assert_true (perry_verify_cache_clear (cache, &n, &error));
  g_assert_cmpuint (n, ==, 0);
  store (cache, KEY, PERRY_VERIFICATION_VERIFIED, TRUE);
  store (cache, "two", PERRY_VERIFICATION_VERIFIED, TRUE);
  g_assert_true (perry_verify_cache_clear (cache, &n, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 2);
  g_assert_false (has (cache, KEY));
  g_assert_false (has_on_disk (fixture, "two", 3600));
  g_assert_cmpint (g_chmod (fixture->directory, 0777), ==, 0);
  g_assert_false (perry_verify_cache_clear (cache, &n, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED);
}

static void
test_turns (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyCache) cache = perry_verify_cache_new (fixture->directory, 3600, 60);
  g_autoptr (PerryVerifyCache) nowhere = perry_verify_cache_new (NULL, 3600, 60);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  PerryVerifyTurn *first = perry_verify_cache_take_turn (cache, KEY, 1000, NULL);
  PerryVerifyTurn *other = perry_verify_cache_take_turn (cache, "other", 1000, NULL);

  g_assert_nonnull (first);
  g_assert_nonnull (other);
  g_assert_null (perry_verify_cache_take_turn (cache, KEY, 30, NULL));
  g_cancellable_cancel (cancellable);
  g_assert_null (perry_verify_cache_take_turn (cache, KEY, 60000, cancellable));
  perry_verify_turn_free (first);
  first = perry_verify_cache_take_turn (cache, KEY, 1000, NULL);
  g_assert_nonnull (first);
  perry_verify_turn_free (first);
  perry_verify_turn_free (other);
  g_assert_null (perry_verify_cache_take_turn (nowhere, KEY, 1000, NULL));
}

static void
test_places (Fixture *fixture, gconstpointer data)
{
  static const struct { const char *environment[3]; const char *place; } cases[] = {
    { { "XDG_CACHE_HOME=/c", "HOME=/h", NULL }, "/c/perry-container/verified" },
    { { "XDG_CACHE_HOME=c", "HOME=/h", NULL }, "/h/.cache/perry-container/verified" },
    { { "XDG_CACHE_HOME=", "HOME=/h", NULL }, "/h/.cache/perry-container/verified" },
    { { "HOME=/h", NULL }, "/h/.cache/perry-container/verified" },
    { { "HOME=h", NULL }, NULL },
    { { NULL }, NULL },
  };
  g_autofree char *own = perry_verify_cache_dup_directory (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *place = perry_verify_cache_dup_directory (cases[i].environment);

      g_assert_cmpstr (place, ==, cases[i].place);
    }
  g_assert_true (g_str_has_suffix (own, "/perry-container/verified"));
}

/* What is kept in memory has an end; what is forgotten for that is asked for again. */
static void
test_bounded_in_memory (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PerryVerifyCache) cache = perry_verify_cache_new (NULL, 3600, 60);

  for (guint i = 0; i <= 4096; i++)
    {
      g_autofree char *key = g_strdup_printf ("key %u", i);

      store (cache, key, PERRY_VERIFICATION_VERIFIED, TRUE);
    }
  g_assert_true (has (cache, "key 4096"));
  g_assert_false (has (cache, "key 0"));
}

int
main (int argc, char **argv)
{
  static const struct { const char *path; void (*test) (Fixture *, gconstpointer); } tests[] = {
    { "/verify-cache/what-is-kept", test_what_is_kept }, { "/verify-cache/switched-off", test_switched_off },
    { "/verify-cache/expiry", test_expiry },             { "/verify-cache/modes", test_modes },
    { "/verify-cache/foreign-owner", test_foreign_owner }, { "/verify-cache/broken-files", test_broken_files },
    { "/verify-cache/bounded", test_bounded },           { "/verify-cache/clear", test_clear },
    { "/verify-cache/turns", test_turns },
    { "/verify-cache/places", test_places },             { "/verify-cache/bounded-in-memory", test_bounded_in_memory },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
