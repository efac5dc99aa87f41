/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-observe.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/proof/perry-proof-observe-private.h"
#include "core/proof/perry-proof-readers.h"
#include "plugin-api/perry-error.h"
#include "tests/proof-tree.h"

#define DOCKER_ID "979e39e0056b2d2e800337f25ed55fd2ffc72e2115d9c0f2f6ac488a9e0b9116"
#define RUNC_ID "a9cd5cbb8ba321fc6ea3a0b197e2a709d29df1eade89cb6a503005e4b305baba"
#define CRUN_ID "9fe71948b792fc326cdf59879e608a18255a4d12f079d19330376a557b37b806"
#define USERNS_ID "590fb7022f51732b8fdc3b07ea377fff8fa8516e4ff1ec29503a0a532f5cc86e"
#define ROOTLESS_ID "7e4487621c3c828f25444ba43468965e8af94d3ebe5b706947bfa79693cde701"
#define V2_ID "ec8e6d0a89f7e9cdbb39e2e8f557ec8eca4c9e10a8b8865b7760ef0edd4bc924"
#define DOCKER_PID 3714
#define DOCKER_ENGINE_PID 6927

static PerryObservation *
observe_fixture (const char *name, gint pid, const char *id, gint engine_pid, PerryMoment moment)
{
  g_autofree char *tree = g_test_build_filename (G_TEST_DIST, "fixtures", "proc", name, NULL);
  const PerryProofRequest request = { .container_id = id, .engine_pid = engine_pid, .moment = moment };

  return proof_tree_observe (tree, pid, &request);
}

static void
assert_only_missing (const PerryObservation *observation, const PerryFacet *missing, gsize n_missing)
{
  for (int facet = 0; facet < PERRY_N_FACETS; facet++)
    {
      const char *reason = perry_observation_get_missing_reason (observation, facet);
      /* the workload's own process tells nothing of the runtime */
      gboolean expected = (facet == PERRY_FACET_RUNTIME && observation->runtime == NULL) ||
                          (facet == PERRY_FACET_DEVICES && observation->devices->len == 0);

      for (gsize i = 0; i < n_missing; i++)
        expected = expected || (int) missing[i] == facet;
      if ((reason != NULL) != expected)
        g_error ("facet %s: %s", perry_facet_to_string (facet), reason != NULL ? reason : "read");
    }
}

static void
assert_all_missing (const PerryObservation *observation, const char *part_of_reason)
{
  g_assert_true (perry_observation_is_empty (observation));
  for (int facet = 0; facet < PERRY_N_FACETS; facet++)
    {
      const char *reason = perry_observation_get_missing_reason (observation, facet);

      if (strstr (reason, part_of_reason) == NULL)
        g_error ("the reason is: %s", reason);
    }
  g_assert_cmpuint (observation->mounts->len, ==, 0);
  g_assert_cmpint (observation->uid[0], ==, PERRY_OBSERVED_UNKNOWN);
  g_assert_cmpint (observation->seccomp_mode, ==, PERRY_OBSERVED_UNKNOWN);
  g_assert_cmpint (observation->memory_max, ==, PERRY_OBSERVED_UNKNOWN);
}

static void
assert_hardened_privileges (const PerryObservation *observation, gint64 seccomp_mode)
{
  for (int i = 0; i < 4; i++)
    {
      g_assert_cmpint (observation->uid[i], ==, 65534);
      g_assert_cmpint (observation->gid[i], ==, 65534);
    }
  g_assert_cmphex (observation->cap_inheritable | observation->cap_permitted | observation->cap_effective |
                       observation->cap_bounding | observation->cap_ambient,
                   ==, 0);
  g_assert_cmpint (observation->no_new_privs, ==, 1);
  g_assert_cmpint (observation->seccomp_mode, ==, seccomp_mode);
  g_assert_true (perry_observed_mount_is_read_only (perry_observation_find_mount (observation, "/")));
}

static void
assert_limits (const PerryObservation *observation, gint64 memory, gint64 swap, gint64 pids, gint64 quota)
{
  g_assert_cmpint (observation->memory_max, ==, memory);
  g_assert_cmpint (observation->memory_swap_max, ==, swap);
  g_assert_cmpint (observation->pids_max, ==, pids);
  g_assert_cmpint (observation->cpu_quota_us, ==, quota);
}

