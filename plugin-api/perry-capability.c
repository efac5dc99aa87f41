/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-capability.h"

G_STATIC_ASSERT (PERRY_CAPABILITY_LAST <= 64);

typedef struct {
  PerrySupport support;
  PerrySupportOrigin origin;
  char *reason;
} Cell;

struct _PerryCapabilityMatrix {
  Cell cells[PERRY_CAPABILITY_LAST];
  GPtrArray *unknown; /* NULL-terminated */
};

G_DEFINE_BOXED_TYPE (PerryCapabilityMatrix, perry_capability_matrix, perry_capability_matrix_copy,
                     perry_capability_matrix_free)

static const char *const capability_names[PERRY_CAPABILITY_LAST] = {
  [PERRY_CAPABILITY_PRIVILEGED] = "privileged",
  [PERRY_CAPABILITY_SECCOMP_PROFILE] = "seccomp-profile",
  [PERRY_CAPABILITY_NO_NEW_PRIVILEGES] = "no-new-privileges",
  [PERRY_CAPABILITY_LINUX_CAPABILITIES] = "linux-capabilities",
  [PERRY_CAPABILITY_READ_ONLY_ROOTFS] = "read-only-rootfs",
  [PERRY_CAPABILITY_RUN_AS_USER] = "run-as-user",
  [PERRY_CAPABILITY_WORKDIR] = "workdir",
  [PERRY_CAPABILITY_APPARMOR] = "apparmor",
  [PERRY_CAPABILITY_SELINUX_LABEL] = "selinux-label",
  [PERRY_CAPABILITY_PID_NAMESPACE_SHARE] = "pid-namespace-share",
  [PERRY_CAPABILITY_IPC_NAMESPACE_SHARE] = "ipc-namespace-share",
  [PERRY_CAPABILITY_UTS_NAMESPACE_SHARE] = "uts-namespace-share",
  [PERRY_CAPABILITY_USER_NAMESPACE] = "user-namespace",
  [PERRY_CAPABILITY_NETWORK_NONE] = "network-none",
  [PERRY_CAPABILITY_NETWORK_HOST] = "network-host",
  [PERRY_CAPABILITY_USER_DEFINED_BRIDGE] = "user-defined-bridge",
  [PERRY_CAPABILITY_INTERNAL_NETWORK] = "internal-network",
  [PERRY_CAPABILITY_NETWORK_ALIAS] = "network-alias",
  [PERRY_CAPABILITY_PUBLISHED_PORTS] = "published-ports",
  [PERRY_CAPABILITY_BIND_MOUNTS] = "bind-mounts",
  [PERRY_CAPABILITY_NAMED_VOLUMES] = "named-volumes",
  [PERRY_CAPABILITY_READ_ONLY_MOUNTS] = "read-only-mounts",
  [PERRY_CAPABILITY_TMPFS_MOUNTS] = "tmpfs-mounts",
  [PERRY_CAPABILITY_SELINUX_MOUNT_LABELS] = "selinux-mount-labels",
  [PERRY_CAPABILITY_RM_ON_EXIT] = "rm-on-exit",
  [PERRY_CAPABILITY_RESTART_POLICY] = "restart-policy",
  [PERRY_CAPABILITY_HEALTHCHECK] = "healthcheck",
  [PERRY_CAPABILITY_MEMORY_LIMIT] = "memory-limit",
  [PERRY_CAPABILITY_CPU_LIMIT] = "cpu-limit",
  [PERRY_CAPABILITY_PIDS_LIMIT] = "pids-limit",
  [PERRY_CAPABILITY_ULIMITS] = "ulimits",
  [PERRY_CAPABILITY_SYSCTLS] = "sysctls",
  [PERRY_CAPABILITY_DEVICES] = "devices",
  [PERRY_CAPABILITY_INIT] = "init",
  [PERRY_CAPABILITY_STOP_SIGNAL] = "stop-signal",
  [PERRY_CAPABILITY_EXEC] = "exec",
  [PERRY_CAPABILITY_EXEC_USER] = "exec-user",
  [PERRY_CAPABILITY_LOGS_FOLLOW] = "logs-follow",
  [PERRY_CAPABILITY_LOGS_SINCE] = "logs-since",
  [PERRY_CAPABILITY_EXIT_CODE] = "exit-code",
  [PERRY_CAPABILITY_EVENTS] = "events",
  [PERRY_CAPABILITY_IMAGE_DIGEST] = "image-digest",
  [PERRY_CAPABILITY_MULTI_ARCH_PULL] = "multi-arch-pull",
  [PERRY_CAPABILITY_IMAGE_VERIFICATION] = "image-verification",
  [PERRY_CAPABILITY_BUILD] = "build",
  [PERRY_CAPABILITY_MICROVM] = "microvm",
};

static const char *const support_names[] = {
  [PERRY_SUPPORT_UNSUPPORTED] = "unsupported",
  [PERRY_SUPPORT_PARTIAL] = "partial",
  [PERRY_SUPPORT_EMULATED] = "emulated",
  [PERRY_SUPPORT_NATIVE] = "native",
  [PERRY_SUPPORT_NOT_APPLICABLE] = "not-applicable",
};

const char *
perry_capability_get_name (PerryCapability capability)
{
  if ((guint) capability >= PERRY_CAPABILITY_LAST)
    return NULL;
  return capability_names[capability];
}

gboolean
perry_capability_from_name (const char *name, PerryCapability *ret_capability)
{
  g_return_val_if_fail (name != NULL, FALSE);

  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    if (g_str_equal (name, capability_names[i]))
      {
        *ret_capability = i;
        return TRUE;
      }
  return FALSE;
}

