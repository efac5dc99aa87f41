/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "plugin-api/perry-requirement.h"
#include "plugin-api/perry-spec-fields.h"
#include "plugin-api/perry-verify-mode.h"

G_BEGIN_DECLS

/**
 * PerryEnforcement:
 * @PERRY_ENFORCEMENT_LENIENT: what an engine cannot do is dropped and logged
 * @PERRY_ENFORCEMENT_WARN: what an engine cannot do is dropped and printed; the default
 * @PERRY_ENFORCEMENT_STRICT: nothing runs unless everything that was asked for is done
 *
 * What happens to a field that the engine cannot honour. The order is that of strictness.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_ENFORCEMENT_LENIENT,
  PERRY_ENFORCEMENT_WARN,
  PERRY_ENFORCEMENT_STRICT,
} PerryEnforcement;

PERRY_API const char *perry_enforcement_get_name (PerryEnforcement enforcement);
PERRY_API gboolean perry_enforcement_from_name (const char *name, PerryEnforcement *ret_enforcement);

/**
 * PerryMountType:
 * @PERRY_MOUNT_BIND: a file or directory of the host
 * @PERRY_MOUNT_VOLUME: a named volume of the engine
 * @PERRY_MOUNT_TMPFS: memory
 *
 * The kind of a mount.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_MOUNT_BIND,
  PERRY_MOUNT_VOLUME,
  PERRY_MOUNT_TMPFS,
} PerryMountType;

/**
 * PerryMount:
 * @type: its kind
 * @source: (nullable): an absolute path (bind), a volume's name (volume), %NULL (tmpfs, and a volume of the container's
 *   own)
 * @target: an absolute path in the container, without `.`, `..` and doubled slashes
 * @read_only: whether it is read-only
 * @options: (array zero-terminated=1): the other options as written: `nosuid`, `size=64m`, `z` …
 * @field: the spec's field that it comes from: %PERRY_FIELD_TMPFS or %PERRY_FIELD_VOLUMES
 *
 * One mount of a container.
 *
 * Since: 0.1
 */
typedef struct {
  PerryMountType type;
  char *source;
  char *target;
  gboolean read_only;
  char **options;
  PerryField field;
} PerryMount;

#define PERRY_TYPE_MOUNT (perry_mount_get_type ())
PERRY_API GType perry_mount_get_type (void);
PERRY_API PerryMount *perry_mount_copy (const PerryMount *mount);
PERRY_API void perry_mount_free (PerryMount *mount);

/**
 * PerryDevice:
 * @source: the path of a device node on the host
 * @target: an absolute path in the container, without `.`, `..` and doubled slashes
 * @permissions: what the container may do with it: a part of `rwm`, in this order
 *
 * One device of a container. In what an engine reports, an empty text stands for what it does not tell.
 *
 * Since: 0.1
 */
typedef struct {
  char *source;
  char *target;
  char *permissions;
} PerryDevice;

#define PERRY_TYPE_DEVICE (perry_device_get_type ())
PERRY_API GType perry_device_get_type (void);
PERRY_API PerryDevice *perry_device_copy (const PerryDevice *device);
PERRY_API void perry_device_free (PerryDevice *device);

/**
 * perry_device_is_everybodys: (skip)
 * @kind: `c` or `b`
 * @major_number: its major number
 * @minor_number: its minor number
 *
 * Says whether every container may read and write this device, such as `/dev/null`, whatever permissions a spec asks for.
 *
 * Returns: whether it is one of those
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_device_is_everybodys (char kind, guint major_number, guint minor_number);

/**
 * PerryPort:
 * @host_ip: (nullable): the address of the host in numbers, without brackets; %NULL for all
 * @host_port: the first port of the host, 0 where the engine picks
 * @container_port: the first port in the container
 * @count: how many consecutive ports, 1 or more
 * @protocol: `tcp`, `udp` or `sctp`
 *
 * Ports of a container that can be reached at the host.
 *
 * Since: 0.1
 */
typedef struct {
  char *host_ip;
  guint host_port;
  guint container_port;
  guint count;
  char *protocol;
} PerryPort;

#define PERRY_TYPE_PORT (perry_port_get_type ())
PERRY_API GType perry_port_get_type (void);
PERRY_API PerryPort *perry_port_copy (const PerryPort *port);
PERRY_API void perry_port_free (PerryPort *port);