static void
test_v1_docker (void)
{
  static const PerryFacet missing[] = { PERRY_FACET_APPARMOR, PERRY_FACET_SELINUX };
  static const char *const interfaces[] = { "lo", NULL };
  static const char *const cmdline[] = { "sleep", "600", NULL };
  g_autoptr (PerryObservation) observation =
      observe_fixture ("v1-docker-running", DOCKER_PID, DOCKER_ID, DOCKER_ENGINE_PID, PERRY_MOMENT_RUNNING);
  const PerryObservedMount *tmp = perry_observation_find_mount (observation, "/tmp");
  gint64 uid;
  gint64 gid;

  assert_only_missing (observation, missing, G_N_ELEMENTS (missing));
  g_assert_cmpint (observation->moment, ==, PERRY_MOMENT_RUNNING);
  g_assert_true (observation->settled);
  g_assert_false (observation->seccomp_pending);
  assert_hardened_privileges (observation, 2);
  g_assert_cmpint (observation->seccomp_filters, ==, 1);
  g_assert_cmpuint (observation->mounts->len, ==, 29);
  g_assert_false (perry_observed_mount_is_read_only (tmp));
  g_assert_cmpstr (tmp->fs_type, ==, "tmpfs");
  g_assert_cmpstr (perry_observed_mount_get_option (tmp, "size"), ==, "65536k");
  g_assert_nonnull (perry_observed_mount_get_option (tmp, "nosuid"));
  g_assert_null (perry_observed_mount_get_option (tmp, "noexec"));
  assert_limits (observation, 67108864, 67108864, 64, 50000);
  g_assert_cmpint (observation->cpu_period_us, ==, 100000);
  g_assert_cmpstrv (observation->interfaces, interfaces);
  g_assert_null (observation->default_route);
  g_assert_cmpstrv (observation->cmdline, cmdline);
  g_assert_cmpstr (observation->cwd, ==, "/tmp");
  g_assert_cmpstr (observation->exe, ==, "/bin/busybox");
  g_assert_cmpstr (observation->hostname, ==, "979e39e0056b");
  g_assert_true (perry_observation_lookup_user (observation, "nobody", &uid, &gid));
  g_assert_cmpint (uid, ==, 65534);
  g_assert_cmpint (gid, ==, 65534);
  g_assert_cmpuint (perry_observation_find_rlimit (observation, "nofile")->hard, >, 0);
}

static void
test_v1_docker_namespaces (void)
{
  g_autoptr (PerryObservation) observation =
      observe_fixture ("v1-docker-running", DOCKER_PID, DOCKER_ID, DOCKER_ENGINE_PID, PERRY_MOMENT_RUNNING);

  for (int kind = 0; kind < PERRY_N_NAMESPACES; kind++)
    {
      gboolean shared = kind == PERRY_NAMESPACE_USER || kind == PERRY_NAMESPACE_CGROUP;

      g_assert_cmpint (perry_observation_compare_namespace (observation, kind), ==,
                       shared ? PERRY_NAMESPACE_SHARED : PERRY_NAMESPACE_OTHER);
    }
}

static void
test_runc_initialised (void)
{
  g_autoptr (PerryObservation) observation = observe_fixture (
      "v1-podman-runc-initialised", 4402, RUNC_ID, PERRY_PROOF_ENGINE_UNKNOWN, PERRY_MOMENT_BEFORE_START);

  g_assert_cmpint (observation->moment, ==, PERRY_MOMENT_BEFORE_START);
  g_assert_true (observation->settled);
  g_assert_false (observation->seccomp_pending);
  assert_hardened_privileges (observation, 2);
  assert_limits (observation, 67108864, 67108864, 64, 50000);
  g_assert_cmpstr (observation->cwd, ==, "/tmp");
}

static void
test_crun_initialised (void)
{
  g_autoptr (PerryObservation) observation = observe_fixture (
      "v1-podman-crun-initialised", 4635, CRUN_ID, PERRY_PROOF_ENGINE_UNKNOWN, PERRY_MOMENT_BEFORE_START);

  g_assert_true (observation->settled);
  g_assert_true (observation->seccomp_pending);
  assert_hardened_privileges (observation, 0);
  assert_limits (observation, 67108864, 67108864, 64, 50000);
}

/* `start` may return before the runtime has executed the workload. */
static void
test_running_asked_too_early (void)
{
  g_autoptr (PerryObservation) observation = observe_fixture (
      "v1-podman-crun-initialised", 4635, CRUN_ID, PERRY_PROOF_ENGINE_UNKNOWN, PERRY_MOMENT_RUNNING);

  g_assert_cmpint (observation->moment, ==, PERRY_MOMENT_BEFORE_EXEC);
  g_assert_true (observation->seccomp_pending);
}

