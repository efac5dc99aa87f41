/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/proof-tree.h"

#include <glib/gstdio.h>
#include <string.h>

/* Containers of rootless engines, which may have no cgroups to give. */
#define DOCKER_ID "979e39e0056b2d2e800337f25ed55fd2ffc72e2115d9c0f2f6ac488a9e0b9116"
#define ROOTLESS_ID "7e4487621c3c828f25444ba43468965e8af94d3ebe5b706947bfa79693cde701"
#define ROOTLESS_PID 9167
#define MONITOR "proc/77"

static void
assert_all_missing (const PerryObservation *observation, const char *part_of_reason)
{
  g_assert_true (perry_observation_is_empty (observation));
  g_assert_nonnull (strstr (perry_observation_get_missing_reason (observation, PERRY_FACET_IDS), part_of_reason));
}

/* A rootless engine on cgroup version 1: its containers stay in the cgroups of who started them. */
static char *
tree_without_cgroup (void)
{
  char *tree = proof_tree_copy ("rootless");
  g_autofree char *monitor = g_build_filename (tree, MONITOR, NULL);
  g_autofree char *stat = proof_tree_read (tree, "proc/9167/stat");

  proof_tree_write (tree, "proc/9167/cgroup", "9:name=systemd:/\n8:pids:/\n4:memory:/user/1000\n0::/\n");
  proof_tree_edit (tree, "proc/9167/status", "PPid:\t1\n", "PPid:\t77\n");
  g_assert_cmpint (g_mkdir (monitor, 0755), ==, 0);
  proof_tree_write (tree, MONITOR "/stat", stat);
  proof_tree_write (tree, MONITOR "/status", "Name:\tconmon\nState:\tS (sleeping)\nPid:\t77\nPPid:\t1\nNSpid:\t77\n");
  return tree;
}

static void
write_arguments (const char *tree, const char *id)
{
  g_autofree char *path = g_build_filename (tree, MONITOR, "cmdline", NULL);
  g_autoptr (GString) line = g_string_new ("/usr/bin/conmon");

  g_string_append_len (line, "\0-c", 4);
  g_string_append_c (line, '\0');
  g_string_append_len (line, id, (gssize) strlen (id) + 1);
  g_assert_true (g_file_set_contents (path, line->str, (gssize) line->len, NULL));
}

static PerryObservation *
observe_rootless (const char *tree, gboolean monitor_counts)
{
  const PerryProofRequest request = { .container_id = ROOTLESS_ID,
                                      .engine_pid = PERRY_PROOF_ENGINE_UNKNOWN,
                                      .monitor_counts = monitor_counts,
                                      .moment = PERRY_MOMENT_BEFORE_START };

  return proof_tree_observe (tree, ROOTLESS_PID, &request);
}

static void
test_without_cgroup (void)
{
  g_autofree char *tree = tree_without_cgroup ();
  g_autoptr (PerryObservation) believed = NULL;
  g_autoptr (PerryObservation) rootful = NULL;

  write_arguments (tree, ROOTLESS_ID);
  believed = observe_rootless (tree, TRUE);
  g_assert_cmpint (believed->uid[0], ==, 65534);
  g_assert_cmphex (believed->cap_bounding, ==, 0);
  g_assert_cmpint (believed->seccomp_mode, ==, 2);
  g_assert_cmpint (believed->host_uid[0], ==, 165533);
  g_assert_nonnull (perry_observation_get_missing_reason (believed, PERRY_FACET_MEMORY));
  g_assert_nonnull (perry_observation_get_missing_reason (believed, PERRY_FACET_PIDS));
  rootful = observe_rootless (tree, FALSE);
  assert_all_missing (rootful, "is not in a cgroup of this container");
  proof_tree_remove (tree);
}

/* What is no monitor of this container: another's, one that is inside itself, one whose argument only contains the id,
 * and one that is gone. */
static void
test_without_cgroup_or_monitor (void)
{
  static const char *const others[] = { DOCKER_ID, "--name=" ROOTLESS_ID, ROOTLESS_ID "0" };
  g_autofree char *tree = tree_without_cgroup ();
  g_autoptr (PerryObservation) inside = NULL;
  g_autoptr (PerryObservation) gone = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (PerryObservation) observation = NULL;

      write_arguments (tree, others[i]);
      observation = observe_rootless (tree, TRUE);
      assert_all_missing (observation, "nor the child of its monitor");
    }
  write_arguments (tree, ROOTLESS_ID);
  proof_tree_edit (tree, MONITOR "/status", "NSpid:\t77\n", "NSpid:\t77\t2\n");
  inside = observe_rootless (tree, TRUE);
  assert_all_missing (inside, "nor the child of its monitor");
  proof_tree_edit (tree, "proc/9167/status", "PPid:\t77\n", "PPid:\t78\n");
  gone = observe_rootless (tree, TRUE);
  assert_all_missing (gone, "nor the child of its monitor");
  proof_tree_remove (tree);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proof-rootless/without-cgroup", test_without_cgroup);
  g_test_add_func ("/proof-rootless/without-cgroup-or-monitor", test_without_cgroup_or_monitor);
  return g_test_run ();
}
