/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes recorded from Podman 4.3.1 and 5.4.2, libpod endpoints. Inspect says what Podman made of a request, in other
 * words than the request's; where both versions word something alike the recording of 4.3.1 is followed. */
#include "tests/fake/perry-fake-private.h"

#include <string.h>

#include "plugin-api/perry-json.h"

static gint64
find_int (JsonNode *root, const char *outer, const char *middle, const char *member)
{
  gint64 value = 0;

  perry_json_as_int64 (perry_json_find (root, outer, middle, member, NULL), &value);
  return value;
}

static JsonArray *
array_of (GPtrArray *texts)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < texts->len; i++)
    json_array_add_string_element (array, g_ptr_array_index (texts, i));
  return array;
}

static gboolean
contains (GPtrArray *texts, const char *text)
{
  return g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL);
}

static char *
long_capability (const char *name)
{
  g_autofree char *upper = g_ascii_strup (name, -1);

  return g_str_has_prefix (upper, "CAP_") ? g_steal_pointer (&upper) : g_strconcat ("CAP_", upper, NULL);
}

/* Takes what was dropped away and adds what was added; @ret_added are those that are not granted by default. */
static GPtrArray *
compute_capabilities (JsonObject *request, GPtrArray *defaults, GPtrArray *ret_added)
{
  GPtrArray *result = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) add = NULL;
  g_auto (GStrv) drop = NULL;
  g_autoptr (GPtrArray) dropped = g_ptr_array_new_with_free_func (g_free);

  perry_json_read_strv (request, "cap_add", &add);
  perry_json_read_strv (request, "cap_drop", &drop);
  for (guint i = 0; drop != NULL && drop[i] != NULL; i++)
    g_ptr_array_add (dropped, long_capability (drop[i]));
  for (guint i = 0; i < defaults->len; i++)
    if (!contains (dropped, "CAP_ALL") && !contains (dropped, g_ptr_array_index (defaults, i)))
      g_ptr_array_add (result, g_strdup (g_ptr_array_index (defaults, i)));
  for (guint i = 0; add != NULL && add[i] != NULL; i++)
    {
      g_autofree char *name = long_capability (add[i]);

      if (!contains (defaults, name))
        g_ptr_array_add (ret_added, g_strdup (name));
      if (!contains (result, name))
        g_ptr_array_add (result, g_steal_pointer (&name));
    }
  return result;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
set_capabilities (JsonObject *report, JsonObject *host, JsonObject *request)
{
  g_autoptr (GPtrArray) defaults = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) dropped = g_ptr_array_new ();
  g_autoptr (GPtrArray) effective = NULL;
  g_auto (GStrv) names = NULL;

  perry_json_read_strv (report, "BoundingCaps", &names);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    g_ptr_array_add (defaults, g_strdup (names[i]));
  effective = compute_capabilities (request, defaults, added);
  g_ptr_array_sort (effective, compare_texts);
  for (guint i = 0; i < defaults->len; i++)
    if (!contains (effective, g_ptr_array_index (defaults, i)))
      g_ptr_array_add (dropped, g_ptr_array_index (defaults, i));

  /* An empty set is null here and an empty list there. */
  if (effective->len == 0)
    {
      json_object_set_null_member (report, "EffectiveCaps");
      json_object_set_null_member (report, "BoundingCaps");
    }
  else
    {
      json_object_set_array_member (report, "EffectiveCaps", array_of (effective));
      json_object_set_array_member (report, "BoundingCaps", array_of (effective));
    }
  json_object_set_array_member (host, "CapAdd", array_of (added));
  json_object_set_array_member (host, "CapDrop", array_of (dropped));
}

static char *
join_options (JsonObject *mount, const char *member)
{
  g_auto (GStrv) options = NULL;

  return perry_json_read_strv (mount, member, &options) ? g_strjoinv (",", options) : g_strdup ("");
}

