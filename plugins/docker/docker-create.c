/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-create.h"

#include "plugin-api/perry-healthcheck.h"
#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-body.h"
#include "plugins/http-client/perry-engine-lifecycle.h"
#include "plugins/http-client/perry-engine-mounts.h"
#include "plugins/http-client/perry-engine-ports.h"
#include "plugins/http-client/perry-engine-settings.h"

static gboolean
is_given (const char *option)
{
  static const char *const given[] = { "rw", "ro", "suid", "dev", "exec", NULL };

  return g_strv_contains (given, option);
}

static gboolean
has_label_option (const PerryMount *mount)
{
  return perry_engine_has_option (mount->options, "z") || perry_engine_has_option (mount->options, "Z");
}

gboolean
perry_docker_mount_option_is_known (const PerryMount *mount, const char *option)
{
  if (mount->type == PERRY_MOUNT_TMPFS || is_given (option) || g_str_equal (option, "z") || g_str_equal (option, "Z"))
    return TRUE;
  if (mount->type == PERRY_MOUNT_VOLUME)
    return g_str_equal (option, "nocopy");
  /* The form that can relabel has no word for leaving out what is mounted below the source. */
  return perry_engine_is_propagation (option) || (g_str_equal (option, "bind") && !has_label_option (mount));
}

static void
add_security_options (JsonObject *host_config, const PerryContainerSpec *spec)
{
  g_autoptr (JsonArray) options = json_array_new ();
  const char *seccomp = perry_container_spec_get_string (spec, PERRY_FIELD_SECCOMP);
  const char *profile = perry_container_spec_get_seccomp_profile (spec);
  const char *apparmor = perry_container_spec_get_string (spec, PERRY_FIELD_APPARMOR);
  g_autofree const char **labels = perry_container_spec_get_strv (spec, PERRY_FIELD_SELINUX);

  if (perry_container_spec_is_set (spec, PERRY_FIELD_NO_NEW_PRIVILEGES))
    json_array_add_string_element (options, perry_container_spec_get_boolean (spec, PERRY_FIELD_NO_NEW_PRIVILEGES)
                                              ? "no-new-privileges=true"
                                              : "no-new-privileges=false");
  /* `default` is what Docker does when nothing is said; the word itself is an error to it. */
  if (profile != NULL)
    perry_engine_body_add_element (options, "seccomp=%s", profile);
  else if (seccomp != NULL && !g_str_equal (seccomp, "default"))
    perry_engine_body_add_element (options, "seccomp=%s", seccomp);
  if (apparmor != NULL)
    perry_engine_body_add_element (options, "apparmor=%s", apparmor);
  for (const char **label = labels; label != NULL && *label != NULL; label++)
    perry_engine_body_add_element (options, "label=%s", *label);
  if (json_array_get_length (options) > 0)
    json_object_set_array_member (host_config, "SecurityOpt", g_steal_pointer (&options));
}

static void
add_limits (JsonObject *host_config, const PerryContainerSpec *spec)
{
  if (perry_container_spec_is_set (spec, PERRY_FIELD_MEMORY))
    {
      gint64 memory = perry_container_spec_get_int64 (spec, PERRY_FIELD_MEMORY, 0);

      /* Docker would allow as much swap again; a limit that swap gets around is none. */
      json_object_set_int_member (host_config, "Memory", memory);
      json_object_set_int_member (host_config, "MemorySwap",
                                  perry_container_spec_get_int64 (spec, PERRY_FIELD_MEMORY_SWAP, memory));
    }
  if (perry_container_spec_is_set (spec, PERRY_FIELD_CPUS))
    json_object_set_int_member (host_config, "NanoCpus",
                                (gint64) (perry_container_spec_get_double (spec, PERRY_FIELD_CPUS, 0) * 1e9 + 0.5));
  if (perry_container_spec_is_set (spec, PERRY_FIELD_PIDS_LIMIT))
    json_object_set_int_member (host_config, "PidsLimit",
                                perry_container_spec_get_int64 (spec, PERRY_FIELD_PIDS_LIMIT, 0));
}