static void
test_user_namespace (void)
{
  g_autoptr (PerryObservation) observation = observe_fixture ("v1-user-namespace", 4874, USERNS_ID,
                                                              PERRY_PROOF_ENGINE_UNKNOWN, PERRY_MOMENT_BEFORE_START);

  assert_hardened_privileges (observation, 2);
  g_assert_cmpint (observation->host_uid[0], ==, 165534);
  g_assert_cmpint (observation->host_gid[3], ==, 165534);
  g_assert_cmpint (perry_observation_compare_namespace (observation, PERRY_NAMESPACE_USER), ==, PERRY_NAMESPACE_OTHER);
}

static void
test_rootless (void)
{
  g_autoptr (PerryObservation) observation =
      observe_fixture ("rootless", 9167, ROOTLESS_ID, PERRY_PROOF_ENGINE_UNKNOWN, PERRY_MOMENT_BEFORE_START);

  assert_hardened_privileges (observation, 2);
  g_assert_cmpint (observation->host_uid[0], ==, 165533);
  g_assert_cmpuint (observation->groups->len, ==, 1);
  g_assert_cmpint (g_array_index (observation->groups, gint64, 0), ==, 10);
  assert_limits (observation, 67108864, 67108864, 64, PERRY_OBSERVED_UNKNOWN);
  g_assert_nonnull (perry_observation_get_missing_reason (observation, PERRY_FACET_CPU));
  g_assert_cmpstr (observation->selinux_label, ==, "unconfined_u:system_r:container_t:s0:c11,c22");
  g_assert_null (observation->apparmor_profile);
  g_assert_cmpuint (perry_observation_find_rlimit (observation, "nofile")->soft, ==, 1024);
}

static void
test_v2_cgroupfs (void)
{
  g_autoptr (PerryObservation) observation =
      observe_fixture ("v2-cgroupfs", 9616, V2_ID, 9579, PERRY_MOMENT_BEFORE_START);

  assert_hardened_privileges (observation, 2);
  assert_limits (observation, 67108864, 67108864 + 33554432, 64, 50000);
  g_assert_cmpint (observation->cpu_period_us, ==, 100000);
}

static void
test_v2_without_controllers (void)
{
  static const PerryFacet missing[] = { PERRY_FACET_APPARMOR, PERRY_FACET_SELINUX, PERRY_FACET_MEMORY,
                                        PERRY_FACET_MEMORY_SWAP, PERRY_FACET_PIDS, PERRY_FACET_CPU };
  g_autoptr (PerryObservation) observation =
      observe_fixture ("v2-cgroupfs-no-controllers", 9616, V2_ID, 9579, PERRY_MOMENT_BEFORE_START);

  assert_only_missing (observation, missing, G_N_ELEMENTS (missing));
  assert_limits (observation, PERRY_OBSERVED_UNKNOWN, PERRY_OBSERVED_UNKNOWN, PERRY_OBSERVED_UNKNOWN,
                 PERRY_OBSERVED_UNKNOWN);
}

/* The limits are those of the container's scope, not of a cgroup that something made below it. */
static void
test_v2_systemd (void)
{
  g_autoptr (PerryObservation) observation =
      observe_fixture ("v2-systemd", DOCKER_PID, DOCKER_ID, DOCKER_ENGINE_PID, PERRY_MOMENT_RUNNING);

  assert_limits (observation, PERRY_OBSERVED_UNLIMITED, PERRY_OBSERVED_UNLIMITED, 64, PERRY_OBSERVED_UNLIMITED);
  g_assert_cmpint (observation->cpu_period_us, ==, 100000);
  g_assert_cmpstr (observation->apparmor_profile, ==, "docker-default");
  g_assert_cmpstr (observation->apparmor_mode, ==, "enforce");
  g_assert_null (observation->selinux_label);
}

/* What a member of the engine's group sees who is neither root nor the container's user. */
static void
test_other_user (void)
{
  static const PerryFacet missing[] = { PERRY_FACET_APPARMOR, PERRY_FACET_SELINUX, PERRY_FACET_NAMESPACES,
                                        PERRY_FACET_CWD, PERRY_FACET_EXE, PERRY_FACET_HOSTNAME, PERRY_FACET_ACCOUNTS };
  g_autoptr (PerryObservation) observation =
      observe_fixture ("other-user", DOCKER_PID, DOCKER_ID, DOCKER_ENGINE_PID, PERRY_MOMENT_RUNNING);
  gint64 uid;
  gint64 gid;

  assert_only_missing (observation, missing, G_N_ELEMENTS (missing));
  assert_hardened_privileges (observation, 2);
  assert_limits (observation, 67108864, 67108864, 64, 50000);
  g_assert_cmpint (perry_observation_compare_namespace (observation, PERRY_NAMESPACE_NET), ==, PERRY_NAMESPACE_UNKNOWN);
  g_assert_false (perry_observation_lookup_user (observation, "nobody", &uid, &gid));
  g_assert_false (perry_observation_lookup_user (observation, "65534", &uid, &gid));
  g_assert_true (perry_observation_lookup_user (observation, "65534:7", &uid, &gid));
  g_assert_cmpint (gid, ==, 7);
}

