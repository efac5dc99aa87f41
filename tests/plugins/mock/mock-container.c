/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/mock/mock-container.h"

#define MAX_OUTPUT (16 * 1024 * 1024)

struct _MockContainer {
  gatomicrefcount references;
  char *id;
  char *name;
  char *image;
  GHashTable *labels;
  PerryContainerSpec *spec;
  PerryContainerStatus status;
  gint64 exit_code;
  gint64 created_at, started_at, finished_at;
  gboolean auto_remove;
  gboolean removed;
  GByteArray *output;
};

typedef struct {
  MockContainer *container;
  gsize offset;
} Attachment;

static GMutex engine_lock;
static GCond engine_changed;
static GPtrArray *containers; /* lives as long as the process, like an engine */

MockContainer *
mock_container_ref (MockContainer *container)
{
  g_atomic_ref_count_inc (&container->references);
  return container;
}

void
mock_container_unref (MockContainer *container)
{
  if (!g_atomic_ref_count_dec (&container->references))
    return;
  g_free (container->id);
  g_free (container->name);
  g_free (container->image);
  g_hash_table_unref (container->labels);
  perry_container_spec_free (container->spec);
  g_byte_array_unref (container->output);
  g_free (container);
}

static MockContainer *
find_locked (const char *id)
{
  for (guint i = 0; containers != NULL && i < containers->len; i++)
    {
      MockContainer *container = g_ptr_array_index (containers, i);

      if (g_str_equal (container->id, id) || g_str_equal (container->name, id))
        return container;
    }
  return NULL;
}

MockContainer *
mock_container_find (const char *id, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine_lock);
  MockContainer *container = find_locked (id);

  if (container != NULL)
    return mock_container_ref (container);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND, "the mock has no container “%s”", id);
  return NULL;
}

static GHashTable *
copy_labels (GHashTable *labels)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer key, value;

  if (labels == NULL)
    return copy;
  g_hash_table_iter_init (&iter, labels);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy, g_strdup (key), g_strdup (value));
  return copy;
}

static char *
new_id (void)
{
  static guint serial;
  g_autofree char *seed = g_strdup_printf ("mock container %u", serial++);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, seed, -1);
}

char *
mock_container_create (const PerryCreateRequest *request, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine_lock);
  MockContainer *container;

  if (request->name != NULL && find_locked (request->name) != NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_NAME_IN_USE, "the name “%s” is taken", request->name);
      return NULL;
    }
  container = g_new0 (MockContainer, 1);
  g_atomic_ref_count_init (&container->references);
  container->id = new_id ();
  container->name = request->name != NULL ? g_strdup (request->name) : g_strndup (container->id, 12);
  container->image = g_strdup (request->image);
  container->labels = copy_labels (request->labels);
  container->spec = perry_container_spec_copy (request->spec);
  container->status = PERRY_CONTAINER_CREATED;
  container->exit_code = -1;
  container->created_at = g_get_real_time ();
  container->auto_remove = request->auto_remove;
  container->output = g_byte_array_new ();
  if (containers == NULL)
    containers = g_ptr_array_new_with_free_func ((GDestroyNotify) mock_container_unref);
  g_ptr_array_add (containers, container);
  return g_strdup (container->id);
}

static PerryContainerInfo *
describe_locked (const MockContainer *container)
{
  PerryContainerInfo *info = perry_container_info_new ();
  g_autofree const char **command = perry_container_spec_get_strv (container->spec, PERRY_FIELD_CMD);

  info->id = g_strdup (container->id);
  info->name = g_strdup (container->name);
  info->image = g_strdup (container->image);
  info->image_id = g_strdup (container->image);
  info->status = container->status;
  info->exit_code = container->exit_code;
  info->created_at = container->created_at;
  info->started_at = container->started_at;
  info->finished_at = container->finished_at;
  info->command = command != NULL ? g_strjoinv (" ", (char **) command) : NULL;
  g_hash_table_unref (info->labels);
  info->labels = copy_labels (container->labels);
  return info;
}

static gboolean
tell_lie (PerryContainerSpec *reported, const char *lie, GError **error)
{
  const char *equals = strchr (lie, '=');
  g_autofree char *name = g_strndup (lie, equals != NULL ? (gsize) (equals - lie) : strlen (lie));
  PerryField field;

  if (equals == NULL || !perry_field_from_name (name, &field))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "PERRY_MOCK_LIE=%s names no field", lie);
      return FALSE;
    }
  perry_container_spec_unset (reported, field);
  return perry_container_spec_set_from_text (reported, field, equals + 1, "PERRY_MOCK_LIE", error);
}