static void
add_settings (JsonObject *host_config, const PerryContainerSpec *spec)
{
  if (perry_container_spec_is_set (spec, PERRY_FIELD_SHM_SIZE))
    json_object_set_int_member (host_config, "ShmSize",
                                perry_container_spec_get_int64 (spec, PERRY_FIELD_SHM_SIZE, 0));
  if (perry_container_spec_is_set (spec, PERRY_FIELD_ULIMITS))
    {
      JsonArray *limits = json_array_new ();

      perry_engine_add_ulimits (limits, spec, "Name", "Soft", "Hard");
      json_object_set_array_member (host_config, "Ulimits", limits);
    }
  perry_engine_body_set_map (host_config, "Sysctls", spec, PERRY_FIELD_SYSCTLS);
  perry_engine_body_set_strv (host_config, "GroupAdd", spec, PERRY_FIELD_GROUP_ADD);
  perry_engine_body_set_strv (host_config, "ExtraHosts", spec, PERRY_FIELD_EXTRA_HOSTS);
  perry_engine_body_set_strv (host_config, "Dns", spec, PERRY_FIELD_DNS);
}

static void
add_restart (JsonObject *host_config, const PerryContainerSpec *spec)
{
  gint64 tries = 0;
  PerryRestartPolicy policy = perry_container_spec_get_restart (spec, &tries);
  JsonObject *object;

  if (!perry_container_spec_is_set (spec, PERRY_FIELD_RESTART))
    return;
  object = json_object_new ();
  json_object_set_string_member (object, "Name", perry_restart_policy_get_name (policy));
  if (tries > 0)
    json_object_set_int_member (object, "MaximumRetryCount", tries);
  json_object_set_object_member (host_config, "RestartPolicy", object);
}

/* A namespace of the container's own is the empty word to Docker, except for IPC, whose default is configured. */
static void
add_namespaces (JsonObject *host_config, const PerryContainerSpec *spec)
{
  static const struct { PerryField field; const char *member; } modes[] = { { PERRY_FIELD_PID, "PidMode" },
                                                                            { PERRY_FIELD_IPC, "IpcMode" },
                                                                            { PERRY_FIELD_UTS, "UTSMode" },
                                                                            { PERRY_FIELD_USERNS, "UsernsMode" } };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      const char *mode = perry_container_spec_get_string (spec, modes[i].field);

      if (mode != NULL && (modes[i].field == PERRY_FIELD_IPC || !g_str_equal (mode, "private")))
        json_object_set_string_member (host_config, modes[i].member, mode);
    }
}

static void
add_devices (JsonObject *host_config, const PerryContainerSpec *spec)
{
  g_autoptr (GPtrArray) devices = perry_container_spec_dup_devices (spec);
  JsonArray *array;

  if (devices->len == 0)
    return;
  array = json_array_new ();
  for (guint i = 0; i < devices->len; i++)
    {
      const PerryDevice *device = devices->pdata[i];
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "PathOnHost", device->source);
      json_object_set_string_member (object, "PathInContainer", device->target);
      json_object_set_string_member (object, "CgroupPermissions", device->permissions);
      json_array_add_object_element (array, object);
    }
  json_object_set_array_member (host_config, "Devices", array);
}

static void
add_tmpfs (JsonObject *host_config, const PerryMount *mount)
{
  g_auto (GStrv) options = perry_engine_tmpfs_options (mount);
  g_autofree char *text = g_strjoinv (",", options);

  if (!json_object_has_member (host_config, "Tmpfs"))
    json_object_set_object_member (host_config, "Tmpfs", json_object_new ());
  json_object_set_string_member (json_object_get_object_member (host_config, "Tmpfs"), mount->target, text);
}

/* The options that the structured form of a mount can say; what it does anyway needs no word. */
static gboolean
add_mount_options (JsonObject *object, const PerryMount *mount, GError **error)
{
  g_autoptr (JsonObject) options = json_object_new ();

  for (char **option = mount->options; option != NULL && *option != NULL; option++)
    {
      if (!perry_docker_mount_option_is_known (mount, *option))
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_UNSUPPORTED, "Docker cannot mount %s with the option %s",
                       mount->target, *option);
          return FALSE;
        }
      if (g_str_equal (*option, "nocopy"))
        json_object_set_boolean_member (options, "NoCopy", TRUE);
      else if (g_str_equal (*option, "bind"))
        json_object_set_boolean_member (options, "NonRecursive", TRUE);
      else if (perry_engine_is_propagation (*option))
        json_object_set_string_member (options, "Propagation", *option);
    }
  if (json_object_get_size (options) > 0)
    json_object_set_object_member (object, mount->type == PERRY_MOUNT_BIND ? "BindOptions" : "VolumeOptions",
                                   g_steal_pointer (&options));
  return TRUE;
}

