/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "perry-export.h"

G_BEGIN_DECLS

/**
 * PERRY_ERROR:
 *
 * The one error domain of perry-container. Errors of other domains are converted where they enter, see
 * perry_error_take_foreign().
 *
 * Since: 0.1
 */
#define PERRY_ERROR (perry_error_quark ())

/**
 * PerryError:
 * @PERRY_ERROR_FAILED: something failed that has no code of its own
 * @PERRY_ERROR_INVALID_ARGUMENT: a caller's argument or command-line option is wrong
 * @PERRY_ERROR_INVALID_JSON: a document is not strict JSON or exceeds a limit
 * @PERRY_ERROR_INVALID_SPEC: a container spec has one or more problems; the message lists all with their JSON path
 * @PERRY_ERROR_INVALID_REFERENCE: an image reference is malformed
 * @PERRY_ERROR_INVALID_CONFIG: a configuration file or variable is wrong; the message names file, group and key
 * @PERRY_ERROR_NOT_AVAILABLE: this version does not offer what was asked for
 * @PERRY_ERROR_BACKEND_NOT_AVAILABLE: no backend could be used; the message lists every candidate and why
 * @PERRY_ERROR_BACKEND_FAILED: the engine answered with an error that has no code of its own
 * @PERRY_ERROR_BACKEND_PROTOCOL: the engine's answer could not be understood or exceeded a limit
 * @PERRY_ERROR_BACKEND_LOST: the connection to the engine failed or was closed in the middle of an answer
 * @PERRY_ERROR_CONTAINER_NOT_FOUND: there is no such container
 * @PERRY_ERROR_IMAGE_NOT_FOUND: the engine, or the registry that was asked, does not have the image
 * @PERRY_ERROR_NETWORK_NOT_FOUND: there is no such network
 * @PERRY_ERROR_VOLUME_NOT_FOUND: there is no such volume
 * @PERRY_ERROR_NAME_IN_USE: another object has this name
 * @PERRY_ERROR_PORT_IN_USE: a port of the host that was to be published is taken
 * @PERRY_ERROR_CONFLICT: the object's state does not allow this (running, stopped, in use)
 * @PERRY_ERROR_PERMISSION_DENIED: access to a socket, file or operation was denied
 * @PERRY_ERROR_COMMAND_NOT_FOUND: the container's command does not exist in the image (exit code 127)
 * @PERRY_ERROR_COMMAND_NOT_EXECUTABLE: the container's command cannot be executed (exit code 126)
 * @PERRY_ERROR_UNSUPPORTED: the engine or this host cannot do what was asked for
 * @PERRY_ERROR_ENFORCEMENT: strict mode or `require` refused fields; the message lists all of them
 * @PERRY_ERROR_PROOF_DIFFERS: the created container is not what was asked for; it has been killed and removed
 * @PERRY_ERROR_PROOF_MISSING: proof was required and evidence is missing; the container has been removed
 * @PERRY_ERROR_TIMED_OUT: a deadline passed
 * @PERRY_ERROR_CANCELLED: the caller's cancellable was triggered
 * @PERRY_ERROR_LIMIT_EXCEEDED: input was larger than a documented limit
 * @PERRY_ERROR_NOT_FOUND: a file, program or other object does not exist
 * @PERRY_ERROR_PROCESS_FAILED: a helper program could not be started or failed
 * @PERRY_ERROR_PLUGIN_NOT_FOUND: no plugin has this id
 * @PERRY_ERROR_PLUGIN_UNSAFE: the plugin's file or a directory above it has the wrong owner or mode
 * @PERRY_ERROR_PLUGIN_NOT_A_FILE: the plugin is not a regular file (a symbolic link, a directory, a device)
 * @PERRY_ERROR_PLUGIN_BAD_NAME: the file name is not `<id>.so` with a valid id
 * @PERRY_ERROR_PLUGIN_OPEN_FAILED: the dynamic linker refused the file
 * @PERRY_ERROR_PLUGIN_NO_DESCRIPTOR: the symbol `perry_plugin_descriptor` is missing
 * @PERRY_ERROR_PLUGIN_WRONG_KIND: the plugin's kind is unknown or not the wanted one
 * @PERRY_ERROR_PLUGIN_API_MAJOR: the plugin was built for another major version of the plugin API
 * @PERRY_ERROR_PLUGIN_API_MINOR: the plugin needs a newer minor version of the plugin API
 * @PERRY_ERROR_PLUGIN_TOO_SMALL: a descriptor or operations struct is smaller than the minimum
 * @PERRY_ERROR_PLUGIN_EMPTY_FIELD: a mandatory string of the descriptor is missing or empty
 * @PERRY_ERROR_PLUGIN_ID_MISMATCH: the descriptor's id is not the file's name
 * @PERRY_ERROR_PLUGIN_DUPLICATE_ID: a plugin with this id was found earlier in the search path
 * @PERRY_ERROR_PLUGIN_DUPLICATE_CAPABILITY: a capability is declared twice
 * @PERRY_ERROR_PLUGIN_MISSING_OPERATION: a required operation is NULL
 * @PERRY_ERROR_PLUGIN_PATH_CHANGED: the file was replaced while it was being opened
 * @PERRY_ERROR_PLUGIN_SHARED_HANDLE: the dynamic linker gave the handle of another plugin
 * @PERRY_ERROR_PLUGIN_BAD_OPTION: the descriptor's option table is malformed
 * @PERRY_ERROR_PLUGIN_BAD_FIELD: a text of the descriptor is not printable UTF-8, or a value is out of its range
 * @PERRY_ERROR_REGISTRY_FAILED: a registry could not be reached, or its answer was an error or could not be believed
 * @PERRY_ERROR_NOT_VERIFIED: an image that has to be verified is not
 *
 * Codes a caller can branch on. A message says what was tried, on what, and what to do.
 *
 * Since: 0.1
 */