const char *
perry_support_get_name (PerrySupport support)
{
  g_return_val_if_fail ((guint) support < G_N_ELEMENTS (support_names), "unsupported");
  return support_names[support];
}

const char *
perry_support_origin_get_name (PerrySupportOrigin origin)
{
  static const char *const names[] = { "table", "probe", "proof" };

  g_return_val_if_fail ((guint) origin < G_N_ELEMENTS (names), "table");
  return names[origin];
}

PerryCapabilityMatrix *
perry_capability_matrix_new (void)
{
  PerryCapabilityMatrix *matrix = g_new0 (PerryCapabilityMatrix, 1);

  matrix->unknown = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (matrix->unknown, NULL);
  return matrix;
}

static void
add_unknown (PerryCapabilityMatrix *matrix, const char *name)
{
  g_ptr_array_insert (matrix->unknown, (int) matrix->unknown->len - 1, g_strdup (name));
}

PerryCapabilityMatrix *
perry_capability_matrix_new_from_rows (const PerryCapabilityRow *rows)
{
  PerryCapabilityMatrix *matrix = perry_capability_matrix_new ();

  for (const PerryCapabilityRow *row = rows; row != NULL && row->name != NULL; row++)
    {
      PerryCapability capability;

      if (!perry_capability_from_name (row->name, &capability))
        add_unknown (matrix, row->name);
      else if ((guint) row->support < G_N_ELEMENTS (support_names))
        perry_capability_matrix_set (matrix, capability, row->support, PERRY_SUPPORT_ORIGIN_TABLE, row->reason);
    }
  return matrix;
}

PerryCapabilityMatrix *
perry_capability_matrix_copy (const PerryCapabilityMatrix *matrix)
{
  PerryCapabilityMatrix *copy = perry_capability_matrix_new ();

  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    perry_capability_matrix_set (copy, i, matrix->cells[i].support, matrix->cells[i].origin, matrix->cells[i].reason);
  for (guint i = 0; i + 1 < matrix->unknown->len; i++)
    add_unknown (copy, g_ptr_array_index (matrix->unknown, i));
  return copy;
}

void
perry_capability_matrix_free (PerryCapabilityMatrix *matrix)
{
  if (matrix == NULL)
    return;
  for (int i = 0; i < PERRY_CAPABILITY_LAST; i++)
    g_free (matrix->cells[i].reason);
  g_ptr_array_unref (matrix->unknown);
  g_free (matrix);
}

void
perry_capability_matrix_set (PerryCapabilityMatrix *matrix, PerryCapability capability, PerrySupport support,
                             PerrySupportOrigin origin, const char *reason)
{
  Cell *cell;
  char *copy;

  g_return_if_fail (matrix != NULL);
  g_return_if_fail ((guint) capability < PERRY_CAPABILITY_LAST);

  cell = &matrix->cells[capability];
  cell->support = support;
  cell->origin = origin;
  copy = g_strdup (reason); /* before the free: a caller may pass the cell's own reason */
  g_free (cell->reason);
  cell->reason = copy;
}

/* not-applicable stands above native in the enumeration but promises nothing, so it never raises a cell */
static guint
rank (PerrySupport support)
{
  return support == PERRY_SUPPORT_NOT_APPLICABLE ? 0 : support;
}

void
perry_capability_matrix_limit (PerryCapabilityMatrix *matrix, PerryCapability capability, PerrySupport support,
                               const char *reason)
{
  g_return_if_fail (matrix != NULL);
  g_return_if_fail ((guint) capability < PERRY_CAPABILITY_LAST);

  if (rank (support) < rank (matrix->cells[capability].support))
    perry_capability_matrix_set (matrix, capability, support, PERRY_SUPPORT_ORIGIN_PROBE, reason);
}

void
perry_capability_matrix_confirm (PerryCapabilityMatrix *matrix, PerryCapability capability)
{
  g_return_if_fail (matrix != NULL);
  g_return_if_fail ((guint) capability < PERRY_CAPABILITY_LAST);

  matrix->cells[capability].origin = PERRY_SUPPORT_ORIGIN_PROBE;
}

PerrySupport
perry_capability_matrix_get_support (const PerryCapabilityMatrix *matrix, PerryCapability capability)
{
  g_return_val_if_fail (matrix != NULL, PERRY_SUPPORT_UNSUPPORTED);
  g_return_val_if_fail ((guint) capability < PERRY_CAPABILITY_LAST, PERRY_SUPPORT_UNSUPPORTED);

  return matrix->cells[capability].support;
}

PerrySupportOrigin
perry_capability_matrix_get_origin (const PerryCapabilityMatrix *matrix, PerryCapability capability)
{
  g_return_val_if_fail (matrix != NULL, PERRY_SUPPORT_ORIGIN_TABLE);
  g_return_val_if_fail ((guint) capability < PERRY_CAPABILITY_LAST, PERRY_SUPPORT_ORIGIN_TABLE);

  return matrix->cells[capability].origin;
}

const char *
perry_capability_matrix_get_reason (const PerryCapabilityMatrix *matrix, PerryCapability capability)
{
  g_return_val_if_fail (matrix != NULL, NULL);
  g_return_val_if_fail ((guint) capability < PERRY_CAPABILITY_LAST, NULL);

  return matrix->cells[capability].reason;
}

const char *const *
perry_capability_matrix_get_unknown (const PerryCapabilityMatrix *matrix)
{
  g_return_val_if_fail (matrix != NULL, NULL);

  return (const char *const *) matrix->unknown->pdata;
}
