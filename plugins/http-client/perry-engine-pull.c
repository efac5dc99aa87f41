/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/http-client/perry-engine-pull.h"

#include <string.h>

#include "plugin-api/perry-image-reference.h"
#include "plugin-api/perry-json.h"
#include "plugins/http-client/perry-http-reply-private.h"
#include "plugins/http-client/perry-json-lines.h"

#define BUFFER_SIZE (16 * 1024)
#define MAX_LINE (256 * 1024)
/* Docker writes ten lines a second for each of at most a few layers at once; that is many hours. */
#define MAX_LINES 4000000
#define DIGEST_PREFIX "Digest: "

typedef struct {
  PerryEventIterator public;
  PerryHttpBody *body;
  PerryJsonLines lines;
  char *reference;
  char *digest;
  gboolean tells_digest;
  gboolean has_spoken;
  gboolean ended;
  gboolean failed;
  const char *data;
  gsize size;
  char buffer[BUFFER_SIZE];
} Pull;

/* What registries say, in the words of Docker's and Podman's clients of them. An engine passes most of it on with a status
 * of its own, or in the stream. */
static const PerryHttpErrorRule rules[] = {
  { 0, "no basic auth credentials", PERRY_ERROR_PERMISSION_DENIED },
  { 0, "manifest unknown", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 0, "name unknown", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 0, "no matching manifest", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 0, "no image found in", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 0, "no match for platform", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 0, "does not match the specified platform", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 0, "repository does not exist", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 0, "requested access to the resource is denied", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 0, "unauthorized", PERRY_ERROR_PERMISSION_DENIED },
  { 0, "authentication required", PERRY_ERROR_PERMISSION_DENIED },
  { 0, "invalid reference format", PERRY_ERROR_INVALID_REFERENCE },
  { 0, "cannot overwrite digest", PERRY_ERROR_CONFLICT },
  { 0, ": not found", PERRY_ERROR_IMAGE_NOT_FOUND },
  { 404, NULL, PERRY_ERROR_IMAGE_NOT_FOUND },
  { 401, NULL, PERRY_ERROR_PERMISSION_DENIED },
  { 403, NULL, PERRY_ERROR_PERMISSION_DENIED },
  { 0, NULL, PERRY_ERROR_BACKEND_FAILED },
};

static gboolean
says_any (const char *message, const char *const *texts)
{
  g_autofree char *lower = g_ascii_strdown (message, -1);

  for (; *texts != NULL; texts++)
    if (strstr (lower, *texts) != NULL)
      return TRUE;
  return FALSE;
}

static char *
make_advice (const GError *error, const char *registry)
{
  static const char *const platforms[] = { "no matching manifest", "no image found in", "match for platform",
                                           "match the specified platform", NULL };
  static const char *const networks[] = { "dial tcp", "connection refused", "no such host", "i/o timeout",
                                          "network is unreachable", "x509", "tls", "http response to https client",
                                          NULL };

  if (error->code == PERRY_ERROR_PERMISSION_DENIED)
    return g_strdup_printf ("log in with `docker login %s` or `podman login %s`", registry, registry);
  if (error->code == PERRY_ERROR_IMAGE_NOT_FOUND && says_any (error->message, platforms))
    return g_strdup ("the image is there, but not for this platform: ask for another one, or for none");
  if (error->code == PERRY_ERROR_IMAGE_NOT_FOUND)
    return g_strdup_printf ("check the name; if the repository is private, log in to %s first", registry);
  if (error->code == PERRY_ERROR_CONFLICT)
    return g_strdup ("the engine has another platform's image under this digest and keeps one only: remove that one, or "
                     "pull the platform's own digest");
  if (error->code == PERRY_ERROR_BACKEND_FAILED && says_any (error->message, networks))
    return g_strdup_printf ("the engine cannot talk to the registry %s: check that it is up, its name, and that the "
                            "engine trusts it", registry);
  return NULL;
}

/* Says what to do about what the engine or its registry has said. */
static void
explain (GError *error, const char *reference)
{
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, NULL);
  const char *registry = parsed != NULL ? perry_image_reference_get_registry (parsed) : NULL;
  g_autofree char *advice = registry != NULL ? make_advice (error, registry) : NULL;
  g_autofree char *message = NULL;

  if (advice == NULL)
    return;
  message = g_strdup_printf ("%s; %s", error->message, advice);
  g_free (error->message);
  error->message = g_steal_pointer (&message);
}

void
perry_engine_pull_set_error (GError **error, const char *reference, guint status, const char *message)
{
  g_autofree char *what = g_strdup_printf ("pulling %s", reference);
  g_autofree char *tidy = perry_http_reply_tidy_message (message);
  PerryHttpReply reply = { .status = status, .message = tidy };
  GError *local_error = NULL;

  perry_http_reply_check (&reply, rules, what, &local_error);
  explain (local_error, reference);
  g_propagate_error (error, local_error);
}