static void
add_mount (JsonArray *mounts, const char *type, const char *name, const char *source, const char *target,
           const char *options)
{
  JsonObject *mount = json_object_new ();
  g_auto (GStrv) list = g_strsplit (options, ",", -1);
  JsonArray *kept = json_array_new ();

  for (guint i = 0; list[i] != NULL; i++)
    if (list[i][0] != '\0' && strcmp (list[i], "ro") != 0 && strcmp (list[i], "rw") != 0)
      json_array_add_string_element (kept, list[i]);
  json_object_set_string_member (mount, "Type", type);
  if (name != NULL)
    json_object_set_string_member (mount, "Name", name);
  json_object_set_string_member (mount, "Source", source);
  json_object_set_string_member (mount, "Destination", target);
  json_object_set_string_member (mount, "Driver", name != NULL ? "local" : "");
  json_object_set_string_member (mount, "Mode", "");
  json_object_set_array_member (mount, "Options", kept);
  json_object_set_boolean_member (mount, "RW", !g_strv_contains ((const char *const *) list, "ro"));
  json_object_set_string_member (mount, "Propagation", "rprivate");
  json_array_add_object_element (mounts, mount);
}

static void
add_asked_mounts (JsonObject *request, JsonArray *mounts, JsonObject *tmpfs)
{
  JsonArray *asked = NULL;

  if (!perry_json_read_array (request, "mounts", &asked))
    return;
  for (guint i = 0; i < json_array_get_length (asked); i++)
    {
      JsonObject *mount = json_array_get_object_element (asked, i);
      g_autofree char *options = join_options (mount, "options");
      const char *type = "", *source = "", *target = "";

      perry_json_read_string (mount, "type", &type);
      perry_json_read_string (mount, "source", &source);
      perry_json_read_string (mount, "destination", &target);
      if (strcmp (type, "tmpfs") == 0)
        {
          g_autofree char *value = g_strconcat (options, options[0] != '\0' ? "," : "", "rprivate,tmpcopyup", NULL);

          json_object_set_string_member (tmpfs, target, value);
        }
      else
        add_mount (mounts, type, NULL, source, target, options);
    }
}

static void
set_mounts (JsonObject *report, JsonObject *host, JsonObject *request)
{
  JsonArray *mounts = json_array_new ();
  JsonArray *asked = NULL;

  add_asked_mounts (request, mounts, json_object_get_object_member (host, "Tmpfs"));
  if (perry_json_read_array (request, "volumes", &asked))
    for (guint i = 0; i < json_array_get_length (asked); i++)
      {
        JsonObject *volume = json_array_get_object_element (asked, i);
        g_autofree char *options = join_options (volume, "Options");
        const char *name = "", *target = "";
        g_autofree char *source = NULL;

        perry_json_read_string (volume, "Name", &name);
        perry_json_read_string (volume, "Dest", &target);
        source = g_strdup_printf ("/var/lib/fake/root/volumes/%s/_data", name);
        add_mount (mounts, "volume", name, source, target, options);
      }
  json_object_set_array_member (report, "Mounts", mounts);
}

static void
set_limits (JsonObject *host, JsonNode *request)
{
  gint64 memory = find_int (request, "resource_limits", "memory", "limit");
  gint64 swap = find_int (request, "resource_limits", "memory", "swap");
  gint64 quota = find_int (request, "resource_limits", "cpu", "quota");
  gint64 period = find_int (request, "resource_limits", "cpu", "period");
  gint64 pids = find_int (request, "resource_limits", "pids", "limit");

  json_object_set_int_member (host, "Memory", memory);
  json_object_set_int_member (host, "MemorySwap", swap != 0 ? swap : 2 * memory);
  if (memory != 0)
    json_object_set_int_member (host, "MemorySwappiness", -1);
  json_object_set_int_member (host, "CpuQuota", quota);
  json_object_set_int_member (host, "CpuPeriod", period);
  json_object_set_int_member (host, "NanoCpus", period != 0 ? quota * 1000000000 / period : 0);
  if (pids != 0)
    json_object_set_int_member (host, "PidsLimit", pids);
}

