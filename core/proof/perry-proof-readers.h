/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-observation.h"

G_BEGIN_DECLS

/* Limits on what is read: generous against what kernels produce, small against what a hostile file system could. */
#define PERRY_PROOF_MAX_STATUS (1024 * 1024) /* 65,536 groups fill about 700 KiB */
#define PERRY_PROOF_MAX_GROUPS 65536
#define PERRY_PROOF_MAX_MOUNTINFO (1024 * 1024)
#define PERRY_PROOF_MAX_MOUNTS 10000
#define PERRY_PROOF_MAX_ID_MAP 16384 /* 340 lines, user_namespaces(7) */
#define PERRY_PROOF_MAX_ID_RANGES 340
#define PERRY_PROOF_MAX_CGROUP 65536
#define PERRY_PROOF_MAX_CGROUPS 64
#define PERRY_PROOF_MAX_LIMIT_FILE 256
#define PERRY_PROOF_MAX_DEVICE_LIST 65536
#define PERRY_PROOF_MAX_RLIMITS 4096
#define PERRY_PROOF_MAX_LABEL 4096
#define PERRY_PROOF_MAX_NET_DEV 262144
#define PERRY_PROOF_MAX_INTERFACES 1024
#define PERRY_PROOF_MAX_ROUTES 262144
#define PERRY_PROOF_MAX_CMDLINE 65536
#define PERRY_PROOF_MAX_ARGUMENTS 4096
#define PERRY_PROOF_MAX_STAT 4096
#define PERRY_PROOF_MAX_ACCOUNTS 65536
#define PERRY_PROOF_MAX_HOSTNAME 256
#define PERRY_PROOF_MAX_PROCS 65536
#define PERRY_PROOF_MAX_PIDS 4096

/* An error that names the file @name unless @text ends with a newline, as everything does that the kernel wrote
 * whole. */
gboolean perry_proof_ends_with_newline (const char *text, const char *name, GError **error);

/* The lines of /proc/PID/status that evidence needs. A line that is absent leaves its members at
 * PERRY_OBSERVED_UNKNOWN, or its flag FALSE. */
typedef struct {
  char name[64];
  char state;
  gint64 parent; /* 0 where it is out of sight */
  gboolean have_ids;
  gint64 uid[4];
  gint64 gid[4];
  gboolean have_groups;
  GArray *groups; /* gint64, ids of this host, in the kernel's order */
  gboolean have_caps;
  guint64 caps[5]; /* inheritable, permitted, effective, bounding, ambient */
  gint64 no_new_privs;
  gint64 seccomp_mode;
  gint64 seccomp_filters;
  guint n_ns_pids; /* 0 = the kernel does not tell */
  gint64 first_ns_pid;
  gint64 last_ns_pid;
} PerryProofStatus;

PerryProofStatus *perry_proof_status_parse (const char *text, GError **error);
void perry_proof_status_free (PerryProofStatus *status);

/* Whether two readings show the same ids, groups, capabilities and restrictions. */
gboolean perry_proof_status_same_privileges (const PerryProofStatus *a, const PerryProofStatus *b);

/* Field 22 of /proc/PID/stat, the start in clock ticks since boot: with the pid it names a process once and for
 * all. */
gboolean perry_proof_parse_start_time (const char *text, guint64 *ret_start_time, GError **error);

GPtrArray *perry_proof_parse_mountinfo (const char *text, GError **error);

typedef struct {
  guint32 inside;
  guint32 outside;
  guint32 count;
} PerryProofIdRange;

GArray *perry_proof_parse_id_map (const char *text, GError **error);

/* PERRY_OBSERVED_NOT_MAPPED if no range has it. */
gint64 perry_proof_id_map_to_inside (const GArray *ranges, gint64 host_id);

typedef struct {
  gboolean unified; /* cgroup v2 */
  GStrv controllers; /* v1: the hierarchy's controllers or `name=…` */
  char *path; /* from the root of the hierarchy as we see it */
} PerryProofCgroup;

GPtrArray *perry_proof_parse_cgroups (const char *text, GError **error);

/* The path of the container's own cgroup: @path up to and including the component that holds the container's full
 * id, so without what an engine or the workload made below it. NULL if no component holds it or it is the
 * monitor's. */
char *perry_proof_cgroup_path_of (const char *path, const char *container_id);

/* Reads the limits of the container's cgroup into @observation, and the reasons for those that cannot be read. */
void perry_proof_read_cgroup_limits (int cgroup_root_fd,
                                     const GPtrArray *cgroups,
                                     const char *container_id,
                                     PerryObservation *observation);

/* The text of the container's devices.list; sets @error where there is none, as on cgroup version 2. */
char *perry_proof_read_device_list (int cgroup_root_fd, const GPtrArray *cgroups, const char *container_id,
                                    GError **error);

/* What a devices.list lets its cgroup do with one device: a part of `rwm`. */
char *perry_proof_parse_device_access (const char *text, char kind, guint major_number, guint minor_number,
                                       GError **error);

/* `net:[4026531840]` -> 4026531840 */
gboolean perry_proof_parse_namespace_link (const char *link, const char *kind, guint64 *ret_inode);

GArray *perry_proof_parse_rlimits (const char *text, GError **error);

/* Splits `profile (mode)`; @ret_mode is NULL for a profile without mode. */
gboolean perry_proof_parse_apparmor (const char *text, char **ret_profile, char **ret_mode);
gboolean perry_proof_label_is_selinux (const char *text);

GStrv perry_proof_parse_net_dev (const char *text, GError **error);

/* Finds the ways out in net/route and net/ipv6_route, NULL or empty where a kernel has none of that family: the default
 * route, and another one that leads through a gateway. A route that rejects, and one to lo, lead nowhere. Both are for
 * people, NULL where there is no such route. */
gboolean perry_proof_parse_routes (const char *ipv4, const char *ipv6, char **ret_default, char **ret_other,
                                   GError **error);

GStrv perry_proof_parse_cmdline (const char *bytes, gsize length, GError **error);

/* One pid per line, as in cgroup.procs. */
GArray *perry_proof_parse_pids (const char *text, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryProofStatus, perry_proof_status_free)

G_END_DECLS
