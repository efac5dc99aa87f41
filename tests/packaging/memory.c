/* SPDX-License-Identifier: Apache-2.0 */
/* A backend outside the tree: its containers print their command and end. docs/writing-a-plugin.md explains it. */
#include <plugin-api/perry-plugin.h>

#include <string.h>

/* A read looks this often whether it was cancelled. */
#define SLICE_US (50 * G_TIME_SPAN_MILLISECOND)

typedef struct {
  gatomicrefcount references; /* one for the list, one for each attached stream */
  PerryContainerSpec *spec;
  PerryContainerInfo *info;
  char *output;
} Container;

typedef struct {
  char *image;
  GPtrArray *containers;
  guint serial;
} Memory;

/* Operations come from any thread. */
static GMutex lock;
static GCond changed;

static void
container_unref (gpointer data)
{
  Container *container = data;

  if (!g_atomic_ref_count_dec (&container->references))
    return;
  perry_container_spec_free (container->spec);
  perry_container_info_free (container->info);
  g_free (container->output);
  g_free (container);
}

static gpointer
memory_open (const PerryBackendConfig *config, GCancellable *cancellable, GError **error)
{
  Memory *memory = g_new0 (Memory, 1);

  g_variant_lookup (config->options, "image", "s", &memory->image);
  memory->containers = g_ptr_array_new_with_free_func (container_unref);
  return memory;
}

static void
memory_close (gpointer backend)
{
  Memory *memory = backend;

  g_free (memory->image);
  g_ptr_array_unref (memory->containers);
  g_free (memory);
}

static const PerryCapabilityRow capabilities[] = {
  { "exit-code", PERRY_SUPPORT_NATIVE, NULL },
  { "network-none", PERRY_SUPPORT_NATIVE, NULL },
  { "rm-on-exit", PERRY_SUPPORT_NATIVE, NULL },
  { "read-only-rootfs", PERRY_SUPPORT_NOT_APPLICABLE, "a container in memory has no file system" },
  { "memory-limit", PERRY_SUPPORT_PARTIAL, "the limit is that of the whole program" },
  { NULL },
};

static PerryEngineInfo *
memory_probe (gpointer backend, GCancellable *cancellable, GError **error)
{
  PerryEngineInfo *info = perry_engine_info_new ();

  info->name = g_strdup ("Memory");
  info->version = g_strdup ("1");
  perry_capability_matrix_free (info->matrix);
  info->matrix = perry_capability_matrix_new_from_rows (capabilities);
  return info;
}

static PerryImageInfo *
memory_image_inspect (gpointer backend, const char *reference, GCancellable *cancellable, GError **error)
{
  const Memory *memory = backend;
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, memory->image, -1);
  g_autofree char *id = g_strconcat ("sha256:", digest, NULL);
  PerryImageInfo *info;

  if (!g_str_equal (reference, memory->image) && !g_str_equal (reference, id))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND, "there is no image “%s”; the only one is “%s”",
                   reference, memory->image);
      return NULL;
    }
  info = perry_image_info_new ();
  info->id = g_steal_pointer (&id);
  info->size = 0;
  return info;
}

/* With the lock held. */
static Container *
find (Memory *memory, const char *id, GError **error)
{
  for (guint i = 0; i < memory->containers->len; i++)
    {
      Container *container = g_ptr_array_index (memory->containers, i);

      if (g_str_equal (container->info->id, id) || g_str_equal (container->info->name, id))
        return container;
    }
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_CONTAINER_NOT_FOUND, "there is no container “%s”", id);
  return NULL;
}

static void
copy_labels (GHashTable *to, GHashTable *from)
{
  GHashTableIter iter;
  gpointer key;
  gpointer value;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (to, g_strdup (key), g_strdup (value));
}

static char *
memory_create (gpointer backend, const PerryCreateRequest *request, char ***ret_warnings, GCancellable *cancellable,
               GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Memory *memory = backend;
  g_autofree const char **command = perry_container_spec_get_strv (request->spec, PERRY_FIELD_CMD);
  g_autofree char *seed = NULL;
  Container *container;

  if (find (memory, request->name, NULL) != NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_NAME_IN_USE, "the name “%s” is taken", request->name);
      return NULL;
    }
  seed = g_strdup_printf ("container %u", memory->serial++);
  container = g_new0 (Container, 1);
  g_atomic_ref_count_init (&container->references);
  container->spec = perry_container_spec_copy (request->spec);
  container->info = perry_container_info_new ();
  container->info->id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, seed, -1);
  container->info->name = g_strdup (request->name);
  container->info->image_id = g_strdup (request->image);
  container->info->status = PERRY_CONTAINER_CREATED;
  container->info->exit_code = -1;
  container->info->created_at = g_get_real_time ();
  container->info->command = command != NULL ? g_strjoinv (" ", (char **) command) : g_strdup ("");
  copy_labels (container->info->labels, request->labels);
  g_ptr_array_add (memory->containers, container);
  return g_strdup (container->info->id);
}

static gboolean
memory_start (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Container *container = find (backend, id, error);

  if (container == NULL)
    return FALSE;
  g_free (container->output);
  container->output = g_strconcat (container->info->command, "\n", NULL);
  container->info->status = PERRY_CONTAINER_EXITED;
  container->info->exit_code = 0;
  container->info->started_at = container->info->finished_at = g_get_real_time ();
  g_cond_broadcast (&changed);
  return TRUE;
}

/* Says what was asked for because nothing else can be asked here. An engine's own words belong here. */
static PerryContainerInfo *
memory_inspect (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  const Container *container = find (backend, id, error);
  PerryContainerInfo *info;

  if (container == NULL)
    return NULL;
  info = perry_container_info_copy (container->info);
  info->reported = perry_container_spec_copy (container->spec);
  return info;
}