/**
 * perry_port_to_string:
 * @port: a port
 *
 * Writes a port as a spec has it: `127.0.0.1:8000-8010:80-90/tcp`, `[::1]:53:53/udp`, `80/tcp`, `127.0.0.1::80/tcp`.
 *
 * Returns: (transfer full): the text
 *
 * Since: 0.1
 */
PERRY_API char *perry_port_to_string (const PerryPort *port);

/**
 * perry_port_collides:
 * @port: a port
 * @other: a port
 *
 * Compares what two ports take of the host. One for which the engine picks takes nothing yet.
 *
 * Returns: whether both take the same port of the same address
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_port_collides (const PerryPort *port, const PerryPort *other);

/**
 * perry_ports_to_strv:
 * @ports: (element-type PerryPort): ports in any order
 *
 * Writes ports as a spec has them, ordered, with those that follow each other as one range.
 *
 * Returns: (transfer full) (array zero-terminated=1): the texts
 *
 * Since: 0.1
 */
PERRY_API char **perry_ports_to_strv (GPtrArray *ports);

/**
 * PerryContainerSpec:
 *
 * What somebody asks of a container: a value or nothing for every row of the field table. An unset field means the
 * engine's own default. A spec whose values came through the setters or the parser is valid field by field;
 * perry_container_spec_complete() checks the whole. Not thread-safe while it is being changed; reading is.
 *
 * Since: 0.1
 */
#define PERRY_TYPE_CONTAINER_SPEC (perry_container_spec_get_type ())
PERRY_API GType perry_container_spec_get_type (void);

/**
 * perry_container_spec_new:
 *
 * Creates a spec in which nothing is set.
 *
 * Returns: (transfer full): a new spec
 *
 * Since: 0.1
 */
PERRY_API PerryContainerSpec *perry_container_spec_new (void);

/**
 * perry_container_spec_new_from_json:
 * @json: a JSON object with the table's field names
 * @length: its length in bytes, -1 where it ends with NUL
 * @error: return location for an error
 *
 * Reads a spec. All mistakes are reported at once, each with its JSON path.
 *
 * Errors: %PERRY_ERROR_INVALID_JSON, %PERRY_ERROR_LIMIT_EXCEEDED, %PERRY_ERROR_INVALID_SPEC; %PERRY_ERROR_NOT_AVAILABLE
 * where the only problems are fields that this version knows by name and does not offer yet.
 *
 * Returns: (transfer full): a new spec, or %NULL
 *
 * Since: 0.1
 */
PERRY_API PerryContainerSpec *perry_container_spec_new_from_json (const char *json, gssize length, GError **error);

PERRY_API PerryContainerSpec *perry_container_spec_copy (const PerryContainerSpec *spec);
PERRY_API void perry_container_spec_free (PerryContainerSpec *spec);

/**
 * perry_container_spec_to_json:
 * @spec: a spec
 *
 * Writes the set fields as a JSON object, in the table's order, so that equal specs give equal texts.
 *
 * Returns: (transfer full): JSON text without a newline at the end
 *
 * Since: 0.1
 */
PERRY_API char *perry_container_spec_to_json (const PerryContainerSpec *spec);

/**
 * perry_container_spec_get_json_schema:
 *
 * Writes the JSON Schema of a container spec from the field table. It describes the shape; what a schema cannot say,
 * such as the names of capabilities, perry_container_spec_new_from_json() checks beyond it.
 *
 * Returns: (transfer full): JSON text, indented, without a newline at the end
 *
 * Since: 0.1
 */
PERRY_API char *perry_container_spec_get_json_schema (void);

