/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-namespace.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_THREADS 10000

typedef struct {
  int fd;
  dev_t device;
  ino_t inode;
  guint n_threads;
} Namespace;

static void
clear_namespace (gpointer data)
{
  Namespace *namespace = data;

  if (namespace->fd >= 0)
    close (namespace->fd);
}

/* Takes @fd over. */
static void
count_thread (GArray *namespaces, int fd)
{
  struct stat status;
  Namespace found = { .fd = fd, .n_threads = 1 };

  if (fstat (fd, &status) != 0)
    {
      close (fd);
      return;
    }
  for (guint i = 0; i < namespaces->len; i++)
    {
      Namespace *known = &g_array_index (namespaces, Namespace, i);

      if (known->inode != status.st_ino || known->device != status.st_dev)
        continue;
      known->n_threads++;
      close (fd);
      return;
    }
  found.device = status.st_dev;
  found.inode = status.st_ino;
  g_array_append_val (namespaces, found);
}

static void
count_threads (GArray *namespaces, gint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/task", pid);
  g_autoptr (GDir) threads = g_dir_open (path, 0, NULL);
  const char *thread;

  for (guint i = 0; threads != NULL && i < MAX_THREADS && (thread = g_dir_read_name (threads)) != NULL; i++)
    {
      g_autofree char *network = g_build_filename (path, thread, "ns", "net", NULL);
      int fd = open (network, O_RDONLY | O_CLOEXEC);

      if (fd >= 0)
        count_thread (namespaces, fd);
    }
}

int
perry_engine_network_open (gint64 pid)
{
  g_autoptr (GArray) namespaces = g_array_new (FALSE, FALSE, sizeof (Namespace));
  Namespace *most = NULL;

  g_array_set_clear_func (namespaces, clear_namespace);
  count_threads (namespaces, pid);
  /* The first thread comes first, and is believed least. */
  for (guint i = 0; i < namespaces->len; i++)
    {
      Namespace *namespace = &g_array_index (namespaces, Namespace, i);

      if (most == NULL || namespace->n_threads >= most->n_threads)
        most = namespace;
    }
  return most != NULL ? g_steal_fd (&most->fd) : -1;
}

gboolean
perry_engine_network_is_ours (int network)
{
  struct stat theirs, ours;

  return fstat (network, &theirs) == 0 && stat ("/proc/thread-self/ns/net", &ours) == 0 && theirs.st_ino == ours.st_ino
         && theirs.st_dev == ours.st_dev;
}
