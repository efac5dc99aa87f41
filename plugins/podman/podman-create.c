/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-create.h"

#include "plugins/http-client/perry-engine-body.h"
#include "plugins/http-client/perry-engine-mounts.h"
#include "plugins/http-client/perry-engine-settings.h"
#include "plugins/podman/podman-health.h"

#define CPU_PERIOD_US 100000
#define SHM "/dev/shm"
#define CONTAINER "container:"

static void
set_namespace (JsonObject *body, const char *member, const char *mode)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "nsmode", mode);
  json_object_set_object_member (body, member, object);
}

static void
add_namespaces (JsonObject *body, const PerryContainerSpec *spec)
{
  static const struct { PerryField field; const char *member; } modes[] = { { PERRY_FIELD_PID, "pidns" },
                                                                            { PERRY_FIELD_IPC, "ipcns" },
                                                                            { PERRY_FIELD_UTS, "utsns" },
                                                                            { PERRY_FIELD_USERNS, "userns" } };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      const char *mode = perry_container_spec_get_string (spec, modes[i].field);

      if (mode != NULL && g_str_has_prefix (mode, CONTAINER))
        {
          set_namespace (body, modes[i].member, "container");
          json_object_set_string_member (json_object_get_object_member (body, modes[i].member), "value",
                                         mode + strlen (CONTAINER));
        }
      else if (mode != NULL)
        set_namespace (body, modes[i].member, mode);
      else if (modes[i].field == PERRY_FIELD_IPC)
        set_namespace (body, modes[i].member, "private");
    }
}

static void
add_network (JsonObject *body, const PerryContainerSpec *spec)
{
  const char *network = perry_container_spec_get_network (spec);
  JsonObject *networks, *endpoint;

  if (network == NULL)
    return;
  if (g_str_equal (network, "none") || g_str_equal (network, "host") || g_str_equal (network, "bridge"))
    {
      set_namespace (body, "netns", network);
      return;
    }
  set_namespace (body, "netns", "bridge");
  networks = json_object_new ();
  endpoint = json_object_new ();
  perry_engine_body_set_strv (endpoint, "aliases", spec, PERRY_FIELD_NETWORK_ALIASES);
  json_object_set_object_member (networks, network, endpoint);
  json_object_set_object_member (body, "Networks", networks);
}

static void
add_ports (JsonObject *body, const PerryContainerSpec *spec)
{
  g_autoptr (GPtrArray) ports = perry_container_spec_dup_ports (spec);
  JsonArray *mappings = json_array_new ();

  for (guint i = 0; i < ports->len; i++)
    {
      const PerryPort *port = ports->pdata[i];
      JsonObject *mapping = json_object_new ();

      if (port->host_ip != NULL)
        json_object_set_string_member (mapping, "host_ip", port->host_ip);
      if (port->host_port != 0)
        json_object_set_int_member (mapping, "host_port", port->host_port);
      json_object_set_int_member (mapping, "container_port", port->container_port);
      json_object_set_int_member (mapping, "range", port->count);
      json_object_set_string_member (mapping, "protocol", port->protocol);
      json_array_add_object_element (mappings, mapping);
    }
  if (ports->len > 0)
    json_object_set_array_member (body, "portmappings", mappings);
  else
    json_array_unref (mappings);
}

static void
add_security (JsonObject *body, const PerryContainerSpec *spec, const PerryPodmanSurroundings *surroundings)
{
  const char *seccomp = perry_container_spec_get_string (spec, PERRY_FIELD_SECCOMP);

  perry_engine_body_set_boolean (body, "privileged", spec, PERRY_FIELD_PRIVILEGED);
  perry_engine_body_set_strv (body, "cap_drop", spec, PERRY_FIELD_CAP_DROP);
  perry_engine_body_set_strv (body, "cap_add", spec, PERRY_FIELD_CAP_ADD);
  perry_engine_body_set_boolean (body, "no_new_privileges", spec, PERRY_FIELD_NO_NEW_PRIVILEGES);
  perry_engine_body_set_string (body, "apparmor_profile", spec, PERRY_FIELD_APPARMOR);
  perry_engine_body_set_strv (body, "selinux_opts", spec, PERRY_FIELD_SELINUX);
  /* `default` is what Podman does when nothing is said; it would take the word for a file's name. */
  if (surroundings->seccomp_path != NULL)
    json_object_set_string_member (body, "seccomp_profile_path", surroundings->seccomp_path);
  else if (seccomp != NULL && !g_str_equal (seccomp, "default"))
    json_object_set_string_member (body, "seccomp_profile_path", seccomp);
}