static gboolean
is_digest (const char *text)
{
  g_autofree char *reference = g_strconcat ("x@", text, NULL);
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, NULL);

  return parsed != NULL && g_strcmp0 (perry_image_reference_get_digest (parsed), text) == 0;
}

char *
perry_engine_pull_dup_digest (JsonObject *line)
{
  const char *status = NULL;

  if (!perry_json_read_string (line, "status", &status) || !g_str_has_prefix (status, DIGEST_PREFIX) ||
      !is_digest (status + strlen (DIGEST_PREFIX)))
    return NULL;
  return g_strdup (status + strlen (DIGEST_PREFIX));
}

char *
perry_engine_pull_dup_failure (JsonObject *line)
{
  const char *message = NULL;
  JsonObject *detail = NULL;

  /* `error` is deprecated, and older engines send both. */
  if (perry_json_read_object (line, "errorDetail", &detail) && perry_json_read_string (detail, "message", &message) &&
      *message != '\0')
    return g_strdup (message);
  if (perry_json_read_string (line, "error", &message) && *message != '\0')
    return g_strdup (message);
  return json_object_has_member (line, "errorDetail") || json_object_has_member (line, "error")
             ? g_strdup ("the engine does not say why")
             : NULL;
}

/* Docker 28 counts the seconds of an extraction there, and says so. */
static void
add_count (JsonObject *progress, JsonObject *detail, const char *member)
{
  gint64 count;

  if (!perry_json_read_string (detail, "units", NULL) && perry_json_read_int64 (detail, member, &count) && count >= 0)
    json_object_set_int_member (progress, member, count);
  else
    json_object_set_null_member (progress, member);
}

JsonNode *
perry_engine_pull_translate (JsonObject *line)
{
  JsonObject *detail = NULL;
  const char *status = NULL;
  const char *id = NULL;
  g_autofree char *tidy = NULL;
  JsonObject *progress;
  JsonNode *node;

  if (!perry_json_read_string (line, "status", &status) || *status == '\0')
    return NULL;
  /* Without this member an id is the image's tag: “Pulling from”. */
  if (perry_json_read_object (line, "progressDetail", &detail))
    perry_json_read_string (line, "id", &id);
  tidy = perry_http_reply_tidy_message (status);
  progress = json_object_new ();
  if (id != NULL && *id != '\0')
    json_object_set_string_member (progress, "layer", id);
  else
    json_object_set_null_member (progress, "layer");
  json_object_set_string_member (progress, "status", tidy);
  add_count (progress, detail, "current");
  add_count (progress, detail, "total");
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, progress);
  return node;
}

static JsonNode *
make_end (const Pull *pull)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *end = json_object_new ();

  json_object_set_boolean_member (end, "done", TRUE);
  if (pull->digest != NULL)
    json_object_set_string_member (end, "digest", pull->digest);
  else
    json_object_set_null_member (end, "digest");
  json_node_take_object (node, end);
  return node;
}

/* What one line tells; NULL without an error for nothing. */
static JsonNode *
take (Pull *pull, JsonNode *node, GError **error)
{
  JsonObject *line = perry_json_as_object (node);
  g_autofree char *failure = perry_engine_pull_dup_failure (line);
  char *digest = perry_engine_pull_dup_digest (line);

  if (digest != NULL)
    {
      g_free (pull->digest);
      pull->digest = digest;
    }
  if (failure == NULL)
    {
      pull->has_spoken = TRUE;
      return perry_engine_pull_translate (line);
    }
  perry_engine_pull_set_error (error, pull->reference, 500, failure);
  return NULL;
}

/* A reply that says nothing at all is no success. */
static JsonNode *
finish (Pull *pull, GError **error)
{
  g_autoptr (JsonNode) last = NULL;
  g_autoptr (JsonNode) told = NULL;
  GError *local_error = NULL;

  pull->ended = TRUE;
  if (perry_json_lines_finish (&pull->lines, &last, &local_error) && last != NULL)
    told = take (pull, last, &local_error);
  if (local_error == NULL && (pull->tells_digest ? pull->digest != NULL : pull->has_spoken))
    return make_end (pull);
  if (local_error == NULL)
    g_set_error (&local_error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                 "pulling %s: the engine ended its stream without saying what it has pulled", pull->reference);
  g_propagate_error (error, local_error);
  return NULL;
}

/* Gets more of the stream; FALSE with no error at its end. */
static gboolean
receive (Pull *pull, gint64 until, GCancellable *cancellable, GError **error)
{
  gint64 left = until < 0 ? -1 : MAX (until - g_get_monotonic_time (), 0) / G_TIME_SPAN_MILLISECOND;
  gssize count = perry_http_body_read (pull->body, pull->buffer, sizeof pull->buffer, (int) left, cancellable, error);

  pull->data = pull->buffer;
  pull->size = count > 0 ? (gsize) count : 0;
  return count > 0;
}

