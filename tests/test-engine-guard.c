/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-guard.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "plugins/http-client/perry-engine-namespace.h"
#include "plugins/http-client/perry-engine-process.h"

#define JUMP "INPUT -i perryi+ -j PERRY-INTERNAL\n"
#define OTHER "-A INPUT -p tcp -j ACCEPT\n"

/* The chain INPUT of the table mangle, and what is done so that our jump is its first rule and there once. */
static const struct {
  const char *listing;
  const char *rules; /* NULL where nothing is to do */
} jump_cases[] = {
  { "-P INPUT ACCEPT\n", "*mangle\n-I " JUMP "COMMIT\n" },
  { "-P INPUT ACCEPT\n" OTHER, "*mangle\n-I " JUMP "COMMIT\n" },
  { "-P INPUT ACCEPT\n-A " JUMP, NULL },
  { "-P INPUT ACCEPT\n-A " JUMP OTHER, NULL },
  { "-P INPUT ACCEPT\n" OTHER "-A " JUMP, "*mangle\n-D " JUMP "-I " JUMP "COMMIT\n" },
  { "-P INPUT ACCEPT\n-A " JUMP OTHER "-A " JUMP, "*mangle\n-D " JUMP "-D " JUMP "-I " JUMP "COMMIT\n" },
  { "-P INPUT ACCEPT\n-A INPUT -i perryi+ -j PERRY-INTERNAL-2\n", "*mangle\n-I " JUMP "COMMIT\n" },
};

static void
test_jump (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (jump_cases); i++)
    {
      g_autofree char *rules = perry_engine_guard_place_jump (jump_cases[i].listing);

      g_assert_cmpstr (rules, ==, jump_cases[i].rules);
    }
}

/* The number in the file counts only while it is a process of that name. */
static void
test_pid_file (void)
{
  g_autofree char *path = NULL;
  g_autofree char *text = g_strdup_printf ("%d\n", getpid ());
  const char *const bad[] = { "", "0", "-1", "1x", "99999999999999999999", "4194303" };
  int fd = g_file_open_tmp ("perry-guard-XXXXXX", &path, NULL);
  PerryEngineProcess process;

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_assert_true (perry_engine_process_read (getpid (), &process));
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (perry_engine_guard_read_pid_file (path, process.name), ==, getpid ());
  g_assert_cmpint (perry_engine_guard_read_pid_file (path, "dockerd"), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_true (g_file_set_contents (path, bad[i], -1, NULL));
      g_assert_cmpint (perry_engine_guard_read_pid_file (path, process.name), ==, 0);
    }
  g_unlink (path);
  g_assert_cmpint (perry_engine_guard_read_pid_file (path, process.name), ==, 0);
}

/* Who is in the way is told: systemd, which made the socket, is not an engine that cannot be seen. */
static void
test_obstacles (void)
{
  struct utsname names;
  PerryEngineGuardPlace place = { .pid = 1, .is_systemd = TRUE, .kernel = names.release };
  g_autofree char *of_systemd = NULL;
  g_autofree char *of_nobody = NULL;

  g_assert_cmpint (uname (&names), ==, 0);
  of_systemd = perry_engine_guard_find_obstacle (&place);
  g_assert_nonnull (strstr (of_systemd, "the socket is systemd's"));
  place.is_systemd = FALSE;
  of_nobody = perry_engine_guard_find_obstacle (&place);
  g_assert_nonnull (strstr (of_nobody, "cannot be seen from here"));
}

/* The matrix has the reason of what stands in the way, and what it costs. */
static void
test_matrix (void)
{
  static const PerryCapabilityRow rows[] = { { "internal-network", PERRY_SUPPORT_NATIVE, NULL },
                                             { NULL, PERRY_SUPPORT_UNSUPPORTED, NULL } };
  g_autoptr (PerryCapabilityMatrix) matrix = perry_capability_matrix_new_from_rows (rows);
  g_autoptr (PerryCapabilityMatrix) other = perry_capability_matrix_new_from_rows (rows);
  struct utsname names;
  PerryEngineGuardPlace place = { .pid = getpid (), .is_engine = TRUE, .kernel = names.release };
  g_autofree char *obstacle = NULL;
  const char *reason;

  g_assert_cmpint (uname (&names), ==, 0);
  obstacle = perry_engine_guard_find_obstacle (&place);
  perry_engine_guard_limit_matrix (&place, "much gets through", matrix);
  g_assert_cmpint (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_INTERNAL_NETWORK), ==,
                   obstacle == NULL ? PERRY_SUPPORT_NATIVE : PERRY_SUPPORT_PARTIAL);
  g_assert_cmpint (perry_capability_matrix_get_origin (matrix, PERRY_CAPABILITY_INTERNAL_NETWORK), ==,
                   PERRY_SUPPORT_ORIGIN_PROBE);
  place.kernel = "1.2.3-another";
  perry_engine_guard_limit_matrix (&place, "much gets through", other);
  g_assert_cmpint (perry_capability_matrix_get_support (other, PERRY_CAPABILITY_INTERNAL_NETWORK), ==,
                   PERRY_SUPPORT_PARTIAL);
  reason = perry_capability_matrix_get_reason (other, PERRY_CAPABILITY_INTERNAL_NETWORK);
  g_assert_true (g_str_has_prefix (reason, "much gets through, and the packet filter against that cannot be set: the engine "
                                           "runs on kernel 1.2.3-another"));
}

static gpointer
wait_for_lock (gpointer data)
{
  g_mutex_lock (data);
  g_mutex_unlock (data);
  return NULL;
}

/* As with Podman 5.8, whose first thread stays in a container's namespace. */
static void
test_first_thread_elsewhere (void)
{
  GMutex lock;
  GThread *others[2];
  struct stat before, found;
  int home = open ("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  int network;

  g_assert_cmpint (home, >=, 0);
  g_assert_cmpint (fstat (home, &before), ==, 0);
  g_mutex_init (&lock);
  g_mutex_lock (&lock);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    others[i] = g_thread_new ("stays", wait_for_lock, &lock);
  if (unshare (CLONE_NEWNET) != 0)
    g_test_skip ("a network namespace needs root");
  else
    {
      network = perry_engine_network_open (getpid ());
      g_assert_cmpint (network, >=, 0);
      g_assert_cmpint (fstat (network, &found), ==, 0);
      g_assert_cmpuint (found.st_ino, ==, before.st_ino);
      g_assert_false (perry_engine_network_is_ours (network));
      g_assert_cmpint (setns (home, CLONE_NEWNET), ==, 0);
      g_assert_true (perry_engine_network_is_ours (network));
      close (network);
    }
  g_mutex_unlock (&lock);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    g_thread_join (others[i]);
  g_mutex_clear (&lock);
  close (home);
  g_assert_cmpint (perry_engine_network_open (G_MAXINT32), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-guard/jump", test_jump);
  g_test_add_func ("/engine-guard/pid-file", test_pid_file);
  g_test_add_func ("/engine-guard/obstacles", test_obstacles);
  g_test_add_func ("/engine-guard/matrix", test_matrix);
  g_test_add_func ("/engine-guard/first-thread-elsewhere", test_first_thread_elsewhere);
  return g_test_run ();
}
