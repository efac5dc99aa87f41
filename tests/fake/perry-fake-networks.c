/* SPDX-License-Identifier: Apache-2.0 */
/* Networks and volumes: what was asked is kept and repeated; errors have the recorded status and words. */
#include "tests/fake/perry-fake-private.h"

#include <string.h>

#include "plugin-api/perry-json.h"

#define CREATED "2026-11-28T06:11:31.491553324Z"

typedef struct {
  char *name;
  char *id;
  JsonNode *report;
  GPtrArray *containers; /* ids */
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_free (entry->id);
  json_node_unref (entry->report);
  g_ptr_array_unref (entry->containers);
  g_free (entry);
}

GPtrArray *
perry_fake_entries_new (void)
{
  return g_ptr_array_new_with_free_func (entry_free);
}

static Entry *
find (GPtrArray *entries, const char *name)
{
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (entries, i);

      if (strcmp (entry->name, name) == 0 || (strlen (name) >= 2 && g_str_has_prefix (entry->id, name)))
        return entry;
    }
  return NULL;
}

static Entry *
add (GPtrArray *entries, const char *name, JsonObject *report)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->name = g_strdup (name);
  entry->id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
  entry->report = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (entry->report, report);
  entry->containers = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (entries, entry);
  return entry;
}

/* Copies @from's member @member, or sets what the engine says where nothing was asked. */
static void
keep (JsonObject *to, const char *as, JsonObject *from, const char *member, const char *otherwise)
{
  JsonNode *node = from != NULL && json_object_has_member (from, member)
                       ? json_node_copy (json_object_get_member (from, member))
                       : json_from_string (otherwise, NULL);

  json_object_set_member (to, as, node);
}

static Entry *
add_docker_network (PerryFakeEngine *engine, const char *name, JsonObject *asked)
{
  JsonObject *report = json_object_new ();
  Entry *entry = add (engine->networks, name, report);

  json_object_set_string_member (report, "Name", name);
  json_object_set_string_member (report, "Id", entry->id);
  json_object_set_string_member (report, "Created", CREATED);
  json_object_set_string_member (report, "Scope", "local");
  keep (report, "Driver", asked, "Driver", "\"bridge\"");
  if (engine->dialect == PERRY_FAKE_DOCKER_28)
    json_object_set_boolean_member (report, "EnableIPv4", TRUE);
  keep (report, "EnableIPv6", asked, "EnableIPv6", "false");
  keep (report, "IPAM", asked, "IPAM",
        "{\"Driver\":\"default\",\"Options\":null,\"Config\":[{\"Subnet\":\"172.18.0.0/16\",\"Gateway\":\"172.18.0.1\"}]}");
  keep (report, "Internal", asked, "Internal", "false");
  keep (report, "Options", asked, "Options", "{}");
  keep (report, "Labels", asked, "Labels", "{}");
  return entry;
}

static Entry *
add_podman_network (PerryFakeEngine *engine, const char *name, JsonObject *asked)
{
  JsonObject *report = json_object_new ();
  Entry *entry = add (engine->networks, name, report);

  json_object_set_string_member (report, "name", name);
  json_object_set_string_member (report, "id", entry->id);
  keep (report, "driver", asked, "driver", "\"bridge\"");
  keep (report, "network_interface", asked, "network_interface", "\"podman1\"");
  json_object_set_string_member (report, "created", CREATED);
  keep (report, "subnets", asked, "subnets", "[{\"subnet\":\"10.89.0.0/24\",\"gateway\":\"10.89.0.1\"}]");
  keep (report, "ipv6_enabled", asked, "ipv6_enabled", "false");
  keep (report, "internal", asked, "internal", "false");
  keep (report, "dns_enabled", asked, "dns_enabled", "false");
  if (asked != NULL && json_object_has_member (asked, "labels"))
    keep (report, "labels", asked, "labels", "{}");
  if (asked != NULL && json_object_has_member (asked, "options"))
    keep (report, "options", asked, "options", "{}");
  keep (report, "ipam_options", asked, "ipam_options", "{\"driver\":\"host-local\"}");
  return entry;
}

void
perry_fake_engine_add_network (PerryFakeEngine *engine, const char *name, const char *json)
{
  g_autoptr (JsonNode) asked = json_from_string (json, NULL);

  g_mutex_lock (&engine->lock);
  if (perry_fake_is_docker (engine))
    add_docker_network (engine, name, json_node_get_object (asked));
  else
    add_podman_network (engine, name, json_node_get_object (asked));
  g_mutex_unlock (&engine->lock);
}

