/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "plugin-api/perry-export.h"

G_BEGIN_DECLS

/**
 * PERRY_OBSERVED_UNKNOWN:
 *
 * A number of a [struct@Perry.Observation] that could not be read; perry_observation_get_missing_reason() says why.
 *
 * Since: 0.1
 */
#define PERRY_OBSERVED_UNKNOWN G_MININT64

/**
 * PERRY_OBSERVED_UNLIMITED:
 *
 * A limit of a [struct@Perry.Observation] that is not set.
 *
 * Since: 0.1
 */
#define PERRY_OBSERVED_UNLIMITED ((gint64) -1)

/**
 * PERRY_OBSERVED_NOT_MAPPED:
 *
 * An id of the host that has no counterpart in the container's user namespace.
 *
 * Since: 0.1
 */
#define PERRY_OBSERVED_NOT_MAPPED ((gint64) -1)

/**
 * PerryMoment:
 * @PERRY_MOMENT_BEFORE_EXEC: the runtime's own process during a start, before it executed the workload
 * @PERRY_MOMENT_BEFORE_START: the runtime's own process of an initialised container that nobody has started yet
 * @PERRY_MOMENT_RUNNING: the workload itself (or the init helper in front of it)
 * @PERRY_MOMENT_AT_EXEC: the same, held before its first instruction: it has changed nothing of itself
 *
 * The moment at which evidence was read.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_MOMENT_BEFORE_EXEC,
  PERRY_MOMENT_BEFORE_START,
  PERRY_MOMENT_RUNNING,
  PERRY_MOMENT_AT_EXEC,
} PerryMoment;

/**
 * PerryFacet:
 * @PERRY_FACET_IDS: user and group ids
 * @PERRY_FACET_GROUPS: supplementary groups
 * @PERRY_FACET_CAPS: the five capability sets
 * @PERRY_FACET_NO_NEW_PRIVS: the no-new-privileges bit
 * @PERRY_FACET_SECCOMP: seccomp mode and number of filters
 * @PERRY_FACET_MOUNTS: the mount table
 * @PERRY_FACET_NAMESPACES: the namespaces, all of them (a single one can be unknown by its inode being 0)
 * @PERRY_FACET_MEMORY: the memory limit
 * @PERRY_FACET_MEMORY_SWAP: the limit of memory and swap together
 * @PERRY_FACET_PIDS: the limit of processes
 * @PERRY_FACET_CPU: the CPU quota and its period
 * @PERRY_FACET_RLIMITS: the resource limits of the process
 * @PERRY_FACET_APPARMOR: the AppArmor profile
 * @PERRY_FACET_SELINUX: the SELinux label
 * @PERRY_FACET_INTERFACES: the names of the network interfaces
 * @PERRY_FACET_CWD: the working directory
 * @PERRY_FACET_EXE: the executed file
 * @PERRY_FACET_CMDLINE: the arguments
 * @PERRY_FACET_HOSTNAME: the host name file of the container
 * @PERRY_FACET_ACCOUNTS: passwd and group file of the container
 * @PERRY_FACET_ROUTES: the routes of the network namespace that lead out of it
 * @PERRY_FACET_RUNTIME: the program that made the container
 * @PERRY_FACET_DEVICES: the device nodes that were asked for
 * @PERRY_N_FACETS: the number of facets
 *
 * The parts of an observation that are read, and can be missing, independently of each other.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_FACET_IDS,
  PERRY_FACET_GROUPS,
  PERRY_FACET_CAPS,
  PERRY_FACET_NO_NEW_PRIVS,
  PERRY_FACET_SECCOMP,
  PERRY_FACET_MOUNTS,
  PERRY_FACET_NAMESPACES,
  PERRY_FACET_MEMORY,
  PERRY_FACET_MEMORY_SWAP,
  PERRY_FACET_PIDS,
  PERRY_FACET_CPU,
  PERRY_FACET_RLIMITS,
  PERRY_FACET_APPARMOR,
  PERRY_FACET_SELINUX,
  PERRY_FACET_INTERFACES,
  PERRY_FACET_CWD,
  PERRY_FACET_EXE,
  PERRY_FACET_CMDLINE,
  PERRY_FACET_HOSTNAME,
  PERRY_FACET_ACCOUNTS,
  PERRY_FACET_ROUTES,
  PERRY_FACET_RUNTIME,
  PERRY_FACET_DEVICES,
  PERRY_N_FACETS,
} PerryFacet;

/**
 * PerryNamespaceKind:
 * @PERRY_NAMESPACE_MNT: mounts
 * @PERRY_NAMESPACE_PID: process ids
 * @PERRY_NAMESPACE_NET: network
 * @PERRY_NAMESPACE_IPC: System V IPC and POSIX message queues
 * @PERRY_NAMESPACE_UTS: host name
 * @PERRY_NAMESPACE_USER: user ids
 * @PERRY_NAMESPACE_CGROUP: cgroup root
 * @PERRY_N_NAMESPACES: the number of kinds
 *
 * The namespaces that are compared.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_NAMESPACE_MNT,
  PERRY_NAMESPACE_PID,
  PERRY_NAMESPACE_NET,
  PERRY_NAMESPACE_IPC,
  PERRY_NAMESPACE_UTS,
  PERRY_NAMESPACE_USER,
  PERRY_NAMESPACE_CGROUP,
  PERRY_N_NAMESPACES,
} PerryNamespaceKind;

/**
 * PerryNamespaceRelation:
 * @PERRY_NAMESPACE_UNKNOWN: one of the two inodes could not be read
 * @PERRY_NAMESPACE_SHARED: the container's process is in the namespace that this program is in
 * @PERRY_NAMESPACE_OTHER: it is in another one
 *
 * How a namespace of the container relates to that of this program.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_NAMESPACE_UNKNOWN,
  PERRY_NAMESPACE_SHARED,
  PERRY_NAMESPACE_OTHER,
} PerryNamespaceRelation;

/**
 * PerryObservedMount:
 * @mount_point: where it is mounted, an absolute path as the container sees it, escapes undone
 * @fs_type: the file system's type, such as `tmpfs`
 * @source: the source as the kernel shows it, such as `/dev/vda` or `tmpfs`
 * @root: the directory of the file system that is mounted, `/` for all of it
 * @options: (array zero-terminated=1): the per-mount options, such as `ro`, `nosuid`, `noexec`
 * @super_options: (array zero-terminated=1): the options of the file system itself, such as `rw`, `size=65536k`
 * @shared: whether what is mounted below it is seen by its peers, and what they mount is seen here
 * @slave: whether what its master mounts is seen here
 *
 * One line of the container's mount table. A mount that is neither shared nor a slave is private.
 *
 * Since: 0.1
 */
