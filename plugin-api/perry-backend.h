/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "plugin-api/perry-capability.h"
#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-network.h"
#include "plugin-api/perry-stream.h"

G_BEGIN_DECLS

/**
 * PerryEngineInfo:
 * @name: what the engine calls itself: `Docker`, `Podman`
 * @version: its version
 * @api_version: (nullable): the API version that is spoken
 * @endpoint: (nullable): how it is reached, such as a socket's path
 * @os: (nullable): the engine's operating system
 * @architecture: (nullable): the engine's architecture, as it spells it
 * @kernel: (nullable): the engine's kernel release
 * @rootless: whether it runs without root
 * @cgroup_version: 1 or 2, 0 where unknown
 * @cgroup_driver: (nullable): `cgroupfs`, `systemd` or `none`
 * @default_runtime: (nullable): the OCI runtime that is used when none is asked for
 * @runtimes: (array zero-terminated=1) (nullable): the registered OCI runtimes
 * @default_capabilities: what a container gets that asks for no capability
 * @grantable_capabilities: what the engine's own process has in its bounding set; all where unknown
 * @ambient_for_users: whether `cap_add` is effective for a user other than root
 * @inspectable_before_start: whether a container's first process can be looked at before the workload starts
 * @matrix: the live matrix
 * @notes: (array zero-terminated=1) (nullable): what an operator should know, one sentence each
 * @oom_kills_unseen: whether it does not tell that the kernel killed for want of memory
 * @restarts_unannounced: whether a container that it is about to start again is shown as one that has ended
 * @microvm_runtimes: (array zero-terminated=1) (nullable): those of @runtimes that put a container into a virtual machine,
 *   the default one first; %NULL where the engine does so with every container, or with none
 *
 * What `probe` found out about an engine on this host. Made by libperry-plugin-1, filled by a plugin; fields are only
 * ever added at the end.
 *
 * Since: 0.1
 */
typedef struct {
  char *name;
  char *version;
  char *api_version;
  char *endpoint;
  char *os;
  char *architecture;
  char *kernel;
  gboolean rootless;
  guint cgroup_version;
  char *cgroup_driver;
  char *default_runtime;
  char **runtimes;
  PerryLinuxCapabilities default_capabilities;
  PerryLinuxCapabilities grantable_capabilities;
  gboolean ambient_for_users;
  gboolean inspectable_before_start;
  PerryCapabilityMatrix *matrix;
  char **notes;
  gboolean oom_kills_unseen;
  gboolean restarts_unannounced;
  char **microvm_runtimes;
} PerryEngineInfo;

#define PERRY_TYPE_ENGINE_INFO (perry_engine_info_get_type ())
PERRY_API GType perry_engine_info_get_type (void);
PERRY_API PerryEngineInfo *perry_engine_info_new (void);
PERRY_API PerryEngineInfo *perry_engine_info_copy (const PerryEngineInfo *info);
PERRY_API void perry_engine_info_free (PerryEngineInfo *info);

/**
 * PerryContainerStatus:
 * @PERRY_CONTAINER_UNKNOWN: the engine used a word that is not known
 * @PERRY_CONTAINER_CREATED: created, never started
 * @PERRY_CONTAINER_INITIALISED: its first process exists and waits (libpod `init`)
 * @PERRY_CONTAINER_RUNNING: running
 * @PERRY_CONTAINER_PAUSED: frozen
 * @PERRY_CONTAINER_RESTARTING: between two runs
 * @PERRY_CONTAINER_STOPPING: being stopped or removed
 * @PERRY_CONTAINER_EXITED: its first process has ended
 * @PERRY_CONTAINER_DEAD: could not be removed completely
 *
 * A container's state.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_CONTAINER_UNKNOWN,
  PERRY_CONTAINER_CREATED,
  PERRY_CONTAINER_INITIALISED,
  PERRY_CONTAINER_RUNNING,
  PERRY_CONTAINER_PAUSED,
  PERRY_CONTAINER_RESTARTING,
  PERRY_CONTAINER_STOPPING,
  PERRY_CONTAINER_EXITED,
  PERRY_CONTAINER_DEAD,
} PerryContainerStatus;

/**
 * perry_container_status_get_name:
 * @status: a state
 *
 * Gets the name that reports use, such as `running`.
 *
 * Returns: (transfer none): the name; `unknown` for a value that is not a [enum@Perry.ContainerStatus]
 *
 * Since: 0.1
 */
