/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/podman/podman-backend.h"

#include "plugin-api/perry-image-reference.h"
#include "plugins/http-client/perry-engine-pull.h"
#include "plugins/podman/podman-report.h"

/* An archive is unpacked before the reply; ten minutes are much for that and little for a stuck engine. */
#define LOAD_DEADLINE_MS (10 * 60 * 1000)
/* libpod's own pull is silent on Podman 4 for as long as a layer takes, and a registry that hangs looks the same. Through
 * Docker's API every version tells each second how far it is. */
#define COMPATIBLE_PREFIX "/v1.41"

PerryImageInfo *
perry_podman_image_inspect (gpointer backend, const char *reference, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request = perry_podman_request_new (podman, "GET", "images", reference, "json");
  g_autofree char *what = g_strdup_printf ("inspecting image %s", reference);
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryImageInfo *image = NULL;

  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, what, cancellable, error);
  if (reply == NULL)
    return NULL;
  image = perry_podman_image_from_inspect (reply->json, error);
  if (image == NULL)
    g_prefix_error (error, "inspecting image %s: ", reference);
  return image;
}

GPtrArray *
perry_podman_image_list (gpointer backend, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request = perry_podman_request_new (podman, "GET", "images", NULL, "json");
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, "listing images", cancellable, error);
  return reply != NULL ? perry_podman_images_from_list (reply->json, error) : NULL;
}

char **
perry_podman_image_load (gpointer backend, GInputStream *archive, GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request = perry_podman_request_new (podman, "POST", "images", NULL, "load");
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_set_upload (request, "application/x-tar", archive);
  perry_http_request_set_deadline (request, LOAD_DEADLINE_MS);
  perry_http_request_want_json (request);
  reply = perry_podman_call (podman, request, "loading an image", cancellable, error);
  return reply != NULL ? perry_podman_images_from_load (reply->json, error) : NULL;
}

PerryEventIterator *
perry_podman_image_pull (gpointer backend, const char *reference, const char *platform, const char *credentials,
                         GCancellable *cancellable, GError **error)
{
  PerryPodman *podman = backend;
  PerryEnginePullDialect dialect = { COMPATIBLE_PREFIX, podman->timeout_ms, FALSE };
  PerryEventIterator *pull;
  GError *local_error = NULL;

  if (!perry_podman_ensure_service (podman, cancellable, error))
    return NULL;
  pull = perry_engine_pull (podman->client, &dialect, reference, platform, credentials, cancellable, &local_error);
  if (pull != NULL)
    return pull;
  if (podman->service != NULL
      && (local_error->code == PERRY_ERROR_BACKEND_LOST || local_error->code == PERRY_ERROR_NOT_FOUND))
    perry_podman_service_forget (podman->service);
  g_propagate_error (error, local_error);
  return NULL;
}

gboolean
perry_podman_image_remove (gpointer backend, const char *reference, gboolean force, GCancellable *cancellable,
                           GError **error)
{
  PerryPodman *podman = backend;
  PerryHttpRequest *request = perry_podman_request_new (podman, "DELETE", "images", reference, NULL);
  g_autofree char *what = g_strdup_printf ("removing image %s", reference);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_add_query (request, "force", force ? "true" : NULL);
  reply = perry_podman_call (podman, request, what, cancellable, error);
  return reply != NULL;
}

gboolean
perry_podman_image_tag (gpointer backend, const char *image, const char *reference, GCancellable *cancellable,
                        GError **error)
{
  PerryPodman *podman = backend;
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, error);
  g_autofree char *what = g_strdup_printf ("tagging image %s", image);
  g_autofree char *repository = NULL;
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryHttpRequest *request;

  if (parsed == NULL)
    return FALSE;
  if (perry_image_reference_get_tag (parsed) == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE, "%s: %s has no tag", what, reference);
      return FALSE;
    }
  repository = g_strdup_printf ("%s/%s", perry_image_reference_get_registry (parsed),
                                perry_image_reference_get_repository (parsed));
  request = perry_podman_request_new (podman, "POST", "images", image, "tag");
  perry_http_request_add_query (request, "repo", repository);
  perry_http_request_add_query (request, "tag", perry_image_reference_get_tag (parsed));
  reply = perry_podman_call (podman, request, what, cancellable, error);
  return reply != NULL;
}
