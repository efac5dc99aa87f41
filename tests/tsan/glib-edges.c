/* SPDX-License-Identifier: Apache-2.0 */
/* What ThreadSanitizer cannot see of a GLib that was built without it: its mutexes, conditions, queues and reference
 * counts are futexes and atomic instructions in a library that is not instrumented. This library stands before GLib (with
 * LD_PRELOAD), lets it do the work, and tells the sanitizer which thread has thereby handed over to which. It hides no
 * race: it adds the orderings that these functions document, and no other.
 *
 * In a program without the sanitizer the two functions are missing, and all that is here only passes on. */
#include <dlfcn.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdarg.h>

extern void __tsan_acquire (void *address) __attribute__ ((weak));
extern void __tsan_release (void *address) __attribute__ ((weak));

static inline void
hand_over (gconstpointer object)
{
  if (__tsan_release != NULL && object != NULL)
    __tsan_release ((gpointer) object);
}

static inline void
take_over (gconstpointer object)
{
  if (__tsan_acquire != NULL && object != NULL)
    __tsan_acquire ((gpointer) object);
}

/* GLib's own function of that name. */
static gpointer
find_next (const char *name)
{
  gpointer function = dlsym (RTLD_NEXT, name);

  if (function == NULL)
    __builtin_trap ();
  return function;
}

#define EXPORT __attribute__ ((visibility ("default")))

/* Looked up once for each wrapper. */
#define REAL(name) \
  static __typeof__ (&(name)) real; \
  if (G_UNLIKELY (__atomic_load_n (&real, __ATOMIC_RELAXED) == NULL)) \
    __atomic_store_n (&real, (__typeof__ (real)) find_next (#name), __ATOMIC_RELAXED)

/* The sanitizer does not know this way to a descriptor: a number that is given away anew would still be its last owner's. So
 * the way is by a function that it does know. */
EXPORT int
openat64 (int directory, const char *path, int flags, ...)
{
  g_autofree char *through = NULL;
  mode_t mode = 0;
  va_list list;

  if ((flags & (O_CREAT | O_TMPFILE)) != 0)
    {
      va_start (list, flags);
      mode = va_arg (list, mode_t);
      va_end (list);
    }
  if (directory == AT_FDCWD || *path == '/')
    return open64 (path, flags, mode);
  through = g_strdup_printf ("/proc/self/fd/%d/%s", directory, path);
  return open64 (through, flags, mode);
}

EXPORT void
g_mutex_lock (GMutex *mutex)
{
  REAL (g_mutex_lock);

  real (mutex);
  take_over (mutex);
}

EXPORT gboolean
g_mutex_trylock (GMutex *mutex)
{
  gboolean locked;
  REAL (g_mutex_trylock);

  locked = real (mutex);
  if (locked)
    take_over (mutex);
  return locked;
}

EXPORT void
g_mutex_unlock (GMutex *mutex)
{
  REAL (g_mutex_unlock);

  hand_over (mutex);
  real (mutex);
}

/* A condition orders nothing by itself: its mutex does, which is given up and taken again. */
EXPORT void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  REAL (g_cond_wait);

  hand_over (mutex);
  real (cond, mutex);
  take_over (mutex);
}

EXPORT gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;
  REAL (g_cond_wait_until);

  hand_over (mutex);
  signalled = real (cond, mutex, end_time);
  take_over (mutex);
  return signalled;
}

/* The inline part of g_once_init_enter() is in our own code, where the sanitizer sees its atomic load. */
EXPORT gboolean
(g_once_init_enter) (volatile void *location)
{
  gboolean first;
  REAL (g_once_init_enter);

  first = real (location);
  if (!first)
    take_over ((gconstpointer) location);
  return first;
}

EXPORT void
(g_once_init_leave) (volatile void *location, gsize result)
{
  REAL (g_once_init_leave);

  hand_over ((gconstpointer) location);
  real (location, result);
}

/* The thread that drops the last reference comes after all that others did with theirs. */
#define UNREF(name, Type) \
  EXPORT void \
  name (Type object) \
  { \
    REAL (name); \
    hand_over (object); \
    take_over (object); \
    real (object); \
  }

UNREF (g_object_unref, gpointer)
UNREF (g_bytes_unref, GBytes *)
UNREF (g_byte_array_unref, GByteArray *)
UNREF (g_array_unref, GArray *)
UNREF (g_ptr_array_unref, GPtrArray *)
UNREF (g_hash_table_unref, GHashTable *)
UNREF (g_variant_unref, GVariant *)
UNREF (g_main_context_unref, GMainContext *)
UNREF (g_regex_unref, GRegex *)

EXPORT gboolean
(g_atomic_ref_count_dec) (gatomicrefcount *count)
{
  gboolean last;
  REAL (g_atomic_ref_count_dec);

  hand_over (count);
  last = real (count);
  if (last)
    take_over (count);
  return last;
}