static void
add_limits (JsonObject *body, const PerryContainerSpec *spec)
{
  g_autoptr (JsonObject) limits = json_object_new ();

  if (perry_container_spec_is_set (spec, PERRY_FIELD_MEMORY))
    {
      gint64 memory = perry_container_spec_get_int64 (spec, PERRY_FIELD_MEMORY, 0);
      JsonObject *object = json_object_new ();

      /* A limit that swap gets around is none. */
      json_object_set_int_member (object, "limit", memory);
      json_object_set_int_member (object, "swap",
                                  perry_container_spec_get_int64 (spec, PERRY_FIELD_MEMORY_SWAP, memory));
      json_object_set_object_member (limits, "memory", object);
    }
  if (perry_container_spec_is_set (spec, PERRY_FIELD_CPUS))
    {
      double cpus = perry_container_spec_get_double (spec, PERRY_FIELD_CPUS, 0);
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "quota", (gint64) (cpus * CPU_PERIOD_US + 0.5));
      json_object_set_int_member (object, "period", CPU_PERIOD_US);
      json_object_set_object_member (limits, "cpu", object);
    }
  if (perry_container_spec_is_set (spec, PERRY_FIELD_PIDS_LIMIT))
    {
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "limit", perry_container_spec_get_int64 (spec, PERRY_FIELD_PIDS_LIMIT, 0));
      json_object_set_object_member (limits, "pids", object);
    }
  if (json_object_get_size (limits) > 0)
    json_object_set_object_member (body, "resource_limits", g_steal_pointer (&limits));
}

static gboolean
names_ulimit (const PerryContainerSpec *spec, const char *name)
{
  GVariant *map = perry_container_spec_get_value (spec, PERRY_FIELD_ULIMITS);

  return map != NULL && g_variant_lookup (map, name, "&s", NULL);
}

/* Podman's default of 1048576 for both fails where the host grants less. One alone would lose the other. */
static void
add_rlimits (JsonObject *body, const PerryContainerSpec *spec, const PerryPodmanSurroundings *surroundings)
{
  const struct
  {
    const char *type;
    gint64 value;
  } limits[] = { { "nofile", surroundings->nofile }, { "nproc", surroundings->nproc } };
  gboolean limited = surroundings->nofile > 0 && surroundings->nproc > 0;
  JsonArray *array;

  if (!limited && !perry_container_spec_is_set (spec, PERRY_FIELD_ULIMITS))
    return;
  array = json_array_new ();
  for (gsize i = 0; limited && i < G_N_ELEMENTS (limits); i++)
    {
      JsonObject *object;

      if (names_ulimit (spec, limits[i].type))
        continue;
      object = json_object_new ();
      json_object_set_string_member (object, "type", limits[i].type);
      json_object_set_int_member (object, "soft", limits[i].value);
      json_object_set_int_member (object, "hard", limits[i].value);
      json_array_add_object_element (array, object);
    }
  perry_engine_add_ulimits (array, spec, "type", "soft", "hard");
  json_object_set_array_member (body, "r_limits", array);
}

static void
add_settings (JsonObject *body, const PerryContainerSpec *spec)
{
  perry_engine_body_set_string (body, "hostname", spec, PERRY_FIELD_HOSTNAME);
  if (perry_container_spec_is_set (spec, PERRY_FIELD_STOP_SIGNAL))
    json_object_set_int_member (body, "stop_signal", perry_engine_stop_signal_number (spec));
  if (perry_container_spec_is_set (spec, PERRY_FIELD_STOP_TIMEOUT))
    json_object_set_int_member (body, "stop_timeout",
                                perry_container_spec_get_int64 (spec, PERRY_FIELD_STOP_TIMEOUT, 0));
  if (perry_container_spec_is_set (spec, PERRY_FIELD_SHM_SIZE))
    json_object_set_int_member (body, "shm_size", perry_container_spec_get_int64 (spec, PERRY_FIELD_SHM_SIZE, 0));
  perry_engine_body_set_map (body, "sysctl", spec, PERRY_FIELD_SYSCTLS);
  perry_engine_body_set_strv (body, "groups", spec, PERRY_FIELD_GROUP_ADD);
  perry_engine_body_set_strv (body, "hostadd", spec, PERRY_FIELD_EXTRA_HOSTS);
  perry_engine_body_set_strv (body, "dns_server", spec, PERRY_FIELD_DNS);
}