static void
test_hidepid (void)
{
  g_autoptr (PerryObservation) observation =
      observe_fixture ("hidepid", DOCKER_PID, DOCKER_ID, PERRY_PROOF_ENGINE_UNKNOWN, PERRY_MOMENT_RUNNING);
  g_autoptr (PerryObservation) with_engine =
      observe_fixture ("hidepid", DOCKER_PID, DOCKER_ID, DOCKER_ENGINE_PID, PERRY_MOMENT_RUNNING);

  assert_all_missing (observation, "hidepid");
  assert_all_missing (with_engine, "hidepid");
}

/* In the namespace of the recording, process 2 is somebody else. */
static void
test_foreign_pid_namespace (void)
{
  g_autoptr (PerryObservation) told =
      observe_fixture ("foreign-pid-namespace", 2, DOCKER_ID, 0, PERRY_MOMENT_RUNNING);
  g_autoptr (PerryObservation) not_told =
      observe_fixture ("foreign-pid-namespace", 2, DOCKER_ID, PERRY_PROOF_ENGINE_UNKNOWN, PERRY_MOMENT_RUNNING);
  g_autoptr (PerryObservation) below =
      observe_fixture ("v1-docker-running", DOCKER_PID, DOCKER_ID, DOCKER_PID, PERRY_MOMENT_RUNNING);

  assert_all_missing (told, "the engine runs in another process namespace");
  assert_all_missing (not_told, "is not in a cgroup of this container");
  assert_all_missing (below, "the engine runs in another process namespace");
}

static const PerryProofRequest docker_request = {
  .container_id = DOCKER_ID,
  .engine_pid = PERRY_PROOF_ENGINE_UNKNOWN,
  .moment = PERRY_MOMENT_RUNNING,
};

/* What version 1 writes for no limit depends on the page size. */
static void
test_v1_no_limit (void)
{
  static const char *const texts[] = { "9223372036854771712\n", "9223372036854710272\n", "-1\n" };
  g_autofree char *tree = proof_tree_copy ("v1-docker-running");

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (PerryObservation) observation = NULL;

      proof_tree_write (tree, "cgroup/memory/docker/" DOCKER_ID "/memory.limit_in_bytes", texts[i]);
      observation = proof_tree_observe (tree, DOCKER_PID, &docker_request);
      g_assert_cmpint (observation->memory_max, ==, PERRY_OBSERVED_UNLIMITED);
    }
  proof_tree_remove (tree);
}

