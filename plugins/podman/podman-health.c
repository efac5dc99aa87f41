/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-health.h"

#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "plugin-api/perry-file.h"
#include "plugin-api/perry-healthcheck.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-process.h"
#include "plugins/http-client/perry-engine-lifecycle.h"
#include "plugins/podman/podman-backend.h"
#include "plugins/podman/podman-errors.h"

#define MAX_EXEC_SESSIONS 64
#define END_PROBE_MS 1000
#define MAX_PID_FILE_BYTES 64
#define SHELL "/bin/sh"

char *
perry_podman_explain_missing_timers (const char *root, gint64 uid)
{
  g_autofree char *relative = uid > 0 ? g_strdup_printf ("run/user/%" G_GINT64_FORMAT "/systemd/private", uid)
                                      : g_strdup ("run/systemd/private");
  g_autofree char *booted = g_build_filename (root, "run/systemd/system", NULL);
  g_autofree char *manager = g_build_filename (root, relative, NULL);

  if (!g_file_test (booted, G_FILE_TEST_IS_DIR))
    return g_strdup ("Podman leaves probes to timers of systemd, which does not run here: perry-container makes them");
  if (!g_file_test (manager, G_FILE_TEST_EXISTS))
    return g_strdup ("Podman leaves probes to timers of systemd, and this user has none that runs: perry-container makes "
                     "them");
  return NULL;
}

void
perry_podman_add_lifecycle (JsonObject *body, const PerryContainerSpec *spec, gboolean timed)
{
  gint64 tries = 0;
  PerryRestartPolicy policy = perry_container_spec_get_restart (spec, &tries);
  JsonObject *healthcheck = perry_engine_new_healthcheck (spec);

  if (healthcheck != NULL)
    {
      if (!timed)
        json_object_remove_member (healthcheck, "Interval");
      json_object_set_object_member (body, "healthconfig", healthcheck);
    }
  if (perry_container_spec_is_set (spec, PERRY_FIELD_RESTART))
    json_object_set_string_member (body, "restart_policy", perry_restart_policy_get_name (policy));
  if (tries > 0)
    json_object_set_int_member (body, "restart_tries", tries);
}

void
perry_podman_limit_healthcheck (const PerryContainerSpec *spec, gboolean timed, PerryFieldSupport *support)
{
  g_autoptr (PerryHealthcheck) check = perry_container_spec_dup_healthcheck (spec);

  if (check == NULL || check->disable)
    return;
  if (check->test == NULL)
    perry_field_support_limit (support, PERRY_FIELD_HEALTHCHECK, PERRY_SUPPORT_UNSUPPORTED,
                               "Podman takes a health check as a whole and adds nothing of the image's; write its test");
  if (timed && check->start_interval_us >= 0)
    perry_field_support_limit (support, PERRY_FIELD_HEALTHCHECK, PERRY_SUPPORT_PARTIAL,
                               "Podman has no start_interval: health is looked at every interval from the beginning");
}

gboolean
perry_podman_probe_from_reply (JsonNode *reply, gboolean *ret_success)
{
  const char *status = perry_json_as_string (perry_json_find (reply, "Status", NULL));

  if (status == NULL)
    return FALSE;
  *ret_success = g_str_equal (status, "healthy");
  return TRUE;
}

char **
perry_podman_inspect_exec_ids (JsonNode *reply)
{
  char **ids = NULL;

  if (!perry_json_as_strv (perry_json_find (reply, "ExecIDs", NULL), &ids) || g_strv_length (ids) > MAX_EXEC_SESSIONS)
    {
      g_strfreev (ids);
      return g_new0 (char *, 1);
    }
  return ids;
}

