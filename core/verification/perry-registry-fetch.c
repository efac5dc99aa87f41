/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-registry-fetch.h"

#include <string.h>

#include "core/verification/perry-registry-digest.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-json.h"

#define MAX_REDIRECTS 5

void
perry_registry_visit_clear (PerryRegistryVisit *visit)
{
  g_clear_pointer (&visit->credentials_origin, g_free);
}

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Where a redirect leads to. */
static char *
follow (const char *from, const PerryRegistryHttpReply *reply, guint n_followed, GError **error)
{
  g_autofree char *target = NULL;

  if (n_followed == MAX_REDIRECTS)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "it redirects more than %d times", MAX_REDIRECTS);
      return NULL;
    }
  if (reply->location != NULL)
    target = g_uri_resolve_relative (from, reply->location, G_URI_FLAGS_ENCODED, NULL);
  if (target == NULL)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "it redirects (status %u) to no address",
                   reply->status);
      return NULL;
    }
  if (!perry_registry_uri_check (target, from, "the address that it redirects to", error))
    return NULL;
  return g_steal_pointer (&target);
}

/* Sends a request and goes on where it is redirected to. What is for the registry is not shown to anybody else, not even
 * to the registry itself at an address that somebody else has named, and a challenge of another server is dropped. */
static PerryRegistryHttpReply *
send_and_follow (PerryRegistryVisit *visit, const PerryRegistryHttpRequest *request, GError **error)
{
  g_autofree char *uri = g_strdup (request->uri);
  gboolean at_home = TRUE;

  for (guint n_followed = 0;; n_followed++)
    {
      PerryRegistryHttpRequest hop = *request;
      g_autoptr (PerryRegistryHttpReply) reply = NULL;
      char *next;

      at_home = at_home && perry_registry_uri_same_origin (uri, request->uri);
      hop.uri = uri;
      hop.authorization = at_home ? request->authorization : NULL;
      reply = perry_registry_http_send (visit->http, &hop, visit->cancellable, error);
      if (reply == NULL)
        return NULL;
      if (!at_home)
        g_clear_pointer (&reply->challenge, g_free);
      if (!is_redirect (reply->status))
        return g_steal_pointer (&reply);
      next = follow (uri, reply, n_followed, error);
      if (next == NULL)
        return NULL;
      g_free (uri);
      uri = next;
    }
}

/* What to come back with after a refusal: what another thread has obtained meanwhile, or something new. */
static char *
renew_authorization (PerryRegistryVisit *visit, const char *refused, const char *challenge, GError **error)
{
  char *kept;

  perry_registry_visit_forget_authorization (visit, refused);
  kept = perry_registry_visit_dup_authorization (visit);
  return kept != NULL ? kept : perry_registry_visit_authorize (visit, challenge, error);
}

PerryRegistryHttpReply *
perry_registry_visit_fetch (PerryRegistryVisit *visit, const char *method, const char *path, const char *accept,
                            GError **error)
{
  g_autofree char *uri = g_strconcat (visit->endpoint->base, visit->repository, "/", path, NULL);
  char *authorization = perry_registry_visit_dup_authorization (visit);
  PerryRegistryHttpRequest request = { .method = method, .uri = uri, .accept = accept, .authorization = authorization,
                                       .max_body = PERRY_REGISTRY_MAX_MANIFEST };
  PerryRegistryHttpReply *reply = send_and_follow (visit, &request, error);

  if (reply != NULL && reply->status == 401 && reply->challenge != NULL)
    {
      g_autoptr (PerryRegistryHttpReply) refusal = g_steal_pointer (&reply);
      char *renewed = renew_authorization (visit, authorization, refusal->challenge, error);

      perry_registry_secret_free (authorization);
      authorization = renewed;
      request.authorization = authorization;
      if (authorization != NULL)
        reply = send_and_follow (visit, &request, error);
      if (reply != NULL && reply->status == 401)
        perry_registry_visit_forget_authorization (visit, authorization);
    }
  perry_registry_secret_free (authorization);
  if (reply == NULL)
    g_prefix_error (error, "%s %s: ", method, path);
  return reply;
}