PERRY_API const char *perry_container_status_get_name (PerryContainerStatus status);

/**
 * PerryHealth:
 * @PERRY_HEALTH_NONE: it has no health check, or nobody said
 * @PERRY_HEALTH_STARTING: no probe has decided yet
 * @PERRY_HEALTH_HEALTHY: the last probe succeeded, or too few failed in a row
 * @PERRY_HEALTH_UNHEALTHY: as many probes failed in a row as its check allows
 * @PERRY_HEALTH_UNKNOWN: its probes are run outside of the engine, and the process that ran them is gone
 *
 * A container's health.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_HEALTH_NONE,
  PERRY_HEALTH_STARTING,
  PERRY_HEALTH_HEALTHY,
  PERRY_HEALTH_UNHEALTHY,
  PERRY_HEALTH_UNKNOWN,
} PerryHealth;

/**
 * perry_health_get_name:
 * @health: a health
 *
 * Gets the name that reports use, such as `starting`.
 *
 * Returns: (transfer none): the name; `unknown` for a value that is not a [enum@Perry.Health]
 *
 * Since: 0.1
 */
PERRY_API const char *perry_health_get_name (PerryHealth health);

/**
 * PerryContainerInfo:
 * @id: the full id
 * @name: the name, without a leading slash
 * @image: (nullable): the image as the creator named it
 * @image_id: (nullable): the image's id with `sha256:`
 * @status: its state
 * @pid: the first process's number as the engine sees it, 0 where there is none
 * @exit_code: the exit code, -1 where it has not ended
 * @oom_killed: whether the engine saw an out-of-memory kill
 * @error: (nullable): why the engine could not start it
 * @created_at: microseconds since the epoch, 0 where unknown
 * @started_at: microseconds since the epoch, 0 where never
 * @finished_at: microseconds since the epoch, 0 where never
 * @runtime: (nullable): the OCI runtime that really ran it, `runc`; %NULL where the engine does not say
 * @labels: (element-type utf8 utf8): its labels
 * @command: (nullable): the command for people, on one line
 * @reported: (nullable): the engine's report in the words of a spec: only what it reported is set
 * @health: its health; lists tell it only where the engine's list does
 * @failing_streak: how many probes of its health have failed in a row
 * @health_reason: (nullable): why @health is not known
 * @restart_count: how often it was started again after it had ended
 * @ports: (array zero-terminated=1) (nullable): the published ports as a spec has them, with those of the host that the
 *   engine picked; %NULL where none is published
 * @networks: (array zero-terminated=1) (nullable): the engine's networks that it is on, set by inspect alone, the one for
 *   containers that name none as `bridge`; %NULL where it is on none or the engine does not say
 *
 * What an engine says about a container. Lists fill what the engine's list tells; @reported is set by inspect alone.
 * Made by libperry-plugin-1, filled by a plugin; fields are only ever added at the end.
 *
 * Since: 0.1
 */
typedef struct {
  char *id;
  char *name;
  char *image;
  char *image_id;
  PerryContainerStatus status;
  gint64 pid;
  gint64 exit_code;
  gboolean oom_killed;
  char *error;
  gint64 created_at;
  gint64 started_at;
  gint64 finished_at;
  char *runtime;
  GHashTable *labels;
  char *command;
  PerryContainerSpec *reported;
  PerryHealth health;
  gint64 failing_streak;
  char *health_reason;
  gint64 restart_count;
  char **ports;
  char **networks;
} PerryContainerInfo;

