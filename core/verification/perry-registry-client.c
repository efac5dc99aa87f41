/* SPDX-License-Identifier: Apache-2.0 */
#include "core/verification/perry-registry-client-private.h"

#include <string.h>

#include "core/verification/perry-registry-digest.h"
#include "plugin-api/perry-error.h"
#include "plugin-api/perry-platform.h"

#define MAX_PLATFORM_PARTS 3

struct _PerryRegistryClient {
  GError *problem; /* what is wrong with the options; then there is nothing else */
  char **environment;
  PerryRegistryHttp *http;
  PerryRegistryTokens *tokens;
  GHashTable *mirrors;
  char **plain_http;
};

/* What resolving and choosing have in common. */
typedef struct {
  const PerryImageReference *reference;
  const char *platform; /* normalised; NULL for the host's */
  PerryRegistryImage *image;
} Search;

static GHashTable *
copy_mirrors (GHashTable *mirrors)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  GHashTableIter iter;
  gpointer registry, list;

  if (mirrors == NULL)
    return copy;
  g_hash_table_iter_init (&iter, mirrors);
  while (g_hash_table_iter_next (&iter, &registry, &list))
    g_hash_table_insert (copy, g_strdup (registry), g_strdupv (list));
  return copy;
}

PerryRegistryClient *
perry_registry_client_new (const PerryRegistryOptions *options)
{
  const PerryRegistryOptions defaults = { 0 };
  PerryRegistryClient *client = g_new0 (PerryRegistryClient, 1);

  if (options == NULL)
    options = &defaults;
  client->environment = options->environment != NULL ? g_strdupv ((char **) options->environment)
                                                     : g_environ_setenv (g_get_environ (), "HOME", g_get_home_dir (), FALSE);
  client->http = perry_registry_http_new ((const char *const *) client->environment, options->ca_file,
                                          options->timeout_ms > 0 ? options->timeout_ms
                                                                  : PERRY_REGISTRY_DEFAULT_TIMEOUT_MS, &client->problem);
  client->tokens = perry_registry_tokens_new ();
  client->mirrors = copy_mirrors (options->mirrors);
  client->plain_http = g_strdupv ((char **) options->plain_http);
  return client;
}

void
perry_registry_client_free (PerryRegistryClient *client)
{
  if (client == NULL)
    return;
  g_clear_error (&client->problem);
  g_strfreev (client->environment);
  perry_registry_http_free (client->http);
  perry_registry_tokens_free (client->tokens);
  g_hash_table_unref (client->mirrors);
  g_strfreev (client->plain_http);
  g_free (client);
}

void
perry_registry_image_free (PerryRegistryImage *image)
{
  if (image == NULL)
    return;
  g_free (image->digest);
  g_free (image->media_type);
  g_free (image->platform);
  g_free (image->platform_digest);
  g_strfreev (image->notes);
  g_free (image);
}

/* Who is refused wants to know which of the helpers with his login is missing. */
static void
add_notes (GError **error, GPtrArray *notes, guint from)
{
  if (error == NULL || !g_error_matches (*error, PERRY_ERROR, PERRY_ERROR_PERMISSION_DENIED))
    return;
  for (guint i = from; i < notes->len; i++)
    {
      g_autofree char *message = g_steal_pointer (&(*error)->message);

      (*error)->message = g_strconcat (message, "; ", g_ptr_array_index (notes, i), NULL);
    }
}

/* Asks one server, and says in an error which and about what. */
static gboolean
visit_one (PerryRegistryClient *client, const PerryImageReference *reference, const char *name, gboolean is_mirror,
           PerryRegistryVisitor visitor, gpointer data, GPtrArray *notes, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryRegistryEndpoint) endpoint = NULL;
  g_autofree char *shown = perry_image_reference_to_string (reference);
  g_auto (PerryRegistryVisit) visit = { .http = client->http, .tokens = client->tokens, .notes = notes,
                                        .cancellable = cancellable,
                                        .environment = (const char *const *) client->environment,
                                        .repository = perry_image_reference_get_repository (reference) };
  guint n_notes = notes->len;

  endpoint = perry_registry_endpoint_new (name, is_mirror, (const char *const *) client->plain_http, error);
  visit.endpoint = endpoint;
  if (endpoint != NULL && visitor (&visit, data, error))
    return TRUE;
  add_notes (error, notes, n_notes);
  g_prefix_error (error, "%s at the %s %s: ", shown, is_mirror ? "mirror" : "registry", name);
  return FALSE;
}

/* A wrong option and the caller's word end the search; anything else that a mirror says or does not say does not. */
static gboolean
is_final (const GError *error)
{
  return g_error_matches (error, PERRY_ERROR, PERRY_ERROR_CANCELLED)
         || g_error_matches (error, PERRY_ERROR, PERRY_ERROR_INVALID_CONFIG);
}

