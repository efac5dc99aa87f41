/* SPDX-License-Identifier: Apache-2.0 */
#include "core/audit/perry-exposure-rows.h"

#include <string.h>

static void
set (PerryExposureRow *row, double exposure, double least, const char *reason)
{
  row->exposure = exposure;
  row->least = least;
  g_free (row->reason);
  row->reason = g_strdup (reason);
}

static void
rate_privileged (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  if (facts->privileged)
    set (row, 1, 9.5, "it has every capability and the devices of the host, and nothing confines it");
  else
    set (row, 0, 0, "no");
}

static void
rate_kernel (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  if (facts->in_microvm)
    set (row, 0, 0, "a virtual machine has a kernel of its own");
  else
    set (row, 1, 0, "its system calls are those of the host's kernel");
}

static void
rate_user (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  gboolean mapped = facts->engine != NULL && facts->engine->rootless;

  if (!facts->is_root)
    set (row, 0, 0, "a user other than root");
  else if (mapped)
    set (row, 0.4, 0, "root in the container, an ordinary user on the host");
  else if (perry_container_spec_is_set (facts->spec, PERRY_FIELD_USER))
    set (row, 1, 0, "root");
  else
    set (row, 1, 0, "the image's user, which is root unless it says otherwise");
}

/* Each is as good as root on the host, or opens much of its kernel. */
static const char *const dangerous[] = { "SYS_ADMIN",  "SYS_MODULE",       "SYS_PTRACE", "SYS_RAWIO", "SYS_BOOT",
                                         "MAC_ADMIN",  "DAC_READ_SEARCH",  "BPF",        "PERFMON",   "SYS_TIME",
                                         "MAC_OVERRIDE", "CHECKPOINT_RESTORE", "SYSLOG",  NULL };

static guint
count_bits (PerryLinuxCapabilities set)
{
  return (guint) __builtin_popcountll (set);
}

static void
rate_capabilities (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  PerryLinuxCapabilities held = facts->privileged ? perry_linux_capabilities_all () : facts->capabilities;
  PerryLinuxCapabilities worst = held & perry_linux_capabilities_from_names (dangerous);
  g_autofree char *names = perry_linux_capabilities_to_text (worst != 0 ? worst : held);
  g_autofree char *reason = NULL;

  if (worst != 0)
    {
      reason = g_strdup_printf ("%s: each of these opens the kernel or the host's files", names);
      set (row, 1, 8, reason);
    }
  else if (held == 0)
    set (row, 0, 0, "none");
  else
    {
      reason = g_strdup_printf ("%s", names);
      set (row, MIN (1, 0.1 + 0.03 * count_bits (held)), 0, reason);
    }
}

static void
rate_privileges (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  if (perry_container_spec_get_boolean (facts->spec, PERRY_FIELD_NO_NEW_PRIVILEGES))
    set (row, 0, 0, "no program gains privileges");
  else
    set (row, 1, 0, "a set-user-ID program gains what its file says");
}

static void
rate_seccomp (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  const char *seccomp = perry_container_spec_get_string (facts->spec, PERRY_FIELD_SECCOMP);

  if (g_strcmp0 (seccomp, "unconfined") == 0 || (facts->privileged && seccomp == NULL))
    set (row, 1, 7, "unconfined: every system call is open");
  else if (g_strcmp0 (seccomp, "perry") == 0)
    set (row, 0, 0, "perry");
  else if (seccomp == NULL || g_str_equal (seccomp, "default"))
    set (row, 0.2, 0, "the engine's default profile");
  else
    set (row, 0.4, 0, "a profile of its own, which nobody has looked at here");
}

static gboolean
has_label (const char *const *labels, const char *label)
{
  return labels != NULL && g_strv_contains (labels, label);
}

static void
rate_lsm (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  const char *profile = perry_container_spec_get_string (facts->spec, PERRY_FIELD_APPARMOR);
  g_autofree const char **labels = perry_container_spec_get_strv (facts->spec, PERRY_FIELD_SELINUX);
  const PerryCapabilityMatrix *matrix = facts->engine != NULL ? facts->engine->matrix : NULL;
  gboolean there = matrix != NULL &&
                   (perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_APPARMOR) >= PERRY_SUPPORT_PARTIAL ||
                    perry_capability_matrix_get_support (matrix, PERRY_CAPABILITY_SELINUX_LABEL) >= PERRY_SUPPORT_PARTIAL);

  if (g_strcmp0 (profile, "unconfined") == 0 || has_label (labels, "disable") || (there && facts->privileged))
    set (row, 1, 0, "switched off for it");
  else if (there)
    set (row, 0, 0, "the engine's profile or label");
  else
    set (row, 0.5, 0, "the host has neither AppArmor nor SELinux, as far as the engine says");
}