static JsonNode *
advance (Pull *pull, gint64 until, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      g_autoptr (JsonNode) line = NULL;
      GError *local_error = NULL;
      JsonNode *progress;

      if (!perry_json_lines_next (&pull->lines, &pull->data, &pull->size, &line, error))
        return NULL;
      if (line == NULL)
        {
          if (receive (pull, until, cancellable, &local_error))
            continue;
          if (local_error == NULL)
            return finish (pull, error);
          g_propagate_error (error, local_error);
          return NULL;
        }
      progress = take (pull, line, &local_error);
      if (progress != NULL)
        return progress;
      if (local_error != NULL)
        {
          g_propagate_error (error, local_error);
          return NULL;
        }
    }
}

static JsonNode *
pull_next (PerryEventIterator *iterator, int timeout_ms, GCancellable *cancellable, GError **error)
{
  Pull *pull = (Pull *) iterator;
  gint64 until = timeout_ms < 0 ? -1 : g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  GError *local_error = NULL;
  JsonNode *node;

  if (pull->failed)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_FAILED, "pulling %s has failed already", pull->reference);
      return NULL;
    }
  if (pull->ended)
    return NULL;
  /* What has arrived already is many lines, and none of them asks. */
  if (g_cancellable_set_error_if_cancelled (cancellable, &local_error))
    {
      perry_error_propagate_foreign (error, local_error, PERRY_ERROR_CANCELLED, "pulling %s", pull->reference);
      return NULL;
    }
  node = advance (pull, until, cancellable, &local_error);
  if (node != NULL)
    return node;
  pull->failed = local_error->code != PERRY_ERROR_TIMED_OUT && local_error->code != PERRY_ERROR_CANCELLED;
  if (strstr (local_error->message, pull->reference) == NULL)
    g_prefix_error (&local_error, "pulling %s: ", pull->reference);
  g_propagate_error (error, local_error);
  return NULL;
}

static void
pull_free (PerryEventIterator *iterator)
{
  Pull *pull = (Pull *) iterator;

  perry_http_body_free (pull->body);
  perry_json_lines_clear (&pull->lines);
  g_free (pull->reference);
  g_free (pull->digest);
  g_free (pull);
}

static PerryHttpRequest *
make_request (const PerryEnginePullDialect *dialect, const PerryImageReference *reference, const char *platform,
              const char *credentials)
{
  PerryHttpRequest *request = perry_http_request_new ("POST", dialect->prefix, "images", "create", NULL);
  const char *digest = perry_image_reference_get_digest (reference);
  g_autofree char *repository = g_strdup_printf ("%s/%s", perry_image_reference_get_registry (reference),
                                                 perry_image_reference_get_repository (reference));

  perry_http_request_add_query (request, "fromImage", repository);
  perry_http_request_add_query (request, "tag", digest != NULL ? digest : perry_image_reference_get_tag (reference));
  perry_http_request_add_query (request, "platform", platform);
  if (credentials != NULL)
    perry_http_request_add_header (request, "X-Registry-Auth", credentials);
  perry_http_request_set_deadline (request, dialect->timeout_ms);
  return request;
}

static gboolean
check_reference (const PerryImageReference *parsed, const char *reference, GError **error)
{
  if (perry_image_reference_get_kind (parsed) == PERRY_IMAGE_REFERENCE_NAME)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE,
               "pulling %s: this is an image's id, which no registry knows; name a repository", reference);
  return FALSE;
}

PerryEventIterator *
perry_engine_pull (PerryHttpClient *client, const PerryEnginePullDialect *dialect, const char *reference,
                   const char *platform, const char *credentials, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, error);
  g_autofree char *what = g_strdup_printf ("pulling %s", reference);
  g_autoptr (PerryHttpRequest) request = NULL;
  GError *local_error = NULL;
  PerryHttpBody *body;
  Pull *pull;

  if (parsed == NULL || !check_reference (parsed, reference, error))
    return NULL;
  request = make_request (dialect, parsed, platform, credentials);
  body = perry_http_client_open (client, request, rules, what, cancellable, &local_error);
  if (body == NULL)
    {
      /* What is wrong with the socket has its own advice. */
      if (strstr (local_error->message, perry_http_client_get_socket_path (client)) == NULL)
        explain (local_error, reference);
      g_propagate_error (error, local_error);
      return NULL;
    }
  pull = g_new0 (Pull, 1);
  pull->public = (PerryEventIterator){ .struct_size = sizeof (PerryEventIterator), .next = pull_next, .free = pull_free };
  pull->body = body;
  pull->reference = g_strdup (reference);
  pull->tells_digest = dialect->tells_digest;
  perry_json_lines_init (&pull->lines, MAX_LINE, MAX_LINES);
  return &pull->public;
}
