/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-backend.h"

#include "plugin-api/perry-image-reference.h"
#include "plugins/docker/docker-errors.h"
#include "plugins/docker/docker-report.h"
#include "plugins/http-client/perry-engine-pull.h"

/* An archive is unpacked before the reply; ten minutes are much for that and little for a stuck engine. */
#define LOAD_DEADLINE_MS (10 * 60 * 1000)

static PerryHttpReply *
call (PerryDocker *docker, PerryHttpRequest *request, const char *what, GCancellable *cancellable, GError **error)
{
  perry_http_request_set_deadline (request, docker->timeout_ms);
  return perry_http_client_call (docker->client, request, perry_docker_error_rules, what, cancellable, error);
}

PerryImageInfo *
perry_docker_image_inspect (gpointer backend, const char *reference, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = perry_http_request_new ("GET", docker->prefix, "images", reference, "json", NULL);
  g_autofree char *what = g_strdup_printf ("inspecting image %s", reference);
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryImageInfo *image = NULL;

  perry_http_request_want_json (request);
  reply = call (docker, request, what, cancellable, error);
  if (reply == NULL)
    return NULL;
  image = perry_docker_image_from_inspect (reply->json, error);
  if (image == NULL)
    g_prefix_error (error, "inspecting image %s: ", reference);
  return image;
}

GPtrArray *
perry_docker_image_list (gpointer backend, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = perry_http_request_new ("GET", docker->prefix, "images", "json", NULL);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_want_json (request);
  reply = call (docker, request, "listing images", cancellable, error);
  return reply != NULL ? perry_docker_images_from_list (reply->json, error) : NULL;
}

char **
perry_docker_image_load (gpointer backend, GInputStream *archive, GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = perry_http_request_new ("POST", docker->prefix, "images", "load", NULL);
  g_autoptr (PerryHttpReply) reply = NULL;
  g_autoptr (GPtrArray) lines = NULL;

  perry_http_request_add_query (request, "quiet", "1");
  perry_http_request_set_upload (request, "application/x-tar", archive);
  perry_http_request_set_deadline (request, LOAD_DEADLINE_MS);
  reply = perry_http_client_call (docker->client, request, perry_docker_error_rules, "loading an image", cancellable,
                                  error);
  lines = reply != NULL ? perry_http_reply_parse_lines (reply, error) : NULL;
  return lines != NULL ? perry_docker_images_from_load (lines, error) : NULL;
}

PerryEventIterator *
perry_docker_image_pull (gpointer backend, const char *reference, const char *platform, const char *credentials,
                         GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  PerryEnginePullDialect dialect = { docker->prefix, docker->timeout_ms, TRUE };

  return perry_engine_pull (docker->client, &dialect, reference, platform, credentials, cancellable, error);
}

gboolean
perry_docker_image_remove (gpointer backend, const char *reference, gboolean force, GCancellable *cancellable,
                           GError **error)
{
  PerryDocker *docker = backend;
  PerryHttpRequest *request = perry_http_request_new ("DELETE", docker->prefix, "images", reference, NULL);
  g_autofree char *what = g_strdup_printf ("removing image %s", reference);
  g_autoptr (PerryHttpReply) reply = NULL;

  perry_http_request_add_query (request, "force", force ? "1" : NULL);
  reply = call (docker, request, what, cancellable, error);
  return reply != NULL;
}

gboolean
perry_docker_image_tag (gpointer backend, const char *image, const char *reference, GCancellable *cancellable,
                        GError **error)
{
  PerryDocker *docker = backend;
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
  request = perry_http_request_new ("POST", docker->prefix, "images", image, "tag", NULL);
  perry_http_request_add_query (request, "repo", repository);
  perry_http_request_add_query (request, "tag", perry_image_reference_get_tag (parsed));
  reply = call (docker, request, what, cancellable, error);
  return reply != NULL;
}
