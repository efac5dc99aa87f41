/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes recorded from Docker 20.10.24 (API 1.41), 26.1.5 (1.45) and 28.5.2 (1.51). What a create request holds is
 * repeated by inspect as it was sent; members that these versions do not know are ignored without a word, as the engine
 * does. */
#include "tests/fake/perry-fake-private.h"

#include <string.h>

#include "plugin-api/perry-json.h"

/* Members that a plain container's inspect lacks and that appear once they are asked for. */
static const char *const optional_host_members[] = { "Tmpfs", "Init", "Mounts", "Sysctls", "StorageOpt", NULL };
static const char *const optional_members[] = { "Healthcheck", "StopSignal", "StopTimeout", "ExposedPorts", NULL };

static void
copy_members (JsonObject *from, JsonObject *to, const char *const *optional)
{
  GList *names = from != NULL ? json_object_get_members (from) : NULL;

  for (GList *name = names; name != NULL; name = name->next)
    if (json_object_has_member (to, name->data) || g_strv_contains (optional, name->data))
      json_object_set_member (to, name->data, json_node_copy (json_object_get_member (from, name->data)));
  g_list_free (names);
}

static gint64
get_int (JsonObject *object, const char *member)
{
  gint64 value = 0;

  perry_json_read_int64 (object, member, &value);
  return value;
}

/* What the daemon fills in where a request says nothing. */
static void
add_host_defaults (JsonObject *host)
{
  const char *runtime = NULL;

  if (!perry_json_read_string (host, "Runtime", &runtime) || runtime[0] == '\0')
    json_object_set_string_member (host, "Runtime", "runc");
  if (get_int (host, "Memory") > 0 && get_int (host, "MemorySwap") == 0)
    json_object_set_int_member (host, "MemorySwap", 2 * get_int (host, "Memory"));
}

static void
add_mount (JsonArray *mounts, JsonObject *asked)
{
  JsonObject *mount = json_object_new ();
  const char *type = "", *source = "", *target = "";
  gboolean read_only = FALSE;

  perry_json_read_string (asked, "Type", &type);
  perry_json_read_string (asked, "Source", &source);
  perry_json_read_string (asked, "Target", &target);
  perry_json_read_boolean (asked, "ReadOnly", &read_only);
  json_object_set_string_member (mount, "Type", type);
  if (strcmp (type, "volume") == 0)
    {
      g_autofree char *path = g_strdup_printf ("/var/lib/fake/root/volumes/%s/_data", source);

      json_object_set_string_member (mount, "Name", source);
      json_object_set_string_member (mount, "Source", path);
      json_object_set_string_member (mount, "Driver", "local");
    }
  else
    json_object_set_string_member (mount, "Source", strcmp (type, "bind") == 0 ? source : "");
  json_object_set_string_member (mount, "Destination", target);
  json_object_set_string_member (mount, "Mode", strcmp (type, "volume") == 0 ? "z" : "");
  json_object_set_boolean_member (mount, "RW", !read_only);
  json_object_set_string_member (mount, "Propagation", strcmp (type, "bind") == 0 ? "rprivate" : "");
  json_array_add_object_element (mounts, mount);
}

static void
add_mounts (JsonObject *report, JsonObject *host)
{
  JsonArray *asked = NULL;
  JsonArray *mounts = json_array_new ();

  if (perry_json_read_array (host, "Mounts", &asked))
    for (guint i = 0; i < json_array_get_length (asked); i++)
      add_mount (mounts, json_array_get_object_element (asked, i));
  json_object_set_array_member (report, "Mounts", mounts);
}

static char **
find_command (JsonObject *request)
{
  g_auto (GStrv) entrypoint = NULL;
  g_auto (GStrv) command = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  perry_json_read_strv (request, "Entrypoint", &entrypoint);
  perry_json_read_strv (request, "Cmd", &command);
  if (entrypoint != NULL)
    g_strv_builder_addv (builder, (const char **) entrypoint);
  if (command != NULL)
    g_strv_builder_addv (builder, (const char **) command);
  else if (entrypoint == NULL)
    g_strv_builder_add (builder, "sh");
  return g_strv_builder_end (builder);
}

