/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/integration/perry-engine-control.h"

#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin-api/perry-json.h"

#define START_MS 60000
#define MAX_REPLY (16 * 1024 * 1024)

struct _PerryEngineControl {
  PerryLiveEngine *live;
  GPid pid;
  gboolean is_ours; /* started by us, so it has to be waited for */
  GPid place;       /* keeps the namespaces while the engine is dead */
  char **argv;
  char **environment;
};

static char **
read_list (GPid pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", pid, name);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autofree char *text = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  for (gsize i = 0; i < size; i += strlen (text + i) + 1)
    g_ptr_array_add (list, g_strdup (text + i));
  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&list), FALSE);
}

/* In the engine's namespaces and directory. */
static GPid
spawn_inside (PerryEngineControl *control, const char *const *argv, char **environment)
{
  g_autofree char *number = g_strdup_printf ("%d", control->place);
  g_autofree char *directory = g_strconcat ("--wd=", control->live->directory, NULL);
  const char *nsenter[] = { "nsenter", "--target", number, "--mount", "--net", directory, "--" };
  g_autofree char *log = g_build_filename (control->live->directory, "log", NULL);
  g_autoptr (GPtrArray) whole = g_ptr_array_new ();
  int output = open (log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  g_autoptr (GError) error = NULL;
  GPid pid;

  for (gsize i = 0; i < G_N_ELEMENTS (nsenter); i++)
    g_ptr_array_add (whole, (char *) nsenter[i]);
  for (gsize i = 0; argv[i] != NULL; i++)
    g_ptr_array_add (whole, (char *) argv[i]);
  g_ptr_array_add (whole, NULL);
  g_assert_cmpint (output, >=, 0);
  g_spawn_async_with_fds (NULL, (char **) whole->pdata, environment,
                          G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDIN_FROM_DEV_NULL, NULL, NULL,
                          &pid, -1, output, output, &error);
  g_assert_no_error (error);
  close (output);
  return pid;
}

static GPid
read_pid (PerryLiveEngine *live, const char *name)
{
  g_autofree char *path = g_build_filename (live->directory, name, NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return (GPid) g_ascii_strtoll (text, NULL, 10);
}

PerryEngineControl *
perry_engine_control_new (PerryLiveEngine *live)
{
  PerryEngineControl *control = g_new0 (PerryEngineControl, 1);

  control->live = live;
  control->pid = read_pid (live, "engine.pid");
  control->place = read_pid (live, "place.pid");
  control->argv = read_list (control->pid, "cmdline");
  control->environment = read_list (control->pid, "environ");
  return control;
}

void
perry_engine_control_free (PerryEngineControl *control)
{
  /* One of ours would stay a zombie that stop-engine.sh waits for. */
  if (control->is_ours)
    {
      kill (control->pid, SIGTERM);
      waitpid (control->pid, NULL, 0);
    }
  g_strfreev (control->argv);
  g_strfreev (control->environment);
  g_free (control);
}

GPid
perry_engine_control_get_pid (PerryEngineControl *control)
{
  return control->pid;
}

static GSocketConnection *
connect_to (PerryLiveEngine *live)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (live->socket);

  return g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
}

/* HTTP/1.0, so that the body ends with the connection and is not chunked. NULL when nobody answers. */
static char *
ask (PerryLiveEngine *live, const char *method, const char *target)
{
  g_autofree char *request = g_strdup_printf ("%s %s HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\n"
                                              "Content-Length: 0\r\n\r\n", method, target);
  g_autoptr (GSocketConnection) connection = connect_to (live);
  g_autofree char *reply = NULL;
  gsize length = 0;
  char *body;

  if (connection == NULL)
    return NULL;
  reply = g_malloc0 (MAX_REPLY + 1);
  if (!g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request, strlen (request),
                                  NULL, NULL, NULL)
      || !g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), reply, MAX_REPLY, &length,
                                   NULL, NULL))
    return NULL;
  body = strstr (reply, "\r\n\r\n");
  if (body == NULL || (strstr (reply, " 200 ") == NULL && strstr (reply, " 201 ") == NULL))
    return NULL;
  return g_strdup (body + 4);
}

static JsonNode *
ask_for_json (PerryLiveEngine *live, const char *method, const char *target)
{
  g_autofree char *text = ask (live, method, target);
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  g_assert_nonnull (text);
  node = perry_json_parse (text, -1, NULL, &error);
  g_assert_no_error (error);
  return node;
}

JsonNode *
perry_live_engine_ask (PerryLiveEngine *live, const char *target)
{
  return ask_for_json (live, "GET", target);
}

JsonNode *
perry_live_engine_post (PerryLiveEngine *live, const char *target)
{
  return ask_for_json (live, "POST", target);
}

static void
fail_with_log (PerryEngineControl *control)
{
  g_autofree char *path = g_build_filename (control->live->directory, "log", NULL);
  g_autofree char *text = NULL;
  gsize size = 0;

  g_file_get_contents (path, &text, &size, NULL);
  g_error ("%s does not answer again: %s", control->live->backend, text != NULL ? text + size - MIN (size, 4000) : "");
}

/* FALSE when it ends instead. */
static gboolean
wait_until_it_answers (PerryEngineControl *control, gint64 end)
{
  while (g_get_monotonic_time () < end)
    {
      g_autofree char *text = ask (control->live, "GET", "/_ping");

      if (text != NULL)
        return TRUE;
      if (waitpid (control->pid, NULL, WNOHANG) == control->pid)
        return FALSE;
      g_usleep (20 * 1000);
    }
  fail_with_log (control);
  return FALSE;
}