/* What was read before and after the number was given away may be of two processes. */
static void
test_reused_number (void)
{
  g_autofree char *tree = proof_tree_copy ("v1-docker-running");
  g_autofree char *proc = g_build_filename (tree, "proc", NULL);
  int proc_fd = open (proc, O_PATH | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (PerryProofProcess) process = perry_proof_process_open (proc_fd, DOCKER_PID, NULL);
  g_autoptr (PerryObservation) same = perry_proof_observe_process (proc_fd, -1, process, &docker_request);
  g_autoptr (PerryObservation) another = NULL;

  g_assert_false (perry_observation_is_empty (same));
  proof_tree_edit (tree, "proc/3714/stat", " 252191 ", " 252192 ");
  another = perry_proof_observe_process (proc_fd, -1, process, &docker_request);
  assert_all_missing (another, "the process number was given to another process");
  close (proc_fd);
  proof_tree_remove (tree);
}

/* Each of these makes the whole process unbelievable. */
static void
test_tampered_identity (void)
{
  static const struct { const char *file; const char *from; const char *to; const char *reason; } cases[] = {
    { "proc/3714/status", "NSpid:\t3714\t1\n", "NSpid:\t3714\t2\n", "not the first one" },
    { "proc/3714/status", "NSpid:\t3714\t1\n", "NSpid:\t3714\n", "not the first one" },
    { "proc/3714/status", "NSpid:\t3714\t1\n", "NSpid:\t3715\t1\n", "does not name process" },
    { "proc/3714/status", "NSpid:\t3714\t1\n", "", "does not name process" },
    { "proc/3714/status", "State:\tS (sleeping)", "State:\tZ (zombie)", "has ended" },
    { "proc/3714/status", "Seccomp:\t2", "Seccomp:\ttwo", "status: line Seccomp" },
    { "proc/3714/stat", ")", "", "no start time" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *tree = proof_tree_copy ("v1-docker-running");
      g_autoptr (PerryObservation) observation = NULL;

      proof_tree_edit (tree, cases[i].file, cases[i].from, cases[i].to);
      observation = proof_tree_observe (tree, DOCKER_PID, &docker_request);
      assert_all_missing (observation, cases[i].reason);
      proof_tree_remove (tree);
    }
}

static void
test_tampered_cgroup (void)
{
  static const struct { const char *text; const char *reason; } cases[] = {
    { "0::/docker/979e39e0056b2d2e800337f25ed55fd2ffc72e2115d9c0f2f6ac488a9e0b9117\n", "not in a cgroup" },
    { "0::/system.slice/docker.service\n", "not in a cgroup" },
    { "0::/docker/979e39e0056b\n", "not in a cgroup" },
    { "0::/machine.slice/libpod-conmon-" DOCKER_ID ".scope\n", "not in a cgroup" },
    { "0::/docker/" DOCKER_ID, "cut off" },
    { "", "empty" },
    { "\377\376\n", "malformed" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *tree = proof_tree_copy ("v1-docker-running");
      g_autoptr (PerryObservation) observation = NULL;

      proof_tree_write (tree, "proc/3714/cgroup", cases[i].text);
      observation = proof_tree_observe (tree, DOCKER_PID, &docker_request);
      assert_all_missing (observation, cases[i].reason);
      proof_tree_remove (tree);
    }
}

/* Garbage in one file costs its facets, and no others. */
static void
test_tampered_facets (void)
{
  static const struct { const char *file; PerryFacet facets[2]; } cases[] = {
    { "proc/3714/mountinfo", { PERRY_FACET_MOUNTS, PERRY_FACET_MOUNTS } },
    { "proc/3714/uid_map", { PERRY_FACET_IDS, PERRY_FACET_GROUPS } },
    { "proc/3714/gid_map", { PERRY_FACET_IDS, PERRY_FACET_GROUPS } },
    { "proc/3714/limits", { PERRY_FACET_RLIMITS, PERRY_FACET_RLIMITS } },
    { "proc/3714/net/dev", { PERRY_FACET_INTERFACES, PERRY_FACET_INTERFACES } },
    { "proc/3714/net/route", { PERRY_FACET_ROUTES, PERRY_FACET_ROUTES } },
    { "cgroup/pids/docker/" DOCKER_ID "/pids.max", { PERRY_FACET_PIDS, PERRY_FACET_PIDS } },
    { "cgroup/cpu/docker/" DOCKER_ID "/cpu.cfs_quota_us", { PERRY_FACET_CPU, PERRY_FACET_CPU } },
    { "cgroup/memory/docker/" DOCKER_ID "/memory.limit_in_bytes", { PERRY_FACET_MEMORY, PERRY_FACET_MEMORY } },
    { "cgroup/memory/docker/" DOCKER_ID "/memory.memsw.limit_in_bytes",
      { PERRY_FACET_MEMORY_SWAP, PERRY_FACET_MEMORY_SWAP } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *tree = proof_tree_copy ("v1-docker-running");
      const PerryFacet missing[] = { PERRY_FACET_APPARMOR, PERRY_FACET_SELINUX, cases[i].facets[0],
                                     cases[i].facets[1] };
      g_autoptr (PerryObservation) garbage = NULL;
      g_autoptr (PerryObservation) absent = NULL;

      proof_tree_write (tree, cases[i].file, "\001\377 garbage\n");
      garbage = proof_tree_observe (tree, DOCKER_PID, &docker_request);
      assert_only_missing (garbage, missing, G_N_ELEMENTS (missing));
      proof_tree_unlink (tree, cases[i].file);
      absent = proof_tree_observe (tree, DOCKER_PID, &docker_request);
      assert_only_missing (absent, missing, G_N_ELEMENTS (missing));
      proof_tree_remove (tree);
    }
}

static void
test_giant_mountinfo (void)
{
  g_autofree char *tree = proof_tree_copy ("v1-docker-running");
  g_autofree char *giant = g_strnfill (PERRY_PROOF_MAX_MOUNTINFO + 1, '\n');
  g_autoptr (PerryObservation) observation = NULL;

  proof_tree_write (tree, "proc/3714/mountinfo", giant);
  observation = proof_tree_observe (tree, DOCKER_PID, &docker_request);
  g_assert_nonnull (strstr (perry_observation_get_missing_reason (observation, PERRY_FACET_MOUNTS), "larger than"));
  g_assert_null (perry_observation_find_mount (observation, "/"));
  g_assert_null (perry_observation_get_missing_reason (observation, PERRY_FACET_CAPS));
  proof_tree_remove (tree);
}

/* The last line of each file is what a short read would lose first. */
static void
test_truncated_files (void)
{
  static const struct { const char *file; PerryFacet facet; } cases[] = {
    { "proc/3714/mountinfo", PERRY_FACET_MOUNTS },
    { "proc/3714/limits", PERRY_FACET_RLIMITS },
    { "proc/3714/net/dev", PERRY_FACET_INTERFACES },
    { "proc/3714/uid_map", PERRY_FACET_IDS },
    { "proc/3714/status", PERRY_FACET_CAPS },
    { "cgroup/memory/docker/" DOCKER_ID "/memory.limit_in_bytes", PERRY_FACET_MEMORY },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *tree = proof_tree_copy ("v1-docker-running");
      g_autofree char *text = proof_tree_read (tree, cases[i].file);
      g_autoptr (PerryObservation) observation = NULL;

      text[strlen (text) - 2] = '\0';
      proof_tree_write (tree, cases[i].file, text);
      observation = proof_tree_observe (tree, DOCKER_PID, &docker_request);
      g_assert_nonnull (strstr (perry_observation_get_missing_reason (observation, cases[i].facet), "cut off"));
      proof_tree_remove (tree);
    }
}

static void
test_cgroup_outside_of_namespace (void)
{
  g_autofree char *tree = proof_tree_copy ("v2-cgroupfs");
  const PerryProofRequest request = { .container_id = V2_ID, .engine_pid = -1, .moment = PERRY_MOMENT_BEFORE_START };
  g_autoptr (PerryObservation) observation = NULL;

  proof_tree_write (tree, "proc/9616/cgroup", "0::/../../libpod_parent/libpod-" V2_ID "\n");
  observation = proof_tree_observe (tree, 9616, &request);
  g_assert_null (perry_observation_get_missing_reason (observation, PERRY_FACET_CAPS));
  g_assert_nonnull (strstr (perry_observation_get_missing_reason (observation, PERRY_FACET_PIDS), "outside"));
  proof_tree_remove (tree);
}

static void
test_shared_pid_namespace (void)
{
  g_autofree char *tree = proof_tree_copy ("v1-docker-running");
  PerryProofRequest request = docker_request;
  g_autoptr (PerryObservation) observation = NULL;

  request.shares_pid_namespace = TRUE;
  proof_tree_edit (tree, "proc/3714/status", "NSpid:\t3714\t1\n", "NSpid:\t3714\n");
  observation = proof_tree_observe (tree, DOCKER_PID, &request);
  assert_hardened_privileges (observation, 2);
  proof_tree_remove (tree);
}

/* Not yet waiting for the start: what is seen may still change. */
static void
test_unsettled (void)
{
  g_autofree char *tree = proof_tree_copy ("v1-podman-runc-initialised");
  PerryProofRequest request = { .container_id = RUNC_ID, .engine_pid = -1, .moment = PERRY_MOMENT_BEFORE_EXEC };
  g_autoptr (PerryObservation) waiting = proof_tree_observe (tree, 4402, &request);
  g_autoptr (PerryObservation) preparing = NULL;
  g_autoptr (PerryObservation) after_init = NULL;

  g_assert_true (waiting->settled);
  proof_tree_write (tree, "proc/4402/wchan", "unix_stream_read_generic");
  proof_tree_write (tree, "proc/4402/syscall", "0 0x3 0xc000172a00 0x200 0x0 0x0 0x0 0xc00019f320 0x40828e\n");
  preparing = proof_tree_observe (tree, 4402, &request);
  g_assert_false (preparing->settled);
  g_assert_cmpint (preparing->moment, ==, PERRY_MOMENT_BEFORE_EXEC);

  /* After `init` has returned two equal looks will do. */
  request.moment = PERRY_MOMENT_BEFORE_START;
  after_init = proof_tree_observe (tree, 4402, &request);
  g_assert_true (after_init->settled);
  proof_tree_remove (tree);
}

static void
test_accounts_stay_in_the_root (void)
{
  g_autofree char *tree = proof_tree_copy ("v1-docker-running");
  g_autofree char *passwd = g_build_filename (tree, "proc/3714/root/etc/passwd", NULL);
  g_autofree char *group = g_build_filename (tree, "proc/3714/root/etc/group", NULL);
  g_autofree char *giant = g_strnfill (PERRY_PROOF_MAX_ACCOUNTS + 1, 'x');
  g_autoptr (PerryObservation) absolute = NULL;
  g_autoptr (PerryObservation) fifo = NULL;
  g_autoptr (PerryObservation) large = NULL;
  g_autoptr (PerryObservation) none = NULL;

  /* `/etc/real` and `../../../..` mean the container's, and the host's /etc/passwd is never reached. */
  proof_tree_write (tree, "proc/3714/root/etc/real", "inside:x:7:8::/:/bin/sh\n");
  g_unlink (passwd);
  g_assert_cmpint (symlink ("/../../../../etc/real", passwd), ==, 0);
  absolute = proof_tree_observe (tree, DOCKER_PID, &docker_request);
  g_assert_cmpstr (absolute->passwd, ==, "inside:x:7:8::/:/bin/sh\n");

  g_unlink (passwd);
  g_assert_cmpint (mkfifo (passwd, 0600), ==, 0);
  fifo = proof_tree_observe (tree, DOCKER_PID, &docker_request);
  g_assert_nonnull (strstr (perry_observation_get_missing_reason (fifo, PERRY_FACET_ACCOUNTS), "not a regular file"));

  g_unlink (passwd);
  proof_tree_write (tree, "proc/3714/root/etc/passwd", giant);
  large = proof_tree_observe (tree, DOCKER_PID, &docker_request);
  g_assert_nonnull (strstr (perry_observation_get_missing_reason (large, PERRY_FACET_ACCOUNTS), "larger than"));

  g_unlink (passwd);
  g_unlink (group);
  none = proof_tree_observe (tree, DOCKER_PID, &docker_request);
  g_assert_null (perry_observation_get_missing_reason (none, PERRY_FACET_ACCOUNTS));
  g_assert_cmpstr (none->passwd, ==, "");
  proof_tree_remove (tree);
}

static void
test_skips_accounts (void)
{
  g_autofree char *tree = g_test_build_filename (G_TEST_DIST, "fixtures", "proc", "v1-docker-running", NULL);
  PerryProofRequest request = docker_request;
  g_autoptr (PerryObservation) observation = NULL;

  request.skip_accounts = TRUE;
  observation = proof_tree_observe (tree, DOCKER_PID, &request);
  g_assert_cmpstr (perry_observation_get_missing_reason (observation, PERRY_FACET_ACCOUNTS), ==, "not read");
  g_assert_null (observation->passwd);
}

static void
test_bad_requests (void)
{
  static const char *const ids[] = { NULL, "", "979e39e0056b", DOCKER_ID "/",
                                     "../../../../../../../../../../../../etc" };

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      const PerryProofRequest request = { .container_id = ids[i] };
      g_autoptr (GError) error = NULL;

      g_assert_null (perry_proof_observe (-1, -1, 1, &request, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
    }
  for (gint pid = -1; pid <= 0; pid++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (perry_proof_observe (-1, -1, pid, &docker_request, &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_lookup_user (void)
{
  g_autoptr (PerryObservation) observation = perry_observation_new (PERRY_MOMENT_RUNNING, 1);
  static const struct { const char *user; gint64 uid; gint64 gid; } good[] = {
    { "nobody", 65534, 65533 }, { "65534", 65534, 65533 }, { "1234", 1234, 0 },      { "nobody:wheel", 65534, 10 },
    { "0:77", 0, 77 },          { "1000", 5, 6 },          { "1234:wheel", 1234, 10 },
  };
  static const char *const bad[] = { "", ":", "missing", "nobody:missing", "nobody:",
                                     "a:b:c", "-1", "4294967295", "broken" };

  observation->passwd = g_strdup ("broken:x\n1000:x:5:6:::\nnobody:x:65534:65533:::\nreal:x:1000:1000:::\n");
  observation->group = g_strdup ("wheel:x:10:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      gint64 uid = -5;
      gint64 gid = -5;

      g_assert_true (perry_observation_lookup_user (observation, good[i].user, &uid, &gid));
      g_assert_cmpint (uid, ==, good[i].uid);
      g_assert_cmpint (gid, ==, good[i].gid);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (perry_observation_lookup_user (observation, bad[i], NULL, NULL));
}

static void
test_names (void)
{
  g_assert_cmpstr (perry_moment_to_string (PERRY_MOMENT_BEFORE_EXEC), ==, "before-exec");
  g_assert_cmpstr (perry_moment_to_string (PERRY_MOMENT_BEFORE_START), ==, "before-start");
  g_assert_cmpstr (perry_moment_to_string (PERRY_MOMENT_RUNNING), ==, "running");
  g_assert_cmpstr (perry_moment_to_string (PERRY_MOMENT_AT_EXEC), ==, "at-exec");
  g_assert_cmpstr (perry_moment_to_string (99), ==, "unknown");
  for (int facet = 0; facet < PERRY_N_FACETS; facet++)
    g_assert_cmpstr (perry_facet_to_string (facet), !=, "unknown");
  for (int kind = 0; kind < PERRY_N_NAMESPACES; kind++)
    g_assert_cmpstr (perry_namespace_kind_to_string (kind), !=, "unknown");
}

/* A mount point that was mounted over shows the upper one. */
static void
test_covered_mount (void)
{
  g_autofree char *tree = proof_tree_copy ("v1-docker-running");
  g_autofree char *text = proof_tree_read (tree, "proc/3714/mountinfo");
  g_autofree char *longer = g_strconcat (text, "999 1 0:99 / / rw - tmpfs over rw\n", NULL);
  g_autoptr (PerryObservation) observation = NULL;

  proof_tree_write (tree, "proc/3714/mountinfo", longer);
  observation = proof_tree_observe (tree, DOCKER_PID, &docker_request);
  g_assert_cmpstr (perry_observation_find_mount (observation, "/")->source, ==, "over");
  g_assert_false (perry_observed_mount_is_read_only (perry_observation_find_mount (observation, "/")));
  proof_tree_remove (tree);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proof-observe/trees/cgroup-v1-docker", test_v1_docker);
  g_test_add_func ("/proof-observe/trees/cgroup-v1-no-limit", test_v1_no_limit);
  g_test_add_func ("/proof-observe/trees/cgroup-v1-docker-namespaces", test_v1_docker_namespaces);
  g_test_add_func ("/proof-observe/trees/cgroup-v1-podman-runc", test_runc_initialised);
  g_test_add_func ("/proof-observe/trees/cgroup-v1-podman-crun", test_crun_initialised);
  g_test_add_func ("/proof-observe/trees/running-asked-too-early", test_running_asked_too_early);
  g_test_add_func ("/proof-observe/trees/user-namespace", test_user_namespace);
  g_test_add_func ("/proof-observe/trees/rootless", test_rootless);
  g_test_add_func ("/proof-observe/trees/cgroup-v2-cgroupfs", test_v2_cgroupfs);
  g_test_add_func ("/proof-observe/trees/cgroup-v2-without-controllers", test_v2_without_controllers);
  g_test_add_func ("/proof-observe/trees/cgroup-v2-systemd", test_v2_systemd);
  g_test_add_func ("/proof-observe/trees/other-user", test_other_user);
  g_test_add_func ("/proof-observe/trees/hidepid", test_hidepid);
  g_test_add_func ("/proof-observe/trees/foreign-pid-namespace", test_foreign_pid_namespace);
  g_test_add_func ("/proof-observe/tampered/identity", test_tampered_identity);
  g_test_add_func ("/proof-observe/tampered/reused-number", test_reused_number);
  g_test_add_func ("/proof-observe/tampered/cgroup", test_tampered_cgroup);
  g_test_add_func ("/proof-observe/tampered/one-facet-costs-no-other", test_tampered_facets);
  g_test_add_func ("/proof-observe/tampered/giant-mountinfo", test_giant_mountinfo);
  g_test_add_func ("/proof-observe/tampered/truncated-files", test_truncated_files);
  g_test_add_func ("/proof-observe/tampered/covered-mount", test_covered_mount);
  g_test_add_func ("/proof-observe/cgroup-outside-of-our-namespace", test_cgroup_outside_of_namespace);
  g_test_add_func ("/proof-observe/shared-pid-namespace", test_shared_pid_namespace);
  g_test_add_func ("/proof-observe/unsettled", test_unsettled);
  g_test_add_func ("/proof-observe/accounts/stay-in-the-root", test_accounts_stay_in_the_root);
  g_test_add_func ("/proof-observe/accounts/can-be-skipped", test_skips_accounts);
  g_test_add_func ("/proof-observe/accounts/look-up-a-user", test_lookup_user);
  g_test_add_func ("/proof-observe/bad-requests", test_bad_requests);
  g_test_add_func ("/proof-observe/names", test_names);
  return g_test_run ();
}