/**
 * perry_container_spec_set_from_text:
 * @spec: a spec
 * @field: which field
 * @text: the value as on a command line; lists and maps grow by one element with each call
 * @where: how to name the place in an error, such as `--cap-add`
 * @error: return location for an error
 *
 * Sets a field from text. A boolean takes `true` and `false`.
 *
 * Errors: %PERRY_ERROR_INVALID_SPEC; the spec is unchanged then.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_container_spec_set_from_text (PerryContainerSpec *spec, PerryField field, const char *text,
                                                       const char *where, GError **error);

/**
 * perry_container_spec_set_member_from_text:
 * @spec: a spec
 * @field: a field that is an object
 * @member: a member that one of the field's options sets, see #PerryFieldInfo
 * @text: the value as on a command line
 * @where: how to name the place in an error, such as `--health-interval`
 * @error: return location for an error
 *
 * Sets one member of a field from text and leaves the others as they are. A switch takes `true` and `false`.
 *
 * Errors: %PERRY_ERROR_INVALID_SPEC; the spec is unchanged then.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_container_spec_set_member_from_text (PerryContainerSpec *spec, PerryField field,
                                                              const char *member, const char *text, const char *where,
                                                              GError **error);

/**
 * perry_container_spec_set_value:
 * @spec: a spec
 * @field: which field
 * @value: a value of the GVariant type that #PerryFieldType names; a floating reference is consumed
 * @error: return location for an error
 *
 * Sets a field after validating the value.
 *
 * Errors: %PERRY_ERROR_INVALID_SPEC; the spec is unchanged then.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_container_spec_set_value (PerryContainerSpec *spec, PerryField field, GVariant *value,
                                                   GError **error);

/**
 * perry_container_spec_take_value: (skip)
 * @spec: a spec
 * @field: which field
 * @value: a value of the field's type; a floating reference is consumed
 *
 * Sets a field without validation: for a plugin that reports what an engine says, valid or not, and for the core.
 *
 * Since: 0.1
 */
PERRY_API void perry_container_spec_take_value (PerryContainerSpec *spec, PerryField field, GVariant *value);

PERRY_API void perry_container_spec_unset (PerryContainerSpec *spec, PerryField field);
PERRY_API gboolean perry_container_spec_is_set (const PerryContainerSpec *spec, PerryField field);

/**
 * perry_container_spec_get_value:
 * @spec: a spec
 * @field: which field
 *
 * Gets the stored value.
 *
 * Returns: (transfer none) (nullable): the value, %NULL where the field is unset
 *
 * Since: 0.1
 */
PERRY_API GVariant *perry_container_spec_get_value (const PerryContainerSpec *spec, PerryField field);

/**
 * perry_container_spec_get_string:
 * @spec: a spec
 * @field: a field of type string, profile or object
 *
 * Returns: (transfer none) (nullable): the text, %NULL where the field is unset
 *
 * Since: 0.1
 */
PERRY_API const char *perry_container_spec_get_string (const PerryContainerSpec *spec, PerryField field);

/**
 * perry_container_spec_get_strv:
 * @spec: a spec
 * @field: a field of type strv
 *
 * Returns: (transfer container) (nullable): the strings (free the array alone), %NULL where the field is unset
 *
 * Since: 0.1
 */
PERRY_API const char **perry_container_spec_get_strv (const PerryContainerSpec *spec, PerryField field);

/**
 * perry_container_spec_get_boolean:
 * @spec: a spec
 * @field: a field of type boolean
 *
 * Returns: the value, %FALSE where the field is unset
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_container_spec_get_boolean (const PerryContainerSpec *spec, PerryField field);

/**
 * perry_container_spec_get_int64:
 * @spec: a spec
 * @field: a field of type integer or size
 * @unset: what to return where the field is unset
 *
 * Returns: the value
 *
 * Since: 0.1
 */
PERRY_API gint64 perry_container_spec_get_int64 (const PerryContainerSpec *spec, PerryField field, gint64 unset);

/**
 * perry_container_spec_get_double:
 * @spec: a spec
 * @field: a field of type number
 * @unset: what to return where the field is unset
 *
 * Returns: the value
 *
 * Since: 0.1
 */
PERRY_API double perry_container_spec_get_double (const PerryContainerSpec *spec, PerryField field, double unset);

/**
 * perry_container_spec_dup_mounts:
 * @spec: a spec
 *
 * Gets the mounts of `volumes` and `tmpfs` as one list, ordered by target.
 *
 * Returns: (transfer full) (element-type PerryMount): the mounts
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_container_spec_dup_mounts (const PerryContainerSpec *spec);

/**
 * perry_container_spec_dup_devices:
 * @spec: a spec
 *
 * Gets the devices in the order of the spec.
 *
 * Returns: (transfer full) (element-type PerryDevice): the devices
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_container_spec_dup_devices (const PerryContainerSpec *spec);

/**
 * perry_container_spec_dup_ports:
 * @spec: a spec
 *
 * Gets `ports` as structs, in the order of the spec.
 *
 * Returns: (transfer full) (element-type PerryPort): the ports, none where the field is not set
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_container_spec_dup_ports (const PerryContainerSpec *spec);

/**
 * perry_container_spec_get_network:
 * @spec: a spec
 *
 * Gets the network mode after `no_network`: `none`, `host`, `bridge` or a network's name.
 *
 * Returns: (transfer none) (nullable): the mode, %NULL for the engine's default
 *
 * Since: 0.1
 */