static void
set_command (JsonObject *report, char **command)
{
  JsonArray *arguments = json_array_new ();

  json_object_set_string_member (report, "Path", command[0] != NULL ? command[0] : "");
  for (guint i = 1; command[0] != NULL && command[i] != NULL; i++)
    json_array_add_string_element (arguments, command[i]);
  json_object_set_array_member (report, "Args", arguments);
}

static void
set_network (JsonObject *report, JsonObject *host)
{
  JsonObject *settings = json_object_get_object_member (report, "NetworkSettings");
  JsonObject *networks = json_object_get_object_member (settings, "Networks");
  const char *mode = "default";
  JsonNode *endpoint = json_node_copy (json_object_get_member (networks, "none"));

  perry_json_read_string (host, "NetworkMode", &mode);
  json_object_remove_member (networks, "none");
  json_object_set_member (networks, strcmp (mode, "default") == 0 ? "bridge" : mode, endpoint);
}

static void
fill_report (PerryFakeContainer *container, JsonObject *request)
{
  JsonObject *report = json_node_get_object (container->report);
  JsonObject *config = json_object_get_object_member (report, "Config");
  JsonObject *host = json_object_get_object_member (report, "HostConfig");
  JsonObject *asked_host = NULL;
  g_autofree char *name = g_strconcat ("/", container->name, NULL);
  g_autofree char *created = perry_fake_format_time (container->created_at);
  g_autofree char *hostname = g_strndup (container->id, 12);
  g_autofree char *image = g_strconcat ("sha256:", container->image_id, NULL);

  json_object_set_string_member (report, "Id", container->id);
  json_object_set_string_member (report, "Name", name);
  json_object_set_string_member (report, "Created", created);
  json_object_set_string_member (report, "Image", image);
  json_object_set_string_member (config, "Hostname", hostname);
  copy_members (request, config, optional_members);
  perry_json_read_object (request, "HostConfig", &asked_host);
  copy_members (asked_host, host, optional_host_members);
  add_host_defaults (host);
  add_mounts (report, host);
  set_command (report, container->command);
  set_network (report, host);
  perry_json_read_boolean (config, "Tty", &container->has_terminal);
  perry_json_read_boolean (host, "AutoRemove", &container->auto_remove);
  container->labels = json_object_has_member (config, "Labels")
                              && JSON_NODE_HOLDS_OBJECT (json_object_get_member (config, "Labels"))
                          ? json_object_ref (json_object_get_object_member (config, "Labels"))
                          : json_object_new ();
}

static PerryFakeImage *
check_create (PerryFakeCall *call, JsonObject *request, const char *name)
{
  gboolean old = call->engine->dialect == PERRY_FAKE_DOCKER_20;
  PerryFakeContainer *other = name != NULL ? perry_fake_engine_find_container (call->engine, name) : NULL;
  PerryFakeImage *image;
  const char *reference = NULL;

  if (request == NULL)
    perry_fake_call_fail (call, old ? 500 : 400, NULL, "%sinvalid character 'v' looking for beginning of value",
                          old ? "" : "invalid JSON: ");
  else if (!perry_json_read_string (request, "Image", &reference))
    perry_fake_call_fail (call, 400, NULL, "%s cannot be empty in order to create a container",
                          old ? "Config" : "config");
  if (reference == NULL)
    return NULL;
  image = perry_fake_engine_find_image (call->engine, reference);
  if (image == NULL)
    {
      perry_fake_call_fail (call, 404, NULL, "No such image: %s", reference);
      return NULL;
    }
  if (other == NULL)
    return image;
  perry_fake_call_fail (call, 409, NULL, "Conflict. The container name \"/%s\" is already in use by container \"%s\". "
                        "You have to remove (or rename) that container to be able to reuse that name.", name,
                        other->id);
  return NULL;
}