static JsonArray *
strings_to_array (char **strings)
{
  JsonArray *array = json_array_new ();

  for (char **string = strings; string != NULL && *string != NULL; string++)
    json_array_add_string_element (array, *string);
  return array;
}

static JsonObject *
mount_object (const char *type, const char *source, const char *target, JsonArray *options)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "type", type);
  json_object_set_string_member (object, "source", source);
  json_object_set_string_member (object, "destination", target);
  json_object_set_array_member (object, "options", options);
  return object;
}

static JsonObject *
tmpfs_object (const PerryMount *mount)
{
  g_auto (GStrv) options = perry_engine_tmpfs_options (mount);
  JsonArray *array = strings_to_array (options);

  /* Docker's tmpfs is empty; Podman would fill it with what the image has there. */
  json_array_add_string_element (array, "notmpcopyup");
  return mount_object ("tmpfs", "tmpfs", mount->target, array);
}

static JsonObject *
bind_object (const PerryMount *mount)
{
  JsonArray *array = strings_to_array (mount->options);

  json_array_add_string_element (array, mount->read_only ? "ro" : "rw");
  if (!perry_engine_has_option (mount->options, "bind"))
    json_array_add_string_element (array, "rbind");
  return mount_object ("bind", mount->source, mount->target, array);
}

static JsonObject *
volume_object (const PerryMount *mount)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = strings_to_array (mount->options);

  json_array_add_string_element (array, mount->read_only ? "ro" : "rw");
  /* Without a name Podman makes a volume that is the container's own. */
  json_object_set_string_member (object, "Name", mount->source != NULL ? mount->source : "");
  json_object_set_string_member (object, "Dest", mount->target);
  json_object_set_array_member (object, "Options", array);
  return object;
}

/* As large as Docker's unless told otherwise, and writable under a read-only root as there: Podman 5 would make it
 * read-only. */
static JsonObject *
shm_object (const PerryContainerSpec *spec)
{
  g_autofree char *text = perry_container_spec_format_value (spec, PERRY_FIELD_SHM_SIZE);
  g_autofree char *size = g_strconcat ("size=", text != NULL ? text : "64m", NULL);
  const char *const options[] = { "rw", "nosuid", "nodev", "noexec", "mode=1777", size, "notmpcopyup", NULL };

  return mount_object ("tmpfs", "shm", SHM, strings_to_array ((char **) options));
}

static void
add_mounts (JsonObject *body, const PerryContainerSpec *spec)
{
  g_autoptr (GPtrArray) list = perry_container_spec_dup_mounts (spec);
  g_autoptr (JsonArray) mounts = json_array_new ();
  g_autoptr (JsonArray) volumes = json_array_new ();
  const char *ipc = perry_container_spec_get_string (spec, PERRY_FIELD_IPC);
  gboolean shares_shm = ipc != NULL && (g_str_equal (ipc, "host") || g_str_has_prefix (ipc, CONTAINER));
  gboolean add_shm = !shares_shm && perry_container_spec_get_boolean (spec, PERRY_FIELD_READ_ONLY);

  for (guint i = 0; i < list->len; i++)
    {
      const PerryMount *mount = list->pdata[i];

      add_shm = add_shm && !g_str_equal (mount->target, SHM);
      if (mount->type == PERRY_MOUNT_TMPFS)
        json_array_add_object_element (mounts, tmpfs_object (mount));
      else if (mount->type == PERRY_MOUNT_BIND)
        json_array_add_object_element (mounts, bind_object (mount));
      else
        json_array_add_object_element (volumes, volume_object (mount));
    }
  if (add_shm)
    json_array_add_object_element (mounts, shm_object (spec));
  if (json_array_get_length (mounts) > 0)
    json_object_set_array_member (body, "mounts", g_steal_pointer (&mounts));
  if (json_array_get_length (volumes) > 0)
    json_object_set_array_member (body, "volumes", g_steal_pointer (&volumes));
}