static void
set_ulimits (JsonObject *host, JsonObject *request)
{
  JsonArray *asked = NULL;
  JsonArray *ulimits = json_array_new ();

  if (!perry_json_read_array (request, "r_limits", &asked))
    {
      json_array_unref (ulimits);
      return;
    }
  for (guint i = 0; i < json_array_get_length (asked); i++)
    {
      JsonObject *limit = json_array_get_object_element (asked, i);
      JsonObject *ulimit = json_object_new ();
      const char *type = "";
      g_autofree char *upper = NULL;
      g_autofree char *name = NULL;
      gint64 value = 0;

      perry_json_read_string (limit, "type", &type);
      upper = g_ascii_strup (type, -1);
      name = g_strconcat ("RLIMIT_", upper, NULL);
      json_object_set_string_member (ulimit, "Name", name);
      perry_json_read_int64 (limit, "soft", &value);
      json_object_set_int_member (ulimit, "Soft", value);
      perry_json_read_int64 (limit, "hard", &value);
      json_object_set_int_member (ulimit, "Hard", value);
      json_array_add_object_element (ulimits, ulimit);
    }
  json_object_set_array_member (host, "Ulimits", ulimits);
}

static void
set_security (JsonObject *report, JsonObject *host, JsonObject *config, JsonObject *request)
{
  JsonArray *options = json_array_new ();
  gboolean on = FALSE;
  const char *user = NULL;

  if (perry_json_read_boolean (request, "no_new_privileges", &on) && on)
    json_array_add_string_element (options, "no-new-privileges");
  json_object_set_array_member (host, "SecurityOpt", options);
  on = FALSE;
  perry_json_read_boolean (request, "read_only_filesystem", &on);
  json_object_set_boolean_member (host, "ReadonlyRootfs", on);
  on = FALSE;
  perry_json_read_boolean (request, "privileged", &on);
  json_object_set_boolean_member (host, "Privileged", on);
  on = FALSE;
  perry_json_read_boolean (request, "init", &on);
  if (on)
    json_object_set_boolean_member (host, "Init", TRUE);
  if (perry_json_read_string (request, "user", &user))
    json_object_set_string_member (config, "User", user);
  set_capabilities (report, host, request);
}

static void
set_environment (JsonObject *config, JsonObject *request)
{
  JsonObject *asked = NULL;
  JsonArray *environment = json_object_get_array_member (config, "Env");
  GList *names;

  if (!perry_json_read_object (request, "env", &asked))
    return;
  names = json_object_get_members (asked);
  for (GList *name = names; name != NULL; name = name->next)
    {
      g_autofree char *entry = g_strdup_printf ("%s=%s", (const char *) name->data,
                                                json_object_get_string_member (asked, name->data));

      json_array_add_string_element (environment, entry);
    }
  g_list_free (names);
}

static void
set_command (JsonObject *report, JsonObject *config, JsonObject *request, char **command)
{
  JsonArray *arguments = json_array_new ();
  g_auto (GStrv) entrypoint = NULL;
  g_autofree char *joined = NULL;

  json_object_set_string_member (report, "Path", command[0] != NULL ? command[0] : "");
  for (guint i = 1; command[0] != NULL && command[i] != NULL; i++)
    json_array_add_string_element (arguments, command[i]);
  json_object_set_array_member (report, "Args", arguments);
  if (json_object_has_member (request, "command"))
    json_object_set_member (config, "Cmd", json_node_copy (json_object_get_member (request, "command")));
  if (!perry_json_read_strv (request, "entrypoint", &entrypoint))
    return;
  /* Both versions report the entrypoint as one text. */
  joined = g_strjoinv (" ", entrypoint);
  json_object_set_string_member (config, "Entrypoint", joined);
}

static void
set_plain_members (PerryFakeContainer *container, JsonObject *config, JsonObject *host, JsonNode *request)
{
  JsonObject *asked = json_node_get_object (request);
  const char *text = NULL;

  if (perry_json_read_string (asked, "work_dir", &text))
    json_object_set_string_member (config, "WorkingDir", text);
  if (json_object_has_member (asked, "labels"))
    json_object_set_member (config, "Labels", json_node_copy (json_object_get_member (asked, "labels")));
  text = perry_json_as_string (perry_json_find (request, "netns", "nsmode", NULL));
  json_object_set_string_member (host, "NetworkMode", text != NULL ? text : "bridge");
  perry_json_read_boolean (asked, "terminal", &container->has_terminal);
  perry_json_read_boolean (asked, "remove", &container->auto_remove);
  json_object_set_boolean_member (config, "Tty", container->has_terminal);
  json_object_set_boolean_member (host, "AutoRemove", container->auto_remove);
  json_object_set_boolean_member (config, "OpenStdin",
                                  json_object_get_boolean_member_with_default (asked, "stdin", FALSE));
  container->labels = json_object_new ();
  if (JSON_NODE_HOLDS_OBJECT (json_object_get_member (config, "Labels")))
    {
      json_object_unref (container->labels);
      container->labels = json_object_ref (json_object_get_object_member (config, "Labels"));
    }
}