static void
rate_root (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  if (perry_container_spec_get_boolean (facts->spec, PERRY_FIELD_READ_ONLY))
    set (row, 0, 0, "read-only");
  else
    set (row, 1, 0, "writable: what gets in can stay until the container is removed");
}

static void
rate_network (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  const char *network = perry_container_spec_get_network (facts->spec);
  g_autofree char *reason = NULL;

  if (g_strcmp0 (network, "none") == 0)
    set (row, 0, 0, "none");
  else if (g_strcmp0 (network, "host") == 0)
    set (row, 1, 7, "the host's own: its loopback services, its ports and its abstract sockets");
  else
    {
      reason = g_strdup_printf ("%s: it reaches others and is reached by those on it",
                                network != NULL ? network : "the engine's default network");
      set (row, 0.5, 0, reason);
    }
}

static void
rate_ports (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  g_autoptr (GPtrArray) ports = perry_container_spec_dup_ports (facts->spec);
  guint n_open = 0;

  for (guint i = 0; i < ports->len; i++)
    {
      const PerryPort *port = g_ptr_array_index (ports, i);
      const char *address = port->host_ip;

      n_open += address == NULL || (!g_str_has_prefix (address, "127.") && !g_str_equal (address, "::1"));
    }
  if (ports->len == 0)
    set (row, 0, 0, "none");
  else if (n_open == 0)
    set (row, 0.3, 0, "published on the host's loopback");
  else
    set (row, 1, 0, "published on addresses that others reach");
}

static gboolean
shares_host (const PerryContainerSpec *spec, PerryField field)
{
  return g_strcmp0 (perry_container_spec_get_string (spec, field), "host") == 0;
}

static void
rate_pid (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  if (shares_host (facts->spec, PERRY_FIELD_PID))
    set (row, 1, 7.5, "the host's: it sees every process, and signals those of its user");
  else
    set (row, 0, 0, "its own");
}

static void
rate_ipc (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  if (shares_host (facts->spec, PERRY_FIELD_IPC))
    set (row, 1, 7, "the host's: shared memory of other programs is open to it");
  else
    set (row, 0, 0, "its own");
}

static void
rate_uts (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  if (shares_host (facts->spec, PERRY_FIELD_UTS))
    set (row, 1, 0, "the host's");
  else
    set (row, 0, 0, "its own");
}

static gboolean
is_below (const char *path, const char *directory)
{
  gsize length = strlen (directory);

  return g_str_has_prefix (path, directory) && (path[length] == '\0' || path[length] == '/');
}

static gboolean
is_engine_socket (const char *path)
{
  const char *name = strrchr (path, '/');

  return name != NULL && (g_str_equal (name, "/docker.sock") || g_str_equal (name, "/podman.sock") ||
                          g_str_equal (name, "/containerd.sock") || g_str_equal (name, "/crio.sock"));
}

/* Directories that are as good as the host, writable or, some of them, at all. */
static void
rate_mount (const PerryMount *mount, PerryExposureRow *row)
{
  static const char *const writable[] = { "/etc", "/boot", "/usr", "/bin", "/sbin", "/lib", "/root", "/proc", "/sys",
                                          "/dev", "/run", "/var/run", "/var/lib/docker", "/var/lib/containers", "/home" };
  static const char *const sockets[] = { "/run", "/var/run" };
  const char *source = mount->source;
  g_autofree char *reason = NULL;
  double least = 0, exposure = mount->read_only ? 0.2 : 0.5;

  if (is_engine_socket (source))
    least = 9.5;
  else if (g_str_equal (source, "/"))
    least = mount->read_only ? 8 : 9.5;
  for (gsize i = 0; least == 0 && i < G_N_ELEMENTS (sockets); i++)
    if (g_str_equal (source, sockets[i]))
      least = 9;
  for (gsize i = 0; least == 0 && !mount->read_only && i < G_N_ELEMENTS (writable); i++)
    if (is_below (source, writable[i]) && !g_str_equal (source, "/dev/null"))
      least = is_below (source, "/home") ? 0 : 8;
  exposure = least > 0 ? 1 : exposure;
  if (exposure < row->exposure || (exposure == row->exposure && least <= row->least))
    return;
  reason = g_strdup_printf ("%s of the host, %s%s", source, mount->read_only ? "read-only" : "writable",
                            is_engine_socket (source) ? ": who reaches an engine's socket is root" : "");
  set (row, exposure, least, reason);
}

