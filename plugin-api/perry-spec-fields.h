/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "plugin-api/perry-capability.h"
#include "plugin-api/perry-linux-capability.h"
#include "plugin-api/perry-observation.h"

G_BEGIN_DECLS

typedef struct _PerryContainerSpec PerryContainerSpec;

/**
 * PerryField:
 *
 * A field of a container spec, in the order in which reports list them.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_FIELD_IMAGE,
  PERRY_FIELD_PLATFORM,
  PERRY_FIELD_NAME,
  PERRY_FIELD_ENTRYPOINT,
  PERRY_FIELD_CMD,
  PERRY_FIELD_ENV,
  PERRY_FIELD_LABELS,
  PERRY_FIELD_USER,
  PERRY_FIELD_WORKDIR,
  PERRY_FIELD_READ_ONLY,
  PERRY_FIELD_PRIVILEGED,
  PERRY_FIELD_CAP_ADD,
  PERRY_FIELD_CAP_DROP,
  PERRY_FIELD_SECCOMP,
  PERRY_FIELD_NO_NEW_PRIVILEGES,
  PERRY_FIELD_APPARMOR,
  PERRY_FIELD_SELINUX,
  PERRY_FIELD_SECURITY_OPT,
  PERRY_FIELD_NETWORK,
  PERRY_FIELD_NO_NETWORK,
  PERRY_FIELD_NETWORK_ALIASES,
  PERRY_FIELD_PORTS,
  PERRY_FIELD_TMPFS,
  PERRY_FIELD_VOLUMES,
  PERRY_FIELD_DEVICES,
  PERRY_FIELD_MEMORY,
  PERRY_FIELD_CPUS,
  PERRY_FIELD_PIDS_LIMIT,
  PERRY_FIELD_INIT,
  PERRY_FIELD_RUNTIME,
  PERRY_FIELD_HOSTNAME,
  PERRY_FIELD_STOP_SIGNAL,
  PERRY_FIELD_STOP_TIMEOUT,
  PERRY_FIELD_GROUP_ADD,
  PERRY_FIELD_SHM_SIZE,
  PERRY_FIELD_MEMORY_SWAP,
  PERRY_FIELD_ULIMITS,
  PERRY_FIELD_SYSCTLS,
  PERRY_FIELD_EXTRA_HOSTS,
  PERRY_FIELD_DNS,
  PERRY_FIELD_PID,
  PERRY_FIELD_IPC,
  PERRY_FIELD_UTS,
  PERRY_FIELD_USERNS,
  PERRY_FIELD_HEALTHCHECK,
  PERRY_FIELD_RESTART,
  PERRY_FIELD_RM,
  PERRY_FIELD_TIER,
  PERRY_FIELD_ENFORCEMENT,
  PERRY_FIELD_REQUIRE,
  PERRY_FIELD_PREFER,
  PERRY_FIELD_VERIFY,
  PERRY_FIELD_LAST /*< skip >*/
} PerryField;

