/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/escape-host.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MAX_SYSCTL 4096
#define CLOCK_STEPS_S 4

/* What the kernel counts, or adapts by itself. */
static const char *const moving[] = { "fs/aio-nr", "fs/dentry-state", "fs/file-nr", "fs/inode-nr", "fs/inode-state",
                                      "fs/quota", "kernel/ns_last_pid", "kernel/perf_event_max_sample_rate",
                                      "kernel/perf_cpu_time_max_percent", "kernel/pty/nr", "kernel/random",
                                      "net/netfilter/nf_conntrack_count", "vm/stat_refresh", NULL };

/* Names that the attempts use in /tmp, /dev/shm and the root. */
static const char *const names[] = { "device", "filler", "link", "moved", "given", "program", "perry-escape", "perry-moved",
                                     "perry-tmp", NULL };

static void
add (GHashTable *state, const char *kind, const char *name, char *value)
{
  g_hash_table_insert (state, g_strconcat (kind, " ", name, NULL), value);
}

static void
add_sysctls (GHashTable *state, const char *folder)
{
  g_autofree char *path = g_build_filename ("/proc/sys", folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *name = *folder != '\0' ? g_strconcat (folder, "/", entry, NULL) : g_strdup (entry);
      g_autofree char *file = g_build_filename ("/proc/sys", name, NULL);
      g_autofree char *text = g_malloc0 (MAX_SYSCTL + 1);
      int fd;

      if (g_strv_contains (moving, name))
        continue;
      if (g_file_test (file, G_FILE_TEST_IS_DIR))
        {
          add_sysctls (state, name);
          continue;
        }
      fd = open (file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
      if (fd >= 0 && read (fd, text, MAX_SYSCTL) >= 0)
        add (state, "sysctl", name, g_steal_pointer (&text));
      if (fd >= 0)
        close (fd);
    }
}

static void
add_file (GHashTable *state, const char *path)
{
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  add (state, "file", path, text != NULL ? text : g_strdup ("none"));
}

/* The third column on: a mount that was made anew has another id. An engine of the host's own mounts its storage when it is
 * asked something, and takes it away when it ends. */
#define STORAGE_OF_HOST " /var/lib/containers/storage"

static void
add_mounts (GHashTable *state, const char *who, const char *pid)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "mountinfo", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; **line != '\0'; line++)
    {
      g_auto (GStrv) words = g_strsplit (*line, " ", 3);
      g_autofree char *name = g_strconcat (who, " ", words[2], NULL);

      if (strstr (name, STORAGE_OF_HOST) == NULL)
        add (state, "mount of", name, g_strdup ("there"));
    }
}

static void
add_folder (GHashTable *state, const char *kind, const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    add (state, kind, name, g_strdup ("there"));
}

static void
add_left_files (GHashTable *state)
{
  static const char *const folders[] = { "/", "/tmp", "/dev", "/dev/shm", "/etc", "/var/tmp" };

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    for (gsize j = 0; names[j] != NULL; j++)
      {
        g_autofree char *path = g_build_filename (folders[i], names[j], NULL);
        struct stat found;

        if (lstat (path, &found) == 0)
          add (state, "path", path, g_strdup ("there"));
      }
}

static void
add_kernel (GHashTable *state)
{
  g_autofree char *keys = NULL;
  g_autofree char *clock = NULL;
  struct timezone zone = { 0 };
  struct utsname name;
  struct timeval now;

  uname (&name);
  add (state, "uname", "", g_strjoin (" ", name.nodename, name.domainname, name.release, NULL));
  gettimeofday (&now, &zone);
  add (state, "time", "zone", g_strdup_printf ("%d %d", zone.tz_minuteswest, zone.tz_dsttime));
  if (g_file_get_contents ("/proc/keys", &keys, NULL, NULL))
    add (state, "key", "perry-escape", g_strdup (strstr (keys, "perry-escape") != NULL ? "there" : "none"));
  clock = g_strdup_printf ("%" G_GINT64_FORMAT, g_get_real_time () - g_get_monotonic_time ());
  add (state, "time", "begin of the clock", g_steal_pointer (&clock));
}