/* The short form is the only one that can relabel for SELinux. It also creates a missing source on the host, so it is
 * used for nothing else; that the source exists was checked when the spec was read. */
static void
add_short_form (JsonArray *binds, const PerryMount *mount)
{
  g_autoptr (GString) options = g_string_new (mount->read_only ? "ro" : "rw");

  for (char **option = mount->options; *option != NULL; option++)
    if (!is_given (*option))
      g_string_append_printf (options, ",%s", *option);
  perry_engine_body_add_element (binds, "%s%s%s:%s", mount->source != NULL ? mount->source : "",
                                 mount->source != NULL ? ":" : "", mount->target, options->str);
}

static gboolean
add_mounts (JsonObject *host_config, const PerryContainerSpec *spec, GError **error)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);
  g_autoptr (JsonArray) structured = json_array_new ();
  g_autoptr (JsonArray) binds = json_array_new ();

  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = mounts->pdata[i];
      JsonObject *object;

      if (mount->type == PERRY_MOUNT_TMPFS)
        {
          add_tmpfs (host_config, mount);
          continue;
        }
      if (has_label_option (mount))
        {
          add_short_form (binds, mount);
          continue;
        }
      object = json_object_new ();
      json_array_add_object_element (structured, object);
      json_object_set_string_member (object, "Type", mount->type == PERRY_MOUNT_BIND ? "bind" : "volume");
      /* Without one Docker makes a volume that is the container's own. */
      if (mount->source != NULL)
        json_object_set_string_member (object, "Source", mount->source);
      json_object_set_string_member (object, "Target", mount->target);
      json_object_set_boolean_member (object, "ReadOnly", mount->read_only);
      if (!add_mount_options (object, mount, error))
        return FALSE;
    }
  if (json_array_get_length (structured) > 0)
    json_object_set_array_member (host_config, "Mounts", g_steal_pointer (&structured));
  if (json_array_get_length (binds) > 0)
    json_object_set_array_member (host_config, "Binds", g_steal_pointer (&binds));
  return TRUE;
}

/* What is published has to be exposed as well. */
static void
add_ports (JsonObject *body, JsonObject *host_config, const PerryContainerSpec *spec)
{
  JsonObject *bindings, *exposed;
  g_autoptr (GList) keys = NULL;

  if (!perry_container_spec_is_set (spec, PERRY_FIELD_PORTS))
    return;
  bindings = perry_engine_port_bindings (spec);
  exposed = json_object_new ();
  keys = json_object_get_members (bindings);
  for (GList *key = keys; key != NULL; key = key->next)
    json_object_set_object_member (exposed, key->data, json_object_new ());
  json_object_set_object_member (host_config, "PortBindings", bindings);
  json_object_set_object_member (body, "ExposedPorts", exposed);
}

static void
add_aliases (JsonObject *body, const PerryContainerSpec *spec)
{
  const char *network = perry_container_spec_get_network (spec);
  JsonObject *endpoint, *endpoints, *networking;

  if (network == NULL || !perry_container_spec_is_set (spec, PERRY_FIELD_NETWORK_ALIASES))
    return;
  endpoint = json_object_new ();
  endpoints = json_object_new ();
  networking = json_object_new ();
  perry_engine_body_set_strv (endpoint, "Aliases", spec, PERRY_FIELD_NETWORK_ALIASES);
  json_object_set_object_member (endpoints, network, endpoint);
  json_object_set_object_member (networking, "EndpointsConfig", endpoints);
  json_object_set_object_member (body, "NetworkingConfig", networking);
}

/* Docker takes 0 for “as in the image”, so that no start period is the shortest that it has. */
static JsonObject *
new_healthcheck (const PerryContainerSpec *spec)
{
  g_autoptr (PerryHealthcheck) check = perry_container_spec_dup_healthcheck (spec);
  JsonObject *object = perry_engine_new_healthcheck (spec);

  if (object != NULL && check->start_period_us == 0)
    json_object_set_int_member (object, "StartPeriod", PERRY_HEALTH_LEAST_TIME_US * 1000);
  return object;
}

