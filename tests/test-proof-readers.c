/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-process.h"
#include "core/proof/perry-proof-readers.h"

#include <string.h>
#include <sys/syscall.h>

#include "plugin-api/perry-error.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char good_status[] = "Name:\trunc:[2:INIT]\n"
                                  "State:\tS (sleeping)\n"
                                  "Uid:\t0\t1\t2\t3\n"
                                  "Gid:\t4\t5\t6\t7\n"
                                  "Groups:\t10 4294967294 \n"
                                  "NSpid:\t77\t5\t1\n"
                                  "CapInh:\t0000000000000001\n"
                                  "CapPrm:\t0000000000000002\n"
                                  "CapEff:\t0000000000000003\n"
                                  "CapBnd:\t000001ffffffffff\n"
                                  "CapAmb:\t0000000000000005\n"
                                  "NoNewPrivs:\t1\n"
                                  "Seccomp:\t2\n"
                                  "Seccomp_filters:\t3\n";

static void
test_status (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PerryProofStatus) status = perry_proof_status_parse (good_status, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (status->name, ==, "runc:[2:INIT]");
  g_assert_cmpint (status->state, ==, 'S');
  g_assert_true (status->have_ids && status->have_groups && status->have_caps);
  for (int i = 0; i < 4; i++)
    {
      g_assert_cmpint (status->uid[i], ==, i);
      g_assert_cmpint (status->gid[i], ==, 4 + i);
    }
  g_assert_cmpuint (status->groups->len, ==, 2);
  g_assert_cmpint (g_array_index (status->groups, gint64, 1), ==, 4294967294);
  g_assert_cmpuint (status->n_ns_pids, ==, 3);
  g_assert_cmpint (status->first_ns_pid, ==, 77);
  g_assert_cmpint (status->last_ns_pid, ==, 1);
  g_assert_cmphex (status->caps[0], ==, 1);
  g_assert_cmphex (status->caps[1], ==, 2);
  g_assert_cmphex (status->caps[2], ==, 3);
  g_assert_cmphex (status->caps[3], ==, 0x1ffffffffff);
  g_assert_cmphex (status->caps[4], ==, 5);
  g_assert_cmpint (status->no_new_privs, ==, 1);
  g_assert_cmpint (status->seccomp_mode, ==, 2);
  g_assert_cmpint (status->seccomp_filters, ==, 3);
}

/* Each cut must be an error or lack what it lost; none may show another value. */
static void
test_status_cut_anywhere (void)
{
  for (gsize length = 0; length + 1 < strlen (good_status); length++)
    {
      g_autofree char *text = g_strndup (good_status, length);
      g_autoptr (PerryProofStatus) status = perry_proof_status_parse (text, NULL);

      if (status == NULL)
        continue;
      g_assert_cmpint (text[length - 1], ==, '\n');
      g_assert_true (!status->have_caps || status->caps[3] == 0x1ffffffffff);
      g_assert_true (status->no_new_privs == 1 || status->no_new_privs == PERRY_OBSERVED_UNKNOWN);
      g_assert_true (status->seccomp_mode == 2 || status->seccomp_mode == PERRY_OBSERVED_UNKNOWN);
      g_assert_cmpint (status->seccomp_filters, ==, PERRY_OBSERVED_UNKNOWN);
    }
}

static void
test_status_malformed (void)
{
  static const char *const lines[] = {
    "", "garbage\n", "Uid:\t0\t0\t0\n", "Uid:\t0\t0\t0\t0\t0\n", "Uid:\t-1\t0\t0\t0\n", "Gid:\t0\t0\t0\t4294967296\n",
    "Groups:\t1 x\n", "NSpid:\t\n", "NSpid:\t1 two\n", "CapBnd:\t00zz\n", "CapBnd:\t11111111111111111\n", "CapBnd:\t\n",
    "NoNewPrivs:\t2\n", "Seccomp:\t3\n", "Seccomp:\t-1\n", "Seccomp:\t2\nSeccomp:\t0\n", "State:\t\n",
    "Name:\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (perry_proof_status_parse (lines[i], &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_FAILED);
    }
}

