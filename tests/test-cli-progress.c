/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/perryctl-progress.h"

#include <string.h>

#include "cli/perryctl-text.h"

#define REFERENCE "r.example/demo:1"

static void
assert_update (PerryctlProgress *progress, const char *layer, const char *status, gint64 current, gint64 total,
               const char *expected)
{
  PerryPullProgress pull = { REFERENCE, layer, status, current, total };
  g_autofree char *text = perryctl_progress_update (progress, &pull);

  g_assert_cmpstr (text, ==, expected);
}

/* Without a terminal a line says what a layer does now, and never how far it is. */
static void
test_plain (void)
{
  g_autoptr (PerryctlProgress) progress = perryctl_progress_new ();

  assert_update (progress, NULL, "Pulling", -1, -1, REFERENCE ": Pulling\n");
  assert_update (progress, NULL, "Pulling from demo", -1, -1, "Pulling from demo\n");
  assert_update (progress, "aaaa", "Downloading", 1, 10, "aaaa: Downloading\n");
  assert_update (progress, "aaaa", "Downloading", 5, 10, "");
  assert_update (progress, "bbbb", "Downloading", 5, 10, "bbbb: Downloading\n");
  assert_update (progress, "aaaa", "Pull complete", -1, -1, "aaaa: Pull complete\n");
}

static void
test_terminal (void)
{
  g_autoptr (PerryctlProgress) progress = perryctl_progress_new ();

  perryctl_progress_set_terminal (progress, 50, 24, FALSE);
  assert_update (progress, NULL, "Pulling", -1, -1, REFERENCE ": Pulling\n");
  assert_update (progress, "aaaa", "Waiting", -1, -1, "aaaa: Waiting\n");
  assert_update (progress, "bbbb", "Waiting", -1, -1, "bbbb: Waiting\n");
  assert_update (progress, "aaaa", "Get", 500, 1000,
                 "\033[2A\raaaa: Get [============>           ] 500 B/1.0 kB\033[K\033[2B\r");
  assert_update (progress, "bbbb", "Get", 1000, 1000,
                 "\033[1A\rbbbb: Get [=======================] 1.0 kB/1.0 kB\033[K\033[1B\r");
  assert_update (progress, "bbbb", "Get", 1000, -1, "\033[1A\rbbbb: Get 1.0 kB\033[K\033[1B\r");
  assert_update (progress, NULL, "Digest: x", -1, -1, "Digest: x\n");
  assert_update (progress, "aaaa", "Done", -1, -1, "\033[3A\raaaa: Done\033[K\033[3B\r");
  perryctl_progress_set_terminal (progress, 50, 24, TRUE);
  assert_update (progress, "bbbb", "Get", 0, 1000,
                 "\033[2A\rbbbb: Get [\033[32m>                         \033[0m] 0 B/1.0 kB\033[K\033[2B\r");
}

/* More bytes than there are, and no bytes at all. */
static void
test_odd_counts (void)
{
  g_autoptr (PerryctlProgress) progress = perryctl_progress_new ();

  perryctl_progress_set_terminal (progress, 40, 24, FALSE);
  assert_update (progress, NULL, "Pulling", -1, -1, REFERENCE ": Pulling\n");
  assert_update (progress, "aaaa", "Get", 2000, 1000, "aaaa: Get [=============] 2.0 kB/1.0 kB\n");
  assert_update (progress, "aaaa", "Get", 0, 0, "\033[1A\raaaa: Get 0 B\033[K\033[1B\r");
  assert_update (progress, "aaaa", "Get", G_MAXINT64, G_MAXINT64, "\033[1A\raaaa: Get 9223372 TB/9223372 TB\033[K\033[1B\r");
}