static void
add_process (JsonObject *body, const PerryCreateRequest *request, const PerryPodmanSurroundings *surroundings)
{
  const PerryContainerSpec *spec = request->spec;

  perry_engine_body_set_strv (body, "entrypoint", spec, PERRY_FIELD_ENTRYPOINT);
  perry_engine_body_set_strv (body, "command", spec, PERRY_FIELD_CMD);
  perry_engine_body_set_map (body, "env", spec, PERRY_FIELD_ENV);
  json_object_set_boolean_member (body, "env_host", FALSE);
  json_object_set_boolean_member (body, "httpproxy", FALSE);
  perry_engine_body_set_string (body, "user", spec, PERRY_FIELD_USER);
  perry_engine_body_set_string (body, "work_dir", spec, PERRY_FIELD_WORKDIR);
  json_object_set_boolean_member (body, "create_working_dir", TRUE);
  json_object_set_boolean_member (body, "terminal", FALSE);
  json_object_set_boolean_member (body, "stdin", request->open_stdin);
  /* Podman looks at the command's name and changes mounts and stop signal for an init system. */
  json_object_set_string_member (body, "systemd", "false");
  perry_engine_body_set_boolean (body, "init", spec, PERRY_FIELD_INIT);
  if (surroundings->init_path != NULL && perry_container_spec_get_boolean (spec, PERRY_FIELD_INIT))
    json_object_set_string_member (body, "init_path", surroundings->init_path);
}

static void
add_devices (JsonObject *body, const PerryContainerSpec *spec)
{
  g_autoptr (GPtrArray) devices = perry_container_spec_dup_devices (spec);
  JsonArray *array;

  if (devices->len == 0)
    return;
  array = json_array_new ();
  for (guint i = 0; i < devices->len; i++)
    {
      const PerryDevice *device = devices->pdata[i];
      g_autofree char *text = g_strdup_printf ("%s:%s:%s", device->source, device->target, device->permissions);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "path", text);
      json_array_add_object_element (array, object);
    }
  json_object_set_array_member (body, "devices", array);
}

static void
add_platform (JsonObject *body, const PerryContainerSpec *spec)
{
  static const char *const members[] = { "image_os", "image_arch", "image_variant" };
  const char *platform = perry_container_spec_get_string (spec, PERRY_FIELD_PLATFORM);
  g_auto (GStrv) parts = g_strsplit (platform != NULL ? platform : "", "/", G_N_ELEMENTS (members));

  for (gsize i = 0; parts[i] != NULL; i++)
    json_object_set_string_member (body, members[i], parts[i]);
}

JsonNode *
perry_podman_create_body (const PerryCreateRequest *request, const PerryPodmanSurroundings *surroundings)
{
  const PerryContainerSpec *spec = request->spec;
  g_autoptr (JsonObject) body = json_object_new ();
  JsonNode *node;

  json_object_set_string_member (body, "name", request->name);
  json_object_set_string_member (body, "image", request->image);
  perry_engine_body_set_labels (body, "labels", request->labels);
  json_object_set_boolean_member (body, "remove", request->auto_remove);
  add_platform (body, spec);
  add_process (body, request, surroundings);
  perry_engine_body_set_boolean (body, "read_only_filesystem", spec, PERRY_FIELD_READ_ONLY);
  json_object_set_boolean_member (body, "read_write_tmpfs", FALSE);
  add_security (body, spec, surroundings);
  add_network (body, spec);
  add_ports (body, spec);
  add_namespaces (body, spec);
  add_mounts (body, spec);
  add_limits (body, spec);
  add_rlimits (body, spec, surroundings);
  add_settings (body, spec);
  perry_podman_add_lifecycle (body, spec, surroundings->has_timers);
  add_devices (body, spec);
  perry_engine_body_set_string (body, "oci_runtime", spec, PERRY_FIELD_RUNTIME);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, g_steal_pointer (&body));
  return node;
}

void
perry_podman_hide_cgroups (JsonNode *body)
{
  JsonArray *array = json_array_new ();

  json_array_add_string_element (array, "/sys/fs/cgroup");
  json_object_set_array_member (json_node_get_object (body), "mask", array);
}