static void
test_status_group_limit (void)
{
  g_autoptr (GString) text = g_string_new ("Groups:\t");

  for (int i = 0; i < PERRY_PROOF_MAX_GROUPS + 1; i++)
    g_string_append_printf (text, "%d ", i);
  g_string_append_c (text, '\n');
  g_assert_null (perry_proof_status_parse (text->str, NULL));
}

static void
test_start_time (void)
{
  guint64 start = 0;
  static const char text[] = "7 (a) b) (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 9 9\n";

  g_assert_true (perry_proof_parse_start_time (text, &start, NULL));
  g_assert_cmpuint (start, ==, 987654);
  g_assert_false (perry_proof_parse_start_time ("7 (a) S 1 7 7 0 -1\n", &start, NULL));
  g_assert_false (perry_proof_parse_start_time ("", &start, NULL));
  g_assert_false (perry_proof_parse_start_time (")", &start, NULL));
}

static void
test_mountinfo (void)
{
  static const char text[] =
      "36 35 98:0 /mnt1 / ro,relatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n"
      "37 36 0:1 / /a\\040b\\134c\\011d rw,nosuid,nodev - tmpfs  rw,size=64k\n"
      "38 36 0:2 / /a\\999 rw - fuse.x src\\012 rw\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) mounts = perry_proof_parse_mountinfo (text, &error);
  const PerryObservedMount *mount;

  g_assert_no_error (error);
  g_assert_cmpuint (mounts->len, ==, 3);
  mount = g_ptr_array_index (mounts, 0);
  g_assert_cmpstr (mount->mount_point, ==, "/");
  g_assert_true (mount->shared && mount->slave);
  g_assert_cmpstr (mount->root, ==, "/mnt1");
  g_assert_cmpstr (mount->fs_type, ==, "ext3");
  g_assert_cmpstr (mount->source, ==, "/dev/root");
  g_assert_true (perry_observed_mount_is_read_only (mount));
  g_assert_cmpstr (perry_observed_mount_get_option (mount, "errors"), ==, "continue");
  g_assert_null (perry_observed_mount_get_option (mount, "err"));
  mount = g_ptr_array_index (mounts, 1);
  g_assert_cmpstr (mount->mount_point, ==, "/a b\\c\td");
  g_assert_cmpstr (mount->source, ==, "");
  g_assert_false (mount->shared || mount->slave);
  g_assert_false (perry_observed_mount_is_read_only (mount));
  g_assert_cmpstr (perry_observed_mount_get_option (mount, "size"), ==, "64k");
  g_assert_cmpstr (perry_observed_mount_get_option (mount, "nosuid"), ==, "");
  mount = g_ptr_array_index (mounts, 2);
  g_assert_cmpstr (mount->mount_point, ==, "/a\\999");
  g_assert_cmpstr (mount->source, ==, "src\n");
}

static void
test_mountinfo_malformed (void)
{
  static const char *const texts[] = {
    "",
    "\n",
    "36 35 98:0 / / ro,relatime - ext3 /dev/root rw", /* no end */
    "36 35 98:0 / / ro,relatime ext3 /dev/root rw\n",
    "36 35 98:0 / / ro,relatime - ext3 /dev/root\n",
    "36 35 98:0 / relative ro,relatime - ext3 /dev/root rw\n",
    "36 35 98:0 / / ro,relatime - ext3 /dev/root rw extra\n",
    "\001\002\003\377\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (perry_proof_parse_mountinfo (texts[i], &error));
      g_assert_error (error, PERRY_ERROR, PERRY_ERROR_FAILED);
    }
}

