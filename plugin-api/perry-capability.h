/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "plugin-api/perry-export.h"

G_BEGIN_DECLS

/**
 * PerryCapability:
 *
 * What an engine may be able to do. The numbers are private to one version of the library; files, plugins and reports
 * use the names of perry_capability_get_name(), which are stable.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_CAPABILITY_PRIVILEGED,
  PERRY_CAPABILITY_SECCOMP_PROFILE,
  PERRY_CAPABILITY_NO_NEW_PRIVILEGES,
  PERRY_CAPABILITY_LINUX_CAPABILITIES,
  PERRY_CAPABILITY_READ_ONLY_ROOTFS,
  PERRY_CAPABILITY_RUN_AS_USER,
  PERRY_CAPABILITY_WORKDIR,
  PERRY_CAPABILITY_APPARMOR,
  PERRY_CAPABILITY_SELINUX_LABEL,
  PERRY_CAPABILITY_PID_NAMESPACE_SHARE,
  PERRY_CAPABILITY_IPC_NAMESPACE_SHARE,
  PERRY_CAPABILITY_UTS_NAMESPACE_SHARE,
  PERRY_CAPABILITY_USER_NAMESPACE,
  PERRY_CAPABILITY_NETWORK_NONE,
  PERRY_CAPABILITY_NETWORK_HOST,
  PERRY_CAPABILITY_USER_DEFINED_BRIDGE,
  PERRY_CAPABILITY_INTERNAL_NETWORK,
  PERRY_CAPABILITY_NETWORK_ALIAS,
  PERRY_CAPABILITY_PUBLISHED_PORTS,
  PERRY_CAPABILITY_BIND_MOUNTS,
  PERRY_CAPABILITY_NAMED_VOLUMES,
  PERRY_CAPABILITY_READ_ONLY_MOUNTS,
  PERRY_CAPABILITY_TMPFS_MOUNTS,
  PERRY_CAPABILITY_SELINUX_MOUNT_LABELS,
  PERRY_CAPABILITY_RM_ON_EXIT,
  PERRY_CAPABILITY_RESTART_POLICY,
  PERRY_CAPABILITY_HEALTHCHECK,
  PERRY_CAPABILITY_MEMORY_LIMIT,
  PERRY_CAPABILITY_CPU_LIMIT,
  PERRY_CAPABILITY_PIDS_LIMIT,
  PERRY_CAPABILITY_ULIMITS,
  PERRY_CAPABILITY_SYSCTLS,
  PERRY_CAPABILITY_DEVICES,
  PERRY_CAPABILITY_INIT,
  PERRY_CAPABILITY_STOP_SIGNAL,
  PERRY_CAPABILITY_EXEC,
  PERRY_CAPABILITY_EXEC_USER,
  PERRY_CAPABILITY_LOGS_FOLLOW,
  PERRY_CAPABILITY_LOGS_SINCE,
  PERRY_CAPABILITY_EXIT_CODE,
  PERRY_CAPABILITY_EVENTS,
  PERRY_CAPABILITY_IMAGE_DIGEST,
  PERRY_CAPABILITY_MULTI_ARCH_PULL,
  PERRY_CAPABILITY_IMAGE_VERIFICATION,
  PERRY_CAPABILITY_BUILD,
  PERRY_CAPABILITY_MICROVM,
  PERRY_CAPABILITY_LAST /*< skip >*/
} PerryCapability;

/**
 * PerryCapabilitySet:
 *
 * A set of capabilities, one bit each: `PERRY_CAPABILITY_BIT (capability)`.
 *
 * Since: 0.1
 */
typedef guint64 PerryCapabilitySet;

#define PERRY_CAPABILITY_BIT(capability) (G_GUINT64_CONSTANT (1) << (capability))

/**
 * PerrySupport:
 * @PERRY_SUPPORT_UNSUPPORTED: cannot be done; zero, so that what a plugin does not know is refused
 * @PERRY_SUPPORT_PARTIAL: done in part; a reason says what is missing
 * @PERRY_SUPPORT_EMULATED: the core or the plugin does it outside the engine
 * @PERRY_SUPPORT_NATIVE: the engine does it
 * @PERRY_SUPPORT_NOT_APPLICABLE: has no meaning here; a reason says why (seccomp where the boundary is a VM)
 *
 * How well a capability is supported.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_SUPPORT_UNSUPPORTED,
  PERRY_SUPPORT_PARTIAL,
  PERRY_SUPPORT_EMULATED,
  PERRY_SUPPORT_NATIVE,
  PERRY_SUPPORT_NOT_APPLICABLE,
} PerrySupport;

/**
 * PerrySupportOrigin:
 * @PERRY_SUPPORT_ORIGIN_TABLE: the plugin's static table
 * @PERRY_SUPPORT_ORIGIN_PROBE: what the engine said on this host
 * @PERRY_SUPPORT_ORIGIN_PROOF: what was shown from inside a container
 *
 * Where a cell of a matrix comes from.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_SUPPORT_ORIGIN_TABLE,
  PERRY_SUPPORT_ORIGIN_PROBE,
  PERRY_SUPPORT_ORIGIN_PROOF,
} PerrySupportOrigin;

/**
 * perry_capability_get_name:
 * @capability: a capability
 *
 * Gets the stable name, such as `read-only-rootfs`.
 *
 * Returns: (transfer none) (nullable): the name, %NULL for a value outside the enumeration
 *
 * Since: 0.1
 */
