/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-container-spec.h"
#include "plugin-api/perry-plugin.h"
#include "plugin-api/perry-requirement.h"
#include "plugin-api/perry-verify-mode.h"

G_BEGIN_DECLS

/**
 * PerryConfigPaths: (skip)
 * @vendor_file: (nullable): the file that was installed with the library
 * @administrator_file: (nullable): the administrator's file
 * @drop_in_directory: (nullable): its files `*.conf` are read in the order of their names after @administrator_file
 * @user_file: (nullable): the caller's file
 *
 * Which files a configuration is read from. %NULL leaves a layer out; a file that does not exist is an empty one.
 *
 * Since: 0.1
 */
typedef struct {
  char *vendor_file;
  char *administrator_file;
  char *drop_in_directory;
  char *user_file;
} PerryConfigPaths;

/**
 * perry_config_paths_new: (skip)
 * @environment: (array zero-terminated=1) (nullable): `NAME=value` strings, %NULL for the process's own
 *
 * Gets the installed paths: perry.conf in the vendor's data directory, `/etc/perry-container/perry.conf`,
 * `/etc/perry-container/perry.conf.d` and `perry-container/perry.conf` in `XDG_CONFIG_HOME` or `~/.config`.
 *
 * Returns: (transfer full): the paths
 *
 * Since: 0.1
 */
PERRY_API PerryConfigPaths *perry_config_paths_new (const char *const *environment);
PERRY_API void perry_config_paths_free (PerryConfigPaths *paths);

/**
 * PerryConfigRow:
 * @group: the group: `engine`, `verification`, `verify ` and a rule's name, or `plugin ` and an id
 * @key: the key
 * @value: the value in effect, in the file's syntax
 * @origin: a file's path, `environment NAME`, `option --name` or `built-in default`
 *
 * One value of a configuration and where it comes from.
 *
 * Since: 0.1
 */
typedef struct {
  char *group;
  char *key;
  char *value;
  char *origin;
} PerryConfigRow;

#define PERRY_TYPE_CONFIG_ROW (perry_config_row_get_type ())
PERRY_API GType perry_config_row_get_type (void);
PERRY_API PerryConfigRow *perry_config_row_copy (const PerryConfigRow *row);
PERRY_API void perry_config_row_free (PerryConfigRow *row);

/**
 * PerryConfig:
 *
 * The merged configuration: vendor's file, administrator's file, drop-ins, user's file, environment, options; what
 * comes later wins. Boxed and counted by references. Not thread-safe while overrides are being set; reading is.
 *
 * Since: 0.1
 */
typedef struct _PerryConfig PerryConfig;

#define PERRY_TYPE_CONFIG (perry_config_get_type ())
PERRY_API GType perry_config_get_type (void);

/**
 * perry_config_load: (skip)
 * @paths: (nullable): the files, %NULL for the installed ones
 * @environment: (array zero-terminated=1) (nullable): `NAME=value` strings, %NULL for the process's own
 * @error: return location for an error
 *
 * Reads the configuration. An empty environment variable counts as unset. Nothing that can't be read or understood is
 * skipped.
 *
 * Errors: %PERRY_ERROR_INVALID_CONFIG for a file that can't be read, is larger than 1 MiB or may be written by others,
 * for a line, group, key or value that is not valid and for one that occurs twice in a file, and for a rule that makes no
 * sense as a whole; the message names file, line, group and key.
 *
 * Returns: (transfer full): a new configuration, %NULL on error
 *
 * Since: 0.1
 */
PERRY_API PerryConfig *perry_config_load (const PerryConfigPaths *paths, const char *const *environment,
                                          GError **error);

PERRY_API PerryConfig *perry_config_ref (PerryConfig *config);
PERRY_API void perry_config_unref (PerryConfig *config);

/**
 * perry_config_set_override:
 * @config: a configuration
 * @group: `engine`, `verification`, or `plugin ` and an id
 * @key: a key
 * @value: the value in the file's syntax
 * @origin: what sets it, such as `option --backend`
 * @error: return location for an error
 *
 * Sets a value above all files and the environment. A key of a plugin's group is checked by
 * perry_config_get_plugin_options().
 *
 * Errors: %PERRY_ERROR_INVALID_CONFIG for an unknown group or key, a bad value, for a key that is the administrator's
 * alone, and for a rule of images, which stands in files.
 *
 * Returns: %TRUE on success; on error nothing is changed
 *
 * Since: 0.1
 */
PERRY_API gboolean perry_config_set_override (PerryConfig *config, const char *group, const char *key,
                                              const char *value, const char *origin, GError **error);

/**
 * perry_config_list:
 * @config: a configuration
 *
 * Lists every value in effect: all keys of `engine` and `verification`, and of the rules of images and plugins' groups
 * those that are set somewhere. Where `minimum-enforcement` raised `enforcement`, or `minimum-verification` raised
 * `mode`, that row has the raised value and the minimum's origin.
 *
 * Returns: (transfer container) (element-type PerryConfigRow): the rows; free with g_ptr_array_unref()
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_config_list (const PerryConfig *config);

/**
 * perry_config_get_backends:
 * @config: a configuration
 * @ret_origin: (out) (optional) (transfer none): where the value comes from
 *
 * Gets the names of the backends that may be used, the preferred first.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names; none where nobody chose, then the probe order counts
 *
 * Since: 0.1
 */
