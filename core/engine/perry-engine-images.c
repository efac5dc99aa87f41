/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-engine.h"
#include "core/engine/perry-pull.h"
#include "core/engine/perry-resolve.h"

char **
perry_engine_load_image (PerryEngine *engine, GInputStream *archive, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && G_IS_INPUT_STREAM (archive), NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL || !perry_backend_offers (backend, backend->ops->image_load != NULL, "load images", error))
    return NULL;
  return backend->ops->image_load (backend->handle, archive, cancellable, error);
}

PerryImageInfo *
perry_engine_pull_image (PerryEngine *engine, const char *reference, const PerryPullOptions *options,
                         GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;
  g_autoptr (PerryPulled) pulled = NULL;
  GError *local_error = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && reference != NULL, NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  pulled = backend != NULL ? perry_pull_image (backend, reference, options, cancellable, error) : NULL;
  if (pulled == NULL)
    return NULL;
  pulled->image->pinned = perry_pull_dup_pinned (backend, reference, pulled->digest, pulled->image, cancellable,
                                                 &local_error);
  if (local_error == NULL)
    return g_steal_pointer (&pulled->image);
  g_propagate_error (error, local_error);
  return NULL;
}

static int
compare_images (gconstpointer a, gconstpointer b)
{
  const PerryImageInfo *one = *(const PerryImageInfo *const *) a;
  const PerryImageInfo *two = *(const PerryImageInfo *const *) b;

  return one->created_at < two->created_at ? 1 : one->created_at > two->created_at ? -1 : g_strcmp0 (one->id, two->id);
}

GPtrArray *
perry_engine_list_images (PerryEngine *engine, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;
  GPtrArray *images;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine), NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL || !perry_backend_offers (backend, backend->ops->image_list != NULL, "list images", error))
    return NULL;
  images = backend->ops->image_list (backend->handle, cancellable, error);
  if (images != NULL)
    g_ptr_array_sort (images, compare_images);
  return images;
}

PerryImageInfo *
perry_engine_inspect_image (PerryEngine *engine, const char *reference, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;
  g_autofree char *normalised = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && reference != NULL, NULL);

  normalised = perry_resolve_normalise (reference, error);
  if (normalised == NULL)
    return NULL;
  backend = perry_engine_ref_backend (engine, cancellable, error);
  return backend != NULL ? backend->ops->image_inspect (backend->handle, normalised, cancellable, error) : NULL;
}

gboolean
perry_engine_remove_image (PerryEngine *engine, const char *reference, gboolean force, GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;
  g_autofree char *normalised = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && reference != NULL, FALSE);

  normalised = perry_resolve_normalise (reference, error);
  if (normalised == NULL)
    return FALSE;
  backend = perry_engine_ref_backend (engine, cancellable, error);
  return backend != NULL &&
         perry_backend_offers (backend, backend->ops->image_remove != NULL, "remove images", error) &&
         backend->ops->image_remove (backend->handle, normalised, force, cancellable, error);
}