/* Whatever its width, no line is as wide as the terminal, which would begin another. */
static void
test_narrow (void)
{
  for (gsize columns = 1; columns < 90; columns++)
    {
      g_autoptr (PerryctlProgress) progress = perryctl_progress_new ();
      PerryPullProgress first = { REFERENCE, NULL, "Pulling", -1, -1 };
      PerryPullProgress pull = { REFERENCE, "43c3c6402a5c", "Downloading", 5799936, 8391401 };
      g_autofree char *head = NULL;
      g_autofree char *line = NULL;

      perryctl_progress_set_terminal (progress, columns, 24, FALSE);
      head = perryctl_progress_update (progress, &first);
      line = perryctl_progress_update (progress, &pull);
      g_assert_true (g_str_has_suffix (line, "\n"));
      line[strlen (line) - 1] = '\0';
      g_assert_cmpuint (perryctl_text_get_width (line), <=, MAX (columns - 1, 1));
      g_assert_true ((strchr (line, '[') != NULL) == (columns >= 51));
    }
}

/* A line that has moved out at the top is left alone. */
static void
test_low (void)
{
  g_autoptr (PerryctlProgress) progress = perryctl_progress_new ();

  perryctl_progress_set_terminal (progress, 40, 3, FALSE);
  assert_update (progress, NULL, "Pulling", -1, -1, REFERENCE ": Pulling\n");
  assert_update (progress, "a", "x", -1, -1, "a: x\n");
  assert_update (progress, "b", "x", -1, -1, "b: x\n");
  assert_update (progress, "c", "x", -1, -1, "c: x\n");
  assert_update (progress, "a", "y", -1, -1, "");
  assert_update (progress, "b", "y", -1, -1, "\033[2A\rb: y\033[K\033[2B\r");
}

/* What an engine says cannot harm a terminal, and cannot fill the memory. */
static void
test_hostile (void)
{
  g_autoptr (PerryctlProgress) progress = perryctl_progress_new ();
  g_autoptr (PerryctlProgress) plain = perryctl_progress_new ();
  g_autofree char *words = g_strnfill (5000, 'w');
  gsize written = 0;

  assert_update (progress, NULL, "\033[2J", -1, -1, REFERENCE ": \\x1b[2J\n");
  perryctl_progress_set_terminal (progress, 40, 24, FALSE);
  assert_update (progress, "a\033b", "x\r\ny", -1, -1, "a\\x1bb: x\\x0d\\x0ay\n");
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *layer = g_strdup_printf ("%u%s", i, words);
      PerryPullProgress pull = { REFERENCE, layer, words, -1, -1 };
      g_autofree char *line = perryctl_progress_update (progress, &pull);
      g_autofree char *text = perryctl_progress_update (plain, &pull);

      written += (*line != '\0') + (*text != '\0');
      g_assert_cmpuint (strlen (text), <, 300);
    }
  g_assert_cmpuint (written, <=, 2000);
}

/* Another image's layers have lines of their own. */
static void
test_next_image (void)
{
  g_autoptr (PerryctlProgress) progress = perryctl_progress_new ();
  PerryPullProgress pull = { "r.example/other:1", NULL, "Pulling", -1, -1 };
  g_autofree char *text = NULL;

  perryctl_progress_set_terminal (progress, 40, 24, FALSE);
  assert_update (progress, NULL, "Pulling", -1, -1, REFERENCE ": Pulling\n");
  assert_update (progress, "a", "x", -1, -1, "a: x\n");
  text = perryctl_progress_update (progress, &pull);
  g_assert_cmpstr (text, ==, "r.example/other:1: Pulling\n");
  assert_update (progress, NULL, "Pulling", -1, -1, REFERENCE ": Pulling\n");
  assert_update (progress, "a", "x", -1, -1, "a: x\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-progress/plain", test_plain);
  g_test_add_func ("/cli-progress/terminal", test_terminal);
  g_test_add_func ("/cli-progress/odd-counts", test_odd_counts);
  g_test_add_func ("/cli-progress/narrow", test_narrow);
  g_test_add_func ("/cli-progress/low", test_low);
  g_test_add_func ("/cli-progress/hostile", test_hostile);
  g_test_add_func ("/cli-progress/next-image", test_next_image);
  return g_test_run ();
}
