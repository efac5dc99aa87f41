/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "plugin-api/perry-image-reference.h"

G_BEGIN_DECLS

#define PERRY_REGISTRY_DEFAULT_TIMEOUT_MS 30000

/* Asks registries about images. All functions block, take no main loop and may be called from any thread, several at a
 * time; they return within 100 ms after a cancellation. */
typedef struct _PerryRegistryClient PerryRegistryClient;

typedef struct {
  const char *const *environment; /* of the user whose credentials and proxy count; NULL for ours */
  const char *ca_file;            /* PEM, trusted beside what the system trusts; NULL for none */
  guint timeout_ms;               /* of one request, 0 for the default */
  GHashTable *mirrors;            /* a registry's name -> char ** of HOST[:PORT][/PREFIX], asked in this order before the
                                     registry itself; NULL for none */
  const char *const *plain_http;  /* registries and mirrors without TLS, which have to be on loopback; NULL for all that
                                     are on loopback */
} PerryRegistryOptions;

/* What a reference means in its registry. */
typedef struct {
  char *digest;          /* of what the reference names: an index or a manifest */
  char *media_type;      /* NULL while it is not known: the reference has a digest, and nobody was asked */
  gboolean is_index;     /* where media_type is set */
  char *platform;        /* of the manifest that was chosen, NULL while none was or where it does not say */
  char *platform_digest; /* of that manifest; of the manifest itself where there is no index; NULL while not known */
  char **notes;          /* what people should be told: mirrors that were passed over, helpers that are missing */
} PerryRegistryImage;

/* Nothing of @options is kept but copies. What is wrong with them is the error of every call. */
PerryRegistryClient *perry_registry_client_new (const PerryRegistryOptions *options);
void perry_registry_client_free (PerryRegistryClient *client);

/* Finds the digest of a reference. One that has a digest is not asked about: the rest of the result is left for
 * perry_registry_client_choose_platform(). Of a tag the manifest's head is asked for; where it is an index, or a platform
 * was asked for, perry_registry_client_choose_platform() goes on at the same server.
 *
 * @platform: `OS/ARCHITECTURE[/VARIANT]`, or NULL for what this host executes.
 *
 * Errors: PERRY_ERROR_INVALID_ARGUMENT for an image id or a platform that is none, PERRY_ERROR_INVALID_CONFIG for the
 * options and files of credentials, PERRY_ERROR_IMAGE_NOT_FOUND, PERRY_ERROR_PERMISSION_DENIED where a login is needed or
 * refused, PERRY_ERROR_TIMED_OUT, PERRY_ERROR_CANCELLED, PERRY_ERROR_LIMIT_EXCEEDED, PERRY_ERROR_REGISTRY_FAILED. */
PerryRegistryImage *perry_registry_client_resolve (PerryRegistryClient *client, const PerryImageReference *reference,
                                                   const char *platform, GCancellable *cancellable, GError **error);
void perry_registry_image_free (PerryRegistryImage *image);

/* Fetches what image->digest names, checks that it has that digest, and fills in the rest: of an index the manifest that
 * an engine would take for @platform, of a single manifest its own platform. It is an error if that is not the one that
 * was asked for. Errors are those of perry_registry_client_resolve(). */
gboolean perry_registry_client_choose_platform (PerryRegistryClient *client, const PerryImageReference *reference,
                                                PerryRegistryImage *image, const char *platform,
                                                GCancellable *cancellable, GError **error);

/* Looks whether a registry has anything that could be a signature of @digest: a referrer, a fallback tag, cosign's tag.
 * That there is nothing is only said where the registry itself has @digest and answered each question; else it is an
 * error. Nothing is verified here, and what is found may be something else than a signature. */
gboolean perry_registry_client_find_signatures (PerryRegistryClient *client, const PerryImageReference *reference,
                                                const char *digest, gboolean *ret_found, GCancellable *cancellable,
                                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRegistryClient, perry_registry_client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRegistryImage, perry_registry_image_free)

G_END_DECLS