typedef struct {
  char *mount_point;
  char *fs_type;
  char *source;
  char *root;
  GStrv options;
  GStrv super_options;
  gboolean shared;
  gboolean slave;
} PerryObservedMount;

/**
 * PerryObservedRlimit:
 * @name: the name without `RLIMIT_`, in lower case, such as `nofile`
 * @soft: the soft limit, %G_MAXUINT64 = unlimited
 * @hard: the hard limit, %G_MAXUINT64 = unlimited
 *
 * One resource limit of the container's first process.
 *
 * Since: 0.1
 */
typedef struct {
  const char *name;
  guint64 soft;
  guint64 hard;
} PerryObservedRlimit;

/**
 * PerryObservedDevice:
 * @target: the path in the container that was asked for
 * @kind: what is there: `c` or `b`, 0 for no device node
 * @major_number: its major number
 * @minor_number: its minor number
 * @host_kind: what the spec's source on the host is: `c` or `b`, 0 where that cannot be told
 * @host_major_number: its major number
 * @host_minor_number: its minor number
 * @access: (nullable): what the container's cgroup lets it do with the device: a part of `rwm`; %NULL where that cannot be
 *   read
 * @access_reason: (nullable): why it cannot
 *
 * A device node that a spec asks for.
 *
 * Since: 0.1
 */