static gboolean
has_labels (const Container *container, const char *const *labels)
{
  for (guint i = 0; labels != NULL && labels[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (labels[i], "=", 2);
      const char *value = g_hash_table_lookup (container->info->labels, pair[0]);

      if (value == NULL || (pair[1] != NULL && !g_str_equal (value, pair[1])))
        return FALSE;
    }
  return TRUE;
}

static GPtrArray *
memory_list (gpointer backend, gboolean all, const char *const *labels, GCancellable *cancellable, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  const Memory *memory = backend;
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) perry_container_info_free);

  /* None is ever running. */
  for (guint i = 0; all && i < memory->containers->len; i++)
    if (has_labels (g_ptr_array_index (memory->containers, i), labels))
      {
        const Container *container = g_ptr_array_index (memory->containers, i);

        g_ptr_array_add (list, perry_container_info_copy (container->info));
      }
  return list;
}

static gboolean
was_cancelled (GCancellable *cancellable, GError **error)
{
  if (!g_cancellable_is_cancelled (cancellable))
    return FALSE;
  g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_CANCELLED, "cancelled");
  return TRUE;
}

/* With the lock held: waits until the container was started. */
static gboolean
wait_for_output (const Container *container, int timeout_ms, GCancellable *cancellable, GError **error)
{
  gint64 deadline = timeout_ms < 0 ? G_MAXINT64 : g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;

  while (container->output == NULL)
    {
      gint64 now = g_get_monotonic_time ();

      if (was_cancelled (cancellable, error))
        return FALSE;
      if (now >= deadline)
        {
          g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_TIMED_OUT, "nothing was written in time");
          return FALSE;
        }
      g_cond_wait_until (&changed, &lock, MIN (deadline, now + SLICE_US));
    }
  return TRUE;
}

typedef struct {
  Container *container;
  gsize offset;
} Output;

static gssize
output_read (gpointer impl, PerryChannel *ret_channel, void *buffer, gsize size, int timeout_ms,
             GCancellable *cancellable, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Output *output = impl;
  gsize count;

  if (!wait_for_output (output->container, timeout_ms, cancellable, error))
    return -1;
  count = MIN (size, strlen (output->container->output) - output->offset);
  memcpy (buffer, output->container->output + output->offset, count);
  output->offset += count;
  *ret_channel = PERRY_CHANNEL_STDOUT;
  return (gssize) count;
}

static void
output_free (gpointer impl)
{
  Output *output = impl;

  container_unref (output->container);
  g_free (output);
}

static const PerryStreamOps output_ops = {
  .struct_size = sizeof (PerryStreamOps),
  .read = output_read,
  .free = output_free,
};

static PerryStream *
memory_attach (gpointer backend, const char *id, gboolean with_stdin, GCancellable *cancellable, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Container *container = find (backend, id, error);
  Output *output;

  if (container == NULL)
    return NULL;
  if (with_stdin)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED, "containers in memory read no input");
      return NULL;
    }
  output = g_new0 (Output, 1);
  g_atomic_ref_count_inc (&container->references);
  output->container = container;
  return perry_stream_new (&output_ops, output);
}

static gboolean
memory_wait (gpointer backend, const char *id, gint64 *ret_exit_code, GCancellable *cancellable, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Container *container = find (backend, id, error);
  gboolean ended;

  if (container == NULL)
    return FALSE;
  /* It may be removed while this waits. */
  g_atomic_ref_count_inc (&container->references);
  ended = wait_for_output (container, -1, cancellable, error);
  if (ended)
    *ret_exit_code = container->info->exit_code;
  container_unref (container);
  return ended;
}

static gboolean
memory_stop (gpointer backend, const char *id, int timeout_s, GCancellable *cancellable, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return find (backend, id, error) != NULL;
}

static gboolean
memory_kill (gpointer backend, const char *id, const char *signal_name, GCancellable *cancellable, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (find (backend, id, error) != NULL)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_CONFLICT, "container “%s” is not running", id);
  return FALSE;
}

static gboolean
memory_remove (gpointer backend, const char *id, gboolean force, GCancellable *cancellable, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  Memory *memory = backend;
  Container *container = find (memory, id, error);

  return container != NULL && g_ptr_array_remove (memory->containers, container);
}

static const PerryPluginOption options[] = {
  { "image", "s", "'docker.io/library/memory:latest'", "the name of the one image that there is" },
  { NULL },
};

static const PerryBackendOps ops = {
  .struct_size = sizeof (PerryBackendOps),
  .open = memory_open,
  .close = memory_close,
  .probe = memory_probe,
  .image_inspect = memory_image_inspect,
  .container_create = memory_create,
  .container_start = memory_start,
  .container_inspect = memory_inspect,
  .container_list = memory_list,
  .container_attach = memory_attach,
  .container_wait = memory_wait,
  .container_stop = memory_stop,
  .container_kill = memory_kill,
  .container_remove = memory_remove,
};

const PerryPluginDescriptor perry_plugin_descriptor = {
  .struct_size = sizeof (PerryPluginDescriptor),
  .api_major = PERRY_PLUGIN_API_MAJOR,
  .api_minor = PERRY_PLUGIN_API_MINOR,
  .kind = PERRY_PLUGIN_BACKEND,
  .id = "memory",
  .version = "1.0",
  .licence = "Apache-2.0",
  .summary = "Containers that only exist in memory",
  .capabilities = capabilities,
  .options = options,
  .ops = &ops,
};
