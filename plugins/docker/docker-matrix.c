/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-matrix.h"

#include "plugin-api/perry-healthcheck.h"
#include "plugin-api/perry-json.h"
#include "plugins/docker/docker-create.h"
#include "plugins/http-client/perry-engine-json.h"
#include "plugins/http-client/perry-engine-lifecycle.h"
#include "plugins/http-client/perry-engine-runtime.h"

#define NOT_OFFERED "this version of the docker plugin does not offer it"

const PerryCapabilityRow perry_docker_capabilities[] = {
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
  { "restart-policy", PERRY_SUPPORT_NATIVE, NULL },
  { "healthcheck", PERRY_SUPPORT_NATIVE, NULL },
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
  { "multi-arch-pull", PERRY_SUPPORT_NATIVE, NULL },
  { "image-verification", PERRY_SUPPORT_UNSUPPORTED, "Docker verifies no signatures" },
  { "build", PERRY_SUPPORT_UNSUPPORTED, NOT_OFFERED },
  { "microvm", PERRY_SUPPORT_NATIVE, NULL },
  { NULL, PERRY_SUPPORT_UNSUPPORTED, NULL },
};

/* Docker's 14, the same since 1.13. */
static const char *const default_capabilities[] = {
  "CHOWN",   "DAC_OVERRIDE", "FSETID",  "FOWNER",           "MKNOD",      "NET_RAW", "SETGID",      "SETUID",
  "SETFCAP", "SETPCAP",      "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE", NULL,
};

/* Finds `name=KEY` among the security options and returns what follows it, "" for nothing. */
static const char *
security_option (char **options, const char *key)
{
  g_autofree char *name = g_strconcat ("name=", key, NULL);

  for (char **option = options; option != NULL && *option != NULL; option++)
    {
      const char *rest = *option + strlen (name);

      if (g_str_has_prefix (*option, name) && (*rest == '\0' || *rest == ','))
        return rest;
    }
  return NULL;
}

static void
limit_unless (PerryCapabilityMatrix *matrix, PerryCapability capability, gboolean available, const char *reason)
{
  if (available)
    perry_capability_matrix_confirm (matrix, capability);
  else
    perry_capability_matrix_limit (matrix, capability, PERRY_SUPPORT_UNSUPPORTED, reason);
}

static gboolean
says (JsonObject *info, const char *member)
{
  gboolean value = FALSE;

  perry_json_read_boolean (info, member, &value);
  return value;
}

static void
limit_security (PerryCapabilityMatrix *matrix, char **options, gboolean rootless)
{
  limit_unless (matrix, PERRY_CAPABILITY_SECCOMP_PROFILE, security_option (options, "seccomp") != NULL,
                "the kernel or the daemon has no seccomp");
  limit_unless (matrix, PERRY_CAPABILITY_APPARMOR, security_option (options, "apparmor") != NULL && !rootless,
                rootless ? "rootless Docker applies no AppArmor profiles"
                         : "the daemon has no AppArmor (not in the kernel, or apparmor_parser is missing)");
  limit_unless (matrix, PERRY_CAPABILITY_SELINUX_LABEL, security_option (options, "selinux") != NULL,
                "SELinux is not enabled in the daemon");
  limit_unless (matrix, PERRY_CAPABILITY_SELINUX_MOUNT_LABELS, security_option (options, "selinux") != NULL,
                "SELinux is not enabled in the daemon");
  if (rootless)
    perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_PRIVILEGED, PERRY_SUPPORT_PARTIAL,
                                   "rootless: privileged inside the daemon's user namespace only");
  else if (security_option (options, "userns") != NULL)
    perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_PRIVILEGED, PERRY_SUPPORT_UNSUPPORTED,
                                   "the daemon maps user ids (userns-remap), which excludes privileged");
}