static gboolean
check_call (PerryRegistryClient *client, const PerryImageReference *reference, GError **error)
{
  if (client->problem != NULL)
    {
      g_propagate_error (error, g_error_copy (client->problem));
      return FALSE;
    }
  if (perry_image_reference_get_kind (reference) == PERRY_IMAGE_REFERENCE_NAME)
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
               "%s is the id of an image that an engine has; no registry knows it: give the image's name",
               perry_image_reference_get_digest (reference));
  return FALSE;
}

gboolean
perry_registry_client_visit (PerryRegistryClient *client, const PerryImageReference *reference,
                             PerryRegistryVisitor visitor, gpointer data, GPtrArray *notes, GCancellable *cancellable,
                             GError **error)
{
  const char *registry = perry_image_reference_get_registry (reference);
  g_autoptr (GString) passed_over = g_string_new (NULL);
  char **mirrors;

  if (!check_call (client, reference, error))
    return FALSE;
  mirrors = g_hash_table_lookup (client->mirrors, registry);
  for (char **mirror = mirrors; mirror != NULL && *mirror != NULL; mirror++)
    {
      g_autoptr (GError) local_error = NULL;

      if (visit_one (client, reference, *mirror, TRUE, visitor, data, notes, cancellable, &local_error))
        return TRUE;
      if (is_final (local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      g_string_append_printf (passed_over, "; before that, %s", local_error->message);
      g_ptr_array_add (notes, g_strdup_printf ("a mirror was passed over: %s", local_error->message));
    }
  if (visit_one (client, reference, registry, FALSE, visitor, data, notes, cancellable, error))
    return TRUE;
  if (error != NULL && passed_over->len > 0)
    {
      g_autofree char *message = g_steal_pointer (&(*error)->message);

      (*error)->message = g_strconcat (message, passed_over->str, NULL);
    }
  return FALSE;
}

/* Into the form that perry_platform_format() writes, which entries are compared in. */
static gboolean
normalise_platform (const char *platform, char **ret_platform, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (platform != NULL ? platform : "", "/", MAX_PLATFORM_PARTS + 1);
  guint n_parts = g_strv_length (parts);
  g_autofree char *shown = NULL;

  *ret_platform = NULL;
  if (platform == NULL)
    return TRUE;
  if (n_parts >= 1 && n_parts <= MAX_PLATFORM_PARTS && !g_strv_contains ((const char *const *) parts, ""))
    {
      *ret_platform = perry_platform_format (parts[0], parts[1], n_parts == MAX_PLATFORM_PARTS ? parts[2] : NULL);
      return TRUE;
    }
  shown = perry_registry_text_for_message (platform);
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT, "“%s” is not a platform; write OS/ARCHITECTURE or "
               "OS/ARCHITECTURE/VARIANT, such as linux/amd64 or linux/arm/v7", shown);
  return FALSE;
}

static void
set_text (char **place, const char *text)
{
  g_free (*place);
  *place = g_strdup (text);
}

static gboolean
choose_from_index (Search *search, const PerryRegistryManifest *index, GError **error)
{
  g_autofree char *host = perry_registry_dup_host_platform ();
  const PerryRegistryEntry *entry = perry_registry_manifest_choose (index, search->platform, host, error);

  if (entry == NULL)
    return FALSE;
  set_text (&search->image->platform, entry->platform);
  set_text (&search->image->platform_digest, entry->digest);
  return TRUE;
}

/* A manifest does not say what it is for; its configuration does. */
static gboolean
read_own_platform (PerryRegistryVisit *visit, Search *search, const PerryRegistryManifest *manifest, GError **error)
{
  g_autofree char *path = g_strconcat ("blobs/", manifest->config_digest, NULL);
  g_autoptr (PerryRegistryHttpReply) reply = perry_registry_visit_fetch (visit, "GET", path, NULL, error);
  g_autofree char *platform = NULL;

  if (reply == NULL)
    return FALSE;
  if (!perry_registry_visit_check (visit, reply, error)
      || !perry_registry_digest_check (reply->body, manifest->config_digest, error)
      || !perry_registry_config_parse (reply->body, &platform, error))
    {
      g_prefix_error (error, "GET %s: ", path);
      return FALSE;
    }
  if (search->platform != NULL && (platform == NULL || !perry_platform_matches (search->platform, platform)))
    {
      g_autofree char *shown = platform != NULL ? perry_registry_text_for_message (platform) : g_strdup ("none at all");

      g_set_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND,
                   "the image is not there for the platform %s; it is for %s alone", search->platform, shown);
      return FALSE;
    }
  set_text (&search->image->platform, platform);
  set_text (&search->image->platform_digest, search->image->digest);
  return TRUE;
}

