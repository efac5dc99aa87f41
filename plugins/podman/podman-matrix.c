/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-matrix.h"

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-json.h"
#include "plugins/http-client/perry-engine-mounts.h"
#include "plugins/http-client/perry-engine-runtime.h"

#define NOT_OFFERED "this version of the podman plugin does not offer it"
#define OLDEST_MAJOR 4

const PerryCapabilityRow perry_podman_capabilities[] = {
  { "privileged", PERRY_SUPPORT_NATIVE, NULL },
  { "seccomp-profile", PERRY_SUPPORT_NATIVE, NULL },
  { "no-new-privileges", PERRY_SUPPORT_NATIVE, NULL },
  { "linux-capabilities", PERRY_SUPPORT_NATIVE, NULL },
  { "read-only-rootfs", PERRY_SUPPORT_NATIVE, NULL },
  { "run-as-user", PERRY_SUPPORT_NATIVE, NULL },
  { "workdir", PERRY_SUPPORT_NATIVE, NULL },
  { "apparmor", PERRY_SUPPORT_NATIVE, NULL },
  { "selinux-label", PERRY_SUPPORT_NATIVE, NULL },
  { "pid-namespace-share", PERRY_SUPPORT_NATIVE, NULL },
  { "ipc-namespace-share", PERRY_SUPPORT_NATIVE, NULL },
  { "uts-namespace-share", PERRY_SUPPORT_NATIVE, NULL },
  { "user-namespace", PERRY_SUPPORT_NATIVE, NULL },
  { "network-none", PERRY_SUPPORT_NATIVE, NULL },
  { "network-host", PERRY_SUPPORT_NATIVE, NULL },
  { "user-defined-bridge", PERRY_SUPPORT_NATIVE, NULL },
  { "internal-network", PERRY_SUPPORT_NATIVE, NULL },
  { "network-alias", PERRY_SUPPORT_NATIVE, NULL },
  { "published-ports", PERRY_SUPPORT_NATIVE, NULL },
  { "bind-mounts", PERRY_SUPPORT_NATIVE, NULL },
  { "named-volumes", PERRY_SUPPORT_NATIVE, NULL },
  { "read-only-mounts", PERRY_SUPPORT_NATIVE, NULL },
  { "tmpfs-mounts", PERRY_SUPPORT_NATIVE, NULL },
  { "selinux-mount-labels", PERRY_SUPPORT_NATIVE, NULL },
  { "rm-on-exit", PERRY_SUPPORT_NATIVE, NULL },
  { "restart-policy", PERRY_SUPPORT_NATIVE,
    "after a reboot podman-restart.service alone starts containers again, where it is enabled; in Podman 4.3 only those "
    "with always" },
  { "healthcheck", PERRY_SUPPORT_NATIVE, "by timers of systemd; without it, by perry-container" },
  { "memory-limit", PERRY_SUPPORT_NATIVE, NULL },
  { "cpu-limit", PERRY_SUPPORT_NATIVE, NULL },
  { "pids-limit", PERRY_SUPPORT_NATIVE, NULL },
  { "ulimits", PERRY_SUPPORT_NATIVE, NULL },
  { "sysctls", PERRY_SUPPORT_NATIVE, NULL },
  { "devices", PERRY_SUPPORT_NATIVE, NULL },
  { "init", PERRY_SUPPORT_NATIVE, NULL },
  { "stop-signal", PERRY_SUPPORT_NATIVE, NULL },
  { "exec", PERRY_SUPPORT_UNSUPPORTED, NOT_OFFERED },
  { "exec-user", PERRY_SUPPORT_UNSUPPORTED, NOT_OFFERED },
  { "logs-follow", PERRY_SUPPORT_NATIVE, NULL },
  { "logs-since", PERRY_SUPPORT_NATIVE, NULL },
  { "exit-code", PERRY_SUPPORT_NATIVE, NULL },
  { "events", PERRY_SUPPORT_UNSUPPORTED, NOT_OFFERED },
  { "image-digest", PERRY_SUPPORT_NATIVE, NULL },
  { "multi-arch-pull", PERRY_SUPPORT_PARTIAL,
    "Podman finds one platform under the digest of several: pull the others by tag, or by their own digests" },
  { "image-verification", PERRY_SUPPORT_UNSUPPORTED, NOT_OFFERED },
  { "build", PERRY_SUPPORT_UNSUPPORTED, NOT_OFFERED },
  { "microvm", PERRY_SUPPORT_NATIVE, NULL },
  { NULL, PERRY_SUPPORT_UNSUPPORTED, NULL },
};

static void
limit_unless (PerryCapabilityMatrix *matrix, PerryCapability capability, gboolean available, const char *reason)
{
  if (available)
    perry_capability_matrix_confirm (matrix, capability);
  else
    perry_capability_matrix_limit (matrix, capability, PERRY_SUPPORT_UNSUPPORTED, reason);
}

static gboolean
says (JsonObject *object, const char *member)
{
  gboolean value = FALSE;

  perry_json_read_boolean (object, member, &value);
  return value;
}