static void
fill_report (PerryFakeContainer *container, JsonNode *request, PerryFakeImage *image)
{
  JsonObject *report = json_node_get_object (container->report);
  JsonObject *asked = json_node_get_object (request);
  JsonObject *config = json_object_get_object_member (report, "Config");
  JsonObject *host = json_object_get_object_member (report, "HostConfig");
  g_autofree char *created = perry_fake_format_time (container->created_at);
  g_autofree char *hostname = g_strndup (container->id, 12);
  g_autofree char *digest = g_strconcat ("sha256:", image->digest, NULL);

  json_object_set_string_member (report, "Id", container->id);
  json_object_set_string_member (report, "Name", container->name);
  json_object_set_string_member (report, "Created", created);
  json_object_set_string_member (report, "Image", image->id);
  json_object_set_string_member (report, "ImageDigest", digest);
  json_object_set_string_member (report, "ImageName", image->reference);
  json_object_set_string_member (config, "Image", image->reference);
  json_object_set_string_member (config, "Hostname", hostname);
  json_object_set_object_member (host, "Tmpfs", json_object_new ());
  set_plain_members (container, config, host, request);
  set_command (report, config, asked, container->command);
  set_environment (config, asked);
  set_security (report, host, config, asked);
  set_mounts (report, host, asked);
  set_limits (host, request);
  set_ulimits (host, asked);
}

static char **
find_command (JsonObject *request)
{
  g_auto (GStrv) entrypoint = NULL;
  g_auto (GStrv) command = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  perry_json_read_strv (request, "entrypoint", &entrypoint);
  perry_json_read_strv (request, "command", &command);
  if (entrypoint != NULL)
    g_strv_builder_addv (builder, (const char **) entrypoint);
  if (command != NULL)
    g_strv_builder_addv (builder, (const char **) command);
  return g_strv_builder_end (builder);
}

static PerryFakeImage *
check_create (PerryFakeCall *call, JsonObject *request, const char *name)
{
  PerryFakeContainer *other = name != NULL ? perry_fake_engine_find_container (call->engine, name) : NULL;
  const char *reference = NULL;
  PerryFakeImage *image;

  if (request == NULL)
    perry_fake_call_fail (call, 500, "invalid character 'v' looking for beginning of value",
                          "decode(): invalid character 'v' looking for beginning of value");
  else if (!perry_json_read_string (request, "image", &reference))
    perry_fake_call_fail (call, 500, "invalid argument",
                          "must set root filesystem source to either image or rootfs: invalid argument");
  if (reference == NULL)
    return NULL;
  image = perry_fake_engine_find_image (call->engine, reference);
  if (image == NULL)
    {
      perry_fake_call_fail (call, call->engine->dialect == PERRY_FAKE_PODMAN_4 ? 500 : 404, "image not known",
                            "%s: image not known", reference);
      return NULL;
    }
  if (other == NULL)
    return image;
  perry_fake_call_fail (call, 500, "that name is already in use", "creating container storage: the container name "
                        "\"%s\" is already in use by %s. You have to remove that container to be able to reuse that "
                        "name: that name is already in use", name, other->id);
  return NULL;
}

PerryFakeContainer *
perry_fake_podman_create (PerryFakeCall *call)
{
  JsonObject *request = perry_json_as_object (call->body);
  const char *name = NULL;
  PerryFakeImage *image;
  g_auto (GStrv) command = NULL;
  PerryFakeContainer *container;

  perry_json_read_string (request, "name", &name);
  image = check_create (call, request, name);
  if (image == NULL)
    return NULL;
  command = find_command (request);
  container = perry_fake_container_new (call->engine, command);
  container->name = name != NULL ? g_strdup (name) : g_strdup_printf ("fake_%u", call->engine->serial);
  container->image_id = g_strdup (image->id);
  container->image_name = g_strdup (image->reference);
  container->report = perry_fake_engine_load_shape (call->engine, "container");
  fill_report (container, call->body, image);
  return container;
}