/* A cancellation comes before what is done because of it, and whoever connects comes before the handler. */
EXPORT void
g_cancellable_cancel (GCancellable *cancellable)
{
  REAL (g_cancellable_cancel);

  hand_over (cancellable);
  take_over (cancellable);
  real (cancellable);
  hand_over (cancellable);
}

EXPORT gboolean
g_cancellable_is_cancelled (GCancellable *cancellable)
{
  gboolean cancelled;
  REAL (g_cancellable_is_cancelled);

  cancelled = real (cancellable);
  if (cancelled)
    take_over (cancellable);
  return cancelled;
}

EXPORT gboolean
g_cancellable_set_error_if_cancelled (GCancellable *cancellable, GError **error)
{
  gboolean cancelled;
  REAL (g_cancellable_set_error_if_cancelled);

  cancelled = real (cancellable, error);
  if (cancelled)
    take_over (cancellable);
  return cancelled;
}

EXPORT gulong
g_cancellable_connect (GCancellable *cancellable, GCallback callback, gpointer data, GDestroyNotify destroy)
{
  REAL (g_cancellable_connect);

  hand_over (cancellable);
  return real (cancellable, callback, data, destroy);
}

/* Returns only when no handler runs any more. */
EXPORT void
g_cancellable_disconnect (GCancellable *cancellable, gulong handler)
{
  REAL (g_cancellable_disconnect);

  real (cancellable, handler);
  take_over (cancellable);
}

EXPORT void
g_task_return_pointer (GTask *task, gpointer result, GDestroyNotify destroy)
{
  REAL (g_task_return_pointer);

  hand_over (task);
  real (task, result, destroy);
}

EXPORT void
g_task_return_boolean (GTask *task, gboolean result)
{
  REAL (g_task_return_boolean);

  hand_over (task);
  real (task, result);
}

EXPORT void
g_task_return_error (GTask *task, GError *error)
{
  REAL (g_task_return_error);

  hand_over (task);
  real (task, error);
}

EXPORT gpointer
g_task_propagate_pointer (GTask *task, GError **error)
{
  REAL (g_task_propagate_pointer);

  take_over (task);
  return real (task, error);
}

EXPORT gboolean
g_task_propagate_boolean (GTask *task, GError **error)
{
  REAL (g_task_propagate_boolean);

  take_over (task);
  return real (task, error);
}

/* A function that GLib calls, and the object by which it was handed to GLib. */
typedef struct {
  gpointer object;
  union {
    GFunc pool;
    GSourceFunc source;
  } function;
  gpointer data;
  GDestroyNotify destroy;
} Handed;

static void
run_in_pool (gpointer item, gpointer user_data)
{
  Handed *handed = user_data;

  take_over (item);
  handed->function.pool (item, handed->data);
  hand_over (handed);
}

/* Each item is handed over by itself. The record of a pool stays: pools are few. */
EXPORT GThreadPool *
g_thread_pool_new (GFunc function, gpointer user_data, gint max_threads, gboolean exclusive, GError **error)
{
  Handed *handed = g_new0 (Handed, 1);
  REAL (g_thread_pool_new);

  handed->function.pool = function;
  handed->data = user_data;
  hand_over (handed);
  return real (run_in_pool, handed, max_threads, exclusive, error);
}

EXPORT gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  REAL (g_thread_pool_push);

  hand_over (data);
  return real (pool, data, error);
}

EXPORT void
g_thread_pool_free (GThreadPool *pool, gboolean immediate, gboolean wait)
{
  Handed *handed = pool->user_data;
  REAL (g_thread_pool_free);

  real (pool, immediate, wait);
  if (wait)
    take_over (handed);
}

static gboolean
run_in_loop (gpointer user_data)
{
  Handed *handed = user_data;

  take_over (handed->object);
  return handed->function.source (handed->data);
}

static void
handed_free (gpointer user_data)
{
  Handed *handed = user_data;

  take_over (handed->object);
  if (handed->destroy != NULL)
    handed->destroy (handed->data);
  g_free (handed);
}

/* Only what our own programs pass to other threads: the sources of GLib's own have callbacks of other types. */
static gboolean
is_plain (GSource *source)
{
  return source->source_funcs == &g_idle_funcs || source->source_funcs == &g_timeout_funcs;
}

EXPORT void
g_source_set_callback (GSource *source, GSourceFunc function, gpointer data, GDestroyNotify destroy)
{
  Handed *handed;
  REAL (g_source_set_callback);

  if (!is_plain (source))
    {
      real (source, function, data, destroy);
      return;
    }
  handed = g_new0 (Handed, 1);
  handed->object = source;
  handed->function.source = function;
  handed->data = data;
  handed->destroy = destroy;
  real (source, run_in_loop, handed, handed_free);
}

EXPORT guint
g_source_attach (GSource *source, GMainContext *context)
{
  REAL (g_source_attach);

  hand_over (source);
  return real (source, context);
}