static void
limit_resources (PerryCapabilityMatrix *matrix, JsonObject *info, const char *driver)
{
  gboolean managed = g_strcmp0 (driver, "none") != 0;
  const char *unmanaged = "the daemon has no cgroups to itself (cgroup driver none), so it drops limits";

  limit_unless (matrix, PERRY_CAPABILITY_MEMORY_LIMIT, managed && says (info, "MemoryLimit"),
                managed ? "the kernel or the cgroup offers no memory limit" : unmanaged);
  limit_unless (matrix, PERRY_CAPABILITY_CPU_LIMIT, managed && says (info, "CpuCfsQuota"),
                managed ? "the kernel or the cgroup offers no CPU quota" : unmanaged);
  limit_unless (matrix, PERRY_CAPABILITY_PIDS_LIMIT, managed && says (info, "PidsLimit"),
                managed ? "the kernel or the cgroup offers no process limit" : unmanaged);
  if (!says (info, "SwapLimit"))
    perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_MEMORY_LIMIT, PERRY_SUPPORT_PARTIAL,
                                   "swap is not limited: the kernel does not account for it");
}

/* A runtime can be registered under any name; its program or its type says what it is as well. */
static gboolean
makes_microvms (JsonObject *info, const char *runtime)
{
  JsonNode *reply = json_object_get_member (info, "Runtimes");
  g_autofree char *path = g_strdup (perry_json_as_string (perry_json_find (reply, runtime, "path", NULL)));
  g_autofree char *program = path != NULL ? g_path_get_basename (path) : NULL;

  return perry_engine_runtime_makes_microvms (runtime) || perry_engine_runtime_makes_microvms (program) ||
         perry_engine_runtime_makes_microvms (perry_json_as_string (perry_json_find (reply, runtime, "runtimeType", NULL)));
}

/* The registered runtimes that give each container a virtual machine, the default one first. NULL where there is none. */
static char **
microvm_runtimes (JsonObject *info, const PerryEngineInfo *engine)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) found = NULL;

  if (engine->default_runtime != NULL && makes_microvms (info, engine->default_runtime))
    g_strv_builder_add (names, engine->default_runtime);
  for (char **runtime = engine->runtimes; *runtime != NULL; runtime++)
    if (g_strcmp0 (*runtime, engine->default_runtime) != 0 && makes_microvms (info, *runtime))
      g_strv_builder_add (names, *runtime);
  found = g_strv_builder_end (names);
  return found[0] != NULL ? g_steal_pointer (&found) : NULL;
}

static void
limit_microvm (PerryCapabilityMatrix *matrix, char **runtimes)
{
  if (runtimes != NULL)
    {
      perry_capability_matrix_confirm (matrix, PERRY_CAPABILITY_MICROVM);
      return;
    }
  perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_MICROVM, PERRY_SUPPORT_UNSUPPORTED,
                                 "no runtime that makes virtual machines is registered; Kata, krun or Firecracker's would "
                                 "do (runtimes in daemon.json)");
}

/* Without containerd's image store a digest leads to the image that was pulled by it first, whatever its platform. */
static void
limit_platforms (PerryCapabilityMatrix *matrix, JsonObject *info)
{
  JsonArray *rows = NULL;
  gboolean has_store = FALSE;

  perry_json_read_array (info, "DriverStatus", &rows);
  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      g_auto (GStrv) row = NULL;

      if (perry_json_as_strv (json_array_get_element (rows, i), &row) && g_strv_length (row) == 2)
        has_store |= g_str_equal (row[0], "driver-type") && g_str_equal (row[1], "io.containerd.snapshotter.v1");
    }
  if (!has_store)
    perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_MULTI_ARCH_PULL, PERRY_SUPPORT_PARTIAL,
                                   "Docker's own image store keeps one platform under the digest of several: pull the "
                                   "others by tag, or by their own digests");
}