#define PERRY_TYPE_CONTAINER_INFO (perry_container_info_get_type ())
PERRY_API GType perry_container_info_get_type (void);
PERRY_API PerryContainerInfo *perry_container_info_new (void);
PERRY_API PerryContainerInfo *perry_container_info_copy (const PerryContainerInfo *info);
PERRY_API void perry_container_info_free (PerryContainerInfo *info);

/**
 * PerryImageInfo:
 * @id: the engine's id with `sha256:`
 * @names: (array zero-terminated=1): its tags as normalised references
 * @digests: (array zero-terminated=1): `repository@sha256:…` as the engine lists them, its own choice first where it has
 *   one; an entry proves nothing about a registry
 * @created_at: microseconds since the epoch, 0 where unknown
 * @size: bytes, -1 where unknown
 * @os: (nullable): its operating system
 * @architecture: (nullable): its architecture
 * @user: (nullable): the configured user
 * @working_directory: (nullable): the configured working directory
 * @variant: (nullable): the variant of its architecture
 * @pinned: (nullable): `repository@digest` under which the backend has it, set by the core after a pull
 * @warnings: (nullable) (array zero-terminated=1): what was not as asked for in a pull, such as an image that is not
 *   verified, set by the core
 *
 * What an engine says about an image. Made by libperry-plugin-1, filled by a plugin; fields are only ever added at the
 * end.
 *
 * Since: 0.1
 */
typedef struct {
  char *id;
  char **names;
  char **digests;
  gint64 created_at;
  gint64 size;
  char *os;
  char *architecture;
  char *user;
  char *working_directory;
  char *variant;
  char *pinned;
  char **warnings;
} PerryImageInfo;

#define PERRY_TYPE_IMAGE_INFO (perry_image_info_get_type ())
PERRY_API GType perry_image_info_get_type (void);
PERRY_API PerryImageInfo *perry_image_info_new (void);
PERRY_API PerryImageInfo *perry_image_info_copy (const PerryImageInfo *info);
PERRY_API void perry_image_info_free (PerryImageInfo *info);

/**
 * PerryProcessLocation: (skip)
 * @pid: the first process in the engine's pid namespace, 0 where it is not known yet
 * @container_id: the full id that the process's cgroup path has to contain
 * @cgroup_paths: (array zero-terminated=1): directories below /sys/fs/cgroup where the container's processes appear
 * @runtime: (nullable): the OCI runtime, `runc` or `crun`
 * @engine_pid: the process at the other end of the engine's socket (SO_PEERCRED), 0 where the kernel could not name it,
 *   -1 where it was not asked
 * @local: whether the process is one of the kernel that the engine's socket is on
 * @reason: (nullable): why not, where @local is %FALSE
 *
 * Where a container's first process lives. What is read there is the core's.
 *
 * Since: 0.1
 */
typedef struct {
  gint64 pid;
  char *container_id;
  char **cgroup_paths;
  char *runtime;
  gint64 engine_pid;
  gboolean local;
  char *reason;
} PerryProcessLocation;

PERRY_API PerryProcessLocation *perry_process_location_new (void);
PERRY_API void perry_process_location_free (PerryProcessLocation *location);

/**
 * PerryFieldSupport:
 *
 * Answers per field of one spec that are worse than the matrix's cell: Docker's `cap_add` for a user other than root
 * is partial, although Linux capabilities are native. A field without an answer has the support that the matrix gives.
 *
 * Since: 0.1
 */
typedef struct _PerryFieldSupport PerryFieldSupport;

#define PERRY_TYPE_FIELD_SUPPORT (perry_field_support_get_type ())
PERRY_API GType perry_field_support_get_type (void);
PERRY_API PerryFieldSupport *perry_field_support_new (void);
PERRY_API PerryFieldSupport *perry_field_support_copy (const PerryFieldSupport *support);
PERRY_API void perry_field_support_free (PerryFieldSupport *support);

/**
 * perry_field_support_limit:
 * @support: the answers
 * @field: a field
 * @level: the most that this spec can get
 * @reason: why, for people
 *
 * Notes that @field is supported less well for this spec.
 *
 * Since: 0.1
 */