typedef struct {
  char *target;
  char kind;
  guint major_number;
  guint minor_number;
  char host_kind;
  guint host_major_number;
  guint host_minor_number;
  char *access;
  char *access_reason;
} PerryObservedDevice;

/**
 * PerryObservation:
 * @moment: when this was read
 * @settled: %TRUE when nothing that is read here changes any more until the workload is executed, except what
 *   @seccomp_pending says; always %TRUE for a moment of the workload
 * @seccomp_pending: %TRUE when @seccomp_mode is 0 but the runtime may load its filter after this moment; crun does so
 *   when no-new-privileges is set. Then only a later %PERRY_MOMENT_RUNNING observation says something about seccomp
 * @pid: the process id on this host, in our process namespace
 * @uid: real, effective, saved and file system user id as the container sees them, %PERRY_OBSERVED_NOT_MAPPED for an id
 *   that its user namespace lacks
 * @gid: the same for groups
 * @host_uid: the four user ids as this program sees them
 * @host_gid: the four group ids as this program sees them
 * @groups: (element-type gint64): supplementary groups as the container sees them, sorted, each
 *   %PERRY_OBSERVED_NOT_MAPPED if it has no counterpart there
 * @cap_inheritable: capability set, bit number = capability number
 * @cap_permitted: the same
 * @cap_effective: the same
 * @cap_bounding: the same
 * @cap_ambient: the same
 * @no_new_privs: 0 or 1
 * @seccomp_mode: 0 = none, 1 = strict, 2 = filter
 * @seccomp_filters: number of filters; %PERRY_OBSERVED_UNKNOWN on kernels that do not tell
 * @mounts: (element-type PerryObservedMount): the mount table in the kernel's order; a later line on the same mount
 *   point covers an earlier one
 * @namespaces: inodes of the process's namespaces by [enum@Perry.NamespaceKind], 0 = unknown
 * @own_namespaces: inodes of this program's namespaces, 0 = unknown
 * @memory_max: bytes of memory, -1 = unlimited
 * @memory_swap_max: bytes of memory **and** swap together, -1 = unlimited, whatever the cgroup version. That is what
 *   the v1 file `memory.memsw.limit_in_bytes` holds; for v2, which limits swap alone, it is the sum of `memory.max` and
 *   `memory.swap.max`
 * @pids_max: number of processes, -1 = unlimited
 * @cpu_quota_us: CPU time per period in microseconds, -1 = unlimited
 * @cpu_period_us: the period in microseconds
 * @rlimits: (element-type PerryObservedRlimit): resource limits
 * @apparmor_profile: (nullable): the AppArmor profile without its mode, `unconfined` if there is none
 * @apparmor_mode: (nullable): `enforce`, `complain` …; %NULL for `unconfined`
 * @selinux_label: (nullable): the SELinux context
 * @interfaces: (array zero-terminated=1) (nullable): names of the network interfaces
 * @cwd: (nullable): the working directory as the container sees it
 * @exe: (nullable): the executed file as the kernel names it
 * @cmdline: (array zero-terminated=1) (nullable): the arguments
 * @hostname: (nullable): first line of the container's `/etc/hostname`, which engines write
 * @passwd: (nullable): text of the container's `/etc/passwd`, at most 64 KiB; empty if the image has none
 * @group: (nullable): text of the container's `/etc/group`, at most 64 KiB; empty if the image has none
 * @default_route: (nullable): the default route, for people; %NULL where there is none
 * @devices: (element-type PerryObservedDevice): the devices that the spec asks for
 * @runtime: (nullable): the OCI runtime whose own process this was: `runc` or `crun`
 * @gateway_route: (nullable): a route through a gateway that is not the default route, for people; %NULL where there is
 *   none
 *
 * What the kernel says about the first process of a container. A facet that could not be read has a reason, and its
 * members are %NULL, 0, an empty array or, where they are gint64, %PERRY_OBSERVED_UNKNOWN. Fields may be read directly;
 * the struct is made by perry_observation_new().
 *
 * A finished observation does not change and may be read from any thread.
 *
 * Since: 0.1
 */