static PerryCapabilityMatrix *
new_live_matrix (JsonObject *info, const PerryEngineInfo *engine)
{
  PerryCapabilityMatrix *matrix = perry_capability_matrix_new_from_rows (perry_docker_capabilities);
  g_auto (GStrv) options = NULL;
  const char *init = NULL;

  perry_json_read_strv (info, "SecurityOptions", &options);
  limit_security (matrix, options, engine->rootless);
  if (engine->rootless)
    perry_capability_matrix_limit (matrix, PERRY_CAPABILITY_DEVICES, PERRY_SUPPORT_PARTIAL,
                                   "rootless: a device can be used as far as its user may, and no cgroup enforces "
                                   "permissions");
  limit_resources (matrix, info, engine->cgroup_driver);
  perry_json_read_string (info, "InitBinary", &init);
  limit_unless (matrix, PERRY_CAPABILITY_INIT, init != NULL && *init != '\0', "the daemon has no init program");
  limit_microvm (matrix, engine->microvm_runtimes);
  limit_platforms (matrix, info);
  return matrix;
}

PerryLinuxCapabilities
perry_docker_default_capabilities (void)
{
  return perry_linux_capabilities_from_names (default_capabilities);
}

static char **
runtime_names (JsonObject *info)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  JsonObject *runtimes;

  if (perry_json_read_object (info, "Runtimes", &runtimes))
    {
      g_autoptr (GList) members = json_object_get_members (runtimes);

      for (GList *member = members; member != NULL; member = member->next)
        g_strv_builder_add (names, member->data);
    }
  return g_strv_builder_end (names);
}

static char **
new_notes (JsonObject *info, const PerryEngineInfo *engine)
{
  const char *microvm = engine->microvm_runtimes != NULL ? engine->microvm_runtimes[0] : NULL;
  g_autoptr (GStrvBuilder) notes = g_strv_builder_new ();
  g_auto (GStrv) warnings = NULL;

  if (perry_json_read_strv (info, "Warnings", &warnings))
    g_strv_builder_addv (notes, (const char **) warnings);
  if (microvm != NULL && g_strcmp0 (microvm, engine->default_runtime) != 0)
    {
      g_autofree char *note = g_strdup_printf ("a virtual machine for each container is not the default: ask for it with "
                                               "the runtime %s", microvm);

      g_strv_builder_add (notes, note);
    }
  if (engine->cgroup_version == 1)
    g_strv_builder_add (notes, "cgroup version 1: with read_only, /sys/fs/cgroup is added to Docker's read-only paths, "
                               "because the runtime leaves it writable");
  return g_strv_builder_end (notes);
}

PerryEngineInfo *
perry_docker_engine_from_info (JsonNode *reply, GError **error)
{
  JsonObject *info = perry_json_as_object (reply);
  g_autoptr (PerryEngineInfo) engine = perry_engine_info_new ();
  g_auto (GStrv) options = NULL;
  g_autofree char *cgroups = NULL;

  engine->version = perry_engine_string_dup (info, "ServerVersion");
  if (engine->version == NULL)
    {
      perry_engine_set_shape_error (error, "Docker", "info");
      return NULL;
    }
  engine->name = g_strdup ("Docker");
  engine->os = perry_engine_string_dup (info, "OSType");
  engine->architecture = perry_engine_string_dup (info, "Architecture");
  engine->kernel = perry_engine_string_dup (info, "KernelVersion");
  engine->cgroup_driver = perry_engine_string_dup (info, "CgroupDriver");
  engine->default_runtime = perry_engine_string_dup (info, "DefaultRuntime");
  engine->runtimes = runtime_names (info);
  engine->microvm_runtimes = microvm_runtimes (info, engine);
  cgroups = perry_engine_string_dup (info, "CgroupVersion");
  engine->cgroup_version = g_strcmp0 (cgroups, "2") == 0 ? 2 : g_strcmp0 (cgroups, "1") == 0 ? 1 : 0;
  perry_json_read_strv (info, "SecurityOptions", &options);
  engine->rootless = security_option (options, "rootless") != NULL;
  engine->default_capabilities = perry_docker_default_capabilities ();
  engine->notes = new_notes (info, engine);
  perry_capability_matrix_free (engine->matrix);
  engine->matrix = new_live_matrix (info, engine);
  return g_steal_pointer (&engine);
}