PERRY_API void perry_field_support_limit (PerryFieldSupport *support, PerryField field, PerrySupport level,
                                          const char *reason);

/**
 * perry_field_support_get:
 * @support: (nullable): the answers
 * @field: a field
 * @ret_level: (out): the level
 * @ret_reason: (out) (transfer none): why
 *
 * Returns: whether there is an answer for @field
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_field_support_get (const PerryFieldSupport *support, PerryField field,
                                            PerrySupport *ret_level, const char **ret_reason);

/**
 * PerryBackendConfig: (skip)
 * @struct_size: size of the struct that the core filled
 * @candidate: the name of the profile to open, one of `list_candidates`
 * @options: `a{sv}` with a value for every row of the plugin's option table
 * @runtime_directory: a private directory (0700) that the plugin may use for sockets and lock files
 * @timeout_ms: how long one answer of the engine may take, in milliseconds
 * @probe_timeout_ms: how long opening may take, in milliseconds
 *
 * What the core hands to `open`. The plugin copies what it keeps.
 *
 * Since: 0.1
 */
typedef struct {
  gsize struct_size;
  const char *candidate;
  GVariant *options;
  const char *runtime_directory;
  int timeout_ms;
  int probe_timeout_ms;
} PerryBackendConfig;

/**
 * PerryBackendCandidate: (skip)
 * @name: the name in `PERRY_CONTAINER_BACKEND` and perry.conf
 * @summary: what it is, for people
 *
 * A profile of a plugin: OrbStack is the docker plugin with another socket. The list ends with a row whose name is %NULL.
 *
 * Since: 0.1
 */
typedef struct {
  const char *name;
  const char *summary;
} PerryBackendCandidate;

/**
 * PerryCreateRequest: (skip)
 * @struct_size: size of the struct that the core filled
 * @spec: the normalised spec
 * @image: what to create from: an image id with `sha256:` or `repository@sha256:…`
 * @name: the container's name
 * @labels: (element-type utf8 utf8): all labels, the spec's and the core's (`perry.owner`)
 * @open_stdin: whether the container's standard input will be attached
 * @auto_remove: whether the engine removes it when it ends
 *
 * What the core hands to `container_create`.
 *
 * Since: 0.1
 */
typedef struct {
  gsize struct_size;
  const PerryContainerSpec *spec;
  const char *image;
  const char *name;
  GHashTable *labels;
  gboolean open_stdin;
  gboolean auto_remove;
} PerryCreateRequest;

/**
 * PerryLogRequest: (skip)
 * @struct_size: size of the struct that the core filled
 * @follow: whether to go on until the container ends
 * @stdout_wanted: whether standard output is wanted
 * @stderr_wanted: whether standard error is wanted
 * @timestamps: whether each line begins with its time
 * @tail: how many lines from the end, -1 for all
 * @since: microseconds since the epoch, 0 for the beginning
 *
 * What the core hands to `container_logs`.
 *
 * Since: 0.1
 */
typedef struct {
  gsize struct_size;
  gboolean follow;
  gboolean stdout_wanted;
  gboolean stderr_wanted;
  gboolean timestamps;
  gint64 tail;
  gint64 since;
} PerryLogRequest;

/**
 * PerryEventIterator: (skip)
 * @struct_size: `sizeof (PerryEventIterator)` of the plugin
 * @next: waits at most `timeout_ms` milliseconds, -1 for ever, for the next JSON object; %NULL with no error at the end.
 *   After %PERRY_ERROR_TIMED_OUT and %PERRY_ERROR_CANCELLED it can be called again
 * @free: frees the iterator
 *
 * A stream of JSON objects: events, statistics, progress of a pull or a build.
 *
 * Since: 0.1
 */
typedef struct _PerryEventIterator PerryEventIterator;
struct _PerryEventIterator {
  gsize struct_size;
  JsonNode *(*next) (PerryEventIterator *iterator, int timeout_ms, GCancellable *cancellable, GError **error);
  void (*free) (PerryEventIterator *iterator);
};

