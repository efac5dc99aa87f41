/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-errors.h"

#include <string.h>

#include "plugins/http-client/perry-engine-failure.h"
#include "plugins/http-client/perry-engine-ports.h"

const PerryHttpErrorRule perry_podman_error_rules[] = {
  { 0, "no such container", PERRY_ERROR_CONTAINER_NOT_FOUND },
  { 0, "image not known", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 0, "no such image", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 0, "image is in use", PERRY_ERROR_CONFLICT },
  { 0, "is already in use", PERRY_ERROR_NAME_IN_USE },
  { 0, "container state improper", PERRY_ERROR_CONFLICT },
  { 0, "network not found", PERRY_ERROR_NETWORK_NOT_FOUND },
  { 0, "network already exists", PERRY_ERROR_NAME_IN_USE },
  { 0, "network is being used", PERRY_ERROR_CONFLICT },
  { 0, "network is already connected", PERRY_ERROR_CONFLICT },
  { 0, "is not connected to network", PERRY_ERROR_CONFLICT },
  { 0, "is already used on the host or by another config", PERRY_ERROR_CONFLICT },
  { 0, "cannot be removed", PERRY_ERROR_CONFLICT },
  { 0, "unsupported bridge network option", PERRY_ERROR_UNSUPPORTED },
  { 0, "unsupported driver", PERRY_ERROR_UNSUPPORTED },
  { 0, "volume already exists", PERRY_ERROR_NAME_IN_USE },
  { 0, "volume is being used", PERRY_ERROR_CONFLICT },
  { 0, "no such volume", PERRY_ERROR_VOLUME_NOT_FOUND },
  { 0, "required plugin missing", PERRY_ERROR_UNSUPPORTED },
  { 0, "requested oci runtime", PERRY_ERROR_UNSUPPORTED },
  { 0, "apparmor is not enabled", PERRY_ERROR_UNSUPPORTED },
  { 0, "unknown capability", PERRY_ERROR_UNSUPPORTED },
  { 0, "invalid mount option", PERRY_ERROR_UNSUPPORTED },
  { 0, "opening seccomp profile failed", PERRY_ERROR_INVALID_SPEC },
  { 0, "loading seccomp profile", PERRY_ERROR_INVALID_SPEC },
  { 0, "unable to find user", PERRY_ERROR_INVALID_SPEC },
  { 0, "unable to find group", PERRY_ERROR_INVALID_SPEC },
  { 0, "no matching entries in", PERRY_ERROR_INVALID_SPEC },
  { 500, "statfs ", PERRY_ERROR_INVALID_SPEC },
  { 409, NULL, PERRY_ERROR_CONFLICT },
  { 401, NULL, PERRY_ERROR_PERMISSION_DENIED },
  { 403, NULL, PERRY_ERROR_PERMISSION_DENIED },
  { 0, NULL, PERRY_ERROR_BACKEND_FAILED },
};

gboolean
perry_podman_error_is_end_meanwhile (const GError *error)
{
  return g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CONFLICT) &&
         strstr (error->message, "could not be stopped") != NULL && strstr (error->message, "state improper") != NULL;
}

void
perry_podman_classify_start_error (GError *error)
{
  /* Podman 4 answers an attach that could not make the container's first process with 409, as if its state were wrong. */
  if (g_error_matches (error, PERRY_ERROR, PERRY_ERROR_BACKEND_FAILED)
      || g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CONFLICT))
    {
      perry_engine_failure_classify (error);
      perry_engine_explain_port_failure (error);
    }
}
