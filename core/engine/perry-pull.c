/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-pull.h"

#include <string.h>

#include "core/engine/perry-resolve.h"
#include "plugin-api/perry-image-reference.h"
#include "plugin-api/perry-json.h"
#include "plugin-api/perry-platform.h"
#include "plugin-api/perry-registry-credentials.h"

/* A pull on its way. */
typedef struct {
  PerryBackend *backend;
  PerryImageReference *parsed;
  char *reference; /* by its tag, or by its digest alone */
  char *platform;
  char **notes; /* of the search for credentials */
  const PerryPullOptions *options;
} Pull;

static void
pull_clear (Pull *pull)
{
  g_clear_pointer (&pull->parsed, perry_image_reference_unref);
  g_clear_pointer (&pull->reference, g_free);
  g_clear_pointer (&pull->platform, g_free);
  g_clear_pointer (&pull->notes, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pull, pull_clear)

void
perry_pulled_free (PerryPulled *pulled)
{
  if (pulled == NULL)
    return;
  perry_image_info_free (pulled->image);
  g_free (pulled->digest);
  g_free (pulled);
}

static void
free_secret (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

static void
iterator_free (PerryEventIterator *iterator)
{
  iterator->free (iterator);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryEventIterator, iterator_free)

static gboolean
begin (Pull *pull, const char *reference, GError **error)
{
  const char *digest;

  pull->parsed = perry_image_reference_parse (reference, error);
  if (pull->parsed == NULL)
    return FALSE;
  if (perry_image_reference_get_kind (pull->parsed) != PERRY_IMAGE_REFERENCE_NAME)
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_REFERENCE,
                   "%s is the id of an image, which no registry knows; name a repository with a tag or a digest",
                   reference);
      return FALSE;
    }
  digest = perry_image_reference_get_digest (pull->parsed);
  if (digest != NULL)
    {
      g_autoptr (PerryImageReference) pinned = perry_image_reference_with_digest (pull->parsed, digest, error);

      if (pinned == NULL)
        return FALSE;
      perry_image_reference_unref (pull->parsed);
      pull->parsed = g_steal_pointer (&pinned);
    }
  pull->reference = perry_image_reference_to_string (pull->parsed);
  return perry_resolve_read_platform (pull->options != NULL ? pull->options->platform : NULL, &pull->platform, error);
}

/* Where there are none the engine asks as nobody, or as who it is itself. What people should know of the search is told as
 * progress, and again when the registry refuses: only then a helper that is missing matters. */
static gboolean
find_credentials (Pull *pull, char **ret_header, GCancellable *cancellable, GError **error)
{
  const char *registry = perry_image_reference_get_registry (pull->parsed);
  const PerryPullOptions *options = pull->options;
  g_autoptr (PerryRegistryCredentials) credentials = NULL;
  GError *local_error = NULL;

  credentials = perry_registry_credentials_lookup (
      options != NULL ? (const char *const *) options->environment : NULL, registry,
      perry_image_reference_get_repository (pull->parsed), &pull->notes, cancellable, &local_error);
  if (local_error != NULL)
    {
      g_propagate_prefixed_error (error, local_error, "the credentials for %s: ", registry);
      return FALSE;
    }
  for (char **note = pull->notes; options != NULL && options->progress != NULL && note != NULL && *note != NULL; note++)
    {
      PerryPullProgress progress = { pull->reference, NULL, *note, -1, -1 };

      options->progress (&progress, options->progress_data);
    }
  *ret_header = credentials != NULL ? perry_registry_credentials_to_header (credentials, registry) : NULL;
  return TRUE;
}

static void
tell (Pull *pull, JsonObject *object)
{
  PerryPullProgress progress = { pull->reference, NULL, NULL, -1, -1 };

  if (pull->options == NULL || pull->options->progress == NULL)
    return;
  if (!perry_json_read_string (object, "status", &progress.status))
    return;
  perry_json_read_string (object, "layer", &progress.layer);
  perry_json_read_int64 (object, "current", &progress.current);
  perry_json_read_int64 (object, "total", &progress.total);
  pull->options->progress (&progress, pull->options->progress_data);
}

/* Follows the engine's progress to its end; @ret_digest may be set to NULL. */
static gboolean
follow (Pull *pull, PerryEventIterator *iterator, char **ret_digest, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      GError *local_error = NULL;
      g_autoptr (JsonNode) node = iterator->next (iterator, pull->backend->timeout_ms, cancellable, &local_error);
      JsonObject *object = perry_json_as_object (node);
      const char *digest = NULL;
      gboolean done = FALSE;

      if (node == NULL && local_error != NULL)
        {
          g_propagate_error (error, local_error);
          return FALSE;
        }
      if (object == NULL)
        {
          g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                       "pulling %s: the progress of %s ended without its last object", pull->reference,
                       pull->backend->name);
          return FALSE;
        }
      perry_json_read_boolean (object, "done", &done);
      if (!done)
        {
          tell (pull, object);
          continue;
        }
      perry_json_read_string (object, "digest", &digest);
      *ret_digest = g_strdup (digest);
      return TRUE;
    }
}

static void
add_notes (Pull *pull, GError *error)
{
  g_autofree char *lines = NULL;
  g_autofree char *message = NULL;

  if (pull->notes == NULL || *pull->notes == NULL ||
      (error->code != PERRY_ERROR_PERMISSION_DENIED && error->code != PERRY_ERROR_IMAGE_NOT_FOUND))
    return;
  lines = g_strjoinv ("; ", pull->notes);
  message = g_strdup_printf ("%s; %s", error->message, lines);
  g_free (error->message);
  error->message = g_steal_pointer (&message);
}