static gboolean
choose_at (PerryRegistryVisit *visit, gpointer data, GError **error)
{
  Search *search = data;
  PerryRegistryImage *image = search->image;
  g_autoptr (PerryRegistryManifest) manifest = NULL;

  manifest = perry_registry_visit_fetch_manifest (visit, image->digest, image->digest, NULL, error);
  if (manifest == NULL)
    return FALSE;
  set_text (&image->media_type, manifest->media_type);
  image->is_index = manifest->is_index;
  return manifest->is_index ? choose_from_index (search, manifest, error)
                            : read_own_platform (visit, search, manifest, error);
}

/* The body says what a head did not. */
static gboolean
resolve_by_body (PerryRegistryVisit *visit, Search *search, GError **error)
{
  PerryRegistryImage *image = search->image;
  g_autofree char *digest = NULL;
  g_autoptr (PerryRegistryManifest) manifest = NULL;

  manifest = perry_registry_visit_fetch_manifest (visit, perry_image_reference_get_tag (search->reference), NULL,
                                                  &digest, error);
  if (manifest == NULL)
    return FALSE;
  set_text (&image->digest, digest);
  set_text (&image->media_type, manifest->media_type);
  image->is_index = manifest->is_index;
  return TRUE;
}

/* Some servers have no HEAD, or answer it without what is asked for. */
static gboolean
is_complete_head (const PerryRegistryHttpReply *head)
{
  return head->status != 405 && head->status != 501 && (head->status != 200 || head->digest != NULL);
}

static gboolean
resolve_by_head (PerryRegistryVisit *visit, Search *search, GError **error)
{
  PerryRegistryImage *image = search->image;
  g_autofree char *path = g_strconcat ("manifests/", perry_image_reference_get_tag (search->reference), NULL);
  g_autoptr (PerryRegistryHttpReply) head = NULL;

  head = perry_registry_visit_fetch (visit, "HEAD", path, PERRY_REGISTRY_ACCEPT_MANIFEST, error);
  if (head == NULL)
    return FALSE;
  if (!is_complete_head (head))
    return resolve_by_body (visit, search, error);
  if (!perry_registry_visit_check (visit, head, error)
      || !perry_registry_manifest_check_type (head->content_type, &image->is_index, error))
    {
      g_prefix_error (error, "HEAD %s: ", path);
      return FALSE;
    }
  if (!perry_registry_digest_is_valid (head->digest))
    {
      g_set_error (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "HEAD %s: its Docker-Content-Digest is no digest", path);
      return FALSE;
    }
  set_text (&image->digest, head->digest);
  g_free (image->media_type);
  image->media_type = g_strndup (head->content_type, strcspn (head->content_type, "; "));
  return TRUE;
}

static gboolean
resolve_at (PerryRegistryVisit *visit, gpointer data, GError **error)
{
  Search *search = data;
  PerryRegistryImage *image = search->image;

  if (!resolve_by_head (visit, search, error))
    return FALSE;
  if (image->is_index || search->platform != NULL)
    return choose_at (visit, search, error);
  set_text (&image->platform_digest, image->digest);
  return TRUE;
}

static void
take_notes (PerryRegistryImage *image, GPtrArray *notes)
{
  for (char **note = image->notes; note != NULL && *note != NULL; note++)
    g_ptr_array_insert (notes, (int) (note - image->notes), g_strdup (*note));
  g_strfreev (image->notes);
  g_ptr_array_add (notes, NULL);
  image->notes = (char **) g_ptr_array_free (notes, FALSE);
}

PerryRegistryImage *
perry_registry_client_resolve (PerryRegistryClient *client, const PerryImageReference *reference, const char *platform,
                               GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PerryRegistryImage) image = g_new0 (PerryRegistryImage, 1);
  g_autofree char *normalised = NULL;
  Search search = { .reference = reference, .image = image };

  g_return_val_if_fail (client != NULL && reference != NULL, NULL);

  if (!check_call (client, reference, error) || !normalise_platform (platform, &normalised, error))
    return NULL;
  search.platform = normalised;
  if (perry_image_reference_get_digest (reference) != NULL)
    image->digest = g_strdup (perry_image_reference_get_digest (reference));
  else if (!perry_registry_client_visit (client, reference, resolve_at, &search, notes, cancellable, error))
    return NULL;
  take_notes (image, g_steal_pointer (&notes));
  return g_steal_pointer (&image);
}

gboolean
perry_registry_client_choose_platform (PerryRegistryClient *client, const PerryImageReference *reference,
                                       PerryRegistryImage *image, const char *platform, GCancellable *cancellable,
                                       GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *normalised = NULL;
  Search search = { .reference = reference, .image = image };

  g_return_val_if_fail (client != NULL && reference != NULL && image != NULL, FALSE);

  if (!normalise_platform (platform, &normalised, error))
    return FALSE;
  search.platform = normalised;
  if (!perry_registry_client_visit (client, reference, choose_at, &search, notes, cancellable, error))
    return FALSE;
  take_notes (image, g_steal_pointer (&notes));
  return TRUE;
}