/**
 * PerryBackendOps: (skip)
 * @struct_size: `sizeof (PerryBackendOps)` of the plugin; what lies beyond it counts as %NULL
 * @list_candidates: (nullable): the plugin's profiles; %NULL for one that has the plugin's id
 * @open: connects to the engine, or starts a private service; raises %PERRY_ERROR_BACKEND_NOT_AVAILABLE with the reason
 * @close: ends the connection and frees the handle
 * @probe: finds out what the engine can do on this host
 * @refine: (nullable): answers for one spec where the matrix's cell is too good
 * @image_inspect: an image by reference or id; %PERRY_ERROR_IMAGE_NOT_FOUND
 * @image_list: (nullable): all images, elements #PerryImageInfo
 * @image_load: (nullable): loads an archive; returns the names or ids that it brought
 * @image_remove: (nullable): removes a name or an image
 * @image_tag: (nullable): gives an image another name
 * @image_pull: (nullable): fetches a normalised reference by tag or, where it has one, by digest, for `platform`
 *   (`os/architecture[/variant]`, %NULL for the engine's own); `credentials` is the value of Docker's X-Registry-Auth, or
 *   %NULL. Objects of progress as below; %PERRY_ERROR_IMAGE_NOT_FOUND, %PERRY_ERROR_PERMISSION_DENIED. That the image has
 *   the platform is not promised: engines take another one silently
 * @image_resolve: (nullable): asks the engine for the registry's digest of a reference
 * @image_build: (nullable): builds from a tar stream
 * @container_create: creates and returns the full id
 * @container_init: (nullable): makes the first process and leaves it waiting before the workload
 * @container_start: starts; %PERRY_ERROR_COMMAND_NOT_FOUND and %PERRY_ERROR_COMMAND_NOT_EXECUTABLE for the workload,
 *   %PERRY_ERROR_PORT_IN_USE for a port of the host
 * @container_inspect: state and report; %PERRY_ERROR_CONTAINER_NOT_FOUND
 * @container_list: containers with all of the given labels (`key` or `key=value`), elements #PerryContainerInfo
 * @container_attach: (nullable): input and output; called before `start`
 * @container_logs: (nullable): what was written so far, and what follows
 * @container_wait: waits for the end and returns the exit code
 * @container_stop: asks to end, kills after `timeout_s` seconds; -1 for the container's own
 * @container_kill: sends a signal by name, such as `SIGKILL`
 * @container_remove: removes, by force where it runs
 * @container_pause: (nullable): freezes
 * @container_unpause: (nullable): thaws
 * @container_rename: (nullable): renames
 * @container_update: (nullable): changes limits of a running container
 * @container_stats: (nullable): resource use
 * @container_copy_in: (nullable): unpacks a tar stream at a path
 * @container_copy_out: (nullable): packs a path as a tar stream
 * @container_healthcheck: (nullable): probes a container's health once, for as long as the caller waits: an object whose
 *   boolean `success` is the outcome. A probe that the caller cancels is ended, as far as its process can be reached
 * @locate_process: (nullable): where the first process lives; %NULL where it never is on this kernel
 * @exec_create: (nullable): prepares a command in a running container, returns its id
 * @exec_start: (nullable): starts it
 * @exec_wait: (nullable): its exit code
 * @network_create: (nullable): creates a network that perry_network_request_check() has passed, returns its id;
 *   %PERRY_ERROR_NAME_IN_USE; `internal` as well as the engine can, and a warning where that is not well enough
 * @network_inspect: (nullable): a network by name or id, with its isolation; %PERRY_ERROR_NETWORK_NOT_FOUND
 * @network_list: (nullable): networks with all of the given labels, elements #PerryNetworkInfo
 * @network_connect: (nullable): joins a container with aliases
 * @network_disconnect: (nullable): leaves
 * @network_remove: (nullable): removes; %PERRY_ERROR_CONFLICT where containers are on it
 * @volume_create: (nullable): creates a volume that perry_volume_request_check() has passed; %PERRY_ERROR_NAME_IN_USE
 * @volume_inspect: (nullable): a volume; %PERRY_ERROR_VOLUME_NOT_FOUND
 * @volume_list: (nullable): volumes with all of the given labels, elements #PerryVolumeInfo
 * @volume_remove: (nullable): removes; %PERRY_ERROR_CONFLICT where a container has it
 * @events: (nullable): events of the engine
 * @image_inspect_platform: (nullable): as @image_inspect, of the image for a platform (`os/architecture[/variant]`) where
 *   the engine keeps several under one name, with the id that containers are created from and report;
 *   %PERRY_ERROR_IMAGE_NOT_FOUND where it has none for it, or cannot tell
 *
 * What a backend plugin does. Every operation is synchronous, may be called from any thread, takes a #GCancellable that
 * it honours within 100 ms, and never calls back into the core. `backend` is what @open returned.
 *
 * The objects of @image_pull have one shape, whatever the engine: `{"layer": …, "status": …, "current": …, "total": …}`,
 * where `layer` is what the engine calls a part of the image, or null for what concerns the whole, `status` is the
 * engine's word for people, and `current` and `total` are bytes, or null where they are not known. The last one is
 * `{"done": true, "digest": …}`, `digest` being the one that the registry has served, or null where the engine does not
 * say. Without that object nothing was pulled, and freeing the iterator before it stops the engine's work.
 *
 * Since: 0.1
 */
