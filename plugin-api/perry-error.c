/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin-api/perry-error.h"

#include <gio/gio.h>

/* Not G_DEFINE_QUARK(): threads would race for its variable. */
GQuark
perry_error_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark, g_quark_from_static_string ("perry-error-quark"));
  return (GQuark) quark;
}

static const char *const error_names[] = {
  [PERRY_ERROR_FAILED] = "failed",
  [PERRY_ERROR_INVALID_ARGUMENT] = "invalid-argument",
  [PERRY_ERROR_INVALID_JSON] = "invalid-json",
  [PERRY_ERROR_INVALID_SPEC] = "invalid-spec",
  [PERRY_ERROR_INVALID_REFERENCE] = "invalid-reference",
  [PERRY_ERROR_INVALID_CONFIG] = "invalid-config",
  [PERRY_ERROR_NOT_AVAILABLE] = "not-available",
  [PERRY_ERROR_BACKEND_NOT_AVAILABLE] = "backend-not-available",
  [PERRY_ERROR_BACKEND_FAILED] = "backend-failed",
  [PERRY_ERROR_BACKEND_PROTOCOL] = "backend-protocol",
  [PERRY_ERROR_BACKEND_LOST] = "backend-lost",
  [PERRY_ERROR_CONTAINER_NOT_FOUND] = "container-not-found",
  [PERRY_ERROR_IMAGE_NOT_FOUND] = "image-not-found",
  [PERRY_ERROR_NETWORK_NOT_FOUND] = "network-not-found",
  [PERRY_ERROR_VOLUME_NOT_FOUND] = "volume-not-found",
  [PERRY_ERROR_NAME_IN_USE] = "name-in-use",
  [PERRY_ERROR_PORT_IN_USE] = "port-in-use",
  [PERRY_ERROR_CONFLICT] = "conflict",
  [PERRY_ERROR_PERMISSION_DENIED] = "permission-denied",
  [PERRY_ERROR_COMMAND_NOT_FOUND] = "command-not-found",
  [PERRY_ERROR_COMMAND_NOT_EXECUTABLE] = "command-not-executable",
  [PERRY_ERROR_UNSUPPORTED] = "unsupported",
  [PERRY_ERROR_ENFORCEMENT] = "enforcement",
  [PERRY_ERROR_PROOF_DIFFERS] = "proof-differs",
  [PERRY_ERROR_PROOF_MISSING] = "proof-missing",
  [PERRY_ERROR_TIMED_OUT] = "timed-out",
  [PERRY_ERROR_CANCELLED] = "cancelled",
  [PERRY_ERROR_LIMIT_EXCEEDED] = "limit-exceeded",
  [PERRY_ERROR_NOT_FOUND] = "not-found",
  [PERRY_ERROR_PROCESS_FAILED] = "process-failed",
  [PERRY_ERROR_PLUGIN_NOT_FOUND] = "plugin-not-found",
  [PERRY_ERROR_PLUGIN_UNSAFE] = "plugin-unsafe",
  [PERRY_ERROR_PLUGIN_NOT_A_FILE] = "plugin-not-a-file",
  [PERRY_ERROR_PLUGIN_BAD_NAME] = "plugin-bad-name",
  [PERRY_ERROR_PLUGIN_OPEN_FAILED] = "plugin-open-failed",
  [PERRY_ERROR_PLUGIN_NO_DESCRIPTOR] = "plugin-no-descriptor",
  [PERRY_ERROR_PLUGIN_WRONG_KIND] = "plugin-wrong-kind",
  [PERRY_ERROR_PLUGIN_API_MAJOR] = "plugin-api-major",
  [PERRY_ERROR_PLUGIN_API_MINOR] = "plugin-api-minor",
  [PERRY_ERROR_PLUGIN_TOO_SMALL] = "plugin-too-small",
  [PERRY_ERROR_PLUGIN_EMPTY_FIELD] = "plugin-empty-field",
  [PERRY_ERROR_PLUGIN_ID_MISMATCH] = "plugin-id-mismatch",
  [PERRY_ERROR_PLUGIN_DUPLICATE_ID] = "plugin-duplicate-id",
  [PERRY_ERROR_PLUGIN_DUPLICATE_CAPABILITY] = "plugin-duplicate-capability",
  [PERRY_ERROR_PLUGIN_MISSING_OPERATION] = "plugin-missing-operation",
  [PERRY_ERROR_PLUGIN_PATH_CHANGED] = "plugin-path-changed",
  [PERRY_ERROR_PLUGIN_SHARED_HANDLE] = "plugin-shared-handle",
  [PERRY_ERROR_PLUGIN_BAD_OPTION] = "plugin-bad-option",
  [PERRY_ERROR_PLUGIN_BAD_FIELD] = "plugin-bad-field",
  [PERRY_ERROR_REGISTRY_FAILED] = "registry-failed",
  [PERRY_ERROR_NOT_VERIFIED] = "not-verified",
};

const char *
perry_error_get_name (PerryError code)
{
  if ((guint) code >= G_N_ELEMENTS (error_names) || error_names[code] == NULL)
    return "unknown";
  return error_names[code];
}

static PerryError
code_for_io_error (int io_code, PerryError fallback)
{
  switch (io_code)
    {
    case G_IO_ERROR_CANCELLED:
      return PERRY_ERROR_CANCELLED;
    case G_IO_ERROR_TIMED_OUT:
      return PERRY_ERROR_TIMED_OUT;
    case G_IO_ERROR_PERMISSION_DENIED:
      return PERRY_ERROR_PERMISSION_DENIED;
    case G_IO_ERROR_NOT_FOUND:
      return PERRY_ERROR_NOT_FOUND;
    case G_IO_ERROR_CONNECTION_CLOSED:
    case G_IO_ERROR_PARTIAL_INPUT:
      return PERRY_ERROR_BACKEND_LOST;
    default:
      return fallback;
    }
}

GError *
perry_error_take_foreign (GError *foreign, PerryError fallback)
{
  GError *converted;

  g_return_val_if_fail (foreign != NULL, NULL);

  if (foreign->domain == PERRY_ERROR)
    return foreign;

  if (foreign->domain == G_IO_ERROR)
    fallback = code_for_io_error (foreign->code, fallback);
  converted = g_error_new_literal (PERRY_ERROR, fallback, foreign->message);
  g_error_free (foreign);
  return converted;
}

void
perry_error_propagate_foreign (GError **dest, GError *foreign, PerryError fallback, const char *format, ...)
{
  g_autofree char *prefix = NULL;
  GError *converted = perry_error_take_foreign (foreign, fallback);
  va_list args;

  va_start (args, format);
  prefix = g_strdup_vprintf (format, args);
  va_end (args);

  g_prefix_error (&converted, "%s: ", prefix);
  g_propagate_error (dest, converted);
}