PERRY_API const char *const *perry_config_get_backends (const PerryConfig *config, const char **ret_origin);

/**
 * perry_config_get_order:
 * @config: a configuration
 * @ret_origin: (out) (optional) (transfer none): where the value comes from
 *
 * Gets the probe order of this platform.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names
 *
 * Since: 0.1
 */
PERRY_API const char *const *perry_config_get_order (const PerryConfig *config, const char **ret_origin);

/**
 * perry_config_get_probe_timeout_ms:
 * @config: a configuration
 *
 * Gets how long a backend may take to answer its probe.
 *
 * Returns: milliseconds, 1 to 600000
 *
 * Since: 0.1
 */
PERRY_API int perry_config_get_probe_timeout_ms (const PerryConfig *config);

/**
 * perry_config_get_timeout_ms:
 * @config: a configuration
 *
 * Gets how long one answer of an engine may take.
 *
 * Returns: milliseconds, 1 to 3600000
 *
 * Since: 0.1
 */
PERRY_API int perry_config_get_timeout_ms (const PerryConfig *config);

/**
 * perry_config_get_enforcement:
 * @config: a configuration
 * @ret_origin: (out) (optional) (transfer none): where the value comes from
 *
 * Gets the enforcement mode: the stricter one of `enforcement` and `minimum-enforcement`.
 *
 * Returns: the mode
 *
 * Since: 0.1
 */
PERRY_API PerryEnforcement perry_config_get_enforcement (const PerryConfig *config, const char **ret_origin);

/**
 * perry_config_get_minimum_enforcement:
 * @config: a configuration
 * @ret_origin: (out) (optional) (transfer none): where the value comes from
 *
 * Gets the mode that nothing may go below, a container's own `enforcement` included.
 *
 * Returns: the mode, %PERRY_ENFORCEMENT_LENIENT where no administrator set one
 *
 * Since: 0.1
 */
PERRY_API PerryEnforcement perry_config_get_minimum_enforcement (const PerryConfig *config, const char **ret_origin);

/**
 * perry_config_get_proof:
 * @config: a configuration
 * @ret_origin: (out) (optional) (transfer none): where the value comes from
 *
 * Gets how much proof is wanted.
 *
 * Returns: (transfer none): `default`, `required` or `off`
 *
 * Since: 0.1
 */
PERRY_API const char *perry_config_get_proof (const PerryConfig *config, const char **ret_origin);

/**
 * perry_config_get_required_plugins:
 * @config: a configuration
 * @ret_origin: (out) (optional) (transfer none): where the value comes from
 *
 * Gets the ids of the plugins without which nothing may be done.
 *
 * Returns: (transfer none) (array zero-terminated=1): the ids
 *
 * Since: 0.1
 */
PERRY_API const char *const *perry_config_get_required_plugins (const PerryConfig *config, const char **ret_origin);

/**
 * perry_config_get_supervisor:
 * @config: a configuration
 * @ret_origin: (out) (optional) (transfer none): where the value comes from
 *
 * Gets the program that stays beside a detached container for what its engine lacks.
 *
 * Returns: (transfer none): an absolute path, or an empty text for the installed `perryctl`
 *
 * Since: 0.1
 */
PERRY_API const char *perry_config_get_supervisor (const PerryConfig *config, const char **ret_origin);

/**
 * perry_config_get_verify_mode:
 * @config: a configuration
 * @ret_origin: (out) (optional) (transfer none): where the value comes from
 *
 * Gets what verification of images has to do: the stricter one of `mode` and `minimum-verification`.
 *
 * Returns: the mode
 *
 * Since: 0.1
 */
PERRY_API PerryVerifyMode perry_config_get_verify_mode (const PerryConfig *config, const char **ret_origin);

/**
 * perry_config_get_minimum_verify_mode:
 * @config: a configuration
 * @ret_origin: (out) (optional) (transfer none): where the value comes from
 *
 * Gets the mode that nothing may go below: no user, variable, option, container and rule.
 *
 * Returns: the mode, %PERRY_VERIFY_OFF where no administrator set one
 *
 * Since: 0.1
 */
PERRY_API PerryVerifyMode perry_config_get_minimum_verify_mode (const PerryConfig *config, const char **ret_origin);

/**
 * perry_config_get_verifier:
 * @config: a configuration
 * @ret_origin: (out) (optional) (transfer none): where the value comes from
 *
 * Gets the plugin that verifies images.
 *
 * Returns: (transfer none): its id
 *
 * Since: 0.1
 */
PERRY_API const char *perry_config_get_verifier (const PerryConfig *config, const char **ret_origin);

/**
 * perry_config_get_verification_cache_s:
 * @config: a configuration
 *
 * Gets how long it is kept that an image was verified.
 *
 * Returns: seconds, 0 where it is not kept, at most 31536000
 *
 * Since: 0.1
 */