GHashTable *
escape_host_look (PerryLiveEngine *live)
{
  GHashTable *state = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *path = g_build_filename (live->directory, "engine.pid", NULL);
  g_autofree char *pid = NULL;

  g_assert_true (g_file_get_contents (path, &pid, NULL, NULL));
  add_sysctls (state, "");
  add_mounts (state, "the host", "self");
  add_mounts (state, "the engine", g_strstrip (pid));
  add_folder (state, "link", "/sys/class/net");
  add_folder (state, "block device", "/sys/block");
  add_file (state, "/proc/modules");
  add_file (state, "/proc/swaps");
  add_file (state, "/sys/kernel/mm/transparent_hugepage/enabled");
  add_kernel (state);
  add_left_files (state);
  return state;
}

static gboolean
is_same (const char *what, const char *before, const char *now)
{
  if (g_str_equal (what, "time begin of the clock") && before != NULL && now != NULL)
    return ABS (g_ascii_strtoll (now, NULL, 10) - g_ascii_strtoll (before, NULL, 10)) < CLOCK_STEPS_S * G_USEC_PER_SEC;
  return g_strcmp0 (before, now) == 0;
}

static guint
print_differences (GHashTable *before, GHashTable *now, gboolean additions)
{
  GHashTableIter iter;
  gpointer what, text;
  guint different = 0;

  g_hash_table_iter_init (&iter, additions ? now : before);
  while (g_hash_table_iter_next (&iter, &what, &text))
    {
      const char *other = g_hash_table_lookup (additions ? before : now, what);

      if ((additions && other != NULL) || is_same (what, text, other))
        continue;
      g_test_message ("%s: %s: %s", additions ? "new on the host" : "changed on the host", (char *) what, other);
      different++;
    }
  return different;
}

void
escape_host_assert_same (GHashTable *before, GHashTable *now)
{
  guint different = print_differences (before, now, FALSE) + print_differences (before, now, TRUE);

  g_assert_cmpuint (g_hash_table_size (now), >, 500);
  g_assert_cmpuint (different, ==, 0);
}

static char *
read_of_process (const char *pid, const char *name, gsize *length)
{
  g_autofree char *path = g_build_filename ("/proc", pid, name, NULL);
  char *text = NULL;

  return g_file_get_contents (path, &text, length, NULL) ? text : NULL;
}

int
escape_host_find_process (PerryLiveEngine *live, const char *name)
{
  g_autofree char *path = g_build_filename (live->directory, "engine.net", NULL);
  g_autofree char *network = NULL;
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *pid;

  g_assert_true (g_file_get_contents (path, &network, NULL, NULL));
  g_strstrip (network);
  while ((pid = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *comm = g_ascii_isdigit (*pid) ? read_of_process (pid, "comm", NULL) : NULL;
      g_autofree char *link = g_build_filename ("/proc", pid, "ns", "net", NULL);
      g_autofree char *found = NULL;

      if (comm == NULL || !g_str_equal (g_strstrip (comm), name))
        continue;
      found = g_file_read_link (link, NULL);
      if (g_strcmp0 (found, network) == 0)
        return (int) g_ascii_strtoll (pid, NULL, 10);
    }
  return 0;
}

gboolean
escape_host_has_argument (const char *argument)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *pid;

  while ((pid = g_dir_read_name (dir)) != NULL)
    {
      gsize length = 0;
      g_autofree char *words = g_ascii_isdigit (*pid) ? read_of_process (pid, "cmdline", &length) : NULL;

      for (gsize i = 0; words != NULL && i < length; i += strlen (words + i) + 1)
        if (g_str_equal (words + i, argument))
          return TRUE;
    }
  return FALSE;
}