typedef struct {
  PerryMoment moment;
  gboolean settled;
  gboolean seccomp_pending;
  gint pid;
  gint64 uid[4];
  gint64 gid[4];
  gint64 host_uid[4];
  gint64 host_gid[4];
  GArray *groups;
  guint64 cap_inheritable;
  guint64 cap_permitted;
  guint64 cap_effective;
  guint64 cap_bounding;
  guint64 cap_ambient;
  gint64 no_new_privs;
  gint64 seccomp_mode;
  gint64 seccomp_filters;
  GPtrArray *mounts;
  guint64 namespaces[PERRY_N_NAMESPACES];
  guint64 own_namespaces[PERRY_N_NAMESPACES];
  gint64 memory_max;
  gint64 memory_swap_max;
  gint64 pids_max;
  gint64 cpu_quota_us;
  gint64 cpu_period_us;
  GArray *rlimits;
  char *apparmor_profile;
  char *apparmor_mode;
  char *selinux_label;
  GStrv interfaces;
  char *cwd;
  char *exe;
  GStrv cmdline;
  char *hostname;
  char *passwd;
  char *group;
  char *default_route;
  GPtrArray *devices;
  const char *runtime;
  char *gateway_route;

  /*< private >*/
  char *missing[PERRY_N_FACETS];
} PerryObservation;

/**
 * perry_moment_to_string:
 * @moment: a moment
 *
 * Gets the name of @moment for reports: `before-exec`, `before-start`, `running` or `at-exec`.
 *
 * Returns: (transfer none): the name; `unknown` for a value that is not a [enum@Perry.Moment]
 *
 * Since: 0.1
 */
PERRY_API const char *perry_moment_to_string (PerryMoment moment);

/**
 * perry_moment_is_of_workload:
 * @moment: a moment
 *
 * Whether the runtime's work is over at @moment, because the workload has been executed.
 *
 * Returns: %TRUE for %PERRY_MOMENT_RUNNING and %PERRY_MOMENT_AT_EXEC
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_moment_is_of_workload (PerryMoment moment);

/**
 * perry_facet_to_string:
 * @facet: a facet
 *
 * Gets the name of @facet for reports and messages, such as `capabilities`.
 *
 * Returns: (transfer none): the name; `unknown` for a value that is not a [enum@Perry.Facet]
 *
 * Since: 0.1
 */
PERRY_API const char *perry_facet_to_string (PerryFacet facet);

/**
 * perry_namespace_kind_to_string:
 * @kind: a kind of namespace
 *
 * Gets the name that the kernel uses for @kind below `/proc/PID/ns`, such as `net`.
 *
 * Returns: (transfer none): the name; `unknown` for a value that is not a [enum@Perry.NamespaceKind]
 *
 * Since: 0.1
 */
PERRY_API const char *perry_namespace_kind_to_string (PerryNamespaceKind kind);

/**
 * perry_observation_new: (skip)
 * @moment: when the evidence is read
 * @pid: the process id
 *
 * Makes an observation in which every facet is missing with the reason `not read`.
 *
 * Returns: (transfer full): the observation
 *
 * Since: 0.1
 */
PERRY_API PerryObservation *perry_observation_new (PerryMoment moment, gint pid);

/**
 * perry_observation_free:
 * @observation: (nullable) (transfer full): an observation
 *
 * Frees @observation and all it holds.
 *
 * Since: 0.1
 */
PERRY_API void perry_observation_free (PerryObservation *observation);

/**
 * perry_observation_set_missing:
 * @observation: an observation under construction
 * @facet: the facet
 * @reason: (nullable): why it could not be read, a clause such as `mountinfo: Permission denied`; %NULL = it was read
 *
 * Records whether @facet was read.
 *
 * Since: 0.1
 */
PERRY_API void perry_observation_set_missing (PerryObservation *observation, PerryFacet facet, const char *reason);

/**
 * perry_observation_get_missing_reason:
 * @observation: an observation
 * @facet: the facet
 *
 * Says why @facet could not be read.
 *
 * Returns: (transfer none) (nullable): the reason; %NULL if the facet was read
 *
 * Since: 0.1
 */