PerryContainerInfo *
mock_container_inspect (MockContainer *container, const char *lie, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine_lock);
  g_autoptr (PerryContainerInfo) info = describe_locked (container);

  info->reported = perry_container_spec_copy (container->spec);
  if (lie != NULL && !tell_lie (info->reported, lie, error))
    return NULL;
  return g_steal_pointer (&info);
}

static gboolean
has_labels (const MockContainer *container, const char *const *labels)
{
  for (guint i = 0; labels != NULL && labels[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (labels[i], "=", 2);
      const char *value = g_hash_table_lookup (container->labels, pair[0]);

      if (value == NULL || (pair[1] != NULL && !g_str_equal (value, pair[1])))
        return FALSE;
    }
  return TRUE;
}

GPtrArray *
mock_container_list (gboolean all, const char *const *labels)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine_lock);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_container_info_free);

  for (guint i = 0; containers != NULL && i < containers->len; i++)
    {
      const MockContainer *container = g_ptr_array_index (containers, i);

      if ((all || container->status == PERRY_CONTAINER_RUNNING) && has_labels (container, labels))
        g_ptr_array_add (list, describe_locked (container));
    }
  return list;
}

static void
remove_locked (MockContainer *container)
{
  container->removed = TRUE;
  g_ptr_array_remove (containers, container);
  g_cond_broadcast (&engine_changed);
}

static void
end_locked (MockContainer *container, gint64 exit_code)
{
  container->status = PERRY_CONTAINER_EXITED;
  container->exit_code = exit_code;
  container->finished_at = g_get_real_time ();
  g_cond_broadcast (&engine_changed);
  if (container->auto_remove)
    remove_locked (container);
}

static void
append_words (GByteArray *output, const char **words)
{
  g_autofree char *line = g_strjoinv (" ", (char **) words);

  g_byte_array_append (output, (const guint8 *) line, (guint) strlen (line));
  g_byte_array_append (output, (const guint8 *) "\n", 1);
}

gboolean
mock_container_start (MockContainer *container, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine_lock);
  g_autofree const char **command = perry_container_spec_get_strv (container->spec, PERRY_FIELD_CMD);
  const char *verb = command != NULL && command[0] != NULL ? command[0] : "";

  if (container->status == PERRY_CONTAINER_RUNNING || container->removed)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT, "container “%s” can't be started", container->name);
      return FALSE;
    }
  if (g_str_equal (verb, "missing"))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_COMMAND_NOT_FOUND, "“missing” is not in the image");
      return FALSE;
    }
  container->status = PERRY_CONTAINER_RUNNING;
  container->started_at = g_get_real_time ();
  if (g_str_equal (verb, "echo"))
    append_words (container->output, command + 1);
  if (g_str_equal (verb, "exit") && command[1] != NULL)
    end_locked (container, g_ascii_strtoll (command[1], NULL, 10));
  else if (!g_str_equal (verb, "cat") && !g_str_equal (verb, "sleep"))
    end_locked (container, 0);
  g_cond_broadcast (&engine_changed);
  return TRUE;
}

gboolean
mock_container_end (MockContainer *container, gint64 exit_code, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine_lock);

  if (container->status == PERRY_CONTAINER_RUNNING)
    {
      end_locked (container, exit_code);
      return TRUE;
    }
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT, "container “%s” is not running", container->name);
  return FALSE;
}

gboolean
mock_container_remove (MockContainer *container, gboolean force, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine_lock);

  if (container->status == PERRY_CONTAINER_RUNNING && !force)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT, "container “%s” is running", container->name);
      return FALSE;
    }
  if (container->status == PERRY_CONTAINER_RUNNING)
    end_locked (container, 137);
  if (!container->removed)
    remove_locked (container);
  return TRUE;
}

static void
wake_waiters (GCancellable *cancellable, gpointer data)
{
  g_mutex_lock (&engine_lock);
  g_cond_broadcast (&engine_changed);
  g_mutex_unlock (&engine_lock);
}

