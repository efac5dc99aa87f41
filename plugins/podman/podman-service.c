/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-service.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "plugin-api/perry-file.h"
#include "plugin-api/perry-process.h"
#include "plugins/http-client/perry-engine-endpoint.h"
#include "plugins/podman/podman-runtime.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define POLL_MS 5
#define MAX_LOG_BYTES 2048

struct _PerryPodmanService {
  char *program;
  char *runtime;
  char *note;
  char *socket_path;
  char *lock_path;
  char *log_path;
  gint64 idle_s;

  GMutex lock;
  gint64 last_use; /* monotonic, 0 for never */
};

/* A service that was started with other settings is another service. */
static char *
settings_digest (const char *runtime, gint64 idle_s)
{
  static const char *const variables[] = { "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF",
                                           "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "PATH" };
  g_autoptr (GString) settings = g_string_new (NULL);
  g_autofree char *digest = NULL;

  g_string_append_printf (settings, "%s\n%" G_GINT64_FORMAT, runtime != NULL ? runtime : "", idle_s);
  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      const char *value = g_getenv (variables[i]);

      g_string_append_printf (settings, "\n%s", value != NULL ? value : "");
    }
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, settings->str, -1);
  return g_strndup (digest, 12);
}

PerryPodmanService *
perry_podman_service_new (const char *directory, const char *runtime, gint64 idle_s, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *program = perry_process_find_program ("podman", &local_error);
  g_autofree char *chosen = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *digest = NULL;
  PerryPodmanService *service;

  if (program == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE,
                   "no Podman service is running and podman is not installed: %s", local_error->message);
      return NULL;
    }
  if (!perry_podman_choose_runtime (runtime, CGROUP_ROOT, &chosen, &reason, error))
    return NULL;
  digest = settings_digest (chosen, idle_s);
  service = g_new0 (PerryPodmanService, 1);
  service->program = g_steal_pointer (&program);
  service->runtime = g_steal_pointer (&chosen);
  service->note = g_steal_pointer (&reason);
  service->socket_path = g_strdup_printf ("%s/podman-%s.sock", directory, digest);
  service->lock_path = g_strdup_printf ("%s/podman-%s.lock", directory, digest);
  service->log_path = g_strdup_printf ("%s/podman-%s.log", directory, digest);
  service->idle_s = idle_s;
  g_mutex_init (&service->lock);
  return service;
}

void
perry_podman_service_free (PerryPodmanService *service)
{
  if (service == NULL)
    return;
  g_free (service->program);
  g_free (service->runtime);
  g_free (service->note);
  g_free (service->socket_path);
  g_free (service->lock_path);
  g_free (service->log_path);
  g_mutex_clear (&service->lock);
  g_free (service);
}

const char *
perry_podman_service_get_socket_path (const PerryPodmanService *service)
{
  return service->socket_path;
}

const char *
perry_podman_service_get_note (const PerryPodmanService *service)
{
  return service->note;
}

void
perry_podman_service_forget (PerryPodmanService *service)
{
  g_mutex_lock (&service->lock);
  service->last_use = 0;
  g_mutex_unlock (&service->lock);
}

/* Half of the idle time is left for the request that follows. */
static gboolean
was_used_lately (PerryPodmanService *service)
{
  gint64 now = g_get_monotonic_time ();
  gboolean lately;

  g_mutex_lock (&service->lock);
  lately = service->last_use > 0
           && (service->idle_s == 0 || now - service->last_use < service->idle_s * G_USEC_PER_SEC / 2);
  if (lately)
    service->last_use = now;
  g_mutex_unlock (&service->lock);
  return lately;
}

/* A service that was killed a moment ago is found here, and not by a request that is lost with it. */
static gboolean
somebody_listens (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gboolean refused;
  int fd;

  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
    return FALSE;
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return TRUE;
  refused = connect (fd, (struct sockaddr *) &address, sizeof address) != 0
            && (errno == ECONNREFUSED || errno == ENOENT);
  close (fd);
  return !refused;
}

static void
note_use (PerryPodmanService *service)
{
  g_mutex_lock (&service->lock);
  service->last_use = g_get_monotonic_time ();
  g_mutex_unlock (&service->lock);
}

static gboolean
ping (PerryHttpClient *client, int timeout_ms, GCancellable *cancellable, GError **error)
{
  PerryHttpRequest *request = perry_http_request_new ("HEAD", NULL, "_ping", NULL);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_set_deadline (request, MAX (timeout_ms, 1));
  reply = perry_http_client_call (client, request, NULL, "asking for the API version", cancellable, error);
  return reply != NULL;
}

static int
remaining_ms (gint64 deadline)
{
  return (int) CLAMP ((deadline - g_get_monotonic_time ()) / 1000, 0, G_MAXINT);
}