gboolean
perry_docker_info_is_unconfined (JsonNode *reply)
{
  g_auto (GStrv) options = NULL;

  perry_json_read_strv (perry_json_as_object (reply), "SecurityOptions", &options);
  return g_strcmp0 (security_option (options, "seccomp"), ",profile=unconfined") == 0;
}

char *
perry_docker_runtime_program (JsonNode *reply, const char *runtime)
{
  const char *path;

  if (runtime == NULL)
    return NULL;
  path = perry_json_as_string (perry_json_find (reply, "Runtimes", runtime, "path", NULL));
  return path != NULL && *path != '\0' ? g_path_get_basename (path) : g_strdup (runtime);
}

static gboolean
is_root (const char *user)
{
  return user == NULL || g_str_equal (user, "root") || g_str_equal (user, "0") || g_str_has_prefix (user, "root:")
         || g_str_has_prefix (user, "0:");
}

static void
limit_mount_options (const PerryContainerSpec *spec, PerryFieldSupport *support)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (spec);

  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = mounts->pdata[i];

      for (char **option = mount->options; *option != NULL; option++)
        if (!perry_docker_mount_option_is_known (mount, *option))
          {
            g_autofree char *reason = g_strdup_printf ("Docker cannot mount %s with the option %s", mount->target,
                                                       *option);

            perry_field_support_limit (support, mount->field, PERRY_SUPPORT_UNSUPPORTED, reason);
          }
    }
}

void
perry_docker_refine_spec (const PerryContainerSpec *spec, gboolean seccomp_unconfined, PerryFieldSupport *support)
{
  g_autofree const char **added = perry_container_spec_get_strv (spec, PERRY_FIELD_CAP_ADD);

  if (added != NULL && *added != NULL && !is_root (perry_container_spec_get_string (spec, PERRY_FIELD_USER)))
    perry_field_support_limit (support, PERRY_FIELD_CAP_ADD, PERRY_SUPPORT_PARTIAL,
                               "Docker grants capabilities to root only; for another user they are in the bounding set "
                               "without effect");
  if (g_strcmp0 (perry_container_spec_get_string (spec, PERRY_FIELD_USERNS), "private") == 0)
    perry_field_support_limit (support, PERRY_FIELD_USERNS, PERRY_SUPPORT_UNSUPPORTED,
                               "Docker maps user ids for the whole daemon (userns-remap), not for one container");
  limit_mount_options (spec, support);
  if (seccomp_unconfined
      && g_strcmp0 (perry_container_spec_get_string (spec, PERRY_FIELD_SECCOMP), "default") == 0)
    perry_field_support_limit (support, PERRY_FIELD_SECCOMP, PERRY_SUPPORT_UNSUPPORTED,
                               "the daemon's default profile is unconfined (seccomp-profile in daemon.json)");
}

void
perry_docker_limit_healthcheck (const PerryContainerSpec *spec, guint api_minor, PerryFieldSupport *support)
{
  g_autoptr (PerryHealthcheck) check = perry_container_spec_dup_healthcheck (spec);

  if (check == NULL || check->disable)
    return;
  if (api_minor < PERRY_DOCKER_START_INTERVAL_MINOR && check->start_interval_us > 0)
    perry_field_support_limit (support, PERRY_FIELD_HEALTHCHECK, PERRY_SUPPORT_PARTIAL,
                               "this Docker's API is older than 1.44 and has no start_interval: health is looked at every "
                               "interval from the beginning");
  else if (api_minor >= PERRY_DOCKER_START_INTERVAL_MINOR && check->start_period_us >= 0
           && perry_engine_get_start_interval (spec) == 0)
    perry_field_support_limit (support, PERRY_FIELD_HEALTHCHECK, PERRY_SUPPORT_PARTIAL,
                               check->start_period_us > 0
                                   ? "the interval is the image's, so in the start period Docker looks every 5 s; set "
                                     "interval or start_interval"
                                   : "the interval is the image's, so Docker looks for the first time after 5 s; set "
                                     "interval or start_interval");
}