PERRY_API const char *perry_capability_get_name (PerryCapability capability);

/**
 * perry_capability_from_name:
 * @name: a name, such as `read-only-rootfs`
 * @ret_capability: (out): the capability, untouched where the name is unknown
 *
 * Looks a capability up by its stable name.
 *
 * Returns: whether the name is known to this version
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_capability_from_name (const char *name, PerryCapability *ret_capability);

/**
 * perry_support_get_name:
 * @support: a support level
 *
 * Gets the name that reports use, such as `not-applicable`.
 *
 * Returns: (transfer none): the name
 *
 * Since: 0.1
 */
PERRY_API const char *perry_support_get_name (PerrySupport support);

/**
 * perry_support_origin_get_name:
 * @origin: where a cell comes from
 *
 * Gets `table`, `probe` or `proof`.
 *
 * Returns: (transfer none): the name
 *
 * Since: 0.1
 */
PERRY_API const char *perry_support_origin_get_name (PerrySupportOrigin origin);

/**
 * PerryCapabilityRow: (skip)
 * @name: the capability's stable name; a name that the core does not know is kept and listed
 * @support: the engine's best case
 * @reason: (nullable): a note; mandatory for partial and not-applicable
 *
 * A row of the static table in a plugin's descriptor. The table ends with a row whose name is %NULL.
 *
 * Since: 0.1
 */
typedef struct {
  const char *name;
  PerrySupport support;
  const char *reason;
} PerryCapabilityRow;

/**
 * PerryCapabilityMatrix:
 *
 * One cell per capability: how well it is supported, why not better, and where the answer comes from. A cell that was
 * never set is unsupported. Not thread-safe while it is being changed; reading is.
 *
 * Since: 0.1
 */
typedef struct _PerryCapabilityMatrix PerryCapabilityMatrix;

#define PERRY_TYPE_CAPABILITY_MATRIX (perry_capability_matrix_get_type ())
PERRY_API GType perry_capability_matrix_get_type (void);

/**
 * perry_capability_matrix_new:
 *
 * Creates a matrix in which everything is unsupported.
 *
 * Returns: (transfer full): a new matrix
 *
 * Since: 0.1
 */
PERRY_API PerryCapabilityMatrix *perry_capability_matrix_new (void);

/**
 * perry_capability_matrix_new_from_rows: (skip)
 * @rows: (nullable): a static table that ends with a row whose name is %NULL
 *
 * Creates a matrix from a plugin's static table; every cell has the origin `table`.
 *
 * Returns: (transfer full): a new matrix
 *
 * Since: 0.1
 */
PERRY_API PerryCapabilityMatrix *perry_capability_matrix_new_from_rows (const PerryCapabilityRow *rows);

PERRY_API PerryCapabilityMatrix *perry_capability_matrix_copy (const PerryCapabilityMatrix *matrix);
PERRY_API void perry_capability_matrix_free (PerryCapabilityMatrix *matrix);

/**
 * perry_capability_matrix_set:
 * @matrix: a matrix
 * @capability: a capability
 * @support: how well it is supported
 * @origin: where this is known from
 * @reason: (nullable): why it is not better, or a note
 *
 * Sets one cell.
 *
 * Since: 0.1
 */
PERRY_API void perry_capability_matrix_set (PerryCapabilityMatrix *matrix, PerryCapability capability,
                                            PerrySupport support, PerrySupportOrigin origin, const char *reason);

/**
 * perry_capability_matrix_limit:
 * @matrix: a matrix
 * @capability: a capability
 * @support: the most that this host allows
 * @reason: why
 *
 * Lowers a cell to @support with the origin `probe`. A cell that is lower already keeps its value.
 *
 * Since: 0.1
 */
PERRY_API void perry_capability_matrix_limit (PerryCapabilityMatrix *matrix, PerryCapability capability,
                                              PerrySupport support, const char *reason);

/**
 * perry_capability_matrix_confirm:
 * @matrix: a matrix
 * @capability: a capability
 *
 * Marks a cell as confirmed by the engine on this host: its origin becomes `probe`, its value stays.
 *
 * Since: 0.1
 */
PERRY_API void perry_capability_matrix_confirm (PerryCapabilityMatrix *matrix, PerryCapability capability);

PERRY_API PerrySupport perry_capability_matrix_get_support (const PerryCapabilityMatrix *matrix,
                                                            PerryCapability capability);
PERRY_API PerrySupportOrigin perry_capability_matrix_get_origin (const PerryCapabilityMatrix *matrix,
                                                                 PerryCapability capability);

/**
 * perry_capability_matrix_get_reason:
 * @matrix: a matrix
 * @capability: a capability
 *
 * Gets the note of a cell.
 *
 * Returns: (transfer none) (nullable): the note
 *
 * Since: 0.1
 */
PERRY_API const char *perry_capability_matrix_get_reason (const PerryCapabilityMatrix *matrix,
                                                          PerryCapability capability);

/**
 * perry_capability_matrix_get_unknown:
 * @matrix: a matrix
 *
 * Gets the names that a plugin declared and this version does not know.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names
 *
 * Since: 0.1
 */
PERRY_API const char *const *perry_capability_matrix_get_unknown (const PerryCapabilityMatrix *matrix);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryCapabilityMatrix, perry_capability_matrix_free)

G_END_DECLS
