/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/perry-proof-oom.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/proof/perry-proof-file.h"

#define KEY "oom_kill "
#define MAX_BYTES 4096
/* Version 1 wakes us before it kills: then the count is read again, for as long as a kill can take. */
#define AFTER_EVENT_MS 300

struct _PerryProofOom {
  int file; /* read again and again: the kernel makes up its contents each time */
  int event; /* version 1: an eventfd; version 2: -1, the file itself is polled */
  int stop;
  guint64 before;
  gint killed; /* atomic */
  GThread *thread;
};

gboolean
perry_proof_oom_parse (const char *text, guint64 *ret_kills)
{
  for (const char *line = text; line != NULL; line = strchr (line, '\n'))
    {
      const char *end;
      g_autofree char *number = NULL;

      line += *line == '\n' ? 1 : 0;
      if (!g_str_has_prefix (line, KEY))
        continue;
      end = strchr (line, '\n');
      number = end != NULL ? g_strndup (line, (gsize) (end - line)) : g_strdup (line);
      return g_ascii_string_to_unsigned (number + strlen (KEY), 10, 0, G_MAXUINT64, ret_kills, NULL);
    }
  return FALSE;
}

static gboolean
read_kills (int fd, guint64 *ret_kills)
{
  char text[MAX_BYTES];
  ssize_t n = pread (fd, text, sizeof text - 1, 0);

  if (n <= 0)
    return FALSE;
  text[n] = '\0';
  return perry_proof_oom_parse (text, ret_kills);
}

/* Returns FALSE when there is nothing more to find out: it is known, or the cgroup is gone. */
static gboolean
look (PerryProofOom *oom)
{
  guint64 kills;

  if (!read_kills (oom->file, &kills))
    return FALSE;
  if (kills > oom->before)
    g_atomic_int_set (&oom->killed, TRUE);
  return kills <= oom->before;
}

static gboolean
look_after_event (PerryProofOom *oom)
{
  guint64 n;

  if (oom->event >= 0 && read (oom->event, &n, sizeof n) < 0 && errno != EAGAIN)
    return FALSE;
  for (int ms = 0; ms < AFTER_EVENT_MS; ms++)
    {
      if (!look (oom))
        return FALSE;
      g_usleep (1000);
    }
  return TRUE;
}

static gpointer
listen_thread (gpointer data)
{
  PerryProofOom *oom = data;
  struct pollfd fds[2] = { { .fd = oom->stop, .events = POLLIN }, { .fd = oom->event, .events = POLLIN } };

  if (oom->event < 0)
    fds[1] = (struct pollfd){ .fd = oom->file, .events = POLLPRI };
  while (TRUE)
    {
      if (poll (fds, G_N_ELEMENTS (fds), -1) < 0 && errno != EINTR)
        return NULL;
      if (fds[0].revents != 0)
        return NULL;
      if (fds[1].revents != 0 && !look_after_event (oom))
        return NULL;
    }
}

/* Where the kernel does not let us listen, the last look has to do. */
static int
register_event (int directory, int file)
{
  g_autofree char *line = NULL;
  int control = openat (directory, "cgroup.event_control", O_WRONLY | O_CLOEXEC);
  int event;

  if (control < 0)
    return -1;
  event = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  line = g_strdup_printf ("%d %d", event, file);
  if (event >= 0 && write (control, line, strlen (line)) < 0)
    {
      close (event);
      event = -1;
    }
  close (control);
  return event;
}

static PerryProofOom *
open_directory (int cgroup_root_fd, const char *path)
{
  static const char *const names[] = { "memory.events", "memory.oom_control" };
  PerryProofOom *oom = NULL;
  int directory = perry_proof_open_directory_beneath (cgroup_root_fd, path, NULL);

  for (gsize i = 0; directory >= 0 && oom == NULL && i < G_N_ELEMENTS (names); i++)
    {
      int file = openat (directory, names[i], O_RDONLY | O_CLOEXEC);
      guint64 before = 0;

      if (file < 0)
        continue;
      if (!read_kills (file, &before))
        {
          close (file);
          continue;
        }
      oom = g_new0 (PerryProofOom, 1);
      oom->file = file;
      oom->before = before;
      oom->event = i == 0 ? -1 : register_event (directory, file);
    }
  if (directory >= 0)
    close (directory);
  return oom;
}

PerryProofOom *
perry_proof_oom_start (int cgroup_root_fd, const char *const *cgroup_directories)
{
  PerryProofOom *oom = NULL;

  for (; *cgroup_directories != NULL && oom == NULL; cgroup_directories++)
    oom = open_directory (cgroup_root_fd, *cgroup_directories);
  if (oom == NULL)
    return NULL;
  oom->stop = eventfd (0, EFD_CLOEXEC);
  if (oom->stop >= 0)
    oom->thread = g_thread_try_new ("perry-oom", listen_thread, oom, NULL);
  return oom;
}

gboolean
perry_proof_oom_stop (PerryProofOom *oom)
{
  guint64 one = 1;
  gboolean killed;

  if (oom == NULL)
    return FALSE;
  look (oom);
  if (oom->thread != NULL && write (oom->stop, &one, sizeof one) == sizeof one)
    g_thread_join (oom->thread);
  killed = g_atomic_int_get (&oom->killed);
  close (oom->file);
  if (oom->event >= 0)
    close (oom->event);
  if (oom->stop >= 0)
    close (oom->stop);
  g_free (oom);
  return killed;
}