static JsonObject *
new_host_config (const PerryCreateRequest *request, GError **error)
{
  const PerryContainerSpec *spec = request->spec;
  g_autoptr (JsonObject) host_config = json_object_new ();
  const char *network = perry_container_spec_get_network (spec);

  perry_engine_body_set_boolean (host_config, "Privileged", spec, PERRY_FIELD_PRIVILEGED);
  perry_engine_body_set_boolean (host_config, "ReadonlyRootfs", spec, PERRY_FIELD_READ_ONLY);
  perry_engine_body_set_strv (host_config, "CapDrop", spec, PERRY_FIELD_CAP_DROP);
  perry_engine_body_set_strv (host_config, "CapAdd", spec, PERRY_FIELD_CAP_ADD);
  add_security_options (host_config, spec);
  if (network != NULL)
    json_object_set_string_member (host_config, "NetworkMode", network);
  add_limits (host_config, spec);
  add_settings (host_config, spec);
  add_devices (host_config, spec);
  add_namespaces (host_config, spec);
  add_restart (host_config, spec);
  perry_engine_body_set_boolean (host_config, "Init", spec, PERRY_FIELD_INIT);
  perry_engine_body_set_string (host_config, "Runtime", spec, PERRY_FIELD_RUNTIME);
  if (request->auto_remove)
    json_object_set_boolean_member (host_config, "AutoRemove", TRUE);
  if (!add_mounts (host_config, spec, error))
    return NULL;
  return g_steal_pointer (&host_config);
}

JsonNode *
perry_docker_create_body (const PerryCreateRequest *request, GError **error)
{
  const PerryContainerSpec *spec = request->spec;
  g_autoptr (JsonObject) body = json_object_new ();
  JsonObject *host_config = new_host_config (request, error);
  JsonObject *healthcheck;
  JsonNode *node;

  if (host_config == NULL)
    return NULL;
  json_object_set_string_member (body, "Image", request->image);
  perry_engine_body_set_strv (body, "Entrypoint", spec, PERRY_FIELD_ENTRYPOINT);
  perry_engine_body_set_strv (body, "Cmd", spec, PERRY_FIELD_CMD);
  perry_engine_body_set_string (body, "User", spec, PERRY_FIELD_USER);
  perry_engine_body_set_string (body, "WorkingDir", spec, PERRY_FIELD_WORKDIR);
  perry_engine_body_set_pairs (body, "Env", spec, PERRY_FIELD_ENV);
  perry_engine_body_set_labels (body, "Labels", request->labels);
  perry_engine_body_set_string (body, "Hostname", spec, PERRY_FIELD_HOSTNAME);
  perry_engine_body_set_string (body, "StopSignal", spec, PERRY_FIELD_STOP_SIGNAL);
  if (perry_container_spec_is_set (spec, PERRY_FIELD_STOP_TIMEOUT))
    json_object_set_int_member (body, "StopTimeout",
                                perry_container_spec_get_int64 (spec, PERRY_FIELD_STOP_TIMEOUT, 0));
  healthcheck = new_healthcheck (spec);
  if (healthcheck != NULL)
    json_object_set_object_member (body, "Healthcheck", healthcheck);
  json_object_set_boolean_member (body, "Tty", FALSE);
  if (request->open_stdin)
    {
      json_object_set_boolean_member (body, "AttachStdin", TRUE);
      json_object_set_boolean_member (body, "OpenStdin", TRUE);
      /* The end of the attached input is the end of the container's. */
      json_object_set_boolean_member (body, "StdinOnce", TRUE);
    }
  json_object_set_object_member (body, "HostConfig", host_config);
  add_ports (body, host_config, spec);
  add_aliases (body, spec);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, g_steal_pointer (&body));
  return node;
}

void
perry_docker_protect_cgroups (JsonNode *body)
{
  static const char *const paths[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
                                       "/sys/fs/cgroup" };
  JsonArray *array = json_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    json_array_add_string_element (array, paths[i]);
  json_object_set_array_member (json_object_get_object_member (json_node_get_object (body), "HostConfig"),
                                "ReadonlyPaths", array);
}

void
perry_docker_add_start_interval (JsonNode *body, const PerryContainerSpec *spec)
{
  gint64 ns = perry_engine_get_start_interval (spec);
  JsonObject *healthcheck = NULL;

  if (ns > 0 && perry_json_read_object (json_node_get_object (body), "Healthcheck", &healthcheck))
    json_object_set_int_member (healthcheck, "StartInterval", ns);
}
