/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-backend.h"
#include "plugins/podman/podman-errors.h"

PerryHttpRequest *
perry_podman_request_new (PerryPodman *podman, const char *method, const char *collection, const char *id,
                          const char *verb)
{
  const char *last = id != NULL ? verb : NULL;
  const char *middle = id != NULL ? id : verb;
  PerryHttpRequest *request = perry_http_request_new (method, PERRY_PODMAN_PREFIX, collection, middle, last, NULL);

  perry_http_request_set_deadline (request, podman->timeout_ms);
  return request;
}

gboolean
perry_podman_ensure_service (PerryPodman *podman, GCancellable *cancellable, GError **error)
{
  gboolean is_new = FALSE;

  if (podman->service == NULL)
    return TRUE;
  if (!perry_podman_service_ensure (podman->service, podman->client, podman->start_timeout_ms, &is_new, cancellable,
                                    error))
    return FALSE;
  if (is_new)
    {
      g_mutex_lock (&podman->lock);
      podman->host_known = FALSE;
      g_mutex_unlock (&podman->lock);
    }
  return TRUE;
}

PerryHttpReply *
perry_podman_call (PerryPodman *podman, PerryHttpRequest *request, const char *what, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (GError) local_error = NULL;
  PerryHttpReply *reply;

  if (!perry_podman_ensure_service (podman, cancellable, error))
    {
      perry_http_request_free (request);
      return NULL;
    }
  reply = perry_http_client_call (podman->client, request, perry_podman_error_rules, what, cancellable, &local_error);
  if (reply != NULL)
    return reply;
  if (podman->service != NULL
      && (local_error->code == PERRY_ERROR_BACKEND_LOST || local_error->code == PERRY_ERROR_NOT_FOUND))
    perry_podman_service_forget (podman->service);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}
