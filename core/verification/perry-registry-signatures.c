/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/verification/perry-registry-client-private.h"
#include "core/verification/perry-registry-digest.h"
#include "plugin-api/perry-error.h"

/* What the specification of the registries shortens a fallback tag's parts to, and what a tag may have. */
#define MAX_TAG_ALGORITHM 32
#define MAX_TAG_DIGITS 64
#define MAX_TAG 128

typedef struct {
  const char *digest;
  gboolean found;
} Look;

/* `sha256:0123…` -> `sha256-0123…` */
static char *
make_fallback_tag (const char *digest)
{
  gsize algorithm = strcspn (digest, ":");

  return g_strdup_printf ("%.*s-%.*s", (int) MIN (algorithm, MAX_TAG_ALGORITHM), digest, MAX_TAG_DIGITS,
                          digest + algorithm + 1);
}

/* NULL where the digest is too long to be a tag. */
static char *
make_cosign_tag (const char *digest)
{
  g_autofree char *tag = g_strconcat (digest, ".sig", NULL);

  g_strdelimit (tag, ":", '-');
  return strlen (tag) <= MAX_TAG ? g_steal_pointer (&tag) : NULL;
}

/* An answer with another kind of body than an index is not what was asked for, and an empty page before others says
 * nothing about those. */
static gboolean
look_at_referrers (PerryRegistryVisit *visit, Look *look, GError **error)
{
  g_autofree char *path = g_strconcat ("referrers/", look->digest, NULL);
  g_autoptr (PerryRegistryHttpReply) reply = NULL;
  g_autoptr (PerryRegistryManifest) index = NULL;

  reply = perry_registry_visit_fetch (visit, "GET", path, PERRY_REGISTRY_OCI_INDEX, error);
  if (reply == NULL)
    return FALSE;
  /* a registry without this question */
  if (reply->status == 404)
    return TRUE;
  if (perry_registry_visit_check (visit, reply, error))
    index = perry_registry_manifest_parse (reply->body, reply->content_type, error);
  if (index != NULL && (!index->is_index || (index->entries->len == 0 && reply->link != NULL)))
    {
      g_clear_pointer (&index, perry_registry_manifest_free);
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_REGISTRY_FAILED, "the answer is no complete list of referrers");
    }
  if (index == NULL)
    {
      g_prefix_error (error, "GET %s: ", path);
      return FALSE;
    }
  look->found = index->entries->len > 0;
  return TRUE;
}

/* A tag that is there is a sign, unless it is an empty index. */
static gboolean
look_at_tag (PerryRegistryVisit *visit, const char *tag, Look *look, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (PerryRegistryManifest) manifest = NULL;

  manifest = perry_registry_visit_fetch_manifest (visit, tag, NULL, NULL, &local_error);
  if (manifest == NULL && !g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  look->found = manifest != NULL && (!manifest->is_index || manifest->entries->len > 0);
  return TRUE;
}

/* A server that says 404 to everything knows nothing: it has to have the image. */
static gboolean
check_presence (PerryRegistryVisit *visit, const Look *look, GError **error)
{
  g_autofree char *path = g_strconcat ("manifests/", look->digest, NULL);
  g_autoptr (PerryRegistryHttpReply) reply = NULL;

  reply = perry_registry_visit_fetch (visit, "HEAD", path, PERRY_REGISTRY_ACCEPT_MANIFEST, error);
  if (reply == NULL)
    return FALSE;
  if (perry_registry_visit_check (visit, reply, error))
    return TRUE;
  g_prefix_error (error, "whether there are signatures is not known, because the image is not: HEAD %s: ", path);
  return FALSE;
}

static gboolean
look_at (PerryRegistryVisit *visit, gpointer data, GError **error)
{
  Look *look = data;
  g_autofree char *fallback = make_fallback_tag (look->digest);
  g_autofree char *cosign = make_cosign_tag (look->digest);

  if (!look_at_referrers (visit, look, error))
    return FALSE;
  if (!look->found && !look_at_tag (visit, fallback, look, error))
    return FALSE;
  if (!look->found && cosign != NULL && !look_at_tag (visit, cosign, look, error))
    return FALSE;
  if (look->found)
    return TRUE;
  /* a mirror need not have everything */
  if (visit->endpoint->is_mirror)
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND, "it has no signatures");
      return FALSE;
    }
  return check_presence (visit, look, error);
}

gboolean
perry_registry_client_find_signatures (PerryRegistryClient *client, const PerryImageReference *reference,
                                       const char *digest, gboolean *ret_found, GCancellable *cancellable,
                                       GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  Look look = { .digest = digest };

  g_return_val_if_fail (client != NULL && reference != NULL && digest != NULL && ret_found != NULL, FALSE);

  if (!perry_registry_digest_is_valid (digest))
    {
      g_set_error_literal (error, PERRY_ERROR, PERRY_ERROR_INVALID_ARGUMENT,
                           "signatures are looked for by a digest, such as sha256:…");
      return FALSE;
    }
  if (!perry_registry_client_visit (client, reference, look_at, &look, notes, cancellable, error))
    return FALSE;
  *ret_found = look.found;
  return TRUE;
}