gboolean
perry_podman_is_probe (JsonNode *exec, JsonNode *inspect)
{
  const char *program = perry_json_as_string (perry_json_find (exec, "ProcessConfig", "entrypoint", NULL));
  g_auto (GStrv) arguments = NULL;
  g_auto (GStrv) test = NULL;

  perry_json_as_strv (perry_json_find (exec, "ProcessConfig", "arguments", NULL), &arguments);
  perry_json_as_strv (perry_json_find (inspect, "Config", "Healthcheck", "Test", NULL), &test);
  if (program == NULL || test == NULL || test[0] == NULL || test[1] == NULL)
    return FALSE;
  if (g_str_equal (test[0], "CMD-SHELL"))
    return g_str_equal (program, SHELL) && arguments != NULL && g_strv_length (arguments) == 2 &&
           g_str_equal (arguments[0], "-c") && g_str_equal (arguments[1], test[1]);
  if (!g_str_equal (test[0], "CMD") || !g_str_equal (program, test[1]))
    return FALSE;
  if (arguments == NULL)
    return test[2] == NULL;
  return g_strv_equal ((const char *const *) arguments, (const char *const *) test + 2);
}

/* The descriptor is opened first: what is looked at and what is killed are one process. */
void
perry_podman_kill_probe (const char *path, const char *id)
{
  g_autofree char *text = perry_file_read_text (path, MAX_PID_FILE_BYTES, NULL);
  gint64 pid;
  int fd;

  if (text == NULL || !g_ascii_string_to_signed (g_strstrip (text), 10, 2, G_MAXINT32, &pid, NULL))
    return;
  fd = pidfd_open ((pid_t) pid, 0);
  if (fd < 0)
    return;
  if (perry_process_is_in_container (pid, id))
    pidfd_send_signal (fd, SIGKILL, NULL, 0);
  close (fd);
}

static JsonNode *
get (PerryPodman *podman, const char *collection, const char *id)
{
  g_autofree char *what = g_strdup_printf ("looking for the probe of %s", id);
  PerryHttpRequest *request = perry_podman_request_new (podman, "GET", collection, id, "json");
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_set_deadline (request, END_PROBE_MS);
  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, what, NULL, NULL);
  return reply != NULL ? json_node_ref (reply->json) : NULL;
}

/* Podman goes on with a probe that nobody waits for, until it ends by itself; Docker kills it. */
static void
end_probes (PerryPodman *podman, const char *id)
{
  g_autoptr (JsonNode) inspect = get (podman, "containers", id);
  const char *full_id = perry_json_as_string (perry_json_find (inspect, "Id", NULL));
  const char *directory = perry_json_as_string (perry_json_find (inspect, "StaticDir", NULL));
  g_auto (GStrv) sessions = inspect != NULL ? perry_podman_inspect_exec_ids (inspect) : NULL;

  if (full_id == NULL || strlen (full_id) != 64 || directory == NULL || *directory != '/')
    return;
  for (char **session = sessions; session != NULL && *session != NULL; session++)
    {
      g_autoptr (JsonNode) exec = get (podman, "exec", *session);
      g_autofree char *path = g_build_filename (directory, *session, "exec_pid", NULL);

      if (exec != NULL && perry_podman_is_probe (exec, inspect))
        perry_podman_kill_probe (path, full_id);
    }
}

/* What Podman says of a probe that took longer than its timeout. */
static gboolean
took_too_long (const GError *error)
{
  return error->domain == PERRY_ERROR && strstr (error->message, "exceeded timeout") != NULL;
}

static JsonNode *
new_result (gboolean success)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_boolean_member (object, "success", success);
  json_node_take_object (node, object);
  return node;
}

JsonNode *
perry_podman_container_healthcheck (gpointer backend, const char *id, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  g_autofree char *what = g_strdup_printf ("probing the health of container %s", id);
  PerryHttpRequest *request = perry_podman_request_new (podman, "GET", "containers", id, "healthcheck");
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autoptr (GError) local_error = NULL;
  gboolean success = FALSE;

  /* How long it may take is the caller's to decide. */
  perry_http_request_set_deadline (request, -1);
  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, what, cancellable, &local_error);
  if (reply == NULL && g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_CANCELLED))
    end_probes (podman, id);
  if (reply == NULL && !took_too_long (local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (reply != NULL && !perry_podman_probe_from_reply (reply->json, &success))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL, "%s: Podman returned no status", what);
      return NULL;
    }
  return new_result (success);
}
