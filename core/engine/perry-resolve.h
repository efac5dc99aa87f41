/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/engine/perry-backend-connection.h"

G_BEGIN_DECLS

typedef enum {
  PERRY_PIN_IMAGE_ID,
  PERRY_PIN_REGISTRY_DIGEST,
} PerryPinKind;

/* Step 4's outcome: what a container is created from. A tag is never used after this. */
typedef struct {
  PerryPinKind kind;
  char *reference; /* normalised, for people */
  char *value;     /* `sha256:…`, or `repository@sha256:…` */
  char *digest;    /* of the registry; NULL for an image id */
  PerryImageInfo *image;
} PerryPin;

/* Brings a reference into the form that engines are given; an image id stays as it is. */
char *perry_resolve_normalise (const char *reference, GError **error);

/* Checks a platform that somebody typed and brings it into the form that registries and engines use (`linux/amd64` for
 * `linux/x86_64`), as the field of a container spec is; NULL stays NULL.
 *
 * Errors: PERRY_ERROR_INVALID_SPEC. */
gboolean perry_resolve_read_platform (const char *text, char **ret_platform, GError **error);

/* What the backend has: the image for @platform, which may be NULL, where it has one, and else the one that it has.
 *
 * Errors: PERRY_ERROR_IMAGE_NOT_FOUND. */
PerryImageInfo *perry_resolve_inspect (PerryBackend *backend, const char *reference, const char *platform,
                                       GCancellable *cancellable, GError **error);

PerryPin *perry_resolve_image (PerryBackend *backend, const char *reference, const char *platform,
                               GCancellable *cancellable, GError **error);
void perry_pin_free (PerryPin *pin);

/* Pins by `repository@digest` an image that was pinned by its id. @value is taken. */
void perry_pin_take_digest (PerryPin *pin, char *value, const char *digest);

/* The platform that the pinned image is for, NULL where the engine does not say. */
char *perry_resolve_get_platform (const PerryPin *pin);

/* Compares the pinned image with the platform that a spec asks for; @asked may be NULL. Pure.
 *
 * Errors: PERRY_ERROR_IMAGE_NOT_FOUND, which names both. */
gboolean perry_resolve_check_platform (const PerryPin *pin, const char *asked, const char *backend, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryPin, perry_pin_free)

G_END_DECLS
