/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PERRY_REGISTRY_MAX_MANIFEST (4 * 1024 * 1024)

/* What may be answered where a manifest is asked for. */
#define PERRY_REGISTRY_OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define PERRY_REGISTRY_ACCEPT_MANIFEST                                                                       \
  PERRY_REGISTRY_OCI_INDEX ", application/vnd.docker.distribution.manifest.list.v2+json, "                 \
  "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"

typedef struct {
  char *digest;
  char *platform; /* as perry_platform_format() writes it; NULL where none is given */
} PerryRegistryEntry;

/* A manifest or an index that was read. */
typedef struct {
  gboolean is_index;
  char *media_type;
  char *config_digest; /* of a manifest */
  GPtrArray *entries;  /* of an index: PerryRegistryEntry */
} PerryRegistryManifest;

/* Reads a body. Its kind is what the server says in @content_type; a body that says another or that could be read as the
 * other kind as well is refused. PERRY_ERROR_REGISTRY_FAILED. */
PerryRegistryManifest *perry_registry_manifest_parse (GBytes *body, const char *content_type, GError **error);
void perry_registry_manifest_free (PerryRegistryManifest *manifest);

/* Whether a content type is one of a manifest or an index, and which. PERRY_ERROR_REGISTRY_FAILED. */
gboolean perry_registry_manifest_check_type (const char *content_type, gboolean *ret_is_index, GError **error);

/* The platform that the configuration of an image has; NULL where it has none. PERRY_ERROR_REGISTRY_FAILED. */
gboolean perry_registry_config_parse (GBytes *body, char **ret_platform, GError **error);

/* The entry that an engine would take: for @platform, which has to be as perry_platform_format() writes it, or for @host
 * where that is NULL, with what its processor executes as well. PERRY_ERROR_IMAGE_NOT_FOUND, which lists what there is. */
const PerryRegistryEntry *perry_registry_manifest_choose (const PerryRegistryManifest *index, const char *platform,
                                                          const char *host, GError **error);

/* `linux/amd64` */
char *perry_registry_dup_host_platform (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PerryRegistryManifest, perry_registry_manifest_free)

G_END_DECLS
