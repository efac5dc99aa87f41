/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fake/perry-fake-private.h"

#include <string.h>

#include "plugin-api/perry-json.h"

typedef void (*Handler) (PerryFakeCall *call);
typedef void (*ContainerHandler) (PerryFakeCall *call, PerryFakeContainer *container);

static const char *const shape_folders[] = { "docker-20.10.24", "docker-26.1.5", "docker-28.5.2", "podman-4.3.1",
                                             "podman-5.4.2",    "podman-5.8.6",  "podman-6.1.1" };

JsonNode *
perry_fake_engine_load_shape (PerryFakeEngine *engine, const char *name)
{
  g_autofree char *path = g_strdup_printf ("%s/%s/%s.json", PERRY_FAKE_SHAPES, shape_folders[engine->dialect], name);
  g_autofree char *text = NULL;
  GError *error = NULL;
  JsonNode *node;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  node = perry_json_parse (text, -1, NULL, &error);
  g_assert_no_error (error);
  return node;
}

void
perry_fake_call_reply (PerryFakeCall *call, guint status, const char *format, ...)
{
  va_list args;

  call->status = status;
  call->content_type = "application/json";
  va_start (args, format);
  call->reply = g_strdup_vprintf (format, args);
  va_end (args);
  call->reply_size = strlen (call->reply);
}

void
perry_fake_call_reply_empty (PerryFakeCall *call, guint status)
{
  call->status = status;
}

void
perry_fake_call_reply_node (PerryFakeCall *call, guint status, JsonNode *node)
{
  call->status = status;
  call->content_type = "application/json";
  call->reply = perry_json_to_text (node, FALSE);
  call->reply_size = strlen (call->reply);
}

void
perry_fake_call_fail (PerryFakeCall *call, guint status, const char *cause, const char *format, ...)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), NULL);
  JsonObject *object = json_object_new ();
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  if (!perry_fake_is_docker (call->engine))
    json_object_set_string_member (object, "cause", cause);
  json_object_set_string_member (object, "message", message);
  if (!perry_fake_is_docker (call->engine))
    json_object_set_int_member (object, "response", status);
  json_node_take_object (node, object);
  perry_fake_call_reply_node (call, status, node);
}

const char *
perry_fake_call_get_query (PerryFakeCall *call, const char *key)
{
  return call->query != NULL ? g_hash_table_lookup (call->query, key) : NULL;
}

gboolean
perry_fake_call_get_flag (PerryFakeCall *call, const char *key)
{
  const char *value = perry_fake_call_get_query (call, key);

  return value != NULL && (strcmp (value, "1") == 0 || g_ascii_strcasecmp (value, "true") == 0);
}

static void
handle_ping (PerryFakeCall *call)
{
  perry_fake_call_reply (call, 200, "OK");
  call->content_type = "text/plain; charset=utf-8";
}

static void
handle_shape (PerryFakeCall *call)
{
  g_autoptr (JsonNode) shape = perry_fake_engine_load_shape (call->engine, call->segments[0]);
  JsonObject *host = NULL;

  if (call->engine->kernel != NULL && perry_json_read_object (json_node_get_object (shape), "host", &host))
    json_object_set_string_member (host, "kernel", call->engine->kernel);
  perry_fake_call_reply_node (call, 200, shape);
}

void
perry_fake_engine_set_kernel (PerryFakeEngine *engine, const char *release)
{
  g_mutex_lock (&engine->lock);
  engine->kernel = release;
  g_mutex_unlock (&engine->lock);
}

void
perry_fake_engine_set_warnings (PerryFakeEngine *engine, const char *json)
{
  g_mutex_lock (&engine->lock);
  engine->warnings = json;
  g_mutex_unlock (&engine->lock);
}

static void
handle_create (PerryFakeCall *call)
{
  PerryFakeContainer *container = perry_fake_is_docker (call->engine) ? perry_fake_docker_create (call)
                                                                       : perry_fake_podman_create (call);

  if (container == NULL)
    return;
  g_ptr_array_add (call->engine->containers, container);
  perry_fake_call_reply (call, 201, "{\"Id\":\"%s\",\"Warnings\":%s}\n", container->id,
                         call->engine->warnings != NULL ? call->engine->warnings : "[]");
}

static gboolean
has_label (PerryFakeContainer *container, const char *wanted)
{
  const char *equals = strchr (wanted, '=');
  g_autofree char *key = equals != NULL ? g_strndup (wanted, (gsize) (equals - wanted)) : g_strdup (wanted);
  const char *value = NULL;

  return perry_json_read_string (container->labels, key, &value)
         && (equals == NULL || strcmp (value, equals + 1) == 0);
}