static const char *
state_name (PerryFakeContainer *container)
{
  static const char *const names[] = { "created", "initialized", "running", "exited" };

  return names[container->state];
}

JsonNode *
perry_fake_podman_inspect (PerryFakeContainer *container)
{
  g_autofree char *text = perry_json_to_text (container->report, FALSE);
  JsonNode *report = json_from_string (text, NULL);
  JsonObject *state = json_object_get_object_member (json_node_get_object (report), "State");
  gboolean has_process = container->state == PERRY_FAKE_RUNNING || container->state == PERRY_FAKE_INITIALISED;
  g_autofree char *started = perry_fake_format_time (container->started_at);
  g_autofree char *finished = perry_fake_format_time (container->finished_at);

  json_object_set_string_member (state, "Status", state_name (container));
  json_object_set_boolean_member (state, "Running", container->state == PERRY_FAKE_RUNNING);
  json_object_set_int_member (state, "Pid", has_process ? container->engine->pid : 0);
  if (has_process)
    json_object_set_int_member (state, "ConmonPid", container->engine->pid - 1);
  if (container->state == PERRY_FAKE_RUNNING)
    {
      g_autofree char *cgroup = g_strconcat ("/libpod_parent/libpod-", container->id, NULL);

      json_object_set_string_member (state, "CgroupPath", cgroup);
    }
  json_object_set_int_member (state, "ExitCode", has_process ? 0 : container->exit_code);
  json_object_set_string_member (state, "StartedAt", started);
  json_object_set_string_member (state, "FinishedAt", finished);
  return report;
}

JsonNode *
perry_fake_podman_list_entry (PerryFakeContainer *container)
{
  JsonObject *entry = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), entry);
  JsonArray *names = json_array_new ();
  JsonArray *command = json_array_new ();
  g_autofree char *created = perry_fake_format_time (container->created_at);
  gboolean exited = container->state == PERRY_FAKE_EXITED;
  gboolean has_process = container->state == PERRY_FAKE_RUNNING || container->state == PERRY_FAKE_INITIALISED;

  json_object_unref (entry);
  json_array_add_string_element (names, container->name);
  for (guint i = 0; container->command[i] != NULL; i++)
    json_array_add_string_element (command, container->command[i]);
  json_object_set_boolean_member (entry, "AutoRemove", container->auto_remove);
  json_object_set_array_member (entry, "Command", command);
  json_object_set_string_member (entry, "Created", created);
  json_object_set_string_member (entry, "CreatedAt", "");
  json_object_set_boolean_member (entry, "Exited", exited);
  /* The year 1 in Unix seconds stands for never. */
  json_object_set_int_member (entry, "ExitedAt", exited ? container->finished_at / G_USEC_PER_SEC : -62135596800);
  json_object_set_int_member (entry, "ExitCode", container->exit_code);
  json_object_set_string_member (entry, "Id", container->id);
  json_object_set_string_member (entry, "Image", container->image_name);
  json_object_set_string_member (entry, "ImageID", container->image_id);
  json_object_set_boolean_member (entry, "IsInfra", FALSE);
  if (json_object_get_size (container->labels) == 0)
    json_object_set_null_member (entry, "Labels");
  else
    json_object_set_object_member (entry, "Labels", json_object_ref (container->labels));
  json_object_set_array_member (entry, "Mounts", json_array_new ());
  json_object_set_array_member (entry, "Names", names);
  json_object_set_int_member (entry, "Pid", has_process ? container->engine->pid : 0);
  json_object_set_null_member (entry, "Ports");
  json_object_set_int_member (entry, "StartedAt", container->started_at != 0 ? container->started_at / G_USEC_PER_SEC
                                                                             : -62135596800);
  json_object_set_string_member (entry, "State", state_name (container));
  json_object_set_string_member (entry, "Status", "");
  return node;
}
