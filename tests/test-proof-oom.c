/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/proof/perry-proof-oom.h"

static void
test_parse (void)
{
  static const struct { const char *text; gboolean known; guint64 kills; } cases[] = {
    /* version 1, Linux 6.18 */
    { "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", TRUE, 3 },
    /* version 2 */
    { "low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n", TRUE, 1 },
    { "oom_kill 0", TRUE, 0 },
    /* before Linux 4.13 nothing was counted */
    { "oom_kill_disable 0\nunder_oom 0\n", FALSE, 0 },
    { "oom_kill x\n", FALSE, 0 },
    { "oom_kill 99999999999999999999\n", FALSE, 0 },
    { "", FALSE, 0 },
    { "\n\n", FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 kills = 0;

      g_assert_cmpint (perry_proof_oom_parse (cases[i].text, &kills), ==, cases[i].known);
      g_assert_cmpuint (kills, ==, cases[i].kills);
    }
}

static void
write_file (const char *root, const char *text)
{
  g_autofree char *path = g_build_filename (root, "a", "memory.oom_control", NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, text, strlen (text)), ==, strlen (text));
  close (fd);
}

/* A directory is no cgroup and wakes nobody: what the last look finds has to do. */
static void
test_last_look (void)
{
  static const char *const paths[] = { "missing", "a", NULL };
  static const char *const nowhere[] = { "missing", "..", NULL };
  g_autofree char *root = g_dir_make_tmp ("perry-oom-XXXXXX", NULL);
  g_autofree char *directory = g_build_filename (root, "a", NULL);
  g_autofree char *file = g_build_filename (directory, "memory.oom_control", NULL);
  PerryProofOom *oom;
  int fd;

  g_assert_cmpint (g_mkdir (directory, 0700), ==, 0);
  write_file (root, "oom_kill 4\n");
  fd = open (root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  g_assert_null (perry_proof_oom_start (fd, nowhere));
  g_assert_false (perry_proof_oom_stop (NULL));

  /* What was killed before is somebody else's. */
  oom = perry_proof_oom_start (fd, paths);
  g_assert_nonnull (oom);
  g_assert_false (perry_proof_oom_stop (oom));
  oom = perry_proof_oom_start (fd, paths);
  write_file (root, "oom_kill 5\n");
  g_assert_true (perry_proof_oom_stop (oom));

  close (fd);
  g_unlink (file);
  g_rmdir (directory);
  g_rmdir (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proof-oom/parse", test_parse);
  g_test_add_func ("/proof-oom/last-look", test_last_look);
  return g_test_run ();
}