/**
 * PerryFieldType:
 * @PERRY_FIELD_TYPE_STRING: a string, GVariant `s`
 * @PERRY_FIELD_TYPE_STRV: an array of strings, `as`
 * @PERRY_FIELD_TYPE_MAP: string to string, sorted by key, `a{ss}`; JSON also takes a list of `KEY=VALUE`
 * @PERRY_FIELD_TYPE_BOOLEAN: `b`
 * @PERRY_FIELD_TYPE_INTEGER: `x`
 * @PERRY_FIELD_TYPE_SIZE: bytes, `x`; JSON takes a number or a text such as `256m`
 * @PERRY_FIELD_TYPE_SECONDS: whole seconds, `x`; JSON takes a number or a text such as `1m30s`
 * @PERRY_FIELD_TYPE_NUMBER: `d`; JSON takes a number or its text
 * @PERRY_FIELD_TYPE_PROFILE: a word, a path or an inline object kept as JSON text, `s`
 * @PERRY_FIELD_TYPE_MOUNTS: `a(sssbas)`: type, source, target, read only, options; perry_container_spec_dup_mounts()
 *   gives them as structs
 * @PERRY_FIELD_TYPE_DEVICES: `a(sss)`: source, target, permissions; perry_container_spec_dup_devices() gives them as
 *   structs
 * @PERRY_FIELD_TYPE_PORTS: `as`, each as perry_port_to_string() writes it; perry_container_spec_dup_ports() gives them as
 *   structs
 * @PERRY_FIELD_TYPE_OBJECT: a JSON object kept as its text, `s`
 *
 * How a field's value is written and stored.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_FIELD_TYPE_STRING,
  PERRY_FIELD_TYPE_STRV,
  PERRY_FIELD_TYPE_MAP,
  PERRY_FIELD_TYPE_BOOLEAN,
  PERRY_FIELD_TYPE_INTEGER,
  PERRY_FIELD_TYPE_SIZE,
  PERRY_FIELD_TYPE_SECONDS,
  PERRY_FIELD_TYPE_NUMBER,
  PERRY_FIELD_TYPE_PROFILE,
  PERRY_FIELD_TYPE_MOUNTS,
  PERRY_FIELD_TYPE_DEVICES,
  PERRY_FIELD_TYPE_PORTS,
  PERRY_FIELD_TYPE_OBJECT,
} PerryFieldType;

/**
 * PerryFieldFlags:
 * @PERRY_FIELD_FLAGS_NONE: nothing special
 * @PERRY_FIELD_SECURITY: part of the isolation: takes part in `--proof required`
 * @PERRY_FIELD_CONTROL: read by the core, never given to an engine (tier, enforcement, require, prefer, verify)
 * @PERRY_FIELD_SHORTHAND: folded into other fields while parsing (security_opt)
 * @PERRY_FIELD_REQUIRED: a spec without it is an error
 * @PERRY_FIELD_IRREPLACEABLE: nothing can run in its place, so it is refused where it is unsupported, in every mode,
 *   unless the spec prefers to do without it
 *
 * Properties of a field.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_FIELD_FLAGS_NONE = 0,
  PERRY_FIELD_SECURITY = 1 << 0,
  PERRY_FIELD_CONTROL = 1 << 1,
  PERRY_FIELD_SHORTHAND = 1 << 2,
  PERRY_FIELD_REQUIRED = 1 << 3,
  PERRY_FIELD_IRREPLACEABLE = 1 << 4,
} PerryFieldFlags;

/**
 * PerryVerdict:
 * @PERRY_VERDICT_UNPROVEN: there is no evidence of this kind, or none that could decide
 * @PERRY_VERDICT_PROVEN: the evidence agrees with what was asked for
 * @PERRY_VERDICT_DIFFERS: the evidence contradicts what was asked for
 *
 * What comparing a field with evidence gave.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_VERDICT_UNPROVEN,
  PERRY_VERDICT_PROVEN,
  PERRY_VERDICT_DIFFERS,
} PerryVerdict;

/**
 * PerryCompareContext: (skip)
 * @default_capabilities: what the engine grants a container that asks for no capability
 * @grantable_capabilities: what the engine's own process could grant at most
 * @image_user: (nullable): the user of the image's configuration, for a spec without `user`
 * @ambient_for_users: whether the engine makes `cap_add` effective for a user other than root
 * @network_is_internal: whether the network that the spec names is internal
 * @network_keeps_route: whether the engine gives containers a default route there all the same
 * @wants_microvm: whether the workload has to be in a virtual machine
 * @microvm_is_boundary: whether that is one of the workload's own, so that it is what isolates, and not what the engine does
 *   inside it
 *
 * What a comparison has to know besides the spec and the evidence.
 *
 * Since: 0.1
 */
typedef struct {
  PerryLinuxCapabilities default_capabilities;
  PerryLinuxCapabilities grantable_capabilities;
  const char *image_user;
  gboolean ambient_for_users;
  gboolean network_is_internal;
  gboolean network_keeps_route;
  gboolean wants_microvm;
  gboolean microvm_is_boundary;
} PerryCompareContext;

/**
 * PerryCompareReported: (skip)
 * @asked: the normalised spec
 * @reported: what the engine's inspect says, as a spec in which only what was reported is set
 * @context: facts about engine and image
 * @value: what was reported is appended here, for people
 * @reason: why the verdict is not proven is appended here
 *
 * Compares one field with the engine's report. Pure.
 *
 * Returns: the verdict
 *
 * Since: 0.1
 */
typedef PerryVerdict (*PerryCompareReported) (const PerryContainerSpec *asked, const PerryContainerSpec *reported,
                                              const PerryCompareContext *context, GString *value, GString *reason);