static void
rate_volumes (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  g_autoptr (GPtrArray) mounts = perry_container_spec_dup_mounts (facts->spec);

  set (row, 0, 0, "nothing of the host's");
  for (guint i = 0; i < mounts->len; i++)
    {
      const PerryMount *mount = g_ptr_array_index (mounts, i);

      if (mount->type == PERRY_MOUNT_BIND && mount->source != NULL)
        rate_mount (mount, row);
    }
}

static void
rate_devices (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  g_autoptr (GPtrArray) devices = perry_container_spec_dup_devices (facts->spec);
  const char *worst = NULL;
  g_autofree char *reason = NULL;

  for (guint i = 0; i < devices->len; i++)
    {
      const char *source = ((PerryDevice *) g_ptr_array_index (devices, i))->source;

      if (g_str_has_prefix (source, "/dev/sd") || g_str_has_prefix (source, "/dev/vd") ||
          g_str_has_prefix (source, "/dev/nvme") || g_str_has_prefix (source, "/dev/xvd") ||
          g_str_has_prefix (source, "/dev/dm-") || g_str_has_prefix (source, "/dev/loop") ||
          g_str_equal (source, "/dev/mem") || g_str_equal (source, "/dev/kmem") || g_str_equal (source, "/dev/port"))
        worst = source;
    }
  if (facts->privileged)
    set (row, 1, 9.5, "all of the host's");
  else if (worst != NULL)
    {
      reason = g_strdup_printf ("%s: a disk or the memory of the host", worst);
      set (row, 1, 8, reason);
    }
  else if (devices->len > 0)
    set (row, 0.5, 0, "some of the host's");
  else
    set (row, 0, 0, "none of the host's");
}

static void
rate_limit (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  if (perry_container_spec_get_int64 (facts->spec, row->field, 0) > 0)
    set (row, 0, 0, "limited");
  else
    set (row, 1, 0, "without a limit");
}

static void
rate_cpus (const PerryExposureFacts *facts, PerryExposureRow *row)
{
  if (perry_container_spec_get_double (facts->spec, PERRY_FIELD_CPUS, 0) > 0)
    set (row, 0, 0, "limited");
  else
    set (row, 1, 0, "without a limit");
}

/* The table of docs/exposure.md. */
const PerryExposureRule perry_exposure_rules[] = {
  { "privileged", PERRY_FIELD_PRIVILEGED, 10, rate_privileged },
  { "kernel", PERRY_FIELD_RUNTIME, 8, rate_kernel },
  { "user", PERRY_FIELD_USER, 8, rate_user },
  { "capabilities", PERRY_FIELD_CAP_DROP, 10, rate_capabilities },
  { "new-privileges", PERRY_FIELD_NO_NEW_PRIVILEGES, 4, rate_privileges },
  { "seccomp", PERRY_FIELD_SECCOMP, 8, rate_seccomp },
  { "security-module", PERRY_FIELD_APPARMOR, 3, rate_lsm },
  { "root", PERRY_FIELD_READ_ONLY, 5, rate_root },
  { "network", PERRY_FIELD_NETWORK, 8, rate_network },
  { "ports", PERRY_FIELD_PORTS, 3, rate_ports },
  { "pid", PERRY_FIELD_PID, 5, rate_pid },
  { "ipc", PERRY_FIELD_IPC, 3, rate_ipc },
  { "uts", PERRY_FIELD_UTS, 1, rate_uts },
  { "volumes", PERRY_FIELD_VOLUMES, 8, rate_volumes },
  { "devices", PERRY_FIELD_DEVICES, 5, rate_devices },
  { "memory", PERRY_FIELD_MEMORY, 3, rate_limit },
  { "processes", PERRY_FIELD_PIDS_LIMIT, 3, rate_limit },
  { "cpus", PERRY_FIELD_CPUS, 1, rate_cpus },
  { NULL, PERRY_FIELD_LAST, 0, NULL },
};