/* The registry's own words: `: MANIFEST_UNKNOWN: manifest unknown`, or nothing. */
static char *
quote_reply (const PerryRegistryHttpReply *reply)
{
  g_autoptr (JsonNode) root = perry_json_parse_bytes (reply->body, NULL, NULL);
  JsonArray *errors = NULL;
  const char *code = NULL, *message = NULL;
  g_autofree char *words = NULL;
  g_autofree char *clean = NULL;

  if (perry_json_read_array (perry_json_as_object (root), "errors", &errors) && json_array_get_length (errors) > 0)
    {
      JsonObject *first = perry_json_as_object (json_array_get_element (errors, 0));

      perry_json_read_string (first, "code", &code);
      perry_json_read_string (first, "message", &message);
    }
  if (code == NULL && message == NULL)
    return g_strdup ("");
  words = g_strjoin (": ", code != NULL ? code : message, code != NULL ? message : NULL, NULL);
  clean = perry_registry_text_for_message (words);
  return g_strconcat (": ", clean, NULL);
}

gboolean
perry_registry_visit_check (const PerryRegistryVisit *visit, const PerryRegistryHttpReply *reply, GError **error)
{
  g_autofree char *words = NULL;

  if (reply->status == 200)
    return TRUE;
  words = quote_reply (reply);
  if (reply->status == 404)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND, "there is no such image%s", words);
  else if (reply->status == 401 || reply->status == 403)
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED,
                 "access is refused to %s (status %u)%s; the repository does not exist, or needs a login that may read it",
                 visit->credentials_origin != NULL ? visit->credentials_origin : "somebody without credentials",
                 reply->status, words);
  else if (reply->status == 429)
    {
      g_autofree char *wait = reply->retry_after != NULL ? perry_registry_text_for_message (reply->retry_after) : NULL;

      g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED,
                   "the registry has had too many requests (status 429)%s; try again later%s%s%s, or log in", words,
                   wait != NULL ? " (Retry-After: " : "", wait != NULL ? wait : "", wait != NULL ? ")" : "");
    }
  else
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "the registry answered with status %u%s", reply->status,
                 words);
  return FALSE;
}

/* A digest that the registry says, if it does, has to be that of the body. */
static gboolean
check_body (const PerryRegistryHttpReply *reply, const char *digest, char **ret_digest, GError **error)
{
  const char *said = reply->digest;

  if (said != NULL && !perry_registry_digest_is_valid (said))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "its Docker-Content-Digest is no digest");
      return FALSE;
    }
  if ((digest != NULL && !perry_registry_digest_check (reply->body, digest, error))
      || (said != NULL && !perry_registry_digest_check (reply->body, said, error)))
    return FALSE;
  *ret_digest = digest != NULL ? g_strdup (digest) : perry_registry_digest_compute (reply->body, said);
  return TRUE;
}

PerryRegistryManifest *
perry_registry_visit_fetch_manifest (PerryRegistryVisit *visit, const char *name, const char *digest, char **ret_digest,
                                     GError **error)
{
  g_autofree char *path = g_strconcat ("manifests/", name, NULL);
  g_autoptr (PerryRegistryHttpReply) reply = NULL;
  g_autofree char *found = NULL;
  PerryRegistryManifest *manifest = NULL;

  reply = perry_registry_visit_fetch (visit, "GET", path, PERRY_REGISTRY_ACCEPT_MANIFEST, error);
  if (reply == NULL)
    return NULL;
  if (perry_registry_visit_check (visit, reply, error) && check_body (reply, digest, &found, error))
    manifest = perry_registry_manifest_parse (reply->body, reply->content_type, error);
  if (manifest == NULL)
    g_prefix_error (error, "GET %s: ", path);
  else if (ret_digest != NULL)
    *ret_digest = g_steal_pointer (&found);
  return manifest;
}