static void
create_network (PerryFakeCall *call)
{
  PerryFakeEngine *engine = call->engine;
  JsonObject *asked = perry_json_as_object (call->body);
  gboolean docker = perry_fake_is_docker (engine);
  gboolean check = FALSE;
  const char *name = NULL;
  Entry *entry;

  if (!perry_json_read_string (asked, docker ? "Name" : "name", &name))
    {
      perry_fake_call_fail (call, 500, "EOF", "decode(): EOF");
      return;
    }
  perry_json_read_boolean (asked, "CheckDuplicate", &check);
  if (find (engine->networks, name) != NULL && (engine->dialect != PERRY_FAKE_DOCKER_20 || check))
    {
      if (docker)
        perry_fake_call_fail (call, 409, NULL, "network with name %s already exists", name);
      else
        perry_fake_call_fail (call, 409, "network already exists", "network name %s already used: network already exists",
                              name);
      return;
    }
  if (docker)
    {
      entry = add_docker_network (engine, name, asked);
      perry_fake_call_reply (call, 201, "{\"Id\":\"%s\",\"Warning\":\"\"}\n", entry->id);
      return;
    }
  entry = add_podman_network (engine, name, asked);
  perry_fake_call_reply_node (call, 200, entry->report);
}

static void
fail_no_network (PerryFakeCall *call, const char *name)
{
  if (perry_fake_is_docker (call->engine))
    perry_fake_call_fail (call, 404, NULL, "network %s not found", name);
  else
    perry_fake_call_fail (call, 404, "network not found", "unable to find network with name or ID %s: network not found",
                          name);
}

static JsonNode *
report_with_containers (PerryFakeEngine *engine, Entry *entry)
{
  g_autofree char *text = perry_json_to_text (entry->report, FALSE);
  JsonNode *report = json_from_string (text, NULL);
  JsonObject *containers = json_object_new ();

  for (guint i = 0; i < entry->containers->len; i++)
    json_object_set_object_member (containers, g_ptr_array_index (entry->containers, i), json_object_new ());
  if (engine->dialect != PERRY_FAKE_PODMAN_4)
    json_object_set_object_member (json_node_get_object (report),
                                   perry_fake_is_docker (engine) ? "Containers" : "containers", containers);
  else
    json_object_unref (containers);
  return report;
}

static void
inspect_network (PerryFakeCall *call, Entry *entry)
{
  g_autoptr (JsonNode) report = report_with_containers (call->engine, entry);

  perry_fake_call_reply_node (call, 200, report);
}

static void
connect_network (PerryFakeCall *call, Entry *entry)
{
  PerryFakeContainer *container;
  const char *name = NULL;

  if (!perry_json_read_string (perry_json_as_object (call->body), "Container", &name))
    perry_json_read_string (perry_json_as_object (call->body), "container", &name);
  container = name != NULL ? perry_fake_engine_find_container (call->engine, name) : NULL;
  if (container == NULL)
    {
      perry_fake_call_fail (call, 404, "no such container",
                            perry_fake_is_docker (call->engine)
                                ? "No such container: %s"
                                : "no container with name or ID \"%s\" found: no such container", name);
      return;
    }
  if (g_ptr_array_find_with_equal_func (entry->containers, container->id, g_str_equal, NULL))
    {
      if (perry_fake_is_docker (call->engine))
        perry_fake_call_fail (call, 403, NULL, "endpoint with name %s already exists in network %s", name, entry->name);
      else
        perry_fake_call_fail (call, 500, "network is already connected", "container %s is already connected to network "
                              "\"%s\": network is already connected", container->id, entry->name);
      return;
    }
  g_ptr_array_add (entry->containers, g_strdup (container->id));
  perry_fake_call_reply (call, 200, "\"OK\"\n");
}

static void
disconnect_network (PerryFakeCall *call, Entry *entry)
{
  const char *name = NULL;
  PerryFakeContainer *container;
  guint index;

  perry_json_read_string (perry_json_as_object (call->body), "Container", &name);
  container = name != NULL ? perry_fake_engine_find_container (call->engine, name) : NULL;
  if (container == NULL
      || !g_ptr_array_find_with_equal_func (entry->containers, container->id, g_str_equal, &index))
    {
      perry_fake_call_fail (call, 500, "container is not connected", "container %s is not connected to network %s", name,
                            entry->name);
      return;
    }
  g_ptr_array_remove_index (entry->containers, index);
  perry_fake_call_reply (call, 200, "\"OK\"\n");
}

static void
remove_network (PerryFakeCall *call, Entry *entry)
{
  if (entry->containers->len > 0 && perry_fake_is_docker (call->engine))
    perry_fake_call_fail (call, 403, NULL, "error while removing network: network %s id %s has active endpoints",
                          entry->name, entry->id);
  else if (entry->containers->len > 0)
    perry_fake_call_fail (call, 500, "network is being used", "\"%s\" has associated containers with it. Use -f to forcibly "
                          "delete containers and pods: network is being used", entry->name);
  else
    {
      if (perry_fake_is_docker (call->engine))
        perry_fake_call_reply_empty (call, 204);
      else
        perry_fake_call_reply (call, 200, "[{\"Name\":\"%s\",\"Err\":null}]\n", entry->name);
      g_ptr_array_remove (call->engine->networks, entry);
    }
}

static void
reply_list (PerryFakeCall *call, GPtrArray *entries, const char *member)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < entries->len; i++)
    json_array_add_element (array, json_node_copy (((Entry *) g_ptr_array_index (entries, i))->report));
  json_node_take_array (node, array);
  if (member != NULL)
    {
      JsonObject *object = json_object_new ();
      JsonNode *outer = json_node_new (JSON_NODE_OBJECT);

      json_object_set_member (object, member, g_steal_pointer (&node));
      json_node_take_object (outer, object);
      node = outer;
    }
  perry_fake_call_reply_node (call, 200, node);
}

