/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fake/perry-fake-private.h"

#include <string.h>

#define MAX_LOG (4 * 1024 * 1024)
#define FRAME_HEADER 8

typedef struct {
  PerryFakeContainer *container;
  int exit_code;
} End;

static void
waiter_free (gpointer data)
{
  PerryFakeWaiter *waiter = data;

  g_object_unref (waiter->message);
  g_free (waiter);
}

static PerryFakeWorkload
find_workload (char **command)
{
  if (command == NULL || command[0] == NULL)
    return PERRY_FAKE_PRINTS;
  if (strcmp (command[0], "cat") == 0)
    return PERRY_FAKE_ECHOES;
  if (strcmp (command[0], "sleep") == 0)
    return PERRY_FAKE_SLEEPS;
  if (g_str_has_prefix (command[0], "/no"))
    return PERRY_FAKE_MISSING;
  return PERRY_FAKE_PRINTS;
}

PerryFakeContainer *
perry_fake_container_new (PerryFakeEngine *engine, char **command)
{
  PerryFakeContainer *container = g_new0 (PerryFakeContainer, 1);
  g_autofree char *seed = g_strdup_printf ("%s %u", engine->directory, ++engine->serial);

  container->engine = engine;
  container->references = 1;
  container->id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, seed, -1);
  container->command = g_strdupv (command);
  container->workload = find_workload (command);
  container->planned_exit = engine->exit_code;
  container->output = g_strdup (engine->output);
  container->error_output = g_strdup (engine->error_output);
  container->created_at = g_get_real_time ();
  container->log = g_byte_array_new ();
  container->attached = g_ptr_array_new_with_free_func (g_object_unref);
  container->waiters = g_ptr_array_new_with_free_func (waiter_free);
  return container;
}

void
perry_fake_container_unref (PerryFakeContainer *container)
{
  if (!g_atomic_int_dec_and_test (&container->references))
    return;

  g_free (container->id);
  g_free (container->name);
  g_free (container->image_id);
  g_free (container->image_name);
  g_strfreev (container->command);
  g_clear_pointer (&container->report, json_node_unref);
  g_clear_pointer (&container->labels, json_object_unref);
  g_free (container->output);
  g_free (container->error_output);
  g_free (container->start_error);
  g_byte_array_unref (container->log);
  g_ptr_array_unref (container->attached);
  g_clear_object (&container->input);
  g_ptr_array_unref (container->waiters);
  g_free (container);
}

PerryFakeContainer *
perry_fake_engine_find_container (PerryFakeEngine *engine, const char *name)
{
  for (guint i = 0; i < engine->containers->len; i++)
    {
      PerryFakeContainer *container = g_ptr_array_index (engine->containers, i);

      if (strcmp (container->name, name) == 0 || (strlen (name) >= 4 && g_str_has_prefix (container->id, name)))
        return container;
    }
  return NULL;
}

char *
perry_fake_format_time (gint64 microseconds)
{
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *seconds = NULL;

  /* What Go prints for a time that never was. */
  if (microseconds == 0)
    return g_strdup ("0001-01-01T00:00:00Z");
  time = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  seconds = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");
  return g_strdup_printf ("%s.%06d000Z", seconds, (int) (microseconds % G_USEC_PER_SEC));
}

static GBytes *
make_frame (PerryFakeContainer *container, guint8 channel, const guint8 *data, gsize size)
{
  guint8 header[FRAME_HEADER] = { channel, 0, 0, 0, (guint8) (size >> 24), (guint8) (size >> 16), (guint8) (size >> 8),
                                  (guint8) size };
  GByteArray *frame = g_byte_array_new ();

  if (!container->has_terminal)
    g_byte_array_append (frame, header, sizeof header);
  g_byte_array_append (frame, data, (guint) size);
  return g_byte_array_free_to_bytes (frame);
}

