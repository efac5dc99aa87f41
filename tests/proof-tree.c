/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/proof-tree.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
run_program (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

char *
proof_tree_copy (const char *name)
{
  g_autofree char *source = g_test_build_filename (G_TEST_DIST, "fixtures", "proc", name, NULL);
  g_autofree char *parent = g_dir_make_tmp ("perry-proof-XXXXXX", NULL);
  char *copy = g_build_filename (parent, "tree", NULL);
  const char *const argv[] = { "cp", "-R", "-P", "--", source, copy, NULL };

  run_program (argv);
  return copy;
}

void
proof_tree_remove (const char *tree)
{
  g_autofree char *parent = g_path_get_dirname (tree);
  const char *const argv[] = { "rm", "-rf", "--", parent, NULL };

  run_program (argv);
}

void
proof_tree_write (const char *tree, const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (tree, path, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (full, text, -1, &error);
  g_assert_no_error (error);
}

void
proof_tree_unlink (const char *tree, const char *path)
{
  g_autofree char *full = g_build_filename (tree, path, NULL);

  g_assert_cmpint (g_unlink (full), ==, 0);
}

char *
proof_tree_read (const char *tree, const char *path)
{
  g_autofree char *full = g_build_filename (tree, path, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (full, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

void
proof_tree_edit (const char *tree, const char *path, const char *from, const char *to)
{
  g_autofree char *text = proof_tree_read (tree, path);
  g_autoptr (GString) edited = g_string_new (text);

  g_assert_cmpuint (g_string_replace (edited, from, to, 1), ==, 1);
  proof_tree_write (tree, path, edited->str);
}

PerryObservation *
proof_tree_observe (const char *tree, gint pid, const PerryProofRequest *request)
{
  g_autofree char *proc = g_build_filename (tree, "proc", NULL);
  g_autofree char *cgroup = g_build_filename (tree, "cgroup", NULL);
  int proc_fd = open (proc, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int cgroup_fd = open (cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GError) error = NULL;
  PerryObservation *observation;

  g_assert_cmpint (proc_fd, >=, 0);
  observation = request->moment == PERRY_MOMENT_BEFORE_START
                    ? perry_proof_observe_initialised (proc_fd, cgroup_fd, pid, request, &error)
                    : perry_proof_observe (proc_fd, cgroup_fd, pid, request, &error);
  g_assert_no_error (error);
  close (proc_fd);
  if (cgroup_fd >= 0)
    close (cgroup_fd);
  return observation;
}