PERRY_API int perry_config_get_verification_cache_s (const PerryConfig *config);

/**
 * perry_config_get_rejection_cache_s:
 * @config: a configuration
 *
 * Gets how long it is kept that an image was rejected or is unsigned.
 *
 * Returns: seconds, 0 where it is not kept, at most 3600
 *
 * Since: 0.1
 */
PERRY_API int perry_config_get_rejection_cache_s (const PerryConfig *config);

/**
 * perry_config_get_verification_timeout_ms:
 * @config: a configuration
 *
 * Gets how long the verification of one image may take.
 *
 * Returns: milliseconds, 1 to 3600000
 *
 * Since: 0.1
 */
PERRY_API int perry_config_get_verification_timeout_ms (const PerryConfig *config);

/**
 * perry_config_get_verification_log:
 * @config: a configuration
 *
 * Gets where each decision about an image is written to.
 *
 * Returns: (transfer none): an absolute path, `journal`, or an empty text for nowhere
 *
 * Since: 0.1
 */
PERRY_API const char *perry_config_get_verification_log (const PerryConfig *config);

/**
 * perry_config_get_registry_ca_file:
 * @config: a configuration
 *
 * Gets the file of certificates in PEM that vouch for registries beside those of the system.
 *
 * Returns: (transfer none): an absolute path, or an empty text
 *
 * Since: 0.1
 */
PERRY_API const char *perry_config_get_registry_ca_file (const PerryConfig *config);

/**
 * perry_config_get_registry_mirrors:
 * @config: a configuration
 *
 * Gets the mirrors that are asked before a registry. A registry that is there several times has several, in this order.
 *
 * Returns: (transfer none) (array zero-terminated=1): texts `REGISTRY=HOST[:PORT][/PREFIX]`, both in the spelling of
 *   normalised references, such as `docker.io=mirror.example.com:5000/proxy`
 *
 * Since: 0.1
 */
PERRY_API const char *const *perry_config_get_registry_mirrors (const PerryConfig *config);

/**
 * PerryVerifyRule: (skip)
 * @name: the rule's name, which its group has: `[verify NAME]`
 * @pattern: which images it is about: a normalised reference without or with a tag or a digest, in which `*` stands for
 *   any text within a component and `**` for any text. A pattern without a tag and a digest is about all of them.
 * @exempt: whether they need not be verified
 * @requirement: (nullable): what a signature has to satisfy, %NULL where @exempt
 * @origin: the file that @pattern comes from
 *
 * What the configuration requires of some images.
 *
 * Since: 0.1
 */
typedef struct {
  char *name;
  char *pattern;
  gboolean exempt;
  PerryRequirement *requirement;
  char *origin;
} PerryVerifyRule;

PERRY_API PerryVerifyRule *perry_verify_rule_copy (const PerryVerifyRule *rule);
PERRY_API void perry_verify_rule_free (PerryVerifyRule *rule);

/**
 * perry_config_list_verify_rules: (skip)
 * @config: a configuration
 *
 * Lists the rules of images.
 *
 * Returns: (transfer container) (element-type PerryVerifyRule): the rules in the order of their names, which must not be
 *   changed; free with g_ptr_array_unref()
 *
 * Since: 0.1
 */
PERRY_API GPtrArray *perry_config_list_verify_rules (const PerryConfig *config);

/**
 * perry_config_get_plugin_ids:
 * @config: a configuration
 *
 * Gets the ids that have a group `[plugin ID]` somewhere, for a check whether there are such plugins.
 *
 * Returns: (transfer full) (array zero-terminated=1): the ids, sorted
 *
 * Since: 0.1
 */
PERRY_API char **perry_config_get_plugin_ids (const PerryConfig *config);

/**
 * perry_config_get_plugin_options: (skip)
 * @config: a configuration
 * @id: a plugin's id
 * @table: (nullable): the plugin's option table, its last row's name is %NULL; checked by the loader
 * @error: return location for an error
 *
 * Checks a plugin's group against its option table and fills in the defaults.
 *
 * Errors: %PERRY_ERROR_INVALID_CONFIG for a key that is not in @table and for a value that is not of its type; the
 * message names origin, group, key and the nearest known key.
 *
 * Returns: (transfer full): `a{sv}` with a value for every row of @table, not floating; %NULL on error
 *
 * Since: 0.1
 */
PERRY_API GVariant *perry_config_get_plugin_options (const PerryConfig *config, const char *id,
                                                     const PerryPluginOption *table, GError **error);

/**
 * perry_config_seccomp_perry:
 *
 * Gets the seccomp profile that `perry` stands for in the field `seccomp`. It is part of the library: no file and no
 * variable changes it. `docs/seccomp-perry.md` has it call by call.
 *
 * Returns: (transfer none): a JSON object in the format of Docker's and Podman's profiles
 *
 * Since: 0.1
 */
PERRY_API const char *perry_config_seccomp_perry (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryConfigPaths, perry_config_paths_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryConfigRow, perry_config_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryConfig, perry_config_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryVerifyRule, perry_verify_rule_free)

G_END_DECLS