static gboolean
pause_for_poll (gint64 deadline, GCancellable *cancellable, const char *what, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, &local_error))
    {
      g_propagate_error (error, perry_error_take_foreign (g_steal_pointer (&local_error), PERRY_ERROR_CANCELLED));
      return FALSE;
    }
  if (remaining_ms (deadline) == 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, "%s took too long", what);
      return FALSE;
    }
  g_usleep (POLL_MS * 1000);
  return TRUE;
}

/* Waits for the lock that all who might start this service take; closing the descriptor gives it back. */
static int
take_lock (PerryPodmanService *service, gint64 deadline, GCancellable *cancellable, GError **error)
{
  int fd = open (service->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, "%s: %s", service->lock_path,
                   g_strerror (errno));
      return -1;
    }
  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    if (!pause_for_poll (deadline, cancellable, "waiting for another program that starts Podman's service", error))
      {
        close (fd);
        return -1;
      }
  return fd;
}

static char *
read_log_end (const char *path)
{
  g_autofree char *text = perry_file_read_end (path, MAX_LOG_BYTES, NULL);

  if (text == NULL || *text == '\0')
    return g_strdup ("it wrote nothing");
  g_strdelimit (g_strchomp (text), "\n\r\t", ' ');
  return g_utf8_make_valid (text, -1);
}

static gboolean
wait_for_answer (PerryPodmanService *service, PerryHttpClient *client, GPid pid, gint64 deadline,
                 GCancellable *cancellable, GError **error)
{
  while (TRUE)
    {
      g_autoptr (GError) local_error = NULL;

      if (ping (client, remaining_ms (deadline), cancellable, &local_error))
        return TRUE;
      if (kill (pid, 0) != 0 && errno == ESRCH)
        {
          g_autofree char *log = read_log_end (service->log_path);

          g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, "podman system service ended: %s", log);
          return FALSE;
        }
      if (!pause_for_poll (deadline, cancellable, "starting podman system service", error))
        return FALSE;
    }
}

static gboolean
start (PerryPodmanService *service, PerryHttpClient *client, gint64 deadline, GCancellable *cancellable,
       GError **error)
{
  g_autofree char *idle = g_strdup_printf ("%" G_GINT64_FORMAT, service->idle_s);
  g_autofree char *url = g_strconcat ("unix://", service->socket_path, NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) local_error = NULL;
  GPid pid;

  g_ptr_array_add (argv, service->program);
  if (service->runtime != NULL)
    {
      g_ptr_array_add (argv, (gpointer) "--runtime");
      g_ptr_array_add (argv, service->runtime);
    }
  g_ptr_array_add (argv, (gpointer) "system");
  g_ptr_array_add (argv, (gpointer) "service");
  g_ptr_array_add (argv, (gpointer) "--time");
  g_ptr_array_add (argv, idle);
  g_ptr_array_add (argv, url);
  g_ptr_array_add (argv, NULL);

  /* What an earlier service left behind; nobody answers there, or we were not here. */
  g_unlink (service->socket_path);
  g_unlink (service->log_path);
  if (!perry_process_spawn_detached ((const char *const *) argv->pdata, NULL, service->log_path, &pid, &local_error))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, "starting podman system service: %s",
                   local_error->message);
      return FALSE;
    }
  return wait_for_answer (service, client, pid, deadline, cancellable, error);
}

typedef enum {
  SERVICE_ANSWERS,
  SERVICE_ABSENT,
  SERVICE_SILENT,
} ServiceState;

/* One that takes our connection and does not answer is left alone: it may be busy with somebody's request. */
static ServiceState
look (PerryHttpClient *client, int timeout_ms, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (ping (client, timeout_ms, cancellable, &local_error))
    return SERVICE_ANSWERS;
  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_NOT_FOUND)
      || g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_BACKEND_LOST))
    return SERVICE_ABSENT;
  if (!g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CANCELLED))
    local_error->code = PERRY_ERROR_BACKEND_NOT_AVAILABLE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return SERVICE_SILENT;
}

gboolean
perry_podman_service_ensure (PerryPodmanService *service, PerryHttpClient *client, int timeout_ms, gboolean *ret_new,
                             GCancellable *cancellable, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  ServiceState state;

  *ret_new = FALSE;
  if (was_used_lately (service) && somebody_listens (service->socket_path))
    return TRUE;
  state = look (client, timeout_ms, cancellable, error);
  if (state == SERVICE_ABSENT)
    {
      int fd = take_lock (service, deadline, cancellable, error);

      if (fd < 0)
        return FALSE;
      state = look (client, MAX (remaining_ms (deadline), POLL_MS), cancellable, error);
      if (state == SERVICE_ABSENT && start (service, client, deadline, cancellable, error))
        state = SERVICE_ANSWERS;
      close (fd);
    }
  if (state != SERVICE_ANSWERS)
    return FALSE;
  note_use (service);
  *ret_new = TRUE;
  return TRUE;
}