/* dockerd's own containerd dies with it, but a little later; a new dockerd that still finds it would wait for it. */
static void
wait_for_containerd (PerryEngineControl *control)
{
  g_autofree char *path = g_build_filename (control->live->directory, "exec", "containerd", "containerd.pid", NULL);
  gint64 end = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;
  g_autofree char *text = NULL;
  pid_t pid;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  pid = (pid_t) g_ascii_strtoll (text, NULL, 10);
  while (pid > 0 && kill (pid, 0) == 0 && g_get_monotonic_time () < end)
    g_usleep (5 * 1000);
}

static void
wait_for_end (PerryEngineControl *control)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d", control->pid);

  if (control->is_ours)
    {
      waitpid (control->pid, NULL, 0);
      return;
    }
  while (g_file_test (path, G_FILE_TEST_EXISTS))
    g_usleep (5 * 1000);
}

void
perry_engine_control_restart (PerryEngineControl *control)
{
  g_autofree char *path = g_build_filename (control->live->directory, "engine.pid", NULL);
  gint64 end = g_get_monotonic_time () + START_MS * G_TIME_SPAN_MILLISECOND;

  wait_for_end (control);
  wait_for_containerd (control);
  /* One that fails to start is started again, which is a service manager's way, too. */
  do
    {
      g_autofree char *number = NULL;

      g_unlink (control->live->socket);
      control->pid = spawn_inside (control, (const char *const *) control->argv, control->environment);
      control->is_ours = TRUE;
      number = g_strdup_printf ("%d\n", control->pid);
      g_assert_true (g_file_set_contents (path, number, -1, NULL));
    }
  while (!wait_until_it_answers (control, end));
}

char *
perry_engine_control_run_inside (PerryEngineControl *control, const char *const *argv)
{
  g_autofree char *number = g_strdup_printf ("%d", control->place);
  const char *nsenter[] = { "nsenter", "--target", number, "--mount", "--" };
  g_autoptr (GPtrArray) whole = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  char *output = NULL;
  int status;

  for (gsize i = 0; i < G_N_ELEMENTS (nsenter); i++)
    g_ptr_array_add (whole, (char *) nsenter[i]);
  for (gsize i = 0; argv[i] != NULL; i++)
    g_ptr_array_add (whole, (char *) argv[i]);
  g_ptr_array_add (whole, NULL);
  g_spawn_sync (NULL, (char **) whole->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  return output;
}

/* By its mount namespace; containers have their own, and their monitors and shims are in the engine's. */
static gboolean
is_of_the_engine (PerryEngineControl *control, const char *pid)
{
  g_autofree char *marker = g_strdup_printf (" %s/.inside ", control->live->directory);
  g_autofree char *upper = g_strdup_printf ("upperdir=%s/", control->live->directory);
  g_autofree char *own = g_file_read_link ("/proc/self/ns/mnt", NULL);
  g_autofree char *link = g_build_filename ("/proc", pid, "ns", "mnt", NULL);
  g_autofree char *path = g_build_filename ("/proc", pid, "mountinfo", NULL);
  g_autofree char *namespace = g_ascii_isdigit (pid[0]) ? g_file_read_link (link, NULL) : NULL;
  g_autofree char *text = NULL;

  if (namespace == NULL || g_str_equal (namespace, own) || !g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  return strstr (text, marker) != NULL || strstr (text, upper) != NULL;
}

static guint
count_processes (PerryEngineControl *control)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint count = 0;

  while ((name = g_dir_read_name (proc)) != NULL)
    count += is_of_the_engine (control, name);
  return count;
}

static gboolean
is_container_cgroup (const char *name)
{
  const char *id = strrchr (name, '-') != NULL ? strrchr (name, '-') + 1 : name;

  return strlen (id) == 64 && strspn (id, "0123456789abcdef") == 64;
}

/* One that runs in another engine, which anybody may have started on this host meanwhile. */
static gboolean
is_of_another_engine (PerryEngineControl *control, const char *cgroup)
{
  g_autofree char *path = g_build_filename (cgroup, "cgroup.procs", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) pids = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || *text == '\0')
    return FALSE;
  pids = g_strsplit (g_strchomp (text), "\n", -1);
  for (char **pid = pids; *pid != NULL; pid++)
    if (is_of_the_engine (control, *pid))
      return FALSE;
  return TRUE;
}

static guint
count_cgroups (PerryEngineControl *control, const char *path, guint depth)
{
  g_autoptr (GDir) directory = depth > 0 ? g_dir_open (path, 0, NULL) : NULL;
  const char *name;
  guint count = 0;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_SYMLINK) || !g_file_test (child, G_FILE_TEST_IS_DIR))
        continue;
      count += (is_container_cgroup (name) && !is_of_another_engine (control, child))
               + count_cgroups (control, child, depth - 1);
    }
  return count;
}

static guint
count_listed (PerryLiveEngine *live, const char *target, const char *member)
{
  g_autoptr (JsonNode) node = perry_live_engine_ask (live, target);
  JsonArray *array = member != NULL ? perry_json_as_array (perry_json_find (node, member, NULL))
                                    : perry_json_as_array (node);

  return array != NULL ? json_array_get_length (array) : 0;
}

PerryEngineRest
perry_engine_control_count (PerryEngineControl *control)
{
  PerryLiveEngine *live = control->live;

  /* The compatible API, which both engines speak. */
  return (PerryEngineRest){
    .processes = count_processes (control),
    .cgroups = count_cgroups (control, "/sys/fs/cgroup", 5),
    .containers = count_listed (live, "/v1.41/containers/json?all=1", NULL),
    .volumes = count_listed (live, "/v1.41/volumes", "Volumes"),
    .networks = count_listed (live, "/v1.41/networks", NULL),
  };
}