/* Writes output to the log and to whoever is attached; takes the lock only for looking at the container. */
static void
emit (PerryFakeContainer *container, guint8 channel, const guint8 *data, gsize size, gboolean locked)
{
  g_autoptr (GBytes) frame = make_frame (container, channel, data, size);
  g_autoptr (GPtrArray) streams = NULL;
  gsize frame_size;
  const guint8 *bytes = g_bytes_get_data (frame, &frame_size);

  if (!locked)
    g_mutex_lock (&container->engine->lock);
  if (container->log->len + frame_size <= MAX_LOG)
    g_byte_array_append (container->log, bytes, (guint) frame_size);
  streams = g_ptr_array_copy (container->attached, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);
  g_ptr_array_set_free_func (streams, g_object_unref);
  if (!locked)
    g_mutex_unlock (&container->engine->lock);

  for (guint i = 0; i < streams->len; i++)
    g_output_stream_write_all (g_io_stream_get_output_stream (g_ptr_array_index (streams, i)), bytes, frame_size, NULL,
                               NULL, NULL);
}

static gboolean
end_in_server (gpointer data)
{
  End *end = data;
  PerryFakeEngine *engine = end->container->engine;

  g_mutex_lock (&engine->lock);
  perry_fake_container_end (end->container, end->exit_code);
  g_mutex_unlock (&engine->lock);
  return G_SOURCE_REMOVE;
}

static void
end_free (gpointer data)
{
  End *end = data;

  perry_fake_container_unref (end->container);
  g_free (end);
}

/* Takes the reference to the container. */
static void
end_later (PerryFakeContainer *container, int exit_code)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  End *end = g_new0 (End, 1);

  end->container = container;
  end->exit_code = exit_code;
  g_source_set_callback (source, end_in_server, end, end_free);
  g_source_attach (source, container->engine->context);
}

static gpointer
cat_thread (gpointer data)
{
  PerryFakeContainer *container = data;
  g_autofree guint8 *buffer = g_malloc (64 * 1024);
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (container->input));
  gssize count;

  while ((count = g_input_stream_read (input, buffer, 64 * 1024, NULL, NULL)) > 0)
    emit (container, 1, buffer, (gsize) count, FALSE);
  end_later (container, 0);
  return NULL;
}

void
perry_fake_container_start (PerryFakeContainer *container)
{
  container->state = PERRY_FAKE_RUNNING;
  container->started_at = g_get_real_time ();
  container->finished_at = 0;
  if (container->workload == PERRY_FAKE_SLEEPS)
    return;
  if (container->workload == PERRY_FAKE_ECHOES && container->input != NULL)
    {
      g_atomic_int_inc (&container->references);
      perry_fake_engine_start_thread (container->engine, "fake-cat", cat_thread, container);
      return;
    }
  if (container->workload == PERRY_FAKE_PRINTS && container->output != NULL)
    emit (container, 1, (const guint8 *) container->output, strlen (container->output), TRUE);
  if (container->workload == PERRY_FAKE_PRINTS && container->error_output != NULL)
    emit (container, 2, (const guint8 *) container->error_output, strlen (container->error_output), TRUE);
  g_atomic_int_inc (&container->references);
  end_later (container, container->workload == PERRY_FAKE_PRINTS ? container->planned_exit : 0);
}

static void
answer_waiter (PerryFakeContainer *container, PerryFakeWaiter *waiter)
{
  g_autofree char *text = NULL;

  if (waiter->follows_log)
    soup_server_message_set_response (waiter->message, "application/octet-stream", SOUP_MEMORY_COPY,
                                      (const char *) container->log->data, container->log->len);
  else
    {
      if (container->engine->dialect == PERRY_FAKE_DOCKER_20)
        text = g_strdup_printf ("{\"Error\":null,\"StatusCode\":%d}\n", container->exit_code);
      else if (perry_fake_is_docker (container->engine))
        text = g_strdup_printf ("{\"StatusCode\":%d}\n", container->exit_code);
      else
        text = g_strdup_printf ("%d\n", container->exit_code);
      soup_server_message_set_response (waiter->message,
                                        perry_fake_is_docker (container->engine) ? "application/json" : "text/plain",
                                        SOUP_MEMORY_COPY, text, strlen (text));
    }
  soup_server_message_set_status (waiter->message, 200, NULL);
  soup_server_message_unpause (waiter->message);
}