static gboolean
matches_filters (PerryFakeContainer *container, JsonObject *filters)
{
  JsonArray *labels = NULL;

  if (perry_json_read_array (filters, "label", &labels))
    for (guint i = 0; i < json_array_get_length (labels); i++)
      if (!has_label (container, json_array_get_string_element (labels, i)))
        return FALSE;
  return TRUE;
}

static void
handle_container_list (PerryFakeCall *call)
{
  const char *text = perry_fake_call_get_query (call, "filters");
  g_autoptr (JsonNode) filters = text != NULL ? json_from_string (text, NULL) : NULL;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < call->engine->containers->len; i++)
    {
      PerryFakeContainer *container = g_ptr_array_index (call->engine->containers, i);

      if (container->state != PERRY_FAKE_RUNNING && !perry_fake_call_get_flag (call, "all"))
        continue;
      if (matches_filters (container, perry_json_as_object (filters)))
        json_array_add_element (array, perry_fake_is_docker (call->engine) ? perry_fake_docker_list_entry (container)
                                                                            : perry_fake_podman_list_entry (container));
    }
  json_node_take_array (node, array);
  perry_fake_call_reply_node (call, 200, node);
}

/* Puts the lies of perry_fake_engine_set_report() into a report. */
static void
apply_reports (PerryFakeEngine *engine, JsonNode *report)
{
  GHashTableIter iter;
  gpointer path, json;

  g_hash_table_iter_init (&iter, engine->reports);
  while (g_hash_table_iter_next (&iter, &path, &json))
    {
      g_auto (GStrv) names = g_strsplit (path, ".", -1);
      JsonObject *object = json_node_get_object (report);
      guint last = g_strv_length (names) - 1;

      for (guint i = 0; i < last; i++)
        object = json_object_get_object_member (object, names[i]);
      json_object_set_member (object, names[last], json_from_string (json, NULL));
    }
}

static void
handle_inspect (PerryFakeCall *call, PerryFakeContainer *container)
{
  g_autoptr (JsonNode) report = perry_fake_is_docker (call->engine) ? perry_fake_docker_inspect (container)
                                                                     : perry_fake_podman_inspect (container);

  apply_reports (call->engine, report);
  perry_fake_call_reply_node (call, 200, report);
}

static gboolean
check_startable (PerryFakeCall *call, PerryFakeContainer *container)
{
  const char *command = container->workload == PERRY_FAKE_MISSING ? container->command[0] : NULL;

  if (command == NULL)
    return TRUE;
  container->exit_code = perry_fake_is_docker (call->engine) ? 127 : 0;
  g_free (container->start_error);
  container->start_error = g_strdup_printf ("failed to create shim task: OCI runtime create failed: runc create "
                                            "failed: unable to start container process: exec: \"%s\": stat %s: no "
                                            "such file or directory: unknown", command, command);
  if (perry_fake_is_docker (call->engine))
    perry_fake_call_fail (call, 400, NULL, "%s", container->start_error);
  else
    perry_fake_call_fail (call, 500, "OCI runtime attempted to invoke a command that was not found",
                          "runc: runc create failed: unable to start container process: exec: \"%s\": stat %s: no such "
                          "file or directory: OCI runtime attempted to invoke a command that was not found", command,
                          command);
  return FALSE;
}

static void
handle_init (PerryFakeCall *call, PerryFakeContainer *container)
{
  if (!check_startable (call, container))
    return;
  if (container->state != PERRY_FAKE_CREATED)
    {
      perry_fake_call_reply_empty (call, 304);
      return;
    }
  container->state = PERRY_FAKE_INITIALISED;
  perry_fake_call_reply_empty (call, 204);
}

static void
handle_start (PerryFakeCall *call, PerryFakeContainer *container)
{
  if (container->state == PERRY_FAKE_RUNNING)
    perry_fake_call_reply_empty (call, 304);
  else if (check_startable (call, container))
    {
      perry_fake_container_start (container);
      perry_fake_call_reply_empty (call, 204);
    }
}

static void
handle_stop (PerryFakeCall *call, PerryFakeContainer *container)
{
  if (container->state != PERRY_FAKE_RUNNING)
    {
      perry_fake_call_reply_empty (call, perry_fake_is_docker (call->engine) ? 304 : 204);
      return;
    }
  perry_fake_container_end (container, 143);
  perry_fake_call_reply_empty (call, 204);
}

