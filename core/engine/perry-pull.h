/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"
#include "core/engine/perry-pull-options.h"

G_BEGIN_DECLS

/* What a pull has brought. */
typedef struct {
  PerryImageInfo *image;
  char *digest; /* the one that the registry has served; NULL where the engine does not say and none was asked for */
} PerryPulled;

void perry_pulled_free (PerryPulled *pulled);

/* Pulls a reference by its tag, or by its digest where it has one, and looks at what the engine has then: an image for the
 * platform that was asked for, and under the digest that was asked for.
 *
 * Errors: those of perry_engine_pull_image(). */
PerryPulled *perry_pull_image (PerryBackend *backend, const char *reference, const PerryPullOptions *options,
                               GCancellable *cancellable, GError **error);

/* `repository@digest` where the engine has this very image under it, else NULL without an error. @digest may be NULL: then
 * the first digest that the engine lists for the repository. */
char *perry_pull_dup_pinned (PerryBackend *backend, const char *reference, const char *digest,
                             const PerryImageInfo *image, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryPulled, perry_pulled_free)

G_END_DECLS