/**
 * PerryCompareObserved: (skip)
 * @asked: the normalised spec
 * @observation: the kernel's view of the container's first process
 * @context: facts about engine and image
 * @value: what was observed is appended here, for people
 * @reason: why the verdict is not proven is appended here
 *
 * Compares one field with what the kernel says. Pure.
 *
 * Returns: the verdict
 *
 * Since: 0.1
 */
typedef PerryVerdict (*PerryCompareObserved) (const PerryContainerSpec *asked, const PerryObservation *observation,
                                              const PerryCompareContext *context, GString *value, GString *reason);

typedef struct _PerrySpecProblems PerrySpecProblems;

/**
 * PerryFieldCheck: (skip)
 * @value: a value of the field's type
 * @path: the value's JSON path or option name, for messages
 * @problems: where to report what is wrong
 *
 * Validates a value and brings it into its canonical form.
 *
 * Returns: (transfer floating) (nullable): the canonical value, %NULL when a problem was reported
 *
 * Since: 0.1
 */
typedef GVariant *(*PerryFieldCheck) (GVariant *value, const char *path, PerrySpecProblems *problems);

/**
 * PerryFieldOption: (skip)
 * @name: the long option of `perryctl`, without dashes
 * @member: the member of the field's object that it sets
 * @argument: (nullable): the option's argument in help texts; %NULL for a switch
 * @help: one line of help
 *
 * An option for one member of a field that is an object. A list of them ends with a row whose name is %NULL.
 *
 * Since: 0.1
 */
typedef struct {
  const char *name;
  const char *member;
  const char *argument;
  const char *help;
} PerryFieldOption;

/**
 * PerryFieldInfo: (skip)
 * @field: the field
 * @name: its name in JSON
 * @camel_case: its spelling in workload graphs
 * @alias: (nullable): another accepted spelling, usually Compose's
 * @type: how its value is written
 * @flags: its properties
 * @words: (nullable) (array zero-terminated=1): the only words that a field of type string may be, for completions and
 *   the schema
 * @unset: what an unset field means
 * @option: (nullable): the long option of `perryctl`, without dashes
 * @short_option: its short option, or 0
 * @argument: (nullable): the option's argument in help texts; %NULL for a switch
 * @help: one line of help
 * @check: (nullable): validation beyond the type
 * @required: (nullable): which capabilities an engine needs for this spec's value
 * @compare_reported: (nullable): comparison with the engine's report
 * @compare_observed: (nullable): comparison with the kernel's view
 * @options: (nullable): the options that set a member each, where the field is an object
 *
 * A row of the one table: everything that the project knows about a field.
 *
 * Since: 0.1
 */
typedef struct {
  PerryField field;
  const char *name;
  const char *camel_case;
  const char *alias;
  PerryFieldType type;
  PerryFieldFlags flags;
  const char *const *words;
  const char *unset;
  const char *option;
  char short_option;
  const char *argument;
  const char *help;
  PerryFieldCheck check;
  PerryCapabilitySet (*required) (const PerryContainerSpec *spec);
  PerryCompareReported compare_reported;
  PerryCompareObserved compare_observed;
  const PerryFieldOption *options;
} PerryFieldInfo;

/**
 * perry_field_get_info: (skip)
 * @field: a field
 *
 * Gets a field's row.
 *
 * Returns: (transfer none): the row
 *
 * Since: 0.1
 */
PERRY_API const PerryFieldInfo *perry_field_get_info (PerryField field);

/**
 * perry_field_get_name:
 * @field: a field
 *
 * Gets a field's name in JSON, such as `read_only`.
 *
 * Returns: (transfer none): the name
 *
 * Since: 0.1
 */
PERRY_API const char *perry_field_get_name (PerryField field);

/**
 * perry_field_from_name:
 * @name: a name in snake_case or camelCase, or an alias
 * @ret_field: (out): the field, untouched where the name is unknown
 *
 * Looks a field up.
 *
 * Returns: whether the name is known
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_field_from_name (const char *name, PerryField *ret_field);

/**
 * perry_field_nearest:
 * @name: a name that is not known
 *
 * Finds the field whose name is nearest to a misspelt one.
 *
 * Returns: (transfer none) (nullable): a field's name
 *
 * Since: 0.1
 */
PERRY_API const char *perry_field_nearest (const char *name);

G_END_DECLS
