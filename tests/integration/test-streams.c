/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/perry-live-engine.h"

#define TOTAL (G_GUINT64_CONSTANT (256) * 1024 * 1024)
#define PIECE (64 * 1024)
#define MAX_RSS_KIB (20 * 1024)

static PerryLiveEngine *live;

typedef struct {
  int fd;
  char *checksum;
} Feed;

/* bytes that do not repeat, from a fixed seed */
static gpointer
feed_thread (gpointer data)
{
  Feed *feed = data;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint32 *piece = g_malloc (PIECE);
  guint32 state = 2463534242u;

  for (guint64 sent = 0; sent < TOTAL; sent += PIECE)
    {
      gsize done = 0;

      for (gsize i = 0; i < PIECE / sizeof *piece; i++)
        {
          state ^= state << 13;
          state ^= state >> 17;
          state ^= state << 5;
          piece[i] = state;
        }
      g_checksum_update (checksum, (const guchar *) piece, PIECE);
      while (done < PIECE)
        {
          gssize n = write (feed->fd, (char *) piece + done, PIECE - done);

          g_assert_cmpint (n, >, 0);
          done += (gsize) n;
        }
    }
  close (feed->fd);
  feed->checksum = g_strdup (g_checksum_get_string (checksum));
  return NULL;
}

static GPid
spawn_cat (int *ret_in, int *ret_out)
{
  static const char *const arguments[] = { "run",        "--rm", "-i",      "--network", "none",
                                           "--cap-drop", "ALL",  "busybox", "cat",       NULL };
  g_auto (GStrv) argv = perry_live_engine_command (live, arguments);
  g_autoptr (GError) error = NULL;
  GPid pid;

  g_assert_true (g_spawn_async_with_pipes (NULL, argv, live->environment, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                           &pid, ret_in, ret_out, NULL, &error));
  g_assert_no_error (error);
  return pid;
}

static void
test_round_trip (void)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guchar *buffer = g_malloc (PIECE);
  struct rusage usage;
  guint64 received = 0;
  int in, out, status;
  GPid pid = spawn_cat (&in, &out);
  Feed feed = { in, NULL };
  GThread *thread = g_thread_new ("feed", feed_thread, &feed);

  for (gssize n; (n = read (out, buffer, PIECE)) > 0; received += (guint64) n)
    g_checksum_update (checksum, buffer, n);
  g_thread_join (thread);
  g_assert_cmpint (wait4 (pid, &status, 0, &usage), ==, pid);
  close (out);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_cmpuint (received, ==, TOTAL);
  g_assert_cmpstr (g_checksum_get_string (checksum), ==, feed.checksum);
  g_test_message ("peak RSS %ld KiB", usage.ru_maxrss);
  g_assert_cmpint (usage.ru_maxrss, <, MAX_RSS_KIB);
  g_free (feed.checksum);
}

static void
test_both_channels (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  result = perry_live_engine_perryctl (live, NULL, "run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2", NULL);
  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "out\n");
  g_assert_cmpstr (perry_live_stderr (result), ==, "err\n");
}

/* without -i the container has no input, however much is offered */
static void
test_no_input (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  result = perry_live_engine_perryctl (live, "offered\n", "run", "--rm", "busybox", "cat", NULL);
  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "");
}

/* the end of our input is the end of the container's, while its output goes on */
static void
test_half_close (void)
{
  g_autoptr (PerryProcessResult) result = NULL;

  result = perry_live_engine_perryctl (live, "a\nb\n", "run", "--rm", "-i", "busybox", "sh", "-c",
                                       "wc -l; sleep 0.2; echo after", NULL);
  perry_live_assert_status (result, 0);
  g_assert_cmpstr (perry_live_stdout (result), ==, "2\nafter\n");
}

/* a container that ends without reading its input */
static void
test_unread_input (void)
{
  g_autofree char *input = g_strnfill (4 * 1024 * 1024, 'x');
  g_autoptr (PerryProcessResult) result = NULL;

  result = perry_live_engine_perryctl (live, input, "run", "--rm", "-i", "busybox", "sh", "-c", "exit 3", NULL);
  perry_live_assert_status (result, 3);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*test) (void); } tests[] = {
    { "256-mb-round-trip", test_round_trip }, { "both-channels", test_both_channels },
    { "no-input-without-i", test_no_input },  { "half-close", test_half_close },
    { "unread-input", test_unread_input },
  };
  g_autofree char *reason = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (argc == 2 || argc == 3);
  live = perry_live_engine_start (argv[1], argc == 3 ? argv[2] : "runc", NULL, &reason);
  if (live == NULL)
    {
      g_print ("1..0 # SKIP %s\n", reason);
      return 0;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/streams/%s/%s", argv[1], tests[i].name);

      g_test_add_func (path, tests[i].test);
    }
  status = g_test_run ();
  perry_live_engine_stop (live);
  return status;
}