PerryFakeContainer *
perry_fake_docker_create (PerryFakeCall *call)
{
  JsonObject *request = perry_json_as_object (call->body);
  const char *name = perry_fake_call_get_query (call, "name");
  PerryFakeImage *image = check_create (call, request, name);
  g_auto (GStrv) command = NULL;
  PerryFakeContainer *container;

  if (image == NULL || !perry_fake_version_gate (call, request))
    return NULL;
  command = find_command (request);
  container = perry_fake_container_new (call->engine, command);
  container->name = name != NULL ? g_strdup (name) : g_strdup_printf ("fake_%u", call->engine->serial);
  container->image_id = g_strdup (image->id);
  container->image_name = g_strdup (json_object_get_string_member (request, "Image"));
  container->report = perry_fake_engine_load_shape (call->engine, "container");
  fill_report (container, request);
  return container;
}

static const char *
state_name (PerryFakeContainer *container)
{
  switch (container->state)
    {
    case PERRY_FAKE_RUNNING:
      return "running";
    case PERRY_FAKE_EXITED:
      return "exited";
    case PERRY_FAKE_CREATED:
    case PERRY_FAKE_INITIALISED:
    default:
      return "created";
    }
}

JsonNode *
perry_fake_docker_inspect (PerryFakeContainer *container)
{
  g_autofree char *text = perry_json_to_text (container->report, FALSE);
  JsonNode *report = json_from_string (text, NULL);
  JsonObject *state = json_object_get_object_member (json_node_get_object (report), "State");
  gboolean running = container->state == PERRY_FAKE_RUNNING;
  g_autofree char *started = perry_fake_format_time (container->started_at);
  g_autofree char *finished = perry_fake_format_time (container->finished_at);

  json_object_set_string_member (state, "Status", state_name (container));
  json_object_set_boolean_member (state, "Running", running);
  json_object_set_int_member (state, "Pid", running ? container->engine->pid : 0);
  json_object_set_int_member (state, "ExitCode", running ? 0 : container->exit_code);
  json_object_set_string_member (state, "Error", container->start_error != NULL ? container->start_error : "");
  json_object_set_string_member (state, "StartedAt", started);
  json_object_set_string_member (state, "FinishedAt", finished);
  return report;
}

JsonNode *
perry_fake_docker_list_entry (PerryFakeContainer *container)
{
  JsonObject *entry = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), entry);
  JsonArray *names = json_array_new ();
  JsonObject *report = json_node_get_object (container->report);
  JsonObject *host = json_object_new ();
  g_autofree char *name = g_strconcat ("/", container->name, NULL);
  g_autofree char *image = g_strconcat ("sha256:", container->image_id, NULL);
  g_autofree char *command = g_strjoinv (" ", container->command);
  const char *mode = "default";

  json_object_unref (entry);
  json_array_add_string_element (names, name);
  perry_json_read_string (json_object_get_object_member (report, "HostConfig"), "NetworkMode", &mode);
  json_object_set_string_member (host, "NetworkMode", mode);
  json_object_set_string_member (entry, "Id", container->id);
  json_object_set_array_member (entry, "Names", names);
  json_object_set_string_member (entry, "Image", container->image_name);
  json_object_set_string_member (entry, "ImageID", image);
  json_object_set_string_member (entry, "Command", command);
  json_object_set_int_member (entry, "Created", container->created_at / G_USEC_PER_SEC);
  json_object_set_array_member (entry, "Ports", json_array_new ());
  json_object_set_object_member (entry, "Labels", json_object_ref (container->labels));
  json_object_set_string_member (entry, "State", state_name (container));
  json_object_set_string_member (entry, "Status", container->state == PERRY_FAKE_RUNNING ? "Up 1 second" : "Created");
  if (container->state == PERRY_FAKE_EXITED)
    {
      g_autofree char *status = g_strdup_printf ("Exited (%d) 1 second ago", container->exit_code);

      json_object_set_string_member (entry, "Status", status);
    }
  json_object_set_object_member (entry, "HostConfig", host);
  json_object_set_array_member (entry, "Mounts", json_array_new ());
  return node;
}