static void
limit_security (PerryCapabilityMatrix *matrix, JsonObject *security, gboolean rootless)
{
  gboolean selinux = says (security, "selinuxEnabled");

  limit_unless (matrix, PERRY_CAPABILITY_SECCOMP_PROFILE, says (security, "seccompEnabled"),
                "the kernel or Podman has no seccomp");
  limit_unless (matrix, PERRY_CAPABILITY_APPARMOR, says (security, "apparmorEnabled") && !rootless,
                rootless ? "rootless Podman applies no AppArmor profiles" : "AppArmor is not enabled on this host");
  limit_unless (matrix, PERRY_CAPABILITY_SELINUX_LABEL, selinux, "SELinux is not enabled on this host");
  limit_unless (matrix, PERRY_CAPABILITY_SELINUX_MOUNT_LABELS, selinux, "SELinux is not enabled on this host");
  if (rootless)
    perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_PRIVILEGED, PERRY_SUPPORT_PARTIAL,
                                   "rootless: privileged inside the user's own namespace only");
}

static void
limit_resources (PerryCapabilityMatrix *matrix, JsonObject *host, const PerryEngineInfo *engine)
{
  static const struct
  {
    PerryCapability capability;
    const char *controller;
  } limits[] = { { PERRY_CAPABILITY_MEMORY_LIMIT, "memory" },
                 { PERRY_CAPABILITY_CPU_LIMIT, "cpu" },
                 { PERRY_CAPABILITY_PIDS_LIMIT, "pids" } };
  g_auto (GStrv) controllers = NULL;
  const char *reason = NULL;

  perry_json_read_strv (host, "cgroupControllers", &controllers);
  if (engine->rootless && engine->cgroup_version == 1)
    reason = "rootless Podman ignores limits on cgroup version 1";
  else if (engine->rootless && g_strcmp0 (engine->cgroup_driver, "cgroupfs") == 0)
    reason = "limits have no effect in rootless Podman without systemd (cgroup manager cgroupfs)";
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      gboolean present = controllers != NULL
                         && g_strv_contains ((const char *const *) controllers, limits[i].controller);
      g_autofree char *missing = g_strdup_printf ("Podman has no cgroup controller %s", limits[i].controller);

      limit_unless (matrix, limits[i].capability, present && reason == NULL, reason != NULL ? reason : missing);
    }
}

static PerryCapabilityMatrix *
new_live_matrix (JsonObject *host, JsonObject *security, const PerryEngineInfo *engine)
{
  PerryCapabilityMatrix *matrix = perry_capability_matrix_new_from_rows (perry_podman_capabilities);

  limit_security (matrix, security, engine->rootless);
  if (engine->rootless)
    perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_DEVICES, PERRY_SUPPORT_PARTIAL,
                                   "rootless: a device is mounted from the host and can be used as far as its user may; "
                                   "no cgroup enforces permissions");
  limit_resources (matrix, host, engine);
  limit_unless (matrix, PERRY_CAPABILITY_MICROVM, engine->microvm_runtimes != NULL,
                "Podman's runtime is not one that makes virtual machines; krun would do (runtime in [plugin podman])");
  return matrix;
}

static PerryLinuxCapabilities
default_capabilities (JsonObject *security)
{
  const char *text = NULL;
  g_auto (GStrv) names = NULL;

  if (!perry_json_read_string (security, "capabilities", &text))
    return 0;
  names = g_strsplit (text, ",", 64);
  return perry_linux_capabilities_from_names ((const char *const *) names);
}

static guint
cgroup_version (JsonObject *host)
{
  const char *text = NULL;

  if (!perry_json_read_string (host, "cgroupVersion", &text))
    return 0;
  return g_str_equal (text, "v2") ? 2 : g_str_equal (text, "v1") ? 1 : 0;
}

PerryEngineInfo *
perry_podman_engine_from_info (JsonNode *reply, GError **error)
{
  JsonObject *host = perry_json_as_object (perry_json_find (reply, "host", NULL));
  JsonObject *security = NULL, *runtime = NULL;
  g_autoptr (PerryEngineInfo) engine = perry_engine_info_new ();
  const char *runtimes[] = { NULL, NULL };

  engine->version = perry_engine_string_dup (perry_json_as_object (perry_json_find (reply, "version", NULL)), "Version");
  if (host == NULL || engine->version == NULL)
    {
      perry_engine_set_shape_error (error, "Podman", "info");
      return NULL;
    }
  perry_json_read_object (host, "security", &security);
  perry_json_read_object (host, "ociRuntime", &runtime);
  engine->name = g_strdup ("Podman");
  engine->os = perry_engine_string_dup (host, "os");
  engine->architecture = perry_engine_string_dup (host, "arch");
  engine->kernel = perry_engine_string_dup (host, "kernel");
  engine->cgroup_driver = perry_engine_string_dup (host, "cgroupManager");
  engine->default_runtime = perry_engine_string_dup (runtime, "name");
  runtimes[0] = engine->default_runtime;
  engine->runtimes = g_strdupv ((char **) runtimes);
  if (perry_engine_runtime_makes_microvms (engine->default_runtime))
    engine->microvm_runtimes = g_strdupv ((char **) runtimes);
  engine->cgroup_version = cgroup_version (host);
  engine->rootless = says (security, "rootless");
  engine->default_capabilities = default_capabilities (security);
  engine->ambient_for_users = TRUE;
  engine->inspectable_before_start = TRUE;
  engine->oom_kills_unseen = TRUE;
  engine->restarts_unannounced = TRUE;
  engine->notes = g_new0 (char *, 1);
  perry_capability_matrix_free (engine->matrix);
  engine->matrix = new_live_matrix (host, security, engine);
  return g_steal_pointer (&engine);
}