/* Waits with the lock held for a change, the deadline (0 for none) or the cancellable. */
static gboolean
wait_for_change (gint64 deadline, GCancellable *cancellable, GError **error)
{
  gboolean in_time = TRUE;

  if (g_cancellable_is_cancelled (cancellable))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "cancelled");
      return FALSE;
    }
  if (deadline != 0)
    in_time = g_cond_wait_until (&engine_changed, &engine_lock, deadline);
  else
    g_cond_wait (&engine_changed, &engine_lock);
  if (!in_time)
    g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT, "nothing came in time");
  return in_time;
}

static gboolean
is_over (const MockContainer *container)
{
  return container->status == PERRY_CONTAINER_EXITED || container->removed;
}

gboolean
mock_container_wait (MockContainer *container, gint64 *ret_exit_code, GCancellable *cancellable, GError **error)
{
  gulong handler = 0;
  gboolean waited = TRUE;

  if (cancellable != NULL) /* before the lock: a cancellable that was triggered calls back at once */
    handler = g_cancellable_connect (cancellable, G_CALLBACK (wake_waiters), NULL, NULL);
  g_mutex_lock (&engine_lock);
  while (waited && !is_over (container))
    waited = wait_for_change (0, cancellable, error);
  if (waited)
    *ret_exit_code = container->exit_code;
  g_mutex_unlock (&engine_lock);
  g_cancellable_disconnect (cancellable, handler);
  return waited;
}

static gssize
attachment_read (gpointer impl, PerryChannel *ret_channel, void *buffer, gsize size, int timeout_ms,
                 GCancellable *cancellable, GError **error)
{
  Attachment *attachment = impl;
  const MockContainer *container = attachment->container;
  gint64 deadline = timeout_ms < 0 ? 0 : g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  gboolean waited = TRUE;
  gsize n = 0;
  gulong handler = 0;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (wake_waiters), NULL, NULL);
  g_mutex_lock (&engine_lock);
  while (waited && container->output->len == attachment->offset && !is_over (container))
    waited = wait_for_change (deadline, cancellable, error);
  if (waited)
    {
      n = MIN (size, container->output->len - attachment->offset);
      if (n > 0)
        memcpy (buffer, container->output->data + attachment->offset, n);
      attachment->offset += n;
      *ret_channel = PERRY_CHANNEL_STDOUT;
    }
  g_mutex_unlock (&engine_lock);
  g_cancellable_disconnect (cancellable, handler);
  return waited ? (gssize) n : -1;
}

static gboolean
attachment_write (gpointer impl, const void *data, gsize size, GCancellable *cancellable, GError **error)
{
  MockContainer *container = ((Attachment *) impl)->container;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine_lock);

  if (is_over (container))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST, "the container has ended");
      return FALSE;
    }
  if (size > MAX_OUTPUT - container->output->len)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_LIMIT_EXCEEDED, "the mock keeps 16 MiB of output");
      return FALSE;
    }
  g_byte_array_append (container->output, data, (guint) size);
  g_cond_broadcast (&engine_changed);
  return TRUE;
}

static gboolean
attachment_close_write (gpointer impl, GError **error)
{
  MockContainer *container = ((Attachment *) impl)->container;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&engine_lock);
  g_autofree const char **command = perry_container_spec_get_strv (container->spec, PERRY_FIELD_CMD);

  if (container->status == PERRY_CONTAINER_RUNNING && command != NULL && g_strcmp0 (command[0], "cat") == 0)
    end_locked (container, 0);
  return TRUE;
}

static void
attachment_free (gpointer impl)
{
  Attachment *attachment = impl;

  mock_container_unref (attachment->container);
  g_free (attachment);
}

static const PerryStreamOps output_ops = {
  .struct_size = sizeof (PerryStreamOps),
  .read = attachment_read,
  .free = attachment_free,
};

static const PerryStreamOps input_and_output_ops = {
  .struct_size = sizeof (PerryStreamOps),
  .read = attachment_read,
  .write = attachment_write,
  .close_write = attachment_close_write,
  .free = attachment_free,
};

PerryStream *
mock_container_attach (MockContainer *container, gboolean with_input, GError **error)
{
  Attachment *attachment = g_new0 (Attachment, 1);

  attachment->container = mock_container_ref (container);
  return perry_stream_new (with_input ? &input_and_output_ops : &output_ops, attachment);
}