PERRY_API const char *perry_container_spec_get_network (const PerryContainerSpec *spec);

/**
 * perry_container_spec_get_seccomp_profile:
 * @spec: a completed spec
 *
 * Gets the text of the profile that `seccomp` names by its path or as `perry`, or gives inline. The core has set that of
 * `perry` in each spec that a plugin is given.
 *
 * Returns: (transfer none) (nullable): a JSON object, %NULL for a word (`default`, `unconfined`) or no profile
 *
 * Since: 0.1
 */
PERRY_API const char *perry_container_spec_get_seccomp_profile (const PerryContainerSpec *spec);

/**
 * perry_container_spec_set_perry_profile:
 * @spec: a spec whose `seccomp` is `perry`
 * @text: the profile, a JSON object
 *
 * Sets what `perry` stands for. The core does this for the specs that it is given; @text goes when `seccomp` is set anew.
 *
 * Since: 0.1
 */
PERRY_API void perry_container_spec_set_perry_profile (PerryContainerSpec *spec, const char *text);

/**
 * perry_container_spec_get_capabilities:
 * @spec: a spec
 * @defaults: what the engine grants when nothing is asked
 *
 * Computes the bounding set that `privileged`, `cap_drop` and `cap_add` ask for: `ALL` first, then single names;
 * a capability that is dropped and added is added, as on every engine.
 *
 * Returns: the set
 *
 * Since: 0.1
 */
PERRY_API PerryLinuxCapabilities perry_container_spec_get_capabilities (const PerryContainerSpec *spec,
                                                                        PerryLinuxCapabilities defaults);

/**
 * perry_container_spec_get_enforcement:
 * @spec: a spec
 * @unset: the mode for a spec without `enforcement`
 *
 * Returns: the spec's mode
 *
 * Since: 0.1
 */
PERRY_API PerryEnforcement perry_container_spec_get_enforcement (const PerryContainerSpec *spec,
                                                                 PerryEnforcement unset);

/**
 * perry_container_spec_names_field:
 * @spec: a spec
 * @list: %PERRY_FIELD_REQUIRE or %PERRY_FIELD_PREFER
 * @field: which field
 *
 * Returns: whether @list names @field
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_container_spec_names_field (const PerryContainerSpec *spec, PerryField list,
                                                     PerryField field);

/**
 * perry_container_spec_format_value:
 * @spec: a spec
 * @field: which field
 *
 * Prints a value for people, on one line and shortened where it is long. Values of `env` are never printed.
 *
 * Returns: (transfer full) (nullable): the text, %NULL where the field is unset
 *
 * Since: 0.1
 */
PERRY_API char *perry_container_spec_format_value (const PerryContainerSpec *spec, PerryField field);

/**
 * perry_container_spec_get_verify_mode:
 * @spec: a spec
 * @ret_mode: (out): the mode, untouched where it is not set
 *
 * Gets `mode` of the field `verify`.
 *
 * Returns: whether it is set; where it is not, the configuration's counts
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_container_spec_get_verify_mode (const PerryContainerSpec *spec, PerryVerifyMode *ret_mode);

/**
 * perry_container_spec_dup_verify_requirement: (skip)
 * @spec: a spec that is complete
 *
 * Gets what the field `verify` requires of the image's signature.
 *
 * Returns: (transfer full) (nullable): the requirement; %NULL where the field sets none, and the configuration's counts
 *
 * Since: 0.1
 */
PERRY_API PerryRequirement *perry_container_spec_dup_verify_requirement (const PerryContainerSpec *spec);

/**
 * perry_container_spec_complete:
 * @spec: a spec
 * @base_directory: (nullable): what relative paths in the spec are relative to; %NULL for the working directory
 * @error: return location for an error
 *
 * Ends the first step of the request path: folds `security_opt` into the fields that it spells, checks fields against
 * each other, reads the files that the spec names (a seccomp profile), and checks that bind sources exist.
 *
 * Errors: %PERRY_ERROR_INVALID_SPEC with every problem and its JSON path. The spec is unchanged then.
 *
 * Returns: %TRUE on success
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_container_spec_complete (PerryContainerSpec *spec, const char *base_directory,
                                                  GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryContainerSpec, perry_container_spec_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryMount, perry_mount_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryDevice, perry_device_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryPort, perry_port_free)

G_END_DECLS