PERRY_API const char *perry_observation_get_missing_reason (const PerryObservation *observation, PerryFacet facet);

/**
 * perry_observation_is_empty:
 * @observation: an observation
 *
 * Says whether no facet at all could be read, as for a process in another process namespace.
 *
 * Returns: %TRUE if every facet is missing
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_observation_is_empty (const PerryObservation *observation);

/**
 * perry_observation_find_mount:
 * @observation: an observation
 * @mount_point: an absolute path without trailing slash, as the container sees it
 *
 * Finds the mount that is visible at exactly @mount_point: the last one in the table, because it covers the others.
 *
 * Returns: (transfer none) (nullable): the mount; %NULL if nothing is mounted there or the mount table is missing
 *
 * Since: 0.1
 */
PERRY_API const PerryObservedMount *perry_observation_find_mount (const PerryObservation *observation,
                                                                  const char *mount_point);

/**
 * perry_observed_mount_is_read_only:
 * @mount: a mount
 *
 * Says whether nothing can be written through @mount: either the mount or its file system is read-only.
 *
 * Returns: %TRUE if it is read-only
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_observed_mount_is_read_only (const PerryObservedMount *mount);

/**
 * perry_observed_mount_get_option:
 * @mount: a mount
 * @option: the name of an option, such as `nosuid` or `size`
 *
 * Looks for @option, with or without a value, in the options of the mount and then in those of its file system.
 *
 * Returns: (transfer none) (nullable): the option's value, an empty string if it has none; %NULL if it is not there
 *
 * Since: 0.1
 */
PERRY_API const char *perry_observed_mount_get_option (const PerryObservedMount *mount, const char *option);

/**
 * perry_observed_mount_free:
 * @mount: (nullable) (transfer full): a mount
 *
 * Frees @mount.
 *
 * Since: 0.1
 */
PERRY_API void perry_observed_mount_free (PerryObservedMount *mount);

/**
 * perry_observed_device_free:
 * @device: (nullable) (transfer full): a device
 *
 * Frees @device.
 *
 * Since: 0.1
 */
PERRY_API void perry_observed_device_free (PerryObservedDevice *device);

/**
 * perry_observation_compare_namespace:
 * @observation: an observation
 * @kind: which namespace
 *
 * Compares a namespace of the container with that of this program.
 *
 * Returns: how they relate
 *
 * Since: 0.1
 */
PERRY_API PerryNamespaceRelation perry_observation_compare_namespace (const PerryObservation *observation,
                                                                      PerryNamespaceKind kind);

/**
 * perry_observation_find_rlimit:
 * @observation: an observation
 * @name: the name without `RLIMIT_`, in lower case, such as `nofile`
 *
 * Finds a resource limit.
 *
 * Returns: (transfer none) (nullable): the limit; %NULL if it is not in the table or the table is missing
 *
 * Since: 0.1
 */
PERRY_API const PerryObservedRlimit *perry_observation_find_rlimit (const PerryObservation *observation,
                                                                    const char *name);

/**
 * perry_observation_lookup_user:
 * @observation: an observation
 * @user: `user` or `user:group`, each a name or a number, as in a container spec
 * @uid: (out) (optional): the user id inside the container
 * @gid: (out) (optional): the group id inside the container
 *
 * Resolves @user the way OCI engines do, with the container's own account files: a name has to exist there, a number
 * need not; the group of a user that is not in passwd is 0. Without account files, numbers still resolve, but the group
 * of a lone `user` does not.
 *
 * Returns: %TRUE if it could be resolved; %FALSE if a name does not exist, is malformed, or the account files are
 *   missing ([enum@Perry.Facet] `ACCOUNTS`) and needed
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_observation_lookup_user (const PerryObservation *observation,
                                                  const char *user,
                                                  gint64 *uid,
                                                  gint64 *gid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryObservation, perry_observation_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryObservedMount, perry_observed_mount_free)

G_END_DECLS
