/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine/perry-engine-private.h"
#include "core/engine/perry-engine.h"
#include "core/engine/perry-pull.h"
#include "core/engine/perry-resolve.h"
#include "plugin-api/perry-image-reference.h"

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

/* Before the pull. @ret_pinned: `repository@digest` where the image was verified, NULL where it did not have to be.
 * @warnings: whoever pulls is told of what was found, whether or not he looks at the progress. */
static gboolean
verify (PerryEngine *engine, const char *reference, const PerryPullOptions *options, char **ret_pinned,
        GStrvBuilder *warnings, GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, error);
  g_auto (PerryVerifyAdmission) admission = { 0 };
  g_autofree char *platform = NULL;
  PerryVerifyCall call = { 0 };
  PerryVerifyRequest request = { .reference = parsed, .wants_platform = TRUE };

  if (parsed == NULL || !perry_resolve_read_platform (options != NULL ? options->platform : NULL, &platform, error))
    return FALSE;
  request.platform = platform;
  if (options != NULL)
    {
      call = (PerryVerifyCall){ options->verify_mode_set, options->verify_mode, options->requirement, FALSE };
      request.no_cache = options->no_verify_cache;
    }
  if (!perry_verify_service_admit (perry_engine_get_verify_service (engine), &call, &request, &admission, cancellable,
                                   error))
    return FALSE;
  if (admission.notes != NULL)
    g_strv_builder_addv (warnings, (const char **) admission.notes);
  if (admission.found != NULL)
    g_strv_builder_add (warnings, admission.found);
  *ret_pinned = g_steal_pointer (&admission.runs);
  return TRUE;
}

/* What was pulled by its digest has no name yet that people would look for. */
static gboolean
give_name (PerryBackend *backend, const char *reference, const PerryImageInfo *image, GCancellable *cancellable,
           GError **error)
{
  g_autoptr (PerryImageReference) parsed = perry_image_reference_parse (reference, error);
  g_autofree char *name = NULL;

  if (parsed == NULL)
    return FALSE;
  if (perry_image_reference_get_digest (parsed) != NULL || backend->ops->image_tag == NULL)
    return TRUE;
  name = perry_image_reference_to_string (parsed);
  return backend->ops->image_tag (backend->handle, image->id, name, cancellable, error);
}

PerryImageInfo *
perry_engine_pull_image (PerryEngine *engine, const char *reference, const PerryPullOptions *options,
                         GCancellable *cancellable, GError **error)
{
  g_autoptr (PerryBackend) backend = NULL;
  g_autoptr (PerryPulled) pulled = NULL;
  g_autoptr (GStrvBuilder) warnings = g_strv_builder_new ();
  g_autofree char *verified = NULL;
  GError *local_error = NULL;

  g_return_val_if_fail (PERRY_IS_ENGINE (engine) && reference != NULL, NULL);

  backend = perry_engine_ref_backend (engine, cancellable, error);
  if (backend == NULL || !verify (engine, reference, options, &verified, warnings, cancellable, error))
    return NULL;
  pulled = perry_pull_image (backend, verified != NULL ? verified : reference, options, cancellable, error);
  if (pulled == NULL ||
      (verified != NULL && !give_name (backend, reference, pulled->image, cancellable, error)))
    return NULL;
  pulled->image->warnings = g_strv_builder_end (warnings);
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