static void
fail_not_running (PerryFakeCall *call, PerryFakeContainer *container)
{
  static const char *const states[] = { "created", "initialized", "running", "exited" };

  switch (call->engine->dialect)
    {
    case PERRY_FAKE_DOCKER_20:
      perry_fake_call_fail (call, 409, NULL, "Cannot kill container: %s: Container %s is not running",
                            call->segments[1], container->id);
      break;
    case PERRY_FAKE_DOCKER_26:
    case PERRY_FAKE_DOCKER_28:
      perry_fake_call_fail (call, 409, NULL, "cannot kill container: %s: container %s is not running",
                            call->segments[1], container->id);
      break;
    case PERRY_FAKE_PODMAN_4:
    case PERRY_FAKE_PODMAN_5:
    case PERRY_FAKE_PODMAN_5_8:
    case PERRY_FAKE_PODMAN_6:
    default:
      perry_fake_call_fail (call, call->engine->dialect == PERRY_FAKE_PODMAN_4 ? 500 : 409,
                            "container state improper", "can only kill running containers. %s is in state %s: "
                            "container state improper", container->id, states[container->state]);
      break;
    }
}

static void
handle_kill (PerryFakeCall *call, PerryFakeContainer *container)
{
  static const struct { const char *name; int number; } signals[] = {
    { "HUP", 1 }, { "INT", 2 }, { "QUIT", 3 }, { "KILL", 9 }, { "USR1", 10 }, { "USR2", 12 }, { "TERM", 15 },
  };
  const char *name = perry_fake_call_get_query (call, "signal");
  int number = name != NULL ? (int) g_ascii_strtoll (name, NULL, 10) : 9;

  if (container->state != PERRY_FAKE_RUNNING)
    {
      fail_not_running (call, container);
      return;
    }
  if (name != NULL && g_str_has_prefix (name, "SIG"))
    name += 3;
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    if (name != NULL && strcmp (signals[i].name, name) == 0)
      number = signals[i].number;
  perry_fake_container_end (container, 128 + number);
  perry_fake_call_reply_empty (call, 204);
}

static void
handle_wait (PerryFakeCall *call, PerryFakeContainer *container)
{
  const char *condition = perry_fake_call_get_query (call, "condition");
  gboolean ended = container->state == PERRY_FAKE_EXITED;

  /* Docker's default condition is true for a container that was never started; Podman waits for it. */
  if (perry_fake_is_docker (call->engine) && (condition == NULL || strcmp (condition, "not-running") == 0))
    ended = container->state != PERRY_FAKE_RUNNING;
  if (g_strcmp0 (condition, "removed") == 0 || (g_strcmp0 (condition, "next-exit") == 0))
    ended = FALSE;
  if (!ended)
    {
      perry_fake_container_add_waiter (container, call, g_strcmp0 (condition, "removed") == 0);
      return;
    }
  if (perry_fake_is_docker (call->engine))
    perry_fake_call_reply (call, 200, call->engine->dialect == PERRY_FAKE_DOCKER_20
                                          ? "{\"Error\":null,\"StatusCode\":%d}\n" : "{\"StatusCode\":%d}\n",
                           container->exit_code);
  else
    perry_fake_call_reply (call, 200, "%d\n", container->exit_code);
}

static void
handle_attach (PerryFakeCall *call, PerryFakeContainer *container)
{
  /* Podman makes the container's process here, so a command that is missing is told with 409 instead of at start. */
  if (!perry_fake_is_docker (call->engine) && container->state == PERRY_FAKE_CREATED)
    {
      if (!check_startable (call, container))
        {
          call->status = 409;
          return;
        }
      container->state = PERRY_FAKE_INITIALISED;
    }
  perry_fake_container_attach (container, call);
}

static void
handle_logs (PerryFakeCall *call, PerryFakeContainer *container)
{
  if (perry_fake_call_get_flag (call, "stdout") || perry_fake_call_get_flag (call, "stderr"))
    perry_fake_container_send_log (container, call);
  else if (perry_fake_is_docker (call->engine))
    perry_fake_call_fail (call, 400, NULL, "Bad parameters: you must choose at least one stream");
  else
    perry_fake_call_fail (call, 400, "Bad Request: you must choose at least one stream",
                          "Bad Request: you must choose at least one stream for %s", call->request->path);
}

static void
handle_exists (PerryFakeCall *call, PerryFakeContainer *container)
{
  perry_fake_call_reply_empty (call, 204);
}