static gboolean
transfer (Pull *pull, char **ret_digest, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = pull->backend;
  g_autoptr (PerryEventIterator) iterator = NULL;
  char *credentials = NULL;
  GError *local_error = NULL;

  if (pull->options != NULL && pull->options->progress != NULL)
    {
      PerryPullProgress progress = { pull->reference, NULL, "Pulling", -1, -1 };

      pull->options->progress (&progress, pull->options->progress_data);
    }
  if (!find_credentials (pull, &credentials, cancellable, error))
    return FALSE;
  iterator = backend->ops->image_pull (backend->handle, pull->reference, pull->platform, credentials, cancellable,
                                       &local_error);
  free_secret (credentials);
  if (iterator != NULL && follow (pull, iterator, ret_digest, cancellable, &local_error))
    return TRUE;
  add_notes (pull, local_error);
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
check_digest (Pull *pull, const char *told, GError **error)
{
  const char *asked = perry_image_reference_get_digest (pull->parsed);

  if (asked == NULL || told == NULL || g_str_equal (asked, told))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
               "pulling %s: %s says that it has pulled %s instead; nothing is done with it", pull->reference,
               pull->backend->name, told);
  return FALSE;
}

static PerryImageInfo *
inspect (Pull *pull, GCancellable *cancellable, GError **error)
{
  PerryBackend *backend = pull->backend;
  GError *local_error = NULL;
  PerryImageInfo *image = perry_resolve_inspect (backend, pull->reference, pull->platform, cancellable, &local_error);

  if (image != NULL)
    return image;
  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND))
    {
      local_error->code = PERRY_ERROR_BACKEND_PROTOCOL;
      g_prefix_error (&local_error, "%s says that it has pulled %s, and does not have it: ", backend->name,
                      pull->reference);
    }
  g_propagate_error (error, local_error);
  return NULL;
}

/* Both engines take what a tag of one platform leads to, whatever was asked for, and Docker keeps under a digest of several
 * platforms the one that it has pulled first. */
static gboolean
check_image (Pull *pull, const PerryImageInfo *image, GError **error)
{
  g_autofree char *found = perry_platform_format (image->os, image->architecture, image->variant);

  if (perry_image_reference_get_digest (pull->parsed) != NULL &&
      (image->digests == NULL || !g_strv_contains ((const char *const *) image->digests, pull->reference)))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_BACKEND_PROTOCOL,
                   "%s says that it has pulled %s, and its image %s does not have this digest", pull->backend->name,
                   pull->reference, image->id);
      return FALSE;
    }
  if (pull->platform == NULL || (found != NULL && perry_platform_matches (pull->platform, found)))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND,
               "%s has the image %s for %s after it was pulled for %s: either the registry has no other, or "
               "%s keeps the one that it had; ask for another platform, or remove the image with `perryctl rmi` and "
               "pull again",
               pull->backend->name, pull->reference, found != NULL ? found : "a platform that it does not tell", pull->platform,
               pull->backend->name);
  return FALSE;
}

PerryPulled *
perry_pull_image (PerryBackend *backend, const char *reference, const PerryPullOptions *options,
                  GCancellable *cancellable, GError **error)
{
  g_auto (Pull) pull = { .backend = backend, .options = options };
  g_autoptr (PerryPulled) pulled = g_new0 (PerryPulled, 1);

  if (!begin (&pull, reference, error) ||
      !perry_backend_offers (backend, backend->ops->image_pull != NULL, "pull images", error) ||
      !transfer (&pull, &pulled->digest, cancellable, error) || !check_digest (&pull, pulled->digest, error))
    return NULL;
  pulled->image = inspect (&pull, cancellable, error);
  if (pulled->image == NULL || !check_image (&pull, pulled->image, error))
    return NULL;
  if (pulled->digest == NULL)
    pulled->digest = g_strdup (perry_image_reference_get_digest (pull.parsed));
  return g_steal_pointer (&pulled);
}

static char *
find_digest (const PerryImageReference *parsed, const PerryImageInfo *image)
{
  for (char **entry = image->digests; entry != NULL && *entry != NULL; entry++)
    {
      g_autoptr (PerryImageReference) other = perry_image_reference_parse (*entry, NULL);

      if (other != NULL && perry_image_reference_get_digest (other) != NULL &&
          g_str_equal (perry_image_reference_get_registry (other), perry_image_reference_get_registry (parsed)) &&
          g_str_equal (perry_image_reference_get_repository (other), perry_image_reference_get_repository (parsed)))
        return g_strdup (perry_image_reference_get_digest (other));
    }
  return NULL;
}

char *
perry_pull_dup_pinned (PerryBackend *backend, const char *reference, const char *digest, const PerryImageInfo *image,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, error);
  g_autofree char *found = parsed != NULL && digest == NULL ? find_digest (parsed, image) : g_strdup (digest);
  g_autoptr (PerryImageReference) pinned = NULL;
  g_autoptr (PerryImageInfo) other = NULL;
  g_autofree char *text = NULL;
  GError *local_error = NULL;

  if (parsed == NULL || found == NULL)
    return NULL;
  pinned = perry_image_reference_with_digest (parsed, found, error);
  if (pinned == NULL)
    return NULL;
  text = perry_image_reference_to_string (pinned);
  other = backend->ops->image_inspect (backend->handle, text, cancellable, &local_error);
  if (other != NULL)
    return g_str_equal (other->id, image->id) ? g_steal_pointer (&text) : NULL;
  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND))
    g_error_free (local_error);
  else
    g_propagate_error (error, local_error);
  return NULL;
}