static void
answer_waiters (PerryFakeContainer *container, gboolean removed)
{
  for (guint i = container->waiters->len; i > 0; i--)
    {
      PerryFakeWaiter *waiter = g_ptr_array_index (container->waiters, i - 1);

      if (waiter->until_removed && !removed)
        continue;
      answer_waiter (container, waiter);
      g_ptr_array_remove_index (container->waiters, i - 1);
    }
}

void
perry_fake_container_end (PerryFakeContainer *container, int exit_code)
{
  if (container->state != PERRY_FAKE_RUNNING && container->state != PERRY_FAKE_INITIALISED)
    return;

  container->state = PERRY_FAKE_EXITED;
  container->exit_code = exit_code;
  container->finished_at = g_get_real_time ();
  /* Only shut down: a thread may still be reading, and closing would take its descriptor away. */
  for (guint i = 0; i < container->attached->len; i++)
    g_socket_shutdown (g_socket_connection_get_socket (g_ptr_array_index (container->attached, i)), TRUE, TRUE, NULL);
  g_ptr_array_set_size (container->attached, 0);
  answer_waiters (container, FALSE);
  if (container->auto_remove)
    perry_fake_container_remove (container);
}

void
perry_fake_container_remove (PerryFakeContainer *container)
{
  if (container->removed)
    return;

  container->removed = TRUE;
  container->auto_remove = FALSE;
  perry_fake_container_end (container, 137);
  answer_waiters (container, TRUE);
  if (g_ptr_array_remove (container->engine->containers, container))
    perry_fake_container_unref (container);
}

void
perry_fake_container_add_waiter (PerryFakeContainer *container, PerryFakeCall *call, gboolean until_removed)
{
  PerryFakeWaiter *waiter = g_new0 (PerryFakeWaiter, 1);

  waiter->message = g_object_ref (call->message);
  waiter->until_removed = until_removed;
  soup_server_message_pause (call->message);
  call->status = 200;
  g_ptr_array_add (container->waiters, waiter);
}

/* A log that is followed is sent when the container ends: nothing of ours needs it earlier. */
void
perry_fake_container_send_log (PerryFakeContainer *container, PerryFakeCall *call)
{
  gboolean named = perry_fake_is_docker (container->engine) && container->engine->dialect != PERRY_FAKE_DOCKER_20;

  if (perry_fake_call_get_flag (call, "follow") && container->state == PERRY_FAKE_RUNNING)
    {
      PerryFakeWaiter *waiter;

      perry_fake_container_add_waiter (container, call, FALSE);
      waiter = g_ptr_array_index (container->waiters, container->waiters->len - 1);
      waiter->follows_log = TRUE;
      return;
    }
  call->status = 200;
  call->content_type = named ? "application/vnd.docker.multiplexed-stream" : "application/octet-stream";
  call->reply_size = container->log->len;
  call->reply = g_memdup2 (container->log->data, container->log->len);
}

void
perry_fake_container_attach (PerryFakeContainer *container, PerryFakeCall *call)
{
  static const char head[] = "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
                             "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
  gboolean with_input = perry_fake_call_get_flag (call, "stdin");
  g_autoptr (GSocketConnection) connection = perry_fake_call_steal (call);

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), head, strlen (head), NULL, NULL,
                             NULL);
  if (container->state == PERRY_FAKE_EXITED)
    {
      g_socket_shutdown (g_socket_connection_get_socket (connection), TRUE, TRUE, NULL);
      return;
    }
  if (with_input && container->input == NULL)
    container->input = g_object_ref (connection);
  g_ptr_array_add (container->attached, g_steal_pointer (&connection));
}
