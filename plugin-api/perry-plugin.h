/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plugin-api/perry-backend.h"
#include "plugin-api/perry-requirement.h"
#include "plugin-api/perry-verification.h"

G_BEGIN_DECLS

/**
 * PERRY_PLUGIN_API_MAJOR: (skip)
 *
 * The plugin interface's major version. 0 until a backend built outside this tree has passed the conformance kit; while
 * it is 0, a plugin has to have been built for the same minor version or an older one that the core still reads.
 */
#define PERRY_PLUGIN_API_MAJOR 0

/**
 * PERRY_PLUGIN_API_MINOR: (skip)
 *
 * The plugin interface's minor version.
 */
#define PERRY_PLUGIN_API_MINOR 2

/**
 * PERRY_PLUGIN_SYMBOL: (skip)
 *
 * The one symbol that a plugin exports.
 */
#define PERRY_PLUGIN_SYMBOL "perry_plugin_descriptor"

/**
 * PerryPluginKind: (skip)
 * @PERRY_PLUGIN_BACKEND: runs containers
 * @PERRY_PLUGIN_VERIFIER: verifies images
 *
 * What a plugin is.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_PLUGIN_BACKEND = 1,
  PERRY_PLUGIN_VERIFIER = 2,
} PerryPluginKind;

/**
 * PerryPluginOption: (skip)
 * @name: the key in the plugin's group of perry.conf
 * @type: a GVariant type string: `s`, `b`, `x` or `as`
 * @default_value: the default in GVariant text format, such as `''` or `60`
 * @help: one line of help
 *
 * A row of a plugin's option table, which ends with a row whose name is %NULL.
 *
 * Since: 0.1
 */
typedef struct {
  const char *name;
  const char *type;
  const char *default_value;
  const char *help;
} PerryPluginOption;

/**
 * PerryVerifierOps: (skip)
 * @struct_size: `sizeof (PerryVerifierOps)` of the plugin
 * @open: prepares a verifier with a value for every row of the option table (`a{sv}`); it is not an error here that a
 *   program is missing
 * @close: frees it
 * @describe: its version, the programs it uses and the content of its trust root as one line of text, for the cache's
 *   key: an answer that was kept counts as long as this stays the same. %PERRY_ERROR_NOT_FOUND where a program is
 *   missing, %PERRY_ERROR_INVALID_CONFIG where a trust root is missing or cannot be read
 * @verify: takes a reference that names a registry (`registry/repository`, with or without tag), the digest `sha256:…`,
 *   the requirement as the JSON object that perry_requirement_from_node() reads and a deadline in milliseconds; gives a
 *   verdict. What went wrong while it asked is a verdict, %PERRY_VERIFICATION_ERROR with its reason; %NULL and an error
 *   are for arguments that it cannot take (%PERRY_ERROR_INVALID_ARGUMENT) and for %PERRY_ERROR_CANCELLED. It writes
 *   nothing to disk
 * @keep: (nullable): writes to disk what it has learned meanwhile and other processes can use, never a verdict. It follows
 *   @verify, except where nothing may be changed, as in a plan; what cannot be written is no error
 *
 * What a verifier plugin does. Synchronous; called from any thread, for one verifier from several at once.
 *
 * Since: 0.1
 */
typedef struct {
  gsize struct_size;
  gpointer (*open) (GVariant *options, GCancellable *cancellable, GError **error);
  void (*close) (gpointer verifier);
  char *(*describe) (gpointer verifier, GCancellable *cancellable, GError **error);
  PerryVerification *(*verify) (gpointer verifier, const char *reference, const char *digest, JsonNode *requirement,
                           int timeout_ms, GCancellable *cancellable, GError **error);
  void (*keep) (gpointer verifier);
} PerryVerifierOps;

/**
 * PerryPluginDescriptor: (skip)
 * @struct_size: `sizeof (PerryPluginDescriptor)` of the plugin
 * @api_major: %PERRY_PLUGIN_API_MAJOR of the plugin's build
 * @api_minor: %PERRY_PLUGIN_API_MINOR of the plugin's build
 * @kind: what it is
 * @id: lower-case letters, digits and `-`, equal to the file's name without `.so`
 * @version: the plugin's version
 * @licence: an SPDX expression
 * @summary: one line for people
 * @capabilities: (nullable): the static matrix; mandatory for a backend
 * @options: (nullable): the option table
 * @ops: a #PerryBackendOps or a #PerryVerifierOps
 *
 * What a plugin exports as `const PerryPluginDescriptor perry_plugin_descriptor`. The first five members are never moved.
 *
 * Since: 0.1
 */
typedef struct {
  gsize struct_size;
  guint32 api_major;
  guint32 api_minor;
  guint32 kind;
  const char *id;
  const char *version;
  const char *licence;
  const char *summary;
  const PerryCapabilityRow *capabilities;
  const PerryPluginOption *options;
  gconstpointer ops;
} PerryPluginDescriptor;

/**
 * PERRY_PLUGIN_EXPORT: (skip)
 *
 * Marks the descriptor as the exported symbol.
 */
#define PERRY_PLUGIN_EXPORT __attribute__ ((visibility ("default"))) extern

PERRY_PLUGIN_EXPORT const PerryPluginDescriptor perry_plugin_descriptor;

G_END_DECLS