static void
test_mountinfo_limit (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) mounts = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < PERRY_PROOF_MAX_MOUNTS; i++)
    g_string_append (text, "1 1 0:1 / /m rw - t s rw\n");
  mounts = perry_proof_parse_mountinfo (text->str, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (mounts->len, ==, PERRY_PROOF_MAX_MOUNTS);
  g_string_append (text, "1 1 0:1 / /m rw - t s rw\n");
  g_assert_null (perry_proof_parse_mountinfo (text->str, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED);
}

static void
test_id_map (void)
{
  g_autoptr (GArray) map = perry_proof_parse_id_map ("         0       1000          1\n"
                                                     "         1     100000      65536\n", NULL);
  g_autoptr (GArray) identity = perry_proof_parse_id_map ("0 0 4294967295\n", NULL);
  g_autoptr (GArray) empty = perry_proof_parse_id_map ("", NULL);

  g_assert_cmpint (perry_proof_id_map_to_inside (map, 1000), ==, 0);
  g_assert_cmpint (perry_proof_id_map_to_inside (map, 100000), ==, 1);
  g_assert_cmpint (perry_proof_id_map_to_inside (map, 165533), ==, 65534);
  g_assert_cmpint (perry_proof_id_map_to_inside (map, 165535), ==, 65536);
  g_assert_cmpint (perry_proof_id_map_to_inside (map, 165536), ==, PERRY_OBSERVED_NOT_MAPPED);
  g_assert_cmpint (perry_proof_id_map_to_inside (map, 0), ==, PERRY_OBSERVED_NOT_MAPPED);
  g_assert_cmpint (perry_proof_id_map_to_inside (identity, 4294967294), ==, 4294967294);
  g_assert_cmpint (perry_proof_id_map_to_inside (identity, 4294967295), ==, PERRY_OBSERVED_NOT_MAPPED);
  g_assert_cmpint (perry_proof_id_map_to_inside (empty, 0), ==, PERRY_OBSERVED_NOT_MAPPED);
}

static void
test_id_map_malformed (void)
{
  static const char *const texts[] = { "0 0\n", "0 0 0\n",          "0 0 1 1\n", "a b c\n",
                                       "0 0 1", "0 0 4294967296\n", "-1 0 1\n" };
  g_autoptr (GString) many = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_null (perry_proof_parse_id_map (texts[i], NULL));
  for (int i = 0; i < PERRY_PROOF_MAX_ID_RANGES + 1; i++)
    g_string_append_printf (many, "%d %d 1\n", i, i);
  g_assert_null (perry_proof_parse_id_map (many->str, NULL));
}

static void
test_cgroups (void)
{
  g_autoptr (GPtrArray) cgroups = perry_proof_parse_cgroups ("12:cpu,cpuacct:/a:b/c\n1:name=systemd:/\n0::/u\n", NULL);
  const PerryProofCgroup *cgroup;

  g_assert_cmpuint (cgroups->len, ==, 3);
  cgroup = g_ptr_array_index (cgroups, 0);
  g_assert_cmpstr (cgroup->controllers[1], ==, "cpuacct");
  g_assert_cmpstr (cgroup->path, ==, "/a:b/c");
  g_assert_false (cgroup->unified);
  cgroup = g_ptr_array_index (cgroups, 2);
  g_assert_true (cgroup->unified);

  g_assert_null (perry_proof_parse_cgroups ("", NULL));
  g_assert_null (perry_proof_parse_cgroups ("0::/u", NULL));
  g_assert_null (perry_proof_parse_cgroups ("0::relative\n", NULL));
  g_assert_null (perry_proof_parse_cgroups ("x:y:/\n", NULL));
  g_assert_null (perry_proof_parse_cgroups ("nothing\n", NULL));
}

static void
test_cgroup_path (void)
{
  static const struct { const char *path; const char *expected; } cases[] = {
    { "/docker/" ID, "/docker/" ID },
    { "/system.slice/docker-" ID ".scope", "/system.slice/docker-" ID ".scope" },
    { "/system.slice/docker-" ID ".scope/init.scope", "/system.slice/docker-" ID ".scope" },
    { "/machine.slice/libpod-" ID ".scope/container", "/machine.slice/libpod-" ID ".scope" },
    { "/../../docker/" ID, "/../../docker/" ID },
    { "/machine.slice/libpod-conmon-" ID ".scope", NULL },
    { "/docker/0" ID, NULL },
    { "/docker/" ID "0", NULL },
    { "/docker/0123456789ab", NULL },
    { "/", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = perry_proof_cgroup_path_of (cases[i].path, ID);

      g_assert_cmpstr (path, ==, cases[i].expected);
    }
}

static void
test_namespace_link (void)
{
  guint64 inode = 0;

  g_assert_true (perry_proof_parse_namespace_link ("net:[4026531840]", "net", &inode));
  g_assert_cmpuint (inode, ==, 4026531840);
  g_assert_false (perry_proof_parse_namespace_link ("net:[4026531840]", "mnt", &inode));
  g_assert_false (perry_proof_parse_namespace_link ("net:[0]", "net", &inode));
  g_assert_false (perry_proof_parse_namespace_link ("net:[]", "net", &inode));
  g_assert_false (perry_proof_parse_namespace_link ("net:[", "net", &inode));
  g_assert_false (perry_proof_parse_namespace_link ("net:]", "net", &inode));
  g_assert_false (perry_proof_parse_namespace_link ("net", "net", &inode));
  g_assert_false (perry_proof_parse_namespace_link ("", "net", &inode));
}

static void
test_rlimits (void)
{
  static const char text[] = "Limit                     Soft Limit           Hard Limit           Units     \n"
                             "Max cpu time              unlimited            unlimited            seconds   \n"
                             "Max open files            1024                 4096                 files     \n"
                             "Max nice priority         0                    0                    \n";
  g_autoptr (GArray) rlimits = perry_proof_parse_rlimits (text, NULL);
  const PerryObservedRlimit *rlimit;

  g_assert_cmpuint (rlimits->len, ==, 3);
  rlimit = &g_array_index (rlimits, PerryObservedRlimit, 0);
  g_assert_cmpstr (rlimit->name, ==, "cpu");
  g_assert_cmpuint (rlimit->soft, ==, G_MAXUINT64);
  rlimit = &g_array_index (rlimits, PerryObservedRlimit, 1);
  g_assert_cmpstr (rlimit->name, ==, "nofile");
  g_assert_cmpuint (rlimit->soft, ==, 1024);
  g_assert_cmpuint (rlimit->hard, ==, 4096);

  g_assert_null (perry_proof_parse_rlimits ("Max open files  12 \n", NULL));
  g_assert_null (perry_proof_parse_rlimits ("Max open files  x y files\n", NULL));
  g_assert_null (perry_proof_parse_rlimits ("Max open files  1 2 files", NULL));
  g_assert_null (perry_proof_parse_rlimits ("something else\n", NULL));
}

static void
test_labels (void)
{
  g_autofree char *profile = NULL;
  g_autofree char *mode = NULL;

  g_assert_true (perry_proof_parse_apparmor ("docker default (enforce)\n", &profile, &mode));
  g_assert_cmpstr (profile, ==, "docker default");
  g_assert_cmpstr (mode, ==, "enforce");
  g_clear_pointer (&profile, g_free);
  g_clear_pointer (&mode, g_free);
  g_assert_true (perry_proof_parse_apparmor ("unconfined\n", &profile, &mode));
  g_assert_cmpstr (profile, ==, "unconfined");
  g_assert_null (mode);
  g_clear_pointer (&profile, g_free);
  g_assert_false (perry_proof_parse_apparmor ("\n", &profile, &mode));
  g_assert_false (perry_proof_parse_apparmor ("\377", &profile, &mode));

  g_assert_true (perry_proof_label_is_selinux ("system_u:system_r:container_t:s0:c1,c2"));
  g_assert_false (perry_proof_label_is_selinux ("unconfined"));
  g_assert_false (perry_proof_label_is_selinux (":ns://profile (enforce)"));
  g_assert_false (perry_proof_label_is_selinux ("a::b"));
}

static void
test_net_dev (void)
{
  static const char head[] = "Inter-|   Receive  |  Transmit\n face |bytes    packets|bytes\n";
  g_autofree char *text = g_strconcat (head, "    lo:    3193      29\n eth0.5:1: 0 0\n", NULL);
  g_autofree char *cut = g_strconcat (head, "    lo:    31", NULL);
  g_autofree char *broken = g_strconcat (head, "garbage\n", NULL);
  g_auto (GStrv) names = perry_proof_parse_net_dev (text, NULL);
  g_auto (GStrv) none = perry_proof_parse_net_dev (head, NULL);
  const char *const expected[] = { "lo", "eth0.5:1", NULL };

  g_assert_cmpstrv (names, expected);
  g_assert_nonnull (none);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_null (perry_proof_parse_net_dev (cut, NULL));
  g_assert_null (perry_proof_parse_net_dev (broken, NULL));
  g_assert_null (perry_proof_parse_net_dev ("", NULL));
}

static void
test_cmdline (void)
{
  static const char bytes[] = "sh\0-c\0\0last";
  const char *const expected[] = { "sh", "-c", "", "last", NULL };
  g_auto (GStrv) arguments = perry_proof_parse_cmdline (bytes, sizeof bytes - 1, NULL);
  g_auto (GStrv) none = perry_proof_parse_cmdline ("", 0, NULL);
  g_autofree char *many = g_malloc0 (PERRY_PROOF_MAX_ARGUMENTS + 1);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstrv (arguments, expected);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_null (perry_proof_parse_cmdline (many, PERRY_PROOF_MAX_ARGUMENTS + 1, &error));
  g_assert_error (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED);
}

static void
test_pids (void)
{
  g_autoptr (GArray) pids = perry_proof_parse_pids ("12\n0\n2147483647\n", NULL);
  g_autoptr (GArray) none = perry_proof_parse_pids ("", NULL);
  g_autoptr (GString) many = g_string_new (NULL);

  g_assert_cmpuint (pids->len, ==, 2);
  g_assert_cmpint (g_array_index (pids, gint, 0), ==, 12);
  g_assert_cmpint (g_array_index (pids, gint, 1), ==, G_MAXINT32);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_null (perry_proof_parse_pids ("12", NULL));
  g_assert_null (perry_proof_parse_pids ("2147483648\n", NULL));
  g_assert_null (perry_proof_parse_pids ("-3\n", NULL));
  g_assert_null (perry_proof_parse_pids ("pid\n", NULL));
  for (int i = 0; i < PERRY_PROOF_MAX_PIDS + 1; i++)
    g_string_append (many, "1\n");
  g_assert_null (perry_proof_parse_pids (many->str, NULL));
}

static void
test_program (void)
{
  const char *const runc[] = { "/usr/bin/runc", "init", NULL };
  const char *const crun[] = { "/usr/bin/crun", "--root", "/r", "create", "x", NULL };
  const char *const sleep[] = { "sleep", "600", NULL };
  const char *const init[] = { "init", NULL };

  g_assert_cmpint (perry_proof_identify_program ("runc:[2:INIT]", runc), ==, PERRY_PROOF_PROGRAM_RUNC);
  g_assert_cmpint (perry_proof_identify_program ("runc:[1:CHILD]", runc), ==, PERRY_PROOF_PROGRAM_OTHER);
  g_assert_cmpint (perry_proof_identify_program ("runc:[2:INIT]", sleep), ==, PERRY_PROOF_PROGRAM_OTHER);
  g_assert_cmpint (perry_proof_identify_program ("runc:[2:INIT]", init), ==, PERRY_PROOF_PROGRAM_OTHER);
  g_assert_cmpint (perry_proof_identify_program ("runc:[2:INIT]", NULL), ==, PERRY_PROOF_PROGRAM_OTHER);
  g_assert_cmpint (perry_proof_identify_program ("crun", crun), ==, PERRY_PROOF_PROGRAM_CRUN);
  g_assert_cmpint (perry_proof_identify_program ("crun", sleep), ==, PERRY_PROOF_PROGRAM_OTHER);
  g_assert_cmpint (perry_proof_identify_program ("sleep", sleep), ==, PERRY_PROOF_PROGRAM_OTHER);
}

static void
test_wait (void)
{
  const PerryProofProgram runc = PERRY_PROOF_PROGRAM_RUNC;
  const PerryProofProgram crun = PERRY_PROOF_PROGRAM_CRUN;
  g_autofree char *opens =
      g_strdup_printf ("%d 0xffffffffffffff9c 0xc0001ec510 0x80001 0x0 0x0 0x0 0xc0 0x4", SYS_openat);
  g_autofree char *opens_to_read =
      g_strdup_printf ("%d 0xffffff9c 0xc0001ec510 0x80000 0x0 0x0 0x0 0xc0 0x4", SYS_openat);
  g_autofree char *selects = g_strdup_printf ("%d 0x5 0x7fff337d49f0 0x0 0x0 0x0 0x0 0x7fff337d4910 0x7", SYS_pselect6);
  const char *reads = "0 0x3 0xc000172c00 0x200 0x0 0x0 0x0 0xc00019f560 0x40828e";

  g_assert_cmpint (perry_proof_judge_wait (runc, "wait_for_partner", NULL), ==, PERRY_PROOF_WAIT_FOR_START);
  g_assert_cmpint (perry_proof_judge_wait (runc, "unix_stream_read_generic", NULL), ==, PERRY_PROOF_WAIT_NO);
  g_assert_cmpint (perry_proof_judge_wait (runc, "0", opens), ==, PERRY_PROOF_WAIT_FOR_START);
  g_assert_cmpint (perry_proof_judge_wait (runc, "other_name", opens), ==, PERRY_PROOF_WAIT_FOR_START);
  g_assert_cmpint (perry_proof_judge_wait (runc, "0", opens_to_read), ==, PERRY_PROOF_WAIT_NO);
  g_assert_cmpint (perry_proof_judge_wait (runc, "0", reads), ==, PERRY_PROOF_WAIT_NO);
  g_assert_cmpint (perry_proof_judge_wait (runc, "0", "running\n"), ==, PERRY_PROOF_WAIT_NO);
  g_assert_cmpint (perry_proof_judge_wait (runc, "0", NULL), ==, PERRY_PROOF_WAIT_UNKNOWN);
  g_assert_cmpint (perry_proof_judge_wait (runc, NULL, NULL), ==, PERRY_PROOF_WAIT_UNKNOWN);
  g_assert_cmpint (perry_proof_judge_wait (crun, "poll_schedule_timeout.constprop.0", NULL), ==,
                   PERRY_PROOF_WAIT_FOR_START);
  g_assert_cmpint (perry_proof_judge_wait (crun, "do_select", NULL), ==, PERRY_PROOF_WAIT_FOR_START);
  g_assert_cmpint (perry_proof_judge_wait (crun, "__skb_wait_for_more_packets", NULL), ==, PERRY_PROOF_WAIT_NO);
  g_assert_cmpint (perry_proof_judge_wait (crun, "wait_for_partner", NULL), ==, PERRY_PROOF_WAIT_NO);
  g_assert_cmpint (perry_proof_judge_wait (crun, "0", selects), ==, PERRY_PROOF_WAIT_FOR_START);
  g_assert_cmpint (perry_proof_judge_wait (PERRY_PROOF_PROGRAM_OTHER, "wait_for_partner", opens), ==,
                   PERRY_PROOF_WAIT_UNKNOWN);
}

/* Returns how many parsers found sense in @text. */
static int
feed_every_parser (const char *text, gsize length)
{
  g_autoptr (PerryProofStatus) status = perry_proof_status_parse (text, NULL);
  g_autoptr (GPtrArray) mounts = perry_proof_parse_mountinfo (text, NULL);
  g_autoptr (GArray) id_map = perry_proof_parse_id_map (text, NULL);
  g_autoptr (GPtrArray) cgroups = perry_proof_parse_cgroups (text, NULL);
  g_autofree char *path = perry_proof_cgroup_path_of (text, ID);
  g_autoptr (GArray) rlimits = perry_proof_parse_rlimits (text, NULL);
  g_auto (GStrv) interfaces = perry_proof_parse_net_dev (text, NULL);
  g_auto (GStrv) arguments = perry_proof_parse_cmdline (text, length, NULL);
  g_autoptr (GArray) pids = perry_proof_parse_pids (text, NULL);
  g_autofree char *profile = NULL;
  g_autofree char *mode = NULL;
  guint64 number;

  perry_proof_parse_apparmor (text, &profile, &mode);
  perry_proof_label_is_selinux (text);
  perry_proof_parse_start_time (text, &number, NULL);
  perry_proof_parse_namespace_link (text, "net", &number);
  perry_proof_judge_wait (PERRY_PROOF_PROGRAM_RUNC, text, text);
  return (status != NULL) + (mounts != NULL) + (id_map != NULL) + (cgroups != NULL) + (path != NULL) +
         (rlimits != NULL) + (interfaces != NULL) + (arguments != NULL) + (pids != NULL);
}

/* Bytes of a fixed generator: no parser may crash or read past the end; the sanitizers watch. */
static void
test_noise (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4711);
  static const char alphabet[] = "0123456789 \t\n:[](),-/\\abcdefxyz|";

  for (int round = 0; round < 20000; round++)
    {
      gsize length = (gsize) g_rand_int_range (rand, 0, 128);
      g_autofree char *text = g_malloc (length + 1);

      for (gsize i = 0; i < length; i++)
        text[i] = round % 2 == 0 ? alphabet[g_rand_int_range (rand, 0, sizeof alphabet - 1)]
                                 : (char) g_rand_int_range (rand, 1, 256);
      text[length] = '\0';
      /* A command line is any bytes, so one parser always does. */
      g_assert_cmpint (feed_every_parser (text, length), >=, 1);
    }
}

/* Under the sanitizers: no groups means no data. */
static void
test_same_privileges (void)
{
  g_autoptr (PerryProofStatus) none = perry_proof_status_parse ("Groups:\t\n", NULL);
  g_autoptr (PerryProofStatus) one = perry_proof_status_parse ("Groups:\t1\n", NULL);
  g_autoptr (PerryProofStatus) other = perry_proof_status_parse ("Groups:\t2\n", NULL);

  g_assert_true (perry_proof_status_same_privileges (none, none));
  g_assert_true (perry_proof_status_same_privileges (one, one));
  g_assert_false (perry_proof_status_same_privileges (none, one));
  g_assert_false (perry_proof_status_same_privileges (one, other));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proof-readers/status/same-privileges", test_same_privileges);
  g_test_add_func ("/proof-readers/status/reads-every-line", test_status);
  g_test_add_func ("/proof-readers/status/cut-anywhere-shows-no-other-value", test_status_cut_anywhere);
  g_test_add_func ("/proof-readers/status/refuses-malformed-lines", test_status_malformed);
  g_test_add_func ("/proof-readers/status/limits-groups", test_status_group_limit);
  g_test_add_func ("/proof-readers/stat/start-time", test_start_time);
  g_test_add_func ("/proof-readers/mountinfo/reads-escapes-and-options", test_mountinfo);
  g_test_add_func ("/proof-readers/mountinfo/refuses-malformed-lines", test_mountinfo_malformed);
  g_test_add_func ("/proof-readers/mountinfo/limits-lines", test_mountinfo_limit);
  g_test_add_func ("/proof-readers/id-map/translates", test_id_map);
  g_test_add_func ("/proof-readers/id-map/refuses-malformed-lines", test_id_map_malformed);
  g_test_add_func ("/proof-readers/cgroup/reads-v1-and-v2", test_cgroups);
  g_test_add_func ("/proof-readers/cgroup/finds-the-container's-own", test_cgroup_path);
  g_test_add_func ("/proof-readers/namespace/reads-the-inode", test_namespace_link);
  g_test_add_func ("/proof-readers/rlimits/reads-the-table", test_rlimits);
  g_test_add_func ("/proof-readers/labels/apparmor-and-selinux", test_labels);
  g_test_add_func ("/proof-readers/net-dev/names-the-interfaces", test_net_dev);
  g_test_add_func ("/proof-readers/cmdline/keeps-empty-arguments", test_cmdline);
  g_test_add_func ("/proof-readers/pids/skips-foreign-ones", test_pids);
  g_test_add_func ("/proof-readers/program/knows-runtimes", test_program);
  g_test_add_func ("/proof-readers/wait/knows-the-runtimes'-waits", test_wait);
  g_test_add_func ("/proof-readers/noise", test_noise);
  return g_test_run ();
}