gboolean
perry_fake_networks_route (PerryFakeCall *call)
{
  gboolean docker = perry_fake_is_docker (call->engine);
  const char *method = call->request->method;
  const char *name = call->segments[1];
  const char *verb = name != NULL ? call->segments[2] : NULL;
  gboolean inspects = docker ? verb == NULL : g_strcmp0 (verb, "json") == 0;
  Entry *entry;

  if (strcmp (method, "GET") == 0 && (docker ? name == NULL : g_strcmp0 (name, "json") == 0))
    reply_list (call, call->engine->networks, NULL);
  else if (strcmp (method, "POST") == 0 && g_strcmp0 (name, "create") == 0)
    create_network (call);
  else if (name == NULL)
    return FALSE;
  else if ((entry = find (call->engine->networks, name)) == NULL)
    fail_no_network (call, name);
  else if (strcmp (method, "GET") == 0 && inspects)
    inspect_network (call, entry);
  else if (strcmp (method, "POST") == 0 && g_strcmp0 (verb, "connect") == 0)
    connect_network (call, entry);
  else if (strcmp (method, "POST") == 0 && g_strcmp0 (verb, "disconnect") == 0)
    disconnect_network (call, entry);
  else if (strcmp (method, "DELETE") == 0 && verb == NULL)
    remove_network (call, entry);
  else
    return FALSE;
  return TRUE;
}

static void
create_volume (PerryFakeCall *call)
{
  JsonObject *asked = perry_json_as_object (call->body);
  gboolean docker = perry_fake_is_docker (call->engine);
  g_autofree char *path = NULL;
  const char *name = NULL;
  JsonObject *report;
  Entry *entry;

  perry_json_read_string (asked, "Name", &name);
  entry = find (call->engine->volumes, name);
  if (entry != NULL)
    {
      /* Docker answers with what is there. */
      if (docker)
        perry_fake_call_reply_node (call, 201, entry->report);
      else
        perry_fake_call_fail (call, 500, "volume already exists", "volume with name %s already exists: volume already "
                              "exists", name);
      return;
    }
  path = g_strdup_printf ("/var/lib/fake/root/volumes/%s/_data", name);
  report = json_object_new ();
  entry = add (call->engine->volumes, name, report);
  json_object_set_string_member (report, "Name", name);
  keep (report, "Driver", asked, "Driver", "\"local\"");
  json_object_set_string_member (report, "Mountpoint", path);
  json_object_set_string_member (report, "CreatedAt", "2026-11-28T06:28:16Z");
  keep (report, "Labels", asked, "Labels", docker ? "null" : "{}");
  json_object_set_string_member (report, "Scope", "local");
  keep (report, "Options", asked, docker ? "DriverOpts" : "Options", docker ? "null" : "{}");
  perry_fake_call_reply_node (call, 201, entry->report);
}

static gboolean
is_used (PerryFakeEngine *engine, const char *name)
{
  for (guint i = 0; i < engine->containers->len; i++)
    {
      PerryFakeContainer *container = g_ptr_array_index (engine->containers, i);
      g_autofree char *report = perry_json_to_text (container->report, FALSE);
      g_autofree char *path = g_strdup_printf ("/volumes/%s/_data", name);

      if (strstr (report, path) != NULL)
        return TRUE;
    }
  return FALSE;
}

static void
remove_volume (PerryFakeCall *call, Entry *entry)
{
  if (!is_used (call->engine, entry->name))
    {
      g_ptr_array_remove (call->engine->volumes, entry);
      perry_fake_call_reply_empty (call, 204);
    }
  else if (perry_fake_is_docker (call->engine))
    perry_fake_call_fail (call, 409, NULL, "remove %s: volume is in use - [9ba8]", entry->name);
  else
    perry_fake_call_fail (call, 409, "volume is being used", "volume %s is being used by the following container(s): 84c4: "
                          "volume is being used", entry->name);
}

gboolean
perry_fake_volumes_route (PerryFakeCall *call)
{
  gboolean docker = perry_fake_is_docker (call->engine);
  const char *method = call->request->method;
  const char *name = call->segments[1];
  Entry *entry;

  if (strcmp (method, "GET") == 0 && (docker ? name == NULL : g_strcmp0 (name, "json") == 0))
    reply_list (call, call->engine->volumes, docker ? "Volumes" : NULL);
  else if (strcmp (method, "POST") == 0 && g_strcmp0 (name, "create") == 0)
    create_volume (call);
  else if (name == NULL)
    return FALSE;
  else if ((entry = find (call->engine->volumes, name)) == NULL)
    perry_fake_call_fail (call, 404, "no such volume",
                          docker ? "get %s: no such volume" : "no volume with name \"%s\" found: no such volume", name);
  else if (strcmp (method, "GET") == 0)
    perry_fake_call_reply_node (call, 200, entry->report);
  else if (strcmp (method, "DELETE") == 0)
    remove_volume (call, entry);
  else
    return FALSE;
  return TRUE;
}
