/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/socket.h>
#include <unistd.h>

/* That ThreadSanitizer finds a race in spite of what it is told about GLib, and that it finds none where GLib orders the
 * accesses. Each kind of order has a program that keeps to it and one that differs in one place. */

typedef struct _Shared Shared;

typedef struct {
  Shared *shared;
  int value;
} Owner;

struct _Shared {
  GMutex mutex;
  GCond cond;
  gboolean late; /* the planted race */
  gboolean ready;
  gboolean done;
  GTask *task;
  GCancellable *cancellable;
  GMainLoop *loop;
  gatomicrefcount references;
  int pipe[2];
  int number;
  Owner owners[2];
  int value;
};

static gpointer
add_under_lock (gpointer data)
{
  Shared *shared = data;

  if (!shared->late)
    g_mutex_lock (&shared->mutex);
  shared->value++;
  if (!shared->late)
    g_mutex_unlock (&shared->mutex);
  return NULL;
}

static void
use_mutex (Shared *shared)
{
  GThread *thread = g_thread_new ("one", add_under_lock, shared);

  add_under_lock (shared);
  g_thread_join (thread);
}

static gpointer
signal_ready (gpointer data)
{
  Shared *shared = data;

  shared->value = 1;
  g_mutex_lock (&shared->mutex);
  shared->ready = TRUE;
  g_cond_signal (&shared->cond);
  g_mutex_unlock (&shared->mutex);
  if (shared->late)
    shared->value = 2;
  return NULL;
}

static void
use_condition (Shared *shared)
{
  GThread *thread = g_thread_new ("one", signal_ready, shared);

  g_mutex_lock (&shared->mutex);
  while (!shared->ready)
    g_cond_wait (&shared->cond, &shared->mutex);
  g_mutex_unlock (&shared->mutex);
  shared->value++;
  g_thread_join (thread);
}

static void
work (gpointer item, gpointer data)
{
  ((Shared *) item)->value++;
}

static void
use_pool (Shared *shared)
{
  GThreadPool *pool = g_thread_pool_new (work, NULL, 2, FALSE, NULL);

  shared->value = 1;
  g_thread_pool_push (pool, shared, NULL);
  if (shared->late)
    shared->value++;
  g_thread_pool_free (pool, FALSE, TRUE);
  shared->value++;
}

static gpointer
return_task (gpointer data)
{
  Shared *shared = data;

  shared->value = 1;
  g_task_return_boolean (shared->task, TRUE);
  if (shared->late)
    shared->value = 2;
  return NULL;
}

static void
on_returned (GObject *source, GAsyncResult *result, gpointer data)
{
  Shared *shared = data;

  g_assert_true (g_task_propagate_boolean (G_TASK (result), NULL));
  shared->value++;
  shared->done = TRUE;
}

static void
use_task (Shared *shared)
{
  GThread *thread;

  shared->task = g_task_new (NULL, NULL, on_returned, shared);
  thread = g_thread_new ("one", return_task, shared);
  while (!shared->done)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_object_unref (shared->task);
}

static gboolean
on_idle (gpointer data)
{
  ((Shared *) data)->value++;
  g_main_loop_quit (((Shared *) data)->loop);
  return G_SOURCE_REMOVE;
}

static gpointer
attach_source (gpointer data)
{
  Shared *shared = data;
  GSource *source = g_idle_source_new ();

  g_source_set_callback (source, on_idle, shared, NULL);
  shared->value = 1;
  g_source_attach (source, NULL);
  if (shared->late)
    shared->value = 2;
  g_source_unref (source);
  return NULL;
}

static void
use_source (Shared *shared)
{
  GThread *thread;

  shared->loop = g_main_loop_new (NULL, FALSE);
  thread = g_thread_new ("one", attach_source, shared);
  g_main_loop_run (shared->loop);
  g_thread_join (thread);
  g_main_loop_unref (shared->loop);
}

static gpointer
cancel (gpointer data)
{
  Shared *shared = data;

  shared->value = 1;
  g_cancellable_cancel (shared->cancellable);
  if (shared->late)
    shared->value = 2;
  return NULL;
}

static void
use_cancellable (Shared *shared)
{
  GThread *thread;

  shared->cancellable = g_cancellable_new ();
  thread = g_thread_new ("one", cancel, shared);
  while (!g_cancellable_is_cancelled (shared->cancellable))
    g_thread_yield ();
  shared->value++;
  g_thread_join (thread);
  g_object_unref (shared->cancellable);
}

/* Each thread writes what is its own; the one that drops the last reference may write all of it. */
static gpointer
drop (gpointer data)
{
  Owner *owner = data;
  Shared *shared = owner->shared;

  owner->value = 1;
  if (g_atomic_ref_count_dec (&shared->references))
    shared->owners[0].value = shared->owners[1].value = 2;
  if (shared->late)
    owner->value = 3;
  return NULL;
}

static void
use_reference_count (Shared *shared)
{
  GThread *threads[2];

  g_atomic_ref_count_init (&shared->references);
  g_atomic_ref_count_inc (&shared->references);
  for (int i = 0; i < 2; i++)
    shared->owners[i].shared = shared;
  for (int i = 0; i < 2; i++)
    threads[i] = g_thread_new ("one", drop, &shared->owners[i]);
  for (int i = 0; i < 2; i++)
    g_thread_join (threads[i]);
}

/* The pipe brings them one after the other, and is no order. A number that was closed and given away again has nothing to do
 * with what it was before. */
static gpointer
close_number (gpointer data)
{
  Shared *shared = data;
  char byte;
  int fd;

  g_assert_cmpint (read (shared->pipe[0], &byte, 1), ==, 1);
  fd = shared->late ? shared->number : openat (AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (fd, ==, shared->number);
  close (fd);
  return NULL;
}

static void
use_number (Shared *shared)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, 0, NULL);
  GThread *thread;
  char byte;

  g_assert_cmpint (pipe (shared->pipe), ==, 0);
  shared->number = g_socket_get_fd (socket);
  thread = g_thread_new ("closes", close_number, shared);
  g_assert_cmpint (recv (shared->number, &byte, 1, MSG_DONTWAIT), ==, -1);
  if (!shared->late)
    g_assert_true (g_socket_close (socket, NULL));
  g_assert_cmpint (write (shared->pipe[1], "x", 1), ==, 1);
  g_thread_join (thread);
}

typedef struct {
  const char *name;
  void (*use) (Shared *shared);
} Order;

static const Order orders[] = {
  { "mutex", use_mutex },
  { "condition", use_condition },
  { "pool", use_pool },
  { "task", use_task },
  { "source", use_source },
  { "cancellable", use_cancellable },
  { "reference-count", use_reference_count },
  { "descriptor", use_number },
};

static void
run (const Order *order, gboolean late)
{
  Shared shared = { .late = late };

  g_mutex_init (&shared.mutex);
  g_cond_init (&shared.cond);
  order->use (&shared);
  g_cond_clear (&shared.cond);
  g_mutex_clear (&shared.mutex);
}

static void
test_kept (gconstpointer data)
{
  if (g_test_subprocess ())
    {
      run (data, FALSE);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
test_broken (gconstpointer data)
{
  if (g_test_subprocess ())
    {
      run (data, TRUE);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*ThreadSanitizer: data race*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autofree char *kept = g_strdup_printf ("/planted-races/%s/kept", orders[i].name);
      g_autofree char *broken = g_strdup_printf ("/planted-races/%s/broken", orders[i].name);

      g_test_add_data_func (kept, &orders[i], test_kept);
      g_test_add_data_func (broken, &orders[i], test_broken);
    }
  return g_test_run ();
}