static gboolean
is_known_tmpfs_option (const char *option)
{
  return !g_str_has_prefix (option, "uid=") && !g_str_has_prefix (option, "gid=")
         && !g_str_has_prefix (option, "nr_inodes=");
}

static void
limit_mount_options (const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);

  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = mounts->pdata[i];

      for (char **option = mount->options; mount->type == PERRY_MOUNT_TMPFS && *option != NULL; option++)
        if (!is_known_tmpfs_option (*option))
          {
            g_autofree char *reason = g_strdup_printf ("Podman cannot mount a tmpfs at %s with the option %s",
                                                       mount->target, *option);

            perry_field_support_limit (support, mount->field, PERRY_SUPPORT_UNSUPPORTED, reason);
          }
    }
}

/* Its limits are numbers without a sign before Podman 5.5.1. */
static void
limit_ulimits (const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  GVariant *map = perry_container_spec_get_value (spec, PERRY_FIELD_ULIMITS);
  const char *name, *value;
  GVariantIter iter;

  if (map == NULL)
    return;
  g_variant_iter_init (&iter, map);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    if (strstr (value, "-1") != NULL)
      perry_field_support_limit (support, PERRY_FIELD_ULIMITS, PERRY_SUPPORT_UNSUPPORTED,
                                 "Podman's API cannot be told an unlimited ulimit in every version; write a number");
}

/* Netavark forwards by rules for the kind of address that the container has; nothing answers at one of the other kind. */
static void
limit_addresses (const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  g_autoptr (GPtrArray) ports = perry_container_spec_dup_ports (spec);

  for (guint i = 0; i < ports->len; i++)
    {
      const PerryPort *port = ports->pdata[i];

      if (port->host_ip != NULL && strchr (port->host_ip, ':') != NULL)
        perry_field_support_limit (support, PERRY_FIELD_PORTS, PERRY_SUPPORT_PARTIAL,
                                   "Podman forwards an IPv6 address of the host only to a container that has one itself, "
                                   "which it has not on Podman's default network");
    }
}

void
perry_podman_refine_spec (const PerryContainerSpec *spec, const char *remote_reason, PerryFieldSupport *support)
{
  if (g_strcmp0 (perry_container_spec_get_string (spec, PERRY_FIELD_USERNS), "private") == 0)
    perry_field_support_limit (support, PERRY_FIELD_USERNS, PERRY_SUPPORT_UNSUPPORTED,
                               "this version of the podman plugin gives a container no id mappings of its own");
  limit_mount_options (spec, support);
  limit_ulimits (spec, support);
  limit_addresses (spec, support);
  if (perry_container_spec_get_int64 (spec, PERRY_FIELD_MEMORY_SWAP, 0) == -1)
    perry_field_support_limit (support, PERRY_FIELD_MEMORY_SWAP, PERRY_SUPPORT_UNSUPPORTED,
                               "Podman's API refuses a memory limit with unlimited swap; write an amount");
  if (perry_container_spec_is_set (spec, PERRY_FIELD_SYSCTLS))
    perry_field_support_limit (support, PERRY_FIELD_SYSCTLS, PERRY_SUPPORT_PARTIAL,
                               "Podman sets kernel parameters and does not report them, so nothing proves them");
  perry_engine_limit_read_only_binds (spec, support);
  if (remote_reason != NULL && perry_container_spec_get_seccomp_profile (spec) != NULL)
    {
      g_autofree char *reason = g_strdup_printf ("Podman reads a seccomp profile from a file on its own machine: %s",
                                                 remote_reason);

      perry_field_support_limit (support, PERRY_FIELD_SECCOMP, PERRY_SUPPORT_UNSUPPORTED, reason);
    }
}

gboolean
perry_podman_check_version (const char *server, const char *libpod_version, GError **error)
{
  if (libpod_version == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE, "the server calls itself %.64s, not Podman",
                   server != NULL ? server : "nothing");
      return FALSE;
    }
  if (g_ascii_strtoull (libpod_version, NULL, 10) < OLDEST_MAJOR)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_NOT_AVAILABLE,
                   "this is Podman %.32s; this plugin needs %d.0 or newer", libpod_version, OLDEST_MAJOR);
      return FALSE;
    }
  return TRUE;
}