typedef enum {
  PERRY_ERROR_FAILED,
  PERRY_ERROR_INVALID_ARGUMENT,
  PERRY_ERROR_INVALID_JSON,
  PERRY_ERROR_INVALID_SPEC,
  PERRY_ERROR_INVALID_REFERENCE,
  PERRY_ERROR_INVALID_CONFIG,
  PERRY_ERROR_NOT_AVAILABLE,
  PERRY_ERROR_BACKEND_NOT_AVAILABLE,
  PERRY_ERROR_BACKEND_FAILED,
  PERRY_ERROR_BACKEND_PROTOCOL,
  PERRY_ERROR_BACKEND_LOST,
  PERRY_ERROR_CONTAINER_NOT_FOUND,
  PERRY_ERROR_IMAGE_NOT_FOUND,
  PERRY_ERROR_NETWORK_NOT_FOUND,
  PERRY_ERROR_VOLUME_NOT_FOUND,
  PERRY_ERROR_NAME_IN_USE,
  PERRY_ERROR_PORT_IN_USE,
  PERRY_ERROR_CONFLICT,
  PERRY_ERROR_PERMISSION_DENIED,
  PERRY_ERROR_COMMAND_NOT_FOUND,
  PERRY_ERROR_COMMAND_NOT_EXECUTABLE,
  PERRY_ERROR_UNSUPPORTED,
  PERRY_ERROR_ENFORCEMENT,
  PERRY_ERROR_PROOF_DIFFERS,
  PERRY_ERROR_PROOF_MISSING,
  PERRY_ERROR_TIMED_OUT,
  PERRY_ERROR_CANCELLED,
  PERRY_ERROR_LIMIT_EXCEEDED,
  PERRY_ERROR_NOT_FOUND,
  PERRY_ERROR_PROCESS_FAILED,
  PERRY_ERROR_PLUGIN_NOT_FOUND,
  PERRY_ERROR_PLUGIN_UNSAFE,
  PERRY_ERROR_PLUGIN_NOT_A_FILE,
  PERRY_ERROR_PLUGIN_BAD_NAME,
  PERRY_ERROR_PLUGIN_OPEN_FAILED,
  PERRY_ERROR_PLUGIN_NO_DESCRIPTOR,
  PERRY_ERROR_PLUGIN_WRONG_KIND,
  PERRY_ERROR_PLUGIN_API_MAJOR,
  PERRY_ERROR_PLUGIN_API_MINOR,
  PERRY_ERROR_PLUGIN_TOO_SMALL,
  PERRY_ERROR_PLUGIN_EMPTY_FIELD,
  PERRY_ERROR_PLUGIN_ID_MISMATCH,
  PERRY_ERROR_PLUGIN_DUPLICATE_ID,
  PERRY_ERROR_PLUGIN_DUPLICATE_CAPABILITY,
  PERRY_ERROR_PLUGIN_MISSING_OPERATION,
  PERRY_ERROR_PLUGIN_PATH_CHANGED,
  PERRY_ERROR_PLUGIN_SHARED_HANDLE,
  PERRY_ERROR_PLUGIN_BAD_OPTION,
  PERRY_ERROR_PLUGIN_BAD_FIELD,
  PERRY_ERROR_REGISTRY_FAILED,
  PERRY_ERROR_NOT_VERIFIED,
} PerryError;

PERRY_API GQuark perry_error_quark (void);

/**
 * perry_error_get_name:
 * @code: an error code
 *
 * Gets the stable name of @code, such as `proof-differs`, for reports and `perryctl plugins --format json`.
 *
 * Returns: (transfer none): the name; `unknown` for a value that is not a [enum@Perry.Error]
 *
 * Since: 0.1
 */
PERRY_API const char *perry_error_get_name (PerryError code);

/**
 * perry_error_take_foreign:
 * @foreign: (transfer full): an error of any domain
 * @fallback: the code to use where @foreign has no natural one
 *
 * Converts an error at the border: an error of %PERRY_ERROR is returned as it is; %G_IO_ERROR_CANCELLED,
 * %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_PERMISSION_DENIED and %G_IO_ERROR_NOT_FOUND become the codes of those names, a
 * broken connection becomes %PERRY_ERROR_BACKEND_LOST. The text is kept.
 *
 * Returns: (transfer full): an error of %PERRY_ERROR
 *
 * Since: 0.1
 */
PERRY_API GError *perry_error_take_foreign (GError *foreign, PerryError fallback);

/**
 * perry_error_propagate_foreign:
 * @dest: (out callee-allocates) (optional) (nullable): where to put the converted error
 * @foreign: (transfer full): an error of any domain
 * @fallback: the code to use where @foreign has no natural one
 * @format: a printf() format for a prefix, without the separating colon
 * @...: its arguments
 *
 * Converts @foreign as perry_error_take_foreign() does, prefixes it with what was tried, and puts it into @dest.
 *
 * Since: 0.1
 */
PERRY_API void perry_error_propagate_foreign (GError **dest, GError *foreign, PerryError fallback,
                                              const char *format, ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
