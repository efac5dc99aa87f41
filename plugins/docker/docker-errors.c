/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-errors.h"

#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-engine-failure.h"
#include "plugins/http-client/perry-engine-mounts.h"
#include "plugins/http-client/perry-engine-ports.h"

const PerryHttpErrorRule perry_docker_error_rules[] = {
  { 404, "no such container", PERRY_ERROR_CONTAINER_NOT_FOUND },
  { 404, "no such image", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 404, "does not match the specified platform", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 404, "does not provide the specified platform", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 404, "no such volume", PERRY_ERROR_VOLUME_NOT_FOUND },
  { 404, "plugin \"", PERRY_ERROR_UNSUPPORTED },
  { 404, "network", PERRY_ERROR_NETWORK_NOT_FOUND },
  { 409, "is already in use by container", PERRY_ERROR_NAME_IN_USE },
  { 409, "network with name", PERRY_ERROR_NAME_IN_USE },
  { 409, NULL, PERRY_ERROR_CONFLICT },
  { 401, NULL, PERRY_ERROR_PERMISSION_DENIED },
  { 0, "pool overlaps with other one", PERRY_ERROR_CONFLICT },
  { 403, "has active endpoints", PERRY_ERROR_CONFLICT },
  { 403, "pre-defined network", PERRY_ERROR_CONFLICT },
  { 403, "already exists in network", PERRY_ERROR_CONFLICT },
  { 0, "is not connected to network", PERRY_ERROR_CONFLICT },
  { 403, NULL, PERRY_ERROR_PERMISSION_DENIED },
  { 400, "invalid container name", PERRY_ERROR_INVALID_SPEC },
  { 400, "invalid option", PERRY_ERROR_UNSUPPORTED },
  { 400, "invalid reference format", PERRY_ERROR_INVALID_REFERENCE },
  { 400, "bind source path does not exist", PERRY_ERROR_INVALID_SPEC },
  { 400, "client version", PERRY_ERROR_BACKEND_PROTOCOL },
  { 400, "unknown or invalid capability", PERRY_ERROR_UNSUPPORTED },
  { 500, "unable to apply caps", PERRY_ERROR_UNSUPPORTED },
  { 500, "cannot run a custom seccomp profile", PERRY_ERROR_UNSUPPORTED },
  { 500, "decoding seccomp profile failed", PERRY_ERROR_INVALID_SPEC },
  { 0, "unable to find user", PERRY_ERROR_INVALID_SPEC },
  { 0, "unable to find group", PERRY_ERROR_INVALID_SPEC },
  { 0, "no matching entries in", PERRY_ERROR_INVALID_SPEC },
  { 0, NULL, PERRY_ERROR_BACKEND_FAILED },
};

void
perry_docker_classify_start_error (GError *error)
{
  if (g_error_matches (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED))
    {
      perry_engine_failure_classify (error);
      perry_engine_explain_port_failure (error);
      perry_engine_explain_mount_failure (error);
    }
}

gboolean
perry_docker_warning_is_loss (const char *warning)
{
  static const char *const marks[] = { "discarded", "not support", "ignored" };

  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++)
    if (strstr (warning, marks[i]) != NULL)
      return TRUE;
  return FALSE;
}

char **
perry_docker_warnings_dup (JsonNode *reply)
{
  g_autoptr (GStrvBuilder) losses = g_strv_builder_new ();
  g_auto (GStrv) warnings = NULL;

  perry_json_read_strv (perry_json_as_object (reply), "Warnings", &warnings);
  for (char **warning = warnings; warning != NULL && *warning != NULL; warning++)
    if (perry_docker_warning_is_loss (*warning))
      g_strv_builder_add (losses, *warning);
  return g_strv_builder_end (losses);
}

gboolean
perry_docker_error_is_removal_in_progress (const GError *error)
{
  return g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CONFLICT)
         && strstr (error->message, "is already in progress") != NULL;
}
