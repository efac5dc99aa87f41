/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/docker/docker-backend.h"

#include "plugin-api/perry-image-reference.h"
#include "plugins/docker/docker-errors.h"
#include "plugins/docker/docker-report.h"
#include "plugins/docker/docker-version.h"
#include "plugins/http-client/perry-engine-pull.h"

/* An archive is unpacked before the reply; ten minutes are much for that and little for a stuck engine. */
#define LOAD_DEADLINE_MS (10 * 60 * 1000)

static PerryHttpReply *
call (PerryDocker *docker, PerryHttpRequest *request, const char *what, GCancellable *cancellable, GError **error)
{
  perry_http_request_set_deadline (request, docker->timeout_ms);
  return perry_http_client_call (docker->client, request, perry_docker_error_rules, what, cancellable, error);
}

/* @platform may be NULL. */
static PerryImageInfo *
inspect (PerryDocker *docker, const char *reference, JsonNode *platform, GCancellable *cancellable, GError **error)
{
  PerryHttpRequest *request = perry_http_request_new ("GET", docker->prefix, "images", reference, "json", NULL);
  g_autofree char *what = g_strdup_printf ("inspecting image %s", reference);
  g_autoptr (PerryHttpReply) reply = NULL;
  PerryImageInfo *image = NULL;

  if (platform != NULL)
    perry_http_request_add_query_json (request, "platform", platform);
  perry_http_request_want_json (request);
  reply = call (docker, request, what, cancellable, error);
  if (reply == NULL)
    return NULL;
  image = perry_docker_image_from_inspect (reply->json, error);
  if (image == NULL)
    g_prefix_error (error, "inspecting image %s: ", reference);
  return image;
}

PerryImageInfo *
perry_docker_image_inspect (gpointer backend, const char *reference, GCancellable *cancellable, GError **error)
{
  return inspect (backend, reference, NULL, cancellable, error);
}

static JsonNode *
platform_to_json (char **parts)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "os");
  json_builder_add_string_value (builder, parts[0]);
  json_builder_set_member_name (builder, "architecture");
  json_builder_add_string_value (builder, parts[1]);
  if (parts[2] != NULL)
    {
      json_builder_set_member_name (builder, "variant");
      json_builder_add_string_value (builder, parts[2]);
    }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* containerd's store gives the image for a platform an id that no container can be created from, so it keeps that of its
 * name. */
PerryImageInfo *
perry_docker_image_inspect_platform (gpointer backend, const char *reference, const char *platform,
                                     GCancellable *cancellable, GError **error)
{
  PerryDocker *docker = backend;
  g_auto (GStrv) parts = g_strsplit (platform, "/", 3);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (PerryImageInfo) image = NULL;
  g_autoptr (PerryImageInfo) named = NULL;

  if (perry_docker_version_minor (docker->api_version) < PERRY_DOCKER_INSPECT_PLATFORM_MINOR || g_strv_length (parts) < 2)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND,
                   "inspecting image %s: this Docker cannot be asked for the platform %s", reference, platform);
      return NULL;
    }
  node = platform_to_json (parts);
  image = inspect (docker, reference, node, cancellable, error);
  named = image != NULL ? inspect (docker, reference, NULL, cancellable, error) : NULL;
  if (named == NULL)
    return NULL;
  g_free (image->id);
  image->id = g_steal_pointer (&named->id);
  return g_steal_pointer (&image);
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
