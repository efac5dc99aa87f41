/* SPDX-License-Identifier: Apache-2.0 */
/* Sends recorded requests to an engine, with libsoup and nothing else: what the same work costs without us.
 * usage: bare-client SOCKET SCRIPT NAME [RUNS WORKERS]
 * With RUNS the script is performed so often, with NAME-1, NAME-2, …, in WORKERS threads.
 * The script is a sequence of "METHOD TARGET LENGTH\n", LENGTH bytes of JSON and a newline. @ID@ stands for the container
 * that was created, @NAME@ for NAME. A target that ends an attach is upgraded, and read to its end after the start. */
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <libsoup/soup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  const char *name;
  char *id;
  GSocketAddress *address;
  SoupSession *session;
  GSocket *attached;
} Bare;

static char *
substitute (const Bare *bare, const char *text)
{
  g_autoptr (GString) result = g_string_new (text);

  g_string_replace (result, "@NAME@", bare->name, 0);
  if (bare->id != NULL)
    g_string_replace (result, "@ID@", bare->id, 0);
  return g_string_free (g_steal_pointer (&result), FALSE);
}

static gboolean
attach (Bare *bare, const char *target, GError **error)
{
  g_autofree char *head = g_strdup_printf ("POST %s HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\n"
                                           "Upgrade: tcp\r\nContent-Length: 0\r\n\r\n", target);
  char reply[16384];
  gsize filled = 0;

  bare->attached = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (bare->attached == NULL || !g_socket_connect (bare->attached, bare->address, NULL, error)
      || g_socket_send (bare->attached, head, strlen (head), NULL, error) < 0)
    return FALSE;
  do
    {
      gssize count = g_socket_receive (bare->attached, reply + filled, sizeof reply - 1 - filled, NULL, error);

      if (count < 0)
        return FALSE;
      if (count == 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "%s: no reply", target);
          return FALSE;
        }
      filled += (gsize) count;
      reply[filled] = '\0';
    }
  while (strstr (reply, "\r\n\r\n") == NULL);
  return TRUE;
}

/* The workload's output, thrown away. */
static gboolean
drain (Bare *bare, GError **error)
{
  char buffer[16384];
  gssize count;

  while ((count = g_socket_receive (bare->attached, buffer, sizeof buffer, NULL, error)) > 0)
    ;
  g_clear_object (&bare->attached);
  return count == 0;
}

static void
take_id (Bare *bare, GBytes *reply)
{
  gsize size;
  const char *data = g_bytes_get_data (reply, &size);
  g_autofree char *text = g_strndup (data, size);
  char *id = strstr (text, "\"Id\":\"");

  if (id == NULL)
    return;
  id += strlen ("\"Id\":\"");
  id[strcspn (id, "\"")] = '\0';
  bare->id = g_strdup (id);
}

static gboolean
send_request (Bare *bare, const char *method, const char *target, const char *body, GError **error)
{
  g_autofree char *uri = g_strconcat ("http://engine", target, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (method, uri);
  g_autoptr (GBytes) reply = NULL;

  if (*body != '\0')
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

      soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    }
  reply = soup_session_send_and_read (bare->session, message, NULL, error);
  if (reply == NULL)
    return FALSE;
  if (soup_message_get_status (message) >= 400)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s %s: %u %.*s", method, target,
                   soup_message_get_status (message), (int) MIN (g_bytes_get_size (reply), 300),
                   (const char *) g_bytes_get_data (reply, NULL));
      return FALSE;
    }
  if (bare->id == NULL && strstr (target, "/containers/create") != NULL)
    take_id (bare, reply);
  return TRUE;
}

/* A container whose output has ended may run for a moment longer: then it is waited for, as perryctl does. */
static gboolean
send_delete (Bare *bare, const char *target, GError **error)
{
  g_autofree char *path = g_strndup (target, strcspn (target, "?"));
  g_autofree char *wait = g_strconcat (path, "/wait", NULL);

  return send_request (bare, "DELETE", target, "", NULL) || (send_request (bare, "POST", wait, "", error) &&
                                                             send_request (bare, "DELETE", target, "", error));
}

static gboolean
perform (Bare *bare, const char *method, const char *raw_target, const char *raw_body, GError **error)
{
  g_autofree char *target = substitute (bare, raw_target);
  g_autofree char *body = substitute (bare, raw_body);

  if (strstr (target, "/attach?") != NULL)
    return attach (bare, target, error);
  if (strcmp (method, "DELETE") == 0)
    return send_delete (bare, target, error);
  if (!send_request (bare, method, target, body, error))
    return FALSE;
  return bare->attached == NULL || !g_str_has_suffix (target, "/start") || drain (bare, error);
}

static gboolean
perform_script (Bare *bare, FILE *script, GError **error)
{
  char method[16], target[2048];
  unsigned int length;

  while (fscanf (script, "%15s %2047s %u", method, target, &length) == 3)
    {
      g_autofree char *body = g_malloc0 ((gsize) length + 1);

      if (fgetc (script) != '\n' || fread (body, 1, length, script) != length)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the script is cut off at %s", target);
          return FALSE;
        }
      if (!perform (bare, method, target, body, error))
        return FALSE;
    }
  return TRUE;
}

/* The work of all threads. */
typedef struct {
  const char *socket_path;
  const char *script_path;
  const char *name;
  int n_runs;
  int n_begun;
  int n_failed;
} Work;

static gboolean
run_once (Bare *bare, const Work *work, const char *name, GError **error)
{
  FILE *script = fopen (work->script_path, "re");
  gboolean ok;

  if (script == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no %s", work->script_path);
      return FALSE;
    }
  bare->name = name;
  ok = perform_script (bare, script, error);
  fclose (script);
  g_clear_pointer (&bare->id, g_free);
  g_clear_object (&bare->attached);
  return ok;
}

/* A session belongs to the thread that it was made in. */
static gpointer
work_thread (gpointer data)
{
  Work *work = data;
  Bare bare = { .address = g_unix_socket_address_new (work->socket_path) };
  int number;

  bare.session = soup_session_new_with_options ("remote-connectable", bare.address, NULL);
  while ((number = g_atomic_int_add (&work->n_begun, 1)) < work->n_runs && g_atomic_int_get (&work->n_failed) == 0)
    {
      g_autofree char *name = work->n_runs == 1 ? g_strdup (work->name) : g_strdup_printf ("%s-%d", work->name, number + 1);
      g_autoptr (GError) error = NULL;

      if (run_once (&bare, work, name, &error))
        continue;
      fprintf (stderr, "bare-client: %s\n", error->message);
      g_atomic_int_inc (&work->n_failed);
    }
  g_object_unref (bare.session);
  g_object_unref (bare.address);
  return NULL;
}

static void
work_in_threads (Work *work, int n_threads)
{
  g_autofree GThread **threads = g_new0 (GThread *, (gsize) n_threads);

  for (int i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("worker", work_thread, work);
  for (int i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  Work work = { .n_runs = argc == 6 ? atoi (argv[4]) : 1 };
  int n_threads = argc == 6 ? atoi (argv[5]) : 0;

  if ((argc != 4 && argc != 6) || work.n_runs < 1 || (argc == 6 && n_threads < 1))
    {
      fputs ("usage: bare-client SOCKET SCRIPT NAME [RUNS WORKERS]\n", stderr);
      return 2;
    }
  work.socket_path = argv[1];
  work.script_path = argv[2];
  work.name = argv[3];
  if (n_threads == 0)
    work_thread (&work);
  else
    work_in_threads (&work, n_threads);
  return work.n_failed == 0 ? 0 : 1;
}