typedef struct {
  gsize struct_size;

  const PerryBackendCandidate *(*list_candidates) (void);
  gpointer (*open) (const PerryBackendConfig *config, GCancellable *cancellable, GError **error);
  void (*close) (gpointer backend);
  PerryEngineInfo *(*probe) (gpointer backend, GCancellable *cancellable, GError **error);
  void (*refine) (gpointer backend, const PerryContainerSpec *spec, PerryFieldSupport *support);

  PerryImageInfo *(*image_inspect) (gpointer backend, const char *reference, GCancellable *cancellable,
                                    GError **error);
  GPtrArray *(*image_list) (gpointer backend, GCancellable *cancellable, GError **error);
  char **(*image_load) (gpointer backend, GInputStream *archive, GCancellable *cancellable, GError **error);
  gboolean (*image_remove) (gpointer backend, const char *reference, gboolean force, GCancellable *cancellable,
                            GError **error);
  gboolean (*image_tag) (gpointer backend, const char *image, const char *reference, GCancellable *cancellable,
                         GError **error);
  PerryEventIterator *(*image_pull) (gpointer backend, const char *reference, const char *platform,
                                     const char *credentials, GCancellable *cancellable, GError **error);
  JsonNode *(*image_resolve) (gpointer backend, const char *reference, const char *credentials,
                              GCancellable *cancellable, GError **error);
  PerryEventIterator *(*image_build) (gpointer backend, GInputStream *context, JsonNode *request,
                                      GCancellable *cancellable, GError **error);

  char *(*container_create) (gpointer backend, const PerryCreateRequest *request, char ***ret_warnings,
                             GCancellable *cancellable, GError **error);
  gboolean (*container_init) (gpointer backend, const char *id, GCancellable *cancellable, GError **error);
  gboolean (*container_start) (gpointer backend, const char *id, GCancellable *cancellable, GError **error);
  PerryContainerInfo *(*container_inspect) (gpointer backend, const char *id, GCancellable *cancellable,
                                            GError **error);
  GPtrArray *(*container_list) (gpointer backend, gboolean all, const char *const *labels, GCancellable *cancellable,
                                GError **error);
  PerryStream *(*container_attach) (gpointer backend, const char *id, gboolean with_stdin, GCancellable *cancellable,
                                    GError **error);
  PerryStream *(*container_logs) (gpointer backend, const char *id, const PerryLogRequest *request,
                                  GCancellable *cancellable, GError **error);
  gboolean (*container_wait) (gpointer backend, const char *id, gint64 *ret_exit_code, GCancellable *cancellable,
                              GError **error);
  gboolean (*container_stop) (gpointer backend, const char *id, int timeout_s, GCancellable *cancellable,
                              GError **error);
  gboolean (*container_kill) (gpointer backend, const char *id, const char *signal_name, GCancellable *cancellable,
                              GError **error);
  gboolean (*container_remove) (gpointer backend, const char *id, gboolean force, GCancellable *cancellable,
                                GError **error);
  gboolean (*container_pause) (gpointer backend, const char *id, GCancellable *cancellable, GError **error);
  gboolean (*container_unpause) (gpointer backend, const char *id, GCancellable *cancellable, GError **error);
  gboolean (*container_rename) (gpointer backend, const char *id, const char *name, GCancellable *cancellable,
                                GError **error);
  gboolean (*container_update) (gpointer backend, const char *id, const PerryContainerSpec *limits,
                                GCancellable *cancellable, GError **error);
  PerryEventIterator *(*container_stats) (gpointer backend, const char *id, GCancellable *cancellable,
                                          GError **error);
  gboolean (*container_copy_in) (gpointer backend, const char *id, const char *path, GInputStream *archive,
                                 GCancellable *cancellable, GError **error);
  GInputStream *(*container_copy_out) (gpointer backend, const char *id, const char *path, GCancellable *cancellable,
                                       GError **error);
  JsonNode *(*container_healthcheck) (gpointer backend, const char *id, GCancellable *cancellable, GError **error);
  PerryProcessLocation *(*locate_process) (gpointer backend, const char *id, GCancellable *cancellable,
                                           GError **error);

  char *(*exec_create) (gpointer backend, const char *id, JsonNode *request, GCancellable *cancellable,
                        GError **error);
  PerryStream *(*exec_start) (gpointer backend, const char *exec_id, GCancellable *cancellable, GError **error);
  gboolean (*exec_wait) (gpointer backend, const char *exec_id, gint64 *ret_exit_code, GCancellable *cancellable,
                         GError **error);

  char *(*network_create) (gpointer backend, const PerryNetworkRequest *request, char ***ret_warnings,
                           GCancellable *cancellable, GError **error);
  PerryNetworkInfo *(*network_inspect) (gpointer backend, const char *name, GCancellable *cancellable, GError **error);
  GPtrArray *(*network_list) (gpointer backend, const char *const *labels, GCancellable *cancellable, GError **error);
  gboolean (*network_connect) (gpointer backend, const char *name, const char *container, const char *const *aliases,
                               GCancellable *cancellable, GError **error);
  gboolean (*network_disconnect) (gpointer backend, const char *name, const char *container,
                                  GCancellable *cancellable, GError **error);
  gboolean (*network_remove) (gpointer backend, const char *name, GCancellable *cancellable, GError **error);

  gboolean (*volume_create) (gpointer backend, const PerryVolumeRequest *request, GCancellable *cancellable,
                             GError **error);
  PerryVolumeInfo *(*volume_inspect) (gpointer backend, const char *name, GCancellable *cancellable, GError **error);
  GPtrArray *(*volume_list) (gpointer backend, const char *const *labels, GCancellable *cancellable, GError **error);
  gboolean (*volume_remove) (gpointer backend, const char *name, gboolean force, GCancellable *cancellable,
                             GError **error);

  PerryEventIterator *(*events) (gpointer backend, gint64 since, const char *const *labels, GCancellable *cancellable,
                                 GError **error);

  PerryImageInfo *(*image_inspect_platform) (gpointer backend, const char *reference, const char *platform,
                                             GCancellable *cancellable, GError **error);
} PerryBackendOps;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryEngineInfo, perry_engine_info_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryContainerInfo, perry_container_info_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryImageInfo, perry_image_info_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryProcessLocation, perry_process_location_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryFieldSupport, perry_field_support_free)

G_END_DECLS
