/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-resolve.h"

#include "plugin-api/perry-image-reference.h"
#include "plugin-api/perry-platform.h"

void
perry_pin_free (PerryPin *pin)
{
  if (pin == NULL)
    return;
  g_free (pin->reference);
  g_free (pin->value);
  g_free (pin->digest);
  perry_image_info_free (pin->image);
  g_free (pin);
}

void
perry_pin_take_digest (PerryPin *pin, char *value, const char *digest)
{
  pin->kind = PERRY_PIN_REGISTRY_DIGEST;
  g_free (pin->value);
  pin->value = value;
  g_free (pin->digest);
  pin->digest = g_strdup (digest);
}

char *
perry_resolve_normalise (const char *reference, GError **error)
{
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, error);

  return parsed != NULL ? perry_image_reference_to_string (parsed) : NULL;
}

gboolean
perry_resolve_read_platform (const char *text, char **ret_platform, GError **error)
{
  g_autoptr (PerryContainerSpec) spec = perry_container_spec_new ();

  if (text != NULL && !perry_container_spec_set_from_text (spec, PERRY_FIELD_PLATFORM, text, "platform", error))
    return FALSE;
  *ret_platform = g_strdup (perry_container_spec_get_string (spec, PERRY_FIELD_PLATFORM));
  return TRUE;
}

PerryImageInfo *
perry_resolve_inspect (PerryBackend *backend, const char *reference, const char *platform, GCancellable *cancellable,
                       GError **error)
{
  GError *local_error = NULL;
  PerryImageInfo *image;

  if (platform == NULL || backend->ops->image_inspect_platform == NULL)
    return backend->ops->image_inspect (backend->handle, reference, cancellable, error);
  image = backend->ops->image_inspect_platform (backend->handle, reference, platform, cancellable, &local_error);
  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND))
    {
      g_error_free (local_error);
      return backend->ops->image_inspect (backend->handle, reference, cancellable, error);
    }
  if (local_error != NULL)
    g_propagate_error (error, local_error);
  return image;
}

static PerryImageInfo *
find_image (PerryBackend *backend, const char *reference, const char *platform, GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GError) local_error = NULL;
  PerryImageInfo *image = perry_resolve_inspect (backend, reference, platform, cancellable, &local_error);

  if (image != NULL)
    return image;
  if (g_error_matches (local_error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND))
    g_set_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND,
                 "%s has no image %s; pull it with `perryctl pull`, or load an archive with `perryctl load`", backend->name,
                 reference);
  else
    g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

/* A local image has no digest of a registry that could be relied on (Podman lists one that no registry ever had): what
 * pins it is its id. A reference by digest is kept as it is. */
PerryPin *
perry_resolve_image (PerryBackend *backend, const char *reference, const char *platform, GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, error);
  g_autoptr (PerryPin) pin = NULL;

  if (parsed == NULL)
    return NULL;
  pin = g_new0 (PerryPin, 1);
  pin->reference = perry_image_reference_to_string (parsed);
  pin->image = find_image (backend, pin->reference, platform, cancellable, error);
  if (pin->image == NULL)
    return NULL;
  if (perry_image_reference_get_kind (parsed) == PERRY_IMAGE_REFERENCE_NAME &&
      perry_image_reference_get_digest (parsed) != NULL)
    {
      g_autoptr (PerryImageReference) pinned = NULL;

      pin->kind = PERRY_PIN_REGISTRY_DIGEST;
      pin->digest = g_strdup (perry_image_reference_get_digest (parsed));
      pinned = perry_image_reference_with_digest (parsed, pin->digest, error);
      if (pinned == NULL)
        return NULL;
      pin->value = perry_image_reference_to_string (pinned);
    }
  else
    {
      pin->kind = PERRY_PIN_IMAGE_ID;
      pin->value = g_strdup (pin->image->id);
    }
  return g_steal_pointer (&pin);
}

char *
perry_resolve_get_platform (const PerryPin *pin)
{
  return perry_platform_format (pin->image->os, pin->image->architecture, pin->image->variant);
}

gboolean
perry_resolve_check_platform (const PerryPin *pin, const char *asked, const char *backend, GError **error)
{
  g_autofree char *found = perry_resolve_get_platform (pin);

  /* where the engine does not say, it still gets to hear what was asked for */
  if (asked == NULL || found == NULL || perry_platform_matches (asked, found))
    return TRUE;
  g_set_error (error, PERRY_ERROR, PERRY_ERROR_IMAGE_NOT_FOUND,
               "%s has the image %s for the platform %s, and platform asks for %s; load or pull the image for that "
               "platform, or leave platform out",
               backend, pin->reference, found, asked);
  return FALSE;
}