static void
handle_container_remove (PerryFakeCall *call, PerryFakeContainer *container)
{
  if (container->state == PERRY_FAKE_RUNNING && !perry_fake_call_get_flag (call, "force"))
    {
      if (perry_fake_is_docker (call->engine))
        perry_fake_call_fail (call, 409, NULL, "You cannot remove a running container %s. Stop the container before "
                              "attempting removal or force remove", container->id);
      else
        perry_fake_call_fail (call, 500, "container state improper", "cannot remove container %s as it is running - "
                              "running or paused containers cannot be removed without force: container state improper",
                              container->id);
      return;
    }
  if (perry_fake_is_docker (call->engine))
    perry_fake_call_reply_empty (call, 204);
  else if (call->engine->dialect == PERRY_FAKE_PODMAN_4)
    perry_fake_call_reply (call, 200, "[{\"Id\":\"%s\",\"RawInput\":\"%s\"}]\n", container->id, call->segments[1]);
  else
    perry_fake_call_reply (call, 200, "[{\"Id\":\"%s\"}]\n", container->id);
  perry_fake_container_remove (container);
}

static gboolean
route_container (PerryFakeCall *call)
{
  static const struct {
    const char *method;
    const char *verb;
    gboolean podman_only;
    ContainerHandler handler;
  } rows[] = {
    { "GET", "json", FALSE, handle_inspect },
    { "POST", "init", TRUE, handle_init },
    { "POST", "start", FALSE, handle_start },
    { "POST", "stop", FALSE, handle_stop },
    { "POST", "kill", FALSE, handle_kill },
    { "POST", "wait", FALSE, handle_wait },
    { "POST", "attach", FALSE, handle_attach },
    { "GET", "logs", FALSE, handle_logs },
    { "GET", "exists", TRUE, handle_exists },
    { "DELETE", NULL, FALSE, handle_container_remove },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PerryFakeContainer *container;

      if (strcmp (rows[i].method, call->request->method) != 0 || g_strcmp0 (rows[i].verb, call->segments[2]) != 0
          || (rows[i].podman_only && perry_fake_is_docker (call->engine)))
        continue;
      container = perry_fake_engine_find_container (call->engine, call->segments[1]);
      if (container != NULL)
        rows[i].handler (call, container);
      else if (perry_fake_is_docker (call->engine))
        perry_fake_call_fail (call, 404, NULL, "No such container: %s", call->segments[1]);
      else
        perry_fake_call_fail (call, 404, "no such container",
                              "no container with name or ID \"%s\" found: no such container", call->segments[1]);
      return TRUE;
    }
  return FALSE;
}

static gboolean
matches_pattern (PerryFakeCall *call, const char *pattern)
{
  g_auto (GStrv) parts = g_strsplit (pattern, "/", -1);

  if (g_strv_length (parts) != call->n_segments)
    return FALSE;
  for (guint i = 0; i < call->n_segments; i++)
    if (strcmp (parts[i], "*") != 0 && strcmp (parts[i], call->segments[i]) != 0)
      return FALSE;
  return TRUE;
}

void
perry_fake_route (PerryFakeCall *call)
{
  static const struct { const char *method; const char *pattern; Handler handler; } rows[] = {
    { "GET", "_ping", handle_ping },
    { "HEAD", "_ping", handle_ping },
    { "GET", "version", handle_shape },
    { "GET", "info", handle_shape },
    { "GET", "images/json", perry_fake_images_list },
    { "GET", "images/*/json", perry_fake_images_inspect },
    { "POST", "images/load", perry_fake_images_load },
    { "POST", "images/create", perry_fake_images_import },
    { "POST", "images/import", perry_fake_images_import },
    { "POST", "images/*/tag", perry_fake_images_tag },
    { "DELETE", "images/*", perry_fake_images_remove },
    { "GET", "containers/json", handle_container_list },
    { "POST", "containers/create", handle_create },
  };

  if (!perry_fake_version_check (call))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].method, call->request->method) == 0 && matches_pattern (call, rows[i].pattern))
      {
        rows[i].handler (call);
        return;
      }
  if (call->n_segments >= 2 && call->n_segments <= 3 && strcmp (call->segments[0], "containers") == 0
      && route_container (call))
    return;
  if (call->n_segments >= 1 && call->n_segments <= 3 && strcmp (call->segments[0], "networks") == 0
      && perry_fake_networks_route (call))
    return;
  if (call->n_segments >= 1 && call->n_segments <= 3 && strcmp (call->segments[0], "volumes") == 0
      && perry_fake_volumes_route (call))
    return;
  if (perry_fake_is_docker (call->engine))
    perry_fake_call_fail (call, 404, NULL, "page not found");
  else
    {
      perry_fake_call_reply (call, 404, "Not Found\n");
      call->content_type = "text/plain; charset=utf-8";
    }
}
